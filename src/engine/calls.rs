//! Calls that turns want made: outside of every turn and of every lock. What comes of one is an
//! event for its session. One that nobody answers for, because the process ended meanwhile, is
//! noticed by the session's own deadline.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc;

use super::{Acted, Clock, Engine, Running};
use crate::{
    calls::{Allowed, Caller},
    model::{Call, Called, ConversationId, Event, SessionId},
};

/// The most calls at the same time.
const MOST: usize = 64;
/// How often it is tried to write down what came of a call.
const TRIES: u32 = 10;

/// A call and for whom it is.
type Wanted = (ConversationId, SessionId, Call);

/// The calls that wait to be made.
pub(super) struct Calls {
    caller: Caller,
    want: mpsc::UnboundedSender<Wanted>,
    wanted: Mutex<Option<mpsc::UnboundedReceiver<Wanted>>>,
}

impl Calls {
    pub(super) fn new(caller: Caller, running: &Running) -> Self {
        let (want, wanted) = mpsc::unbounded_channel();
        let calls = Calls { caller, want, wanted: Mutex::new(Some(wanted)) };
        calls.allow(running);
        calls
    }

    /// Whom the company lets be called.
    pub(super) fn allow(&self, running: &Running) {
        let company = &running.company;
        self.caller.allow(Allowed {
            hosts: company.playbook.hosts.clone(),
            networks: company.networks.clone(),
        });
    }

    /// The call is to be made.
    pub(super) fn want(&self, conversation: &ConversationId, session: SessionId, call: Call) {
        // Nobody listens any more when the process ends: then the deadline does it.
        let _ = self.want.send((conversation.clone(), session, call));
    }
}

impl Engine {
    /// Makes the calls that turns want from now on.
    pub(super) fn make_calls(self: &Arc<Self>, clock: &Clock) {
        let Some(wanted) = self.calls.wanted.lock().unwrap_or_else(PoisonError::into_inner).take()
        else {
            return;
        };
        let (engine, clock) = (self.clone(), clock.clone());
        self.outbox.work_through(wanted, MOST, move |(conversation, session, call)| {
            let (engine, clock) = (engine.clone(), clock.clone());
            async move { engine.make_call(&conversation, session, &call, &clock).await }
        });
    }

    async fn make_call(
        &self,
        conversation: &ConversationId,
        session: SessionId,
        call: &Call,
        clock: &Clock,
    ) {
        if clock() >= call.deadline {
            // It waited for its turn too long: the session goes on without it, and so nothing is
            // asked.
            return;
        }
        let outcome = self.calls.caller.call(call).await;
        if let Called::Failed(error) = &outcome {
            // Neither address nor body: they hold what people wrote.
            tracing::warn!(%session, call = %call.id, attempt = call.attempt, method = call.request.method.name(), %error, "a call failed");
        }
        let event = Event::Called { id: call.id, outcome };
        for _ in 0..TRIES {
            match self.event(conversation, &event, Some(session), clock()).await {
                Ok(Acted::NotLive | Acted::Unknown) => {
                    tracing::info!(%session, call = %call.id, "a call was answered when nobody waited any more");
                    return;
                }
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%session, call = %call.id, %error, "what came of a call could not be kept; trying again")
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

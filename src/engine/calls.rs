//! Calls that turns want made: outside of every turn and of every lock. What comes of one is an
//! event for its session. One that nobody answers for, because the process ended meanwhile, is
//! noticed by the session's own deadline.

use std::{sync::Arc, time::Duration};

use super::{Clock, Engine, turn::Acted};
use crate::model::{Call, Called, ConversationId, Event, SessionId};

/// The most calls at the same time.
const MOST: usize = 64;
/// How often it is tried to write down what came of a call.
const TRIES: u32 = 10;

impl Engine {
    /// Makes the calls that turns want from now on.
    pub(super) fn make_calls(self: &Arc<Self>, clock: &Clock) {
        let Some(wanted) = self.turns.post().calls.wanted() else { return };
        let (engine, clock) = (self.clone(), clock.clone());
        self.turns.post().outbox.work_through(
            wanted,
            MOST,
            move |(conversation, session, call)| {
                let (engine, clock) = (engine.clone(), clock.clone());
                async move { engine.make_call(&conversation, session, &call, &clock).await }
            },
        );
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
        let outcome = self.turns.post().calls.caller.call(call).await;
        if let Called::Failed(error) = &outcome {
            // Neither address nor body: they hold what people wrote.
            tracing::warn!(%session, call = %call.id, attempt = call.attempt, method = call.request.method.name(), %error, "a call failed");
        }
        let event = Event::Called { id: call.id, outcome };
        for _ in 0..TRIES {
            match self.turns.event(conversation, &event, Some(session), clock()).await {
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

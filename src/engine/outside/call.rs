//! Calls that turns want made: outside of every turn and of every lock. What comes of one is an
//! event for its session. One that nobody answers for, because the process ended meanwhile, is
//! noticed by the session's own deadline.

use std::{sync::Arc, time::Duration};

use super::typing;
use crate::{
    engine::{
        post::Wanted,
        running::Clock,
        turn::{Acted, Turns},
    },
    model::{Called, Event},
};

/// The most calls at the same time.
const MOST: usize = 64;
/// How often it is tried to write down what came of a call.
const TRIES: u32 = 10;

/// Makes the calls that turns want from now on.
pub(in crate::engine) fn begin(turns: &Arc<Turns>, clock: &Clock) {
    let Some(wanted) = turns.post().calls.wanted() else { return };
    let (making, clock) = (turns.clone(), clock.clone());
    turns.post().outbox.work_through(wanted, MOST, move |wanted| {
        let (turns, clock) = (making.clone(), clock.clone());
        async move { make(&turns, &wanted, &clock).await }
    });
}

async fn make(turns: &Turns, (conversation, session, call): &Wanted, clock: &Clock) {
    if clock() >= call.deadline {
        // It waited for its turn too long: the session goes on without it, and so nothing is
        // asked.
        return;
    }
    let calling = turns.post().calls.caller.call(call);
    tokio::pin!(calling);
    let outcome = tokio::select! {
        outcome = &mut calling => outcome,
        () = typing::show(turns, conversation, *session, call) => calling.await,
    };
    if let Called::Failed(error) = &outcome {
        // Neither address nor body: they hold what people wrote.
        tracing::warn!(%session, call = %call.id, attempt = call.attempt, method = call.request.method.name(), %error, "a call failed");
    }
    let event = Event::Called { id: call.id, outcome };
    for _ in 0..TRIES {
        match turns.event(conversation, &event, Some(*session), clock()).await {
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

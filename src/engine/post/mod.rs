//! What leaves: letters to Teams and to other systems, files and calls that are wanted. Turns hand
//! over what they committed.

mod breaker;
mod calls;
mod carrier;
mod courier;
mod fleeting;
mod handing;
pub(super) mod hooks;
mod late;
mod line;
mod links;
mod lost;
mod outbox;
mod pace;
mod signing;
mod trial;
mod verdict;
mod window;

use self::calls::Calls;
pub(super) use self::calls::Wanted;
pub use self::{
    carrier::{Carrier, Quotas},
    courier::Undeliverable,
    links::{Links, revoke},
    outbox::Outbox,
};
use crate::{calls::Caller, store::Outgoing};

/// The post office.
pub struct Post {
    pub(super) outbox: Outbox,
    pub(super) carrier: Carrier,
    pub(super) calls: Calls,
}

impl Post {
    /// Nothing is sent, carried or called before turns want it.
    pub fn new(outbox: Outbox, carrier: Carrier, caller: Caller) -> Self {
        Post { outbox, carrier, calls: Calls::new(caller) }
    }

    /// Hands letters to the outbox: each queue gets its own, in order. Those that somebody waits
    /// for go before others'.
    pub(super) fn push(&self, letters: Vec<Outgoing>, is_awaited: bool) {
        let mut queues: Vec<Vec<Outgoing>> = Vec::new();
        for letter in letters {
            match queues.iter_mut().find(|queue| queue[0].conversation == letter.conversation) {
                Some(queue) => queue.push(letter),
                None => queues.push(vec![letter]),
            }
        }
        for queue in queues {
            if is_awaited {
                self.outbox.push_awaited(queue);
            } else {
                self.outbox.push(queue);
            }
        }
    }
}

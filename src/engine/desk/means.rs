//! What every room of the desks works with.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    engine::{
        guest::Doors,
        running::{Running, locale},
        turn::Turns,
        unkept::Unkept,
    },
    model::Inbound,
    pipeline::language::{DeskPhrases, phrases},
};

/// Turns, answers that are not kept, and the door.
pub(in crate::engine) struct Means {
    pub(in crate::engine) turns: Arc<Turns>,
    pub(in crate::engine) unkept: Arc<Unkept>,
    pub(in crate::engine) doors: Arc<Doors>,
}

/// An activity, when it came, and the company as it ran then.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Incoming<'a> {
    pub(in crate::engine) running: &'a Running,
    pub(in crate::engine) inbound: &'a Inbound,
    pub(in crate::engine) now: Timestamp,
}

impl Incoming<'_> {
    /// The language in which its sender is answered.
    pub(super) fn locale(&self) -> &str {
        locale(self.running, self.inbound)
    }

    /// What is said to people at desks, in that language.
    pub(super) fn desk(&self) -> &'static DeskPhrases {
        phrases(self.locale()).desk
    }
}

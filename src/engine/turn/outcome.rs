//! What whoever wants a turn says, and what becomes of it.

use std::future;

use tokio::sync::OwnedMutexGuard;

use super::{cause::Cause, conversations::Slot};
use crate::{
    model::Words,
    pipeline::wish::Refusal,
    store::{Answer, StoreError},
};

/// What whoever wants a turn says when they see the conversation.
pub(in crate::engine) enum Ready<'a, S> {
    /// It is about this. A conversation that is not stored is begun by an activity only.
    Go(Cause<'a>),
    /// There is nothing to do, for this reason.
    Stop(S),
}

/// Most know it at once; who has to look something up under the lock gives a future.
impl<'a, S> IntoFuture for Ready<'a, S> {
    type Output = Result<Self, StoreError>;
    type IntoFuture = future::Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        future::ready(Ok(self))
    }
}

/// What became of a turn that was wanted.
pub(in crate::engine) enum Done<S> {
    /// It was committed, now or before.
    Turned(Turned),
    /// There was nothing to do.
    Stopped(S),
}

/// A turn that was committed.
pub(in crate::engine) struct Turned {
    pub(in crate::engine) answer: Answer,
    /// Why a guest was not moved.
    pub(in crate::engine) refusal: Option<(Refusal, Words)>,
    /// The conversation as it stands now, and its lock: held for as long as this is kept.
    pub(in crate::engine) slot: OwnedMutexGuard<Slot>,
}

/// What became of a manager's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It was done.
    Done,
    /// The guest was asked first.
    Asked,
    /// It was refused: why, and in words.
    Refused {
        /// Which rule forbids it.
        why: Refusal,
        /// The reason in words.
        message: String,
    },
    /// There is no such session.
    Unknown,
    /// The session has ended, or the guest is in another one.
    NotLive,
}

//! Whether the store can be written, as far as is known. A store that cannot says so until it has
//! gone well for a while: a disk that is full takes a small write now and then.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::values::is_damage_known;
use crate::store::StoreError;

/// So long after the last failure nothing has to fail until all is well again.
const HEALS_AFTER: Duration = Duration::from_secs(5);

/// What is known of a store.
pub(super) struct Health {
    /// Its name, for the log.
    name: String,
    failed: Mutex<Option<Failed>>,
    damaged: AtomicBool,
}

struct Failed {
    why: String,
    latest: Instant,
}

impl Health {
    /// Of a store that has just been opened.
    pub(super) fn new(name: &str) -> Self {
        Health { name: name.to_owned(), failed: Mutex::default(), damaged: AtomicBool::new(false) }
    }

    /// Refuses everything once SQLite has found damage: who goes on writing makes it worse.
    pub(super) fn sound(&self) -> Result<(), StoreError> {
        if !is_damage_known() {
            return Ok(());
        }
        if !self.damaged.swap(true, Ordering::Relaxed) {
            tracing::error!(
                store = %self.name,
                "the database is damaged: nothing is written to it any more; stop, look with `switchboard store check`, restore a backup"
            );
        }
        Err(StoreError::Unavailable(format!("{} is damaged", self.name)))
    }

    /// Something could not be written.
    pub(super) fn failed(&self, why: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            tracing::error!(
                store = %self.name, why,
                "the store cannot be written: what comes in is refused until that is mended"
            );
        }
        *failed = Some(Failed { why: why.to_owned(), latest: now() });
    }

    /// Something was written.
    pub(super) fn went_well(&self) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.as_ref().is_some_and(|failed| now().duration_since(failed.latest) >= HEALS_AFTER)
        {
            *failed = None;
            tracing::info!(store = %self.name, "the store can be written again");
        }
    }

    /// Why what comes in is likely to be refused.
    pub(super) fn well(&self) -> Result<(), StoreError> {
        self.sound()?;
        match &*self.failed.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failed) => Err(StoreError::Unavailable(failed.why.clone())),
            None => Ok(()),
        }
    }
}

/// For spans that the wall clock must not touch.
pub(super) fn now() -> Instant {
    #[allow(
        clippy::disallowed_methods,
        reason = "a span on the monotonic clock, no instant that anybody sees"
    )]
    Instant::now()
}

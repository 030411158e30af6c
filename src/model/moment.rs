//! Durations within one run: measured by a clock that nobody sets, so that a step of the wall clock
//! makes no pause longer and no limit harder.

use std::{fmt, sync::Arc};

use jiff::SignedDuration;

/// How long after some beginning of this run something happened. Comparable within one process
/// only, and so never kept: what outlives the process is a [`jiff::Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(SignedDuration);

impl Moment {
    /// So long after the beginning.
    pub const fn after(beginning: SignedDuration) -> Self {
        Moment(beginning)
    }

    /// How much later than `earlier` it is.
    pub fn duration_since(self, earlier: Moment) -> SignedDuration {
        self.0.saturating_sub(earlier.0)
    }

    /// So much later.
    pub fn later(self, span: SignedDuration) -> Self {
        Moment(self.0.saturating_add(span))
    }
}

/// A clock that only goes forward, at the same pace as everybody's, whatever becomes of the wall
/// clock. Given from outside, so that tests decide how much time has passed.
#[derive(Clone)]
pub struct Monotonic(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Monotonic {
    /// Reads `source`, which must never go back.
    pub fn new(source: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Monotonic(Arc::new(source))
    }

    /// How late it is by this clock.
    pub fn now(&self) -> Moment {
        (self.0)()
    }
}

impl fmt::Debug for Monotonic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Monotonic").field(&self.now()).finish()
    }
}

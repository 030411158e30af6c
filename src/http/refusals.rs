//! Requests that were refused: counted, and said once a minute. A log in which every stranger can
//! write a line a request is one in which nobody finds anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::SignedDuration;

use crate::model::{Moment, Monotonic};

/// How often the counts are said.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// How many different things are said once.
const MOST_ONCE: usize = 16;

/// The counts since they were last said.
pub struct Refusals {
    steady: Monotonic,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the running minute began; none while nothing is refused.
    since: Option<Moment>,
    counts: BTreeMap<String, u64>,
    once: BTreeSet<String>,
}

impl Refusals {
    /// Nothing was refused yet.
    pub fn new(steady: Monotonic) -> Self {
        Refusals { steady, state: Mutex::default() }
    }

    /// Counts one. The first after a quiet minute is said at once, so that whoever sets the service
    /// up sees it.
    pub(super) fn note(&self, reason: &str) {
        let now = self.steady.now();
        let mut state = self.lock();
        if state.since.is_none() {
            state.since = Some(now);
            tracing::warn!(reason, "a request was refused");
            return;
        }
        match state.counts.get_mut(reason) {
            Some(count) => *count += 1,
            None => drop(state.counts.insert(reason.to_owned(), 1)),
        }
    }

    /// Says what a minute has brought. To be called every few seconds; a second call within the
    /// minute does nothing.
    pub fn tell(&self) {
        let now = self.steady.now();
        let mut state = self.lock();
        if state.since.is_none_or(|since| now.duration_since(since) < EVERY) {
            return;
        }
        let counts = std::mem::take(&mut state.counts);
        state.since = (!counts.is_empty()).then_some(now);
        drop(state);
        if !counts.is_empty() {
            let requests: u64 = counts.values().sum();
            let reasons: Vec<String> =
                counts.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
            tracing::warn!(requests, reasons = reasons.join("; "), "requests were refused");
        }
    }

    /// True the first time that this is asked of a name. Names can come from strangers: after some
    /// of them nothing is new.
    pub(super) fn is_first(&self, name: &str) -> bool {
        let mut state = self.lock();
        state.once.len() < MOST_ONCE && state.once.insert(name.to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    #[test]
    fn the_first_is_said_at_once_and_the_others_by_the_minute() {
        let seconds = Arc::new(AtomicI64::new(1000));
        let clock = seconds.clone();
        let refusals = Refusals::new(Monotonic::new(move || {
            Moment::after(SignedDuration::from_secs(clock.load(Ordering::SeqCst)))
        }));
        let left = || refusals.lock().counts.clone();
        let is_quiet = || refusals.lock().since.is_none();
        refusals.note("no token");
        assert!(left().is_empty(), "said");
        (0..3).for_each(|_| refusals.note("no token"));
        refusals.note("expired");
        seconds.fetch_add(59, Ordering::SeqCst);
        refusals.tell();
        assert_eq!(left(), BTreeMap::from([("expired".into(), 1), ("no token".into(), 3)]));
        seconds.fetch_add(1, Ordering::SeqCst);
        refusals.tell();
        assert!(left().is_empty() && !is_quiet(), "said, and the next minute is counted");
        seconds.fetch_add(60, Ordering::SeqCst);
        refusals.tell();
        assert!(is_quiet(), "a quiet minute");
    }

    #[test]
    fn what_is_said_once_is_bounded() {
        let refusals = Refusals::new(Monotonic::new(Moment::default));
        assert!(refusals.is_first("webchat") && !refusals.is_first("webchat"));
        let new = (0..1000).filter(|n| refusals.is_first(&n.to_string())).count();
        assert_eq!(new, MOST_ONCE - 1);
    }
}

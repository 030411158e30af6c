//! A service address that does not answer is left in peace: one letter probes, all others wait.
//! Runs on the clock that nobody sets.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dashmap::DashMap;
use jiff::SignedDuration;
use tokio::sync::{Notify, futures::Notified};

use crate::model::{ConversationId, Moment};

/// Addresses that are remembered; beyond this many those that answer are forgotten.
const MOST: usize = 1_000;
/// So many conversations without an answer, and it is the address that is silent.
const MOST_OTHERS: usize = 3;
/// The first pause after a failure; it doubles.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause where nothing was delivered: so long after it is well again an address has
/// been left in peace at most.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest pause where every probe may have been delivered, and would be read twice.
const LONGEST_DOUBTFUL: Duration = Duration::from_secs(5 * 60);

/// The breakers of all service addresses.
pub(super) struct Breakers {
    addresses: DashMap<String, Arc<Breaker>>,
    haste: u32,
}

/// What is known of one address.
pub(super) struct Breaker {
    state: Mutex<State>,
    changed: Notify,
    haste: u32,
}

#[derive(Default)]
struct State {
    /// Until when nothing goes there, and why; none while all is well.
    shut: Option<(Moment, String)>,
    failures: u32,
    is_probed: bool,
    /// Conversations whose letters got no answer since the latest one that did.
    failed: Vec<ConversationId>,
    /// How many letters were answered, so that a silence can be told from an outage.
    answers: u64,
}

/// May a letter go?
pub(super) enum Ask {
    /// It may.
    Go(Pass),
    /// Not before this has passed, for this reason.
    Wait(Duration, String),
}

/// The leave of one letter to go, once.
pub(super) struct Pass {
    breaker: Arc<Breaker>,
    conversation: ConversationId,
    is_probe: bool,
    answers: u64,
    is_settled: bool,
}

impl Breakers {
    pub(super) fn new(haste: u32) -> Self {
        Breakers { addresses: DashMap::new(), haste: haste.max(1) }
    }

    /// The breaker of a service address.
    pub(super) fn of(&self, service_url: &str) -> Arc<Breaker> {
        if self.addresses.len() > MOST {
            self.addresses.retain(|_, breaker| breaker.state().shut.is_some());
        }
        let key = service_url.trim_end_matches('/').to_ascii_lowercase();
        let fresh = || {
            Arc::new(Breaker { state: Mutex::default(), changed: Notify::new(), haste: self.haste })
        };
        self.addresses.entry(key).or_insert_with(fresh).clone()
    }
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for leave.
    pub(super) fn ask(self: &Arc<Self>, of: &ConversationId, now: Moment) -> Ask {
        let mut state = self.state();
        let answers = state.answers;
        let pass = |is_probe| Pass {
            breaker: self.clone(),
            conversation: of.clone(),
            is_probe,
            answers,
            is_settled: false,
        };
        let Some((until, reason)) = &state.shut else { return Ask::Go(pass(false)) };
        let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        // Whether the address is silent or one conversation, another one tells.
        let is_other = state.failed.len() < MOST_OTHERS && !state.failed.contains(of);
        if (left.is_zero() || is_other) && !state.is_probed {
            state.is_probed = true;
            return Ask::Go(pass(true));
        }
        // Whoever waits for the probe is woken by it.
        Ask::Wait(if left.is_zero() { LONGEST } else { left }, reason.clone())
    }

    /// Resolves when the address answers again.
    pub(super) fn opens(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

impl Pass {
    /// True for the one letter that goes although the address was silent.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// False when the address fell silent since the leave was given.
    pub(super) fn is_good(&self) -> bool {
        self.is_probe || self.breaker.state().shut.is_none()
    }

    /// The address answered something else than this letter: when the letter then gets no answer, it
    /// alone does not.
    pub(super) fn heard(&self) {
        self.breaker.state().answers += 1;
    }

    /// The address answered, whatever it said. True when it had been silent.
    pub(super) fn answered(mut self) -> bool {
        self.is_settled = true;
        let mut state = self.breaker.state();
        state.answers += 1;
        let was_shut = state.shut.take().is_some();
        (state.failures, state.is_probed) = (0, false);
        state.failed.clear();
        drop(state);
        if was_shut {
            self.breaker.changed.notify_waiters();
        }
        was_shut
    }

    /// The address was not reached, or did not answer. Says what that tells.
    pub(super) fn failed(mut self, reason: &str, maybe_delivered: bool, now: Moment) -> Silence {
        self.is_settled = true;
        let mut state = self.breaker.state();
        let is_news = state.shut.is_none();
        let is_alone = state.answers > self.answers;
        if state.failed.len() < MOST_OTHERS && !state.failed.contains(&self.conversation) {
            state.failed.push(self.conversation.clone());
        }
        // Of many that were under way only the first makes the pause longer.
        if is_news || self.is_probe {
            state.failures += 1;
        }
        let longest = if maybe_delivered { LONGEST_DOUBTFUL } else { LONGEST };
        let pause =
            FIRST.saturating_mul(1 << state.failures.saturating_sub(1).min(20)).min(longest);
        if is_news || self.is_probe {
            let pause = SignedDuration::try_from(pause / self.breaker.haste).unwrap_or_default();
            state.shut = Some((now.later(pause), reason.to_owned()));
        }
        if self.is_probe {
            state.is_probed = false;
        }
        Silence { is_news, is_alone }
    }
}

/// What a letter without an answer tells of its address.
pub(super) struct Silence {
    /// The address answered until now.
    pub(super) is_news: bool,
    /// It answered others while this one waited: the silence is for this letter.
    pub(super) is_alone: bool,
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_probe && !self.is_settled {
            // The probe was not sent: another one may.
            self.breaker.state().is_probed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(now: Moment, span: Duration) -> Moment {
        now.later(SignedDuration::try_from(span).unwrap())
    }

    fn chat(name: &str) -> ConversationId {
        ConversationId { channel: "msteams".to_owned(), id: name.to_owned() }
    }

    fn go(breaker: &Arc<Breaker>, now: Moment) -> Pass {
        match breaker.ask(&chat("a:1kim"), now) {
            Ask::Go(pass) => pass,
            Ask::Wait(left, why) => panic!("wait {left:?}: {why}"),
        }
    }

    fn left(breaker: &Arc<Breaker>, now: Moment) -> Option<Duration> {
        match breaker.ask(&chat("a:1kim"), now) {
            Ask::Go(_) => None,
            Ask::Wait(left, _) => Some(left),
        }
    }

    #[tokio::test]
    async fn one_probes_and_the_others_wait_until_it_was_answered() {
        let breakers = Breakers::new(1);
        let breaker = breakers.of("https://smba.example/emea/");
        let mut now = Moment::default();
        let (first, second) = (go(&breaker, now), go(&breaker, now));
        assert!(first.failed("no connection", false, now).is_news);
        assert!(!second.is_good(), "what is not yet sent stays here");
        assert!(!second.failed("no connection", false, now).is_news);
        assert_eq!(left(&breakers.of("https://SMBA.example/emea"), now), Some(FIRST));
        assert_eq!(left(&breakers.of("https://smba.example/apac"), now), None, "another address");
        now = after(now, FIRST);
        let probe = go(&breaker, now);
        assert!(left(&breaker, now).is_some(), "one at a time");
        assert!(!probe.failed("no connection", false, now).is_news);
        assert_eq!(left(&breaker, now), Some(FIRST * 2));
        now = after(now, FIRST * 2);
        drop(go(&breaker, now));
        let probe = go(&breaker, now);
        let woken = breaker.opens();
        tokio::pin!(woken);
        assert!(futures_util::poll!(&mut woken).is_pending());
        assert!(probe.answered());
        woken.await;
        assert_eq!(left(&breaker, now), None);
        assert!(!go(&breaker, now).answered());
    }

    #[test]
    fn pauses_end_at_a_minute_or_five_where_probes_may_be_read() {
        for (maybe, longest) in [(false, LONGEST), (true, LONGEST_DOUBTFUL)] {
            let breaker = Breakers::new(1).of("x");
            let (mut now, mut pauses) = (Moment::default(), Vec::new());
            for _ in 0..12 {
                go(&breaker, now).failed("silent", maybe, now);
                pauses.extend(left(&breaker, now));
                now = after(now, longest);
            }
            assert_eq!(pauses[..3], [FIRST, FIRST * 2, FIRST * 4]);
            assert_eq!(pauses[11], longest);
        }
    }

    #[test]
    fn one_conversation_shuts_its_address_for_nobody_else() {
        let now = Moment::default();
        let breaker = Breakers::new(1).of("x");
        for _ in 0..9 {
            go(&breaker, after(now, LONGEST)).failed("401", false, now);
            assert!(left(&breaker, now).is_some());
            let Ask::Go(other) = breaker.ask(&chat("a:1lee"), now) else { panic!("lee waits") };
            assert!(other.answered());
        }
        // Three of them are silent: so is the address.
        for name in ["a:1kim", "a:1lee", "a:1max"] {
            let Ask::Go(pass) = breaker.ask(&chat(name), now) else { panic!("{name} waits") };
            pass.failed("no connection", false, now);
        }
        assert!(matches!(breaker.ask(&chat("a:1sam"), now), Ask::Wait(..)));
    }

    #[test]
    fn a_silence_while_others_are_answered_is_for_one_letter_alone() {
        let now = Moment::default();
        let breaker = Breakers::new(1).of("x");
        let (lonely, other) = (go(&breaker, now), go(&breaker, now));
        other.answered();
        assert!(lonely.failed("no answer", true, now).is_alone);
        // A probe that was preceded by an answer to something else.
        let breaker = Breakers::new(1).of("z");
        let probe = go(&breaker, now);
        probe.heard();
        assert!(probe.failed("no answer", true, now).is_alone);
        let breaker = Breakers::new(1).of("y");
        assert!(!go(&breaker, now).failed("no answer", true, now).is_alone);
    }
}

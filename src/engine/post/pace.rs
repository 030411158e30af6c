//! How fast letters may leave. Teams lets so many pass per conversation and per app, and throttles
//! the rest: whoever keeps below is never throttled. The limits are those of its page on rate
//! limiting (per conversation: 7 in 1 s, 8 in 2 s, 60 in 30 s, 1800 in an hour; per app and
//! Microsoft 365 tenant: 50 in 1 s). All of it is measured by the monotonic clock.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dashmap::{DashMap, DashSet};
use jiff::SignedDuration;
use tokio::sync::oneshot;

use super::{
    line::{Line, Ticket},
    window::{Window, forget, wait},
};
use crate::{
    model::{ConversationId, Moment, Monotonic},
    teams::hosts::is_loopback,
};

const CONVERSATION: [Window; 4] = [
    (7, SignedDuration::from_secs(1)),
    (8, SignedDuration::from_secs(2)),
    (60, SignedDuration::from_secs(30)),
    (1800, SignedDuration::from_hours(1)),
];
/// Conversations that are remembered; beyond this many the quiet ones are forgotten.
const MOST: usize = 10_000;
/// Looking for them is not done again so soon.
const SWEEP_AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// Whoever waits looks again after this at the latest.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The paces of all conversations and of the app.
#[derive(Clone)]
pub(super) struct Paces(Arc<Inner>);

struct Inner {
    steady: Monotonic,
    conversations: DashMap<ConversationId, VecDeque<Moment>>,
    /// Conversations that the connector wants left alone until then.
    resting: DashMap<ConversationId, Moment>,
    /// Conversations with a letter that somebody waits for.
    awaited: DashSet<ConversationId>,
    line: Mutex<Line>,
    /// When the quiet conversations were last forgotten.
    swept: Mutex<Moment>,
    is_local_paced: AtomicBool,
}

impl Paces {
    pub(super) fn new(steady: Monotonic) -> Self {
        Paces(Arc::new(Inner {
            conversations: DashMap::new(),
            resting: DashMap::new(),
            awaited: DashSet::new(),
            line: Mutex::default(),
            swept: Mutex::new(steady.now()),
            is_local_paced: AtomicBool::new(false),
            steady,
        }))
    }

    /// A connector on this machine has the limits of Teams from now on.
    pub(super) fn pace_local(&self) {
        self.0.is_local_paced.store(true, Ordering::Relaxed);
    }

    /// True where limits apply: in Teams, and not on this machine.
    pub(super) fn limits(&self, conversation: &ConversationId, service_url: &str) -> bool {
        conversation.channel == "msteams"
            && (!is_local(service_url) || self.0.is_local_paced.load(Ordering::Relaxed))
    }

    /// Waits until one more letter may be posted into a conversation; `is_awaited` when somebody
    /// waits for it. May be dropped at any time.
    pub(super) async fn pass(&self, conversation: &ConversationId, is_awaited: bool) {
        loop {
            while let Err(wait) = self.room(conversation, false) {
                sleep(wait).await;
            }
            self.enter(conversation, is_awaited).await;
            // Meanwhile something else may have been posted there: the app's place is lost then.
            if self.room(conversation, true).is_ok() {
                return;
            }
        }
    }

    /// Takes a place for one more letter, if there is one at this moment and nobody waits for it.
    pub(super) fn pass_now(&self, conversation: &ConversationId) -> bool {
        let mut line = self.line();
        // The conversation's place first: one that the app has none for is lost for a moment.
        self.room(conversation, true).is_ok() && line.take(self.0.steady.now())
    }

    /// True while the connector wants a conversation left alone.
    pub(super) fn is_resting(&self, conversation: &ConversationId) -> bool {
        let until = self.0.resting.get(conversation).map(|until| *until);
        until.is_some_and(|until| until.duration_since(self.0.steady.now()).is_positive())
    }

    /// Waits for a place among all that the app asks of Teams.
    pub(super) async fn enter(&self, conversation: &ConversationId, is_awaited: bool) {
        let (granted, told) = oneshot::channel();
        {
            let mut line = self.line();
            let is_awaited = is_awaited || self.0.awaited.contains(conversation);
            line.join(Ticket { conversation: conversation.clone(), granted }, is_awaited);
            // Whoever drives may be asleep until others may pass.
            let must_wait = line.admit(self.0.steady.now()).is_some();
            if must_wait && !std::mem::replace(&mut line.is_driven, true) {
                let paces = self.clone();
                tokio::spawn(async move { paces.drive().await });
            }
        }
        // It is told before it is dropped.
        let _ = told.await;
    }

    /// Lets pass whoever may, until nobody waits.
    async fn drive(&self) {
        loop {
            let wait = {
                let mut line = self.line();
                let wait = line.admit(self.0.steady.now());
                line.is_driven = wait.is_some();
                wait
            };
            match wait {
                Some(wait) => sleep(wait).await,
                None => return,
            }
        }
    }

    /// Somebody waits for what is posted into a conversation.
    pub(super) fn hurry(&self, conversation: &ConversationId) {
        // Under the line's lock: who lines up meanwhile has seen it.
        let mut line = self.line();
        if self.0.awaited.insert(conversation.clone()) {
            line.hurry(conversation);
            line.admit(self.0.steady.now());
        }
    }

    /// Nobody waits for anything there any more.
    pub(super) fn calm(&self, conversation: &ConversationId) {
        self.0.awaited.remove(conversation);
    }

    /// Nothing is posted into a conversation for so long.
    pub(super) fn rest(&self, conversation: &ConversationId, span: Duration) {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        self.0.resting.insert(conversation.clone(), self.0.steady.now().later(span));
    }

    /// Waits for so long.
    pub(super) async fn pause(&self, span: Duration) {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        let until = self.0.steady.now().later(span);
        loop {
            let wait = until.duration_since(self.0.steady.now());
            if !wait.is_positive() {
                return;
            }
            sleep(wait).await;
        }
    }

    /// Waits until the connector may be asked again for a conversation.
    pub(super) async fn rested(&self, conversation: &ConversationId) {
        loop {
            let until = self.0.resting.get(conversation).map(|until| *until);
            let Some(until) = until else { return };
            let wait = until.duration_since(self.0.steady.now());
            if !wait.is_positive() {
                self.0.resting.remove(conversation);
                return;
            }
            sleep(wait).await;
        }
    }

    /// Whether a conversation has room for one more, or how long until it has. With `takes` the
    /// place is taken.
    fn room(&self, conversation: &ConversationId, takes: bool) -> Result<(), SignedDuration> {
        let now = self.0.steady.now();
        self.sweep(now);
        let mut sent = self.0.conversations.entry(conversation.clone()).or_default();
        forget(&mut sent, &CONVERSATION, now);
        let wait = wait(&sent, &CONVERSATION, now);
        if wait.is_positive() {
            return Err(wait);
        }
        if takes {
            sent.push_back(now);
        }
        Ok(())
    }

    /// Forgets quiet conversations when there are many.
    fn sweep(&self, now: Moment) {
        let conversations = &self.0.conversations;
        let mut swept = self.0.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if conversations.len() <= MOST || now.duration_since(*swept) < SWEEP_AGAIN {
            return;
        }
        *swept = now;
        let (_, longest) = CONVERSATION[CONVERSATION.len() - 1];
        conversations
            .retain(|_, sent| sent.back().is_some_and(|last| now.duration_since(*last) < longest));
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sleep(wait: SignedDuration) {
    let wait = Duration::try_from(wait).unwrap_or_default();
    tokio::time::sleep(wait.clamp(Duration::from_millis(1), LOOK_AGAIN)).await;
}

fn is_local(service_url: &str) -> bool {
    let url = url::Url::parse(service_url).ok();
    let host = url.as_ref().and_then(url::Url::host);
    host.is_some_and(|host| is_loopback(&host))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use super::*;

    fn place(name: &str) -> ConversationId {
        ConversationId { channel: "msteams".to_owned(), id: name.to_owned() }
    }

    #[test]
    fn no_window_of_a_conversation_ever_holds_too_many() {
        let millis = Arc::new(AtomicI64::new(0));
        let clock = millis.clone();
        let paces = Paces::new(Monotonic::new(move || {
            Moment::after(SignedDuration::from_millis(clock.load(Ordering::SeqCst)))
        }));
        // As fast as it is let.
        let mut sent = Vec::new();
        while sent.len() < 2000 {
            match paces.room(&place("a"), true) {
                Ok(()) => sent.push(millis.load(Ordering::SeqCst)),
                Err(wait) => {
                    let wait = i64::try_from(wait.as_millis()).unwrap().max(1);
                    millis.fetch_add(wait, Ordering::SeqCst);
                }
            }
        }
        for (most, span) in CONVERSATION {
            let span = i64::try_from(span.as_millis()).unwrap();
            for (first, last) in sent.iter().zip(&sent[most..]) {
                assert!(last - first >= span, "{most} in {span} ms: {first} … {last}");
            }
        }
        // And no slower than need be: the first seven at once, the eighth after one second.
        assert_eq!(sent[..9], [0, 0, 0, 0, 0, 0, 0, 1000, 2000]);
    }

    #[test]
    fn what_is_true_only_now_takes_no_place_that_is_not_free() {
        let millis = Arc::new(AtomicI64::new(0));
        let clock = millis.clone();
        let paces = Paces::new(Monotonic::new(move || {
            Moment::after(SignedDuration::from_millis(clock.load(Ordering::SeqCst)))
        }));
        let free = |count: usize| (0..count).filter(|_| paces.pass_now(&place("a"))).count();
        assert_eq!(free(20), 7, "as many as a conversation may have in a second");
        millis.store(1000, Ordering::SeqCst);
        assert_eq!(free(20), 1, "and what was sent so counts for what comes");
        let others = (0..100).filter(|n| paces.pass_now(&place(&format!("o{n}")))).count();
        assert_eq!(others, 49, "as many as the app may have in a second");
        paces.rest(&place("b"), Duration::from_secs(2));
        assert!(paces.is_resting(&place("b")) && !paces.is_resting(&place("a")));
        millis.store(3000, Ordering::SeqCst);
        assert!(!paces.is_resting(&place("b")));
    }

    #[test]
    fn only_a_connector_on_this_machine_has_no_limits() {
        let paces = Paces::new(Monotonic::new(Moment::default));
        for local in ["http://127.0.0.1:1/", "http://localhost:3/x", "http://[::1]:1"] {
            assert!(!paces.limits(&place("a"), local), "{local}");
        }
        for far in ["https://smba.trafficmanager.net/emea", "https://localhost.example", "nonsense"]
        {
            assert!(paces.limits(&place("a"), far), "{far}");
        }
        let other = ConversationId { channel: "emulator".to_owned(), id: "a".to_owned() };
        assert!(!paces.limits(&other, "https://smba.trafficmanager.net/emea"));
    }
}

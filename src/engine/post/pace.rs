//! How fast letters may leave. Teams lets so many pass per conversation and per app, and throttles
//! the rest: whoever keeps below is never throttled. The limits are those of its page on rate
//! limiting (per conversation: 7 in 1 s, 8 in 2 s, 60 in 30 s, 1800 in an hour; per app and
//! Microsoft 365 tenant: 50 in 1 s).

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use dashmap::DashMap;
use jiff::{SignedDuration, Timestamp};

use crate::model::ConversationId;

const CONVERSATION: [(usize, SignedDuration); 4] = [
    (7, SignedDuration::from_secs(1)),
    (8, SignedDuration::from_secs(2)),
    (60, SignedDuration::from_secs(30)),
    (1800, SignedDuration::from_hours(1)),
];
const APP: [(usize, SignedDuration); 1] = [(50, SignedDuration::from_secs(1))];
/// Conversations that are remembered; beyond this many the quiet ones are forgotten.
const MOST: usize = 10_000;

/// The paces of all conversations and of the app.
#[derive(Default)]
pub(in crate::engine) struct Paces {
    conversations: DashMap<ConversationId, VecDeque<Timestamp>>,
    app: Mutex<VecDeque<Timestamp>>,
}

impl Paces {
    /// Takes a place for one letter at `now`, or tells how long to wait before asking again.
    pub(in crate::engine) fn take(
        &self,
        conversation: &ConversationId,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let mut app = self.app.lock().unwrap_or_else(PoisonError::into_inner);
        if self.conversations.len() > MOST {
            self.conversations.retain(|_, sent| {
                sent.back()
                    .is_some_and(|last| now.duration_since(*last) < SignedDuration::from_hours(1))
            });
        }
        let mut sent = self.conversations.entry(conversation.clone()).or_default();
        let wait = wait(&mut sent, &CONVERSATION, now).max(wait(&mut app, &APP, now));
        if wait.is_positive() {
            return Err(wait);
        }
        sent.push_back(now);
        app.push_back(now);
        Ok(())
    }
}

/// How long until all windows have room; forgets what no window looks at any more.
fn wait(
    sent: &mut VecDeque<Timestamp>,
    windows: &[(usize, SignedDuration)],
    now: Timestamp,
) -> SignedDuration {
    let longest = windows.iter().map(|(_, span)| *span).max().unwrap_or_default();
    while sent.front().is_some_and(|first| now.duration_since(*first) >= longest) {
        sent.pop_front();
    }
    let full = windows.iter().filter_map(|(most, span)| {
        // The one that must be older than the window before the next may go.
        let at = sent.get(sent.len().checked_sub(*most)?)?;
        Some(*span - now.duration_since(*at))
    });
    full.max().unwrap_or_default().max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    fn place(name: &str) -> ConversationId {
        ConversationId { channel: "msteams".to_owned(), id: name.to_owned() }
    }

    /// Sends as fast as it is let, and gives the instants in ms.
    fn rush(paces: &Paces, name: &str, count: usize) -> Vec<i64> {
        let mut now = 0;
        let mut sent = Vec::new();
        while sent.len() < count {
            match paces.take(&place(name), at(now)) {
                Ok(()) => sent.push(now),
                Err(wait) => now += i64::try_from(wait.as_millis()).unwrap().max(1),
            }
        }
        sent
    }

    #[test]
    fn no_window_of_a_conversation_ever_holds_too_many() {
        let sent = rush(&Paces::default(), "a", 2000);
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
    fn all_conversations_together_keep_to_the_apps_limit() {
        let paces = Paces::default();
        let passed = (0..100)
            .filter(|number| paces.take(&place(&number.to_string()), at(0)).is_ok())
            .count();
        assert_eq!(passed, 50);
        assert!(paces.take(&place("x"), at(999)).is_err());
        assert!(paces.take(&place("x"), at(1000)).is_ok());
    }
}

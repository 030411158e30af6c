//! Places that take nothing any more: chats, and threads of channels. A place is held for lost
//! after it refused over minutes, a channel when a second of its threads did too. Kept in memory:
//! after a restart it is found out again.

use std::collections::BTreeSet;

use dashmap::DashMap;

/// Channels and chats that are remembered; beyond this many it begins anew.
const MOST: usize = 10_000;

/// What is held for lost, by channel; a chat is a channel with one thread.
#[derive(Default)]
pub(super) struct Lost {
    channels: DashMap<String, BTreeSet<String>>,
}

impl Lost {
    /// A place refused over minutes. Its channel, when that is lost with it: another thread there
    /// refused too, and nothing arrived in between.
    pub(super) fn add(&self, place: &str) -> Option<String> {
        if self.channels.len() > MOST {
            self.channels.clear();
        }
        let mut threads = self.channels.entry(channel_of(place).to_owned()).or_default();
        threads.insert(place.to_owned());
        (threads.len() > 1).then(|| channel_of(place).to_owned())
    }

    /// True for a place that would have to surprise us: it gets one attempt.
    pub(super) fn is_lost(&self, place: &str) -> bool {
        let threads = self.channels.get(channel_of(place));
        threads.is_some_and(|threads| threads.len() > 1 || threads.contains(place))
    }

    /// Something arrived there, or came from there.
    pub(super) fn heal(&self, place: &str) {
        if !self.channels.is_empty() {
            self.channels.remove(channel_of(place));
        }
    }
}

/// The channel of a thread; anything else is a place of its own.
fn channel_of(place: &str) -> &str {
    place.split_once(';').map_or(place, |(channel, _)| channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_lost_with_its_second_thread_and_found_with_any() {
        let lost = Lost::default();
        let threads = ["19:c@thread.tacv2;messageid=1", "19:c@thread.tacv2;messageid=2"];
        assert_eq!(lost.add(threads[0]), None);
        assert_eq!(lost.add(threads[0]), None, "the same again is no second one");
        assert_eq!((lost.is_lost(threads[0]), lost.is_lost(threads[1])), (true, false));
        assert_eq!(lost.add("a:1kim"), None);
        assert_eq!(lost.add(threads[1]).as_deref(), Some("19:c@thread.tacv2"));
        assert!(lost.is_lost("19:c@thread.tacv2;open=3"), "nothing more is tried there");
        lost.heal("19:c@thread.tacv2");
        assert!(!lost.is_lost(threads[0]) && !lost.is_lost(threads[1]) && lost.is_lost("a:1kim"));
        lost.heal("a:1kim");
        assert!(!lost.is_lost("a:1kim"));
    }
}

//! Where letters go now. Teams moves conversations between its regions, and a letter that waits may
//! be older than the move: the newest activity from a place says where it is answered.

use std::sync::Arc;

use dashmap::DashMap;

use crate::model::ConversationId;

/// The newest service addresses of the places to which letters go.
#[derive(Clone, Default)]
pub(in crate::engine) struct Addresses(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Channels that are desks, by their id.
    channels: DashMap<String, String>,
    /// Agents' personal chats.
    chats: DashMap<ConversationId, String>,
    /// Other chats, while letters to them are under way.
    under_way: DashMap<ConversationId, String>,
}

impl Addresses {
    /// A channel that is a desk is answered there.
    pub(super) fn of_desk(&self, channel: &str, service_url: &str) {
        self.0.channels.insert(channel.to_owned(), service_url.to_owned());
    }

    /// An agent's personal chat is answered there.
    pub(super) fn of_agent(&self, chat: &ConversationId, service_url: &str) {
        self.0.chats.insert(chat.clone(), service_url.to_owned());
    }

    /// A chat with letters under way is answered there.
    pub(in crate::engine) fn moved(&self, chat: &ConversationId, service_url: &str) {
        self.0.under_way.insert(chat.clone(), service_url.to_owned());
    }

    /// No letter to a chat is under way any more.
    pub(in crate::engine) fn arrived(&self, chat: &ConversationId) {
        self.0.under_way.remove(chat);
    }

    /// Where a letter goes that is posted in a chat; none when nothing newer is known than the
    /// letter itself.
    pub(in crate::engine) fn in_chat(&self, chat: &ConversationId) -> Option<String> {
        let known = |map: &DashMap<ConversationId, String>| map.get(chat).map(|url| url.clone());
        known(&self.0.under_way).or_else(|| known(&self.0.chats))
    }

    /// The same for a letter into a channel or one of its threads.
    pub(in crate::engine) fn in_channel(&self, place: &str) -> Option<String> {
        let channel = place.split(';').next().unwrap_or(place);
        self.0.channels.get(channel).map(|url| url.clone())
    }
}

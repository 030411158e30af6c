//! One lock per conversation, fair: turns happen in the order in which their activities arrived.
//! What was read stays cached.

use std::{collections::VecDeque, sync::Arc};

use dashmap::DashMap;
use jiff::Timestamp;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::keys::Key;
use crate::{
    model::{Conversation, ConversationId},
    store::{Answer, Loaded},
};

/// Answers kept in memory per conversation, so that a redelivery need not ask the store.
const RECENT: usize = 16;

/// The live conversations.
#[derive(Debug, Default)]
pub struct Conversations {
    slots: DashMap<ConversationId, Arc<Mutex<Slot>>>,
}

/// What is known of a conversation while its lock is held.
#[derive(Debug, Default)]
pub struct Slot {
    /// The conversation as last committed by this process; none when it must be read.
    pub cached: Option<Loaded>,
    recent: VecDeque<(String, Timestamp, Answer)>,
    /// Until then there may be answers that only the store knows.
    forgets: Option<Timestamp>,
}

impl Slot {
    /// The conversation, if it is stored.
    pub fn conversation(&self) -> Option<&Conversation> {
        self.cached.as_ref().map(|loaded| &loaded.conversation)
    }

    /// The answer given to one of these keys.
    pub fn answered(&self, keys: &[Key], now: Timestamp) -> Option<Answer> {
        let is_one = |known: &str| keys.iter().any(|(key, _)| key == known);
        self.recent
            .iter()
            .find(|(key, until, _)| *until > now && is_one(key))
            .map(|(_, _, answer)| answer.clone())
    }

    /// True when the store may know answers that count now and are not remembered here.
    pub fn forgets(&self, now: Timestamp) -> bool {
        self.cached.is_none() || self.forgets.is_some_and(|until| until > now)
    }

    /// Until then the store may know more answers than are remembered here.
    pub fn forget(&mut self, until: Timestamp) {
        self.forgets = self.forgets.max(Some(until));
    }

    /// Remembers an answer for a while.
    pub fn remember(&mut self, key: String, until: Timestamp, answer: Answer) {
        if self.recent.len() == RECENT
            && let Some((_, until, _)) = self.recent.pop_front()
        {
            self.forget(until);
        }
        self.recent.push_back((key, until, answer));
    }
}

impl Conversations {
    /// Waits for the conversation's turn.
    pub async fn lock(&self, id: &ConversationId) -> OwnedMutexGuard<Slot> {
        // The map's guard is dropped before anything is awaited.
        let slot = match self.slots.get(id) {
            Some(slot) => slot.clone(),
            None => self.slots.entry(id.clone()).or_default().clone(),
        };
        slot.lock_owned().await
    }

    /// Forgets conversations that nobody holds, when there are more than `keep`.
    pub fn sweep(&self, keep: usize) {
        if self.slots.len() > keep {
            self.slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
    }

    /// How many are live.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True when none is live.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many locks are held at this moment.
    pub fn held(&self) -> usize {
        self.slots.iter().filter(|slot| slot.try_lock().is_err()).count()
    }
}

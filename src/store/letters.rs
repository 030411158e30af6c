//! Letters: what is to be delivered, in order, and what became of it.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::model::{ConversationId, LetterId, SessionId};

/// The letters of all conversations. They are added by turns.
#[async_trait]
pub trait Letters: Send + Sync + 'static {
    /// The oldest pending letters of a conversation, in order.
    async fn pending(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Outgoing>, StoreError>;

    /// The conversations that have pending letters: asked once at start.
    async fn waiting_conversations(&self) -> Result<Vec<ConversationId>, StoreError>;

    /// Marks a letter as delivered, with what the connector told of it. That wins over all else
    /// that was noted about it; what a later receipt does not name stays as an earlier one told it.
    /// When the letter is a [`Delivery::Open`] and the receipt names the conversation,
    /// [`Desks::thread`](super::Desks::thread) finds it from now on. Here and in the next two an unknown letter is
    /// [`StoreError::Broken`].
    async fn delivered(
        &self,
        letter: LetterId,
        receipt: Receipt,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Notes a failed attempt; the letter stays pending. Changes nothing when it is sent or dead.
    async fn attempted(
        &self,
        letter: LetterId,
        error: String,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives a letter up after one more failed attempt: it stays visible as dead. Changes nothing
    /// when it is sent or dead.
    async fn dead(&self, letter: LetterId, error: String, at: Timestamp) -> Result<(), StoreError>;

    /// Notes why a letter waits, which is no fault of its own: no attempt is counted. Changes
    /// nothing when it is not pending.
    async fn waits(&self, letter: LetterId, why: String, at: Timestamp) -> Result<(), StoreError>;

    /// What a letter says has lost its sense: it is not sent, and stays visible as dropped. Changes
    /// nothing when it is not pending.
    async fn dropped(&self, letter: LetterId, why: String, at: Timestamp)
    -> Result<(), StoreError>;

    /// Since when a letter is tried: when it was committed, or revived. None for an unknown one.
    async fn tried_since(&self, letter: LetterId) -> Result<Option<Timestamp>, StoreError>;

    /// Makes a dead letter pending again, at its old place and with no attempt counted, answers
    /// with its conversation; none when there is no such dead letter. Its age counts from `at`.
    async fn revive(
        &self,
        letter: LetterId,
        at: Timestamp,
    ) -> Result<Option<ConversationId>, StoreError>;

    /// The same for every letter of this state, dead or dropped, that came into it at `since` or
    /// later. Answers with them in the order in which they were committed.
    async fn revive_all(
        &self,
        state: LetterState,
        since: Timestamp,
        at: Timestamp,
    ) -> Result<Vec<(ConversationId, LetterId)>, StoreError>;

    /// What the connector told of a letter; none while it is not delivered, and when there is no
    /// such letter.
    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError>;

    /// Letters by state, newest first, at most `limit`.
    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError>;
}

/// A letter to deliver.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Its id.
    pub id: LetterId,
    /// The conversation: in its order letters are delivered, one after the other. A letter that
    /// opens a thread or goes into one does not go there, but waits in that order all the same.
    pub conversation: ConversationId,
    /// The connector's address; for a [`Delivery::Hook`] the other system's, complete.
    /// [`Letters::pending`] answers with the conversation's present one, if the conversation is
    /// stored and the letter goes there.
    pub service_url: String,
    /// How to deliver it.
    pub kind: Delivery,
    /// The activity, JSON, exactly as it will be sent.
    pub body: String,
    /// Failed attempts so far.
    pub attempts: u32,
}

/// How a letter is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A new activity, as an answer to the activity of that id, if there is one.
    Post(Option<String>),
    /// Replaces the activity of an earlier letter.
    Put {
        /// The letter whose activity is replaced.
        of: LetterId,
        /// The activity id that the click named, used when the connector gave none.
        fallback: Option<String>,
    },
    /// Opens a new thread in a team's channel. The body is the whole request that creates the
    /// conversation.
    Open {
        /// The session that is handled there.
        session: SessionId,
        /// The guest's conversation.
        guest: ConversationId,
    },
    /// A new activity in the thread that an earlier letter of the same conversation opened.
    In {
        /// The letter that opened it.
        thread: LetterId,
    },
    /// An event for another system, posted to the letter's service address as it is, and signed
    /// when it is sent.
    Hook {
        /// The environment variable that holds the secret; never its value.
        secret: String,
    },
}

impl Delivery {
    /// True when the letter goes elsewhere than into its own conversation, so that its service
    /// address is not the conversation's.
    pub(super) fn goes_elsewhere(&self) -> bool {
        matches!(self, Delivery::Open { .. } | Delivery::In { .. } | Delivery::Hook { .. })
    }
}

/// What the connector told of a letter that it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The activity's id, without which it cannot be replaced. The connector does not always give
    /// one.
    pub activity: Option<String>,
    /// The id of the conversation in which the activity stands, when it is not the letter's own:
    /// the thread that was opened.
    pub conversation: Option<String>,
}

/// The state of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// Not delivered yet.
    Pending,
    /// Delivered.
    Sent,
    /// Given up.
    Dead,
    /// Not sent: what it says had lost its sense before it could be.
    Dropped,
}

/// A letter as the API shows it. The body is not shown: it holds what people wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxRow {
    /// Its id.
    pub id: LetterId,
    /// The conversation.
    pub conversation_id: String,
    /// Its channel.
    pub channel_id: String,
    /// Its state.
    pub state: LetterState,
    /// Failed attempts.
    pub attempts: u32,
    /// When it was committed.
    pub created_utc: Timestamp,
    /// The latest failure.
    pub error: Option<String>,
}

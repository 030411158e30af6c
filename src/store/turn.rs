//! Turns: what a conversation is, and the one transaction that changes it.

use std::ops::Range;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    desks::Seat,
    error::StoreError,
    faq::FaqRow,
    files::{FileRow, Told},
    letters::Outgoing,
    suggestions::Suggestion,
    views::Line,
};
use crate::model::{Conversation, ConversationId, LetterId, SessionId, Step, TenantId};

/// Conversations, and their turns.
#[async_trait]
pub trait Turns: Send + Sync + 'static {
    /// A conversation with its present journey and those that go on beside it, and its version.
    async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError>;

    /// The answer that was given to an activity before, if the key is known and not expired at
    /// `now`.
    async fn seen(
        &self,
        conversation: &ConversationId,
        keys: &[String],
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError>;

    /// Writes one turn, answers with the conversation's new version. A turn that contradicts itself
    /// or what is stored (a hop that is there already, an unknown session among the changed ones)
    /// is [`StoreError::Broken`] and changes nothing.
    async fn commit(&self, turn: Turn) -> Result<u64, StoreError>;

    /// Reserves `count` consecutive numbers for references (`IT-4821`): never given out twice, gaps
    /// allowed. The first is 1001.
    async fn numbers(&self, count: u32) -> Result<Range<u64>, StoreError>;

    /// Gives back reserved numbers that were given to nobody. False, and nothing is done, unless they
    /// are the last that were reserved.
    async fn return_numbers(&self, unused: Range<u64>) -> Result<bool, StoreError>;

    /// Conversations in which something is due at `now` or was before, the longest overdue first,
    /// at most `limit`. One stays among them until a turn of it notes something later, or nothing.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError>;

    /// The source of a tenant's pipelines at a version that some session began on, exactly as it
    /// was committed first; none when it is not known or was forgotten.
    async fn version(&self, tenant: &TenantId, version: &str)
    -> Result<Option<String>, StoreError>;
}

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The conversation.
    pub conversation: Conversation,
    /// Its version, for [`Turn::expected`].
    pub version: u64,
}

/// Everything that one turn changes.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The conversation after the turn. Only the sessions in `changed` and the hops of the present
    /// journey from `first_new_hop` are written; of every journey itself always its course, as a
    /// whole. Those beside it are loaded again for as long as something goes on in them.
    pub conversation: Conversation,
    /// The sessions of its journeys that are new or differ.
    pub changed: Vec<SessionId>,
    /// The index of the first hop in `journey.hops` that is not stored yet.
    pub first_new_hop: usize,
    /// The version that was read; none for a conversation that did not exist.
    pub expected: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// What it leaves beside the conversation.
    pub added: Added,
}

/// What a turn leaves beside its conversation.
#[derive(Debug, Clone, Default)]
pub struct Added {
    /// New steps of flow trails, in order; those without session are not kept. A step without exit
    /// replaces nothing; one with exit closes the last open one of the same session and stage.
    pub trail: Vec<Step>,
    /// New transcript lines, in order; those without session belong to no transcript and are not
    /// kept.
    pub lines: Vec<Line>,
    /// Answers from FAQs that were shown, and what the guest said of them, in order.
    pub answers: Vec<FaqRow>,
    /// Articles that are proposed. One whose id is there already is [`StoreError::Broken`].
    pub suggestions: Vec<Suggestion>,
    /// New letters, in order.
    pub letters: Vec<Outgoing>,
    /// Letters that count no longer, with what takes their place: one that is not delivered yet, or was
    /// given up, holds that instead of what it held.
    pub emptied: Vec<(LetterId, String)>,
    /// What was handled, so that it is handled once. No key twice.
    pub seen: Vec<Seen>,
    /// Lines that their writers edited or deleted in Teams, in order, after the turn's own lines.
    /// One that fits no line changes nothing.
    pub edits: Vec<Edit>,
    /// Pipeline versions that sessions of this turn begin on, so that they can finish on them
    /// whatever becomes of the files. Stored as of the turn's `at`; known ones are left as they
    /// are, source and age.
    pub versions: Vec<Version>,
    /// When something is due in this conversation (a reminder, a timeout, the end of an undo
    /// window): the earliest instant, or none. Takes the place of what was noted before.
    pub due: Option<Timestamp>,
    /// Sessions that no agent has any more, done before `seats`. One that nobody has changes
    /// nothing.
    pub releases: Vec<SessionId>,
    /// Sessions that agents take, in order; each has one agent, so that the later takes it from the
    /// earlier. When an agent named here has more than their `most` after all of them, the turn is
    /// [`StoreError::Full`] and changes nothing.
    pub seats: Vec<Seat>,
    /// Files that are to be carried. One whose id is there already is [`StoreError::Broken`].
    pub files: Vec<FileRow>,
    /// Files of which this turn tells somebody. For one that is not on its way the turn is a
    /// conflict: it was told before.
    pub told: Vec<Told>,
}

/// An edit of a line, by the activity's id; without text it was deleted. A guest's applies to every
/// line of the guest with that activity in the conversation, whatever session it is in; that of
/// somebody at a desk to their own lines of the one session. Never to lines of the bot's or of
/// anybody else's, nor to another conversation that uses the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The activity.
    pub activity_id: String,
    /// For lines that somebody at a desk wrote: the session, and the author's id. None for lines of
    /// the guest.
    pub at_desk: Option<(SessionId, String)>,
    /// The new words, which bring a deleted line back (Teams lets people undo it). None for a
    /// deletion: the line stays, its words and its card are no longer kept.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The source of a tenant's pipelines at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The tenant.
    pub tenant: TenantId,
    /// The version's name, as in a session's `pipeline_version`.
    pub version: String,
    /// `tenant.yaml` as it was.
    pub source: String,
}

/// A dedupe key and the answer that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The key, unique within the conversation.
    pub key: String,
    /// The HTTP answer that was given.
    pub answer: Answer,
    /// When the key may be forgotten.
    pub until: Timestamp,
}

/// An HTTP answer to an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The JSON body; none for an empty one.
    pub body: Option<String>,
}

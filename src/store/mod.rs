//! Floor 2: where everything is kept. [`Store`] writes down its promises; one suite of tests
//! (`tests/store/`) holds every implementation to them.

mod desks;
mod drafts;
mod faq;
mod files;
mod rules;
mod sqlite;

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    desks::{AgentRow, Claim, Desk, Thread},
    drafts::{DraftRow, DraftState},
    faq::{ArticleCounts, FaqCounts, FaqReport, FaqRow, Span},
    files::{FileBytes, FileRow, Told},
    sqlite::SqliteStore,
};
use crate::model::{
    Conversation, ConversationId, DraftId, FileId, Guest, Hop, JourneyId, LetterId, Session,
    SessionId, State, Step, TenantId,
};

/// What the engine needs kept. Promises, for every implementation:
///
/// 1. **All or nothing.** A [`Turn`] is one transaction: after a crash at any instant either all of
///    it is there or none.
/// 2. **Durable before acknowledged.** When [`Store::commit`] returns `Ok`, the turn survives a
///    power cut (`memory:` keeps this
///    only for as long as the process lives).
/// 3. **No lost update.** A commit whose `expected` version is not the stored one fails with
///    [`StoreError::Conflict`] and changes nothing.
/// 4. **Once.** A [`Seen`] key that is stored is found by [`Store::seen`] until it expires;
///    committing it again before is a conflict.
/// 5. **In order.** [`Store::pending`] gives a conversation's letters in the order in which they
///    were committed.
/// 6. **Nothing is forgotten.** A letter is pending until it is marked delivered or dead; dead ones
///    stay visible and can be retried.
/// 7. **Read your writes.** What was committed is seen by every later call.
/// 8. **Never too many.** However many commits of [`Added::claims`] meet, a session has one agent,
///    and no agent more than their `most`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// A conversation with its latest journey, and its version.
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
    /// [`Store::thread`] finds it from now on. Here and in the next two an unknown letter is
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

    /// Makes a dead letter pending again, at its old place and with no attempt counted, answers
    /// with its conversation; none when there is no such dead letter.
    async fn revive(&self, letter: LetterId) -> Result<Option<ConversationId>, StoreError>;

    /// What the connector told of a letter; none while it is not delivered, and when there is no
    /// such letter.
    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError>;

    /// Whose session is handled in a thread, by the thread's conversation id; none when no letter
    /// of ours opened it.
    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError>;

    /// Letters by state, newest first, at most `limit`.
    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError>;

    /// Sessions, newest first. A cursor that is not one of ours is [`StoreError::Broken`]: see
    /// [`Filter::has_valid_cursor`].
    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError>;

    /// One session with all that hangs on it.
    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError>;

    /// A session's transcript, oldest first.
    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError>;

    /// The latest line that somebody at a desk wrote in an activity, agent's words or note, with
    /// the conversation of the guest whom it was about; none when that author's activity made no
    /// line.
    async fn said_at_desk(
        &self,
        author: &str,
        activity: &str,
    ) -> Result<Option<(ConversationId, Line)>, StoreError>;

    /// A journey: its guest, sessions with their flow, and hops, oldest first.
    async fn journey(&self, id: JourneyId) -> Result<Option<JourneyView>, StoreError>;

    /// Live sessions per tenant and state, sorted by both names; none for what is zero.
    async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, StoreError>;

    /// Conversations in which something is due at `now` or was before, the longest overdue first,
    /// at most `limit`. One stays among them until a turn of it notes something later, or nothing.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError>;

    /// The source of a tenant's pipelines at a version that some session began on, exactly as it
    /// was committed first; none when it is not known or was forgotten.
    async fn version(&self, tenant: &TenantId, version: &str)
    -> Result<Option<String>, StoreError>;

    /// Removes versions that were stored before `before` and that nobody can go on with; answers
    /// how many. What stays: every version of a session in a live state, and those of the other
    /// sessions of its journey, to which a transfer may be undone or return. A version that was
    /// forgotten can be committed again.
    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes threads whose session ended before `before`; answers how many. One that belongs to
    /// no session (a side question) goes when every session of its guest's conversation ended
    /// before.
    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes dedupe keys that expired before `now`; answers how many.
    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// The channels that are or were connected as desks, one a tenant, sorted by tenant.
    async fn desks(&self) -> Result<Vec<Desk>, StoreError>;

    /// Makes a channel the desk of its tenant, in place of the one that was.
    async fn connect_desk(&self, desk: Desk) -> Result<(), StoreError>;

    /// Notes why nothing can be delivered to a tenant's desk any more, until one is connected
    /// again. False when the tenant has no desk.
    async fn break_desk(&self, tenant: &TenantId, reason: String) -> Result<bool, StoreError>;

    /// Keeps the hash of a one-time code with which a channel is made a tenant's desk, in place of
    /// all older codes of the tenant.
    async fn put_code(
        &self,
        tenant: &TenantId,
        hash: &str,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whose code this is. It works once, and not after its `until`; of several that take it at the
    /// same time one gets it.
    async fn take_code(&self, hash: &str, now: Timestamp) -> Result<Option<TenantId>, StoreError>;

    /// The agents whose personal chat is known, sorted by id.
    async fn agents(&self) -> Result<Vec<AgentRow>, StoreError>;

    /// Keeps all of an agent, in place of what was known of them.
    async fn bind_agent(&self, agent: AgentRow) -> Result<(), StoreError>;

    /// Notes whether an agent takes chats. False when there is no such agent.
    async fn set_available(&self, id: &str, available: bool) -> Result<bool, StoreError>;

    /// Which agent has which sessions, sorted by agent and session.
    async fn claims(&self) -> Result<Vec<(String, SessionId)>, StoreError>;

    /// The files that are on their way: nobody was told of them yet. The oldest first.
    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError>;

    /// Keeps the bytes of a file that is on its way, what they are called and what they are said to
    /// be, and forgets from where they came. Changes nothing when it is not on its way any more.
    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError>;

    /// A file that can be read: the other side was told of it, and its bytes are here.
    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError>;

    /// Removes files that expired before `now` and are not on their way, and all whose session is
    /// not there; answers how many.
    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// The secret of that name, the same for everybody and for ever; made of `fresh` bytes by the
    /// first who asks.
    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError>;
    /// What FAQs did in the sessions that began in a span of time, each session counted once.
    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError>;

    /// Proposals for FAQs in a state, of one tenant or of all, the oldest first.
    async fn drafts(
        &self,
        tenant: Option<&TenantId>,
        state: DraftState,
    ) -> Result<Vec<DraftRow>, StoreError>;

    /// One proposal.
    async fn draft(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError>;

    /// Decides on a proposal, once: false when it is not there or was decided on before.
    async fn decide_draft(
        &self,
        id: DraftId,
        state: DraftState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Answers when the store works.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what was accepted and closes; all later calls are [`StoreError::Unavailable`].
    async fn close(&self);
}

/// Opens the store that an address names: `sqlite:PATH`, or `memory:` for one that forgets
/// everything when the program ends.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let refuse = |why: &str| {
        Err(StoreError::Broken(format!("{why}; write `sqlite:PATH`, or `memory:` to keep nothing")))
    };
    let Some((scheme, rest)) = url.split_once(':') else {
        return refuse(&format!("the address `{url}` names no kind of store"));
    };
    match scheme {
        "memory" if rest.trim_matches('/').is_empty() => {
            Ok(Arc::new(SqliteStore::in_memory().await?))
        }
        "memory" => refuse("`memory:` takes nothing after the colon"),
        "sqlite" if rest.contains('?') => {
            refuse("`sqlite:` takes a path without options after `?`")
        }
        "sqlite" => Ok(Arc::new(SqliteStore::open(rest.strip_prefix("//").unwrap_or(rest)).await?)),
        // The rest is not shown: it may hold a password.
        "postgres" | "postgresql" => refuse("PostgreSQL is not supported yet by this build"),
        _ => refuse("the address begins with no kind of store that is known"),
    }
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
    /// The conversation after the turn. Only the sessions in `changed` and the hops from
    /// `first_new_hop` are written; of the journey itself always its course, as a whole.
    pub conversation: Conversation,
    /// The sessions of the journey that are new or differ.
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
    pub drafts: Vec<DraftRow>,
    /// New letters, in order.
    pub letters: Vec<Outgoing>,
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
    /// Sessions that no agent has any more, done before `claims`. One that nobody has changes
    /// nothing.
    pub releases: Vec<SessionId>,
    /// Sessions that agents take, in order; each has one agent, so that the later takes it from the
    /// earlier. When an agent named here has more than their `most` after all of them, the turn is
    /// [`StoreError::Full`] and changes nothing.
    pub claims: Vec<Claim>,
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

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The session.
    #[serde(skip)]
    pub session: Option<SessionId>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub from: Who,
    /// The person's or department's name.
    pub name: Option<String>,
    /// The words; for a card its summary.
    pub text: String,
    /// The card as sent, JSON.
    pub card: Option<String>,
    /// The activity's id: its writer's own, or the one that the connector gave. Read from the
    /// outbox for the bot's lines.
    pub activity_id: Option<String>,
    /// The letter: for the bot's lines, and for an agent's words to the guest the one in which they
    /// read them.
    #[serde(skip)]
    pub letter: Option<LetterId>,
    /// Who at a desk wrote it, by id; none for lines of guest and bot.
    #[serde(skip)]
    pub author: Option<String>,
    /// When its writer edited it in Teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// When its writer deleted it in Teams; the words are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
}

/// Who speaks in a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The guest.
    Guest,
    /// The pipeline.
    Bot,
    /// A human agent, to the guest.
    Agent,
    /// A human agent, to the desk only.
    Note,
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
    /// [`Store::pending`] answers with the conversation's present one, if the conversation is
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
    fn goes_elsewhere(&self) -> bool {
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

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// In this state.
    pub state: Option<State>,
    /// Of this guest: Entra object id or the channel's id.
    pub guest: Option<String>,
    /// Of this conversation id.
    pub conversation: Option<String>,
    /// Of this journey.
    pub journey: Option<JourneyId>,
    /// Started at or after.
    pub from: Option<Timestamp>,
    /// Started before.
    pub to: Option<Timestamp>,
    /// At most so many; 0 means 50.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// A page of sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Newest first, without their flow.
    pub items: Vec<SessionView>,
    /// The cursor of the next page, when there is one.
    pub next: Option<String>,
}

/// A session and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its guest.
    pub guest: Guest,
    /// Its flow trail, oldest first; empty in lists.
    pub flow: Vec<Step>,
    /// All hops of its journey, oldest first.
    pub hops: Vec<Hop>,
}

/// A journey and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneyView {
    /// Its id.
    pub id: JourneyId,
    /// Its guest.
    pub guest: Guest,
    /// Its sessions, oldest first.
    pub sessions: Vec<SessionView>,
    /// Its hops, oldest first.
    pub hops: Vec<Hop>,
}

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote this conversation or handled this activity meanwhile: load again.
    #[error("the conversation was changed meanwhile")]
    Conflict,
    /// An agent who takes a chat would have more than they may: nothing was changed.
    #[error("the agent has as many chats as they may have")]
    Full,
    /// The store does not answer: 503, try again.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store holds something that cannot be read, or refuses what it must not.
    #[error("the store cannot be used: {0}")]
    Broken(String),
}

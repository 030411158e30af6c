//! Views: sessions, transcripts and journeys as they are looked at.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::model::{
    ConversationId, Guest, Hop, JourneyId, LetterId, Session, SessionId, State, Step, TenantId,
};

/// What can be looked at.
#[async_trait]
pub trait Views: Send + Sync + 'static {
    /// Sessions, newest first. A cursor that is not one of ours is [`StoreError::Broken`]: see
    /// [`Filter::has_valid_cursor`].
    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError>;

    /// One session with all that hangs on it.
    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError>;

    /// A session's transcript, oldest first.
    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError>;

    /// A page of a session's transcript, oldest first: at most `limit` lines after the place `after`,
    /// which an earlier page told.
    async fn transcript_page(
        &self,
        id: SessionId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<LinePage, StoreError>;

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
    /// Something private was said: `text` never holds it, and what its writer makes of it later is
    /// not told either.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// When its writer edited it in Teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// When its writer deleted it in Teams; the words are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
}

/// A page of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePage {
    /// Oldest first.
    pub items: Vec<Line>,
    /// The place after which the next page begins, when there is one.
    pub next: Option<i64>,
}

/// A chat as it was, up to the end of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The session that was asked for.
    pub session: SessionId,
    /// The guest.
    pub guest: Guest,
    /// The sessions of the journey that had begun by then, oldest first.
    pub sessions: Vec<Session>,
    /// What was said in them, in order.
    pub lines: Vec<Line>,
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
    /// With this reference, such as `IT-1002`, in whatever case.
    pub reference: Option<String>,
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

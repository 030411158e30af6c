//! What is kept of the desks at which human agents work.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::model::{Account, ConversationId, Reference, SessionId, TenantId};

/// Channels and agents, and who has which chat.
#[async_trait]
pub trait Desks: Send + Sync + 'static {
    /// Whose session is handled in a thread, by the thread's conversation id; none when no letter
    /// of ours opened it.
    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError>;

    /// The channels that are or were connected as desks, one a tenant, sorted by tenant.
    async fn desks(&self) -> Result<Vec<ConnectedChannel>, StoreError>;

    /// Makes a channel the desk of its tenant, in place of the one that was.
    async fn connect_desk(&self, desk: ConnectedChannel) -> Result<(), StoreError>;

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

    /// Forgets who an agent is. False when there is no such agent.
    async fn unbind_agent(&self, id: &str) -> Result<bool, StoreError>;

    /// Which agent has which sessions, sorted by agent and session.
    async fn seats(&self) -> Result<Vec<(String, SessionId)>, StoreError>;
}

/// The channel of a team in which a tenant's agents work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedChannel {
    /// The tenant.
    pub tenant: TenantId,
    /// The channel's id in Teams, `19:…`.
    pub channel: String,
    /// The team's id in Teams.
    pub team: Option<String>,
    /// The channel's name.
    pub name: Option<String>,
    /// The team's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_name: Option<String>,
    /// The connector's address, allow-listed before it is stored.
    pub service_url: String,
    /// The bot's account there.
    pub bot: Account,
    /// The Microsoft 365 tenant.
    pub entra_tenant: Option<String>,
    /// When it was connected.
    pub connected: Timestamp,
    /// Why nothing can be delivered there any more; none while all is well.
    pub broken: Option<String>,
}

/// A thread in a team's channel: whose session is handled there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The session.
    pub session: SessionId,
    /// The guest's conversation.
    pub guest: ConversationId,
}

/// An agent whose desk is their personal chat with the bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentRow {
    /// As the tenant's file names them, in lower case.
    pub id: String,
    /// The display name.
    pub name: Option<String>,
    /// Their chat with the bot.
    pub conversation: ConversationId,
    /// What is needed to write to them there.
    pub reference: Reference,
    /// True while they take chats.
    pub available: bool,
    /// When they said that they are available, since they last said the opposite.
    #[serde(default)]
    pub said: Option<Timestamp>,
    /// They took chats until nothing could be delivered to them: once they are heard of they do
    /// again.
    #[serde(default)]
    pub lost: bool,
    /// They had said that they are away when nothing could be delivered to them.
    #[serde(default)]
    pub was_away: bool,
}

/// That an agent takes a session's chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The agent, as the tenant's file names them, in lower case.
    pub agent: String,
    /// The session.
    pub session: SessionId,
    /// How many the agent may have at once, this one included.
    pub most: u32,
}

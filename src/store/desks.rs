//! What is kept of the desks at which human agents work.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Account, ConversationId, Reference, SessionId, TenantId};

/// The channel of a team in which a tenant's agents work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Desk {
    /// The tenant.
    pub tenant: TenantId,
    /// The channel's id in Teams, `19:…`.
    pub channel: String,
    /// The team's id in Teams.
    pub team: Option<String>,
    /// The channel's name.
    pub name: Option<String>,
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
}

/// That an agent takes a session's chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The agent, as the tenant's file names them, in lower case.
    pub agent: String,
    /// The session.
    pub session: SessionId,
    /// How many the agent may have at once, this one included.
    pub most: u32,
}

//! One Teams chat with one guest; lives for years.

use serde::{Deserialize, Serialize};

use super::{Account, ConversationId, Guest, Journey};

/// Everything that one turn reads and writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Which chat.
    pub id: ConversationId,
    /// Where to deliver, overwritten by every activity: a region can change.
    pub reference: Reference,
    /// Who it is with.
    pub guest: Guest,
    /// True while the bot is installed here; the change to true shows the welcome.
    pub installed: bool,
    /// The latest journey, live or ended.
    pub journey: Option<Journey>,
}

/// What is needed to write to the conversation at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The connector's address, allow-listed before it is stored.
    pub service_url: String,
    /// The bot's account here.
    pub bot: Account,
    /// The guest's account here.
    pub user: Account,
    /// The Microsoft 365 tenant.
    pub entra_tenant: Option<String>,
}

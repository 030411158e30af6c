//! One Teams chat with one guest; lives for years.

use serde::{Deserialize, Serialize};

use super::{ConversationId, Guest, Journey, Reference};

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

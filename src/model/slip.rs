//! A message that was left: the guest's card about it; and where a session was at its desk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LetterId, StageId};

/// The guest's card about a message that they left: with it they add to it, or take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// The secret of its buttons.
    pub nonce: String,
    /// The card.
    pub letter: LetterId,
    /// When the guest last said something for it.
    pub said: Timestamp,
    /// The guest was asked whether more words belong to it, and said yes: they are not asked again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
}

/// Where a session was at its desk when it left it: a guest who comes back goes on there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The stage.
    pub stage: StageId,
    /// The first post of the thread; none where the desk has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<LetterId>,
}

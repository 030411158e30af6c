//! A question beside the stage's own.

use serde::{Deserialize, Serialize};

use super::{By, LetterId, StageId, TenantId};

/// A question beside the stage's own. The stage's question stands meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// The one-use secret of its card.
    pub nonce: String,
    /// The card.
    pub letter: LetterId,
    /// What it asks.
    pub asks: AsideAsks,
    /// An agent has written since: what the guest types may be for them, so that only the buttons'
    /// own words answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overtaken: bool,
}

/// What a question beside the stage's own asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsideAsks {
    /// Really begin anew?
    Restart,
    /// Really end?
    End,
    /// An agent has the chat: back to the sender all the same?
    Undo,
    /// Which department?
    Departments,
    /// Do these words belong to the message that was left, or are they something new?
    Add(String),
    /// Really take back the message that was left?
    Withdraw,
    /// This was taken as the answer to that question: shall it be another one?
    Retake {
        /// The stage that has taken it.
        stage: StageId,
        /// What it asks, as a card's variable.
        question: String,
        /// What it took.
        words: String,
    },
    /// In which department is a person wanted? Only those where people answer are offered.
    People,
    /// Shall I move you there? Wished by the guest, an agent or a manager.
    Move(Box<Move>),
}

/// A wish to move the guest that waits for their word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Where to.
    pub tenant: TenantId,
    /// Who wishes it.
    pub by: By,
    /// Why, for the guest.
    pub reason: Option<String>,
    /// For the receiver's people only.
    pub note: Option<String>,
    /// It was asked because the target is closed.
    pub closed: bool,
    /// The guest wants a person there, at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person: bool,
}

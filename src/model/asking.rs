//! What a session waits for: the stage's question, and one beside it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{By, LetterId, StageId, TenantId};

/// What a session waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Since when.
    pub since: Timestamp,
    /// The one-use secret of the cards that now count. A click with another one is from an earlier
    /// step.
    pub nonce: String,
    /// What was asked.
    pub asks: Asks,
    /// How often the answer was not understood.
    pub misses: u32,
    /// The card whose buttons count, to be replaced by its answer.
    pub card: Option<LetterId>,
}

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

/// What the guest was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// The stage's own question.
    Stage,
    /// "Did you mean …?", with the choice's index.
    Guess(usize),
    /// "Did you mean one of these?": a choice of the menu, or an article.
    Either {
        /// The choice's index.
        choice: usize,
        /// The article.
        article: (TenantId, String),
        /// The guest's words, for which it is the answer.
        words: String,
    },
    /// The stage's form, of which something was typed.
    Form {
        /// The id of the field that is asked for now.
        asked: Option<String>,
        /// The ids of the fields whose values were typed into it.
        typed: Vec<String>,
    },
    /// "Shall I move you to …?" because the transfer stage says `confirm`, or the sender is
    /// confidential.
    Confirm,
    /// "… is closed: leave it there, or stay here?"
    Closed,
    /// "One of these may answer it", with how often the guest has asked in other words.
    Answers {
        /// The articles on the card, in its order.
        articles: Vec<(TenantId, String)>,
        /// How often it was asked anew.
        again: u32,
    },
}

//! What tells a click which step it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SessionId;

/// What a card's buttons carry, so that a click says which step it answers. One use: the nonce
/// changes with every question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The session that asked; none for the welcome card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The stage that asked.
    pub stage: String,
    /// The pipeline version.
    pub version: String,
    /// The nonce of the question.
    pub nonce: String,
}

impl Token {
    /// The key under which every button's data carries the token.
    pub const KEY: &'static str = "switchboard";

    /// The token that a click's data carries; none when the card is not ours, or not ours any more.
    pub fn of(data: &serde_json::Map<String, Value>) -> Option<Token> {
        serde_json::from_value(data.get(Token::KEY)?.clone()).ok()
    }
}

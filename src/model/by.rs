//! Who wanted something done.

use serde::{Deserialize, Serialize};

/// Who started a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Which kind of actor.
    pub kind: ByKind,
    /// The stage's id, or the person's.
    pub id: String,
    /// The person's name, when it was one.
    pub name: Option<String>,
}

/// The kinds of actors that can move a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByKind {
    /// A transfer stage.
    Stage,
    /// The guest.
    Guest,
    /// An agent.
    Agent,
    /// A manager, through the API.
    Manager,
}

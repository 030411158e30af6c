//! What a stage knows of itself beside its settings, and where it sends a session.

use super::wish::Proposal;
use crate::{
    model::{StageId, State},
    source::{At, Place},
};

/// Where a stage goes, by exit: `next`, `on_…`.
pub type Exits = [(String, At<StageId>)];

/// A stage without what it does: all that its kind may know of it.
#[derive(Debug, Clone)]
pub struct Head {
    /// Its id, unique in the pipeline.
    pub id: StageId,
    /// Where the id stands.
    pub place: Place,
    /// The name of its kind.
    pub kind: &'static str,
    /// It waits for the guest, so that a loop through it cannot spin.
    pub waits: bool,
    /// It is the first of its kind in its pipeline.
    pub first: bool,
    /// Where it goes, by exit: `next`, `on_…`.
    pub exits: Vec<(String, At<StageId>)>,
}

impl Head {
    /// The stage behind an exit that was written.
    pub fn exit(&self, name: &str) -> Option<&StageId> {
        self.exits.iter().find(|(exit, _)| exit == name).map(|(_, to)| &to.value)
    }
}

/// Where a session goes after a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Flow {
    /// The `next` exit, else the following stage, else the end as unresolved.
    Next,
    /// An exit, to a stage of the same pipeline.
    Goto {
        /// The exit's name, for the flow trail.
        exit: String,
        /// The stage.
        stage: StageId,
    },
    /// Waits here.
    Stay,
    /// The guest is to be moved.
    Transfer(Box<Proposal>),
    /// The session ends in this state.
    End(State),
    /// The department is gone and so is its desk: nobody there can answer any more, and the front
    /// desk goes on.
    Departed,
}

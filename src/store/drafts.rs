//! Articles that people at desks propose for FAQs.

use async_trait::async_trait;
use jiff::Timestamp;

use super::error::StoreError;
use crate::model::{Agent, DraftId, SessionId, TenantId};

/// Proposals and what was decided on them. They are added by turns.
#[async_trait]
pub trait Suggestions: Send + Sync + 'static {
    /// Proposals for FAQs in a state, of one tenant or of all, the oldest first.
    async fn drafts(
        &self,
        tenant: Option<&TenantId>,
        state: DraftState,
    ) -> Result<Vec<DraftRow>, StoreError>;

    /// One proposal.
    async fn draft(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError>;

    /// Decides on a proposal, once: false when it is not there or was decided on before.
    async fn decide_draft(
        &self,
        id: DraftId,
        state: DraftState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// A proposal for a FAQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Its id.
    pub id: DraftId,
    /// Whose FAQ it is for.
    pub tenant: TenantId,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// The language in which it is meant to be written, such as `en-US`.
    pub locale: String,
    /// Who proposed it.
    pub by: Agent,
    /// The session in which it was proposed.
    pub session: SessionId,
    /// When.
    pub created: Timestamp,
    /// What became of it.
    pub state: DraftState,
    /// Who decided on it; none while nobody has.
    pub decided_by: Option<String>,
    /// When.
    pub decided: Option<Timestamp>,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftState {
    /// Nobody has decided.
    Proposed,
    /// It is in the FAQ.
    Accepted,
    /// It is not wanted.
    Rejected,
}

impl DraftState {
    /// All of them.
    pub const ALL: [DraftState; 3] =
        [DraftState::Proposed, DraftState::Accepted, DraftState::Rejected];

    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            DraftState::Proposed => "proposed",
            DraftState::Accepted => "accepted",
            DraftState::Rejected => "rejected",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        DraftState::ALL.into_iter().find(|state| state.name() == name)
    }
}

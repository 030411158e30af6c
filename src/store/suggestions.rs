//! Articles that people at desks propose for FAQs.

use async_trait::async_trait;
use jiff::Timestamp;

use super::error::StoreError;
use crate::model::{Agent, SessionId, SuggestionId, TenantId};

/// Proposals and what was decided on them. They are added by turns.
#[async_trait]
pub trait Suggestions: Send + Sync + 'static {
    /// Proposals for FAQs in a state, of one tenant or of all, the oldest first.
    async fn suggestions(
        &self,
        tenant: Option<&TenantId>,
        state: SuggestionState,
    ) -> Result<Vec<Suggestion>, StoreError>;

    /// One proposal.
    async fn suggestion(&self, id: SuggestionId) -> Result<Option<Suggestion>, StoreError>;

    /// Decides on a proposal, once: false when it is not there or was decided on before.
    async fn decide_suggestion(
        &self,
        id: SuggestionId,
        state: SuggestionState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// A proposal for a FAQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its id.
    pub id: SuggestionId,
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
    pub state: SuggestionState,
    /// Who decided on it; none while nobody has.
    pub decided_by: Option<String>,
    /// When.
    pub decided: Option<Timestamp>,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionState {
    /// Nobody has decided.
    Proposed,
    /// It is in the FAQ.
    Accepted,
    /// It is not wanted.
    Rejected,
}

impl SuggestionState {
    /// All of them.
    pub const ALL: [SuggestionState; 3] =
        [SuggestionState::Proposed, SuggestionState::Accepted, SuggestionState::Rejected];

    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            SuggestionState::Proposed => "proposed",
            SuggestionState::Accepted => "accepted",
            SuggestionState::Rejected => "rejected",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        SuggestionState::ALL.into_iter().find(|state| state.name() == name)
    }
}

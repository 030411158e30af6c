//! Conversations that the connector wants left alone for a while, also by the next process.

use async_trait::async_trait;
use jiff::Timestamp;

use super::error::StoreError;
use crate::model::ConversationId;

/// Pauses that the connector asked for.
#[async_trait]
pub trait Rests: Send + Sync + 'static {
    /// Nothing is posted into a conversation before `until`; an earlier wish is replaced.
    async fn rest(&self, conversation: &ConversationId, until: Timestamp)
    -> Result<(), StoreError>;

    /// The pauses that are not over at `now`; those that are get forgotten.
    async fn rests(&self, now: Timestamp) -> Result<Vec<(ConversationId, Timestamp)>, StoreError>;
}

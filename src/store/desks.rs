//! What is kept of the desks at which human agents work.

use crate::model::{ConversationId, SessionId};

/// A thread in a team's channel: whose session is handled there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The session.
    pub session: SessionId,
    /// The guest's conversation.
    pub guest: ConversationId,
}

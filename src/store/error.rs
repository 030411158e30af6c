//! Why the store does not do something.

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote this conversation or handled this activity meanwhile: load again.
    #[error("the conversation was changed meanwhile")]
    Conflict,
    /// An agent who takes a chat would have more than they may: nothing was changed.
    #[error("the agent has as many chats as they may have")]
    Full,
    /// The store does not answer: 503, try again.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// It took longer than it may: ask for less.
    #[error("it took too long and was stopped")]
    TooLong,
    /// The store holds something that cannot be read, or refuses what it must not.
    #[error("the store cannot be used: {0}")]
    Broken(String),
}

//! What every handler can reach.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::{
    engine::{Clock, Engine, Reloader, Suggestions},
    teams::{token::Tokens, verify::Verifier},
};

/// Files that are read at the same time.
pub const MOST_SERVED: usize = 8;

/// Built once, outside of the server's factory.
pub struct Ctx {
    pub engine: Arc<Engine>,
    /// Who may send activities.
    pub verifier: Verifier,
    /// The bot's own tokens.
    pub tokens: Arc<Tokens>,
    /// The present instant.
    pub clock: Clock,
    /// Who may use the admin API.
    pub guard: Guard,
    /// The company's files.
    pub reloader: Arc<Reloader>,
    /// What agents propose for FAQs.
    pub suggestions: Suggestions,
    /// Places for whoever reads a file: each takes memory and a reader of the store.
    pub served: Arc<Semaphore>,
}

/// How the admin API is guarded.
#[derive(Debug, Clone)]
pub enum Guard {
    /// By a bearer token.
    Token(SecretString),
    /// No token, listening on loopback: requests from this machine, and not from some web page
    /// opened on it.
    Loopback,
    /// No token, listening beyond loopback: nobody.
    Closed,
}

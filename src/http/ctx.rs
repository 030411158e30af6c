//! What every handler can reach.

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest};
use tokio::sync::Semaphore;

use super::{guard::Guard, refusals::Refusals};
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
    /// Who was refused.
    pub refusals: Refusals,
    /// The company's files.
    pub reloader: Arc<Reloader>,
    /// What agents propose for FAQs.
    pub suggestions: Suggestions,
    /// Places for whoever reads a file: each takes memory and a reader of the store.
    pub served: Arc<Semaphore>,
}

/// The mark of a request whose sender has proved who they are.
struct Known;

/// The sender has proved who they are: their connection is kept, and what they ask is answered.
pub(super) fn admit(request: &HttpRequest) {
    request.extensions_mut().insert(Known);
}

/// True when the sender has proved who they are.
pub(super) fn is_admitted(request: &HttpRequest) -> bool {
    request.extensions().contains::<Known>()
}

//! Floor 2: where everything is kept. [`Store`] writes down its promises; one suite of tests
//! (`tests/store/`) holds every implementation to them.

#![warn(missing_docs)]

mod desks;
mod error;
mod faq;
mod files;
mod letters;
mod rests;
mod rules;
mod sqlite;
mod suggestions;
mod turn;
mod upkeep;
mod views;

use std::sync::Arc;

pub use self::{
    desks::{AgentRow, ConnectedChannel, Desks, Seat, Thread},
    error::StoreError,
    faq::{ArticleCounts, FaqCounts, FaqReport, FaqRow, Faqs, Span},
    files::{FileBytes, FileRow, Files, Told},
    letters::{Delivery, LetterState, Letters, OutboxRow, Outgoing, Receipt},
    rests::Rests,
    sqlite::SqliteStore,
    suggestions::{Suggestion, SuggestionState, Suggestions},
    turn::{Added, Answer, Edit, Loaded, Seen, Turn, Turns, Version},
    upkeep::Upkeep,
    views::{Filter, JourneyView, Line, Page, SessionView, Views, Who},
};

/// What the engine needs kept. Promises, for every implementation:
///
/// 1. **All or nothing.** A [`Turn`] is one transaction: after a crash at any instant either all of
///    it is there or none.
/// 2. **Durable before acknowledged.** When [`Turns::commit`] returns `Ok`, the turn survives a
///    power cut (`memory:` keeps this only for as long as the process lives).
/// 3. **No lost update.** A commit whose `expected` version is not the stored one fails with
///    [`StoreError::Conflict`] and changes nothing.
/// 4. **Once.** A [`Seen`] key that is stored is found by [`Turns::seen`] until it expires;
///    committing it again before is a conflict.
/// 5. **In order.** [`Letters::pending`] gives a conversation's letters in the order in which they
///    were committed.
/// 6. **Nothing is forgotten.** A letter is pending until it is marked delivered or dead; dead ones
///    stay visible and can be retried.
/// 7. **Read your writes.** What was committed is seen by every later call.
/// 8. **Never too many.** However many commits of [`Added::seats`] meet, a session has one agent,
///    and no agent more than their `most`.
pub trait Store:
    Turns + Letters + Rests + Views + Desks + Files + Faqs + Suggestions + Upkeep
{
}

impl<T: Turns + Letters + Rests + Views + Desks + Files + Faqs + Suggestions + Upkeep> Store for T {}

/// Opens the store that an address names: `sqlite:PATH`, or `memory:` for one that forgets
/// everything when the program ends.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let refuse = |why: &str| {
        Err(StoreError::Broken(format!("{why}; write `sqlite:PATH`, or `memory:` to keep nothing")))
    };
    let Some((scheme, rest)) = url.split_once(':') else {
        return refuse(&format!("the address `{url}` names no kind of store"));
    };
    match scheme {
        "memory" if rest.trim_matches('/').is_empty() => {
            Ok(Arc::new(SqliteStore::in_memory().await?))
        }
        "memory" => refuse("`memory:` takes nothing after the colon"),
        "sqlite" if rest.contains('?') => {
            refuse("`sqlite:` takes a path without options after `?`")
        }
        "sqlite" => Ok(Arc::new(SqliteStore::open(rest.strip_prefix("//").unwrap_or(rest)).await?)),
        // The rest is not shown: it may hold a password.
        "postgres" | "postgresql" => refuse("PostgreSQL is not supported yet by this build"),
        _ => refuse("the address begins with no kind of store that is known"),
    }
}

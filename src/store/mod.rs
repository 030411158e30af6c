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

use std::{path::Path, sync::Arc};

pub use self::{
    desks::{AgentRow, ConnectedChannel, Desks, Seat, Thread},
    error::StoreError,
    faq::{ArticleCounts, FaqCounts, FaqReport, FaqRow, Faqs, Span},
    files::{FileContent, FileHead, FileRow, Files, FilesUsed, Kept, LEAST, PIECE, Room, Told},
    letters::{Delivery, LetterState, Letters, OutboxRow, Outgoing, Receipt},
    rests::Rests,
    sqlite::{SqliteStore, schema},
    suggestions::{Suggestion, SuggestionState, Suggestions},
    turn::{Added, Answer, Edit, Loaded, Seen, Turn, Turns, Version},
    upkeep::{Looked, Restored, Retention, Upkeep},
    views::{Filter, JourneyView, Line, LinePage, Page, Recording, SessionView, Views, Who},
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
    Ok(match address(url)? {
        Address::Memory => Arc::new(SqliteStore::in_memory().await?),
        Address::File(path) => Arc::new(SqliteStore::open(path).await?),
    })
}

/// Looks through the whole store that an address names, also beside the service that uses it.
pub async fn check(url: &str) -> Result<Looked, StoreError> {
    sqlite::check(file(url)?).await
}

/// Copies the store that an address names into a new file, also beside the service that uses it:
/// all that was acknowledged by then, and nothing of what was deleted. Answers with the size in
/// bytes.
pub async fn backup(url: &str, to: &Path) -> Result<u64, StoreError> {
    sqlite::backup(file(url)?, to).await
}

/// Puts a backup in the place of the store that an address names, which no service may use
/// meanwhile. What was there stays beside it.
pub async fn restore(url: &str, from: &Path) -> Result<Restored, StoreError> {
    sqlite::restore(file(url)?, from).await
}

/// A chat from the store that an address names, also beside the service that uses it. `session` is
/// a session's id or its reference (`IT-4821`), up to whose last line it is read; none when the
/// store has no such session.
pub async fn recording(url: &str, session: &str) -> Result<Option<Recording>, StoreError> {
    sqlite::recording(file(url)?, session).await
}

enum Address<'a> {
    Memory,
    File(&'a str),
}

/// The file of an address that has one.
fn file(url: &str) -> Result<&str, StoreError> {
    match address(url)? {
        Address::File(path) => Ok(path),
        Address::Memory => Err(StoreError::Broken(
            "`memory:` is gone with its service: name a file with --store sqlite:PATH".to_owned(),
        )),
    }
}

fn address(url: &str) -> Result<Address<'_>, StoreError> {
    let refuse = |why: &str| {
        Err(StoreError::Broken(format!("{why}; write `sqlite:PATH`, or `memory:` to keep nothing")))
    };
    let Some((scheme, rest)) = url.split_once(':') else {
        return refuse(&format!("the address `{url}` names no kind of store"));
    };
    match scheme {
        "memory" if rest.trim_matches('/').is_empty() => Ok(Address::Memory),
        "memory" => refuse("`memory:` takes nothing after the colon"),
        "sqlite" if rest.contains('?') => {
            refuse("`sqlite:` takes a path without options after `?`")
        }
        "sqlite" => Ok(Address::File(rest.strip_prefix("//").unwrap_or(rest))),
        // The rest is not shown: it may hold a password.
        "postgres" | "postgresql" => refuse("PostgreSQL is not supported yet by this build"),
        _ => refuse("the address begins with no kind of store that is known"),
    }
}

//! Values on their way into the tables and out of them, and what an error means.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use crate::store::StoreError;

/// Writes a JSON column.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Broken(format!("a value cannot be written as JSON: {error}")))
}

/// Reads a JSON column. What serde says is left out: it may quote what people wrote.
pub(super) fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Broken(format!(
            "{what} in the database cannot be read ({:?} error at column {})",
            error.classify(),
            error.column()
        ))
    })
}

pub(super) fn number<T: TryInto<i64>>(number: T) -> Result<i64, StoreError> {
    number
        .try_into()
        .map_err(|_| StoreError::Broken("a number is too large for the table".to_owned()))
}

pub(super) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number)
        .map_err(|_| StoreError::Broken("a count in the database is negative".to_owned()))
}

pub(super) fn id_of(text: &str) -> Result<Uuid, StoreError> {
    text.parse().map_err(|_| StoreError::Broken("an id in the database is no UUID".to_owned()))
}

/// Runs a statement, answers how many rows it changed.
pub(super) async fn changed(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
) -> Result<u64, StoreError> {
    Ok(query.execute(db).await.map_err(failed)?.rows_affected())
}

/// SQLite's primary result code, without the bits that refine it.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// SQLite has found damage in a file of this process, which has one store. Whoever meets it, the
/// one that writes or one of those that read, has only the error at hand, hence one place for all.
static DAMAGE: AtomicBool = AtomicBool::new(false);

/// Remembers an error that means damage: a corrupt page, or no database at all.
pub(super) fn note_damage(error: &sqlx::Error) {
    if matches!(primary_code(error), Some(11 | 26)) {
        DAMAGE.store(true, Ordering::Relaxed);
    }
}

/// True once damage was met; only a restart looks anew.
pub(super) fn is_damage_known() -> bool {
    DAMAGE.load(Ordering::Relaxed)
}

/// What an error means for the caller. SQLite's messages name tables and columns, never values.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    note_damage(&error);
    match (&error, primary_code(&error)) {
        (sqlx::Error::PoolClosed, _) => closed(),
        // Only lists and reports are interrupted.
        (_, Some(9)) => StoreError::TooLong,
        // Corrupt, constraint, mismatch, misuse, not a database: trying again will not help.
        (_, Some(11 | 19 | 20 | 21 | 26)) => StoreError::Broken(error.to_string()),
        (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_), _) => {
            StoreError::Broken(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

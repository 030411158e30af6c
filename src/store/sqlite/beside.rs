//! What may be done with a database beside the service that uses it: SQLite opens it to read, and
//! nobody's turn waits.

use std::{
    fs::{File, OpenOptions},
    path::Path,
};

use sqlx::{Connection as _, SqliteConnection, query, query_as, query_scalar};

use super::{
    open::{cannot_open, existing, judge_kind, named},
    place::resolved,
    values::primary_code,
};
use crate::store::{Looked, StoreError};

/// Looks through all of a database.
pub(in crate::store) async fn check(path: &str) -> Result<Looked, StoreError> {
    let mut db = open(path).await?;
    let rows: Result<Vec<String>, _> =
        query_scalar("PRAGMA integrity_check").fetch_all(&mut db).await;
    let damage = match rows {
        Ok(rows) if rows == ["ok"] => {
            judge_kind(path, &mut db).await?;
            Vec::new()
        }
        Ok(rows) => rows.iter().flat_map(|row| row.lines()).map(str::to_owned).collect(),
        Err(error) if matches!(primary_code(&error), Some(11 | 26)) => vec![error.to_string()],
        Err(error) => return Err(cannot_open(path, &error)),
    };
    let size = "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size";
    let (pages, page): (i64, i64) = query_as(size).fetch_one(&mut db).await.unwrap_or_default();
    let sessions = query_scalar("SELECT count(*) FROM sessions").fetch_one(&mut db).await;
    let whole = |number: i64| u64::try_from(number).unwrap_or_default();
    let looked = Looked { bytes: whole(pages * page), sessions: sessions.ok().map(whole), damage };
    db.close().await.map_err(|error| cannot_open(path, &error))?;
    Ok(looked)
}

/// So many references may be given out between a backup and its use.
const SINCE_A_BACKUP: i64 = 10_000;

/// Writes a copy of a database as it is at this instant, whole and without what was deleted, into a
/// file that only its owner may read. Answers with its size in bytes. A copy that was not finished
/// is taken away again.
pub(in crate::store) async fn backup(path: &str, to: &Path) -> Result<u64, StoreError> {
    let mut db = open(path).await?;
    judge_kind(path, &mut db).await?;
    let made = write_copy(&mut db, path, to).await;
    db.close().await.map_err(|error| cannot_open(path, &error))?;
    made
}

/// The same of a database that is open.
pub(super) async fn write_copy(
    db: &mut SqliteConnection,
    path: &str,
    to: &Path,
) -> Result<u64, StoreError> {
    let refuse = |why: &std::io::Error| {
        StoreError::Broken(format!("{} cannot be made: {why}", to.display()))
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // SQLite fills an empty file, and would make one that everybody may read.
    options.open(to).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            StoreError::Broken(format!("{} is there already: name a new file", to.display()))
        }
        _ => refuse(&error),
    })?;
    let made = copy(db, path, to).await;
    let synced = made.and_then(|()| {
        let file = File::open(to).map_err(|error| refuse(&error))?;
        file.sync_all().map_err(|error| refuse(&error))?;
        Ok(file.metadata().map_err(|error| refuse(&error))?.len())
    });
    if synced.is_err() {
        // Whatever stands in it is no copy.
        let _ = std::fs::remove_file(to);
    }
    synced
}

async fn copy(db: &mut SqliteConnection, path: &str, to: &Path) -> Result<(), StoreError> {
    let name = resolved(to);
    let Some(name) = name.to_str() else {
        return Err(StoreError::Broken(format!("{} is no name in UTF-8", to.display())));
    };
    query("VACUUM INTO ?").bind(name).execute(db).await.map_err(|error| {
        StoreError::Broken(format!("{path} cannot be copied to {}: {error}", to.display()))
    })?;
    let mut copy = SqliteConnection::connect_with(&existing(to))
        .await
        .map_err(|error| cannot_open(name, &error))?;
    // Whoever puts the copy in the database's place does not know which references were given out
    // since: it goes on well beyond them.
    query(
        "UPDATE counters SET next = ((next + ?) / 1000 + 1) * 1000 + 1 \
         WHERE name = 'reference' AND (SELECT user_version FROM pragma_user_version) = 0",
    )
    .bind(SINCE_A_BACKUP)
    .execute(&mut copy)
    .await
    .map_err(|error| cannot_open(name, &error))?;
    // A copy of this copy is beyond them already; a service that opens it sets it back.
    query("PRAGMA user_version = 1")
        .execute(&mut copy)
        .await
        .map_err(|error| cannot_open(name, &error))?;
    let found: String = query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut copy)
        .await
        .map_err(|error| cannot_open(name, &error))?;
    copy.close().await.map_err(|error| cannot_open(name, &error))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(StoreError::Broken(format!("the copy of {path} is damaged: {found}")))
    }
}

pub(super) async fn open(path: &str) -> Result<SqliteConnection, StoreError> {
    let database = named(path)?;
    if !database.is_file() {
        return Err(StoreError::Broken(format!(
            "there is no {path}: name the service's database with --store sqlite:PATH"
        )));
    }
    SqliteConnection::connect_with(&existing(&database).read_only(true))
        .await
        .map_err(|error| cannot_open(path, &error))
}

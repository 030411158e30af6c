//! Puts a backup in the place of a database that no service uses. What was there stays beside it:
//! nothing is ever written over.

use std::{
    io,
    path::{Path, PathBuf},
};

use sqlx::Connection as _;

use super::{
    beside::{check, open, write_copy},
    open::{cannot_open, judge_version, named},
    place::{Lock, neighbour, resolved},
};
use crate::store::{Restored, StoreError};

/// Copies `from` to `path`, once it is known that this is whole, ours, and not too new. The copy is
/// readable by its owner only, whatever the backup was.
pub(in crate::store) async fn restore(path: &str, from: &Path) -> Result<Restored, StoreError> {
    let database = named(path)?;
    let Some(name) = from.to_str() else {
        return Err(StoreError::Broken(format!("{} is no name in UTF-8", from.display())));
    };
    if !from.is_file() {
        return Err(StoreError::Broken(format!(
            "there is no {name}: name a file that `switchboard store backup` wrote"
        )));
    }
    if resolved(from) == database {
        return Err(StoreError::Broken(format!(
            "{name} is the database itself: name a backup of it"
        )));
    }
    let sessions = sound(name).await?;
    // The service has it for as long as it runs.
    let _lock = Lock::take(&database).await?;
    let beside = neighbour(&database, ".restoring");
    discard(&beside)?;
    let mut backup = open(name).await?;
    let bytes = write_copy(&mut backup, name, &beside).await;
    backup.close().await.map_err(|error| cannot_open(name, &error))?;
    let bytes = bytes?;
    let aside = put_aside(&database)?;
    if let Err(error) = std::fs::rename(&beside, &database) {
        let back = aside.as_deref().map_or(Ok(()), |aside| move_all(aside, &database));
        let hint = if back.is_ok() { "what was there is there again" } else { "look beside it" };
        return Err(StoreError::Broken(format!("{path} cannot be replaced: {error}; {hint}")));
    }
    settle(&database).map_err(|error| {
        StoreError::Broken(format!(
            "{path} was replaced, but that may not outlast a power cut: {error}"
        ))
    })?;
    Ok(Restored { bytes, sessions, aside })
}

/// Refuses what cannot be restored; answers how many sessions there are.
async fn sound(name: &str) -> Result<u64, StoreError> {
    let looked = check(name).await?;
    if let Some(damage) = looked.damage.first() {
        return Err(StoreError::Broken(format!(
            "{name} is damaged ({damage}): restore another backup; `switchboard store check --store sqlite:{name}` tells all of it"
        )));
    }
    let Some(sessions) = looked.sessions else {
        return Err(StoreError::Broken(format!(
            "{name} is no backup of Switchboard: it has no sessions' table; name a file that `switchboard store backup` wrote"
        )));
    };
    let mut db = open(name).await?;
    let judged = judge_version(name, &mut db).await;
    db.close().await.map_err(|error| cannot_open(name, &error))?;
    judged.map(|()| sessions)
}

/// Takes away what a restore left that was cut off.
fn discard(beside: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let file = neighbour(beside, ending);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::Broken(format!(
                    "{} is in the way and cannot be removed: {error}",
                    file.display()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives what is there another name, with its log; none when nothing is there.
fn put_aside(database: &Path) -> Result<Option<PathBuf>, StoreError> {
    let is_there = |base: &Path| ["", "-wal"].iter().any(|end| neighbour(base, end).exists());
    if !is_there(database) {
        return Ok(None);
    }
    let free = (1..)
        .map(|number| neighbour(database, &format!(".before-{number}")))
        .find(|name| !is_there(name));
    let Some(aside) = free else { return Ok(None) };
    move_all(database, &aside).map_err(|error| {
        StoreError::Broken(format!("{} cannot be put aside: {error}", database.display()))
    })?;
    Ok(Some(aside))
}

/// Moves a database and its log, which is a part of it. Its index is made anew.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for ending in ["-wal", ""] {
        match std::fs::rename(neighbour(from, ending), neighbour(to, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match std::fs::remove_file(neighbour(from, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The new name is on the disk.
fn settle(database: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = database.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = database;
    Ok(())
}

//! The files of the store in memory.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::{
    model::{FileId, SessionId},
    store::{FileBytes, FileRow, StoreError, Told},
};

/// All files that were not swept away.
#[derive(Default)]
pub(super) struct Files(HashMap<FileId, Kept>);

struct Kept {
    row: FileRow,
    bytes: Option<Vec<u8>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Wanted,
    Ready,
    Failed,
}

impl Files {
    /// Refuses what [`Files::add`] and [`Files::told`] cannot do.
    pub(super) fn check(&self, new: &[FileRow], told: &[Told]) -> Result<(), StoreError> {
        let is_wanted =
            |told: &Told| self.0.get(&told.file).is_some_and(|kept| kept.state == State::Wanted);
        if !told.iter().all(is_wanted) {
            return Err(StoreError::Conflict);
        }
        match new.iter().find(|file| self.0.contains_key(&file.id)) {
            Some(file) => {
                Err(StoreError::Broken(format!("the file {} is stored already", file.id)))
            }
            None => Ok(()),
        }
    }

    /// Adds a file that is to be carried.
    pub(super) fn add(&mut self, file: FileRow) {
        self.0.insert(file.id, Kept { row: file, bytes: None, state: State::Wanted });
    }

    /// Somebody was told of it.
    pub(super) fn told(&mut self, told: Told) {
        let Some(kept) = self.0.get_mut(&told.file) else { return };
        kept.row.url = None;
        kept.state = if told.ready { State::Ready } else { State::Failed };
        if !told.ready {
            kept.bytes = None;
        }
    }

    /// Those that are on their way, the oldest first.
    pub(super) fn wanted(&self) -> Vec<FileRow> {
        let mut rows: Vec<FileRow> = self
            .0
            .values()
            .filter(|kept| kept.state == State::Wanted)
            .map(|kept| kept.row.clone())
            .collect();
        rows.sort_by_key(|row| (row.created, row.id));
        rows
    }

    /// Keeps the bytes of one that is on its way.
    pub(super) fn keep(&mut self, id: FileId, name: String, content_type: String, bytes: Vec<u8>) {
        let Some(kept) = self.0.get_mut(&id).filter(|kept| kept.state == State::Wanted) else {
            return;
        };
        kept.row.size = u64::try_from(bytes.len()).ok();
        (kept.row.name, kept.row.content_type, kept.row.url, kept.bytes) =
            (name, content_type, None, Some(bytes));
    }

    /// One that can be read.
    pub(super) fn read(&self, id: FileId) -> Option<FileBytes> {
        let kept = self.0.get(&id).filter(|kept| kept.state == State::Ready)?;
        let (name, content_type, bytes) =
            (kept.row.name.clone(), kept.row.content_type.clone(), kept.bytes.clone()?);
        Some(FileBytes { name, content_type, expires: kept.row.expires, bytes })
    }

    /// Removes what has expired, and what belongs to no session that is there.
    pub(super) fn forget(
        &mut self,
        now: Timestamp,
        is_session: &dyn Fn(&SessionId) -> bool,
    ) -> u64 {
        let before = self.0.len();
        let is_over = |kept: &Kept| kept.state != State::Wanted && kept.row.expires <= now;
        self.0.retain(|_, kept| !is_over(kept) && is_session(&kept.row.session));
        u64::try_from(before - self.0.len()).unwrap_or_default()
    }
}

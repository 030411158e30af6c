//! Upkeep: what is swept away, and whether the store works.

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;

use super::error::StoreError;
use crate::model::TenantId;

/// Keeps the store small and tells how it is.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// Removes dedupe keys that expired before `now`; answers how many.
    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Removes versions that were stored before `before` and that nobody can go on with; answers
    /// how many. What stays: every version of a session in a live state, and those of the other
    /// sessions of its journey, to which a transfer may be undone or return. A version that was
    /// forgotten can be committed again.
    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes threads whose session ended before `before`; answers how many. One that belongs to
    /// no session (a side question) goes when every session of its guest's conversation ended
    /// before.
    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes files that expired before `now` and are not on their way, and all whose session is
    /// not there; answers how many.
    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Removes a portion of what is kept long enough: sessions with all that was said in them, their
    /// letters, files and threads, proposals, and conversations of which nothing is left. Answers how
    /// much of it went; none when nothing more is to go. Never what is live, or may go on again.
    async fn forget_portion(&self, retention: &Retention) -> Result<u64, StoreError>;

    /// Sees to it that nothing that was removed can be read in the store's files. False when
    /// something else comes first: ask again later.
    async fn scrub(&self) -> Result<bool, StoreError>;

    /// Answers when the store works: something was written and read again in the last few seconds,
    /// no commit has failed lately, and its files lie where they were opened.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what was accepted and closes; all later calls are [`StoreError::Unavailable`].
    async fn close(&self);
}

/// Until when what has ended is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Of each department: what ended before goes.
    pub departments: Vec<(TenantId, Timestamp)>,
    /// The same for departments that are no more, and for what belongs to none.
    pub others: Timestamp,
    /// A journey of which something ended at this instant or later may go on: all of it stays.
    pub settled: Timestamp,
}

impl Retention {
    /// The instant of a department.
    pub(super) fn of(&self, tenant: &str) -> Timestamp {
        let known = self.departments.iter().find(|(known, _)| known.as_str() == tenant);
        known.map_or(self.others, |(_, before)| *before)
    }
}

/// A backup that was put in a database's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The size of the database now.
    pub bytes: u64,
    /// How many sessions it holds.
    pub sessions: u64,
    /// What was there before has this name now; none when nothing was there.
    pub aside: Option<PathBuf>,
}

/// What was found in a store that was looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its size in bytes.
    pub bytes: u64,
    /// How many sessions are in it; none when they cannot be counted.
    pub sessions: Option<u64>,
    /// What is damaged, a line each; empty when all is well.
    pub damage: Vec<String>,
}

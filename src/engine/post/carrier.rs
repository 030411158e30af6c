//! The files that turns want carried, until somebody does it, and where they may be had.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use dashmap::DashSet;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;

use super::links::Links;
use crate::{
    model::{File, FileId, Loss},
    store::{FileRow, Room},
    teams::download::Downloads,
};

/// How much is carried, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Of what one person sends within a day.
    pub person: u64,
    /// Of all that can be read.
    pub store: u64,
}

/// A person may send their bytes within so long.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What carries files.
pub struct Carrier {
    pub(in crate::engine) downloads: Downloads,
    /// None where there is no address under which people could read them: then nothing is carried.
    links: Option<Links>,
    quotas: Quotas,
    /// Files that were not carried since the start because their sender had sent too much, or
    /// because there was no room.
    refused: (AtomicU64, AtomicU64),
    queue: mpsc::UnboundedSender<FileRow>,
    queued: Mutex<Option<mpsc::UnboundedReceiver<FileRow>>>,
    under_way: DashSet<FileId>,
}

impl Carrier {
    /// Carries nothing yet; without `links` never.
    pub fn new(downloads: Downloads, links: Option<Links>, quotas: Quotas) -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        Carrier {
            downloads,
            links,
            quotas,
            refused: (AtomicU64::new(0), AtomicU64::new(0)),
            queue,
            queued: Mutex::new(Some(queued)),
            under_way: DashSet::new(),
        }
    }

    /// Links, where there are any.
    pub fn links(&self) -> Option<&Links> {
        self.links.as_ref()
    }

    /// How much is carried.
    pub fn quotas(&self) -> Quotas {
        self.quotas
    }

    /// How many files were not carried since the start: because of their sender's day, and for want
    /// of room.
    pub fn refusals(&self) -> (u64, u64) {
        (self.refused.0.load(Ordering::Relaxed), self.refused.1.load(Ordering::Relaxed))
    }

    /// Notes that a file was not carried for want of room.
    pub(in crate::engine) fn refused(&self, loss: Loss) {
        let is_store = loss == Loss::StoreFull;
        let count = if is_store { &self.refused.1 } else { &self.refused.0 };
        count.fetch_add(1, Ordering::Relaxed);
        if is_store {
            tracing::warn!(
                "there is no room for files: SWITCHBOARD_FILES_MB says how much, GET /api/v1/files what is taken"
            );
        }
    }

    /// The room for a file that comes now.
    pub(in crate::engine) fn room(&self, now: Timestamp) -> Room {
        let Quotas { person, store } = self.quotas;
        Room { person, store, since: now.checked_sub(DAY).unwrap_or(now) }
    }

    /// True for a file that can be fetched and read by somebody.
    pub(in crate::engine) fn can_carry(&self, file: &File) -> bool {
        self.links.is_some() && self.downloads.allows(file.url.expose_secret(), file.kind)
    }

    /// Hands over what was committed.
    pub(in crate::engine) fn push(&self, files: Vec<FileRow>) {
        for file in files {
            if self.under_way.insert(file.id) {
                // Nobody listens when the process ends; the next one finds it.
                let _ = self.queue.send(file);
            }
        }
    }

    /// The files that are to be carried from now on; whoever asks first gets them.
    pub(in crate::engine) fn queued(&self) -> Option<mpsc::UnboundedReceiver<FileRow>> {
        self.queued.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Nobody carries it any more.
    pub(in crate::engine) fn put_down(&self, file: FileId) {
        self.under_way.remove(&file);
    }
}

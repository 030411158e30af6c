//! The files that turns want carried, until somebody does it, and where they may be had.

use std::sync::{Mutex, PoisonError};

use dashmap::DashSet;
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;

use super::links::Links;
use crate::{
    model::{File, FileId},
    store::FileRow,
    teams::download::Downloads,
};

/// What carries files.
pub struct Carrier {
    pub(in crate::engine) downloads: Downloads,
    /// None where there is no address under which people could read them: then nothing is carried.
    links: Option<Links>,
    queue: mpsc::UnboundedSender<FileRow>,
    queued: Mutex<Option<mpsc::UnboundedReceiver<FileRow>>>,
    under_way: DashSet<FileId>,
}

impl Carrier {
    /// Carries nothing yet; without `links` never.
    pub fn new(downloads: Downloads, links: Option<Links>) -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        Carrier {
            downloads,
            links,
            queue,
            queued: Mutex::new(Some(queued)),
            under_way: DashSet::new(),
        }
    }

    /// Links, where there are any.
    pub fn links(&self) -> Option<&Links> {
        self.links.as_ref()
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

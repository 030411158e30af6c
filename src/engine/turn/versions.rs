//! Pipelines of other days. A session finishes on the version that it began with, whatever becomes
//! of the files; the store keeps the sources, and what was compiled once is kept here while it is
//! used.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use dashmap::{DashMap, DashSet};
use jiff::SignedDuration;

use crate::{
    company::{self, DeskSettings, Was},
    engine::running::Running,
    model::{Conversation, Moment, SessionId, TenantId},
    pipeline::{Pinned, directory::Directory, playbook::Edition},
    store::{Store, StoreError, Version},
};

/// Compiled versions kept; more than this many at once in use are compiled again.
const MOST: usize = 64;

/// How often the store is asked to let versions go.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What the sessions of a journey stand on beside today's files.
#[derive(Default)]
pub(super) struct OtherDays {
    /// Pipelines, and departments that are gone.
    pub(super) pinned: Pinned,
    /// Desks of departments that are gone or disabled, for the chats that finish there.
    pub(super) desks: BTreeMap<TenantId, DeskSettings>,
}

pub(super) struct Versions {
    store: Arc<dyn Store>,
    compiled: DashMap<Edition, Was>,
    /// What this process knows to be stored.
    stored: DashSet<Edition>,
    /// When the store was last asked to let some go.
    forgotten: Mutex<Option<Moment>>,
}

impl Versions {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Versions {
            store,
            compiled: DashMap::new(),
            stored: DashSet::new(),
            forgotten: Mutex::new(None),
        }
    }

    /// What sessions of this chat stand on, as far as it is not today's.
    pub(super) async fn other_days(
        &self,
        running: &Running,
        conversation: &Conversation,
    ) -> Result<OtherDays, StoreError> {
        let directory = &running.company.directory;
        let mut days = OtherDays::default();
        for session in conversation.sessions() {
            let today = directory.tenant(&session.tenant);
            let name: Edition = (session.tenant.clone(), session.pipeline_version.clone());
            if today.is_some_and(|tenant| tenant.version == name.1)
                || days.pinned.pipelines.contains_key(&name)
            {
                continue;
            }
            let Some(was) = self.version(directory, &name).await? else { continue };
            if today.is_none() {
                days.pinned.gone.insert(name.clone(), was.tenant.clone());
            }
            if session.state.is_live() && directory.is_departed(&session.tenant) {
                days.desks.extend(was.desk.clone().map(|desk| (session.tenant.clone(), desk)));
            }
            days.pinned.pipelines.insert(name, was.pipelines);
        }
        Ok(days)
    }

    async fn version(&self, today: &Directory, name: &Edition) -> Result<Option<Was>, StoreError> {
        if let Some(known) = self.compiled.get(name) {
            return Ok(Some(known.clone()));
        }
        let Some(source) = self.store.version(&name.0, &name.1).await? else { return Ok(None) };
        let (id, today) = (name.0.clone(), today.clone());
        let read =
            tokio::task::spawn_blocking(move || company::department_of(&id, &source, &today));
        let Some(was) = read.await.ok().flatten() else { return Ok(None) };
        if self.compiled.len() >= MOST {
            self.compiled.clear();
        }
        self.compiled.insert(name.clone(), was.clone());
        Ok(Some(was))
    }

    /// The versions that this turn's sessions began on and that the store may not have.
    pub(super) fn to_keep(
        &self,
        running: &Running,
        conversation: &Conversation,
        changed: &[SessionId],
    ) -> Vec<Version> {
        let mut versions: Vec<Version> = Vec::new();
        for session in conversation.sessions() {
            let Some(tenant) = running
                .company
                .directory
                .tenant(&session.tenant)
                .filter(|tenant| tenant.version == session.pipeline_version)
            else {
                continue;
            };
            let name = (session.tenant.clone(), session.pipeline_version.clone());
            if changed.contains(&session.id)
                && !self.stored.contains(&name)
                && !versions.iter().any(|version| version.tenant == name.0)
            {
                versions.push(Version {
                    tenant: name.0,
                    version: name.1,
                    source: tenant.source.to_string(),
                });
            }
        }
        versions
    }

    /// These are stored now.
    pub(super) fn kept(&self, names: Vec<Edition>) {
        if self.stored.len() > 10_000 {
            self.stored.clear();
        }
        for name in names {
            self.stored.insert(name);
        }
    }

    /// True once an hour: letting go looks at every open journey.
    pub(super) fn is_time_to_forget(&self, now: Moment) -> bool {
        let mut latest = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = latest.is_none_or(|latest| now.duration_since(latest) >= FORGET_EVERY);
        if is_time {
            *latest = Some(now);
        }
        is_time
    }

    /// The store has let some go: nothing is taken for stored any more.
    pub(super) fn forget(&self) {
        self.stored.clear();
        self.compiled.clear();
    }
}

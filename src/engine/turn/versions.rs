//! Pipelines of other days. A session finishes on the version that it began with, whatever becomes
//! of the files; the store keeps the sources, and what was compiled once is kept here while it is
//! used.

use std::sync::{Arc, Mutex, PoisonError};

use dashmap::{DashMap, DashSet};
use jiff::SignedDuration;

use crate::{
    company,
    engine::running::Running,
    model::{Conversation, Moment, SessionId, TenantId},
    pipeline::{Pinned, playbook::Pipelines},
    store::{Store, StoreError, Version},
};

/// Compiled versions kept; more than this many at once in use are compiled again.
const MOST: usize = 64;

/// How often the store is asked to let versions go.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

type Name = (TenantId, String);

pub(super) struct Versions {
    store: Arc<dyn Store>,
    compiled: DashMap<Name, Arc<Pipelines>>,
    /// What this process knows to be stored.
    stored: DashSet<Name>,
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

    /// The versions on which sessions of this chat stand, as far as they are not today's.
    pub(super) async fn pinned(
        &self,
        running: &Running,
        conversation: &Conversation,
    ) -> Result<Pinned, StoreError> {
        let mut pinned = Pinned::new();
        for session in conversation.sessions() {
            let Some(tenant) = running.company.directory.tenant(&session.tenant) else { continue };
            let name: Name = (session.tenant.clone(), session.pipeline_version.clone());
            if tenant.version == name.1 || pinned.contains_key(&name) {
                continue;
            }
            let known = self.compiled.get(&name).map(|pipelines| pipelines.clone());
            let pipelines = match known {
                Some(pipelines) => pipelines,
                None => {
                    let Some(source) = self.store.version(&name.0, &name.1).await? else {
                        continue;
                    };
                    let compiled =
                        tokio::task::spawn_blocking(move || company::pipelines_of(&source))
                            .await
                            .ok()
                            .flatten();
                    let Some(pipelines) = compiled.map(Arc::new) else { continue };
                    if self.compiled.len() >= MOST {
                        self.compiled.clear();
                    }
                    self.compiled.insert(name.clone(), pipelines.clone());
                    pipelines
                }
            };
            pinned.insert(name, pipelines);
        }
        Ok(pinned)
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
    pub(super) fn kept(&self, names: Vec<Name>) {
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

//! Floor 1: the decision. Pure: no clock, no chance, no input or output, no logging.

pub mod answers;
pub mod brief;
pub mod check;
pub mod desk;
pub mod expr;
mod files;
pub mod language;
mod machine;
pub mod playbook;
pub mod scope;
pub mod sharing;
pub mod stage;
pub mod stages;
pub mod transfer;

use jiff::Timestamp;

pub use machine::{Outcome, due, is_command, step, welcome};

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{Guest, LetterId, Session, SessionId, TenantId, locale::speaks_to};
use playbook::{Pipelines, Playbook, Tenant};

/// What a decision may look at, read-only.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The company.
    pub playbook: &'a Playbook,
    /// Pipelines of other days, on which sessions that began then finish.
    pub pinned: &'a Pinned,
    /// Who writes.
    pub guest: &'a Guest,
    /// The instant.
    pub now: Timestamp,
    /// New ids, numbers and nonces.
    pub fresh: &'a dyn Fresh,
    /// The desks, as they are now.
    pub desks: &'a dyn desk::Desks,
    /// The words of the message that is decided on as Markdown, when whoever wrote it formatted
    /// them: for whoever reads them now. What is kept is plain.
    pub formatted: Option<&'a str>,
    /// The departments' FAQs, as they are now.
    pub answers: &'a dyn answers::Answers,
}

/// Where new ids come from: the engine's are random and sorted by time, a test's are counted.
pub trait Fresh {
    /// A new session's id.
    fn session(&self) -> SessionId;
    /// A new journey's id.
    fn journey(&self) -> crate::model::JourneyId;
    /// A new letter's id.
    fn letter(&self) -> LetterId;
    /// The number of a new reference (`IT-4821`), never used before.
    fn number(&self) -> u64;
    /// A secret that nobody can guess.
    fn nonce(&self) -> String;
}

/// Pipelines by tenant and version.
pub type Pinned = BTreeMap<(TenantId, String), Arc<Pipelines>>;

impl<'a> Facts<'a> {
    /// The pipelines of a session: those that it began on.
    pub fn pipelines(&self, session: &Session) -> Option<&'a Pipelines> {
        let tenant = self.playbook.tenant(&session.tenant)?;
        if tenant.version == session.pipeline_version {
            return Some(&tenant.pipelines);
        }
        self.pinned
            .get(&(session.tenant.clone(), session.pipeline_version.clone()))
            .map(|pinned| &**pinned)
    }

    /// The locale to speak in: the guest's, else the tenant's.
    pub fn locale(&self, tenant: &'a Tenant) -> &'a str {
        speaks_to(self.guest, &tenant.locale)
    }
}

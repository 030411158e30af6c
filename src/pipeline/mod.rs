//! Floor 1: the decision. Pure: no clock, no chance, no input or output, no logging.

pub mod check;
pub mod expr;
mod machine;
pub mod phrases;
pub mod playbook;
pub mod scope;
pub mod stage;
pub mod stages;
pub mod text;
pub mod transfer;

use jiff::Timestamp;

pub use machine::{Outcome, step, welcome};

use crate::model::{Guest, LetterId, SessionId};
use playbook::{Playbook, Tenant};

/// What a decision may look at, read-only.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The company.
    pub playbook: &'a Playbook,
    /// Who writes.
    pub guest: &'a Guest,
    /// The instant.
    pub now: Timestamp,
    /// New ids, numbers and nonces.
    pub fresh: &'a dyn Fresh,
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

impl<'a> Facts<'a> {
    /// The locale to speak in: the guest's, else the tenant's.
    pub fn locale(&self, tenant: &'a Tenant) -> &'a str {
        self.guest.locale.as_deref().filter(|locale| !locale.is_empty()).unwrap_or(&tenant.locale)
    }
}

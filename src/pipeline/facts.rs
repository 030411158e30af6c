//! What a decision may look at: the company, the guest, the desks, the instant, new ids.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    answers::Answers,
    directory::{Directory, Tenant},
};
use crate::model::{Agent, Guest, JourneyId, LetterId, SessionId, TenantId, locale::speaks_to};

/// What a decision may look at, read-only.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The company.
    pub directory: &'a Directory,
    /// Who writes.
    pub guest: &'a Guest,
    /// The instant.
    pub now: Timestamp,
    /// New ids, numbers and nonces.
    pub fresh: &'a dyn Fresh,
    /// The desks, as they are now.
    pub desks: &'a dyn Desks,
    /// The words of the message that is decided on as Markdown, when whoever wrote it formatted
    /// them: for whoever reads them now. What is kept is plain.
    pub formatted: Option<&'a str>,
    /// The departments' FAQs, as they are now.
    pub answers: &'a dyn Answers,
}

/// Where new ids come from: the engine's are random and sorted by time, a test's are counted.
pub trait Fresh {
    /// A new session's id.
    fn session(&self) -> SessionId;
    /// A new journey's id.
    fn journey(&self) -> JourneyId;
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
        speaks_to(self.guest, &tenant.locale)
    }
}

/// What a decision may know of the desks at this moment.
pub trait Desks {
    /// True when somebody can be told: a channel is connected, or an agent is available.
    fn is_reachable(&self, tenant: &TenantId) -> bool;
    /// True when somebody works there to whom the bot can write, also one who is away for a while.
    fn is_staffed(&self, tenant: &TenantId) -> bool {
        self.is_reachable(tenant)
            || self.people(tenant).is_some_and(|people| !people.agents.is_empty())
    }
    /// The desk of a tenant whose agents work in personal chats; none for one in a channel.
    fn people(&self, tenant: &TenantId) -> Option<People>;
    /// Who has done something in the threads of a tenant's channel before, the latest first: a chat
    /// there can be handed to them.
    fn colleagues(&self, tenant: &TenantId) -> Vec<Agent>;
    /// How many sessions of the tenant wait for longer than this one.
    fn ahead(&self, tenant: &TenantId, session: SessionId) -> usize;
    /// How long one chat usually takes until the next can be taken; none without evidence.
    fn pace(&self, tenant: &TenantId) -> Option<Duration>;
}

/// A desk of personal chats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// One is asked after the other; else all at once.
    pub hunt: bool,
    /// The most chats of one agent.
    pub most: u32,
    /// Those of the tenant's agents whom the bot can write to, as the file lists them.
    pub agents: Vec<Person>,
}

/// An agent of a desk of personal chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As the tenant's file names them, in lower case.
    pub id: String,
    /// Their Entra object id, by which they are known at every desk; none where nobody said it.
    pub object_id: Option<String>,
    /// Their user principal name, where it is known.
    pub upn: Option<String>,
    /// What they are called.
    pub name: String,
    /// True unless they have said that they are away.
    pub available: bool,
    /// When they last said that they are available, since they last said the opposite: outside of a
    /// department's hours only whoever said so since it closed is offered chats.
    pub said: Option<Timestamp>,
    /// Nothing can be delivered to them: they blocked or removed the app.
    pub lost: bool,
    /// How many chats they have.
    pub load: u32,
}

impl Person {
    /// True when another chat can be offered.
    pub(super) fn is_free(&self, most: u32) -> bool {
        self.available && self.load < most
    }

    /// True when they may be sent chats by that department now: at night only if they asked for it.
    pub(super) fn is_up(&self, tenant: &Tenant, now: Timestamp) -> bool {
        let Some(hours) = tenant.hours.as_ref().filter(|hours| !hours.is_open(now)) else {
            return true;
        };
        self.said.is_some_and(|said| {
            !hours.is_open(said) && hours.next_open(said).is_none_or(|opens| opens > now)
        })
    }
}

/// Where there are no desks.
pub struct NoDesks;

impl Desks for NoDesks {
    fn is_reachable(&self, _: &TenantId) -> bool {
        false
    }
    fn people(&self, _: &TenantId) -> Option<People> {
        None
    }
    fn colleagues(&self, _: &TenantId) -> Vec<Agent> {
        Vec::new()
    }
    fn ahead(&self, _: &TenantId, _: SessionId) -> usize {
        0
    }
    fn pace(&self, _: &TenantId) -> Option<Duration> {
        None
    }
}

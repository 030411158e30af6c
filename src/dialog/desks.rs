//! The desks of a dialog.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    company::Company,
    model::{Agent, Journey, SessionId, TenantId, Voice},
    pipeline::facts::{self, People, Person},
};

/// Every department that has a desk is reached, unless the dialog says otherwise.
#[derive(Clone, Default)]
pub(super) struct Desks {
    reachable: BTreeSet<TenantId>,
    people: BTreeMap<TenantId, People>,
    /// Who did something in the threads of a channel.
    voices: BTreeMap<TenantId, Vec<Voice>>,
}

impl Desks {
    /// All desks of a company are reached.
    pub(super) fn of(company: &Company) -> Self {
        let with_desk = company
            .tenants
            .iter()
            .filter(|(_, settings)| settings.desk.as_ref().is_some_and(|desk| !desk.people));
        let people = company.tenants.iter().filter_map(|(id, settings)| {
            Some((id, settings.desk.as_ref().filter(|desk| desk.people)?))
        });
        let people = people.map(|(id, settings)| {
            let person = |agent: &String| {
                let name = agent.split('@').next().unwrap_or_default().to_owned();
                Person {
                    id: agent.clone(),
                    object_id: None,
                    upn: None,
                    name,
                    available: true,
                    said: None,
                    lost: false,
                    load: 0,
                }
            };
            let agents = settings.agents.iter().map(person).collect();
            (id.clone(), People { hunt: settings.hunt, most: settings.chats_per_agent, agents })
        });
        let reachable = with_desk.map(|(id, _)| id.clone()).collect();
        Desks { reachable, people: people.collect(), voices: BTreeMap::new() }
    }

    /// Who `Ann` is: the agent of that name in a tenant's file, else her name.
    pub(super) fn agent_id(&self, name: &str) -> String {
        let name = name.to_lowercase();
        let all = self.people.values().flat_map(|people| &people.agents);
        all.map(|person| &person.id)
            .find(|id| id.split('@').next() == Some(name.as_str()))
            .cloned()
            .unwrap_or(name)
    }

    /// An agent with personal chats comes or goes.
    pub(super) fn set_available(&mut self, name: &str, is_available: bool, now: Timestamp) {
        let id = self.agent_id(name);
        let all = self.people.values_mut().flat_map(|people| &mut people.agents);
        for person in all.filter(|person| person.id == id) {
            (person.available, person.said) = (is_available, is_available.then_some(now));
        }
    }

    /// A department's channel is connected, or not any more.
    pub(super) fn connect(&mut self, tenant: &str, is_connected: bool) {
        let tenant = TenantId::from(tenant);
        if is_connected {
            self.reachable.insert(tenant);
        } else {
            self.reachable.remove(&tenant);
        }
    }

    /// Remembers who did something in the threads.
    pub(super) fn note(&mut self, journey: &Journey) {
        for session in &journey.sessions {
            let voices = self.voices.entry(session.tenant.clone()).or_default();
            voices.extend(session.voices.iter().cloned());
        }
    }
}

impl facts::Desks for Desks {
    fn is_reachable(&self, tenant: &TenantId) -> bool {
        match self.people.get(tenant) {
            Some(people) => people.agents.iter().any(|person| person.available),
            None => self.reachable.contains(tenant),
        }
    }
    fn people(&self, tenant: &TenantId) -> Option<People> {
        self.people.get(tenant).cloned()
    }
    fn colleagues(&self, tenant: &TenantId) -> Vec<Agent> {
        self.voices.get(tenant).map(|voices| Voice::newest(voices)).unwrap_or_default()
    }
    fn ahead(&self, _: &TenantId, _: SessionId) -> usize {
        0
    }
    fn pace(&self, _: &TenantId) -> Option<Duration> {
        None
    }
}

//! The desks as a decision may look at them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{EVIDENCE, Known, Roster};
use crate::{
    company::{Company, DeskSettings},
    model::{Agent, ConversationId, SessionId, TenantId, Voice},
    pipeline::facts::{self, People, Person},
    store::AgentRow,
};

/// The desks as a decision sees them: what is known, and what the files say.
pub(in crate::engine) struct View<'a> {
    pub desks: &'a Roster,
    pub company: &'a Company,
    /// Desks of departments that are gone or disabled, as they were for the chats that finish there.
    pub former: &'a BTreeMap<TenantId, DeskSettings>,
}

impl View<'_> {
    /// The guests whose chat or offer is with somebody who is no agent there any more, or where the
    /// desk is no longer; and those of departments that are gone or disabled, whose desk may be gone
    /// too.
    pub(in crate::engine) fn out_of_line(&self) -> Vec<ConversationId> {
        let is_agent = |tenant: &TenantId, agent: &str| {
            let desk = self.settings(tenant).filter(|desk| desk.people);
            desk.is_some_and(|desk| desk.agents.iter().any(|name| name == agent))
                && self.desks.agent(agent).is_some_and(|row| !row.lost)
        };
        let is_wrong = |known: &Known| {
            let of = &known.tenant;
            if self.company.directory.is_departed(of) {
                return true;
            }
            let is_people = self.settings(of).is_some_and(|desk| desk.people);
            let is_lost = known.owner.as_ref().is_some_and(|owner| {
                if known.in_person { !is_agent(of, owner) } else { is_people }
            });
            is_lost
                || (known.in_thread && is_people)
                || known.asked.iter().any(|agent| !is_agent(of, agent))
        };
        let memory = self.desks.memory();
        let wrong = memory.known.values().filter(|known| is_wrong(known));
        wrong.map(|known| known.conversation.clone()).collect()
    }

    /// The guests who wait at a desk of personal chats where somebody can be asked who was not, the
    /// longest first.
    pub(in crate::engine) fn could_be_offered(&self) -> Vec<ConversationId> {
        let mut found = Vec::new();
        for (tenant, settings) in &self.company.tenants {
            let Some(people) = facts::Desks::people(self, tenant) else { continue };
            let free = |person: &&Person| person.available && person.load < people.most;
            let free: Vec<&str> = people.agents.iter().filter(free).map(|it| &*it.id).collect();
            let hunt = settings.desk.as_ref().is_some_and(|desk| desk.hunt);
            let memory = self.desks.memory();
            let waits = memory.known.values().filter(|known| {
                let is_asked = |id: &&str| known.asked.iter().any(|asked| asked == id);
                let has_offer = hunt && !known.left && !known.asked.is_empty();
                let of_all = if known.left { people.agents.len() } else { free.len() };
                known.tenant == *tenant
                    && known.owner.is_none()
                    && !has_offer
                    && (known.left && known.asked.len() < of_all || !free.iter().all(is_asked))
            });
            found.extend(waits.map(|known| (known.since, known.conversation.clone())));
        }
        found.sort();
        found.into_iter().map(|(_, conversation)| conversation).collect()
    }

    fn settings(&self, tenant: &TenantId) -> Option<&DeskSettings> {
        let today = || self.company.tenants.get(tenant)?.desk.as_ref();
        self.former.get(tenant).or_else(today)
    }
}

impl facts::Desks for View<'_> {
    fn is_reachable(&self, tenant: &TenantId) -> bool {
        match self.settings(tenant).filter(|desk| desk.people) {
            Some(desk) => desk
                .agents
                .iter()
                .any(|agent| self.desks.agent(agent).is_some_and(|row| row.available)),
            None => self.desks.connected.get(tenant).is_some_and(|desk| desk.broken.is_none()),
        }
    }

    fn people(&self, tenant: &TenantId) -> Option<People> {
        let settings = self.settings(tenant).filter(|desk| desk.people)?;
        let rows = settings.agents.iter().filter_map(|agent| self.desks.agent(agent));
        let rows: Vec<Arc<AgentRow>> = rows.collect();
        let person = |(at, row): (usize, &Arc<AgentRow>)| {
            let name = row
                .name
                .as_deref()
                .filter(|name| !name.trim().is_empty())
                .unwrap_or(&row.id)
                .to_owned();
            // Whom a file names twice is asked once.
            let is_again = rows.iter().take(at).any(|one| one.conversation == row.conversation);
            // Their chats under every name are theirs.
            let names = self.desks.agents_in(&row.conversation);
            let is_theirs = |owner: &str| names.iter().any(|row| row.id == owner);
            let memory = self.desks.memory();
            let owners = memory.known.values().filter_map(|known| known.owner.as_deref());
            let load = u32::try_from(owners.filter(|owner| is_theirs(owner)).count());
            Person {
                id: row.id.clone(),
                object_id: row.reference.user.aad_object_id.clone(),
                upn: names.iter().map(|row| row.id.clone()).find(|name| name.contains('@')),
                name,
                available: row.available && !is_again,
                said: row.said,
                lost: row.lost,
                load: load.unwrap_or(u32::MAX),
            }
        };
        let agents = rows.iter().enumerate().map(person).collect();
        Some(People { hunt: settings.hunt, most: settings.chats_per_agent, agents })
    }

    fn colleagues(&self, tenant: &TenantId) -> Vec<Agent> {
        self.desks
            .memory()
            .voices
            .get(tenant)
            .map(|voices| Voice::newest(voices))
            .unwrap_or_default()
    }

    fn ahead(&self, tenant: &TenantId, session: SessionId) -> usize {
        let memory = self.desks.memory();
        let Some(waiting) = memory.waiting.get(tenant) else { return 0 };
        // One that is not noted yet comes last.
        waiting.iter().position(|(_, id)| *id == session).unwrap_or(waiting.len())
    }

    fn pace(&self, tenant: &TenantId) -> Option<Duration> {
        let memory = self.desks.memory();
        let paces = memory.paces.get(tenant).filter(|paces| paces.len() >= EVIDENCE)?;
        // As many are served at once as have an agent now.
        let owned = memory
            .known
            .values()
            .filter(|known| known.tenant == *tenant && known.owner.is_some())
            .count()
            .max(1);
        let mean = paces.iter().sum::<u64>() / paces.len() as u64;
        Some(Duration::from_secs(mean / owned as u64))
    }
}

//! The brief: the card with which a chat stands at a desk.

use serde_json::{Value, json};

use super::{
    desk::DESK,
    language::fill,
    playbook::Tenant,
    scope,
    stage::{Cx, object},
    transfer::policy,
};
use crate::model::{Agent, Card, Shown, Token, Verdict, Voice, Words};

/// The most colleagues whom a card offers.
const MOST_COLLEAGUES: usize = 20;

impl Cx<'_> {
    /// The brief: who, what, from where, with what; and what can be done. With `over`, only why
    /// nothing can.
    pub(super) fn brief(&self, over: Option<&Words>) -> Card {
        let phrases = self.desk_phrases();
        let (labels, session) = (phrases.desk, self.session());
        let guest = self.guest_name();
        let help = session.help.as_ref();
        let status = match (over, help) {
            (Some(why), _) => why.clone(),
            (None, None) => Words::default(),
            (None, Some(help)) => match &help.owner {
                Some(owner) => fill(labels.desk_owner, &[("agent", &owner.name), ("guest", guest)]),
                None if help.left => fill(
                    labels.desk_message,
                    &[("guest", guest), ("time", &self.desk_time(help.since))],
                ),
                None => fill(
                    labels.desk_waits,
                    &[("guest", guest), ("time", &self.desk_time(help.since))],
                ),
            },
        };
        let typed = |text: &str| Words::typed(text).variable();
        let mut facts = vec![json!({ "title": labels.employee, "value": typed(guest) })];
        let metadata = &session.metadata;
        if let Some(question) = metadata
            .entry(crate::model::session::keys::QUESTION)
            .and_then(|entry| entry.value.as_str())
        {
            facts.push(json!({ "title": labels.question, "value": typed(question) }));
        }
        let hops = self.journey.hops_of(session.id);
        if let Some(latest) = hops.iter().rfind(|hop| hop.to.session_id == session.id) {
            let path: Vec<&str> = hops
                .iter()
                .map(|hop| hop.from.tenant_name.as_str())
                .chain([session.tenant_name.as_str()])
                .collect();
            facts.push(json!({ "title": labels.path, "value": typed(&path.join(" → ")) }));
            if let Some(reason) = &latest.reason {
                facts.push(json!({ "title": labels.reason, "value": typed(reason) }));
            }
            if let Some(note) = &latest.note {
                facts.push(json!({ "title": labels.remark, "value": typed(note) }));
            }
        }
        if let Some(note) = help.and_then(|help| help.note.as_deref()) {
            facts.push(json!({ "title": labels.remark, "value": typed(note) }));
        }
        for (key, entry) in metadata.iter().filter(|(key, _)| key.starts_with("Data.")) {
            // What an earlier department marked private has not crossed; what this one asked for,
            // it may read.
            let name = key.trim_start_matches("Data.").replace(['_', '-'], " ");
            let title: String = name
                .chars()
                .enumerate()
                .map(|(index, c)| if index == 0 { c.to_uppercase().next().unwrap_or(c) } else { c })
                .collect();
            let value = super::language::value(
                &entry.value,
                self.facts.playbook.is_date(key),
                &self.tenant.locale,
            );
            let value = value.unwrap_or_else(|| {
                entry.value.as_str().map_or_else(|| entry.value.to_string(), str::to_owned)
            });
            facts.push(json!({ "title": typed(&title), "value": typed(&value) }));
        }
        let faq = phrases.faq;
        let is_there =
            |query: &str| metadata.iter().any(|(_, entry)| entry.value.as_str() == Some(query));
        if let Some(query) = session.query.as_deref().filter(|query| !is_there(query)) {
            facts.push(json!({ "title": faq.asked, "value": typed(query) }));
        }
        let said_of = |shown: &Shown| match shown.verdict {
            Verdict::NotHelped => fill(faq.not_it, &[("question", &shown.question)]).variable(),
            _ => typed(&shown.question),
        };
        let answers: Vec<String> = session.answers.iter().map(said_of).collect();
        if !answers.is_empty() {
            facts.push(json!({ "title": faq.shown, "value": answers.join("\n\n") }));
        }
        let owned = over.is_none() && help.is_some_and(|help| help.owner.is_some());
        let offered = over.is_none() && help.is_some_and(|help| help.owner.is_none());
        let choices: Vec<Value> = targets(self, self.tenant)
            .map(|to| json!({ "title": to.name, "value": to.id.as_str() }))
            .collect();
        let advisers: Vec<Value> = targets(self, self.tenant)
            .filter(|to| {
                self.facts.desks.people(&to.id).is_none() && self.facts.desks.is_reachable(&to.id)
            })
            .map(|to| json!({ "title": to.name, "value": to.id.as_str() }))
            .collect();
        let colleagues: Vec<Value> = self
            .colleagues()
            .iter()
            .filter(|_| owned)
            .take(MOST_COLLEAGUES)
            .map(|agent| json!({ "title": agent.name, "value": agent.id }))
            .collect();
        // Only in a channel can a colleague see the card of a chat that somebody else has.
        let shared = owned && self.facts.desks.people(&self.tenant.id).is_none();
        let own = json!({
            "colleagues": colleagues, "shared": shared, "advisers": advisers, "text": status.variable(), "facts": facts, "offered": offered, "owned": owned, "choices": choices,
            "question": self.question_to_propose().map(|question| typed(&question)).unwrap_or_default(),
            "words": {
                "take": labels.take, "resolve": labels.resolve, "transfer": labels.transfer, "release": labels.release,
                "hand": labels.hand, "colleague": labels.colleague, "remark": labels.hand_note, "takeOver": labels.take_over,
                "faq": labels.faq, "faqQuestion": labels.faq_question, "faqAnswer": labels.faq_answer, "solution": labels.solution,
                "transcript": labels.transcript, "consult": labels.consult, "ask": labels.ask,
                "outcome": labels.outcome, "solved": labels.solved, "notSolved": labels.not_solved, "notes": labels.notes,
                "department": labels.department, "why": labels.why, "note": labels.note, "send": phrases.send,
            },
        });
        let token = help.filter(|_| over.is_none()).map(|help| Token {
            session: Some(session.id),
            stage: DESK.to_owned(),
            version: session.pipeline_version.clone(),
            nonce: help.nonce.clone(),
        });
        self.desk_card("brief", object(own), status, token)
    }

    /// To whom the chat can be handed: at a desk of personal chats whoever is free, in a channel
    /// whoever did something there, those of this thread first. Never its owner.
    pub(super) fn colleagues(&self) -> Vec<Agent> {
        let session = self.session();
        let owner = session.help.as_ref().and_then(|help| help.owner.as_ref());
        let is_other = |agent: &Agent| owner.is_none_or(|owner| owner.id != agent.id);
        if let Some(people) = self.facts.desks.people(&self.tenant.id) {
            let free = people.agents.into_iter().filter(|person| person.is_free(people.most));
            return free
                .map(|person| Agent { id: person.id, name: person.name })
                .filter(is_other)
                .collect();
        }
        let mut found = newest(&session.voices);
        for agent in self.facts.desks.colleagues(&self.tenant.id) {
            if found.iter().all(|known| known.id != agent.id) {
                found.push(agent);
            }
        }
        found.retain(is_other);
        found
    }

    fn desk_card(
        &self,
        template: &str,
        own: serde_json::Map<String, Value>,
        summary: Words,
        token: Option<Token>,
    ) -> Card {
        let mut data = scope::with_unset(self.scope(), self.facts.playbook, &self.tenant.locale);
        if let Value::Object(map) = &mut data {
            map.extend(own);
        }
        Card {
            template: template.to_owned(),
            tenant: self.tenant.id.clone(),
            locale: self.tenant.locale.clone(),
            data,
            token,
            summary,
        }
    }
}

/// Where an agent may send the guest.
pub(super) fn targets<'a>(cx: &Cx<'a>, from: &'a Tenant) -> impl Iterator<Item = &'a Tenant> {
    let playbook = cx.facts.playbook;
    playbook.tenants.values().filter(move |to| {
        to.id != from.id
            && to.enabled
            && to.primary().is_some()
            && policy(playbook, from, &to.id).allow
    })
}

/// People of a desk, each once, who did something last first; by name when at the same instant.
pub fn newest(voices: &[Voice]) -> Vec<Agent> {
    let mut sorted: Vec<&Voice> = voices.iter().collect();
    sorted.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.agent.name.cmp(&b.agent.name)));
    let mut found: Vec<Agent> = Vec::new();
    for voice in sorted {
        if found.iter().all(|agent| agent.id != voice.agent.id) {
            found.push(voice.agent.clone());
        }
    }
    found
}

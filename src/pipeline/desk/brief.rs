//! The brief: the card with which a chat stands at a desk.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::act::DESK;
use crate::{
    model::{
        Agent, ByKind, Card, Hop, Session, Shown, Token, Unasked, Verdict, Voice, Words,
        session::keys, words,
    },
    pipeline::{
        card::{Face, card_of},
        cx::{Cx, object},
        directory::Tenant,
        language::{self, LANGUAGES, fill, filled},
        scope,
        typed::{asked, says_something},
    },
};

/// The key that says that somebody at the desk has solved it.
const RESOLVED: &str = "Session.Status.IsResolved";
/// Stands for a time until it is known how it is written.
const TIME: &str = "\u{E000}";
/// So long a question can stand in large letters, in characters.
const SHORT: usize = 160;
/// The most colleagues whom a card offers.
const MOST_COLLEAGUES: usize = 20;

impl Cx<'_> {
    /// The brief: who, what, from where, with what; and what can be done. With `over`, only why
    /// nothing can.
    pub(super) fn brief(&self, over: Option<&Words>) -> Card {
        let phrases = self.desk_phrases();
        let (labels, session) = (phrases.desk, self.session());
        let help = session.desk.as_ref();
        let since = self.since();
        let status = self.status(over, &since.map(|at| self.desk_moment(at)).unwrap_or_default());
        let asked = self.asked();
        let (state, word) = self.state(over.is_some());
        let typed = |text: &str| Words::typed(text).variable();
        let facts = self.known_facts();
        let owned = over.is_none() && help.is_some_and(|help| help.owner.is_some());
        let offered = over.is_none() && help.is_some_and(|help| help.owner.is_none());
        let targets = self.facts.directory.reachable_from(self.tenant);
        let choices: Vec<Value> = targets
            .map(|to| json!({ "title": self.target(to), "value": to.id.as_str() }))
            .collect();
        let advisers: Vec<Value> = self
            .facts
            .directory
            .reachable_from(self.tenant)
            .filter(|to| {
                self.facts.desks.people(&to.id).is_none() && self.facts.desks.is_reachable(&to.id)
            })
            .map(
                |to| json!({ "title": to.called_in(&self.tenant.locale), "value": to.id.as_str() }),
            )
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
            "colleagues": colleagues, "shared": shared, "advisers": advisers, "text": self.on_every_clock(over, since).variable(), "facts": facts, "offered": offered, "owned": owned, "choices": choices,
            "asked": asked.as_ref().map(Words::variable).unwrap_or_default(),
            "short": asked.is_none_or(|asked| asked.revealed().plain().chars().count() <= SHORT), "state": state,
            "question": self.question_to_propose().map(|question| typed(&question)).unwrap_or_default(),
            "words": {
                "state": word,
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
        let face = Face { template: "brief", own: object(own), summary: status, token };
        card_of(self.view(), &self.tenant.locale, face)
    }

    /// How it stands, in a colour and a word.
    fn state(&self, is_over: bool) -> (&'static str, &'static str) {
        let (labels, session) = (self.desk_phrases().desk, self.session());
        match session.desk.as_ref().filter(|_| !is_over) {
            Some(help) if help.owner.is_some() => ("accent", labels.state_with),
            Some(help) if help.left => ("warning", labels.state_message),
            Some(_) => ("warning", labels.state_waits),
            None => {
                let solved = session.metadata.entry(RESOLVED);
                match solved.and_then(|entry| entry.value.as_bool()) {
                    Some(true) => ("good", labels.solved),
                    Some(false) => ("attention", labels.not_solved),
                    None => ("emphasis", labels.state_over),
                }
            }
        }
    }

    /// The message that was left for the guest.
    fn message(&self) -> Option<&Words> {
        self.session().desk.as_ref().and_then(|help| help.message.as_ref())
    }

    /// That message, else what they asked last in words of their own.
    fn asked(&self) -> Option<Words> {
        if let Some(message) = self.message() {
            return Some(message.clone());
        }
        asked(self.session()).map(Words::typed)
    }

    /// Since when it stands so.
    fn since(&self) -> Option<Timestamp> {
        let help = self.session().desk.as_ref()?;
        Some(if help.left { help.since } else { help.waits_since().unwrap_or(help.since) })
    }

    /// How it stands, in a sentence whose time each reader's client writes in their own zone and
    /// language: DATE and TIME of Adaptive Cards, which take RFC 3339 without fractions and no
    /// blanks (learn.microsoft.com/adaptive-cards/authoring-cards/text-features). Messages and
    /// fallback texts know no such thing.
    fn on_every_clock(&self, over: Option<&Words>, since: Option<Timestamp>) -> Words {
        let Some(since) = since else { return self.status(over, "") };
        let at = since.strftime("%Y-%m-%dT%H:%M:%SZ");
        let shown = self.status(over, TIME).variable();
        let macros = format!("{{{{DATE({at}, SHORT)}}}} {{{{TIME({at})}}}}");
        Words::marked(shown.trim_start_matches(words::WORDS).replace(&words::mark(TIME), &macros))
    }

    /// How it stands, in a sentence.
    fn status(&self, over: Option<&Words>, since: &str) -> Words {
        let (labels, guest) = (self.desk_phrases().desk, self.guest_name());
        let help = self.session().desk.as_ref();
        match (over, help) {
            (Some(why), _) => why.clone(),
            (None, None) => Words::default(),
            (None, Some(help)) => match &help.owner {
                Some(owner) => fill(labels.desk_owner, &[("agent", &owner.name), ("guest", guest)]),
                None if help.left => {
                    fill(labels.desk_message, &[("guest", guest), ("time", since)])
                }
                None => fill(labels.desk_waits, &[("guest", guest), ("time", since)]),
            },
        }
    }

    /// Who the guest is, what they asked, where they come from, what they filled in.
    fn known_facts(&self) -> Vec<Value> {
        let (phrases, session) = (self.desk_phrases(), self.session());
        let labels = phrases.desk;
        let typed = |text: &str| Words::typed(text).variable();
        let fact = |title: &str, value: &str| json!({ "title": title, "value": typed(value) });
        let mut facts = vec![fact(labels.employee, self.guest_name())];
        let question = session.metadata.get(keys::QUESTION).and_then(Value::as_str);
        facts.extend(self.kept_files());
        // What they asked last stands above.
        let is_elsewhere = |question: &&str| match self.message() {
            Some(_) => says_something(question),
            None => asked(session).is_some_and(|asked| asked != *question),
        };
        let question = question.filter(is_elsewhere);
        facts.extend(question.map(|question| fact(labels.first_words, question)));
        facts.extend(self.left_words());
        facts.extend(self.way_here());
        let note = session.desk.as_ref().and_then(|help| help.note.as_ref());
        let note = note.filter(|note| !note.plain().trim().is_empty());
        facts.extend(note.map(|note| json!({ "title": labels.remark, "value": note.variable() })));
        facts.extend(self.waited_before());
        facts.extend(self.filled_in());
        facts.extend(self.not_asked().map(|not_asked| fact(labels.unasked, &not_asked)));
        let faq = phrases.faq;
        let said_of = |shown: &Shown| match shown.verdict {
            Verdict::NotHelped => fill(faq.not_it, &[("question", &shown.question)]).variable(),
            _ => typed(&shown.question),
        };
        let answers: Vec<String> = session.answers.iter().map(said_of).collect();
        if !answers.is_empty() {
            facts.push(json!({ "title": faq.shown, "value": answers.join("\n\n") }));
        }
        facts
    }

    /// Through which departments the guest came, and why to this one.
    fn way_here(&self) -> Vec<Value> {
        let (labels, session) = (self.desk_phrases().desk, self.session());
        let hops = self.journey.hops_of(session.id);
        let Some(latest) = hops.iter().rfind(|hop| hop.to.session_id == session.id) else {
            return Vec::new();
        };
        let path: Vec<&str> = hops
            .iter()
            .map(|hop| (&hop.from.tenant_id, &hop.from.tenant_name))
            .chain([(&session.tenant, &session.tenant_name)])
            .map(|(id, name)| self.facts.directory.called_in(id, &self.tenant.locale, name))
            .collect();
        let path = path.join(" → ");
        [
            (labels.path, Some(Words::typed(&path))),
            (labels.reason, self.reason(latest)),
            (labels.remark, latest.note.as_deref().map(Words::typed)),
        ]
        .into_iter()
        .filter_map(|(title, value)| Some(json!({ "title": title, "value": value?.variable() })))
        .collect()
    }

    /// What a message says that nobody has taken: it is read on the card, since whoever works in their
    /// own chat has no thread in which it stands.
    fn left_words(&self) -> Option<Value> {
        let help = self.session().desk.as_ref()?;
        let is_people = self.facts.desks.people(&self.tenant.id).is_some();
        let is_open = help.left && help.owner.is_none() && is_people;
        let words = help.unsent.join("\n\n");
        (is_open && !words.is_empty()).then(|| {
            json!({ "title": self.desk_phrases().desk.message, "value": Words::typed(&words).variable() })
        })
    }

    /// How long the guest has waited for people before they began to wait now, wherever this desk may
    /// know of it; none for less than a minute.
    fn waited_before(&self) -> Option<Value> {
        let (labels, session) = (self.desk_phrases().desk, self.session());
        let is_told = |other: &&Session| {
            let tenant = self.facts.directory.tenant(&other.tenant);
            other.id != session.id && tenant.is_some_and(|tenant| !tenant.confidential)
        };
        let elsewhere = self.journey.sessions.iter().filter(is_told);
        let here = session.desk.as_ref().map_or(session.waited, |help| help.waited);
        let minutes = (elsewhere.map(|other| other.waited).sum::<u64>() + here) / 60;
        let value = labels.minutes.of(minutes).replace("{minutes}", &minutes.to_string());
        (minutes > 0).then(
            || json!({ "title": labels.waited_before, "value": Words::own(&value).variable() }),
        )
    }

    /// Why the guest came here. A wish of their own was put into words for them, in their language:
    /// the desk reads of them, in its own.
    fn reason(&self, hop: &Hop) -> Option<Words> {
        let (labels, reason) = (self.desk_phrases().desk, hop.reason.as_deref()?);
        if hop.by.kind != ByKind::Guest {
            return Some(Words::typed(reason));
        }
        let chosen = LANGUAGES.iter().any(|phrases| phrases.guest_reason == reason);
        let asked = LANGUAGES.iter().find_map(|phrases| filled(phrases.faq.reason, reason));
        Some(match asked {
            Some(question) => fill(labels.reason_answer, &[("question", question)]),
            None if chosen => Words::own(labels.reason_chosen),
            None => Words::typed(reason),
        })
    }

    /// What the guest has answered. What an earlier department marked private has not crossed; what
    /// this one asked for, it may read.
    fn filled_in(&self) -> impl Iterator<Item = Value> {
        let typed = |text: &str| Words::typed(text).variable();
        let data = self.session().metadata.iter().filter(|(key, _)| key.starts_with("Data."));
        data.map(move |(key, entry)| {
            let label = self.facts.directory.label(key, &[&self.tenant.locale]);
            let title = label.map_or_else(|| said(key), str::to_owned);
            let is_date = self.facts.directory.is_date(key);
            let value = language::value(&entry.value, is_date, &self.tenant.locale);
            let value = value.unwrap_or_else(|| {
                entry.value.as_str().map_or_else(|| entry.value.to_string(), str::to_owned)
            });
            let value = if entry.private { Words::private(&value) } else { Words::typed(&value) };
            json!({ "title": typed(&title), "value": value.variable() })
        })
    }

    /// A department to which a chat can be handed over; where nobody can answer now the name says so.
    fn target(&self, to: &Tenant) -> String {
        let labels = self.desk_phrases().desk;
        let (_, until) = scope::hours(Some(to), self.now(), &self.tenant.locale, None);
        let phrase = if to.is_closed(self.now()) {
            if until.is_empty() { labels.target_closed_open_end } else { labels.target_closed }
        } else if self.facts.desks.is_reachable(&to.id) {
            return to.called_in(&self.tenant.locale).to_owned();
        } else {
            labels.target_nobody
        };
        fill(phrase, &[("name", to.called_in(&self.tenant.locale)), ("until", &until)]).plain()
    }

    /// What this department asks first, of somebody whom an agent handed over, and nobody knows yet.
    fn not_asked(&self) -> Option<String> {
        let session = self.session();
        let is_open = |question: &&Unasked| {
            let key = question.key.as_ref();
            key.is_none_or(|key| session.metadata.get(key).is_none())
        };
        let open = session.unasked.iter().filter(is_open);
        let open: Vec<&str> = open.map(|question| question.text.as_str()).collect();
        (!open.is_empty()).then(|| open.join(" · "))
    }

    /// To whom the chat can be handed: at a desk of personal chats whoever is free, in a channel
    /// whoever did something there, those of this thread first. Never its owner.
    pub fn colleagues(&self) -> Vec<Agent> {
        let session = self.session();
        let owner = session.desk.as_ref().and_then(|help| help.owner.as_ref());
        let is_other = |agent: &Agent| owner.is_none_or(|owner| owner.id != agent.id);
        if let Some(people) = self.facts.desks.people(&self.tenant.id) {
            let free = people.agents.into_iter().filter(|person| person.is_free(people.most));
            return free
                .map(|person| Agent { id: person.id, name: person.name })
                .filter(is_other)
                .collect();
        }
        let mut found = Voice::newest(&session.voices);
        for agent in self.facts.desks.colleagues(&self.tenant.id) {
            if found.iter().all(|known| known.id != agent.id) {
                found.push(agent);
            }
        }
        found.retain(is_other);
        found
    }
}

/// A key in words, where nobody has named it: `Data.cost_centre` is *Cost centre*.
fn said(key: &str) -> String {
    let name = key.trim_start_matches("Data.").replace(['_', '-'], " ");
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_uppercase().next().unwrap_or(c));
    first.into_iter().chain(letters).collect()
}

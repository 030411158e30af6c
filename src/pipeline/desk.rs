//! Between a session and its desk: what a decision may know of desks, what is said on both sides.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    brief::targets,
    language::{Phrases, fill, fill_formatted, phrases},
    stage::{Cx, Flow, object},
};
use crate::model::{
    Act, Agent, Asked, Asks, Body, Consult, DeskLetter, Effect, Event, Help, Letter, LetterId,
    SessionId, State, TenantId, Waiting, Words,
};

/// What a decision may know of the desks at this moment.
pub trait Desks {
    /// True when somebody can be told: a channel is connected, or an agent is available.
    fn is_reachable(&self, tenant: &TenantId) -> bool;
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
    /// What they are called.
    pub name: String,
    /// True unless they have said that they are away.
    pub available: bool,
    /// How many chats they have.
    pub load: u32,
}

impl Person {
    /// True when another chat can be offered.
    pub(super) fn is_free(&self, most: u32) -> bool {
        self.available && self.load < most
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

/// The stage name in the tokens of desk cards.
pub const DESK: &str = "desk";

/// So much of a guest's question stands in the form of a proposal, in characters.
const MOST_OF_QUESTION: usize = 200;
/// The most that a proposal keeps, in characters: what a FAQ file may hold.
const LONGEST_QUESTION: usize = 300;
const LONGEST_ANSWER: usize = 5_000;

/// What a button at the desk does, from its data; none when it is none of ours.
pub fn act_of(data: &serde_json::Map<String, Value>) -> Option<Act> {
    let text = |key: &str| {
        data.get(key)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    match data.get(DESK)?.as_str()? {
        "take" => Some(Act::Take),
        "take-over" => Some(Act::TakeOver),
        "release" => Some(Act::Release),
        "hand" => {
            Some(Act::Hand { to: text("colleague").unwrap_or_default(), note: text("remark") })
        }
        "resolve" => {
            let helped = text("outcome").as_deref() != Some("unresolved");
            Some(Act::Resolve { helped, notes: text("notes"), answer: text("solution") })
        }
        "draft" => Some(Act::Draft { question: text("faqQuestion")?, answer: text("faqAnswer")? }),
        "consult" => Some(Act::Consult {
            tenant: TenantId::from(&text("adviser").unwrap_or_default()),
            question: text("question")?,
        }),
        "transfer" => Some(Act::Transfer {
            tenant: TenantId::from(&text("tenant").unwrap_or_default()),
            reason: text("reason"),
            note: text("note"),
        }),
        _ => None,
    }
}

impl Cx<'_> {
    /// The desk's language is the tenant's.
    pub fn desk_phrases(&self) -> &'static Phrases {
        phrases(&self.tenant.locale)
    }

    /// What the guest is called at the desk.
    pub fn guest_name(&self) -> &str {
        let guest = self.facts.guest;
        guest.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or("?")
    }

    /// An instant as the desk reads it.
    pub fn desk_time(&self, at: jiff::Timestamp) -> String {
        let zone =
            self.tenant.hours.as_ref().map_or(&self.facts.playbook.zone, |hours| &hours.zone);
        at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string()
    }

    /// The same of an instant that may lie days back.
    pub fn desk_moment(&self, at: jiff::Timestamp) -> String {
        let zone =
            self.tenant.hours.as_ref().map_or(&self.facts.playbook.zone, |hours| &hours.zone);
        self.desk_phrases().moment(at, self.now(), zone)
    }

    /// Begins to wait for a human, and tells the desk when it can be told.
    pub fn begin_help(&mut self, left: bool, note: Option<String>) {
        let (now, nonce) = (self.now(), self.facts.fresh.nonce());
        if let Some(help) = &mut self.session_mut().help {
            help.left |= left;
            self.rebrief();
            self.tell_desk_of_it();
            return;
        }
        self.session_mut().help = Some(Help {
            since: now,
            nonce,
            brief: None,
            asked: Vec::new(),
            parted: Vec::new(),
            consults: Vec::new(),
            unsent: Vec::new(),
            open_words: Vec::new(),
            owner: None,
            taken: None,
            unanswered: None,
            reminded: false,
            left,
            waiting_card: None,
            updated: now,
            note,
            files: 0,
        });
        self.tell_desk_of_it();
    }

    /// Opens the thread or asks agents, as far as that was not done and somebody can be told.
    pub fn tell_desk_of_it(&mut self) {
        if let Some(people) = self.facts.desks.people(&self.tenant.id) {
            self.ask_agents(&people);
            return;
        }
        let known = self.session().help.as_ref().is_none_or(|help| help.brief.is_some());
        if known || !self.facts.desks.is_reachable(&self.tenant.id) {
            return;
        }
        let card = self.brief(None);
        let id = self.desk_send(None, None, Body::Card(Box::new(card)));
        if let Some(help) = &mut self.session_mut().help {
            help.brief = Some(id);
        }
        self.send_unsent();
    }

    /// What the guest wrote while nobody could hear it.
    pub fn send_unsent(&mut self) {
        let unsent = self
            .session_mut()
            .help
            .as_mut()
            .map(|help| std::mem::take(&mut help.unsent))
            .unwrap_or_default();
        unsent.iter().for_each(|text| self.forward(text, None));
    }

    /// Offers the chat to whoever should hear of it now: all who are free, or the next one when the
    /// latest has not accepted.
    fn ask_agents(&mut self, people: &People) {
        let now = self.now();
        let Some(help) = self.session().help.clone().filter(|help| help.owner.is_none()) else {
            return;
        };
        let was_asked = |person: &&Person| {
            help.asked.iter().any(|asked| asked.agent == person.id && (asked.open || !help.left))
        };
        // A message that was left is there for everybody, whenever they look.
        let free = |person: &&Person| person.is_free(people.most) || help.left;
        let chosen: Vec<String> = if people.hunt && !help.left {
            if help.asked.iter().any(|asked| asked.open) {
                return;
            }
            let least = |persons: &mut dyn Iterator<Item = &Person>| {
                persons.min_by_key(|person| person.load).map(|person| person.id.clone())
            };
            let mut fresh = people.agents.iter().filter(free).filter(|person| !was_asked(person));
            let next = least(&mut fresh).or_else(|| {
                // Everybody was asked: the round begins again.
                if let Some(help) = &mut self.session_mut().help {
                    help.asked.clear();
                }
                least(&mut people.agents.iter().filter(free))
            });
            next.into_iter().collect()
        } else {
            people
                .agents
                .iter()
                .filter(free)
                .filter(|person| !was_asked(person))
                .map(|person| person.id.clone())
                .collect()
        };
        for agent in chosen {
            let card = self.brief(None);
            let letter = self.desk_send(None, Some(agent.clone()), Body::Card(Box::new(card)));
            if let Some(help) = &mut self.session_mut().help {
                help.asked.push(Asked { agent, letter, at: now, open: true });
            }
        }
    }

    /// Whoever was asked and has not accepted is asked no longer.
    pub fn withdraw_asked(&mut self) {
        let why = Words::own(self.desk_phrases().desk.desk_next);
        let asked = self.session().help.as_ref().map(|help| help.asked.clone()).unwrap_or_default();
        for asked in asked.iter().filter(|asked| asked.open) {
            let card = self.brief(Some(&why));
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: Some(asked.agent.clone()),
                card,
            });
        }
        if let Some(help) = &mut self.session_mut().help {
            help.asked.iter_mut().for_each(|asked| asked.open = false);
        }
    }

    /// The cards at the desk show how it stands.
    pub fn rebrief(&mut self) {
        let Some(help) = self.session().help.clone() else { return };
        if let Some(letter) = help.brief {
            let card = self.brief(None);
            self.effects.push(Effect::Redesk { letter, agent: None, card });
        }
        let desk = self.desk_phrases().desk;
        for asked in help.asked.iter().filter(|asked| asked.open) {
            let over = help.owner.as_ref().filter(|owner| owner.id != asked.agent);
            let over = over.map(|owner| {
                fill(desk.desk_owner, &[("agent", &owner.name), ("guest", self.guest_name())])
            });
            let card = self.brief(over.as_ref());
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: Some(asked.agent.clone()),
                card,
            });
        }
    }

    /// Nothing can be done at the desk any more: the cards say why, and the help is over.
    pub fn end_help(&mut self, why: &Words) {
        let Some(help) = self.session_mut().help.take() else { return };
        let card = self.brief(Some(why));
        if let Some(letter) = help.brief {
            self.effects.push(Effect::Redesk { letter, agent: None, card: card.clone() });
            self.desk_send(Some(letter), None, Body::Text(why.clone()));
        }
        for asked in help.asked.iter().filter(|asked| asked.open) {
            let agent = Some(asked.agent.clone());
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: agent.clone(),
                card: card.clone(),
            });
            if help.owner.as_ref().is_some_and(|owner| owner.id == asked.agent) {
                self.desk_send(None, agent, Body::Text(why.clone()));
            }
        }
        if let Some(card) = help.waiting_card {
            let moot = Words::own(self.phrases().moot);
            self.replace(card, &Words::default(), &moot);
        }
    }

    fn desk_send(
        &mut self,
        thread: Option<LetterId>,
        agent: Option<String>,
        body: Body,
    ) -> LetterId {
        let (id, session, tenant) =
            (self.facts.fresh.letter(), self.session().id, self.tenant.id.clone());
        self.effects.push(Effect::Desk(DeskLetter {
            id,
            session,
            tenant,
            thread,
            agent,
            call: None,
            body,
        }));
        id
    }

    /// Says something in an agent's own chat, whoever has the session's.
    pub fn to_agent(&mut self, agent: &Agent, words: Words) {
        self.desk_send(None, Some(agent.id.clone()), Body::Text(words));
    }

    /// Says something in the desk's thread and calls somebody by name there.
    pub fn to_thread(&mut self, call: &Agent, words: Words) {
        let Some(thread) = self.session().help.as_ref().and_then(|help| help.brief) else { return };
        let (id, session, tenant) =
            (self.facts.fresh.letter(), self.session().id, self.tenant.id.clone());
        let (call, body) = (Some(call.clone()), Body::Text(words));
        self.effects.push(Effect::Desk(DeskLetter {
            id,
            session,
            tenant,
            thread: Some(thread),
            agent: None,
            call,
            body,
        }));
    }

    /// Whoever has the chat now gets its card in their own chat, and what was not answered yet.
    pub fn give_card(&mut self, to: &Agent, words: Words) {
        let now = self.now();
        let card = self.brief(None);
        let letter = self.desk_send(None, Some(to.id.clone()), Body::Card(Box::new(card)));
        if let Some(help) = &mut self.session_mut().help {
            help.asked.push(Asked { agent: to.id.clone(), letter, at: now, open: true });
            let open = std::mem::take(&mut help.open_words);
            help.unsent.splice(0..0, open);
        }
        self.to_agent(to, words);
        self.send_unsent();
    }

    /// The older cards of an agent show who has the chat, and can do nothing any more.
    pub fn retire_cards(&mut self, agent: &str, why: &Words) {
        let asked = self.session().help.as_ref().map(|help| help.asked.clone()).unwrap_or_default();
        for asked in asked.iter().filter(|asked| asked.open && asked.agent == agent) {
            let card = self.brief(Some(why));
            self.effects.push(Effect::Redesk {
                letter: asked.letter,
                agent: Some(asked.agent.clone()),
                card,
            });
        }
        if let Some(help) = &mut self.session_mut().help {
            help.asked
                .iter_mut()
                .filter(|asked| asked.agent == agent)
                .for_each(|asked| asked.open = false);
        }
    }

    /// Says something in the desk's thread, or to the owner.
    pub fn to_desk(&mut self, words: Words) {
        let Some(help) = &self.session().help else { return };
        if let Some(thread) = help.brief {
            self.desk_send(Some(thread), None, Body::Text(words));
        } else if let Some(owner) = help
            .owner
            .as_ref()
            .filter(|owner| help.asked.iter().any(|asked| asked.agent == owner.id))
        {
            let agent = owner.id.clone();
            self.desk_send(None, Some(agent), Body::Text(words));
        }
    }

    /// Asks another department's desk in a thread of its own; false when nobody there can be told,
    /// or the rules keep the two apart.
    pub fn consult(&mut self, by: &Agent, tenant: &TenantId, question: &str) -> bool {
        let Some(target) = targets(self, self.tenant).find(|to| to.id == *tenant) else {
            return false;
        };
        let desks = self.facts.desks;
        if !desks.is_reachable(tenant) || desks.people(tenant).is_some() {
            return false;
        }
        let labels = phrases(&target.locale).desk;
        let reference = self.session().reference.clone();
        let values = [
            ("agent", by.name.as_str()),
            ("name", self.tenant.name.as_str()),
            ("ref", reference.as_str()),
            ("question", question),
        ];
        let words = fill(labels.desk_asks, &values);
        let letter = self.facts.fresh.letter();
        // Its thread is not the session's: it goes by the letter's own id.
        let session = SessionId(letter.0);
        let body = Body::Text(words);
        self.effects.push(Effect::Desk(DeskLetter {
            id: letter,
            session,
            tenant: tenant.clone(),
            thread: None,
            agent: None,
            call: None,
            body,
        }));
        let asked = format!("→ {}: {question}", target.name);
        self.noted(by, &asked);
        if let Some(help) = &mut self.session_mut().help {
            help.consults.push(Consult { tenant: tenant.clone(), letter });
        }
        true
    }

    /// Words to the person at the desk who just did something.
    pub fn tell_desk(&mut self, words: Words) {
        let session = self.session().id;
        self.effects.push(Effect::TellDesk { session, words });
    }

    /// The guest reads what an agent wrote; the transcript keeps it as the agent's.
    pub fn relay(&mut self, by: &Agent, text: &str) {
        let words = fill_formatted(
            self.phrases().desk.says,
            &[("agent", &by.name), ("text", text)],
            self.facts.formatted,
        );
        let id = self.facts.fresh.letter();
        self.effects.push(Effect::Send(Letter {
            id,
            session: None,
            tenant: self.tenant.id.clone(),
            body: Body::Text(words),
        }));
        let session = self.session().id;
        self.effects.push(Effect::Agent {
            session,
            by: by.clone(),
            text: text.to_owned(),
            letter: Some(id),
        });
    }

    /// A note of the desk's in the transcript.
    pub fn noted(&mut self, by: &Agent, text: &str) {
        let session = self.session().id;
        self.effects.push(Effect::Agent {
            session,
            by: by.clone(),
            text: text.to_owned(),
            letter: None,
        });
    }

    /// Proposes an article for the department's FAQ; the transcript keeps who did.
    pub fn propose(&mut self, by: &Agent, question: &str, answer: &str) {
        let cut =
            |text: &str, most: usize| text.chars().take(most).collect::<String>().trim().to_owned();
        let (question, answer) = (cut(question, LONGEST_QUESTION), cut(answer, LONGEST_ANSWER));
        let line = format!("→ FAQ: {question}\n{answer}");
        self.noted(by, &line);
        let (session, tenant, locale) =
            (self.session().id, self.tenant.id.clone(), self.tenant.locale.clone());
        self.effects.push(Effect::Draft {
            session,
            tenant,
            locale,
            by: by.clone(),
            question,
            answer,
        });
    }

    /// The guest's question, as far as the form of a proposal shows it.
    pub(super) fn question_to_propose(&self) -> Option<String> {
        let question =
            self.session().metadata.entry(crate::model::session::keys::QUESTION)?.value.as_str()?;
        let one_line = question.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = one_line.chars().take(MOST_OF_QUESTION).collect();
        Some(cut.trim().to_owned()).filter(|question| !question.is_empty())
    }

    /// The guest's card while they wait: shown, or brought up to date.
    pub fn show_waiting(&mut self, template: &str, text: Words) {
        let desk = self.phrases().desk;
        let ahead = self.facts.desks.ahead(&self.tenant.id, self.session().id);
        let mut lines: Vec<String> =
            vec![fill(desk.position, &[("position", &(ahead + 1).to_string())]).variable()];
        if let Some(pace) = self.facts.desks.pace(&self.tenant.id) {
            let whole = pace.saturating_mul(u32::try_from(ahead + 1).unwrap_or(u32::MAX));
            let minutes = whole.as_secs().div_ceil(60).max(1);
            let sentence = desk.estimate.of(minutes);
            lines.push(fill(sentence, &[("minutes", &minutes.to_string())]).variable());
        }
        let own = object(json!({ "text": text.variable(), "lines": lines }));
        let now = self.now();
        match self.session().help.as_ref().and_then(|help| help.waiting_card) {
            Some(letter) => self.redraw(letter, template, own, text),
            None => {
                let letter = self.show(template, own, text);
                if let Some(help) = &mut self.session_mut().help {
                    help.waiting_card = Some(letter);
                }
            }
        }
        if let Some(help) = &mut self.session_mut().help {
            help.updated = now;
        }
    }

    /// Asks for a message: nobody is promised.
    pub fn ask_message(&mut self, words: Words) {
        self.say(words);
        let (since, nonce, stage) = (self.now(), self.facts.fresh.nonce(), self.stage.id.clone());
        let session = self.session_mut();
        session.state = State::Active;
        session.waiting = Some(Waiting { since, nonce, asks: Asks::Stage, misses: 0, card: None });
        session.reminded = false;
        session.last_waited = Some(stage);
    }

    /// The guest writes where a human is waited for or is there.
    pub fn hear_for_desk(&mut self, event: &Event) -> Flow {
        let Event::Said(text) = event else { return Flow::Stay };
        self.heard(text.as_str());
        let now = self.now();
        if self.session().state == State::Active {
            self.session_mut().waiting = None;
            self.session_mut().state = State::Open;
            self.begin_help(true, None);
            let (name, reference) = (self.tenant.name.clone(), self.session().reference.clone());
            self.forward(text, self.facts.formatted);
            self.say(fill(self.phrases().desk.left, &[("name", &name), ("ref", &reference)]));
            return Flow::Stay;
        }
        self.forward(text, self.facts.formatted);
        if let Some(help) = &mut self.session_mut().help {
            if help.owner.is_some() {
                help.unanswered.get_or_insert(now);
            }
            if help.brief.is_none() && help.asked.is_empty() {
                let words = fill(self.phrases().desk.kept, &[("name", &self.tenant.name)]);
                self.say(words);
            }
        }
        Flow::Stay
    }

    /// The desk reads what the guest wrote, or it is kept.
    fn forward(&mut self, text: &str, formatted: Option<&str>) {
        let desk = self.desk_phrases().desk;
        let (guest, reference) = (self.guest_name().to_owned(), self.session().reference.clone());
        let Some(help) = &mut self.session_mut().help else { return };
        let words = if help.brief.is_some() {
            fill_formatted(desk.desk_says, &[("guest", &guest), ("text", text)], formatted)
        } else if help
            .owner
            .as_ref()
            .is_some_and(|owner| help.asked.iter().any(|asked| asked.agent == owner.id))
        {
            // Several chats stand in one: each line says whose it is.
            fill_formatted(
                desk.desk_says_in,
                &[("ref", &reference), ("guest", &guest), ("text", text)],
                formatted,
            )
        } else {
            help.unsent.push(text.to_owned());
            return;
        };
        help.open_words.push(text.to_owned());
        self.to_desk(words);
    }
}

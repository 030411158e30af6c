//! Takes a journey by value and returns the next one. Total: what could be wrong was proved at
//! load.

mod back;
mod calls;
mod clock;
mod commands;
mod desk;
mod files;
mod hand;
mod moves;
mod reworded;
mod transfer;

pub use clock::due;
pub use commands::is_command;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    cx::{CONDITION_FAILED, Cx, object},
    directory::Tenant,
    facts::Facts,
    flow::Flow,
    phrases::{fill, phrases},
    playbook::{Case, Stage},
    scope::{self, View},
    stages::Kind,
    wish::Refusal,
};
use crate::model::{
    Body, Card, Course, Effect, Entry, Event, Journey, Letter, Metadata, Session, SessionId,
    StageId, State, Step, Token, Words, session::keys,
};

/// The most stages in one turn. The checker proves that every loop waits; this only keeps a promise
/// to the thread.
const MOST_STEPS: usize = 2000;

/// The next journey and what is to be done.
#[derive(Debug)]
pub struct Outcome {
    /// The journey; none when a click opened nothing.
    pub journey: Option<Journey>,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// The sessions that are new or differ.
    pub changed: Vec<SessionId>,
    /// The index of the first hop that is new.
    pub first_new_hop: usize,
    /// Why a manager's or agent's wish was refused, in code and words; nothing was changed then but
    /// the note of it.
    pub refusal: Option<(Refusal, Words)>,
}

/// Decides what an event means. `journey` is the conversation's latest, live or ended.
pub fn step(case: &Case<'_>, journey: Option<Journey>, event: &Event) -> Outcome {
    let facts = &case.facts;
    if matches!(event, Event::Reworded { .. }) {
        // It is about what was said once, wherever the guest is now.
        let effects = reworded::reworded(facts, journey.as_ref(), event);
        let first_new_hop = journey.as_ref().map_or(0, |journey| journey.hops.len());
        return Outcome { journey, effects, changed: Vec::new(), first_new_hop, refusal: None };
    }
    let Some(journey) = journey else {
        return match event {
            Event::Said(text) => match commands::idle(facts, text) {
                Some(effect) => nothing(Some(effect)),
                None => Machine::begin(case, true, Some(text), None),
            },
            Event::Clicked { token, data } if token.session.is_none() => {
                Machine::begin(case, true, None, Some(choice_of(data)))
            }
            Event::Clicked { .. } => nothing(Some(told_over(facts))),
            _ => nothing(None),
        };
    };
    let live = journey.live();
    let machine = Machine::new(case, journey);
    match (live, event) {
        (Some(index), event) => machine.hear(index, event),
        (None, event) => machine.come_back(event),
    }
}

fn choice_of(data: &serde_json::Map<String, Value>) -> &str {
    data.get("choice").and_then(Value::as_str).unwrap_or_default()
}

fn nothing(effect: Option<Effect>) -> Outcome {
    Outcome {
        journey: None,
        effects: effect.into_iter().collect(),
        changed: Vec::new(),
        first_new_hop: 0,
        refusal: None,
    }
}

fn told_over(facts: &Facts<'_>) -> Effect {
    let locale = facts.guest.locale.as_deref().unwrap_or(&facts.directory.locale);
    Effect::Tell {
        session: None,
        tenant: facts.directory.primary.clone(),
        words: Words::own(phrases(locale).over),
    }
}

/// The welcome card: the departments and the most wanted things. Sent at install, outside of any
/// session.
pub fn welcome(case: &Case<'_>) -> Option<Letter> {
    let facts = &case.facts;
    let directory = facts.directory;
    let tenant = directory.tenant(&directory.primary)?;
    let locale = facts.locale(tenant);
    let phrases = phrases(locale);
    let choices =
        case.playbook.primary(tenant)?.stages.values().find_map(|stage| match &stage.kind {
            Kind::Menu(menu) => Some(
                menu.titles(&[locale, tenant.locale.as_str()])
                    .take(3)
                    .map(|title| json!({ "title": title, "value": title }))
                    .collect::<Vec<_>>(),
            ),
            _ => None,
        });
    let words = fill(phrases.welcome, &[("company", &directory.company)]);
    let own = json!({
        "text": "",
        "departments": directory.tenants.values().filter(|t| t.enabled && t.first.is_some() && t.id != tenant.id)
            .map(|t| json!({ "id": t.id.as_str(), "name": t.name })).collect::<Vec<_>>(),
        "choices": choices.unwrap_or_default(),
        "words": { "welcome": words.variable(), "departments": phrases.departments },
    });
    let token = Token {
        session: None,
        stage: "welcome".to_owned(),
        version: tenant.version.clone(),
        nonce: facts.fresh.nonce(),
    };
    Some(outside(facts, tenant, "welcome", object(own), words, Some(token)))
}

/// A card of the front desk while no session is open.
fn outside(
    facts: &Facts<'_>,
    tenant: &Tenant,
    template: &str,
    own: Map<String, Value>,
    summary: Words,
    token: Option<Token>,
) -> Letter {
    let (directory, locale) = (facts.directory, facts.locale(tenant));
    let nobody = blank(facts, tenant);
    let view = View {
        directory,
        tenant: Some(tenant),
        session: &nobody,
        guest: facts.guest,
        hops: &[],
        now: facts.now,
    };
    let mut data = scope::with_unset(scope::scope(view), directory, locale);
    if let Value::Object(map) = &mut data {
        map.extend(own);
    }
    let (tenant, locale) = (tenant.id.clone(), locale.to_owned());
    let card = Card {
        template: template.to_owned(),
        tenant: tenant.clone(),
        locale,
        data,
        token,
        summary,
    };
    Letter { id: facts.fresh.letter(), session: None, tenant, body: Body::Card(Box::new(card)) }
}

/// A session that never was: for the variables of a card outside of any.
fn blank(facts: &Facts<'_>, tenant: &Tenant) -> Session {
    let id = SessionId(uuid::Uuid::nil());
    let (pipeline, stage) = tenant.beginning();
    Session {
        id,
        reference: String::new(),
        journey: crate::model::JourneyId(uuid::Uuid::nil()),
        origin: id,
        hop: 0,
        tenant: tenant.id.clone(),
        tenant_name: tenant.name.clone(),
        pipeline,
        pipeline_version: tenant.version.clone(),
        stage,
        state: State::Active,
        started: facts.now,
        ended: None,
        turns: 0,
        metadata: Metadata::default(),
        waiting: None,
        last_waited: None,
        last_menu: None,
        aside: None,
        reminded: false,
        query: None,
        answers: Vec::new(),
        call: None,
        help: None,
        takes: Vec::new(),
        voices: Vec::new(),
        hours_of: None,
    }
}

/// Where a session stands: what always goes together.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// The session's index in the journey.
    index: usize,
    /// Its tenant.
    tenant: &'a Tenant,
    /// The stage there.
    stage: &'a Stage,
}

struct Machine<'a> {
    case: &'a Case<'a>,
    facts: &'a Facts<'a>,
    journey: Journey,
    effects: Vec<Effect>,
    changed: BTreeSet<SessionId>,
    first_new_hop: usize,
    opening: Option<String>,
    refusal: Option<(Refusal, Words)>,
}

impl<'a> Machine<'a> {
    fn new(case: &'a Case<'a>, journey: Journey) -> Self {
        let first_new_hop = journey.hops.len();
        Machine {
            case,
            facts: &case.facts,
            journey,
            effects: Vec::new(),
            changed: BTreeSet::new(),
            first_new_hop,
            opening: None,
            refusal: None,
        }
    }

    /// Opens a journey with the guest's first words, or with a button of the welcome card.
    fn begin(
        case: &'a Case<'a>,
        is_new: bool,
        words: Option<&str>,
        choice: Option<&str>,
    ) -> Outcome {
        let facts = &case.facts;
        let directory = facts.directory;
        let Some(tenant) = directory.tenant(&directory.primary) else {
            // Proved at load; without a front desk there is nobody to speak.
            return nothing(None);
        };
        let mut session = blank(facts, tenant);
        session.id = facts.fresh.session();
        session.origin = session.id;
        session.journey = facts.fresh.journey();
        session.reference = format!("{}-{}", tenant.reference, facts.fresh.number());
        session.turns = 1;
        let note = |value: Value| Entry {
            value,
            private: false,
            tenant: tenant.id.clone(),
            stage: None,
            at: facts.now,
        };
        if let Some(words) = words {
            session.metadata.set(keys::QUESTION, note(Value::String(words.to_owned())));
        }
        session.metadata.set("Guest.IsNew", note(Value::Bool(is_new)));
        let said = words.or(choice).unwrap_or_default().to_owned();
        let heard = Effect::Heard { session: session.id, text: said };
        let mut machine = Machine::new(
            case,
            Journey {
                id: session.journey,
                sessions: vec![session],
                hops: Vec::new(),
                course: Course::default(),
            },
        );
        machine.effects.push(heard);
        machine.opening = choice.filter(|choice| !choice.is_empty()).map(str::to_owned);
        machine.enter(0);
        machine.finish()
    }

    /// Something happens while a session is live.
    fn hear(mut self, index: usize, event: &Event) -> Outcome {
        match event {
            Event::Tick => {
                self.tick(index);
                return self.finish();
            }
            Event::Move { tenant, by, reason, note } => {
                self.wished_move(index, tenant, by, reason.as_deref(), note.as_deref());
                return self.finish();
            }
            Event::Close { by, outcome, notes } => {
                self.closed_by(index, by, *outcome, notes.as_deref());
                return self.finish();
            }
            Event::Changed { old, text } => {
                self.changed_words(index, old, text.as_deref());
                return self.finish();
            }
            Event::ThreadLost { letter } => {
                self.thread_lost(index, *letter);
                return self.finish();
            }
            Event::File(arrival) => {
                self.file(arrival);
                return self.finish();
            }
            Event::Unreachable => {
                self.unreachable(index);
                return self.finish();
            }
            Event::Called { id, .. } => {
                self.called(index, *id, event);
                return self.finish();
            }
            Event::Desk { by, nonce, act } => {
                self.at_desk(index, by, nonce.as_deref(), act);
                return self.finish();
            }
            // Done in `step`.
            Event::Reworded { .. } => return self.finish(),
            Event::Said(_) | Event::Clicked { .. } => {}
        }
        let session = &self.journey.sessions[index];
        let mut aside = None;
        if let Event::Clicked { token, data } = event {
            if self.is_undo(token) {
                self.wish_undo(index, true);
                return self.finish();
            }
            let ours = token.session == Some(session.id);
            let is_aside =
                ours && session.aside.as_ref().is_some_and(|aside| aside.nonce == token.nonce);
            if is_aside {
                aside = Some(data);
            } else if !(ours
                && session.waiting.as_ref().is_some_and(|waiting| waiting.nonce == token.nonce))
            {
                self.tell_where(index, token);
                return self.finish();
            }
        }
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        session.turns += 1;
        session.reminded = false;
        if let Some(waiting) = &mut session.waiting {
            waiting.since = now;
        }
        self.changed.insert(session.id);
        let Some(spot) = self.place(index) else {
            if let Event::Said(text) = event {
                let session = self.journey.sessions[index].id;
                self.effects.push(Effect::Heard { session, text: text.clone() });
            }
            self.restart(index);
            return self.finish();
        };
        if let Some(data) = aside {
            self.aside_clicked(spot, data);
            return self.finish();
        }
        if let Event::Said(text) = event
            && self.is_beside(spot, text)
        {
            return self.finish();
        }
        let before = self.effects.len();
        let flow = spot.stage.kind.behaviour().hear(&mut self.at(spot), event);
        // Where a human is waited for or is there, words are for them.
        let to_human = self.journey.sessions[index].help.is_some();
        let silent = flow == Flow::Stay
            && !to_human
            && !self.effects[before..].iter().any(|effect| matches!(effect, Effect::Send(_)));
        if silent {
            // A stage that does not listen (it was another kind yesterday) must not leave the guest
            // without an answer.
            self.enter(index);
        } else if flow != Flow::Stay {
            self.follow(index, flow);
        }
        self.finish()
    }

    /// A click that no longer counts: says kindly where the chat stands.
    fn tell_where(&mut self, index: usize, token: &Token) {
        let session = &self.journey.sessions[index];
        let locale = self.facts.guest.locale.as_deref().unwrap_or(&self.facts.directory.locale);
        let phrase = if token.session == Some(session.id) {
            phrases(locale).answered_already
        } else if token.session.is_some_and(|id| self.journey.session(id).is_none()) {
            phrases(locale).over
        } else {
            phrases(locale).now_with
        };
        let words = fill(phrase, &[("name", &session.tenant_name)]);
        self.effects.push(Effect::Tell {
            session: Some(session.id),
            tenant: session.tenant.clone(),
            words,
        });
    }

    fn finish(self) -> Outcome {
        Outcome {
            journey: Some(self.journey),
            effects: self.effects,
            changed: self.changed.into_iter().collect(),
            first_new_hop: self.first_new_hop,
            refusal: self.refusal,
        }
    }

    /// Where a session stands, unless the files no longer know the place.
    fn place(&self, index: usize) -> Option<Spot<'a>> {
        let session = &self.journey.sessions[index];
        let tenant = self.facts.directory.tenant(&session.tenant)?;
        let stage = self.case.stage(session)?;
        Some(Spot { index, tenant, stage })
    }

    /// What a stage sees and does there.
    fn at<'m>(&'m mut self, spot: Spot<'m>) -> Cx<'m> {
        Cx {
            facts: self.facts,
            tenant: spot.tenant,
            stage: &spot.stage.head,
            journey: &mut self.journey,
            index: spot.index,
            effects: &mut self.effects,
            opening: &mut self.opening,
        }
    }

    /// Enters the stage where the session stands, and goes on until it waits, ends or is somebody
    /// else's.
    fn enter(&mut self, index: usize) {
        self.follow_from(index, None);
    }

    fn follow(&mut self, index: usize, flow: Flow) {
        self.follow_from(index, Some(flow));
    }

    fn follow_from(&mut self, mut index: usize, mut flow: Option<Flow>) {
        for _ in 0..MOST_STEPS {
            self.changed.insert(self.journey.sessions[index].id);
            let Some(spot) = self.place(index) else {
                self.restart(index);
                return;
            };
            let now_flow = match flow.take() {
                Some(flow) => flow,
                None => match self.skips(spot) {
                    Some(exit) => {
                        if !self.leave(spot, exit, self.after(spot)) {
                            match self.end(spot, self.natural_end(index)) {
                                Some(next) => index = next,
                                None => return,
                            }
                        }
                        continue;
                    }
                    None => spot.stage.kind.behaviour().enter(&mut self.at(spot)),
                },
            };
            match now_flow {
                Flow::Stay => {
                    self.trail(spot, None);
                    return;
                }
                Flow::Next => {
                    if !self.leave(spot, "next", self.after(spot)) {
                        match self.end(spot, self.natural_end(index)) {
                            Some(next) => index = next,
                            None => return,
                        }
                    }
                }
                Flow::Goto { exit, stage: to } => {
                    self.leave(spot, &exit, Some(to));
                }
                Flow::End(state) => match self.close(spot, state) {
                    Some(next) => index = next,
                    None => return,
                },
                Flow::Transfer(proposal) => match self.transfer(spot, *proposal) {
                    Some(next) => index = next,
                    None => return,
                },
            }
        }
    }

    /// The exit under which a stage is skipped, if its condition is false or fails.
    fn skips(&mut self, spot: Spot<'_>) -> Option<&'static str> {
        let when = spot.stage.when.as_ref()?;
        match when.holds(&self.at(spot).scope()) {
            Ok(true) => None,
            Ok(false) => Some("skipped"),
            Err(_) => Some(CONDITION_FAILED),
        }
    }

    /// The `next` exit, else the following stage.
    fn after(&self, spot: Spot<'_>) -> Option<StageId> {
        let head = &spot.stage.head;
        if let Some(next) = head.exit("next") {
            return Some(next.clone());
        }
        let stages = &self.case.pipeline(&self.journey.sessions[spot.index])?.stages;
        let at = stages.get_index_of(&head.id)?;
        stages.get_index(at + 1).map(|(id, _)| id.clone())
    }

    /// Leaves a stage; false when there is nowhere to go.
    fn leave(&mut self, spot: Spot<'_>, exit: &str, to: Option<StageId>) -> bool {
        let Some(to) = to else { return false };
        self.part(spot, None);
        self.trail(spot, Some(exit));
        let session = &mut self.journey.sessions[spot.index];
        session.stage = Some(to);
        session.waiting = None;
        session.call = None;
        true
    }

    fn trail(&mut self, spot: Spot<'_>, exit: Option<&str>) {
        let step = Step {
            session: Some(self.journey.sessions[spot.index].id),
            stage: spot.stage.head.id.clone(),
            kind: spot.stage.head.kind.to_owned(),
            at: self.facts.now,
            exit: exit.map(str::to_owned),
        };
        self.effects.push(Effect::Trail(step));
    }

    /// The pipeline ran out: the guest is told that the matter is closed. Answers like
    /// [`Machine::close`].
    fn end(&mut self, spot: Spot<'_>, state: State) -> Option<usize> {
        let mut cx = self.at(spot);
        let text = Words::own(cx.phrases().ended);
        let again = cx.what_follows();
        cx.show(
            "ended",
            object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
            text,
        );
        self.close(spot, state)
    }

    /// Ends a session. Answers with the session that goes on, when one waits for this one's end.
    fn close(&mut self, spot: Spot<'_>, state: State) -> Option<usize> {
        self.trail(spot, Some("end"));
        self.part(spot, None);
        self.quiet(spot);
        self.withdraw_offer(spot);
        let session = &mut self.journey.sessions[spot.index];
        session.state = state;
        session.ended = Some(self.facts.now);
        session.stage = None;
        session.waiting = None;
        session.call = None;
        session.aside = None;
        self.changed.insert(session.id);
        self.go_back(spot.index)
    }

    /// Takes the buttons off the cards of a session that is being left.
    fn quiet(&mut self, spot: Spot<'_>) {
        let session = &mut self.journey.sessions[spot.index];
        let waiting = session.waiting.as_mut().and_then(|waiting| waiting.card.take());
        let aside = session.aside.take().map(|aside| aside.letter);
        let mut cx = self.at(spot);
        let moot = Words::own(cx.phrases().moot);
        for letter in waiting.into_iter().chain(aside) {
            cx.replace(letter, &Words::default(), &moot);
        }
    }

    /// The files no longer know where the session stands: its tenant's pipeline starts anew;
    /// without the tenant, the front desk's does.
    fn restart(&mut self, index: usize) {
        let directory = self.facts.directory;
        let session = &mut self.journey.sessions[index];
        self.changed.insert(session.id);
        let gone = Step {
            session: Some(session.id),
            stage: session.stage.clone().unwrap_or_else(|| StageId::from("?")),
            kind: "gone".to_owned(),
            at: self.facts.now,
            exit: Some("restarted".to_owned()),
        };
        self.effects.push(Effect::Trail(gone));
        session.waiting = None;
        session.call = None;
        // Where nobody knows the stage nobody knows its desk: whoever writes there is told that the
        // chat is no longer here.
        session.help = None;
        session.state = State::Active;
        let tenant = directory.tenant(&session.tenant).filter(|tenant| tenant.first.is_some());
        if let Some(tenant) = tenant {
            (session.pipeline, session.stage) = tenant.beginning();
            session.pipeline_version.clone_from(&tenant.version);
            self.enter(index);
            return;
        }
        session.state = State::Unresolved;
        session.ended = Some(self.facts.now);
        session.stage = None;
        let (hop, origin) = (session.hop, session.origin);
        let Some(mut fresh) = self.fresh_session() else { return };
        (fresh.hop, fresh.origin) = (hop, origin);
        if let Some(entry) = self.journey.sessions[index]
            .metadata
            .entry(keys::QUESTION)
            .filter(|entry| !entry.private)
        {
            fresh.metadata.set(keys::QUESTION, entry.clone());
        }
        self.journey.sessions.push(fresh);
        self.enter(self.journey.sessions.len() - 1);
    }
}

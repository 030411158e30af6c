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

pub use clock::due;
pub use commands::is_command;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Facts,
    language::{fill, phrases},
    playbook::Tenant,
    scope::{self, View},
    stage::{CONDITION_FAILED, Cx, Flow, Stage, object},
    stages::Kind,
    transfer::{self, Refusal},
};
use crate::model::{
    Body, Card, Course, Effect, Entry, Event, Journey, JourneyId, Letter, Session, SessionId,
    StageId, State, Step, Token, Words, locale::speaks_to, session::keys,
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
pub fn step(facts: &Facts<'_>, journey: Option<Journey>, event: &Event) -> Outcome {
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
                None => Machine::begin(facts, true, Some(text), None),
            },
            Event::Clicked { token, data } if token.session.is_none() => {
                Machine::begin(facts, true, None, Some(choice_of(data)))
            }
            Event::Clicked { .. } => nothing(Some(told_over(facts))),
            _ => nothing(None),
        };
    };
    let live = journey.present();
    let machine = Machine::new(facts, journey);
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
    let locale = speaks_to(facts.guest, &facts.playbook.locale);
    Effect::Tell {
        session: None,
        tenant: facts.playbook.primary.clone(),
        words: Words::own(phrases(locale).over),
    }
}

/// The welcome card: the departments and the most wanted things. Sent at install, outside of any
/// session.
pub fn welcome(facts: &Facts<'_>) -> Option<Letter> {
    let playbook = facts.playbook;
    let tenant = playbook.tenant(&playbook.primary)?;
    let locale = facts.locale(tenant);
    let phrases = phrases(locale);
    let choices = tenant.primary()?.stages.values().find_map(|stage| match &stage.kind {
        Kind::Menu(menu) => Some(
            menu.titles(&[locale, tenant.locale.as_str()])
                .take(3)
                .map(|title| json!({ "title": title, "value": title }))
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    let words = fill(phrases.welcome, &[("company", &playbook.company)]);
    let own = json!({
        "text": "",
        "departments": playbook.tenants.values().filter(|t| t.enabled && t.primary().is_some() && t.id != tenant.id)
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
    let (playbook, locale) = (facts.playbook, facts.locale(tenant));
    let nobody = blank(facts, tenant);
    let view = View {
        playbook,
        tenant: Some(tenant),
        session: &nobody,
        guest: facts.guest,
        hops: &[],
        now: facts.now,
    };
    let mut data = scope::with_unset(scope::scope(view), playbook, locale);
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
    let nil = uuid::Uuid::nil();
    transfer::session_at(tenant, (SessionId(nil), JourneyId(nil)), String::new(), facts.now)
}

struct Machine<'a> {
    facts: &'a Facts<'a>,
    journey: Journey,
    effects: Vec<Effect>,
    changed: BTreeSet<SessionId>,
    first_new_hop: usize,
    opening: Option<String>,
    refusal: Option<(Refusal, Words)>,
}

impl<'a> Machine<'a> {
    fn new(facts: &'a Facts<'a>, journey: Journey) -> Self {
        let first_new_hop = journey.hops.len();
        Machine {
            facts,
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
        facts: &'a Facts<'a>,
        is_new: bool,
        words: Option<&str>,
        choice: Option<&str>,
    ) -> Outcome {
        let playbook = facts.playbook;
        let Some(tenant) = playbook.tenant(&playbook.primary) else {
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
            facts,
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
        let Some((tenant, stage)) = self.place(index) else {
            if let Event::Said(text) = event {
                let session = self.journey.sessions[index].id;
                self.effects.push(Effect::Heard { session, text: text.clone() });
            }
            self.restart(index);
            return self.finish();
        };
        if let Some(data) = aside {
            self.aside_clicked(index, tenant, stage, data);
            return self.finish();
        }
        if let Event::Said(text) = event
            && self.is_beside(index, tenant, stage, text)
        {
            return self.finish();
        }
        let before = self.effects.len();
        let flow = stage.kind.behaviour().hear(&mut self.cx(index, tenant, stage), event);
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
        let locale = speaks_to(self.facts.guest, &self.facts.playbook.locale);
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
    fn place(&self, index: usize) -> Option<(&'a Tenant, &'a Stage)> {
        let session = &self.journey.sessions[index];
        let tenant = self.facts.playbook.tenant(&session.tenant)?;
        let stage = self
            .facts
            .pipelines(session)?
            .get(&session.pipeline)?
            .stages
            .get(session.stage.as_ref()?)?;
        Some((tenant, stage))
    }

    fn cx<'m>(&'m mut self, index: usize, tenant: &'m Tenant, stage: &'m Stage) -> Cx<'m> {
        Cx {
            facts: self.facts,
            tenant,
            stage,
            journey: &mut self.journey,
            index,
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
            let Some((tenant, stage)) = self.place(index) else {
                self.restart(index);
                return;
            };
            let now_flow = match flow.take() {
                Some(flow) => flow,
                None => match self.skips(index, tenant, stage) {
                    Some(exit) => {
                        if !self.leave(index, stage, exit, self.after(index, stage)) {
                            match self.end(index, tenant, stage, self.natural_end(index)) {
                                Some(next) => index = next,
                                None => return,
                            }
                        }
                        continue;
                    }
                    None => stage.kind.behaviour().enter(&mut self.cx(index, tenant, stage)),
                },
            };
            match now_flow {
                Flow::Stay => {
                    self.trail(index, stage, None);
                    return;
                }
                Flow::Next => {
                    if !self.leave(index, stage, "next", self.after(index, stage)) {
                        match self.end(index, tenant, stage, self.natural_end(index)) {
                            Some(next) => index = next,
                            None => return,
                        }
                    }
                }
                Flow::Goto { exit, stage: to } => {
                    self.leave(index, stage, &exit, Some(to));
                }
                Flow::End(state) => match self.close(index, tenant, stage, state) {
                    Some(next) => index = next,
                    None => return,
                },
                Flow::Transfer(proposal) => match self.transfer(index, tenant, stage, *proposal) {
                    Some(next) => index = next,
                    None => return,
                },
            }
        }
    }

    /// The exit under which a stage is skipped, if its condition is false or fails.
    fn skips(&mut self, index: usize, tenant: &Tenant, stage: &Stage) -> Option<&'static str> {
        let when = stage.when.as_ref()?;
        match when.holds(&self.cx(index, tenant, stage).scope()) {
            Ok(true) => None,
            Ok(false) => Some("skipped"),
            Err(_) => Some(CONDITION_FAILED),
        }
    }

    /// The `next` exit, else the following stage.
    fn after(&self, index: usize, stage: &Stage) -> Option<StageId> {
        if let Some(next) = stage.exit("next") {
            return Some(next.clone());
        }
        let session = &self.journey.sessions[index];
        let stages = &self.facts.pipelines(session)?.get(&session.pipeline)?.stages;
        let at = stages.get_index_of(&stage.id)?;
        stages.get_index(at + 1).map(|(id, _)| id.clone())
    }

    /// Leaves a stage; false when there is nowhere to go.
    fn leave(&mut self, index: usize, stage: &Stage, exit: &str, to: Option<StageId>) -> bool {
        let Some(to) = to else { return false };
        if let Some((tenant, _)) = self.place(index) {
            self.part(index, tenant, stage, None);
        }
        self.trail(index, stage, Some(exit));
        let session = &mut self.journey.sessions[index];
        session.stage = Some(to);
        session.stop_waiting();
        true
    }

    fn trail(&mut self, index: usize, stage: &Stage, exit: Option<&str>) {
        let step = Step {
            session: Some(self.journey.sessions[index].id),
            stage: stage.id.clone(),
            kind: stage.kind.name().to_owned(),
            at: self.facts.now,
            exit: exit.map(str::to_owned),
        };
        self.effects.push(Effect::Trail(step));
    }

    /// The pipeline ran out: the guest is told that the matter is closed. Answers like
    /// [`Machine::close`].
    fn end(&mut self, index: usize, tenant: &Tenant, stage: &Stage, state: State) -> Option<usize> {
        let mut cx = self.cx(index, tenant, stage);
        let text = Words::own(cx.phrases().ended);
        let again = cx.what_follows();
        cx.show(
            "ended",
            object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
            text,
        );
        self.close(index, tenant, stage, state)
    }

    /// Ends a session. Answers with the session that goes on, when one waits for this one's end.
    fn close(
        &mut self,
        index: usize,
        tenant: &Tenant,
        stage: &Stage,
        state: State,
    ) -> Option<usize> {
        self.trail(index, stage, Some("end"));
        self.part(index, tenant, stage, None);
        self.quiet(index, tenant, stage);
        self.withdraw_offer(index, tenant, stage);
        let session = &mut self.journey.sessions[index];
        session.end(state, self.facts.now);
        self.changed.insert(session.id);
        self.go_back(index)
    }

    /// Takes the buttons off the cards of a session that is being left.
    fn quiet(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        let session = &mut self.journey.sessions[index];
        let waiting = session.waiting.as_mut().and_then(|waiting| waiting.card.take());
        let aside = session.aside.take().map(|aside| aside.letter);
        let mut cx = self.cx(index, tenant, stage);
        let moot = Words::own(cx.phrases().moot);
        for letter in waiting.into_iter().chain(aside) {
            cx.replace(letter, &Words::default(), &moot);
        }
    }

    /// The files no longer know where the session stands: its tenant's pipeline starts anew;
    /// without the tenant, the front desk's does.
    fn restart(&mut self, index: usize) {
        let playbook = self.facts.playbook;
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
        session.stop_waiting();
        // Where nobody knows the stage nobody knows its desk: whoever writes there is told that the
        // chat is no longer here.
        session.help = None;
        session.part("left", self.facts.now);
        session.state = State::Active;
        let tenant = playbook.tenant(&session.tenant).filter(|tenant| tenant.primary().is_some());
        if let Some(tenant) = tenant {
            (session.pipeline, session.stage) = transfer::start_of(tenant);
            session.pipeline_version.clone_from(&tenant.version);
            self.enter(index);
            return;
        }
        session.end(State::Unresolved, self.facts.now);
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

//! Where a chat begins: the welcome, the first session of a journey, and the one after a place that
//! is gone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    run::{Machine, Outcome, Spot},
    spoken::WELCOME,
};
use crate::{
    model::{
        Body, Course, Effect, Entry, Event, Journey, JourneyId, Letter, Session, SessionId, Spoken,
        StageId, State, Step, TenantId, Token, Words, locale::speaks_to, session::keys,
    },
    pipeline::{
        card::{Face, Row, card_of, entries},
        cx::object,
        directory::Tenant,
        facts::Facts,
        language::{fill, phrases},
        playbook::{Case, OPENING, Stage},
        scope::View,
        stages::opening::Opening,
        typed::{normal, says_something},
    },
};

/// So much of its first menu is offered by the front desk's welcome beside the departments.
const MOST_CHOICES: usize = 3;

pub(super) fn choice_of(data: &serde_json::Map<String, Value>) -> &str {
    data.get("choice").and_then(Value::as_str).unwrap_or_default()
}

/// What a chat begins with, as far as a stage can make use of it.
fn said(words: Option<&str>, choice: Option<&str>) -> Option<Spoken> {
    let words = words.filter(|words| says_something(words)).map(Spoken::words);
    words.or_else(|| choice.filter(|choice| !choice.is_empty()).map(Spoken::button))
}

pub(super) fn nothing(effect: Option<Effect>) -> Outcome {
    Outcome {
        journey: None,
        open: Vec::new(),
        effects: effect.into_iter().collect(),
        changed: Vec::new(),
        first_new_hop: 0,
        refusal: None,
    }
}

pub(super) fn told_over(facts: &Facts<'_>) -> Effect {
    let locale = speaks_to(facts.guest, &facts.directory.locale);
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
    let locales = [locale, tenant.locale.as_str()];
    let stages = case.playbook.primary(tenant)?.stages.values();
    let mut menus = stages.filter(|stage| !stage.kind.behaviour().offers(&locales).is_empty());
    let menu = menus.next();
    let offers = menu.map(|menu| menu.kind.behaviour().offers(&locales)).unwrap_or_default();
    let plain = |title: &String| json!({ "title": title, "value": title });
    let choices: Vec<Value> = offers.iter().take(MOST_CHOICES).map(plain).collect();
    let rows = welcome_rows(case, tenant, menu, &offers);
    let words = fill(phrases.welcome, &[("company", &directory.company)]);
    let own = json!({
        "text": "",
        "departments": directory.tenants.values().filter(|t| t.enabled && t.first.is_some() && t.id != tenant.id)
            .map(|t| json!({ "id": t.id.as_str(), "name": t.name })).collect::<Vec<_>>(),
        "choices": choices,
        "rows": rows.get("rows"), "ways": rows.get("ways"),
        "words": { "welcome": words.variable(), "departments": phrases.departments },
    });
    let token = Token {
        session: None,
        stage: WELCOME.to_owned(),
        version: tenant.version.clone(),
        nonce: facts.fresh.nonce(),
    };
    let own = object(own);
    let face = Face { template: "welcome", own, summary: words, token: Some(token) };
    Some(outside(facts, tenant, face))
}

/// Every department once, as the front desk's first menu calls it where it leads there; and what
/// else that menu offers.
fn welcome_rows(
    case: &Case<'_>,
    front: &Tenant,
    menu: Option<&Stage>,
    offers: &[String],
) -> serde_json::Map<String, Value> {
    let directory = case.facts.directory;
    let stages = case.playbook.primary(front).map(|pipeline| &pipeline.stages);
    let leads_to = |next: &StageId| {
        let transfer = stages?.get(next)?.transfer()?;
        Some(TenantId::from(&transfer.literal()?.value))
    };
    let behaviour = menu.map(|menu| menu.kind.behaviour());
    let titles = behaviour.map(|menu| menu.offers(&[])).unwrap_or_default();
    let leads = behaviour.map(|menu| menu.leads()).unwrap_or_default();
    let led: Vec<(usize, TenantId)> = leads
        .iter()
        .filter_map(|(title, next)| {
            let at = titles.iter().position(|known| known == title)?;
            Some((at, leads_to(&next.value)?))
        })
        .collect();
    let called = |tenant: &Tenant| {
        let is = |title: &String| tenant.is_called(|name| normal(name) == normal(title));
        offers.iter().position(is)
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut led_to: BTreeSet<usize> = led.iter().map(|(at, _)| *at).collect();
    for tenant in directory.reachable_from(front) {
        let leads = led.iter().find(|(_, id)| *id == tenant.id).map(|(at, _)| *at);
        let offered = leads.or_else(|| called(tenant));
        led_to.extend(offered);
        let title = offered.and_then(|at| offers.get(at)).unwrap_or(&tenant.name);
        rows.push(Row::new(title, title).of(&tenant.look));
    }
    let is_other = |at: &usize| !led_to.contains(at);
    let others = offers.iter().enumerate().filter(|(at, _)| is_other(at)).take(MOST_CHOICES);
    rows.extend(others.map(|(_, title)| Row { apart: true, ..Row::new(title, title) }));
    entries(&rows)
}

/// A card of the front desk while no session is open.
pub(super) fn outside(facts: &Facts<'_>, tenant: &Tenant, face: Face<'_>) -> Letter {
    let nobody = blank(facts, tenant);
    let view = View {
        directory: facts.directory,
        tenant: Some(tenant),
        session: &nobody,
        guest: facts.guest,
        hops: &[],
        now: facts.now,
    };
    let card = card_of(view, facts.locale(tenant), face);
    let (id, body) = (facts.fresh.letter(), Body::Card(Box::new(card)));
    Letter { id, session: None, tenant: tenant.id.clone(), body }
}

fn noted(facts: &Facts<'_>, tenant: &Tenant, value: Value) -> Entry {
    Entry { value, private: false, tenant: tenant.id.clone(), stage: None, at: facts.now }
}

/// A session that never was: for the variables of a card outside of any.
pub(super) fn blank(facts: &Facts<'_>, tenant: &Tenant) -> Session {
    let nil = uuid::Uuid::nil();
    tenant.session((SessionId(nil), JourneyId(nil)), String::new(), facts.now)
}

impl<'a> Machine<'a> {
    /// Opens a journey with the guest's first words, or with a button of the welcome card.
    pub(super) fn begin(
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
        let note = |value: Value| noted(facts, tenant, value);
        session.spoken = said(words, choice);
        if let Some(words) = words {
            session.metadata.set(keys::QUESTION, note(Value::String(words.to_owned())));
        }
        session.metadata.set("Guest.IsNew", note(Value::Bool(is_new)));
        let text = Words::typed(words.or(choice).unwrap_or_default());
        let heard = Effect::Heard { session: session.id, text };
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
        let asks_for_way = |words| {
            machine.begins_with_person(0, words) || machine.begins_with_departments(0, words)
        };
        let is_on_the_way = words.is_some_and(asks_for_way)
            || choice.is_some_and(|choice| machine.begins_elsewhere(0, choice));
        if !is_on_the_way {
            machine.enter(0);
        }
        machine.finish()
    }

    /// The first that a guest does is to click a department of the welcome card that the front desk's
    /// first menu does not offer: they go there by their own wish. False for any other button.
    fn begins_elsewhere(&mut self, index: usize, choice: &str) -> bool {
        let Some(spot) = self.place(index) else { return false };
        let Some(department) = self.welcomed_to(spot, choice) else { return false };
        let session = &mut self.journey.sessions[index];
        session.spoken = None;
        session.returns_here();
        self.department_chosen(spot, department, false);
        if self.journey.sessions[index].aside.is_some() {
            self.wait_for_words(index);
        }
        true
    }

    /// Nothing has begun in a session but a question beside: what the guest writes instead of
    /// answering it is what it is about.
    pub(super) fn wait_for_words(&mut self, index: usize) {
        let session = &mut self.journey.sessions[index];
        session.stage = Some(OPENING.head.id.clone());
        self.changed.insert(session.id);
        if let Some(spot) = self.place(index) {
            Opening::wait(&mut self.at(spot));
        }
    }

    /// A guest who stays before anything has begun here: the first stage is the next.
    pub(super) fn begin_here(&mut self, spot: Spot<'_>) {
        if spot.stage.head.id == OPENING.head.id {
            let session = &mut self.journey.sessions[spot.index];
            session.stage.clone_from(&spot.tenant.first);
            session.stop_waiting();
        }
    }

    /// Opens a journey with files that came without any word: what it is about is asked, and the
    /// answer is heard as the first words.
    pub(super) fn begin_with_files(case: &'a Case<'a>, is_new: bool, event: &Event) -> Outcome {
        let Event::Files { names, is_picture } = event else { return nothing(None) };
        let id = case.facts.fresh.journey();
        let (sessions, hops, course) = (Vec::new(), Vec::new(), Course::default());
        let mut machine = Machine::new(case, Journey { id, sessions, hops, course });
        let Some(mut session) = machine.fresh_session() else { return nothing(None) };
        session.stage = Some(OPENING.head.id.clone());
        session.turns = 1;
        if let Some(tenant) = case.facts.directory.tenant(&session.tenant) {
            session.metadata.set("Guest.IsNew", noted(&case.facts, tenant, Value::Bool(is_new)));
        }
        machine.changed.insert(session.id);
        machine.journey.sessions.push(session);
        if let Some(spot) = machine.place(0) {
            let mut cx = machine.at(spot);
            let desk = cx.phrases().desk;
            let phrase = if *is_picture { desk.kept_picture } else { desk.kept_file };
            cx.say(fill(phrase, &[("files", &names.join(", "))]));
            Opening::wait(&mut cx);
            machine.trail(spot, None);
        }
        machine.finish()
    }

    /// Nobody knows any more where the session stands: its tenant's pipeline starts anew; without the
    /// tenant, the front desk goes on.
    pub(super) fn restart(&mut self, index: usize) {
        let session = &mut self.journey.sessions[index];
        self.changed.insert(session.id);
        let today = self.facts.directory.tenant(&session.tenant);
        let Some(tenant) = today.filter(|tenant| tenant.first.is_some()) else {
            if let Some(spot) = self.speaker(index)
                && let Some(next) = self.lead_on(spot)
            {
                self.enter(next);
            }
            return;
        };
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
        session.desk = None;
        session.part("left", self.facts.now);
        session.state = State::Active;
        if self.beside {
            // The guest is elsewhere, and goes on there.
            session.end(State::Unresolved, self.facts.now);
            let words = self.over(index);
            self.tell(index, words);
            return;
        }
        (session.pipeline, session.stage) = tenant.beginning();
        session.pipeline_version.clone_from(&tenant.version);
        self.enter(index);
    }

    /// What a guest wrote first is the question of a session, and what its first stage is offered.
    pub(super) fn ask_with(&self, session: &mut Session, words: &str) {
        if let Some(tenant) = self.facts.directory.tenant(&session.tenant) {
            let question = noted(self.facts, tenant, Value::String(words.to_owned()));
            session.metadata.set(keys::QUESTION, question);
            session.spoken = said(Some(words), None);
        }
    }

    /// A new session at the front desk, in the same journey.
    pub(super) fn fresh_session(&self) -> Option<Session> {
        let directory = self.facts.directory;
        let tenant = directory.tenant(&directory.primary)?;
        let mut fresh = blank(self.facts, tenant);
        fresh.id = self.facts.fresh.session();
        fresh.origin = fresh.id;
        fresh.journey = self.journey.id;
        fresh.reference = format!("{}-{}", tenant.reference, self.facts.fresh.number());
        Some(fresh)
    }
}

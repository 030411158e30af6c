//! What every stage can do, and what it can reach.

use std::time::Duration;

use handlebars::Context;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Facts,
    expr::Expr,
    language::{Phrases, fill, phrases, text::Text},
    playbook::Tenant,
    scope::{self, View},
    stages::Kind,
    transfer::Proposal,
};
use crate::{
    model::{
        Aside, AsideAsks, Asks, Body, Card, Effect, Entry, Event, Journey, Letter, LetterId,
        Session, StageId, State, Step, Token, Waiting, Words,
    },
    source::{At, Fields, Place},
};

/// One step of a pipeline.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its id, unique in the pipeline.
    pub id: StageId,
    /// Where the id stands.
    pub place: Place,
    /// What it does.
    pub kind: Kind,
    /// Skipped when false.
    pub when: Option<Expr>,
    /// Where it goes, by exit: `next`, `on_…`.
    pub exits: Vec<(String, At<StageId>)>,
}

impl Stage {
    /// The stage behind an exit that was written.
    pub fn exit(&self, name: &str) -> Option<&StageId> {
        self.exits.iter().find(|(exit, _)| exit == name).map(|(_, to)| &to.value)
    }
}

/// What a kind of stage does.
pub trait Behaviour {
    /// The session arrives.
    fn enter(&self, cx: &mut Cx<'_>) -> Flow;
    /// The guest answers while the session waits here.
    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        let _ = (cx, event);
        Flow::Stay
    }
    /// What it names, with places: the checker proves that all of it exists.
    fn mentions(&self) -> Vec<Mention<'_>> {
        Vec::new()
    }
    /// True when it waits for the guest, so that a loop through it cannot spin.
    fn waits(&self) -> bool {
        true
    }
    /// The `Data` keys that it can set, whole.
    fn sets(&self) -> Vec<At<String>> {
        Vec::new()
    }
    /// Those of its `Data` keys that hold ISO dates.
    fn dates(&self) -> Vec<String> {
        Vec::new()
    }
    /// Every way on that it has by itself, beside the written exits, with the place where it is
    /// named.
    fn leads(&self) -> Vec<(String, At<StageId>)> {
        Vec::new()
    }
    /// True when it takes any typed text as its answer, so that a command needs its `/`.
    fn is_free_text(&self) -> bool {
        false
    }
    /// True when this typed text is one of its answers, so that it is no command.
    fn knows(&self, typed: &str) -> bool {
        let _ = typed;
        false
    }
    /// How long it waits for the guest, when it says so itself.
    fn timeout(&self) -> Option<Duration> {
        None
    }
    /// True when the stage after it in the list can follow.
    fn falls_through(&self) -> bool {
        true
    }
}

/// Something that a stage names.
#[derive(Debug)]
pub enum Mention<'a> {
    /// A tenant.
    Tenant(&'a At<String>),
    /// A card template, with the variables that the stage adds to the built-in ones.
    Card(&'a At<String>, Vec<&'a str>),
    /// The variables of a text.
    Text(&'a Text),
    /// The variables of a condition.
    Expr(&'a Expr),
    /// A host that is called.
    Host(&'a At<String>),
    /// A tenant to which the guest is moved.
    Target(&'a At<String>),
}

/// Where a session goes after a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Flow {
    /// The `next` exit, else the following stage, else the end as unresolved.
    Next,
    /// An exit, to a stage of the same pipeline.
    Goto {
        /// The exit's name, for the flow trail.
        exit: String,
        /// The stage.
        stage: StageId,
    },
    /// Waits here.
    Stay,
    /// The guest is to be moved.
    Transfer(Box<Proposal>),
    /// The session ends in this state.
    End(State),
}

/// Words or a template: how a stage speaks.
#[derive(Debug, Clone, Default)]
pub struct Speech {
    /// A text.
    pub text: Option<Text>,
    /// A card.
    pub template: Option<At<String>>,
}

impl Speech {
    /// Reads `text` and `template`: at most one, and one at least where it is required.
    pub fn read(fields: &Fields<'_>, required: bool) -> Speech {
        let text_node = fields.get("text");
        let template = fields.text("template");
        let written = text_node.is_some() || template.is_some();
        if text_node.is_some()
            && let Some(template) = &template
        {
            fields.problems.error(
                &template.place,
                format!("{} has both `text` and `template`", fields.name),
                "keep one of them",
            );
        }
        if required && !written {
            fields.problems.error(
                fields.place,
                format!("{} needs `text` or `template`", fields.name),
                "add `text: \"…\"`, or `template:` with a card's name",
            );
        }
        let text = text_node.and_then(|node| Text::read(node, fields.problems, "`text`"));
        Speech { text, template }
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.template.is_none()
    }

    /// What it names.
    pub fn mentions(&self) -> Vec<Mention<'_>> {
        let template = self.template.iter().map(|template| Mention::Card(template, Vec::new()));
        self.text.iter().map(Mention::Text).chain(template).collect()
    }
}

/// The exit in the flow trail of a stage whose condition could not be judged (a value of another
/// type).
pub const CONDITION_FAILED: &str = "condition_failed";

/// What a stage can see and do while it acts.
pub struct Cx<'a> {
    /// The company, the instant, fresh ids.
    pub facts: &'a Facts<'a>,
    /// The session's tenant.
    pub tenant: &'a Tenant,
    /// The stage itself.
    pub stage: &'a Stage,
    /// The journey; the session is the one at `index`.
    pub journey: &'a mut Journey,
    /// The session's index.
    pub index: usize,
    /// What is to be done, in order.
    pub effects: &'a mut Vec<Effect>,
    /// The welcome card's choice, until the first menu has used it.
    pub opening: &'a mut Option<String>,
}

impl<'a> Cx<'a> {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.journey.sessions[self.index]
    }

    /// The session, to change it.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.journey.sessions[self.index]
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        self.facts.now
    }

    /// The guest's locale, else the tenant's.
    pub fn locale(&self) -> &'a str {
        self.facts.locale(self.tenant)
    }

    /// The guest's locale, then the tenant's: the order in which forms of texts are looked for.
    pub fn locales(&self) -> [&'a str; 2] {
        [self.locale(), self.tenant.locale.as_str()]
    }

    /// The built-in sentences in the guest's language.
    pub fn phrases(&self) -> &'static Phrases {
        phrases(self.locale())
    }

    /// The variables, as far as they are set.
    pub fn scope(&self) -> Value {
        let session = self.session();
        scope::scope(View {
            playbook: self.facts.playbook,
            tenant: Some(self.tenant),
            session,
            guest: self.facts.guest,
            hops: self.journey.hops_of(session.id),
            now: self.facts.now,
        })
    }

    /// The variables for a text.
    pub fn context(&self) -> Context {
        Context::from(scope::with_unset(self.scope(), self.facts.playbook, self.locale()))
    }

    /// Renders a text.
    pub fn render(&self, text: &Text) -> Words {
        text.render(&self.context(), &self.locales())
    }

    /// The exit of that name, if it was written.
    pub fn exit(&self, name: &str) -> Option<Flow> {
        self.stage
            .exit(name)
            .map(|stage| Flow::Goto { exit: name.to_owned(), stage: stage.clone() })
    }

    /// Writes a key of the session's metadata.
    pub fn set(&mut self, key: &str, value: Value, private: bool) {
        let entry = Entry {
            value,
            private,
            tenant: self.tenant.id.clone(),
            stage: Some(self.stage.id.clone()),
            at: self.facts.now,
        };
        self.session_mut().metadata.set(key, entry);
    }

    /// What the session waits for.
    pub fn asks(&self) -> Option<&Asks> {
        self.session().waiting.as_ref().map(|waiting| &waiting.asks)
    }

    /// How often the present question was misunderstood.
    pub fn misses(&self) -> u32 {
        self.session().waiting.as_ref().map_or(0, |waiting| waiting.misses)
    }

    /// Notes in the flow trail that a condition could not be judged.
    pub fn condition_failed(&mut self) {
        let step = Step {
            session: Some(self.session().id),
            stage: self.stage.id.clone(),
            kind: self.stage.kind.name().to_owned(),
            at: self.facts.now,
            exit: Some(CONDITION_FAILED.to_owned()),
        };
        self.effects.push(Effect::Trail(step));
    }

    /// The guest's part of the transcript.
    pub fn heard(&mut self, text: impl Into<String>) {
        let session = self.session().id;
        self.effects.push(Effect::Heard { session, text: text.into() });
    }

    /// Says a plain message.
    pub fn say(&mut self, words: Words) {
        self.send(Body::Text(words));
    }

    /// Shows a card that asks nothing.
    pub fn show(&mut self, template: &str, own: Map<String, Value>, summary: Words) -> LetterId {
        let card = self.card(template, own, summary, None);
        self.send(Body::Card(Box::new(card)))
    }

    /// Asks with a card: from now on only its buttons count.
    pub fn ask(&mut self, template: &str, own: Map<String, Value>, summary: Words, asks: Asks) {
        let misses = match self.asks() {
            Some(before)
                if *before == asks || matches!((before, &asks), (Asks::Guess(_), Asks::Stage)) =>
            {
                self.misses()
            }
            _ => 0,
        };
        let (nonce, id) = self.show_live(template, own, summary);
        let (since, stage) = (self.facts.now, self.stage.id.clone());
        let waits = self.stage.kind.behaviour().waits();
        let is_menu = matches!(self.stage.kind, Kind::Menu(_));
        let session = self.session_mut();
        session.waiting = Some(Waiting { since, nonce, asks, misses, card: Some(id) });
        session.reminded = false;
        if is_menu {
            session.last_menu = Some(stage.clone());
        }
        if waits {
            session.last_waited = Some(stage);
        }
    }

    /// Asks something beside the stage's own question, which stands meanwhile.
    pub fn ask_aside(
        &mut self,
        template: &str,
        own: Map<String, Value>,
        summary: Words,
        asks: AsideAsks,
    ) {
        let (nonce, letter) = self.show_live(template, own, summary);
        self.session_mut().aside = Some(Aside { nonce, letter, asks, overtaken: false });
    }

    /// Shows a card whose buttons carry a token of this stage; answers with the token's nonce and
    /// the card's letter.
    pub fn show_live(
        &mut self,
        template: &str,
        own: Map<String, Value>,
        summary: Words,
    ) -> (String, LetterId) {
        let nonce = self.facts.fresh.nonce();
        let token = Token {
            session: Some(self.session().id),
            stage: self.stage.id.to_string(),
            version: self.session().pipeline_version.clone(),
            nonce: nonce.clone(),
        };
        let card = self.card(template, own, summary, Some(token));
        (nonce, self.send(Body::Card(Box::new(card))))
    }

    /// What the guest reads under a goodbye: how to begin again, or who goes on.
    pub fn what_follows(&self) -> Words {
        let phrases = self.phrases();
        let back = self.journey.course.duties.last().and_then(|duty| self.journey.session(duty.to));
        back.map_or_else(
            || Words::own(phrases.again),
            |session| fill(phrases.back_with, &[("name", &session.tenant_name)]),
        )
    }

    /// Counts a misunderstanding.
    pub fn miss(&mut self) {
        if let Some(waiting) = &mut self.session_mut().waiting {
            waiting.misses += 1;
        }
    }

    /// Replaces the card that asked by a quiet line with its answer.
    pub fn settle(&mut self, question: &Words, answer: &Words) {
        if let Some(letter) =
            self.session_mut().waiting.as_mut().and_then(|waiting| waiting.card.take())
        {
            self.replace(letter, question, answer);
        }
    }

    /// Replaces any card by a quiet line.
    pub fn replace(&mut self, letter: LetterId, question: &Words, answer: &Words) {
        let own = object(json!({ "text": question.variable(), "answer": answer.variable() }));
        self.redraw(letter, "answered", own, answer.clone());
    }

    /// Replaces any card by one without buttons.
    pub fn redraw(
        &mut self,
        letter: LetterId,
        template: &str,
        own: Map<String, Value>,
        summary: Words,
    ) {
        let card = self.card(template, own, summary, None);
        self.effects.push(Effect::Settle { letter, card });
    }

    fn send(&mut self, body: Body) -> LetterId {
        let id = self.facts.fresh.letter();
        let letter =
            Letter { id, session: Some(self.session().id), tenant: self.tenant.id.clone(), body };
        self.effects.push(Effect::Send(letter));
        id
    }

    fn card(
        &self,
        template: &str,
        own: Map<String, Value>,
        summary: Words,
        token: Option<Token>,
    ) -> Card {
        let mut data = scope::with_unset(self.scope(), self.facts.playbook, self.locale());
        if let Value::Object(map) = &mut data {
            map.extend(own);
        }
        Card {
            template: template.to_owned(),
            tenant: self.tenant.id.clone(),
            locale: self.locale().to_owned(),
            data,
            token,
            summary,
        }
    }
}

/// The fields of a JSON object literal.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

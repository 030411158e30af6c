//! What a stage can see and do while it acts.

mod trouble;

pub use trouble::{CONDITION_FAILED, TEXT_FAILED};

use std::cell::RefCell;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{
    answers::Search,
    card::{Face, card_of},
    directory::Tenant,
    facts::Facts,
    flow::{Flow, Head},
    language::text::{Text, Variables},
    language::{Phrases, fill, moment_for, phrases},
    scope::{self, View},
    typed::says_something,
};
use crate::model::{
    Aside, AsideAsks, Asks, Body, Card, Effect, Entry, Joined, Journey, Letter, LetterId, Session,
    Spoken, Step, Token, Waiting, Words,
};

/// What a stage can see and do while it acts.
pub struct Cx<'a> {
    /// The company, the instant, fresh ids.
    pub facts: &'a Facts<'a>,
    /// The session's tenant.
    pub tenant: &'a Tenant,
    /// The stage itself.
    pub stage: &'a Head,
    /// The journey; the session is the one at `index`.
    pub journey: &'a mut Journey,
    /// The session's index.
    pub index: usize,
    /// The stage is entered or not as a private value decides.
    pub depends_on_private: bool,
    /// The guest is in another matter: what they read of this one says which it is.
    pub beside: bool,
    /// Where the stage behind `on_free_text` looks for what is typed here.
    pub beyond: Option<Search<'a>>,
    /// What is to be done, in order.
    pub effects: &'a mut Vec<Effect>,
    /// The question that this turn asks last.
    pub asked: &'a mut Option<Joined>,
    /// Texts that could not be filled in.
    pub troubles: &'a RefCell<Vec<Step>>,
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

    /// The zone in which the guest reads times, as far as it is known.
    pub fn zone(&self) -> Option<TimeZone> {
        self.facts.guest.zone()
    }

    /// An instant as the guest reads it.
    pub fn guest_moment(&self, at: Timestamp) -> String {
        let own = self.tenant.hours.as_ref().map(|hours| &hours.zone);
        let own = own.unwrap_or(&self.facts.directory.zone);
        moment_for(self.locale(), at, self.now(), (own, self.zone().as_ref()))
    }

    /// The guest's locale, else the tenant's.
    pub fn locale(&self) -> &'a str {
        self.facts.locale(self.tenant)
    }

    /// The guest's locale, then the tenant's: the order in which forms of texts are looked for.
    pub fn locales(&self) -> [&'a str; 2] {
        [self.locale(), self.tenant.locale.as_str()]
    }

    /// True where the department is gone or disabled, and its desk can be reached no more.
    pub fn is_forsaken(&self) -> bool {
        let id = &self.tenant.id;
        self.facts.directory.is_departed(id) && !self.facts.desks.is_staffed(id)
    }

    /// The built-in sentences in the guest's language.
    pub fn phrases(&self) -> &'static Phrases {
        phrases(self.locale())
    }

    /// What variables are made from.
    pub fn view(&self) -> View<'_> {
        let session = self.session();
        View {
            directory: self.facts.directory,
            tenant: Some(self.tenant),
            session,
            guest: self.facts.guest,
            hops: self.journey.hops_of(session.id),
            now: self.facts.now,
        }
    }

    /// The variables, as far as they are set.
    pub fn scope(&self) -> Value {
        scope::scope(self.view())
    }

    /// The variables for a text.
    pub fn variables(&self) -> Variables {
        scope::shown(self.view(), self.locale())
    }

    /// True when a text uses something that is private in this session, in whatever way.
    pub fn uses_private(&self, text: &Text) -> bool {
        self.session().metadata.private_keys().any(|key| text.uses(key))
    }

    /// The exit of that name, if it was written.
    pub fn exit(&self, name: &str) -> Option<Flow> {
        self.stage
            .exit(name)
            .map(|stage| Flow::Goto { exit: name.to_owned(), stage: stage.clone() })
    }

    /// Writes a key of the session's metadata. What is written only because a private value is what
    /// it is, is private as well.
    pub fn set(&mut self, key: &str, value: Value, private: bool) {
        let entry = Entry {
            value,
            private: private || self.depends_on_private,
            tenant: self.tenant.id.clone(),
            stage: Some(self.stage.id.clone()),
            at: self.facts.now,
        };
        self.session_mut().metadata.set(key, entry);
    }

    /// What the guest has said before counts as the answer here: they read it, and may give another.
    pub fn taken(&mut self, question: Words, words: &str) {
        let phrases = self.phrases();
        let answer = Words::typed(words);
        let own = json!({
            "text": question.variable(), "answer": answer.variable(), "words": { "change": phrases.change_it },
        });
        let stage = self.stage.id.clone();
        let asks = AsideAsks::Retake {
            stage: stage.clone(),
            question: question.variable(),
            words: words.to_owned(),
        };
        self.ask_aside("taken", object(own), answer, asks);
        let session = self.session_mut();
        session.last_waited = Some(stage);
        session.spoken = None;
    }

    /// The guest has said something in words of their own that this department could not place:
    /// the next one is offered it.
    pub fn keep_words(&mut self, words: &str) {
        if says_something(words) {
            let mut spoken = Spoken::words(words);
            spoken.hear(&self.tenant.id);
            self.session_mut().spoken = Some(spoken);
        }
    }

    /// What the session waits for.
    pub fn asks(&self) -> Option<&Asks> {
        self.session().waiting.as_ref().map(|waiting| &waiting.asks)
    }

    /// How often the present question was misunderstood.
    pub fn misses(&self) -> u32 {
        self.session().waiting.as_ref().map_or(0, |waiting| waiting.misses)
    }

    /// The guest's part of the transcript, as they typed it.
    pub fn heard(&mut self, text: impl AsRef<str>) {
        self.heard_words(Words::typed(text.as_ref()));
    }

    /// The guest's part of the transcript.
    pub fn heard_words(&mut self, text: Words) {
        let session = self.session().id;
        self.effects.push(Effect::Heard { session, text });
    }

    /// Says a plain message.
    pub fn say(&mut self, words: Words) {
        self.send(Body::Text(words));
    }

    /// Shows a card that asks nothing.
    pub fn show(&mut self, template: &str, own: Map<String, Value>, summary: Words) -> LetterId {
        let card = self.card(Face { template, own, summary, token: None });
        self.send(Body::Card(Box::new(card)))
    }

    /// Asks with a card: from now on only its buttons count.
    pub fn ask(&mut self, template: &str, own: Map<String, Value>, summary: Words, asks: Asks) {
        let misses = match self.asks() {
            Some(before)
                if *before == asks
                    || matches!(
                        (before, &asks),
                        (Asks::Guess(_) | Asks::Either { .. }, Asks::Stage)
                            | (Asks::Stage, Asks::Guess(_) | Asks::Either { .. })
                    ) =>
            {
                self.misses()
            }
            _ => 0,
        };
        let (look, says) = (Value::Object(own.clone()), summary.variable());
        let (nonce, id) = self.show_live(template, own, summary);
        *self.asked = Some(Joined {
            letter: id,
            session: self.session().id,
            template: template.to_owned(),
            own: look,
            summary: says,
            token: Some(self.token(&nonce)),
            moved: String::new(),
            said: Vec::new(),
        });
        let (since, stage) = (self.facts.now, self.stage.id.clone());
        let waits = self.stage.waits;
        let session = self.session_mut();
        session.waiting = Some(Waiting { since, nonce, asks, misses, card: Some(id) });
        session.reminded = false;
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
        let token = self.token(&nonce);
        let card = self.card(Face { template, own, summary, token: Some(token) });
        (nonce, self.send(Body::Card(Box::new(card))))
    }

    fn token(&self, nonce: &str) -> Token {
        Token {
            session: Some(self.session().id),
            stage: self.stage.id.to_string(),
            version: self.session().pipeline_version.clone(),
            nonce: nonce.to_owned(),
        }
    }

    /// What the guest reads under a goodbye: how to begin again, or who goes on.
    pub fn what_follows(&self) -> Words {
        if self.beside {
            // They have not gone anywhere.
            return Words::default();
        }
        let phrases = self.phrases();
        let back = self.journey.course.duties.last().and_then(|duty| self.journey.session(duty.to));
        back.map_or_else(
            || Words::own(phrases.again),
            |session| {
                let directory = self.facts.directory;
                let name = directory.called(&session.tenant, &session.tenant_name);
                fill(phrases.back_with, &[("name", name)])
            },
        )
    }

    /// What is said when an answer was not understood, once that is counted: `first` the first time;
    /// then a way to a person or to help, never the same twice in a row.
    pub fn unclear(&self, first: &'static str) -> &'static str {
        let phrases = self.phrases();
        match self.misses() {
            0 | 1 => first,
            count if count % 2 == 1 => phrases.unclear_more,
            _ if self.has_people() => phrases.unclear_person,
            _ => phrases.unclear_help,
        }
    }

    /// The same for a command that can do nothing here; counts it.
    pub fn useless(&mut self, first: &'static str) -> &'static str {
        let (phrases, count) = (self.phrases(), self.misses());
        self.miss();
        match count {
            0 => first,
            count if count % 2 == 1 => phrases.useless,
            _ => phrases.useless_more,
        }
    }

    /// True when a person can be asked for: here, or in a department to which the guest can go.
    pub fn has_people(&self) -> bool {
        self.tenant.has_desk
            || self.facts.directory.reachable_from(self.tenant).any(|to| to.has_desk)
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

    pub(super) fn card(&self, face: Face<'_>) -> Card {
        card_of(self.view(), self.locale(), face)
    }

    /// Words as the guest reads them: with the session's reference in front while they are in
    /// another matter.
    pub(super) fn marked(&self, words: Words) -> Words {
        if !self.beside {
            return words;
        }
        fill(self.phrases().left.mark, &[("ref", &self.session().reference)]).beside(&words)
    }

    fn send(&mut self, body: Body) -> LetterId {
        let id = self.facts.fresh.letter();
        let body = match body {
            Body::Text(words) => Body::Text(self.marked(words)),
            card => card,
        };
        let letter =
            Letter { id, session: Some(self.session().id), tenant: self.tenant.id.clone(), body };
        self.effects.push(Effect::Send(letter));
        id
    }
}

/// The fields of a JSON object literal.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

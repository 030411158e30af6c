//! What one turn writes, as it grows: effects become transcript lines, letters, flow steps and the
//! HTTP answer.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{cause::Stamp, desk_mail::DeskMail};
use crate::{
    engine::{
        roster::Roster,
        running::Running,
        wire::{self, Drawn, Place},
    },
    model::{
        Agent, Body, Call, Card, Conversation, ConversationId, DeskLetter, Effect, FileId, Letter,
        LetterId, Reference, SessionId, SuggestionId, TenantId, Words,
    },
    pipeline::{
        cx::{CONDITION_FAILED, TEXT_FAILED},
        desk::WITHDRAWN,
    },
    store::{
        Added, Answer, Delivery, Edit, FaqRow, Line, Outgoing, Suggestion, SuggestionState, Who,
    },
    teams::invokes,
};

/// Instead of a part of a message that has no such part any more.
const GONE: &str = "–";

pub(super) struct Page<'a> {
    running: &'a Running,
    desk: DeskMail<'a>,
    stamp: Stamp,
    conversation: ConversationId,
    reference: Reference,
    guest_name: Option<String>,
    pub(super) now: Timestamp,
    /// What the turn leaves beside its conversation.
    pub(super) added: Added,
    pub(super) calls: Vec<(SessionId, Call)>,
    /// Files of which the other side is told.
    pub(super) carried: Vec<FileId>,
    /// Activities that go into the HTTP answer (`expectReplies`) instead of to the connector.
    replies: Vec<Value>,
    names: Vec<(SessionId, String)>,
    threads: Vec<(SessionId, TenantId, LetterId)>,
    reply_card: Option<Value>,
    reply_words: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        running: &'a Running,
        roster: &'a Roster,
        stamp: Stamp,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Self {
        Page {
            running,
            desk: DeskMail { running, roster, guest: conversation.id.clone() },
            stamp,
            conversation: conversation.id.clone(),
            reference: conversation.reference.clone(),
            guest_name: conversation.guest.name.clone(),
            now,
            added: Added::default(),
            calls: Vec::new(),
            carried: Vec::new(),
            replies: Vec::new(),
            names: Vec::new(),
            threads: Vec::new(),
            reply_card: None,
            reply_words: None,
        }
    }

    /// The departments' names, for the transcript.
    pub(super) fn session_names(&mut self, conversation: &Conversation) {
        let briefs = conversation.sessions().filter_map(|session| {
            Some((session.id, session.tenant.clone(), session.desk.as_ref()?.brief?))
        });
        self.threads = briefs.collect();
        let names = conversation.sessions();
        self.names = names.map(|session| (session.id, session.tenant_name.clone())).collect();
    }

    pub(super) fn take(&mut self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.write(effect));
    }

    fn write(&mut self, effect: Effect) {
        match effect {
            Effect::Heard { session, text } => {
                let name = self.guest_name.clone();
                let activity_id = self.stamp.activity_id.clone();
                let hidden = text.is_private();
                let line = self.line(Some(session), Who::Guest, text.plain());
                let heard = Line { name, activity_id, hidden, ..line };
                self.added.lines.push(heard);
            }
            Effect::Send(letter) => self.send(&letter),
            Effect::Settle { letter, card } => self.settle(letter, &card),
            Effect::Tell { session, words, .. } => self.tell(session, &words),
            Effect::Desk(letter) => self.added.letters.extend(self.desk.post(letter)),
            Effect::Redesk { letter, agent, card } => self.redesk(letter, agent.as_deref(), &card),
            Effect::TellDesk { session, words } => self.tell_desk(session, words),
            Effect::Agent { session, by, text, letter } => {
                let from = if letter.is_none() { Who::Note } else { Who::Agent };
                let Agent { id, name } = by;
                let (name, author) = (Some(name), Some(id));
                let activity_id = self.stamp.said.clone();
                let line = self.line(Some(session), from, text);
                self.added.lines.push(Line { name, activity_id, letter, author, ..line });
            }
            Effect::Carried(file) => self.carried.push(file),
            Effect::Amend { session, agent, activity, text } => self.added.edits.push(Edit {
                activity_id: activity,
                at_desk: Some((session, agent)),
                text,
                at: self.now,
            }),
            Effect::Rewrite { letter, words, was } => {
                self.rewrite(letter, &words, was.as_ref());
            }
            Effect::Answer { session, tenant, article, verdict } => {
                self.added.answers.push(FaqRow { session, tenant, article, verdict });
            }
            Effect::Draft { session, tenant, locale, by, question, answer } => {
                self.added.suggestions.push(Suggestion {
                    id: SuggestionId(uuid::Uuid::now_v7()),
                    tenant,
                    question,
                    answer,
                    locale,
                    by,
                    session,
                    created: self.now,
                    state: SuggestionState::Proposed,
                    decided_by: None,
                    decided: None,
                });
            }
            Effect::Call { session, call } => self.calls.push((session, *call)),
            Effect::Trail(step) => {
                let exit = step.exit.as_deref().unwrap_or_default();
                if let Some(condition) = exit.strip_prefix(CONDITION_FAILED) {
                    let condition = condition.trim_start_matches(": ");
                    tracing::warn!(session = ?step.session, stage = %step.stage, condition, "a condition could not be judged and was taken as false");
                } else if exit == TEXT_FAILED {
                    tracing::warn!(session = ?step.session, stage = %step.stage, "a text could not be filled in: what stands in it was said");
                }
                self.added.trail.push(step);
            }
        }
    }

    /// Something for the guest.
    fn send(&mut self, letter: &Letter) {
        let (cards, place) = (&self.running.cards, Place::of(&self.conversation));
        let reply_to = self.stamp.activity_id.as_deref();
        let drawn = wire::draw_body(&letter.body, cards, &self.reference, place, reply_to);
        let card = drawn.kept.map(|card| card.to_string());
        if let Body::Card(card) = &letter.body {
            // What stands in one card is in the transcript as it was said.
            for part in &card.above {
                self.bot_line(part.session, letter.id, part.words().plain(), None);
            }
        }
        self.bot_line(letter.session, letter.id, drawn.text, card);
        self.post_all(letter.id, drawn.activity, drawn.more);
    }

    /// A message of the guest's says something else. What it said may have had more parts, or less.
    fn rewrite(&mut self, letter: LetterId, words: &Words, was: Option<&Words>) {
        let drawn = |words| wire::text(words, &self.reference, Place::of(&self.conversation), None);
        if !self.conversation.is_teams() {
            // Said anew where it cannot be changed; nobody is told of words that were taken away.
            if !words.is_empty() {
                let Drawn { activity, more, .. } = drawn(words);
                self.post_all(LetterId(uuid::Uuid::now_v7()), activity, more);
            }
            return;
        }
        let before = was.map_or(0, |was| drawn(was).more.len());
        let Drawn { activity, more, .. } = drawn(words);
        let gone = drawn(&Words::own(GONE)).activity;
        self.put(letter, None, activity);
        let count = more.len();
        for (part, activity) in more.into_iter().enumerate() {
            let id = letter.part(part);
            if part < before {
                self.put(id, None, activity);
            } else {
                self.post(id, activity);
            }
        }
        (count..before).for_each(|part| self.put(letter.part(part), None, gone.clone()));
    }

    /// A card of the guest's was answered.
    fn settle(&mut self, letter: LetterId, card: &Card) {
        let (cards, place) = (&self.running.cards, Place::of(&self.conversation));
        let drawn = wire::draw_card(card, cards, &self.reference, place, None);
        // The first card that is settled is the one that was clicked.
        let first = self.reply_card.is_none() && !self.stamp.at_desk && !self.stamp.welcomed;
        if first {
            self.reply_card = drawn.card;
        }
        self.put(letter, self.stamp.clicked.clone().filter(|_| first), drawn.activity);
    }

    /// Words about a click that no longer counts: in the invoke's answer when there is one, else as
    /// a message.
    pub(super) fn tell(&mut self, session: Option<SessionId>, words: &Words) {
        if self.stamp.is_invoke && !self.stamp.at_desk {
            self.reply_words = Some(words.plain());
            return;
        }
        let reply_to = self.stamp.activity_id.as_deref();
        let drawn = wire::text(words, &self.reference, Place::of(&self.conversation), reply_to);
        let id = LetterId(uuid::Uuid::now_v7());
        self.bot_line(session, id, drawn.text, None);
        self.post_all(id, drawn.activity, drawn.more);
    }

    /// A card at a desk shows something else; to whoever clicked on it in the answer as well.
    fn redesk(&mut self, of: LetterId, agent: Option<&str>, card: &Card) {
        let is_theirs = self.stamp.agent.as_deref() == agent;
        let replaced = match agent {
            Some(agent) => {
                let fallback = self.stamp.clicked.clone().filter(|_| is_theirs);
                self.desk.replace_at(agent, Delivery::Put { of, fallback }, card)
            }
            None => self.desk.replace(of, card),
        };
        let Some((letter, drawn)) = replaced else { return };
        if agent.is_some() && card.template == WITHDRAWN {
            self.added.emptied.push((of, letter.body.clone()));
        }
        let is_answer = if agent.is_some() { is_theirs } else { self.stamp.at_desk };
        if is_answer && self.reply_card.is_none() {
            self.reply_card = drawn;
        }
        self.added.letters.push(letter);
    }

    /// Words to the person at the desk who just did something.
    pub(super) fn tell_desk(&mut self, session: SessionId, words: Words) {
        if self.stamp.is_invoke {
            self.reply_words = Some(words.plain());
            return;
        }
        let agent = self.stamp.agent.clone();
        let (tenant, thread) = match &agent {
            Some(_) => (TenantId::from(""), None),
            None => match self.threads.iter().find(|(id, ..)| *id == session) {
                Some((_, tenant, thread)) => (tenant.clone(), Some(*thread)),
                None => return,
            },
        };
        let (id, body) = (LetterId(uuid::Uuid::now_v7()), Body::Text(words));
        let letter = DeskLetter { thread, agent, ..DeskLetter::new(id, session, tenant, body) };
        self.added.letters.extend(self.desk.post(letter));
    }

    fn bot_line(
        &mut self,
        session: Option<SessionId>,
        letter: LetterId,
        text: String,
        card: Option<String>,
    ) {
        let names = &self.names;
        let name = names.iter().find(|(id, _)| Some(*id) == session).map(|(_, name)| name.clone());
        if session.is_some() {
            let letter = Some(letter);
            self.added.lines.push(Line {
                name,
                card,
                letter,
                ..self.line(session, Who::Bot, text)
            });
        }
    }

    fn line(&self, session: Option<SessionId>, from: Who, text: String) -> Line {
        Line {
            session,
            at: self.now,
            from,
            name: None,
            text,
            card: None,
            activity_id: None,
            letter: None,
            author: None,
            edited: None,
            deleted: None,
            hidden: false,
        }
    }

    fn post_all(&mut self, id: LetterId, activity: String, more: Vec<String>) {
        self.post(id, activity);
        for (part, activity) in more.into_iter().enumerate() {
            self.post(id.part(part), activity);
        }
    }

    fn post(&mut self, id: LetterId, activity: String) {
        if self.stamp.expects_replies {
            self.reply(&activity);
            return;
        }
        let letter = self.letter(id, Delivery::Post(self.stamp.activity_id.clone()), activity);
        self.added.letters.push(letter);
    }

    /// An activity in the HTTP answer. The connector is not there to say where it is: whoever reads
    /// the answer takes a conversation reference from it, so it names channel and service address as
    /// every activity on the wire does (Activity specification, A2020).
    fn reply(&mut self, activity: &str) {
        let Ok(mut activity) = serde_json::from_str::<Value>(activity) else { return };
        activity["channelId"] = json!(self.conversation.channel);
        activity["serviceUrl"] = json!(self.reference.service_url);
        self.replies.push(activity);
    }

    /// Replaces what an earlier letter brought. Elsewhere than in Teams nothing can be replaced: there
    /// an old card is answered by how things stand now.
    fn put(&mut self, of: LetterId, fallback: Option<String>, activity: String) {
        if !self.conversation.is_teams() {
            return;
        }
        let id = LetterId(uuid::Uuid::now_v7());
        let letter = self.letter(id, Delivery::Put { of, fallback }, activity);
        self.added.letters.push(letter);
    }

    fn letter(&self, id: LetterId, kind: Delivery, body: String) -> Outgoing {
        Outgoing {
            id,
            conversation: self.conversation.clone(),
            service_url: self.reference.service_url.clone(),
            kind,
            body,
            attempts: 0,
        }
    }

    /// An `Action.Execute` gets its answered card, or words; `expectReplies` the activities;
    /// everything else an empty 200.
    pub(super) fn answer(&self) -> Answer {
        if self.stamp.expects_replies {
            return Answer {
                status: 200,
                body: Some(json!({ "activities": self.replies }).to_string()),
            };
        }
        if !self.stamp.is_execute {
            return Answer { status: 200, body: None };
        }
        let body = match (&self.reply_card, &self.reply_words) {
            (Some(card), None) => invokes::execute_card(card),
            (_, words) => {
                let fallback = self
                    .added
                    .lines
                    .iter()
                    .find(|line| line.from == Who::Guest)
                    .map(|line| line.text.clone());
                invokes::execute_message(words.as_deref().or(fallback.as_deref()).unwrap_or("OK"))
            }
        };
        Answer { status: 200, body: Some(body.to_string()) }
    }
}

//! What one turn writes, as it grows: effects become transcript lines, letters, flow steps and the HTTP answer.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Input, Live, wire};
use crate::{
    model::{Conversation, ConversationId, Effect, Journey, LetterId, Reference, SessionId, Step, What, Words},
    pipeline::stage::CONDITION_FAILED,
    store::{Answer, Delivery, Line, Outgoing, Who},
    teams::invokes,
};

/// What a draft needs to know of the activity that it answers; all empty for an event from inside.
#[derive(Default)]
pub(super) struct Stamp {
    activity_id: Option<String>,
    /// The card's activity id as the click names it.
    clicked: Option<String>,
    is_invoke: bool,
    is_execute: bool,
    expects_replies: bool,
}

impl Stamp {
    pub(super) fn of(input: &Input<'_>) -> Self {
        let Input::Activity(inbound) = input else { return Stamp::default() };
        let is_click = matches!(inbound.what, What::Submit(_) | What::Execute { .. });
        Stamp {
            activity_id: inbound.activity_id.clone(),
            clicked: inbound.reply_to.clone().filter(|_| is_click),
            is_invoke: inbound.invoke,
            is_execute: matches!(inbound.what, What::Execute { .. }),
            expects_replies: inbound.expect_replies && !inbound.invoke,
        }
    }
}

pub(super) struct Draft<'a> {
    live: &'a Live,
    stamp: Stamp,
    conversation: ConversationId,
    reference: Reference,
    guest_name: Option<String>,
    now: Timestamp,
    pub(super) trail: Vec<Step>,
    pub(super) lines: Vec<Line>,
    pub(super) letters: Vec<Outgoing>,
    /// Activities that go into the HTTP answer (`expectReplies`) instead of to the connector.
    replies: Vec<Value>,
    session_names: Vec<(SessionId, String)>,
    reply_card: Option<Value>,
    reply_words: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(live: &'a Live, stamp: Stamp, conversation: &Conversation, now: Timestamp) -> Self {
        Draft {
            live,
            stamp,
            conversation: conversation.id.clone(),
            reference: conversation.reference.clone(),
            guest_name: conversation.guest.name.clone(),
            now,
            trail: Vec::new(),
            lines: Vec::new(),
            letters: Vec::new(),
            replies: Vec::new(),
            session_names: Vec::new(),
            reply_card: None,
            reply_words: None,
        }
    }

    /// The departments' names, for the transcript.
    pub(super) fn journey_names(&mut self, journey: Option<&Journey>) {
        let sessions = journey.map(|journey| journey.sessions.as_slice()).unwrap_or_default();
        self.session_names = sessions.iter().map(|session| (session.id, session.tenant_name.clone())).collect();
    }

    pub(super) fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Heard { session, text } => self.lines.push(Line {
                    session: Some(session),
                    at: self.now,
                    from: Who::Guest,
                    name: self.guest_name.clone(),
                    text,
                    card: None,
                    activity_id: self.stamp.activity_id.clone(),
                    letter: None,
                    edited: None,
                    deleted: None,
                }),
                Effect::Send(letter) => {
                    let reply_to = self.stamp.activity_id.as_deref();
                    let drawn = wire::draw_body(&letter.body, &self.live.cards, &self.reference, &self.conversation.id, reply_to);
                    self.bot_line(letter.session, letter.id, drawn.text, drawn.card.map(|card| card.to_string()));
                    self.post(letter.id, drawn.activity);
                }
                Effect::Settle { letter, card } => {
                    let drawn = wire::draw_card(&card, &self.live.cards, &self.reference, &self.conversation.id, None);
                    // The first card that is settled is the one that was clicked.
                    let first = self.reply_card.is_none();
                    if first {
                        self.reply_card = drawn.card;
                    }
                    let fallback = self.stamp.clicked.clone().filter(|_| first);
                    let put = self.letter(LetterId(uuid::Uuid::now_v7()), Delivery::Put { of: letter, fallback }, drawn.activity);
                    self.letters.push(put);
                }
                Effect::Tell { session, words, .. } => self.tell(session, &words),
                Effect::Trail(step) => {
                    if step.exit.as_deref() == Some(CONDITION_FAILED) {
                        tracing::warn!(session = ?step.session, stage = %step.stage, "a condition could not be judged and was taken as false");
                    }
                    self.trail.push(step);
                }
            }
        }
    }

    /// Words about a click that no longer counts: in the invoke's answer when there is one, else as a message.
    pub(super) fn tell(&mut self, session: Option<SessionId>, words: &Words) {
        if self.stamp.is_invoke {
            self.reply_words = Some(words.plain());
            return;
        }
        let drawn = wire::text(words, &self.reference, &self.conversation.id, self.stamp.activity_id.as_deref());
        let id = LetterId(uuid::Uuid::now_v7());
        self.bot_line(session, id, drawn.text, None);
        self.post(id, drawn.activity);
    }

    fn bot_line(&mut self, session: Option<SessionId>, letter: LetterId, text: String, card: Option<String>) {
        let name = self.session_names.iter().find(|(id, _)| Some(*id) == session).map(|(_, name)| name.clone());
        if session.is_some() {
            self.lines.push(Line {
                session,
                at: self.now,
                from: Who::Bot,
                name,
                text,
                card,
                activity_id: None,
                letter: Some(letter),
                edited: None,
                deleted: None,
            });
        }
    }

    fn post(&mut self, id: LetterId, activity: String) {
        if self.stamp.expects_replies {
            self.replies.extend(serde_json::from_str::<Value>(&activity));
            return;
        }
        let letter = self.letter(id, Delivery::Post(self.stamp.activity_id.clone()), activity);
        self.letters.push(letter);
    }

    fn letter(&self, id: LetterId, kind: Delivery, body: String) -> Outgoing {
        Outgoing { id, conversation: self.conversation.clone(), service_url: self.reference.service_url.clone(), kind, body, attempts: 0 }
    }

    /// An `Action.Execute` gets its answered card, or words; `expectReplies` the activities; everything else an empty 200.
    pub(super) fn answer(&self) -> Answer {
        if self.stamp.expects_replies {
            return Answer { status: 200, body: Some(json!({ "activities": self.replies }).to_string()) };
        }
        if !self.stamp.is_execute {
            return Answer { status: 200, body: None };
        }
        let body = match (&self.reply_card, &self.reply_words) {
            (Some(card), None) => invokes::execute_card(card),
            (_, words) => {
                let fallback = self.lines.iter().find(|line| line.from == Who::Guest).map(|line| line.text.clone());
                invokes::execute_message(words.as_deref().or(fallback.as_deref()).unwrap_or("OK"))
            }
        };
        Answer { status: 200, body: Some(body.to_string()) }
    }
}

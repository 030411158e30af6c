//! What one turn writes, as it grows: effects become transcript lines, letters, flow steps and the
//! HTTP answer.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Running, roster::Roster, turn::Cause, wire};
use crate::{
    model::{
        Account, Agent, Body, Call, Card, Conversation, ConversationId, DeskLetter, DraftId,
        Effect, Event, FileId, Journey, LetterId, Reference, Scope, SessionId, Step, TenantId,
        What, Words,
    },
    pipeline::stage::CONDITION_FAILED,
    store::{Answer, Delivery, DraftRow, DraftState, Edit, FaqRow, FileRow, Line, Outgoing, Who},
    teams::invokes,
};

/// What a draft needs to know of the activity that it answers; all empty for an event from inside.
#[derive(Default)]
pub(super) struct Stamp {
    activity_id: Option<String>,
    /// The activity in which somebody at a desk wrote something.
    said: Option<String>,
    /// The card's activity id as the click names it.
    clicked: Option<String>,
    is_invoke: bool,
    is_execute: bool,
    expects_replies: bool,
    /// It came from a desk: the answer is for somebody there.
    at_desk: bool,
    /// The agent in whose personal chat it happened.
    agent: Option<String>,
}

impl Stamp {
    pub(super) fn of(cause: &Cause<'_>) -> Self {
        if let Cause::Desk(inbound, event) = cause {
            let agent = match &**event {
                Event::Desk { by, .. } | Event::Reworded { by, .. }
                    if inbound.scope == Scope::Personal =>
                {
                    Some(by.id.clone())
                }
                _ => None,
            };
            // What the guest gets answers nothing of theirs.
            return Stamp {
                at_desk: true,
                agent,
                said: inbound.activity_id.clone().filter(|_| matches!(inbound.what, What::Text(_))),
                clicked: inbound
                    .reply_to
                    .clone()
                    .filter(|_| matches!(inbound.what, What::Submit(_) | What::Execute { .. })),
                is_invoke: inbound.invoke,
                is_execute: matches!(inbound.what, What::Execute { .. }),
                ..Stamp::default()
            };
        }
        let Cause::Activity(inbound) = cause else { return Stamp::default() };
        let is_click = matches!(inbound.what, What::Submit(_) | What::Execute { .. });
        Stamp {
            activity_id: inbound.activity_id.clone(),
            said: None,
            clicked: inbound.reply_to.clone().filter(|_| is_click),
            is_invoke: inbound.invoke,
            is_execute: matches!(inbound.what, What::Execute { .. }),
            expects_replies: inbound.expect_replies && !inbound.invoke,
            at_desk: false,
            agent: None,
        }
    }
}

pub(super) struct Draft<'a> {
    running: &'a Running,
    roster: &'a Roster,
    stamp: Stamp,
    conversation: ConversationId,
    reference: Reference,
    guest_name: Option<String>,
    pub(super) now: Timestamp,
    pub(super) trail: Vec<Step>,
    pub(super) lines: Vec<Line>,
    pub(super) answers: Vec<FaqRow>,
    /// Articles that are proposed.
    pub(super) drafts: Vec<DraftRow>,
    pub(super) calls: Vec<(SessionId, Call)>,
    pub(super) letters: Vec<Outgoing>,
    /// Files that are to be carried.
    pub(super) files: Vec<FileRow>,
    /// Files of which the other side is told.
    pub(super) carried: Vec<FileId>,
    /// Lines of people at desks that they changed.
    pub(super) edits: Vec<Edit>,
    /// Activities that go into the HTTP answer (`expectReplies`) instead of to the connector.
    replies: Vec<Value>,
    session_names: Vec<(SessionId, String)>,
    threads: Vec<(SessionId, TenantId, LetterId)>,
    reply_card: Option<Value>,
    reply_words: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        running: &'a Running,
        roster: &'a Roster,
        stamp: Stamp,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Self {
        Draft {
            running,
            roster,
            stamp,
            conversation: conversation.id.clone(),
            reference: conversation.reference.clone(),
            guest_name: conversation.guest.name.clone(),
            now,
            trail: Vec::new(),
            lines: Vec::new(),
            answers: Vec::new(),
            drafts: Vec::new(),
            calls: Vec::new(),
            letters: Vec::new(),
            files: Vec::new(),
            carried: Vec::new(),
            edits: Vec::new(),
            replies: Vec::new(),
            session_names: Vec::new(),
            threads: Vec::new(),
            reply_card: None,
            reply_words: None,
        }
    }

    /// The departments' names, for the transcript.
    pub(super) fn journey_names(&mut self, journey: Option<&Journey>) {
        let sessions = journey.map(|journey| journey.sessions.as_slice()).unwrap_or_default();
        let briefs = sessions.iter().filter_map(|session| {
            Some((session.id, session.tenant.clone(), session.help.as_ref()?.brief?))
        });
        self.threads = briefs.collect();
        self.session_names =
            sessions.iter().map(|session| (session.id, session.tenant_name.clone())).collect();
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
                    author: None,
                    edited: None,
                    deleted: None,
                }),
                Effect::Send(letter) => {
                    let reply_to = self.stamp.activity_id.as_deref();
                    let drawn = wire::draw_body(
                        &letter.body,
                        &self.running.cards,
                        &self.reference,
                        &self.conversation.id,
                        reply_to,
                    );
                    self.bot_line(
                        letter.session,
                        letter.id,
                        drawn.text,
                        drawn.card.map(|card| card.to_string()),
                    );
                    self.post(letter.id, drawn.activity);
                }
                Effect::Settle { letter, card } => {
                    let drawn = wire::draw_card(
                        &card,
                        &self.running.cards,
                        &self.reference,
                        &self.conversation.id,
                        None,
                    );
                    // The first card that is settled is the one that was clicked.
                    let first = self.reply_card.is_none() && !self.stamp.at_desk;
                    if first {
                        self.reply_card = drawn.card;
                    }
                    let fallback = self.stamp.clicked.clone().filter(|_| first);
                    let put = self.letter(
                        LetterId(uuid::Uuid::now_v7()),
                        Delivery::Put { of: letter, fallback },
                        drawn.activity,
                    );
                    self.letters.push(put);
                }
                Effect::Tell { session, words, .. } => self.tell(session, &words),
                Effect::Desk(letter) => self.desk(letter),
                Effect::Redesk { letter, agent, card } => {
                    self.redesk(letter, agent.as_deref(), &card)
                }
                Effect::TellDesk { session, words } => self.tell_desk(session, words),
                Effect::Agent { session, by, text, letter } => self.lines.push(Line {
                    session: Some(session),
                    at: self.now,
                    from: if letter.is_none() { Who::Note } else { Who::Agent },
                    name: Some(by.name),
                    text,
                    card: None,
                    activity_id: self.stamp.said.clone(),
                    letter,
                    author: Some(by.id),
                    edited: None,
                    deleted: None,
                }),
                Effect::Carried(file) => self.carried.push(file),
                Effect::Amend { session, agent, activity, text } => {
                    self.edits.push(Edit {
                        activity_id: activity,
                        at_desk: Some((session, agent)),
                        text,
                        at: self.now,
                    });
                }
                Effect::Rewrite { letter, words } => {
                    let drawn = wire::text(&words, &self.reference, &self.conversation.id, None);
                    let kind = Delivery::Put { of: letter, fallback: None };
                    self.letters.push(self.letter(
                        LetterId(uuid::Uuid::now_v7()),
                        kind,
                        drawn.activity,
                    ));
                }
                Effect::Answer { session, tenant, article, verdict } => {
                    self.answers.push(FaqRow { session, tenant, article, verdict });
                }
                Effect::Draft { session, tenant, locale, by, question, answer } => {
                    self.drafts.push(DraftRow {
                        id: DraftId(uuid::Uuid::now_v7()),
                        tenant,
                        question,
                        answer,
                        locale,
                        by,
                        session,
                        created: self.now,
                        state: DraftState::Proposed,
                        decided_by: None,
                        decided: None,
                    })
                }
                Effect::Call { session, call } => self.calls.push((session, *call)),
                Effect::Trail(step) => {
                    if step.exit.as_deref() == Some(CONDITION_FAILED) {
                        tracing::warn!(session = ?step.session, stage = %step.stage, "a condition could not be judged and was taken as false");
                    }
                    self.trail.push(step);
                }
            }
        }
    }

    /// Words about a click that no longer counts: in the invoke's answer when there is one, else as
    /// a message.
    pub(super) fn tell(&mut self, session: Option<SessionId>, words: &Words) {
        if self.stamp.is_invoke && !self.stamp.at_desk {
            self.reply_words = Some(words.plain());
            return;
        }
        let drawn = wire::text(
            words,
            &self.reference,
            &self.conversation.id,
            self.stamp.activity_id.as_deref(),
        );
        let id = LetterId(uuid::Uuid::now_v7());
        self.bot_line(session, id, drawn.text, None);
        self.post(id, drawn.activity);
    }

    /// A post for a desk: a thread of its own, or one more in it.
    fn desk(&mut self, letter: DeskLetter) {
        if let Some(agent) = &letter.agent {
            let Some(row) = self.roster.agent(agent) else {
                tracing::warn!(tenant = %letter.tenant, "a post for an agent to whom the bot cannot write was dropped");
                return;
            };
            let drawn = wire::draw_body(
                &letter.body,
                &self.running.cards,
                &row.reference,
                &row.conversation.id,
                None,
            );
            let (conversation, service_url) =
                (row.conversation.clone(), row.reference.service_url.clone());
            let kind = Delivery::Post(None);
            self.letters.push(Outgoing {
                id: letter.id,
                conversation,
                service_url,
                kind,
                body: drawn.activity,
                attempts: 0,
            });
            return;
        }
        let Some(desk) = self.roster.of(&letter.tenant) else {
            tracing::warn!(tenant = %letter.tenant, "a post for a desk that was never connected was dropped");
            return;
        };
        let to = Reference {
            service_url: desk.service_url.clone(),
            bot: desk.bot.clone(),
            user: Account::default(),
            entra_tenant: desk.entra_tenant.clone(),
        };
        let drawn = match (&letter.body, &letter.call) {
            (Body::Text(words), Some(_)) => wire::marked(words, &to, &desk.channel),
            (body, _) => wire::draw_body(body, &self.running.cards, &to, &desk.channel, None),
        };
        let mut activity = wire::unaddressed(&drawn.activity);
        let (kind, body) = match letter.thread {
            Some(thread) => {
                wire::mention(&mut activity, letter.call.as_slice());
                (Delivery::In { thread }, activity.to_string())
            }
            None => {
                let settings = self
                    .running
                    .company
                    .tenants
                    .get(&letter.tenant)
                    .and_then(|settings| settings.desk.as_ref());
                let notify = settings.map(|desk| desk.notify.as_slice()).unwrap_or_default();
                let people: Vec<Agent> = notify
                    .iter()
                    .map(|person| Agent { id: person.clone(), name: person.clone() })
                    .collect();
                wire::mention(&mut activity, &people);
                let mut request = json!({
                    "isGroup": true, "bot": { "id": desk.bot.id }, "channelData": { "channel": { "id": desk.channel } }, "activity": activity,
                });
                if let Some(tenant) = &desk.entra_tenant {
                    request["tenantId"] = json!(tenant);
                    request["channelData"]["tenant"] = json!({ "id": tenant });
                }
                (
                    Delivery::Open { session: letter.session, guest: self.conversation.clone() },
                    request.to_string(),
                )
            }
        };
        self.enqueue(letter.id, letter.session, &desk.service_url, kind, body);
    }

    fn redesk(&mut self, of: LetterId, agent: Option<&str>, card: &Card) {
        if let Some(agent) = agent {
            let Some(row) = self.roster.agent(agent) else { return };
            let drawn = wire::draw_card(
                card,
                &self.running.cards,
                &row.reference,
                &row.conversation.id,
                None,
            );
            let is_theirs = self.stamp.agent.as_deref() == Some(agent);
            if is_theirs && self.reply_card.is_none() {
                self.reply_card = drawn.card;
            }
            let (conversation, service_url) =
                (row.conversation.clone(), row.reference.service_url.clone());
            let (id, kind) = (
                LetterId(uuid::Uuid::now_v7()),
                Delivery::Put { of, fallback: self.stamp.clicked.clone().filter(|_| is_theirs) },
            );
            self.letters.push(Outgoing {
                id,
                conversation,
                service_url,
                kind,
                body: drawn.activity,
                attempts: 0,
            });
            return;
        }
        let Some(desk) = self.roster.of(&card.tenant) else { return };
        let to = Reference {
            service_url: desk.service_url.clone(),
            bot: desk.bot.clone(),
            ..Reference::default()
        };
        let drawn = wire::draw_card(card, &self.running.cards, &to, &desk.channel, None);
        if self.stamp.at_desk && self.reply_card.is_none() {
            self.reply_card = drawn.card;
        }
        let body = wire::unaddressed(&drawn.activity).to_string();
        let session = card
            .data
            .pointer("/Session/SessionId")
            .and_then(|id| serde_json::from_value(id.clone()).ok());
        let Some(session) = session else { return };
        self.enqueue(
            LetterId(uuid::Uuid::now_v7()),
            session,
            &desk.service_url,
            Delivery::Put { of, fallback: None },
            body,
        );
    }

    /// A desk's letters have a queue of their own, one a session: what is slow or broken there
    /// holds nobody else up.
    fn enqueue(
        &mut self,
        id: LetterId,
        session: SessionId,
        service_url: &str,
        kind: Delivery,
        body: String,
    ) {
        let conversation = desk_queue(&self.conversation, session);
        self.letters.push(Outgoing {
            id,
            conversation,
            service_url: service_url.to_owned(),
            kind,
            body,
            attempts: 0,
        });
    }

    /// Words to the person at the desk who just did something.
    pub(super) fn tell_desk(&mut self, session: SessionId, words: Words) {
        if self.stamp.is_invoke {
            self.reply_words = Some(words.plain());
            return;
        }
        if let Some(agent) = self.stamp.agent.clone() {
            let tenant = TenantId::from("");
            let (id, body) = (LetterId(uuid::Uuid::now_v7()), Body::Text(words));
            self.desk(DeskLetter {
                id,
                session,
                tenant,
                thread: None,
                agent: Some(agent),
                call: None,
                body,
            });
            return;
        }
        let found = self.threads.iter().find(|(id, ..)| *id == session).cloned();
        if let Some((_, tenant, thread)) = found {
            let (id, body) = (LetterId(uuid::Uuid::now_v7()), Body::Text(words));
            self.desk(DeskLetter {
                id,
                session,
                tenant,
                thread: Some(thread),
                agent: None,
                call: None,
                body,
            });
        }
    }

    fn bot_line(
        &mut self,
        session: Option<SessionId>,
        letter: LetterId,
        text: String,
        card: Option<String>,
    ) {
        let name = self
            .session_names
            .iter()
            .find(|(id, _)| Some(*id) == session)
            .map(|(_, name)| name.clone());
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
                author: None,
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

/// Begins the name of a session's queue to its desk.
pub(super) const DESK_QUEUE: &str = "desk:";

/// The queue of a session's letters to its desk.
pub(super) fn desk_queue(guest: &ConversationId, session: SessionId) -> ConversationId {
    ConversationId { channel: guest.channel.clone(), id: format!("{DESK_QUEUE}{session}") }
}

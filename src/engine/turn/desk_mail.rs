//! Letters of a turn that go to a desk: into a channel's thread, or into an agent's personal chat.

use serde_json::{Value, json};

use crate::{
    engine::{
        roster::Roster,
        running::Running,
        wire::{self, Drawn, Place},
    },
    model::{
        Account, Agent, Body, Card, ConversationId, DeskLetter, LetterId, Reference, SessionId,
    },
    store::{AgentRow, ConnectedChannel, Delivery, Outgoing},
};

/// Begins the name of a session's queue to its desk.
pub(in crate::engine) const DESK_QUEUE: &str = "desk:";

/// Addresses letters to the desks of one guest.
pub(super) struct DeskMail<'a> {
    pub(super) running: &'a Running,
    pub(super) roster: &'a Roster,
    /// The guest's conversation.
    pub(super) guest: ConversationId,
}

impl DeskMail<'_> {
    /// A post for a desk: a thread of its own, one more in it, or one for an agent; in several where
    /// one has no room for it. None where nothing can be posted.
    pub(super) fn post(&self, mut letter: DeskLetter) -> Vec<Outgoing> {
        // What is private is for the department that asked for it, on its own cards alone.
        letter.body = match letter.body {
            Body::Text(words) => Body::Text(words.hidden()),
            Body::Card(card) if card.tenant != letter.tenant => Body::Card(Box::new(card.hidden())),
            own => own,
        };
        if let Some(agent) = &letter.agent {
            let Some(row) = self.roster.agent(agent) else {
                tracing::warn!(tenant = %letter.tenant, "a post for an agent to whom the bot cannot write was dropped");
                return Vec::new();
            };
            let (cards, place) = (&self.running.cards, Place::of(&row.conversation));
            let drawn = wire::draw_body(&letter.body, cards, &row.reference, place, None);
            let post = |(id, activity)| to_agent(&row, id, Delivery::Post(None), activity);
            return in_order(letter.id, drawn).map(post).collect();
        }
        let Some(desk) = self.roster.of(&letter.tenant) else {
            tracing::warn!(tenant = %letter.tenant, "a post for a desk that was never connected was dropped");
            return Vec::new();
        };
        let drawn = self.draw(&letter, &desk);
        let post = |(id, activity): (LetterId, String)| {
            let mut activity = wire::unaddressed(&activity);
            let (kind, body) = match letter.thread {
                Some(thread) => {
                    if id == letter.id {
                        wire::mention(&mut activity, letter.mention.as_slice());
                    }
                    (Delivery::In { thread }, activity.to_string())
                }
                None if id == letter.id => {
                    wire::mention(&mut activity, &self.notified(&letter));
                    let guest = self.guest.clone();
                    (Delivery::Open { session: letter.session, guest }, opening(&desk, &activity))
                }
                None => (Delivery::In { thread: letter.id }, activity.to_string()),
            };
            self.to_channel(letter.session, &desk, id, kind, body)
        };
        in_order(letter.id, drawn).map(post).collect()
    }

    fn draw(&self, letter: &DeskLetter, desk: &ConnectedChannel) -> Drawn {
        let to = Reference {
            service_url: desk.service_url.clone(),
            bot: desk.bot.clone(),
            user: Account::default(),
            entra_tenant: desk.entra_tenant.clone(),
        };
        match (&letter.body, &letter.mention) {
            (Body::Text(words), Some(_)) => wire::marked(words, &to, Place::channel(&desk.channel)),
            (body, _) => {
                wire::draw_body(body, &self.running.cards, &to, Place::channel(&desk.channel), None)
            }
        }
    }

    /// Whom the department's file wants called by name when a thread is opened.
    fn notified(&self, letter: &DeskLetter) -> Vec<Agent> {
        let settings = self.running.company.tenants.get(&letter.tenant);
        let desk = settings.and_then(|settings| settings.desk.as_ref());
        let people = desk.map(|desk| desk.notify.as_slice()).unwrap_or_default();
        people.iter().map(|person| Agent { id: person.clone(), name: person.clone() }).collect()
    }

    /// A card at a desk in a channel is another one now; the card as well.
    pub(super) fn replace(&self, of: LetterId, card: &Card) -> Option<(Outgoing, Option<Value>)> {
        let desk = self.roster.of(&card.tenant)?;
        let to = Reference {
            service_url: desk.service_url.clone(),
            bot: desk.bot.clone(),
            ..Reference::default()
        };
        let drawn =
            wire::draw_card(card, &self.running.cards, &to, Place::channel(&desk.channel), None);
        let body = wire::unaddressed(&drawn.activity).to_string();
        let session = card
            .data
            .pointer("/Session/SessionId")
            .and_then(|id| serde_json::from_value(id.clone()).ok());
        let put = Delivery::Put { of, fallback: None };
        let letter = session.map(|session| {
            self.to_channel(session, &desk, LetterId(uuid::Uuid::now_v7()), put, body)
        });
        Some((letter?, drawn.card))
    }

    /// The same in an agent's personal chat.
    pub(super) fn replace_at(
        &self,
        agent: &str,
        put: Delivery,
        card: &Card,
    ) -> Option<(Outgoing, Option<Value>)> {
        let row = self.roster.agent(agent).filter(|row| row.conversation.is_teams())?;
        let (cards, place) = (&self.running.cards, Place::of(&row.conversation));
        let drawn = wire::draw_card(card, cards, &row.reference, place, None);
        let letter = to_agent(&row, LetterId(uuid::Uuid::now_v7()), put, drawn.activity);
        Some((letter, drawn.card))
    }

    /// A desk's letters have a queue of their own, one a session: what is slow or broken there
    /// holds nobody else up.
    fn to_channel(
        &self,
        session: SessionId,
        desk: &ConnectedChannel,
        id: LetterId,
        kind: Delivery,
        body: String,
    ) -> Outgoing {
        let (channel, queue) = (self.guest.channel.clone(), format!("{DESK_QUEUE}{session}"));
        Outgoing {
            id,
            conversation: ConversationId { channel, id: queue },
            service_url: desk.service_url.clone(),
            kind,
            body,
            attempts: 0,
        }
    }
}

/// The activities of a letter, each with its id.
fn in_order(letter: LetterId, drawn: Drawn) -> impl Iterator<Item = (LetterId, String)> {
    let more = drawn.more.into_iter().enumerate();
    let more = more.map(move |(part, activity)| (letter.part(part), activity));
    std::iter::once((letter, drawn.activity)).chain(more)
}

fn to_agent(row: &AgentRow, id: LetterId, kind: Delivery, body: String) -> Outgoing {
    let (conversation, service_url) = (row.conversation.clone(), row.reference.service_url.clone());
    Outgoing { id, conversation, service_url, kind, body, attempts: 0 }
}

/// The request that opens a thread in a desk's channel with an activity.
fn opening(desk: &ConnectedChannel, activity: &Value) -> String {
    let mut request = json!({
        "isGroup": true, "bot": { "id": desk.bot.id }, "channelData": { "channel": { "id": desk.channel } }, "activity": activity,
    });
    if let Some(tenant) = &desk.entra_tenant {
        request["tenantId"] = json!(tenant);
        request["channelData"]["tenant"] = json!({ "id": tenant });
    }
    request.to_string()
}

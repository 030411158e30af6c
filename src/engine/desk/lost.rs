//! Letters that were given up: whoever wrote what they say hears of it, and a place that takes
//! nothing any more is not promised to anybody, until something comes in from there.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    connect::{break_desk, mend_desk},
    means::{Incoming, Means},
    waiting::tick_agents,
};
use crate::{
    engine::{
        post::Undeliverable,
        turn::{DESK_QUEUE, Turns},
    },
    model::{ConversationId, Event, LetterId, Scope, Session, SessionId, Undelivered, What, Words},
    store::{AgentRow, ConnectedChannel, Delivery, Filter, Outgoing, StoreError},
};

/// Why a desk is disconnected whose channel takes nothing any more; this passes when something
/// comes in from there.
const LOST: &str = "nothing can be posted in the channel";
/// So many of a department's newest sessions are looked at for the one of which an agent's letter
/// was, when it is none of the agent's present ones.
const NEWEST: u32 = 100;

/// A letter was given up.
pub(in crate::engine) async fn undeliverable(
    turns: &Turns,
    lost: &Undeliverable,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (letter, why) = (&lost.letter, lost.why);
    let (about, is_change) = match letter.kind {
        Delivery::Put { of, .. } => (of, true),
        _ => (letter.id, false),
    };
    let news = |for_guest| Event::Undelivered { letter: about, is_change, for_guest, why };
    if let Some(queue) = letter.conversation.id.strip_prefix(DESK_QUEUE) {
        let Ok(session) = queue.parse() else { return Ok(()) };
        let Some(guest) = in_channel(turns, lost, session, now).await? else { return Ok(()) };
        return turns.event(&guest, &news(false), None, now).await.map(|_| ());
    }
    let rows = turns.roster().agents_in(&letter.conversation);
    if rows.is_empty() {
        return turns.event(&letter.conversation, &news(true), None, now).await.map(|_| ());
    }
    if why == Undelivered::Gone {
        lose(turns, &rows, now).await?;
    }
    // In an agent's chat stand their guests' words, and what is said to themselves as a guest.
    if is_known(turns, &letter.conversation, about).await? {
        return turns.event(&letter.conversation, &news(true), None, now).await.map(|_| ());
    }
    for row in &rows {
        if let Some(guest) = guest_of(turns, &row.id, about).await? {
            return turns.event(&guest, &news(false), None, now).await.map(|_| ());
        }
    }
    Ok(())
}

/// Nothing reaches an agent: nobody is promised them, and their chats and offers go to others.
async fn lose(turns: &Turns, rows: &[Arc<AgentRow>], now: Timestamp) -> Result<(), StoreError> {
    let mut news = rows.to_vec();
    news.retain(|row| !row.lost);
    let Some(first) = news.first() else { return Ok(()) };
    tracing::info!(conversation = %first.conversation, "nothing reaches an agent any more: their chats are offered to others");
    for row in &news {
        let was_away = !row.available;
        let lost = AgentRow { available: false, lost: true, was_away, ..AgentRow::clone(row) };
        turns.store().bind_agent(lost.clone()).await?;
        turns.roster().bind(lost);
    }
    tick_agents(turns, now).await;
    Ok(())
}

/// An agent removed the app from their own chat, or blocked it there.
pub(in crate::engine) async fn left_chat(
    means: &Means,
    incoming: &Incoming<'_>,
) -> Result<(), StoreError> {
    let rows = means.turns.roster().agents_in(&incoming.inbound.conversation);
    lose(&means.turns, &rows, incoming.now).await
}

/// A letter to a channel was given up. The thread is held for lost; the desks are it when another
/// thread of their channel is gone as well. Gives the guest whose letter it was.
async fn in_channel(
    turns: &Turns,
    lost: &Undeliverable,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<ConversationId>, StoreError> {
    let Undeliverable { letter, why, lost_channel, .. } = lost;
    let view = turns.store().session(session).await?;
    let opens = match &letter.kind {
        Delivery::Open { guest, .. } => Some(guest.clone()),
        _ => None,
    };
    let guest = view.map(|view| view.conversation).or(opens);
    if let Some(channel) = lost_channel {
        let is_theirs =
            |desk: &&Arc<ConnectedChannel>| desk.channel == *channel && desk.broken.is_none();
        for desk in turns.roster().all().iter().filter(is_theirs) {
            break_desk(turns, &desk.tenant, LOST, now).await?;
        }
    }
    let is_gone = *why == Undelivered::Gone;
    if let (Some(guest), Some(thread)) = (&guest, thread_of(letter, is_gone)) {
        // Where nobody was told of a thread, the next one might fare no better: not at once.
        let was_there = match letter.kind {
            Delivery::In { thread } => {
                let receipt = turns.store().receipt_of(thread).await?;
                receipt.is_some_and(|receipt| receipt.conversation.is_some())
            }
            _ => true,
        };
        let event = Event::ThreadLost { letter: thread, at_once: is_gone && was_there };
        turns.event(guest, &event, None, now).await?;
    }
    Ok(guest)
}

/// The first post of the thread that is lost with a letter.
fn thread_of(letter: &Outgoing, is_gone: bool) -> Option<LetterId> {
    match letter.kind {
        Delivery::Open { .. } => Some(letter.id),
        Delivery::In { thread } if is_gone => Some(thread),
        // A card that cannot be replaced: it is the first post, or the thread shows it at the next.
        Delivery::Put { of, .. } if is_gone => Some(of),
        _ => None,
    }
}

/// The guest whose words a letter to an agent carries.
async fn guest_of(
    turns: &Turns,
    agent: &str,
    letter: LetterId,
) -> Result<Option<ConversationId>, StoreError> {
    for chat in turns.roster().chats_of(agent) {
        if is_known(turns, &chat.conversation, letter).await? {
            return Ok(Some(chat.conversation));
        }
    }
    let running = turns.running();
    let theirs = running.company.tenants.iter().filter(|(_, settings)| {
        settings.desk.as_ref().is_some_and(|desk| desk.agents.iter().any(|name| name == agent))
    });
    for (tenant, _) in theirs {
        let newest = Filter { tenant: Some(tenant.clone()), limit: NEWEST, ..Filter::default() };
        let page = turns.store().sessions(&newest).await?;
        let found = page
            .items
            .into_iter()
            .find(|view| view.session.carried.iter().any(|carried| letter.is_of(carried.letter)));
        if let Some(view) = found {
            return Ok(Some(view.conversation));
        }
    }
    Ok(None)
}

/// True when a person's words for whoever is on the other side stand in this letter.
async fn is_known(
    turns: &Turns,
    guest: &ConversationId,
    letter: LetterId,
) -> Result<bool, StoreError> {
    let loaded = turns.store().load(guest).await?;
    let carries =
        |session: &Session| session.carried.iter().any(|carried| letter.is_of(carried.letter));
    Ok(loaded.is_some_and(|loaded| loaded.conversation.sessions().any(carries)))
}

/// Somebody is heard of: whatever was held for lost there is not.
pub(in crate::engine) async fn heard_from(
    means: &Means,
    incoming: &Incoming<'_>,
) -> Result<(), StoreError> {
    let Incoming { inbound, now, .. } = *incoming;
    let turns = &*means.turns;
    let is_sign = matches!(
        inbound.what,
        What::Text(_)
            | What::Wordless
            | What::Submit(_)
            | What::Execute { .. }
            | What::Edited(_)
            | What::Deleted
    );
    let is_back = inbound.scope == Scope::Personal && matches!(inbound.what, What::Installed);
    if !is_sign && !is_back {
        return Ok(());
    }
    turns.post().outbox.heal(&inbound.conversation.id);
    if let (Scope::Channel, Some(channel)) = (inbound.scope, &inbound.channel) {
        for desk in turns.roster().all() {
            if desk.channel == channel.id && desk.broken.as_deref() == Some(LOST) {
                tracing::info!(tenant = %desk.tenant, "a desk is heard of again");
                mend_desk(turns, &desk.tenant, now).await?;
            }
        }
    }
    let mut back = turns.roster().agents_in(&inbound.conversation);
    back.retain(|row| inbound.scope == Scope::Personal && row.lost);
    for row in &back {
        let back = AgentRow {
            available: !row.was_away,
            lost: false,
            was_away: false,
            ..AgentRow::clone(row)
        };
        turns.store().bind_agent(back.clone()).await?;
        turns.roster().bind(back);
    }
    if !back.is_empty() {
        if back.iter().any(|row| !row.was_away) {
            means.unkept.say(inbound, &Words::own(incoming.desk().desk_back));
        }
        tick_agents(turns, now).await;
    }
    Ok(())
}

//! Agents who work in their personal chats with the bot: told which chat is whose.

use serde_json::{Map, Value};

use super::{
    act::act,
    means::{Incoming, Means},
    numbers::{self, To},
    reworded::reworded,
    transcript,
    waiting::tick_agents,
    words::{told, words_of},
};
use crate::{
    engine::{
        may::{Here, Person, Place, Standing, agent_here},
        roster::Afterwards,
        unkept::done,
    },
    model::{Act, Agent, ConversationId, Event, SessionId, Token, What, Words, mark},
    pipeline::{
        desk::{DESK, act_of},
        is_command,
        language::fill,
    },
    store::{AgentRow, Answer, StoreError},
};

/// What an agent does in their personal chat; none when it is an employee's own matter.
pub(in crate::engine) async fn in_chat(
    means: &Means,
    incoming: &Incoming<'_>,
) -> Result<Option<Answer>, StoreError> {
    let inbound = incoming.inbound;
    let Some(row) = agent_here(incoming.running, means.turns.roster(), inbound) else {
        return Ok(None);
    };
    let here = (Person::of(inbound, Standing::Own), Place::Chat(&row));
    let name = inbound.guest.name.clone().or_else(|| row.name.clone());
    let by = Agent { id: row.id.clone(), name: name.unwrap_or_else(|| row.id.clone()) };
    match &inbound.what {
        What::Submit(data) | What::Execute { data, .. } => {
            clicked(means, incoming, here, by, data).await
        }
        What::Text(_) => said(means, incoming, &row, by).await,
        What::Wordless if !inbound.files.is_empty() => said(means, incoming, &row, by).await,
        What::Edited(_) | What::Deleted => reworded(means, incoming, here, by).await,
        _ => Ok(None),
    }
}

/// A click on a card of a desk.
async fn clicked(
    means: &Means,
    incoming: &Incoming<'_>,
    here: Here<'_>,
    by: Agent,
    data: &Map<String, Value>,
) -> Result<Option<Answer>, StoreError> {
    let Some(token) = Token::of(data).filter(|token| token.stage == DESK) else {
        means.turns.roster().settle(&by.id);
        return Ok(None);
    };
    let Some(session) = token.session else { return Ok(None) };
    if let Some(page) = transcript::page_of(data) {
        return transcript::show(means, incoming, here, token, page).await.map(Some);
    }
    let Some(act) = act_of(data) else { return Ok(None) };
    let Some(view) = means.turns.store().session(session).await? else { return Ok(None) };
    let event = Event::Desk { by, nonce: Some(token.nonce), act };
    act_here(means, incoming, here, (&view.conversation, session), &event).await.map(Some)
}

/// What an agent writes: a command, words for one of their guests, or their own matter.
async fn said(
    means: &Means,
    incoming: &Incoming<'_>,
    row: &AgentRow,
    by: Agent,
) -> Result<Option<Answer>, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let text = words_of(inbound);
    match mark::command(&text).unwrap_or_default().to_lowercase().as_str() {
        "available" => return set_available(means, incoming, row, true).await.map(Some),
        "away" => return set_available(means, incoming, row, false).await.map(Some),
        _ => {}
    }
    let desk = incoming.desk();
    let chats = means.turns.roster().chats_of(&row.id);
    let own: Vec<&str> = chats.iter().map(|chat| chat.reference.as_str()).collect();
    let (chat, words) = match (numbers::read(running, &own, inbound, &text), chats.as_slice()) {
        (To::Chat(chat, rest), chats) => (&chats[chat], rest),
        // Meant for a guest who is no longer theirs: nobody else may read it.
        (To::Other, _) | (To::Unsure, []) => {
            return Ok(Some(told(means, incoming, &Words::own(desk.desk_over))));
        }
        (_, []) => return Ok(after_a_chat(means, incoming, &row.id, &text)),
        (To::Unsaid, [only]) => (only, text.clone()),
        // A note stays at the desk.
        (To::Within, [only]) if mark::note(&text).is_some() => (only, text.clone()),
        (_, [first, ..]) => {
            let list = [("first", &*first.reference), ("list", &own.join(", "))];
            return Ok(Some(told(means, incoming, &fill(desk.desk_which, &list))));
        }
    };
    if words.is_empty() && inbound.files.is_empty() {
        return Ok(Some(told(means, incoming, &Words::own(desk.desk_wordless))));
    }
    let shortened = numbers::shortened(inbound, &text, &words);
    let incoming = Incoming { inbound: &shortened, ..*incoming };
    let event = Event::Desk { by, nonce: None, act: Act::Say(words.into_owned()) };
    let here = (Person::of(incoming.inbound, Standing::Own), Place::Chat(row));
    act_here(means, &incoming, here, (&chat.conversation, chat.session), &event).await.map(Some)
}

/// Words of an agent who has no chat: right after one has ended they may be meant for it, and begin
/// no matter of the agent's own.
fn after_a_chat(means: &Means, incoming: &Incoming<'_>, agent: &str, text: &str) -> Option<Answer> {
    let Incoming { running, inbound, now } = *incoming;
    let roster = means.turns.roster();
    if is_command(&running.company.directory, incoming.locale(), text) {
        roster.settle(agent);
        return None;
    }
    match roster.afterwards(agent, inbound.activity_id.as_deref(), now) {
        Afterwards::Own => return None,
        Afterwards::Of { reference } => {
            let words = fill(incoming.desk().desk_after, &[("ref", &reference)]);
            means.unkept.say(inbound, &words);
        }
        Afterwards::Repeated => {}
    }
    Some(done(inbound, None))
}

async fn act_here(
    means: &Means,
    incoming: &Incoming<'_>,
    here: Here<'_>,
    whose: (&ConversationId, SessionId),
    event: &Event,
) -> Result<Answer, StoreError> {
    match act(means, incoming, here, whose, event).await {
        Err(StoreError::Full) => {
            Ok(means.unkept.answer(incoming.inbound, &full(means, incoming, event)))
        }
        outcome => outcome,
    }
}

/// What is said when an agent would have too many chats: the one who clicks, or the one to whom a
/// chat is handed.
fn full(means: &Means, incoming: &Incoming<'_>, event: &Event) -> Words {
    let Event::Desk { act: Act::Hand { to, .. }, .. } = event else {
        return Words::own(incoming.desk().desk_full);
    };
    let row = means.turns.roster().agent(to);
    let name = row.and_then(|row| row.name.clone()).unwrap_or_else(|| to.clone());
    fill(incoming.desk().hand_full, &[("agent", &name)])
}

async fn set_available(
    means: &Means,
    incoming: &Incoming<'_>,
    row: &AgentRow,
    is_available: bool,
) -> Result<Answer, StoreError> {
    let Means { turns, unkept, .. } = means;
    let (inbound, desk) = (incoming.inbound, incoming.desk());
    turns.store().set_available(&row.id, is_available).await?;
    turns.roster().bind(AgentRow { available: is_available, ..row.clone() });
    let words = if is_available { desk.desk_available } else { desk.desk_away };
    unkept.say(inbound, &Words::own(words));
    tick_agents(turns, incoming.now).await;
    Ok(done(inbound, None))
}

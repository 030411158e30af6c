//! Agents who work in their personal chats with the bot: told which chat is whose.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    act::act,
    asked::asked,
    means::{Incoming, Means},
    numbers::{self, To},
    reworded::reworded,
    transcript,
    waiting::tick_agents,
    words::{told, words_of},
};
use crate::{
    engine::{
        may::{Here, Person, Place, Standing, agent_here, desks_of, name_at},
        roster::{Afterwards, Chat, Whereabouts},
        unkept::done,
    },
    model::{Act, Agent, ConversationId, Event, Inbound, SessionId, Token, What, Words, mark},
    pipeline::{
        self,
        desk::{DESK, Work, act_of},
        is_command,
        language::{LANGUAGES, fill},
    },
    store::{AgentRow, Answer, StoreError},
};

/// Characters by which somebody knows which matter a chat is about.
const MATTER: usize = 60;

/// What an agent does in their personal chat; none when it is an employee's own matter.
pub(in crate::engine) async fn in_chat(
    means: &Means,
    incoming: &Incoming<'_>,
) -> Result<Option<Answer>, StoreError> {
    let inbound = incoming.inbound;
    let mut rows = agent_here(incoming.running, means.turns.roster(), inbound);
    if rows.is_empty() {
        return Ok(None);
    }
    for row in &mut rows {
        *row = follow(means, incoming, row.clone()).await?;
    }
    match &inbound.what {
        What::Submit(data) | What::Execute { data, .. } => {
            clicked(means, incoming, &rows, data).await
        }
        What::Text(_) => said(means, incoming, &rows).await,
        What::Wordless if !inbound.files.is_empty() => said(means, incoming, &rows).await,
        What::Edited(_) | What::Deleted => changed(means, incoming, &rows).await,
        _ => Ok(None),
    }
}

/// An agent under one of their names, in their own chat.
fn here<'a>(inbound: &'a Inbound, row: &'a AgentRow) -> Here<'a> {
    (Person::of(inbound, Standing::Own), Place::Chat(row))
}

/// The same, as the core knows them.
fn agent(inbound: &Inbound, row: &AgentRow) -> Agent {
    let name = inbound.guest.name.as_ref().or(row.name.as_ref()).unwrap_or(&row.id);
    Agent { id: row.id.clone(), name: name.clone() }
}

/// An agent is written to where the newest activity from their chat came from.
async fn follow(
    means: &Means,
    incoming: &Incoming<'_>,
    row: Arc<AgentRow>,
) -> Result<Arc<AgentRow>, StoreError> {
    let inbound = incoming.inbound;
    if row.reference.service_url == inbound.service_url {
        return Ok(row);
    }
    let mut moved = AgentRow::clone(&row);
    moved.reference.service_url.clone_from(&inbound.service_url);
    means.turns.store().bind_agent(moved.clone()).await?;
    means.turns.roster().bind(moved.clone());
    tracing::info!(conversation = %inbound.conversation, "an agent is written to at another address from now on");
    Ok(Arc::new(moved))
}

/// A click on a card of a desk.
async fn clicked(
    means: &Means,
    incoming: &Incoming<'_>,
    rows: &[Arc<AgentRow>],
    data: &Map<String, Value>,
) -> Result<Option<Answer>, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let Some(token) = Token::of(data).filter(|token| token.stage == DESK) else {
        means.turns.roster().settle(rows);
        return Ok(None);
    };
    let Some(session) = token.session else { return Ok(None) };
    let page = transcript::page_of(data);
    let Some(view) = means.turns.store().session(session).await? else {
        return Ok(page.map(|_| done(inbound, None)));
    };
    let Some(row) = name_at(running, rows, &view.session) else { return Ok(None) };
    let here = here(inbound, row);
    if let Some(page) = page {
        return transcript::show(means, incoming, here, token, page).await.map(Some);
    }
    let Some(act) = act_of(data) else { return Ok(None) };
    let event = Event::Desk { by: agent(inbound, row), nonce: Some(token.nonce), act };
    act_here(means, incoming, here, (&view.conversation, session), &event).await.map(Some)
}

/// What an agent wrote is changed or deleted: whichever of their names stands at it.
async fn changed(
    means: &Means,
    incoming: &Incoming<'_>,
    rows: &[Arc<AgentRow>],
) -> Result<Option<Answer>, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let Some(activity) = &inbound.activity_id else { return Ok(None) };
    let store = means.turns.store();
    for writer in rows {
        let Some((_, line)) = store.said_at_desk(&writer.id, activity).await? else { continue };
        let Some(session) = line.session else { continue };
        let Some(view) = store.session(session).await? else { continue };
        let Some(row) = name_at(running, rows, &view.session) else { continue };
        return reworded(means, incoming, here(inbound, row), agent(inbound, writer)).await;
    }
    Ok(None)
}

/// What an agent writes: a command, words for one of their guests, or their own matter.
async fn said(
    means: &Means,
    incoming: &Incoming<'_>,
    rows: &[Arc<AgentRow>],
) -> Result<Option<Answer>, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let text = words_of(inbound);
    match mark::command(&text).unwrap_or_default().to_lowercase().as_str() {
        "available" => return set_available(means, incoming, rows, true).await.map(Some),
        "away" => return set_available(means, incoming, rows, false).await.map(Some),
        command if is_help(command) => return help(means, incoming, rows).await.map(Some),
        _ => {}
    }
    // A command is for the bot, whoever they talk with: their own matter.
    if !text.is_empty() && asked(&running.company.directory, &text).is_some() {
        means.turns.roster().settle(rows);
        return Ok(None);
    }
    let desk = incoming.desk();
    let chats = chats_of(means, rows);
    let own: Vec<&str> = chats.iter().map(|(_, chat)| chat.reference.as_str()).collect();
    let ((row, chat), words) =
        match (numbers::read(running, &own, inbound, &text), chats.as_slice()) {
            (To::Chat(chat, rest), chats) => (&chats[chat], rest),
            // Meant for a guest who is no longer theirs: nobody else may read it.
            (To::Other, _) | (To::Unsure, []) => {
                return Ok(Some(told(means, incoming, &elsewhere(means, incoming, rows, &text))));
            }
            (_, []) => return Ok(after_a_chat(means, incoming, rows, &text)),
            (To::Unsaid, [only])
                if !means
                    .turns
                    .roster()
                    .may_mean_a_lost_one(rows, inbound.activity_id.as_deref()) =>
            {
                (only, text.clone())
            }
            // A note stays at the desk.
            (To::Within, [only]) if mark::note(&text).is_some() => (only, text.clone()),
            (_, [(_, first), ..]) => {
                let list = format!("\n{}", list_of(means, incoming, &chats).await?.join("\n"));
                let list = [("first", &*first.reference), ("list", &list)];
                return Ok(Some(told(means, incoming, &fill(desk.desk_which, &list))));
            }
        };
    if words.is_empty() && inbound.files.is_empty() {
        return Ok(Some(told(means, incoming, &Words::own(desk.desk_wordless))));
    }
    let shortened = numbers::shortened(inbound, &text, &words);
    let incoming = Incoming { inbound: &shortened, ..*incoming };
    let by = agent(incoming.inbound, row);
    let event = Event::Desk { by, nonce: None, act: Act::Say(words.into_owned()) };
    let here = here(incoming.inbound, row);
    act_here(means, &incoming, here, (&chat.conversation, chat.session), &event).await.map(Some)
}

/// The chats that an agent has under all their names, by reference; each with the name.
fn chats_of<'a>(means: &Means, rows: &'a [Arc<AgentRow>]) -> Vec<(&'a AgentRow, Chat)> {
    let of = |row: &'a Arc<AgentRow>| {
        means.turns.roster().chats_of(&row.id).into_iter().map(move |chat| (&**row, chat))
    };
    let mut chats: Vec<_> = rows.iter().flat_map(of).collect();
    chats.sort_by(|(_, a), (_, b)| a.reference.cmp(&b.reference));
    chats
}

/// True for the word with which an agent asks how their work goes, in any language.
fn is_help(command: &str) -> bool {
    let words = LANGUAGES.iter().flat_map(|phrases| phrases.help_words);
    words.into_iter().any(|word| *word == command)
}

/// An agent asks how their work goes.
async fn help(
    means: &Means,
    incoming: &Incoming<'_>,
    rows: &[Arc<AgentRow>],
) -> Result<Answer, StoreError> {
    let running = incoming.running;
    let (desks, chats) = (desks_of(running, rows), chats_of(means, rows));
    let chats = list_of(means, incoming, &chats).await?;
    let available = rows.iter().any(|row| row.available);
    let work = Work { desks: &desks, available, chats: &chats };
    means.turns.roster().settle(rows);
    let words = work.words(&running.company.directory, incoming.locale());
    Ok(told(means, incoming, &words))
}

/// An agent's chats as they tell them apart: number, whose it is, and what was asked.
async fn list_of(
    means: &Means,
    incoming: &Incoming<'_>,
    chats: &[(&AgentRow, Chat)],
) -> Result<Vec<String>, StoreError> {
    let desk = incoming.desk();
    let mut lines = Vec::new();
    for (_, chat) in chats {
        let kept = means.turns.store().load(&chat.conversation).await?;
        let kept = kept.map(|kept| kept.conversation);
        let name = kept.as_ref().and_then(|kept| kept.guest.name.as_deref()).unwrap_or("?");
        let session = kept.as_ref().and_then(|kept| kept.session(chat.session));
        let asked = session.and_then(pipeline::asked).map(cut).unwrap_or_else(|| "…".to_owned());
        let values = [("ref", &*chat.reference), ("guest", name), ("text", &asked)];
        lines.push(fill(desk.desk_one, &values).plain());
    }
    Ok(lines)
}

/// The beginning of a matter, in one line.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MATTER {
        return line;
    }
    line.chars().take(MATTER - 1).chain(['…']).collect()
}

/// What is said to words that begin with the number of a chat that is not with this agent: where it
/// is, if they had it.
fn elsewhere(means: &Means, incoming: &Incoming<'_>, rows: &[Arc<AgentRow>], text: &str) -> Words {
    let (desk, Incoming { running, inbound, .. }) = (incoming.desk(), *incoming);
    let former = means.turns.roster().former(rows);
    let numbers: Vec<&str> = former.iter().map(|(reference, _)| reference.as_str()).collect();
    let To::Chat(chat, _) = numbers::read(running, &numbers, inbound, text) else {
        return Words::own(desk.desk_not_yours);
    };
    match &former[chat] {
        (reference, Whereabouts::With(agent)) => {
            fill(desk.desk_parted_in, &[("ref", reference), ("agent", agent)])
        }
        (reference, Whereabouts::Offered) => fill(desk.desk_after_offered, &[("ref", reference)]),
        (_, Whereabouts::Over) => Words::own(desk.desk_over),
    }
}

/// Words of an agent who has no chat: right after one has ended they may be meant for it, and begin
/// no matter of the agent's own.
fn after_a_chat(
    means: &Means,
    incoming: &Incoming<'_>,
    rows: &[Arc<AgentRow>],
    text: &str,
) -> Option<Answer> {
    let Incoming { running, inbound, .. } = *incoming;
    let roster = means.turns.roster();
    if is_command(&running.company.directory, text) {
        roster.settle(rows);
        return None;
    }
    match roster.afterwards(rows, inbound.activity_id.as_deref()) {
        Afterwards::Own => return None,
        Afterwards::Of { reference, now } => {
            let desk = incoming.desk();
            let words = match now {
                Whereabouts::With(agent) => {
                    fill(desk.desk_after_with, &[("ref", &reference), ("agent", &agent)])
                }
                Whereabouts::Offered => fill(desk.desk_after_offered, &[("ref", &reference)]),
                Whereabouts::Over => fill(desk.desk_after, &[("ref", &reference)]),
            };
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
    rows: &[Arc<AgentRow>],
    is_available: bool,
) -> Result<Answer, StoreError> {
    let Means { turns, unkept, .. } = means;
    let (inbound, desk) = (incoming.inbound, incoming.desk());
    let said = is_available.then_some(incoming.now);
    for row in rows {
        let row = AgentRow { available: is_available, said, ..AgentRow::clone(row) };
        turns.store().bind_agent(row.clone()).await?;
        turns.roster().bind(row);
    }
    let words = if is_available { desk.desk_available } else { desk.desk_away };
    unkept.say(inbound, &Words::own(words));
    tick_agents(turns, incoming.now).await;
    Ok(done(inbound, None))
}

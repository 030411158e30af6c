//! Agents of desks in personal chats are bound when they write to the bot: from then on it can write
//! to them. Whom the bot knows by a name stays that person until an administrator lets go of them: a
//! UPN is given to somebody else one day.

use std::sync::Arc;

use super::{
    may::{Home, Not, Person, Wish, may, names_of},
    roster::Roster,
    running::Running,
};
use crate::{
    model::Conversation,
    store::{AgentRow, Store, StoreError},
};

/// Binds whoever is an agent of some desk of personal chats, under each name that the files give
/// them: from now on the bot can write to them. Where the bot reaches them follows what they write.
/// True for somebody whom the bot did not know by any name.
pub(super) async fn bind(
    roster: &Roster,
    store: &dyn Store,
    company: (&Running, &Home),
    conversation: &Conversation,
) -> Result<bool, StoreError> {
    let is_stranger = roster.agents_in(&conversation.id).is_empty();
    for name in names_of(company.0, &conversation.guest) {
        bind_as(roster, store, company, conversation, name).await?;
    }
    Ok(is_stranger && !roster.agents_in(&conversation.id).is_empty())
}

async fn bind_as(
    roster: &Roster,
    store: &dyn Store,
    company: (&Running, &Home),
    conversation: &Conversation,
    name: String,
) -> Result<(), StoreError> {
    let guest = &conversation.guest;
    let known = roster.agent(&name);
    let wish = Wish::Bind { name: &name, known: known.as_deref() };
    match may(company, &Person::in_chat(conversation), wish) {
        Ok(()) => {}
        Err(Not::Taken) => {
            if roster.claim(&name) {
                tracing::warn!(
                    "somebody else writes under an agent's name and is not taken for them: GET /api/v1/desks says whose"
                );
            }
            return Ok(());
        }
        Err(_) => return Ok(()),
    }
    let is_known = known.as_ref().is_some_and(|row| {
        row.conversation == conversation.id && row.reference == conversation.reference
    });
    if is_known {
        return Ok(());
    }
    // Whoever is away is away under all their names.
    let like = known.or_else(|| roster.agents_in(&conversation.id).pop());
    let (lost, was_away) = like.as_ref().map_or((false, false), |row| (row.lost, row.was_away));
    let said = like.as_ref().and_then(|row| row.said);
    let available = like.is_none_or(|row| row.available);
    let (title, reference) = (guest.name.clone(), conversation.reference.clone());
    let place = conversation.id.clone();
    let row = AgentRow {
        id: name,
        name: title,
        conversation: place,
        reference,
        available,
        said,
        lost,
        was_away,
    };
    store.bind_agent(row.clone()).await?;
    roster.bind_new(row);
    Ok(())
}

/// Lets go of an agent: the bot does not know them any more, and whoever writes under their name
/// next is the one. None when nobody was bound by it.
pub(super) async fn unbind(
    roster: &Roster,
    store: &dyn Store,
    name: &str,
) -> Result<Option<Arc<AgentRow>>, StoreError> {
    if !store.unbind_agent(name).await? {
        return Ok(None);
    }
    Ok(roster.unbind(name))
}

//! Agents of desks in personal chats are bound when they write to the bot: from then on it can write
//! to them.

use super::{roster::Roster, running::Running};
use crate::{
    model::{Conversation, Guest},
    store::{AgentRow, Store, StoreError},
};

/// Binds whoever is an agent of some desk of personal chats: from now on the bot can write to
/// them.
pub(super) async fn bind(
    roster: &Roster,
    store: &dyn Store,
    running: &Running,
    conversation: &Conversation,
) -> Result<(), StoreError> {
    let guest = &conversation.guest;
    if guest.is_external() && !running.company.external_users {
        return Ok(());
    }
    let Some(id) = named(running, guest) else {
        return Ok(());
    };
    let known = roster.agent(&id);
    let is_known = known.as_ref().is_some_and(|row| {
        row.conversation == conversation.id && row.reference == conversation.reference
    });
    if is_known {
        return Ok(());
    }
    let lost = known.as_ref().is_some_and(|row| row.lost);
    let available = known.is_none_or(|row| row.available);
    let (name, reference) = (guest.name.clone(), conversation.reference.clone());
    let conversation = conversation.id.clone();
    let row = AgentRow { id, name, conversation, reference, available, lost };
    store.bind_agent(row.clone()).await?;
    roster.bind_new(row);
    Ok(())
}

/// What the tenants' files call somebody who is an agent of a desk of personal chats.
fn named(running: &Running, guest: &Guest) -> Option<String> {
    let desks = running
        .company
        .tenants
        .values()
        .filter_map(|settings| settings.desk.as_ref())
        .filter(|desk| desk.people);
    let mut agents = desks.flat_map(|desk| &desk.agents).peekable();
    agents.peek()?;
    let names =
        [&guest.aad_object_id, &guest.user_principal_name, &guest.email].into_iter().flatten();
    let names: Vec<String> = names.map(|name| name.to_lowercase()).collect();
    agents.find(|agent| names.contains(agent)).cloned()
}

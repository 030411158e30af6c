//! Which agents have which chats: only the store knows of all.

use crate::{
    engine::running::Running,
    model::{Conversation, Session, SessionId, TenantId},
    store::Seat,
};

/// Who has a chat in a conversation now: session, tenant and agent.
pub(super) fn owners(conversation: &Conversation) -> Vec<(SessionId, TenantId, String)> {
    let owner = |session: &Session| {
        Some((
            session.id,
            session.tenant.clone(),
            session.desk.as_ref()?.owner.as_ref()?.id.clone(),
        ))
    };
    conversation.sessions().filter(|session| session.state.is_live()).filter_map(owner).collect()
}

/// Chats that a turn has given to agents of personal desks, or taken from agents: no agent may have
/// more than the file says, and only the store knows of all. What is taken from somebody is released
/// whatever today's file says of the desk: it may have said something else when they took the chat.
pub(super) fn claims(
    running: &Running,
    before: &[(SessionId, TenantId, String)],
    after: &Conversation,
) -> (Vec<SessionId>, Vec<Seat>) {
    let most = |tenant: &TenantId| {
        let desk = running.company.tenants.get(tenant).and_then(|settings| settings.desk.as_ref());
        desk.filter(|desk| desk.people).map(|desk| desk.chats_per_agent)
    };
    let after = owners(after);
    let is_new = |owner: &&(SessionId, TenantId, String)| !before.contains(owner);
    let gone = before.iter().filter(|owner| !after.contains(owner)).map(|owner| owner.0).collect();
    let taken = after.iter().filter(is_new).filter_map(|(session, tenant, agent)| {
        Some(Seat { agent: agent.clone(), session: *session, most: most(tenant)? })
    });
    (gone, taken.collect())
}

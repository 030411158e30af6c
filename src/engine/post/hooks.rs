//! Events for other systems, such as a ticket system: which ones a turn has, what they say, how
//! they are signed and sent. Their letters are committed with the turn, in a queue per endpoint and
//! session, so that a receiver that is slow or down holds nobody up.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    calls::{
        Caller,
        secret::{REMEDY, Secret},
    },
    company::events::Endpoint,
    engine::running::Running,
    model::{
        CallError, Conversation, ConversationId, Entry, Hop, Journey, LetterId, Session, SessionId,
        State, TenantId, session::keys,
    },
    pipeline::{
        directory::{Directory, Tenant},
        playbook::Edition,
    },
    store::{Delivery, Outgoing},
    teams::connector::SendError,
};

/// Begins the name of a queue of events.
pub(in crate::engine) const QUEUE: &str = "hook:";
/// After so many failed attempts an event is given up, visibly. With the pauses that is more than a
/// day.
pub(in crate::engine) const MOST_ATTEMPTS: u32 = 120;
/// The longest pause: so long after it is well again a receiver has waited at most.
pub(in crate::engine) const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The states of a conversation's sessions; empty, and nothing computed, when nobody wants to hear
/// of them.
pub(in crate::engine) fn states(
    running: &Running,
    conversation: &Conversation,
) -> Vec<(SessionId, State)> {
    if running.company.events.is_empty() {
        return Vec::new();
    }
    conversation.sessions().map(|session| (session.id, session.state)).collect()
}

/// What a turn tells other systems, in order: a letter per event and endpoint that wants it.
/// `before` is what [`states`] gave; `gone` are departments that the files know no longer.
pub(in crate::engine) fn letters(
    running: &Running,
    (before, gone): (&[(SessionId, State)], &Gone),
    conversation: &Conversation,
    now: Timestamp,
) -> Vec<Outgoing> {
    let mut letters = Vec::new();
    if running.company.events.is_empty() {
        return letters;
    }
    let sessions = conversation
        .journeys()
        .flat_map(|journey| journey.sessions.iter().map(move |session| (journey, session)));
    for (journey, session) in sessions {
        let was = before.iter().find(|(id, _)| *id == session.id).map(|(_, state)| *state);
        let started = was.is_none().then_some("session.started");
        let changed = event_of(session.state).filter(|_| was != Some(session.state));
        for event in started.into_iter().chain(changed) {
            for endpoint in running
                .company
                .events
                .iter()
                .filter(|endpoint| endpoint.wants(event, &session.tenant))
            {
                let teller = Teller { directory: &running.company.directory, gone, endpoint };
                let Some(data) = teller.data(event, conversation, journey, session) else {
                    continue;
                };
                let id = LetterId(uuid::Uuid::now_v7());
                letters.push(Outgoing {
                    id,
                    conversation: queue(endpoint, &conversation.id, session.id),
                    service_url: endpoint.url.clone(),
                    kind: Delivery::Hook { secret: endpoint.secret.value.clone() },
                    body: json!({ "id": id, "type": event, "timestamp": now, "data": data })
                        .to_string(),
                    attempts: 0,
                });
            }
        }
    }
    letters
}

/// The event of a state that a session comes into. The guest who is moved back has left the
/// session, too.
fn event_of(state: State) -> Option<&'static str> {
    match state {
        State::Active | State::Open => None,
        State::WaitingForAgent => Some("session.waiting_for_agent"),
        State::WithAgent => Some("session.with_agent"),
        State::Transferred | State::Returned => Some("session.transferred"),
        State::Resolved => Some("session.resolved"),
        State::Unresolved => Some("session.unresolved"),
        State::Abandoned => Some("session.abandoned"),
    }
}

fn queue(endpoint: &Endpoint, guest: &ConversationId, session: SessionId) -> ConversationId {
    ConversationId {
        channel: guest.channel.clone(),
        id: format!("{QUEUE}{}:{session}", endpoint.name),
    }
}

/// Departments that the files know no longer, as they were.
type Gone = BTreeMap<Edition, Arc<Tenant>>;

/// What may be told to one receiver. Of a confidential department that its entry does not name it
/// hears nothing: neither that somebody was there, nor that they went there or came from there; and
/// nothing by which chats are joined to a whole is told to it at all, so that nothing is missing
/// where somebody was there.
struct Teller<'a> {
    directory: &'a Directory,
    gone: &'a Gone,
    endpoint: &'a Endpoint,
}

impl Teller<'_> {
    /// True for a department of which it is told nothing. Of one that is gone nobody knows any more
    /// what it was, unless its file does.
    fn hides(&self, tenant: &TenantId) -> bool {
        let was = || self.gone.iter().find(|((id, _), _)| id == tenant).map(|(_, was)| &**was);
        let known = self.directory.tenant(tenant).or_else(was);
        known.is_none_or(|tenant| tenant.confidential) && !self.endpoint.names(tenant)
    }

    /// True when there is any such department, be it one that is gone where the guest was.
    fn hides_any(&self, conversation: &Conversation) -> bool {
        let was_in = conversation.sessions().map(|session| &session.tenant);
        self.directory.tenants.keys().chain(was_in).any(|tenant| self.hides(tenant))
    }

    /// What an event says; none when it is not told.
    fn data(
        &self,
        event: &str,
        conversation: &Conversation,
        journey: &Journey,
        session: &Session,
    ) -> Option<Value> {
        if self.hides(&session.tenant) {
            return None;
        }
        let agent = session.desk.as_ref().and_then(|help| help.owner.as_ref());
        let agent = agent.or_else(|| {
            session.takes.last().filter(|_| !session.state.is_live()).map(|taken| &taken.agent)
        });
        let guest = &conversation.guest;
        let known = |entry: &Entry| !entry.private && !self.hides(&entry.tenant);
        let open = session
            .metadata
            .iter()
            .filter(|(key, entry)| key.starts_with("Data.") && known(entry))
            .map(|(key, entry)| (key.to_owned(), entry.value.clone()));
        let mut data = json!({
            "session": {
                "id": session.id, "ref": session.reference, "tenantId": session.tenant.as_str(), "tenantName": session.tenant_name,
                "state": session.state.name(), "startedUtc": session.started, "endedUtc": session.ended,
            },
            "agent": agent.map(|agent| json!({ "id": agent.id, "name": agent.name })),
            "guest": { "id": guest.id, "aadObjectId": guest.aad_object_id, "name": guest.name, "email": guest.email },
            "metadata": open.collect::<Map<_, _>>(),
        });
        let is_joined = !self.hides_any(conversation);
        if is_joined {
            let place = &mut data["session"];
            place["journeyId"] = json!(session.journey);
            place["hop"] = json!(session.hop);
            place["conversationId"] = json!(conversation.id.id);
        }
        if event == "session.transferred"
            && let Some(hop) = journey.hops.iter().rfind(|hop| hop.from.session_id == session.id)
        {
            if self.hides(&hop.to.tenant_id) {
                return None;
            }
            data["transfer"] = transfer(hop);
            if is_joined {
                data["transfer"]["hop"] = json!(hop.hop);
            }
        }
        if matches!(event, "session.resolved" | "session.unresolved") {
            data["resolution"] = json!({
                "isResolved": session.state == State::Resolved, "by": session.metadata.get(keys::RESOLVED_BY),
            });
            if let Some(notes) = session.metadata.get(keys::NOTES) {
                data["resolution"]["notes"] = notes.clone();
            }
        }
        Some(data)
    }
}

/// A hop without its note, and without its place in the journey.
fn transfer(hop: &Hop) -> Value {
    json!({
        "kind": hop.kind, "from": hop.from, "to": hop.to, "atUtc": hop.at, "reason": hop.reason,
        "by": { "kind": hop.by.kind, "id": hop.by.id, "name": hop.by.name },
    })
}

/// Says which secrets are not there.
pub(in crate::engine) fn warn(caller: &Caller, running: &Running) {
    let mut named: Vec<&str> =
        running.company.events.iter().map(|endpoint| endpoint.secret.value.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    for why in named.into_iter().filter_map(|variable| secret_of(caller, variable).err()) {
        tracing::warn!(
            "{why}: events of company.yaml that are to be signed with it wait until it is there: {REMEDY}; then restart with it"
        );
    }
}

/// The secret that an environment variable holds; an error says which one it is, and never what it
/// holds.
pub(super) fn secret_of(caller: &Caller, variable: &str) -> Result<Secret, String> {
    match caller.variable(variable).filter(|secret| !secret.trim().is_empty()) {
        None => Err(format!("the environment variable {variable} is not set")),
        Some(secret) => Secret::read(&secret)
            .map_err(|why| format!("what the environment variable {variable} holds {why}")),
    }
}

/// Makes one attempt to deliver an event.
pub(in crate::engine) async fn send(
    caller: &Caller,
    letter: &Outgoing,
    secret: &str,
    now: Timestamp,
) -> Result<(), SendError> {
    let refused = |status, why: String| SendError::Refused { status, code: Some(why) };
    let later =
        |reason: String| SendError::Temporary { reason, maybe_delivered: false, after: None };
    let secret = secret_of(caller, secret).map_err(later)?;
    let (id, at) = (letter.id.to_string(), now.as_second().to_string());
    let signature = secret.sign(&id, &at, &letter.body);
    let headers = [
        ("webhook-id", id.as_str()),
        ("webhook-timestamp", &at),
        ("webhook-signature", &signature),
    ];
    // Receivers know an event by its id: one that may have arrived is simply sent again.
    match caller.post(&letter.service_url, &headers, letter.body.clone(), TIMEOUT).await {
        Ok(200..300) => Ok(()),
        Ok(status @ (408 | 425 | 429 | 500..)) => Err(later(format!("answered {status}"))),
        Ok(status) => Err(SendError::Refused { status, code: None }),
        Err(error @ (CallError::Unreachable | CallError::Timeout)) => Err(later(error.to_string())),
        Err(CallError::Refused) => Err(refused(
            0,
            "company.yaml does not let this host or its address be called".to_owned(),
        )),
        Err(error) => Err(refused(0, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_that_is_down_for_a_day_gets_everything() {
        let pauses = (0..MOST_ATTEMPTS - 1).map(|failures| {
            Duration::from_millis(500).saturating_mul(1 << failures.min(20)).min(LONGEST_PAUSE)
        });
        assert!(pauses.sum::<Duration>() > Duration::from_secs(24 * 3600));
    }
}

//! By what something that is told twice is known.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Cause;
use crate::model::{Conversation, Inbound, What};

/// How long an activity's id is remembered. Teams repeats after 15 s; the reference asks for ten
/// minutes at least.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);
/// How long a click's content is remembered: Teams repeats one with a new id after about 30 s.
const REMEMBER_CLICK: SignedDuration = SignedDuration::from_secs(60);

/// A dedupe key, and how long it counts.
pub(in crate::engine) type Key = (String, Timestamp);

/// Until when an answer that is given now is remembered.
pub(super) fn remembered(now: Timestamp) -> Timestamp {
    now.checked_add(REMEMBER).unwrap_or(now)
}

/// The key of an activity in its own conversation: its id. An edit and a deletion carry the id of the
/// message that they are about.
pub(in crate::engine) fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let until = remembered(now);
    if matches!(inbound.what, What::Edited(_) | What::Deleted) {
        return Vec::new();
    }
    inbound.activity_id.iter().map(|id| (format!("a:{id}"), until)).collect()
}

/// The key of a click by `Action.Execute` in its own conversation, because Teams repeats one under a
/// new id: its content, and how the chat stands. None for anything else.
pub(super) fn click_key(
    cause: &Cause<'_>,
    conversation: Option<&Conversation>,
    now: Timestamp,
) -> Vec<Key> {
    let Cause::Activity(inbound) = cause else { return Vec::new() };
    let stands = conversation.map(standing).unwrap_or_default();
    content(inbound, &stands, now).into_iter().collect()
}

/// How a chat stands for its guest: different as soon as anything has happened in it.
fn standing(conversation: &Conversation) -> String {
    let Some(journey) = &conversation.journey else { return String::new() };
    let present = journey.present().and_then(|index| journey.sessions.get(index));
    let session = present.map(|session| {
        let waiting = session.waiting.as_ref().map(|waiting| &waiting.nonce);
        let aside = session.aside.as_ref().map(|aside| &aside.nonce);
        (session.id, &session.stage, session.state, session.turns, waiting, aside)
    });
    format!("{} {} {} {session:?}", journey.id, journey.sessions.len(), journey.hops.len())
}

/// The key of a click by `Action.Execute`: what it says, and `beside`.
fn content(inbound: &Inbound, beside: &str, now: Timestamp) -> Option<Key> {
    let until = now.checked_add(REMEMBER_CLICK).unwrap_or(now);
    if let What::Execute { verb, data } = &inbound.what {
        let hash = hash(&[
            inbound.reply_to.as_deref().unwrap_or_default(),
            &inbound.guest.id,
            verb.as_deref().unwrap_or_default(),
            &Value::Object(data.clone()).to_string(),
            beside,
        ]);
        return Some((format!("c:{hash}"), until));
    }
    None
}

/// The keys of an activity that is a matter of another conversation: its id, and the content of a
/// click, since a desk's card keeps its buttons; with the place from which it comes. Ids are only unique there, and one guest's matter has several places: a thread, the chats of
/// agents, the threads of other departments.
pub(in crate::engine) fn keys_elsewhere(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let place = hash(&[&inbound.conversation.channel, &inbound.conversation.id]);
    let keys = dedupe_keys(inbound, now).into_iter().chain(content(inbound, "", now));
    keys.map(|(key, until)| (format!("d:{place}:{key}"), until)).collect()
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

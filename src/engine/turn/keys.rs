//! By what something that is told twice is known.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::{Inbound, What};

/// How long an activity's id is remembered. Teams repeats after 15 s; the reference asks for ten
/// minutes at least.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);
/// How long a click's content is remembered: Teams repeats one with a new id after about 30 s.
const REMEMBER_CLICK: SignedDuration = SignedDuration::from_secs(60);

/// A dedupe key, and how long it counts.
pub(in crate::engine) type Key = (String, Timestamp);

/// The keys of an activity in its own conversation: its id; and for a click by `Action.Execute` its
/// content, because Teams repeats one under a new id. An edit and a deletion carry the id of the message that they are about.
pub(in crate::engine) fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let until = |span| now.checked_add(span).unwrap_or(now);
    if matches!(inbound.what, What::Edited(_) | What::Deleted) {
        return Vec::new();
    }
    let mut keys: Vec<Key> =
        inbound.activity_id.iter().map(|id| (format!("a:{id}"), until(REMEMBER))).collect();
    if let What::Execute { verb, data } = &inbound.what {
        let hash = hash(&[
            inbound.reply_to.as_deref().unwrap_or_default(),
            &inbound.guest.id,
            verb.as_deref().unwrap_or_default(),
            &Value::Object(data.clone()).to_string(),
        ]);
        keys.push((format!("c:{hash}"), until(REMEMBER_CLICK)));
    }
    keys
}

/// The keys of an activity that is a matter of another conversation: with the place from which it
/// comes. Ids are only unique there, and one guest's matter has several places: a thread, the chats of
/// agents, the threads of other departments.
pub(in crate::engine) fn keys_elsewhere(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let place = hash(&[&inbound.conversation.channel, &inbound.conversation.id]);
    let keys = dedupe_keys(inbound, now).into_iter();
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

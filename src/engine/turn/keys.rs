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

/// The activity's id; and for a click by `Action.Execute` its content, because Teams repeats one
/// under a new id. An edit and a deletion carry the id of the message that they are about.
pub(in crate::engine) fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let until = |span| now.checked_add(span).unwrap_or(now);
    if matches!(inbound.what, What::Edited(_) | What::Deleted) {
        return Vec::new();
    }
    let mut keys: Vec<Key> =
        inbound.activity_id.iter().map(|id| (format!("a:{id}"), until(REMEMBER))).collect();
    if let What::Execute { verb, data } = &inbound.what {
        let mut hash = Sha256::new();
        for part in [
            inbound.reply_to.as_deref().unwrap_or_default(),
            &inbound.guest.id,
            verb.as_deref().unwrap_or_default(),
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(Value::Object(data.clone()).to_string().as_bytes());
        let hex: String =
            hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        keys.push((format!("c:{hex}"), until(REMEMBER_CLICK)));
    }
    keys
}

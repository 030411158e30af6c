//! The transfer rules: which ways are open, and what goes along.

use super::directory::{Directory, Sharing, Tenant};
use crate::model::{Entry, TenantId, session::keys};

/// What all matching rules together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The direction is allowed.
    pub allow: bool,
    /// A reason must be given.
    pub reason_required: bool,
    /// Lists of prefixes, each of which must let a key cross; empty lets all cross.
    pub metadata: Vec<Vec<String>>,
    /// What of the transcript may be seen.
    pub transcript: Sharing,
}

/// The policy for a direction: of several rules the strictest wins per field. A confidential sender
/// shares `Guest.*` only, and no transcript, unless a rule names it as `from` and says otherwise.
pub fn policy(directory: &Directory, from: &Tenant, to: &TenantId) -> Policy {
    let mut policy = Policy {
        allow: true,
        reason_required: false,
        metadata: Vec::new(),
        transcript: Sharing::Full,
    };
    let (mut says_metadata, mut says_transcript) = (false, false);
    for rule in &directory.rules {
        if rule.from.as_ref().is_some_and(|id| *id != from.id)
            || rule.to.as_ref().is_some_and(|id| id != to)
        {
            continue;
        }
        policy.allow &= rule.allow;
        policy.reason_required |= rule.reason_required;
        if let Some(prefixes) = &rule.metadata {
            policy.metadata.push(prefixes.clone());
            says_metadata |= rule.from.is_some();
        }
        if let Some(sharing) = rule.transcript {
            policy.transcript = policy.transcript.max(sharing);
            says_transcript |= rule.from.is_some();
        }
    }
    if from.confidential && !says_metadata {
        policy.metadata.push(vec!["Guest".to_owned()]);
    }
    if from.confidential && !says_transcript {
        policy.transcript = Sharing::None;
    }
    policy
}

impl Policy {
    /// True when a key of the sender crosses to the receiver.
    pub fn crosses(&self, key: &str, entry: &Entry) -> bool {
        if entry.private {
            return false;
        }
        let first = key.split('.').next().unwrap_or_default();
        match first {
            // Who the guest is does not depend on the department; what they asked does.
            "Guest" if key != keys::QUESTION => true,
            "Guest" | "Data" => self.lets(key),
            // What belongs to one session: its transfers are written anew, its agent and its
            // refusals stay behind.
            _ => false,
        }
    }

    /// True when every list of prefixes lets a key cross.
    pub fn lets(&self, key: &str) -> bool {
        self.metadata.iter().all(|prefixes| prefixes.iter().any(|prefix| under(key, prefix)))
    }
}

/// True when `key` is `prefix` or lies below it, segment by segment.
fn under(key: &str, prefix: &str) -> bool {
    key == prefix || key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
}

impl Directory {
    /// Where a guest may go from a department: enabled, with something to begin, allowed.
    pub fn reachable_from<'a>(&'a self, from: &'a Tenant) -> impl Iterator<Item = &'a Tenant> {
        self.tenants.values().filter(move |to| {
            to.id != from.id && to.enabled && to.first.is_some() && policy(self, from, &to.id).allow
        })
    }
}

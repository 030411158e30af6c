//! A session's key/value data, each value with where it came from.

use std::fmt;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StageId, TenantId, words::HIDDEN};

/// The session's own keys, flat and dotted: `Data.*`, `Guest.Question`, `Transfer.*`, `Agent.*` and
/// the six transfer keys. What can be derived (`Session.Ref`, `Tenant.Name` …) is not stored here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(IndexMap<String, Entry>);

/// One value and its provenance.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The value: text, number, truth, list or object.
    pub value: Value,
    /// True when a stage marked it private: it never crosses to another department, whatever
    /// rewrites it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// The tenant in which it was first written. A transfer carries it along.
    pub tenant: TenantId,
    /// The stage that wrote it; none for what the product itself notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    /// When it was written.
    pub at: Timestamp,
}

/// What is private gets into no log.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = Value::from(HIDDEN);
        let value = if self.private { &hidden } else { &self.value };
        let Entry { private, tenant, stage, at, .. } = self;
        f.debug_struct("Entry")
            .field("value", value)
            .field("private", private)
            .field("tenant", tenant)
            .field("stage", stage)
            .field("at", at)
            .finish()
    }
}

impl Metadata {
    /// The keys whose values are private, in the order in which they were first written.
    pub fn private_keys(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(_, entry)| entry.private).map(|(key, _)| key)
    }

    /// The value under a whole dotted key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).map(|entry| &entry.value)
    }

    /// The value with its provenance.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    /// Writes a value. A key that was private once stays private.
    pub fn set(&mut self, key: impl Into<String>, mut entry: Entry) {
        let key = key.into();
        entry.private |= self.0.get(&key).is_some_and(|old| old.private);
        self.0.insert(key, entry);
    }

    /// Forgets a key.
    pub fn remove(&mut self, key: &str) {
        self.0.shift_remove(key);
    }

    /// All keys in the order in which they were first written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}

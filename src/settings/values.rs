//! Settings as they were found, before anybody understands them.

use std::collections::BTreeMap;

/// Values by name; later sources win over earlier ones.
pub type Values = BTreeMap<String, String>;

//! What a guest has said before anybody asked.

use serde::{Deserialize, Serialize};

use super::TenantId;

/// What a guest has said and no stage has made use of yet: the first stage that waits for them is
/// offered it before it asks, once in every department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The words, or the title of a button of the welcome card.
    pub words: String,
    /// It was a button, which means one choice and nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub button: bool,
    /// The departments that have heard it already: they are not offered it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<TenantId>,
}

impl Spoken {
    /// Words that nobody has heard yet.
    pub fn words(words: &str) -> Self {
        Spoken { words: words.to_owned(), button: false, heard: Vec::new() }
    }

    /// A button of the welcome card.
    pub fn button(title: &str) -> Self {
        Spoken { button: true, ..Spoken::words(title) }
    }

    /// A department has heard it.
    pub fn hear(&mut self, tenant: &TenantId) {
        if !self.is_known_to(tenant) {
            self.heard.push(tenant.clone());
        }
    }

    /// True when a department has heard it already.
    pub fn is_known_to(&self, tenant: &TenantId) -> bool {
        self.heard.contains(tenant)
    }
}

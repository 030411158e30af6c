//! What a department answers again and again.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TenantId;

/// A question with its answer, from a tenant's `faq.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// `[a-z0-9][a-z0-9-]*`, once in a tenant: by it the article is counted, shown again and asked
    /// for.
    pub id: String,
    /// The question as the department would put it; not empty.
    pub question: String,
    /// Other wordings; may be empty.
    pub also: Vec<String>,
    /// The answer, in the Markdown that Teams cards know: bold, italic, links and lists; not empty.
    pub answer: String,
    /// Subjects under which it belongs; found like words of the question, but with less weight.
    pub tags: Vec<String>,
    /// The language it is written in, such as `en` or `de-DE`.
    pub locale: String,
}

/// An article that answers what somebody asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The article.
    pub article: Arc<Article>,
    /// Whose it is.
    pub tenant: TenantId,
    /// How well it fits: above 0, at most 1, and comparable between tenants.
    pub score: f32,
}

/// An article that a guest was shown, as the session remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Whose article it is.
    pub tenant: TenantId,
    /// Its id there.
    pub article: String,
    /// Its question when it was shown: what the desk reads.
    pub question: String,
    /// What the guest said of it.
    pub verdict: Verdict,
    /// When it was shown.
    pub at: Timestamp,
}

/// What became of an answer from a FAQ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was shown.
    Shown,
    /// The guest said that it helped.
    Helped,
    /// The guest asked for something else.
    NotHelped,
    /// The guest moved to the department whose answer it is.
    Followed,
}

impl Verdict {
    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Shown => "shown",
            Verdict::Helped => "helped",
            Verdict::NotHelped => "not_helped",
            Verdict::Followed => "followed",
        }
    }
}

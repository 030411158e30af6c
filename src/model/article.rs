//! What a department answers again and again.

use std::sync::Arc;

use super::TenantId;

/// A question with its answer, from a tenant's `faq.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// `[a-z0-9][a-z0-9-]*`, once in a tenant: by it the article is counted, shown again and asked for.
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

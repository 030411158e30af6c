//! What became of answers from FAQs, and how it is counted.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use super::error::StoreError;
use crate::model::{SessionId, TenantId, Verdict};

/// What FAQs did. Their answers are added by turns.
#[async_trait]
pub trait Faqs: Send + Sync + 'static {
    /// What FAQs did in the sessions that began in a span of time, each session counted once.
    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError>;
}

/// An answer that was shown to a guest, or what they said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaqRow {
    /// The session in which it was shown.
    pub session: SessionId,
    /// Whose article it is.
    pub tenant: TenantId,
    /// Its id there.
    pub article: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What FAQs did in a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FaqReport {
    /// Every article that was shown, by tenant and id.
    pub items: Vec<ArticleCounts>,
    /// Every tenant that had sessions, by id.
    pub tenants: Vec<FaqCounts>,
}

/// What became of one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleCounts {
    /// Whose article it is.
    pub tenant_id: TenantId,
    /// Its id there.
    pub article_id: String,
    /// How often it was shown.
    pub shown: u64,
    /// How often a guest said that it helped.
    pub helped: u64,
    /// How often a guest asked for something else.
    pub not_helped: u64,
    /// How often a guest moved to its department because of it.
    pub followed: u64,
    /// Sessions in which it helped, that ended resolved, and that no agent ever had.
    pub solved: u64,
}

/// What the FAQ did for one department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaqCounts {
    /// The department in which the guests were.
    pub tenant_id: TenantId,
    /// Its sessions that began in the span.
    pub sessions: u64,
    /// Those in which an answer was shown.
    pub answered: u64,
    /// Those that an answer solved: it helped, the session ended resolved, no agent ever had it.
    pub solved: u64,
}

/// The span of a report: sessions that began at or after `from` and before `to`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// None: from the beginning.
    pub from: Option<Timestamp>,
    /// None: until now.
    pub to: Option<Timestamp>,
}

//! What a decision may ask of the departments' FAQs. The search stands above: it is handed in as a
//! whole, as it is at this moment.

use std::sync::Arc;

use crate::model::{Article, Found, TenantId};

/// The FAQs of all departments, searchable. Pure: the same question gives the same answers while
/// the files stay as they are.
pub trait Answers {
    /// A tenant's articles for what somebody wrote, best first, at most `limit`; empty when nothing
    /// is good enough to be shown. `locale` is the reader's: of articles that fit alike, those in
    /// their language come first.
    fn own(&self, tenant: &TenantId, query: &str, locale: &str, limit: usize) -> Vec<Found>;

    /// The articles of other tenants than `but`: of all of them, or of those in `which` alone. Best
    /// first over all, at most `limit`; empty when nothing is good enough.
    fn others(
        &self,
        but: &TenantId,
        which: Option<&[TenantId]>,
        query: &str,
        locale: &str,
        limit: usize,
    ) -> Vec<Found>;

    /// An article by its id, as it reads now; none when the tenant has none of that id any more.
    fn article(&self, tenant: &TenantId, id: &str) -> Option<Arc<Article>>;
}

/// Whose FAQs are looked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search<'a> {
    /// The department's own.
    Own,
    /// Those of all.
    All,
    /// The own one and those of these.
    These(&'a [TenantId]),
}

/// Where no department has a FAQ.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAnswers;

impl Answers for NoAnswers {
    fn own(&self, _: &TenantId, _: &str, _: &str, _: usize) -> Vec<Found> {
        Vec::new()
    }

    fn others(
        &self,
        _: &TenantId,
        _: Option<&[TenantId]>,
        _: &str,
        _: &str,
        _: usize,
    ) -> Vec<Found> {
        Vec::new()
    }

    fn article(&self, _: &TenantId, _: &str) -> Option<Arc<Article>> {
        None
    }
}

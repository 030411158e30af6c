//! Floor 2: what departments answer again and again, searchable. In memory, built when the company
//! is loaded; a search touches nothing else, and does nothing that could have been done then.

mod compounds;
mod index;
mod language;
mod search;
mod spelling;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use indexmap::IndexMap;

pub use index::Index;
use index::Vocabulary;

use crate::{
    model::{Article, Found, TenantId},
    pipeline::answers::Answers,
};

/// The languages whose words the search knows, by code. In any other it finds words as they are
/// written.
pub fn languages() -> impl Iterator<Item = &'static str> {
    language::KNOWN.iter().map(|known| known.code)
}

/// The FAQs of all tenants.
#[derive(Default)]
pub struct Library {
    indexes: IndexMap<TenantId, Index>,
    /// The words of all of them.
    vocabulary: Vocabulary,
}

impl Library {
    /// Makes all tenants' articles searchable.
    pub fn build<'a>(faqs: impl Iterator<Item = (&'a TenantId, &'a [Arc<Article>])>) -> Library {
        let indexes: IndexMap<_, _> = faqs
            .map(|(tenant, articles)| (tenant.clone(), Index::build(tenant, articles)))
            .collect();
        let mut vocabulary = Vocabulary::default();
        indexes.values().for_each(|index| vocabulary.add(index));
        Library { indexes, vocabulary }
    }
}

impl Answers for Library {
    fn own(&self, tenant: &TenantId, query: &str, locale: &str, limit: usize) -> Vec<Found> {
        self.indexes
            .get(tenant)
            .map(|index| index.search_beside(&self.vocabulary, query, locale, limit))
            .unwrap_or_default()
    }

    fn others(
        &self,
        but: &TenantId,
        which: Option<&[TenantId]>,
        query: &str,
        locale: &str,
        limit: usize,
    ) -> Vec<Found> {
        let others = self
            .indexes
            .iter()
            .filter(|(id, _)| *id != but && which.is_none_or(|which| which.contains(id)));
        let mut found: Vec<Found> = others
            .flat_map(|(_, index)| index.search_beside(&self.vocabulary, query, locale, limit))
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(limit);
        found
    }

    fn article(&self, tenant: &TenantId, id: &str) -> Option<Arc<Article>> {
        self.indexes.get(tenant)?.article(id).cloned()
    }
}

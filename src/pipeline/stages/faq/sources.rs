//! Whose FAQs are asked, and which of their answers are shown.

use crate::{
    model::{Found, TenantId},
    pipeline::{cx::Cx, stage::Mention},
    source::{At, Fields, NodeKind},
};

/// By so much another department's best answer must fit better than the own one before it is shown
/// instead.
const CLEARLY: f32 = 0.15;
/// Another department's answer is shown beside the best one when it fits at least so well, as a
/// share of that one's score.
const NEARLY: f32 = 0.5;

/// Whose FAQs are asked beside the own one.
#[derive(Debug, Clone)]
pub(super) enum Sources {
    Own,
    All,
    These(Vec<At<String>>, Vec<TenantId>),
}

impl Sources {
    /// Reads `tenants`.
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        match fields.get("tenants").map(|node| (node, &node.kind)) {
            None => Sources::Own,
            Some((_, NodeKind::Text(text))) if text == "own" => Sources::Own,
            Some((_, NodeKind::Text(text))) if text == "all" => Sources::All,
            Some((_, NodeKind::List(_))) => {
                let ids = fields.texts("tenants");
                let known = ids.iter().map(|id| TenantId::from(&id.value)).collect();
                Sources::These(ids, known)
            }
            Some((node, _)) => {
                fields.problems.error(
                    &node.place,
                    format!(
                        "`tenants` must be `own`, `all` or a list of tenants, not {}",
                        node.describe()
                    ),
                    "write `tenants: all`, or `tenants: [hr, it]`",
                );
                Sources::Own
            }
        }
    }

    /// What it names.
    pub(super) fn mentions(&self) -> Vec<Mention<'_>> {
        match self {
            Sources::Own => vec![Mention::OwnFaq],
            Sources::All => Vec::new(),
            Sources::These(ids, _) => ids.iter().map(Mention::Tenant).collect(),
        }
    }

    /// The answers to show: the own ones, or another department's first when those fit clearly
    /// better.
    pub(super) fn find(&self, cx: &Cx<'_>, query: &str, limit: usize) -> Vec<Found> {
        let (answers, own, locale) = (cx.facts.answers, &cx.tenant.id, cx.locale());
        let mut found = answers.own(own, query, locale, limit);
        let which = match self {
            Sources::Own => return found,
            Sources::All => None,
            Sources::These(_, ids) => Some(ids.as_slice()),
        };
        let is_open = |found: &Found| {
            cx.facts.directory.tenant(&found.tenant).is_some_and(|tenant| tenant.enabled)
        };
        let mut others: Vec<Found> =
            answers.others(own, which, query, locale, limit).into_iter().filter(is_open).collect();
        // A department that only half understands does not stand beside one that knows.
        let least = others.first().map_or(0.0, |best| best.score * NEARLY);
        others.retain(|other| other.score >= least);
        let best = found.first().map_or(0.0, |found| found.score + CLEARLY);
        if others.first().is_some_and(|other| other.score > best) {
            // Theirs, and what of the own ones is still left room for.
            found.splice(0..0, others);
            found.truncate(limit);
        }
        found
    }
}

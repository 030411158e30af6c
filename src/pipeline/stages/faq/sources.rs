//! Whose FAQs a stage asks.

use crate::{
    model::TenantId,
    pipeline::{answers::Search, stage::Mention},
    source::{At, Fields, NodeKind},
};

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

    /// Where it looks.
    pub(super) fn search(&self) -> Search<'_> {
        match self {
            Sources::Own => Search::Own,
            Sources::All => Search::All,
            Sources::These(_, ids) => Search::These(ids),
        }
    }
}

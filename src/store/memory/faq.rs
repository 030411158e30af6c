//! What is counted of FAQs.

use std::collections::{BTreeMap, BTreeSet};

use super::Kept;
use crate::{
    model::{Session, State, Verdict},
    store::{ArticleCounts, FaqCounts, FaqReport, FaqRow, Span},
};

/// A session that an answer may have solved: it ended resolved, and no agent ever had it.
fn is_alone(session: &Session) -> bool {
    session.state == State::Resolved && session.takes.is_empty()
}

pub(super) fn report(kept: &Kept, span: Span) -> FaqReport {
    let begins = |session: &Session| {
        span.from.is_none_or(|from| session.started >= from)
            && span.to.is_none_or(|to| session.started < to)
    };
    let (mut items, mut solved) = (BTreeMap::new(), BTreeSet::new());
    for FaqRow { session, tenant, article, verdict } in &kept.answers {
        let Some(session) = kept.sessions.get(session).filter(|session| begins(session)) else {
            continue;
        };
        let counts =
            items.entry((tenant.clone(), article.clone())).or_insert_with(|| ArticleCounts {
                tenant_id: tenant.clone(),
                article_id: article.clone(),
                shown: 0,
                helped: 0,
                not_helped: 0,
                followed: 0,
                solved: 0,
            });
        match verdict {
            Verdict::Shown => counts.shown += 1,
            Verdict::Helped => counts.helped += 1,
            Verdict::NotHelped => counts.not_helped += 1,
            Verdict::Followed => counts.followed += 1,
        }
        if *verdict == Verdict::Helped
            && is_alone(session)
            && solved.insert((tenant, article, session.id))
        {
            counts.solved += 1;
        }
    }
    let (mut answered, mut helped) = (BTreeSet::new(), BTreeSet::new());
    for row in &kept.answers {
        answered.insert(row.session);
        if row.verdict == Verdict::Helped {
            helped.insert(row.session);
        }
    }
    let mut tenants = BTreeMap::new();
    for session in kept.sessions.values().filter(|session| begins(session)) {
        let counts = tenants.entry(session.tenant.clone()).or_insert_with(|| FaqCounts {
            tenant_id: session.tenant.clone(),
            sessions: 0,
            answered: 0,
            solved: 0,
        });
        counts.sessions += 1;
        counts.answered += u64::from(answered.contains(&session.id));
        counts.solved += u64::from(is_alone(session) && helped.contains(&session.id));
    }
    FaqReport { items: items.into_values().collect(), tenants: tenants.into_values().collect() }
}

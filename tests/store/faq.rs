//! What became of answers from FAQs.

use std::sync::Arc;

use jiff::Timestamp;
use switchboard::{
    model::{Agent, SessionId, State, Taken, TenantId, Verdict},
    store::{ArticleCounts, FaqCounts, FaqRow, Span, Store},
};

use crate::make::{With as _, at, begin, conversation, journey, next, turn};

fn row(session: SessionId, tenant: &str, article: &str, verdict: Verdict) -> FaqRow {
    FaqRow { session, tenant: TenantId::from(tenant), article: article.to_owned(), verdict }
}

fn article(
    tenant: &str,
    id: &str,
    [shown, helped, not_helped, followed, solved]: [u64; 5],
) -> ArticleCounts {
    ArticleCounts {
        tenant_id: TenantId::from(tenant),
        article_id: id.to_owned(),
        shown,
        helped,
        not_helped,
        followed,
        solved,
    }
}

fn tenant(id: &str, [sessions, answered, solved]: [u64; 3]) -> FaqCounts {
    FaqCounts { tenant_id: TenantId::from(id), sessions, answered, solved }
}

pub(crate) async fn answers_are_counted_once_a_session(store: Arc<dyn Store>) {
    use Verdict::{Followed, Helped, NotHelped, Shown};
    assert_eq!(
        store.faq_report(Span::default()).await.expect("report"),
        switchboard::store::FaqReport::default()
    );
    // Who, when, in which state, with an agent or without, and what was said.
    type Person =
        (&'static str, i64, State, bool, &'static [(&'static str, &'static str, Verdict)]);
    let people: [Person; 5] = [
        (
            "solved",
            0,
            State::Resolved,
            false,
            &[
                ("it", "vpn", Shown),
                ("it", "mail", Shown),
                ("it", "vpn", Helped),
                ("it", "vpn", Helped),
            ],
        ),
        ("agent", 1, State::Resolved, true, &[("it", "vpn", Shown), ("it", "vpn", Helped)]),
        ("no", 2, State::Unresolved, false, &[("it", "vpn", Shown), ("it", "vpn", NotHelped)]),
        (
            "moved",
            3,
            State::Transferred,
            false,
            &[("hr", "leave", Shown), ("hr", "leave", Followed)],
        ),
        ("none", 4, State::Resolved, false, &[]),
    ];
    for (name, started, state, with_agent, rows) in people {
        let mut guest = conversation(name);
        let mut new = journey();
        let id = begin(&mut new, "it", at(started));
        let session = &mut new.sessions[0];
        session.state = state;
        if with_agent {
            let agent = Agent { id: "7".to_owned(), name: "Ann".to_owned() };
            session.takes.push(Taken {
                agent,
                waited_since: at(0),
                at: at(1),
                until: None,
                how: None,
            });
        }
        guest.journey = Some(new);
        let (first, rest) = rows.split_at(rows.len() / 2);
        let said = |rows: &[(&str, &str, Verdict)]| {
            rows.iter().map(|(of, what, verdict)| row(id, of, what, *verdict)).collect()
        };
        store.commit(turn(&guest).with(|added| added.answers = said(first))).await.expect("commit");
        store
            .commit(next(&guest, 1).with(|added| added.answers = said(rest)))
            .await
            .expect("commit");
    }
    let all = store.faq_report(Span::default()).await.expect("report");
    assert_eq!(
        all.items,
        [
            article("hr", "leave", [1, 0, 0, 1, 0]),
            article("it", "mail", [1, 0, 0, 0, 0]),
            article("it", "vpn", [3, 3, 1, 0, 1])
        ]
    );
    assert_eq!(all.tenants, [tenant("it", [5, 4, 1])]);
    let span = |from: Option<Timestamp>, to: Option<Timestamp>| Span { from, to };
    let some = store.faq_report(span(Some(at(1)), Some(at(3)))).await.expect("report");
    assert_eq!(some.items, [article("it", "vpn", [2, 1, 1, 0, 0])]);
    assert_eq!(some.tenants, [tenant("it", [2, 2, 0])]);
    assert_eq!(store.faq_report(span(Some(at(9)), None)).await.expect("report").tenants, []);
}

pub(crate) async fn answers_of_a_turn_that_failed_are_not_kept(store: Arc<dyn Store>) {
    let mut guest = conversation("ann");
    let mut new = journey();
    let id = begin(&mut new, "it", at(0));
    guest.journey = Some(new);
    store.commit(turn(&guest)).await.expect("commit");
    let late =
        turn(&guest).with(|added| added.answers = vec![row(id, "it", "vpn", Verdict::Shown)]);
    store.commit(late).await.expect_err("there already");
    assert_eq!(store.faq_report(Span::default()).await.expect("report").items, []);
}

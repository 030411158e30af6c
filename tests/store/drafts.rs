//! Proposals for FAQs.

use std::sync::Arc;

use switchboard::{
    model::{Agent, DraftId, SessionId, TenantId},
    store::{DraftRow, DraftState, Store},
};

use crate::make::{With as _, at, begin, conversation, journey, next, turn};

fn row(session: SessionId, tenant: &str, question: &str, created: i64) -> DraftRow {
    DraftRow {
        id: DraftId(uuid::Uuid::now_v7()),
        tenant: TenantId::from(tenant),
        question: question.to_owned(),
        answer: "Say \"so\" # {{x}}\r\n\0".to_owned(),
        locale: "en-US".to_owned(),
        by: Agent { id: "7".to_owned(), name: "Ann".to_owned() },
        session,
        created: at(created),
        state: DraftState::Proposed,
        decided_by: None,
        decided: None,
    }
}

pub(crate) async fn a_proposal_is_decided_on_once(store: Arc<dyn Store>) {
    let mut guest = conversation("ann");
    let mut new = journey();
    let id = begin(&mut new, "it", at(0));
    guest.journey = Some(new);
    let (vpn, leave, mail) =
        (row(id, "it", "VPN?", 1), row(id, "hr", "Leave?", 0), row(id, "it", "Mail?", 2));
    store
        .commit(turn(&guest).with(|added| added.drafts = vec![vpn.clone(), leave.clone()]))
        .await
        .expect("commit");
    store
        .commit(next(&guest, 1).with(|added| added.drafts = vec![mail.clone()]))
        .await
        .expect("commit");
    let it = TenantId::from("it");
    assert_eq!(
        store.drafts(None, DraftState::Proposed).await.expect("all"),
        [leave.clone(), vpn.clone(), mail.clone()]
    );
    assert_eq!(
        store.drafts(Some(&it), DraftState::Proposed).await.expect("of it"),
        [vpn.clone(), mail.clone()]
    );
    assert_eq!(store.draft(vpn.id).await.expect("one"), Some(vpn.clone()));
    let unknown = DraftId(uuid::Uuid::now_v7());
    assert_eq!(store.draft(unknown).await.expect("none"), None);
    let decide = |id, state| store.decide_draft(id, state, "admin".to_owned(), at(9));
    assert!(!decide(unknown, DraftState::Accepted).await.expect("unknown"));
    assert!(decide(vpn.id, DraftState::Accepted).await.expect("accepted"));
    for state in [DraftState::Accepted, DraftState::Rejected] {
        assert!(!decide(vpn.id, state).await.expect("decided before"));
    }
    assert!(decide(leave.id, DraftState::Rejected).await.expect("rejected"));
    let accepted = DraftRow {
        state: DraftState::Accepted,
        decided_by: Some("admin".to_owned()),
        decided: Some(at(9)),
        ..vpn
    };
    assert_eq!(store.drafts(None, DraftState::Accepted).await.expect("accepted"), [accepted]);
    assert_eq!(store.drafts(Some(&it), DraftState::Rejected).await.expect("rejected"), []);
    assert_eq!(store.drafts(None, DraftState::Proposed).await.expect("left"), [mail]);
}

pub(crate) async fn proposals_of_a_turn_that_failed_are_not_kept(store: Arc<dyn Store>) {
    let mut guest = conversation("ann");
    let mut new = journey();
    let id = begin(&mut new, "it", at(0));
    guest.journey = Some(new);
    store.commit(turn(&guest)).await.expect("commit");
    store
        .commit(turn(&guest).with(|added| added.drafts = vec![row(id, "it", "VPN?", 0)]))
        .await
        .expect_err("there already");
    assert_eq!(store.drafts(None, DraftState::Proposed).await.expect("none"), []);
}

//! Proposals for FAQs.

use std::sync::Arc;

use switchboard::{
    model::{Agent, SessionId, SuggestionId, TenantId},
    store::{Store, Suggestion, SuggestionState},
};

use crate::make::{With as _, at, begin, conversation, journey, next, turn};

fn row(session: SessionId, tenant: &str, question: &str, created: i64) -> Suggestion {
    Suggestion {
        id: SuggestionId(uuid::Uuid::now_v7()),
        tenant: TenantId::from(tenant),
        question: question.to_owned(),
        answer: "Say \"so\" # {{x}}\r\n\0".to_owned(),
        locale: "en-US".to_owned(),
        by: Agent { id: "7".to_owned(), name: "Ann".to_owned() },
        session,
        created: at(created),
        state: SuggestionState::Proposed,
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
        .commit(turn(&guest).with(|added| added.suggestions = vec![vpn.clone(), leave.clone()]))
        .await
        .expect("commit");
    store
        .commit(next(&guest, 1).with(|added| added.suggestions = vec![mail.clone()]))
        .await
        .expect("commit");
    let it = TenantId::from("it");
    assert_eq!(
        store.suggestions(None, SuggestionState::Proposed).await.expect("all"),
        [leave.clone(), vpn.clone(), mail.clone()]
    );
    assert_eq!(
        store.suggestions(Some(&it), SuggestionState::Proposed).await.expect("of it"),
        [vpn.clone(), mail.clone()]
    );
    assert_eq!(store.suggestion(vpn.id).await.expect("one"), Some(vpn.clone()));
    let unknown = SuggestionId(uuid::Uuid::now_v7());
    assert_eq!(store.suggestion(unknown).await.expect("none"), None);
    let decide = |id, state| store.decide_suggestion(id, state, "admin".to_owned(), at(9));
    assert!(!decide(unknown, SuggestionState::Accepted).await.expect("unknown"));
    assert!(decide(vpn.id, SuggestionState::Accepted).await.expect("accepted"));
    for state in [SuggestionState::Accepted, SuggestionState::Rejected] {
        assert!(!decide(vpn.id, state).await.expect("decided before"));
    }
    assert!(decide(leave.id, SuggestionState::Rejected).await.expect("rejected"));
    let accepted = Suggestion {
        state: SuggestionState::Accepted,
        decided_by: Some("admin".to_owned()),
        decided: Some(at(9)),
        ..vpn
    };
    assert_eq!(
        store.suggestions(None, SuggestionState::Accepted).await.expect("accepted"),
        [accepted]
    );
    assert_eq!(
        store.suggestions(Some(&it), SuggestionState::Rejected).await.expect("rejected"),
        []
    );
    assert_eq!(store.suggestions(None, SuggestionState::Proposed).await.expect("left"), [mail]);
}

pub(crate) async fn proposals_of_a_turn_that_failed_are_not_kept(store: Arc<dyn Store>) {
    let mut guest = conversation("ann");
    let mut new = journey();
    let id = begin(&mut new, "it", at(0));
    guest.journey = Some(new);
    store.commit(turn(&guest)).await.expect("commit");
    store
        .commit(turn(&guest).with(|added| added.suggestions = vec![row(id, "it", "VPN?", 0)]))
        .await
        .expect_err("there already");
    assert_eq!(store.suggestions(None, SuggestionState::Proposed).await.expect("none"), []);
}

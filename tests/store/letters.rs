//! Letters: in order, nothing forgotten. And the numbers of references.

use std::{collections::HashSet, sync::Arc};

use switchboard::{
    model::LetterId,
    store::{Delivery, LetterState, Outgoing, Receipt, Store, StoreError, Turn},
};
use uuid::Uuid;

use crate::make::{With as _, at, bodies, conversation, letter, next, place, post, receipt, turn};

/// Commits a conversation of that name with a letter for each body.
async fn with_letters(store: &dyn Store, name: &str, texts: &[&str]) -> Vec<Outgoing> {
    let ann = conversation(name);
    let letters: Vec<_> = texts.iter().map(|text| letter(&ann.id, text)).collect();
    store.commit(turn(&ann).with(|added| added.letters = letters.clone())).await.expect("commit");
    letters
}

/// The ids in a state, newest first.
async fn ids(store: &dyn Store, state: LetterState) -> Vec<LetterId> {
    store.outbox(state, 100).await.expect("outbox").into_iter().map(|row| row.id).collect()
}

pub(crate) async fn pending_letters_come_in_the_order_of_their_turns(store: Arc<dyn Store>) {
    let first = with_letters(&*store, "ann", &["1", "2"]).await;
    with_letters(&*store, "bob", &["x"]).await;
    let ann = conversation("ann");
    let put = Outgoing {
        kind: Delivery::Put { of: first[0].id, fallback: Some("f:9".to_owned()) },
        ..letter(&ann.id, "3")
    };
    let bare = Outgoing { kind: Delivery::Post(None), attempts: 2, ..letter(&ann.id, "4") };
    let more = vec![put.clone(), bare.clone()];
    store
        .commit(Turn { at: at(60), ..next(&ann, 1) }.with(|added| added.letters = more))
        .await
        .expect("commit");
    assert_eq!(bodies(&*store, &ann.id).await, ["1", "2", "3", "4"]);
    let present = |letter: &Outgoing| Outgoing {
        service_url: ann.reference.service_url.clone(),
        ..letter.clone()
    };
    let expected = [&first[0], &first[1], &put, &bare].map(present);
    assert_eq!(store.pending(&ann.id, 10).await.expect("pending"), expected);
    assert_eq!(store.pending(&ann.id, 3).await.expect("pending"), expected[..3]);
    assert_eq!(store.pending(&ann.id, 0).await.expect("pending"), []);
    assert_eq!(store.pending(&place("nobody"), 9).await.expect("pending"), []);
    assert_eq!(store.waiting_conversations().await, Ok(vec![place("ann"), place("bob")]));
    let rows = store.outbox(LetterState::Pending, 2).await.expect("outbox");
    assert_eq!(
        rows.iter().map(|row| (row.id, row.created_utc)).collect::<Vec<_>>(),
        [(bare.id, at(60)), (put.id, at(60))]
    );
    assert_eq!(
        (rows[0].attempts, &rows[0].error, rows[0].channel_id.as_str()),
        (2, &None, "msteams")
    );
    assert_eq!(rows[0].conversation_id, ann.id.id);
}

pub(crate) async fn a_letter_is_pending_until_it_is_sent_or_dead(store: Arc<dyn Store>) {
    let letters = with_letters(&*store, "ann", &["1", "2", "3"]).await;
    store.attempted(letters[0].id, "timeout".to_owned(), at(1)).await.expect("attempted");
    store.attempted(letters[0].id, "503".to_owned(), at(2)).await.expect("attempted");
    let pending = store.pending(&place("ann"), 9).await.expect("pending");
    assert_eq!(pending.iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [2, 0, 0]);
    assert_eq!(pending[0].body, "1");
    assert_eq!(
        store.outbox(LetterState::Pending, 9).await.expect("outbox")[2].error.as_deref(),
        Some("503")
    );

    assert_eq!(store.receipt_of(letters[0].id).await, Ok(None));
    store.delivered(letters[0].id, receipt("1:abc"), at(3)).await.expect("delivered");
    store.delivered(letters[1].id, Receipt::default(), at(3)).await.expect("delivered");
    store.dead(letters[2].id, "403".to_owned(), at(3)).await.expect("dead");
    assert_eq!(bodies(&*store, &place("ann")).await, [""; 0]);
    assert_eq!(store.waiting_conversations().await, Ok(Vec::new()));
    assert_eq!(ids(&*store, LetterState::Sent).await, [letters[1].id, letters[0].id]);
    assert_eq!(ids(&*store, LetterState::Pending).await, []);
    let dead = store.outbox(LetterState::Dead, 9).await.expect("outbox");
    assert_eq!(
        (dead.len(), dead[0].id, dead[0].attempts, dead[0].error.as_deref()),
        (1, letters[2].id, 1, Some("403"))
    );
    assert_eq!(store.receipt_of(letters[0].id).await, Ok(Some(receipt("1:abc"))));
    assert_eq!(
        store.receipt_of(letters[1].id).await,
        Ok(Some(Receipt::default())),
        "taken without a word"
    );
    assert_eq!(store.receipt_of(letters[2].id).await, Ok(None));
}

pub(crate) async fn a_dead_letter_is_revived_at_its_old_place(store: Arc<dyn Store>) {
    let letters = with_letters(&*store, "ann", &["1", "2"]).await;
    store.dead(letters[0].id, "403".to_owned(), at(1)).await.expect("dead");
    assert_eq!(bodies(&*store, &place("ann")).await, ["2"]);
    assert_eq!(store.revive(letters[1].id, at(9)).await, Ok(None), "it is not dead");
    assert_eq!(store.revive(LetterId(Uuid::new_v4()), at(9)).await, Ok(None));
    assert_eq!(store.revive(letters[0].id, at(9)).await, Ok(Some(place("ann"))));
    assert_eq!(store.revive(letters[0].id, at(9)).await, Ok(None), "not twice");
    let pending = store.pending(&place("ann"), 9).await.expect("pending");
    assert_eq!(
        pending.iter().map(|letter| (letter.body.as_str(), letter.attempts)).collect::<Vec<_>>(),
        [("1", 0), ("2", 0)]
    );
    assert_eq!(ids(&*store, LetterState::Dead).await, []);
    store.delivered(letters[0].id, receipt("1:x"), at(2)).await.expect("delivered");
    assert_eq!(
        store.revive(letters[0].id, at(9)).await,
        Ok(None),
        "what was sent is not sent again"
    );
}

pub(crate) async fn what_waits_or_is_dropped_costs_no_attempt_and_is_seen(store: Arc<dyn Store>) {
    let letters = with_letters(&*store, "ann", &["1", "2"]).await;
    let (waits, drops) = (letters[0].id, letters[1].id);
    store.waits(waits, "no connection".to_owned(), at(1)).await.expect("waits");
    store.dropped(drops, "the offer is over".to_owned(), at(2)).await.expect("dropped");
    let seen = async |state| {
        let rows = store.outbox(state, 9).await.expect("outbox");
        rows.into_iter().map(|row| (row.id, row.attempts, row.error)).collect::<Vec<_>>()
    };
    assert_eq!(seen(LetterState::Pending).await, [(waits, 0, Some("no connection".to_owned()))]);
    assert_eq!(
        seen(LetterState::Dropped).await,
        [(drops, 0, Some("the offer is over".to_owned()))]
    );
    assert_eq!(bodies(&*store, &place("ann")).await, ["1"]);
    // What is not pending stays what it is.
    store.waits(drops, "x".to_owned(), at(3)).await.expect("waits");
    store.delivered(waits, Receipt::default(), at(4)).await.expect("delivered");
    store.dropped(waits, "x".to_owned(), at(5)).await.expect("dropped");
    assert_eq!(ids(&*store, LetterState::Sent).await, [waits]);
    assert_eq!(ids(&*store, LetterState::Dropped).await, [drops]);
}

pub(crate) async fn all_letters_of_an_outage_are_revived_at_once(store: Arc<dyn Store>) {
    let ann = with_letters(&*store, "ann", &["1", "2", "3"]).await;
    let bob = with_letters(&*store, "bob", &["x", "y"]).await;
    for (letter, seconds) in [(&ann[1], 20), (&ann[0], 10), (&bob[0], 30), (&ann[2], 5)] {
        store.dead(letter.id, "late".to_owned(), at(seconds)).await.expect("dead");
    }
    store.dropped(bob[1].id, "over".to_owned(), at(30)).await.expect("dropped");
    assert_eq!(store.tried_since(ann[0].id).await, Ok(Some(at(0))));
    assert_eq!(store.tried_since(LetterId(Uuid::new_v4())).await, Ok(None));
    let all = store.revive_all(LetterState::Dead, at(10), at(99)).await.expect("revive");
    let of = |name: &str, letter: &Outgoing| (place(name), letter.id);
    assert_eq!(all, [of("ann", &ann[0]), of("ann", &ann[1]), of("bob", &bob[0])]);
    assert_eq!(store.tried_since(ann[0].id).await, Ok(Some(at(99))), "its age counts anew");
    assert_eq!(bodies(&*store, &place("ann")).await, ["1", "2"], "at its old place");
    assert_eq!(ids(&*store, LetterState::Dead).await, [ann[2].id], "dead before that");
    assert_eq!(store.revive_all(LetterState::Dead, at(10), at(99)).await, Ok(Vec::new()));
    let dropped = store.revive_all(LetterState::Dropped, at(0), at(99)).await.expect("revive");
    assert_eq!(dropped, [of("bob", &bob[1])]);
    for state in [LetterState::Sent, LetterState::Pending] {
        assert_eq!(store.revive_all(state, at(0), at(99)).await, Ok(Vec::new()));
    }
}

pub(crate) async fn marks_that_come_late_change_nothing(store: Arc<dyn Store>) {
    let letters = with_letters(&*store, "ann", &["sent", "dead"]).await;
    store.delivered(letters[0].id, receipt("1:a"), at(1)).await.expect("delivered");
    store.delivered(letters[0].id, Receipt::default(), at(2)).await.expect("again");
    store.attempted(letters[0].id, "late".to_owned(), at(3)).await.expect("attempted");
    store.dead(letters[0].id, "late".to_owned(), at(4)).await.expect("dead");
    store.dead(letters[1].id, "403".to_owned(), at(1)).await.expect("dead");
    store.attempted(letters[1].id, "late".to_owned(), at(2)).await.expect("attempted");
    store.dead(letters[1].id, "late".to_owned(), at(3)).await.expect("dead");
    assert_eq!(ids(&*store, LetterState::Sent).await, [letters[0].id]);
    assert_eq!(store.receipt_of(letters[0].id).await, Ok(Some(receipt("1:a"))));
    let dead = store.outbox(LetterState::Dead, 9).await.expect("outbox");
    assert_eq!(
        (dead[0].id, dead[0].attempts, dead[0].error.as_deref()),
        (letters[1].id, 1, Some("403"))
    );
    // But a delivery is a fact, whatever was thought before.
    store.delivered(letters[1].id, receipt("1:b"), at(5)).await.expect("delivered");
    assert_eq!(ids(&*store, LetterState::Sent).await, [letters[1].id, letters[0].id]);
}

pub(crate) async fn a_receipt_keeps_what_it_was_told(store: Arc<dyn Store>) {
    let letters = with_letters(&*store, "ann", &["1"]).await;
    let whole = Receipt {
        activity: Some("1:'a\"".to_owned()),
        conversation: Some("19:c@thread.tacv2;messageid=1".to_owned()),
    };
    let place = Receipt { activity: None, ..whole.clone() };
    store.delivered(letters[0].id, place.clone(), at(1)).await.expect("delivered");
    assert_eq!(store.receipt_of(letters[0].id).await, Ok(Some(place)));
    store.delivered(letters[0].id, receipt("1:'a\""), at(2)).await.expect("again");
    store.delivered(letters[0].id, Receipt::default(), at(3)).await.expect("and again");
    assert_eq!(store.receipt_of(letters[0].id).await, Ok(Some(whole)));
}

pub(crate) async fn an_unknown_letter_is_an_error(store: Arc<dyn Store>) {
    let id = LetterId(Uuid::new_v4());
    for answer in [
        store.delivered(id, Receipt::default(), at(0)).await,
        store.attempted(id, "x".to_owned(), at(0)).await,
        store.dead(id, "x".to_owned(), at(0)).await,
        store.waits(id, "x".to_owned(), at(0)).await,
        store.dropped(id, "x".to_owned(), at(0)).await,
    ] {
        assert!(matches!(answer, Err(StoreError::Broken(_))), "{answer:?}");
    }
    assert_eq!(store.receipt_of(id).await, Ok(None));
}

pub(crate) async fn pending_letters_go_where_the_conversation_is_now(store: Arc<dyn Store>) {
    with_letters(&*store, "ann", &["1"]).await;
    let mut ann = conversation("ann");
    ann.reference.service_url = "https://smba.example/apac/".to_owned();
    store.commit(next(&ann, 1)).await.expect("commit");
    assert_eq!(
        store.pending(&ann.id, 9).await.expect("pending")[0].service_url,
        "https://smba.example/apac/"
    );
}

pub(crate) async fn a_letter_needs_no_stored_conversation(store: Arc<dyn Store>) {
    let group = place("group");
    let first = letter(&group, "first");
    post(&*store, first.clone(), at(0)).await;
    assert_eq!(
        store.pending(&group, 9).await,
        Ok(vec![first.clone()]),
        "with its own service address"
    );
    assert_eq!(store.waiting_conversations().await, Ok(vec![group.clone()]));
    assert_eq!(store.load(&group).await, Ok(None));
    assert_eq!(store.outbox(LetterState::Pending, 9).await.expect("outbox")[0].created_utc, at(0));

    post(&*store, letter(&group, "second"), at(11)).await;
    assert_eq!(bodies(&*store, &group).await, ["first", "second"]);
    store.delivered(first.id, Receipt::default(), at(12)).await.expect("delivered");
    assert_eq!(bodies(&*store, &group).await, ["second"]);
}

pub(crate) async fn what_counts_no_longer_holds_nothing_of_what_it_held(store: Arc<dyn Store>) {
    let chat = place("agent");
    let [offer, given_up, read] = ["offer", "given up", "read"].map(|body| letter(&chat, body));
    for letter in [&offer, &given_up, &read] {
        post(&*store, letter.clone(), at(0)).await;
    }
    store.dead(given_up.id, "blocked".to_owned(), at(1)).await.expect("dead");
    store.delivered(read.id, Receipt::default(), at(1)).await.expect("delivered");
    let emptied = [offer.id, given_up.id, read.id].map(|id| (id, "taken".to_owned()));
    let later = turn(&conversation("kim")).with(|added| added.emptied = emptied.to_vec());
    store.commit(later).await.expect("commit");
    assert_eq!(bodies(&*store, &chat).await, ["taken"]);
    store.revive(given_up.id, at(2)).await.expect("revive");
    assert_eq!(bodies(&*store, &chat).await, ["taken", "taken"]);
}

pub(crate) async fn numbers_are_never_given_twice(store: Arc<dyn Store>) {
    assert_eq!(store.numbers(0).await, Ok(1001..1001));
    assert_eq!(store.numbers(2).await, Ok(1001..1003));
    let tasks = (0..50u32).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.numbers(n % 4 + 1).await.expect("numbers") })
    });
    let mut given = HashSet::new();
    for range in futures_util::future::try_join_all(tasks).await.expect("no panic") {
        assert!(
            range.start >= 1003 && range.clone().all(|number| given.insert(number)),
            "{range:?}"
        );
    }
    let total: u32 = (0..50).map(|n| n % 4 + 1).sum();
    assert_eq!(u32::try_from(given.len()), Ok(total));
    let following = store.numbers(1).await.expect("numbers").start;
    assert!(given.iter().all(|number| *number < following));
}

pub(crate) async fn a_pause_is_kept_until_it_is_over(store: Arc<dyn Store>) {
    assert_eq!(store.rests(at(0)).await, Ok(Vec::new()));
    for (id, until) in [("a", 10), ("b", 20), ("a", 30), ("desk:1", 5)] {
        store.rest(&place(id), at(until)).await.expect("kept");
    }
    // The last wish counts.
    let left = vec![(place("a"), at(30)), (place("b"), at(20)), (place("desk:1"), at(5))];
    assert_eq!(store.rests(at(4)).await, Ok(left.clone()));
    assert_eq!(store.rests(at(5)).await, Ok(left[..2].to_vec()));
    assert_eq!(store.rests(at(29)).await, Ok(left[..1].to_vec()));
    // What was over is forgotten, whatever the clock says then.
    assert_eq!(store.rests(at(0)).await, Ok(left[..1].to_vec()));
}

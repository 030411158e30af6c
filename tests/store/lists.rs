//! What the API lists: sessions, transcripts, journeys.

use std::sync::Arc;

use jiff::Timestamp;
use switchboard::{
    model::{Conversation, JourneyId, SessionId, State},
    store::{Filter, Line, Receipt, Store, StoreError, Turn, Who},
};
use uuid::Uuid;

use crate::make::{
    With as _, at, begin, conversation, hop, journey, letter, line, next, place, receipt, started,
    step, turn,
};

async fn add(
    store: &dyn Store,
    name: &str,
    tenant: &str,
    state: State,
    began: Timestamp,
) -> SessionId {
    let (mut ann, id) = started(name, tenant, began);
    ann.journey.as_mut().expect("a journey").sessions[0].state = state;
    store.commit(turn(&ann)).await.expect("commit");
    id
}

async fn list(store: &dyn Store, filter: Filter) -> Vec<SessionId> {
    store
        .sessions(&filter)
        .await
        .expect("sessions")
        .items
        .iter()
        .map(|view| view.session.id)
        .collect()
}

pub(crate) async fn every_filter_finds_its_own(store: Arc<dyn Store>) {
    let one = add(&*store, "ann", "it", State::Active, at(1)).await;
    let two = add(&*store, "bob", "it", State::Resolved, at(2)).await;
    let three = add(&*store, "cid", "hr", State::Active, at(3)).await;
    let all = Filter::default();
    let cases: Vec<(Filter, Vec<SessionId>)> = vec![
        (all.clone(), vec![three, two, one]),
        (Filter { tenant: Some("it".into()), ..all.clone() }, vec![two, one]),
        (Filter { tenant: Some("legal".into()), ..all.clone() }, vec![]),
        (Filter { state: Some(State::Active), ..all.clone() }, vec![three, one]),
        (
            Filter { tenant: Some("it".into()), state: Some(State::Active), ..all.clone() },
            vec![one],
        ),
        (Filter { guest: Some("aad-bob".to_owned()), ..all.clone() }, vec![two]),
        (Filter { guest: Some("29:cid".to_owned()), ..all.clone() }, vec![three]),
        (Filter { guest: Some("ann".to_owned()), ..all.clone() }, vec![]),
        (Filter { conversation: Some(place("ann").id), ..all.clone() }, vec![one]),
        (Filter { from: Some(at(2)), ..all.clone() }, vec![three, two]),
        (Filter { to: Some(at(2)), ..all.clone() }, vec![one]),
        (Filter { from: Some(at(2)), to: Some(at(3)), ..all.clone() }, vec![two]),
        (
            Filter { from: Some(Timestamp::MIN), to: Some(Timestamp::MAX), ..all.clone() },
            vec![three, two, one],
        ),
        (Filter { limit: 2, ..all.clone() }, vec![three, two]),
    ];
    for (filter, expected) in cases {
        assert_eq!(list(&*store, filter.clone()).await, expected, "{filter:?}");
    }
    let view = store.session(one).await.expect("session").expect("there");
    assert_eq!(
        list(&*store, Filter { journey: Some(view.session.journey), ..all.clone() }).await,
        [one]
    );
    assert_eq!((view.conversation, view.guest), (place("ann"), conversation("ann").guest));
    assert_eq!(store.session(SessionId(Uuid::new_v4())).await, Ok(None));

    // What is learnt about the guest later is found too, for all of the journey.
    let mut ann = store.load(&place("ann")).await.expect("load").expect("there").conversation;
    ann.guest.aad_object_id = Some("new-aad".to_owned());
    store.commit(next(&ann, 1)).await.expect("commit");
    assert_eq!(
        list(&*store, Filter { guest: Some("new-aad".to_owned()), ..all.clone() }).await,
        [one]
    );
    // A state that changes moves the session between the lists.
    ann.journey.as_mut().expect("a journey").sessions[0].state = State::Abandoned;
    store.commit(Turn { changed: vec![one], ..next(&ann, 2) }).await.expect("commit");
    assert_eq!(list(&*store, Filter { state: Some(State::Active), ..all.clone() }).await, [three]);
    assert_eq!(list(&*store, Filter { state: Some(State::Abandoned), ..all }).await, [one]);
}

/// Turns all pages, and lets something happen between them.
async fn turn_pages(
    store: &Arc<dyn Store>,
    mut filter: Filter,
    between: impl AsyncFn(usize),
) -> Vec<Vec<SessionId>> {
    let mut pages = Vec::new();
    loop {
        assert!(filter.has_valid_cursor());
        let page = store.sessions(&filter).await.expect("sessions");
        pages.push(page.items.iter().map(|view| view.session.id).collect());
        between(pages.len()).await;
        match page.next {
            Some(next) => filter.cursor = Some(next),
            None => return pages,
        }
    }
}

pub(crate) async fn pages_are_stable_while_sessions_begin(store: Arc<dyn Store>) {
    let mut old = Vec::new();
    for n in 0..7 {
        old.push(add(&*store, &format!("o{n}"), "it", State::Active, at(n)).await);
    }
    old.reverse();
    let between = async |page: usize| {
        add(
            &*store,
            &format!("n{page}"),
            "it",
            State::Active,
            at(100 + i64::try_from(page).expect("small")),
        )
        .await;
    };
    let pages = turn_pages(
        &store,
        Filter { limit: 3, tenant: Some("it".into()), ..Filter::default() },
        between,
    )
    .await;
    assert_eq!(pages, [&old[..3], &old[3..6], &old[6..]]);
    let pages = turn_pages(&store, Filter { limit: 5, ..Filter::default() }, async |_| ()).await;
    assert_eq!(
        pages.iter().map(Vec::len).collect::<Vec<_>>(),
        [5, 5],
        "a full last page has no next"
    );
    for n in 0..45 {
        add(&*store, &format!("m{n}"), "it", State::Active, at(-n - 1)).await;
    }
    let page = store.sessions(&Filter::default()).await.expect("sessions");
    assert_eq!((page.items.len(), page.next.is_some()), (50, true), "50 unless told");
}

pub(crate) async fn sessions_that_began_at_once_are_paged_too(store: Arc<dyn Store>) {
    let mut all = Vec::new();
    for n in 0..10 {
        all.push(add(&*store, &format!("c{n}"), "it", State::Open, at(0)).await);
    }
    all.sort_unstable();
    all.reverse();
    let pages = turn_pages(
        &store,
        Filter { limit: 4, state: Some(State::Open), ..Filter::default() },
        async |_| (),
    )
    .await;
    assert_eq!(pages.concat(), all);
}

pub(crate) async fn a_strange_cursor_is_refused(store: Arc<dyn Store>) {
    for cursor in ["", "x", "1", "1_", "_", "1_2", "' OR 1=1 --"] {
        let filter = Filter { cursor: Some(cursor.to_owned()), ..Filter::default() };
        assert!(!filter.has_valid_cursor(), "{cursor}");
        assert!(matches!(store.sessions(&filter).await, Err(StoreError::Broken(_))), "{cursor}");
    }
    assert!(Filter::default().has_valid_cursor());
}

pub(crate) async fn the_transcript_is_in_order_and_knows_the_activity_ids(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let (hello, card) = (letter(&ann.id, "hello"), letter(&ann.id, "card"));
    let mut first = turn(&ann);
    let said = Line { activity_id: Some("f:1".to_owned()), ..line(id, Who::Guest, "VPN") };
    let greeted =
        Line { letter: Some(hello.id), name: Some("IT".to_owned()), ..line(id, Who::Bot, "Hello") };
    first.added.letters = vec![hello.clone(), card.clone()];
    first.added.lines = vec![said.clone(), greeted.clone()];
    store.commit(first).await.expect("commit");
    let asked = Line {
        letter: Some(card.id),
        card: Some("{\"type\":\"AdaptiveCard\"}".to_owned()),
        ..line(id, Who::Bot, "Which?")
    };
    let noted = Line { at: at(-50), ..line(id, Who::Note, "call back") };
    let agent = line(id, Who::Agent, "Hi");
    let nobody = Line { session: None, ..line(id, Who::Bot, "welcome") };
    let second = next(&ann, 1)
        .with(|added| added.lines = vec![asked.clone(), nobody, noted.clone(), agent.clone()]);
    store.commit(second).await.expect("commit");
    let expected = vec![said.clone(), greeted.clone(), asked.clone(), noted.clone(), agent.clone()];
    assert_eq!(store.transcript(id).await, Ok(expected));

    store.delivered(hello.id, receipt("1:h"), at(2)).await.expect("delivered");
    store.delivered(card.id, Receipt::default(), at(2)).await.expect("delivered");
    let greeted = Line { activity_id: Some("1:h".to_owned()), ..greeted };
    assert_eq!(store.transcript(id).await, Ok(vec![said, greeted, asked, noted, agent]));
    assert_eq!(store.transcript(SessionId(Uuid::new_v4())).await, Ok(Vec::new()));
}

pub(crate) async fn a_transcript_comes_in_pages(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let (bob, other) = started("bob", "it", at(0));
    let said = |session, n: usize| line(session, Who::Guest, &n.to_string());
    let mut first = turn(&ann);
    first.added.lines = (0..4).map(|n| said(id, n)).collect();
    store.commit(first).await.expect("commit");
    store
        .commit(turn(&bob).with(|added| added.lines = vec![said(other, 9)]))
        .await
        .expect("commit");
    let later = next(&ann, 1).with(|added| added.lines = (4..7).map(|n| said(id, n)).collect());
    store.commit(later).await.expect("commit");
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut after = None;
    loop {
        let page = store.transcript_page(id, after, 3).await.expect("a page");
        pages.push(page.items.into_iter().map(|line| line.text).collect());
        // What is said meanwhile comes at the end.
        if pages.len() == 1 {
            let more = next(&ann, 2).with(|added| added.lines = vec![said(id, 7), said(id, 8)]);
            store.commit(more).await.expect("commit");
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]);
    let all = store.transcript_page(id, None, 100).await.expect("a page");
    assert_eq!((all.items, all.next), (store.transcript(id).await.expect("lines"), None));
}

pub(crate) async fn a_journey_shows_all_that_hangs_on_it(store: Arc<dyn Store>) {
    let mut trip = journey();
    let first = begin(&mut trip, "it", at(0));
    // Clocks may go back: the order of a journey is its own, not that of the instants.
    let second = begin(&mut trip, "hr", at(-5));
    hop(&mut trip, at(10));
    let ann = Conversation { journey: Some(trip.clone()), ..conversation("ann") };
    let mut all = turn(&ann);
    all.added.trail =
        vec![step(first, "topic", at(0), None), step(second, "hello", at(1), Some("next"))];
    store.commit(all).await.expect("commit");
    let view = store.journey(trip.id).await.expect("journey").expect("there");
    assert_eq!((view.id, &view.guest, &view.hops), (trip.id, &ann.guest, &trip.hops));
    assert_eq!(
        view.sessions.iter().map(|view| view.session.clone()).collect::<Vec<_>>(),
        trip.sessions
    );
    assert_eq!(view.sessions[1].flow, [step(second, "hello", at(1), Some("next"))]);
    for session in &view.sessions {
        assert_eq!(
            (&session.hops, &session.conversation, &session.guest),
            (&trip.hops, &ann.id, &ann.guest)
        );
        assert_eq!(store.session(session.session.id).await, Ok(Some(session.clone())));
    }
    let page = store
        .sessions(&Filter { journey: Some(trip.id), ..Filter::default() })
        .await
        .expect("sessions");
    assert!(page.items.iter().all(|view| view.flow.is_empty() && view.hops == trip.hops));
    assert_eq!(page.items.iter().map(|view| view.session.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(store.journey(JourneyId(Uuid::new_v4())).await, Ok(None));
}

pub(crate) async fn live_sessions_are_counted(store: Arc<dyn Store>) {
    assert_eq!(store.live_counts().await, Ok(Vec::new()));
    for (name, tenant, state) in [
        ("a", "it", State::WithAgent),
        ("b", "it", State::Active),
        ("c", "it", State::Active),
        ("d", "hr", State::Open),
        ("e", "hr", State::Resolved),
        ("f", "legal", State::Transferred),
    ] {
        add(&*store, name, tenant, state, at(0)).await;
    }
    let expected = vec![
        ("hr".into(), State::Open, 1),
        ("it".into(), State::Active, 2),
        ("it".into(), State::WithAgent, 1),
    ];
    assert_eq!(store.live_counts().await, Ok(expected));
    let mut ann = store.load(&place("a")).await.expect("load").expect("there").conversation;
    let session = &mut ann.journey.as_mut().expect("a journey").sessions[0];
    session.state = State::Unresolved;
    let changed = vec![session.id];
    store.commit(Turn { changed, ..next(&ann, 1) }).await.expect("commit");
    let expected = vec![("hr".into(), State::Open, 1), ("it".into(), State::Active, 2)];
    assert_eq!(store.live_counts().await, Ok(expected));
}

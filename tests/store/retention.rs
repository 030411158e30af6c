//! What is kept long enough goes, with every trace in the file; what goes on stays.

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;
use switchboard::{
    model::{
        Agent, Conversation, ConversationId, Session, SessionId, State, SuggestionId, Verdict,
    },
    store::{
        Delivery, FaqRow, Filter, Line, Outgoing, Receipt, Retention, Store, Suggestion,
        SuggestionState, Turn, Who,
    },
};
use uuid::Uuid;

use crate::{
    desks::{agent, seat},
    make::{
        With as _, at, begin, conversation, current, journey, letter, line, next, place, post,
        receipt, seen, started, step, turn,
    },
    sqlite::{meddle, open},
};

/// IT keeps until 1000, everybody else until 500; nothing goes on after 900.
fn retention() -> Retention {
    Retention { departments: vec![("it".into(), at(1000))], others: at(500), settled: at(900) }
}

async fn forget(store: &dyn Store, retention: &Retention) -> u64 {
    let mut gone = 0;
    loop {
        match store.forget_portion(retention).await.expect("a portion") {
            0 => return gone,
            portion => gone += portion,
        }
    }
}

async fn sessions(store: &dyn Store) -> BTreeSet<SessionId> {
    let filter = Filter { limit: 10_000, ..Filter::default() };
    let page = store.sessions(&filter).await.expect("sessions");
    page.items.iter().map(|view| view.session.id).collect()
}

fn end(session: &mut Session, ended: Timestamp) {
    (session.state, session.ended) = (State::Resolved, Some(ended));
}

/// A guest who says a lot, is at a desk, and is done at that instant.
async fn whole_chat(store: &dyn Store, path: &Path, name: &str, ended: Timestamp) -> SessionId {
    let (mut guest, id) = started(name, "it", at(0));
    let mut first = turn(&guest).with(|added| {
        added.seen = vec![seen(&format!("key of {name}"), at(50))];
        added.seats = vec![seat(&format!("agent of {name}"), id, 9)];
    });
    let mut version = store.commit(first.clone()).await.expect("commit");
    for n in 0..6 {
        let words = format!("{name} says {} ", "a lot ".repeat(40 * (n + 1)));
        let sent = letter(&guest.id, &words);
        let said = Line { letter: Some(sent.id), ..line(id, Who::Bot, &words) };
        let queue = ConversationId { channel: "msteams".to_owned(), id: format!("desk:{id}") };
        let kind = Delivery::Open { session: id, guest: guest.id.clone() };
        let opens = Outgoing { kind, ..letter(&queue, &words) };
        let lost = letter(&queue, &words);
        current(&mut guest).sessions[0].query = Some(words.clone());
        first = next(&guest, version).with(|added| {
            added.lines = vec![line(id, Who::Guest, &words), said];
            added.trail = vec![step(id, &format!("stage-of-{name}"), at(1), None)];
            added.letters = vec![sent.clone(), opens.clone(), lost.clone()];
            added.answers = vec![FaqRow {
                session: id,
                tenant: "it".into(),
                article: format!("article-of-{name}"),
                verdict: Verdict::Shown,
            }];
            added.suggestions = vec![Suggestion {
                id: SuggestionId(Uuid::new_v4()),
                tenant: "it".into(),
                question: words.clone(),
                answer: words.clone(),
                locale: "en-US".to_owned(),
                by: Agent { id: name.to_owned(), name: name.to_owned() },
                session: id,
                created: ended,
                state: SuggestionState::Proposed,
                decided_by: None,
                decided: None,
            }];
        });
        version = store.commit(Turn { changed: vec![id], ..first }).await.expect("commit");
        store.delivered(sent.id, receipt("1:a"), at(2)).await.expect("delivered");
        let thread =
            Receipt { conversation: Some(format!("thread {n} of {name}")), ..receipt("1") };
        store.delivered(opens.id, thread, at(2)).await.expect("delivered");
        store.dead(lost.id, format!("{name} is gone"), at(2)).await.expect("dead");
    }
    let file = format!(
        "INSERT INTO files (id, session, sender, name, content_type, kind, state, created, expires, bytes) \
         VALUES ('file of {name}', '{id}', '{{}}', '{name}.png', '', '\"connector\"', 'ready', 0, 9000000000000000000, CAST('picture of {name}' AS BLOB))"
    );
    meddle(path, &file).await;
    end(&mut current(&mut guest).sessions[0], ended);
    let last = Turn { changed: vec![id], at: ended, ..next(&guest, version) };
    store.commit(last).await.expect("commit");
    id
}

/// How often something stands in the store's files.
fn traces(path: &Path, of: &str) -> usize {
    let log = path.with_extension("db-wal");
    let count = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(of.len()).filter(|window| *window == of.as_bytes()).count()
    };
    count(path) + count(&log)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_old_guest_no_row_and_no_word_is_left() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let (mut old, mut new) = (Vec::new(), BTreeSet::new());
    for n in 0..15 {
        old.push(whole_chat(&*store, &path, &format!("quetzal{n}"), at(100)).await);
        new.insert(whole_chat(&*store, &path, &format!("sparrow{n}"), at(1000)).await);
    }
    // Installed once, and never heard of again.
    store.commit(turn(&conversation("quetzal-silent"))).await.expect("commit");
    assert!(traces(&path, "quetzal") > 500);

    assert!(forget(&*store, &retention()).await > 15);
    while !store.scrub().await.expect("scrubs") {}
    assert_eq!(sessions(&*store).await, new);
    let check = |when: &str| {
        assert_eq!(traces(&path, "quetzal"), 0, "{when}");
        for id in &old {
            assert_eq!(traces(&path, &id.to_string()), 0, "{when}");
        }
    };
    check("while it is open");
    for id in &new {
        assert_eq!(store.transcript(*id).await.expect("lines").len(), 12);
        assert_eq!(store.session(*id).await.expect("session").expect("there").flow.len(), 6);
    }
    assert!(store.load(&place("sparrow3")).await.expect("load").is_some());
    assert_eq!(forget(&*store, &retention()).await, 0);
    store.close().await;
    check("once it is closed");
}

#[tokio::test]
async fn what_goes_on_stays_whole() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let mut kept = BTreeSet::new();
    // Live since for ever, in every state that is.
    for (n, state) in [State::Active, State::WaitingForAgent, State::WithAgent, State::Open]
        .into_iter()
        .enumerate()
    {
        let (mut guest, id) = started(&format!("live{n}"), "it", at(0));
        current(&mut guest).sessions[0].state = state;
        store.commit(turn(&guest)).await.expect("commit");
        kept.insert(id);
    }
    // Moved on from long ago, and still somewhere.
    let mut trip = journey();
    kept.insert(begin(&mut trip, "it", at(0)));
    kept.insert(begin(&mut trip, "hr", at(1)));
    end(&mut trip.sessions[0], at(2));
    let moved = Conversation { journey: Some(trip), ..conversation("moved") };
    store.commit(turn(&moved)).await.expect("commit");
    // A message lies at a desk, and what came after it is over: its time stays noted.
    let (mut left, id) = started("left", "it", at(0));
    current(&mut left).sessions[0].state = State::Open;
    kept.insert(id);
    let mut after = journey();
    begin(&mut after, "it", at(1));
    end(&mut after.sessions[0], at(2));
    let over = after.sessions[0].id;
    left.open = left.journey.replace(after).into_iter().collect();
    let changed = vec![id, over];
    let both = turn(&left).with(|added| added.due = Some(at(5000)));
    store.commit(Turn { changed, ..both }).await.expect("commit");
    // Ended at the instant, and not before.
    for (name, tenant, ended) in [("edge", "it", at(1000)), ("other", "hr", at(500))] {
        let (mut guest, id) = started(name, tenant, at(0));
        end(&mut current(&mut guest).sessions[0], ended);
        store.commit(turn(&guest)).await.expect("commit");
        kept.insert(id);
    }
    // Words for the guest that are not delivered yet.
    let (mut guest, id) = started("owed", "it", at(0));
    end(&mut current(&mut guest).sessions[0], at(2));
    let owed = letter(&guest.id, "still to be read");
    store
        .commit(turn(&guest).with(|added| added.letters = vec![owed.clone()]))
        .await
        .expect("commit");
    kept.insert(id);
    // Agents are written to in their own chats.
    let colleague = agent("kim");
    let own = Conversation { id: colleague.conversation.clone(), ..conversation("kim") };
    store.bind_agent(colleague).await.expect("bind");
    store.commit(turn(&own)).await.expect("commit");

    assert!(forget(&*store, &retention()).await > 0);
    assert_eq!(forget(&*store, &retention()).await, 0);
    assert_eq!(sessions(&*store).await, kept);
    assert!(store.load(&own.id).await.expect("load").is_some());
    let now = store.load(&left.id).await.expect("load").expect("there").conversation;
    assert_eq!((now.journey, &now.open), (None, &left.open));
    assert_eq!(store.due(at(5000), 10).await, Ok(vec![left.id]));

    store.delivered(owed.id, Receipt::default(), at(3)).await.expect("delivered");
    assert_eq!(forget(&*store, &retention()).await, 1);
    kept.remove(&id);
    assert_eq!(sessions(&*store).await, kept);
    assert_eq!(store.load(&place("owed")).await, Ok(None));
    store.close().await;
}

#[tokio::test]
async fn each_department_keeps_as_long_as_it_says() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let mut trip = journey();
    let (first, second) = (begin(&mut trip, "it", at(0)), begin(&mut trip, "hr", at(1)));
    crate::make::hop(&mut trip, at(600));
    end(&mut trip.sessions[1], at(700));
    let guest = Conversation { journey: Some(trip), ..conversation("ann") };
    let lines = vec![line(first, Who::Guest, "to IT"), line(second, Who::Guest, "to HR")];
    let version =
        store.commit(turn(&guest).with(|added| added.lines = lines)).await.expect("commit");
    assert_eq!(forget(&*store, &retention()).await, 1);
    assert_eq!(sessions(&*store).await, BTreeSet::from([second]));
    assert_eq!(store.transcript(first).await, Ok(Vec::new()));
    assert_eq!(store.transcript(second).await.expect("lines").len(), 1);
    assert_eq!(store.session(second).await.expect("session").expect("there").hops.len(), 1);
    // Whoever has the conversation in memory does not go on with what is gone.
    assert!(store.commit(next(&guest, version)).await.is_err());
    assert!(store.load(&place("ann")).await.expect("load").is_some());

    let later = Retention { others: at(800), ..retention() };
    assert!(forget(&*store, &later).await > 0);
    assert_eq!(sessions(&*store).await, BTreeSet::new());
    assert_eq!(store.load(&place("ann")).await, Ok(None));
    // A letter that was given up says whom it was for.
    let lost = letter(&place("bob"), "words");
    post(&*store, lost.clone(), at(900)).await;
    store.dead(lost.id, "403".to_owned(), at(900)).await.expect("dead");
    assert!(forget(&*store, &later).await > 0);
    assert_eq!(store.receipt_of(lost.id).await, Ok(None));
    store.close().await;
}

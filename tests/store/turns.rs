//! Turns: all or nothing, no lost update, once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use switchboard::{
    model::{Conversation, State, Step},
    store::{Filter, LetterState, Line, Store, StoreError, Turn, Who},
};

use crate::make::{
    With as _, at, begin, bodies, conversation, current, everything, hop, journey, letter, line,
    next, place, seen, started, step, turn,
};

pub(crate) async fn a_conversation_comes_back_as_it_was_written(store: Arc<dyn Store>) {
    assert_eq!(store.load(&place("ann")).await, Ok(None));
    let mut journey = journey();
    begin(&mut journey, "it", at(0));
    begin(&mut journey, "hr", at(10));
    hop(&mut journey, at(10));
    begin(&mut journey, "it", at(5));
    hop(&mut journey, at(20));
    let written = Conversation { journey: Some(journey), ..conversation("ann") };
    assert_eq!(store.commit(turn(&written)).await, Ok(1));
    let loaded = store.load(&written.id).await.expect("load").expect("there");
    assert_eq!((loaded.version, &loaded.conversation), (1, &written));
    let salary = loaded.conversation.journey.expect("a journey").sessions[0]
        .metadata
        .entry("Data.Salary")
        .cloned()
        .expect("a value");
    assert!(
        salary.private
            && salary.tenant.as_str() == "it"
            && salary.stage.is_some_and(|stage| stage.as_str() == "ask-salary")
    );
    // The same id in another channel is another conversation.
    let mut elsewhere = place("ann");
    elsewhere.channel = "emulator".to_owned();
    assert_eq!(store.load(&elsewhere).await, Ok(None));

    let bare = Conversation { installed: false, ..conversation("bob") };
    store.commit(turn(&bare)).await.expect("commit");
    assert_eq!(store.load(&bare.id).await.expect("load").expect("there").conversation, bare);
}

pub(crate) async fn only_changed_sessions_and_new_hops_are_written(store: Arc<dyn Store>) {
    let (mut ann, first) = started("ann", "it", at(0));
    store.commit(turn(&ann)).await.expect("commit");
    let second = begin(current(&mut ann), "hr", at(5));
    hop(current(&mut ann), at(5));
    let both = Turn { changed: vec![first, second], first_new_hop: 0, ..next(&ann, 1) };
    assert_eq!(store.commit(both).await, Ok(2));
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);

    let journey = current(&mut ann);
    journey.sessions[0].turns = 99;
    journey.sessions[1].turns = 2;
    let one = Turn { changed: vec![second], ..next(&ann, 2) };
    assert_eq!(store.commit(one).await, Ok(3));
    current(&mut ann).sessions[0].turns = 1;
    assert_eq!(
        store.load(&ann.id).await.expect("load").expect("there").conversation,
        ann,
        "the first session did not change"
    );
}

pub(crate) async fn what_lies_at_a_desk_goes_on_beside_the_present_journey(store: Arc<dyn Store>) {
    let (mut ann, left) = started("ann", "it", at(0));
    current(&mut ann).sessions[0].state = State::Open;
    store.commit(turn(&ann)).await.expect("commit");
    let mut fresh = journey();
    let new = begin(&mut fresh, "hr", at(100));
    ann.open = ann.journey.replace(fresh).into_iter().collect();
    let both = Turn { changed: vec![new], first_new_hop: 0, ..next(&ann, 1) };
    store.commit(both).await.expect("commit");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);

    // Both change in one turn; what has ended beside the present one is kept, and loaded no more.
    ann.open[0].sessions[0].state = State::Resolved;
    ann.open[0].sessions[0].ended = Some(at(200));
    current(&mut ann).sessions[0].turns = 7;
    let turn = Turn { changed: vec![left, new], ..next(&ann, 2) };
    store.commit(turn).await.expect("commit");
    ann.settle();
    assert_eq!(ann.open, []);
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
    let view = store.session(left).await.expect("session").expect("still there");
    assert_eq!(view.session.state, State::Resolved);

    // A session that is in none of them is refused, and so is a journey twice.
    let stray = Turn { changed: vec![left], ..next(&ann, 3) };
    assert!(matches!(store.commit(stray).await, Err(StoreError::Broken(_))));
    ann.open = ann.journey.clone().into_iter().collect();
    assert!(matches!(store.commit(next(&ann, 3)).await, Err(StoreError::Broken(_))));
}

pub(crate) async fn a_new_journey_takes_the_place_of_the_old_one(store: Arc<dyn Store>) {
    let (mut ann, old) = started("ann", "it", at(0));
    store.commit(turn(&ann)).await.expect("commit");
    let mut fresh = journey();
    let new = begin(&mut fresh, "hr", at(100));
    ann.journey = Some(fresh);
    store.commit(Turn { changed: vec![new], ..next(&ann, 1) }).await.expect("commit");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
    let view = store.session(old).await.expect("session").expect("still there");
    assert_eq!((view.session.id, view.conversation), (old, ann.id.clone()));

    ann.journey = None;
    store.commit(next(&ann, 2)).await.expect("commit");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
    assert!(store.session(new).await.expect("session").is_some());
}

pub(crate) async fn a_stale_version_changes_nothing_at_all(store: Arc<dyn Store>) {
    let (mut ann, id) = started("ann", "it", at(0));
    store.commit(turn(&ann)).await.expect("commit");
    assert_eq!(store.commit(next(&ann, 1)).await, Ok(2));
    let before = everything(&*store, &ann.id, id).await;
    ann.installed = false;
    ann.guest.name = None;
    current(&mut ann).sessions[0].state = State::Resolved;
    for expected in [None, Some(0), Some(1), Some(3), Some(u64::MAX)] {
        let mut stale = next(&ann, 0);
        stale.expected = expected;
        stale.changed = vec![id];
        stale.added.letters = vec![letter(&ann.id, "lost")];
        stale.added.lines = vec![line(id, Who::Bot, "lost")];
        stale.added.trail = vec![step(id, "topic", at(1), None)];
        stale.added.seen = vec![seen("k", at(1000))];
        assert_eq!(store.commit(stale).await, Err(StoreError::Conflict), "{expected:?}");
    }
    assert_eq!(everything(&*store, &ann.id, id).await, before);
    assert_eq!(store.seen(&ann.id, &["k".to_owned()], at(0)).await, Ok(None));
    let mut strange = next(&conversation("nobody"), 1);
    strange.added.letters = vec![letter(&strange.conversation.id, "lost")];
    assert_eq!(
        store.commit(strange).await,
        Err(StoreError::Conflict),
        "a version of what is not there"
    );
    assert_eq!(store.waiting_conversations().await, Ok(Vec::new()));
}

pub(crate) async fn a_key_that_was_seen_changes_nothing_at_all(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let mut first = turn(&ann);
    first.added.seen = vec![seen("k1", at(1000))];
    store.commit(first).await.expect("commit");
    let before = everything(&*store, &ann.id, id).await;
    let mut again = next(&ann, 1);
    again.changed = vec![id];
    again.added.letters = vec![letter(&ann.id, "twice")];
    again.added.lines = vec![line(id, Who::Guest, "twice")];
    again.added.seen = vec![seen("k0", at(1000)), seen("k1", at(2000))];
    assert_eq!(store.commit(again.clone()).await, Err(StoreError::Conflict));
    assert_eq!(everything(&*store, &ann.id, id).await, before);
    assert_eq!(
        store.seen(&ann.id, &["k0".to_owned()], at(0)).await,
        Ok(None),
        "the key before it was not kept either"
    );
    // Once it has expired it counts as forgotten, swept or not.
    again.at = at(1000);
    assert_eq!(store.commit(again).await, Ok(2));
}

pub(crate) async fn of_two_new_conversations_one_wins(store: Arc<dyn Store>) {
    let (ann, _) = started("ann", "it", at(0));
    let (other, _) = started("ann", "hr", at(0));
    let (one, two) = tokio::join!(store.commit(turn(&ann)), store.commit(turn(&other)));
    let winner = match (&one, &two) {
        (Ok(1), Err(StoreError::Conflict)) => ann,
        (Err(StoreError::Conflict), Ok(1)) => other,
        both => panic!("{both:?}"),
    };
    assert_eq!(store.load(&winner.id).await.expect("load").expect("there").conversation, winner);
}

pub(crate) async fn a_seen_key_is_found_until_it_expires(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    let mut first = turn(&ann);
    first.added.seen = vec![seen("a", at(10)), seen("b", at(20))];
    store.commit(first).await.expect("commit");
    let ask = |keys: &[&str], now: Timestamp| {
        let (store, keys) =
            (Arc::clone(&store), keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        async move { store.seen(&place("ann"), &keys, now).await.expect("seen") }
    };
    assert_eq!(
        ask(&["x", "b", "a"], at(0)).await,
        Some(seen("b", at(0)).answer),
        "the first key that is known"
    );
    assert_eq!(ask(&["x"], at(0)).await, None);
    assert_eq!(ask(&[], at(0)).await, None);
    assert_eq!(ask(&["a"], at(10)).await, None, "expired");
    assert_eq!(
        store.seen(&place("bob"), &["a".to_owned()], at(0)).await,
        Ok(None),
        "keys belong to a conversation"
    );
    assert_eq!(store.forget_seen(at(10)).await, Ok(1));
    assert_eq!(ask(&["a"], at(0)).await, None, "swept");
    assert_eq!(ask(&["b"], at(10)).await, Some(seen("b", at(0)).answer));
    let mut many = next(&ann, 1);
    many.added.seen = (0..2500).map(|n| seen(&format!("m{n}"), at(30))).collect();
    store.commit(many).await.expect("commit");
    assert_eq!(store.forget_seen(at(30)).await, Ok(2501));
    assert_eq!(store.forget_seen(at(30)).await, Ok(0));
}

pub(crate) async fn turns_that_contradict_themselves_are_refused_whole(store: Arc<dyn Store>) {
    let (mut ann, id) = started("ann", "it", at(0));
    let mut first = turn(&ann);
    first.added.letters = vec![letter(&ann.id, "one")];
    store.commit(first.clone()).await.expect("commit");
    begin(current(&mut ann), "hr", at(5));
    hop(current(&mut ann), at(5));
    let second = current(&mut ann).sessions[1].id;
    store
        .commit(Turn { changed: vec![id, second], first_new_hop: 0, ..next(&ann, 1) })
        .await
        .expect("commit");
    let before = everything(&*store, &ann.id, id).await;

    let good = next(&ann, 2).with(|added| {
        added.lines = vec![line(id, Who::Bot, "lost")];
        added.seen = vec![seen("k", at(9))];
    });
    let (stranger, _) = started("bob", "it", at(0));
    let wrong = [
        Turn { changed: turn(&stranger).changed, ..good.clone() },
        Turn { first_new_hop: 0, ..good.clone() },
        Turn { first_new_hop: 2, ..good.clone() },
        good.clone().with(|added| added.letters = first.added.letters.clone()),
        good.clone().with(|added| added.letters = vec![letter(&ann.id, "x"); 2]),
        good.clone().with(|added| added.seen = vec![seen("k", at(9)), seen("k", at(9))]),
    ];
    for (index, wrong) in wrong.into_iter().enumerate() {
        let answer = store.commit(wrong).await;
        assert!(matches!(answer, Err(StoreError::Broken(_))), "{index}: {answer:?}");
    }
    assert_eq!(everything(&*store, &ann.id, id).await, before);
    assert_eq!(store.commit(good).await, Ok(3));
}

pub(crate) async fn the_flow_trail_closes_what_is_open(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let mut first = turn(&ann);
    first.added.trail = vec![
        step(id, "hello", at(0), Some("next")),
        step(id, "topic", at(1), None),
        step(id, "topic", at(2), None),
    ];
    store.commit(first).await.expect("commit");
    let mut second = next(&ann, 1);
    second.added.trail = vec![
        step(id, "topic", at(8), Some("VPN")),
        step(id, "other", at(9), Some("skipped")),
        step(id, "vpn", at(9), None),
    ];
    second.added.trail.push(Step { session: None, ..step(id, "nobody", at(9), None) });
    store.commit(second).await.expect("commit");
    let expected = vec![
        step(id, "hello", at(0), Some("next")),
        step(id, "topic", at(1), None),
        step(id, "topic", at(8), Some("VPN")),
        step(id, "other", at(9), Some("skipped")),
        step(id, "vpn", at(9), None),
    ];
    assert_eq!(store.session(id).await.expect("session").expect("there").flow, expected);
}

pub(crate) async fn nasty_strings_come_back(store: Arc<dyn Store>) {
    let long = "ä€😀".repeat(1200);
    let nasty = [
        "'; DROP TABLE outbox; --",
        "\"quoted\" \\ back `tick` %s {0} ?1 :x @y $z",
        "nul \0 bell \u{7} escape \u{1b} delete \u{7f} tab \t cr \r lf \n",
        "👩‍👩‍👧‍👦 \u{202e}rtl\u{202c} \u{feff} عربي \u{fdd0} \u{10ffff}",
        "",
        " ",
        &long,
    ];
    for (index, text) in nasty.iter().enumerate() {
        let (mut ann, id) = started(&format!("{index}{text}"), "it", at(0));
        ann.guest.name = Some((*text).to_owned());
        ann.guest.id = format!("29:{text}{index}");
        ann.reference.service_url = (*text).to_owned();
        current(&mut ann).sessions[0].reference = (*text).to_owned();
        let mut first = turn(&ann);
        first.added.letters = vec![letter(&ann.id, text)];
        first.added.lines = vec![Line {
            card: Some((*text).to_owned()),
            name: Some((*text).to_owned()),
            ..line(id, Who::Guest, text)
        }];
        first.added.seen = vec![seen(text, at(10))];
        let (lines, letters) = (first.added.lines.clone(), first.added.letters.clone());
        store.commit(first).await.expect("commit");
        assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
        assert_eq!(store.transcript(id).await, Ok(lines));
        assert_eq!(
            store.seen(&ann.id, &[(*text).to_owned()], at(0)).await,
            Ok(Some(seen(text, at(0)).answer))
        );
        assert_eq!(bodies(&*store, &ann.id).await, [*text]);
        store.dead(letters[0].id, (*text).to_owned(), at(1)).await.expect("dead");
        let rows = store.outbox(LetterState::Dead, 1).await.expect("outbox");
        assert_eq!(rows[0].error.as_deref(), Some(*text));
        let filter = Filter { guest: Some(ann.guest.id.clone()), ..Default::default() };
        assert_eq!(store.sessions(&filter).await.expect("sessions").items.len(), 1);
    }
}

pub(crate) async fn many_conversations_at_once_are_all_kept(store: Arc<dyn Store>) {
    let tasks = (0..64).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (ann, id) = started(&format!("c{n}"), "it", at(n));
            store.commit(turn(&ann)).await.expect("commit");
            for version in 1..=5 {
                let mut more = next(&ann, version);
                more.added.letters = vec![letter(&ann.id, &version.to_string())];
                more.added.lines = vec![line(id, Who::Bot, &version.to_string())];
                assert_eq!(store.commit(more).await, Ok(version + 1));
            }
            (ann, id)
        })
    });
    for (ann, id) in futures_util::future::try_join_all(tasks).await.expect("no panic") {
        assert_eq!(store.load(&ann.id).await.expect("load").expect("there").version, 6);
        assert_eq!(bodies(&*store, &ann.id).await, ["1", "2", "3", "4", "5"]);
        assert_eq!(store.transcript(id).await.expect("transcript").len(), 5);
    }
    assert_eq!(store.waiting_conversations().await.expect("waiting").len(), 64);
}

pub(crate) async fn a_race_on_one_conversation_loses_nothing(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    store.commit(turn(&ann)).await.expect("commit");
    let tasks = (0..32).map(|n: u32| {
        let (store, ann) = (Arc::clone(&store), ann.clone());
        tokio::spawn(async move {
            loop {
                let version = store.load(&ann.id).await.expect("load").expect("there").version;
                let mut mine = next(&ann, version);
                mine.added.letters = vec![letter(&ann.id, &n.to_string())];
                match store.commit(mine).await {
                    Ok(_) => return,
                    Err(error) => assert_eq!(error, StoreError::Conflict),
                }
            }
        })
    });
    futures_util::future::try_join_all(tasks).await.expect("no panic");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").version, 33);
    let mut numbers: Vec<u32> =
        bodies(&*store, &ann.id).await.iter().map(|body| body.parse().expect("a number")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..32).collect::<Vec<_>>());
}

pub(crate) async fn who_reads_is_not_kept_out_by_those_who_write(store: Arc<dyn Store>) {
    let done = Arc::new(AtomicBool::new(false));
    let tasks = (0..100).map(|task| {
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        tokio::spawn(async move {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let other = conversation(&format!("{task}-{n}"));
                store.commit(turn(&other)).await.expect("commit");
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let reads = async {
        for _ in 0..200 {
            store.load(&place("ann")).await.expect("load");
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(8), reads).await;
    done.store(true, Ordering::Relaxed);
    futures_util::future::try_join_all(tasks).await.expect("no panic");
    read.expect("in time");
}

pub(crate) async fn callers_that_go_away_leave_whole_turns(store: Arc<dyn Store>) {
    let mut kept = 0;
    for n in 0..60u32 {
        let (ann, id) = started(&format!("c{n}"), "it", at(0));
        let mut first = turn(&ann);
        first.added.letters = vec![letter(&ann.id, "a"), letter(&ann.id, "b")];
        first.added.lines = vec![line(id, Who::Bot, "a"), line(id, Who::Bot, "b")];
        first.added.seen = vec![seen("k", at(9))];
        let task = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.commit(first).await }
        });
        for _ in 0..n % 6 {
            tokio::task::yield_now().await;
        }
        task.abort();
        let answer = task.await;
        // A later write is behind it in the queue, so the aborted one is over, either way.
        store.numbers(1).await.expect("numbers");
        let there = store.load(&ann.id).await.expect("load").is_some();
        assert!(there || answer.is_err(), "what was acknowledged is there");
        kept += u32::from(there);
        let parts = (
            bodies(&*store, &ann.id).await.len(),
            store.transcript(id).await.expect("transcript").len(),
            store.session(id).await.expect("session").is_some(),
            store.seen(&ann.id, &["k".to_owned()], at(0)).await.expect("seen").is_some(),
        );
        assert_eq!(parts, if there { (2, 2, true, true) } else { (0, 0, false, false) });
    }
    // Nothing is stuck afterwards.
    store.commit(turn(&conversation("after"))).await.expect("commit");
    assert!(kept <= 60);
}

pub(crate) async fn a_closed_store_refuses(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    store.ping().await.expect("it works");
    let commits: Vec<_> = (0..20)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(turn(&conversation(&format!("c{n}")))).await })
        })
        .collect();
    tokio::join!(store.close(), store.close());
    for commit in commits {
        let answer = commit.await.expect("no panic");
        assert!(matches!(answer, Ok(1) | Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    let is_unavailable =
        |error: StoreError| assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    is_unavailable(store.commit(turn(&ann)).await.expect_err("closed"));
    is_unavailable(store.load(&ann.id).await.expect_err("closed"));
    is_unavailable(store.numbers(1).await.expect_err("closed"));
    is_unavailable(store.pending(&ann.id, 1).await.expect_err("closed"));
    is_unavailable(store.ping().await.expect_err("closed"));
    store.close().await;
}

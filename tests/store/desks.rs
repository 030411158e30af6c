//! Desks: the threads, codes, agents and seats of the people who answer.

use std::sync::Arc;

use switchboard::{
    model::{Account, LetterId, SessionId, State},
    store::{
        AgentRow, ConnectedChannel, Delivery, LetterState, Outgoing, Receipt, Seat, Store,
        StoreError, Thread, Turn, Who,
    },
};
use uuid::Uuid;

use crate::make::{
    With as _, at, begin, bodies, conversation, current, everything, letter, line, next, place,
    post, seen, started, turn,
};

fn session() -> SessionId {
    SessionId(Uuid::new_v4())
}

fn opened(conversation: &str) -> Receipt {
    Receipt { activity: Some("1:first".to_owned()), conversation: Some(conversation.to_owned()) }
}

pub(crate) async fn a_thread_is_found_once_it_is_open(store: Arc<dyn Store>) {
    let (queue, ann, id) = (place("desk"), place("ann"), session());
    let open = Outgoing {
        kind: Delivery::Open { session: id, guest: ann.clone() },
        ..letter(&queue, "open")
    };
    let inside = Outgoing { kind: Delivery::In { thread: open.id }, ..letter(&queue, "in") };
    post(&*store, open.clone(), at(0)).await;
    post(&*store, inside.clone(), at(0)).await;
    assert_eq!(store.pending(&queue, 9).await, Ok(vec![open.clone(), inside.clone()]));
    let thread = "19:desk@thread.tacv2;messageid=1";
    assert_eq!(store.thread(thread).await, Ok(None));
    store.attempted(open.id, "503".to_owned(), at(1)).await.expect("attempted");
    assert_eq!(store.thread(thread).await, Ok(None));
    store.delivered(open.id, opened(thread), at(2)).await.expect("delivered");
    store.delivered(inside.id, opened("19:other"), at(3)).await.expect("delivered");
    assert_eq!(store.receipt_of(open.id).await, Ok(Some(opened(thread))));
    assert_eq!(store.thread(thread).await, Ok(Some(Thread { session: id, guest: ann.clone() })));
    assert_eq!(store.thread("19:other").await, Ok(None), "a letter in a thread opens none");
    assert_eq!(store.thread("").await, Ok(None));
    // Sent again after a crash: guests and agents may be in either.
    store.delivered(open.id, opened("19:twice"), at(4)).await.expect("delivered");
    store.delivered(open.id, Receipt::default(), at(5)).await.expect("delivered");
    for thread in [thread, "19:twice"] {
        assert_eq!(
            store.thread(thread).await,
            Ok(Some(Thread { session: id, guest: ann.clone() }))
        );
    }
}

pub(crate) async fn a_thread_that_was_not_opened_is_none(store: Arc<dyn Store>) {
    let queue = place("desk");
    let open = || Outgoing {
        kind: Delivery::Open { session: session(), guest: place("ann") },
        ..letter(&queue, "open")
    };
    let (dead, nameless) = (open(), open());
    for letter in [&dead, &nameless] {
        post(&*store, letter.clone(), at(0)).await;
    }
    store.dead(dead.id, "403".to_owned(), at(1)).await.expect("dead");
    store
        .delivered(
            nameless.id,
            Receipt { activity: Some("19:a".to_owned()), conversation: None },
            at(1),
        )
        .await
        .expect("delivered");
    assert_eq!(store.receipt_of(dead.id).await, Ok(None));
    assert_eq!(store.thread("19:a").await, Ok(None));
    store.delivered(LetterId(Uuid::new_v4()), opened("19:a"), at(1)).await.expect_err("unknown");
    assert_eq!(store.thread("19:a").await, Ok(None));
    assert_eq!(store.outbox(LetterState::Dead, 9).await.expect("outbox").len(), 1);
    store.revive(dead.id, at(9)).await.expect("revive");
    store.delivered(dead.id, opened("19:a"), at(2)).await.expect("delivered");
    assert!(store.thread("19:a").await.expect("thread").is_some());
}

pub(crate) async fn a_thread_is_forgotten_when_its_session_ended_long_ago(store: Arc<dyn Store>) {
    // Ann has a session that ended and one that goes on, Bob only one that ended; each was the
    // matter of a side question as well.
    let (mut ann, first) = started("ann", "it", at(0));
    let second = begin(current(&mut ann), "hr", at(5));
    let (mut bob, third) = started("bob", "it", at(0));
    for session in [&mut current(&mut ann).sessions[0], &mut current(&mut bob).sessions[0]] {
        (session.state, session.ended) = (State::Resolved, Some(at(10)));
    }
    for guest in [&ann, &bob] {
        store.commit(turn(guest)).await.expect("commit");
    }
    let threads = [
        ("ended", first, &ann),
        ("live", second, &ann),
        ("aside", session(), &ann),
        ("bob", third, &bob),
        ("bobs", session(), &bob),
    ];
    for (name, session, guest) in &threads {
        let kind = Delivery::Open { session: *session, guest: guest.id.clone() };
        let open = Outgoing { kind, ..letter(&place("desk"), name) };
        post(&*store, open.clone(), at(1)).await;
        store.delivered(open.id, opened(name), at(2)).await.expect("delivered");
    }
    let left = async || {
        let mut left = Vec::new();
        for (name, ..) in &threads {
            left.extend(store.thread(name).await.expect("thread").map(|_| *name));
        }
        left
    };
    assert_eq!(store.forget_threads(at(10)).await, Ok(0), "ended at that instant, not before");
    assert_eq!(left().await, ["ended", "live", "aside", "bob", "bobs"]);
    assert_eq!(store.forget_threads(at(11)).await, Ok(3));
    assert_eq!(left().await, ["live", "aside"]);
    assert_eq!(store.forget_threads(at(1000)).await, Ok(0));
}

pub(crate) async fn letters_to_a_desk_keep_their_own_service_address(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    let open = Outgoing {
        kind: Delivery::Open { session: session(), guest: ann.id.clone() },
        ..letter(&ann.id, "open")
    };
    let inside = Outgoing { kind: Delivery::In { thread: open.id }, ..letter(&ann.id, "in") };
    let post = letter(&ann.id, "post");
    let letters = vec![open.clone(), post.clone(), inside.clone()];
    store.commit(turn(&ann).with(|added| added.letters = letters)).await.expect("commit");
    assert_eq!(store.commit(next(&ann, 1)).await, Ok(2));
    let present = Outgoing { service_url: ann.reference.service_url.clone(), ..post };
    assert_eq!(store.pending(&ann.id, 9).await, Ok(vec![open, present, inside]));
    assert_eq!(bodies(&*store, &ann.id).await, ["open", "post", "in"]);
}

pub(crate) async fn letters_to_another_system_keep_their_address(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    let hook = Outgoing {
        kind: Delivery::Hook { secret: "HOOK_SECRET".to_owned() },
        service_url: "https://tickets.example/hooks?a=1".to_owned(),
        ..letter(&ann.id, "{}")
    };
    let queued =
        Outgoing { id: LetterId(Uuid::new_v4()), conversation: place("hook:1:2"), ..hook.clone() };
    store
        .commit(turn(&ann).with(|added| added.letters = vec![hook.clone(), queued.clone()]))
        .await
        .expect("commit");
    assert_eq!(store.pending(&ann.id, 9).await, Ok(vec![hook]));
    assert_eq!(store.pending(&queued.conversation, 9).await, Ok(vec![queued.clone()]));
    store.dead(queued.id, "refused: 410".to_owned(), at(1)).await.expect("dead");
    assert_eq!(store.revive(queued.id, at(9)).await, Ok(Some(queued.conversation.clone())));
    let again = store.pending(&queued.conversation, 9).await.expect("pending").remove(0);
    assert_eq!(
        (again.kind, again.service_url, again.body),
        (queued.kind, queued.service_url, queued.body)
    );
}

pub(crate) fn desk(tenant: &str, channel: &str) -> ConnectedChannel {
    ConnectedChannel {
        tenant: tenant.into(),
        channel: format!("19:{channel}@thread.tacv2"),
        team: Some("19:team@thread.tacv2".to_owned()),
        name: Some("Desk \"1\" 'ü' \\ \n".to_owned()),
        team_name: Some("Team & co".to_owned()),
        service_url: "https://smba.example/emea/".to_owned(),
        bot: Account {
            id: "28:bot".to_owned(),
            name: Some("Switchboard".to_owned()),
            aad_object_id: None,
        },
        entra_tenant: None,
        connected: at(7),
        broken: None,
    }
}

pub(crate) async fn a_tenant_has_one_desk(store: Arc<dyn Store>) {
    assert_eq!(store.desks().await, Ok(Vec::new()));
    let (it, hr) = (desk("it", "a"), desk("hr", "b"));
    store.connect_desk(it.clone()).await.expect("connect");
    store.connect_desk(hr.clone()).await.expect("connect");
    assert_eq!(store.desks().await, Ok(vec![hr.clone(), it.clone()]));
    let moved = ConnectedChannel { team: None, name: None, ..desk("it", "c") };
    store.connect_desk(moved.clone()).await.expect("connect");
    assert_eq!(store.desks().await, Ok(vec![hr, moved]));
}

pub(crate) async fn a_broken_desk_says_why_until_one_is_connected(store: Arc<dyn Store>) {
    let (it, hr) = (desk("it", "a"), desk("hr", "b"));
    store.connect_desk(it.clone()).await.expect("connect");
    store.connect_desk(hr.clone()).await.expect("connect");
    for reason in ["gone: ConversationNotFound", "the app was \"removed\""] {
        let broken = ConnectedChannel { broken: Some(reason.to_owned()), ..it.clone() };
        store.connect_desk(broken.clone()).await.expect("keep");
        assert_eq!(store.desks().await, Ok(vec![hr.clone(), broken]));
    }
    store.connect_desk(it.clone()).await.expect("connect");
    assert_eq!(store.desks().await, Ok(vec![hr, it]));
}

pub(crate) async fn a_code_works_once_and_in_time(store: Arc<dyn Store>) {
    let put = async |tenant: &str, hash: &str| {
        store.put_code(&tenant.into(), hash, at(60)).await.expect("put")
    };
    let take = async |hash: &str, seconds| store.take_code(hash, at(seconds)).await.expect("take");
    put("it", "one").await;
    put("hr", "two").await;
    assert_eq!(take("three", 0).await, None);
    assert_eq!(take("", 0).await, None);
    assert_eq!(take("one", 0).await, Some("it".into()));
    assert_eq!(take("one", 0).await, None, "it is used");
    assert_eq!(take("two", 60).await, Some("hr".into()), "the last instant counts");
    put("it", "late").await;
    assert_eq!(take("late", 61).await, None);
    assert_eq!(take("late", 0).await, None, "what came too late is gone");
    put("it", "old").await;
    put("it", "new").await;
    put("hr", "other").await;
    assert_eq!(take("old", 0).await, None, "a newer one has taken its place");
    assert_eq!(take("new", 0).await, Some("it".into()));
    assert_eq!(take("other", 0).await, Some("hr".into()), "each tenant has its own");
    put("it", "same").await;
    put("it", "same").await;
    put("hr", "same").await;
    assert_eq!(take("same", 0).await, Some("hr".into()));
    assert_eq!(take("same", 0).await, None);
}

pub(crate) async fn of_many_who_take_a_code_one_gets_it(store: Arc<dyn Store>) {
    for round in 0..5 {
        store.put_code(&"it".into(), &format!("code {round}"), at(60)).await.expect("put");
        let takers = (0..30).map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store.take_code(&format!("code {round}"), at(1)).await.expect("take")
            })
        });
        let taken = futures_util::future::try_join_all(takers).await.expect("no panic");
        assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), ["it".into()]);
    }
}

pub(crate) fn agent(id: &str) -> AgentRow {
    AgentRow {
        id: id.to_owned(),
        name: Some("Zoë \"Z\" O'Neil".to_owned()),
        conversation: place(id),
        reference: conversation(id).reference,
        available: true,
        said: None,
        lost: false,
        was_away: false,
    }
}

pub(crate) async fn an_agent_is_kept_as_bound_last(store: Arc<dyn Store>) {
    let (zoe, ann) = (agent("zoe@contoso.example"), agent("ann@contoso.example"));
    assert_eq!(store.agents().await, Ok(Vec::new()));
    store.bind_agent(zoe.clone()).await.expect("bind");
    store.bind_agent(ann.clone()).await.expect("bind");
    assert_eq!(store.agents().await, Ok(vec![ann.clone(), zoe.clone()]));
    let away = AgentRow { available: false, said: Some(at(3)), ..zoe.clone() };
    store.bind_agent(away.clone()).await.expect("bind");
    assert_eq!(store.agents().await, Ok(vec![ann.clone(), away.clone()]));
    let moved = AgentRow { name: None, conversation: place("moved"), ..away };
    store.bind_agent(moved.clone()).await.expect("bind");
    assert_eq!(store.agents().await, Ok(vec![ann.clone(), moved.clone()]));
}

pub(crate) fn seat(agent: &str, session: SessionId, most: u32) -> Seat {
    Seat { agent: agent.to_owned(), session, most }
}

fn sorted(mut seats: Vec<(&str, SessionId)>) -> Vec<(String, SessionId)> {
    seats.sort_unstable();
    seats.into_iter().map(|(agent, session)| (agent.to_owned(), session)).collect()
}

pub(crate) async fn a_session_has_one_agent(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    let (one, two, three) = (session(), session(), session());
    let kim = |session| seat("kim", session, 2);
    let lee = |session| seat("lee", session, 1);
    store
        .commit(turn(&ann).with(|added| added.seats = vec![kim(one), kim(two)]))
        .await
        .expect("commit");
    assert_eq!(store.seats().await, Ok(sorted(vec![("kim", one), ("kim", two)])));
    // Taken once more by the same agent, then by another one.
    store.commit(next(&ann, 1).with(|added| added.seats = vec![kim(one)])).await.expect("commit");
    store.commit(next(&ann, 2).with(|added| added.seats = vec![lee(one)])).await.expect("commit");
    assert_eq!(store.seats().await, Ok(sorted(vec![("lee", one), ("kim", two)])));
    // Released before it is taken; of two seats in a session the later counts, and who lost it
    // is not full for it.
    let swap = next(&ann, 3).with(|added| {
        added.releases = vec![one, two, three];
        added.seats = vec![lee(two), lee(one), kim(one), kim(three)];
    });
    store.commit(swap).await.expect("commit");
    assert_eq!(store.seats().await, Ok(sorted(vec![("lee", two), ("kim", one), ("kim", three)])));
    store
        .commit(next(&ann, 4).with(|added| added.releases = vec![three, session()]))
        .await
        .expect("commit");
    store.commit(next(&ann, 5)).await.expect("commit");
    assert_eq!(store.seats().await, Ok(sorted(vec![("lee", two), ("kim", one)])));
}

pub(crate) async fn a_turn_that_gives_too_much_changes_nothing(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let (one, two) = (session(), session());
    store
        .commit(
            turn(&ann).with(|added| added.seats = vec![seat("kim", one, 1), seat("lee", two, 9)]),
        )
        .await
        .expect("commit");
    let before = (everything(&*store, &ann.id, id).await, store.seats().await);
    let full = next(&ann, 1).with(|added| {
        added.releases = vec![two];
        added.seats = vec![seat("lee", session(), 9), seat("kim", id, 1)];
        added.letters = vec![letter(&ann.id, "lost")];
        added.lines = vec![line(id, Who::Bot, "lost")];
        added.seen = vec![seen("k", at(9))];
    });
    assert_eq!(store.commit(full.clone()).await, Err(StoreError::Full));
    let (none, new) = (seat("zoe", session(), 0), conversation("new"));
    assert_eq!(
        store.commit(turn(&new).with(|added| added.seats = vec![none])).await,
        Err(StoreError::Full),
        "nothing is more than none"
    );
    assert_eq!(store.load(&new.id).await, Ok(None));
    // A turn that comes too late is told so first: it has to be decided again anyway.
    assert_eq!(
        store.commit(Turn { expected: Some(7), ..full.clone() }).await,
        Err(StoreError::Conflict)
    );
    assert_eq!((everything(&*store, &ann.id, id).await, store.seats().await), before);
    assert_eq!(store.seen(&ann.id, &["k".to_owned()], at(0)).await, Ok(None));
    // With the old one released in the same turn there is room.
    assert_eq!(store.commit(full.with(|added| added.releases = vec![one, two])).await, Ok(2));
    assert_eq!(bodies(&*store, &ann.id).await, ["lost"]);
    assert_eq!(store.seats().await.expect("seats").len(), 2);
}

pub(crate) async fn an_agent_never_has_too_many(store: Arc<dyn Store>) {
    let tasks = (0..50).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (ann, id) = started(&n.to_string(), "it", at(0));
            let taken = turn(&ann).with(|added| {
                added.seats = vec![seat("kim", id, 3)];
                added.letters = vec![letter(&ann.id, "hello")];
            });
            // Others, who take nothing, are committed beside them.
            let other = conversation(&format!("other {n}"));
            let (answer, beside) = tokio::join!(store.commit(taken), store.commit(turn(&other)));
            assert_eq!(beside, Ok(1));
            (ann, id, answer)
        })
    });
    let mut has = Vec::new();
    for (ann, id, answer) in futures_util::future::try_join_all(tasks).await.expect("no panic") {
        assert!(matches!(answer, Ok(1) | Err(StoreError::Full)), "{answer:?}");
        assert_eq!(store.load(&ann.id).await.expect("load").is_some(), answer.is_ok());
        assert_eq!(store.session(id).await.expect("session").is_some(), answer.is_ok());
        assert_eq!(bodies(&*store, &ann.id).await.len(), usize::from(answer.is_ok()));
        has.extend(answer.ok().map(|_| ("kim", id)));
    }
    assert_eq!(has.len(), 3);
    assert_eq!(store.seats().await, Ok(sorted(has)));
}

//! What outlives a turn: ways back, time that passes, versions of pipelines, and lines that guests
//! change afterwards.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use switchboard::{
    model::{Course, Duty, HopKind, LetterId, Offer, Reopen, SessionId, State},
    store::{Edit, Line, Store, StoreError, Turn, Version, Who},
};
use uuid::Uuid;

use crate::make::{
    With as _, at, begin, conversation, current, hop, journey, letter, line, next, place, receipt,
    seen, started, turn,
};

/// A course in which everything is set.
pub(crate) fn course(to: SessionId) -> Course {
    Course {
        joined: Vec::new(),
        offer: Some(Offer {
            hop: 1,
            to,
            until: at(120),
            nonce: "o1".to_owned(),
            letter: LetterId(Uuid::new_v4()),
            template: "transfer".to_owned(),
            own: json!({"z": "\"quoted\" \n", "a": [1, 2.5, null]}),
        }),
        duties: vec![
            Duty { hop: 1, to, stage: "back".into() },
            Duty { hop: 2, to, stage: "further".into() },
        ],
        reopen: Some(Reopen {
            nonce: "r1".to_owned(),
            letter: LetterId(Uuid::new_v4()),
            words: "it's broken again".to_owned(),
        }),
    }
}

fn version(tenant: &str, version: &str, source: &str) -> Version {
    Version { tenant: tenant.into(), version: version.to_owned(), source: source.to_owned() }
}

fn edit(activity: &str, text: Option<&str>, seconds: i64) -> Edit {
    Edit {
        activity_id: activity.to_owned(),
        at_desk: None,
        text: text.map(str::to_owned),
        at: at(seconds),
    }
}

/// A line that the guest wrote in an activity.
fn said(session: SessionId, activity: &str, text: &str) -> Line {
    Line { activity_id: Some(activity.to_owned()), ..line(session, Who::Guest, text) }
}

async fn source(store: &dyn Store, tenant: &str, version: &str) -> Option<String> {
    store.version(&tenant.into(), version).await.expect("version")
}

pub(crate) async fn what_hangs_on_a_journey_comes_back(store: Arc<dyn Store>) {
    let (mut ann, id) = started("ann", "it", at(0));
    let (bob, _) = started("bob", "it", at(0));
    store.commit(turn(&ann)).await.expect("commit");
    store.commit(turn(&bob)).await.expect("commit");
    // Written as a whole with every turn, whatever else changed.
    let full = course(id);
    let steps = [full.clone(), Course { offer: None, ..full.clone() }, full, Course::default()];
    for (version, course) in (1..).zip(steps) {
        current(&mut ann).course = course;
        assert_eq!(store.commit(next(&ann, version)).await, Ok(version + 1));
        assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
    }
    assert_eq!(store.load(&bob.id).await.expect("load").expect("there").conversation, bob);
    // It belongs to the journey, not to the conversation.
    current(&mut ann).course = course(id);
    store.commit(next(&ann, 5)).await.expect("commit");
    ann.journey = Some(journey());
    store.commit(next(&ann, 6)).await.expect("commit");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
}

pub(crate) async fn hops_go_forward_and_back(store: Arc<dyn Store>) {
    let (mut ann, _) = started("ann", "it", at(0));
    for (seconds, kind) in [(1, HopKind::Transfer), (2, HopKind::Undo), (3, HopKind::Return)] {
        begin(current(&mut ann), "hr", at(seconds));
        hop(current(&mut ann), at(seconds));
        current(&mut ann).hops.last_mut().expect("a hop").kind = kind;
    }
    store.commit(turn(&ann)).await.expect("commit");
    let loaded = store.load(&ann.id).await.expect("load").expect("there").conversation;
    assert_eq!(loaded, ann);
    let view = store.journey(current(&mut ann).id).await.expect("journey").expect("there");
    assert_eq!(
        view.hops.iter().map(|hop| hop.kind).collect::<Vec<_>>(),
        [HopKind::Transfer, HopKind::Undo, HopKind::Return]
    );
}

pub(crate) async fn an_edit_changes_the_guests_line(store: Arc<dyn Store>) {
    let (mut ann, first) = started("ann", "it", at(0));
    let second = begin(current(&mut ann), "hr", at(1));
    let bot = Line { activity_id: Some("7".to_owned()), ..line(first, Who::Bot, "bot") };
    let agent = Line { activity_id: Some("7".to_owned()), ..line(first, Who::Agent, "agent") };
    let lines = vec![
        said(first, "6", "before"),
        said(first, "7", "wrong"),
        bot.clone(),
        agent.clone(),
        said(second, "7", "wrong"),
    ];
    store.commit(turn(&ann).with(|added| added.lines = lines)).await.expect("commit");
    let edits =
        vec![edit("7", Some("'; right --"), 9), edit("unknown", Some("x"), 9), edit("", None, 9)];
    assert_eq!(store.commit(next(&ann, 1).with(|added| added.edits = edits)).await, Ok(2));
    let right = |session| Line { edited: Some(at(9)), ..said(session, "7", "'; right --") };
    assert_eq!(
        store.transcript(first).await,
        Ok(vec![said(first, "6", "before"), right(first), bot, agent])
    );
    assert_eq!(store.transcript(second).await, Ok(vec![right(second)]));

    // The journey is over and another one has begun: the line is still the conversation's. The last
    // of several edits counts.
    ann.journey = None;
    let edits = vec![edit("6", Some("one"), 11), edit("6", Some("two"), 10)];
    store.commit(next(&ann, 2).with(|added| added.edits = edits)).await.expect("commit");
    assert_eq!(
        store.transcript(first).await.expect("lines")[0],
        Line { edited: Some(at(10)), ..said(first, "6", "two") }
    );
}

pub(crate) async fn a_deleted_line_stays_without_its_words(store: Arc<dyn Store>) {
    let (ann, id) = started("ann", "it", at(0));
    let secret = Line { card: Some("{\"secret\":1}".to_owned()), ..said(id, "7", "secret") };
    store
        .commit(turn(&ann).with(|added| added.lines = vec![secret, said(id, "8", "kept")]))
        .await
        .expect("commit");
    store
        .commit(
            next(&ann, 1).with(|added| {
                added.edits = vec![edit("7", Some("secret 2"), 5), edit("7", None, 6)]
            }),
        )
        .await
        .expect("commit");
    let gone = Line { edited: Some(at(5)), deleted: Some(at(6)), ..said(id, "7", "") };
    assert_eq!(store.transcript(id).await, Ok(vec![gone, said(id, "8", "kept")]));
    // Teams lets people undo it.
    store
        .commit(next(&ann, 2).with(|added| added.edits = vec![edit("7", Some("back"), 7)]))
        .await
        .expect("commit");
    let back = Line { edited: Some(at(7)), ..said(id, "7", "back") };
    assert_eq!(store.transcript(id).await, Ok(vec![back, said(id, "8", "kept")]));
    // Lines of the same turn are there before its edits are.
    let both = next(&ann, 3).with(|added| {
        added.lines = vec![said(id, "9", "new")];
        added.edits = vec![edit("9", None, 8)];
    });
    store.commit(both).await.expect("commit");
    assert_eq!(
        store.transcript(id).await.expect("lines")[2],
        Line { deleted: Some(at(8)), ..said(id, "9", "") }
    );
}

pub(crate) async fn an_edit_stays_in_its_conversation(store: Arc<dyn Store>) {
    let (ann, mine) = started("ann", "it", at(0));
    let (bob, theirs) = started("bob", "it", at(0));
    let (mut elsewhere, other) = started("ann", "it", at(0));
    elsewhere.id.channel = "emulator".to_owned();
    for (conversation, id) in [(&ann, mine), (&bob, theirs), (&elsewhere, other)] {
        store
            .commit(turn(conversation).with(|added| added.lines = vec![said(id, "7", "wrong")]))
            .await
            .expect("commit");
    }
    store
        .commit(next(&ann, 1).with(|added| added.edits = vec![edit("7", None, 9)]))
        .await
        .expect("commit");
    assert_eq!(store.transcript(mine).await.expect("lines")[0].text, "");
    assert_eq!(store.transcript(theirs).await, Ok(vec![said(theirs, "7", "wrong")]));
    assert_eq!(store.transcript(other).await, Ok(vec![said(other, "7", "wrong")]));
}

pub(crate) async fn what_was_said_at_a_desk_is_found_and_edited_by_its_author(
    store: Arc<dyn Store>,
) {
    let (mut ann, first) = started("ann", "it", at(0));
    let second = begin(current(&mut ann), "hr", at(1));
    let (bob, other) = started("bob", "it", at(0));
    let (letter, author) = (letter(&ann.id, "F8"), Some("cem".to_owned()));
    let words = |session, text| Line { author: author.clone(), ..said(session, "7", text) };
    let relayed = Line { from: Who::Agent, letter: Some(letter.id), ..words(first, "Press F8") };
    let note = Line { from: Who::Note, at: at(2), ..words(second, "odd") };
    let others = Line { from: Who::Agent, author: Some("dora".to_owned()), ..relayed.clone() };
    let lines = vec![said(first, "7", "guest"), relayed.clone(), others.clone(), note.clone()];
    store
        .commit(turn(&ann).with(|added| {
            added.lines = lines;
            added.letters = vec![letter.clone()];
        }))
        .await
        .expect("commit");
    store
        .commit(turn(&bob).with(|added| added.lines = vec![said(other, "7", "guest")]))
        .await
        .expect("commit");
    // The latest of them; of nobody else, and of no other activity.
    assert_eq!(store.said_at_desk("cem", "7").await, Ok(Some((ann.id.clone(), note.clone()))));
    for (author, activity) in [("kim", "7"), ("cem", "8"), ("CEM", "7"), ("", "7"), ("cem", "")] {
        assert_eq!(store.said_at_desk(author, activity).await, Ok(None), "{author} {activity}");
    }
    // That the letter is delivered changes nothing: the activity is the author's own.
    store.delivered(letter.id, receipt("1:f8"), at(3)).await.expect("delivered");
    let by_cem = |session, text, seconds| Edit {
        at_desk: Some((session, "cem".to_owned())),
        ..edit("7", text, seconds)
    };
    // Not from the conversation of another guest.
    store
        .commit(next(&bob, 1).with(|added| added.edits = vec![by_cem(first, Some("no"), 8)]))
        .await
        .expect("commit");
    store
        .commit(next(&ann, 1).with(|added| added.edits = vec![by_cem(first, Some("Press F9"), 9)]))
        .await
        .expect("commit");
    let edited = Line { text: "Press F9".to_owned(), edited: Some(at(9)), ..relayed };
    assert_eq!(
        store.transcript(first).await,
        Ok(vec![said(first, "7", "guest"), edited.clone(), others.clone()])
    );
    assert_eq!(store.transcript(second).await, Ok(vec![note]));
    store
        .commit(next(&ann, 2).with(|added| added.edits = vec![by_cem(first, None, 10)]))
        .await
        .expect("commit");
    let gone = Line { text: String::new(), deleted: Some(at(10)), ..edited };
    assert_eq!(store.transcript(first).await, Ok(vec![said(first, "7", "guest"), gone, others]));
    assert_eq!(store.transcript(other).await, Ok(vec![said(other, "7", "guest")]));
}

pub(crate) async fn what_is_due_is_found_the_longest_overdue_first(store: Arc<dyn Store>) {
    for (name, due) in [
        ("a", Some(at(30))),
        ("b", Some(at(10))),
        ("c", None),
        ("d", Some(at(20))),
        ("e", Some(at(-100))),
    ] {
        store
            .commit(turn(&conversation(name)).with(|added| added.due = due))
            .await
            .expect("commit");
    }
    let due = async |now: Timestamp, limit| store.due(now, limit).await.expect("due");
    assert_eq!(
        due(at(20), 9).await,
        [place("e"), place("b"), place("d")],
        "due at that very instant too"
    );
    assert_eq!(due(at(1000), 9).await, [place("e"), place("b"), place("d"), place("a")]);
    assert_eq!(due(at(1000), 2).await, [place("e"), place("b")]);
    assert_eq!(due(at(1000), 0).await, []);
    assert_eq!(due(at(-101), 9).await, []);
    assert_eq!(due(Timestamp::MAX, u32::MAX).await.len(), 4);
    assert_eq!(due(Timestamp::MIN, 9).await, []);
    // Asking takes nothing away.
    assert_eq!(due(at(-100), 9).await, [place("e")]);
}

pub(crate) async fn a_turn_replaces_what_was_due(store: Arc<dyn Store>) {
    let ann = conversation("ann");
    store.commit(turn(&ann).with(|added| added.due = Some(at(10)))).await.expect("commit");
    for (version, due, from) in [
        (1, Some(at(20)), Some(20)),
        (2, Some(at(5)), Some(5)),
        (3, Some(at(5)), Some(5)),
        (4, None, None),
        (5, Some(at(7)), Some(7)),
    ] {
        store.commit(next(&ann, version).with(|added| added.due = due)).await.expect("commit");
        for now in [4, 5, 7, 10, 19, 20, 1000] {
            let expected =
                if from.is_some_and(|from| now >= from) { vec![place("ann")] } else { Vec::new() };
            assert_eq!(store.due(at(now), 9).await, Ok(expected), "{version} at {now}");
        }
    }
}

pub(crate) async fn a_version_is_kept_as_it_was_first(store: Arc<dyn Store>) {
    assert_eq!(source(&*store, "it", "v1").await, None);
    let (ann, _) = started("ann", "it", at(0));
    let long = "ä: \"x\"\n# 😀 \0".repeat(20_000);
    let versions = vec![
        version("it", "v1", "one"),
        version("hr", "v1", &long),
        version("it", "v1", "twice"),
        version("it", "", ""),
    ];
    store.commit(turn(&ann).with(|added| added.versions = versions)).await.expect("commit");
    store
        .commit(next(&ann, 1).with(|added| {
            added.versions = vec![version("it", "v1", "changed"), version("it", "v2", "two")]
        }))
        .await
        .expect("commit");
    assert_eq!(source(&*store, "it", "v1").await.as_deref(), Some("one"));
    assert_eq!(source(&*store, "it", "v2").await.as_deref(), Some("two"));
    assert_eq!(source(&*store, "hr", "v1").await, Some(long));
    assert_eq!(source(&*store, "it", "").await.as_deref(), Some(""));
    assert_eq!(source(&*store, "hr", "v2").await, None);
    assert_eq!(source(&*store, "legal", "v1").await, None);
}

pub(crate) async fn versions_that_are_used_are_not_forgotten(store: Arc<dyn Store>) {
    let cases = [
        ("active", State::Active, true),
        ("queue", State::WaitingForAgent, true),
        ("agent", State::WithAgent, true),
        ("open", State::Open, true),
        ("moved", State::Transferred, false),
        ("back", State::Returned, false),
        ("done", State::Resolved, false),
        ("not", State::Unresolved, false),
        ("away", State::Abandoned, false),
    ];
    for (name, state, _) in cases {
        let (mut ann, _) = started(name, "it", at(0));
        let session = &mut current(&mut ann).sessions[0];
        (session.state, session.pipeline_version) = (state, name.to_owned());
        // The same version of another tenant is another one.
        let versions = vec![version("it", name, name), version("hr", name, name)];
        store
            .commit(Turn { at: at(10), ..turn(&ann) }.with(|added| added.versions = versions))
            .await
            .expect("commit");
    }
    // Somebody was moved on and may come back: the session that they left is in no live state, its
    // journey is.
    let (mut bob, _) = started("bob", "it", at(0));
    let trip = current(&mut bob);
    begin(trip, "hr", at(1));
    hop(trip, at(1));
    trip.sessions[0].pipeline_version = "left".to_owned();
    trip.sessions[1].pipeline_version = "entered".to_owned();
    let versions =
        vec![version("it", "left", ""), version("hr", "entered", ""), version("it", "entered", "")];
    store
        .commit(Turn { at: at(10), ..turn(&bob) }.with(|added| added.versions = versions))
        .await
        .expect("commit");

    assert_eq!(store.forget_versions(at(10)).await, Ok(0), "stored at that instant, not before");
    assert_eq!(store.forget_versions(at(11)).await, Ok(5 + 9 + 1));
    assert_eq!(store.forget_versions(at(11)).await, Ok(0));
    for (name, state, stays) in cases {
        assert_eq!(source(&*store, "it", name).await.is_some(), stays, "{state:?}");
        assert_eq!(source(&*store, "hr", name).await, None);
    }
    assert!(
        source(&*store, "it", "left").await.is_some()
            && source(&*store, "hr", "entered").await.is_some()
    );

    // Once all have ended they go, unless they were stored anew meanwhile.
    for session in &mut current(&mut bob).sessions {
        session.state = State::Resolved;
    }
    let ended = Turn { expected: Some(1), first_new_hop: 1, at: at(20), ..turn(&bob) }
        .with(|added| added.versions = vec![version("it", "entered", "again")]);
    store.commit(ended).await.expect("commit");
    assert_eq!(store.forget_versions(at(20)).await, Ok(2));
    assert_eq!(source(&*store, "it", "left").await, None);
    assert_eq!(source(&*store, "it", "entered").await.as_deref(), Some("again"));
}

pub(crate) async fn a_turn_that_fails_leaves_nothing_of_all_this(store: Arc<dyn Store>) {
    let (mut ann, id) = started("ann", "it", at(0));
    let first = turn(&ann).with(|added| {
        added.lines = vec![said(id, "7", "kept")];
        added.seen = vec![seen("k", at(99))];
        added.due = Some(at(50));
    });
    store.commit(first).await.expect("commit");
    let before = ann.clone();
    current(&mut ann).course = course(id);
    let late = next(&ann, 0).with(|added| {
        added.edits = vec![edit("7", None, 9)];
        added.versions = vec![version("it", "v1", "x")];
        added.due = Some(at(1));
    });
    assert_eq!(store.commit(late.clone()).await, Err(StoreError::Conflict));
    let twice = Turn { expected: Some(1), ..late.clone() }
        .with(|added| added.seen = vec![seen("k", at(99))]);
    assert_eq!(store.commit(twice).await, Err(StoreError::Conflict));
    // Late and broken as well: then it is late, so that it is tried again with what is stored now.
    begin(current(&mut ann), "hr", at(1));
    hop(current(&mut ann), at(1));
    hop(current(&mut ann), at(1));
    let gap = Turn { conversation: ann, first_new_hop: 1, ..late };
    assert_eq!(store.commit(gap.clone()).await, Err(StoreError::Conflict));
    assert!(matches!(
        store.commit(Turn { expected: Some(1), ..gap }).await,
        Err(StoreError::Broken(_))
    ));

    assert_eq!(store.load(&before.id).await.expect("load").expect("there").conversation, before);
    assert_eq!(store.transcript(id).await, Ok(vec![said(id, "7", "kept")]));
    assert_eq!(store.due(at(49), 9).await, Ok(Vec::new()));
    assert_eq!(source(&*store, "it", "v1").await, None);
}

//! What only a file has to promise: it survives, and a strange file is refused with words that
//! help.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, query, sqlite::SqliteConnectOptions};
use switchboard::{
    model::{Conversation, Journey},
    store::{
        Delivery, Edit, Filter, Line, Receipt, Span, SqliteStore, Store, StoreError, Thread,
        Turns as _, Upkeep as _, Who,
    },
};

use crate::{
    desks::{agent, desk, seat},
    later::course,
    make::{
        With as _, at, begin, bodies, conversation, everything, hop, journey, letter, line, next,
        place, receipt, seen, started, turn,
    },
};

const PATH: &str = "SWITCHBOARD_TEST_STORE";

pub(crate) async fn open(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    switchboard::store::open(&format!("sqlite:{}", path.display())).await
}

/// Runs SQL in the file, past the store.
pub(crate) async fn meddle(path: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut db = SqliteConnection::connect_with(&options).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.expect("the SQL runs");
    db.close().await.expect("closes");
}

/// A turn that touches every table that a crash could leave half written.
fn whole(name: &str) -> (switchboard::store::Turn, switchboard::model::SessionId) {
    let (ann, id) = started(name, "it", at(0));
    let mut first = turn(&ann);
    first.added.letters = vec![letter(&ann.id, "1"), letter(&ann.id, "2")];
    first.added.lines = vec![line(id, Who::Guest, "1"), line(id, Who::Bot, "2")];
    first.added.seen = vec![seen("k", at(1000))];
    (first, id)
}

#[tokio::test]
async fn a_file_keeps_all_when_it_is_opened_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let (mut first, id) = whole("ann");
    first.added.letters[0].kind = Delivery::Open { session: id, guest: place("ann") };
    first.added.seats = vec![seat("kim", id, 1)];
    let opened = Receipt { conversation: Some("19:thread".to_owned()), ..receipt("1:a") };
    store.commit(first.clone()).await.expect("commit");
    store.delivered(first.added.letters[0].id, opened.clone(), at(1)).await.expect("delivered");
    store.connect_desk(desk("it", "a")).await.expect("connect");
    store.put_code(&"it".into(), "hash", at(60)).await.expect("put");
    store.bind_agent(agent("kim")).await.expect("bind");
    assert_eq!(store.numbers(5).await, Ok(1001..1006));
    let before = everything(&*store, &place("ann"), id).await;
    store.close().await;
    assert!(!directory.path().join("s.db-wal").exists(), "the log is folded into the file");

    let store = open(&path).await.expect("opens again");
    assert_eq!(everything(&*store, &place("ann"), id).await, before);
    assert_eq!(store.numbers(1).await, Ok(1006..1007));
    assert_eq!(store.receipt_of(first.added.letters[0].id).await, Ok(Some(opened)));
    assert_eq!(
        store.thread("19:thread").await,
        Ok(Some(Thread { session: id, guest: place("ann") }))
    );
    assert_eq!(store.seats().await, Ok(vec![("kim".to_owned(), id)]));
    assert_eq!(store.desks().await, Ok(vec![desk("it", "a")]));
    assert_eq!(store.agents().await, Ok(vec![agent("kim")]));
    assert_eq!(store.take_code("hash", at(60)).await, Ok(Some("it".into())));
    // Dropped without being closed.
    drop(store);
    let store = open(&path).await.expect("opens a third time");
    assert_eq!(everything(&*store, &place("ann"), id).await, before);
    store.close().await;
}

#[tokio::test]
async fn a_copy_of_the_files_holds_what_was_acknowledged() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = open(&directory.path().join("s.db")).await.expect("opens");
    for n in 0..50 {
        store.commit(whole(&n.to_string()).0).await.expect("commit");
    }
    // As a power cut would leave them: nothing was closed or folded.
    let copy = tempfile::tempdir().expect("a directory");
    for name in ["s.db", "s.db-wal"] {
        std::fs::copy(directory.path().join(name), copy.path().join(name)).expect("copies");
    }
    let copied = open(&copy.path().join("s.db")).await.expect("the copy opens");
    for n in 0..50 {
        assert_eq!(bodies(&*copied, &place(&n.to_string())).await, ["1", "2"]);
    }
    copied.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_killed_process_leaves_whole_turns_and_all_that_it_acknowledged() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "sqlite::writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PATH, &path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let mut acknowledged = Vec::new();
    for text in BufReader::new(child.stdout.take().expect("its output")).lines() {
        let text = text.expect("a line");
        if let Some((_, name)) = text.split_once("ack ") {
            acknowledged.push(name.to_owned());
        }
        if acknowledged.len() == 300 {
            child.kill().expect("killed");
        }
    }
    child.wait().expect("gone");
    assert!(acknowledged.len() >= 300, "{}", acknowledged.len());

    let store = open(&path).await.expect("opens after the kill");
    for name in &acknowledged {
        assert!(store.load(&place(name)).await.expect("load").is_some(), "{name} was acknowledged");
    }
    let waiting = store.waiting_conversations().await.expect("waiting");
    assert!(waiting.len() >= acknowledged.len());
    for id in waiting {
        let loaded = store.load(&id).await.expect("load").expect("its conversation is there");
        let session = loaded.conversation.journey.expect("a journey").sessions[0].id;
        assert_eq!(bodies(&*store, &id).await, ["1", "2"]);
        assert_eq!(store.transcript(session).await.expect("transcript").len(), 2);
        assert!(store.seen(&id, &["k".to_owned()], at(0)).await.expect("seen").is_some());
    }
    store.close().await;
}

/// The child of the test above. Run alone it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of another test"]
async fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let store = open(Path::new(&path)).await.expect("opens");
    let tasks = (0..8).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            // An end, in case that nobody kills it.
            for n in 0..20_000 {
                let name = format!("{task}-{n}");
                store.commit(whole(&name).0).await.expect("commit");
                println!("ack {name}");
            }
        })
    });
    futures_util::future::try_join_all(tasks).await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_sqlite_ends_takes_all_of_its_turns_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    // What a full disk does: the transaction is gone in the middle of a turn, under everybody in
    // it.
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.body = 'poison' BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    meddle(&path, trigger).await;
    let tasks = (0..40).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (mut first, id) = whole(&n.to_string());
            if n % 10 == 5 {
                first.added.letters[1].body = "poison".to_owned();
            }
            (first.conversation.id.clone(), id, store.commit(first).await)
        })
    });
    let mut failures = 0;
    for (id, session, answer) in futures_util::future::try_join_all(tasks).await.expect("no panic")
    {
        let is_there = store.load(&id).await.expect("load").is_some();
        assert_eq!(is_there, answer == Ok(1), "{answer:?}");
        let parts = (
            bodies(&*store, &id).await.len(),
            store.transcript(session).await.expect("transcript").len(),
        );
        assert_eq!(parts, if is_there { (2, 2) } else { (0, 0) });
        failures += usize::from(!is_there);
    }
    assert!(failures >= 4, "{failures}");

    // The same under a write of a single statement.
    let trigger = "CREATE TRIGGER fuller BEFORE UPDATE ON outbox WHEN NEW.error = 'poison' BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    meddle(&path, trigger).await;
    let (first, _) = whole("letters");
    let letter = first.added.letters[0].id;
    store.commit(first).await.expect("commit");
    let tasks = (0..40).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            if n % 10 == 5 {
                store.attempted(letter, "poison".to_owned(), at(1)).await.expect_err("full");
            }
            let (first, _) = whole(&format!("second {n}"));
            (first.conversation.id.clone(), store.commit(first).await)
        })
    });
    for (id, answer) in futures_util::future::try_join_all(tasks).await.expect("no panic") {
        assert_eq!(store.load(&id).await.expect("load").is_some(), answer == Ok(1), "{answer:?}");
        assert!(matches!(answer, Ok(1) | Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(store.commit(whole("after").0).await, Ok(1), "it goes on with a fresh connection");
    assert!(
        matches!(store.ping().await, Err(StoreError::Unavailable(_))),
        "that commits failed is remembered for a while"
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_fails_takes_only_itself_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let trigger = "CREATE TRIGGER bad BEFORE INSERT ON outbox WHEN NEW.body = 'poison' BEGIN SELECT RAISE(ABORT, 'bad'); END";
    meddle(&path, trigger).await;
    let tasks = (0..40).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (mut first, _) = whole(&n.to_string());
            if n % 2 == 0 {
                first.added.letters[1].body = "poison".to_owned();
            }
            (n, store.commit(first).await)
        })
    });
    for (n, answer) in futures_util::future::try_join_all(tasks).await.expect("no panic") {
        let id = place(&n.to_string());
        assert_eq!(answer.is_ok(), n % 2 == 1, "{n}: {answer:?}");
        assert_eq!(store.load(&id).await.expect("load").is_some(), n % 2 == 1);
        assert_eq!(
            store.seen(&id, &["k".to_owned()], at(0)).await.expect("seen").is_some(),
            n % 2 == 1
        );
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_yearly_reports_keep_no_turn_waiting() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    store.commit(whole("ann").0).await.expect("commit");
    // A year of a large company.
    meddle(
        &path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) \
         INSERT INTO sessions SELECT 's' || i, 'j' || i, 0, 'it', 'resolved', 0, i, (SELECT body FROM sessions) FROM n; \
         INSERT INTO answers (session, tenant, article, verdict, at) SELECT id, 'it', 'vpn', 'helped', 1 FROM sessions",
    )
    .await;
    let reports: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.faq_report(Span::default()).await })
        })
        .collect();
    for n in 0..20 {
        let name = n.to_string();
        assert_eq!(store.load(&place(&name)).await, Ok(None));
        assert_eq!(store.commit(whole(&name).0).await, Ok(1));
        assert_eq!(bodies(&*store, &place(&name)).await, ["1", "2"]);
    }
    let done = reports.iter().filter(|report| report.is_finished()).count();
    assert!(done < 4, "the turns waited for all of the reports");
    // A list finds a connection beside the report that runs.
    let ann = Filter { guest: Some("29:ann".to_owned()), ..Filter::default() };
    assert_eq!(store.sessions(&ann).await.expect("a list").items.len(), 1);
    for report in reports {
        let report = report.await.expect("no panic").expect("a report");
        assert!(report.tenants[0].sessions > 60_000);
    }
    store.close().await;
}

#[tokio::test]
async fn strange_files_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let refused = async |path: &Path, says: &str| {
        let Err(StoreError::Broken(message)) = open(path).await else {
            panic!("{} opens", path.display())
        };
        assert!(message.contains(says) && message.contains(&*path.to_string_lossy()), "{message}");
    };
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "Dear diary, this is longer than the header of a database.")
        .expect("written");
    refused(&text, "is not a SQLite database").await;
    assert!(std::fs::read_to_string(&text).expect("read").starts_with("Dear diary"));

    let damaged = directory.path().join("damaged.db");
    std::fs::write(&damaged, [b"SQLite format 3\0".as_slice(), &[7; 5000]].concat())
        .expect("written");
    refused(&damaged, "is not a SQLite database").await;

    let other = directory.path().join("other.db");
    meddle(&other, "CREATE TABLE books (title TEXT)").await;
    let before = std::fs::read(&other).expect("read");
    refused(&other, "another program").await;
    assert_eq!(std::fs::read(&other).expect("read"), before);

    let newer = directory.path().join("newer.db");
    open(&newer).await.expect("opens").close().await;
    meddle(&newer, "INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, 1, checksum, 0 FROM _sqlx_migrations LIMIT 1").await;
    refused(&newer, "newer version").await;
    refused(&newer, "9999").await;

    let Err(StoreError::Broken(message)) = open(&directory.path().join("no/where/s.db")).await
    else {
        panic!("opens")
    };
    assert!(message.contains("does not exist") && message.contains("no/where"), "{message}");
    refused(directory.path(), "is a directory").await;
}

#[tokio::test]
async fn an_empty_file_is_taken_and_addresses_may_have_slashes() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("empty ünd späce.db");
    std::fs::write(&path, "").expect("written");
    let store =
        switchboard::store::open(&format!("sqlite://{}", path.display())).await.expect("opens");
    store.commit(turn(&conversation("ann"))).await.expect("commit");
    assert_eq!(store.commit(next(&conversation("ann"), 1)).await, Ok(2));
    store.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = SqliteStore::open(&path.to_string_lossy()).await.expect("opens");
    store.commit(turn(&conversation("ann"))).await.expect("commit");
    for name in ["s.db", "s.db-wal", "s.db-shm"] {
        let mode =
            std::fs::metadata(directory.path().join(name)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn the_body_of_a_sent_letter_is_dropped() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let store = open(&path).await.expect("opens");
    let (first, _) = whole("ann");
    store.commit(first.clone()).await.expect("commit");
    store.delivered(first.added.letters[0].id, Receipt::default(), at(1)).await.expect("delivered");
    store.dead(first.added.letters[1].id, "403".to_owned(), at(1)).await.expect("dead");
    store.close().await;
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", path.display()))
        .await
        .expect("a connection");
    let kept: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT state, body FROM outbox ORDER BY seq")
            .fetch_all(&mut db)
            .await
            .expect("rows");
    assert_eq!(kept, [("sent".to_owned(), None), ("dead".to_owned(), Some("2".to_owned()))]);
}

/// A file as the first version of the tables left it, with a journey of two sessions in it.
async fn old_file(path: &Path, trip: &Journey, ann: &Conversation) {
    let mut first = sqlx::migrate!("src/store/migrations");
    first.migrations.to_mut().retain(|migration| migration.version == 1);
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut db = SqliteConnection::connect_with(&options).await.expect("a connection");
    first.run_direct(None, &mut db, false).await.expect("the first migration");
    let (journey, nanos) =
        (trip.id.to_string(), i64::try_from(at(0).as_nanosecond()).expect("this century"));
    let body =
        serde_json::json!({"reference": ann.reference, "guest": ann.guest, "installed": true})
            .to_string();
    let guest = serde_json::to_string(&ann.guest).expect("JSON");
    let insert = "INSERT INTO conversations (channel, id, version, service_url, body, journey) VALUES (?, ?, 3, 'x', ?, ?)";
    let place = &ann.id;
    query(insert)
        .bind(&place.channel)
        .bind(&place.id)
        .bind(body)
        .bind(&journey)
        .execute(&mut db)
        .await
        .expect("a row");
    let insert =
        "INSERT INTO journeys (id, channel, conversation, guest_id, guest) VALUES (?, ?, ?, ?, ?)";
    query(insert)
        .bind(&journey)
        .bind(&place.channel)
        .bind(&place.id)
        .bind(&ann.guest.id)
        .bind(guest)
        .execute(&mut db)
        .await
        .expect("a row");
    for (position, session) in (0i64..).zip(&trip.sessions) {
        // Without what sessions and hops had not got then.
        let mut body = serde_json::to_value(session).expect("JSON");
        let fields = body.as_object_mut().expect("an object");
        ["lastMenu", "aside", "reminded"].iter().for_each(|name| drop(fields.remove(*name)));
        let insert = "INSERT INTO sessions (id, journey, position, tenant, state, live, started, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        query(insert)
            .bind(session.id.to_string())
            .bind(&journey)
            .bind(position)
            .bind(session.tenant.as_str())
            .bind(session.state.name())
            .bind(session.state.is_live())
            .bind(nanos)
            .bind(body.to_string())
            .execute(&mut db)
            .await
            .expect("a row");
    }
    let mut hop = serde_json::to_value(&trip.hops[0]).expect("JSON");
    hop.as_object_mut().expect("an object").remove("kind");
    let insert = "INSERT INTO hops (journey, position, body) VALUES (?, 0, ?)";
    query(insert).bind(&journey).bind(hop.to_string()).execute(&mut db).await.expect("a row");
    let insert = "INSERT INTO transcript (session, at, who, text, activity) VALUES (?, ?, 'guest', 'VPN', '7')";
    query(insert)
        .bind(trip.sessions[0].id.to_string())
        .bind(nanos)
        .execute(&mut db)
        .await
        .expect("a row");
    db.close().await.expect("closes");
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("s.db");
    let mut trip = journey();
    let first = begin(&mut trip, "it", at(0));
    begin(&mut trip, "hr", at(0));
    hop(&mut trip, at(0));
    for session in &mut trip.sessions {
        (session.last_menu, session.aside, session.reminded) = (None, None, false);
    }
    let mut ann = Conversation { journey: Some(trip.clone()), ..conversation("ann") };
    old_file(&path, &trip, &ann).await;

    let store = open(&path).await.expect("opens");
    let loaded = store.load(&ann.id).await.expect("load").expect("there");
    assert_eq!(
        (loaded.version, &loaded.conversation),
        (3, &ann),
        "no course, and the hop is a transfer"
    );
    let old =
        Line { activity_id: Some("7".to_owned()), at: at(0), ..line(first, Who::Guest, "VPN") };
    assert_eq!(store.transcript(first).await, Ok(vec![old.clone()]));
    assert_eq!(store.due(at(1000), 9).await, Ok(Vec::new()));
    assert_eq!((store.seats().await, store.desks().await), (Ok(Vec::new()), Ok(Vec::new())));
    assert_eq!(store.session(first).await.expect("session").expect("there").hops, trip.hops);

    ann.journey.as_mut().expect("a journey").course = course(first);
    let edits = vec![Edit { activity_id: "7".to_owned(), at_desk: None, text: None, at: at(5) }];
    assert_eq!(
        store
            .commit(next(&ann, 3).with(|added| {
                added.edits = edits;
                added.due = Some(at(6));
            }))
            .await,
        Ok(4)
    );
    store.close().await;
    let store = open(&path).await.expect("opens again");
    assert_eq!(store.load(&ann.id).await.expect("load").expect("there").conversation, ann);
    assert_eq!(
        store.transcript(first).await,
        Ok(vec![Line { text: String::new(), deleted: Some(at(5)), ..old }])
    );
    assert_eq!(store.due(at(6), 9).await, Ok(vec![place("ann")]));
    store.close().await;
}

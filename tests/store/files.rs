//! Files that are carried between guests and desks, and the secret behind their links.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use switchboard::{
    model::{Agent, FileId, FileKind, LetterId, Sender, SessionId},
    store::{
        FileContent, FileHead, FileRow, FilesUsed, Kept, LEAST, PIECE, Room, Store, StoreError,
        Told,
    },
};
use uuid::Uuid;

use crate::make::{With as _, at, line, next, seen, started, turn};

fn file(session: SessionId, name: &str, sent: i64) -> FileRow {
    FileRow {
        id: FileId(Uuid::new_v4()),
        session,
        sender: Sender::Guest,
        person: "aad-ann".to_owned(),
        name: name.to_owned(),
        content_type: "image/*".to_owned(),
        kind: FileKind::Connector,
        url: Some(format!("https://files.example/{name}?key=1").into()),
        size: None,
        created: at(sent),
        expires: at(sent + 100),
    }
}

/// Room for everything.
const ROOM: Room = Room { person: u64::MAX, store: u64::MAX, since: Timestamp::UNIX_EPOCH };

fn content(name: &str, content_type: &str, bytes: Vec<u8>) -> FileContent {
    FileContent { name: name.to_owned(), content_type: content_type.to_owned(), bytes }
}

/// All pieces of a file.
async fn read(store: &dyn Store, id: FileId) -> Vec<u8> {
    let mut read = Vec::new();
    for number in 0.. {
        let Some(piece) = store.file_piece(id, number).await.expect("a piece") else { break };
        assert!(piece.len() as u64 <= PIECE);
        read.extend(piece);
    }
    read
}

/// What a file says, with its secret address.
fn shown(file: &FileRow) -> String {
    format!("{file:?} {:?}", file.url.as_ref().map(|url| url.expose_secret().to_owned()))
}

async fn wanted(store: &dyn Store) -> Vec<String> {
    store.wanted_files().await.expect("wanted").iter().map(shown).collect()
}

fn told(file: &FileRow, ready: bool) -> Told {
    Told { file: file.id, ready }
}

pub(crate) async fn a_file_is_on_its_way_until_somebody_was_told(store: Arc<dyn Store>) {
    let (ann, session) = started("ann", "it", at(0));
    let agent = Agent { id: "aad-cem".to_owned(), name: "Cem \"C\" 🦊".to_owned() };
    let sender = Sender::Agent { agent, thread: Some(LetterId(Uuid::new_v4())) };
    let (one, other) =
        (file(session, "a 'b' \"c\".png", 1), FileRow { sender, ..file(session, "plan.pdf", 0) });
    store
        .commit(turn(&ann).with(|added| added.files = vec![one.clone(), other.clone()]))
        .await
        .expect("commit");
    assert_eq!(wanted(&*store).await, [shown(&other), shown(&one)], "the oldest first, whole");
    assert_eq!(store.file(one.id).await, Ok(None));

    let bytes: Vec<u8> = (0..=255).cycle().take(600_001).collect();
    store
        .keep_file(one.id, content("c.png", "image/png", bytes.clone()), ROOM)
        .await
        .expect("keep");
    let kept = FileRow {
        name: "c.png".to_owned(),
        content_type: "image/png".to_owned(),
        url: None,
        size: Some(600_001),
        ..one.clone()
    };
    assert_eq!(wanted(&*store).await, [shown(&other), shown(&kept)], "its address is forgotten");
    assert_eq!(store.file(one.id).await, Ok(None), "nobody was told of it yet");

    store.keep_file(other.id, content("plan.pdf", "", vec![1]), ROOM).await.expect("keep");
    store
        .commit(
            next(&ann, 1).with(|added| added.told = vec![told(&one, true), told(&other, false)]),
        )
        .await
        .expect("commit");
    assert_eq!(wanted(&*store).await, [""; 0]);
    let head = FileHead {
        name: "c.png".to_owned(),
        content_type: "image/png".to_owned(),
        expires: at(101),
        size: 600_001,
    };
    assert_eq!(store.file(one.id).await, Ok(Some(head.clone())));
    assert_eq!(read(&*store, one.id).await, bytes);
    assert_eq!(read(&*store, other.id).await, [0; 0]);
    assert_eq!(store.file(other.id).await, Ok(None), "what was not delivered is dropped");
    assert_eq!(store.file(FileId(Uuid::new_v4())).await, Ok(None));
    // Too late.
    store.keep_file(one.id, content("evil.png", "text/html", vec![6]), ROOM).await.expect("keep");
    assert_eq!(store.file(one.id).await, Ok(Some(head)));
    assert_eq!(read(&*store, one.id).await, bytes);
    // Nobody is to read it any more.
    assert_eq!(store.drop_file(one.id).await, Ok(true));
    assert_eq!(store.drop_file(one.id).await, Ok(false));
    assert_eq!(store.file(one.id).await, Ok(None));
    assert_eq!(read(&*store, one.id).await, [0; 0]);
    let none = FilesUsed { files: 0, store: 0, person: 0 };
    assert_eq!(store.files_used("aad-ann".to_owned(), at(-1)).await, Ok(none));
}

pub(crate) async fn no_more_files_are_kept_than_there_is_room_for(store: Arc<dyn Store>) {
    let (ann, session) = started("ann", "it", at(0));
    let of = |person: &str, name: &str, sent: i64| FileRow {
        person: person.to_owned(),
        ..file(session, name, sent)
    };
    let files = [
        of("aad-ann", "yesterday", 0),
        of("aad-ann", "large", 10),
        of("aad-ann", "too much", 11),
        of("aad-ann", "small", 12),
        of("aad-ann", "one more", 13),
        of("aad-cem", "of another", 14),
        of("aad-cem", "beyond all", 15),
    ];
    store.commit(turn(&ann).with(|added| added.files = files.to_vec())).await.expect("commit");
    let (person, most) = (8 * LEAST, 13 * LEAST);
    let room = Room { person, store: most, since: at(5) };
    let bytes = |count: u64| vec![7; usize::try_from(count).expect("few")];
    for (file, size, want) in [
        (&files[0], 3 * LEAST, Kept::Kept),
        (&files[1], 7 * LEAST, Kept::Kept),
        (&files[2], LEAST + 1, Kept::PersonFull),
        // However small, it takes its place.
        (&files[3], 1, Kept::Kept),
        (&files[4], 0, Kept::PersonFull),
        (&files[5], 2 * LEAST, Kept::Kept),
        (&files[6], 1, Kept::StoreFull),
    ] {
        let kept = store.keep_file(file.id, content(&file.name, "", bytes(size)), room).await;
        assert_eq!(kept, Ok(want), "{}", file.name);
    }
    let used = FilesUsed { files: 4, store: 13 * LEAST, person: 8 * LEAST };
    assert_eq!(store.files_used("aad-ann".to_owned(), at(5)).await, Ok(used));
    // What was not kept can be told of, and takes nothing; what was not delivered neither.
    let mut outcomes = vec![told(&files[0], true), told(&files[1], false), told(&files[2], false)];
    outcomes.extend(files[3..].iter().map(|file| told(file, false)));
    store.commit(next(&ann, 1).with(|added| added.told = outcomes)).await.expect("commit");
    let used = FilesUsed { files: 1, store: 3 * LEAST, person: 0 };
    assert_eq!(store.files_used("aad-ann".to_owned(), at(5)).await, Ok(used));
}

pub(crate) async fn of_a_file_somebody_is_told_once(store: Arc<dyn Store>) {
    let (ann, session) = started("ann", "it", at(0));
    let one = file(session, "one", 0);
    store.commit(turn(&ann).with(|added| added.files = vec![one.clone()])).await.expect("commit");
    store
        .commit(next(&ann, 1).with(|added| added.told = vec![told(&one, true)]))
        .await
        .expect("commit");
    let unknown = file(session, "unknown", 0);
    for again in [told(&one, true), told(&one, false), told(&unknown, true)] {
        let lines = vec![line(session, switchboard::store::Who::Guest, "twice")];
        let second = next(&ann, 2).with(|added| {
            added.told = vec![again];
            added.lines = lines;
            added.seen = vec![seen("k", at(9))];
        });
        assert_eq!(store.commit(second).await, Err(StoreError::Conflict));
    }
    assert_eq!(store.transcript(session).await.expect("transcript"), []);
    assert_eq!(store.seen(&ann.id, &["k".to_owned()], at(1)).await, Ok(None));
    // A turn that comes too late leaves no file; one whose file is there already is broken.
    let two = file(session, "two", 0);
    assert_eq!(
        store.commit(next(&ann, 1).with(|added| added.files = vec![two.clone()])).await,
        Err(StoreError::Conflict)
    );
    assert_eq!(wanted(&*store).await, [""; 0]);
    let broken = store.commit(next(&ann, 2).with(|added| added.files = vec![two, one])).await;
    assert!(matches!(broken, Err(StoreError::Broken(_))), "{broken:?}");
    assert_eq!(wanted(&*store).await, [""; 0]);
}

pub(crate) async fn files_are_swept_when_their_time_or_their_session_is_over(
    store: Arc<dyn Store>,
) {
    let (ann, session) = started("ann", "it", at(0));
    let mut files: Vec<FileRow> =
        (0..50).map(|number| file(session, &format!("{number}"), 0)).collect();
    files.push(file(session, "later", 1));
    let (under_way, lost) =
        (file(session, "under way", 0), file(SessionId(Uuid::new_v4()), "of nobody", 0));
    let told_of = files.iter().map(|file| told(file, true)).collect();
    let all = files.iter().chain([&under_way, &lost]).cloned().collect();
    store.commit(turn(&ann).with(|added| added.files = all)).await.expect("commit");
    for file in &files {
        store.keep_file(file.id, content(&file.name, "", vec![1]), ROOM).await.expect("keep");
    }
    store.commit(next(&ann, 1).with(|added| added.told = told_of)).await.expect("commit");
    assert_eq!(store.forget_files(at(99)).await, Ok(1), "the one whose session is not there");
    assert_eq!(store.forget_files(at(100)).await, Ok(50));
    assert_eq!(store.file(files[0].id).await, Ok(None));
    assert!(store.file(files[50].id).await.expect("file").is_some());
    assert_eq!(wanted(&*store).await, [shown(&under_way)], "its sender is told first");
    assert_eq!(store.forget_files(at(101)).await, Ok(1));
}

pub(crate) async fn a_secret_is_made_once_until_it_is_replaced(store: Arc<dyn Store>) {
    assert_eq!(store.secret("links", vec![1; 32]).await, Ok(vec![1; 32]));
    assert_eq!(store.secret("links", vec![2; 32]).await, Ok(vec![1; 32]));
    assert_eq!(store.secret("other", vec![3; 32]).await, Ok(vec![3; 32]));
    assert_eq!(store.replace_secret("links", vec![4; 32]).await, Ok(()));
    assert_eq!(store.replace_secret("new", vec![5; 32]).await, Ok(()));
    assert_eq!(store.secret("links", vec![6; 32]).await, Ok(vec![4; 32]));
    assert_eq!(store.secret("new", vec![6; 32]).await, Ok(vec![5; 32]));
    assert_eq!(store.secret("other", vec![6; 32]).await, Ok(vec![3; 32]));
}

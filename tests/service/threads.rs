//! The outbox at a desk: letters that open threads, go into them and are replaced there.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::json;
use switchboard::{
    engine::{Clocks, post::Outbox},
    model::{Conversation, ConversationId, Guest, LetterId, Reference, SessionId},
    settings::Patience,
    store::{Added, Delivery, LetterState, Outgoing, Store, Thread, Turn},
    teams::{
        client,
        cloud::Cloud,
        connector::Connector,
        hosts::ServiceHosts,
        token::{TokenConfig, Tokens},
    },
};
use uuid::Uuid;

use crate::{
    app::{Steady, text_of},
    fake_teams::{APP_ID, Failure, FakeTeams, SECRET},
};

const CHANNEL: &str = "19:desk@thread.tacv2";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn guest() -> ConversationId {
    ConversationId { channel: "msteams".to_owned(), id: "a:1kim".to_owned() }
}

struct Post {
    teams: FakeTeams,
    store: Arc<dyn Store>,
    outbox: Outbox,
}

impl Post {
    async fn open() -> Self {
        let teams = FakeTeams::start().await;
        let store = switchboard::store::open("memory:").await.unwrap();
        let outbox = Self::outbox(&teams, &store);
        Post { teams, store, outbox }
    }

    fn outbox(teams: &FakeTeams, store: &Arc<dyn Store>) -> Outbox {
        let config = TokenConfig {
            app_id: Some(APP_ID.into()),
            secret: SECRET.into(),
            login: teams.login_url(),
            scope: Cloud::public().scope,
        };
        let tokens = Arc::new(Tokens::new(config, Steady::new().source()).unwrap());
        let connector =
            Connector::new(ServiceHosts::new(&[], &[teams.host()], false), tokens, client::TOTAL)
                .unwrap();
        Outbox::new(
            Arc::clone(store),
            connector,
            switchboard::calls::Caller::new(Arc::new(|_| None)).unwrap(),
            Clocks { wall: Arc::new(now), steady: Steady::new().source() },
            Patience { haste: 100, ..Patience::default() },
        )
    }

    fn letter(&self, kind: Delivery, body: &serde_json::Value) -> Outgoing {
        Outgoing {
            id: LetterId(Uuid::new_v4()),
            conversation: ConversationId { channel: "msteams".to_owned(), id: "desk".to_owned() },
            service_url: self.teams.service_url(),
            kind,
            body: body.to_string(),
            attempts: 0,
        }
    }

    fn opening(&self, session: SessionId) -> Outgoing {
        let body = json!({
            "isGroup": true, "channelData": { "channel": { "id": CHANNEL } }, "activity": { "type": "message", "text": "brief" },
        });
        self.letter(Delivery::Open { session, guest: guest() }, &body)
    }

    fn saying(&self, kind: Delivery, text: &str) -> Outgoing {
        self.letter(kind, &json!({ "type": "message", "text": text }))
    }

    async fn keep(&self, letters: &[Outgoing]) {
        let turn = Turn {
            conversation: Conversation {
                id: ConversationId {
                    channel: "msteams".to_owned(),
                    id: Uuid::new_v4().to_string(),
                },
                reference: Reference::default(),
                guest: Guest::default(),
                installed: true,
                journey: None,
                open: Vec::new(),
            },
            changed: Vec::new(),
            first_new_hop: 0,
            expected: None,
            at: now(),
            added: Added { letters: letters.to_vec(), ..Added::default() },
        };
        self.store.commit(turn).await.unwrap();
    }

    async fn deliver(&self, letters: &[Outgoing]) {
        self.keep(letters).await;
        self.outbox.push(letters.to_vec());
        self.idle().await;
    }

    async fn idle(&self) {
        while !self.outbox.is_idle() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn texts(&self, place: &str) -> Vec<String> {
        self.teams.activities(place).iter().map(text_of).collect()
    }
}

#[tokio::test]
async fn letters_go_into_the_thread_that_was_opened_before_them() {
    let mut post = Post::open().await;
    post.teams.channel_exists(CHANNEL);
    let session = SessionId(Uuid::new_v4());
    let open = post.opening(session);
    let hello = post.saying(Delivery::In { thread: open.id }, "hello");
    let taken = post.saying(Delivery::Put { of: open.id, fallback: None }, "brief: taken");
    let edited = post.saying(Delivery::Put { of: hello.id, fallback: None }, "hello!");
    post.teams.fail_next(1, Failure::Throttle(Some("0")));
    post.deliver(&[open.clone(), hello.clone(), taken, edited]).await;
    let threads = post.teams.threads(CHANNEL);
    assert_eq!(threads.len(), 1, "{threads:?}");
    assert_eq!(post.texts(&threads[0]), ["brief: taken", "hello!"]);
    assert_eq!(post.store.thread(&threads[0]).await, Ok(Some(Thread { session, guest: guest() })));

    // Another process finds the thread and the activities again.
    let more = post.saying(Delivery::In { thread: open.id }, "more");
    let again = post.saying(Delivery::Put { of: hello.id, fallback: None }, "hello?");
    post.keep(&[more, again]).await;
    post.outbox.close().await;
    post.outbox = Post::outbox(&post.teams, &post.store);
    assert_eq!(post.outbox.resume().await, Ok(2));
    post.idle().await;
    assert_eq!(post.texts(&threads[0]), ["brief: taken", "hello?", "more"]);
    assert!(post.store.outbox(LetterState::Dead, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn letters_for_a_thread_that_was_not_opened_are_given_up() {
    let post = Post::open().await;
    let open = post.opening(SessionId(Uuid::new_v4()));
    let hello = post.saying(Delivery::In { thread: open.id }, "hello");
    let unknown = post.saying(Delivery::In { thread: LetterId(Uuid::new_v4()) }, "lost");
    post.deliver(&[open.clone(), hello.clone(), unknown.clone()]).await;
    let dead = post.store.outbox(LetterState::Dead, 9).await.unwrap();
    let reasons: Vec<_> =
        dead.iter().map(|row| (row.id, row.attempts, row.error.as_deref().unwrap())).collect();
    let not_opened = "gone: ThreadNotOpened";
    assert_eq!(
        reasons,
        [
            (unknown.id, 1, not_opened),
            (hello.id, 1, not_opened),
            (open.id, 7, "gone: ConversationNotFound")
        ]
    );

    // Once it could be opened after all, what waits behind it can go.
    post.teams.channel_exists(CHANNEL);
    assert_eq!(post.outbox.retry(open.id).await, Ok(true));
    assert_eq!(post.outbox.retry(hello.id).await, Ok(true));
    post.idle().await;
    assert_eq!(post.texts(&post.teams.threads(CHANNEL)[0]), ["brief", "hello"]);
}

//! Letters that cannot be delivered: what is not their fault is waited out, what lost its sense is
//! dropped, and who wrote what did not arrive is told.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::{
    calls::Caller,
    engine::{Clocks, post::Outbox},
    model::{Conversation, ConversationId, Guest, LetterId, Reference},
    settings::Patience,
    store::{Added, Delivery, LetterState, Outgoing, Store, Turn},
    teams::{
        cloud::Cloud,
        connector::Connector,
        hosts::ServiceHosts,
        token::{TokenConfig, Tokens},
    },
};
use uuid::Uuid;

use crate::{
    app::{Setup, Steady, TestApp},
    desks::{self, CHANNEL, desk},
    fake_teams::{APP_ID, Failure, FakeTeams, Gate, Mood, SECRET},
    personal_desks::{self, legal, takes},
};

/// An hour, as long as it takes here.
const HOUR: Duration = Duration::from_millis(1800);
/// So many times shorter pauses are when an hour takes [`HOUR`].
const HASTE: u32 = 2000;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn error(code: &str) -> Value {
    json!({ "error": { "code": code, "message": "Something about somebody." } })
}

/// A post office whose way to Teams leads through a gate.
struct Way {
    teams: FakeTeams,
    gate: Gate,
    store: Arc<dyn Store>,
    outbox: Outbox,
}

impl Way {
    async fn through(mood: Mood, total: Duration) -> Self {
        let teams = FakeTeams::start().await;
        let gate = Gate::before(&teams.host(), mood).await;
        let store = switchboard::store::open("memory:").await.unwrap();
        let config = TokenConfig {
            app_id: Some(APP_ID.into()),
            secret: SECRET.into(),
            login: teams.login_url(),
            scope: Cloud::public().scope,
        };
        let tokens = Tokens::new(config, Steady::new().source());
        let hosts = ServiceHosts::new(&[], &[gate.host()], false);
        let connector =
            Connector::new(hosts, Arc::new(tokens.unwrap().hasty(HASTE)), total).unwrap();
        let outbox = Outbox::new(
            Arc::clone(&store),
            connector,
            Caller::new(Arc::new(|_| None)).unwrap(),
            Clocks { wall: Arc::new(now), steady: Steady::new().source() },
            Patience { haste: HASTE, ..Patience::default() },
        );
        Way { teams, gate, store, outbox }
    }

    /// So many chats get a letter each; they are on their way.
    async fn write(&self, count: usize) {
        let letters: Vec<Outgoing> = (0..count)
            .map(|number| Outgoing {
                id: LetterId(Uuid::now_v7()),
                conversation: ConversationId {
                    channel: "msteams".to_owned(),
                    id: format!("a:{number}"),
                },
                service_url: format!("http://{}/connector", self.gate.host()),
                kind: Delivery::Post(None),
                body: json!({ "type": "message", "text": format!("reply {number}") }).to_string(),
                attempts: 0,
            })
            .collect();
        let conversation = Conversation {
            id: ConversationId { channel: "msteams".to_owned(), id: "writer".to_owned() },
            reference: Reference::default(),
            guest: Guest::default(),
            installed: true,
            journey: None,
            open: Vec::new(),
        };
        let turn = Turn {
            conversation,
            changed: Vec::new(),
            first_new_hop: 0,
            expected: None,
            at: now(),
            added: Added { letters: letters.clone(), ..Added::default() },
        };
        self.store.commit(turn).await.unwrap();
        letters.into_iter().for_each(|letter| self.outbox.push(vec![letter]));
    }

    /// None is dead and none has cost an attempt.
    async fn assert_waiting(&self, count: usize, why: &str) {
        assert_eq!(self.store.outbox(LetterState::Dead, 100).await.unwrap(), []);
        let rows = self.store.outbox(LetterState::Pending, 100).await.unwrap();
        assert_eq!(rows.len(), count);
        assert!(rows.iter().all(|row| row.attempts == 0), "{rows:#?}");
        assert!(
            rows.iter().any(|row| row.error.as_deref().is_some_and(|error| error.contains(why))),
            "{rows:#?}"
        );
    }

    /// Everything arrives, and nothing more than twice.
    async fn assert_arrives(&self, count: usize) {
        tokio::time::timeout(Duration::from_secs(20), async {
            while !self.outbox.is_idle() {
                self.teams.stirs(Duration::from_millis(3)).await;
            }
        })
        .await
        .expect("all letters leave");
        for number in 0..count {
            let read = self.teams.activities(&format!("a:{number}"));
            assert!((1..=2).contains(&read.len()), "chat {number}: {read:?}");
        }
        assert_eq!(self.store.outbox(LetterState::Sent, 100).await.unwrap().len(), count);
    }
}

/// Waits until something was counted so often.
async fn reaches(least: usize, what: &str, count: impl Fn() -> usize) {
    let counted = async {
        while count() < least {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), counted).await.expect(what);
}

#[tokio::test]
async fn an_hour_of_a_wrong_secret_loses_no_reply() {
    let way = Way::through(Mood::Open, Duration::from_secs(5)).await;
    way.teams
        .break_login(Some((401, json!({ "error": "invalid_client", "error_codes": [7_000_215] }))));
    way.write(20).await;
    // The login is asked once a minute: an hour is over.
    reaches(61, "the login is asked again and again", || way.teams.mints()).await;
    way.assert_waiting(20, "invalid_client AADSTS7000215").await;
    assert_eq!(way.gate.came(), 0, "nothing goes out without a token");
    way.teams.break_login(None);
    way.assert_arrives(20).await;
}

#[tokio::test]
async fn an_hour_of_a_closed_port_loses_no_reply() {
    let mut way = Way::through(Mood::Closed, Duration::from_secs(5)).await;
    way.write(20).await;
    tokio::time::sleep(HOUR).await;
    way.assert_waiting(20, "no connection").await;
    way.gate.turn(Mood::Open).await;
    way.assert_arrives(20).await;
}

#[tokio::test]
async fn a_connector_that_takes_letters_in_and_never_answers_loses_none() {
    // Long enough that it answers in time again on a busy machine.
    let mut way = Way::through(Mood::Silent, Duration::from_millis(500)).await;
    way.write(30).await;
    // All that were under way when it fell silent, and then one at a time.
    reaches(40, "letters probe", || way.gate.came()).await;
    way.assert_waiting(30, "no answer in time").await;
    way.gate.turn(Mood::Open).await;
    way.assert_arrives(30).await;
}

#[tokio::test]
async fn while_an_address_is_silent_one_letter_probes_and_the_others_wait() {
    let way = Way::through(Mood::Rude, Duration::from_secs(5)).await;
    way.write(30).await;
    reaches(35, "letters probe", || way.gate.came()).await;
    // The pauses of the probes grow: not each letter knocks.
    let before = way.gate.came();
    tokio::time::sleep(HOUR / 6).await;
    let knocks = way.gate.came() - before;
    assert!(knocks < 30, "{knocks} in ten minutes");
    way.assert_waiting(30, "the connection broke").await;
}

#[tokio::test]
async fn an_answer_that_is_no_yes_ends_the_silence_too() {
    let mut way = Way::through(Mood::Closed, Duration::from_secs(5)).await;
    way.write(10).await;
    while way.store.outbox(LetterState::Pending, 1).await.unwrap()[0].error.is_none() {
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    // The one that probes is refused and asked to come back in ten minutes; nobody waits for it.
    way.teams.fail_next(1, Failure::Throttle(Some("600")));
    way.gate.turn(Mood::Open).await;
    tokio::time::timeout(Duration::from_secs(20), async {
        while way.store.outbox(LetterState::Sent, 100).await.unwrap().len() < 9 {
            way.teams.stirs(Duration::from_millis(3)).await;
        }
    })
    .await
    .expect("the others leave");
    let rows = way.store.outbox(LetterState::Pending, 9).await.unwrap();
    assert_eq!((rows.len(), rows[0].error.as_deref()), (1, Some("throttled")));
    way.outbox.close().await;
}

#[tokio::test]
async fn two_refusals_of_good_tokens_in_a_row_cost_nothing() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.fail_next(2, Failure::Status(401, Value::Null));
    kim.say("hello").await;
    assert_eq!(kim.sent().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_chat_that_is_not_found_for_a_while_is_tried_again() {
    for (status, code) in [
        (404, "ConversationNotFound"),
        (403, "BotNotInConversationRoster"),
        (403, "MessageWritesBlocked"),
    ] {
        let app = TestApp::start().await;
        let kim = app.chat("kim");
        app.teams.fail_next(3, Failure::Status(status, error(code)));
        kim.say("hello").await;
        assert_eq!(kim.sent().len(), 1, "{code}");
        app.finish().await;
    }
}

/// The lines that stand in the desk's record of a guest's session as notes.
async fn notes(app: &TestApp, guest: &str) -> Vec<String> {
    let session = desks::session(app, guest).await;
    let path = format!("/sessions/{}/transcript", session["id"].as_str().unwrap());
    let lines = app.api(&path).await["items"].as_array().unwrap().clone();
    lines
        .iter()
        .filter(|line| line["from"] == "note")
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect()
}

async fn dead(app: &TestApp) -> usize {
    app.api("/outbox?state=dead").await["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn one_refusal_in_a_thread_is_not_the_end_of_it() {
    for (status, code) in [
        (404, "ConversationNotFound"),
        (403, "BotNotInConversationRoster"),
        (403, "MessageWritesBlocked"),
    ] {
        let app = desk().await;
        let (thread, other) = (desks::asks(&app, "kim").await, desks::asks(&app, "lee").await);
        let ann = app.agent("ann");
        for thread in [&thread, &other] {
            ann.click_in(thread, "Take", json!({})).await;
        }
        app.teams.fail_next(1, Failure::Status(status, error(code)));
        app.chat("kim").say("are you there?").await;
        app.chat("lee").say("and I?").await;
        assert!(ann.last_in(&thread).contains("are you there?"), "{code}");
        assert!(ann.last_in(&other).contains("and I?"), "{code}");
        assert_eq!(app.teams.threads(CHANNEL).len(), 2);
        let desks = app.api("/desks").await;
        let it = desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "it");
        assert_eq!(it.unwrap()["state"], "connected");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_thread_that_is_gone_is_followed_by_another_and_the_desk_stays() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.teams.shut(&thread, 404, "ConversationNotFound");
    app.chat("kim").say("are you there?").await;
    app.until("another thread is opened", || app.teams.threads(CHANNEL).len() == 2).await;
    app.idle().await;
    let other = app.teams.threads(CHANNEL)[1].clone();
    let texts = ann.texts_in(&other).join("\n");
    assert!(texts.contains("are you there?") && texts.contains("goes on here"), "{texts}");
    let desks = app.api("/desks").await;
    let it = desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "it");
    assert_eq!(it.unwrap()["state"], "connected");
    assert_eq!(desks::session(&app, "kim").await["state"], "with_agent", "the chat goes on");
    let told = |text: &str| app.chat("kim").texts().iter().any(|line| line.contains(text));
    assert!(!told("did not reach"), "nothing was lost: {:?}", app.chat("kim").texts());
    // Both threads are theirs.
    ann.say_in(&other, "I am").await;
    ann.say_in(&thread, "and I was").await;
    app.until("the guest reads both", || told("I am") && told("and I was")).await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn a_desk_whose_threads_are_gone_is_one_again_when_something_comes_from_there() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.teams.delete_channel(CHANNEL);
    app.chat("kim").say("are you there?").await;
    app.until("the guest is told", || app.chat("kim").last().contains("Write your message")).await;
    let state = async || {
        let desks = app.api("/desks").await;
        let items = desks["items"].as_array().unwrap().clone();
        items.into_iter().find(|desk| desk["tenantId"] == "it").unwrap()["state"].clone()
    };
    assert_eq!(state().await, "disconnected");
    app.teams.channel_exists(CHANNEL);
    app.agent("ann").say_in(&thread, "I am back").await;
    app.until("kim's words are there", || {
        let threads = app.teams.threads(CHANNEL);
        let texts = threads.iter().flat_map(|thread| app.agent("ann").texts_in(thread));
        texts.filter(|text| text.contains("are you there?")).count() > 0 || threads.len() > 1
    })
    .await;
    assert_eq!(state().await, "connected");
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn an_agent_hears_which_words_did_not_reach_the_guest_and_nothing_goes_round_in_circles() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let kim = app.chat("kim").id();
    app.teams.shut(&kim, 403, "ConversationBlockedByUser");
    ann.say_in(&thread, "have you tried turning it off?").await;
    app.until("the agent is told", || ann.last_in(&thread).contains("did not reach")).await;
    let told = ann.last_in(&thread);
    assert!(told.contains("“have you tried turning it off?”") && told.contains("kim"), "{told}");
    app.idle().await;
    let notes = notes(&app, "kim").await;
    assert!(notes.iter().any(|note| note.contains("turning it off")), "{notes:?}");
    let lost = desks::session(&app, "kim").await["undelivered"].clone();
    assert_eq!(
        (lost.as_array().unwrap().len(), &lost[0]["text"], &lost[0]["why"]),
        (1, &json!("have you tried turning it off?"), &json!("gone")),
        "{lost}"
    );
    // Somebody comes in from there, and it is no longer lost.
    app.teams.reopen(&kim);
    app.chat("kim").say("I am here again").await;
    ann.say_in(&thread, "good").await;
    app.until("the guest reads it", || app.chat("kim").last().contains("good")).await;
    // Where neither side takes anything, what is said of it is said once.
    app.idle().await;
    app.teams.shut(&kim, 403, "ConversationBlockedByUser");
    app.teams.delete_channel(CHANNEL);
    let before = dead(&app).await;
    ann.say_in(&thread, "hello?").await;
    app.idle().await;
    app.until("nothing is sent any more", || app.engine().conversations().held() == 0).await;
    app.idle().await;
    let after = dead(&app).await;
    assert!((before + 1..before + 10).contains(&after), "{before} … {after}");
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn a_chat_whose_agent_nothing_reaches_is_a_message_until_they_are_back() {
    let app = legal(&["ann"]).await;
    personal_desks::asks(&app, "kim").await;
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    takes(&app, &ann, "kim").await;
    app.teams.shut(&ann.id(), 403, "MessageWritesBlocked");
    kim.say("is it good?").await;
    app.until("the guest is told", || kim.last().contains("can be reached right now")).await;
    let texts = kim.texts().join("\n");
    assert!(texts.contains("ann Quackenbush cannot go on here."), "{texts}");
    assert!(!texts.contains("did not reach"), "it waits for whoever takes the chat next: {texts}");
    kim.say("please look at page 2").await;
    assert_eq!(personal_desks::session(&app, "kim").await["state"], "open");
    // Nobody else is sent to an agent who hears nothing.
    personal_desks::asks(&app, "lee").await;
    assert!(!ann.texts().iter().any(|text| text.contains("question of lee")));
    app.teams.reopen(&ann.id());
    ann.say("/help").await;
    app.until("the agent is told", || {
        ann.texts().iter().any(|text| text.contains("nothing could be delivered to you"))
    })
    .await;
    takes(&app, &ann, "kim").await;
    for words in ["is it good?", "please look at page 2"] {
        assert!(ann.texts().join("\n").contains(words), "{words}: {:?}", ann.texts());
    }
    ann.say(&format!(
        "{} hello kim",
        personal_desks::session(&app, "kim").await["ref"].as_str().unwrap()
    ))
    .await;
    assert!(kim.last().contains("hello kim"), "{:?}", kim.texts());
    personal_desks::asks(&app, "max").await;
    app.until("chats are offered again", || {
        ann.texts().iter().any(|text| text.contains("question of max"))
    })
    .await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn what_may_have_arrived_is_sent_a_few_times_and_then_said() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let calls = app.teams.calls().len();
    app.teams.fail_next(6, Failure::Status(503, Value::Null));
    ann.say_in(&thread, "try again").await;
    app.until("the agent is told", || ann.last_in(&thread).contains("did not reach")).await;
    assert!(ann.last_in(&thread).contains("though it may have"), "{}", ann.last_in(&thread));
    assert_eq!(app.teams.calls().len(), calls + 7, "six times, and what is said of it");
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn after_three_days_its_writer_is_told_and_all_can_be_tried_again_at_once() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.teams.break_login(Some((401, json!({ "error": "invalid_client" }))));
    app.teams.revoke_tokens();
    for words in ["first", "second"] {
        assert!(app.post(&ann.message(&thread, words)).await.is_empty_200());
    }
    let pending = async || {
        let rows = app.api("/outbox?state=pending").await["items"].as_array().unwrap().clone();
        rows.iter().filter(|row| !row["error"].is_null()).count()
    };
    while pending().await == 0 {
        app.teams.stirs(Duration::from_millis(3)).await;
    }
    app.pass(72 * 3600 - 60);
    assert_eq!(dead(&app).await, 0, "they wait for three days");
    let outage = app.now();
    app.pass(61);
    while dead(&app).await < 2 {
        app.teams.stirs(Duration::from_millis(3)).await;
    }
    app.teams.break_login(None);
    app.until("the agent is told", || {
        let texts = ann.texts_in(&thread);
        ["“first”", "“second”"].iter().all(|words| {
            texts.iter().any(|text| text.contains(words) && text.contains("for too long"))
        })
    })
    .await;
    assert!(notes(&app, "kim").await.iter().any(|note| note.contains("“first”")));
    app.idle().await;
    let later = app.now() + jiff::SignedDuration::from_secs(1);
    let path = |query: String| format!("/outbox/retry?{query}");
    let none = app.order(&path(format!("since={later}")), &Value::Null).await.json();
    assert_eq!(none["count"], 0, "{none}");
    let some = app.order(&path(format!("since={outage}&state=dead")), &Value::Null).await;
    assert_eq!((some.status, &some.json()["count"]), (202, &json!(2)));
    app.idle().await;
    let texts = app.chat("kim").texts();
    let at = |words: &str| texts.iter().rposition(|text| text.ends_with(words));
    assert!(at("first").is_some() && at("first") < at("second"), "{texts:?}");
    for wrong in ["state=sent", "since=yesterday", "what=x"] {
        assert_eq!(app.order(&path(wrong.to_owned()), &Value::Null).await.status, 400, "{wrong}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_has_lost_its_sense_is_dropped_and_not_sent_late() {
    let mut app = legal(&["ann"]).await;
    app.teams.break_login(Some((401, json!({ "error": "invalid_client" }))));
    app.teams.revoke_tokens();
    let kim = app.chat("kim");
    let before = (app.chat("ann").texts().len(), kim.texts().len());
    for words in ["my question", "departments", "Legal"] {
        assert!(app.post(&kim.message(words)).await.is_empty_200());
    }
    // Nobody has taken it when the guest leaves.
    for words in ["/end", "yes"] {
        assert!(app.post(&kim.message(words)).await.is_empty_200());
    }
    let state = personal_desks::session(&app, "kim").await["state"].clone();
    assert_ne!(state, "waiting_for_agent");
    // Another process goes on with what the store knows, a minute later.
    app.pass(60);
    app.restart().await;
    app.teams.break_login(None);
    app.idle().await;
    let ann = app.chat("ann");
    assert_eq!(ann.texts().len(), before.0, "no offer of what is over: {:?}", ann.texts());
    let dropped = app.api("/outbox?state=dropped").await["items"].as_array().unwrap().clone();
    assert!(dropped.iter().any(|row| row["error"] == "the offer is over"), "{dropped:#?}");
    let kim = app.chat("kim");
    assert!(kim.texts().len() > before.1, "words are kept: {:?}", kim.texts());
    assert!(!kim.texts().iter().any(|text| text.contains("number 1")), "{:?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_guest_hears_which_words_teams_does_not_take() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    let kim = app.chat("kim");
    app.teams.fail_next(1, Failure::Status(413, error("MessageSizeTooBig")));
    let long = format!("it says: {}", "x".repeat(300));
    kim.say(&long).await;
    app.until("the guest is told", || kim.last().contains("did not reach IT")).await;
    let told = kim.last();
    assert!(told.contains("“it says: xxx") && told.contains("Teams does not take"), "{told}");
    assert!(told.len() < 300, "how it begins is enough: {told}");
    assert!(notes(&app, "kim").await.iter().any(|note| note.contains("it says")));
    assert!(!ann.texts_in(&thread).join("\n").contains("it says"));
    app.idle().await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn an_agent_hears_that_a_change_did_not_arrive() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    let said = ann.message(&thread, "use port 80");
    assert!(app.post(&said).await.is_empty_200());
    app.idle().await;
    app.teams.fail_next(1, Failure::Status(400, error("BadSyntax")));
    let mut channel = said["channelData"].clone();
    channel["eventType"] = json!("editMessage");
    let patch = json!({ "id": said["id"], "text": "use port 443", "channelData": channel });
    let edit = ann.activity(&thread, "messageUpdate", patch);
    assert!(app.post(&edit).await.is_empty_200());
    app.until("the agent is told", || ann.last_in(&thread).contains("Your change of")).await;
    assert!(ann.last_in(&thread).contains("“use port 80”"), "{}", ann.last_in(&thread));
    assert!(app.chat("kim").last().contains("use port 80"));
    app.idle().await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn a_side_question_that_does_not_arrive_is_told_to_whoever_asked() {
    let app = desk().await;
    let there = "19:hr-desk@thread.tacv2";
    desks::connect(&app, "hr", there).await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.teams.delete_channel(there);
    let asked = json!({ "adviser": "hr", "question": "Is she new?" });
    ann.click_in(&thread, "Ask a department", asked).await;
    app.until("the agent is told", || {
        ann.texts_in(&thread).iter().any(|text| text.contains("“Is she new?” did not reach"))
    })
    .await;
    app.idle().await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn the_hours_that_letters_wait_are_a_setting() {
    let app = Setup::new()
        .settings(|settings| settings.delivery.most = Duration::from_secs(3600))
        .start()
        .await;
    app.teams.break_login(Some((401, json!({ "error": "invalid_client" }))));
    app.post(&app.chat("kim").message("hello")).await;
    app.until("the login was tried", || app.teams.mints() > 0).await;
    app.pass(3600);
    app.idle().await;
    assert_eq!(dead(&app).await, 1);
    app.stop_with_dead_letters().await;
}

//! Desks in team channels: connecting one, and guests and agents who talk through it.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard::settings::Settings;

use crate::{
    app::{Setup, TestApp},
    company,
    fake_teams::Failure,
};

pub const CHANNEL: &str = "19:it-desk@thread.tacv2";

/// The company of the desk dialogs, in a file, with IT's desk connected.
pub async fn desk() -> TestApp {
    desk_of("", |_| ()).await
}

/// The same, with more in company.yaml and other settings.
pub async fn desk_of(more: &str, change: impl FnOnce(&mut Settings) + Send + 'static) -> TestApp {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let mut files = switchboard::company::read_folder(&folder).unwrap();
    files.get_mut("company.yaml").unwrap().push_str(more);
    let app = Setup::new().company(files).sqlite().settings(change).start().await;
    connect(&app, "it", CHANNEL).await;
    app
}

pub async fn connect(app: &TestApp, tenant: &str, channel: &str) -> String {
    app.teams.channel_exists(channel);
    let reply = app.order(&format!("/desks/{tenant}/code"), &json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let code = reply.json()["code"].as_str().unwrap().to_owned();
    app.agent("ann").mention_in(channel, &format!("connect {code}")).await;
    app.idle().await;
    code
}

/// A guest who has asked IT for a person; gives the thread.
pub async fn asks(app: &TestApp, guest: &str) -> String {
    let chat = app.chat(guest);
    let before = app.teams.threads(CHANNEL).len();
    chat.say("my laptop is broken").await;
    chat.fill("Send", json!({ "topic": "Laptop", "machine": "ThinkPad" })).await;
    app.idle().await;
    let threads = app.teams.threads(CHANNEL);
    assert_eq!(threads.len(), before + 1, "a thread of its own");
    threads.last().unwrap().clone()
}

pub async fn session(app: &TestApp, guest: &str) -> Value {
    let sessions = app.chat(guest).sessions().await;
    app.api(&format!("/sessions/{}", sessions[0]["id"].as_str().unwrap())).await
}

#[tokio::test]
async fn a_channel_becomes_a_desk_by_a_code_that_is_good_once() {
    let app = desk().await;
    let desks = app.api("/desks").await;
    let it =
        desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "it").unwrap();
    assert_eq!((&it["state"], &it["channelId"]), (&json!("connected"), &json!(CHANNEL)));
    let code = connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    // Used up, and one that never was.
    app.teams.channel_exists("19:other@thread.tacv2");
    for wrong in [code.as_str(), "AAAAA-AAAAA"] {
        let place =
            app.agent("bob").mention_in("19:other@thread.tacv2", &format!("connect {wrong}")).await;
        app.until("the code is refused", || {
            app.agent("bob").last_in(&place).contains("does not work")
        })
        .await;
    }
    // Too late.
    let reply = app.order("/desks/it/code", &json!({})).await.json();
    app.pass(601);
    app.agent("bob")
        .mention_in(
            "19:other@thread.tacv2",
            &format!("connect {}", reply["code"].as_str().unwrap()),
        )
        .await;
    app.idle().await;
    let desks = app.api("/desks").await;
    assert!(
        desks["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|desk| desk["channelId"] != "19:other@thread.tacv2"),
        "{desks:#}"
    );
    assert_eq!(app.order("/desks/nowhere/code", &json!({})).await.status, 404);
    app.finish().await;
}

#[tokio::test]
async fn a_guest_and_an_agent_talk_through_a_thread() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    assert!(
        ann.last_in(&thread).contains("has been waiting for a person"),
        "{:?}",
        ann.texts_in(&thread)
    );
    assert_eq!(session(&app, "kim").await["state"], "waiting_for_agent");
    ann.click_in(&thread, "Transcript", json!({})).await;
    app.until("the transcript is there", || ann.last_in(&thread).contains("What was said")).await;
    assert!(
        ann.last_in(&thread).contains("Topic: Laptop; Machine: ThinkPad"),
        "{}",
        ann.last_in(&thread)
    );
    bob.say_in(&thread, "I know this one").await;
    let answer = ann.click_in(&thread, "Take", json!({})).await;
    assert_eq!(answer["type"], "application/vnd.microsoft.card.adaptive", "{answer}");
    app.idle().await;
    assert!(
        app.chat("kim").last().contains("from IT is here now"),
        "{:?}",
        app.chat("kim").texts()
    );
    ann.say_in(&thread, "Hello, what does it say?").await;
    app.idle().await;
    assert!(app.chat("kim").last().contains("Hello, what does it say?"));
    app.restart().await;
    app.chat("kim").say("It says *nothing*").await;
    app.idle().await;
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    assert!(ann.last_in(&thread).contains("It says *nothing*"), "{:?}", ann.texts_in(&thread));
    bob.say_in(&thread, "Ask about the dock").await;
    ann.say_in(&thread, "// probably the battery").await;
    app.idle().await;
    let texts = app.chat("kim").texts().join("\n");
    assert!(
        !texts.contains("dock") && !texts.contains("battery") && !texts.contains("I know this one"),
        "{texts}"
    );
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved", "notes": "Battery reset" }))
        .await;
    app.idle().await;
    app.chat("kim").say("5 great").await;
    let session = session(&app, "kim").await;
    assert_eq!(session["state"], "resolved");
    let metadata = &session["metadata"];
    assert_eq!(
        (&metadata["Session.Rating"], &metadata["Session.Status.ResolutionNotes"]),
        (&json!(5), &json!("Battery reset"))
    );
    assert_eq!(metadata["Agent.Id"], "aad-ann");
    let transcript = app
        .api(&format!("/sessions/{}/transcript?limit=1000", session["id"].as_str().unwrap()))
        .await;
    let lines: Vec<(String, String)> = transcript["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["from"] != "bot")
        .map(|line| {
            (line["from"].as_str().unwrap().to_owned(), line["text"].as_str().unwrap().to_owned())
        })
        .collect();
    let wanted = [
        ("guest", "my laptop is broken"),
        ("guest", "Topic: Laptop; Machine: ThinkPad"),
        ("note", "I know this one"),
        ("agent", "Hello, what does it say?"),
        ("guest", "It says *nothing*"),
        ("note", "Ask about the dock"),
        ("note", "probably the battery"),
        ("guest", "5 great"),
    ];
    assert_eq!(lines, wanted.map(|(from, text)| (from.to_owned(), text.to_owned())));
    app.finish().await;
}

#[tokio::test]
async fn two_agents_take_at_once_and_one_has_it() {
    let app = desk().await;
    let mut firsts = 0;
    for round in 0..200 {
        // Nobody clicks that fast.
        app.steady.pass(1000);
        let guest = format!("guest{round}");
        let thread = asks(&app, &guest).await;
        let (ann, bob) = (app.agent("ann"), app.agent("bob"));
        let (one, other) =
            (ann.execute(&thread, "Take", &json!({})), bob.execute(&thread, "Take", &json!({})));
        let (one, other) = if round % 2 == 0 { (one, other) } else { (other, one) };
        let (first, second) = tokio::join!(app.post(&one), app.post(&other));
        let kinds =
            [&first, &second].map(|reply| reply.json()["type"].as_str().unwrap().to_owned());
        let cards = kinds.iter().filter(|kind| kind.ends_with("card.adaptive")).count();
        let told = kinds.iter().filter(|kind| kind.ends_with("activity.message")).count();
        assert_eq!((cards, told), (1, 1), "round {round}: {kinds:?}");
        let loser =
            if kinds[0].ends_with("activity.message") { first.json() } else { second.json() };
        assert!(loser["value"].as_str().unwrap().contains("has this chat already"), "{loser}");
        app.idle().await;
        let session = session(&app, &guest).await;
        assert_eq!(session["state"], "with_agent");
        firsts += usize::from(session["metadata"]["Agent.Id"] == "aad-ann");
        let joined =
            app.chat(&guest).texts().iter().filter(|text| text.contains("is here now")).count();
        assert_eq!(joined, 1, "{:?}", app.chat(&guest).texts());
    }
    println!("200 rounds, one owner each; the first agent {firsts} times");
    app.finish().await;
}

#[tokio::test]
async fn a_hundred_lines_arrive_in_order_through_throttling_and_a_restart() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    for line in 0..100 {
        if line % 5 == 0 {
            // A fifth of what is sent is throttled.
            app.teams.fail_next(1, Failure::Throttle(Some("0")));
        }
        if line % 2 == 0 {
            app.agent("ann").say_in(&thread, &format!("line {line}.")).await;
        } else {
            let reply = app.post(&app.chat("kim").message(&format!("line {line}."))).await;
            assert!(reply.is_empty_200());
        }
        if line == 50 {
            app.restart().await;
        }
        // The bot lets sixty in ten seconds pass from one guest.
        app.pass(1);
    }
    app.idle().await;
    let order = |texts: Vec<String>| -> Vec<usize> {
        let number = |text: &String| text.split("line ").nth(1)?.split('.').next()?.parse().ok();
        texts.iter().filter_map(number).collect()
    };
    let at_guest = order(app.chat("kim").texts());
    let at_desk = order(app.agent("ann").texts_in(&thread));
    assert_eq!(at_guest, (0..100).step_by(2).collect::<Vec<_>>());
    assert_eq!(at_desk, (1..100).step_by(2).collect::<Vec<_>>());
    let session = session(&app, "kim").await;
    let transcript = app
        .api(&format!("/sessions/{}/transcript?limit=1000", session["id"].as_str().unwrap()))
        .await;
    let kept = transcript["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(order(kept), (0..100).collect::<Vec<_>>());
    app.finish().await;
}

#[tokio::test]
async fn a_channel_that_is_gone_is_no_desk_and_nobody_is_left_waiting() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.teams.delete_channel(CHANNEL);
    app.chat("kim").say("are you there?").await;
    app.until("the guest is told", || app.chat("kim").last().contains("Write your message")).await;
    let desks = app.api("/desks").await;
    let it =
        desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "it").unwrap();
    assert_eq!(it["state"], "disconnected", "{it}");
    // Another guest is promised nobody.
    let lee = app.chat("lee");
    lee.say("me too").await;
    lee.fill("Send", json!({ "topic": "Laptop", "machine": "Mac" })).await;
    assert!(lee.last().contains("Nobody at IT can be reached"), "{:?}", lee.texts());
    lee.say("please call").await;
    // A new channel hears of both.
    connect(&app, "it", "19:new@thread.tacv2").await;
    app.until("the new desk hears of it", || {
        let texts: Vec<String> = app
            .teams
            .threads("19:new@thread.tacv2")
            .iter()
            .flat_map(|thread| app.agent("ann").texts_in(thread))
            .collect();
        ["are you there?", "please call"]
            .iter()
            .all(|words| texts.iter().any(|text| text.contains(words)))
    })
    .await;
    app.idle().await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn what_is_said_elsewhere_in_the_team_is_dropped() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let before = app.chat("kim").texts().len();
    app.agent("ann").say_in(CHANNEL, "Lunch?").await;
    app.agent("ann").say_in("19:general@thread.tacv2;messageid=77", "Lunch!").await;
    app.idle().await;
    assert_eq!(app.chat("kim").texts().len(), before);
    let session = session(&app, "kim").await;
    let transcript = app
        .api(&format!("/sessions/{}/transcript?limit=1000", session["id"].as_str().unwrap()))
        .await;
    assert!(!transcript.to_string().contains("Lunch"), "{transcript:#}");
    app.finish().await;
}

#[tokio::test]
async fn a_guest_who_removes_the_app_is_told_to_the_desk() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let removed = app.chat("kim").activity("installationUpdate", json!({ "action": "remove" }));
    assert_eq!(app.post(&removed).await.status, 200);
    app.idle().await;
    assert!(
        app.agent("ann").last_in(&thread).contains("cannot be reached"),
        "{:?}",
        app.agent("ann").texts_in(&thread)
    );
    app.finish().await;
}

#[tokio::test]
async fn an_agent_sends_the_guest_on_and_the_other_desk_sees_what_the_rules_let_cross() {
    let app = desk().await;
    connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    // A Tuesday morning in Berlin.
    app.set_now("2027-01-19T09:00:00Z".parse().unwrap());
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    ann.say_in(&thread, "Secret of IT").await;
    ann.click_in(
        &thread,
        "Transfer",
        json!({ "tenant": "hr", "reason": "HR knows", "note": "be kind" }),
    )
    .await;
    app.idle().await;
    let hr = app.teams.threads("19:hr-desk@thread.tacv2");
    let post = &app.teams.activities(&hr[0])[0];
    assert_eq!(
        {
            let called = &post["attachments"][0]["content"]["msteams"]["entities"][0];
            (&called["text"], &called["mentioned"]["id"])
        },
        (&json!("<at>cem@northwind.com</at>"), &json!("cem@northwind.com"))
    );
    let brief = app.agent("cem").texts_in(&hr[0]).join("\n");
    assert!(
        brief.contains("HR knows") && brief.contains("be kind") && brief.contains("Laptop"),
        "{brief}"
    );
    assert!(!brief.contains("Secret of IT") && !brief.contains("ThinkPad"), "{brief}");
    assert!(!app.chat("kim").texts().join("\n").contains("be kind"));
    // The rules share nothing of what was said at IT, not in the transcript either; IT's own shows
    // it all.
    let answer = app.agent("cem").click_in(&hr[0], "Transcript", json!({})).await;
    assert_eq!(answer["value"], "What was said stands in this thread now.", "{answer}");
    app.until("the transcript is there", || {
        app.agent("cem").last_in(&hr[0]).contains("IT: not shared")
    })
    .await;
    let shown = app.agent("cem").last_in(&hr[0]);
    assert!(!shown.contains("Secret of IT") && !shown.contains("ThinkPad"), "{shown}");
    // What is written in the old thread reaches nobody.
    ann.say_in(&thread, "Are you still there?").await;
    app.until("the agent is told", || ann.last_in(&thread).contains("Nothing was sent")).await;
    assert!(ann.last_in(&thread).contains("went on to HR"), "{}", ann.last_in(&thread));
    assert!(!app.chat("kim").texts().join("\n").contains("still there"));
    let hops = session(&app, "kim").await["transfers"].clone();
    assert_eq!(
        (&hops[0]["by"]["kind"], &hops[0]["by"]["id"]),
        (&json!("agent"), &json!("aad-ann"))
    );
    app.finish().await;
}

#[tokio::test]
async fn codes_are_for_admins_only() {
    let app = Setup::new().files(company::northwind()).start().await;
    let (post, path) = (Method::POST, "/api/v1/desks/it/code");
    let reply = app.request(post.clone(), path, &[("authorization", "")], "").await;
    assert_eq!(reply.status, 401);
    let reply = app.request(post, path, &[], "").await;
    assert_eq!((reply.status, &reply.json()["code"]), (409, &json!("no_desk")));
    app.finish().await;
}

#[tokio::test]
async fn what_a_guest_changes_or_cannot_send_is_shown_as_such() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let said = app.chat("kim").message("teh wrong word");
    app.post(&said).await;
    app.idle().await;
    let change = |kind: &str, patch: Value| {
        app.chat("kim").activity(kind, crate::forge::with(json!({ "id": said["id"] }), patch))
    };
    app.post(&change(
        "messageUpdate",
        json!({ "text": "the right word", "channelData": { "eventType": "editMessage" } }),
    ))
    .await;
    app.idle().await;
    assert!(
        ann.last_in(&thread).contains("changed a message: the right word"),
        "{:?}",
        ann.texts_in(&thread)
    );
    app.post(&change(
        "messageDelete",
        json!({ "channelData": { "eventType": "softDeleteMessage" } }),
    ))
    .await;
    app.idle().await;
    assert!(ann.last_in(&thread).contains("deleted a message"), "{:?}", ann.texts_in(&thread));
    // What cannot be carried is told, in either direction.
    let file = json!([
        { "contentType": "text/html", "content": "<p>see this</p>" },
        { "contentType": "application/vnd.microsoft.teams.file.download.info", "name": "plan.pdf", "content": {} },
    ]);
    let with_file =
        app.chat("kim").activity("message", json!({ "text": "see this", "attachments": file }));
    app.post(&with_file).await;
    app.idle().await;
    assert!(
        app.chat("kim").last().contains("Not delivered: plan.pdf"),
        "{:?}",
        app.chat("kim").texts()
    );
    assert!(ann.last_in(&thread).contains("see this"));
    let mut answer = ann.message(&thread, "the manual");
    answer["attachments"] = json!([{ "contentType": "reference", "name": "manual.docx" }]);
    app.post(&answer).await;
    app.until("the agent is told", || {
        ann.texts_in(&thread).join("\n").contains("Not delivered: manual.docx")
    })
    .await;
    app.until("the words arrive", || app.chat("kim").last().contains("the manual")).await;
    app.finish().await;
}

#[tokio::test]
async fn who_had_a_chat_and_for_how_long_is_on_record() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    app.pass(40);
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.pass(100);
    ann.click_in(&thread, "Give back", json!({})).await;
    app.idle().await;
    app.pass(7);
    bob.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.pass(60);
    // With the app's name as without: a package without the channel permission works beside one
    // that has it.
    bob.mention_in(&thread, "all is well").await;
    app.idle().await;
    assert!(app.chat("kim").last().ends_with("all is well"), "{:?}", app.chat("kim").texts());
    bob.click_in(&thread, "Resolve", json!({ "outcome": "unresolved" })).await;
    app.idle().await;
    let takes = session(&app, "kim").await["takes"].clone();
    let row = |at: usize| {
        (
            takes[at]["agent"]["id"].clone(),
            takes[at]["waitedSeconds"].clone(),
            takes[at]["handledSeconds"].clone(),
            takes[at]["how"].clone(),
        )
    };
    assert_eq!(row(0), (json!("aad-ann"), json!(40), json!(100), json!("released")));
    assert_eq!(row(1), (json!("aad-bob"), json!(7), json!(60), json!("unresolved")));
    app.finish().await;
}

#[tokio::test]
async fn another_department_is_asked_and_the_guest_reads_nothing_of_it() {
    let app = desk().await;
    connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let answer = ann
        .click_in(
            &thread,
            "Ask a department",
            json!({ "adviser": "hr", "question": "May laptops go along?" }),
        )
        .await;
    assert!(answer["value"].as_str().unwrap().contains("HR was asked"), "{answer}");
    app.idle().await;
    let there = app.teams.threads("19:hr-desk@thread.tacv2")[0].clone();
    assert!(
        app.agent("cem").last_in(&there).contains("May laptops go along?"),
        "{:?}",
        app.teams.sent(&there)
    );
    app.agent("cem").say_in(&there, "Up to a year.").await;
    app.idle().await;
    assert!(
        ann.last_in(&thread).contains("of HR answers: Up to a year."),
        "{:?}",
        ann.texts_in(&thread)
    );
    let at_guest = app.chat("kim").texts().join("\n");
    assert!(!at_guest.contains("go along") && !at_guest.contains("a year"), "{at_guest}");
    assert_eq!(session(&app, "kim").await["tenantId"], "it");
    app.finish().await;
}

#[tokio::test]
async fn a_change_of_what_was_said_elsewhere_is_no_business_of_the_desk() {
    let app = desk().await;
    connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    // A Tuesday morning in Berlin.
    app.set_now("2027-01-19T09:00:00Z".parse().unwrap());
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let said = app.chat("kim").message("my salary is 4711");
    app.post(&said).await;
    app.idle().await;
    ann.click_in(&thread, "Transfer", json!({ "tenant": "hr", "reason": "HR knows" })).await;
    app.idle().await;
    let there = app.teams.threads("19:hr-desk@thread.tacv2")[0].clone();
    let changed = json!({ "id": said["id"], "text": "my salary is 4712", "channelData": { "eventType": "editMessage" } });
    app.post(&app.chat("kim").activity("messageUpdate", changed)).await;
    app.idle().await;
    assert!(
        !app.agent("cem").texts_in(&there).join("\n").contains("471"),
        "{:?}",
        app.agent("cem").texts_in(&there)
    );
    app.finish().await;
}

#[tokio::test]
async fn a_thread_that_could_not_be_opened_is_tried_again_and_the_desk_stays() {
    let app = desk().await;
    let chat = app.chat("kim");
    chat.say("my laptop is broken").await;
    // Not the channel is gone: this one request is refused.
    app.teams.fail_creates(1);
    chat.fill("Send", json!({ "topic": "Laptop", "machine": "ThinkPad" })).await;
    chat.say("is anybody there?").await;
    app.until("the thread was given up", || app.engine().outbox().is_idle()).await;
    let desks = app.api("/desks").await;
    let it =
        desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "it").unwrap();
    assert_eq!(it["state"], "connected", "{it}");
    app.pass(301);
    app.tick().await;
    let threads = app.teams.threads(CHANNEL);
    assert_eq!(threads.len(), 1);
    assert!(
        app.agent("ann").texts_in(&threads[0]).join("\n").contains("is anybody there?"),
        "{:?}",
        app.agent("ann").texts_in(&threads[0])
    );
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn a_thread_is_forgotten_when_what_was_said_in_it_need_not_be_kept_any_longer() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.agent("ann").click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    app.idle().await;
    app.chat("kim").say("5").await;
    assert_eq!(session(&app, "kim").await["state"], "resolved");
    for (days, is_known) in [(399, true), (2, false)] {
        app.pass(days * 24 * 3600);
        app.engine().tidy(app.now(), 0).await.unwrap();
        assert_eq!(
            app.engine().store().thread(&thread).await.unwrap().is_some(),
            is_known,
            "after {days} days"
        );
    }
    app.finish().await;
}

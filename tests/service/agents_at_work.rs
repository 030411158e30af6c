//! Agents in their own chats: known from the first word, told of their work, left alone at night, and
//! offered whoever waits as soon as they are free.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    app::{Chat, Setup, TestApp, text_of},
    fake_teams::{Failure, Sent, colleague},
    forge::with,
    personal_desks::{asks, legal, session, takes},
};

const LEGAL: &str = "tenants/legal/tenant.yaml";

/// The company of the desk dialogs with another file of Legal's.
async fn legal_with(change: impl Fn(&str) -> String) -> TestApp {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let mut files = switchboard::company::read_folder(&folder).unwrap();
    let file = files.get_mut(LEGAL).unwrap();
    *file = change(file);
    Setup::new().company(files).sqlite().start().await
}

/// Open on working days from eight to five.
fn by_day(file: &str) -> String {
    format!("{file}hours: {{ open: {{ mon-fri: [\"08:00-17:00\"] }} }}\n")
}

/// Kim has left a message for Ann, who is away and has its card.
async fn left_for_ann() -> TestApp {
    let app = legal(&["ann"]).await;
    app.chat("ann").say("/away").await;
    asks(&app, "kim").await;
    app.chat("kim").say("the lease ends in May").await;
    app.until("the card is there", || offer(&app.chat("ann")).is_some()).await;
    app
}

/// The newest card on which a chat can be taken.
fn offer(agent: &Chat<'_>) -> Option<Sent> {
    agent.sent().into_iter().rfind(|sent| text_of(&sent.activity).contains("Take"))
}

fn all(chat: &Chat<'_>) -> String {
    chat.texts().join("\n")
}

#[tokio::test]
async fn an_agent_is_known_from_the_first_word_and_told_of_their_work() {
    let app = legal(&[]).await;
    let ann = app.chat("ann");
    ann.say("/away").await;
    app.until("the agent is told", || all(&ann).contains("You are away")).await;
    app.until("the agent is introduced", || all(&ann).contains("Legal: at any time")).await;
    for word in ["/available", "/away", "/help"] {
        assert!(all(&ann).contains(word), "{:?}", ann.texts());
    }
    assert!(ann.sessions().await.is_empty(), "no matter of their own has begun");
    // Once, however often they come.
    ann.say("/available").await;
    assert!(app.post(&ann.installed()).await.is_empty_200());
    app.idle().await;
    assert_eq!(all(&ann).matches("Legal: at any time").count(), 1, "{:?}", ann.texts());
    app.finish().await;
}

#[tokio::test]
async fn an_agent_named_by_upn_is_known_from_the_first_word() {
    let app = legal_with(|file| file.replace("aad-ann", "ann@contoso.example")).await;
    let ann = app.chat("ann");
    let known = with(colleague("ann"), json!({ "userPrincipalName": "Ann@contoso.example" }));
    app.teams.member(&ann.id(), "29:ann", known);
    ann.say("/available").await;
    app.until("the agent is told", || all(&ann).contains("You are available")).await;
    assert!(ann.sessions().await.is_empty(), "{:?}", ann.texts());
    // Everybody is asked about once.
    for text in ["/available", "hello", "again"] {
        ann.say(text).await;
    }
    let asked = |name: &str| {
        let path = format!("members/29%3A{name}");
        app.teams.calls().iter().filter(|call| call.path.ends_with(&path)).count()
    };
    assert_eq!(asked("ann"), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_stranger_is_heard_after_two_seconds_whoever_they_are_and_in_order() {
    let app = legal_with(|file| file.replace("aad-ann", "ann@contoso.example")).await;
    let kim = app.chat("kim");
    app.teams.member(&kim.id(), "29:kim", colleague("kim"));
    app.teams.fail_next(1, Failure::Slow(Duration::from_secs(6)));
    #[allow(clippy::disallowed_methods, reason = "how long it takes is measured")]
    let began = Instant::now();
    let (first, second) = (kim.message("the first words"), kim.message("the second"));
    let (first, second) = tokio::join!(app.post(&first), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        app.post(&second).await
    });
    assert!(first.is_empty_200() && second.is_empty_200());
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(5), "{took:?}");
    let session = session(&app, "kim").await;
    assert_eq!(session["metadata"]["Guest.Question"], "the first words", "{session:#}");
    // What the look-up says comes later, and is kept.
    let mut upn = json!(null);
    for _ in 0..100 {
        upn = self::session(&app, "kim").await["guest"]["userPrincipalName"].clone();
        if upn.is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(upn.is_string(), "what the look-up said is kept");
    app.finish().await;
}

#[tokio::test]
async fn whoever_waits_is_offered_as_soon_as_somebody_is_free() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        asks(&app, guest).await;
        takes(&app, &ann, guest).await;
    }
    for guest in ["max", "mia"] {
        app.pass(60);
        asks(&app, guest).await;
        assert!(!all(&ann).contains(&format!("question of {guest}")), "two are the most");
    }
    let offered = |guest: &str| all(&ann).contains(&format!("question of {guest}"));
    // No minute passes.
    ann.click("Give back").await;
    app.until("the next one is offered", || offered("max") && offered("mia")).await;
    let at = |guest: &str| all(&ann).find(&format!("question of {guest}")).unwrap();
    assert!(at("max") < at("mia"), "the longest waiting first");
    app.finish().await;
}

#[tokio::test]
async fn whoever_says_that_they_are_available_is_offered_whoever_waits_at_once() {
    let app = legal(&["ann", "bob"]).await;
    let bob = app.chat("bob");
    bob.say("/away").await;
    asks(&app, "kim").await;
    assert!(!all(&bob).contains("question of kim"));
    bob.say("/available").await;
    app.until("it is offered", || all(&bob).contains("question of kim")).await;
    app.finish().await;
}

#[tokio::test]
async fn at_night_only_whoever_asks_for_it_is_sent_chats() {
    let app = legal_with(by_day).await;
    let (ann, bob, kim) = (app.chat("ann"), app.chat("bob"), app.chat("kim"));
    // 2027-01-15 is a Friday. Ann was away at noon, and came back.
    app.set_now("2027-01-15T12:00:00+01:00".parse().unwrap());
    ann.say("/away").await;
    ann.say("/available").await;
    app.set_now("2027-01-15T19:00:00+01:00".parse().unwrap());
    asks(&app, "kim").await;
    kim.click("Leave it for Legal").await;
    kim.say("please call me on Monday").await;
    assert_eq!(session(&app, "kim").await["state"], "open");
    // Who opens the app at night is introduced, and sent nothing else.
    bob.say("hello").await;
    app.until("they are introduced", || all(&bob).contains("Monday–Friday 08:00–17:00")).await;
    app.tick().await;
    app.idle().await;
    for agent in [&ann, &bob] {
        assert!(!all(agent).contains("question of kim"), "{:?}", agent.texts());
    }
    bob.say("/available").await;
    app.until("it is offered", || all(&bob).contains("question of kim")).await;
    assert!(!all(&ann).contains("question of kim"), "{:?}", ann.texts());
    app.set_now("2027-01-18T08:00:00+01:00".parse().unwrap());
    app.tick().await;
    app.until("the morning has come", || all(&ann).contains("question of kim")).await;
    // What is said for one night is not said for the next.
    app.set_now("2027-01-18T19:00:00+01:00".parse().unwrap());
    asks(&app, "lee").await;
    app.chat("lee").click("Leave it for Legal").await;
    app.chat("lee").say("and me").await;
    app.tick().await;
    app.idle().await;
    assert!(!all(&bob).contains("question of lee"), "{:?}", bob.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_message_that_was_left_is_read_before_somebody_takes_it() {
    let app = left_for_ann().await;
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    let card = || offer(&ann);
    let text = || text_of(&card().unwrap().activity);
    assert!(text().contains("the lease ends in May"), "{}", text());
    kim.fill("Add", json!({ "more": "in two months" })).await;
    app.until("the card says it", || text().contains("in two months")).await;
    assert!(text().contains("the lease ends in May"), "{}", text());
    app.finish().await;
}

#[tokio::test]
async fn who_is_asked_which_chat_reads_of_people_and_matters_and_help_names_them_too() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        asks(&app, guest).await;
        takes(&app, &ann, guest).await;
    }
    let mut lines = Vec::new();
    for guest in ["kim", "lee"] {
        let reference = session(&app, guest).await["ref"].as_str().unwrap().to_owned();
        lines.push(format!("{reference} · {guest} Quackenbush: question of {guest}"));
    }
    for (words, begins) in [("well?", "Which chat is that for?"), ("/help", "You answer employees")]
    {
        ann.say(words).await;
        app.until("the agent is told", || ann.last().contains(begins)).await;
        for line in &lines {
            assert!(ann.last().contains(line), "{line}: {}", ann.last());
        }
    }
    assert!(!all(&app.chat("kim")).contains("well?"));
    app.finish().await;
}

#[tokio::test]
async fn a_chat_whose_guest_is_in_another_matter_is_named_by_what_it_is_about() {
    let app = left_for_ann().await;
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    // The guest is in another matter when it is taken.
    kim.say("something else is new").await;
    app.idle().await;
    assert!(app.post(&ann.execute("Take", json!({}))).await.status == 200);
    app.idle().await;
    ann.say("/help").await;
    app.until("the agent is told", || ann.last().contains("You answer employees")).await;
    assert!(ann.last().contains("kim Quackenbush: question of kim"), "{}", ann.last());
    app.finish().await;
}

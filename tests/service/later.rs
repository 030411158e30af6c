//! What time does: reminders, silence, and the guest who comes back another day.

use serde_json::{Value, json};

use crate::{
    app::{Chat, Setup, TestApp},
    company,
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// One reminder after 20 minutes, closed after an hour; within a week the matter may go on.
async fn start() -> TestApp {
    let files = company::with_company("idle: { remind: 20m, close: 1h }\nreopen: 7d\n");
    Setup::new().files(files).sqlite().start().await
}

fn count(chat: &Chat<'_>, words: &str) -> usize {
    chat.texts().iter().filter(|text| text.contains(words)).count()
}

async fn states(chat: &Chat<'_>) -> Vec<Value> {
    chat.sessions().await.iter().map(|session| session["state"].clone()).collect()
}

#[tokio::test]
async fn what_is_due_happens_by_itself() {
    let app = Setup::new().ticking().start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.pass(20 * MINUTE);
    app.until("the guest is reminded", || count(&kim, "I am waiting for your answer") == 1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_silent_guest_is_reminded_once_and_then_let_go() {
    let mut app = start().await;
    app.chat("kim").say("hello").await;
    app.pass(20 * MINUTE - 1);
    app.tick().await;
    assert_eq!(count(&app.chat("kim"), "I am waiting for your answer"), 0);
    app.restart().await;
    app.pass(1);
    app.tick().await;
    app.pass(10 * MINUTE);
    app.tick().await;
    assert_eq!(count(&app.chat("kim"), "I am waiting for your answer"), 1);
    app.restart().await;
    app.pass(30 * MINUTE - 1);
    app.tick().await;
    let kim = app.chat("kim");
    assert_eq!(states(&kim).await, ["active"]);
    app.pass(1);
    app.tick().await;
    app.tick().await;
    assert_eq!(count(&kim, "I have not heard from you"), 1);
    let session = &kim.sessions().await[0];
    assert_eq!(
        (&session["state"], &session["endedUtc"]),
        (&json!("abandoned"), &json!("2027-01-15T09:00:00Z"))
    );
    // Nothing is left that could be clicked.
    assert!(
        !kim.sent().iter().any(|sent| sent.activity.to_string().contains("Action.")),
        "{:#?}",
        kim.texts()
    );
    app.finish().await;
}

#[tokio::test]
async fn whoever_answers_gets_the_whole_time_again() {
    let app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.pass(55 * MINUTE);
    app.tick().await;
    kim.click("Computers").await;
    app.pass(55 * MINUTE);
    app.tick().await;
    assert_eq!(states(&kim).await, ["active", "transferred"]);
    kim.say("ThinkPad").await;
    assert!(kim.last().contains("What is wrong with ThinkPad?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn whoever_comes_back_within_the_week_may_continue_in_the_same_session() {
    let mut app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("Computers").await;
    kim.say("ThinkPad").await;
    app.pass(HOUR);
    app.tick().await;
    assert_eq!(states(&kim).await, ["abandoned", "transferred"]);
    let reference = kim.sessions().await[0]["ref"].as_str().unwrap().to_owned();
    app.pass(6 * DAY);
    app.tick().await;
    kim.say("it is broken again").await;
    assert!(
        kim.last().contains(&format!("Is this about {reference} (IT Service Desk)?")),
        "{}",
        kim.last()
    );
    assert_eq!(states(&kim).await, ["abandoned", "transferred"]);
    app.restart().await;
    let kim = app.chat("kim");
    let (card, _) = kim.button("Continue");
    kim.click("Continue").await;
    assert_eq!(states(&kim).await, ["active", "transferred"]);
    assert!(!kim.stands(&card.id).activity.to_string().contains("Action."));
    // What they wrote goes along.
    assert!(kim.last().contains("Did you mean “Broken”?"), "{}", kim.last());
    let session = &kim.sessions().await[0];
    assert_eq!((&session["ref"], &session["endedUtc"]), (&json!(reference), &Value::Null));
    app.finish().await;
}

#[tokio::test]
async fn whoever_comes_back_with_something_new_begins_anew_with_the_words_just_said() {
    let app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.pass(HOUR);
    app.tick().await;
    app.pass(DAY);
    kim.say("I need a chair").await;
    kim.click("Something new").await;
    let sessions = kim.sessions().await;
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        (&sessions[0]["state"], &sessions[0]["metadata"]["Guest.Question"]),
        (&json!("active"), &json!("I need a chair"))
    );
    assert_ne!(sessions[0]["journeyId"], sessions[1]["journeyId"]);
    assert_eq!(
        (&sessions[1]["state"], &sessions[1]["metadata"]["Guest.Question"]),
        (&json!("abandoned"), &json!("hello"))
    );
    app.finish().await;
}

#[tokio::test]
async fn what_was_solved_or_closed_by_the_guest_is_not_asked_about() {
    let app = start().await;
    for (guest, ends) in [("kim", "Nothing"), ("lou", "end")] {
        let chat = app.chat(guest);
        chat.say("hello").await;
        if ends == "end" {
            chat.say("end").await;
            chat.say("yes").await;
        } else {
            chat.click(ends).await;
        }
        app.pass(DAY);
        chat.say("I need a chair").await;
        assert_eq!(count(&chat, "Is this about"), 0, "{:#?}", chat.texts());
        assert_eq!(states(&chat).await[0], "active");
    }
    app.finish().await;
}

#[tokio::test]
async fn after_the_week_nobody_is_asked() {
    let app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.pass(HOUR);
    app.tick().await;
    app.pass(7 * DAY);
    kim.say("hello again").await;
    assert_eq!(count(&kim, "Is this about"), 0);
    assert!(kim.last().contains("What is it about?"), "{}", kim.last());
    assert_eq!(states(&kim).await, ["active", "abandoned"]);
    app.finish().await;
}

#[tokio::test]
async fn a_thank_you_opens_nothing() {
    let app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("Nothing").await;
    let all_right = "All right. Write again whenever you need something.";
    for (words, answer) in [("Thanks!", "You are welcome."), ("👍", all_right), ("ok", all_right)]
    {
        kim.say(words).await;
        assert_eq!(kim.last(), answer);
    }
    assert_eq!(states(&kim).await, ["resolved"]);
    app.finish().await;
}

#[tokio::test]
async fn an_abandoned_matter_goes_on_too() {
    let app = start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.pass(HOUR);
    app.tick().await;
    assert_eq!(states(&kim).await, ["abandoned"]);
    app.pass(HOUR);
    kim.say("sorry, I was away").await;
    kim.say("continue").await;
    assert!(kim.last().contains("What is it about?"), "{:#?}", kim.texts());
    assert_eq!(states(&kim).await, ["active"]);
    app.finish().await;
}

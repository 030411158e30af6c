//! The outbox: order, patience, restarts, dead letters, tokens.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{TestApp, text_of},
    fake_teams::Failure,
};

/// What a chat looks like after hello, Computers, ThinkPad when nothing goes wrong.
fn expected() -> [&'static str; 4] {
    ["Hello kim", "IT takes over.", "Which device?", "What is wrong with ThinkPad?"]
}

fn assert_in_order(texts: &[String]) {
    assert_eq!(texts.len(), expected().len(), "{texts:#?}");
    for (text, wanted) in texts.iter().zip(expected()) {
        assert!(text.contains(wanted), "{wanted}: {texts:#?}");
    }
}

#[tokio::test]
async fn throttling_and_failures_keep_the_order() {
    let app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    app.teams
        .fail_next(1, Failure::Status(412, json!({ "error": { "code": "PreconditionFailed" } })));
    app.teams.fail_next(1, Failure::Throttle(Some("0")));
    app.teams.fail_next(1, Failure::Busy(503, "0"));
    app.teams.fail_next(2, Failure::Throttle(Some("0")));
    app.post(&kim.message("hello")).await;
    app.post(&kim.message("Computers")).await;
    app.post(&kim.message("ThinkPad")).await;
    app.idle().await;
    assert_in_order(&kim.texts());
    assert!(app.teams.calls().iter().any(|call| call.status == 503));
    app.finish().await;
}

#[tokio::test]
async fn one_chat_in_trouble_does_not_hold_up_another() {
    let app = TestApp::start().await;
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    app.teams.fail_next(1, Failure::Throttle(Some("2")));
    app.post(&kim.message("hello")).await;
    app.until("kim's letter was refused", || !app.teams.calls().is_empty()).await;
    app.post(&ann.message("hello")).await;
    app.teams.wait_for(&ann.id(), 1).await;
    assert!(kim.sent().is_empty());
    app.teams.wait_for(&kim.id(), 1).await;
    app.finish().await;
}

#[tokio::test]
async fn what_could_not_be_sent_before_a_restart_is_sent_after_it_in_order_and_once() {
    let mut app = TestApp::sqlite().await;
    app.teams.fail_next(1, Failure::Throttle(Some("3600")));
    app.post(&app.chat("kim").message("hello")).await;
    app.post(&app.chat("kim").message("Computers")).await;
    app.post(&app.chat("kim").message("ThinkPad")).await;
    app.until("the connector was asked", || !app.teams.calls().is_empty()).await;
    let pending = app.api("/outbox?state=pending").await["items"].as_array().unwrap().len();
    assert!(pending >= 4, "{pending}");
    app.stop().await;
    assert!(app.chat_texts("kim").is_empty());
    app.teams.mend();
    app.resume().await;
    // The connector is left alone for ten minutes at most.
    app.pass(600);
    app.idle().await;
    assert_in_order(&app.chat_texts("kim"));
    app.finish().await;
}

#[tokio::test]
async fn a_letter_under_way_at_the_stop_is_not_sent_again() {
    let mut app = TestApp::sqlite().await;
    app.teams.fail_next(1, Failure::Slow(Duration::from_millis(400)));
    app.post(&app.chat("kim").message("hello")).await;
    app.until("the letter is under way", || !app.teams.calls().is_empty()).await;
    app.restart().await;
    app.idle().await;
    let texts = app.chat_texts("kim");
    assert_eq!(texts.iter().filter(|text| text.contains("Hello kim")).count(), 1, "{texts:#?}");
    assert_eq!(texts.len(), 1, "{texts:#?}");
    app.finish().await;
}

#[tokio::test]
async fn a_connector_that_stumbles_four_times_kills_no_letter() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.fail_next(4, Failure::Busy(503, "0"));
    kim.say("hello").await;
    assert_eq!(kim.sent().len(), 1);
    assert!(app.api("/outbox?state=dead").await["items"].as_array().unwrap().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_dead_letter_can_be_seen_and_sent_again() {
    let app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    app.teams.fail_next(
        1,
        Failure::Status(403, json!({ "error": { "code": "BotDisabledByAdmin", "message": "x" } })),
    );
    kim.say("hello").await;
    assert_eq!(kim.sent().len(), 0);
    kim.say("Computers").await;
    assert!(!kim.sent().is_empty(), "the next letter goes on");
    let dead = app.api("/outbox?state=dead").await["items"].clone();
    assert_eq!(
        (dead.as_array().unwrap().len(), &dead[0]["conversationId"], &dead[0]["attempts"]),
        (1, &json!("a:1kim"), &json!(1))
    );
    assert!(dead[0]["error"].as_str().unwrap().contains("BotDisabledByAdmin"), "{dead}");
    let path = format!("/api/v1/outbox/{}/retry", dead[0]["id"].as_str().unwrap());
    let reply = app.request(Method::POST, &path, &[], "").await;
    assert_eq!(reply.status, 202);
    app.idle().await;
    assert!(kim.last().contains("Hello kim"), "{:#?}", kim.texts());
    assert_eq!(app.request(Method::POST, &path, &[], "").await.status, 404);
    app.finish().await;
}

#[tokio::test]
async fn an_answer_to_a_message_that_is_gone_is_sent_without_a_thread() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.fail_next(
        1,
        Failure::Status(404, json!({ "error": { "code": "ActivityNotFoundInConversation" } })),
    );
    kim.say("hello").await;
    assert_eq!((kim.sent().len(), kim.sent()[0].reply_to.as_deref()), (1, None));
    app.finish().await;
}

#[tokio::test]
async fn a_token_that_is_refused_is_bought_anew_once() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert_eq!(app.teams.mints(), 1);
    app.teams.revoke_tokens();
    kim.click("Computers").await;
    assert_eq!(app.teams.mints(), 2);
    assert_eq!(app.teams.calls().iter().filter(|call| call.status == 401).count(), 1);
    // An hour later the token is too old to be tried.
    app.pass(3600);
    kim.say("ThinkPad").await;
    assert_eq!(
        (app.teams.mints(), app.teams.calls().iter().filter(|call| call.status == 401).count()),
        (3, 1)
    );
    app.finish().await;
}

#[tokio::test]
async fn a_login_that_fails_loses_nothing() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.break_login(Some((503, Value::Null)));
    app.post(&kim.message("hello")).await;
    app.until("the login was tried", || app.teams.mints() > 0).await;
    assert!(kim.sent().is_empty());
    app.teams.break_login(None);
    app.pass(600);
    app.idle().await;
    assert_eq!(kim.sent().len(), 1);
    app.finish().await;
}

impl TestApp {
    /// What stands in a chat, also while the program does not run.
    fn chat_texts(&self, name: &str) -> Vec<String> {
        self.teams.activities(&format!("a:1{name}")).iter().map(text_of).collect()
    }
}

//! Crashes, hung-up callers, crowds, and what the log may say.

use futures_util::future::join_all;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    app::{Setup, TestApp, assert_quiet, logs},
    fake_teams::Failure,
};

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_redelivery_acts_once() {
    let app = Setup::new().sqlite().flaky().start().await;
    let (store, kim) = (app.flaky.clone().unwrap(), app.chat("kim"));
    let hello = kim.message("hello");
    store.set_down(true);
    let reply = app.post(&hello).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, "1"), "{reply:?}");
    assert!(app.teams.calls().is_empty());
    store.set_down(false);
    assert!(app.post(&hello).await.is_empty_200());
    app.idle().await;
    assert_eq!(kim.sent().len(), 1);
    // In the middle of a chat as well: what is in memory is not more than what was kept.
    let click = kim.execute("Travel", json!({}));
    store.set_down(true);
    assert_eq!(app.post(&click).await.status, 503);
    store.set_down(false);
    assert_eq!(kim.sessions().await[0]["stage"], "topic");
    assert_eq!(app.post(&click).await.json()["statusCode"], 200);
    app.idle().await;
    assert_eq!((kim.sent().len(), kim.sessions().await[0]["turns"].as_u64()), (2, Some(2)));
    app.finish().await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_acts_once_and_what_it_said_is_sent() {
    let app = Setup::new().sqlite().flaky().start().await;
    let (store, kim) = (app.flaky.clone().unwrap(), app.chat("kim"));
    let hello = kim.message("hello");
    store.set_lies(true);
    assert_eq!(app.post(&hello).await.status, 503);
    store.set_lies(false);
    assert!(app.post(&hello).await.is_empty_200());
    app.idle().await;
    assert_eq!(kim.sessions().await.len(), 1);
    assert_eq!(kim.sent().len(), 1, "{:#?}", kim.texts());
    kim.click("Computers").await;
    assert_eq!(kim.sent().len(), 3, "{:#?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_no_letter_lying() {
    let app = Setup::new().sqlite().flaky().start().await;
    let (store, kim) = (app.flaky.clone().unwrap(), app.chat("kim"));
    store.close_gate();
    let body = kim.message("hello").to_string();
    let address = app.base().trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let authorization = app.teams.authorization(app.now());
    let head = format!(
        "POST /api/messages HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body.as_bytes()).await.unwrap();
    app.until("the turn is written", || store.committed() == 1).await;
    // A reset: at a mere end of the stream the server still goes on.
    socket.set_zero_linger().unwrap();
    drop(socket);
    // Long enough for the server to notice.
    for _ in 0..10 {
        app.get("/healthz").await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    store.open_gate();
    app.teams.wait_for(&kim.id(), 1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_report_is_dropped_with_its_client() {
    let app = Setup::new().flaky().start().await;
    let store = app.flaky.clone().unwrap();
    store.hold();
    {
        let report = app.api("/reports/faq");
        let asked = app.until("the report is asked for", || store.reports().0 == 1);
        tokio::select! {
            answer = report => panic!("it was held: {answer}"),
            () = asked => {}
        }
        // Here the connection is closed, as a browser does whose page is left.
    }
    app.until("the report is dropped", || store.reports().1 == 1).await;
    store.let_go();
    app.finish().await;
}

#[tokio::test]
async fn an_order_is_carried_out_whole_though_its_client_goes() {
    let app = Setup::new().sqlite().flaky().start().await;
    let (store, kim) = (app.flaky.clone().unwrap(), app.chat("kim"));
    kim.say("hello").await;
    let session = kim.sessions().await[0]["id"].as_str().unwrap().to_owned();
    let (sent, committed) = (kim.sent().len(), store.committed());
    store.close_gate();
    {
        let wish = json!({ "tenant": "hr", "reason": "asked by phone" });
        let path = format!("/sessions/{session}/transfer");
        let order = app.order(&path, &wish);
        let written = app.until("it is written", || store.committed() > committed);
        tokio::select! {
            reply = order => panic!("it was held: {reply:?}"),
            () = written => {}
        }
        // Here the connection is closed.
    }
    for _ in 0..10 {
        app.get("/healthz").await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    store.open_gate();
    app.until("the guest hears of it", || kim.sent().len() > sent).await;
    app.finish().await;
}

#[tokio::test]
async fn the_log_names_nobody_and_quotes_nothing() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.fail_next(
        2,
        Failure::Status(502, json!({ "error": { "message": "kim Quackenbush is away" } })),
    );
    app.teams.fail_next(1, Failure::Status(400, json!({ "message": "hush-hush" })));
    kim.say("hush-hush laptop").await;
    app.post(&kim.activity("message", json!({ "text": "hush-hush", "channelId": "" }))).await;
    app.post(&kim.activity("message", json!({ "value": { "note": "hush-hush" } }))).await;
    let stranger = crate::forge::Forge::stranger().sign(&crate::forge::channel_claims(
        "x",
        &app.teams.service_url(),
        app.now(),
    ));
    let headers = [("authorization", format!("Bearer {stranger}"))];
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        app.request(
            reqwest::Method::POST,
            "/api/messages",
            &headers,
            kim.message("hush-hush").to_string()
        )
        .await
        .status,
        401
    );
    app.request(
        reqwest::Method::GET,
        "/api/v1/sessions",
        &[("authorization", "Bearer hush-hush!")],
        "",
    )
    .await;
    app.idle().await;
    let logs = logs();
    for line in [
        "a letter was not delivered",
        "a letter was given up",
        "a request was refused",
        "an activity could not be read",
    ] {
        assert!(logs.contains(line), "not logged: {line}");
    }
    assert_quiet();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_each_with_their_own() {
    let app = TestApp::sqlite().await;
    let names: Vec<String> = (0..64).map(|index| format!("g{index}")).collect();
    join_all(names.iter().map(|name| {
        let chat = app.chat(name);
        let app = &app;
        async move {
            assert!(app.post(&chat.message("hello")).await.is_empty_200());
            app.teams.wait_for(&chat.id(), 1).await;
            let click = chat.execute("Travel", json!({}));
            assert_eq!(app.post(&click).await.status, 200);
            app.teams.wait_for(&chat.id(), 2).await;
            let form = chat
                .submission("Send", json!({ "city": format!("City of {}", chat.id()), "days": 2 }));
            let (one, two) = tokio::join!(app.post(&form), app.post(&form));
            assert!(one.is_empty_200() && two.is_empty_200());
            app.teams.wait_for(&chat.id(), 3).await;
            assert!(app.post(&chat.message("ThinkPad")).await.is_empty_200());
        }
    }))
    .await;
    app.idle().await;
    for name in &names {
        let chat = app.chat(name);
        let sessions = chat.sessions().await;
        assert_eq!(sessions.len(), 2, "{name}");
        assert_eq!(
            (sessions[1]["turns"].as_u64(), sessions[0]["turns"].as_u64()),
            (Some(3), Some(1)),
            "{name}"
        );
        assert_eq!(sessions[0]["metadata"]["Data.city"], json!(format!("City of {}", chat.id())));
        assert_eq!(sessions[0]["metadata"]["Session.Turns"], 1);
        let texts = chat.texts();
        assert!(texts[0].contains(&format!("Hello {name},")), "{texts:#?}");
        assert!(texts[4].contains("What is wrong with ThinkPad?"), "{texts:#?}");
        assert_eq!(texts.len(), 5, "{texts:#?}");
    }
    app.finish().await;
}

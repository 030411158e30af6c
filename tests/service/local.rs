//! Without an app id nobody signs what comes in: it is taken from programs on this machine, as the
//! Playground and the Emulator write, and from no web page that is open on it.

use reqwest::Method;
use serde_json::json;

use crate::app::{Reply, Setup, TestApp};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn local(anonymous: bool) -> TestApp {
    let app = Setup::new()
        .settings(move |settings| {
            settings.app = None;
            settings.allow_anonymous = anonymous;
        })
        .start()
        .await;
    app.teams.allow_anonymous();
    app
}

/// Something that nobody answers, with these headers.
async fn post(app: &TestApp, headers: &[(&str, &str)]) -> Reply {
    let body = app.chat("kim").activity("typing", json!({})).to_string();
    app.request(Method::POST, "/api/messages", headers, body).await
}

fn is_refused(reply: &Reply, status: u16, code: &str) -> bool {
    reply.status == status && reply.json()["code"] == code
}

#[tokio::test]
async fn programs_on_this_machine_come_in_and_web_pages_do_not() {
    let app = local(false).await;
    let own = app.base().to_owned();
    let near = format!("localhost:{}", own.rsplit(':').next().unwrap());
    for headers in [
        &[JSON][..],
        &[("content-type", "Application/JSON; charset=utf-8")],
        &[JSON, ("host", &near)],
        &[JSON, ("host", "[::1]:3978")],
        &[JSON, ("origin", &own), ("sec-fetch-site", "same-origin")],
    ] {
        let reply = post(&app, headers).await;
        assert_eq!(reply.status, 200, "{headers:?}: {reply:?}");
    }
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/jsonp")],
        &[JSON, JSON],
    ] {
        let reply = post(&app, headers).await;
        assert!(is_refused(&reply, 415, "unsupported"), "{headers:?}: {reply:?}");
    }
    for headers in [
        &[JSON, ("host", "bot.example")][..],
        &[JSON, ("host", "localhost.evil.example:3978")],
        &[JSON, ("host", "192.168.1.5:3978")],
        &[JSON, ("host", "127.1")],
        &[JSON, ("origin", "https://evil.example")],
        &[JSON, ("origin", "http://localhost:5173")],
        &[JSON, ("origin", "null")],
        &[JSON, ("sec-fetch-site", "cross-site")],
    ] {
        let reply = post(&app, headers).await;
        assert!(is_refused(&reply, 403, "forbidden"), "{headers:?}: {reply:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn whoever_knows_that_nobody_else_can_reach_it_may_use_any_name_and_still_no_web_page() {
    let app = local(true).await;
    assert_eq!(post(&app, &[JSON, ("host", "bot.example")]).await.status, 200);
    for (headers, status) in [
        (&[JSON, ("host", "bot.example"), ("origin", "http://bot.example")][..], 403),
        (&[JSON, ("host", "bot.example"), ("sec-fetch-site", "same-site")], 403),
        (&[("host", "bot.example")], 415),
        (&[JSON, ("host", "bot example")], 403),
    ] {
        assert_eq!(post(&app, headers).await.status, status, "{headers:?}");
    }
    app.finish().await;
}

/// The head and the headers of the Playground and of the Emulator.
#[tokio::test]
async fn the_playground_and_the_emulator_come_in() {
    let app = local(false).await;
    let head = app.request(Method::HEAD, "/api/messages", &[], "").await;
    assert_eq!(head.status, 405, "the Playground asks whether there is something; any answer does");
    for (channel, headers) in [
        (
            "msteams",
            &[
                ("accept", "application/json, text/plain, */*"),
                JSON,
                ("x-ms-agents-playground", "true"),
                ("user-agent", "axios/1.12.2"),
                ("connection", "keep-alive"),
            ][..],
        ),
        ("emulator", &[JSON, ("user-agent", "node-fetch/1.0")]),
        ("webchat", &[JSON]),
        ("directline", &[JSON]),
    ] {
        let guest = app.chat(channel);
        let hello = guest.activity("message", json!({ "text": "hello", "channelId": channel }));
        let path = "/api/messages";
        let reply = app.request(Method::POST, path, headers, hello.to_string()).await;
        assert!(reply.is_empty_200(), "{channel}: {reply:?}");
        app.idle().await;
        assert!(!guest.sent().is_empty(), "{channel} is not answered");
    }
    app.finish().await;
}

/// Whoever is signed for needs none of this, and still no web page speaks for them.
#[tokio::test]
async fn with_an_app_id_no_page_may_write_either() {
    let app = TestApp::start().await;
    let own = app.teams.authorization(app.now());
    let authorization = ("authorization", &*own);
    assert_eq!(post(&app, &[authorization, ("host", "bot.contoso.com")]).await.status, 200);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let reply = post(&app, &[authorization, (name, value)]).await;
        assert!(is_refused(&reply, 403, "forbidden"), "{name}: {reply:?}");
    }
    app.finish().await;
}

//! Answers to those who may not ask, who ask in the wrong way, and while something does not work.

use reqwest::header::HeaderName;
use serde_json::json;
use switchboard::http::MOST_BYTES;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Asked, ROUTES, Record, UNKNOWN, scene};
use crate::app::{ADMIN as TOKEN, Reply, TestApp};

/// Where the admin API is.
const ADMIN: &str = "/api/v1/";

/// An address of a route, with things that are not there.
fn address(pattern: &str) -> String {
    pattern.replace("{id}", UNKNOWN).replace("{tenant}", "it").replace("{name:.*}", "x.pdf")
}

/// A body that a route can read.
fn body(pattern: &str) -> String {
    match pattern.rsplit('/').next().unwrap_or_default() {
        "transfer" => json!({ "tenant": "it" }),
        "check" => json!({ "files": {} }),
        "revoke" => json!({ "all": true }),
        _ => json!({}),
    }
    .to_string()
}

/// Asks every route of the admin API.
async fn ask_all(record: &mut Record, app: &TestApp, case: &str, headers: &[(&str, &str)]) {
    for (method, pattern) in ROUTES.iter().filter(|(_, pattern)| pattern.starts_with(ADMIN)) {
        let (path, body) = (address(pattern), body(pattern));
        let body = if *method == "POST" { &*body } else { "" };
        record.ask(app, (method, pattern), case, Asked { path: &path, headers, body }).await;
    }
}

/// Who is let in, with a token and without one; and what no route takes.
pub async fn at_the_door(record: &mut Record) {
    let app = TestApp::start().await;
    ask_all(record, &app, "without the token", &[("authorization", "")]).await;
    for (case, headers) in [
        ("with a wrong token", &[("authorization", "Bearer hush-hush")][..]),
        ("with the token, under another name", &[("host", "bot.example")]),
        ("with the token, from a foreign page", &[("origin", "https://a.example")]),
        ("with the token, from another site", &[("sec-fetch-site", "cross-site")]),
        ("with the token, under no readable name", &[("host", "a@b")]),
    ] {
        let asked = Asked { path: "/api/v1/tenants", headers, body: "" };
        record.ask(&app, ("GET", "/api/v1/tenants"), case, asked).await;
    }
    compressed(record, &app).await;
    wrong_methods(record, &app).await;
    too_large(record, &app).await;
    broken_off(record, &app).await;
    nowhere(record, &app).await;
    unproved(record, &app).await;
    app.finish().await;
}

async fn wrong_methods(record: &mut Record, app: &TestApp) {
    for (method, pattern) in ROUTES.iter().filter(|(method, _)| *method != "any") {
        let path = address(pattern);
        let mut all = vec!["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];
        if *method == "GET" {
            all = vec!["POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
            let asked = Asked { path: &path, ..Asked::default() };
            record.ask(app, ("HEAD", pattern), "without its body", asked).await;
        }
        for wrong in all {
            let asked = Asked { path: &path, ..Asked::default() };
            record.ask(app, (wrong, pattern), "wrong method", asked).await;
        }
    }
}

async fn too_large(record: &mut Record, app: &TestApp) {
    let large = " ".repeat(MOST_BYTES + 1);
    for pattern in [
        "/api/messages",
        "/api/v1/sessions/{id}/transfer",
        "/api/v1/sessions/{id}/end",
        "/api/v1/check",
        "/api/v1/faq/drafts/{id}/accept",
    ] {
        let authorization = app.teams.authorization(app.now());
        let headers = [("authorization", &*authorization)];
        let headers = if pattern == "/api/messages" { &headers[..] } else { &[] };
        let asked = Asked { path: &address(pattern), headers, body: &large };
        record.ask(app, ("POST", pattern), "a body too large", asked).await;
    }
}

async fn compressed(record: &mut Record, app: &TestApp) {
    let authorization = app.teams.authorization(app.now());
    let headers = [("authorization", &*authorization), ("content-encoding", "gzip")];
    for (pattern, headers) in [("/api/messages", &headers[..]), ("/api/v1/check", &headers[1..])] {
        let asked = Asked { path: pattern, headers, body: "x" };
        record.ask(app, ("POST", pattern), "a compressed body", asked).await;
    }
}

/// A body whose end cannot be found.
async fn broken_off(record: &mut Record, app: &TestApp) {
    for pattern in ["/api/messages", "/api/v1/check"] {
        let address = app.base().strip_prefix("http://").unwrap();
        let mut line = TcpStream::connect(address).await.unwrap();
        let authorization = match pattern {
            "/api/messages" => app.teams.authorization(app.now()),
            _ => format!("Bearer {TOKEN}"),
        };
        let head = "host: localhost\r\ntransfer-encoding: chunked\r\nconnection: close";
        let request = format!(
            "POST {pattern} HTTP/1.1\r\nauthorization: {authorization}\r\n{head}\r\n\r\nno length\r\n"
        );
        line.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        let headers = fields
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        let reply = Reply { status, headers, text: text.to_owned() };
        record.note("POST", pattern, "a body that breaks off", &reply);
    }
}

async fn nowhere(record: &mut Record, app: &TestApp) {
    for path in [
        "/privacy/",
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nowhere",
        "/api/v1/sessions/",
        "/api/v1/sessions/x/nowhere",
        "/api/v1/faq",
        "/api/messages/",
        "/api/messages/x",
        "/healthz/",
        "/files",
        "//healthz",
    ] {
        for method in ["GET", "POST"] {
            let asked = Asked { path, ..Asked::default() };
            record.ask(app, (method, "nowhere"), path, asked).await;
        }
    }
}

/// Activities whose sender is not proved.
async fn unproved(record: &mut Record, app: &TestApp) {
    let activity = app.chat("kim").message("hello").to_string();
    for (case, authorization) in [
        ("without a token", None),
        ("with another scheme", Some("Basic eA==")),
        ("with a token that is none", Some("Bearer x")),
    ] {
        let headers: Vec<_> = authorization.map(|it| ("authorization", it)).into_iter().collect();
        let asked = Asked { path: "/api/messages", headers: &headers, body: &activity };
        record.ask(app, ("POST", "/api/messages"), case, asked).await;
    }
    let elsewhere = json!({ "serviceUrl": "https://elsewhere.example/" });
    let reply = app.post(&app.chat("kim").activity("message", elsewhere)).await;
    record.note("POST", "/api/messages", "with another service's address", &reply);
}

/// What is said while keys cannot be had, and while the store does not work.
pub async fn while_something_fails(record: &mut Record) {
    let app = TestApp::start().await;
    app.teams.break_keys(true);
    app.teams.break_login(Some((503, json!(null))));
    record.get(&app, "/readyz", "no keys, no token", "/readyz").await;
    record.get(&app, "/healthz", "no keys, no token", "/healthz").await;
    let reply = app.post(&app.chat("kim").message("hello")).await;
    record.note("POST", "/api/messages", "no keys", &reply);
    app.stop_with_dead_letters().await;

    let app = scene::empty().await;
    let scene = scene::played(&app).await;
    let flaky = app.flaky.as_ref().unwrap();
    for (case, down, broken) in
        [("the store does not answer", true, false), ("the store cannot be read", false, true)]
    {
        flaky.set_down(down);
        flaky.set_broken(broken);
        ask_all(record, &app, case, &[]).await;
        record.get(&app, "/files/{id}/{name:.*}", case, &scene.files[0].1).await;
        record.get(&app, "/healthz", case, "/healthz").await;
        record.get(&app, "/readyz", case, "/readyz").await;
        let reply = app.post(&app.chat("uma").message("hello")).await;
        record.note("POST", "/api/messages", case, &reply);
    }
    flaky.set_down(false);
    flaky.set_broken(false);
    app.stop_with_dead_letters().await;
}

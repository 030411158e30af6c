//! Every activity, invoke and request that can come, and its status.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::app::{Setup, TestApp};

#[tokio::test]
async fn every_other_type_is_taken_in_silence() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    for kind in [
        "messageUpdate",
        "messageDelete",
        "messageReaction",
        "contactRelationUpdate",
        "typing",
        "endOfConversation",
        "event",
        "handoff",
        "suggestion",
        "trace",
        "deleteUserData",
        "command",
        "commandResult",
        "invokeResponse",
        "delay",
        "conversationUpdate",
        "installationUpdate",
        "somethingNew",
        "Message",
    ] {
        let activity = kim.activity(kind, json!({ "text": "hush-hush", "name": "application/vnd.microsoft.readReceipt", "value": 5 }));
        let reply = app.post(&activity).await;
        assert!(reply.is_empty_200(), "{kind}: {reply:?}");
    }
    let others = json!({ "membersAdded": [{ "id": "29:kim" }] });
    assert!(app.post(&kim.activity("conversationUpdate", others)).await.is_empty_200());
    let own = json!({ "text": "hush-hush", "from": { "id": "28:x", "role": "bot" } });
    assert!(app.post(&kim.activity("message", own)).await.is_empty_200());
    assert!(app.teams.calls().is_empty());
    assert!(kim.sessions().await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn every_invoke_has_its_answer() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let path = |body: &Value, path: &str| body.pointer(path).cloned().unwrap_or(Value::Null);
    for (name, status, pointer, wanted) in [
        ("adaptiveCard/action", 200, "/statusCode", json!(200)),
        ("application/search", 200, "/value/results", json!([])),
        ("task/fetch", 200, "/task/type", json!("message")),
        ("task/submit", 200, "/task/type", json!("message")),
        ("composeExtension/query", 200, "/composeExtension/type", json!("result")),
        ("composeExtension/queryLink", 200, "/composeExtension/type", json!("result")),
        ("composeExtension/anonymousQueryLink", 200, "/composeExtension/type", json!("result")),
        ("composeExtension/selectItem", 200, "/composeExtension/type", json!("result")),
        ("composeExtension/submitAction", 200, "/composeExtension/type", json!("message")),
        ("composeExtension/fetchTask", 200, "/task/type", json!("message")),
        ("composeExtension/querySettingUrl", 200, "/composeExtension/type", json!("config")),
        ("composeExtension/setting", 200, "", json!({})),
        ("composeExtension/onCardButtonClicked", 200, "", json!({})),
        ("config/fetch", 200, "/responseType", json!("config")),
        ("config/submit", 200, "/config/type", json!("message")),
        ("tab/fetch", 200, "/tab/type", json!("continue")),
        ("tab/submit", 200, "/tab/type", json!("continue")),
        ("message/submitAction", 200, "", json!({})),
        ("message/fetchTask", 200, "/task/type", json!("message")),
        ("signin/tokenExchange", 412, "/id", json!("x")),
        ("signin/verifyState", 404, "-", Value::Null),
        ("signin/failure", 200, "-", Value::Null),
        ("fileConsent/invoke", 200, "-", Value::Null),
        ("handoff/action", 200, "-", Value::Null),
        ("actionableMessage/executeAction", 200, "-", Value::Null),
        ("suggestedAction/submit", 200, "-", Value::Null),
        ("suggestedActions/submit", 200, "-", Value::Null),
        ("made/up", 501, "-", Value::Null),
        ("", 200, "-", Value::Null),
    ] {
        let invoke =
            kim.activity("invoke", json!({ "name": if name.is_empty() { Value::Null } else { json!(name) }, "value": { "id": "x" } }));
        let reply = app.post(&invoke).await;
        assert_eq!(reply.status, status, "{name}: {reply:?}");
        if pointer == "-" {
            assert!(reply.text.is_empty(), "{name}: {reply:?}");
        } else {
            assert_eq!(reply.header("content-type"), "application/json; charset=utf-8", "{name}");
            assert_eq!(path(&reply.json(), pointer), wanted, "{name}: {reply:?}");
        }
    }
    assert!(app.teams.calls().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_activity_is_400() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    for patch in [
        json!({ "type": null }),
        json!({ "type": "" }),
        json!({ "type": 5 }),
        json!({ "channelId": "" }),
        json!({ "channelId": null }),
        json!({ "conversation": null }),
        json!({ "conversation": { "id": "" } }),
        json!({ "serviceUrl": null }),
    ] {
        let reply = app.post(&kim.activity("message", patch.clone())).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (400, "application/problem+json"),
            "{patch}"
        );
        assert_eq!(reply.json()["status"], 400);
    }
    for body in ["", "x", "[]", "null", "{", "{\"type\":\"message\"", "\u{feff}"] {
        assert_eq!(app.post_bytes(body).await.status, 400, "{body}");
    }
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let deep = |levels: usize| {
        kim.activity("typing", json!({})).to_string().replacen(
            '{',
            &format!("{{\"x\":{},", nested(levels - 1)),
            1,
        )
    };
    assert_eq!(app.post_bytes(deep(64)).await.status, 200);
    assert_eq!(app.post_bytes(deep(65)).await.status, 400);
    assert_eq!(app.post_bytes("[".repeat(200_000)).await.status, 400);
    // Without a token nobody learns what a good body looks like.
    assert_eq!(app.request(Method::POST, "/api/messages", &[], "x").await.status, 401);
    app.finish().await;
}

#[tokio::test]
async fn large_bodies_are_413_whether_they_say_so_or_not() {
    const MOST: usize = 256 * 1024;
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let sized = |bytes: usize| {
        let empty = kim.activity("typing", json!({ "x": "" })).to_string().len();
        kim.activity("typing", json!({ "x": "x".repeat(bytes - empty) })).to_string()
    };
    // An id can be a digit longer than that of the measure.
    assert_eq!(app.post_bytes(sized(MOST - 8)).await.status, 200);
    let reply = app.post_bytes(sized(MOST + 8)).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (413, "application/problem+json"),
        "{reply:?}"
    );
    assert_eq!(reply.json()["code"], "too_large");
    for path in ["/api/v1/check", "/api/v1/sessions/0/transfer", "/api/v1/sessions/0/end"] {
        let reply = app.request(Method::POST, path, &[], "x".repeat(MOST + 8)).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (413, "application/problem+json"),
            "{path}: {reply:?}"
        );
    }
    assert_eq!(chunked(&app, &sized(MOST - 8)).await, 200);
    assert_eq!(chunked(&app, &sized(MOST + 8)).await, 413);
    app.finish().await;
}

/// The status for a body that comes in pieces and does not say how long it is.
async fn chunked(app: &TestApp, body: &str) -> u16 {
    let (address, authorization) =
        (app.base().trim_start_matches("http://"), app.teams.authorization(app.now()));
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/messages HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    for part in body.as_bytes().chunks(10_000) {
        let piece = format!("{:x}\r\n{}\r\n", part.len(), std::str::from_utf8(part).unwrap());
        socket.write_all(piece.as_bytes()).await.unwrap();
    }
    socket.write_all(b"0\r\n\r\n").await.unwrap();
    let mut status = [0; 12];
    socket.read_exact(&mut status).await.unwrap();
    std::str::from_utf8(&status[9..]).unwrap().parse().unwrap()
}

#[tokio::test]
async fn addresses_know_their_methods() {
    let app = TestApp::start().await;
    for method in
        [Method::GET, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS, Method::PATCH]
    {
        let reply = app.request(method.clone(), "/api/messages", &[], "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, "POST"), "{method}");
    }
    for path in
        ["/", "/privacy", "/terms", "/healthz", "/readyz", "/api/v1/tenants", "/api/v1/sessions"]
    {
        assert_eq!(app.get(path).await.status, 200, "{path}");
        let head = app.request(Method::HEAD, path, &[], "").await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        let reply = app.request(Method::POST, path, &[], "").await;
        assert_eq!(
            (reply.status, reply.header("allow"), reply.header("content-type")),
            (405, "GET, HEAD", "application/problem+json"),
            "{path}"
        );
    }
    for path in ["/nowhere", "/api/v1/nowhere", "/api/messages/x", "/healthz/x"] {
        let reply = app.get(path).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn ready_means_that_keys_token_and_store_are_there() {
    let app = TestApp::start().await;
    app.teams.break_keys(true);
    let reply = app.get("/readyz").await;
    assert_eq!((reply.status, &reply.json()["checks"]["keys"]), (503, &json!("failed")));
    // Not the sender's fault.
    let kim = app.chat("kim");
    assert_eq!(app.post(&kim.message("hello")).await.status, 503);
    assert_eq!(app.get("/healthz").await.status, 200);
    app.teams.break_keys(false);
    app.pass(3600);
    assert_eq!(app.get("/readyz").await.status, 200);
    app.finish().await;

    let app = Setup::new().flaky().start().await;
    assert_eq!(app.get("/readyz").await.status, 200);
    app.flaky.as_ref().unwrap().set_down(true);
    let reply = app.get("/readyz").await;
    assert_eq!((reply.status, &reply.json()["checks"]["store"]), (503, &json!("failed")));
    let list = app.get("/api/v1/sessions").await;
    assert_eq!((list.status, list.header("content-type")), (503, "application/problem+json"));
    assert!(!list.text.contains("told to fail"));
    app.flaky.as_ref().unwrap().set_down(false);
    assert_eq!(app.get("/readyz").await.status, 200);
    app.finish().await;
}

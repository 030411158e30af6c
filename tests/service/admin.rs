//! The admin API's doors and errors.

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::app::{ADMIN, Reply, Setup, TestApp};

fn is_problem(reply: &Reply, status: u16) -> bool {
    reply.status == status
        && reply.header("content-type") == "application/problem+json"
        && reply.json()["status"] == status
}

/// With and without an app id, listening for this machine or for all: the token is always asked for.
#[tokio::test]
async fn only_the_holder_of_the_token_comes_in() {
    for (app_id, listen) in [(true, "127.0.0.1:0"), (false, "127.0.0.1:0"), (true, "0.0.0.0:0")] {
        let app = Setup::new()
            .settings(move |settings| {
                settings.listen = listen.parse().unwrap();
                settings.app = settings.app.take().filter(|_| app_id);
            })
            .start()
            .await;
        for path in [
            "/tenants",
            "/tenants/it",
            "/sessions",
            "/sessions?limit=x",
            "/sessions/x",
            "/sessions/x/transcript",
            "/journeys/x",
            "/outbox",
            "/faq/drafts",
            "/reports/faq",
            "/nowhere",
        ] {
            let path = format!("/api/v1{path}");
            for authorization in
                ["", "Bearer ", &format!("Basic {ADMIN}"), ADMIN, &format!("Bearer{ADMIN}")]
            {
                let headers = [("authorization", authorization)];
                let reply = app.request(Method::GET, &path, &headers, "").await;
                assert!(
                    is_problem(&reply, 401) && reply.header("www-authenticate") == "Bearer",
                    "{path}: {reply:?}"
                );
            }
            let token = format!("bearer {ADMIN}");
            let headers = [("authorization", &*token), ("host", "bot.example")];
            assert_ne!(app.request(Method::GET, &path, &headers, "").await.status, 401, "{path}");
        }
        for token in [&ADMIN[1..], &ADMIN[..ADMIN.len() - 1], &format!("{ADMIN}!")] {
            let headers = [("authorization", &*format!("Bearer {token}"))];
            let reply = app.request(Method::GET, "/api/v1/tenants", &headers, "").await;
            assert!(is_problem(&reply, 401), "{reply:?}");
        }
        let nobody = [("authorization", "")];
        let reply = app.request(Method::POST, "/api/v1/outbox/x/retry", &nobody, "").await;
        assert!(is_problem(&reply, 401));
        // The token is for people; activities have their own.
        let headers = [("authorization", &*format!("Bearer {ADMIN}"))];
        let reply = app.request(Method::POST, "/api/messages", &headers, "{}").await;
        assert!(is_problem(&reply, 401));
        assert_eq!(app.get("/healthz").await.status, 200);
        app.finish().await;
    }
}

#[tokio::test]
async fn two_tokens_are_none() {
    let app = TestApp::start().await;
    let token = format!("Bearer {ADMIN}");
    let headers = [("authorization", &*token), ("authorization", &*token)];
    assert!(is_problem(&app.request(Method::GET, "/api/v1/tenants", &headers, "").await, 401));
    let own = app.teams.authorization(app.now());
    let headers = [("authorization", &*own), ("authorization", &*own)];
    let body = app.chat("kim").message("hello").to_string();
    assert!(is_problem(&app.request(Method::POST, "/api/messages", &headers, body).await, 401));
    app.finish().await;
}

/// What a proxy or somebody behind it says about where a request comes from changes nothing.
#[tokio::test]
async fn no_address_is_an_exception() {
    let app = Setup::new().settings(|settings| settings.app = None).start().await;
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=localhost"),
        ("x-forwarded-host", "localhost"),
        ("host", "localhost"),
        ("host", "127.0.0.1:3978"),
    ] {
        let headers = [("authorization", ""), (name, value)];
        let reply = app.request(Method::GET, "/api/v1/tenants", &headers, "").await;
        assert!(is_problem(&reply, 401), "{name}: {reply:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn no_web_page_but_our_own_may_ask_even_with_the_token() {
    let app = Setup::new()
        .settings(|settings| settings.public_url = Some("https://bot.contoso.com/base/".into()))
        .start()
        .await;
    let ask = |name: &'static str, value: String| {
        let app = &app;
        async move { app.request(Method::GET, "/api/v1/tenants", &[(name, &*value)], "").await }
    };
    let port = app.base().rsplit(':').next().unwrap().to_owned();
    for origin in [
        app.base().to_owned(),
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
        "https://bot.contoso.com".to_owned(),
    ] {
        assert_eq!(ask("origin", origin.clone()).await.status, 200, "{origin}");
    }
    for origin in [
        "https://evil.example",
        "http://localhost:5173",
        "http://127.0.0.1",
        "http://bot.contoso.com",
        "https://bot.contoso.com.evil.example",
        "http://localhost@evil.example",
        "null",
        "",
    ] {
        assert!(is_problem(&ask("origin", origin.into()).await, 403), "{origin}");
    }
    for host in ["a@b", "127.1", "localhost:", "[::1", "a b", "a/b", ""] {
        assert!(is_problem(&ask("host", host.into()).await, 403), "{host}");
    }
    for site in ["cross-site", "same-site", "x"] {
        assert!(is_problem(&ask("sec-fetch-site", site.into()).await, 403), "{site}");
    }
    assert_eq!(ask("sec-fetch-site", "same-origin".into()).await.status, 200);
    app.finish().await;
}

/// One host for the header, another for the request line, or none at all.
#[tokio::test]
async fn a_request_names_one_host() {
    let app = TestApp::start().await;
    for (line, head, status) in [
        ("GET /api/v1/tenants HTTP/1.1", "Host: localhost\r\n", "200"),
        ("GET http://localhost/api/v1/tenants HTTP/1.1", "Host: localhost\r\n", "200"),
        ("GET http://evil.example/api/v1/tenants HTTP/1.1", "Host: localhost\r\n", "403"),
        ("GET /api/v1/tenants HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n", "403"),
        ("GET /api/v1/tenants HTTP/1.1", "", "403"),
        ("GET /api/v1/tenants HTTP/1.0", "", "403"),
    ] {
        let mut socket =
            TcpStream::connect(app.base().trim_start_matches("http://")).await.unwrap();
        let text =
            format!("{line}\r\n{head}Authorization: Bearer {ADMIN}\r\nConnection: close\r\n\r\n");
        socket.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        // The server itself refuses what no standard allows.
        let given = answer.split(' ').nth(1).unwrap();
        assert!(given == status || (status == "403" && given == "400"), "{line} {head}: {answer}");
    }
    app.finish().await;
}

/// Guessing takes the longer the more it is tried; the right token never waits for it.
#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "it measures how long answers take")]
async fn wrong_tokens_slow_down() {
    let app = TestApp::start().await;
    let ask = |token: String| {
        let app = &app;
        async move {
            let begin = std::time::Instant::now();
            let headers = [("authorization", &*token)];
            let reply = app.request(Method::GET, "/api/v1/tenants", &headers, "").await;
            (reply.status, begin.elapsed())
        }
    };
    let wrong = || ask("Bearer hush-hush-hush-hush".to_owned());
    let many = futures_util::future::join_all((0..40).map(|_| wrong())).await;
    assert!(many.iter().all(|(status, _)| *status == 401));
    let latest = many.iter().map(|(_, took)| *took).max().unwrap();
    assert!(latest.as_millis() >= 1000, "{many:?}");
    let ((status, took), (late, waited)) = tokio::join!(ask(format!("Bearer {ADMIN}")), wrong());
    assert_eq!((status, late), (200, 401));
    assert!(took < waited && waited.as_millis() >= 1000, "{took:?} {waited:?}");
    app.finish().await;
}

#[tokio::test]
async fn unknown_things_are_404_and_bad_questions_400() {
    let app = TestApp::sqlite().await;
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for path in [
        "/tenants/nobody".to_owned(),
        "/sessions/x".to_owned(),
        format!("/sessions/{unknown}"),
        format!("/sessions/{unknown}/transcript"),
        "/sessions/%00/transcript".to_owned(),
        "/journeys/x".to_owned(),
        format!("/journeys/{unknown}"),
    ] {
        let reply = app.get(&format!("/api/v1{path}")).await;
        assert!(is_problem(&reply, 404), "{path}: {reply:?}");
    }
    for id in ["x", unknown] {
        let reply = app.request(Method::POST, &format!("/api/v1/outbox/{id}/retry"), &[], "").await;
        assert!(is_problem(&reply, 404), "{reply:?}");
    }
    for query in [
        "/sessions?state=happy",
        "/sessions?limit=many",
        "/sessions?limit=-1",
        "/sessions?cursor=x",
        "/sessions?from=yesterday",
        "/sessions?to=2026-13-01",
        "/sessions?journey=x",
        "/sessions?teneant=it",
        "/sessions?tenant=it&tenant=hr",
        "/outbox?state=lost",
        "/outbox?limit=x",
    ] {
        let reply = app.get(&format!("/api/v1{query}")).await;
        assert!(
            is_problem(&reply, 400) && !reply.json()["detail"].as_str().unwrap().is_empty(),
            "{query}: {reply:?}"
        );
    }
    app.finish().await;
}

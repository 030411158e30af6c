//! The admin API's doors and errors.

use reqwest::Method;

use crate::app::{Reply, Setup, TestApp};

fn is_problem(reply: &Reply, status: u16) -> bool {
    reply.status == status
        && reply.header("content-type") == "application/problem+json"
        && reply.json()["status"] == status
}

#[tokio::test]
async fn with_a_token_only_its_holder_comes_in() {
    let app = Setup::new()
        .settings(|settings| settings.admin_token = Some("hush-hush".into()))
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
    ] {
        let path = format!("/api/v1{path}");
        for headers in [
            &[][..],
            &[("authorization", "Bearer hush-hus")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Basic hush-hush")],
            &[("authorization", "hush-hush")],
            &[("authorization", "Bearer hush-hush!")],
        ] {
            let reply = app.request(Method::GET, &path, headers, "").await;
            assert!(
                is_problem(&reply, 401) && reply.header("www-authenticate") == "Bearer",
                "{path}: {reply:?}"
            );
        }
        let reply = app
            .request(
                Method::GET,
                &path,
                &[("authorization", "bearer hush-hush"), ("host", "bot.example")],
                "",
            )
            .await;
        assert_ne!(reply.status, 401, "{path}");
    }
    let reply = app.request(Method::POST, "/api/v1/outbox/x/retry", &[], "").await;
    assert!(is_problem(&reply, 401));
    // The token is for people; activities have their own.
    let reply = app
        .request(Method::POST, "/api/messages", &[("authorization", "Bearer hush-hush")], "{}")
        .await;
    assert!(is_problem(&reply, 401));
    assert_eq!(app.get("/healthz").await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn without_a_token_only_this_machine_comes_in_and_no_web_page_on_it() {
    let app = TestApp::start().await;
    let ask = |name: &'static str, value: &'static str| {
        let app = &app;
        async move { app.request(Method::GET, "/api/v1/tenants", &[(name, value)], "").await }
    };
    for host in ["localhost", "localhost:3978", "127.0.0.1:1", "[::1]:3978"] {
        assert_eq!(ask("host", host).await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "bot.contoso.com:443",
    ] {
        assert!(is_problem(&ask("host", host).await, 403), "{host}");
    }
    for origin in ["http://localhost:5173", "http://127.0.0.1"] {
        assert_eq!(ask("origin", origin).await.status, 200, "{origin}");
    }
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "null",
        "",
        "http://localhost@evil.example",
    ] {
        assert!(is_problem(&ask("origin", origin).await, 403), "{origin}");
    }
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

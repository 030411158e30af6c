//! The stage `http`: what is sent, what comes of it, and whom it never reaches.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::{
    calls::{Allowed, Caller},
    model::{Call, CallError, CallId, Called, Header, Method, Request},
    source,
};
use uuid::Uuid;

use crate::{
    app::{Setup, TestApp},
    elsewhere::{COMPANY, Elsewhere, Reply},
};

/// A front desk that asks what it is about, and makes a ticket of it.
fn company(host: &str, method: &str, more: &str) -> source::Files {
    let tenant = format!(
        r#"name: IT
pipelines:
  main:
    - id: what
      ask: {{ text: What is it?, save_as: what }}
    - id: ticket
      http:
        method: {method}
        url: "http://{host}/api/tickets/{{{{Guest.AadObjectId}}}}?what={{{{Data.what}}}}"
        headers: {{ Authorization: {{ env: TICKETS_TOKEN }}, X-From: "{{{{Guest.Name}}}}" }}
        {more}
        timeout: 1s
        save: {{ Data.ticket: /ticket/number, Data.tags: /ticket/tags }}
      on_failure: failed
    - id: done
      end: {{ text: "Ticket {{{{Data.ticket}}}} is open.", outcome: resolved }}
    - id: failed
      end: {{ text: No ticket could be made., outcome: unresolved }}
"#
    );
    [("company.yaml", COMPANY.to_owned()), ("tenants/it/tenant.yaml", tenant)]
        .map(|(path, text)| (path.to_owned(), text))
        .into()
}

/// What the environment holds for the ticket system.
const TOKEN: &str = "Bearer for-tickets-alone";

const JSON: &str = r#"json: { title: "{{Data.what}}", by: { name: "{{Guest.Name}}", turns: "{{json Session.Turns}}" }, tags: [bot, 7, true] }"#;

fn made() -> Reply {
    Reply::new(201, r#"{"ticket":{"number":"INC-7","tags":["a","b"]}}"#)
}

async fn start(system: &Elsewhere, method: &str, more: &str) -> TestApp {
    Setup::new()
        .company(company(&system.host(), method, more))
        .variable("TICKETS_TOKEN", TOKEN)
        .sqlite()
        .start()
        .await
}

async fn ends_with(app: &TestApp, name: &str, words: &str) {
    app.until(words, || app.chat(name).texts().last().is_some_and(|last| last.contains(words)))
        .await;
}

#[tokio::test]
async fn a_ticket_is_made_and_its_number_is_in_data_and_on_the_card() {
    let system = Elsewhere::start().await;
    system.answers([made()]);
    let app = start(&system, "POST", JSON).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("a \"broken\" laptop & more/../ü\nsecond line").await;
    ends_with(&app, "kim", "Ticket INC-7 is open.").await;
    let asked = system.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].path,
        "/api/tickets/aad-kim?what=a%20%22broken%22%20laptop%20%26%20more%2F..%2F%C3%BC%0Asecond%20line",
        "values cannot change the address"
    );
    assert_eq!(
        asked[0].header("authorization"),
        Some(TOKEN),
        "a secret comes from the environment"
    );
    assert_eq!(asked[0].header("content-type"), Some("application/json"));
    assert!(asked[0].header("x-from").unwrap().starts_with("kim"));
    assert!(asked[0].header("idempotency-key").is_some_and(|key| key.parse::<Uuid>().is_ok()));
    let body = asked[0].json();
    assert_eq!(body["title"], "a \"broken\" laptop & more/../ü\nsecond line");
    assert_eq!((&body["by"]["turns"], &body["tags"]), (&json!(2), &json!(["bot", 7, true])));
    let session =
        &app.api(&format!("/sessions/{}", kim.sessions().await[0]["id"].as_str().unwrap())).await;
    assert_eq!(
        (&session["metadata"]["Data.ticket"], &session["state"]),
        (&json!("INC-7"), &json!("resolved"))
    );
    assert_eq!(session["metadata"]["Data.tags"], json!(["a", "b"]));
    assert!(!session.to_string().contains(TOKEN), "the secret is not kept");
    app.finish().await;
}

#[tokio::test]
async fn whatever_goes_wrong_takes_the_exit() {
    let long = format!(r#"{{"ticket":{{"number":"{}"}}}}"#, "7".repeat(1024 * 1024));
    let cases: [(&str, Reply); 8] = [
        ("500", Reply::new(500, "{}")),
        ("404", Reply::new(404, r#"{"ticket":{"number":"no"}}"#)),
        ("late", made().after(Duration::from_millis(1500))),
        ("oversized", Reply::new(200, long.clone())),
        ("oversized without a length", Reply::new(200, long).with("transfer-encoding", "chunked")),
        ("no JSON", Reply::new(200, "<html>down for maintenance</html>")),
        ("no number", Reply::new(200, r#"{"ticket":{"tags":[]}}"#)),
        ("null", Reply::new(200, r#"{"ticket":{"number":null,"tags":[]}}"#)),
    ];
    let system = Elsewhere::start().await;
    let app = start(&system, "POST", JSON).await;
    for (at, (name, reply)) in cases.into_iter().enumerate() {
        system.answers([reply]);
        let kim = app.chat(&format!("kim{at}"));
        kim.say("hello").await;
        kim.say("a laptop").await;
        ends_with(&app, &format!("kim{at}"), "No ticket could be made.").await;
        assert_eq!(system.asked().len(), at + 1, "{name}: what is not idempotent is asked once");
        let session = &kim.sessions().await[0];
        assert_eq!(
            (&session["metadata"]["Data.ticket"], &session["metadata"]["Data.tags"]),
            (&Value::Null, &Value::Null),
            "{name}"
        );
    }
    // Nobody there at all.
    drop(system);
    app.chat("last").say("hello").await;
    app.chat("last").say("a laptop").await;
    ends_with(&app, "last", "No ticket could be made.").await;
    app.finish().await;
}

#[tokio::test]
async fn what_can_be_asked_again_is() {
    let system = Elsewhere::start().await;
    system.answers([Reply::new(503, "busy"), made()]);
    let app = start(&system, "PUT", JSON).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("a laptop").await;
    ends_with(&app, "kim", "Ticket INC-7 is open.").await;
    assert_eq!(system.asked().len(), 2);
    // But not for ever, and not when asking again cannot help.
    system.answers([Reply::new(503, "busy"), Reply::new(503, "busy"), Reply::new(503, "busy")]);
    app.chat("lee").say("hello").await;
    app.chat("lee").say("a laptop").await;
    ends_with(&app, "lee", "No ticket could be made.").await;
    assert_eq!(system.asked().len(), 5);
    system.answers([Reply::new(400, "no")]);
    app.chat("max").say("hello").await;
    app.chat("max").say("a laptop").await;
    ends_with(&app, "max", "No ticket could be made.").await;
    assert_eq!(system.asked().len(), 6);
    app.finish().await;
}

#[tokio::test]
async fn a_restart_while_a_system_is_asked_asks_again_only_what_is_safe() {
    for (method, ends, asked) in
        [("PUT", "Ticket INC-7 is open.", 2), ("POST", "No ticket could be made.", 1)]
    {
        let system = Elsewhere::start().await;
        system.answers([made().after(Duration::from_secs(30)), made()]);
        let mut app = start(&system, method, &format!("{JSON}\n        ")).await;
        let kim = app.chat("kim");
        kim.say("hello").await;
        kim.say("a laptop").await;
        app.until("it is asked", || system.asked().len() == 1).await;
        kim.say("are you there?").await;
        assert!(kim.last().contains("One moment"), "{}", kim.last());
        app.restart().await;
        // Before its time nothing happens.
        app.tick().await;
        assert_eq!(system.asked().len(), 1);
        app.pass(7);
        app.tick().await;
        ends_with(&app, "kim", ends).await;
        assert_eq!(system.asked().len(), asked, "{method}");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_guest_who_left_meanwhile_is_left_alone() {
    let system = Elsewhere::start().await;
    system.answers([made().after(Duration::from_millis(700))]);
    let app = start(&system, "POST", JSON).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("a laptop").await;
    app.until("it is asked", || system.asked().len() == 1).await;
    let id = kim.sessions().await[0]["id"].as_str().unwrap().to_owned();
    let reply = app
        .order(
            &format!("/sessions/{id}/end"),
            &json!({ "outcome": "unresolved", "notes": "by phone" }),
        )
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    app.idle().await;
    let before = kim.texts();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(kim.texts(), before);
    assert_eq!(kim.sessions().await[0]["state"], "unresolved");
    app.finish().await;
}

fn call(url: &str) -> Call {
    let request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: 2000,
        wants_json: true,
        private: false,
    };
    Call {
        id: CallId(Uuid::nil()),
        attempt: 1,
        deadline: Timestamp::UNIX_EPOCH,
        request,
        written: 0,
    }
}

fn caller(hosts: &[&str], networks: &[&str]) -> Caller {
    let caller = Caller::new(std::sync::Arc::new(|_| None)).unwrap();
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    caller.allow(Allowed {
        hosts,
        networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
    });
    caller
}

const REFUSED: Called = Called::Failed(CallError::Refused);

#[tokio::test]
async fn addresses_inside_are_refused_in_every_form_that_they_have() {
    let system = Elsewhere::start().await;
    let port = system.port;
    // Every one of these hosts is listed, so that only their addresses stand in the way.
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[::ffff:169.254.169.254]",
    ];
    for host in hosts {
        let listed =
            url::Url::parse(&format!("https://{host}/")).unwrap().host_str().unwrap().to_owned();
        let caller = caller(&[&listed], &[]);
        for scheme in ["http", "https"] {
            let came = caller.call(&call(&format!("{scheme}://{host}:{port}/"))).await;
            assert_eq!(came, REFUSED, "{scheme}://{host}");
        }
    }
    assert!(system.asked().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_unless_its_network_is_listed() {
    let system = Elsewhere::start().await;
    let port = system.port;
    for name in ["localhost", "LOCALHOST"] {
        for scheme in ["http", "https"] {
            let came = caller(&["localhost"], &[])
                .call(&call(&format!("{scheme}://{name}:{port}/")))
                .await;
            assert_eq!(came, REFUSED, "{scheme}://{name}");
        }
    }
    // Another network is no help, and plain http goes into listed networks only.
    let came = caller(&["localhost"], &["10.0.0.0/8"])
        .call(&call(&format!("http://localhost:{port}/")))
        .await;
    assert_eq!(came, REFUSED);
    assert!(system.asked().is_empty());
    let came = caller(&["localhost"], &["127.0.0.0/8", "::1/128"])
        .call(&call(&format!("http://localhost:{port}/")))
        .await;
    assert_eq!(came, Called::Answer(json!({})));
    assert_eq!(system.asked().len(), 1);
}

#[tokio::test]
async fn hosts_that_are_not_listed_are_refused() {
    let system = Elsewhere::start().await;
    let port = system.port;
    let caller = caller(&["tickets.contoso.com", "*.contoso.net"], &["127.0.0.0/8", "::1/128"]);
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://tickets.contoso.com.localhost:{port}/"),
        format!("http://tickets.contoso.com@localhost:{port}/"),
        format!("http://nottickets.contoso.com:{port}/"),
        format!("http://contoso.net:{port}/"),
        "ftp://tickets.contoso.com/".to_owned(),
        "file:///etc/hostname".to_owned(),
    ] {
        assert_eq!(caller.call(&call(&url)).await, REFUSED, "{url}");
    }
    assert!(system.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_leads_nowhere_but_to_the_same_host() {
    let (system, other) = (Elsewhere::start().await, Elsewhere::start().await);
    let caller = caller(&["127.0.0.1", "localhost"], &["127.0.0.0/8"]);
    let url = format!("http://{}/start", system.host());
    for to in [
        format!("http://{}/", other.host()),
        format!("http://localhost:{}/", system.port),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "http://[::1]/".to_owned(),
    ] {
        system.answers([Reply::new(302, "").with("location", to.clone())]);
        assert_eq!(caller.call(&call(&url)).await, REFUSED, "{to}");
    }
    assert!(other.asked().is_empty());
    assert_eq!(system.asked().len(), 5);
    system.answers([Reply::new(302, "").with("location", "file:///etc/hostname")]);
    assert_eq!(
        caller.call(&call(&url)).await,
        Called::Failed(CallError::Status(302)),
        "no web address at all"
    );
    system.answers([Reply::new(307, "").with("location", "/there"), Reply::new(200, "7")]);
    assert_eq!(caller.call(&call(&url)).await, Called::Answer(json!(7)));
    assert_eq!(system.asked().last().unwrap().path, "/there");
    system.otherwise(Some(Reply::new(302, "").with("location", "/round")));
    assert_eq!(caller.call(&call(&url)).await, REFUSED, "round and round");
}

#[tokio::test]
async fn what_changes_something_is_never_redirected() {
    let system = Elsewhere::start().await;
    let caller = caller(&["127.0.0.1"], &["127.0.0.1/32"]);
    for status in [301, 302, 303, 307, 308] {
        system.answers([Reply::new(status, "").with("location", "/there")]);
        let mut post = call(&format!("http://{}/start", system.host()));
        post.request.method = Method::Post;
        assert_eq!(caller.call(&post).await, Called::Failed(CallError::Status(status)));
        system.answers([Reply::new(status, "").with("location", "/there")]);
        let sent =
            caller.post(&post.request.url, &[], "{}".to_owned(), Duration::from_secs(5)).await;
        assert_eq!(sent, Ok(status), "an event is not delivered by being sent elsewhere");
    }
    assert!(system.asked().iter().all(|asked| asked.path == "/start"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let system = Elsewhere::start().await;
    let caller = caller(&["127.0.0.1"], &["127.0.0.1/32"]);
    let mut missing = call(&format!("http://{}/", system.host()));
    missing.request.headers =
        vec![("authorization".to_owned(), Header::Env("SWITCHBOARD_NO_SUCH_SECRET".to_owned()))];
    assert_eq!(caller.call(&missing).await, Called::Failed(CallError::Unsendable));
    let mut split = call(&format!("http://{}/", system.host()));
    split.request.headers =
        vec![("x-name".to_owned(), Header::Text("a\r\nx-admin: yes".to_owned()))];
    assert_eq!(caller.call(&split).await, Called::Failed(CallError::Unsendable));
    assert!(system.asked().is_empty());
}

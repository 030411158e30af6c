//! Events for another system: what it hears, that it can trust it, and that it hears all of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard::source;

use crate::{
    app::{HOOK, HOOK_SECRET, Setup, TestApp, logs},
    desks::{CHANNEL, connect},
    elsewhere::{Asked, Elsewhere, Reply},
};

/// A front desk that moves everyone to IT, where people work.
fn company(events: &str, front: &str) -> source::Files {
    let company = format!(
        "company: Contoso\nprimary_tenant: front\nhttp: {{ hosts: [127.0.0.1], networks: [127.0.0.1] }}\nevents:\n{events}"
    );
    let front = format!(
        "name: Front\n{front}pipelines:\n  main:\n    - id: what\n      ask:\n        text: Which matter?\n        fields: [{{ id: topic, label: Topic }}, \
         {{ id: pin, label: PIN, private: true }}]\n    - id: go\n      transfer: {{ tenant: it, text: IT goes on., reason: \"It is {{{{Data.topic}}}}\", \
         note: be kind }}\n"
    );
    let it = "name: IT\ndesk: { where: channel }\npipelines:\n  main:\n    - id: human\n      agent: { max_wait: 15m }\n      on_drop: done\n    \
              - id: done\n      end: { text: Done., outcome: resolved }\n";
    let files = [
        ("company.yaml", company),
        ("tenants/front/tenant.yaml", front),
        ("tenants/it/tenant.yaml", it.to_owned()),
    ];
    files.map(|(path, text)| (path.to_owned(), text)).into()
}

fn endpoint(port: u16, path: &str, more: &str) -> String {
    format!("  - {{ url: \"http://127.0.0.1:{port}/{path}\", secret: {{ env: {HOOK} }}{more} }}\n")
}

/// HMAC-SHA256 as RFC 2104 writes it, over raw bytes.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |byte: u8| block.map(|own| own ^ byte).to_vec();
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// The event in a request, once its signature was verified.
fn verified(asked: &Asked) -> Value {
    let (id, at) =
        (asked.header("webhook-id").unwrap(), asked.header("webhook-timestamp").unwrap());
    let key = STANDARD.decode(HOOK_SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let expected = hmac(&key, format!("{id}.{at}.{}", asked.body).as_bytes());
    let given = asked.header("webhook-signature").unwrap().strip_prefix("v1,").unwrap();
    assert_eq!(STANDARD.decode(given).unwrap(), expected, "{asked:?}");
    assert_eq!(
        (asked.method.as_str(), asked.header("content-type")),
        ("POST", Some("application/json"))
    );
    let body = asked.json();
    assert_eq!(body["id"], id);
    body
}

fn types(asked: &[Asked]) -> Vec<String> {
    asked.iter().map(|asked| verified(asked)["type"].as_str().unwrap().to_owned()).collect()
}

/// Says something without waiting for other systems.
async fn say(app: &TestApp, name: &str, text: &str) {
    let reply = app.post(&app.chat(name).message(text)).await;
    assert!(reply.is_empty_200(), "{reply:?}");
}

async fn dead(app: &TestApp) -> Vec<Value> {
    app.api("/outbox?state=dead").await["items"].as_array().unwrap().clone()
}

async fn asks(app: &TestApp) {
    app.chat("kim").say("hello").await;
    app.chat("kim").fill("Send", json!({ "topic": "Dock", "pin": "hush-hush" })).await;
    app.idle().await;
}

#[tokio::test]
async fn a_ticket_system_follows_a_journey_and_can_trust_what_it_hears() {
    let system = Elsewhere::start().await;
    let events = endpoint(system.port, "all", "")
        + &endpoint(system.port, "few", ", on: [session.with_agent], tenants: [it]");
    let app = Setup::new().company(company(&events, "")).sqlite().start().await;
    connect(&app, "it", CHANNEL).await;
    asks(&app).await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.agent("ann")
        .click_in(&thread, "Resolve", json!({ "outcome": "resolved", "notes": "Battery reset" }))
        .await;
    app.idle().await;
    let asked = system.asked();
    let (all, few): (Vec<Asked>, Vec<Asked>) =
        asked.into_iter().partition(|asked| asked.path == "/all");
    assert_eq!(types(&few), ["session.with_agent"]);
    let all: Vec<Value> = all.iter().map(verified).collect();
    let of = |tenant: &str| -> Vec<&Value> {
        all.iter().filter(|event| event["data"]["session"]["tenantId"] == tenant).collect()
    };
    let names = |events: &[&Value]| {
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (front, it) = (of("front"), of("it"));
    assert_eq!(names(&front), ["session.started", "session.transferred"]);
    assert_eq!(
        names(&it),
        ["session.started", "session.waiting_for_agent", "session.with_agent", "session.resolved"]
    );
    assert_eq!(
        all.iter()
            .map(|event| event["id"].as_str().unwrap())
            .collect::<std::collections::HashSet<_>>()
            .len(),
        all.len()
    );
    let moved = &front[1]["data"];
    assert_eq!(
        (&moved["session"]["state"], &moved["session"]["hop"]),
        (&json!("transferred"), &json!(0))
    );
    assert_eq!(
        (&moved["guest"]["aadObjectId"], &moved["metadata"]),
        (&json!("aad-kim"), &json!({ "Data.topic": "Dock" }))
    );
    let transfer = &moved["transfer"];
    assert_eq!(
        (&transfer["from"]["tenantId"], &transfer["to"]["sessionId"]),
        (&json!("front"), &it[0]["data"]["session"]["id"])
    );
    assert_eq!(
        (&transfer["by"]["kind"], &transfer["reason"], transfer.get("note")),
        (&json!("stage"), &json!("It is Dock"), None)
    );
    assert_eq!(
        (&it[1]["data"]["agent"], &it[2]["data"]["agent"]["id"]),
        (&Value::Null, &json!("aad-ann"))
    );
    let resolved = &it[3]["data"];
    assert_eq!(
        resolved["resolution"],
        json!({ "isResolved": true, "by": "agent", "notes": "Battery reset" })
    );
    assert_eq!(
        (&resolved["agent"]["id"], &resolved["session"]["journeyId"]),
        (&json!("aad-ann"), &moved["session"]["journeyId"])
    );
    let text = json!(all).to_string();
    assert!(
        !text.contains("be kind") && !text.contains("hush-hush"),
        "neither notes nor private answers: {text}"
    );
    app.finish().await;
}

/// What was told at a path.
fn told(system: &Elsewhere, path: &str) -> Vec<Value> {
    let asked = system.asked().into_iter().filter(|asked| asked.path == path);
    asked.map(|asked| verified(&asked)).collect()
}

/// That nothing told could be joined to what was not told, by anything of these sessions.
fn leaves_no_trail(told: &[Value], hidden: &[Value]) {
    let text = json!(told).to_string();
    for session in hidden {
        for key in ["id", "ref", "journeyId", "conversationId", "tenantId"] {
            let value = session[key].as_str().unwrap_or("-");
            assert!(!text.contains(&format!("\"{value}\"")), "{key} {value}: {text}");
        }
    }
}

#[tokio::test]
async fn who_does_not_name_a_confidential_department_hears_nothing_of_it() {
    let system = Elsewhere::start().await;
    let events =
        endpoint(system.port, "all", "") + &endpoint(system.port, "named", ", tenants: [front]");
    let app = Setup::new().company(company(&events, "confidential: true\n")).start().await;
    connect(&app, "it", CHANNEL).await;
    asks(&app).await;
    let (all, named) = (told(&system, "/all"), told(&system, "/named"));
    let sessions = app.chat("kim").sessions().await;
    let hidden: Vec<Value> =
        sessions.into_iter().filter(|session| session["tenantId"] == "front").collect();
    assert_eq!(hidden.len(), 1);
    // Of where they went next all is told but by what it could be joined.
    leaves_no_trail(&all, &hidden);
    let types: Vec<&Value> = all.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["session.started", "session.waiting_for_agent"]);
    assert_eq!(all[0]["data"]["guest"]["aadObjectId"], "aad-kim");
    assert_eq!(named.len(), 2);
    assert_eq!(
        (&named[1]["data"]["guest"]["aadObjectId"], &named[1]["data"]["transfer"]["reason"]),
        (&json!("aad-kim"), &json!("It is Dock"))
    );
    assert_eq!(named[1]["data"]["session"]["journeyId"], hidden[0]["journeyId"]);
    app.finish().await;
}

#[tokio::test]
async fn nor_that_somebody_went_there() {
    let system = Elsewhere::start().await;
    let mut files = company(&endpoint(system.port, "all", ""), "");
    let it = files.get_mut("tenants/it/tenant.yaml").unwrap();
    it.insert_str(0, "confidential: true\n");
    let app = Setup::new().company(files).start().await;
    connect(&app, "it", CHANNEL).await;
    asks(&app).await;
    let all = told(&system, "/all");
    let sessions = app.chat("kim").sessions().await;
    let hidden: Vec<Value> =
        sessions.into_iter().filter(|session| session["tenantId"] == "it").collect();
    assert_eq!(hidden.len(), 1);
    leaves_no_trail(&all, &hidden);
    let types: Vec<&Value> = all.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["session.started"]);
    app.finish().await;
}

#[tokio::test]
async fn nor_once_its_files_are_gone() {
    let system = Elsewhere::start().await;
    let events = endpoint(system.port, "all", "");
    let mut files = company(&events, "confidential: true\n");
    let company = files.get_mut("company.yaml").unwrap();
    *company = company.replace("primary_tenant: front", "primary_tenant: it");
    let front = files.remove("tenants/front/tenant.yaml").unwrap();
    files.insert("tenants/side/tenant.yaml".to_owned(), front);
    let app = Setup::new().company(files.clone()).start().await;
    connect(&app, "it", CHANNEL).await;
    let kim = app.chat("kim");
    kim.say("departments").await;
    kim.click("Front").await;
    app.idle().await;
    kim.fill("Send", json!({ "topic": "Dock", "pin": "hush-hush" })).await;
    app.idle().await;
    app.remove("tenants/side");
    app.order("/reload", &json!({})).await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let sessions = kim.sessions().await;
    let hidden: Vec<Value> =
        sessions.into_iter().filter(|session| session["tenantId"] == "side").collect();
    assert_eq!(hidden.len(), 1);
    let all = told(&system, "/all");
    assert_eq!(all.last().unwrap()["type"], "session.with_agent");
    leaves_no_trail(&all, &hidden);
    app.finish().await;
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_everything_later_and_in_order() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut app = Setup::new()
        .company(company(&endpoint(port, "x", ", tenants: [front]"), ""))
        .sqlite()
        .start()
        .await;
    say(&app, "kim", "hello").await;
    app.until("the guest is answered all the same", || {
        app.chat("kim").last().contains("Which matter?")
    })
    .await;
    app.restart().await;
    let reply =
        app.post(&app.chat("kim").execute("Send", json!({ "topic": "Dock", "pin": "1" }))).await;
    assert_eq!(reply.status, 200);
    let system = Elsewhere::start_at(port).await;
    system.answers([Reply::new(503, ""), Reply::new(429, "")]);
    app.idle().await;
    let asked = system.asked();
    assert_eq!(
        types(&asked),
        ["session.started", "session.started", "session.started", "session.transferred"],
        "again until it was taken"
    );
    let ids: Vec<&str> = asked.iter().map(|asked| asked.header("webhook-id").unwrap()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    app.finish().await;
}

#[tokio::test]
async fn what_a_receiver_refuses_is_kept_and_can_be_retried() {
    let system = Elsewhere::start().await;
    system.answers([Reply::new(410, "")]);
    let app = Setup::new()
        .company(company(
            &endpoint(system.port, "x", ", on: [session.started], tenants: [front]"),
            "",
        ))
        .sqlite()
        .start()
        .await;
    app.chat("kim").say("hello").await;
    let rows = dead(&app).await;
    assert_eq!((rows.len(), rows[0].get("body")), (1, None), "{rows:?}");
    assert!(
        rows[0]["error"].as_str().unwrap().contains("410")
            && rows[0]["conversationId"].as_str().unwrap().starts_with("hook:"),
        "{rows:?}"
    );
    assert!(!json!(rows).to_string().contains("kim"), "{rows:?}");
    assert_eq!(system.asked().len(), 1, "not repeated by itself");
    let reply =
        app.order(&format!("/outbox/{}/retry", rows[0]["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(reply.status, 202);
    app.idle().await;
    assert_eq!(types(&system.asked()), ["session.started", "session.started"]);
    assert_eq!(system.asked()[0].header("webhook-id"), system.asked()[1].header("webhook-id"));
    app.finish().await;
}

/// What waits to be told to a receiver, once it is known why.
async fn until_told(app: &TestApp, why: &str) -> Vec<Value> {
    let begun = app.steady.source();
    let end = begun.now().later(jiff::SignedDuration::from_secs(20));
    loop {
        let rows = app.api("/outbox?state=pending").await["items"].as_array().unwrap().clone();
        let is_told = |row: &Value| row["error"].as_str().is_some_and(|error| error.contains(why));
        if !rows.is_empty() && rows.iter().all(is_told) {
            return rows;
        }
        assert!(begun.now() < end, "in vain: {rows:?}");
        app.teams.stirs(std::time::Duration::from_millis(3)).await;
    }
}

#[tokio::test]
async fn without_its_secret_everything_waits_and_goes_once_it_is_there() {
    let system = Elsewhere::start().await;
    let events = endpoint(system.port, "x", ", tenants: [front]").replace(HOOK, "LATER_SECRET");
    let mut app = Setup::new().company(company(&events, "")).sqlite().start().await;
    let why = "the environment variable LATER_SECRET is not set";
    let is_told = |line: &str| {
        line.contains("WARN") && line.contains(why) && line.contains("switchboard webhook secret")
    };
    assert!(logs().lines().any(is_told));
    say(&app, "kim", "hello").await;
    app.restart().await;
    let rows = until_told(&app, why).await;
    assert_eq!((rows.len(), &rows[0]["attempts"]), (1, &json!(0)), "{rows:?}");
    assert!(system.asked().is_empty() && dead(&app).await.is_empty());
    app.set_variable("LATER_SECRET", HOOK_SECRET);
    app.idle().await;
    let reply =
        app.post(&app.chat("kim").execute("Send", json!({ "topic": "Dock", "pin": "1" }))).await;
    assert_eq!(reply.status, 200);
    app.idle().await;
    assert_eq!(types(&system.asked()), ["session.started", "session.transferred"]);
    app.finish().await;
}

#[tokio::test]
async fn a_secret_that_no_library_takes_is_refused_with_its_place_and_never_shown() {
    let system = Elsewhere::start().await;
    let files = company(&endpoint(system.port, "x", ""), "");
    let app = Setup::new()
        .company(files.clone())
        .variable("OTHER_SECRET", "hush-hush-hush-hush-hush")
        .start()
        .await;
    app.write("company.yaml", &files["company.yaml"].replace(HOOK, "OTHER_SECRET"));
    let reply = app.order("/reload", &json!({})).await;
    let problem = &reply.json()["problems"][0];
    assert_eq!(
        (reply.status, &problem["line"], &problem["message"]),
        (
            409,
            &json!(5),
            &json!(
                "what the environment variable OTHER_SECRET holds does not begin with `whsec_`: no receiver could verify what is signed with it"
            )
        ),
    );
    assert!(problem["help"].as_str().unwrap().contains("switchboard webhook secret"));
    assert!(!reply.text.contains("hush-hush") && !logs().contains("hush-hush-hush-hush-hush"));
    say(&app, "kim", "hello").await;
    app.idle().await;
    assert_eq!(types(&system.asked()), ["session.started"], "the running version stays");
    app.finish().await;
}

//! Answers while all is well: the good ones, and what is said of questions that make no sense.

use serde_json::{Value, json};

use super::{
    Asked, Record, UNKNOWN,
    scene::{self, Scene},
};
use crate::{app::TestApp, fake_teams::TENANT};

const SESSIONS: &str = "/api/v1/sessions";
const SESSION: &str = "/api/v1/sessions/{id}";
const TRANSCRIPT: &str = "/api/v1/sessions/{id}/transcript";
const TRANSFER: &str = "/api/v1/sessions/{id}/transfer";
const END: &str = "/api/v1/sessions/{id}/end";
const JOURNEY: &str = "/api/v1/journeys/{id}";
const DRAFTS: &str = "/api/v1/faq/drafts";
const ACCEPT: &str = "/api/v1/faq/drafts/{id}/accept";
const REJECT: &str = "/api/v1/faq/drafts/{id}/reject";
const REPORT: &str = "/api/v1/reports/faq";
const OUTBOX: &str = "/api/v1/outbox";
const RETRY_ALL: &str = "/api/v1/outbox/retry";
const RETRY: &str = "/api/v1/outbox/{id}/retry";
const FILE: &str = "/files/{id}/{name:.*}";
const MESSAGES: &str = "/api/messages";

/// One invoke of each kind that is answered in its own way.
const INVOKES: [&str; 15] = [
    "adaptiveCard/action",
    "application/search",
    "task/fetch",
    "composeExtension/query",
    "composeExtension/submitAction",
    "composeExtension/querySettingUrl",
    "composeExtension/setting",
    "config/fetch",
    "tab/fetch",
    "message/submitAction",
    "signin/tokenExchange",
    "signin/verifyState",
    "signin/failure",
    "suggestedActions/submit",
    "whatever",
];

pub async fn while_all_is_well(record: &mut Record) {
    let app = scene::empty().await;
    for pattern in [SESSIONS, DRAFTS, REPORT, OUTBOX, "/api/v1/desks"] {
        record.get(&app, pattern, "nothing is there", pattern).await;
    }
    for page in ["/", "/privacy", "/terms"] {
        record.get(&app, page, "good", page).await;
    }
    record.get(&app, "/healthz", "good", "/healthz").await;
    record.get(&app, "/readyz", "good", "/readyz").await;
    let scene = scene::played(&app).await;
    seen(record, &app, &scene).await;
    asked_wrongly(record, &app).await;
    reports(record, &app).await;
    files(record, &app, &scene).await;
    moves(record, &app, &scene).await;
    ends(record, &app, &scene).await;
    decided(record, &app, &scene).await;
    letters(record, &app, &scene).await;
    activities(record, &app).await;
    flood(record, &app).await;
    company(record, &app, &scene).await;
    app.idle().await;
    app.stop_with_dead_letters().await;
}

async fn seen(record: &mut Record, app: &TestApp, scene: &Scene) {
    record.get(app, "/api/v1/tenants", "good", "/api/v1/tenants").await;
    let one = "/api/v1/tenants/{id}";
    record.get(app, one, "open", "/api/v1/tenants/hr").await;
    record.get(app, one, "closed now", "/api/v1/tenants/night").await;
    record.get(app, one, "unknown", "/api/v1/tenants/nobody").await;
    record.get(app, SESSIONS, "good", SESSIONS).await;
    let page = record.get(app, SESSIONS, "a page", &format!("{SESSIONS}?limit=1")).await.json();
    let next = page["next"].as_str().unwrap();
    let more = format!("{SESSIONS}?limit=1&cursor={next}");
    record.get(app, SESSIONS, "the next page", &more).await;
    let all = format!(
        "{SESSIONS}?tenant=it&state=transferred&guest=29:kim&conversation=a:1kim&journey={}&from=2027-01-01&to=2028-01-01T00:00:00Z",
        scene.journey
    );
    let found = record.get(app, SESSIONS, "every filter", &all).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found:#}");
    for (case, id) in [("the first of a journey", &scene.first), ("the second", &scene.second)] {
        record.get(app, SESSION, case, &format!("{SESSIONS}/{id}")).await;
        record.get(app, TRANSCRIPT, case, &format!("{SESSIONS}/{id}/transcript")).await;
    }
    for query in ["limit=1", "limit=x", "cursor=x", "cursor=1%20OR%201=1", "what=x"] {
        let asked = format!("{SESSIONS}/{}/transcript?{query}", scene.first);
        record.get(app, TRANSCRIPT, &format!("?{query}"), &asked).await;
    }
    record.get(app, JOURNEY, "good", &format!("/api/v1/journeys/{}", scene.journey)).await;
    for (case, id) in [("unknown", UNKNOWN), ("no id", "x")] {
        record.get(app, SESSION, case, &format!("{SESSIONS}/{id}")).await;
        record.get(app, TRANSCRIPT, case, &format!("{SESSIONS}/{id}/transcript")).await;
        record.get(app, JOURNEY, case, &format!("/api/v1/journeys/{id}")).await;
    }
    record.get(app, "/api/v1/desks", "good", "/api/v1/desks").await;
    let code = "/api/v1/desks/{tenant}/code";
    for (case, tenant) in [
        ("good", "it"),
        ("a desk of personal chats", "legal"),
        ("no desk", "help"),
        ("unknown", "nobody"),
    ] {
        record.post(app, code, case, (&format!("/api/v1/desks/{tenant}/code"), "")).await;
    }
    let unbind = "/api/v1/agents/{id}/unbind";
    for case in ["good", "nobody is bound"] {
        record.post(app, unbind, case, ("/api/v1/agents/aad-ann/unbind", "")).await;
    }
}

/// Queries that make no sense.
async fn asked_wrongly(record: &mut Record, app: &TestApp) {
    for (pattern, queries) in [
        (
            SESSIONS,
            &[
                "teneant=it",
                "tenant=it&tenant=hr",
                "state=happy",
                "journey=x",
                "from=yesterday",
                "to=2026-13-01",
                "limit=many",
                "limit=-1",
                "cursor=x",
            ][..],
        ),
        (DRAFTS, &["what=x", "state=open", "format=xml"]),
        (REPORT, &["what=x", "format=xml", "from=yesterday", "to=x"]),
        (OUTBOX, &["what=x", "state=lost", "limit=x"]),
    ] {
        for query in queries {
            record.get(app, pattern, &format!("?{query}"), &format!("{pattern}?{query}")).await;
        }
    }
}

async fn reports(record: &mut Record, app: &TestApp) {
    record.get(app, REPORT, "good", REPORT).await;
    for query in ["format=json&tenant=help", "from=2027-01-01&to=2028-01-01", "format=csv"] {
        record.get(app, REPORT, &format!("?{query}"), &format!("{REPORT}?{query}")).await;
    }
    for query in ["tenant=it&state=proposed&format=json", "format=yaml"] {
        record.get(app, DRAFTS, &format!("?{query}"), &format!("{DRAFTS}?{query}")).await;
    }
}

async fn files(record: &mut Record, app: &TestApp, scene: &Scene) {
    for (name, path) in &scene.files {
        record.get(app, FILE, name, path).await;
    }
    let path = &scene.files[0].1;
    let (address, query) = path.split_once('?').unwrap();
    let asked = Asked { path, ..Asked::default() };
    record.ask(app, ("HEAD", FILE), "plan.pdf", asked).await;
    for range in ["bytes=1-4", "bytes=1000-", "lines=1-2"] {
        let headers = [("range", range)];
        let asked = Asked { path, headers: &headers, ..Asked::default() };
        record.ask(app, ("GET", FILE), range, asked).await;
    }
    record.get(app, FILE, "another name", &path.replace("plan.pdf", "x/y.html")).await;
    record.get(app, FILE, "without a signature", address).await;
    record.get(app, FILE, "forged", &format!("{path}A")).await;
    record.get(app, FILE, "another file's", &format!("/files/{UNKNOWN}/plan.pdf?{query}")).await;
    record.get(app, FILE, "no id", &format!("/files/x/plan.pdf?{query}")).await;
    record.get(app, "nowhere", "/files/x", "/files/x").await;
    record.get(app, "/api/v1/files", "good", "/api/v1/files").await;
    let revoke = "/api/v1/links/revoke";
    for (case, body) in [
        ("neither one nor all", json!({})),
        ("both", json!({ "all": true, "file": UNKNOWN })),
        ("an unknown file", json!({ "file": UNKNOWN })),
        ("no id", json!({ "file": "x" })),
        ("good", json!({ "all": true })),
    ] {
        record.post(app, revoke, case, (revoke, &body.to_string())).await;
    }
    record.get(app, FILE, "revoked", path).await;
}

/// Every way in which a manager's wish to move a guest goes.
async fn moves(record: &mut Record, app: &TestApp, scene: &Scene) {
    app.chat("lee").say("hello").await;
    let path = |id: &str| format!("{SESSIONS}/{id}/transfer");
    let (lee, to_hr) =
        (path(&scene::live(app, "lee").await), json!({ "tenant": "hr" }).to_string());
    for tenant in ["nobody", "archive", "empty", "it", "vault", "legal"] {
        let body = json!({ "tenant": tenant }).to_string();
        record.post(app, TRANSFER, &format!("to {tenant}"), (&lee, &body)).await;
        app.idle().await;
    }
    for body in [
        "",
        "{",
        "[]",
        "\"hr\"",
        "{}",
        r#"{"tenant":7}"#,
        r#"{"tenant":"hr","because":"x"}"#,
        r#"{"tenant":"hr","tenant":"it"}"#,
    ] {
        record.post(app, TRANSFER, &format!("the body `{body}`"), (&lee, body)).await;
    }
    for (case, id) in [("unknown", UNKNOWN), ("no id", "x"), ("not live", &*scene.first)] {
        record.post(app, TRANSFER, case, (&path(id), &to_hr)).await;
    }
    let night = json!({ "tenant": "night", "reason": "why", "note": "how" }).to_string();
    record.post(app, TRANSFER, "to one that is closed now", (&lee, &night)).await;
    app.idle().await;
    app.chat("lee").click("Stay here").await;
    let body = json!({ "tenant": "clerk", "reason": "why", "note": "how" }).to_string();
    record.post(app, TRANSFER, "good", (&lee, &body)).await;
    app.idle().await;
    scene::moved(app, "lee", "help").await;
    scene::moved(app, "lee", "clerk").await;
    let lee = path(&scene::live(app, "lee").await);
    let body = json!({ "tenant": "help" }).to_string();
    record.post(app, TRANSFER, "once too often", (&lee, &body)).await;
    app.idle().await;
}

async fn ends(record: &mut Record, app: &TestApp, scene: &Scene) {
    let path = |id: &str| format!("{SESSIONS}/{id}/end");
    let lee = path(&scene::live(app, "lee").await);
    for body in [r#"{"outcome":"transferred"}"#, r#"{"what":"x"}"#, "{", "[1]"] {
        record.post(app, END, &format!("the body `{body}`"), (&lee, body)).await;
    }
    for (case, id) in [("unknown", UNKNOWN), ("no id", "x"), ("not live", &*scene.first)] {
        record.post(app, END, case, (&path(id), "")).await;
    }
    let body = r#"{"outcome":"unresolved","notes":"Spam"}"#;
    record.post(app, END, "good", (&lee, body)).await;
    app.chat("meg").say("hello").await;
    let meg = path(&scene::live(app, "meg").await);
    record.post(app, END, "without a body", (&meg, "")).await;
    record.post(app, END, "again", (&meg, "{}")).await;
    app.idle().await;
    let ended = format!("{SESSIONS}/{}", scene::live(app, "meg").await);
    record.get(app, SESSION, "ended by a manager", &ended).await;
}

/// What a manager makes of proposals.
async fn decided(record: &mut Record, app: &TestApp, scene: &Scene) {
    let accept = |id: &str| format!("{DRAFTS}/{id}/accept");
    let reject = |id: &str| format!("{DRAFTS}/{id}/reject");
    let [one, two, three, ..] = &scene.drafts[..] else { panic!("too few") };
    for body in ["{", "[1]", r#"{"what":"x"}"#, r#"{"tags":"x"}"#] {
        record.post(app, ACCEPT, &format!("the body `{body}`"), (&accept(one), body)).await;
    }
    let taken = json!({ "articleId": "vpn" }).to_string();
    record.post(app, ACCEPT, "with an id that is taken", (&accept(one), &taken)).await;
    let all = json!({
        "articleId": "door", "question": "Which door?", "also": ["where"], "answer": "That one.", "tags": ["doors"], "locale": "de-DE",
    });
    record.post(app, ACCEPT, "every field", (&accept(one), &all.to_string())).await;
    record.post(app, ACCEPT, "without a body", (&accept(two), "")).await;
    record.post(app, REJECT, "good", (&reject(three), "")).await;
    for (case, id) in [("accepted before", one), ("rejected before", three)] {
        record.post(app, ACCEPT, case, (&accept(id), "")).await;
        record.post(app, REJECT, case, (&reject(id), "")).await;
    }
    for (case, id) in [("unknown", UNKNOWN), ("no id", "x")] {
        record.post(app, ACCEPT, case, (&accept(id), "")).await;
        record.post(app, REJECT, case, (&reject(id), "")).await;
    }
    for state in ["accepted", "rejected"] {
        let query = format!("?state={state}");
        record.get(app, DRAFTS, &query, &format!("{DRAFTS}{query}")).await;
    }
}

async fn letters(record: &mut Record, app: &TestApp, scene: &Scene) {
    for state in ["dead", "sent", "pending"] {
        let query = format!("?state={state}&limit=2");
        record.get(app, OUTBOX, &query, &format!("{OUTBOX}{query}")).await;
    }
    let retry = |id: &str| format!("{OUTBOX}/{id}/retry");
    record.post(app, RETRY, "good", (&retry(&scene.letter), "")).await;
    app.idle().await;
    for (case, id) in [("not dead", &*scene.letter), ("unknown", UNKNOWN), ("no id", "x")] {
        record.post(app, RETRY, case, (&retry(id), "")).await;
    }
    for query in ["", "?since=2027-01-01&state=dropped", "?state=sent", "?since=x", "?what=x"] {
        let path = format!("{RETRY_ALL}{query}");
        record
            .post(app, RETRY_ALL, if query.is_empty() { "good" } else { query }, (&path, ""))
            .await;
    }
    app.idle().await;
}

/// What channels send, and what they are told.
async fn activities(record: &mut Record, app: &TestApp) {
    let bob = app.chat("rob");
    let unsaid = |name: &str| bob.activity("invoke", json!({ "name": name, "value": {} }));
    let mut all = vec![
        ("a message", bob.message("hello")),
        ("installed", bob.installed()),
        ("members", bob.members_added()),
        ("typing", bob.activity("typing", json!({}))),
        ("an unknown type", bob.activity("whatever", json!({}))),
        ("an event", bob.activity("event", json!({ "name": "x" }))),
        ("expectReplies", bob.activity("message", json!({ "text": "/status", "deliveryMode": "expectReplies" }))),
        ("another tenant's", bob.activity("message", json!({ "text": "hello", "conversation": { "id": "a:1rob", "conversationType": "personal", "tenantId": "33333333-3333-3333-3333-333333333333" }, "channelData": { "tenant": { "id": "33333333-3333-3333-3333-333333333333" } } }))),
        ("a group", bob.activity("message", json!({ "text": "hello", "conversation": { "id": "19:x", "conversationType": "groupChat", "isGroup": true, "tenantId": TENANT } }))),
        ("an invoke without a name", bob.activity("invoke", json!({}))),
        ("a click without our token", bob.execute_data("1", json!({ "type": "Action.Execute", "verb": "x", "data": {} }))),
    ];
    all.extend(INVOKES.map(|name| (name, unsaid(name))));
    for (case, activity) in &all {
        let reply = app.post(activity).await;
        record.note("POST", MESSAGES, case, &reply);
        app.idle().await;
    }
    bob.fill("Send", json!({})).await;
    let click = bob.execute("Send", json!({ "topic": "Laptop", "machine": "Mac" }));
    record.note("POST", MESSAGES, "a click", &app.post(&click).await);
    app.idle().await;
    let half = bob.activity("message", json!({ "conversation": null }));
    for body in ["", "{", "[]", "{}", &half.to_string(), r#"{"type":7}"#] {
        let case = if body.len() > 20 { "no conversation" } else { body };
        let reply = app.post_bytes(body.to_owned()).await;
        record.note("POST", MESSAGES, &format!("the body `{case}`"), &reply);
    }
}

/// Faster than anyone can read.
async fn flood(record: &mut Record, app: &TestApp) {
    let flood = app.chat("flo");
    let mut latest = app.post(&flood.message("hello")).await;
    for _ in 0..80 {
        if latest.status == 200 {
            latest = app.post(&flood.message("/status")).await;
        }
    }
    record.note("POST", MESSAGES, "too many", &latest);
    app.idle().await;
}

/// The company's files, the last thing: they are left in a bad state.
async fn company(record: &mut Record, app: &TestApp, scene: &Scene) {
    let (check, reload) = ("/api/v1/check", "/api/v1/reload");
    let good: Value = json!({ "files": {
        "company.yaml": "company: A\nprimary_tenant: a\n",
        "tenants/a/tenant.yaml": "name: A\npipelines: { main: [{ id: bye, end: { text: Bye. } }] }\n",
    } });
    record.post(app, check, "good", (check, &good.to_string())).await;
    let bad = json!({ "files": { "company.yaml": "compny: A\n" } }).to_string();
    record.post(app, check, "mistakes", (check, &bad)).await;
    for body in ["", "{", "{}", r#"{"files":7}"#, r#"{"files":{},"what":"x"}"#] {
        record.post(app, check, &format!("the body `{body}`"), (check, body)).await;
    }
    record.post(app, reload, "good", (reload, "")).await;
    // A file that may not be written.
    let accept = format!("{DRAFTS}/{}/accept", scene.drafts[3]);
    app.lock("tenants/it/faq.yaml", true);
    record.post(app, ACCEPT, "the folder is read-only", (&accept, "")).await;
    app.lock("tenants/it/faq.yaml", false);
    let whole = app.read("company.yaml");
    app.write("company.yaml", "compny: A\n");
    record.post(app, reload, "mistakes", (reload, "")).await;
    record.get(app, "/readyz", "the files have mistakes", "/readyz").await;
    app.write("company.yaml", &whole);
    record.post(app, reload, "good again", (reload, "")).await;
    app.remove("tenants/it/faq.yaml");
    app.write("tenants/it/faq.yaml/in-the-way.txt", "a folder");
    record.post(app, ACCEPT, "the folder does not work", (&accept, "")).await;
}

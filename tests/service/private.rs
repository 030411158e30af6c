//! What an employee gives a department alone: whatever the pipeline makes of it, they and that
//! department's desk read it, and nobody else ever does.

use serde_json::{Value, json};
use switchboard::source;

use crate::{
    app::{Setup, TestApp, assert_quiet, logs},
    desks::{CHANNEL, connect},
    elsewhere::{Elsewhere, Reply},
    forge::with,
};

/// What the tests' people answer privately; nothing else says so.
const PIN: &str = "hush-hush";
const HR: &str = "19:hr-desk@thread.tacv2";

/// IT asks for a PIN in two ways, uses it in every way, and has a desk; HR goes on.
fn company(system: &Elsewhere) -> source::Files {
    let company = format!(
        "company: Contoso\nprimary_tenant: it\nhttp: {{ hosts: [127.0.0.1], private: [127.0.0.1], networks: [127.0.0.1] }}\n\
         events:\n  - {{ url: \"http://{}/events\", secret: {{ env: SWITCHBOARD_HOOK_SECRET }} }}\n",
        system.host()
    );
    let it = format!(
        r#"name: IT
desk: {{ where: channel }}
pipelines:
  main:
    - id: pin
      ask:
        text: Which PIN?
        fields: [{{ id: pin, label: PIN, private: true, pattern: "hush-hush-[0-9]" }}]
    - id: form
      ask:
        text: And the rest?
        fields:
          - {{ id: model, label: Model }}
          - {{ id: code, label: Code, private: true, pattern: "hush-hush-[0-9]" }}
    - id: copy
      set: {{ Data.copy: "x{{{{Data.pin}}}}x", Data.chosen: '{{{{#if (eq Data.pin "hush-hush-1")}}}}{{{{Data.pin}}}}{{{{else}}}}no{{{{/if}}}}' }}
    - id: echo
      send: {{ text: 'Noted: {{{{Data.pin}}}} {{{{Data.copy}}}} {{{{#with Data}}}}{{{{code}}}}{{{{/with}}}} {{{{lookup Data "chosen"}}}}' }}
    - id: card
      send: {{ template: echo, data: {{ line: "also {{{{Data.copy}}}}" }} }}
    - id: ticket
      http:
        url: "http://{0}/ticket?pin={{{{Data.pin}}}}"
        json: {{ raw: "{{{{json Data.code}}}}", text: "{{{{Data.copy}}}}" }}
        save: {{ Data.ticket: /number }}
      on_failure: human
    - id: told
      send: {{ text: "Ticket {{{{Data.ticket}}}}" }}
    - id: human
      agent: {{ note: "Call back, {{{{Data.pin}}}}", max_wait: 15m }}
      on_drop: done
    - id: done
      end: {{ text: "Bye, {{{{Data.pin}}}}.", outcome: resolved }}
"#,
        system.host()
    );
    let hr = "name: HR\ndesk: { where: channel }\npipelines:\n  main:\n    - id: human\n      agent: { max_wait: 15m, note: \"{{Data.pin}}{{Data.ticket}}\" }\n      on_drop: done\n    - id: done\n      end: { text: \"Done {{Data.pin}}{{Data.copy}}.\", outcome: resolved }\n";
    let card = r#"{ "type": "AdaptiveCard", "version": "1.5", "body": [
        { "type": "TextBlock", "wrap": true, "text": "{{line}} {{Data.pin}} {{#if (eq Data.pin "hush-hush-1")}}{{Data.pin}}{{/if}}" } ] }"#;
    let files = [
        ("company.yaml", company),
        ("tenants/it/tenant.yaml", it),
        ("tenants/it/cards/echo.json.hbs", card.to_owned()),
        ("tenants/it/cards/samples/echo.json", r#"{ "line": "x" }"#.to_owned()),
        ("tenants/hr/tenant.yaml", hr.to_owned()),
    ];
    files.map(|(path, text)| (path.to_owned(), text)).into()
}

/// Everything that somebody with the admin token reads.
async fn everything(app: &TestApp) -> String {
    let mut all = String::new();
    let sessions = app.api("/sessions").await;
    for session in sessions["items"].as_array().unwrap() {
        let id = session["id"].as_str().unwrap();
        for path in [format!("/sessions/{id}"), format!("/sessions/{id}/transcript")] {
            all += &app.api(&path).await.to_string();
        }
        let journey = session["journeyId"].as_str().unwrap();
        all += &app.api(&format!("/journeys/{journey}")).await.to_string();
    }
    for state in ["pending", "dead", "sent"] {
        all += &app.api(&format!("/outbox?state={state}")).await.to_string();
    }
    all + &sessions.to_string()
}

#[tokio::test]
async fn what_is_private_is_read_by_nobody_else_whatever_becomes_of_it() {
    logs();
    let system = Elsewhere::start().await;
    // Systems repeat what they are told.
    system.otherwise(Some(Reply::new(200, r#"{"number":"INC-7 for hush-hush-1"}"#)));
    let app = Setup::new().company(company(&system)).sqlite().start().await;
    connect(&app, "it", CHANNEL).await;
    connect(&app, "hr", HR).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    // Wrong the first time, with the answer in it; edited in Teams later.
    let said = kim.message("it is hush-hush-9");
    app.post(&said).await;
    app.idle().await;
    kim.say("hush-hush-1").await;
    // Typed at a form of several fields, then filled in wrongly, then rightly.
    kim.say("a laptop and hush-hush-2").await;
    kim.fill("Send", json!({ "model": "Air", "code": "hush-hush-x" })).await;
    assert!(kim.last().contains("Code"), "the form stands again: {}", kim.last());
    let form = kim.sent().last().unwrap().activity.to_string();
    assert!(form.contains("hush-hush-x"), "the guest corrects what they wrote: {form}");
    kim.fill("Send", json!({ "model": "Air", "code": "hush-hush-2" })).await;
    app.until("the desk is asked", || !app.teams.threads(CHANNEL).is_empty()).await;
    app.idle().await;
    let edit = json!({ "id": said["id"], "text": "hush-hush-8", "channelData": { "eventType": "editMessage" } });
    app.post(&kim.activity("messageUpdate", with(edit, json!({})))).await;
    app.idle().await;

    // The guest reads what is theirs, and the other system with leave what it is told.
    let texts = kim.texts().join("\n");
    assert!(
        texts.contains("Noted: hush-hush-1 xhush-hush-1x hush-hush-2 hush-hush-1")
            && texts.contains("also xhush-hush-1x hush-hush-1 hush-hush-1")
            && texts.contains("INC-7 for hush-hush-1"),
        "{texts}"
    );
    let asked = system.asked();
    let ticket = asked.iter().find(|asked| asked.path.starts_with("/ticket")).unwrap();
    assert_eq!(ticket.path, "/ticket?pin=hush-hush-1");
    assert_eq!(ticket.json(), json!({ "raw": "hush-hush-2", "text": "xhush-hush-1x" }));
    // So does the department's own desk, live.
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let ann = app.agent("ann");
    let brief = ann.texts_in(&thread).join("\n");
    assert!(brief.contains("hush-hush-1") && brief.contains("Call back, hush-hush-1"), "{brief}");
    assert!(!brief.contains("hush-hush-8"), "a hidden line stays so when it is edited: {brief}");

    // Nobody else: not over the API, not in events.
    let (all, events) = (everything(&app).await, heard(&system));
    assert!(!all.contains(PIN), "{}", around(&all));
    assert!(!events.contains(PIN), "{}", around(&events));
    assert!(all.contains("Noted: … … … …"), "others read it as hidden: {all}");

    // Not the next department, its desk, or what it looks up there.
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    ann.click_in(&thread, "Transfer", json!({ "tenant": "hr", "reason": "HR knows" })).await;
    app.idle().await;
    let there = app.teams.threads(HR).last().unwrap().clone();
    let cem = app.agent("cem");
    cem.click_in(&there, "Take", json!({})).await;
    app.idle().await;
    cem.click_in(&there, "Transcript", json!({})).await;
    // The transcript is no letter of the outbox.
    let read = || json!(app.teams.activities(&there)).to_string();
    app.until("the transcript is in the thread", || read().contains("hello")).await;
    let read = read();
    assert!(!read.contains(PIN), "{}", around(&read));
    cem.click_in(&there, "Resolve", json!({ "outcome": "resolved" })).await;
    app.idle().await;
    let (all, events) = (everything(&app).await, heard(&system));
    assert!(!all.contains(PIN) && !events.contains(PIN), "{}", around(&(all + &events)));
    app.finish().await;
    assert_quiet();
}

/// The bodies of all events.
fn heard(system: &Elsewhere) -> String {
    let asked = system.asked();
    let events = asked.iter().filter(|asked| asked.path == "/events");
    let all: Vec<Value> = events.map(|asked| asked.json()).collect();
    assert!(!all.is_empty());
    json!(all).to_string()
}

/// Where it stands, for whoever reads of a failure.
fn around(text: &str) -> String {
    let Some(at) = text.find(PIN) else { return String::new() };
    let before: String = text[..at].chars().rev().take(400).collect();
    let before: String = before.chars().rev().collect();
    format!("{before}>>>{}", text[at..].chars().take(100).collect::<String>())
}

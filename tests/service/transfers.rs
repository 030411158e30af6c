//! From department to department, seen through the admin API.

use serde_json::{Value, json};

use crate::app::TestApp;

const KEYS: [&str; 6] = [
    "Session.TransferredFrom.SessionId",
    "Session.TransferredFrom.TenantId",
    "Session.TransferredFrom.TenantName",
    "Session.TransferredTo.SessionId",
    "Session.TransferredTo.TenantId",
    "Session.TransferredTo.TenantName",
];

fn keys(session: &Value) -> Vec<&str> {
    KEYS.iter()
        .map(|key| {
            session["metadata"][key].as_str().unwrap_or_else(|| panic!("no {key} in {session:#}"))
        })
        .collect()
}

fn id(session: &Value) -> &str {
    session["id"].as_str().unwrap()
}

#[tokio::test]
async fn three_departments_are_one_journey() {
    let mut app = TestApp::sqlite().await;
    app.chat("kim").say("hello").await;
    app.chat("kim").click("Travel").await;
    app.chat("kim").fill("Send", json!({ "city": "Lisbon", "days": 2, "why": "secret" })).await;
    let at_it = app.chat("kim").sessions().await;
    let (front, it) = (&at_it[1], &at_it[0]);
    let hop = [id(front), "front", "Front Desk", id(it), "it", "IT Service Desk"];
    for side in [front, it] {
        assert_eq!(keys(&app.api(&format!("/sessions/{}", id(side))).await), hop);
    }
    // A process that ends in the middle changes nothing.
    app.restart().await;
    let kim = app.chat("kim");
    kim.say("ThinkPad").await;
    kim.click("Contract").await;
    let all = kim.sessions().await;
    assert_eq!(all.len(), 3);
    let (hr, it, front) = (&all[0], &all[1], &all[2]);
    let second = [id(it), "it", "IT Service Desk", id(hr), "hr", "People"];
    for side in [it, hr] {
        assert_eq!(keys(&app.api(&format!("/sessions/{}", id(side))).await), second);
    }
    assert_eq!(keys(front), hop);

    let journey = app.api(&format!("/journeys/{}", front["journeyId"].as_str().unwrap())).await;
    let sessions: Vec<&str> = journey["sessions"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(sessions, [id(front), id(it), id(hr)]);
    let hops = journey["hops"].as_array().unwrap();
    assert_eq!(hops.len(), 2);
    assert_eq!(
        (&hops[0]["hop"], &hops[0]["from"]["tenantId"], &hops[0]["to"]["tenantId"]),
        (&json!(1), &json!("front"), &json!("it"))
    );
    assert_eq!(
        (&hops[1]["from"]["sessionId"], &hops[1]["to"]["sessionId"]),
        (&json!(id(it)), &json!(id(hr)))
    );
    assert_eq!(
        (&hops[0]["reason"], &hops[0]["note"]),
        (&json!("You chose Travel"), &json!("handle with care"))
    );
    assert_eq!((&hops[0]["by"]["kind"], &hops[0]["by"]["id"]), (&json!("stage"), &json!("to-it")));
    assert_eq!(front["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(it["transfers"].as_array().unwrap().len(), 2);
    assert_eq!(journey["guest"]["id"], "29:kim");

    // What goes along: all but the private to IT; only what the rule names to HR.
    let data = |session: &Value| -> Vec<String> {
        let metadata = session["metadata"].as_object().unwrap();
        let mut names: Vec<String> = metadata
            .keys()
            .filter(|key| key.starts_with("Data.") || *key == "Guest.Question")
            .cloned()
            .collect();
        names.sort();
        names
    };
    assert_eq!(data(front), ["Data.city", "Data.days", "Data.topic", "Data.why", "Guest.Question"]);
    assert_eq!(data(it), ["Data.city", "Data.days", "Data.device", "Data.topic", "Guest.Question"]);
    assert_eq!(data(hr), ["Data.topic", "Guest.Question"]);
    assert_eq!(hr["metadata"]["Guest.Question"], "hello");
    for (session, hop, state) in
        [(front, 0, "transferred"), (it, 1, "transferred"), (hr, 2, "active")]
    {
        assert_eq!((session["hop"].as_u64(), session["state"].as_str()), (Some(hop), Some(state)));
        assert_eq!(session["originSessionId"], front["id"]);
        assert_eq!(session["metadata"]["Session.Hop"], json!(hop));
        assert_eq!(session["endedUtc"].is_null(), state == "active");
    }

    // The trail and the words, leg by leg.
    let flow = |session: Value| -> Vec<String> {
        let steps = session["flow"].as_array().unwrap().clone();
        steps
            .iter()
            .map(|step| {
                format!(
                    "{} {} {}",
                    step["stage"].as_str().unwrap(),
                    step["kind"].as_str().unwrap(),
                    step["exit"].as_str().unwrap_or("-")
                )
            })
            .collect()
    };
    assert_eq!(
        flow(app.api(&format!("/sessions/{}", id(front))).await),
        ["hello send next", "topic menu Travel", "form ask next", "to-it transfer transferred"]
    );
    assert_eq!(flow(app.api(&format!("/sessions/{}", id(hr))).await), ["matter ask -"]);
    let transcript = app.api(&format!("/sessions/{}/transcript", id(it))).await["items"]
        .as_array()
        .unwrap()
        .clone();
    let said: Vec<(&str, &str)> = transcript
        .iter()
        .map(|line| (line["from"].as_str().unwrap(), line["text"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said[..3],
        [("bot", "Which device?"), ("guest", "ThinkPad"), ("bot", "What is wrong with ThinkPad?")],
        "{said:#?}"
    );
    assert!(said.contains(&("guest", "Contract")));
    let cards = transcript.iter().filter(|line| line["from"] == "bot");
    assert!(cards.into_iter().all(|line| line["activityId"].is_string()), "{transcript:#?}");

    // The guest's first words were said to the front desk only.
    kim.say("it ends in May").await;
    assert!(kim.last().contains("Noted: it ends in May (1)"), "{}", kim.last());
    assert_eq!(kim.sessions().await[0]["state"], "resolved");
    app.finish().await;
}

#[tokio::test]
async fn sessions_are_found_by_what_the_api_offers() {
    let app = TestApp::sqlite().await;
    for name in ["ann", "bob", "kim"] {
        app.chat(name).say("hello").await;
        app.pass(60);
    }
    app.chat("bob").click("Computers").await;
    app.chat("kim").click("Nothing").await;
    let journey = app.chat("bob").sessions().await[0]["journeyId"].as_str().unwrap().to_owned();
    for (query, count) in [
        ("", 4),
        ("tenant=front", 3),
        ("tenant=it", 1),
        ("tenant=it&state=active", 1),
        ("tenant=nobody", 0),
        ("state=transferred", 1),
        ("state=resolved", 1),
        ("guest=aad-bob", 2),
        ("guest=29:bob", 2),
        ("guest=29%3Akim", 1),
        ("conversation=a:1ann", 1),
        (&format!("journey={journey}"), 2),
        ("from=2027-01-15T08:01:00Z", 3),
        ("to=2027-01-15T08:01:00Z", 1),
        ("from=2027-01-15&to=2027-01-16", 4),
        ("from=2027-01-16", 0),
        ("limit=3", 3),
    ] {
        let items = app.api(&format!("/sessions?{query}")).await["items"].as_array().unwrap().len();
        assert_eq!(items, count, "{query}");
    }
    // Page by page, newest first, none twice.
    let (mut seen, mut query) = (Vec::new(), "limit=1".to_owned());
    loop {
        let page = app.api(&format!("/sessions?{query}")).await;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|session| session["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => query = format!("limit=1&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<String> = app.api("/sessions").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| id(session).to_owned())
        .collect();
    assert_eq!(seen, all);
    app.finish().await;
}

//! What a manager does through the admin API: move a guest, end a session.

use serde_json::{Value, json};

use crate::{
    app::{Chat, Reply, Setup, TestApp},
    company::{self, Files},
};

const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

async fn live(chat: &Chat<'_>) -> String {
    chat.sessions().await[0]["id"].as_str().unwrap().to_owned()
}

async fn transfer(app: &TestApp, session: &str, body: Value) -> Reply {
    let reply = app.order(&format!("/sessions/{session}/transfer"), &body).await;
    app.idle().await;
    reply
}

/// 409 as problem+json with this code.
fn refused(reply: &Reply, code: &str) -> bool {
    let told = (reply.status, reply.header("content-type"));
    told == (409, "application/problem+json")
        && reply.json()["code"] == code
        && !reply.json()["detail"].as_str().unwrap().is_empty()
}

/// HR is forbidden, legal wants a reason, the archive is switched off, the night desk is closed,
/// and the vault is confidential.
fn files() -> Files {
    let mut files = company::with_company(
        "    - { from: front, to: hr, allow: false }\n    - { from: \"*\", to: legal, reason: required }\n",
    );
    let end =
        "pipelines:\n  main:\n    - id: what\n      ask: { text: \"What is it?\", save_as: it }\n";
    files.push(("tenants/legal/tenant.yaml", format!("name: Legal\n{end}")));
    files.push(("tenants/archive/tenant.yaml", format!("name: Archive\nenabled: false\n{end}")));
    files.push(("tenants/empty/tenant.yaml", "name: Empty\n".to_owned()));
    files.push((
        "tenants/night/tenant.yaml",
        format!("name: Night\nhours: {{ open: {{ fri: [\"20:00-22:00\"] }} }}\n{end}"),
    ));
    files.push(("tenants/vault/tenant.yaml", format!("name: Vault\nconfidential: true\n{end}")));
    files
}

#[tokio::test]
async fn a_manager_moves_a_guest_and_the_guest_is_told_why() {
    let app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    kim.say("my laptop is dead").await;
    let front = live(&kim).await;
    let reply = transfer(
        &app,
        &front,
        json!({ "tenant": "hr", "reason": "It is about pay", "note": "be kind" }),
    )
    .await;
    assert_eq!((reply.status, &reply.json()["done"]), (200, &json!(true)), "{reply:?}");
    let texts = kim.texts();
    assert!(
        texts.iter().any(
            |text| text.contains("You are now with People") && text.contains("It is about pay")
        ),
        "{texts:#?}"
    );
    assert!(!texts.iter().any(|text| text.contains("be kind")), "{texts:#?}");
    assert!(kim.last().contains("What about your contract?"), "{}", kim.last());
    let hr = &kim.sessions().await[0];
    let hop = &hr["transfers"][0];
    assert_eq!(
        (&hop["by"]["kind"], &hop["reason"], &hop["note"]),
        (&json!("manager"), &json!("It is about pay"), &json!("be kind"))
    );
    assert_eq!(
        (&hr["tenantId"], &hr["metadata"]["Guest.Question"]),
        (&json!("hr"), &json!("my laptop is dead"))
    );

    // The old session is not the manager's to move any more.
    assert!(refused(&transfer(&app, &front, json!({ "tenant": "it" })).await, "not_live"));
    // The guest may think otherwise.
    kim.click("Wrong department").await;
    assert_eq!(kim.sessions().await[1]["state"], "active");
    app.finish().await;
}

#[tokio::test]
async fn what_the_rules_forbid_is_409_with_the_code_and_the_guest_notices_nothing() {
    let app = Setup::new().files(files()).start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let (front, before) = (live(&kim).await, kim.texts());
    for (body, code) in [
        (json!({ "tenant": "nobody" }), "unknown_tenant"),
        (json!({ "tenant": "archive" }), "disabled"),
        (json!({ "tenant": "empty" }), "no_pipeline"),
        (json!({ "tenant": "front" }), "same_tenant"),
        (json!({ "tenant": "hr", "reason": "please" }), "not_allowed"),
        (json!({ "tenant": "legal" }), "reason_required"),
        (json!({ "tenant": "legal", "reason": " " }), "reason_required"),
    ] {
        let reply = transfer(&app, &front, body).await;
        assert!(refused(&reply, code), "{code}: {reply:?}");
        let session = &kim.sessions().await[0];
        assert_eq!(
            (&session["state"], &session["metadata"]["Transfer.Error"]),
            (&json!("active"), &json!(code))
        );
    }
    assert_eq!(kim.texts(), before);
    kim.click("Computers").await;
    assert!(kim.last().contains("Which device?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn where_the_guest_has_a_word_in_it_they_are_asked_first() {
    let app = Setup::new().files(files()).start().await;
    // The target is closed: leave it there, or stay?
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    for chat in [&kim, &ann] {
        chat.say("hello").await;
        let reply = transfer(&app, &live(chat).await, json!({ "tenant": "night" })).await;
        assert_eq!((reply.status, &reply.json()["done"]), (202, &json!(false)), "{reply:?}");
        assert!(chat.last().contains("Night is closed until"), "{}", chat.last());
        assert_eq!(chat.sessions().await.len(), 1);
    }
    kim.click("Leave it for Night").await;
    assert_eq!(
        (&kim.sessions().await[0]["tenantId"], &kim.sessions().await[0]["state"]),
        (&json!("night"), &json!("active"))
    );
    ann.click("Stay here").await;
    assert_eq!(
        (&ann.sessions().await[0]["tenantId"], &ann.sessions().await[0]["state"]),
        (&json!("front"), &json!("active"))
    );
    assert!(ann.last().contains("What is it about?"), "{}", ann.last());
    app.finish().await;
}

#[tokio::test]
async fn out_of_a_confidential_department_the_guest_agrees_first() {
    let app = Setup::new().files(files()).start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert_eq!(transfer(&app, &live(&kim).await, json!({ "tenant": "vault" })).await.status, 200);
    let reply =
        transfer(&app, &live(&kim).await, json!({ "tenant": "it", "reason": "A cable" })).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    assert!(
        kim.last().contains("Shall I move you to IT Service Desk?")
            && kim.last().contains("A cable"),
        "{}",
        kim.last()
    );
    assert_eq!(kim.sessions().await[0]["tenantId"], "vault");
    kim.click("Yes").await;
    let it = &kim.sessions().await[0];
    assert_eq!(
        (&it["tenantId"], &it["transfers"][1]["by"]["kind"]),
        (&json!("it"), &json!("manager"))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_manager_ends_a_session_and_says_how() {
    let app = TestApp::sqlite().await;
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    kim.say("hello").await;
    ann.say("hello").await;
    let end = |id: String, body: Value| {
        let app = &app;
        async move {
            let reply = app.order(&format!("/sessions/{id}/end"), &body).await;
            app.idle().await;
            reply
        }
    };
    let id = live(&kim).await;
    let reply = end(id.clone(), json!({ "outcome": "unresolved", "notes": "Spam" })).await;
    assert_eq!((reply.status, &reply.json()["done"]), (200, &json!(true)));
    assert!(kim.last().contains("Front Desk closed this matter."), "{}", kim.last());
    assert!(!kim.texts().iter().any(|text| text.contains("Spam")));
    let session = app.api(&format!("/sessions/{id}")).await;
    assert_eq!(
        (&session["state"], &session["metadata"]["Session.Status.ResolutionNotes"]),
        (&json!("unresolved"), &json!("Spam"))
    );
    assert!(session["endedUtc"].is_string() && session["stage"].is_null(), "{session:#}");
    assert!(refused(&end(id, json!({})).await, "not_live"));
    // Without a word it counts as resolved, and another guest's chat is untouched.
    assert_eq!(ann.sessions().await[0]["state"], "active");
    assert_eq!(end(live(&ann).await, json!({})).await.status, 200);
    assert_eq!(ann.sessions().await[0]["state"], "resolved");
    app.finish().await;
}

#[tokio::test]
async fn orders_for_unknown_sessions_are_404_and_unreadable_ones_400() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let known = live(&kim).await;
    for (path, body, status) in [
        (format!("/sessions/{UNKNOWN}/transfer"), json!({ "tenant": "it" }), 404),
        ("/sessions/x/transfer".to_owned(), json!({ "tenant": "it" }), 404),
        (format!("/sessions/{UNKNOWN}/end"), json!({}), 404),
        (format!("/sessions/{known}/transfer"), json!({}), 400),
        (format!("/sessions/{known}/transfer"), json!({ "tenant": "it", "because": "x" }), 400),
        (format!("/sessions/{known}/transfer"), json!("it"), 400),
        (format!("/sessions/{known}/end"), json!({ "outcome": "transferred" }), 400),
        (format!("/sessions/{known}/end"), json!([]), 400),
    ] {
        let reply = app.order(&path, &body).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, "application/problem+json"),
            "{path} {body}: {reply:?}"
        );
    }
    assert_eq!(kim.sessions().await[0]["state"], "active");
    app.finish().await;
}

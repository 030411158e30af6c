//! Articles that agents propose, and what managers make of them.

use serde_json::{Value, json};
use switchboard::{model::TenantId, pipeline::answers::Answers as _};

use crate::{
    app::TestApp,
    desks::{asks, desk},
};

const OLD: &str = "# ours\n- id: printer # the old one\n  question: Where is the printer?\n  answer: In the hall.";

async fn proposed(app: &TestApp, state: &str) -> Vec<Value> {
    app.api(&format!("/faq/drafts?tenant=it&state={state}")).await["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn what_an_agent_proposes_is_accepted_once_and_found_from_then_on() {
    let mut app = desk().await;
    app.edit(&vec![("tenants/it/faq.yaml", OLD.to_owned())]);
    let thread = asks(&app, "kim").await;
    let nasty = "Say \"so\": # {{x}}\r\n  - y\\ 'z'";
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let inputs = json!({ "faqQuestion": "How do I reset the battery?", "faqAnswer": nasty });
    let answer = app.agent("bob").click_in(&thread, "Add to the FAQ", inputs).await;
    assert!(answer.to_string().contains("a manager decides"), "{answer}");
    let inputs = json!({ "outcome": "resolved", "solution": "Buy a new one." });
    app.agent("ann").click_in(&thread, "Resolve", inputs).await;
    app.idle().await;
    app.restart().await;
    let drafts = proposed(&app, "proposed").await;
    assert_eq!(drafts.len(), 2, "{drafts:#?}");
    assert_eq!(
        (&drafts[0]["question"], &drafts[0]["by"]["id"]),
        (&json!("How do I reset the battery?"), &json!("aad-bob"))
    );
    assert_eq!(
        (&drafts[1]["question"], &drafts[1]["answer"]),
        (&json!("my laptop is broken"), &json!("Buy a new one."))
    );
    let texts = app.chat("kim").texts().join("\n");
    assert!(!texts.contains("Say") && !texts.contains("Buy"), "{texts}");

    let (first, second) = (drafts[0]["id"].as_str().unwrap(), drafts[1]["id"].as_str().unwrap());
    let export = app.get("/api/v1/faq/drafts?format=yaml").await.text;
    assert!(export.starts_with("- id: \"how-do-i-reset-the-battery\""), "{export}");
    // Nothing is written with a mistake.
    let wrong =
        app.order(&format!("/faq/drafts/{first}/accept"), &json!({ "articleId": "printer" })).await;
    assert_eq!((wrong.status, wrong.json()["code"].as_str()), (422, Some("mistakes")), "{wrong:?}");
    assert_eq!(app.read("tenants/it/faq.yaml"), OLD);
    let reply =
        app.order(&format!("/faq/drafts/{first}/accept"), &json!({ "tags": ["power"] })).await;
    assert_eq!(
        (reply.status, &reply.json()["articleId"]),
        (200, &json!("how-do-i-reset-the-battery")),
        "{reply:?}"
    );
    let file = app.read("tenants/it/faq.yaml");
    assert!(file.starts_with(OLD), "{file}");
    let found =
        app.engine().running().answers.own(&TenantId::from("it"), "reset the battery", "en-US", 3);
    assert_eq!(
        found.iter().map(|found| found.article.answer.as_str()).collect::<Vec<_>>(),
        [nasty.replace("\r\n", "\n")]
    );
    assert_eq!(app.order(&format!("/faq/drafts/{first}/accept"), &json!({})).await.status, 409);
    assert_eq!(app.order(&format!("/faq/drafts/{second}/reject"), &json!({})).await.status, 200);
    assert_eq!(app.order(&format!("/faq/drafts/{second}/accept"), &json!({})).await.status, 409);
    assert_eq!(app.order("/faq/drafts/x/accept", &json!({})).await.status, 404);
    assert_eq!(
        (proposed(&app, "accepted").await.len(), proposed(&app, "rejected").await.len()),
        (1, 1)
    );
    assert_eq!(app.get("/api/v1/faq/drafts?what=x").await.status, 400);
    app.finish().await;
}

#[tokio::test]
async fn the_report_of_the_faqs_counts_sessions_and_has_a_table() {
    let app = desk().await;
    asks(&app, "kim").await;
    let report = app.api("/reports/faq?tenant=it").await;
    assert_eq!(report["items"], json!([]));
    assert_eq!(
        report["tenants"],
        json!([{ "tenantId": "it", "sessions": 1, "answered": 0, "solved": 0, "deflection": 0.0 }])
    );
    assert_eq!(app.api("/reports/faq?tenant=hr").await["tenants"], json!([]));
    let table = app.get("/api/v1/reports/faq?format=csv&from=2020-01-01").await;
    assert_eq!(table.text, "tenantId,articleId,question,shown,helped,notHelped,followed,solved\n");
    assert!(table.header("content-disposition").contains("faq.csv"), "{table:?}");
    for wrong in ["what=x", "format=xml", "from=yesterday"] {
        assert_eq!(app.get(&format!("/api/v1/reports/faq?{wrong}")).await.status, 400, "{wrong}");
    }
    app.finish().await;
}

/// A proposal of Bob's in a thread of IT's desk.
async fn proposes(app: &TestApp, question: &str, answer: &str) -> String {
    let thread = asks(app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.agent("bob")
        .click_in(
            &thread,
            "Add to the FAQ",
            json!({ "faqQuestion": question, "faqAnswer": answer }),
        )
        .await;
    app.idle().await;
    proposed(app, "proposed").await.last().unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_two_managers_who_accept_at_once_one_does_and_the_article_is_there_once() {
    let app = desk().await;
    let id = proposes(&app, "Where is the lift?", "Behind the stairs.").await;
    let (path, nothing) = (format!("/faq/drafts/{id}/accept"), json!({}));
    let (one, two) = tokio::join!(app.order(&path, &nothing), app.order(&path, &nothing));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {two:?}");
    assert_eq!(app.read("tenants/it/faq.yaml").matches("Behind the stairs.").count(), 1);
    app.finish().await;
}

#[tokio::test]
async fn an_article_that_is_in_the_file_already_is_not_written_twice() {
    let app = desk().await;
    let id = proposes(&app, "Where is the lift?", "Behind the stairs.").await;
    // As after a process that ended between the file and the decision: what is exported is what
    // would have been written.
    let file = app.get("/api/v1/faq/drafts?format=yaml").await.text;
    app.write("tenants/it/faq.yaml", &file);
    assert_eq!(app.order("/reload", &Value::Null).await.status, 200);
    let reply = app.order(&format!("/faq/drafts/{id}/accept"), &json!({})).await;
    assert_eq!(
        (reply.status, &reply.json()["articleId"]),
        (200, &json!("where-is-the-lift")),
        "{reply:?}"
    );
    assert_eq!(app.read("tenants/it/faq.yaml"), file);
    assert_eq!(proposed(&app, "proposed").await.len(), 0);
    app.finish().await;
}

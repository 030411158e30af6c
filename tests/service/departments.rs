//! The guest's own way to another department: the words "departments", and what may be chosen.

use serde_json::json;

use crate::{
    app::{Setup, TestApp},
    company,
};

#[tokio::test]
async fn only_departments_that_may_be_reached_are_offered_and_one_click_moves() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("departments").await;
    let question = kim.last();
    assert!(
        question.contains("[IT Service Desk]")
            && question.contains("[People]")
            && !question.contains("[Front Desk]"),
        "{question}"
    );
    let (card, _) = kim.button("People");
    kim.click("People").await;
    assert!(kim.last().contains("What about your contract?"), "{:#?}", kim.texts());
    assert_eq!(kim.stands(&card.id).updates, 1);
    let sessions = kim.sessions().await;
    assert_eq!(
        (&sessions[0]["tenantId"], &sessions[1]["state"]),
        (&json!("hr"), &json!("transferred"))
    );
    let hop = &sessions[0]["transfers"][0];
    assert_eq!(
        (&hop["by"]["kind"], &hop["by"]["id"], &hop["reason"]),
        (&json!("guest"), &json!("aad-kim"), &json!("You chose this department"))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_forbidden_department_is_not_offered_and_cannot_be_had_by_a_forged_click() {
    let app = Setup::new()
        .files(company::with_company("    - { from: front, to: hr, allow: false }\n"))
        .start()
        .await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("departments").await;
    assert!(
        kim.last().contains("[IT Service Desk]") && !kim.last().contains("[People]"),
        "{}",
        kim.last()
    );
    // Typing its name or its number chooses nothing.
    for typed in ["People", "hr", "2"] {
        kim.say("departments").await;
        kim.say(typed).await;
        assert!(
            kim.sessions().await.iter().all(|session| session["tenantId"] == "front"),
            "{typed}: {:#?}",
            kim.texts()
        );
        kim.say("restart").await;
        kim.say("yes").await;
    }
    kim.say("departments").await;
    kim.fill("IT Service Desk", json!({ "choice": "hr" })).await;
    let sessions = kim.sessions().await;
    assert_eq!(
        (&sessions[0]["tenantId"], &sessions[0]["state"]),
        (&json!("front"), &json!("active"))
    );
    assert_eq!(sessions[0]["metadata"]["Transfer.Error"], "not_allowed");
    assert!(
        kim.texts().iter().any(|text| text.contains("Front Desk cannot move you to People.")),
        "{:#?}",
        kim.texts()
    );
    assert!(kim.last().contains("What is it about?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn a_department_may_be_typed_by_name_or_number() {
    let app = TestApp::start().await;
    for (guest, typed) in [("ann", "it service desk"), ("bob", "2"), ("cid", "it")] {
        let chat = app.chat(guest);
        chat.say("hello").await;
        chat.say("/departments").await;
        chat.say(typed).await;
        assert_eq!(chat.sessions().await[0]["tenantId"], "it", "{typed}: {:#?}", chat.texts());
    }
    app.finish().await;
}

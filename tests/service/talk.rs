//! Talking: clicks, fallbacks, typed answers, forms.

use serde_json::json;

use crate::{
    app::{TestApp, card_of},
    fake_teams::Failure,
};

const CARD: &str = "application/vnd.microsoft.card.adaptive";

#[tokio::test]
async fn a_click_is_answered_with_the_quiet_card_which_also_replaces_the_old_one() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let (menu, _) = kim.button("Travel");
    let answer = kim.click("Travel").await;
    assert_eq!(
        (answer["statusCode"].as_u64(), answer["type"].as_str()),
        (Some(200), Some(CARD)),
        "{answer}"
    );
    let stands = kim.sent().into_iter().find(|sent| sent.id == menu.id).unwrap();
    assert_eq!(stands.updates, 1);
    assert_eq!(card_of(&stands.activity), Some(&answer["value"]));
    assert!(!answer["value"].to_string().contains("Action."), "{answer}");
    assert!(answer["value"].to_string().contains("Travel"));
    assert!(app.teams.calls().iter().any(
        |call| call.method == "PUT" && call.path.ends_with(&format!("/activities/{}", menu.id))
    ));
    app.finish().await;
}

#[tokio::test]
async fn the_fallback_does_the_same() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let (menu, _) = kim.button("Nothing");
    kim.submit("Nothing", json!({})).await;
    let stands = kim.sent().into_iter().find(|sent| sent.id == menu.id).unwrap();
    assert_eq!(stands.updates, 1);
    assert!(kim.last().contains("Bye, kim."), "{:#?}", kim.texts());
    let sessions = kim.sessions().await;
    assert_eq!(
        (sessions[0]["state"].as_str(), sessions[0]["turns"].as_u64()),
        (Some("resolved"), Some(2))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_typed_title_number_or_synonym_chooses_and_a_close_match_asks() {
    let app = TestApp::start().await;
    for (index, typed) in
        ["Computers", " cOmpüters. ", "1", "1.", "laptop", "Log  in"].into_iter().enumerate()
    {
        let guest = app.chat(&format!("guest{index}"));
        guest.say("hello").await;
        guest.say(typed).await;
        assert!(guest.last().contains("Which device?"), "{typed}: {:#?}", guest.texts());
    }
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("computrs").await;
    assert!(kim.last().contains("Did you mean “Computers”?"), "{}", kim.last());
    assert_eq!(kim.sessions().await.len(), 1);
    kim.click("No").await;
    assert!(kim.last().contains("[Computers]"), "{}", kim.last());
    kim.say("computrs").await;
    kim.say("yes").await;
    assert!(kim.last().contains("Which device?"), "{:#?}", kim.texts());
    // Not understood, twice: no dead end, and the menu stands again.
    let ann = app.chat("ann");
    ann.say("hello").await;
    ann.say("qwertz uiop").await;
    assert!(
        ann.last().contains("did not understand") && ann.last().contains("[Travel]"),
        "{}",
        ann.last()
    );
    ann.say("qwertz uiop").await;
    assert!(
        ann.texts().iter().any(|text| text.contains("still did not understand")),
        "{:#?}",
        ann.texts()
    );
    assert!(ann.last().contains("[Travel]"));
    app.finish().await;
}

#[tokio::test]
async fn a_form_asks_again_with_the_reason_and_then_takes_the_answers() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("Travel").await;
    kim.fill("Send", json!({ "city": "Lisbon", "days": "12" })).await;
    assert!(
        kim.last().contains("Days: at most 9") && kim.last().contains("Lisbon"),
        "{}",
        kim.last()
    );
    kim.fill("Send", json!({ "city": "", "days": 3 })).await;
    assert!(kim.last().contains("City is needed"), "{}", kim.last());
    kim.say("I do not know").await;
    // Refused twice already: the form alone, and no sentence a third time.
    assert!(kim.last().contains("City\nDays") && !kim.last().contains("needed"), "{}", kim.last());
    kim.submit("Send", json!({ "city": "Lisbon \"{{Guest.Id}}\"", "days": 3, "why": "secret" }))
        .await;
    assert!(kim.last().contains("Which device?"), "{:#?}", kim.texts());
    let sessions = kim.sessions().await;
    let front = &sessions[1]["metadata"];
    assert_eq!(
        (&front["Data.city"], &front["Data.days"], &front["Data.why"]),
        (&json!("Lisbon \"{{Guest.Id}}\""), &json!(3), &json!("…"))
    );
    assert_eq!(sessions[0]["metadata"].get("Data.why"), None);
    app.finish().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_answered() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let picture =
        json!([{ "contentType": "image/png", "contentUrl": "https://example.com/x.png" }]);
    assert!(
        app.post(&kim.activity("message", json!({ "attachments": picture }))).await.is_empty_200()
    );
    app.idle().await;
    assert!(kim.last().contains("Not delivered: image.png"), "{:#?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_card_whose_id_was_not_told_is_replaced_by_the_id_of_the_click() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.teams.fail_next(2, Failure::Empty);
    kim.say("hello").await;
    let (menu, _) = kim.button("Travel");
    kim.click("Travel").await;
    assert_eq!(kim.sent().into_iter().find(|sent| sent.id == menu.id).unwrap().updates, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_was_never_answered_says_that_it_needs_none_any_more() {
    let app = TestApp::start().await;
    for (name, locale, words) in [
        ("kim", "en-US", "This needs no answer any more."),
        ("ann", "de-DE", "Hier ist keine Antwort mehr nötig."),
    ] {
        let guest = app.chat(name);
        for text in ["hello", "/restart", "/end", "yes"] {
            app.post(&guest.activity("message", json!({ "text": text, "locale": locale }))).await;
            app.idle().await;
        }
        let moot = guest.texts().iter().filter(|text| text.contains(words)).count();
        assert_eq!(moot, 2, "the menu and the question beside it: {:#?}", guest.texts());
    }
    app.finish().await;
}

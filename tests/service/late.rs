//! Clicks that come late or again, and the buttons of the welcome card: answered by how things stand.

use serde_json::{Value, json};

use crate::app::{Chat, TestApp, text_of};

async fn welcomed<'a>(app: &'a TestApp, name: &str) -> Chat<'a> {
    let kim = app.chat(name);
    app.post(&kim.installed()).await;
    app.idle().await;
    kim
}

/// The same click, as Teams tells it again under another id.
fn again(click: &Value, id: &str) -> Value {
    let mut click = click.clone();
    click["id"] = json!(id);
    click
}

#[tokio::test]
async fn the_welcome_cards_buttons_count_while_their_question_stands() {
    let app = TestApp::start().await;
    let kim = welcomed(&app, "kim").await;
    let welcome = kim.button("Travel").0.id;
    let (travel, nothing) = (kim.execute("Travel", json!({})), kim.execute("Nothing", json!({})));
    kim.say("hello").await;
    let menu = kim.button("Travel").0.id;
    assert_ne!(menu, welcome);
    let answer = app.post(&travel).await.json();
    app.idle().await;
    // The welcome stays as it is; the menu that it answers is replaced.
    assert_eq!(answer["type"], "application/vnd.microsoft.activity.message", "{answer}");
    assert_eq!((kim.stands(&welcome).updates, kim.stands(&menu).updates), (0, 1));
    assert!(kim.last().contains("Tell us about your trip."), "{:#?}", kim.texts());
    assert_eq!(kim.sessions().await[0]["metadata"]["Data.topic"], "Travel");
    // The question is answered: what is left of the card says where the employee is.
    let late = app.post(&nothing).await.json();
    assert!(late["value"].as_str().unwrap().contains("You are now with Front Desk"), "{late}");
    assert_eq!(kim.sessions().await[0]["stage"], "form");
    app.finish().await;
}

#[tokio::test]
async fn the_welcome_cards_buttons_answer_a_guess_as_well() {
    let app = TestApp::start().await;
    let kim = welcomed(&app, "kim").await;
    let travel = kim.execute("Travel", json!({}));
    kim.say("Computer").await;
    assert!(kim.last().contains("Did you mean “Computers”?"), "{}", kim.last());
    app.post(&travel).await;
    app.idle().await;
    assert!(kim.last().contains("Tell us about your trip."), "{:#?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_click_on_the_welcome_card_as_the_first_act_can_be_taken_back() {
    let mut app = TestApp::sqlite().await;
    welcomed(&app, "kim").await.click("Computers").await;
    app.restart().await;
    let kim = app.chat("kim");
    let card = kim.button("Wrong department").0.id;
    kim.click("Wrong department").await;
    assert!(kim.last().contains("What is it about?"), "{:#?}", kim.texts());
    // The transfer card says where the employee is now, not where they were.
    let settled = text_of(&kim.stands(&card).activity);
    assert!(settled.contains("You are back with Front Desk."), "{settled}");
    assert!(!settled.contains("You are now with"), "{settled}");
    app.finish().await;
}

#[tokio::test]
async fn a_click_told_again_under_a_new_id_is_answered_by_how_things_stand() {
    let mut app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let click = kim.execute("Computers", json!({}));
    let first = app.post(&click).await;
    app.idle().await;
    // Nothing has happened since: the answer is as true as it was, after a restart too.
    let renewed = app.post(&again(&click, "f:renewed")).await;
    assert_eq!((renewed.status, &renewed.text), (200, &first.text));
    app.restart().await;
    let renewed = app.post(&again(&click, "f:after")).await;
    assert_eq!((renewed.status, &renewed.text), (200, &first.text));
    app.chat("kim").click("Wrong department").await;
    // They are back: told again it must not say that they are at IT.
    let stale = app.post(&again(&click, "f:stale")).await.json();
    assert_eq!(stale["type"], "application/vnd.microsoft.activity.message", "{stale}");
    assert!(stale["value"].as_str().unwrap().contains("You are with Front Desk"), "{stale}");
    // The same activity gets what it got, byte for byte.
    let same = app.post(&click).await;
    assert_eq!((same.status, &same.text), (200, &first.text));
    app.idle().await;
    let kim = app.chat("kim");
    let states: Vec<Value> =
        kim.sessions().await.iter().map(|session| session["state"].clone()).collect();
    assert_eq!(states, [json!("returned"), json!("active")]);
    app.finish().await;
}

#[tokio::test]
async fn a_card_of_an_earlier_chat_says_where_the_employee_is() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let old = kim.execute("Travel", json!({}));
    kim.click("Nothing").await;
    // A chat of another day is another journey.
    app.pass(8 * 24 * 60 * 60);
    kim.say("hello").await;
    kim.click("Computers").await;
    let late = app.post(&old).await.json();
    let words = late["value"].as_str().unwrap();
    assert!(words.contains("IT Service Desk") && !words.contains("is over"), "{late}");
    app.finish().await;
}

#[tokio::test]
async fn what_was_taken_from_the_first_words_can_be_changed() {
    let mut app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    kim.say("my old laptop smokes").await;
    kim.click("Yes").await;
    let sessions = kim.sessions().await;
    assert_eq!(sessions[0]["metadata"]["Data.device"], "my old laptop smokes");
    assert!(kim.texts().iter().any(|text| text.contains("[Change it]")), "{:#?}", kim.texts());
    let card = kim.button("Change it").0.id;
    app.restart().await;
    let kim = app.chat("kim");
    let answer = kim.click("Change it").await;
    assert!(!answer.to_string().contains("Action."), "{answer}");
    assert!(text_of(&kim.stands(&card).activity).contains("my old laptop smokes"));
    assert!(kim.last().contains("Which device?"), "{}", kim.last());
    kim.say("ThinkPad").await;
    assert!(kim.last().contains("What is wrong with ThinkPad?"), "{}", kim.last());
    assert_eq!(kim.sessions().await[0]["metadata"]["Data.device"], "ThinkPad");
    app.finish().await;
}

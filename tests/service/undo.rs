//! "Wrong department": the way back out of a transfer, and its end.

use serde_json::{Value, json};

use crate::{
    app::{Chat, TestApp, card_of, text_of},
    desks::{connect, desk},
};

/// The states of the guest's sessions, oldest first.
async fn states(chat: &Chat<'_>) -> Vec<(String, String)> {
    let text = |session: &Value, key: &str| session[key].as_str().unwrap().to_owned();
    chat.sessions()
        .await
        .iter()
        .rev()
        .map(|session| (text(session, "tenantId"), text(session, "state")))
        .collect()
}

fn pairs(states: &[(&str, &str)]) -> Vec<(String, String)> {
    states.iter().map(|(tenant, state)| ((*tenant).to_owned(), (*state).to_owned())).collect()
}

/// The guest is at IT, where a device is asked for. Answers with the id of the transfer card.
async fn moved(chat: &Chat<'_>) -> String {
    chat.say("hello").await;
    chat.click("Computers").await;
    assert_eq!(states(chat).await, pairs(&[("front", "transferred"), ("it", "active")]));
    chat.button("Wrong department").0.id
}

#[tokio::test]
async fn an_undo_brings_the_guest_back_to_the_menu_of_the_sender() {
    let mut app = TestApp::sqlite().await;
    let card = moved(&app.chat("kim")).await;
    app.pass(60);
    let answer = app.chat("kim").click("Wrong department").await;
    let kim = app.chat("kim");
    assert_eq!(states(&kim).await, pairs(&[("front", "active"), ("it", "returned")]));
    let settled = kim.stands(&card);
    assert_eq!((settled.updates, card_of(&settled.activity)), (1, Some(&answer["value"])));
    let (said, says) = (settled.activity.to_string(), "You are back with Front Desk.");
    assert!(!said.contains("Action.") && !said.contains("You are now with"), "{said}");
    assert!(
        said.contains("The move to IT Service Desk was taken back.") && said.contains(says),
        "{said}"
    );
    assert!(kim.last().contains("You are back with Front Desk."), "{:#?}", kim.texts());
    assert!(
        kim.last().contains("What is it about?") && kim.last().contains("[Travel]"),
        "{}",
        kim.last()
    );

    let [it, front] = &kim.sessions().await[..] else { panic!("two sessions") };
    assert_eq!((&front["stage"], &front["endedUtc"]), (&json!("topic"), &Value::Null));
    assert!(it["endedUtc"].is_string() && it["stage"].is_null(), "{it:#}");
    let hops =
        app.api(&format!("/journeys/{}", front["journeyId"].as_str().unwrap())).await["hops"]
            .clone();
    assert_eq!(hops.as_array().unwrap().len(), 2);
    assert_eq!(
        (&hops[1]["from"]["sessionId"], &hops[1]["to"]["sessionId"]),
        (&it["id"], &front["id"])
    );
    assert_eq!((&hops[1]["kind"], &hops[1]["by"]["kind"]), (&json!("undo"), &json!("guest")));
    for side in [front, it] {
        assert_eq!(side["metadata"]["Session.TransferredFrom.SessionId"], it["id"]);
        assert_eq!(side["metadata"]["Session.TransferredTo.SessionId"], front["id"]);
    }

    // Nobody is asked twice, and the other way is open, after a restart too.
    app.restart().await;
    let kim = app.chat("kim");
    kim.click("Computers").await;
    assert_eq!(
        states(&kim).await,
        pairs(&[("front", "transferred"), ("it", "returned"), ("it", "active")])
    );
    assert_eq!(kim.sessions().await[0]["metadata"]["Guest.Question"], "hello");
    app.finish().await;
}

#[tokio::test]
async fn an_undo_may_be_typed() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let card = moved(&kim).await;
    kim.say("/back").await;
    assert_eq!(states(&kim).await, pairs(&[("front", "active"), ("it", "returned")]));
    assert_eq!(kim.stands(&card).updates, 1);
    app.finish().await;
}

#[tokio::test]
async fn an_undo_that_comes_too_late_is_told_and_changes_nothing() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let card = moved(&kim).await;
    let late = kim.execute("Wrong department", json!({}));
    app.pass(5 * 60);
    let reply = app.post(&late).await;
    app.idle().await;
    assert_eq!((reply.status, &reply.json()["statusCode"]), (200, &json!(200)));
    assert!(reply.text.contains("IT Service Desk"), "{reply:?}");
    assert_eq!(states(&kim).await, pairs(&[("front", "transferred"), ("it", "active")]));
    assert!(!text_of(&kim.stands(&card).activity).contains("[Wrong department]"));
    kim.say("ThinkPad").await;
    assert!(kim.last().contains("What is wrong with ThinkPad?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn the_button_goes_when_its_time_is_over() {
    let mut app = TestApp::sqlite().await;
    let card = moved(&app.chat("kim")).await;
    let before = text_of(&app.chat("kim").stands(&card).activity);
    assert!(
        before.contains("You can go back until 09:05.") && before.contains("[Wrong department]"),
        "{before}"
    );
    app.pass(5 * 60 - 1);
    app.tick().await;
    assert_eq!(app.chat("kim").stands(&card).updates, 0);
    // The instant is kept, whatever becomes of the process.
    app.restart().await;
    app.pass(1);
    app.tick().await;
    app.tick().await;
    let kim = app.chat("kim");
    let settled = kim.stands(&card);
    let after = text_of(&settled.activity);
    assert_eq!(settled.updates, 1);
    assert!(
        after.contains("You are now with IT Service Desk") && !after.contains("go back until"),
        "{after}"
    );
    assert!(!settled.activity.to_string().contains("Action."), "{}", settled.activity);
    assert_eq!(kim.sessions().await[0]["state"], "active");
    app.finish().await;
}

#[tokio::test]
async fn with_an_agent_the_way_back_asks_first_and_the_desk_is_told() {
    let mut app = desk().await;
    connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    // A Tuesday morning in Berlin.
    app.set_now("2027-01-19T09:00:00Z".parse().unwrap());
    let kim = app.chat("kim");
    for words in ["I need a form", "departments", "HR"] {
        kim.say(words).await;
    }
    let card = kim.button("Wrong department").0.id;
    let thread = app.teams.threads("19:hr-desk@thread.tacv2")[0].clone();
    app.agent("cem").click_in(&thread, "Take", json!({})).await;
    kim.click("Wrong department").await;
    assert!(
        kim.last().contains("cem Quackenbush is helping you. Go back to IT all the same?"),
        "{:?}",
        kim.texts()
    );
    assert_eq!(
        (kim.stands(&card).updates, kim.sessions().await[0]["state"].clone()),
        (0, json!("with_agent"))
    );
    app.restart().await;
    let kim = app.chat("kim");
    kim.click("Yes").await;
    assert_eq!(states(&kim).await, pairs(&[("it", "active"), ("hr", "returned")]));
    assert_eq!(kim.stands(&card).updates, 1);
    assert!(
        app.agent("cem").last_in(&thread).contains("is now with IT"),
        "{:?}",
        app.agent("cem").texts_in(&thread)
    );
    let takes =
        kim.sessions().await.iter().find(|session| session["tenantId"] == "hr").unwrap()["takes"]
            .clone();
    assert_eq!(takes[0]["how"], "moved", "{takes}");
    app.finish().await;
}

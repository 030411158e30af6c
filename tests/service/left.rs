//! A message was left for a desk: the chat is free for something new, and the desk answers in the
//! middle of it, also after a restart.

use serde_json::{Value, json};

use crate::{
    app::TestApp,
    desks::{asks, desk_of},
};

const DAY: i64 = 24 * 60 * 60;

/// Kim has left a message with IT; gives the thread and the message's reference.
async fn leaves(app: &TestApp) -> (String, String) {
    let thread = asks(app, "kim").await;
    for minutes in [6, 10] {
        app.pass(minutes * 60);
        app.tick().await;
    }
    let kim = app.chat("kim");
    app.until("a message is asked for", || kim.last().contains("Write your message")).await;
    kim.say("it makes a noise").await;
    app.idle().await;
    let sessions = kim.sessions().await;
    assert_eq!(sessions[0]["state"], "open");
    (thread, sessions[0]["ref"].as_str().unwrap().to_owned())
}

async fn states(app: &TestApp) -> Vec<(Value, Value)> {
    let sessions = app.chat("kim").sessions().await;
    let state = |session: &Value| (session["ref"].clone(), session["state"].clone());
    sessions.iter().map(state).collect()
}

#[tokio::test]
async fn a_desk_answers_in_the_middle_of_another_matter() {
    let mut app = desk_of("reopen: 0s\n", |_| ()).await;
    let (thread, left) = leaves(&app).await;
    app.pass(60 * 60);
    app.chat("kim").say("I need a badge").await;
    let both = states(&app).await;
    assert_eq!(both[0].1, "active", "{both:?}");
    assert_eq!(both[1], (json!(left), json!("open")));
    let journeys = app.chat("kim").sessions().await;
    assert_ne!(journeys[0]["journeyId"], journeys[1]["journeyId"]);

    app.restart().await;
    let (ann, kim) = (app.agent("ann"), app.chat("kim"));
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "Bring it to us.").await;
    app.idle().await;
    assert_eq!(kim.last(), format!("{left} · ann Quackenbush: Bring it to us."));
    assert_eq!(states(&app).await[1], (json!(left), json!("with_agent")));

    // By its number to the desk, without one to the matter in which they are.
    kim.say(&format!("{left}: I come at ten")).await;
    app.idle().await;
    assert!(ann.last_in(&thread).contains("I come at ten"), "{:?}", ann.texts_in(&thread));
    kim.fill("Add", json!({ "more": "is the canteen open?" })).await;
    app.idle().await;
    assert!(ann.last_in(&thread).contains("is the canteen open?"), "{:?}", ann.texts_in(&thread));
    // And by Teams' own Reply.
    let mut reply = kim.message("with the charger");
    let preview = format!("{left} · ann Quackenbush: Bring it to us.");
    let content = json!({ "messageId": "1", "messagePreview": preview });
    reply["attachments"] = json!([{ "contentType": "messageReference", "content": content }]);
    assert!(app.post(&reply).await.is_empty_200());
    app.idle().await;
    assert!(ann.last_in(&thread).contains("with the charger"), "{:?}", ann.texts_in(&thread));

    app.restart().await;
    let (ann, kim) = (app.agent("ann"), app.chat("kim"));
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    app.idle().await;
    let both = states(&app).await;
    assert_eq!((&both[0].1, &both[1].1), (&json!("active"), &json!("resolved")), "{both:?}");
    assert!(!kim.texts().join("\n").contains("How was the help?"), "{:#?}", kim.texts());
    kim.fill("Send", json!({ "topic": "Badge", "machine": "None" })).await;
    app.idle().await;
    assert!(kim.last().contains("I am asking IT for a person"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn what_lies_at_a_desk_keeps_its_time_and_can_be_taken_back() {
    let mut app = desk_of("reopen: 0s\n", |_| ()).await;
    let (thread, left) = leaves(&app).await;
    app.pass(60 * 60);
    app.chat("kim").say("I need a badge").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "Which noise?").await;
    app.chat("kim").say(&format!("{left}: a loud one")).await;
    app.idle().await;
    app.restart().await;
    // An owner who is silent is reminded of it, although the guest is in another matter.
    app.pass(DAY);
    app.tick().await;
    app.idle().await;
    let ann = app.agent("ann");
    assert!(ann.last_in(&thread).contains("waiting"), "{:?}", ann.texts_in(&thread));
    app.pass(DAY);
    app.tick().await;
    app.idle().await;
    let now = states(&app).await;
    assert!(now.contains(&(json!(left), json!("open"))), "{now:?}");
    let kim = app.chat("kim");
    kim.click("Take it back").await;
    app.idle().await;
    assert!(app.agent("ann").last_in(&thread).contains("taken this message back"));
    let now = states(&app).await;
    assert!(now.contains(&(json!(left), json!("abandoned"))), "{now:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_manager_closes_what_lies_at_a_desk_and_moves_nobody_out_of_another_matter() {
    let app = desk_of("reopen: 0s\n", |_| ()).await;
    let (_, left) = leaves(&app).await;
    app.pass(60 * 60);
    app.chat("kim").say("I need a badge").await;
    let sessions = app.chat("kim").sessions().await;
    let id = sessions[1]["id"].as_str().unwrap();
    let moved = app.order(&format!("/sessions/{id}/transfer"), &json!({ "tenant": "hr" })).await;
    assert_eq!(moved.status, 409, "{moved:?}");
    let closed = app.order(&format!("/sessions/{id}/end"), &json!({ "outcome": "resolved" })).await;
    assert_eq!(closed.status, 200, "{closed:?}");
    app.idle().await;
    let now = states(&app).await;
    assert_eq!(now[1], (json!(left), json!("resolved")));
    assert_eq!(now[0].1, "active");
    app.finish().await;
}

//! On other channels than Teams, such as Azure's *Test in Web Chat*: cards whose buttons work there,
//! and nothing is replaced where nothing can be. The real client is tried in `tests/e2e`.

use serde_json::{Value, json};

use crate::{
    app::{TestApp, card_of, merged},
    desks::{CHANNEL, desk_of},
    fake_teams::TENANT,
};

/// An activity of the guest's, as Direct Line passes it on.
async fn post(app: &TestApp, mut activity: Value) {
    activity["channelId"] = json!("webchat");
    assert!(app.post(&activity).await.is_empty_200());
    app.idle().await;
}

async fn click(app: &TestApp, title: &str, inputs: Value) {
    let kim = app.chat("kim");
    let (card, button) = kim.button(title);
    assert_eq!(button["type"], "Action.Submit", "{button}");
    assert_eq!(button.get("fallback"), None, "{button}");
    let value = merged(&button["data"], &inputs);
    post(app, kim.activity("message", json!({ "value": value, "replyToId": card.id }))).await;
}

#[tokio::test]
async fn in_web_chat_every_button_submits_and_nothing_is_replaced() {
    let app = desk_of("", |settings| settings.channels = vec!["webchat".to_owned()]).await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    post(&app, kim.message("my laptop is broken")).await;
    click(&app, "Send", json!({ "topic": "Laptop", "machine": "ThinkPad" })).await;
    let thread = app.teams.threads(CHANNEL).pop().unwrap();
    // The desk is in Teams, whatever the employee sits in front of.
    let (_, take) = ann.button(&thread, "Take");
    assert_eq!(take["type"], "Action.Execute", "{take}");
    ann.click_in(&thread, "Take", json!({})).await;
    let said = ann.message(&thread, "Which light is on?");
    app.post(&said).await;
    app.idle().await;
    assert!(kim.last().contains("Which light is on?"), "{:?}", kim.texts());
    // Words that cannot be changed there are said anew.
    let edit = ann.activity(
        &thread,
        "messageUpdate",
        json!({
            "id": said["id"], "text": "Which lamp is on?",
            "channelData": { "eventType": "editMessage", "tenant": { "id": TENANT }, "channel": { "id": CHANNEL }, "team": { "id": "19:team@thread.tacv2" } },
        }),
    );
    app.post(&edit).await;
    app.idle().await;
    assert!(kim.last().contains("Which lamp is on?"), "{:?}", kim.texts());
    ann.click_in(&thread, "Resolve", json!({ "outcome": "solved" })).await;
    let cards: Vec<Value> =
        kim.sent().iter().filter_map(|sent| card_of(&sent.activity).cloned()).collect();
    assert!(cards.len() >= 2 && !json!(cards).to_string().contains("Action.Execute"), "{cards:?}");
    let replaced: Vec<_> = app
        .teams
        .calls()
        .into_iter()
        .filter(|call| call.method == "PUT" && call.path.contains("a:1kim"))
        .collect();
    assert!(replaced.is_empty(), "{replaced:?}");
    assert!(kim.sent().iter().all(|sent| sent.updates == 0));
    app.finish().await;
}

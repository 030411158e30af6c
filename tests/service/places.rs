//! What becomes of the places to which letters go: conversations move between the regions of Teams,
//! and teams and channels are deleted, archived, restored and renamed.

use serde_json::{Value, json};

use crate::{
    agents::TEAM,
    app::TestApp,
    desks::{CHANNEL, asks, connect, desk, session},
    fake_teams::Call,
    personal_desks::{self, legal},
};

/// The requests that reached a region of the connector after the first `before` requests.
fn in_region(app: &TestApp, before: usize, region: &str) -> Vec<Call> {
    let prefix = format!("/{region}/v3/");
    let calls = app.teams.calls().into_iter().skip(before);
    calls.filter(|call| call.method != "GET" && call.path.starts_with(&prefix)).collect()
}

fn posts(app: &TestApp, before: usize) -> usize {
    app.teams.calls().iter().skip(before).filter(|call| call.method != "GET").count()
}

/// The same activity, from another region.
fn from(app: &TestApp, activity: &Value, region: &str) -> Value {
    crate::forge::with(activity.clone(), json!({ "serviceUrl": app.teams.region(region) }))
}

async fn it(app: &TestApp) -> Value {
    let desks = app.api("/desks").await;
    let desks = desks["items"].as_array().unwrap();
    desks.iter().find(|desk| desk["tenantId"] == "it").unwrap().clone()
}

/// What Teams sends into the General channel about a channel of the team, or about the team.
async fn happens(app: &TestApp, event: &str, more: Value) {
    let channel = json!({ "id": CHANNEL, "name": more["channel"] });
    let team = json!({ "id": TEAM, "name": more["team"] });
    let mut data =
        json!({ "tenant": { "id": crate::fake_teams::TENANT }, "eventType": event, "team": team });
    if event.to_lowercase().starts_with("channel") {
        data["channel"] = channel;
    }
    let update =
        app.agent("bob").activity(TEAM, "conversationUpdate", json!({ "channelData": data }));
    let reply = app.post(&update).await;
    assert!(reply.is_empty_200(), "{event}: {reply:?}");
    app.idle().await;
}

#[tokio::test]
async fn a_desk_is_answered_where_the_newest_activity_from_there_came_from() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    // The team moves while a letter to its desk waits.
    app.teams.close_region("");
    let before = app.teams.calls().len();
    let kim = app.chat("kim");
    let words = from(&app, &kim.message("are you there?"), "south");
    assert!(app.post_from(&words).await.is_empty_200());
    app.until("it was tried", || app.teams.calls().len() > before).await;
    let said = from(&app, &app.agent("ann").message(&thread, "from the new region"), "north");
    assert!(app.post_from(&said).await.is_empty_200());
    app.idle().await;
    assert!(app.agent("ann").texts_in(&thread).join("\n").contains("are you there?"));
    assert!(!in_region(&app, before, "north").is_empty());
    // And what goes to the guest goes where they wrote from.
    assert!(kim.last().contains("from the new region"));
    assert!(!in_region(&app, before, "south").is_empty());

    // The next thread is opened there, also by the next process.
    for (guest, restarts) in [("bea", false), ("cleo", true)] {
        if restarts {
            app.restart().await;
        }
        let before = app.teams.calls().len();
        let chat = app.chat(guest);
        for step in ["my laptop is broken", "cancel", "my laptop is broken"] {
            assert!(app.post_from(&from(&app, &chat.message(step), "south")).await.is_empty_200());
        }
        app.idle().await;
        let (card, button) = chat.button("Send");
        let data = crate::app::merged(
            &button["data"],
            &json!({ "topic": "Laptop", "machine": "ThinkPad" }),
        );
        let action =
            json!({ "type": "Action.Execute", "title": "Send", "verb": "x", "data": data });
        let click = from(&app, &chat.execute_data(&card.id, action), "south");
        assert_eq!(app.post_from(&click).await.status, 200);
        app.idle().await;
        let opened = in_region(&app, before, "north");
        assert!(opened.iter().any(|call| call.path.ends_with("/v3/conversations")), "{opened:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn an_agent_is_written_to_where_their_newest_activity_came_from() {
    let mut app = legal(&["ann"]).await;
    personal_desks::asks(&app, "kim").await;
    personal_desks::takes(&app, &app.chat("ann"), "kim").await;
    app.teams.close_region("");
    // A letter to the agent waits when their chat moves.
    let before = app.teams.calls().len();
    let words = from(&app, &app.chat("kim").message("is it good?"), "south");
    assert!(app.post_from(&words).await.is_empty_200());
    app.until("it was tried", || app.teams.calls().len() > before).await;
    let said = from(&app, &app.chat("ann").message("Hello, this is Ann"), "north");
    assert!(app.post_from(&said).await.is_empty_200());
    app.idle().await;
    assert!(app.chat("ann").texts().iter().any(|text| text.contains("is it good?")));
    assert!(app.chat("kim").last().contains("this is Ann"));
    app.restart().await;
    let before = app.teams.calls().len();
    let words = from(&app, &app.chat("kim").message("thank you"), "south");
    assert!(app.post_from(&words).await.is_empty_200());
    app.idle().await;
    assert!(app.chat("ann").last().contains("thank you"), "{:?}", app.chat("ann").texts());
    assert_eq!(in_region(&app, before, "north").len(), posts(&app, before));
    app.finish().await;
}

/// What an activity claims to be about moves nothing; where it comes from does.
#[tokio::test]
async fn no_desk_moves_because_somebody_elsewhere_names_its_channel() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let named = json!({ "tenant": { "id": crate::fake_teams::TENANT }, "team": { "id": TEAM }, "channel": { "id": CHANNEL } });
    let elsewhere = app.agent("eve").message("19:other@thread.tacv2", "hello");
    let elsewhere = crate::forge::with(elsewhere, json!({ "channelData": named }));
    let elsewhere = from(&app, &elsewhere, "north");
    assert!(app.post_from(&elsewhere).await.is_empty_200());
    let before = app.teams.calls().len();
    app.chat("kim").say("still waiting").await;
    assert!(app.agent("ann").last_in(&thread).contains("still waiting"));
    assert!(in_region(&app, before, "north").is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_channel_that_is_deleted_is_no_desk_at_once_and_one_that_is_restored_is() {
    for event in ["channelDeleted", "CHANNELDELETED", "channeldeleted"] {
        let app = desk().await;
        let thread = asks(&app, "kim").await;
        app.agent("ann").click_in(&thread, "Take", json!({})).await;
        happens(&app, event, json!({})).await;
        let now = it(&app).await;
        assert_eq!(
            (&now["state"], &now["reason"]),
            (&json!("disconnected"), &json!("the channel was deleted")),
            "{event}"
        );
        // Nobody is promised anybody there.
        app.chat("lee").say("me too").await;
        app.chat("lee").fill("Send", json!({ "topic": "Laptop", "machine": "Mac" })).await;
        assert!(app.chat("lee").last().contains("Nobody at IT can be reached"));
        happens(&app, "channelRestored", json!({})).await;
        assert_eq!(it(&app).await["state"], "connected");
        app.chat("mia").say("me three").await;
        app.chat("mia").fill("Send", json!({ "topic": "Laptop", "machine": "Mac" })).await;
        app.idle().await;
        assert_eq!(session(&app, "mia").await["state"], "waiting_for_agent");
        app.stop_with_dead_letters().await;
    }
}

#[tokio::test]
async fn what_becomes_of_a_team_becomes_of_its_desks() {
    for (ends, why, comes_back) in [
        ("teamDeleted", "the team was deleted", "teamRestored"),
        ("teamHardDeleted", "the team was deleted", "teamRestored"),
        ("teamArchived", "the team was archived", "teamUnarchived"),
    ] {
        let mut app = desk().await;
        connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
        happens(&app, ends, json!({})).await;
        let desks = app.api("/desks").await;
        let state = |desks: &Value| -> Vec<(String, Value)> {
            let desks = desks["items"].as_array().unwrap().iter();
            let desks = desks.filter(|desk| desk["channelId"].is_string());
            desks
                .map(|desk| (desk["state"].as_str().unwrap().to_owned(), desk["reason"].clone()))
                .collect()
        };
        assert_eq!(state(&desks), vec![("disconnected".to_owned(), json!(why)); 2], "{ends}");
        app.restart().await;
        assert_eq!(state(&app.api("/desks").await).len(), 2);
        assert_eq!(it(&app).await["state"], "disconnected");
        // One of its channels does not come back without the team.
        happens(&app, "channelRestored", json!({})).await;
        assert_eq!(it(&app).await["state"], "disconnected");
        happens(&app, comes_back, json!({})).await;
        let desks = app.api("/desks").await;
        assert_eq!(state(&desks), vec![("connected".to_owned(), Value::Null); 2], "{ends}");
        // A channel that was deleted is not restored with the team.
        happens(&app, "channelDeleted", json!({})).await;
        happens(&app, ends, json!({})).await;
        happens(&app, comes_back, json!({})).await;
        assert_eq!(it(&app).await["reason"], "the channel was deleted", "{ends}");
        app.finish().await;
    }
}

#[tokio::test]
async fn an_app_that_was_removed_comes_back_with_no_channel() {
    let app = desk().await;
    let removed = app.agent("bob").activity(
        TEAM,
        "conversationUpdate",
        json!({ "membersRemoved": [{ "id": format!("28:{}", crate::fake_teams::APP_ID) }], "channelData": { "team": { "id": TEAM } } }),
    );
    assert!(app.post(&removed).await.is_empty_200());
    assert_eq!(it(&app).await["state"], "disconnected");
    for event in ["channelRestored", "teamRestored", "teamUnarchived", "channelRenamed"] {
        happens(&app, event, json!({})).await;
        assert_eq!(it(&app).await["state"], "disconnected", "{event}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_team_or_channel_that_is_called_otherwise_is_shown_so() {
    let mut app = desk().await;
    happens(&app, "channelRenamed", json!({ "channel": "First line", "team": "IT" })).await;
    happens(&app, "teamRenamed", json!({ "team": "Information Technology" })).await;
    // What concerns another channel changes nothing.
    let other = json!({ "channelData": {
        "tenant": { "id": crate::fake_teams::TENANT }, "eventType": "channelRenamed",
        "team": { "id": TEAM }, "channel": { "id": "19:other@thread.tacv2", "name": "Other" },
    } });
    let reply = app.post(&app.agent("bob").activity(TEAM, "conversationUpdate", other)).await;
    assert!(reply.is_empty_200());
    app.restart().await;
    let now = it(&app).await;
    assert_eq!(
        (&now["channelName"], &now["teamName"], &now["state"]),
        (&json!("First line"), &json!("Information Technology"), &json!("connected"))
    );
    app.finish().await;
}

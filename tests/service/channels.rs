//! Desks in private and shared channels: what connecting one says, and what happens when the app
//! leaves one.

use serde_json::{Value, json};

use crate::{
    app::TestApp,
    desks::{CHANNEL, asks, desk_of, session},
    fake_teams::APP_ID,
};

/// Connects a channel of that kind as IT's desk, and gives what the bot says to it.
async fn connected(app: &TestApp, channel: &str, kind: Option<&str>) -> String {
    app.teams.channel_exists(channel);
    let reply = app.order("/desks/it/code", &json!({})).await.json();
    let mut command =
        app.agent("ann").mention(channel, &format!("connect {}", reply["code"].as_str().unwrap()));
    command["channelData"]["channel"]["type"] = json!(kind);
    assert!(app.post(&command).await.is_empty_200());
    let place = command["conversation"]["id"].as_str().unwrap().to_owned();
    app.until("the channel is connected", || {
        app.agent("ann").last_in(&place).contains("is the desk of IT now")
    })
    .await;
    app.agent("ann").last_in(&place)
}

#[tokio::test]
async fn connecting_says_what_is_different_in_private_and_shared_channels() {
    let app = desk_of("", |_| ()).await;
    let tenant = std::fs::read_to_string("tests/companies/desk/tenants/it/tenant.yaml").unwrap();
    for confidential in [false, true] {
        app.write(
            "tenants/it/tenant.yaml",
            &if confidential { format!("confidential: true\n{tenant}") } else { tenant.clone() },
        );
        assert_eq!(app.order("/reload", &json!({})).await.status, 200);
        for (kind, mention, warning) in [
            (None, false, Some("everybody in this team")),
            (Some("Standard"), false, Some("everybody in this team")),
            (Some("Private"), true, None),
            (Some("shared"), true, Some("other organizations")),
        ] {
            let said = connected(&app, CHANNEL, kind).await;
            assert_eq!(said.contains("only what mentions me"), mention, "{kind:?}: {said}");
            let warned = ["everybody in this team", "other organizations"]
                .into_iter()
                .find(|words| said.contains(words));
            assert_eq!(warned, warning.filter(|_| confidential), "{kind:?}: {said}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_desk_in_a_private_channel_hears_what_mentions_the_bot_and_ends_alone() {
    let app = desk_of("", |_| ()).await;
    crate::desks::connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    connected(&app, CHANNEL, Some("private")).await;
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    ann.mention_in(&thread, "Hello, what does it say?").await;
    assert!(
        app.chat("kim").last().ends_with("Hello, what does it say?"),
        "{:?}",
        app.chat("kim").texts()
    );
    // The app leaves that one channel; the team keeps it.
    let mut left = ann.activity(
        CHANNEL,
        "conversationUpdate",
        json!({ "membersRemoved": [{ "id": format!("28:{APP_ID}") }] }),
    );
    left["channelData"]["eventType"] = json!("channelMemberRemoved");
    left["channelData"]["channel"]["type"] = json!("private");
    assert!(app.post(&left).await.is_empty_200());
    app.idle().await;
    let desks = app.api("/desks").await;
    let state = |tenant: &str| -> Value {
        let mut all = desks["items"].as_array().unwrap().iter();
        all.find(|desk| desk["tenantId"] == tenant).unwrap()["state"].clone()
    };
    assert_eq!((state("it"), state("hr")), (json!("disconnected"), json!("connected")));
    assert_ne!(session(&app, "kim").await["state"], "with_agent");
    app.finish().await;
}

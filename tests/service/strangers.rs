//! Who may act at a desk in a channel: guests of the Microsoft 365 tenant and people of other ones
//! may not, unless the company says so.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    app::TestApp,
    desks::{CHANNEL, asks, connect, desk_of, session},
    fake_teams::{Failure, colleague},
    forge::with,
};

/// What a member look-up says of people who are not of the company.
fn strangers() -> Vec<(&'static str, Value)> {
    vec![
        (
            "gil",
            with(
                colleague("gil"),
                json!({ "userPrincipalName": "gil_fabrikam.example#EXT#@northwind.example" }),
            ),
        ),
        ("ole", with(colleague("ole"), json!({ "userRole": "Guest" }))),
        (
            "uma",
            with(colleague("uma"), json!({ "tenantId": "33333333-3333-3333-3333-333333333333" })),
        ),
    ]
}

fn look_ups(app: &TestApp) -> Vec<String> {
    app.teams
        .calls()
        .into_iter()
        .filter(|call| call.method == "GET" && call.path.contains("19%3A"))
        .map(|call| call.path)
        .collect()
}

async fn transcript(app: &TestApp, guest: &str) -> String {
    let session = session(app, guest).await;
    app.api(&format!("/sessions/{}/transcript", session["id"].as_str().unwrap())).await.to_string()
}

#[tokio::test]
async fn nobody_from_outside_the_company_takes_or_writes_or_reads_at_a_desk() {
    let app = desk_of("", |_| ()).await;
    let thread = asks(&app, "kim").await;
    for (name, member) in strangers() {
        app.teams.member(CHANNEL, &format!("29:{name}"), member);
        let stranger = app.agent(name);
        let posts = app.teams.sent(&thread).len();
        for button in ["Take", "Transcript"] {
            let answer = stranger.click_in(&thread, button, json!({})).await;
            assert!(
                answer["value"].as_str().unwrap().contains("Only people of the company"),
                "{answer}"
            );
        }
        assert_eq!(session(&app, "kim").await["state"], "waiting_for_agent");
        assert_eq!(app.teams.sent(&thread).len(), posts, "{:?}", stranger.texts_in(&thread));
        // The first words are answered, whatever follows is dropped.
        stranger.say_in(&thread, "Quacksalver remedies help").await;
        app.until("the refusal", || app.teams.sent(&thread).len() == posts + 1).await;
        assert!(
            stranger.last_in(&thread).contains("reaches nobody"),
            "{:?}",
            stranger.texts_in(&thread)
        );
        stranger.mention_in(&thread, "Quacksalver remedies cure").await;
        let mut file = stranger.message(&thread, "Quacksalver remedies");
        file["attachments"] = json!([{ "contentType": "reference", "name": "remedies.docx" }]);
        assert!(app.post(&file).await.is_empty_200());
        app.idle().await;
        assert_eq!(app.teams.sent(&thread).len(), posts + 1, "{:?}", stranger.texts_in(&thread));
    }
    // A colleague is not concerned.
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.agent("ann").say_in(&thread, "Hello").await;
    assert!(app.chat("kim").last().contains("Hello"), "{:?}", app.chat("kim").texts());
    assert!(
        !transcript(&app, "kim").await.contains("Quacksalver")
            && !app.chat("kim").texts().join("\n").contains("Quacksalver")
    );
    assert!(!crate::app::logs().contains("Quacksalver"));
    app.finish().await;
}

#[tokio::test]
async fn somebody_is_looked_up_in_the_channel_once_a_day() {
    let app = desk_of("", |_| ()).await;
    let thread = asks(&app, "kim").await;
    let ann = app.agent("ann");
    assert_eq!(look_ups(&app).len(), 1, "who connects is looked up");
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "Hello").await;
    assert_eq!(look_ups(&app), ["/v3/conversations/19%3Ait-desk%40thread.tacv2/members/29%3Aann"]);
    // Elsewhere in the team nobody is asked about.
    app.agent("bob").say_in(CHANNEL, "Lunch?").await;
    assert_eq!(look_ups(&app).len(), 1);
    // A day later somebody else may be behind the account; while nobody can say, it is who it was.
    app.pass(24 * 3600);
    app.teams.fail_next(1, Failure::Status(500, json!({})));
    ann.say_in(&thread, "Still here").await;
    assert!(app.chat("kim").last().contains("Still here"), "{:?}", app.chat("kim").texts());
    app.teams.member(CHANNEL, "29:ann", with(colleague("ann"), json!({ "userRole": "guest" })));
    ann.say_in(&thread, "Here no more").await;
    app.until("the refusal", || ann.last_in(&thread).contains("reaches nobody")).await;
    assert!(!app.chat("kim").texts().join("\n").contains("Here no more"));
    app.finish().await;
}

#[tokio::test]
async fn nothing_is_done_while_nobody_can_say_who_it_is_and_that_is_said() {
    let app = desk_of("", |_| ()).await;
    let thread = asks(&app, "kim").await;
    let (cem, bob) = (app.agent("cem"), app.agent("bob"));
    app.teams.fail_next(1, Failure::Status(500, json!({})));
    let answer = cem.click_in(&thread, "Take", json!({})).await;
    assert!(
        answer["value"].as_str().unwrap().contains("could not find out who you are"),
        "{answer}"
    );
    assert_eq!(session(&app, "kim").await["state"], "waiting_for_agent");
    cem.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    assert_eq!(session(&app, "kim").await["state"], "with_agent");
    // With words the same, and a connector that is slow is not waited for.
    app.teams.fail_next(1, Failure::Slow(Duration::from_secs(8)));
    tokio::time::timeout(Duration::from_secs(6), bob.say_in(&thread, "Ask about the dock"))
        .await
        .expect("an answer in time");
    app.until("the words are missed", || {
        bob.last_in(&thread).contains("could not find out who you are")
    })
    .await;
    assert!(!transcript(&app, "kim").await.contains("dock"));
    bob.say_in(&thread, "Ask about the dock").await;
    assert!(transcript(&app, "kim").await.contains("dock"));
    app.finish().await;
}

#[tokio::test]
async fn a_company_that_allows_external_users_has_them_at_its_desks_too() {
    let app = desk_of("external_users: allow\n", |_| ()).await;
    let thread = asks(&app, "kim").await;
    for (name, member) in strangers() {
        app.teams.member(CHANNEL, &format!("29:{name}"), member);
    }
    app.agent("gil").click_in(&thread, "Take", json!({})).await;
    app.agent("gil").say_in(&thread, "Hello").await;
    assert!(app.chat("kim").last().contains("Hello"), "{:?}", app.chat("kim").texts());
    assert_eq!(look_ups(&app).len(), 1, "only who has connected the desk was looked up");
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_that_the_company_names_is_no_stranger() {
    let (own, other) = (crate::fake_teams::TENANT, "33333333-3333-3333-3333-333333333333");
    let app = desk_of(&format!("entra_tenants: [{own}, {other}]\n"), |_| ()).await;
    let thread = asks(&app, "kim").await;
    app.teams.member(CHANNEL, "29:uma", with(colleague("uma"), json!({ "tenantId": other })));
    app.agent("uma").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    assert_eq!(session(&app, "kim").await["metadata"]["Agent.Id"], "aad-uma");
    app.finish().await;
}

#[tokio::test]
async fn a_local_client_that_knows_no_members_has_a_desk_all_the_same() {
    let app = desk_of("", |settings| settings.app = None).await;
    app.teams.allow_anonymous();
    connect(&app, "it", CHANNEL).await;
    let thread = asks(&app, "kim").await;
    for (status, name) in [(404, "bea"), (501, "bob")] {
        app.teams.fail_next(1, Failure::Status(status, json!({})));
        app.agent(name).say_in(&thread, &format!("seen by {name}")).await;
        assert!(transcript(&app, "kim").await.contains(&format!("seen by {name}")));
    }
    app.finish().await;
}

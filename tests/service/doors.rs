//! How people come in: installs, first messages, group chats, other companies, other service URLs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    app::{Chat, Setup, TestApp, text_of},
    company,
    fake_teams::TENANT,
};

async fn both(app: &TestApp, first: &Value, second: &Value) {
    let late = async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        app.post(second).await
    };
    let (first, second) = tokio::join!(app.post(first), late);
    assert!(first.is_empty_200() && second.is_empty_200(), "{first:?} {second:?}");
    app.idle().await;
}

#[tokio::test]
async fn two_installs_are_one_welcome_in_either_order() {
    let app = TestApp::sqlite().await;
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    both(&app, &kim.installed(), &kim.members_added()).await;
    both(&app, &ann.members_added(), &ann.installed()).await;
    for chat in [&kim, &ann] {
        assert_eq!(chat.sent().len(), 1, "{:#?}", chat.texts());
        assert!(
            chat.last().contains("Welcome to Northwind") && chat.last().contains("[Computers]"),
            "{}",
            chat.last()
        );
        assert!(
            chat.sent()[0].activity["summary"].as_str().is_some_and(|summary| !summary.is_empty())
        );
        assert!(chat.sessions().await.is_empty());
    }
    app.finish().await;
}

#[tokio::test]
async fn reinstalling_welcomes_again_and_upgrading_does_not() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    let upgrade = || kim.activity("installationUpdate", json!({ "action": "add-upgrade" }));
    assert!(app.post(&upgrade()).await.is_empty_200());
    assert!(app.post(&kim.installed()).await.is_empty_200());
    assert!(app.post(&upgrade()).await.is_empty_200());
    app.idle().await;
    assert_eq!(kim.sent().len(), 1);
    let removed = kim.activity("installationUpdate", json!({ "action": "remove" }));
    let members = json!([{ "id": kim.installed()["recipient"]["id"] }]);
    let left = kim.activity("conversationUpdate", json!({ "membersRemoved": members }));
    both(&app, &removed, &left).await;
    both(&app, &kim.installed(), &kim.members_added()).await;
    assert_eq!(kim.sent().len(), 2, "{:#?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_first_message_needs_no_install_and_the_late_install_says_nothing() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.texts()[0].contains("Hello kim, this is Front Desk."));
    assert!(app.post(&kim.installed()).await.is_empty_200());
    app.idle().await;
    assert_eq!(kim.sent().len(), 1, "{:#?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn a_button_of_the_welcome_card_starts_the_chat_at_its_choice() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    app.post(&kim.installed()).await;
    app.idle().await;
    let answer = kim.click("Computers").await;
    assert_eq!(answer["statusCode"], 200);
    assert!(kim.last().contains("Which device?"), "{:#?}", kim.texts());
    assert!(!kim.texts().iter().any(|text| text.contains("What is it about?")));
    // The card stays where it is; a second click on it tells where the chat stands, and opens
    // nothing.
    app.pass(61);
    let again = kim.click("Travel").await;
    assert!(again["value"].as_str().unwrap().contains("IT Service Desk"), "{again}");
    assert_eq!(kim.sessions().await.len(), 2);
    app.finish().await;
}

fn elsewhere(chat: &Chat<'_>, kind: &str, mentioned: bool) -> Value {
    let mut message = chat.message("<at>Switchboard</at> my salary is wrong");
    message["conversation"] = json!({ "id": "19:team@thread.tacv2;messageid=7", "conversationType": kind, "isGroup": true, "tenantId": TENANT });
    if mentioned {
        message["entities"] = json!([{ "type": "mention", "text": "<at>Switchboard</at>", "mentioned": { "id": message["recipient"]["id"], "name": "Switchboard" } }]);
    }
    message
}

#[tokio::test]
async fn groups_and_channels_get_a_polite_answer_when_they_mention_the_bot_and_are_else_not_read() {
    for kind in ["groupChat", "channel"] {
        let app = TestApp::start().await;
        let kim = app.chat("kim");
        let place = "19:team@thread.tacv2;messageid=7";
        assert!(app.post(&elsewhere(&kim, kind, false)).await.is_empty_200());
        let mut install = elsewhere(&kim, kind, false);
        install["type"] = json!("installationUpdate");
        install["action"] = json!("add");
        assert!(app.post(&install).await.is_empty_200());
        let mentioned = elsewhere(&kim, kind, true);
        assert!(app.post(&mentioned).await.is_empty_200());
        let polite = app.teams.wait_for(place, 1).await;
        assert!(text_of(&polite[0]).contains("write to me directly"), "{polite:#?}");
        // Teams repeats what it thinks was lost.
        assert!(app.post(&mentioned).await.is_empty_200());
        let mut click = elsewhere(&kim, kind, false);
        click["type"] = json!("invoke");
        click["name"] = json!("adaptiveCard/action");
        click["value"] = json!({ "action": { "type": "Action.Execute", "data": { "x": 1 } } });
        let reply = app.post(&click).await;
        assert_eq!((reply.status, &reply.json()["statusCode"]), (200, &json!(200)));
        // Somebody else's turn behind it: whatever was to be sent has been sent when this is
        // answered.
        kim.say("hello").await;
        assert_eq!(app.teams.sent(place).len(), 1);
        // Beside what was sent there is only the look-up of the guest who wrote in their own chat.
        let sends = app.teams.calls().iter().filter(|call| call.method != "GET").count();
        assert_eq!(sends, 1 + kim.sent().len());
        assert_eq!(app.api("/sessions").await["items"].as_array().unwrap().len(), 1);
        assert_eq!(app.engine().conversations().len(), 1);
        app.finish().await;
    }
}

#[tokio::test]
async fn people_of_another_company_get_one_refusal_and_nothing_of_them_is_kept() {
    let listed = company::with_company("entra_tenants: [33333333-3333-3333-3333-333333333333]\n");
    for (files, foreign) in
        [(company::northwind(), "33333333-3333-3333-3333-333333333333"), (listed, TENANT)]
    {
        let app = Setup::new().files(files).start().await;
        let eve = app.chat("eve");
        let from = |mut activity: Value| {
            activity["channelData"]["tenant"]["id"] = json!(foreign);
            activity["conversation"]["tenantId"] = json!(foreign);
            activity
        };
        assert!(app.post(&from(eve.installed())).await.is_empty_200());
        assert!(app.post(&from(eve.message("let me in"))).await.is_empty_200());
        assert!(app.post(&from(eve.message("please"))).await.is_empty_200());
        let sent = app.teams.wait_for(&eve.id(), 1).await;
        assert!(text_of(&sent[0]).contains("people of the company only"), "{sent:#?}");
        let click = from(eve.execute_data(
            "1",
            json!({ "type": "Action.Execute", "data": { "switchboard": { "stage": "welcome", "version": "", "nonce": "" } } }),
        ));
        let reply = app.post(&click).await;
        assert_eq!(
            (reply.status, reply.json()["type"].as_str().unwrap()),
            (200, "application/vnd.microsoft.activity.message")
        );
        let mut nobody = eve.message("and now?");
        nobody["channelData"] = json!({});
        nobody["conversation"] = json!({ "id": "a:1nobody", "conversationType": "personal" });
        assert!(app.post(&nobody).await.is_empty_200());
        app.teams.wait_for("a:1nobody", 1).await;
        assert_eq!(app.teams.calls().len(), 2);
        assert!(app.api("/sessions").await["items"].as_array().unwrap().is_empty());
        assert!(app.engine().conversations().is_empty());
        app.finish().await;
    }
}

#[tokio::test]
async fn a_service_url_that_is_not_allowed_stays_outside() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    for url in [
        "https://evil.example/",
        "http://127.0.0.1:1/connector",
        "https://smba.trafficmanager.net.evil.example/",
    ] {
        let mut message = kim.message("hello");
        message["serviceUrl"] = json!(url);
        // With the token of the right service URL, and with one that was made for the wrong one.
        let claims = crate::forge::channel_claims(crate::fake_teams::APP_ID, url, app.now());
        let token = format!("Bearer {}", crate::forge::Forge::channel().sign(&claims));
        for authorization in [app.teams.authorization(app.now()), token] {
            let headers = [("authorization", authorization.as_str())];
            let reply = app
                .request(reqwest::Method::POST, "/api/messages", &headers, message.to_string())
                .await;
            assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{url}");
        }
    }
    assert!(app.teams.calls().is_empty());
    assert!(app.engine().conversations().is_empty());
    assert!(app.api("/sessions").await["items"].as_array().unwrap().is_empty());
    app.finish().await;
}

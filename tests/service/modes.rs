//! Unusual ways in which a channel speaks: answers in the HTTP body, member look-ups, edits and
//! deletions, floods.

use serde_json::{Value, json};

use crate::{
    app::{Chat, Setup, TestApp, card_of, find_button, text_of},
    company,
};

/// What the bot said in the body of an `expectReplies` answer.
fn replies(body: &Value) -> Vec<Value> {
    body["activities"].as_array().unwrap_or_else(|| panic!("no activities in {body}")).clone()
}

fn sends(app: &TestApp) -> usize {
    app.teams.calls().iter().filter(|call| call.method != "GET").count()
}

#[tokio::test]
async fn whoever_expects_replies_gets_them_in_the_body_and_nowhere_else() {
    let mut app = TestApp::sqlite().await;
    let hello = app
        .chat("kim")
        .activity("message", json!({ "text": "hello", "deliveryMode": "expectReplies" }));
    let reply = app.post(&hello).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/json; charset=utf-8")
    );
    let said = replies(&reply.json());
    assert_eq!(
        said.iter().map(|activity| activity["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["message"]
    );
    for words in ["Hello kim, this is Front Desk.", "What is it about?"] {
        assert!(text_of(&said[0]).contains(words), "{}", said[0]);
    }
    assert_eq!(
        (&said[0]["conversation"]["id"], &said[0]["replyToId"]),
        (&json!("a:1kim"), &hello["id"])
    );
    // Whoever reads them makes a reference to the conversation of each: bot, user and conversation,
    // channel and service address must be there.
    for activity in &said {
        assert_eq!(
            (&activity["channelId"], &activity["serviceUrl"]),
            (&json!("msteams"), &json!(app.teams.service_url())),
            "{activity}"
        );
        for field in ["/from/id", "/recipient/id", "/conversation/id"] {
            assert!(activity.pointer(field).is_some_and(Value::is_string), "{field}: {activity}");
        }
    }

    // Delivered again, also to another process: the same answer.
    app.restart().await;
    assert_eq!(app.post(&hello).await.json(), reply.json());

    // A click, by the fallback.
    let data =
        find_button(card_of(&said[0]).unwrap(), "Computers").unwrap()["fallback"]["data"].clone();
    let click = app
        .chat("kim")
        .activity("message", json!({ "value": data, "deliveryMode": "expectReplies" }));
    let said = replies(&app.post(&click).await.json());
    assert!(
        said.iter().any(|activity| text_of(activity).contains("You are now with IT Service Desk")),
        "{said:#?}"
    );
    assert!(text_of(said.last().unwrap()).contains("Which device?"), "{said:#?}");

    // The time of the button is over: there is no card at the connector that could lose it.
    app.pass(5 * 60);
    app.tick().await;
    assert_eq!(sends(&app), 0, "{:#?}", app.teams.calls());
    assert_eq!(app.chat("kim").sessions().await.len(), 2);
    app.finish().await;
}

fn member(upn: &str) -> Value {
    json!({
        "id": "29:kim", "objectId": "aad-kim", "name": "Kim Noor Doe", "givenName": "Kim Noor", "surname": "Doe",
        "email": "kim.doe@northwind.example", "userPrincipalName": upn, "tenantId": crate::fake_teams::TENANT,
    })
}

/// Waits until the look-up of the guest is known to the API.
async fn looked_up(chat: &Chat<'_>, app: &TestApp) -> Value {
    for _ in 0..400 {
        let session = chat.sessions().await[0].clone();
        if session["metadata"]["Guest.UserPrincipalName"]
            .as_str()
            .is_some_and(|upn| !upn.is_empty())
        {
            app.idle().await;
            return chat.sessions().await[0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody was looked up: {:#?}", app.teams.calls());
}

#[tokio::test]
async fn the_look_up_tells_who_the_guest_is_and_is_asked_once_a_day() {
    let app = TestApp::sqlite().await;
    app.teams.member("a:1kim", "29:kim", member("kim@northwind.example"));
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.texts()[0].contains("Hello kim, this is Front Desk."), "{:?}", kim.texts());
    let session = looked_up(&kim, &app).await;
    for (key, value) in [
        ("Guest.GivenName", "Kim Noor"),
        ("Guest.Surname", "Doe"),
        ("Guest.Email", "kim.doe@northwind.example"),
        ("Guest.UserPrincipalName", "kim@northwind.example"),
        ("Guest.AadObjectId", "aad-kim"),
        ("Guest.Id", "29:kim"),
    ] {
        assert_eq!(session["metadata"][key], value, "{key}: {session:#}");
    }
    kim.click("Nothing").await;
    assert!(kim.last().contains("Bye, Kim Noor."), "{}", kim.last());
    let asked =
        |app: &TestApp| app.teams.calls().iter().filter(|call| call.method == "GET").count();
    assert_eq!(asked(&app), 1);
    app.pass(24 * 3600);
    kim.say("thanks").await;
    app.until("the look-up is repeated", || asked(&app) == 2).await;
    app.finish().await;
}

#[tokio::test]
async fn external_users_are_refused_or_allowed_as_the_company_says() {
    let upn = "kim_fabrikam.example#EXT#@northwind.example";
    for allowed in [false, true] {
        let policy = if allowed { "external_users: allow\n" } else { "external_users: refuse\n" };
        let app = Setup::new().files(company::with_company(policy)).start().await;
        app.teams.member("a:1kim", "29:kim", member(upn));
        let kim = app.chat("kim");
        kim.say("hello").await;
        looked_up(&kim, &app).await;
        let refused = || {
            kim.texts().iter().filter(|text| text.contains("people of the company only")).count()
        };
        if allowed {
            kim.click("Computers").await;
            assert!(refused() == 0 && kim.last().contains("Which device?"), "{:#?}", kim.texts());
        } else {
            app.until("the refusal", || refused() == 1).await;
            app.until("the end", || kim.last().contains("closed this matter")).await;
            let before = kim.sent().len();
            kim.say("let me in").await;
            kim.say("please").await;
            assert_eq!((kim.sent().len(), refused()), (before, 1), "{:#?}", kim.texts());
            let sessions = kim.sessions().await;
            assert_eq!((sessions.len(), &sessions[0]["state"]), (1, &json!("unresolved")));
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn what_a_look_up_told_is_kept_although_its_turn_met_another_replicas() {
    let upn = "kim_fabrikam.example#EXT#@northwind.example";
    for refuses in [false, true] {
        let policy = if refuses { "external_users: refuse\n" } else { "external_users: allow\n" };
        let app = Setup::new().files(company::with_company(policy)).flaky().start().await;
        app.teams.member("a:1kim", "29:kim", member(upn));
        let kim = app.chat("kim");
        // The guest's own turn, then the look-up's.
        app.flaky.as_ref().unwrap().set_conflicts(2..3);
        kim.say("hello").await;
        let session = looked_up(&kim, &app).await;
        assert_eq!(session["guest"]["email"], "kim.doe@northwind.example", "{session:#}");
        if refuses {
            app.until("the refusal", || {
                kim.texts().iter().any(|text| text.contains("people of the company only"))
            })
            .await;
            app.until("the end", || kim.last().contains("closed this matter")).await;
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn a_look_up_whose_news_could_not_be_kept_is_asked_again() {
    let app = Setup::new().flaky().start().await;
    app.teams.member("a:1kim", "29:kim", member("kim@northwind.example"));
    let (store, kim) = (app.flaky.clone().unwrap(), app.chat("kim"));
    // Other replicas are faster each time.
    store.set_conflicts(2..8);
    kim.say("hello").await;
    app.until("the look-up's turn is given up", || store.tried() == 7).await;
    app.until("no lock is held", || app.engine().conversations().held() == 0).await;
    kim.say("and now?").await;
    let session = looked_up(&kim, &app).await;
    assert_eq!(session["guest"]["email"], "kim.doe@northwind.example", "{session:#}");
    app.finish().await;
}

#[tokio::test]
async fn edits_and_deletions_show_in_the_transcript_and_act_on_nothing() {
    let app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    let (hello, wrong) = (kim.message("helo"), kim.message("my password is secret"));
    for message in [&hello, &wrong] {
        assert!(app.post(message).await.is_empty_200());
    }
    app.idle().await;
    let before = kim.texts();
    app.pass(60);
    let edit = kim.activity("messageUpdate", json!({ "id": hello["id"], "text": "hello", "channelData": { "eventType": "editMessage" } }));
    let delete = kim.activity(
        "messageDelete",
        json!({ "id": wrong["id"], "channelData": { "eventType": "softDeleteMessage" } }),
    );
    for activity in [&edit, &delete, &edit] {
        assert!(app.post(activity).await.is_empty_200());
    }
    app.idle().await;
    assert_eq!(kim.texts(), before);
    let session = kim.sessions().await[0].clone();
    assert_eq!(session["turns"], 2);
    let lines = app.api(&format!("/sessions/{}/transcript", session["id"].as_str().unwrap())).await
        ["items"]
        .clone();
    let line = |id: &Value| {
        lines.as_array().unwrap().iter().find(|line| line["activityId"] == *id).cloned().unwrap()
    };
    let (edited, deleted) = (line(&hello["id"]), line(&wrong["id"]));
    let minute = json!("2027-01-15T08:01:00Z");
    assert_eq!(
        (&edited["text"], &edited["editedUtc"], &edited["deletedUtc"]),
        (&json!("hello"), &minute, &Value::Null)
    );
    assert_eq!((&deleted["deletedUtc"], &deleted["from"]), (&minute, &json!("guest")));
    // The guest's question was what they asked first, and a new chat is not begun by an edit.
    let ann = app.chat("ann");
    assert!(
        app.post(&ann.activity("messageUpdate", json!({ "text": "hello" }))).await.is_empty_200()
    );
    app.idle().await;
    assert!(ann.sent().is_empty() && ann.sessions().await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_flood_is_slowed_down_and_what_was_refused_passes_when_it_is_delivered_again() {
    let app = TestApp::start().await;
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    kim.say("hello").await;
    let mut refused = Vec::new();
    let mut passed = 1;
    for _ in 0..80 {
        let status = kim.message("/status");
        let reply = app.post(&status).await;
        match reply.status {
            200 => passed += 1,
            429 => refused.push(status),
            _ => panic!("{reply:?}"),
        }
    }
    assert_eq!((passed, refused.len()), (60, 21), "what deploy/README.md says");
    // Others are not touched by it, and what was answered before is answered again.
    ann.say("hello").await;
    app.idle().await;
    let heard = kim.sent().len();
    assert_eq!(app.post(&refused[0]).await.status, 429);
    app.pass(10);
    for activity in refused.iter().take(3) {
        assert!(app.post(activity).await.is_empty_200());
        // Once only.
        assert!(app.post(activity).await.is_empty_200());
    }
    app.idle().await;
    assert_eq!(kim.sent().len(), heard + 3);
    assert!(kim.last().contains("You are with Front Desk."), "{}", kim.last());
    app.finish().await;
}

/// Before anything is read for them: a store in trouble gets no more of it than of anybody else.
#[tokio::test]
async fn a_flood_is_counted_while_the_store_is_down() {
    let app = Setup::new().flaky().start().await;
    app.chat("ann").say("hello").await;
    app.idle().await;
    let store = app.flaky.clone().unwrap();
    store.set_down(true);
    let kim = app.chat("kim");
    let mut refused = 0;
    for _ in 0..80 {
        match app.post(&kim.message("hello")).await.status {
            429 => refused += 1,
            status => assert!(status >= 500, "{status}"),
        }
    }
    assert_eq!(refused, 20);
    store.set_down(false);
    app.finish().await;
}

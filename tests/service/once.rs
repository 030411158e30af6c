//! Nothing acts twice: redeliveries, second clicks, stale and forged ones.

use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn a_message_that_is_delivered_again_acts_once() {
    let mut app = TestApp::sqlite().await;
    let hello = app.chat("kim").message("hello");
    let (first, second) = tokio::join!(app.post(&hello), app.post(&hello));
    assert!(first.is_empty_200() && second.is_empty_200());
    app.idle().await;
    assert_eq!(app.chat("kim").sent().len(), 1);
    app.restart().await;
    assert!(app.post(&hello).await.is_empty_200());
    app.idle().await;
    let kim = app.chat("kim");
    assert_eq!(kim.sent().len(), 1);
    assert_eq!(kim.sessions().await[0]["turns"], 1);
    app.finish().await;
}

#[tokio::test]
async fn a_click_that_is_delivered_again_acts_once_and_answers_the_same() {
    let mut app = TestApp::sqlite().await;
    app.chat("kim").say("hello").await;
    let click = app.chat("kim").execute("Travel", json!({}));
    let first = app.post(&click).await;
    let again = app.post(&click).await;
    // After about 30 s Teams tries with a new id.
    app.pass(31);
    let mut renewed = click.clone();
    renewed["id"] = json!("f:renewed");
    renewed["timestamp"] = json!(app.now());
    let third = app.post(&renewed).await;
    app.idle().await;
    app.restart().await;
    let fourth = app.post(&click).await;
    for reply in [&again, &third, &fourth] {
        assert_eq!((reply.status, &reply.text), (200, &first.text));
    }
    let kim = app.chat("kim");
    assert_eq!(kim.sessions().await[0]["turns"], 2);
    assert_eq!(kim.sent().len(), 2, "{:#?}", kim.texts());
    // Much later it is a click of its own, which comes too late.
    app.pass(61);
    renewed["id"] = json!("f:later");
    let late = app.post(&renewed).await.json();
    assert_eq!(late["type"], "application/vnd.microsoft.activity.message");
    assert!(late["value"].as_str().unwrap().contains("answered already"), "{late}");
    app.finish().await;
}

#[tokio::test]
async fn two_replies_at_once_are_one_answer_and_one_kind_word() {
    let app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let (one, other) = (kim.submission("Nothing", json!({})), kim.submission("Travel", json!({})));
    let (first, second) = tokio::join!(app.post(&one), app.post(&other));
    assert!(first.is_empty_200() && second.is_empty_200());
    app.idle().await;
    let texts = kim.texts();
    let bye = texts.iter().any(|text| text.contains("Bye, kim."));
    let form = texts.iter().any(|text| text.contains("Tell us about your trip."));
    assert!(bye != form, "{texts:#?}");
    assert!(
        texts.iter().any(|text| text.contains("is over") || text.contains("answered already")),
        "{texts:#?}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_second_click_and_a_stale_one_are_told_where_the_chat_stands() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let mut submit = kim.submission("Travel", json!({}));
    assert!(app.post(&submit).await.is_empty_200());
    assert!(app.post(&submit).await.is_empty_200());
    app.idle().await;
    assert_eq!(kim.sent().len(), 2);
    submit["id"] = json!("f:second");
    assert!(app.post(&submit).await.is_empty_200());
    app.idle().await;
    assert!(kim.last().contains("answered already"), "{}", kim.last());
    assert_eq!(kim.sessions().await[0]["stage"], "form");
    // The form, too, is answered once; and after the transfer its buttons belong to nobody.
    let mut form = kim.submission("Send", json!({ "city": "Lisbon", "days": 2 }));
    assert!(app.post(&form).await.is_empty_200());
    app.idle().await;
    form["id"] = json!("f:third");
    assert!(app.post(&form).await.is_empty_200());
    app.idle().await;
    assert!(kim.last().contains("You are now with IT Service Desk"), "{}", kim.last());
    assert_eq!(kim.sessions().await.len(), 2);
    // After the end.
    kim.say("my phone").await;
    let which = kim.execute("Broken", json!({}));
    kim.click("Broken").await;
    app.pass(61);
    let mut late = which.clone();
    late["id"] = json!("f:late");
    let over = app.post(&late).await.json();
    assert!(over["value"].as_str().unwrap().contains("is over"), "{over}");
    form["id"] = json!("f:fourth");
    assert!(app.post(&form).await.is_empty_200());
    app.idle().await;
    assert!(kim.last().contains("is over"), "{}", kim.last());
    let sessions = kim.sessions().await;
    assert_eq!((sessions.len(), sessions[0]["state"].as_str()), (2, Some("resolved")));
    app.finish().await;
}

#[tokio::test]
async fn a_forged_token_does_nothing() {
    let app = TestApp::start().await;
    let (kim, eve) = (app.chat("kim"), app.chat("eve"));
    kim.say("hello").await;
    eve.say("hello").await;
    let genuine = kim.button("Nothing").1["data"].clone();
    let token = |patch: Value| {
        let mut data = genuine.clone();
        data["switchboard"] = crate::forge::with(data["switchboard"].clone(), patch);
        data
    };
    let nobody = "018f0000-0000-7000-8000-000000000000";
    let mut forged = vec![
        token(json!({ "session": nobody })),
        token(json!({ "session": null })),
        token(json!({ "nonce": "guess" })),
        token(json!({ "nonce": "" })),
        token(json!({ "session": "x" })),
        token(json!({ "session": { "a": [1] } })),
        token(json!({ "nonce": 5 })),
        json!({ "choice": "2", "switchboard": null }),
        json!({ "choice": "2", "switchboard": "x" }),
        json!({ "choice": "2", "switchboard": [[[]]] }),
        json!({ "choice": "2" }),
        json!({}),
    ];
    // Another guest's genuine token.
    forged.push(genuine.clone());
    for data in forged {
        let reply = app
            .post(&eve.execute_data(
                "1",
                json!({ "type": "Action.Execute", "verb": "choose", "data": data }),
            ))
            .await;
        assert_eq!(
            (reply.status, reply.json()["type"].as_str().unwrap()),
            (200, "application/vnd.microsoft.activity.message"),
            "{data}"
        );
        let reply =
            app.post(&eve.activity("message", json!({ "value": data, "replyToId": "1" }))).await;
        assert!(reply.is_empty_200(), "{data}");
        let text = data.to_string();
        assert!(
            app.post(&eve.activity("message", json!({ "value": text }))).await.is_empty_200(),
            "{data}"
        );
    }
    for value in [
        json!(null),
        json!("x"),
        json!({}),
        json!({ "action": 7 }),
        json!({ "action": { "data": 7 } }),
    ] {
        let reply = app
            .post(&eve.activity("invoke", json!({ "name": "adaptiveCard/action", "value": value })))
            .await;
        assert_eq!((reply.status, reply.json()["statusCode"].is_u64()), (200, true));
    }
    app.idle().await;
    for chat in [&kim, &eve] {
        let sessions = chat.sessions().await;
        assert_eq!(
            (sessions.len(), sessions[0]["stage"].as_str(), sessions[0]["turns"].as_u64()),
            (1, Some("topic"), Some(1))
        );
        assert!(chat.sent().iter().all(|sent| sent.updates == 0));
    }
    kim.click("Nothing").await;
    assert!(kim.last().contains("Bye, kim."));
    app.finish().await;
}

#[tokio::test]
async fn messages_of_two_places_with_one_id_are_two_messages() {
    let app = crate::desks::desk().await;
    crate::desks::connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    // A Tuesday morning in Berlin.
    app.set_now("2027-01-19T09:00:00Z".parse().unwrap());
    let there = crate::desks::asks(&app, "kim").await;
    let (ann, cem) = (app.agent("ann"), app.agent("cem"));
    ann.click_in(&there, "Take", json!({})).await;
    let mut first = ann.message(&there, "HR takes over");
    first["id"] = json!("1795531777");
    assert!(app.post(&first).await.is_empty_200());
    ann.click_in(&there, "Transfer", json!({ "tenant": "hr", "reason": "HR knows" })).await;
    let here = app.teams.threads("19:hr-desk@thread.tacv2")[0].clone();
    cem.click_in(&here, "Take", json!({})).await;
    let mut second = cem.message(&here, "hello from HR");
    second["id"] = first["id"].clone();
    for _ in 0..2 {
        assert!(app.post(&second).await.is_empty_200());
    }
    app.idle().await;
    let kim = app.chat("kim").texts();
    for words in ["HR takes over", "hello from HR"] {
        assert_eq!(kim.iter().filter(|text| text.contains(words)).count(), 1, "{words}: {kim:?}");
    }
    app.finish().await;
}

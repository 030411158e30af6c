//! Owners who do not answer: reminded by name, and the chat is offered again.

use serde_json::json;

use crate::{
    app::{TestApp, text_of},
    desks::{self, desk},
    personal_desks::{asks, legal, session, takes},
};

/// So many minutes pass, and what is due is done.
async fn pass(app: &TestApp, minutes: i64) {
    app.pass(minutes * 60);
    app.tick().await;
    app.idle().await;
}

#[tokio::test]
async fn who_is_silent_in_a_thread_is_called_by_name_and_hears_who_has_the_chat() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    pass(&app, 4).await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    pass(&app, 6).await;
    let called = |name: &str| {
        let posts = app.teams.activities(&thread);
        let post = posts.iter().rev().find(|post| post["text"].is_string()).unwrap();
        let id = json!(format!("aad-{name}"));
        assert_eq!(post["entities"][0]["mentioned"]["id"], id, "{post}");
        post["text"].as_str().unwrap().to_owned()
    };
    let since = app.now().checked_sub(jiff::SignedDuration::from_mins(10)).unwrap();
    let on_cards = since.strftime("TIME(%Y-%m-%dT%H:%M").to_string();
    let since = since
        .to_zoned_datetime(jiff::tz::TimeZone::get("Europe/Berlin").unwrap())
        .strftime("%H:%M")
        .to_string();
    let text = called("ann");
    assert!(text.contains(&format!("has been waiting since {since}")), "{text}");
    pass(&app, 6).await;
    called("ann");
    let kim = app.chat("kim");
    assert!(kim.last().contains("has not answered"), "{:?}", kim.texts());
    assert!(!kim.texts().join("\n").contains("cannot go on"));
    // The card says since when the employee has waited, and not since when it is offered again.
    let (card, _) = app.agent("bob").button(&thread, "Take");
    assert!(text_of(&card.activity).contains(&on_cards), "{}", text_of(&card.activity));
    app.agent("bob").click_in(&thread, "Take", json!({})).await;
    let text = called("ann");
    assert!(text.contains("bob Quackenbush has this chat now"), "{text}");
    app.finish().await;
}

#[tokio::test]
async fn waits_that_are_over_are_added_up_and_told_to_whoever_has_the_chat_next() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    pass(&app, 4).await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "One moment").await;
    app.pass(20 * 60);
    app.chat("kim").say("still there?").await;
    pass(&app, 3).await;
    ann.say_in(&thread, "Yes").await;
    app.pass(60);
    ann.click_in(&thread, "Give back", json!({})).await;
    let (card, _) = app.agent("bob").button(&thread, "Take");
    assert!(text_of(&card.activity).contains("7 minutes"), "{}", text_of(&card.activity));
    app.finish().await;
}

#[tokio::test]
async fn what_a_silent_agent_writes_next_in_their_own_chat_is_no_question_of_their_own() {
    let app = legal(&["ann", "bob"]).await;
    let (ann, bob, kim) = (app.chat("ann"), app.chat("bob"), app.chat("kim"));
    asks(&app, "kim").await;
    takes(&app, &ann, "kim").await;
    let reference = session(&app, "kim").await["ref"].as_str().unwrap().to_owned();
    pass(&app, 6).await;
    assert!(
        ann.last().contains(&reference) && ann.last().contains("Please answer"),
        "{}",
        ann.last()
    );
    pass(&app, 6).await;
    assert!(ann.last().contains("No answer for kim"), "{:?}", ann.texts());
    let turns = ann.sessions().await[0]["turns"].clone();
    // Time in the queue is not forgotten: the window begins when they hear who has it.
    pass(&app, 10).await;
    takes(&app, &bob, "kim").await;
    assert!(ann.last().contains("bob Quackenbush has this chat now"), "{:?}", ann.texts());
    bob.say("I am on it").await;
    pass(&app, 10).await;
    let before = kim.texts().len();
    ann.say("have you tried the other door?").await;
    app.until("the agent is told", || ann.last().contains("is with bob Quackenbush now")).await;
    assert!(ann.last().contains(&reference), "{}", ann.last());
    ann.say(&format!("{reference} have you?")).await;
    app.until("the agent is told", || ann.last().contains("reaches nobody")).await;
    assert_eq!(ann.sessions().await[0]["turns"], turns, "{:?}", ann.texts());
    assert_eq!(kim.texts().len(), before);
    app.finish().await;
}

#[tokio::test]
async fn words_for_a_chat_that_was_lost_do_not_go_to_the_other_one() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        asks(&app, guest).await;
        takes(&app, &ann, guest).await;
    }
    let reference = session(&app, "lee").await["ref"].as_str().unwrap().to_owned();
    ann.say(&format!("{reference} hello")).await;
    pass(&app, 11).await;
    assert!(app.chat("kim").last().contains("has not answered"), "{:?}", app.chat("kim").texts());
    let before = app.chat("lee").texts().len();
    let words = ann.message("only for kim");
    // Also when Teams delivers it twice.
    for _ in 0..2 {
        assert!(app.post(&words).await.is_empty_200());
        app.idle().await;
    }
    assert!(ann.last().contains("Which chat is that for?"), "{:?}", ann.texts());
    assert_eq!(app.chat("lee").texts().len(), before, "{:?}", app.chat("lee").texts());
    ann.say("now for you").await;
    assert!(app.chat("lee").last().contains("now for you"));
    app.finish().await;
}

/// The newest message of the guest's says that their agent is gone, and Bob is asked.
async fn goes_to_bob(app: &TestApp) {
    let (bob, kim) = (app.chat("bob"), app.chat("kim"));
    app.until("the guest is told", || {
        kim.texts().iter().any(|text| text.contains("ann Quackenbush cannot go on here"))
    })
    .await;
    assert_eq!(session(app, "kim").await["state"], "waiting_for_agent");
    assert_eq!(session(app, "kim").await["takes"][0]["how"], "unreachable");
    takes(app, &bob, "kim").await;
    assert!(kim.last().contains("bob Quackenbush from Legal is here"), "{:?}", kim.texts());
}

#[tokio::test]
async fn a_chat_whose_agent_has_blocked_the_app_is_offered_again_at_once() {
    let app = legal(&["ann", "bob"]).await;
    let (ann, bob, kim) = (app.chat("ann"), app.chat("bob"), app.chat("kim"));
    asks(&app, "kim").await;
    takes(&app, &ann, "kim").await;
    ann.say("/away").await;
    app.teams.shut(&ann.id(), 403, "ConversationBlockedByUser");
    kim.say("is it good?").await;
    goes_to_bob(&app).await;
    assert!(bob.last().contains("is it good?"), "{:?}", bob.texts());
    assert!(!kim.texts().join("\n").contains("did not reach"), "{:?}", kim.texts());
    // Back again they are as they were: away.
    app.teams.reopen(&ann.id());
    assert!(app.post(&ann.installed()).await.is_empty_200());
    app.idle().await;
    asks(&app, "lee").await;
    assert!(!ann.texts().join("\n").contains("question of lee"), "{:?}", ann.texts());
    ann.say("/available").await;
    app.until("chats are offered again", || ann.texts().join("\n").contains("question of lee"))
        .await;
    app.stop_with_dead_letters().await;
}

#[tokio::test]
async fn a_chat_whose_agent_removes_the_app_is_offered_again_at_once() {
    let app = legal(&["ann", "bob"]).await;
    let ann = app.chat("ann");
    asks(&app, "kim").await;
    takes(&app, &ann, "kim").await;
    asks(&app, "lee").await;
    let removed = ann.activity("installationUpdate", json!({ "action": "remove" }));
    assert!(app.post(&removed).await.is_empty_200());
    app.idle().await;
    goes_to_bob(&app).await;
    asks(&app, "max").await;
    assert!(!ann.texts().join("\n").contains("question of max"));
    // Who comes back is asked again, also for what they were asked before.
    let before = ann.texts().len();
    assert!(app.post(&ann.installed()).await.is_empty_200());
    app.idle().await;
    let texts = ann.texts()[before..].join("\n");
    assert!(texts.contains("question of max") && texts.contains("question of lee"), "{texts}");
    app.finish().await;
}

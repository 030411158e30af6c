//! Stories from start to end, with Contoso's own files over HTTP: those that no dialog can tell,
//! because they hold pictures, or what Teams sends of voices, GIFs, polls and Loop, or end at the
//! admin API.

use serde_json::{Value, json};

use crate::{
    agents::Agent,
    app::{Chat, Setup, TestApp},
    desks::{CHANNEL, connect},
    fake_teams::Served,
    files::{all_told, briefed, link, open, picture, send, wait},
};

/// Contoso as it is delivered, with IT's desk in a channel.
async fn contoso() -> TestApp {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/contoso");
    let files = switchboard::company::read_folder(&folder).unwrap();
    let app = Setup::new().company(files).sqlite().start().await;
    connect(&app, "it", CHANNEL).await;
    app
}

/// No message stands in a chat twice, but cards that were answered alike.
fn says_nothing_twice(texts: &[String]) {
    let live: Vec<&String> = texts.iter().filter(|text| !text.starts_with('✓')).collect();
    for (index, text) in live.iter().enumerate() {
        assert!(!live[..index].contains(text), "said twice: {text}\n{texts:#?}");
    }
}

/// Sends an attachment without words.
async fn encloses(app: &TestApp, chat: &Chat<'_>, attachments: Value) {
    send(app, chat, None, attachments).await;
    app.idle().await;
}

/// What an agent sends into a thread beside words that are empty.
async fn encloses_in(app: &TestApp, agent: &Agent<'_>, thread: &str, attachments: &Value) {
    let mut message = agent.message(thread, "");
    message["attachments"] = attachments.clone();
    assert!(app.post(&message).await.is_empty_200());
    app.idle().await;
}

fn voice() -> Value {
    json!([{ "contentType": "application/vnd.microsoft.card.audio", "content": { "duration": "PT4S", "media": [] } }])
}

fn gif() -> Value {
    let image = "<p><img alt=\"Dancing cat (GIF Image)\" src=\"https://media.giphy.com/x.gif\" itemtype=\"http://schema.skype.com/Giphy\"></p>";
    json!([{ "contentType": "text/html", "content": image }])
}

fn poll() -> Value {
    let body = json!([{ "type": "TextBlock", "text": "Lunch at noon?" }]);
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": body });
    json!([{ "contentType": "application/vnd.microsoft.card.adaptive", "content": card }])
}

fn hollow_poll() -> Value {
    json!([{ "contentType": "application/vnd.microsoft.card.adaptive", "content": null }])
}

fn loop_component() -> Value {
    let content =
        json!({ "componentUrl": "https://contoso.sharepoint.com/x.loop", "sourceType": "Compose" });
    json!([{ "contentType": "application/vnd.microsoft.card.fluidEmbedCard", "content": content }])
}

#[tokio::test]
async fn only_a_screenshot() {
    let app = contoso().await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let shot = app.teams.put_picture("shot", Served::Bytes("image/png", vec![1, 2, 3]));
    send(&app, &kim, None, json!([picture(&shot)])).await;
    all_told(&app).await;
    assert_eq!(kim.texts(), ["I have kept the picture. What is it about?"]);
    kim.say("my screen stays black and nothing helps").await;
    assert!(kim.last().contains("My external screen is not recognised"), "{:#?}", kim.texts());
    kim.click("Go to IT Service Desk").await;
    kim.say("agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let address = briefed(&app, &thread, "image.png").expect("the brief names the picture");
    assert_eq!(open(&app, &address).await.text.len(), 3);
    let brief = &ann.texts_in(&thread)[0];
    assert!(brief.contains("my screen stays black and nothing helps"), "{brief}");
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "I see it: the cable is loose.").await;
    send(&app, &kim, Some("like this?"), json!([picture(&shot)])).await;
    let said = wait(&app, "sent a file", || ann.texts_in(&thread)).await;
    assert_eq!(open(&app, &link(&said)).await.text.len(), 3);
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    kim.say("5").await;
    assert_eq!(kim.sessions().await[0]["state"], "resolved");
    says_nothing_twice(&kim.texts());
    app.finish().await;
}

/// What Teams sends, and how the bot names it when it can carry nothing of it.
fn lost() -> [(Value, &'static str); 3] {
    [(voice(), "audio"), (hollow_poll(), "card"), (loop_component(), "Loop")]
}

#[tokio::test]
async fn voice_gif_poll_and_loop_by_the_employee() {
    let app = contoso().await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    // Before anybody is there: what cannot be taken is said, and a GIF is only a greeting.
    for (enclosed, name) in lost() {
        encloses(&app, &kim, enclosed).await;
        assert!(kim.last().starts_with(&format!("Not delivered: {name}.")), "{}", kim.last());
        assert!(kim.last().contains("please say it in words"), "{}", kim.last());
    }
    assert!(kim.sessions().await.is_empty(), "what cannot be taken begins nothing");
    encloses(&app, &kim, gif()).await;
    assert!(kim.last().contains("What is it about?\n[IT Service Desk]"), "{}", kim.last());
    encloses(&app, &kim, poll()).await;
    assert!(kim.last().contains("When is the canteen open"), "a poll's words: {}", kim.last());
    // Another department than the one whose answer is shown.
    kim.say("it").await;
    assert!(kim.last().contains("How can IT help?"), "{}", kim.last());
    let before = kim.texts().len();
    encloses(&app, &kim, gif()).await;
    assert_eq!(kim.texts().len(), before + 1);
    assert!(kim.last().contains("How can IT help?"), "asked for nobody: {}", kim.last());
    kim.say("agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    ann.click_in(&thread, "Take", json!({})).await;
    // What has words reaches the agent; of the rest its sender is told.
    for (enclosed, words) in [(gif(), "Dancing cat (GIF Image)"), (poll(), "Lunch at noon?")] {
        encloses(&app, &kim, enclosed).await;
        assert_eq!(ann.last_in(&thread), format!("kim Quackenbush: {words}"));
    }
    let there = ann.texts_in(&thread).len();
    for (enclosed, name) in lost() {
        encloses(&app, &kim, enclosed).await;
        assert!(kim.last().starts_with(&format!("Not delivered: {name}.")), "{}", kim.last());
    }
    assert_eq!(ann.texts_in(&thread).len(), there, "nothing half arrives");
    app.finish().await;
}

#[tokio::test]
async fn voice_gif_poll_and_loop_by_the_agent() {
    let app = contoso().await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    kim.say("hello").await;
    kim.say("it").await;
    kim.say("agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    ann.click_in(&thread, "Take", json!({})).await;
    for (enclosed, words) in [(gif(), "Dancing cat (GIF Image)"), (poll(), "Lunch at noon?")] {
        encloses_in(&app, &ann, &thread, &enclosed).await;
        assert_eq!(kim.last(), format!("ann Quackenbush: {words}"));
    }
    let there = kim.texts().len();
    for (enclosed, name) in lost() {
        encloses_in(&app, &ann, &thread, &enclosed).await;
        let told = ann.last_in(&thread);
        assert!(told.starts_with(&format!("Not delivered: {name}.")), "{told}");
        assert!(told.contains("please say it in words"), "{told}");
    }
    assert_eq!(kim.texts().len(), there, "nothing half arrives");
    app.finish().await;
}

#[tokio::test]
async fn a_managers_question_is_answered_by_the_api() {
    let app = contoso().await;
    let (kim, ann, bob) = (app.chat("kim"), app.agent("ann"), app.agent("bob"));
    kim.say("my account is locked").await;
    kim.click("Go to IT Service Desk").await;
    kim.say("agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    ann.click_in(&thread, "Take", json!({})).await;
    ann.say_in(&thread, "I look into it.").await;
    app.pass(120);
    bob.click_in(&thread, "Take over", json!({})).await;
    bob.say_in(&thread, "I have unlocked it.").await;
    kim.say("it works").await;
    app.pass(60);
    let done = json!({ "outcome": "resolved", "notes": "Unlocked by hand" });
    bob.click_in(&thread, "Resolve", done).await;
    kim.say("5").await;

    // Where is IT-1002?
    let found = app.api("/sessions?ref=it-1002").await;
    let [session] = found["items"].as_array().unwrap().as_slice() else { panic!("{found:#}") };
    assert_eq!(session["ref"], "IT-1002");
    assert_eq!(session["tenantName"], "IT Service Desk");
    assert_eq!(session["guest"]["name"], "kim Quackenbush");
    // Who had it, and for how long?
    let id = session["id"].as_str().unwrap();
    let session = app.api(&format!("/sessions/{id}")).await;
    let had: Vec<Value> = session["takes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|take| json!([take["agent"]["name"], take["how"], take["handledSeconds"]]))
        .collect();
    let expected =
        json!([["ann Quackenbush", "taken_over", 120], ["bob Quackenbush", "resolved", 60],]);
    assert_eq!(json!(had), expected);
    // How did it end?
    assert_eq!((&session["state"], &session["endedUtc"].is_string()), (&json!("resolved"), &true));
    let metadata = &session["metadata"];
    assert_eq!(metadata["Session.Status.ResolutionNotes"], "Unlocked by hand");
    assert_eq!(metadata["Session.Status.ResolvedByAgentName"], "bob Quackenbush");
    assert_eq!(metadata["Session.Rating"], 5);
    // What was said, and by whom?
    let said = app.api(&format!("/sessions/{id}/transcript")).await;
    let lines: Vec<(&str, &str)> = said["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["from"].as_str().unwrap(), line["text"].as_str().unwrap()))
        .collect();
    let spoken =
        [("agent", "I look into it."), ("agent", "I have unlocked it."), ("guest", "it works")];
    let at = |line: &(&str, &str)| lines.iter().position(|other| other == line);
    let places: Vec<Option<usize>> = spoken.iter().map(at).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {lines:#?}");
    // Where did they come from, and what was asked there?
    let journey = app.api(&format!("/journeys/{}", session["journeyId"].as_str().unwrap())).await;
    let refs: Vec<&Value> =
        journey["sessions"].as_array().unwrap().iter().map(|session| &session["ref"]).collect();
    assert_eq!(refs, ["FD-1001", "IT-1002"]);
    assert_eq!(metadata["Guest.Question"], "my account is locked");
    // One that nobody knows, and a typing mistake in the question.
    assert_eq!(app.api("/sessions?ref=IT-9").await["items"], json!([]));
    assert_eq!(app.get("/api/v1/sessions?reference=IT-1002").await.status, 400);
    app.finish().await;
}

//! Words between guests and desks keep their form, are said in words when they are a card, and
//! change when their writer changes them.

use serde_json::{Value, json};

use crate::{
    agents::Agent,
    app::{Chat, Setup, TestApp, card_of, find_button, text_of},
};

const CHANNEL: &str = "19:it-desk@thread.tacv2";

/// The company of the desk dialogs, with IT's desk connected, and a guest whose chat Ann has taken;
/// gives the thread.
async fn desk() -> (TestApp, String) {
    desk_of(Setup::new()).await
}

async fn desk_of(setup: Setup) -> (TestApp, String) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let app =
        setup.company(switchboard::company::read_folder(&folder).unwrap()).sqlite().start().await;
    app.teams.channel_exists(CHANNEL);
    let code =
        app.order("/desks/it/code", &json!({})).await.json()["code"].as_str().unwrap().to_owned();
    app.agent("ann").mention_in(CHANNEL, &format!("connect {code}")).await;
    app.idle().await;
    let kim = app.chat("kim");
    kim.say("it is broken").await;
    kim.fill("Send", json!({ "topic": "Laptop", "machine": "ThinkPad" })).await;
    app.idle().await;
    let thread = app.teams.threads(CHANNEL)[0].clone();
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    (app, thread)
}

/// Ann works in her personal chat, and has taken the chats of these guests.
async fn legal(guests: &[&str]) -> TestApp {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let app = Setup::new()
        .company(switchboard::company::read_folder(&folder).unwrap())
        .sqlite()
        .start()
        .await;
    let ann = app.chat("ann");
    ann.say("/available").await;
    ann.say("hello").await;
    for guest in guests {
        let chat = app.chat(guest);
        for words in [&format!("question of {guest}"), "departments", "Legal"] {
            chat.say(words).await;
        }
        let card = ann
            .sent()
            .into_iter()
            .rev()
            .find(|sent| text_of(&sent.activity).contains(&format!("question of {guest}")))
            .unwrap();
        let button = find_button(card_of(&card.activity).unwrap(), "Take").unwrap();
        let action = json!({ "type": "Action.Execute", "title": "Take", "verb": "desk", "data": button["data"] });
        app.post(&ann.execute_data(&card.id, action)).await;
        app.idle().await;
    }
    app
}

async fn session(app: &TestApp, guest: &str) -> Value {
    app.chat(guest).sessions().await[0].clone()
}

/// The latest session's transcript without the bot's lines: who, what, and whether it was edited
/// and deleted.
async fn lines(app: &TestApp, guest: &str) -> Vec<(String, String, bool, bool)> {
    let id = session(app, guest).await["id"].as_str().unwrap().to_owned();
    let transcript = app.api(&format!("/sessions/{id}/transcript")).await;
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let said = transcript["items"].as_array().unwrap().iter().filter(|line| line["from"] != "bot");
    said.map(|line| {
        (
            text(line, "from"),
            text(line, "text"),
            line["editedUtc"].is_string(),
            line["deletedUtc"].is_string(),
        )
    })
    .collect()
}

async fn last_line(app: &TestApp, guest: &str) -> (String, String, bool, bool) {
    lines(app, guest).await.pop().unwrap()
}

fn said(from: &str, text: &str, edited: bool, deleted: bool) -> (String, String, bool, bool) {
    (from.to_owned(), text.to_owned(), edited, deleted)
}

/// The message with its words once more as HTML, as Teams sends what was formatted.
fn formatted(mut message: Value, html: &str) -> Value {
    message["attachments"] = json!([{ "contentType": "text/html", "content": html }]);
    message
}

async fn posted(app: &TestApp, message: &Value) {
    let reply = app.post(message).await;
    assert!(reply.is_empty_200(), "{reply:?}");
    app.idle().await;
}

/// The newest activity in the guest's chat: its text and format.
fn newest(chat: &Chat<'_>) -> (String, String) {
    shown(&chat.sent().pop().unwrap().activity)
}

fn shown(activity: &Value) -> (String, String) {
    (
        activity["text"].as_str().unwrap_or_default().to_owned(),
        activity["textFormat"].as_str().unwrap_or_default().to_owned(),
    )
}

fn edited(agent: &Agent<'_>, place: &str, message: &Value, text: &str) -> Value {
    agent.activity(place, "messageUpdate", json!({ "id": message["id"], "text": text, "channelData": edit_data(place, "editMessage") }))
}

fn deleted(agent: &Agent<'_>, place: &str, message: &Value) -> Value {
    agent.activity(
        place,
        "messageDelete",
        json!({ "id": message["id"], "channelData": edit_data(place, "softDeleteMessage") }),
    )
}

fn edit_data(place: &str, event: &str) -> Value {
    let channel = place.split(';').next().unwrap();
    json!({ "eventType": event, "tenant": { "id": crate::fake_teams::TENANT }, "channel": { "id": channel }, "team": { "id": "19:team@thread.tacv2" } })
}

#[tokio::test]
async fn what_is_formatted_arrives_formatted_on_both_sides_and_is_kept_plain() {
    let (app, thread) = desk().await;
    let (ann, kim) = (app.agent("ann"), app.chat("kim"));
    let steps = "<div><p>Do <strong>this</strong> *now*:</p><ol><li>off</li><li><a href=\"https://example.com/on\">on</a></li></ol></div>";
    posted(&app, &formatted(ann.message(&thread, "Do this *now*:\n1. off\n2. on"), steps)).await;
    let (text, format) = newest(&kim);
    assert!(
        text.ends_with("Do **this** \\*now\\*:\n\n1. off\n2. [on](https://example.com/on)"),
        "{text}"
    );
    assert!(text.contains("ann") && format == "markdown", "{format}: {text}");
    assert_eq!(
        last_line(&app, "kim").await,
        said("agent", "Do this *now*:\n1. off\n2. on", false, false)
    );
    // Called by name, as agents without the channel permission do.
    let mut called = ann.mention(&thread, "done?");
    let seen = "<div><span itemscope=\"\" itemtype=\"http://schema.skype.com/Mention\" itemid=\"0\">Switchboard</span>&nbsp;<em>done?</em></div>";
    called["attachments"][0]["content"] = json!(seen);
    posted(&app, &called).await;
    assert!(newest(&kim).0.ends_with(": _done?_"), "{:?}", newest(&kim));
    // The other way; a list begins its line.
    let list =
        "<ul><li>the _screen_</li><li><a href=\"javascript:alert(1)\">the dock</a></li></ul>";
    posted(&app, &formatted(kim.message("the _screen_\nthe dock"), list)).await;
    let (text, format) = shown(&app.teams.activities(&thread).pop().unwrap());
    assert!(
        text.ends_with(":\n\n- the \\_screen\\_\n- the dock") && format == "markdown",
        "{format}: {text}"
    );
    assert_eq!(last_line(&app, "kim").await, said("guest", "the _screen_\nthe dock", false, false));
    // Without form as before: what was typed is typed.
    posted(&app, &formatted(kim.message("a *b*"), "<p>a *b*</p>")).await;
    let (text, format) = shown(&app.teams.activities(&thread).pop().unwrap());
    assert!(text.ends_with("a *b*") && format == "plain", "{format}: {text}");
    app.finish().await;
}

#[tokio::test]
async fn in_a_personal_desk_too_without_the_number_of_the_chat() {
    let app = legal(&["kim", "lee"]).await;
    let ann = app.chat("ann");
    let number = session(&app, "kim").await["ref"].as_str().unwrap().to_owned();
    posted(
        &app,
        &formatted(
            ann.message(&format!("{number} very good")),
            &format!("<p>{number} <b>very</b> good</p>"),
        ),
    )
    .await;
    let (text, format) = newest(&app.chat("kim"));
    assert!(text.ends_with(": **very** good") && format == "markdown", "{format}: {text}");
    // The number is formatted itself: then the words are plain.
    posted(
        &app,
        &formatted(
            ann.message(&format!("{number} very good")),
            &format!("<p><b>{number} very</b> good</p>"),
        ),
    )
    .await;
    let (text, format) = newest(&app.chat("kim"));
    assert!(text.ends_with(": very good") && format == "plain", "{format}: {text}");
    posted(&app, &formatted(app.chat("kim").message("thank you"), "<p><b>thank</b> you</p>")).await;
    assert!(newest(&ann).0.ends_with(": **thank** you"), "{:?}", newest(&ann));
    app.finish().await;
}

#[tokio::test]
async fn a_note_that_answers_a_message_is_a_note() {
    let (app, thread) = desk().await;
    let before = app.chat("kim").texts().len();
    let html = "<blockquote itemscope=\"\" itemtype=\"http://schema.skype.com/Reply\" itemid=\"1\"><strong>Kim</strong>\
                <p itemprop=\"preview\">is it on?</p></blockquote><p>// no idea</p>";
    posted(&app, &formatted(app.agent("ann").message(&thread, "Kim is it on?\n// no idea"), html))
        .await;
    assert_eq!(app.chat("kim").texts().len(), before);
    assert_eq!(last_line(&app, "kim").await, said("note", "no idea", false, false));
    app.finish().await;
}

#[tokio::test]
async fn cards_and_forwarded_messages_are_said_in_words() {
    let (app, thread) = desk().await;
    let (ann, kim) = (app.agent("ann"), app.chat("kim"));
    let card = json!({ "type": "AdaptiveCard", "body": [
        { "type": "TextBlock", "text": "Ticket 4711" },
        { "type": "FactSet", "facts": [{ "title": "State", "value": "open" }] },
        { "type": "TextBlock", "text": "x".repeat(5000) },
    ]});
    let pasted =
        json!([{ "contentType": "application/vnd.microsoft.card.adaptive", "content": card }]);
    posted(&app, &kim.activity("message", json!({ "attachments": pasted }))).await;
    let text = ann.last_in(&thread);
    assert!(
        text.contains("Ticket 4711\nState: open") && text.ends_with('…') && text.len() < 2200,
        "{text}"
    );
    let forwarded = json!({
        "originalMessageId": "1", "originalMessageContent": "<p>the server is <b>down</b></p><p>since noon</p>",
        "originalMessageSender": { "user": { "displayName": "Adele", "id": "x" } },
    });
    let forwarded = json!([
        { "contentType": "text/html", "content": "<p><b>see</b> this</p><attachment id=\"1\"></attachment>" },
        { "contentType": "forwardedMessageReference", "id": "1", "content": forwarded.to_string() },
    ]);
    let mut message = ann.message(&thread, "see this");
    message["attachments"] = forwarded;
    posted(&app, &message).await;
    let (text, format) = newest(&kim);
    assert!(
        text.ends_with("**see** this\n\nAdele: “the server is down\n\nsince noon”")
            && format == "markdown",
        "{format}: {text}"
    );
    assert_eq!(
        last_line(&app, "kim").await,
        said("agent", "see this\n\nAdele: “the server is down\n\nsince noon”", false, false)
    );
    let quoted = json!({ "messageId": "1", "messagePreview": "is it on?", "messageSender": { "user": { "displayName": "Kim" } } });
    let mut answer = ann.message(&thread, "");
    answer["attachments"] = json!([{ "contentType": "messageReference", "content": quoted }]);
    posted(&app, &answer).await;
    assert_eq!(
        newest(&kim),
        (text, format),
        "what is answered may be a note: it is not said again"
    );
    assert!(
        !ann.texts_in(&thread).join("\n").contains("Not delivered"),
        "{:?}",
        ann.texts_in(&thread)
    );
    app.finish().await;
}

#[tokio::test]
async fn an_agent_changes_and_takes_back_what_the_guest_has_read() {
    let (mut app, thread) = desk().await;
    let message = app.agent("ann").message(&thread, "Press F8");
    posted(&app, &message).await;
    let copy = app.chat("kim").sent().pop().unwrap();
    app.restart().await;
    let (ann, bob, kim) = (app.agent("ann"), app.agent("bob"), app.chat("kim"));
    let count = kim.sent().len();
    let now = || kim.sent().into_iter().find(|sent| sent.id == copy.id).unwrap();
    // Somebody else's activity of the same id is not this message.
    posted(&app, &edited(&bob, &thread, &message, "Press F1")).await;
    posted(&app, &deleted(&bob, &thread, &message)).await;
    assert_eq!(
        (now().updates, last_line(&app, "kim").await),
        (0, said("agent", "Press F8", false, false))
    );
    let change =
        formatted(edited(&ann, &thread, &message, "Press F9 now"), "<p>Press <b>F9</b> now</p>");
    posted(&app, &change).await;
    assert_eq!(now().updates, 1);
    assert!(shown(&now().activity).0.ends_with(": Press **F9** now"), "{:#?}", now().activity);
    assert_eq!(last_line(&app, "kim").await, said("agent", "Press F9 now", true, false));
    // Told again it changes nothing; nor does a preview of a link, which Teams calls an edit.
    posted(&app, &change).await;
    assert_eq!(now().updates, 1);
    // What was read is no note any more.
    posted(&app, &edited(&ann, &thread, &message, "// Press F9 now")).await;
    assert!(ann.last_in(&thread).contains("has read that already"), "{:?}", ann.texts_in(&thread));
    assert_eq!(
        (now().updates, last_line(&app, "kim").await),
        (1, said("agent", "Press F9 now", true, false))
    );
    for _ in 0..2 {
        posted(&app, &deleted(&ann, &thread, &message)).await;
        assert_eq!(now().updates, 2);
    }
    assert!(shown(&now().activity).0.contains("took a message back)"), "{:#?}", now().activity);
    assert_eq!(last_line(&app, "kim").await, said("agent", "", true, true));
    // Teams lets people undo it.
    posted(&app, &edited(&ann, &thread, &message, "Press F9 now")).await;
    assert!(shown(&now().activity).0.ends_with(": Press F9 now"), "{:#?}", now().activity);
    assert_eq!(last_line(&app, "kim").await, said("agent", "Press F9 now", true, false));
    // In another thread nothing of it is known.
    posted(&app, &edited(&ann, "19:other@thread.tacv2;messageid=9", &message, "Press F2")).await;
    assert_eq!((now().updates, kim.sent().len()), (3, count));
    // The chat is over, and another one has begun: what stands in the guest's chat is still right.
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    kim.say("5").await;
    kim.say("my mouse is broken").await;
    posted(&app, &edited(&ann, &thread, &message, "Press F10")).await;
    assert!(shown(&now().activity).0.ends_with(": Press F10"), "{:#?}", now().activity);
    app.finish().await;
}

#[tokio::test]
async fn a_change_that_is_taken_back_while_it_is_written_down_is_taken_back() {
    let (app, thread) = desk_of(Setup::new().flaky()).await;
    let (store, ann, kim) = (app.flaky.clone().unwrap(), app.agent("ann"), app.chat("kim"));
    let message = ann.message(&thread, "Press F8");
    posted(&app, &message).await;
    let copy = kim.sent().pop().unwrap();
    let change = edited(&ann, &thread, &message, "Press F9");
    let back = edited(&ann, &thread, &message, "Press F8");
    store.hold();
    let (first, second) = tokio::join!(app.post(&change), async {
        app.until("the change is about to be written", || store.waiting() == 1).await;
        let before = store.looked();
        // Before its turn the second one sees what is no longer so when its turn comes.
        let (second, ()) = tokio::join!(app.post(&back), async {
            app.until("the second one has looked", || store.looked() > before).await;
            store.let_go();
        });
        second
    });
    assert!(first.is_empty_200() && second.is_empty_200(), "{first:?} {second:?}");
    app.idle().await;
    let stands = kim.stands(&copy.id);
    assert_eq!(stands.updates, 2);
    assert!(shown(&stands.activity).0.ends_with(": Press F8"), "{:#?}", stands.activity);
    assert_eq!(last_line(&app, "kim").await, said("agent", "Press F8", true, false));
    app.finish().await;
}

#[tokio::test]
async fn a_note_stays_a_note_whatever_it_is_changed_to() {
    let (app, thread) = desk().await;
    let (ann, bob, kim) = (app.agent("ann"), app.agent("bob"), app.chat("kim"));
    let before = kim.texts();
    let note = ann.message(&thread, "// probably the battery");
    posted(&app, &note).await;
    posted(&app, &edited(&ann, &thread, &note, "// surely the battery")).await;
    assert_eq!(last_line(&app, "kim").await, said("note", "surely the battery", true, false));
    posted(&app, &edited(&ann, &thread, &note, "surely the battery")).await;
    assert!(ann.last_in(&thread).contains("stays a note"), "{:?}", ann.texts_in(&thread));
    posted(&app, &edited(&ann, &thread, &note, "it is the battery")).await;
    assert_eq!(last_line(&app, "kim").await, said("note", "it is the battery", true, false));
    // A colleague's words are notes without the mark, and nobody needs telling.
    let words = bob.message(&thread, "ask about the dock");
    posted(&app, &words).await;
    let count = ann.texts_in(&thread).len();
    posted(&app, &edited(&bob, &thread, &words, "ask about the screen")).await;
    assert_eq!(
        (last_line(&app, "kim").await, ann.texts_in(&thread).len()),
        (said("note", "ask about the screen", true, false), count)
    );
    posted(&app, &deleted(&bob, &thread, &words)).await;
    assert_eq!(last_line(&app, "kim").await, said("note", "", true, true));
    assert_eq!(kim.texts(), before);
    app.finish().await;
}

#[tokio::test]
async fn in_their_personal_chat_too_and_never_in_another_guests() {
    let mut app = legal(&["kim", "lee"]).await;
    let number = |session: Value| session["ref"].as_str().unwrap().to_owned();
    let (kims, lees) = (number(session(&app, "kim").await), number(session(&app, "lee").await));
    let message = app.chat("ann").message(&format!("{kims} see page 3"));
    posted(&app, &message).await;
    app.restart().await;
    let (ann, kim, lee) = (app.chat("ann"), app.chat("kim"), app.chat("lee"));
    let at_lee = lee.texts();
    let change = |text: &str| {
        ann.activity("messageUpdate", json!({ "id": message["id"], "text": text, "channelData": { "eventType": "editMessage" } }))
    };
    posted(&app, &change(&format!("{kims}: see page 4"))).await;
    assert!(kim.last().ends_with(": see page 4"), "{:?}", kim.texts());
    assert_eq!(last_line(&app, "kim").await, said("agent", "see page 4", true, false));
    posted(&app, &change("see page 5")).await;
    assert!(kim.last().ends_with(": see page 5"), "{:?}", kim.texts());
    // A number of another chat does not send it there.
    posted(&app, &change(&format!("{lees} see page 6"))).await;
    app.until("the agent is told", || ann.last().contains("has read that already")).await;
    posted(&app, &change(&format!("{kims} // see page 7"))).await;
    assert!(ann.last().contains("has read that already"), "{:?}", ann.texts());
    assert!(kim.last().ends_with(": see page 5"), "{:?}", kim.texts());
    posted(
        &app,
        &ann.activity(
            "messageDelete",
            json!({ "id": message["id"], "channelData": { "eventType": "softDeleteMessage" } }),
        ),
    )
    .await;
    assert!(kim.last().contains("took a message back)"), "{:?}", kim.texts());
    assert_eq!(lee.texts(), at_lee);
    assert_eq!(last_line(&app, "kim").await, said("agent", "", true, true));
    // What the agent says for themselves is an employee's own matter.
    let own = ann.message("/status");
    posted(&app, &own).await;
    posted(
        &app,
        &ann.activity(
            "messageUpdate",
            json!({ "id": own["id"], "text": "x", "channelData": { "eventType": "editMessage" } }),
        ),
    )
    .await;
    app.finish().await;
}

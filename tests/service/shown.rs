//! What people typed is read as they typed it, wherever it is shown; and what is too long for one
//! message comes in several.

use serde_json::{Value, json};
use switchboard::source;

use crate::{
    app::{Setup, TestApp, card_of},
    desks::{CHANNEL, connect},
};

/// One department that repeats what it is told: in words with Markdown, in a card, on several lines.
fn company() -> source::Files {
    let desk = r#"name: Notes
pipelines:
  main:
    - id: note
      ask: { text: "Which note?", save_as: note }
    - id: repeat
      send: { text: "**Noted**: {{Data.note}}" }
    - id: lines
      send: { text: "**One**\nTwo" }
    - id: card
      send: { template: note }
    - id: done
      end: { text: "Done.", outcome: resolved }
"#;
    let card = r#"{ "type": "AdaptiveCard", "version": "1.5", "body": [
      { "type": "TextBlock", "text": "Three\nFour {{Data.note}}", "wrap": true },
      { "type": "FactSet", "facts": [{ "title": "Note", "value": "{{Data.note}}" }] },
      { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": "{{Data.note}}" }] }
    ] }"#;
    [
        ("company.yaml", "company: Contoso\nprimary_tenant: notes\n"),
        ("tenants/notes/tenant.yaml", desk),
        ("cards/note.json.hbs", card),
        ("cards/samples/note.json", r#"{ "Data": { "note": "a note" } }"#),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

async fn noted(note: &str) -> (TestApp, Vec<Value>) {
    let app = Setup::new().company(company()).start().await;
    let anna = app.chat("anna");
    anna.say("hello").await;
    anna.say(note).await;
    app.idle().await;
    let sent = anna.sent().into_iter().map(|sent| sent.activity).collect();
    (app, sent)
}

/// The card among them, which shows the note in a text and in a fact.
fn card_with<'a>(sent: &'a [Value], typed: &str) -> &'a Value {
    let mut cards = sent.iter().filter_map(card_of);
    let card = cards.find(|card| card["body"][2]["type"] == "RichTextBlock").unwrap();
    assert_eq!(card["body"][0]["text"], format!("Three  \nFour {typed}"));
    assert_eq!(card["body"][1]["facts"][0]["value"], typed);
    card
}

#[tokio::test]
async fn typed_characters_stay_characters_in_messages_and_cards() {
    let (app, sent) = noted("mail <jane@alpine.example> & <b>wait</b> <at>Ann</at>").await;
    let typed = "mail &lt;jane@alpine.example> &amp; &lt;b>wait&lt;/b> &lt;at>Ann&lt;/at>";
    let text = sent.iter().find(|sent| sent["textFormat"] == "markdown").unwrap();
    assert_eq!(text["text"], format!("**Noted**: {typed}"));
    let card = card_with(&sent, typed);
    // Here nothing is markup.
    let run = &card["body"][2]["inlines"][0]["text"];
    assert_eq!(*run, "mail <jane@alpine.example> & <b>wait</b> <at>Ann</at>");
    app.finish().await;
}

#[tokio::test]
async fn a_line_break_stays_one_in_messages_and_cards() {
    let (app, sent) = noted("first line\nsecond line\r\nthird\n\nlast").await;
    let typed = "first line  \nsecond line  \nthird\n\nlast";
    let texts: Vec<&str> = sent
        .iter()
        .filter(|sent| sent["textFormat"] == "markdown")
        .filter_map(|sent| sent["text"].as_str())
        .collect();
    assert_eq!(texts, [&format!("**Noted**: {typed}"), "**One**  \nTwo"]);
    card_with(&sent, typed);
    app.finish().await;
}

/// IT, whose desk is a channel and wants Ann called by name.
fn desk(more: &str) -> source::Files {
    let it = format!(
        "name: IT\ndesk: {{ where: channel{more} }}\npipelines:\n  main:\n    - id: human\n      agent: {{}}\n"
    );
    [
        ("company.yaml", "company: Contoso\nprimary_tenant: it\n".to_owned()),
        ("tenants/it/tenant.yaml", it),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into()
}

/// No activity that was ever posted has text beside a card, and none is larger than Teams takes.
fn assert_fits_teams(app: &TestApp) {
    for activity in app.teams.said() {
        let has_card = activity["attachments"].as_array().is_some_and(|all| !all.is_empty());
        assert!(!has_card || activity.get("text").is_none(), "{activity}");
        let size = activity.to_string().encode_utf16().count() * 2;
        assert!(size <= 80_000, "{size}");
    }
}

#[tokio::test]
async fn a_brief_calls_people_inside_of_its_card() {
    let files = desk(r#", notify: ["ann&co@contoso.com"]"#);
    let app = Setup::new().company(files).sqlite().start().await;
    connect(&app, "it", CHANNEL).await;
    app.chat("anna").say("my laptop is broken").await;
    app.idle().await;
    assert_fits_teams(&app);
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let brief = app.teams.activities(&thread)[0].clone();
    let card = card_of(&brief).unwrap();
    let tag = "<at>ann&amp;co@contoso.com</at>";
    let mention = &card["msteams"]["entities"][0];
    assert_eq!((mention["type"].as_str(), mention["text"].as_str()), (Some("mention"), Some(tag)));
    assert_eq!(mention["mentioned"]["id"], "ann&co@contoso.com");
    assert_eq!(card["msteams"]["width"], "Full");
    assert!(card["body"].as_array().unwrap().iter().any(|line| line["text"] == tag), "{card}");
    assert!(brief.get("entities").is_none() && brief.get("text").is_none());
    app.finish().await;
}

#[tokio::test]
async fn what_is_too_long_for_teams_comes_in_parts_and_whole() {
    let app = Setup::new().company(desk("")).sqlite().start().await;
    connect(&app, "it", CHANNEL).await;
    let anna = app.chat("anna");
    // The brief shows the question: its card has no room for all of it.
    let question: String = (0..9_000).map(|n| format!("q{n}.* ")).collect();
    anna.say(question.trim()).await;
    app.idle().await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let seen = app.agent("ann").texts_in(&thread).join(" ");
    let all_of = |seen: &str, mark: char, count: usize| {
        let seen = seen.replace('\\', "");
        // One word may be cut in two where a card ends and its rest begins.
        let missing = (0..count).filter(|n| !seen.contains(&format!("{mark}{n}.*"))).count();
        missing <= 1
    };
    assert!(all_of(&seen, 'q', 9_000));
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    // Both ways, in order.
    let long: String = (0..9_000).map(|n| format!("w{n}.* ")).collect();
    let before = app.agent("ann").texts_in(&thread).len();
    anna.say(long.trim()).await;
    app.idle().await;
    let texts = app.agent("ann").texts_in(&thread)[before..].to_vec();
    assert!(texts.len() > 1 && all_of(&texts.join(""), 'w', 9_000));
    let (first, last) = (texts[0].find("w1.").is_some(), texts.last().unwrap().find("w8999."));
    assert!(first && last.is_some());
    let before = anna.texts().len();
    let message = app.agent("ann").message(&thread, long.trim());
    let activity = message["id"].clone();
    assert!(app.post(&message).await.is_empty_200());
    app.idle().await;
    let parts = anna.texts()[before..].to_vec();
    assert!(parts.len() > 1 && all_of(&parts.concat(), 'w', 9_000));
    // What is taken back is taken back whole.
    let deleted = json!({ "id": activity, "channelData": { "eventType": "softDeleteMessage" } });
    let deleted = app.agent("ann").activity(&thread, "messageDelete", deleted);
    assert!(app.post(&deleted).await.is_empty_200());
    app.idle().await;
    let left = anna.texts()[before..].concat();
    assert!(!left.contains('w') || !left.contains("w1."), "{left}");
    assert!(!left.contains("w8999."), "{left}");
    // The transcript has all of it.
    app.agent("ann").click_in(&thread, "Transcript", json!({})).await;
    app.idle().await;
    assert_fits_teams(&app);
    app.finish().await;
}

//! What people typed is read as they typed it, wherever it is shown; and what is too long for one
//! message comes in several.

use serde_json::Value;
use switchboard::source;

use crate::app::{Setup, TestApp, card_of};

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

#[tokio::test]
async fn typed_characters_stay_characters_in_messages_and_cards() {
    let (app, sent) = noted("mail <jane@alpine.example> & <b>wait</b> <at>Ann</at>").await;
    let typed = "mail &lt;jane@alpine.example> &amp; &lt;b>wait&lt;/b> &lt;at>Ann&lt;/at>";
    let text = sent.iter().find(|sent| sent["textFormat"] == "markdown").unwrap();
    assert_eq!(text["text"], format!("**Noted**: {typed}"));
    let card = sent
        .iter()
        .filter_map(card_of)
        .find(|card| card["body"][2]["type"] == "RichTextBlock")
        .unwrap();
    assert_eq!(card["body"][0]["text"], format!("Three  \nFour {typed}"));
    assert_eq!(card["body"][1]["facts"][0]["value"], typed);
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
    let card = sent
        .iter()
        .filter_map(card_of)
        .find(|card| card["body"][2]["type"] == "RichTextBlock")
        .unwrap();
    assert_eq!(card["body"][0]["text"], format!("Three  \nFour {typed}"));
    assert_eq!(card["body"][1]["facts"][0]["value"], typed);
    app.finish().await;
}

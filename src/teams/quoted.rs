//! What came along with a message and can be read: cards, and other people's messages that are
//! forwarded or answered.

use serde_json::{Map, Value, json};

use super::{
    json,
    rich::{Call, Rich},
};
use crate::model::Enclosed;

/// Messages: those that are answered, and those that are forwarded. Content types of Microsoft
/// Graph's `chatMessageAttachment`.
const ANSWERED: &str = "messagereference";
const FORWARDED: &str = "forwardedmessagereference";
/// Cards; the older kinds and those of Teams alone (Microsoft Learn, "Types of cards").
const CARDS: [&str; 2] =
    ["application/vnd.microsoft.card.", "application/vnd.microsoft.teams.card."];
/// The fields of an older card that hold its words.
const WORDS: [&str; 4] = ["summary", "title", "subtitle", "text"];

/// What a readable attachment is called when it cannot be read after all; none for what is none.
pub(super) fn kind(content_type: &str) -> Option<&str> {
    match content_type {
        ANSWERED | FORWARDED => Some("message"),
        _ => match card(content_type)? {
            "adaptive" => Some("card"),
            "animation" => Some("GIF"),
            "codesnippet" => Some("code snippet"),
            "fluidembedcard" => Some("Loop"),
            kind => Some(kind),
        },
    }
}

/// The kind of a card, by its content type in lower case.
fn card(content_type: &str) -> Option<&str> {
    CARDS.iter().find_map(|prefix| content_type.strip_prefix(prefix))
}

/// True for an attachment of which nothing is lost: it is said in words, or it is the message that
/// is answered, which was read before.
pub(super) fn is_read(attachment: &Map<String, Value>) -> bool {
    let kind = content_type(attachment);
    // Their words are said; what is played is not.
    let plays = matches!(card(&kind), Some("animation" | "audio" | "video"));
    kind == ANSWERED || !plays && one(attachment).is_some()
}

fn content_type(attachment: &Map<String, Value>) -> String {
    attachment.get("contentType").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
}

/// The readable attachments of an activity, in order.
pub(super) fn enclosed(activity: &Map<String, Value>) -> Vec<Enclosed> {
    let attachments = activity.get("attachments").and_then(Value::as_array).into_iter().flatten();
    attachments.filter_map(|attachment| one(attachment.as_object()?)).collect()
}

/// One of them. The content is an object, or a text that holds one.
fn one(attachment: &Map<String, Value>) -> Option<Enclosed> {
    let kind = content_type(attachment);
    let content = || match attachment.get("content")? {
        Value::String(text) => json::parse(text.as_bytes()).ok().filter(Value::is_object),
        content => Some(content.clone()).filter(Value::is_object),
    };
    match kind.as_str() {
        ANSWERED => {
            let content = content()?;
            message(by(&content, "messageSender"), text(&content, "messagePreview"), false)
        }
        FORWARDED => {
            let content = content()?;
            let html = Rich::read(text(&content, "originalMessageContent"), Call::default());
            message(by(&content, "originalMessageSender"), &html.plain(), true)
        }
        kind => match card(kind)? {
            "adaptive" => content().map(Enclosed::Card),
            _ => older(&content()?),
        },
    }
}

fn text<'a>(content: &'a Value, key: &str) -> &'a str {
    content.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn by(content: &Value, key: &str) -> Option<String> {
    let name = content.get(key)?.pointer("/user/displayName")?.as_str()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn message(by: Option<String>, text: &str, forwarded: bool) -> Option<Enclosed> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(Enclosed::Message { by, text, forwarded })
}

/// The words of an older card (hero, thumbnail, connector card …) as an Adaptive one.
fn older(content: &Value) -> Option<Enclosed> {
    let blocks: Vec<Value> = WORDS
        .iter()
        .map(|key| Rich::read(text(content, key), Call::default()).plain())
        .filter(|words| !words.trim().is_empty())
        .map(|words| json!({ "type": "RichTextBlock", "inlines": [words] }))
        .collect();
    let card = json!({ "type": "AdaptiveCard", "body": blocks });
    (!blocks.is_empty()).then_some(Enclosed::Card(card))
}

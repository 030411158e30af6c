//! What came along with a message and can be read: Adaptive Cards, and other people's messages that
//! are forwarded or answered.

use serde_json::{Map, Value};

use super::{json, rich::Rich};
use crate::model::Enclosed;

/// So many are read: clients enclose one.
const MOST: usize = 5;

/// True for what is no file, although it is attached.
pub(super) fn is_readable(kind: &str) -> bool {
    ["messageReference", "forwardedMessageReference"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

/// The readable attachments of an activity, in order. The two references are those of Microsoft
/// Graph's `chatMessageAttachment`: their content is an object, or a text that holds one.
pub(super) fn enclosed(activity: &Map<String, Value>) -> Vec<Enclosed> {
    let attachments = activity.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let read = |attachment: &Value| {
        let kind = attachment.get("contentType")?.as_str()?;
        let content = || match attachment.get("content")? {
            Value::String(text) => json::parse(text.as_bytes()).ok().filter(Value::is_object),
            content => Some(content.clone()).filter(Value::is_object),
        };
        let text = |content: &Value, key: &str| {
            content.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let by = |content: &Value, key: &str| {
            let name = content.get(key)?.pointer("/user/displayName")?.as_str()?.trim();
            (!name.is_empty()).then(|| name.to_owned())
        };
        let message = |by: Option<String>, text: String, forwarded: bool| {
            let text = text.trim().to_owned();
            (!text.is_empty()).then_some(Enclosed::Message { by, text, forwarded })
        };
        match kind {
            "application/vnd.microsoft.card.adaptive" => content().map(Enclosed::Card),
            "messageReference" => {
                let content = content()?;
                message(by(&content, "messageSender"), text(&content, "messagePreview"), false)
            }
            "forwardedMessageReference" => {
                let content = content()?;
                let html = text(&content, "originalMessageContent");
                message(by(&content, "originalMessageSender"), Rich::read(&html, &[]).plain(), true)
            }
            _ => None,
        }
    };
    attachments.filter_map(read).take(MOST).collect()
}

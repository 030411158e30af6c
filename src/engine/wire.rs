//! Effects to bytes: what the core wants said becomes activities, exactly as they will be sent. A
//! retry sends the same.

use serde_json::{Map, Value, json};

use crate::{
    cards::{self, Cards},
    model::{Agent, Body, Card, Reference, Words},
    pipeline::language::phrases,
};

/// A message as it will be sent, and what the transcript keeps of it. This is the one place that
/// decides who reads what is private: its readers do, and what is kept of it holds none.
pub(super) struct Drawn {
    /// The activity, JSON.
    pub activity: String,
    /// What the transcript keeps as text.
    pub text: String,
    /// The card alone, as its readers see it, when there is one.
    pub card: Option<Value>,
    /// The card as the transcript keeps it; none when it cannot be drawn without what is private.
    pub kept: Option<Value>,
}

/// Draws a letter's body as an activity.
pub(super) fn draw_body(
    body: &Body,
    cards: &Cards,
    to: &Reference,
    conversation: &str,
    reply_to: Option<&str>,
) -> Drawn {
    match body {
        Body::Text(words) => text(words, to, conversation, reply_to),
        Body::Card(card) => draw_card(card, cards, to, conversation, reply_to),
    }
}

/// Draws a plain message. With markup in the company's words it is Markdown, with what a person
/// typed escaped; without, it is plain.
pub(super) fn text(
    words: &Words,
    to: &Reference,
    conversation: &str,
    reply_to: Option<&str>,
) -> Drawn {
    written(words, words.revealed().has_markup(), to, conversation, reply_to)
}

/// Draws a plain message as Markdown whatever is in it: a tag that calls somebody by name is no
/// plain text.
pub(super) fn marked(words: &Words, to: &Reference, conversation: &str) -> Drawn {
    written(words, true, to, conversation, None)
}

fn written(
    words: &Words,
    is_marked: bool,
    to: &Reference,
    conversation: &str,
    reply_to: Option<&str>,
) -> Drawn {
    let kept = words.plain();
    let open = words.revealed();
    let (shown, format) =
        if is_marked { (open.markdown(), "markdown") } else { (open.plain(), "plain") };
    let mut activity = envelope(to, conversation, reply_to);
    activity.insert("text".to_owned(), json!(shown));
    activity.insert("textFormat".to_owned(), json!(format));
    Drawn { activity: Value::Object(activity).to_string(), text: kept, card: None, kept: None }
}

/// Draws a card. One that cannot be rendered (the checker renders every card, so this is rare)
/// becomes its summary in words.
pub(super) fn draw_card(
    card: &Card,
    cards: &Cards,
    to: &Reference,
    conversation: &str,
    reply_to: Option<&str>,
) -> Drawn {
    let content = match cards.render(&card.revealed()) {
        Ok(rendered) => rendered.content,
        Err(error) => {
            // What is wrong may repeat what is private.
            let error = if card.is_private() { String::new() } else { error.to_string() };
            tracing::error!(card = %card.template, tenant = %card.tenant, %error, "a card could not be rendered; its summary was sent");
            let words = if card.summary.is_empty() {
                Words::own(phrases(&card.locale).failed)
            } else {
                card.summary.clone()
            };
            return text(&words, to, conversation, reply_to);
        }
    };
    let kept = if card.is_private() {
        cards.render(card).ok().map(|rendered| rendered.content)
    } else {
        Some(content.clone())
    };
    let summary = if card.summary.is_empty() {
        kept.as_ref().map(first_line).unwrap_or_default()
    } else {
        card.summary.plain()
    };
    let mut activity = envelope(to, conversation, reply_to);
    activity.insert("summary".to_owned(), json!(cut(&summary)));
    activity.insert(
        "attachments".to_owned(),
        json!([{ "contentType": "application/vnd.microsoft.card.adaptive", "content": content }]),
    );
    Drawn {
        activity: Value::Object(activity).to_string(),
        text: summary,
        card: Some(content),
        kept,
    }
}

/// "Somebody is at work."
pub(super) fn typing(to: &Reference, conversation: &str) -> String {
    let mut activity = envelope(to, conversation, None);
    activity.insert("type".to_owned(), json!("typing"));
    Value::Object(activity).to_string()
}

/// Calls people by name, so that Teams alerts them: a plain post in a channel rarely does. Teams
/// takes Entra object ids and UPNs, and shows the person's name whatever the text says.
pub(super) fn mention(activity: &mut Value, people: &[Agent]) {
    if people.is_empty() {
        return;
    }
    // Teams reads the tag as it reads HTML.
    let name = |person: &Agent| {
        person.name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let tag = |person: &Agent| format!("<at>{}</at>", name(person));
    let text: Vec<String> = people.iter().map(tag).collect();
    let entities: Vec<Value> = people
        .iter()
        .map(|person| json!({ "type": "mention", "text": tag(person), "mentioned": { "id": person.id, "name": person.name } }))
        .collect();
    let said = activity.get("text").and_then(Value::as_str).unwrap_or_default();
    activity["text"] = json!(format!("{} {said}", text.join(" ")).trim_end());
    activity["entities"] = json!(entities);
}

/// An activity without the people and the place that only the connector knows.
pub(super) fn unaddressed(activity: &str) -> Value {
    let mut activity: Map<String, Value> = serde_json::from_str(activity).unwrap_or_default();
    for key in ["from", "recipient", "conversation", "replyToId"] {
        activity.remove(key);
    }
    Value::Object(activity)
}

fn envelope(to: &Reference, conversation: &str, reply_to: Option<&str>) -> Map<String, Value> {
    let mut activity = Map::new();
    activity.insert("type".to_owned(), json!("message"));
    activity.insert("from".to_owned(), account(&to.bot));
    activity.insert("recipient".to_owned(), account(&to.user));
    activity.insert("conversation".to_owned(), json!({ "id": conversation }));
    if let Some(reply_to) = reply_to {
        activity.insert("replyToId".to_owned(), json!(reply_to));
    }
    activity
}

fn account(account: &crate::model::Account) -> Value {
    let mut value = Map::new();
    value.insert("id".to_owned(), json!(account.id));
    if let Some(name) = &account.name {
        value.insert("name".to_owned(), json!(name));
    }
    if let Some(id) = &account.aad_object_id {
        value.insert("aadObjectId".to_owned(), json!(id));
    }
    Value::Object(value)
}

/// A card without summary is named by what it says after the department's line.
fn first_line(content: &Value) -> String {
    cards::draw(content).lines().nth(1).unwrap_or_default().to_owned()
}

/// A notification shows little; the rest is in the card.
fn cut(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 200 { line } else { line.chars().take(199).chain(['…']).collect() }
}

//! Effects to bytes: what the core wants said becomes activities, exactly as they will be sent. A
//! retry sends the same.

use serde_json::{Map, Value, json};

use crate::{
    cards::{self, CardError, Cards},
    model::{Agent, Body, Card, ConversationId, Reference, Words, parts},
    pipeline::language::phrases,
};

/// A message as it will be sent, and what the transcript keeps of it. This is the one place that
/// decides who reads what is private: its readers do, and what is kept of it holds none.
pub(super) struct Drawn {
    /// The activity, JSON.
    pub activity: String,
    /// What it has no room for, in activities that follow it in this order.
    pub more: Vec<String>,
    /// What the transcript keeps as text.
    pub text: String,
    /// The card alone, as its readers see it, when there is one.
    pub card: Option<Value>,
    /// The card as the transcript keeps it; none when it cannot be drawn without what is private.
    pub kept: Option<Value>,
}

/// Where an activity goes: a chat, or a channel of a team, of a channel of the Bot Framework.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// `conversation.id`.
    pub id: &'a str,
    /// True in Microsoft Teams. Everywhere else a click is an `Action.Submit`, since Web Chat (also
    /// the Emulator's) shows an `Action.Execute` and then sends nothing, and nothing that was sent
    /// can be replaced: `PUT` is answered with 405 there.
    pub is_teams: bool,
}

impl<'a> Place<'a> {
    /// A chat.
    pub(super) fn of(conversation: &'a ConversationId) -> Self {
        Place { id: &conversation.id, is_teams: conversation.is_teams() }
    }

    /// A channel of a team.
    pub(super) fn channel(id: &'a str) -> Self {
        Place { id, is_teams: true }
    }
}

/// The most that an activity has, in UTF-16 units: 80 KB, well below what Teams refuses.
const MOST: usize = 40_000;
/// What is kept free for what is added on the way, such as people who are called by name.
const SPARE: usize = 3_000;

/// Draws a letter's body as an activity.
pub(super) fn draw_body(
    body: &Body,
    cards: &Cards,
    to: &Reference,
    place: Place<'_>,
    reply_to: Option<&str>,
) -> Drawn {
    match body {
        Body::Text(words) => text(words, to, place, reply_to),
        Body::Card(card) => draw_card(card, cards, to, place, reply_to),
    }
}

/// Draws a plain message. With markup in the company's words it is Markdown, with what a person
/// typed escaped; without, it is plain.
pub(super) fn text(
    words: &Words,
    to: &Reference,
    place: Place<'_>,
    reply_to: Option<&str>,
) -> Drawn {
    written(words, words.revealed().has_markup(), to, place, reply_to)
}

/// Draws a plain message as Markdown whatever is in it: a tag that calls somebody by name is no
/// plain text.
pub(super) fn marked(words: &Words, to: &Reference, place: Place<'_>) -> Drawn {
    written(words, true, to, place, None)
}

fn written(
    words: &Words,
    is_marked: bool,
    to: &Reference,
    place: Place<'_>,
    reply_to: Option<&str>,
) -> Drawn {
    let kept = words.plain();
    let open = words.revealed();
    let (shown, format) =
        if is_marked { (open.markdown(), "markdown") } else { (open.plain(), "plain") };
    let envelope = envelope(to, place.id, reply_to);
    let mut activities = said(&envelope, &shown, format).into_iter();
    let activity = activities.next().unwrap_or_default();
    Drawn { activity, more: activities.collect(), text: kept, card: None, kept: None }
}

/// Words in as many activities as Teams takes them in.
fn said(envelope: &Map<String, Value>, shown: &str, format: &str) -> Vec<String> {
    let around = parts::units(&Value::Object(envelope.clone()).to_string());
    let most = MOST.saturating_sub(SPARE + around).max(MOST / 4);
    let cut = if format == "plain" { parts::plain } else { parts::markdown };
    let activity = |part: String| {
        let mut activity = envelope.clone();
        activity.insert("text".to_owned(), json!(part));
        activity.insert("textFormat".to_owned(), json!(format));
        Value::Object(activity).to_string()
    };
    cut(shown, most).into_iter().map(activity).collect()
}

/// Draws a card. One that cannot be rendered (the checker renders every card, so this is rare)
/// becomes its summary in words.
pub(super) fn draw_card(
    card: &Card,
    cards: &Cards,
    to: &Reference,
    place: Place<'_>,
    reply_to: Option<&str>,
) -> Drawn {
    let (mut content, rest) = match cards.render(&card.revealed()) {
        Ok(rendered) => (rendered.content, rendered.rest),
        Err(error) => {
            // Its readers may read all of it.
            let whole = match &error {
                CardError::TooLarge { words, .. } => Some(Words::typed(words)),
                _ => None,
            };
            // What is wrong may repeat what is private.
            let error = if card.is_private() { String::new() } else { error.to_string() };
            tracing::error!(card = %card.template, tenant = %card.tenant, %error, "a card could not be rendered; its words were sent");
            let words = if card.summary.is_empty() {
                Words::own(phrases(&card.locale).failed)
            } else {
                card.summary.clone()
            };
            let drawn = text(whole.as_ref().unwrap_or(&words), to, place, reply_to);
            return Drawn { text: words.plain(), ..drawn };
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
    if !place.is_teams {
        cards::submitting(&mut content);
    }
    let mut activity = envelope(to, place.id, reply_to);
    let more =
        if rest.is_empty() { Vec::new() } else { said(&activity, &rest.join("\n\n"), "markdown") };
    let all = if card.above.is_empty() { summary.clone() } else { card.said().plain() };
    activity.insert("summary".to_owned(), json!(cut(&all)));
    activity.insert(
        "attachments".to_owned(),
        json!([{ "contentType": "application/vnd.microsoft.card.adaptive", "content": content }]),
    );
    Drawn {
        activity: Value::Object(activity).to_string(),
        more,
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
/// takes Entra object ids and UPNs, and shows the person's name whatever the text says. A card calls
/// them inside: of text beside a card Teams makes a second message, and tells the id of neither.
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
    let text = text.join(" ");
    if let Some(card) = activity.pointer_mut("/attachments/0/content") {
        if !card["msteams"].is_object() {
            card["msteams"] = json!({});
        }
        match card["msteams"]["entities"].as_array_mut() {
            Some(known) => known.extend(entities),
            None => card["msteams"]["entities"] = json!(entities),
        }
        if let Some(body) = card["body"].as_array_mut() {
            // Below the department's line.
            let line =
                json!({ "type": "TextBlock", "text": text, "wrap": true, "spacing": "Small" });
            body.insert(body.len().min(1), line);
        }
        return;
    }
    let said = activity.get("text").and_then(Value::as_str).unwrap_or_default();
    activity["text"] = json!(format!("{text} {said}").trim_end());
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

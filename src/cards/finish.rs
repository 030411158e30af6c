//! What happens to a card after its template: values are shown as typed, buttons get their token,
//! nothing is too large.

use serde_json::{Map, Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    places::descend,
    render::{Fault, Spot},
    schema,
};
use crate::model::{
    Token, Words, parts,
    words::{self, CLOSE, OPEN, WORDS},
};

/// The largest card in bytes of UTF-16, as Teams counts: with what stands around it in its message it
/// stays below 80 KB, and Teams refuses messages of about 100 KB.
pub(super) const WALL: usize = 76_000;
/// How much a card shows of one value, in characters, and of one text, in UTF-16 units: at first, and
/// as often as the card is too large otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) value: usize,
    pub(super) text: usize,
}
pub(super) const CUTS: [Cut; 3] = [
    Cut { value: 4_000, text: usize::MAX },
    Cut { value: 400, text: 4_000 },
    Cut { value: 100, text: 100 },
];
/// All of it, for whom it may be as large as it likes.
pub(super) const UNCUT: Cut = Cut { value: usize::MAX, text: usize::MAX };

/// Bytes of a card as Teams counts them.
pub(super) fn size(card: &Value) -> usize {
    card.to_string().encode_utf16().count() * 2
}

/// Shows values as typed and drops what has none. `cut` is one of [`CUTS`]. Gives what was cut off
/// the texts, in order, as Markdown.
pub(super) fn show(card: &mut Value, cut: Cut) -> Result<Vec<String>, Fault> {
    if !card.is_object() {
        return Err(Fault::new(
            Spot::Whole,
            "the card is no JSON object",
            "begin it with `{ \"type\": \"AdaptiveCard\", …`",
        ));
    }
    let mut leaves = Leaves { cut, rest: Vec::new() };
    leaves.walk(card, "", &mut String::new())?;
    Ok(leaves.rest)
}

/// Arms the buttons and adds what every card has.
pub(super) fn complete(
    card: &mut Value,
    data: &Value,
    token: Option<&Token>,
    summary: &str,
) -> Result<(), Fault> {
    let token = token.map(|token| serde_json::to_value(token).unwrap_or_default());
    if let Some(map) = card.as_object_mut() {
        offer_undo(map, data);
        buttons(map, token.as_ref(), &mut String::new())?;
        map.entry("$schema")
            .or_insert_with(|| "http://adaptivecards.io/schemas/adaptive-card.json".into());
        if map.get("fallbackText").and_then(Value::as_str).is_none_or(str::is_empty)
            && !summary.trim().is_empty()
        {
            let mut line: String = summary.chars().take(CUTS[1].value).collect();
            if line.len() < summary.len() {
                line.push('…');
            }
            map.insert("fallbackText".to_owned(), line.into());
        }
    }
    Ok(())
}

struct Leaves {
    cut: Cut,
    rest: Vec<String>,
}

impl Leaves {
    /// Strings of an element whose property in its parent is `role`.
    fn walk(&mut self, value: &mut Value, role: &str, at: &mut String) -> Result<(), Fault> {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    descend(at, &index.to_string(), |at| self.walk(item, role, at))?;
                }
            }
            Value::Object(map) => {
                // Optional properties may be written with `{{json x}}`: without a value they are
                // not there.
                map.retain(|_, value| !value.is_null());
                let kind = map
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or(if role == "facts" { "Fact" } else { "" })
                    .to_owned();
                if kind.contains([OPEN, CLOSE, WORDS]) {
                    return Err(Fault::new(
                        Spot::Element(at.clone()),
                        "the `type` of an element comes from a value",
                        "write the type out; use `{{#if (eq …)}}` to choose between elements",
                    ));
                }
                let wants_number = |key: &str| {
                    (kind == "Input.Number" && matches!(key, "value" | "min" | "max"))
                        || (kind == "Input.Text" && key == "maxLength")
                };
                let mut dropped = Vec::new();
                let title = map.get("title").and_then(Value::as_str).filter(|_| kind == "Fact");
                let title = title.map(|title| words::leaf(title, true));
                for (key, value) in map.iter_mut() {
                    if key == "data" && kind.starts_with("Action.") {
                        verbatim(value);
                        continue;
                    }
                    if let Value::String(text) = value {
                        let markdown = matches!(
                            (&*kind, &**key),
                            ("TextBlock", "text") | ("Fact", "title" | "value")
                        );
                        let said = markdown || (&*kind, &**key) == ("TextRun", "text");
                        // What is sent back to us is only cut when nothing else helps.
                        let answer = key == "value" && kind != "Fact" && self.cut == CUTS[0];
                        // A picture that is cut is none.
                        let picture = matches!((&*kind, &**key), ("Image", "url"));
                        let shown = if answer || picture {
                            words::leaf(text, false)
                        } else {
                            let title = title.as_deref().filter(|_| key == "value");
                            self.shown(text, markdown, said.then_some(title))
                        };
                        if wants_number(key) {
                            match shown.trim().parse::<serde_json::Number>() {
                                Ok(number) => *value = Value::Number(number),
                                Err(_) => dropped.push(key.clone()),
                            }
                        } else {
                            *text = shown;
                        }
                    } else {
                        descend(at, key, |at| self.walk(value, key, at))?;
                    }
                }
                map.retain(|key, _| !dropped.contains(key));
            }
            Value::String(text) => *text = self.shown(text, false, Some(None)),
            _ => {}
        }
        Ok(())
    }

    /// A text, cut where it is too long. What is cut off is not lost where people read it, which may
    /// have a title.
    fn shown(&mut self, text: &str, markdown: bool, said: Option<Option<&str>>) -> String {
        let (text, mut tails) = shorten(&words::hide(text), self.cut.value);
        let mut shown = words::leaf(&text, markdown);
        if markdown && let Some((head, tail)) = parts::cut_markdown(&shown, self.cut.text) {
            let is_block = head.ends_with("```");
            shown = format!("{head}{}…", if is_block { "\n\n" } else { "" });
            // It stands before what the values in it lack.
            tails.insert(0, tail);
        }
        if let Some(title) = said {
            let title = title.map(|title| format!("{title}: ")).unwrap_or_default();
            self.rest.extend(tails.iter().map(|tail| {
                let is_block = ["- ", "* ", ">", "```"].iter().any(|block| tail.starts_with(block));
                format!("{title}…{}{tail}", if is_block { "\n\n" } else { " " })
            }));
        }
        shown
    }
}

fn verbatim(value: &mut Value) {
    match value {
        Value::String(text) => *text = words::leaf(text, false),
        Value::Array(items) => items.iter_mut().for_each(verbatim),
        Value::Object(map) => map.values_mut().for_each(verbatim),
        _ => {}
    }
}

/// Cuts every value (what stands between marks) that is longer than `limit` characters. Gives what
/// was cut off as Markdown that shows just that.
fn shorten(text: &str, limit: usize) -> (String, Vec<String>) {
    let (mut out, mut tails, mut rest) = (String::with_capacity(text.len()), Vec::new(), text);
    while let Some((before, value, after)) = rest.split_once(OPEN).and_then(|(before, inner)| {
        let (value, after) = inner.split_once(CLOSE)?;
        Some((before, value, after))
    }) {
        out.push_str(before);
        out.push(OPEN);
        let beyond = value.char_indices().nth(limit).map(|(at, _)| at);
        // Between two characters as people see them, of which none is as long as a value.
        let ends = || value.grapheme_indices(true).map(|(at, _)| at);
        let cut = beyond.map(|most| {
            ends().take_while(|at| *at <= most).last().filter(|at| *at > 0).unwrap_or(most)
        });
        let (head, tail) = value.split_at(cut.unwrap_or(value.len()));
        out.push_str(head);
        if !tail.is_empty() {
            out.push('…');
            tails.push(Words::typed(tail).markdown());
        }
        out.push(CLOSE);
        rest = after;
    }
    out.push_str(rest);
    (out, tails)
}

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// True for a button that would do nothing, or something that it must not.
fn is_dead(value: &Value, token: Option<&Value>) -> bool {
    match kind(value) {
        "Action.Execute" | "Action.Submit" => token.is_none(),
        "Action.OpenUrl" => !value.get("url").and_then(Value::as_str).is_some_and(schema::is_link),
        _ => false,
    }
}

/// Buttons of an element and everything in it.
fn buttons(
    map: &mut Map<String, Value>,
    token: Option<&Value>,
    at: &mut String,
) -> Result<(), Fault> {
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_action = kind.starts_with("Action.");
    if let (Some(token), "Action.Execute" | "Action.Submit") = (token, &*kind) {
        arm(map, token, kind == "Action.Execute", at)?;
    }
    map.retain(|key, value| (is_action && key == "data") || !is_dead(value, token));
    for (key, value) in map.iter_mut() {
        if is_action && key == "data" {
            continue;
        }
        descend(at, key, |at| match value {
            Value::Object(inner) => buttons(inner, token, at),
            Value::Array(items) => {
                items.retain(|item| !is_dead(item, token));
                for (index, item) in items.iter_mut().enumerate() {
                    if let Value::Object(inner) = item {
                        descend(at, &index.to_string(), |at| buttons(inner, token, at))?;
                    }
                }
                items.retain(|item| {
                    self::kind(item) != "ActionSet"
                        || item["actions"].as_array().is_none_or(|all| !all.is_empty())
                });
                Ok(())
            }
            _ => Ok(()),
        })?;
    }
    Ok(())
}

/// Gives a button its token, and an older client a button that it understands.
fn arm(map: &mut Map<String, Value>, token: &Value, execute: bool, at: &str) -> Result<(), Fault> {
    match map.entry("data").or_insert_with(|| json!({})) {
        Value::Object(data) => data.insert(Token::KEY.to_owned(), token.clone()),
        _ => {
            return Err(Fault::new(
                Spot::Element(at.to_owned()),
                "the `data` of a button is no object",
                "write `\"data\": { \"choice\": \"…\" }`",
            ));
        }
    };
    if execute {
        map.entry("verb").or_insert_with(|| "answer".into());
        if !map.contains_key("fallback") {
            let mut older = map.clone();
            for key in ["verb", "id"] {
                older.shift_remove(key);
            }
            older.insert("type".to_owned(), "Action.Submit".into());
            map.insert("fallback".to_owned(), Value::Object(older));
        }
    }
    Ok(())
}

/// Adds the way back to a transfer card whose template forgot it.
fn offer_undo(map: &mut Map<String, Value>, data: &Value) {
    fn offers(value: &Value) -> bool {
        match value {
            Value::Object(map) => {
                value.pointer("/data/undo") == Some(&Value::Bool(true)) || map.values().any(offers)
            }
            Value::Array(items) => items.iter().any(offers),
            _ => false,
        }
    }
    let title = data
        .pointer("/words/undo")
        .and_then(Value::as_str)
        .map(|title| words::leaf(title, false))
        .unwrap_or_default();
    if data.get("undo") != Some(&Value::Bool(true)) || title.is_empty() || map.values().any(offers)
    {
        return;
    }
    if let Some(actions) = map.entry("actions").or_insert_with(|| json!([])).as_array_mut() {
        actions.push(json!({ "type": "Action.Execute", "title": title, "verb": "undo", "data": { "undo": true } }));
    }
}

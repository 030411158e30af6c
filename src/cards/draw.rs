//! A card as plain text, for the terminal and for conversation tests, and what one can do with it.

use serde_json::Value;

/// Something on a card that can be clicked.
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    /// What it says.
    pub title: String,
    /// What it does.
    pub kind: ButtonKind,
    /// What it sends, before the inputs are added.
    pub data: Value,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ButtonKind {
    /// Sends an `adaptiveCard/action` with this verb.
    Execute(String),
    /// Sends a message whose `value` is the data.
    Submit,
    /// Opens this address.
    Open(String),
    /// Shows a card inside the card; its buttons are listed too.
    Show,
    /// Shows or hides parts of the card.
    Toggle,
}

/// An input of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The key of its answer.
    pub id: String,
    /// What stands above it.
    pub label: String,
    /// Its type without `Input.`, such as `ChoiceSet`.
    pub kind: String,
    /// The choices as title and value.
    pub choices: Vec<(String, String)>,
    /// What it holds already.
    pub value: String,
    /// True when it must be filled.
    pub required: bool,
}

/// A card as plain text: a line per text, `Title: value` per fact, `[label: ______] (Air | Pro)`
/// per input, columns in one line, and the buttons last.
pub fn draw(card: &Value) -> String {
    let (mut lines, mut titles) = (Vec::new(), Vec::new());
    element(card, &mut lines, &mut titles);
    if !titles.is_empty() {
        lines.push(titles.iter().map(|title| format!("[{title}]")).collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

/// All buttons, those of inner cards too, in reading order.
pub fn buttons(card: &Value) -> Vec<Button> {
    let mut found = Vec::new();
    each(card, &mut |value| {
        let kind = match text(value, "type") {
            "Action.Execute" => ButtonKind::Execute(text(value, "verb").to_owned()),
            "Action.Submit" => ButtonKind::Submit,
            "Action.OpenUrl" => ButtonKind::Open(text(value, "url").to_owned()),
            "Action.ShowCard" => ButtonKind::Show,
            "Action.ToggleVisibility" => ButtonKind::Toggle,
            _ => return,
        };
        let data =
            value.get("data").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        found.push(Button { title: text(value, "title").to_owned(), kind, data });
    });
    found
}

/// All inputs, those of inner cards too, in reading order.
pub fn inputs(card: &Value) -> Vec<Input> {
    let mut found = Vec::new();
    each(card, &mut |value| found.extend(input(value)));
    found
}

fn input(value: &Value) -> Option<Input> {
    let kind = text(value, "type").strip_prefix("Input.")?.to_owned();
    let title = if kind == "Toggle" { text(value, "title") } else { text(value, "placeholder") };
    let label = Some(text(value, "label")).filter(|label| !label.is_empty()).unwrap_or(title);
    let choices = list(value, "choices")
        .map(|choice| (text(choice, "title").to_owned(), text(choice, "value").to_owned()));
    Some(Input {
        id: text(value, "id").to_owned(),
        label: label.to_owned(),
        choices: choices.collect(),
        value: match value.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        },
        required: value.get("isRequired") == Some(&Value::Bool(true)),
        kind,
    })
}

/// Visits every element: what a button sends and what older clients see instead of it is none.
fn each(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each(item, visit)),
        Value::Object(map) => {
            visit(value);
            let inner = map.iter().filter(|(key, _)| {
                !matches!(key.as_str(), "data" | "fallback" | "refresh" | "choices")
            });
            inner.for_each(|(_, item)| each(item, visit));
        }
        _ => {}
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn element(value: &Value, lines: &mut Vec<String>, titles: &mut Vec<String>) {
    if value.get("isVisible") == Some(&Value::Bool(false)) {
        return;
    }
    // A row that is clicked as a whole is its button.
    let select = value.get("selectAction").filter(|action| {
        matches!(text(action, "type"), "Action.Execute" | "Action.Submit")
            && !text(action, "title").is_empty()
    });
    if let Some(action) = select {
        titles.push(text(action, "title").to_owned());
        return;
    }
    if text(value, "type") == "ColumnSet" {
        columns(value, lines, titles);
        return;
    }
    let mut say = |words: &str| {
        lines.extend(
            words.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned),
        )
    };
    match text(value, "type") {
        "TextBlock" => say(&timed(&shown(text(value, "text")))),
        "RichTextBlock" => {
            let runs =
                list(value, "inlines").map(|run| run.as_str().unwrap_or_else(|| text(run, "text")));
            say(&runs.collect::<String>());
        }
        "FactSet" => {
            for fact in list(value, "facts") {
                say(&format!("{}: {}", shown(text(fact, "title")), shown(text(fact, "value"))));
            }
        }
        "Image" | "Media" if !text(value, "altText").is_empty() => {
            say(&format!("({})", text(value, "altText")))
        }
        "Table" => table(value, lines, titles),
        _ => {
            if let Some(input) = input(value) {
                let value = input
                    .choices
                    .iter()
                    .find(|(_, value)| *value == input.value)
                    .map_or(&input.value, |(title, _)| title);
                let choices = input
                    .choices
                    .iter()
                    .map(|(title, _)| title.as_str())
                    .collect::<Vec<_>>()
                    .join(" | ");
                let choices = if choices.is_empty() { choices } else { format!(" ({choices})") };
                say(&format!(
                    "[{}: {}]{choices}",
                    input.label,
                    if value.is_empty() { "______" } else { value }
                ));
            }
        }
    }
    for key in ["body", "items", "images"] {
        if text(value, "type") != "Table" {
            list(value, key).for_each(|item| element(item, lines, titles));
        }
    }
    let select = ["selectAction", "inlineAction"].into_iter().filter_map(|key| value.get(key));
    for action in list(value, "actions").chain(select) {
        let title = text(action, "title");
        if !title.is_empty() {
            titles.push(title.to_owned());
        }
    }
}

/// A table: a line per row.
fn table(value: &Value, lines: &mut Vec<String>, titles: &mut Vec<String>) {
    for row in list(value, "rows") {
        let cells = list(row, "cells").map(|cell| {
            let mut inner = Vec::new();
            list(cell, "items").for_each(|item| element(item, &mut inner, titles));
            inner.join(" ")
        });
        lines.push(cells.collect::<Vec<_>>().join(" | "));
    }
}

/// What stands side by side is one line, when each of it is.
fn columns(value: &Value, lines: &mut Vec<String>, titles: &mut Vec<String>) {
    let drawn: Vec<Vec<String>> = list(value, "columns")
        .map(|column| {
            let mut inner = Vec::new();
            element(column, &mut inner, titles);
            inner
        })
        .filter(|inner| !inner.is_empty())
        .collect();
    if drawn.iter().all(|inner| inner.len() == 1) {
        let line = drawn.concat().join(" · ");
        lines.extend(Some(line).filter(|line| !line.is_empty()));
    } else {
        lines.extend(drawn.concat());
    }
}

/// A text with the times that a client writes on its own clock, which is none here.
fn timed(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, inner)) = rest.split_once("{{") {
        out.push_str(before);
        let found = inner.split_once(")}}").and_then(|(call, after)| {
            let (what, given) = call.split_once('(')?;
            let at = given.split(',').next()?;
            let said = match what {
                "DATE" => at.get(..10)?.to_owned(),
                "TIME" => format!("{} UTC", at.get(11..16)?),
                _ => return None,
            };
            Some((said, after))
        });
        let (said, after) = found.unwrap_or_else(|| ("{{".to_owned(), inner));
        out.push_str(&said);
        rest = after;
    }
    out + rest
}

/// A text without what keeps Markdown from reading what a person typed.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let (shown, left) = match c {
            '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => {
                (&after[..1], &after[1..])
            }
            '&' if after.starts_with("lt;") => ("<", &after[3..]),
            '&' if after.starts_with("gt;") => (">", &after[3..]),
            '&' if after.starts_with("amp;") => ("&", &after[4..]),
            _ => (&rest[..c.len_utf8()], after),
        };
        out.push_str(shown);
        rest = left;
    }
    out
}

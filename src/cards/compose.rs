//! Several cards and messages as one card: what stands above a question is drawn by its own
//! template and with its own buttons, so that no template has to know of the others.

use serde_json::{Map, Value, json};

/// The id of an element of a card above that stands under the question instead.
const BELOW: &str = "below";

/// What stands above a question.
pub(super) enum Above {
    /// Words, as Markdown.
    Words(String),
    /// A card that is drawn and armed.
    Card(Value),
}

/// Puts it above the question in `card`: under its header, where it has one of its own. With
/// `is_asked` the question is set apart from it.
pub(super) fn compose(card: &mut Value, above: Vec<Above>, is_asked: bool) {
    let Some(map) = card.as_object_mut() else { return };
    let mut body = taken(map, "body");
    let (mut top, mut below) = (Vec::new(), Vec::new());
    let has_card = above.iter().any(|part| matches!(part, Above::Card(_)));
    for part in above {
        match part {
            Above::Words(text) => {
                top.push(
                    json!({ "type": "TextBlock", "text": text, "wrap": true, "spacing": "Medium" }),
                );
            }
            Above::Card(mut part) => {
                let Some(part) = part.as_object_mut() else { continue };
                let (under, over): (Vec<Value>, Vec<Value>) =
                    taken(part, "body").into_iter().partition(|item| item["id"] == BELOW);
                top.extend(over);
                below.extend(under);
                let actions = taken(part, "actions");
                if !actions.is_empty() {
                    below.push(json!({ "type": "ActionSet", "actions": actions }));
                }
            }
        }
    }
    if has_card {
        if let Some(first) = body.first_mut().and_then(Value::as_object_mut).filter(|_| is_asked) {
            first.insert("separator".to_owned(), true.into());
            first.insert("spacing".to_owned(), "Large".into());
        }
        top.append(&mut body);
    } else {
        let header = if is_asked { body.len().min(1) } else { 0 };
        body.splice(header..header, top);
        top = body;
    }
    if !below.is_empty() {
        let actions = taken(map, "actions");
        if !actions.is_empty() {
            top.push(json!({ "type": "ActionSet", "actions": actions }));
        }
        below.iter_mut().for_each(alone);
        top.append(&mut below);
    }
    map.insert("body".to_owned(), top.into());
}

fn taken(map: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match map.shift_remove(key) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// What stands below sends nothing of the question's inputs, nor waits for them to be filled in.
fn alone(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("id").is_some_and(|id| id == BELOW) {
                map.shift_remove("id");
            }
            let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
            if matches!(kind, "Action.Execute" | "Action.Submit") {
                map.insert("associatedInputs".to_owned(), "none".into());
            }
            map.iter_mut().filter(|(key, _)| *key != "data").for_each(|(_, inner)| alone(inner));
        }
        Value::Array(items) => items.iter_mut().for_each(alone),
        _ => {}
    }
}

//! Cards for clients that send nothing for an `Action.Execute`.

use serde_json::{Map, Value};

/// Puts in the place of every `Action.Execute` what a client would show that has never heard of it:
/// its fallback, an `Action.Submit` with the same data. Web Chat 4.15.6 (the Emulator's) and 4.18.1
/// (Azure's *Test in Web Chat*) draw an `Action.Execute`, so that they never come to its fallback,
/// and send nothing when it is clicked.
///
/// An action with `"fallback": "drop"`, or with none, keeps its title and data.
pub fn submitting(card: &mut Value) {
    match card {
        Value::Object(map) => {
            if map.get("type").is_some_and(|kind| kind == "Action.Execute") {
                submit(map);
            }
            map.iter_mut().filter(|(key, _)| *key != "data").for_each(|(_, inner)| {
                submitting(inner);
            });
        }
        Value::Array(items) => items.iter_mut().for_each(submitting),
        _ => {}
    }
}

fn submit(action: &mut Map<String, Value>) {
    if let Some(Value::Object(fallback)) = action.shift_remove("fallback") {
        *action = fallback;
    }
    if action.get("type").is_some_and(|kind| kind == "Action.Execute") {
        action.shift_remove("verb");
        action.insert("type".to_owned(), "Action.Submit".into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_button_of_a_card_submits_what_it_would_have_executed() {
        let mut card = json!({
            "type": "AdaptiveCard",
            "body": [{ "type": "ActionSet", "actions": [
                { "type": "Action.Execute", "title": "Go", "verb": "go", "data": { "choice": "0" }, "fallback": "drop" },
            ] }],
            "selectAction": { "type": "Action.Execute", "verb": "all", "data": { "type": "Action.Execute" } },
            "actions": [
                {
                    "type": "Action.Execute", "title": "Send", "verb": "answer", "data": { "a": 1 },
                    "fallback": { "type": "Action.Submit", "title": "Send it", "data": { "a": 1 } },
                },
                { "type": "Action.ShowCard", "title": "More", "card": { "type": "AdaptiveCard", "actions": [
                    { "type": "Action.Execute", "title": "Inner", "verb": "in", "data": {} },
                ] } },
                { "type": "Action.OpenUrl", "title": "Read", "url": "https://intranet.contoso.com" },
            ],
        });
        submitting(&mut card);
        assert_eq!(
            card,
            json!({
                "type": "AdaptiveCard",
                "body": [{ "type": "ActionSet", "actions": [
                    { "type": "Action.Submit", "title": "Go", "data": { "choice": "0" } },
                ] }],
                "selectAction": { "type": "Action.Submit", "data": { "type": "Action.Execute" } },
                "actions": [
                    { "type": "Action.Submit", "title": "Send it", "data": { "a": 1 } },
                    { "type": "Action.ShowCard", "title": "More", "card": { "type": "AdaptiveCard", "actions": [
                        { "type": "Action.Submit", "title": "Inner", "data": {} },
                    ] } },
                    { "type": "Action.OpenUrl", "title": "Read", "url": "https://intranet.contoso.com" },
                ],
            })
        );
    }
}

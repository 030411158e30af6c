//! The answers that invokes want. An invoke is a question with somebody waiting: the HTTP status is
//! its outcome, the body its answer, and the wrong one shows the guest an error. Switchboard itself
//! uses only `adaptiveCard/action`; the rest get the harmless answer of their kind, so that a
//! client which asks anyway does not hang or complain.

use serde_json::{Value, json};

/// What goes back to an invoke. A body of `null` means: no body.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body, or null for none.
    pub body: Value,
}

/// What a dialog or a message extension shows instead of content.
const NOTHING_HERE: &str = "There is nothing to see here. Please write to the bot in its chat.";

/// The answer to an invoke that nobody else wants, by `name` (`None`: Teams sends card actions of
/// type `invoke` without one). Unknown names get 501, which is how a bot says "not implemented".
pub fn answer(channel: &str, name: Option<&str>, value: &Value) -> Reply {
    let ok = |body| Reply { status: 200, body };
    let empty = |status| Reply { status, body: Value::Null };
    match name {
        None if channel == "msteams" => empty(200),
        None => empty(501),
        Some(name) => match name {
            // Reached only if the action itself made no sense; the outcome is in the body.
            "adaptiveCard/action" => {
                ok(execute_error(400, "BadRequest", "The action could not be read."))
            }
            "application/search" => ok(
                json!({"statusCode": 200, "type": "application/vnd.microsoft.search.searchResponse", "value": {"results": []}}),
            ),
            "task/fetch" | "task/submit" | "message/fetchTask" | "composeExtension/fetchTask" => {
                ok(dialog())
            }
            "composeExtension/query"
            | "composeExtension/queryLink"
            | "composeExtension/anonymousQueryLink"
            | "composeExtension/selectItem" => ok(
                json!({"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": []}}),
            ),
            "composeExtension/submitAction" => {
                ok(json!({"composeExtension": {"type": "message", "text": NOTHING_HERE}}))
            }
            "composeExtension/querySettingUrl" => ok(
                json!({"composeExtension": {"type": "config", "suggestedActions": {"actions": []}}}),
            ),
            "composeExtension/setting" | "composeExtension/onCardButtonClicked" => ok(json!({})),
            "config/fetch" | "config/submit" => ok(
                json!({"responseType": "config", "config": {"type": "message", "value": NOTHING_HERE}}),
            ),
            "tab/fetch" | "tab/submit" => {
                ok(json!({"tab": {"type": "continue", "value": {"cards": []}}}))
            }
            "message/submitAction" => ok(json!({})),
            // Several clients of one guest ask at once; each is told that the token was not taken.
            "signin/tokenExchange" => Reply { status: 412, body: not_exchanged(value) },
            "signin/verifyState" => empty(404),
            "signin/failure"
            | "fileConsent/invoke"
            | "handoff/action"
            | "actionableMessage/executeAction" => empty(200),
            // The documentation has the singular, the SDK the plural.
            "suggestedAction/submit" | "suggestedActions/submit" => empty(200),
            _ => empty(501),
        },
    }
}

fn dialog() -> Value {
    json!({"task": {"type": "message", "value": NOTHING_HERE}})
}

fn not_exchanged(value: &Value) -> Value {
    json!({
        "id": value.get("id").and_then(Value::as_str),
        "connectionName": value.get("connectionName").and_then(Value::as_str),
        "failureDetail": "No sign-in is configured.",
    })
}

/// The answer to `Action.Execute` that puts `card` in the place of the clicked one. For the
/// clicking person only, and only until the chat is opened anew: to stay, the message has to be
/// updated too.
pub fn execute_card(card: &Value) -> Value {
    json!({"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": card})
}

/// The answer to `Action.Execute` that shows `text` under the card and leaves the card as it is.
pub fn execute_message(text: &str) -> Value {
    json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text})
}

/// The answer to `Action.Execute` that shows an error: `status` is 400 or 500 and stands in the
/// body, HTTP says 200.
pub fn execute_error(status: u16, code: &str, message: &str) -> Value {
    json!({"statusCode": status, "type": "application/vnd.microsoft.error", "value": {"code": code, "message": message}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(name: &str) -> u16 {
        answer("msteams", Some(name), &Value::Null).status
    }

    #[test]
    fn every_known_name_has_its_status() {
        for name in [
            "adaptiveCard/action",
            "application/search",
            "task/fetch",
            "task/submit",
            "composeExtension/query",
            "composeExtension/queryLink",
            "composeExtension/anonymousQueryLink",
            "composeExtension/selectItem",
            "composeExtension/submitAction",
            "composeExtension/fetchTask",
            "composeExtension/querySettingUrl",
            "composeExtension/setting",
            "composeExtension/onCardButtonClicked",
            "fileConsent/invoke",
            "signin/failure",
            "message/submitAction",
            "message/fetchTask",
            "config/fetch",
            "config/submit",
            "tab/fetch",
            "tab/submit",
            "handoff/action",
            "actionableMessage/executeAction",
            "suggestedAction/submit",
            "suggestedActions/submit",
        ] {
            assert_eq!(status(name), 200, "{name}");
        }
        assert_eq!((status("signin/tokenExchange"), status("signin/verifyState")), (412, 404));
        assert_eq!((status("something/new"), status("")), (501, 501));
    }

    #[test]
    fn a_nameless_invoke_is_a_card_action_in_teams_only() {
        assert_eq!(answer("msteams", None, &Value::Null), Reply { status: 200, body: Value::Null });
        assert_eq!(answer("emulator", None, &Value::Null).status, 501);
    }

    #[test]
    fn a_refused_exchange_names_what_was_refused() {
        let body = answer(
            "msteams",
            Some("signin/tokenExchange"),
            &json!({"id": "x", "connectionName": "c", "token": "secret"}),
        )
        .body;
        assert_eq!((body["id"].as_str(), body["connectionName"].as_str()), (Some("x"), Some("c")));
        assert!(body["failureDetail"].is_string());
        assert!(!body.to_string().contains("secret"));
        assert_eq!(
            answer("msteams", Some("signin/tokenExchange"), &json!(7)).body["id"],
            Value::Null
        );
    }

    #[test]
    fn bodies_have_the_shape_of_their_kind() {
        let body = |name| answer("msteams", Some(name), &Value::Null).body;
        assert_eq!(body("task/fetch")["task"]["type"], "message");
        assert_eq!(body("composeExtension/query")["composeExtension"]["type"], "result");
        assert_eq!(body("config/fetch")["responseType"], "config");
        assert_eq!(body("tab/fetch")["tab"]["type"], "continue");
        assert_eq!(body("application/search")["value"]["results"], json!([]));
        assert_eq!(body("message/submitAction"), json!({}));
        assert_eq!(body("adaptiveCard/action")["type"], "application/vnd.microsoft.error");
    }

    #[test]
    fn executes_answer_in_the_body() {
        assert_eq!(
            execute_card(&json!({"type": "AdaptiveCard"})),
            json!({"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": {"type": "AdaptiveCard"}})
        );
        assert_eq!(execute_message("ok")["type"], "application/vnd.microsoft.activity.message");
        assert_eq!(execute_error(500, "x", "y")["value"], json!({"code": "x", "message": "y"}));
    }
}

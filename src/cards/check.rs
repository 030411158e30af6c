//! Whether a card is one that Teams shows: known elements, their properties, sensible sizes.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    places::descend,
    schema::{ACTION, COMMON, Group, Holds, INPUT, KINDS, Kind, is_link},
};
use crate::source::{did_you_mean, short};

/// Something odd about a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// True when Teams shows the card all the same.
    pub warning: bool,
    /// The element, as a JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Checks a card's structure.
pub fn check(card: &Value) -> Vec<Finding> {
    let mut check = Check { findings: Vec::new(), ids: HashSet::new() };
    let at = &mut String::new();
    check.element(card, Group::Only, Some("AdaptiveCard"), at);
    if card.get("type").and_then(Value::as_str).is_none() {
        check.error(
            at,
            "the card does not say what it is",
            "begin it with `\"type\": \"AdaptiveCard\"`",
        );
    }
    check.findings
}

/// True for a version of the schema up to 1.5.
fn is_version(text: &str) -> bool {
    matches!(text.split_once('.'), Some(("1", minor)) if minor.parse::<u8>().is_ok_and(|minor| minor <= 5))
}

struct Check {
    findings: Vec<Finding>,
    ids: HashSet<String>,
}

impl Check {
    fn error(&mut self, at: &str, message: impl Into<String>, help: impl Into<String>) {
        self.note(false, at, message.into(), help.into());
    }

    fn warning(&mut self, at: &str, message: impl Into<String>, help: impl Into<String>) {
        self.note(true, at, message.into(), help.into());
    }

    fn note(&mut self, warning: bool, at: &str, message: String, help: String) {
        self.findings.push(Finding { warning, pointer: at.to_owned(), message, help });
    }

    fn element(
        &mut self,
        value: &Value,
        group: Group,
        default: Option<&'static str>,
        at: &mut String,
    ) {
        let Some(map) = value.as_object() else {
            // A rich text may hold plain strings.
            if !(group == Group::Inline && value.is_string()) {
                self.error(
                    at,
                    format!("{} stands where an element belongs", describe(value)),
                    "write an object with a `type`",
                );
            }
            return;
        };
        let Some(kind) = self.kind(map, group, default, at) else { return };
        for need in kind.needs.iter().filter(|need| !map.contains_key(**need)) {
            self.error(
                at,
                format!("`{}` needs `{need}`", kind.name),
                format!("add `\"{need}\": …`"),
            );
        }
        let shared: &[&[(&str, Holds)]] = match kind.group {
            Group::Action => &[ACTION],
            Group::Element if kind.name.starts_with("Input.") => &[COMMON, INPUT],
            Group::Element => &[COMMON],
            Group::Only if matches!(kind.name, "Column" | "Image") => &[COMMON],
            _ => &[],
        };
        for (key, value) in map.iter().filter(|(key, _)| *key != "type") {
            let of = |known: &&(&'static str, Holds)| known.0 == key;
            match kind.has.iter().find(of).or_else(|| shared.iter().copied().flatten().find(of)) {
                Some((_, holds)) => descend(at, key, |at| self.property(key, value, *holds, at)),
                None => {
                    let known = kind
                        .has
                        .iter()
                        .chain(shared.iter().copied().flatten())
                        .map(|known| known.0);
                    let near = did_you_mean(key, known);
                    self.warning(
                        at,
                        format!("`{}` has no `{}` in schema 1.5", kind.name, short(key)),
                        format!("remove it; Teams ignores it{near}"),
                    );
                }
            }
        }
        self.rules(kind, map, at);
    }

    /// What kind of element it is; none when it is none that can stand here.
    fn kind(
        &mut self,
        map: &Map<String, Value>,
        group: Group,
        default: Option<&'static str>,
        at: &str,
    ) -> Option<&'static Kind> {
        let name = match map.get("type") {
            Some(Value::String(name)) => name,
            Some(other) => {
                let message = format!("`type` is {}", describe(other));
                self.error(at, message, "write the element's type as text");
                return None;
            }
            None if default.is_some() => default?,
            None => {
                self.error(
                    at,
                    "an element without `type`",
                    "say what it is, as in `\"type\": \"TextBlock\"`",
                );
                return None;
            }
        };
        let fits = |kind: &&Kind| {
            kind.group == group && (group != Group::Only || Some(kind.name) == default)
        };
        let found = KINDS.iter().filter(fits).find(|kind| kind.name == name);
        if found.is_none() {
            let names: Vec<&str> = KINDS.iter().filter(fits).map(|kind| kind.name).collect();
            let message = if KINDS.iter().any(|kind| kind.name == name) {
                format!("`{name}` cannot stand here")
            } else {
                format!("there is no element `{}`", short(name))
            };
            let hint = did_you_mean(name, names.iter().copied());
            self.error(at, message, format!("use one of: {}{hint}", names.join(", ")));
        }
        found
    }

    fn property(&mut self, key: &str, value: &Value, holds: Holds, at: &mut String) {
        let fits = match holds {
            Holds::Any => true,
            Holds::Text | Holds::Picture | Holds::Link | Holds::Word(_) => value.is_string(),
            Holds::Truth => value.is_boolean(),
            Holds::Number => value.is_number(),
            Holds::Size => value.is_string() || value.is_number(),
            Holds::List(..) => value.is_array(),
            Holds::One(..) | Holds::Object => value.is_object(),
        };
        if !fits {
            let (wanted, help) = match holds {
                Holds::Truth => {
                    ("true or false", "write it without quotes; a variable as `{{json x}}`")
                }
                Holds::Number => {
                    ("a number", "write it without quotes; a variable as `{{json x}}`")
                }
                Holds::List(..) => ("a list", "put it in `[ … ]`"),
                Holds::One(..) | Holds::Object => ("an object", "put it in `{ … }`"),
                _ => ("text", "put quotes around it"),
            };
            return self.error(
                at,
                format!("`{key}` must be {wanted}, not {}", describe(value)),
                help,
            );
        }
        let text = value.as_str().unwrap_or_default();
        match holds {
            Holds::Word(words) if !words.iter().any(|word| word.eq_ignore_ascii_case(text)) => self
                .error(
                    at,
                    format!("`{key}` cannot be `{}`", short(text)),
                    format!(
                        "use one of: {}{}",
                        words.join(", "),
                        did_you_mean(text, words.iter().copied())
                    ),
                ),
            Holds::Picture if !text.starts_with("https://") && !text.starts_with("data:") => self
                .error(
                    at,
                    format!("`{}` is no address of a picture that Teams loads", short(text)),
                    "begin it with https:// or data:",
                ),
            Holds::Link if !is_link(text) => self.error(
                at,
                format!("`{}` is no address that a button may open", short(text)),
                "begin it with https:// or mailto:",
            ),
            Holds::List(group, default) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    descend(at, &index.to_string(), |at| self.element(item, group, default, at));
                }
            }
            Holds::One(group, default) => self.element(value, group, default, at),
            _ => {}
        }
    }

    fn rules(&mut self, kind: &Kind, map: &Map<String, Value>, at: &str) {
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_input = kind.name.starts_with("Input.") && kind.group == Group::Element;
        if is_input && !text("id").is_empty() && !self.ids.insert(text("id").to_owned()) {
            self.error(
                at,
                format!("two inputs have the id `{}`", short(text("id"))),
                "give each input an id of its own",
            );
        }
        if is_input && text("id").is_empty() && map.contains_key("id") {
            self.error(
                at,
                "an input with an empty `id`: its answer would be lost",
                "give it an id",
            );
        }
        if is_input && text("label").is_empty() && kind.name != "Input.Toggle" {
            self.warning(
                at,
                format!("`{}` has no label", kind.name),
                "add `\"label\": …`: it is what screen readers say",
            );
        }
        if kind.group == Group::Action
            && text("title").is_empty()
            && !at.ends_with("/selectAction")
            && !at.ends_with("/inlineAction")
        {
            self.error(
                at,
                format!("`{}` has no title: its button would be blank", kind.name),
                "add `\"title\": …`",
            );
        }
        if matches!(kind.name, "Action.Execute" | "Action.Submit")
            && map.get("data").is_some_and(|data| !data.is_object())
        {
            self.error(
                at,
                "the `data` of a button is no object",
                "write `\"data\": { \"choice\": \"…\" }`",
            );
        }
        if kind.name == "Image" && text("altText").is_empty() {
            self.warning(at, "a picture without `altText`", "say in `altText` what it shows");
        }
        if map.get("actions").and_then(Value::as_array).is_some_and(|actions| actions.len() > 6) {
            self.warning(
                at,
                "more than six buttons: Teams folds the rest away",
                "use an `Input.ChoiceSet` and one button",
            );
        }
        if at.is_empty() && !map.contains_key("version") {
            self.error(
                at,
                "the card has no `version`: Teams does not show it",
                "add `\"version\": \"1.5\"`",
            );
        }
        if kind.name == "AdaptiveCard"
            && map.contains_key("version")
            && !is_version(text("version"))
        {
            self.error(
                at,
                format!("version `{}` is not one that Teams shows", short(text("version"))),
                "write `\"version\": \"1.5\"` (1.0 to 1.5)",
            );
        }
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the truth value `{value}`"),
        Value::Number(number) => format!("the number `{number}`"),
        Value::String(text) => format!("the text `{}`", short(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

//! From a template and its variables to JSON: every value is marked and escaped, so that none can
//! end the string in which it stands.

use std::fmt;

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason,
};
use serde::{
    Deserialize,
    de::{Deserializer, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::{
    model::words::{CLOSE, OPEN, WORDS, clean, mark},
    pipeline::language::helpers,
};

/// The names under which the core hands over what it knows. What people typed stands there as it
/// is, never as [`crate::model::Words`].
pub(super) const SCOPE: [&str; 9] =
    ["Guest", "Session", "Tenant", "Company", "Agent", "Data", "Hours", "Transfer", "Queue"];

/// The names that the core hands over beside the scope.
pub(super) const OWN: [&str; 38] = [
    "text",
    "notice",
    "beside",
    "words",
    "choices",
    "compact",
    "fields",
    "departments",
    "from",
    "to",
    "reason",
    "taken",
    "undo",
    "until",
    "lines",
    "answer",
    "data",
    "facts",
    "offered",
    "owned",
    "shared",
    "colleagues",
    "advisers",
    "page",
    "articles",
    "live",
    "several",
    "moves",
    "rows",
    "ways",
    "joined",
    "commands",
    "ratings",
    "comment",
    "asked",
    "short",
    "state",
    "icon",
];

/// Why a card cannot be made, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Spot,
    pub(super) message: String,
    pub(super) help: String,
}

/// Where a card went wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Spot {
    /// A line and column of the template.
    Template(usize, usize),
    /// A byte of the rendered text.
    Text(usize),
    /// An element of the card, as a JSON pointer.
    Element(String),
    /// The card as a whole.
    Whole,
}

impl Fault {
    pub(super) fn new(at: Spot, message: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { at, message: message.into(), help: help.into() }
    }
}

/// A registry with our helpers and our way to escape.
pub(super) fn registry() -> Handlebars<'static> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(escape);
    helpers::register(&mut handlebars);
    handlebars.register_helper("json", Box::new(json));
    handlebars
}

/// A value inside a JSON string. Words keep their mark, so that outside of quotes nothing here is
/// ever JSON.
fn escape(value: &str) -> String {
    // A list written as text may have words inside: they are a value like the rest.
    let marked = if value.starts_with(WORDS) {
        value.to_owned()
    } else {
        mark(&value.replace([OPEN, CLOSE, WORDS], ""))
    };
    inside(&marked)
}

/// The inside of a JSON string.
fn inside(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn json(
    h: &Helper,
    _: &Handlebars,
    _: &Context,
    _: &mut RenderContext,
    out: &mut dyn Output,
) -> HelperResult {
    let given = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("json", 0))?;
    if given.is_value_missing() {
        return Err(RenderErrorReason::MissingVariable(given.relative_path().cloned()).into());
    }
    let mut text = String::new();
    literal(given.value(), &mut text);
    out.write(&text)?;
    Ok(())
}

/// A JSON literal whose strings are marked.
fn literal(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push('"');
            out.push_str(&escape(text));
            out.push('"');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                literal(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                // The mark keeps a key from being JSON where the literal stands inside quotes by
                // mistake.
                out.push_str(&format!("\"{WORDS}{}\":", inside(&clean(key))));
                literal(item, out);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

/// The variables as templates see them: nobody's marks but ours, and empty words are empty.
pub(super) fn prepare(data: &Value) -> Value {
    fn walk(value: &Value, typed: bool) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix(WORDS) {
                Some(words)
                    if !typed
                        && words
                            .trim_matches(|c: char| c.is_whitespace() || matches!(c, OPEN | CLOSE))
                            .is_empty() =>
                {
                    Value::from("")
                }
                Some(_) if !typed => value.clone(),
                _ => Value::from(clean(text)),
            },
            Value::Array(items) => items.iter().map(|item| walk(item, typed)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, item)| (key.clone(), walk(item, typed))).collect()
            }
            plain => plain.clone(),
        }
    }
    match data {
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), walk(item, SCOPE.contains(&key.as_str()))))
            .collect(),
        other => walk(other, false),
    }
}

/// Why Handlebars failed, in words.
pub(super) fn failed(error: &handlebars::RenderError) -> Fault {
    let at = match (error.line_no, error.column_no) {
        (Some(line), Some(column)) => Spot::Template(line, column),
        _ => Spot::Whole,
    };
    let (message, help) = helpers::failed(error);
    Fault::new(at, message, help)
}

/// Blanks out commas that separate nothing, so that templates may write one after every entry.
pub(super) fn commas(text: &mut String) {
    let (mut spare, mut pending, mut quoted, mut escaped) = (Vec::new(), None, false, false);
    // True where a comma would be the first thing of a list or object.
    let mut first = true;
    for (at, byte) in text.bytes().enumerate() {
        if quoted {
            (quoted, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b',' if first || pending.is_some() => spare.push(at),
            b',' => pending = Some(at),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                if let Some(comma) = pending.take()
                    && matches!(byte, b']' | b'}')
                {
                    spare.push(comma);
                }
                (first, quoted) = (matches!(byte, b'[' | b'{'), byte == b'"');
            }
        }
    }
    spare.extend(pending);
    if !spare.is_empty() {
        let mut bytes = std::mem::take(text).into_bytes();
        for at in spare {
            bytes[at] = b' ';
        }
        // Only whole ASCII bytes were replaced.
        *text = String::from_utf8(bytes).unwrap_or_default();
    }
}

/// Parses a rendered card; no key twice, no value as a key.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        let lines: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (lines + error.column().saturating_sub(1)).min(text.len());
        let full = error.to_string();
        let message = full.split(" at line ").next().unwrap_or_default();
        let (message, help) = match message.strip_prefix("!") {
            Some(own) => (own.to_owned(), "keep one of them; let values stand behind the `:` only"),
            None if text[floor(text, at)..].starts_with([OPEN, WORDS]) || text[..floor(text, at)].ends_with([OPEN, WORDS]) => (
                "a value stands outside of quotes, so the card is not JSON".to_owned(),
                "put quotes around it, as in \"{{x}}\"; a number, truth value, list or object is written {{json x}} without quotes",
            ),
            None => (
                format!("what the template writes is not JSON: {message}"),
                "look for a missing quote, comma or bracket; commas too many do not matter",
            ),
        };
        Fault::new(Spot::Text(at), message, help)
    })
}

/// The nearest start of a character at or before a byte.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::from(value))
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Value::Array(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = Map::new();
                while let Some(key) = entries.next_key::<String>()? {
                    if key.contains([OPEN, CLOSE]) {
                        return Err(A::Error::custom("!a value stands where a key belongs"));
                    }
                    let key = key.replace(WORDS, "");
                    if map.contains_key(&key) {
                        return Err(A::Error::custom(format!(
                            "!the key `{key}` stands twice in one object"
                        )));
                    }
                    let Strict(value) = entries.next_value()?;
                    map.insert(key, value);
                }
                Ok(Value::Object(map))
            }
        }
        deserializer.deserialize_any(Values).map(Strict)
    }
}

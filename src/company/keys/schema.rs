//! The keys as JSON Schema, draft 2020-12.

use serde_json::{Map, Value, json};

use super::{
    company::LOCALE,
    key::{Key, Shape, Type, Without},
    stages::{HEAD, KINDS, NEEDED, NEXT, exit},
};
use crate::pipeline::stages::exits;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
const ID: &str = "^[a-z0-9][a-z0-9-]*$";
const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
/// Hours and minutes of a span; midnight at its end is `24:00`.
const SPAN: &str = "^ *[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2} *$";

/// A whole schema.
pub(super) fn document(title: &str, description: &str, root: &Type, has_stages: bool) -> Value {
    let mut schema = json!({ "$schema": DRAFT, "title": title, "description": description });
    let mut shared = json!({
        "words": {
            "description": "Text, or forms per locale: { en: …, de: … }",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "minProperties": 1,
                    "patternProperties": { LOCALE: { "type": "string" } },
                    "additionalProperties": false,
                },
            ],
        },
        "duration": {
            "description": "A whole number with s, m, h or d: 90s, 5m, 2h, 400d",
            "type": "string",
            "pattern": "^[0-9]+[smhd]$",
        },
    });
    if has_stages {
        shared["stage"] = stage();
    }
    let mut whole = of(root);
    merge(&mut whole, schema.clone());
    merge(&mut schema, whole);
    schema["$defs"] = shared;
    schema
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// What may stand there.
fn of(kind: &Type) -> Value {
    match kind {
        Type::Text | Type::Template | Type::Zone | Type::Condition => json!({ "type": "string" }),
        Type::Words | Type::Title => json!({ "$ref": "#/$defs/words" }),
        Type::Id => json!({ "type": "string", "pattern": ID }),
        Type::Name => json!({ "type": "string", "pattern": NAME }),
        Type::Flag => json!({ "type": "boolean" }),
        Type::Whole(least, None) => json!({ "type": "integer", "minimum": least }),
        Type::Whole(least, Some(most)) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Type::Number => json!({ "type": "number" }),
        Type::Duration => json!({ "$ref": "#/$defs/duration" }),
        Type::Word(words) => json!({ "enum": words }),
        Type::Locale => json!({ "type": "string", "pattern": LOCALE }),
        Type::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Type::Span => json!({ "type": "string", "pattern": SPAN }),
        Type::Address => json!({ "type": "string", "pattern": "^ *https?://" }),
        Type::Pattern => json!({ "type": "string", "format": "regex" }),
        Type::Pointer => json!({ "type": "string", "pattern": "^(/.*)?$" }),
        Type::Any => json!({}),
        Type::List(item) => json!({ "type": "array", "items": of(item) }),
        Type::Fields(shape) => fields(shape),
        Type::Map(free) if free.pattern.is_empty() => {
            json!({ "type": "object", "additionalProperties": of(&free.value) })
        }
        Type::Map(free) => json!({
            "type": "object",
            "patternProperties": { free.pattern: of(&free.value) },
            "additionalProperties": false,
        }),
        Type::Either(all) => json!({ "anyOf": all.iter().map(of).collect::<Value>() }),
        Type::Stage => json!({ "$ref": "#/$defs/stage" }),
    }
}

/// A mapping whose keys are known. One in which nothing must stand may be empty, which YAML writes
/// as nothing at all.
fn fields(shape: &Shape) -> Value {
    let required = required(shape.keys);
    let one_of_two = shape.either.iter().any(|either| either.required);
    let kind = if required.is_empty() && !one_of_two {
        json!(["object", "null"])
    } else {
        json!("object")
    };
    let mut schema = json!({
        "title": shape.name.replace('`', ""),
        "type": kind,
        "properties": properties(shape.keys),
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let rules: Vec<Value> = shape
        .either
        .iter()
        .map(|either| {
            let [one, other] = either.keys.map(|key| json!({ "required": [key] }));
            if either.required {
                json!({ "oneOf": [one, other] })
            } else {
                json!({ "not": { "required": either.keys } })
            }
        })
        .collect();
    if !rules.is_empty() {
        schema["allOf"] = json!(rules);
    }
    schema
}

fn required(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().filter(|key| key.default == Without::Required).map(|key| key.name).collect()
}

fn properties(keys: &[Key]) -> Value {
    keys.iter().map(|key| (key.name.to_owned(), property(key))).collect::<Map<_, _>>().into()
}

fn property(key: &Key) -> Value {
    let mut schema = json!({ "description": description(key) });
    if let Without::Is(default) = key.default {
        schema["default"] = match key.kind {
            Type::Flag | Type::Whole(..) => default.parse().unwrap_or(json!(default)),
            _ => json!(default),
        };
    }
    merge(&mut schema, of(&key.kind));
    schema
}

fn description(key: &Key) -> String {
    let without = match key.default {
        Without::Else(words) => format!(". Without it: {words}"),
        _ => String::new(),
    };
    format!("{}{without}.", sentence(key.meaning))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A stage: one kind, and the exits of that kind.
fn stage() -> Value {
    let mut known: Map<String, Value> =
        HEAD.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let mut ways: Map<String, Value> = Map::new();
    for (name, kind, does) in KINDS {
        let mut schema = json!({ "description": format!("{}.", sentence(does)) });
        merge(&mut schema, of(kind));
        known.insert((*name).to_owned(), schema);
        for exit in exits(name) {
            let kinds = ways.entry((*exit).to_owned()).or_insert_with(|| json!({ "anyOf": [] }));
            if let Some(kinds) = kinds["anyOf"].as_array_mut() {
                kinds.push(json!({ "required": [name] }));
            }
        }
    }
    known.insert(NEXT.name.to_owned(), property(&NEXT));
    for way in ways.keys() {
        let schema = json!({ "description": format!("{}.", sentence(exit(way))), "type": "string", "pattern": ID });
        known.insert(way.clone(), schema);
    }
    json!({
        "type": "object",
        "properties": known,
        "required": required(&HEAD),
        "additionalProperties": false,
        "oneOf": KINDS.iter().map(|(name, ..)| json!({ "required": [name] })).collect::<Value>(),
        "dependentSchemas": ways,
        "dependentRequired": NEEDED
            .iter()
            .map(|(kind, exit)| ((*kind).to_owned(), json!([exit])))
            .collect::<Map<_, _>>(),
    })
}

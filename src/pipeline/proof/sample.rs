//! A value of every name, to try texts with.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    model::Shape,
    pipeline::{language::text::Variables, scope::NAMES},
};

/// What an entry of `Session.Transfers` has.
pub(super) const HOP: [&str; 12] = [
    "hop",
    "at",
    "reason",
    "from.sessionId",
    "from.tenantId",
    "from.tenantName",
    "to.sessionId",
    "to.tenantId",
    "to.tenantName",
    "by.kind",
    "by.id",
    "by.name",
];
/// The list itself.
pub(super) const HOPS: &str = "Session.Transfers";

/// What kind of value a fixed name has.
pub(super) fn fixed(name: &str) -> Shape {
    match name {
        "Hours.Open" | "Guest.IsNew" | "Session.Status.IsResolved" => Shape::Truth,
        "Session.Hop" | "Session.Turns" => Shape::Number,
        HOPS => Shape::List,
        _ => Shape::Text,
    }
}

/// A value of every name, as texts see them: to try a text with before anybody reads it.
pub(super) fn made_up(shapes: &BTreeMap<String, Shape>) -> Variables {
    let value = |shape: Shape| match shape {
        Shape::Text | Shape::Any => json!("Sample"),
        Shape::Number => json!(3),
        Shape::Truth => json!(true),
        Shape::List => {
            let mut entry = Map::new();
            HOP.iter().for_each(|name| put(&mut entry, name, json!("Sample")));
            json!([entry])
        }
    };
    let mut root = Map::new();
    NAMES.iter().for_each(|name| put(&mut root, name, value(fixed(name))));
    shapes.iter().for_each(|(key, shape)| put(&mut root, key, value(*shape)));
    Variables::new(Value::Object(root), None)
}

fn put(map: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            map.entry(key).or_insert(value);
        }
        Some((first, rest)) => {
            let inner = map.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

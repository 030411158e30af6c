//! What a condition is given: the variables as CEL has them, without what is empty.

use std::collections::HashMap;

use serde_json::Value;

/// A value on its way to a condition.
pub(super) enum Given {
    Map(HashMap<String, Given>),
    Value(cel::Value),
}

impl Given {
    /// As CEL has it.
    pub(super) fn cel(self) -> cel::Value {
        match self {
            Given::Map(map) => {
                let map: HashMap<String, cel::Value> =
                    map.into_iter().map(|(key, value)| (key, value.cel())).collect();
                map.into()
            }
            Given::Value(value) => value,
        }
    }
}

/// What is there: nothing that is empty.
pub(super) fn there(map: &serde_json::Map<String, Value>) -> HashMap<String, Given> {
    let is_there = |value: &Value| !value.is_null() && value.as_str() != Some("");
    let given = |value: &Value| match value {
        Value::Object(map) => Given::Map(there(map)),
        other => Given::Value(cel_of(other)),
    };
    map.iter()
        .filter(|(_, value)| is_there(value))
        .map(|(key, value)| (key.clone(), given(value)))
        .collect()
}

/// A value as CEL has it: every whole number that fits is an `int`, as CEL writes numbers. (The
/// crate makes a `uint` of one from 0 up, to which no `int` can be added.)
fn cel_of(value: &Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(truth) => cel::Value::Bool(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => cel::Value::Int(whole),
            (None, Some(large)) => cel::Value::UInt(large),
            _ => cel::Value::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(cel_of).collect::<Vec<_>>().into(),
        Value::Object(map) => {
            let map: HashMap<String, cel::Value> =
                map.iter().map(|(key, value)| (key.clone(), cel_of(value))).collect();
            map.into()
        }
    }
}

/// Puts an empty text where nothing is.
pub(super) fn fill(values: &mut HashMap<String, Given>, path: &[String]) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        values.entry(first.clone()).or_insert_with(|| Given::Value("".into()));
    } else if let Given::Map(inner) =
        values.entry(first.clone()).or_insert_with(|| Given::Map(HashMap::new()))
    {
        fill(inner, rest);
    }
}

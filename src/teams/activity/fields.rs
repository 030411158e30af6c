//! Fields of an activity, leniently: what has another shape is not there.

use serde_json::{Map, Value};

pub(super) fn items<'a>(
    of: &'a Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    of.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

pub(super) fn object<'a>(
    of: &'a Map<String, Value>,
    field: &str,
) -> Option<&'a Map<String, Value>> {
    of.get(field).and_then(Value::as_object)
}

/// A text that says something: an empty one is as good as none.
pub(super) fn text<'a>(of: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    of.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(super) fn text_of<'a>(of: &'a Map<String, Value>, field: &str, inner: &str) -> Option<&'a str> {
    object(of, field).and_then(|of| text(of, inner))
}

pub(super) fn owned(of: &Map<String, Value>, field: &str) -> Option<String> {
    text(of, field).map(str::to_owned)
}

/// The entities of one type; clients do not agree on its case.
pub(super) fn entities<'a>(
    activity: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    items(activity, "entities")
        .filter(move |entity| text(entity, "type").is_some_and(|it| it.eq_ignore_ascii_case(kind)))
}

/// Ids of accounts are compared without case, and an empty one is nobody's.
pub(super) fn same(id: &str, other: &str) -> bool {
    !id.is_empty() && id.eq_ignore_ascii_case(other)
}

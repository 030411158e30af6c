//! The types of fields.

use crate::{model::Shape, source::Fields};

const KINDS: [&str; 8] =
    ["text", "multiline", "choice", "date", "time", "number", "toggle", "email"];

/// The type of a field, and what its answer is: anything, where that cannot be read.
pub(super) fn kind_of(entry: &Fields<'_>) -> (&'static str, Shape) {
    let kind = entry.one_of("type", &KINDS);
    let shape = match kind {
        Some("number") => Shape::Number,
        Some("toggle") => Shape::Truth,
        None if entry.get("type").is_some() => Shape::Any,
        _ => Shape::Text,
    };
    (kind.unwrap_or("text"), shape)
}

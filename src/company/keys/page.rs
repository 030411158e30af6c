//! The keys as a page for who writes files.

use super::{
    key::{Key, Shape, Type, Without},
    stages::{HEAD, KINDS, NEEDED, NEXT, exit},
};
use crate::pipeline::stages::exits;

/// A table, with every key of a mapping and of those in it; `way` leads to the mapping.
pub(super) fn table(shape: &Shape, way: &str) -> String {
    let mut page = head();
    rows(shape, way, &mut page);
    page
}

fn head() -> String {
    "| key | what it takes | without it | meaning |\n|---|---|---|---|\n".to_owned()
}

/// The table of stages: what all have, then each kind with its exits.
pub(super) fn stages() -> String {
    let mut page = head();
    HEAD.iter().chain([&NEXT]).for_each(|key| row(key, "", &mut page));
    for (name, kind, does) in KINDS {
        page += &line(name, &type_of(kind), "", does);
        if let Some((shape, path)) = kind.inner() {
            rows(shape, &format!("{name}{path}."), &mut page);
        }
        for way in exits(name) {
            let must = NEEDED.contains(&(name, way));
            page += &line(
                &format!("{way}` beside `{name}"),
                "a stage's id",
                if must { "it must be there" } else { "" },
                exit(way),
            );
        }
    }
    page
}

fn rows(shape: &Shape, way: &str, page: &mut String) {
    for key in shape.keys {
        row(key, way, page);
        if let Some((inner, path)) = key.kind.inner() {
            rows(inner, &format!("{way}{}{path}.", key.name), page);
        }
    }
}

fn row(key: &Key, way: &str, page: &mut String) {
    let default = match key.default {
        Without::Required => "it must be there".to_owned(),
        Without::Nothing => String::new(),
        Without::Is(value) => format!("`{value}`"),
        Without::Else(words) => words.to_owned(),
    };
    *page += &line(&format!("{way}{}", key.name), &type_of(&key.kind), &default, key.meaning);
}

/// A row. A bar would end its cell.
fn line(key: &str, kind: &str, default: &str, meaning: &str) -> String {
    let cells = [format!("`{key}`"), kind.to_owned(), default.to_owned(), meaning.to_owned()];
    let cells = cells.map(|cell| {
        if cell.is_empty() { " ".to_owned() } else { format!(" {} ", cell.replace('|', "\\|")) }
    });
    format!("|{}|\n", cells.join("|"))
}

/// What may stand there, in words.
fn type_of(kind: &Type) -> String {
    match kind {
        Type::Text => "text".to_owned(),
        Type::Template => "text with variables".to_owned(),
        Type::Words => "text with variables, or one per locale".to_owned(),
        Type::Title => "text, or one per locale".to_owned(),
        Type::Id => "an id".to_owned(),
        Type::Name => "a name".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Whole(least, None) => format!("a whole number from {least} up"),
        Type::Whole(least, Some(most)) => format!("a whole number from {least} to {most}"),
        Type::Number => "a number".to_owned(),
        Type::Duration => "a duration".to_owned(),
        Type::Word(words) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Type::Locale => "a locale".to_owned(),
        Type::Zone => "a time zone".to_owned(),
        Type::Date => "a date, `2026-12-25`".to_owned(),
        Type::Span => "`08:00-12:00`".to_owned(),
        Type::Address => "an https address".to_owned(),
        Type::Condition => "a CEL expression".to_owned(),
        Type::Pattern => "a regular expression".to_owned(),
        Type::Pointer => "a JSON Pointer".to_owned(),
        Type::Any => "anything".to_owned(),
        Type::List(Type::Stage) => "a list of [stages](#a-stage)".to_owned(),
        Type::List(item) => format!("a list: {}", type_of(item)),
        Type::Fields(_) => "a mapping".to_owned(),
        Type::Map(free) => format!("by `{}`: {}", free.key, type_of(&free.value)),
        Type::Either(all) => all.iter().map(type_of).collect::<Vec<_>>().join("; or "),
        Type::Stage => "a [stage](#a-stage)".to_owned(),
    }
}

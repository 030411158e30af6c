//! What people type, as it is compared.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::language::Phrases;
use crate::model::Event;

/// A word as it is compared: case, accents, blanks and outer punctuation ignored.
pub(super) fn normal(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_matches(|c: char| matches!(c, '.' | '!' | '?' | ',' | '"' | '\''))
        .to_owned()
}

/// Only the words, separated by single blanks.
pub(super) fn words_of(text: &str) -> String {
    normal(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// An answer to a yes-or-no card: by button (`answer`) or in words. And what was typed, if it was.
pub(super) fn yes_or_no(event: &Event, phrases: &Phrases) -> (Option<bool>, Option<String>) {
    match event {
        Event::Clicked { data, .. } => match data.get("answer").and_then(Value::as_str) {
            Some("yes") => (Some(true), None),
            Some("no") => (Some(false), None),
            _ => (None, None),
        },
        Event::Said(text) => {
            let word = normal(text);
            let answer =
                if phrases.yes_words.contains(&word.as_str()) || word == normal(phrases.yes) {
                    Some(true)
                } else if phrases.no_words.contains(&word.as_str())
                    || word == normal(phrases.no)
                    || word == normal(phrases.stay)
                {
                    Some(false)
                } else {
                    None
                };
            (answer, Some(text.clone()))
        }
        _ => (None, None),
    }
}

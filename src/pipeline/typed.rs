//! What people type, as it is compared.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::language::{Asking, LANGUAGES, Phrases};
use crate::model::{Event, Session, session::keys};

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

/// What somebody says behind a greeting, as [`words_of`] has it; all of it without one.
pub(super) fn behind_greeting(text: &str) -> String {
    let greetings = LANGUAGES.iter().flat_map(|phrases| phrases.greetings.split(','));
    without(words_of(text), &greetings.map(words_of).collect::<Vec<_>>())
}

/// What Teams writes behind the name of a GIF, in every language.
const GIF: &str = "(gif image)";

/// True unless somebody only greets, thanks or agrees, in whatever language, sends a GIF, or writes
/// no words at all.
pub(super) fn says_something(text: &str) -> bool {
    let is_gif = text.trim().to_lowercase().ends_with(GIF);
    if is_gif && !text.trim().contains('\n') {
        return false;
    }
    let known = LANGUAGES.iter().flat_map(|phrases| {
        let words = [phrases.thanks_words, phrases.yes_words, phrases.no_words];
        phrases.greetings.split(',').chain(words.into_iter().flatten().copied())
    });
    !without(words_of(text), &known.map(words_of).collect::<Vec<_>>()).is_empty()
}

/// What the guest last asked in words of their own, as far as the department may read it. Whoever only
/// greets has asked nothing.
pub fn asked(session: &Session) -> Option<&str> {
    let first = session.metadata.get(keys::QUESTION).and_then(Value::as_str);
    let asks = |text: &&str| says_something(text);
    session.query.as_deref().filter(asks).or(first.filter(asks))
}

/// True for a number as people choose one from a list: `2`, `2.`, `2)`.
pub(super) fn is_number(text: &str) -> bool {
    number(text).is_some()
}

/// The number that somebody chooses from a list.
pub(super) fn number(text: &str) -> Option<usize> {
    normal(text).trim_end_matches(['.', ')']).parse().ok()
}

/// Words without those with which they begin, longest first.
fn without(words: String, beginnings: &[String]) -> String {
    let mut rest = words.as_str();
    loop {
        let begins = |known: &&String| {
            !known.is_empty()
                && rest
                    .strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        match beginnings.iter().filter(begins).map(String::len).max() {
            Some(length) => rest = rest[length..].trim_start(),
            None => return rest.to_owned(),
        }
    }
}

/// How a whole message asks for a person, in any language that is spoken here.
pub(super) fn asks_for_person(text: &str) -> Option<Asking> {
    let words = words_of(text);
    LANGUAGES.iter().find_map(|phrases| phrases.person_words.asked(&words))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entry, JourneyId, PipelineId, SessionId, Start, TenantId};

    #[test]
    fn who_only_greets_or_thanks_has_said_nothing_in_whatever_language() {
        for nothing in [
            "hello",
            "Dancing cat (GIF Image)",
            "Hi there!",
            "Hello, good morning.",
            "Hallo zusammen",
            "Grüß Gott!",
            "Grüezi",
            "guten Morgen, danke",
            "thanks",
            "Vielen Dank!",
            "Danke schön",
            "ok",
            "👍",
            "yes, please",
            "nein",
            "?!",
            "   ",
        ] {
            assert!(!says_something(nothing), "{nothing}");
        }
        for something in
            ["hello, my badge", "Hierarchie", "high", "thanksgiving", "VPN", "42", "morgens"]
        {
            assert!(says_something(something), "{something}");
        }
    }

    #[test]
    fn a_greeting_is_no_question() {
        let mut session = Session::begin(Start {
            id: SessionId(uuid::Uuid::nil()),
            reference: "IT-1".to_owned(),
            journey: JourneyId(uuid::Uuid::nil()),
            tenant: TenantId::from("it"),
            tenant_name: "IT".to_owned(),
            pipeline: PipelineId::from("main"),
            version: String::new(),
            stage: None,
            at: jiff::Timestamp::UNIX_EPOCH,
        });
        let entry = |words: &str| Entry {
            value: words.into(),
            private: false,
            tenant: TenantId::from("it"),
            stage: None,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        for (first, later, question) in [
            (None, None, None),
            (Some("hello"), None, None),
            (Some("Guten Morgen!"), Some("thanks"), None),
            (Some("My dock is dead"), None, Some("My dock is dead")),
            (Some("hello"), Some("My dock is dead"), Some("My dock is dead")),
            (Some("My dock is dead"), Some("hello"), Some("My dock is dead")),
            (Some("My dock is dead"), Some("And my screen"), Some("And my screen")),
            (Some("  "), Some(""), None),
        ] {
            session.metadata.remove(keys::QUESTION);
            if let Some(first) = first {
                session.metadata.set(keys::QUESTION, entry(first));
            }
            session.query = later.map(str::to_owned);
            assert_eq!(asked(&session), question, "{first:?}, then {later:?}");
        }
    }

    #[test]
    fn what_follows_a_greeting_is_what_is_said() {
        for (said, meant) in [
            ("Hello, VPN", "vpn"),
            ("Guten Tag, mein Ausweis geht nicht", "mein ausweis geht nicht"),
            ("history", "history"),
            ("hi", ""),
        ] {
            assert_eq!(behind_greeting(said), meant, "{said}");
        }
    }
}

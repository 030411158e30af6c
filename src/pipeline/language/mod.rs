//! What the product itself says, per language, and how texts of the company come into one.
//!
//! A language is one file with everything of it, and one row in [`LANGUAGES`].

mod at_desk;
mod de;
mod de_words;
mod detect;
mod en;
mod en_words;
mod faq;
mod form;
mod format;
pub mod helpers;
mod left;
pub mod names;
mod paths;
mod person;
mod phrases;
#[cfg(test)]
mod tests;
pub mod text;
mod week;

pub use at_desk::DeskPhrases;
pub use faq::FaqPhrases;
pub use form::FormPhrases;
pub use format::{Counted, Writing};
pub use left::LeftPhrases;
pub use paths::touches;
pub use person::{Asking, PersonWords};
pub use phrases::{Phrases, fill, fill_formatted, filled};
pub use week::week;

use serde_json::Value;

use crate::model::locale::language_of;

/// The languages that the product speaks. The first is spoken to whoever speaks none of them.
pub static LANGUAGES: &[&Phrases] = &[&en::EN, &de::DE];

/// The language of these words, when they are plainly in one of those that are spoken: `de`. First
/// words are short; what is not sure is none.
pub fn plainly(text: &str) -> Option<&'static str> {
    detect::plainly(text, LANGUAGES)
}

fn spoken(language: &str) -> Option<&'static Phrases> {
    LANGUAGES.iter().copied().find(|phrases| phrases.language == language)
}

/// The sentences for a locale such as `de-AT`.
pub fn phrases(locale: &str) -> &'static Phrases {
    spoken(&language_of(locale)).unwrap_or(LANGUAGES[0])
}

/// How numbers and dates are written in a locale, also where its language is not spoken.
fn writing(locale: &str) -> &'static Writing {
    let language = language_of(locale);
    spoken(&language).map_or_else(|| format::unspoken(&language), |phrases| &phrases.writing)
}

/// How large something is: `312 bytes`, `12 KB`, `1.2 MB`.
pub fn size(bytes: u64, locale: &str) -> String {
    writing(locale).size(bytes, phrases(locale).bytes)
}

/// An answer as a person reads it: `is_date` says that a text is an ISO date. Nothing when what is
/// stored is what is read.
pub fn value(value: &Value, is_date: bool, locale: &str) -> Option<String> {
    if let Value::Bool(yes) = value {
        let phrases = phrases(locale);
        return Some(if *yes { phrases.yes } else { phrases.no }.to_owned());
    }
    writing(locale).value(value, is_date, locale)
}

/// The decimal sign of a locale.
pub fn decimal(locale: &str) -> char {
    writing(locale).decimal
}

/// The month of a name or short form in any language that the product speaks, from 1. `name` is in
/// small letters, without accents and points.
pub fn month(name: &str) -> Option<i8> {
    let mut months = LANGUAGES.iter().flat_map(|phrases| (1..).zip(phrases.form.months));
    months.find(|(_, names)| names.contains(&name)).map(|(at, _)| at)
}

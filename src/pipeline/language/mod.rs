//! What the product itself says, per language, and how texts of the company come into one.
//!
//! A language is one file with everything of it, and one row in [`LANGUAGES`].

mod at_desk;
mod cldr;
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
mod moment;
pub mod names;
mod paths;
mod pattern;
mod person;
mod phrases;
#[cfg(test)]
mod tests;
pub mod text;
mod week;

pub use at_desk::DeskPhrases;
pub use cldr::writing;
pub use faq::FaqPhrases;
pub use form::FormPhrases;
pub use format::{Counted, Order, Writing};
pub use left::LeftPhrases;
pub use paths::touches;
pub use pattern::unmarked;
pub use person::{Asking, PersonWords};
pub use phrases::{Phrases, fill, fill_formatted, filled};
pub use week::week;

use jiff::{Timestamp, tz::TimeZone};
use moment::Voice;
use serde_json::Value;

use crate::model::locale::nearest;

/// The languages that the product speaks. The first is spoken to whoever speaks none of them.
pub static LANGUAGES: &[&Phrases] = &[&en::EN, &de::DE];

/// The language of these words, when they are plainly in one of those that are spoken: `de`. First
/// words are short; what is not sure is none.
pub fn plainly(text: &str) -> Option<&'static str> {
    detect::plainly(text, LANGUAGES)
}

/// The sentences for a locale such as `de-AT`.
pub fn phrases(locale: &str) -> &'static Phrases {
    // Most call a language by its name, and this is asked at every sentence.
    let name = locale.split(['-', '_']).next().unwrap_or_default();
    let own = LANGUAGES.iter().find(|phrases| phrases.language.eq_ignore_ascii_case(name));
    own.copied().unwrap_or_else(|| {
        let languages = LANGUAGES.iter().map(|phrases| phrases.language);
        nearest(languages, locale).map_or(LANGUAGES[0], |at| LANGUAGES[at])
    })
}

fn voice(locale: &str) -> Voice {
    Voice { phrases: phrases(locale), writing: writing(locale) }
}

/// An instant in a person's words: the time alone for today, the weekday within a week (in the
/// language of the sentence around it), else the date.
pub fn moment(locale: &str, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    voice(locale).moment(at, now, zone)
}

/// The same for a person whose clock may be another one than the department's: with the place of
/// their zone where it makes a difference.
pub fn moment_for(
    locale: &str,
    at: Timestamp,
    now: Timestamp,
    zones: (&TimeZone, Option<&TimeZone>),
) -> String {
    voice(locale).moment_for(at, now, zones)
}

/// The time of an instant.
pub fn time(locale: &str, at: Timestamp, zone: &TimeZone) -> String {
    writing(locale).time(at.to_zoned_datetime(zone.clone()).time())
}

/// How large something is: `312 bytes`, `12 KB`, `1.2 MB`.
pub fn size(bytes: u64, locale: &str) -> String {
    writing(locale).size(bytes, phrases(locale).bytes)
}

/// An answer as a person reads it: `is_date` says that a text is a date or a time as ISO 8601 has
/// it. Nothing when what is stored is what is read.
pub fn value(value: &Value, is_date: bool, locale: &str) -> Option<String> {
    if let Value::Bool(yes) = value {
        let phrases = phrases(locale);
        return Some(if *yes { phrases.yes } else { phrases.no }.to_owned());
    }
    writing(locale).value(value, is_date)
}

/// The month of a name or short form in that locale or in any language that the product speaks, from
/// 1. `normal` is how names are compared.
pub fn month(name: &str, locale: &str, normal: impl Fn(&str) -> String) -> Option<i8> {
    let name = normal(name);
    let mut own = writing(locale).months();
    own.find(|(_, known)| normal(known) == name).map(|(at, _)| at).or_else(|| {
        let mut months = LANGUAGES.iter().flat_map(|phrases| (1..).zip(phrases.form.months));
        months.find(|(_, names)| names.contains(&&*name)).map(|(at, _)| at)
    })
}

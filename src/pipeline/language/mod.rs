//! What the product itself says, per language, and how texts of the company come into one.
//!
//! A language is one file with everything of it, and one row in [`LANGUAGES`].

mod at_desk;
mod de;
mod en;
mod faq;
pub mod format;
mod phrases;
pub mod text;

pub use at_desk::DeskPhrases;
pub use faq::FaqPhrases;
pub use phrases::{Counted, Phrases, fill, fill_formatted};

use crate::model::locale::language_of;

/// The languages that the product speaks. The first is spoken to whoever speaks none of them.
pub static LANGUAGES: &[&Phrases] = &[&en::EN, &de::DE];

/// The sentences for a locale such as `de-AT`.
pub fn phrases(locale: &str) -> &'static Phrases {
    let language = language_of(locale);
    let spoken = LANGUAGES.iter().find(|phrases| phrases.language == language);
    spoken.unwrap_or(&LANGUAGES[0])
}

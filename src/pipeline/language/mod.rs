//! What the product itself says, per language, and how texts of the company come into one.

mod at_desk;
mod faq;
pub mod format;
mod phrases;
pub mod text;

pub use at_desk::DeskPhrases;
pub use faq::FaqPhrases;
pub use phrases::{Counted, Phrases, fill, fill_formatted, phrases};

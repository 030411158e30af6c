//! What the search knows of a language: one file each, and one row in [`KNOWN`]. What a language
//! sounds like when the product speaks it is in [`crate::pipeline::language`].

mod de;
mod en;
mod es;
mod fr;
mod known;

pub(super) use known::Known;

/// The languages whose words are known.
pub(super) static KNOWN: &[&Known] = &[&en::ENGLISH, &de::GERMAN, &fr::FRENCH, &es::SPANISH];

//! The form of what is known of a language.

use frostem::Algorithm;

/// A language. All words in it are folded as [`crate::faq`] folds them: without accents and
/// umlauts, and set apart by white space.
pub(in crate::faq) struct Known {
    /// Its code in small letters, such as `de`.
    pub code: &'static str,
    /// How its words are stemmed.
    pub stemmer: Algorithm,
    /// Words that say nothing about what is asked: articles, pronouns, helping verbs, and what
    /// people write around a question (greetings, thanks, "please", "question").
    pub stop: &'static str,
    /// Words that say little: they tell articles apart that are found by others, and find nothing
    /// by themselves. When and how long something is, what is done in general, ordinary adjectives,
    /// numbers.
    pub little: &'static str,
    /// What stands between two words that grow together (`Urlaubsantrag`); empty where they do
    /// not.
    pub links: &'static [&'static str],
    /// True when two words of a text, without a hyphen, may be written as one.
    pub joins: fn(&str, &str) -> bool,
    /// True where an apostrophe sets words apart (`l'accès`); elsewhere what follows belongs to the
    /// word.
    pub elides: bool,
    /// True where umlauts may be written as `ae`, `oe`, `ue`.
    pub spells_umlauts: bool,
}

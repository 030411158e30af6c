//! In which of the languages that the product speaks somebody writes.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use whatlang::{Detector, Lang};

use super::phrases::Phrases;

/// How sure the detector must be where no small word tells: from 0 to 1.
const SURE: f64 = 0.6;
/// Fewer words than these say too little by their letters alone.
const LEAST: usize = 2;

/// The language of these words, when they are plainly in one of those that are spoken: it has small
/// words among them, and no other has; or, without any, the letters tell. First messages are short:
/// of three words trigrams alone say too little, and what companies talk about is English in every
/// language. (Of 325 short texts this told 238, one of them wrongly; `lingua` with a distance of 0.8
/// told 190, none wrongly, with 0.5 273, five wrongly, and brings 13 MB and fifty crates.)
pub(super) fn plainly(text: &str, languages: &[&'static Phrases]) -> Option<&'static str> {
    let plain: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let plain = plain.replace('’', "'");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let has = |phrases: &&&'static Phrases| {
        phrases.small_words.split(' ').any(|own| words.contains(&own))
    };
    let mut told = languages.iter().filter(has);
    match (told.next(), told.next()) {
        (Some(only), None) => Some(only.language),
        (Some(_), Some(_)) => None,
        (None, _) if words.len() < LEAST => None,
        (None, _) => {
            let spoken = languages.iter().filter_map(|phrases| Lang::from_code(phrases.three));
            let detector = Detector::with_allowlist(spoken.collect());
            let found = detector.detect(text).filter(|found| found.confidence() > SURE)?;
            let three = found.lang().code();
            languages.iter().find(|phrases| phrases.three == three).map(|phrases| phrases.language)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::language::plainly;

    #[test]
    fn words_that_are_plain_are_told_and_others_are_not() {
        for (text, language) in [
            ("Mein Laptop ist kaputt", Some("de")),
            ("WLAN geht nicht", Some("de")),
            ("Hallo", Some("de")),
            ("my laptop is broken", Some("en")),
            ("can't log in", Some("en")),
            ("VPN", None),
            ("Outlook", None),
            ("Teams Meeting", None),
            ("12345", None),
            ("", None),
            ("👍", None),
            // Both, or neither.
            ("my Urlaubsantrag ist weg", None),
            ("SAP", None),
        ] {
            assert_eq!(plainly(text), language, "{text}");
        }
    }

    /// Every question of the FAQ measurement: none is taken for the other language.
    #[test]
    fn no_question_of_employees_is_taken_for_another_language() {
        let files = [
            include_str!("../../../tests/faq/tuning.yaml"),
            include_str!("../../../tests/faq/held-out.yaml"),
        ];
        let (mut right, mut all) = (0, 0);
        for line in files.iter().flat_map(|file| file.lines()) {
            let Some((_, query)) = line.split_once("query: \"") else { continue };
            let query = query.split('"').next().unwrap_or_default();
            let language = if line.contains("locale: de") { "de" } else { "en" };
            let told = plainly(query);
            assert!(told.is_none_or(|told| told == language), "{query}: {told:?}");
            (right, all) = (right + usize::from(told.is_some()), all + 1);
        }
        assert!(all > 200 && right * 3 > all * 2, "{right} of {all}");
    }
}

//! Numbers as people write them. What could be two of them is asked about: whoever types `1.234` may
//! mean more than a thousand or little more than one.

use serde_json::{Value, json};

use crate::pipeline::language;

/// What a text is as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figure {
    /// No number.
    None,
    /// That one.
    One(f64),
    /// One of two: with thousands, or with a fraction.
    Either {
        /// The sign stands between thousands.
        whole: f64,
        /// The sign is the decimal sign.
        part: f64,
    },
}

impl Figure {
    /// The number, when it is plain which.
    pub(super) fn one(self) -> Option<f64> {
        if let Figure::One(number) = self { Some(number) } else { None }
    }
}

/// What a text is as a number where that is the decimal sign: `1,5` and `1.5` are one and a half
/// everywhere, since nobody groups a single digit. Three digits behind the locale's own decimal sign
/// are a fraction; behind a single other sign they are two numbers.
pub(super) fn figure(text: &str, point: char) -> Figure {
    let text = language::unmarked(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '€' | '$' | '£'));
    let (sign, body) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(body) => (-1.0, body),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let Some((runs, signs)) = taken_apart(body) else { return Figure::None };
    let whole = || number(&runs.concat(), "");
    let part = |at: usize| number(&runs[..=at].concat(), runs[at + 1]);
    let read = match signs.as_slice() {
        [] => whole().map(Figure::One),
        // `1,5`, `0.500`, `1234.567`: no thousands stand so.
        [',' | '.'] if !is_grouped(&runs) || runs[0].starts_with('0') => part(0).map(Figure::One),
        [only] if *only == point => part(0).map(Figure::One),
        [',' | '.'] => whole().zip(part(0)).map(|(whole, part)| Figure::Either { whole, part }),
        // `1.234.567`, `1 234`
        [first, rest @ ..] if rest.iter().all(|sign| sign == first) => {
            whole().filter(|_| is_grouped(&runs)).map(Figure::One)
        }
        // `1.234,5`
        [first, middle @ .., last @ (',' | '.')] if middle.iter().all(|sign| sign == first) => {
            let at = signs.len() - 1;
            part(at).filter(|_| first != last && is_grouped(&runs[..=at])).map(Figure::One)
        }
        _ => None,
    };
    match read.unwrap_or(Figure::None) {
        Figure::One(number) => Figure::One(sign * number),
        Figure::Either { whole, part } => Figure::Either { whole: sign * whole, part: sign * part },
        Figure::None => Figure::None,
    }
}

/// The runs of digits of a text, and the signs between them, one each.
fn taken_apart(text: &str) -> Option<(Vec<&str>, Vec<char>)> {
    let is_sign =
        |c: char| matches!(c, ',' | '.' | '\'' | '’' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    let runs: Option<Vec<&str>> = text.split(is_sign).map(digits).collect();
    // Blanks are one sign, whichever they are.
    let signs = text.chars().filter(|c| is_sign(*c));
    Some((runs?, signs.map(|c| if c.is_whitespace() { ' ' } else { c }).collect()))
}

pub(super) fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// `1 234 567`, and `12,34,567` as in India.
fn is_grouped(runs: &[&str]) -> bool {
    let [first, middle @ .., last] = runs else { return false };
    let fits = |run: &&str| matches!(run.len(), 2 | 3);
    (1..=3).contains(&first.len()) && middle.iter().all(fits) && last.len() == 3
}

fn number(whole: &str, part: &str) -> Option<f64> {
    let number: f64 = format!("{whole}.{part}0").parse().ok()?;
    number.is_finite().then_some(number)
}

/// A number as JSON: whole where it is.
pub(super) fn number_value(number: f64) -> Value {
    // Exact below 2^53, and compared back before it is used.
    let whole = number as i64;
    if whole as f64 == number && number.abs() < 9e15 { json!(whole) } else { json!(number) }
}

/// A number as a locale writes it.
pub(super) fn number_in(number: f64, locale: &str) -> String {
    match number_value(number) {
        Value::Number(number) => language::writing(locale).number(&number),
        other => other.to_string(),
    }
}

/// A number with a fraction, so that nobody reads thousands in it: `1,2340`, `1,5`, `1`.
pub(super) fn plain_part(number: f64, locale: &str) -> String {
    let text = number_in(number, locale);
    let fraction = text.rsplit(language::writing(locale).decimal()).next().unwrap_or_default();
    let is_open =
        fraction.len() == 3 && fraction.len() < text.trim_start_matches(['-', '\u{2212}']).len();
    if is_open { format!("{text}0") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(locale: &str, text: &str) -> Figure {
        figure(text, language::writing(locale).decimal())
    }

    #[test]
    fn a_number_is_what_its_writers_locale_makes_of_it() {
        for (locale, typed, wanted) in [
            ("de-DE", "1,500", 1.5),
            ("en-US", "1.500", 1.5),
            ("de-DE", "1.234.567,5", 1_234_567.5),
            ("de-DE", "1,234,567.5", 1_234_567.5),
            ("en-US", "1,234,567", 1_234_567.0),
            ("en-US", "1.234,5", 1234.5),
            ("en-US", "1,5", 1.5),
            ("de-DE", "1.5", 1.5),
            ("de-DE", "1.50", 1.5),
            ("de-DE", "0.500", 0.5),
            ("de-DE", "1234.567", 1234.567),
            ("fr-FR", "1 234,5", 1234.5),
            ("fr-FR", "1\u{202f}234\u{a0}567", 1_234_567.0),
            ("en-US", "1 234", 1234.0),
            ("de-CH", "1’234.5", 1234.5),
            ("de-CH", "1'234", 1234.0),
            ("en-IN", "12,34,567", 1_234_567.0),
            ("sv-SE", "−2,5", -2.5),
            ("he-IL", "\u{200e}-2.5", -2.5),
            ("en", "-3", -3.0),
            ("en", "€ 20", 20.0),
            ("en", "+7", 7.0),
        ] {
            assert_eq!(read(locale, typed), Figure::One(wanted), "{locale} {typed}");
        }
    }

    #[test]
    fn what_is_two_numbers_is_neither() {
        for (locale, typed, whole, part) in [
            ("en-US", "1,000", 1000.0, 1.0),
            ("de-DE", "1.000", 1000.0, 1.0),
            ("de-DE", "1.234", 1234.0, 1.234),
            ("de-DE", "-1.234", -1234.0, -1.234),
            ("fr-FR", "1.234", 1234.0, 1.234),
            ("de-CH", "1,234", 1234.0, 1.234),
            ("en-GB", "€12,500", 12500.0, 12.5),
        ] {
            assert_eq!(read(locale, typed), Figure::Either { whole, part }, "{locale} {typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for typed in [
            "1e5",
            "inf",
            "NaN",
            "1.2.3",
            "1.23.456,7.8",
            "2nd",
            "5.",
            ".5",
            "",
            "1  234",
            "1 2",
            "12.34.5678",
            "1'5",
            "1.234.56",
            "1,234,56.7",
            "--1",
        ] {
            assert_eq!(read("en-US", typed), Figure::None, "{typed}");
            assert_eq!(read("de-DE", typed), Figure::None, "{typed}");
        }
    }

    /// What the question offers is read as that, wherever it is typed.
    #[test]
    fn what_is_offered_instead_is_plain() {
        for locale in ["de-DE", "en-US", "fr-FR", "de-CH"] {
            for (whole, part) in
                [(1000.0, 1.0), (1234.0, 1.234), (12500.0, 12.5), (-1234.0, -1.234)]
            {
                assert_eq!(read(locale, &number_in(whole, locale)), Figure::One(whole));
                assert_eq!(read(locale, &plain_part(part, locale)), Figure::One(part));
                // A box of a form writes a point, whatever is typed into it.
                let boxed = plain_part(part, locale).replace(',', ".");
                assert_eq!(read(locale, &boxed), Figure::One(part), "{boxed}");
            }
        }
        assert_eq!(plain_part(1.234, "de-DE"), "1,2340");
        assert_eq!(plain_part(125.0, "de-DE"), "125");
    }
}

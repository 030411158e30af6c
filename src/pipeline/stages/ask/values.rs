//! Dates, times, numbers and mail addresses as people write them, each in one reading or none: what
//! could be two values is asked for again.

use jiff::civil::{Date, Time};
use serde_json::{Value, json};

use crate::{
    model::locale::language_of,
    pipeline::{
        language::{self, Phrases},
        typed::normal,
    },
};

/// Whose hand wrote something: how they write numbers and dates, and in which century.
#[derive(Clone, Copy)]
pub(super) struct Hand<'a> {
    /// The sentences in their language.
    pub(super) phrases: &'static Phrases,
    /// Their locale, then the department's.
    pub(super) locales: [&'a str; 2],
    /// The hundreds of this year: a year of two digits is one of this century.
    pub(super) century: i16,
    /// They typed it; else an input of a card gives it in its one form.
    pub(super) typed: bool,
}

impl Hand<'_> {
    fn region(&self) -> String {
        self.locales[0].split(['-', '_']).next_back().unwrap_or_default().to_ascii_uppercase()
    }

    fn is_english(&self) -> bool {
        language_of(self.locales[0]) == "en"
    }

    /// In which order day and month stand between slashes; none where people of one locale write
    /// both.
    fn month_first(&self) -> Option<bool> {
        match self.region().as_str() {
            "US" => Some(true),
            "GB" | "IE" | "AU" | "NZ" | "IN" | "ZA" => Some(false),
            _ if self.is_english() => None,
            _ => Some(false),
        }
    }

    /// `2026-12-24`, and what people write: `24.12.2026`, `24.12.26`, `24/12/2026` (in the United
    /// States `12/24/2026`), `24 Dec 2026`, `24. Dezember 2026`. Nothing when it can be read as two
    /// dates, such as `03/04/26` where both orders are used.
    pub(super) fn date(&self, text: &str) -> Option<Date> {
        self.in_numbers(text).or_else(|| self.in_words(text))
    }

    fn in_numbers(&self, text: &str) -> Option<Date> {
        let sign = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
        let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let (day_first, month_first) = ([*third, *second, *first], [*third, *first, *second]);
        let year_first = [*first, *second, *third];
        let readings: &[[&str; 3]] = match sign {
            _ if first.len() == 4 => &[year_first],
            '.' => &[day_first],
            '/' => match self.month_first() {
                Some(true) if self.read(&month_first).is_some() => &[month_first],
                Some(false) if self.read(&day_first).is_some() => &[day_first],
                _ => &[day_first, month_first],
            },
            _ => &[day_first, month_first, year_first],
        };
        let mut dates = readings.iter().filter_map(|parts| self.read(parts));
        let date = dates.next()?;
        dates.all(|other| other == date).then_some(date)
    }

    /// Year, month and day.
    fn read(&self, [year, month, day]: &[&str; 3]) -> Option<Date> {
        Date::new(self.year(year)?, small(month)?, small(day)?).ok()
    }

    /// A day, a month's name in any language that the product speaks, and a year.
    fn in_words(&self, text: &str) -> Option<Date> {
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .map(|part| part.trim_end_matches('.'))
            .filter(|part| !part.is_empty())
            .collect();
        let [first, second, year] = parts.as_slice() else { return None };
        let (day, month) = match (language::month(&normal(second)), language::month(&normal(first)))
        {
            (Some(month), None) => (first, month),
            (None, Some(month)) => (second, month),
            _ => return None,
        };
        let day =
            ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
        Date::new(self.year(year)?, month, small(day)?).ok()
    }

    /// A year of four digits, or of two: those of this century.
    fn year(&self, text: &str) -> Option<i16> {
        let year: i16 = digits(text)?.parse().ok()?;
        match (text.len(), year) {
            // Nobody means a year before the thousandth: it is one of which half was left out.
            (4, 1000..) => Some(year),
            (2, _) => Some(self.century * 100 + year),
            _ => None,
        }
    }

    /// `08:30`, `8:30`; `8:30 pm` in English, `8.30 Uhr` in German.
    pub(super) fn time(&self, text: &str) -> Option<Time> {
        let text = text.trim().to_lowercase();
        if let Some(rest) = text.strip_suffix("uhr") {
            let rest = rest.trim().replace('.', ":");
            return clock(&rest).or_else(|| clock(&format!("{rest}:00")));
        }
        let half = ["am", "pm"].into_iter().find(|half| self.is_english() && text.ends_with(half));
        let Some(half) = half else { return clock(&text) };
        let rest = text.trim_end_matches(half).trim();
        let time = clock(rest).or_else(|| clock(&format!("{rest}:00")))?;
        let hour = time.hour();
        let noon = if half == "pm" { 12 } else { 0 };
        (1..=12).contains(&hour).then(|| Time::new(hour % 12 + noon, time.minute(), 0, 0).ok())?
    }

    /// A number: as an input gives it, or as people of this locale write it. `1,500` is a thousand
    /// and a half in English, one and a half in German; `1,5` is one and a half everywhere, since
    /// nobody groups a single digit.
    pub(super) fn number(&self, text: &str) -> Option<f64> {
        if !self.typed {
            return text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '€' | '$' | '£'));
        let (sign, body) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(body) => ("-", body),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let point = language::decimal(self.locales[0]);
        let group = if point == ',' { '.' } else { ',' };
        let plain = if is_grouped(body, group, point) {
            body.replace(group, "").replace(point, ".")
        } else {
            body.replace(',', ".")
        };
        let (whole, part) =
            plain.split_once('.').map_or((plain.as_str(), None), |(a, b)| (a, Some(b)));
        digits(whole)?;
        if let Some(part) = part {
            digits(part)?;
        }
        format!("{sign}{plain}").parse().ok()
    }

    /// Yes or no, in words of their language; `true` and `false` from an input.
    pub(super) fn truth(&self, text: &str) -> Option<bool> {
        let (word, phrases) = (normal(text), self.phrases);
        let is =
            |words: &[&str], title: &str| words.contains(&word.as_str()) || word == normal(title);
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ if is(phrases.yes_words, phrases.yes) => Some(true),
            _ if is(phrases.no_words, phrases.no) => Some(false),
            _ => None,
        }
    }
}

/// `1.234.567` and `1.234,5`, with these signs.
fn is_grouped(text: &str, group: char, point: char) -> bool {
    let whole = text.split_once(point).map_or(text, |(whole, _)| whole);
    let mut groups = whole.split(group);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    (1..=3).contains(&first.len()) && !rest.is_empty() && rest.iter().all(|part| part.len() == 3)
}

/// A day or a month.
fn small(text: &str) -> Option<i8> {
    digits(text).filter(|text| text.len() <= 2)?.parse().ok()
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

fn clock(text: &str) -> Option<Time> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (hour, minute, &"00"),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let two = |text: &str| small(text).filter(|_| text.len() == 2);
    Time::new(small(hour)?, two(minute)?, two(second)?, 0).ok()
}

/// A mail address, without anything around it.
pub(super) fn is_email(text: &str) -> bool {
    let fits = |(name, host): (&str, &str)| {
        !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !host.contains('@')
    };
    text.split_once('@').is_some_and(fits) && !text.contains(char::is_whitespace)
}

/// A number as JSON: whole where it is.
pub(super) fn number_value(number: f64) -> Value {
    // Exact below 2^53, and compared back before it is used.
    let whole = number as i64;
    if whole as f64 == number && number.abs() < 9e15 { json!(whole) } else { json!(number) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::language::phrases;

    fn hand(locale: &str) -> Hand<'_> {
        Hand { phrases: phrases(locale), locales: [locale, "en"], century: 20, typed: true }
    }

    #[test]
    fn a_date_is_what_people_write_and_never_a_year_of_antiquity() {
        for (typed, read) in [
            ("2026-12-24", Some("2026-12-24")),
            ("24.12.2026", Some("2026-12-24")),
            ("24.12.26", Some("2026-12-24")),
            ("4. 2. 26", Some("2026-02-04")),
            ("24/12/26", Some("2026-12-24")),
            ("12/24/26", Some("2026-12-24")),
            ("24/12/2026", Some("2026-12-24")),
            ("24-12-2026", Some("2026-12-24")),
            ("2026/12/24", Some("2026-12-24")),
            ("05/05/26", Some("2026-05-05")),
            ("29.02.24", Some("2024-02-29")),
            ("24 Dec 2026", Some("2026-12-24")),
            ("Dec 24, 2026", Some("2026-12-24")),
            ("December 24th, 2026", Some("2026-12-24")),
            ("24. Dezember 2026", Some("2026-12-24")),
            ("1. Mär. 26", Some("2026-03-01")),
            // This century, whatever it is.
            ("31.01.85", Some("2085-01-31")),
            ("24.12.60", Some("2060-12-24")),
            // These can be read as two dates.
            ("03/04/26", None),
            ("03-04-2026", None),
            ("24-12-26", None),
            // These are none.
            ("1.2.3", None),
            ("1.2.345", None),
            ("29.02.26", None),
            ("24.12.026", None),
            ("24.12.0026", None),
            ("0026-12-24", None),
            ("20261224", None),
            ("24.12.", None),
            ("24.12", None),
            ("24 Dec", None),
            ("+4.12.26", None),
            ("24.12.26.", None),
            ("24.012.26", None),
            ("2026-12-24T10:00", None),
        ] {
            assert_eq!(
                hand("en").date(typed).map(|date| date.to_string()).as_deref(),
                read,
                "{typed}"
            );
        }
    }

    #[test]
    fn the_order_of_a_date_is_that_of_its_writers_locale() {
        for (locale, read) in [
            ("en-US", Some("2026-03-04")),
            ("en-GB", Some("2026-04-03")),
            ("fr-FR", Some("2026-04-03")),
            ("de", Some("2026-04-03")),
            ("en", None),
            ("en-CA", None),
        ] {
            let date = hand(locale).date("03/04/2026").map(|date| date.to_string());
            assert_eq!(date.as_deref(), read, "{locale}");
        }
    }

    #[test]
    fn a_number_is_what_its_writers_locale_makes_of_it() {
        for (locale, typed, read) in [
            ("en", "1,500", Some(1500.0)),
            ("de", "1,500", Some(1.5)),
            ("de", "1.500", Some(1500.0)),
            ("de", "1.234.567,5", Some(1_234_567.5)),
            ("en", "1,5", Some(1.5)),
            ("de", "1.5", Some(1.5)),
            ("en", "-3", Some(-3.0)),
            ("en", "€ 20", Some(20.0)),
            ("en", "1e5", None),
            ("en", "inf", None),
            ("en", "1.2.3", None),
            ("en", "2nd", None),
            ("en", "5.", None),
            ("en", "", None),
        ] {
            assert_eq!(hand(locale).number(typed), read, "{locale} {typed}");
        }
    }

    #[test]
    fn a_time_is_one_of_a_clock() {
        for (locale, typed, read) in [
            ("en", "8:30", Some("08:30:00")),
            ("en", "08:30:15", Some("08:30:15")),
            ("en", "8:30 pm", Some("20:30:00")),
            ("en", "12 am", Some("00:00:00")),
            ("de", "8.30 Uhr", Some("08:30:00")),
            ("de", "8 Uhr", Some("08:00:00")),
            ("en", "24:00", None),
            ("en", "8:3", None),
            ("en", "13 pm", None),
            ("en", "8", None),
            ("de", "8 am", None),
        ] {
            let time = hand(locale).time(typed).map(|time| time.to_string());
            assert_eq!(time.as_deref(), read, "{locale} {typed}");
        }
    }
}

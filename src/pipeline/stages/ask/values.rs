//! Dates, times and mail addresses as people write them, each in one reading or none: what
//! could be two values is asked for again.

use jiff::civil::{Date, Time};

use super::figure::{Figure, digits, figure};
use crate::{
    model::locale::language_of,
    pipeline::{
        language::{self, Order, Phrases, Writing},
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
}

impl Hand<'_> {
    fn is_english(&self) -> bool {
        language_of(self.locales[0]) == "en"
    }

    /// Of `en` alone nobody knows on which side of the ocean it is written.
    fn is_anywhere(&self) -> bool {
        self.locales[0].eq_ignore_ascii_case("en")
    }

    fn writing(&self) -> &'static Writing {
        language::writing(self.locales[0])
    }

    /// In which order day and month stand where the year stands last; none where people of one
    /// locale write both, or begin with the year.
    fn month_first(&self) -> Option<bool> {
        match self.writing().order() {
            _ if self.is_anywhere() => None,
            Order::MonthFirst => Some(true),
            Order::DayFirst => Some(false),
            Order::YearFirst => None,
        }
    }

    /// `2026-12-24`, the forms in which their locale writes dates, and what people write: `24.12.2026`,
    /// `24.12.26`, `24/12/2026` (in the United States `12/24/2026`), `24 Dec 2026`, `24. Dezember 2026`.
    /// Nothing when it can be read as two dates, such as `03/04/26` where both orders are used.
    pub(super) fn date(&self, text: &str) -> Option<Date> {
        let (writing, text) = (self.writing(), language::unmarked(text));
        let numeric = || writing.read_numeric(&text).filter(|_| !self.is_anywhere());
        let own = writing.read_date(&text).or_else(numeric);
        own.or_else(|| self.in_numbers(&text)).or_else(|| self.in_words(&text))
    }

    fn in_numbers(&self, text: &str) -> Option<Date> {
        let sign = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
        let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let (day_first, month_first) = ([*third, *second, *first], [*third, *first, *second]);
        let year_first = [*first, *second, *third];
        let mut readings: Vec<[&str; 3]> = match sign {
            _ if first.len() == 4 => vec![year_first],
            '.' => vec![day_first],
            '/' => match self.month_first() {
                Some(true) if self.read(&month_first).is_some() => vec![month_first],
                Some(false) if self.read(&day_first).is_some() => vec![day_first],
                _ => vec![day_first, month_first],
            },
            _ => vec![day_first, month_first, year_first],
        };
        if self.writing().order() == Order::YearFirst && first.len() == 2 {
            readings.push(year_first);
        }
        let mut dates = readings.iter().filter_map(|parts| self.read(parts));
        let date = dates.next()?;
        dates.all(|other| other == date).then_some(date)
    }

    /// Year, month and day.
    fn read(&self, [year, month, day]: &[&str; 3]) -> Option<Date> {
        Date::new(self.year(year)?, small(month)?, small(day)?).ok()
    }

    /// A day, a month's name in their locale or any language that the product speaks, and a year.
    fn in_words(&self, text: &str) -> Option<Date> {
        let fillers: Vec<&str> = self.writing().fillers().collect();
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|part| !fillers.contains(part))
            .map(|part| part.trim_end_matches('.'))
            .filter(|part| !part.is_empty())
            .collect();
        let [first, second, year] = parts.as_slice() else { return None };
        let month = |name: &str| language::month(name, self.locales[0], normal);
        let (day, month) = match (month(second), month(first)) {
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

    /// `08:30`, `8:30`, and as their locale writes times; `8:30 pm` in English, `8.30 Uhr` in German.
    pub(super) fn time(&self, text: &str) -> Option<Time> {
        let text = language::unmarked(text.trim()).to_lowercase();
        if let Some(own) = self.writing().read_time(&text) {
            return Some(own);
        }
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

    /// A number as people of this locale write it, or as an input gives it.
    pub(super) fn number(&self, text: &str) -> Figure {
        figure(text, self.writing().decimal())
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

/// A day or a month.
fn small(text: &str) -> Option<i8> {
    digits(text).filter(|text| text.len() <= 2)?.parse().ok()
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::pipeline::language::phrases;

    fn hand(locale: &str) -> Hand<'_> {
        Hand { phrases: phrases(locale), locales: [locale, "en"], century: 20 }
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
            ("es-PR", Some("2026-03-04")),
            ("en", None),
            ("en-CA", None),
            ("sv-SE", None),
        ] {
            let date = hand(locale).date("03/04/2026").map(|date| date.to_string());
            assert_eq!(date.as_deref(), read, "{locale}");
        }
    }

    /// The forms in which dates, times and numbers are written for somebody are understood from them:
    /// ours, and those of two other implementations.
    #[test]
    fn what_is_written_in_a_locale_is_read_there() {
        let peers: Value =
            serde_json::from_str(include_str!("../../../../tests/peers/locales.json")).unwrap();
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        for (locale, told) in peers["locales"].as_object().unwrap() {
            let hand = hand(locale);
            let told = |kind: &str| [texts(&told["node"][kind]), texts(&told["babel"][kind])];
            for (at, day) in texts(&peers["asked"]["dates"]).iter().enumerate() {
                let date: Date = day.parse().unwrap();
                let [node, babel] = told("dates");
                for said in
                    [language::writing(locale).date(date), node[at].clone(), babel[at].clone()]
                {
                    assert_eq!(hand.date(&said), Some(date), "{locale}: {said}");
                    let closed = format!("{said}.");
                    let trimmed = closed.trim_end_matches('.');
                    assert_eq!(hand.date(trimmed), Some(date), "{locale}: {trimmed}");
                }
                assert_eq!(hand.date(day), Some(date), "{locale}: {day}");
            }
            for (at, stored) in texts(&peers["asked"]["times"]).iter().enumerate() {
                let time: Time = stored.parse().unwrap();
                let [node, babel] = told("times");
                for said in
                    [language::writing(locale).time(time), node[at].clone(), babel[at].clone()]
                {
                    assert_eq!(hand.time(&said), Some(time), "{locale}: {said}");
                }
            }
            for kind in ["numbers", "grouped"] {
                for (at, number) in texts(&peers["asked"][kind]).iter().enumerate() {
                    let wanted = Some(number.parse().unwrap());
                    for said in told(kind) {
                        let said = &said[at];
                        assert_eq!(hand.number(said).one(), wanted, "{locale}: {said}");
                    }
                }
            }
        }
    }

    #[test]
    fn people_write_dates_as_their_locale_does() {
        for (locale, typed, read) in [
            ("es-ES", "24 de diciembre de 2026", Some("2026-12-24")),
            ("pt-BR", "24 dez 26", Some("2026-12-24")),
            ("fr-FR", "24 décembre 2026", Some("2026-12-24")),
            ("fr-FR", "24 decembre 2026", Some("2026-12-24")),
            ("hu-HU", "2026. 12. 24.", Some("2026-12-24")),
            ("hu-HU", "2026.12.24", Some("2026-12-24")),
            ("nl-NL", "3-4-2026", Some("2026-04-03")),
            ("ko-KR", "2026. 3. 4.", Some("2026-03-04")),
            ("ar-EG", "3/4/2026", Some("2026-04-03")),
            ("ru-RU", "24 декабря 2026", Some("2026-12-24")),
            ("he-IL", "24 בדצמ׳ 2026", Some("2026-12-24")),
            ("pl-PL", "24 Grudnia 2026 ", Some("2026-12-24")),
            // A year first or last, and nobody can tell.
            ("hu-HU", "26.12.24", None),
            ("sv-SE", "26-12-24", None),
            ("sv-SE", "24 foo 2026", None),
            ("bg-BG", "24.12.26 г.", None),
            ("de-DE", "1.2.3", None),
            ("hu-HU", "1. 2. 3.", None),
        ] {
            let date = hand(locale).date(typed).map(|date| date.to_string());
            assert_eq!(date.as_deref(), read, "{locale} {typed}");
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
            ("fi-FI", "8.30", Some("08:30:00")),
            ("fr-CA", "8 h 30", Some("08:30:00")),
            ("bg-BG", "08:30 ч.", Some("08:30:00")),
            ("de", "8.30", None),
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

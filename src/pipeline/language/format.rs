//! Dates, times, numbers and counts as a locale writes them. Stored values and the API keep their one
//! form (ISO dates, JSON numbers).

use jiff::civil::{Date, Time};
use serde::Deserialize;
use serde_json::{Number, Value};

use super::pattern::{Months, read_date, read_time, words, write_date, write_time};

/// A sentence that counts something, and its singular.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// For one.
    pub one: &'static str,
    /// For any other number.
    pub more: &'static str,
}

impl Counted {
    /// The form for so many.
    pub fn of(self, count: u64) -> &'static str {
        if count == 1 { self.one } else { self.more }
    }
}

/// How a locale writes numbers, dates and times.
#[derive(Debug, Clone, Deserialize)]
pub struct Writing {
    /// A date: CLDR's medium form, `Dec 24, 2026`.
    pub(super) date: String,
    /// The same in full: `December 24, 2026`.
    pub(super) long: String,
    /// The same in numbers: `12/24/2026`.
    pub(super) numeric: String,
    /// A time, on a clock of 24 hours.
    pub(super) time: String,
    /// The decimal sign.
    pub(super) decimal: char,
    /// What stands before a number below zero.
    pub(super) minus: String,
    #[serde(skip)]
    pub(super) months: Months,
}

/// In which order a locale writes day, month and year in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `24.12.2026`
    DayFirst,
    /// `12/24/2026`
    MonthFirst,
    /// `2026-12-24`
    YearFirst,
}

impl Writing {
    /// A date.
    pub fn date(&self, date: Date) -> String {
        write_date(&self.date, &self.months, date)
    }

    /// A time on a clock of 24 hours.
    pub fn time(&self, time: Time) -> String {
        write_time(&self.time, time.hour(), time.minute())
    }

    /// The end of a day: `24:00`.
    pub(super) fn midnight(&self) -> String {
        write_time(&self.time, 24, 0)
    }

    /// Never grouped: a number may be an id.
    pub fn number(&self, number: &Number) -> String {
        let text = number.to_string();
        match text.strip_prefix('-') {
            Some(size) => format!("{}{}", self.minus, self.pointed(size)),
            None => self.pointed(&text),
        }
    }

    fn pointed(&self, number: &str) -> String {
        number.replace('.', self.decimal.encode_utf8(&mut [0; 4]))
    }

    /// The decimal sign.
    pub fn decimal(&self) -> char {
        self.decimal
    }

    /// The order of a date in numbers.
    pub fn order(&self) -> Order {
        match self.numeric.find(['d', 'M', 'y']).map(|at| &self.numeric[at..]) {
            Some(rest) if rest.starts_with('d') => Order::DayFirst,
            Some(rest) if rest.starts_with('M') => Order::MonthFirst,
            _ => Order::YearFirst,
        }
    }

    /// The date that a text is, in one of the forms in which the locale writes dates, with a year of
    /// four digits.
    pub fn read_date(&self, text: &str) -> Option<Date> {
        let patterns = [&self.date, &self.long];
        patterns.into_iter().find_map(|pattern| read_date(pattern, &self.months, text))
    }

    /// The same in numbers.
    pub fn read_numeric(&self, text: &str) -> Option<Date> {
        read_date(&self.numeric, &self.months, text)
    }

    /// The words that stand in its dates beside the names of months: `de`, `г.`
    pub fn fillers(&self) -> impl Iterator<Item = &str> {
        [&self.date, &self.long].into_iter().flat_map(|pattern| words(pattern))
    }

    /// The time that a text is, as the locale writes times.
    pub fn read_time(&self, text: &str) -> Option<Time> {
        read_time(&self.time, text)
    }

    /// The months' names, January first.
    pub fn months(&self) -> impl Iterator<Item = (i8, &str)> {
        let Months { short, wide } = &self.months;
        (1i8..).zip(short).chain((1i8..).zip(wide)).map(|(at, name)| (at, name.as_str()))
    }

    /// How large something is. A KB has 1024 bytes, as in Windows and SharePoint.
    pub(super) fn size(&self, bytes: u64, small: Counted) -> String {
        const KB: u64 = 1024;
        const MB: u64 = 1024 * KB;
        if bytes < KB {
            return small.of(bytes).replace("{count}", &bytes.to_string());
        }
        if bytes < MB {
            return format!("{} KB", bytes.div_ceil(KB));
        }
        let tenths = bytes.saturating_mul(10) / MB;
        format!("{}{}{} MB", tenths / 10, self.decimal, tenths % 10)
    }

    /// An answer as a person reads it; nothing when that is what is stored.
    pub(super) fn value(&self, value: &Value, is_date: bool) -> Option<String> {
        match value {
            Value::String(text) if is_date => match text.parse() {
                Ok(date) => Some(self.date(date)),
                Err(_) => Some(self.time(text.parse().ok()?)),
            },
            Value::Number(given) if given.is_f64() => Some(self.number(given)),
            _ => None,
        }
    }
}

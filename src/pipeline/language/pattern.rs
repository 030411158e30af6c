//! Patterns of CLDR, such as `d. MMM y`: what is written by one, and what is read that was.

use jiff::civil::{Date, Time};

/// The names of the months in a language, January first.
#[derive(Debug, Clone, Default)]
pub(super) struct Months {
    /// Short: `Dec`.
    pub(super) short: Vec<String>,
    /// In full: `December`.
    pub(super) wide: Vec<String>,
}

impl Months {
    /// The month at the beginning of a text, from 1, and what follows it: the longest name.
    fn begin<'t>(&self, text: &'t str) -> Option<(i8, &'t str)> {
        let of = |names: &[String]| {
            let found = (1i8..).zip(names).filter_map(|(at, name)| {
                Some((at, after(text, name).or_else(|| after(text, name.trim_end_matches('.')))?))
            });
            found.min_by_key(|(_, rest)| rest.len())
        };
        of(&self.wide).into_iter().chain(of(&self.short)).min_by_key(|(_, rest)| rest.len())
    }
}

/// A part of a pattern.
enum Part<'p> {
    /// `MMM`: the letter, and how often it stands there.
    Field(char, usize),
    Words(&'p str),
}

/// The parts of a pattern, one after the other. Words stand between apostrophes where they are
/// letters of ASCII.
fn parts(pattern: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), pattern);
    while let Some(first) = rest.chars().next() {
        let (part, length) = if first == '\'' {
            let end = rest[1..].find('\'').map_or(rest.len(), |at| at + 1);
            (Part::Words(&rest[1..end]), (end + 1).min(rest.len()))
        } else if first.is_ascii_alphabetic() {
            let length = rest.len() - rest.trim_start_matches(first).len();
            (Part::Field(first, length), length)
        } else {
            let is_word = |c: char| c != '\'' && !c.is_ascii_alphabetic();
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            (Part::Words(&rest[..end]), end)
        };
        parts.push(part);
        rest = &rest[length..];
    }
    parts
}

/// The words of a pattern.
pub(super) fn words(pattern: &str) -> impl Iterator<Item = &str> {
    let words = parts(pattern).into_iter().filter_map(|part| match part {
        Part::Words(words) => Some(words),
        Part::Field(..) => None,
    });
    words.flat_map(str::split_whitespace)
}

/// A day as a pattern writes it.
pub(super) fn write_date(pattern: &str, months: &Months, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs());
    let name = |names: &[String]| names.get(month - 1).cloned().unwrap_or_default();
    let write = |part: Part<'_>| match part {
        Part::Words(words) => words.to_owned(),
        Part::Field('d', width) => format!("{:0width$}", date.day()),
        Part::Field('M' | 'L', 3) => name(&months.short),
        Part::Field('M' | 'L', 4) => name(&months.wide),
        Part::Field('M' | 'L', width) => format!("{month:0width$}"),
        Part::Field(..) => format!("{:04}", date.year()),
    };
    parts(pattern).into_iter().map(write).collect()
}

/// A time as a pattern writes it; the end of a day has the hour 24.
pub(super) fn write_time(pattern: &str, hour: i8, minute: i8) -> String {
    let write = |part: Part<'_>| match part {
        Part::Words(words) => words.to_owned(),
        Part::Field('H', width) => format!("{:0width$}", hour),
        Part::Field(_, width) => format!("{:0width$}", minute),
    };
    parts(pattern).into_iter().map(write).collect()
}

/// Without what turns the direction of writing: it is not seen, and people do not type it.
pub fn unmarked(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// The day that a text is, written by that pattern: blanks may be other ones or missing, so may the
/// point at the end, zeros before numbers and capital letters. A year has four digits.
pub(super) fn read_date(pattern: &str, months: &Months, text: &str) -> Option<Date> {
    let (mut day, mut month, mut year) = (0, 0, 0);
    let (pattern, text) = (unmarked(pattern), unmarked(text));
    let mut rest = text.as_str();
    for part in parts(&pattern) {
        rest = rest.trim_start();
        match part {
            Part::Words(words) => rest = skip(rest, words)?,
            Part::Field('M' | 'L', 3..) => (month, rest) = months.begin(rest)?,
            Part::Field('y', _) => (year, rest) = digits(rest, 4, 4)?,
            Part::Field(letter, _) => {
                let (number, after) = digits(rest, 1, 2)?;
                let number = i8::try_from(number).ok()?;
                *(if letter == 'd' { &mut day } else { &mut month }) = number;
                rest = after;
            }
        }
    }
    // Nobody means a year before the thousandth.
    (rest.trim().is_empty() && year >= 1000).then(|| Date::new(year, month, day).ok())?
}

/// The time that a text is, written by that pattern, with the same freedom.
pub(super) fn read_time(pattern: &str, text: &str) -> Option<Time> {
    let (mut hour, mut minute) = (0, 0);
    let mut rest = text;
    for part in parts(pattern) {
        rest = rest.trim_start();
        match part {
            Part::Words(words) => rest = skip(rest, words)?,
            Part::Field(letter, _) => {
                let (number, after) = digits(rest, if letter == 'H' { 1 } else { 2 }, 2)?;
                let number = i8::try_from(number).ok()?;
                *(if letter == 'H' { &mut hour } else { &mut minute }) = number;
                rest = after;
            }
        }
    }
    rest.trim().is_empty().then(|| Time::new(hour, minute, 0, 0).ok())?
}

/// What follows these words of a pattern. At the end of a text their point may be missing.
fn skip<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in words.split_whitespace() {
        rest = rest.trim_start();
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let at_end = || after(rest, bare).filter(|rest| rest.is_empty());
        rest = after(rest, word).or_else(at_end)?;
    }
    Some(rest)
}

/// What follows a beginning, of whatever capitals.
fn after<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for wanted in beginning.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// A number at the beginning of a text, of so many digits, and what follows it.
fn digits(text: &str, least: usize, most: usize) -> Option<(i16, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(length);
    (least..=most).contains(&length).then(|| Some((number.parse().ok()?, rest)))?
}

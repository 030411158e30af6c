//! One field of a form: how it is read from a file, and what counts as an answer to it.

use jiff::civil::{Date, Time};
use regex::Regex;
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    model::{Event, Words, words::clean},
    pipeline::{
        language::{Phrases, fill, text::Title},
        stages::keys::is_name,
        typed::{normal, yes_or_no},
    },
    source::{At, Fields, Problems},
};

const KINDS: [&str; 8] =
    ["text", "multiline", "choice", "date", "time", "number", "toggle", "email"];

/// One field of a form; its answer is `Data.<id>`.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: At<String>,
    /// None for the one answer of `save_as`, whose label is the question.
    pub(super) label: Option<Title>,
    pub(super) kind: &'static str,
    pub(super) required: bool,
    pub(super) private: bool,
    pub(super) choices: Vec<Title>,
    pub(super) pattern: Option<Regex>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

impl Field {
    pub(super) fn read(entry: &Fields<'_>) -> Option<Field> {
        let problems = entry.problems;
        let id = entry.require_text("id");
        let label = entry.get("label").and_then(|node| Title::read(node, problems, "`label`"));
        let kind = entry.one_of("type", &KINDS).unwrap_or("text");
        let required = entry.bool("required", true);
        let private = entry.bool("private", false);
        let choices: Vec<Title> = entry
            .get("choices")
            .and_then(|node| node.list(problems, "`choices`"))
            .unwrap_or_default()
            .iter()
            .filter_map(|node| Title::read(node, problems, "a choice"))
            .collect();
        let pattern = entry.text("pattern").and_then(|pattern| compile(&pattern, problems));
        let (min, max) =
            (entry.number("min").map(|n| n.value), entry.number("max").map(|n| n.value));
        entry.finish();
        let id = id?;
        if !is_name(&id.value) {
            problems.error(
                &id.place,
                format!("`{}` cannot be a field's id", id.value),
                "use letters, digits, hyphens and underscores",
            );
            return None;
        }
        if kind == "choice" && choices.is_empty() {
            problems.error(
                entry.place,
                format!("field `{}` is a choice without choices", id.value),
                "add `choices: [One, Two]`",
            );
        }
        if kind != "choice" && !choices.is_empty() {
            problems.error(
                entry.place_of("choices"),
                format!("field `{}` is no choice but has choices", id.value),
                "add `type: choice`",
            );
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            problems.error(
                entry.place_of("min"),
                format!("`min` is above `max` in field `{}`", id.value),
                "swap them",
            );
        }
        let label = Some(label.unwrap_or_else(|| Title::plain(&id.value, &id.place)));
        Some(Field { id, label, kind, required, private, choices, pattern, min, max })
    }

    /// True when the file gives it no label: its id stands in for one.
    pub(super) fn is_unnamed(&self) -> bool {
        self.label.as_ref().is_some_and(|label| label.place == self.id.place)
    }

    /// What was given, in words.
    pub(super) fn words(&self, given: &str) -> Words {
        if self.private { Words::private(given) } else { Words::typed(given) }
    }

    /// What was given, as it stands in the form that is asked again.
    pub(super) fn mark(&self, given: &str) -> String {
        if self.private { Words::private(given).variable() } else { clean(given).into_owned() }
    }

    /// The value to keep, nothing for an optional field left empty, or what is wrong with it.
    pub(super) fn judge(
        &self,
        given: Option<&Value>,
        phrases: &Phrases,
        locales: &[&str],
    ) -> Result<Option<Value>, Words> {
        let label = self.label.as_ref().map(|label| label.get(locales)).unwrap_or_default();
        let text = given.map(shown).unwrap_or_default();
        let text = text.trim();
        let wrong = |phrase: &str| fill(phrase, &[("label", label)]);
        if text.is_empty() {
            return if self.kind == "toggle" && given.is_some() {
                Ok(Some(Value::Bool(false)))
            } else if self.required {
                Err(wrong(phrases.required))
            } else {
                Ok(None)
            };
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            return Err(wrong(phrases.not_the_pattern));
        }
        let value = match self.kind {
            "choice" => self.chosen(text).ok_or(phrases.not_a_choice),
            "date" => {
                date(text).map(|date| Value::String(date.to_string())).ok_or(phrases.not_a_date)
            }
            "time" => time(text)
                .map(|time| Value::String(time.strftime("%H:%M").to_string()))
                .ok_or(phrases.not_a_time),
            "number" => number(text).map(number_value).ok_or(phrases.not_a_number),
            "toggle" => truth(text, phrases).map(Value::Bool).ok_or(phrases.not_yes_or_no),
            "email" if !is_email(text) => Err(phrases.not_an_email),
            _ => Ok(Value::String(text.to_owned())),
        };
        let value = value.map_err(wrong)?;
        let beyond = match self.kind {
            "number" => {
                let number = value.as_f64().unwrap_or_default();
                self.beyond(number, phrases.too_small, phrases.too_big)
            }
            "text" | "multiline" | "email" => {
                // A length is a count of what a person sees as characters; more than 2^52 of them
                // cannot arrive.
                let length = text.graphemes(true).count() as f64;
                self.beyond(length, phrases.too_short, phrases.too_long)
            }
            _ => None,
        };
        match beyond {
            Some((phrase, key, limit)) => {
                Err(fill(phrase, &[("label", label), (key, &number_text(limit))]))
            }
            None => Ok(Some(value)),
        }
    }

    /// The choice that a text is: its title in any language, or its number.
    fn chosen(&self, text: &str) -> Option<Value> {
        let by_number =
            text.parse::<usize>().ok().and_then(|number| self.choices.get(number.checked_sub(1)?));
        let named = |choice: &&Title| choice.all().any(|name| normal(name) == normal(text));
        let chosen = self.choices.iter().find(named).or(by_number)?;
        Some(Value::String(chosen.first().to_owned()))
    }

    /// The limit that a number or a length lies beyond, with its sentence.
    fn beyond<'p>(
        &self,
        size: f64,
        below: &'p str,
        above: &'p str,
    ) -> Option<(&'p str, &'static str, f64)> {
        let min = self.min.filter(|min| size < *min).map(|min| (below, "min", min));
        min.or_else(|| self.max.filter(|max| size > *max).map(|max| (above, "max", max)))
    }
}

fn compile(pattern: &At<String>, problems: &Problems) -> Option<Regex> {
    match Regex::new(&format!("^(?:{})$", pattern.value)) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
            problems.error(
                &pattern.place,
                format!("this pattern cannot be read ({reason})"),
                "write a regular expression for the whole answer",
            );
            None
        }
    }
}

/// `2026-12-24`, and what people write: `24.12.2026`, `24.12.26`, `24/12/2026`. Nothing when it can be
/// read as two dates, such as `03/04/26`: it is asked for again.
fn date(text: &str) -> Option<Date> {
    // Nobody means a year before the thousandth: it is one of which half was left out.
    let written = text.parse().ok().filter(|date: &Date| date.year() >= 1000);
    written.or_else(|| {
        let sign = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
        let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let readings: &[[&str; 3]] = match sign {
            _ if first.len() == 4 => &[[first, second, third]],
            '.' => &[[third, second, first]],
            '/' => &[[third, second, first], [third, first, second]],
            _ => &[[third, second, first], [third, first, second], [first, second, third]],
        };
        let mut dates = readings.iter().filter_map(|[year, month, day]| {
            Date::new(self::year(year)?, small(month)?, small(day)?).ok()
        });
        let date = dates.next()?;
        dates.all(|other| other == date).then_some(date)
    })
}

/// A year of four digits, or of two: from 1970 to 2049. Between them nobody knows which century is
/// meant.
fn year(text: &str) -> Option<i16> {
    let year: i16 = digits(text)?.parse().ok()?;
    match (text.len(), year) {
        (4, 1000..) => Some(year),
        (2, 0..50) => Some(2000 + year),
        (2, 70..) => Some(1900 + year),
        _ => None,
    }
}

/// A day or a month.
fn small(text: &str) -> Option<i8> {
    digits(text).filter(|text| text.len() <= 2)?.parse().ok()
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// `08:30`, `8:30`.
fn time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok().or_else(|| Time::strptime("%H:%M:%S", text).ok())
}

/// A number as people write it, with a comma or a point.
fn number(text: &str) -> Option<f64> {
    text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite())
}

fn truth(text: &str, phrases: &Phrases) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        text => yes_or_no(&Event::Said(text.to_owned()), phrases).0,
    }
}

fn is_email(text: &str) -> bool {
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
fn number_value(number: f64) -> Value {
    // Exact below 2^53, and compared back before it is used.
    let whole = number as i64;
    if whole as f64 == number && number.abs() < 9e15 { json!(whole) } else { json!(number) }
}

pub(super) fn number_text(number: f64) -> String {
    number_value(number).to_string()
}

/// A value as text.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("31.01.85", Some("1985-01-31")),
            ("29.02.24", Some("2024-02-29")),
            // These can be read as two dates.
            ("03/04/26", None),
            ("03-04-2026", None),
            ("24-12-26", None),
            ("24.12.60", None),
            // These are none.
            ("29.02.26", None),
            ("24.12.026", None),
            ("24.12.0026", None),
            ("0026-12-24", None),
            ("24.12.", None),
            ("24.12", None),
            ("+4.12.26", None),
            ("24.12.26.", None),
            ("24.012.26", None),
        ] {
            assert_eq!(date(typed).map(|date| date.to_string()).as_deref(), read, "{typed}");
        }
    }
}

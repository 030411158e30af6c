//! Which fields of a form somebody has answered in words of their own. Only what is plain counts:
//! words under a field's name, and dates, times, numbers, mail addresses and named choices that fit
//! one field alone. What could belong to two fields belongs to none.

use std::ops::Range;

use serde_json::{Value, json};

use super::{
    field::{Choice, Field},
    values::{Hand, is_email},
};
use crate::{model::Words, pipeline::typed::words_of};

/// A longer text is a story: only what stands under a field's name is read out of it.
const MOST_WORDS: usize = 120;
/// The most words that make one value, such as a choice's title.
const LONGEST: usize = 6;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Understood {
    /// By the field's index.
    pub(super) values: Vec<(usize, Value)>,
    /// What was plainly meant for a field, but is none of its answers.
    pub(super) wrong: Vec<(usize, Words)>,
}

/// A run of words that is a value of some fields.
struct Candidate {
    /// Its words.
    at: Range<usize>,
    /// The fields whose value it may be, with that value.
    fits: Vec<(usize, Value)>,
}

/// Reads a text; `asked` is the field that was asked for.
pub(super) fn understand(
    fields: &[Field],
    text: &str,
    asked: Option<usize>,
    hand: &Hand<'_>,
) -> Understood {
    let (mut found, rest) = named_parts(fields, text, hand);
    let words: Vec<&str> = rest.split_whitespace().collect();
    if words.is_empty() || words.len() > MOST_WORDS {
        return found;
    }
    let mut candidates = candidates(fields, &words, hand);
    let plain: Vec<String> = words.iter().map(|word| words_of(word)).collect();
    for candidate in &mut candidates {
        // What was said under a name is known; nothing else is that field's any more.
        candidate.fits.retain(|(field, _)| found.values.iter().all(|(known, _)| known != field));
        narrow(fields, candidate, &plain, asked);
    }
    settle(fields, &candidates, &mut found);
    found
}

/// Leaves a run of words to the fields whose names stand by it, else to the one that was asked for.
fn narrow(fields: &[Field], candidate: &mut Candidate, words: &[String], asked: Option<usize>) {
    for gap in [0, 1] {
        let is_named = |field: usize| stands_by(&fields[field], words, &candidate.at, gap);
        let named: Vec<usize> = candidate
            .fits
            .iter()
            .map(|(field, _)| *field)
            .filter(|field| is_named(*field))
            .collect();
        if !named.is_empty() {
            candidate.fits.retain(|(field, _)| named.contains(field));
            break;
        }
    }
    let is_asked = |field: usize| Some(field) == asked;
    if candidate.fits.iter().any(|(field, _)| is_asked(*field)) {
        candidate.fits.retain(|(field, _)| is_asked(*field));
    }
}

/// Every value that is the only one of its field, and whose words are no other field's.
fn settle(fields: &[Field], candidates: &[Candidate], found: &mut Understood) {
    for field in 0..fields.len() {
        let mut values =
            candidates.iter().filter(|candidate| candidate.fits.len() == 1).flat_map(|candidate| {
                candidate.fits.iter().filter(|(of, _)| *of == field).map(|(_, value)| value)
            });
        let Some(value) = values.next() else { continue };
        if values.all(|other| other == value) {
            found.values.push((field, value.clone()));
        }
    }
}

/// `Model: Pro; Why: it is slow`, one a line or between semicolons: what stands under a name, and
/// the rest of the text.
pub(super) fn named_parts(fields: &[Field], text: &str, hand: &Hand<'_>) -> (Understood, String) {
    let (mut found, mut rest) = (Understood::default(), Vec::new());
    for part in text.split(['\n', ';']) {
        let named = part.split_once([':', '=']).and_then(|(name, value)| {
            Some((of_name(fields, name)?, value.trim())).filter(|(_, value)| !value.is_empty())
        });
        let switched = of_name(fields, part).filter(|field| fields[*field].kind == "toggle");
        match (named, switched) {
            (Some((field, value)), _) => match fields[field].judge(Some(&json!(value)), hand) {
                Ok(Some(value)) => {
                    found.values.retain(|(known, _)| *known != field);
                    found.values.push((field, value));
                }
                Ok(None) => {}
                Err(words) => found.wrong.push((field, words)),
            },
            // The name of a yes-or-no field alone says yes to it.
            (None, Some(field)) => found.values.push((field, json!(true))),
            (None, None) => rest.push(part),
        }
    }
    (found, rest.join("\n"))
}

/// The field that is called so. A name of two fields names none.
fn of_name(fields: &[Field], name: &str) -> Option<usize> {
    let name = words_of(name);
    let is_called = |field: &Field| field.names().any(|known| words_of(known) == name);
    let mut called = (0..fields.len()).filter(|&field| is_called(&fields[field]));
    let field = called.next()?;
    (called.next().is_none() && !name.is_empty()).then_some(field)
}

/// Every run of words that is a value, the longest alone: the year of a date is no number.
fn candidates(fields: &[Field], words: &[&str], hand: &Hand<'_>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for from in 0..words.len() {
        for to in from + 1..=words.len().min(from + LONGEST) {
            let joined = words[from..to].join(" ");
            let text = trimmed(&joined);
            let fits: Vec<(usize, Value)> = (0..fields.len())
                .filter_map(|field| Some((field, plain(&fields[field], text, hand)?)))
                .collect();
            // A date is no two numbers even where no date is asked for.
            let is_other = hand.date(text).is_some() || hand.time(text).is_some() || is_email(text);
            if !fits.is_empty() || is_other {
                all.push(Candidate { at: from..to, fits });
            }
        }
    }
    let spans: Vec<Range<usize>> = all.iter().map(|candidate| candidate.at.clone()).collect();
    let within = |at: &Range<usize>| {
        let holds =
            |span: &&Range<usize>| span.start <= at.start && at.end <= span.end && *span != at;
        spans.iter().find(holds).is_some()
    };
    all.retain(|candidate| !within(&candidate.at));
    all
}

/// The value of a field that these words are and nothing else.
fn plain(field: &Field, text: &str, hand: &Hand<'_>) -> Option<Value> {
    match field.kind {
        "choice" => {
            let name = words_of(text);
            let is_called = |choice: &&Choice| choice.names().any(|known| words_of(known) == name);
            let mut called = field.choices.iter().filter(is_called);
            let choice = called.next().filter(|_| !name.is_empty())?;
            return called.next().is_none().then(|| json!(choice.title.first()));
        }
        "date" | "time" | "number" | "email" => {}
        // Of a text only what has the author's own form, and a digit, so that it is no word.
        "text" if field.pattern.is_some() && text.contains(|c: char| c.is_ascii_digit()) => {}
        _ => return None,
    }
    field.judge(Some(&json!(text)), hand).ok().flatten()
}

/// A name of the field stands before these words, with so many words between, or right behind a
/// number: `from 2026-12-01`, `First day is 2026-12-01`, `4 days`.
fn stands_by(field: &Field, words: &[String], at: &Range<usize>, gap: usize) -> bool {
    field.names().map(words_of).filter(|name| !name.is_empty()).any(|name| {
        let name: Vec<&str> = name.split(' ').collect();
        let is_there = |start: usize| {
            words.get(start..start + name.len()).is_some_and(|run| run.iter().eq(name.iter()))
        };
        let before = at.start.checked_sub(gap + name.len()).is_some_and(is_there);
        before || (gap == 0 && field.kind == "number" && is_there(at.end))
    })
}

/// Without the punctuation around it.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches(['(', '"', '“', '„', '‘', '<', '[']).trim_end_matches(|c: char| {
        matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '“' | '”' | '’' | '>' | ']')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pipeline::language::{phrases, text::Title},
        source::{At, Place},
    };

    fn field(id: &str, kind: &'static str, names: &[&str], choices: &[&str]) -> Field {
        let place = Place::start_of("form");
        let choices = choices
            .iter()
            .map(|title| Choice { title: Title::plain(title, &place), synonyms: Vec::new() })
            .collect();
        Field {
            id: At::new(id.to_owned(), &place),
            label: Some(Title::plain(names[0], &place)),
            kind,
            shape: crate::model::Shape::Text,
            required: true,
            private: false,
            choices,
            synonyms: names[1..].iter().map(|&name| name.to_owned()).collect(),
            pattern: None,
            min: None,
            max: None,
        }
    }

    fn leave() -> Vec<Field> {
        vec![
            field("kind", "choice", &["Kind of leave"], &["Annual", "Parental", "Unpaid leave"]),
            field("first", "date", &["First day", "from"], &[]),
            field("last", "date", &["Last day", "to", "until"], &[]),
            field("days", "number", &["Working days", "days"], &[]),
            field("note", "multiline", &["Note"], &[]),
            field("call", "toggle", &["Please call me"], &[]),
        ]
    }

    fn read(fields: &[Field], asked: Option<usize>, text: &str) -> String {
        let locales = ["en-US", "en"];
        let hand = Hand { phrases: phrases("en"), locales, century: 20 };
        let found = understand(fields, text, asked, &hand);
        let value =
            |(field, value): &(usize, Value)| format!("{}={value}", fields[*field].id.value);
        let mut said: Vec<String> = found.values.iter().map(value).collect();
        said.sort();
        said.extend(found.wrong.iter().map(|(field, _)| format!("{}!", fields[*field].id.value)));
        said.join(" ").replace('"', "")
    }

    #[test]
    fn a_sentence_fills_in_what_is_plain() {
        let everything = "kind=Annual days=4 first=2026-12-21 last=2026-12-24";
        let mut sorted: Vec<&str> = everything.split(' ').collect();
        sorted.sort_unstable();
        let sorted = sorted.join(" ");
        for text in [
            "Annual leave from 2026-12-21 to 2026-12-24, 4 days.",
            "I want annual leave: 4 working days, from the 12/21/2026 until Dec 24, 2026!",
            "Kind of leave: Annual; First day: 2026-12-21; Last day = 12/24/26\nWorking days: 4",
        ] {
            assert_eq!(read(&leave(), None, text), sorted, "{text}");
        }
    }

    #[test]
    fn what_could_belong_to_two_fields_belongs_to_none() {
        for (text, read_as) in [
            // Two days, and neither says which.
            ("Annual, 2026-12-21 2026-12-24", "kind=Annual"),
            ("2026-12-21", ""),
            ("from 2026-12-21 or from 2026-12-22", ""),
            // Two kinds, two numbers.
            ("Annual or Parental", ""),
            ("4 or 5 of them", ""),
            // The year of a date is no number, nor is a time's hour.
            ("Dec 24, 2026", ""),
            ("at 8:30", ""),
            // Part of a title is not the title.
            ("unpaid", ""),
            ("I would rather not say", ""),
        ] {
            assert_eq!(read(&leave(), None, text), read_as, "{text}");
        }
        assert_eq!(read(&leave(), Some(2), "then 2026-12-24, I think"), "last=2026-12-24");
    }

    #[test]
    fn what_stands_under_a_name_is_that_field_or_a_mistake_in_it() {
        for (text, read_as) in [
            ("Note: back on 2026-12-27", "note=back on 2026-12-27"),
            ("Please call me", "call=true"),
            ("please call me: no", "call=false"),
            ("Working days: many", "days!"),
            ("Elsewhere: 2026", "days=2026"),
        ] {
            assert_eq!(read(&leave(), None, text), read_as, "{text}");
        }
    }
}

//! One field of a form: how it is read from a file, and what counts as an answer to it.

use regex::Regex;
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::{
    figure::{Figure, number_in, number_value, plain_part},
    kind::kind_of,
    values::{Hand, is_email},
};
use crate::{
    model::{Shape, Words, words::clean},
    pipeline::{
        language::{fill, text::Title},
        stages::keys::is_name,
        typed::normal,
    },
    source::{At, Fields, Node, NodeKind, Problems},
};

/// One field of a form; its answer is `Data.<id>`.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: At<String>,
    /// None for the one answer of `save_as`, whose label is the question.
    pub(super) label: Option<Title>,
    pub(super) kind: &'static str,
    /// What its answer is: anything, where its type could not be read.
    pub(super) shape: Shape,
    pub(super) required: bool,
    pub(super) private: bool,
    pub(super) choices: Vec<Choice>,
    /// Other names by which the guest may call it.
    pub(super) synonyms: Vec<String>,
    pub(super) pattern: Option<Regex>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// One of the answers of a choice.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) title: Title,
    pub(super) synonyms: Vec<String>,
}

impl Choice {
    /// A title, or `{ title: …, synonyms: […] }`.
    fn read(node: &Node, problems: &Problems) -> Option<Choice> {
        let NodeKind::Map(entries) = &node.kind else {
            return Some(Choice {
                title: Title::read(node, problems, "a choice")?,
                synonyms: vec![],
            });
        };
        if !entries.iter().any(|(key, _)| matches!(key.value.as_str(), "title" | "synonyms")) {
            return Some(Choice {
                title: Title::read(node, problems, "a choice")?,
                synonyms: vec![],
            });
        }
        let entry = node.fields(problems, "a choice")?;
        let title = entry.require("title").and_then(|node| Title::read(node, problems, "`title`"));
        let synonyms = entry.texts("synonyms").into_iter().map(|synonym| synonym.value).collect();
        entry.finish();
        Some(Choice { title: title?, synonyms })
    }

    /// Everything that a guest may call it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.title.all().chain(self.synonyms.iter().map(String::as_str))
    }
}

/// False for an empty list.
fn is_something(node: &Node) -> bool {
    !matches!(&node.kind, NodeKind::List(items) if items.is_empty())
}

impl Field {
    pub(super) fn read(entry: &Fields<'_>) -> Option<Field> {
        let problems = entry.problems;
        let id = entry.require_text("id");
        let label = entry.get("label").and_then(|node| Title::read(node, problems, "`label`"));
        let (kind, shape) = kind_of(entry);
        let required = entry.bool("required", true);
        let private = entry.bool("private", false);
        let choices: Vec<Choice> = entry
            .get("choices")
            .and_then(|node| node.list(problems, "`choices`"))
            .unwrap_or_default()
            .iter()
            .filter_map(|node| Choice::read(node, problems))
            .collect();
        answers(&choices, problems);
        let synonyms = entry.texts("synonyms").into_iter().map(|name| name.value).collect();
        let pattern = entry.text("pattern").and_then(|pattern| compile(&pattern, problems));
        let (min, max) =
            (entry.number("min").map(|n| n.value), entry.number("max").map(|n| n.value));
        if let Some(label) = label.as_ref().filter(|label| label.all().any(|l| l.trim().is_empty()))
        {
            problems.error(
                &label.place,
                "a field's label is empty",
                "write it, or leave `label` out",
            );
        }
        limits(entry, kind);
        // Choices that could not be read are told already.
        let has_unread = entry.get("choices").is_some_and(is_something);
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
        if kind == "choice" && choices.is_empty() && !has_unread {
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
        Some(Field {
            id,
            label,
            kind,
            shape,
            required,
            private,
            choices,
            synonyms,
            pattern,
            min,
            max,
        })
    }

    /// True when the file gives it no label: its id stands in for one.
    pub(super) fn is_unnamed(&self) -> bool {
        self.label.as_ref().is_some_and(|label| label.place == self.id.place)
    }

    /// What was given, in words.
    pub(super) fn words(&self, given: &str) -> Words {
        if self.private { Words::private(given) } else { Words::typed(given) }
    }

    /// What was given, as it stands in the form that is asked again: words as they are, anything
    /// else in the one form that its input takes, or nothing.
    pub(super) fn mark(&self, given: &Value, hand: &Hand<'_>) -> String {
        let text = match self.kind {
            "text" | "multiline" | "email" => shown(given),
            _ => self.read_value(given, hand).map(|value| shown(&value)).unwrap_or_default(),
        };
        if self.private { Words::private(&text).variable() } else { clean(&text).into_owned() }
    }

    /// Its answer is a date or a time.
    pub(super) fn is_moment(&self) -> bool {
        matches!(self.kind, "date" | "time")
    }

    /// Any words are an answer.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.kind, "text" | "multiline") && self.pattern.is_none()
    }

    /// Everything that a guest may call it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let label = self.label.iter().flat_map(Title::all);
        label.chain(self.synonyms.iter().map(String::as_str))
    }

    /// What it is called to its reader.
    pub(super) fn label<'a>(&'a self, locales: &[&str]) -> &'a str {
        self.label.as_ref().map(|label| label.get(locales)).unwrap_or_default()
    }

    /// What a choice that was made is called to its reader.
    pub(super) fn title_of(&self, chosen: &Value, locales: &[&str]) -> Option<String> {
        let is_it = |choice: &&Choice| chosen.as_str() == Some(choice.title.first());
        Some(self.choices.iter().find(is_it)?.title.get(locales).to_owned())
    }

    /// What a text is as a value of the field's type; nothing when it is none.
    fn read_value(&self, given: &Value, hand: &Hand<'_>) -> Option<Value> {
        let text = shown(given);
        let text = text.trim();
        match self.kind {
            // As JSON it is in no language.
            "number" if given.is_number() => given.as_f64().map(number_value),
            "choice" => self.chosen(text),
            "date" => hand.date(text).map(|date| Value::String(date.to_string())),
            "time" => hand.time(text).map(|time| Value::String(time.strftime("%H:%M").to_string())),
            "number" => hand.number(text).one().map(number_value),
            "toggle" => hand.truth(text).map(Value::Bool),
            "email" => is_email(text).then(|| Value::String(text.to_owned())),
            _ => Some(Value::String(text.to_owned())),
        }
    }

    /// The value to keep, nothing for an optional field left empty, or what is wrong with it.
    pub(super) fn judge(
        &self,
        given: Option<&Value>,
        hand: &Hand<'_>,
    ) -> Result<Option<Value>, Words> {
        let (phrases, label) = (hand.phrases, self.label(&hand.locales));
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
        let value = given.and_then(|given| self.read_value(given, hand));
        let value = value.ok_or_else(|| self.misread(text, hand))?;
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
                Err(fill(phrase, &[("label", label), (key, &number_in(limit, hand.locales[0]))]))
            }
            None => Ok(Some(value)),
        }
    }

    /// Why a text is none of the field's values.
    fn misread(&self, text: &str, hand: &Hand<'_>) -> Words {
        let (phrases, label) = (hand.phrases, self.label(&hand.locales));
        let why = match self.kind {
            "choice" => phrases.not_a_choice,
            "date" => phrases.not_a_date,
            "time" => phrases.not_a_time,
            "number" => phrases.not_a_number,
            "toggle" => phrases.not_yes_or_no,
            _ => phrases.not_an_email,
        };
        let why = fill(why, &[("label", label)]);
        let figure = if self.kind == "number" { hand.number(text) } else { Figure::None };
        let Figure::Either { whole, part } = figure else { return why };
        let locale = hand.locales[0];
        let (whole, part) = (number_in(whole, locale), plain_part(part, locale));
        let values = [("label", label), ("given", text), ("whole", &whole), ("part", &part)];
        let asked = fill(phrases.two_numbers, &values);
        if self.private { Words::veiled(&why, &asked) } else { asked }
    }

    /// The choice that a text is: its title in any language, a synonym, or its number.
    fn chosen(&self, text: &str) -> Option<Value> {
        let by_number =
            text.parse::<usize>().ok().and_then(|number| self.choices.get(number.checked_sub(1)?));
        let named = |choice: &&Choice| choice.names().any(|name| normal(name) == normal(text));
        let chosen = self.choices.iter().find(named).or(by_number)?;
        Some(Value::String(chosen.title.first().to_owned()))
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

/// Complains about `min` and `max` that say nothing.
fn limits(entry: &Fields<'_>, kind: &str) {
    let problems = entry.problems;
    if let Some(max) = entry.number("max").filter(|max| max.value < 0.0 && kind != "number") {
        problems.error(&max.place, "nothing is shorter than nothing", "write `max: 1` or more");
    }
    if !matches!(kind, "number" | "text" | "multiline" | "email") {
        for key in ["min", "max"] {
            if entry.number(key).is_some() {
                problems.warning(
                    entry.place_of(key),
                    format!("`{key}` does nothing for `type: {kind}`"),
                    "remove it: it is for numbers, and for the length of texts",
                );
            }
        }
    }
}

/// Complains about answers that nobody can tell apart.
fn answers(choices: &[Choice], problems: &Problems) {
    for (index, choice) in choices.iter().enumerate() {
        if choice.names().any(|name| name.trim().is_empty()) {
            let what = "a choice, or a synonym of it, is empty";
            problems.error(&choice.title.place, what, "write a word, or remove it");
        }
        // Of very long lists the first ones are compared.
        for other in choices[..index].iter().take(100) {
            let name = choice.names().find(|own| {
                !own.trim().is_empty() && other.names().any(|name| normal(name) == normal(own))
            });
            if let Some(name) = name {
                problems.error(
                    &choice.title.place,
                    format!("`{name}` stands for the choice `{}` too", other.title.first()),
                    "give it to one choice alone: which one is meant nobody could know",
                );
            }
        }
    }
}

fn compile(pattern: &At<String>, problems: &Problems) -> Option<Regex> {
    if pattern.value.len() > 1 && pattern.value.starts_with('/') && pattern.value.ends_with('/') {
        problems.warning(
            &pattern.place,
            "slashes around a pattern are part of it here: an answer would have to have them",
            "leave them out",
        );
    }
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

//! `ask`: asks with a form, or for one text answer.

use std::time::Duration;

use jiff::civil::{Date, Time};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Words, words::clean},
    pipeline::{
        language::{self, Phrases, fill, text::Title},
        stage::{Behaviour, Cx, Flow, Mention, Speech, object},
        stages::{
            menu::{normal, read_save_as, yes_or_no},
            set::is_name,
        },
    },
    source::{At, Fields, Problems},
};

/// Settings of an `ask` stage.
#[derive(Debug, Clone)]
pub struct Ask {
    speech: Speech,
    fields: Vec<Field>,
    timeout: Option<Duration>,
}

/// One field of a form; its answer is `Data.<id>`.
#[derive(Debug, Clone)]
struct Field {
    id: At<String>,
    /// None for the one answer of `save_as`, whose label is the question.
    label: Option<Title>,
    kind: &'static str,
    required: bool,
    private: bool,
    choices: Vec<Title>,
    pattern: Option<Regex>,
    min: Option<f64>,
    max: Option<f64>,
}

const KINDS: [&str; 8] =
    ["text", "multiline", "choice", "date", "time", "number", "toggle", "email"];
/// Choices up to this many are all shown.
const EXPANDED: usize = 5;

impl Ask {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let problems = fields.problems;
        let speech = Speech::read(fields, false);
        let timeout = fields.duration("timeout");
        let save_as = read_save_as(fields);
        let mut all: Vec<Field> = Vec::new();
        let wants_one = fields.get("save_as").is_some();
        match fields.get("fields") {
            Some(_) if wants_one => problems.error(
                fields.place_of("save_as"),
                format!("{} has both `fields` and `save_as`", fields.name),
                "keep one of them",
            ),
            Some(list) => {
                for item in list.list(problems, "`fields`").unwrap_or_default() {
                    let Some(entry) = item.fields(problems, "a field") else { continue };
                    let Some(field) = Field::read(&entry) else { continue };
                    if all.iter().any(|other| other.id.value == field.id.value) {
                        problems.error(
                            &field.id.place,
                            format!("`{}` is asked twice", field.id.value),
                            "give every field an id of its own",
                        );
                    }
                    all.push(field);
                }
                if all.is_empty() && !problems.any_error() {
                    problems.error(
                        &list.place,
                        format!("{} has no fields", fields.name),
                        "add `- { id: …, label: … }`",
                    );
                }
            }
            None if !wants_one => problems.error(
                fields.place,
                format!("{} needs `fields` or `save_as`", fields.name),
                "add `save_as: name` for one text answer, or `fields:`",
            ),
            None => {}
        }
        if let Some(id) = save_as {
            all.push(Field {
                id,
                label: None,
                kind: "multiline",
                required: true,
                private: false,
                choices: Vec::new(),
                pattern: None,
                min: None,
                max: None,
            });
        }
        Some(Ask { speech, fields: all, timeout })
    }

    fn text(&self, cx: &Cx<'_>) -> Words {
        self.speech.text.as_ref().map(|text| cx.render(text)).unwrap_or_default()
    }

    fn show(
        &self,
        cx: &mut Cx<'_>,
        notice: Words,
        given: &Map<String, Value>,
        errors: &[(usize, Words)],
    ) {
        let text = self.text(cx);
        let (phrases, locales) = (cx.phrases(), cx.locales());
        let fields: Vec<Value> = self
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let error = errors.iter().find(|(at, _)| *at == index).map(|(_, words)| words.variable()).unwrap_or_default();
                let value = given.get(&field.id.value).map(|value| clean(&shown(value)).into_owned()).unwrap_or_default();
                let label = field.label.as_ref().map_or_else(|| text.plain(), |label| label.get(&locales).to_owned());
                json!({
                    "id": field.id.value, "label": label, "type": field.kind, "required": field.required, "multiline": field.kind == "multiline",
                    "choices": field.choices.iter().map(|choice| json!({ "title": choice.get(&locales), "value": choice.first() })).collect::<Vec<_>>(),
                    "expanded": field.choices.len() <= EXPANDED, "value": value, "error": error,
                    "min": field.min.map(number).unwrap_or_default(), "max": field.max.map(number).unwrap_or_default(),
                    "need": fill(phrases.required, &[("label", &label)]).plain(),
                })
            })
            .collect();
        let summary = if text.is_empty() { Words::own(phrases.fill_form) } else { text.clone() };
        // The question of a single answer is its input's label already.
        let above = if self.fields.iter().any(|field| field.label.is_none()) {
            Words::default()
        } else {
            text
        };
        let own = json!({
            "notice": notice.variable(), "beside": !errors.is_empty(), "text": above.variable(), "fields": fields,
            "words": { "send": phrases.send },
        });
        let template =
            self.speech.template.as_ref().map_or("ask", |template| template.value.as_str());
        cx.ask(template, object(own), summary, Asks::Stage);
    }

    /// What the session knows already of this form. A single answer is asked afresh: it is a
    /// question, not a form.
    fn known(&self, cx: &Cx<'_>) -> Map<String, Value> {
        let metadata = &cx.session().metadata;
        let fields = self.fields.iter().filter(|field| field.label.is_some() && !field.private);
        fields
            .filter_map(|field| {
                let entry = metadata
                    .entry(&format!("Data.{}", field.id.value))
                    .filter(|entry| !entry.private)?;
                Some((field.id.value.clone(), entry.value.clone()))
            })
            .collect()
    }

    /// Takes a form or a typed answer; asks again with the reasons when something is wrong.
    fn take(&self, cx: &mut Cx<'_>, given: &Map<String, Value>, said: Option<&str>) -> Flow {
        let (phrases, locales) = (cx.phrases(), cx.locales());
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for (index, field) in self.fields.iter().enumerate() {
            match field.judge(given.get(&field.id.value), phrases, &locales) {
                Ok(Some(value)) => values.push((field, value)),
                Ok(None) => {}
                Err(words) => errors.push((index, words)),
            }
        }
        let line = |field: &Field, value: &Value| {
            let value = if field.private {
                "…".to_owned()
            } else {
                language::value(value, field.kind == "date", locales[0])
                    .unwrap_or_else(|| shown(value))
            };
            match &field.label {
                Some(label) => format!("{}: {value}", label.get(&locales)),
                None => value,
            }
        };
        let summary =
            values.iter().map(|(field, value)| line(field, value)).collect::<Vec<_>>().join("; ");
        // A private answer stands in no transcript, whichever way it was given: transcripts cross
        // where the key does not.
        let is_private = self.fields.iter().any(|field| field.private);
        let heard = said.filter(|_| !is_private).map_or_else(|| summary.clone(), str::to_owned);
        cx.heard(heard);
        let question = self.text(cx);
        if !errors.is_empty() {
            cx.settle(&question, &Words::typed(said.unwrap_or(&summary)));
            cx.miss();
            let notice = errors.iter().fold(Words::default(), |all, (_, words)| all.then(words));
            self.show(cx, notice, given, &errors);
            return Flow::Stay;
        }
        cx.settle(&question, &Words::typed(&summary));
        // What stood in the form and was taken out is known no longer. What is private never stood
        // there, so leaving it out says nothing.
        for id in self
            .known(cx)
            .keys()
            .filter(|id| !values.iter().any(|(field, _)| field.id.value == **id))
        {
            cx.session_mut().metadata.remove(&format!("Data.{id}"));
        }
        for (field, value) in values {
            cx.set(&format!("Data.{}", field.id.value), value, field.private);
        }
        Flow::Next
    }
}

impl Field {
    fn read(entry: &Fields<'_>) -> Option<Field> {
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

    /// The value to keep, nothing for an optional field left empty, or what is wrong with it.
    fn judge(
        &self,
        given: Option<&Value>,
        phrases: &Phrases,
        locales: &[&str],
    ) -> Result<Option<Value>, Words> {
        let label = self.label.as_ref().map(|label| label.get(locales)).unwrap_or_default();
        let text = given.map(shown).unwrap_or_default();
        let text = text.trim();
        let wrong = |phrase: &str| Err(fill(phrase, &[("label", label)]));
        if text.is_empty() {
            return if self.kind == "toggle" && given.is_some() {
                Ok(Some(Value::Bool(false)))
            } else if self.required {
                wrong(phrases.required)
            } else {
                Ok(None)
            };
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            return wrong(phrases.not_the_pattern);
        }
        let value = match self.kind {
            "choice" => {
                let by_number = text
                    .parse::<usize>()
                    .ok()
                    .and_then(|number| self.choices.get(number.checked_sub(1)?));
                let chosen = self
                    .choices
                    .iter()
                    .find(|choice| choice.all().any(|name| normal(name) == normal(text)))
                    .or(by_number);
                match chosen {
                    Some(choice) => Value::String(choice.first().to_owned()),
                    None => return wrong(phrases.not_a_choice),
                }
            }
            "date" => match date(text) {
                Some(date) => Value::String(date.to_string()),
                None => return wrong(phrases.not_a_date),
            },
            "time" => match time(text) {
                Some(time) => Value::String(time.strftime("%H:%M").to_string()),
                None => return wrong(phrases.not_a_time),
            },
            "number" => {
                match text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite())
                {
                    Some(number) => {
                        let limits = |phrase: &str, key: &str, limit: f64| {
                            fill(phrase, &[("label", label), (key, &number_text(limit))])
                        };
                        if let Some(min) = self.min.filter(|min| number < *min) {
                            return Err(limits(phrases.too_small, "min", min));
                        }
                        if let Some(max) = self.max.filter(|max| number > *max) {
                            return Err(limits(phrases.too_big, "max", max));
                        }
                        number_value(number)
                    }
                    None => return wrong(phrases.not_a_number),
                }
            }
            "toggle" => match given {
                Some(Value::Bool(truth)) => Value::Bool(*truth),
                _ => match text {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    text => match yes_or_no(&Event::Said(text.to_owned()), phrases).0 {
                        Some(truth) => Value::Bool(truth),
                        None => return wrong(phrases.not_yes_or_no),
                    },
                },
            },
            "email" => {
                let fits = text.split_once('@').is_some_and(|(name, host)| {
                    !name.is_empty()
                        && host.contains('.')
                        && !host.starts_with('.')
                        && !host.ends_with('.')
                        && !host.contains('@')
                }) && !text.contains(char::is_whitespace);
                if !fits {
                    return wrong(phrases.not_an_email);
                }
                Value::String(text.to_owned())
            }
            _ => Value::String(text.to_owned()),
        };
        if matches!(self.kind, "text" | "multiline" | "email") {
            // A length is a count of what a person sees as characters; more than 2^52 of them
            // cannot arrive.
            let length =
                unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count() as f64;
            let limits = |phrase: &str, key: &str, limit: f64| {
                fill(phrase, &[("label", label), (key, &number_text(limit))])
            };
            if let Some(min) = self.min.filter(|min| length < *min) {
                return Err(limits(phrases.too_short, "min", min));
            }
            if let Some(max) = self.max.filter(|max| length > *max) {
                return Err(limits(phrases.too_long, "max", max));
            }
        }
        Ok(Some(value))
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

/// `2026-12-24`, and `24.12.2026` as people write it.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| Date::strptime("%d.%m.%Y", text).ok())
}

/// `08:30`, `8:30`.
fn time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok().or_else(|| Time::strptime("%H:%M:%S", text).ok())
}

/// A number as JSON: whole where it is.
fn number_value(number: f64) -> Value {
    // Exact below 2^53, and compared back before it is used.
    let whole = number as i64;
    if whole as f64 == number && number.abs() < 9e15 { json!(whole) } else { json!(number) }
}

fn number_text(number: f64) -> String {
    number_value(number).to_string()
}

fn number(number: f64) -> String {
    number_text(number)
}

/// A value as text.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl Behaviour for Ask {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        // A form reached again stands filled with what is known already; only what is private has
        // to be given anew.
        let known = self.known(cx);
        self.show(cx, Words::default(), &known, &[]);
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        match event {
            Event::Clicked { data, .. } => self.take(cx, data, None),
            Event::Said(typed) => match self.fields.as_slice() {
                // The whole text is the answer to a form of one field.
                [only] => {
                    let given = object(json!({ only.id.value.as_str(): typed }));
                    self.take(cx, &given, Some(typed))
                }
                _ => {
                    cx.heard(typed.as_str());
                    let question = self.text(cx);
                    cx.settle(&question, &Words::typed(typed));
                    cx.miss();
                    let notice = Words::own(cx.phrases().fill_form);
                    let known = self.known(cx);
                    self.show(cx, notice, &known, &[]);
                    Flow::Stay
                }
            },
            _ => Flow::Stay,
        }
    }

    fn is_free_text(&self) -> bool {
        matches!(self.fields.as_slice(), [only] if !matches!(only.kind, "choice" | "toggle"))
    }

    fn knows(&self, typed: &str) -> bool {
        let named = |choice: &Title| choice.all().any(|name| normal(name) == normal(typed));
        matches!(self.fields.as_slice(), [only] if only.choices.iter().any(named))
    }

    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.speech.mentions()
    }

    fn dates(&self) -> Vec<String> {
        self.fields
            .iter()
            .filter(|field| field.kind == "date")
            .map(|field| format!("Data.{}", field.id.value))
            .collect()
    }

    fn sets(&self) -> Vec<At<String>> {
        self.fields
            .iter()
            .map(|field| At::new(format!("Data.{}", field.id.value), &field.id.place))
            .collect()
    }
}

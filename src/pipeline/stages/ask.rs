//! `ask`: asks with a form, or for one text answer.

mod field;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Words, words::clean},
    pipeline::{
        cx::{Cx, object},
        flow::Flow,
        language::{self, fill, text::Title},
        stage::{Behaviour, Mention, Speech},
        stages::keys::read_save_as,
        typed::normal,
    },
    source::{At, Fields},
};
use field::{Field, number_text, shown};

/// Settings of an `ask` stage.
#[derive(Debug, Clone)]
pub struct Ask {
    speech: Speech,
    fields: Vec<Field>,
    timeout: Option<Duration>,
}

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
                    "min": field.min.map(number_text).unwrap_or_default(), "max": field.max.map(number_text).unwrap_or_default(),
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

//! `ask`: asks with a form, or for one text answer.

mod field;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Named, Words},
    pipeline::{
        cx::{Cx, object},
        flow::Flow,
        language::{
            self, fill,
            text::{Text, Title},
        },
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
                let value = given.get(&field.id.value).map(|value| field.mark(&shown(value))).unwrap_or_default();
                let label = field.label.as_ref().map_or_else(|| text.plain(), |label| label.get(&locales).to_owned());
                let title = if field.label.is_some() { label.clone() } else { text.variable() };
                json!({
                    "id": field.id.value, "label": title, "type": field.kind, "required": field.required, "multiline": field.kind == "multiline",
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

    /// What was answered, in one line.
    fn summary(&self, values: &[(&Field, Value)], locales: &[&str]) -> Words {
        let mut line = Words::default();
        for (at, (field, value)) in values.iter().enumerate() {
            let value = language::value(value, field.kind == "date", locales[0])
                .unwrap_or_else(|| shown(value));
            let label = field.label.as_ref().map(|label| format!("{}: ", label.get(locales)));
            let before = if at == 0 { "" } else { "; " };
            line = line.beside(&Words::typed(&format!("{before}{}", label.unwrap_or_default())));
            line = line.beside(&field.words(&value));
        }
        line
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
        let summary = self.summary(&values, &locales);
        // Of what was typed nobody can say which part of it is the private answer.
        let is_private = self.fields.iter().any(|field| field.private);
        let heard = match said {
            Some(said) if !is_private => Words::typed(said),
            // What did not fit may be the answer with a slip in it.
            Some(said) if !errors.is_empty() => Words::private(said),
            _ => summary.clone(),
        };
        cx.heard_words(heard.clone());
        let question = self.text(cx);
        if !errors.is_empty() {
            cx.settle(&question, &heard.hidden());
            cx.miss();
            let notice = errors.iter().fold(Words::default(), |all, (_, words)| all.then(words));
            self.show(cx, notice, given, &errors);
            return Flow::Stay;
        }
        // Not even to the guest: others may look over their shoulder later.
        cx.settle(&question, &summary.hidden());
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
                    let is_private = self.fields.iter().any(|field| field.private);
                    let words =
                        if is_private { Words::private(typed) } else { Words::typed(typed) };
                    let question = self.text(cx);
                    cx.settle(&question, &words.hidden());
                    cx.heard_words(words);
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

    fn private_keys(&self) -> Vec<&str> {
        let private = self.fields.iter().filter(|field| field.private);
        private.map(|field| field.id.value.as_str()).collect()
    }

    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.speech.mentions()
    }

    fn labels(&self) -> Vec<(String, Named)> {
        // The one answer's label is the question.
        let question = || self.speech.text.as_ref().and_then(Text::name);
        let of = |field: &Field| match &field.label {
            Some(label) => Some(label.name().clone()).filter(|_| !field.is_unnamed()),
            None => question(),
        };
        let labelled = |field: &Field| Some((format!("Data.{}", field.id.value), of(field)?));
        self.fields.iter().filter_map(labelled).collect()
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

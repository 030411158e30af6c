//! `ask`: asks with a form, or for one text answer.

mod alike;
mod field;
mod figure;
mod kind;
mod sentence;
mod typing;
mod values;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Named, Shape, Spoken, Words},
    pipeline::{
        cx::{Cx, object},
        flow::Flow,
        language::{self, fill, text::Text},
        stage::{Behaviour, Mention, Speech},
        stages::keys::read_save_as,
        typed::{is_number, normal},
    },
    source::{At, Fields},
};
use alike::unlike;
use field::{Field, number_text, shown};
use values::Hand;

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
        let timeout = fields.wait("timeout");
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
                    unlike(&all, &field, problems);
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
            None if !wants_one => fields.lacks(
                "save_as",
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
                shape: Shape::Text,
                required: true,
                private: false,
                choices: Vec::new(),
                synonyms: Vec::new(),
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

    /// Shows the form, filled in as far as it is known.
    fn show(&self, cx: &mut Cx<'_>, sheet: Sheet<'_>) {
        let text = self.text(cx);
        let (phrases, hand) = (cx.phrases(), hand(cx));
        let Sheet { notice, given, errors, asks } = sheet;
        let fields: Vec<Value> = (0..self.fields.len())
            .map(|index| self.input(index, &text, given, errors, &hand))
            .collect();
        let summary = match (notice.is_empty(), text.is_empty()) {
            (false, _) if asks != Asks::Stage => notice.clone(),
            (_, false) => text.clone(),
            _ => Words::own(phrases.fill_form),
        };
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
        cx.ask(template, object(own), summary, asks);
    }

    /// The variables of one field.
    fn input(
        &self,
        index: usize,
        text: &Words,
        given: &Map<String, Value>,
        errors: &[(usize, Words)],
        hand: &Hand<'_>,
    ) -> Value {
        let (field, phrases, locales) = (&self.fields[index], hand.phrases, &hand.locales);
        let error = errors.iter().find(|(at, _)| *at == index);
        let error = error.map(|(_, words)| words.variable()).unwrap_or_default();
        let value = given.get(&field.id.value).map(|value| field.mark(value, hand));
        let label = field
            .label
            .as_ref()
            .map_or_else(|| text.plain(), |label| label.get(locales).to_owned());
        let title = if field.label.is_some() { label.clone() } else { text.variable() };
        // Only numbers and lengths have limits that an input knows.
        let is_sized = matches!(field.kind, "number" | "text" | "multiline" | "email");
        let limit =
            |limit: Option<f64>| limit.filter(|_| is_sized).map(number_text).unwrap_or_default();
        json!({
            "id": field.id.value, "label": title, "type": field.kind, "required": field.required, "multiline": field.kind == "multiline",
            "choices": field.choices.iter().map(|choice| json!({ "title": choice.title.get(locales), "value": choice.title.first() })).collect::<Vec<_>>(),
            "expanded": field.choices.len() <= EXPANDED, "value": value.unwrap_or_default(), "error": error,
            "min": limit(field.min), "max": limit(field.max),
            "need": fill(phrases.required, &[("label", &label)]).plain(),
        })
    }

    /// What the session knows already of this form. A single answer is asked afresh: it is a
    /// question, not a form. Of what is private only what was typed into this form stands in it.
    fn known(&self, cx: &Cx<'_>) -> Map<String, Value> {
        let metadata = &cx.session().metadata;
        let typed: &[String] = match cx.asks() {
            Some(Asks::Form { typed, .. }) => typed,
            _ => &[],
        };
        let fields = self.fields.iter().filter(|field| field.label.is_some());
        fields
            .filter_map(|field| {
                let entry = metadata.entry(&format!("Data.{}", field.id.value))?;
                let is_open = !field.private && !entry.private;
                (is_open || typed.contains(&field.id.value))
                    .then(|| (field.id.value.clone(), entry.value.clone()))
            })
            .collect()
    }

    /// What was answered, in one line.
    fn summary(&self, values: &[(&Field, Value)], locales: &[&str]) -> Words {
        let mut line = Words::default();
        for (at, (field, value)) in values.iter().enumerate() {
            let value = language::value(value, field.is_moment(), locales[0])
                .or_else(|| field.title_of(value, locales))
                .unwrap_or_else(|| shown(value));
            let label = field.label.as_ref().map(|label| format!("{}: ", label.get(locales)));
            let before = if at == 0 { "" } else { "; " };
            line = line.beside(&Words::typed(&format!("{before}{}", label.unwrap_or_default())));
            line = line.beside(&field.words(&value));
        }
        line
    }

    /// Takes a form; asks again with the reasons when something is wrong. `said` is what was typed
    /// instead of a click.
    fn take(&self, cx: &mut Cx<'_>, given: &Map<String, Value>, said: Option<&str>) -> Flow {
        let hand = hand(cx);
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        let known = self.known(cx);
        for (index, field) in self.fields.iter().enumerate() {
            let answer = given.get(&field.id.value);
            // What stood in the form and was left there is what it was before.
            let same = |known: &&Value| answer.map(shown) == Some(shown(known));
            match field.judge(known.get(&field.id.value).filter(same).or(answer), &hand) {
                Ok(Some(value)) => values.push((field, value)),
                Ok(None) => {}
                Err(words) => errors.push((index, words)),
            }
        }
        let summary = self.summary(&values, &hand.locales);
        cx.heard_words(match said {
            // Of what was typed nobody can say which part of it is the private answer.
            Some(said) if !self.is_private() => Words::typed(said),
            _ => summary.clone(),
        });
        let question = self.text(cx);
        if !errors.is_empty() {
            cx.settle(&question, &summary.hidden());
            cx.miss();
            let notice = errors.iter().fold(Words::default(), |all, (_, words)| all.then(words));
            let asks = cx.asks().cloned().unwrap_or(Asks::Stage);
            self.show(cx, Sheet { notice, given, errors: &errors, asks });
            return Flow::Stay;
        }
        // Not even to the guest: others may look over their shoulder later.
        cx.settle(&question, &summary.hidden());
        // What stood in the form and was taken out is known no longer. What is private and never
        // stood there is not taken out by leaving it out.
        for id in known.keys().filter(|id| !values.iter().any(|(field, _)| field.id.value == **id))
        {
            cx.session_mut().metadata.remove(&format!("Data.{id}"));
        }
        for (field, value) in values {
            cx.set(&format!("Data.{}", field.id.value), value, field.private);
        }
        Flow::Next
    }

    fn is_private(&self) -> bool {
        self.fields.iter().any(|field| field.private)
    }
}

/// How a form is shown.
struct Sheet<'a> {
    /// What stands above it.
    notice: Words,
    /// What is filled in, by field.
    given: &'a Map<String, Value>,
    /// What is wrong, by the field's index.
    errors: &'a [(usize, Words)],
    /// What the session waits for.
    asks: Asks,
}

/// How the guest writes.
fn hand<'a>(cx: &Cx<'a>) -> Hand<'a> {
    let zone = &cx.facts.directory.zone;
    let year = cx.now().to_zoned_datetime(zone.clone()).year();
    Hand { phrases: cx.phrases(), locales: cx.locales(), century: year / 100 }
}

impl Behaviour for Ask {
    fn questions(&self, cx: &Cx<'_>) -> Vec<(Option<String>, String)> {
        let own = self.speech.text.as_ref();
        let name = |field: &Field| match &field.label {
            Some(label) => Some(label.get(&[cx.tenant.locale.as_str()]).to_owned()),
            None => own.map(|text| cx.render_for_desk(text)),
        };
        let asked = |field: &Field| Some((Some(format!("Data.{}", field.id.value)), name(field)?));
        self.fields.iter().filter_map(asked).collect()
    }

    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        // A form reached again stands filled with what is known already; only what is private has
        // to be given anew.
        let given = self.known(cx);
        if given.is_empty() && cx.asks().is_none() && self.foretold(cx) {
            return Flow::Stay;
        }
        let asks = cx.asks().filter(|asks| matches!(asks, Asks::Form { .. })).cloned();
        let notice = asks.as_ref().map(|_| self.next(cx, &given).1).unwrap_or_default();
        let asks = asks.unwrap_or(Asks::Stage);
        self.show(cx, Sheet { notice, given: &given, errors: &[], asks });
        Flow::Stay
    }

    /// What was said already is the answer to a question for one text. The guest reads that it was
    /// taken, and may give another one.
    fn offered(&self, cx: &mut Cx<'_>, spoken: &Spoken) -> Option<Flow> {
        let [only] = self.fields.as_slice() else { return None };
        // What is private is given as such, and was not said in the open before.
        let is_free = only.kind == "multiline" && only.pattern.is_none() && !only.private;
        if !is_free || spoken.button || is_number(&spoken.words) {
            return None;
        }
        let (hand, locales) = (hand(cx), cx.locales());
        let value = only.judge(Some(&json!(spoken.words)), &hand).ok()??;
        let text = self.text(cx);
        let question = match &only.label {
            Some(label) if text.is_empty() => Words::own(label.get(&locales)),
            _ => text,
        };
        cx.set(&format!("Data.{}", only.id.value), value, false);
        cx.taken(question, &spoken.words);
        Some(Flow::Next)
    }

    fn suggested(&self, cx: &mut Cx<'_>, spoken: &Spoken) -> Flow {
        let fields = self.fields.iter().map(|field| (field.id.value.clone(), json!(spoken.words)));
        let given = fields.collect();
        cx.session_mut().spoken = None;
        let notice = Words::default();
        self.show(cx, Sheet { notice, given: &given, errors: &[], asks: Asks::Stage });
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        match event {
            Event::Clicked { data, .. } => self.take(cx, data, None),
            Event::Said(typed) => self.said(cx, typed),
            _ => Flow::Stay,
        }
    }

    fn is_free_text(&self) -> bool {
        matches!(self.fields.as_slice(), [only] if !matches!(only.kind, "choice" | "toggle"))
    }

    fn knows(&self, typed: &str) -> bool {
        let mut choices = self.fields.iter().flat_map(|field| &field.choices);
        choices.any(|choice| choice.names().any(|name| normal(name) == normal(typed)))
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
            .filter(|field| field.is_moment())
            .map(|field| format!("Data.{}", field.id.value))
            .collect()
    }

    fn shapes(&self) -> Vec<(String, Shape)> {
        let of = |field: &Field| (format!("Data.{}", field.id.value), field.shape);
        self.fields.iter().map(of).collect()
    }

    fn sets(&self) -> Vec<At<String>> {
        self.fields
            .iter()
            .map(|field| At::new(format!("Data.{}", field.id.value), &field.id.place))
            .collect()
    }
}

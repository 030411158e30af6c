//! `menu`: offers choices. A typed title, number or synonym chooses like a button; a close match
//! only asks.

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, StageId, Words, session::keys},
    pipeline::{
        card::{Row, entries},
        cx::{Cx, object},
        flow::{Exits, Flow},
        language::fill,
        language::text::Title,
        stage::{Behaviour, Mention, Speech},
        stages::keys::read_save_as,
        typed::{normal, words_of, yes_or_no},
    },
    source::{At, Fields},
};

/// How similar (0 to 1) a typed word must be to a title for "Did you mean …?".
const CLOSE: f64 = 0.72;

/// With more words than this an answer is a sentence, not the name of a choice.
const MOST_WORDS: usize = 3;

/// Settings of a `menu` stage.
#[derive(Debug, Clone)]
pub struct Menu {
    speech: Speech,
    choices: Vec<Choice>,
    save_as: Option<At<String>>,
    timeout: Option<std::time::Duration>,
}

/// One entry of a menu.
#[derive(Debug, Clone)]
struct Choice {
    title: Title,
    next: Option<At<StageId>>,
    value: Option<String>,
    synonyms: Vec<String>,
    /// A way out: it stands apart from the answers.
    apart: bool,
}

impl Choice {
    /// Everything that a guest may call it.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.title.all().chain(self.synonyms.iter().map(String::as_str))
    }
}

impl Menu {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let problems = fields.problems;
        let speech = Speech::read(fields, false);
        let save_as = read_save_as(fields);
        let timeout = fields.duration("timeout");
        let mut choices: Vec<Choice> = Vec::new();
        let items = fields.require("choices")?.list(problems, "`choices`")?;
        if items.is_empty() {
            problems.error(
                fields.place_of("choices"),
                format!("{} has no choices", fields.name),
                "add `- { title: …, next: … }`",
            );
        }
        for item in items {
            let Some(entry) = item.fields(problems, "a choice") else { continue };
            let title =
                entry.require("title").and_then(|node| Title::read(node, problems, "`title`"));
            let next =
                entry.text("next").map(|next| At::new(StageId::from(&next.value), &next.place));
            let value = entry.text("value").map(|value| value.value);
            let synonyms =
                entry.texts("synonyms").into_iter().map(|synonym| synonym.value).collect();
            let apart = entry.bool("apart", false);
            entry.finish();
            if let Some(title) = &title {
                if title.all().any(|title| title.trim().is_empty()) {
                    problems.error(
                        &title.place,
                        "a choice needs a title",
                        "write what its button says",
                    );
                } else if choices
                    .iter()
                    .any(|choice| normal(choice.title.first()) == normal(title.first()))
                {
                    problems.error(
                        &title.place,
                        format!("`{}` is offered twice", title.first()),
                        "give every choice a title of its own",
                    );
                }
            }
            // Without a title, which is told, its way is still one: what it leads to is not lost
            // too.
            let title = title.unwrap_or_else(|| Title::plain("", &item.place));
            choices.push(Choice { title, next, value, synonyms, apart });
        }
        Some(Menu { speech, choices, save_as, timeout })
    }

    fn text(&self, cx: &Cx<'_>) -> Words {
        self.speech.text.as_ref().map(|text| cx.render(text)).unwrap_or_default()
    }

    fn show(&self, cx: &mut Cx<'_>, notice: Words) {
        let text = self.text(cx);
        let order = self.order(cx);
        let locales = cx.locales();
        let row = |&index: &usize| {
            let choice = &self.choices[index];
            let row = Row::new(choice.title.get(&locales), &index.to_string());
            Row { apart: choice.apart, ..row.named(cx.facts.directory, choice.title.all()) }
        };
        let rows: Vec<Row> = order.iter().map(row).collect();
        let phrases = cx.phrases();
        let summary = if text.is_empty() { Words::own(phrases.choose) } else { text.clone() };
        let mut own = entries(&rows);
        own.extend(object(json!({
            "notice": notice.variable(), "text": text.variable(),
            "words": { "choose": phrases.choose, "send": phrases.send },
        })));
        let template =
            self.speech.template.as_ref().map_or("menu", |template| template.value.as_str());
        Self::ask(cx, template, own, summary, Asks::Stage);
    }

    /// An undone transfer asks here again.
    fn ask(cx: &mut Cx<'_>, template: &str, own: Map<String, Value>, summary: Words, asks: Asks) {
        cx.ask(template, own, summary, asks);
        let stage = cx.stage.id.clone();
        cx.session_mut().last_menu = Some(stage);
    }

    /// The order in which the choices stand, ways out last. When the guest's first words already name one, the
    /// first menu of the journey offers it first.
    fn order(&self, cx: &Cx<'_>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        order.sort_by_key(|&index| self.choices[index].apart);
        let session = cx.session();
        if session.hop == 0
            && cx.stage.first
            && let Some(question) = session.metadata.get(keys::QUESTION).and_then(Value::as_str)
            && let Some(at) = self.named_in(question)
        {
            order.retain(|&index| index != at);
            order.insert(0, at);
        }
        order
    }

    /// The choice that a sentence names: a title or synonym that stands in it as whole words.
    fn named_in(&self, sentence: &str) -> Option<usize> {
        let sentence = format!(" {} ", words_of(sentence));
        self.choices.iter().position(|choice| {
            choice.names().any(|name| {
                let name = words_of(name);
                !name.is_empty() && sentence.contains(&format!(" {name} "))
            })
        })
    }

    /// The choice that a typed answer is: title, synonym, or number as shown in `order`.
    fn exact(&self, typed: &str, order: &[usize]) -> Option<usize> {
        let typed = normal(typed);
        let by_name = self.choices.iter().position(|choice| {
            choice.names().chain(choice.value.as_deref()).any(|name| normal(name) == typed)
        });
        by_name.or_else(|| {
            typed
                .trim_end_matches(['.', ')'])
                .parse::<usize>()
                .ok()?
                .checked_sub(1)
                .and_then(|at| order.get(at).copied())
        })
    }

    /// The choice that a typed answer is close to.
    fn close(&self, typed: &str) -> Option<usize> {
        let typed = normal(typed);
        if typed.chars().count() < 2 || typed.chars().count() > 60 {
            return None;
        }
        let likeness = |choice: &Choice| {
            choice
                .names()
                .map(|name| {
                    let name = normal(name);
                    let whole = strsim::normalized_damerau_levenshtein(&typed, &name);
                    let part =
                        name.split(' ').any(|word| word.chars().count() > 2 && word == typed);
                    if part { whole.max(0.9) } else { whole }
                })
                .fold(0.0, f64::max)
        };
        let best = self
            .choices
            .iter()
            .enumerate()
            .map(|(index, choice)| (index, likeness(choice)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        (best.1 >= CLOSE).then_some(best.0).or_else(|| self.named_in(&typed))
    }

    fn choose(&self, cx: &mut Cx<'_>, index: usize, said: Option<&str>) -> Flow {
        let choice = &self.choices[index];
        let question = self.text(cx);
        let title = choice.title.get(&cx.locales()).to_owned();
        cx.heard(said.unwrap_or(&title));
        cx.settle(&question, &Words::typed(&title));
        self.take(cx, index)
    }

    fn take(&self, cx: &mut Cx<'_>, index: usize) -> Flow {
        let choice = &self.choices[index];
        if let Some(key) = &self.save_as {
            cx.set(
                &format!("Data.{}", key.value),
                json!(choice.value.as_deref().unwrap_or(choice.title.first())),
                false,
            );
        }
        match &choice.next {
            Some(next) => {
                Flow::Goto { exit: choice.title.first().to_owned(), stage: next.value.clone() }
            }
            None => Flow::Next,
        }
    }

    fn typed(&self, cx: &mut Cx<'_>, typed: &str) -> Flow {
        if let Some(index) = self.exact(typed, &self.order(cx)) {
            return self.choose(cx, index, Some(typed));
        }
        cx.heard(typed);
        let phrases = cx.phrases();
        let question = self.text(cx);
        // A whole sentence that only mentions a choice is free text, where there is a way for that.
        let is_sentence = words_of(typed).split(' ').count() > MOST_WORDS
            && cx.stage.exit("on_free_text").is_some();
        if let Some(index) = self.close(typed).filter(|_| !is_sentence) {
            let title = self.choices[index].title.get(&cx.locales());
            cx.settle(&question, &Words::typed(typed));
            let text = fill(phrases.did_you_mean, &[("choice", title)]);
            let own = json!({ "text": text.variable(), "words": { "yes": phrases.yes, "no": phrases.no } });
            Self::ask(cx, "confirm", object(own), text, Asks::Guess(index));
            return Flow::Stay;
        }
        if let Some(flow) = cx.exit("on_free_text") {
            cx.settle(&question, &Words::typed(typed));
            if let Some(key) = &self.save_as {
                cx.set(&format!("Data.{}", key.value), json!(typed), false);
            }
            cx.session_mut().query = Some(typed.to_owned());
            return flow;
        }
        cx.settle(&question, &Words::typed(typed));
        self.again(cx)
    }

    /// Not understood: says so once and shows the choices again; the second time offers help.
    fn again(&self, cx: &mut Cx<'_>) -> Flow {
        cx.miss();
        let phrases = cx.phrases();
        if cx.misses() >= 2 {
            let lines: Vec<String> = self
                .offers(&cx.locales())
                .iter()
                .enumerate()
                .map(|(index, title)| format!("{}. {title}", index + 1))
                .collect();
            let text = Words::own(phrases.menu_help);
            cx.show("help", object(json!({ "text": text.variable(), "lines": lines })), text);
            self.show(cx, Words::default());
        } else {
            self.show(cx, Words::own(phrases.not_understood));
        }
        Flow::Stay
    }
}

impl Behaviour for Menu {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        if let Some(index) = cx.opening.take().and_then(|title| self.exact(&title, &[])) {
            return self.take(cx, index);
        }
        self.show(cx, Words::default());
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        if let Some(&Asks::Guess(index)) = cx.asks() {
            let phrases = cx.phrases();
            let title = self
                .choices
                .get(index)
                .map(|choice| choice.title.get(&cx.locales()).to_owned())
                .unwrap_or_default();
            let question = fill(phrases.did_you_mean, &[("choice", &title)]);
            let (answer, said) = yes_or_no(event, phrases);
            match (answer, said) {
                (Some(true), said) if index < self.choices.len() => {
                    cx.heard(said.unwrap_or_else(|| phrases.yes.to_owned()));
                    cx.settle(&question, &Words::own(phrases.yes));
                    return self.take(cx, index);
                }
                (None, Some(typed)) => {
                    cx.settle(&question, &Words::typed(&typed));
                    return self.typed(cx, &typed);
                }
                (_, said) => {
                    cx.heard(said.unwrap_or_else(|| phrases.no.to_owned()));
                    cx.settle(&question, &Words::own(phrases.no));
                    self.show(cx, Words::default());
                    return Flow::Stay;
                }
            }
        }
        match event {
            Event::Said(typed) => self.typed(cx, typed),
            Event::Clicked { data, .. } => {
                let clicked = data.get("choice").and_then(Value::as_str).unwrap_or_default();
                let index =
                    clicked.parse().ok().filter(|&index: &usize| index < self.choices.len());
                match index.or_else(|| self.exact(clicked, &[])) {
                    Some(index) => self.choose(cx, index, None),
                    None => {
                        cx.heard(clicked);
                        let question = self.text(cx);
                        cx.settle(&question, &Words::typed(clicked));
                        self.again(cx)
                    }
                }
            }
            _ => Flow::Stay,
        }
    }

    fn offers(&self, locales: &[&str]) -> Vec<String> {
        self.choices.iter().map(|choice| choice.title.get(locales).to_owned()).collect()
    }

    fn knows(&self, typed: &str) -> bool {
        let order: Vec<usize> = (0..self.choices.len()).collect();
        self.exact(typed, &order).is_some()
    }

    fn timeout(&self) -> Option<std::time::Duration> {
        self.timeout
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.speech.mentions()
    }

    fn sets(&self) -> Vec<At<String>> {
        self.save_as.iter().map(|key| At::new(format!("Data.{}", key.value), &key.place)).collect()
    }

    fn leads(&self) -> Vec<(String, At<StageId>)> {
        self.choices
            .iter()
            .filter_map(|choice| Some((choice.title.first().to_owned(), choice.next.clone()?)))
            .collect()
    }

    fn falls_through(&self, _: &Exits) -> bool {
        self.choices.iter().any(|choice| choice.next.is_none())
    }
}

//! `menu`: offers choices. A typed title, number or synonym chooses like a button; a close match
//! only asks.

mod choice;
mod either;
mod free;

use serde_json::{Map, Value, json};

use crate::{
    model::{Asks, Event, Found, Shown, Spoken, StageId, Verdict, Words, session::keys},
    pipeline::{
        card::{Row, entries},
        cx::{Cx, object},
        flow::{Exits, Flow},
        language::fill,
        stage::{Behaviour, Mention, Speech},
        stages::{keys::read_save_as, library::is_asked_for},
        typed::{behind_greeting, is_number, number, says_something, words_of, yes_or_no},
    },
    source::{At, Fields},
};
use choice::{Choice, Guess};

/// In the data of a click on the welcome card: the title of its button.
pub const WELCOMED: &str = "welcomed";
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

/// What somebody means by words that name no choice.
enum Meaning {
    /// One of the choices, perhaps.
    Close(Guess),
    /// One of the choices or this article, perhaps.
    Either(Guess, Found),
    /// A question of their own, and there is a way for that.
    Free(Flow),
    Nothing,
}

impl Menu {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let speech = Speech::read(fields, false);
        let save_as = read_save_as(fields);
        let timeout = fields.wait("timeout");
        let choices = Choice::read_all(fields)?;
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

    fn ask(cx: &mut Cx<'_>, template: &str, own: Map<String, Value>, summary: Words, asks: Asks) {
        cx.ask(template, own, summary, asks);
        Self::asks_here(cx);
    }

    /// An undone transfer asks here again; so does one that came of what was said before the menu
    /// was shown.
    fn asks_here(cx: &mut Cx<'_>) {
        let stage = cx.stage.id.clone();
        let session = cx.session_mut();
        session.last_waited = Some(stage.clone());
        session.last_menu = Some(stage);
    }

    /// The order in which the choices stand, ways out last. When the guest's first words already
    /// name one, the first menu of the journey offers it first.
    fn order(&self, cx: &Cx<'_>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        order.sort_by_key(|&index| self.choices[index].apart);
        let session = cx.session();
        if session.hop == 0
            && cx.stage.first
            && let Some(question) = session.metadata.get(keys::QUESTION).and_then(Value::as_str)
            && let Some(at) = choice::named_in(&self.choices, question)
        {
            order.retain(|&index| index != at);
            order.insert(0, at);
        }
        order
    }

    /// The choice that a typed answer is: title, synonym, or number as shown in `order`.
    fn exact(&self, typed: &str, order: &[usize]) -> Option<usize> {
        choice::named(&self.choices, typed)
            .or_else(|| number(typed)?.checked_sub(1).and_then(|at| order.get(at).copied()))
    }

    /// What words mean that name no choice.
    fn meaning(&self, cx: &Cx<'_>, words: &str) -> Meaning {
        let free = cx.exit("on_free_text");
        // A whole sentence that only mentions a choice is free text, where there is a way for that.
        let is_sentence = words_of(words).split(' ').count() > MOST_WORDS && free.is_some();
        match (choice::close(&self.choices, words).filter(|_| !is_sentence), free) {
            (Some(guess), Some(flow)) => match Self::article(cx, words) {
                // Whoever writes an article's very words means it.
                Some(found) if is_asked_for(&found.article, words) => Meaning::Free(flow),
                Some(found) => Meaning::Either(guess, found),
                None => Meaning::Close(guess),
            },
            (Some(guess), None) => Meaning::Close(guess),
            (None, Some(flow)) => Meaning::Free(flow),
            (None, None) => Meaning::Nothing,
        }
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
        let question = self.text(cx);
        cx.settle(&question, &Words::typed(typed));
        match self.meaning(cx, typed) {
            Meaning::Close(guess) => {
                if !guess.is_name {
                    cx.keep_words(typed);
                }
                self.guess(cx, guess.index)
            }
            Meaning::Either(guess, found) => self.either(cx, guess.index, &found, typed),
            Meaning::Free(_) | Meaning::Nothing if !says_something(typed) => self.polite(cx, typed),
            Meaning::Free(flow) => self.free(cx, typed, flow),
            Meaning::Nothing => self.again(cx),
        }
    }

    /// True when the guest came for an answer of this department's that another one has shown.
    fn has_followed(cx: &Cx<'_>) -> bool {
        let ours =
            |shown: &Shown| shown.tenant == cx.tenant.id && shown.verdict == Verdict::Followed;
        cx.session().hop > 0 && cx.session().answers.iter().any(ours)
    }

    /// "Did you mean …?"
    fn guess(&self, cx: &mut Cx<'_>, index: usize) -> Flow {
        // Asked before and not understood, it says what else there is.
        let again = cx.misses() > 0;
        cx.miss();
        self.ask_guess(cx, index, again);
        Flow::Stay
    }

    fn ask_guess(&self, cx: &mut Cx<'_>, index: usize, again: bool) {
        let phrases = cx.phrases();
        let title = self.choices[index].title.get(&cx.locales());
        let phrase = if again { phrases.did_you_mean_or } else { phrases.did_you_mean };
        let text = fill(phrase, &[("choice", title)]);
        let own =
            json!({ "text": text.variable(), "words": { "yes": phrases.yes, "no": phrases.no } });
        Self::ask(cx, "confirm", object(own), text, Asks::Guess(index));
    }

    /// The guest has asked something in words of their own.
    fn asked(&self, cx: &mut Cx<'_>, words: &str, flow: Flow) -> Flow {
        if let Some(key) = &self.save_as {
            cx.set(&format!("Data.{}", key.value), json!(words), false);
        }
        cx.session_mut().query = Some(words.to_owned());
        flow
    }

    /// A button of the welcome card, clicked while this menu asks.
    fn welcomed(&self, cx: &mut Cx<'_>, title: &str) -> Flow {
        let Some(index) = choice::named(&self.choices, title) else { return Flow::Stay };
        self.choose(cx, index, None)
    }

    /// Not understood: says so and shows the choices again; the second time it names a person or
    /// help, then in turn with a list of lines.
    fn again(&self, cx: &mut Cx<'_>) -> Flow {
        cx.miss();
        let phrases = cx.phrases();
        let count = cx.misses();
        if count > 2 && count % 2 == 1 {
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
            let notice = Words::own(cx.unclear(phrases.not_understood));
            self.show(cx, notice);
        }
        Flow::Stay
    }
}

impl Behaviour for Menu {
    fn questions(&self, cx: &Cx<'_>) -> Vec<(Option<String>, String)> {
        let key = self.save_as.as_ref().map(|name| format!("Data.{}", name.value));
        let text = self.speech.text.as_ref().map(|text| cx.render_for_desk(text));
        text.map(|text| (key, text)).into_iter().collect()
    }

    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        self.stand(cx);
        Flow::Stay
    }

    fn offered(&self, cx: &mut Cx<'_>, spoken: &Spoken) -> Option<Flow> {
        let said = behind_greeting(&spoken.words);
        let named = choice::named(&self.choices, &spoken.words)
            .or_else(|| choice::named(&self.choices, &said));
        if let Some(index) = named {
            cx.session_mut().spoken = None;
            Self::asks_here(cx);
            return Some(self.take(cx, index));
        }
        // Nobody has seen the list yet from which a number would choose.
        if spoken.button || is_number(&spoken.words) {
            return None;
        }
        let is_offered = choice::named_in(&self.choices, &said).filter(|_| Self::has_followed(cx));
        let meaning = match is_offered {
            Some(index) => Meaning::Close(Guess { index, is_name: false }),
            None => self.meaning(cx, &said),
        };
        match meaning {
            Meaning::Close(guess) => {
                if guess.is_name {
                    cx.session_mut().spoken = None;
                }
                Some(self.guess(cx, guess.index))
            }
            Meaning::Either(guess, _) if Self::has_followed(cx) => {
                Some(self.guess(cx, guess.index))
            }
            Meaning::Either(guess, found) => {
                Some(self.either(cx, guess.index, &found, &spoken.words))
            }
            // Who came for an answer of this department's has read it.
            Meaning::Free(flow) if !Self::has_followed(cx) => {
                Self::asks_here(cx);
                Some(self.asked(cx, &spoken.words, flow))
            }
            Meaning::Free(_) | Meaning::Nothing => None,
        }
    }

    fn passes_on(&self, flow: &Flow) -> bool {
        matches!(flow, Flow::Goto { exit, .. } if exit == "on_free_text")
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        if let Event::Clicked { data, .. } = event
            && let Some(title) = data.get(WELCOMED).and_then(Value::as_str)
        {
            return self.welcomed(cx, title);
        }
        if let Some(Asks::Either { choice, article, words }) = cx.asks().cloned() {
            return self.hear_either(cx, event, (choice, article), &words);
        }
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

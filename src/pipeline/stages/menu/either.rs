//! Words that are close to a choice and ask for an article of a FAQ as well: both stand on one card.

use serde_json::{Value, json};

use super::Menu;
use crate::{
    model::{Asks, Event, Found, TenantId, Words},
    pipeline::{
        card::{Row, entries},
        cx::{Cx, object},
        flow::Flow,
        stages::library,
        typed::{normal, number, yes_or_no},
    },
};

/// What somebody means by the card.
enum Answer {
    Choice,
    Article,
    Neither,
    /// Yes, to which of them nobody knows.
    Unclear,
    Words,
}

impl Menu {
    /// The best article for these words, where the stage behind `on_free_text` would show it.
    pub(super) fn article(cx: &Cx<'_>, words: &str) -> Option<Found> {
        library::find(cx, cx.beyond?, words, 1).into_iter().next()
    }

    /// "Did you mean one of these?": the choice, or the article.
    pub(super) fn either(&self, cx: &mut Cx<'_>, index: usize, found: &Found, words: &str) -> Flow {
        let article = (found.tenant.clone(), found.article.id.clone());
        self.ask_either(cx, (index, article), words);
        Flow::Stay
    }

    pub(super) fn ask_either(
        &self,
        cx: &mut Cx<'_>,
        (choice, article): (usize, (TenantId, String)),
        words: &str,
    ) {
        let phrases = cx.phrases();
        let [title, question] = self.titles(cx, choice, &article);
        let text = Words::own(phrases.faq.either);
        let neither = Row { apart: true, ..Row::new(phrases.faq.other, "neither") };
        let rows = [Row::new(&title, "choice"), Row::new(&question, "article"), neither];
        let mut own = entries(&rows);
        own.extend(object(json!({
            "notice": "", "text": text.variable(),
            "words": { "choose": phrases.choose, "send": phrases.send },
        })));
        let asks = Asks::Either { choice, article, words: words.to_owned() };
        Self::ask(cx, "menu", own, text, asks);
    }

    /// The choice's title and the article's question.
    fn titles(&self, cx: &Cx<'_>, choice: usize, (tenant, id): &(TenantId, String)) -> [String; 2] {
        let title = self.choices.get(choice).map(|choice| choice.title.get(&cx.locales()));
        let article = cx.facts.answers.article(tenant, id);
        [
            title.unwrap_or_default().to_owned(),
            article.map(|article| article.question.clone()).unwrap_or_default(),
        ]
    }

    /// The guest answers that card.
    pub(super) fn hear_either(
        &self,
        cx: &mut Cx<'_>,
        event: &Event,
        (choice, article): (usize, (TenantId, String)),
        words: &str,
    ) -> Flow {
        let phrases = cx.phrases();
        let [title, question] = self.titles(cx, choice, &article);
        let answer = Self::answer(cx, event, [&title, &question]);
        let shown = match answer {
            Answer::Choice => title,
            Answer::Article => question,
            _ => phrases.faq.other.to_owned(),
        };
        let said = match event {
            Event::Said(typed) => typed.as_str(),
            _ => shown.as_str(),
        };
        let asked = Words::own(phrases.faq.either);
        if !matches!(answer, Answer::Words) {
            cx.heard(said);
        }
        cx.settle(
            &asked,
            &Words::typed(if matches!(answer, Answer::Words) { said } else { &shown }),
        );
        match (answer, cx.exit("on_free_text")) {
            (Answer::Choice, _) if choice < self.choices.len() => self.take(cx, choice),
            (Answer::Article, Some(flow)) => {
                cx.keep_words(words);
                self.asked(cx, words, flow)
            }
            (Answer::Unclear, _) => {
                cx.miss();
                self.ask_either(cx, (choice, article), words);
                Flow::Stay
            }
            (Answer::Words, _) => self.typed(cx, said),
            _ => {
                self.show(cx, Words::default());
                Flow::Stay
            }
        }
    }

    fn answer(cx: &Cx<'_>, event: &Event, titles: [&str; 2]) -> Answer {
        let (phrases, faq) = (cx.phrases(), cx.phrases().faq);
        let typed = match event {
            Event::Said(typed) => typed,
            Event::Clicked { data, .. } => {
                return match data.get("choice").and_then(Value::as_str) {
                    Some("choice") => Answer::Choice,
                    Some("article") => Answer::Article,
                    _ => Answer::Neither,
                };
            }
            _ => return Answer::Neither,
        };
        let word = normal(typed);
        let is = |title: &str| normal(title) == word;
        match (number(typed), yes_or_no(event, phrases).0) {
            (Some(1), _) => Answer::Choice,
            (Some(2), _) => Answer::Article,
            _ if is(titles[0]) => Answer::Choice,
            _ if is(titles[1]) => Answer::Article,
            (Some(3), _) | (_, Some(false)) => Answer::Neither,
            _ if is(faq.other) || faq.other_words.contains(&word.as_str()) => Answer::Neither,
            (_, Some(true)) => Answer::Unclear,
            _ => Answer::Words,
        }
    }
}

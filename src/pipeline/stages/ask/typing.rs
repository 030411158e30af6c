//! A form that is filled in by typing: what is plain is taken, the rest is asked one by one, and what
//! was understood is shown and can be changed before it counts.

use serde_json::{Map, Value, json};

use super::{
    Ask, Sheet,
    field::Field,
    hand,
    sentence::{Understood, named_parts, understand},
    values::Hand,
};
use crate::{
    model::{Asks, Words, session::keys},
    pipeline::{cx::Cx, flow::Flow, language::fill, typed::normal},
};

/// A choice of up to so many is named when it is asked for.
const NAMED: usize = 6;

/// What was read, and whether the whole text was the answer to what was asked.
struct Heard {
    found: Understood,
    whole: bool,
}

impl Ask {
    /// The guest types at the form.
    pub(super) fn said(&self, cx: &mut Cx<'_>, typed: &str) -> Flow {
        let hand = hand(cx);
        let known = self.known(cx);
        let open = self.open(&known);
        let asked = match cx.asks() {
            Some(Asks::Form { asked: Some(id), .. }) => self.at(id),
            _ => None,
        };
        let begun = matches!(cx.asks(), Some(Asks::Form { .. }));
        if open.is_empty() && !known.is_empty() {
            let is_send = normal(typed) == normal(hand.phrases.send);
            match hand.truth(typed) {
                _ if is_send => return self.take(cx, &known, Some(typed)),
                Some(true) => return self.take(cx, &known, Some(typed)),
                Some(false) => return self.change(cx, typed, &known),
                None => {}
            }
        }
        let asked = asked.or(match open.as_slice() {
            [only] => Some(*only),
            _ => (self.fields.len() == 1).then_some(0),
        });
        let Heard { found, whole } = self.hear_words(typed, asked, begun, &hand);
        let Understood { values, wrong } = found;
        if values.is_empty() {
            return self.missed(cx, typed, asked, &wrong);
        }
        let is_all = self.fields.len() == 1 || (!begun && open.iter().all(|at| Some(*at) == asked));
        if whole && is_all && values.len() == 1 {
            // The one thing that was asked for.
            let mut given = known;
            given.extend(
                values.iter().map(|(at, value)| (self.fields[*at].id.value.clone(), value.clone())),
            );
            return self.take(cx, &given, Some(typed));
        }
        self.keep(cx, typed, &values, &wrong)
    }

    /// The form as it was filled in by the question with which the guest came, to be checked; true
    /// when that told more than one thing of it, so that it is no accident.
    pub(super) fn foretold(&self, cx: &mut Cx<'_>) -> bool {
        let session = cx.session();
        let first = || session.metadata.get(keys::QUESTION).and_then(Value::as_str);
        let Some(question) = session.query.as_deref().or_else(first).map(str::to_owned) else {
            return false;
        };
        let mut values = understand(&self.fields, &question, None, &hand(cx)).values;
        // What is private is given as such.
        values.retain(|(at, _)| !self.fields[*at].private);
        if values.len() > 1 {
            self.sum_up(cx, &values, &[]);
        }
        values.len() > 1
    }

    /// What the words say of the form.
    fn hear_words(&self, typed: &str, asked: Option<usize>, begun: bool, hand: &Hand<'_>) -> Heard {
        let part = |found| Heard { found, whole: false };
        let Some(asked) = asked else { return part(understand(&self.fields, typed, None, hand)) };
        let field = &self.fields[asked];
        let is_alone = self.fields.len() == 1;
        let (named, _) = named_parts(&self.fields, typed, hand);
        let is_named = !named.values.is_empty() || !named.wrong.is_empty();
        if is_named && !(is_alone && field.is_free()) {
            return part(understand(&self.fields, typed, Some(asked), hand));
        }
        match field.judge(Some(&json!(typed)), hand) {
            Ok(Some(value)) => {
                let mut found = Understood::default();
                if field.is_free() && !begun && !is_alone {
                    // A sentence at the beginning may tell more than the one thing.
                    found = understand(&self.fields, typed, None, hand);
                    found.values.retain(|(at, _)| *at != asked);
                }
                found.values.push((asked, value));
                Heard { found, whole: true }
            }
            Ok(None) => part(Understood::default()),
            Err(words) => {
                let mut found = understand(&self.fields, typed, Some(asked), hand);
                if found.values.is_empty() && found.wrong.is_empty() {
                    found.wrong.push((asked, words));
                }
                part(found)
            }
        }
    }

    /// Notes what was understood, shows it, and asks for what is still missing.
    fn keep(
        &self,
        cx: &mut Cx<'_>,
        typed: &str,
        values: &[(usize, Value)],
        wrong: &[(usize, Words)],
    ) -> Flow {
        let locales = cx.locales();
        let taken: Vec<(&Field, Value)> =
            values.iter().map(|(at, value)| (&self.fields[*at], value.clone())).collect();
        let summary = self.summary(&taken, &locales);
        let is_whole = matches!(taken.as_slice(), [(field, value)] if !field.private && value.as_str() == Some(typed));
        let heard = if self.is_private() && !is_whole {
            Words::private(typed)
        } else {
            Words::typed(typed)
        };
        cx.heard_words(heard);
        let question = self.text(cx);
        cx.settle(&question, &summary.hidden());
        self.sum_up(cx, values, wrong);
        Flow::Stay
    }

    /// Fills in what was understood, and shows the form with it.
    fn sum_up(&self, cx: &mut Cx<'_>, values: &[(usize, Value)], wrong: &[(usize, Words)]) {
        let locales = cx.locales();
        let taken: Vec<(&Field, Value)> =
            values.iter().map(|(at, value)| (&self.fields[*at], value.clone())).collect();
        let summary = self.summary(&taken, &locales);
        let mut typed_ids = match cx.asks() {
            Some(Asks::Form { typed, .. }) => typed.clone(),
            _ => Vec::new(),
        };
        for (field, value) in taken {
            cx.set(&format!("Data.{}", field.id.value), value, field.private);
            if !typed_ids.contains(&field.id.value) {
                typed_ids.push(field.id.value.clone());
            }
        }
        // So that what is private stands in the form as well.
        self.wait_for(cx, Asks::Form { asked: None, typed: typed_ids.clone() });
        let given = self.known(cx);
        let (asked, next) = self.next(cx, &given);
        let form = cx.phrases().form;
        let understood = fill(form.understood, &[("values", &summary.hidden().plain())]);
        let mut notice = understood;
        for (_, words) in wrong {
            notice = notice.beside(&Words::own(" ")).beside(words);
        }
        let notice = notice.beside(&Words::own(" ")).beside(&next);
        let asked = asked.map(|at| self.fields[at].id.value.clone());
        let asks = Asks::Form { asked, typed: typed_ids };
        self.show(cx, Sheet { notice, given: &given, errors: &[], asks });
    }

    fn wait_for(&self, cx: &mut Cx<'_>, asks: Asks) {
        if let Some(waiting) = &mut cx.session_mut().waiting {
            waiting.asks = asks;
        }
    }

    /// The field that is asked for next, and the words for it; without one, those that ask whether
    /// all is right.
    pub(super) fn next(&self, cx: &Cx<'_>, given: &Map<String, Value>) -> (Option<usize>, Words) {
        let (phrases, locales) = (cx.phrases(), cx.locales());
        let Some(at) = self.open(given).first().copied() else {
            return (None, fill(phrases.form.check, &[("send", phrases.send)]));
        };
        let field = &self.fields[at];
        let choices: Vec<&str> =
            field.choices.iter().map(|choice| choice.title.get(&locales)).collect();
        let label = field.label(&locales);
        let words = if choices.is_empty() || choices.len() > NAMED {
            fill(phrases.form.needed, &[("label", label)])
        } else {
            fill(phrases.form.needed_of, &[("label", label), ("choices", &choices.join(", "))])
        };
        (Some(at), words)
    }

    /// It is not right yet.
    fn change(&self, cx: &mut Cx<'_>, typed: &str, given: &Map<String, Value>) -> Flow {
        let (phrases, question) = (cx.phrases(), self.text(cx));
        cx.heard(typed);
        cx.settle(&question, &Words::typed(typed));
        let label = self.example(cx, None);
        let notice = fill(phrases.form.change, &[("label", &label)]);
        let asks = cx.asks().cloned().unwrap_or(Asks::Stage);
        self.show(cx, Sheet { notice, given, errors: &[], asks });
        Flow::Stay
    }

    /// Nothing was understood: why, the second time what else there is, then the form alone.
    fn missed(
        &self,
        cx: &mut Cx<'_>,
        typed: &str,
        asked: Option<usize>,
        wrong: &[(usize, Words)],
    ) -> Flow {
        // What did not fit may be the private answer with a slip in it.
        let heard = if self.is_private() { Words::private(typed) } else { Words::typed(typed) };
        let (phrases, question) = (cx.phrases(), self.text(cx));
        cx.settle(&question, &heard.hidden());
        cx.heard_words(heard);
        cx.miss();
        let label = self.example(cx, asked);
        let help = phrases.help_words.first().copied().unwrap_or_default();
        let values = [("label", label.as_str()), ("send", phrases.send), ("help", help)];
        let mut given = self.known(cx);
        let wrong = if cx.misses() == 1 { wrong } else { &[] };
        // It stands there to be mended; what may be private, behind the veil alone.
        let field = asked.map(|at| &self.fields[at]).filter(|field| field.choices.is_empty());
        if let Some(field) = field.filter(|field| field.private || !self.is_private()) {
            given.insert(field.id.value.clone(), json!(typed));
        }
        let notice = match cx.misses() {
            1 if wrong.is_empty() => fill(phrases.form.unread, &values),
            1 => wrong.iter().fold(Words::default(), |all, (_, words)| all.then(words)),
            2 => fill(phrases.form.unread_again, &values),
            _ => Words::default(),
        };
        let asks = cx.asks().cloned().unwrap_or(Asks::Stage);
        self.show(cx, Sheet { notice, given: &given, errors: wrong, asks });
        Flow::Stay
    }

    /// A field's name, as an example of how one is typed.
    fn example(&self, cx: &Cx<'_>, asked: Option<usize>) -> String {
        let field = asked.or_else(|| self.open(&self.known(cx)).first().copied()).unwrap_or(0);
        self.fields
            .get(field)
            .map(|field| field.label(&cx.locales()).to_owned())
            .unwrap_or_default()
    }

    /// The required fields that have no value yet.
    fn open(&self, given: &Map<String, Value>) -> Vec<usize> {
        let is_open = |field: &Field| field.required && !given.contains_key(&field.id.value);
        (0..self.fields.len()).filter(|&at| is_open(&self.fields[at])).collect()
    }

    fn at(&self, id: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.id.value == id)
    }
}

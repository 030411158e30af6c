//! A message was left for a desk: the guest is free. What they write is something new, unless they say
//! that it belongs to it, or it comes soon and is alike; then they are asked once.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    begin::choice_of,
    run::{Machine, Outcome, Spot},
};
use crate::{
    model::{AsideAsks, Event, Session, State, Token, Words},
    pipeline::{
        cx::object,
        language::{fill, phrases},
        typed::{normal, words_of, yes_or_no},
    },
};

/// A click that Teams repeats comes within this.
const REPEATED: Duration = Duration::from_secs(60);
/// So long after the latest words for a message alike ones may belong to it.
const SOON: Duration = Duration::from_secs(15 * 60);
/// Words that are shorter tell nothing, in characters.
const TELLING: usize = 4;

/// The words behind a reference with which a text begins; empty when nothing follows.
pub fn addressed<'t>(text: &'t str, reference: &str) -> Option<&'t str> {
    let text = text.trim_start().trim_start_matches('#');
    let head = text.get(..reference.len())?;
    let rest = &text[reference.len()..];
    let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
    (is_whole && head.eq_ignore_ascii_case(reference)).then(|| {
        rest.trim_start_matches(|c: char| c.is_whitespace() || ":,;–—-".contains(c)).trim()
    })
}

/// True when words may belong to a message that was left: they come soon after it, and have a telling
/// word of it.
fn is_alike(session: &Session, text: &str, now: jiff::Timestamp) -> bool {
    let Some(desk) = &session.desk else { return false };
    let said = desk.slip.as_ref().map_or(desk.since, |slip| slip.said);
    if said.checked_add(SOON).is_ok_and(|until| until < now) {
        return false;
    }
    let telling = |text: &str| -> BTreeSet<String> {
        let words = words_of(text);
        words.split(' ').filter(|word| word.chars().count() >= TELLING).map(str::to_owned).collect()
    };
    let new = telling(text);
    let message = desk.message.as_ref().map(|message| message.revealed().plain());
    let mut known = desk.unsent.iter().chain(&desk.open_words).chain(&message);
    known.any(|text| !telling(text).is_disjoint(&new))
}

/// What a click on the card about a left message wants.
fn wants(data: &Map<String, Value>) -> (&str, &str) {
    let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    (text("answer"), text("more"))
}

impl Machine<'_> {
    /// The session's message lies at a desk, and nobody has it yet.
    pub(super) fn is_left(&self, index: usize) -> bool {
        self.journey.sessions[index].is_left()
    }

    /// The guest writes while a message of theirs lies at a desk and nothing else goes on.
    pub(super) fn said_free(mut self, index: usize, text: &str) -> Outcome {
        let Some(spot) = self.place(index) else { return self.begin_after(Some(text), None) };
        if let Some(rest) = addressed(text, &self.journey.sessions[index].reference) {
            let rest = rest.to_owned();
            self.add_said(index, &rest);
            return self.finish();
        }
        self.changed.insert(self.journey.sessions[index].id);
        let aside = self.journey.sessions[index].aside.clone().map(|aside| aside.asks);
        // By what was said before: what is added now is not what these words came soon after.
        let is_alike = is_alike(&self.journey.sessions[index], text, self.facts.now);
        match aside {
            Some(AsideAsks::Add(words)) => match self.belongs(spot, text) {
                Some(yes) => return self.belonging_answered(spot, words, text, yes),
                // Who writes on has not said no: what was asked about is not lost.
                None => self.belonging_settled(spot, &words),
            },
            Some(_) => {
                self.count_turn(index);
                if self.aside_typed(spot, text) == Some(true) {
                    return self.finish();
                }
            }
            None => {}
        }
        if self.commanded(spot, text) {
            return self.finish();
        }
        let phrases = phrases(self.facts.locale(spot.tenant));
        let word = normal(text);
        if phrases.thanks_words.contains(&word.as_str()) {
            self.heard(index, text);
            self.count_turn(index);
            self.tell(index, Words::own(phrases.to_thanks(&word)));
            return self.finish();
        }
        if is_alike {
            self.may_belong(spot, text);
            return self.finish();
        }
        self.begin_after(Some(text), None)
    }

    /// Words that come soon and are alike: the guest is asked, but not twice.
    fn may_belong(&mut self, spot: Spot<'_>, text: &str) {
        let session = &self.journey.sessions[spot.index];
        if session.desk.as_ref().and_then(|desk| desk.slip.as_ref()).is_some_and(|slip| slip.adds) {
            self.add_said(spot.index, text);
            return;
        }
        self.heard(spot.index, text);
        self.count_turn(spot.index);
        let mut cx = self.at(spot);
        let (phrases, left) = (cx.phrases(), cx.phrases().left);
        let reference = cx.session().reference.clone();
        let values = [("ref", reference.as_str()), ("name", spot.tenant.name.as_str())];
        let question = fill(left.add_ask, &values);
        let own = json!({
            "text": question.variable(),
            "words": { "yes": fill(left.add_it, &values).variable(), "no": phrases.something_new },
        });
        let asks = AsideAsks::Add(text.to_owned());
        cx.ask_aside("confirm", object(own), question, asks);
    }

    /// What was typed says whether the words before belong to the message.
    fn belongs(&self, spot: Spot<'_>, text: &str) -> Option<bool> {
        let phrases = phrases(self.facts.locale(spot.tenant));
        let reference = &self.journey.sessions[spot.index].reference;
        let word = normal(text);
        let is = |words: &[&str]| words.iter().any(|known| normal(known) == word);
        let add_it = fill(phrases.left.add_it, &[("ref", reference)]).plain();
        if is(phrases.left.add_words) || word == normal(&add_it) {
            return Some(true);
        }
        if is(phrases.new_words) || word == normal(phrases.something_new) {
            return Some(false);
        }
        yes_or_no(&Event::Said(text.to_owned()), phrases).0
    }

    fn belonging_answered(
        mut self,
        spot: Spot<'_>,
        words: String,
        said: &str,
        yes: bool,
    ) -> Outcome {
        self.heard(spot.index, said);
        self.count_turn(spot.index);
        if yes {
            self.belonging_settled(spot, &words);
            return self.finish();
        }
        let mut cx = self.at(spot);
        let answer = Words::own(cx.phrases().something_new);
        if let Some(aside) = cx.session_mut().aside.take() {
            cx.replace(aside.letter, &Words::default(), &answer);
        }
        self.begin_after(Some(&words), None)
    }

    /// They do: from now on nobody asks again.
    pub(super) fn belonging_settled(&mut self, spot: Spot<'_>, words: &str) {
        let mut cx = self.at(spot);
        let left = cx.phrases().left;
        let reference = cx.session().reference.clone();
        let values = [("ref", reference.as_str()), ("name", spot.tenant.name.as_str())];
        if let Some(aside) = cx.session_mut().aside.take() {
            cx.replace(aside.letter, &Words::default(), &fill(left.add_it, &values));
        }
        cx.add_to_left(words);
        if let Some(slip) = cx.session_mut().desk.as_mut().and_then(|desk| desk.slip.as_mut()) {
            slip.adds = true;
        }
        cx.say(fill(left.added, &values));
        self.changed.insert(self.journey.sessions[spot.index].id);
    }

    /// The guest says something for a message that was left, by its reference.
    pub(super) fn add_said(&mut self, index: usize, text: &str) {
        self.count_turn(index);
        let Some(spot) = self.place(index) else {
            // Nobody knows that desk any more.
            self.heard(index, text);
            let words = self.over(index);
            self.tell(index, words);
            return;
        };
        let mut cx = self.at(spot);
        if text.is_empty() {
            cx.show_slip();
            return;
        }
        cx.heard(text);
        cx.add_to_left(text);
        if cx.session().state == State::Open {
            let reference = cx.session().reference.clone();
            let values = [("ref", reference.as_str()), ("name", spot.tenant.name.as_str())];
            let words = fill(cx.phrases().left.added, &values);
            cx.beside = false;
            cx.say(words);
        }
    }

    /// True when a click is on the card about the message that was left, or on its question.
    pub(super) fn is_slip(&self, index: usize, token: &Token) -> bool {
        let session = &self.journey.sessions[index];
        let slip = session.desk.as_ref().and_then(|desk| desk.slip.as_ref());
        token.session == Some(session.id) && slip.is_some_and(|slip| slip.nonce == token.nonce)
    }

    /// True for the very words that were added last, and just now.
    fn is_said_again(&self, index: usize, more: &str) -> bool {
        let Some(desk) = &self.journey.sessions[index].desk else { return false };
        let latest = desk.open_words.last().or_else(|| desk.unsent.last());
        let until = desk.slip.as_ref().and_then(|slip| slip.said.checked_add(REPEATED).ok());
        latest.is_some_and(|latest| latest == more)
            && until.is_some_and(|until| self.facts.now < until)
    }

    /// A button of that card.
    pub(super) fn slip_clicked(&mut self, index: usize, data: &Map<String, Value>) {
        self.count_turn(index);
        let Some(spot) = self.place(index) else { return self.add_said(index, "") };
        match wants(data) {
            ("withdraw", _) => {
                let mut cx = self.at(spot);
                let title = cx.phrases().left.withdraw;
                cx.heard(title);
                self.take_back(spot);
            }
            (_, "") => {
                let reference = self.journey.sessions[index].reference.clone();
                let phrases = phrases(self.facts.locale(spot.tenant));
                self.tell(index, fill(phrases.left.nothing_to_add, &[("ref", &reference)]));
            }
            // Teams repeats a click that was not answered soon enough: it was heard.
            (_, more) if self.is_said_again(index, more) => {
                let words = self.how_left(index);
                self.tell(index, words);
            }
            (_, more) => {
                let mut cx = self.at(spot);
                let reference = cx.session().reference.clone();
                let words =
                    fill(cx.phrases().left.added_text, &[("ref", &reference), ("text", more)]);
                cx.heard(more);
                cx.add_to_left(more);
                cx.beside = false;
                cx.say(words);
            }
        }
    }

    /// A click while a message lies at a desk and nothing else goes on.
    pub(super) fn clicked_free(
        mut self,
        index: usize,
        token: &Token,
        data: &Map<String, Value>,
        event: &Event,
    ) -> Outcome {
        let session = &self.journey.sessions[index];
        let aside = session.aside.as_ref().filter(|aside| aside.nonce == token.nonce);
        if let Some(AsideAsks::Add(words)) = aside.map(|aside| aside.asks.clone()) {
            return self.belonging_clicked(index, words, data);
        }
        if token.session.is_none() {
            return self.begin_after(None, Some(choice_of(data)));
        }
        self.clicked(index, token, data, event);
        self.finish()
    }

    /// A click on the card that asks whether words belong to the message.
    pub(super) fn belonging_clicked(
        self,
        index: usize,
        words: String,
        data: &Map<String, Value>,
    ) -> Outcome {
        let Some(spot) = self.place(index) else {
            return self.begin_after(Some(&words), None);
        };
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let phrases = phrases(self.facts.locale(spot.tenant));
        let reference = &self.journey.sessions[index].reference;
        let said = if yes {
            fill(phrases.left.add_it, &[("ref", reference)]).plain()
        } else {
            phrases.something_new.to_owned()
        };
        self.belonging_answered(spot, words, &said, yes)
    }

    /// The guest needs no answer any more: the desk is told, and nothing else is asked.
    pub(super) fn take_back(&mut self, spot: Spot<'_>) {
        // Words that were not added yet are taken back with it.
        if let Some(aside) = self.journey.sessions[spot.index].aside.take() {
            self.settle_aside(spot, aside);
        }
        self.trail(spot, Some("end"));
        let mut cx = self.at(spot);
        let reference = cx.session().reference.clone();
        let words =
            fill(cx.phrases().left.withdrawn, &[("ref", &reference), ("name", &spot.tenant.name)]);
        let why = fill(cx.desk_phrases().left.desk_withdrawn, &[("guest", cx.guest_name())]);
        cx.beside = false;
        cx.end_help(&why);
        cx.say(words);
        self.journey.course.duties.clear();
        let session = &mut self.journey.sessions[spot.index];
        session.end(State::Abandoned, self.facts.now);
        session.closed_by_guest = true;
        self.changed.insert(session.id);
    }

    /// A click on a card of another matter than the one in which the guest is.
    pub(super) fn clicked_beside(
        &mut self,
        index: usize,
        token: &Token,
        data: &Map<String, Value>,
    ) {
        if self.is_slip(index, token) {
            self.slip_clicked(index, data);
            return;
        }
        let words = self.how_left(index);
        self.tell(index, words);
    }
}

#[cfg(test)]
mod tests {
    use super::addressed;

    #[test]
    fn words_begin_with_the_number_of_their_matter() {
        for (text, rest) in [
            ("IT-4821: it is the dock", Some("it is the dock")),
            (" it-4821 – it is the dock", Some("it is the dock")),
            ("#IT-4821 it is the dock", Some("it is the dock")),
            ("IT-4821", Some("")),
            ("IT-48211: other", None),
            ("IT-4821-b", None),
            ("about IT-4821", None),
            ("IT-48", None),
        ] {
            assert_eq!(addressed(text, "IT-4821"), rest, "{text}");
        }
    }
}

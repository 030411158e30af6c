//! Words at a menu that name none of its choices.

use super::Menu;
use crate::{
    model::{Asks, Event, Words},
    pipeline::{
        cx::Cx,
        flow::Flow,
        typed::{normal, yes_or_no},
    },
};

impl Menu {
    /// The menu asks; come to again, in another language or after a question beside, it asks what
    /// it asked.
    pub(super) fn stand(&self, cx: &mut Cx<'_>) {
        match cx.asks().cloned() {
            Some(Asks::Guess(index)) if index < self.choices.len() => {
                self.ask_guess(cx, index, false);
            }
            Some(Asks::Either { choice, article, words }) if choice < self.choices.len() => {
                self.ask_either(cx, (choice, article), &words);
            }
            _ => self.show(cx, Words::default()),
        }
    }

    /// Whoever only greets or thanks asks nothing: a word back, and the menu stands as before. A yes
    /// or no answers none of it.
    pub(super) fn polite(&self, cx: &mut Cx<'_>, typed: &str) -> Flow {
        let (phrases, word) = (cx.phrases(), normal(typed));
        if phrases.thanks_words.contains(&word.as_str()) {
            self.show(cx, Words::own(phrases.to_thanks(&word)));
            return Flow::Stay;
        }
        match yes_or_no(&Event::Said(typed.to_owned()), phrases).0 {
            Some(_) => self.again(cx),
            None => {
                self.show(cx, Words::default());
                Flow::Stay
            }
        }
    }

    /// A question in words of their own goes the way that there is for it. When the last one has led
    /// back here without an answer, and this one would as well, another way is named.
    pub(super) fn free(&self, cx: &mut Cx<'_>, typed: &str, flow: Flow) -> Flow {
        cx.keep_words(typed);
        let here = Some(cx.stage.id.clone());
        if cx.beyond.is_some() && Self::article(cx, typed).is_none() {
            let session = cx.session_mut();
            if session.unanswered == here && session.last_waited == here {
                if cx.misses() == 0 {
                    cx.miss();
                }
                return self.again(cx);
            }
            session.unanswered = here;
        }
        self.asked(cx, typed, flow)
    }
}

//! `opening`, which no file can name: before the first stage, where nobody has said yet what it is
//! about. What the guest then writes is their question, and the first words.

use serde_json::json;

use crate::{
    model::{Asks, Event, Spoken, Waiting, Words, session::keys},
    pipeline::{cx::Cx, flow::Flow, stage::Behaviour, typed::says_something},
};

/// It has no settings.
#[derive(Debug, Clone, Copy)]
pub struct Opening;

impl Opening {
    /// Waits for the first words; whoever calls it has asked.
    pub fn wait(cx: &mut Cx<'_>) {
        let (since, nonce) = (cx.now(), cx.facts.fresh.nonce());
        let waiting = Waiting { since, nonce, asks: Asks::Stage, misses: 0, card: None };
        cx.session_mut().waiting = Some(waiting);
    }
}

impl Behaviour for Opening {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let words = Words::own(cx.phrases().about);
        cx.say(words);
        Opening::wait(cx);
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        let Event::Said(text) = event else { return Flow::Stay };
        cx.heard(text.as_str());
        cx.set(keys::QUESTION, json!(text), false);
        cx.session_mut().spoken = says_something(text).then(|| Spoken::words(text));
        match cx.tenant.first.clone() {
            Some(stage) => Flow::Goto { exit: "next".to_owned(), stage },
            None => Flow::Next,
        }
    }

    fn passes_on(&self, _: &Flow) -> bool {
        true
    }
}

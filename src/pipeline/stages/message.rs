//! `message`: the guest leaves a message, or the stage leaves one of what they have answered already
//! (`words`); it stands at the desk until somebody answers and resolves it, days later if need be.

use crate::{
    model::Event,
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::{fill, text::Text},
        stage::{Behaviour, Mention, Speech, optional_text},
    },
    source::Fields,
};

/// Settings of a `message` stage.
#[derive(Debug, Clone)]
pub struct Message {
    speech: Speech,
    /// The message itself: nothing is asked.
    words: Option<Text>,
}

impl Message {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Message { words: optional_text(fields, "words"), speech: Speech::read(fields, false) })
    }

    /// Leaves the message of the file for the guest; false when there is nothing in it.
    fn leave(&self, cx: &mut Cx<'_>) -> bool {
        let words = self.words.as_ref().map(|words| cx.words_for_desk(words)).unwrap_or_default();
        if words.is_empty() {
            return false;
        }
        if let Some(template) = &self.speech.template {
            let reference = cx.session().reference.clone();
            let values = [("ref", reference.as_str()), ("name", cx.tenant.name.as_str())];
            let summary = fill(cx.phrases().desk.left, &values);
            cx.show(&template.value, serde_json::Map::new(), summary);
        }
        let says = self.speech.text.as_ref().map(|text| cx.render(text));
        cx.leave_words(words, says);
        true
    }
}

impl Behaviour for Message {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let (desk, name) = (cx.phrases().desk, cx.tenant.name.clone());
        if let Some(help) = &cx.session().desk {
            match &help.owner {
                Some(owner) => cx.say(fill(desk.with, &[("agent", &owner.name)])),
                None => cx.show_slip(),
            }
            return Flow::Stay;
        }
        if cx.is_forsaken() {
            return Flow::Departed;
        }
        if self.leave(cx) {
            return Flow::Stay;
        }
        if let Some(template) = &self.speech.template {
            let summary = fill(desk.leave, &[("name", &name)]);
            cx.show(&template.value, serde_json::Map::new(), summary.clone());
            cx.ask_message(summary);
        } else {
            let words = self
                .speech
                .text
                .as_ref()
                .map_or_else(|| fill(desk.leave, &[("name", &name)]), |text| cx.render(text));
            cx.ask_message(words);
        }
        Flow::Stay
    }

    fn hear(&self, cx: &mut Cx<'_>, event: &Event) -> Flow {
        cx.hear_for_desk(event)
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        let mut mentions = self.speech.mentions();
        mentions.extend(self.words.iter().map(Mention::Text));
        mentions
    }

    fn is_free_text(&self) -> bool {
        self.words.is_none()
    }

    fn is_for_desk(&self) -> bool {
        true
    }
}

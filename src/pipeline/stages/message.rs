//! `message`: the guest leaves a message; it stands at the desk until somebody answers and resolves
//! it, days later if need be.

use crate::{
    model::Event,
    pipeline::{
        cx::Cx,
        flow::Flow,
        language::fill,
        stage::{Behaviour, Mention, Speech},
    },
    source::Fields,
};

/// Settings of a `message` stage.
#[derive(Debug, Clone)]
pub struct Message {
    speech: Speech,
}

impl Message {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Message { speech: Speech::read(fields, false) })
    }
}

impl Behaviour for Message {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let (desk, name) = (cx.phrases().desk, cx.tenant.name.clone());
        if let Some(help) = &cx.session().desk {
            let words = match &help.owner {
                Some(owner) => fill(desk.with, &[("agent", &owner.name)]),
                None => fill(desk.left, &[("name", &name), ("ref", &cx.session().reference)]),
            };
            cx.say(words);
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
        self.speech.mentions()
    }

    fn is_free_text(&self) -> bool {
        true
    }

    fn is_for_desk(&self) -> bool {
        true
    }
}

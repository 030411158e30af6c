//! `end`: says goodbye and closes the session.

use serde_json::json;

use crate::{
    model::{State, Words},
    pipeline::{
        cx::{Cx, object},
        flow::{Exits, Flow},
        stage::{Behaviour, Mention, Speech},
    },
    source::Fields,
};

/// Settings of an `end` stage.
#[derive(Debug, Clone)]
pub struct End {
    speech: Speech,
    outcome: State,
}

impl End {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let speech = Speech::read(fields, false);
        let outcome = match fields.one_of("outcome", &["resolved", "unresolved"]) {
            Some("unresolved") => State::Unresolved,
            _ => State::Resolved,
        };
        Some(End { speech, outcome })
    }

    /// The state in which it leaves the session.
    pub fn outcome(&self) -> State {
        self.outcome
    }
}

impl Behaviour for End {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let phrases = cx.phrases();
        let words = self
            .speech
            .text
            .as_ref()
            .map_or_else(|| Words::own(phrases.ended), |text| cx.render(text));
        let template =
            self.speech.template.as_ref().map_or("ended", |template| template.value.as_str());
        let own =
            json!({ "text": words.variable(), "words": { "again": cx.what_follows().variable() } });
        cx.show(template, object(own), words);
        Flow::End(self.outcome)
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.speech.mentions()
    }

    fn waits(&self) -> bool {
        false
    }

    fn leaves(&self) -> bool {
        true
    }

    fn falls_through(&self, _: &Exits) -> bool {
        false
    }
}

//! What could not be judged or said, for the flow trail: the log and the count are made of it.

use super::Cx;
use crate::{
    model::{Effect, Step, Words},
    pipeline::{language::text::Text, scope},
};

/// The exit in the flow trail of a stage whose condition could not be judged (a value of another
/// type). Of several conditions it is followed by the one.
pub const CONDITION_FAILED: &str = "condition_failed";
/// The exit in the flow trail of a stage with a text that could not be filled in.
pub const TEXT_FAILED: &str = "text_failed";

impl Cx<'_> {
    /// Notes in the flow trail that a condition could not be judged.
    pub fn condition_failed(&mut self, condition: &str) {
        let step = self.step(format!("{CONDITION_FAILED}: {condition}"));
        self.effects.push(Effect::Trail(step));
    }

    /// Renders a text. One that cannot be filled in is noted, and says what stands in it.
    pub fn render(&self, text: &Text) -> Words {
        text.fill(&self.variables(), &self.locales()).unwrap_or_else(|rest| {
            self.text_failed();
            rest
        })
    }

    /// Renders a text of which nothing is said: nothing at all when it cannot be filled in.
    pub fn value(&self, text: &Text) -> Words {
        text.fill(&self.variables(), &self.locales()).unwrap_or_else(|_| {
            self.text_failed();
            Words::default()
        })
    }

    /// Renders a text for the desk, in the tenant's language.
    pub fn render_for_desk(&self, text: &Text) -> String {
        let words = text.fill(&self.variables(), &[self.tenant.locale.as_str()]);
        let words = words.unwrap_or_else(|rest| {
            self.text_failed();
            rest
        });
        words.plain().trim().to_owned()
    }

    /// True when all of these can be filled in with values as they are stored.
    pub fn can_fill(&self, texts: &[&Text]) -> bool {
        let variables = scope::stored(self.view());
        let fine = texts.iter().all(|text| text.fill(&variables, &self.locales()).is_ok());
        if !fine {
            self.text_failed();
        }
        fine
    }

    fn text_failed(&self) {
        self.troubles.borrow_mut().push(self.step(TEXT_FAILED.to_owned()));
    }

    fn step(&self, exit: String) -> Step {
        Step {
            session: Some(self.session().id),
            stage: self.stage.id.clone(),
            kind: self.stage.kind.to_owned(),
            at: self.facts.now,
            exit: Some(exit),
        }
    }
}

//! A session and its desk.

use jiff::Timestamp;
use serde_json::Value;

use super::{Session, keys};
use crate::model::{AtDesk, Past};

impl Session {
    /// It has no more to do with its desk. What stood between them, if anything did.
    pub fn leave_desk(&mut self, at: Timestamp) -> Option<AtDesk> {
        let help = self.desk.take()?;
        let thread = help.brief;
        self.past = self.stage.clone().map(|stage| Past { stage, thread });
        self.waited = help.waited_by(at);
        Some(help)
    }

    /// What was last said of the matter by somebody who may say it.
    pub fn said_solved(&self) -> Option<bool> {
        self.metadata.get(keys::RESOLVED).and_then(Value::as_bool)
    }

    /// Closes the record of the agent who has it: when, and how that came about.
    pub fn part(&mut self, how: &str, at: Timestamp) {
        if let Some(taken) = self.takes.last_mut().filter(|taken| taken.until.is_none()) {
            (taken.until, taken.how) = (Some(at), Some(how.to_owned()));
        }
    }
}

//! What was said before it was asked for is taken as an answer only where the guest can still give
//! another one. Where the turn would end the session, move it or ask another system, it is as if
//! nothing had been taken: the form asks, filled in with the words.

use std::collections::BTreeSet;

use crate::model::{Effect, Journey, SessionId};

/// How everything stood before the words were taken; empty once it was given back.
pub(super) struct Trial(Option<Box<Before>>);

struct Before {
    journey: Journey,
    changed: BTreeSet<SessionId>,
    /// How many effects there were.
    effects: usize,
}

impl Trial {
    /// How everything stands now.
    pub(super) fn of(
        journey: &Journey,
        changed: &BTreeSet<SessionId>,
        effects: &[Effect],
    ) -> Trial {
        let (journey, changed) = (journey.clone(), changed.clone());
        Trial(Some(Box::new(Before { journey, changed, effects: effects.len() })))
    }

    /// Makes everything as it was; false when it is so already.
    pub(super) fn give_back(
        &mut self,
        journey: &mut Journey,
        changed: &mut BTreeSet<SessionId>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Some(before) = self.0.take() else { return false };
        *journey = before.journey;
        *changed = before.changed;
        effects.truncate(before.effects);
        true
    }

    /// True when the words were taken and given back.
    pub(super) fn is_given_back(&self) -> bool {
        self.0.is_none()
    }
}

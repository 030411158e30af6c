//! A department is gone, and nobody there can answer any more: both sides are told, and the guest is
//! led on with what was said.

use super::{
    former::Former,
    run::{Machine, Spot},
    spoken::carried,
};
use crate::{
    model::{State, session::keys},
    pipeline::{directory::Sharing, language::fill, policy::policy},
};

impl<'a> Machine<'a> {
    /// From where something can be said in a session of a department that is gone.
    pub(super) fn speaker(&self, index: usize) -> Option<Spot<'a>> {
        let (tenant, stage) = Former::speaker(self.former, &self.journey.sessions[index])?;
        Some(Spot { index, tenant, stage })
    }

    /// Ends a session in which nobody can answer any more, and goes on where one waits for its end,
    /// else at the front desk. Answers with the session to enter.
    pub(super) fn lead_on(&mut self, spot: Spot<'_>) -> Option<usize> {
        let directory = self.facts.directory;
        let (name, front) = (spot.tenant.name.as_str(), directory.name_of(&directory.primary));
        self.trail(spot, Some("departed"));
        let mut cx = self.at(spot);
        let told = fill(cx.phrases().departed, &[("name", name), ("front", front)]);
        let (desk, guest) = (cx.desk_phrases().desk, cx.guest_name().to_owned());
        cx.end_help(&fill(
            desk.desk_departed,
            &[("name", name), ("guest", &guest), ("front", front)],
        ));
        if self.beside {
            // The guest is in another matter, and goes on there.
            let over = self.over(spot.index);
            self.tell(spot.index, over);
        } else {
            self.at(spot).say(told);
        }
        self.quiet(spot);
        self.withdraw_offer(spot);
        self.journey.sessions[spot.index].end(State::Unresolved, self.facts.now);
        self.changed.insert(self.journey.sessions[spot.index].id);
        if self.beside {
            return None;
        }
        self.go_back(spot.index).or_else(|| self.go_on_at_front(spot))
    }

    /// A new session at the front desk, with what may be known there of the one that has ended.
    fn go_on_at_front(&mut self, spot: Spot<'_>) -> Option<usize> {
        let mut fresh = self.fresh_session()?;
        let ended = &self.journey.sessions[spot.index];
        let policy = policy(self.facts.directory, spot.tenant, &fresh.tenant);
        (fresh.hop, fresh.origin) = (ended.hop, ended.origin);
        for (key, entry) in ended.metadata.iter().filter(|(key, entry)| policy.crosses(key, entry))
        {
            fresh.metadata.set(key, entry.clone());
        }
        let is_shown = matches!(policy.transcript, Sharing::Full | Sharing::Guest);
        fresh.spoken = carried(ended, &policy);
        fresh.query = ended.query.clone().filter(|_| is_shown && policy.lets(keys::QUESTION));
        self.journey.sessions.push(fresh);
        Some(self.journey.sessions.len() - 1)
    }
}

//! Who works at a desk, the files of now say: a chat and its offers leave whoever is no agent there
//! any more, sits where the desk is no longer, or cannot be written to, and the chat is offered again. Where the whole
//! department is gone or disabled, its agent keeps the chat that they have.

use crate::{
    model::{Agent, AtDesk, State},
    pipeline::{
        language::fill,
        machine::run::{Machine, Spot},
    },
};

use super::waiting::Gone;

impl Machine<'_> {
    /// Brings a session's desk into line with today's files.
    pub(super) fn heed_files(&mut self, spot: Spot<'_>) {
        let Some(help) = self.journey.sessions[spot.index].desk.clone() else { return };
        if !spot.tenant.enabled {
            return;
        }
        let people = self.facts.desks.people(&spot.tenant.id);
        let is_agent = |id: &str| {
            let person = people.as_ref()?.agents.iter().find(|agent| agent.id == id)?;
            Some(!person.lost)
        };
        let stays = |id: &str| is_agent(id) == Some(true);
        let lost = help.owner.as_ref().filter(|owner| match help.owner_in_person() {
            Some(_) => !stays(&owner.id),
            None => people.is_some(),
        });
        let is_elsewhere = help.brief.is_some() && people.is_some();
        let mut gone: Vec<&str> = help.open_cards().map(|asked| asked.agent.as_str()).collect();
        gone.retain(|agent| !stays(agent));
        if lost.is_none() && gone.is_empty() && !is_elsewhere {
            return;
        }
        self.changed.insert(self.journey.sessions[spot.index].id);
        for agent in gone {
            if is_agent(agent).is_none() {
                self.withdraw_from(spot, agent, lost);
            } else if let Some(help) = &mut self.journey.sessions[spot.index].desk {
                // Nothing reaches them: when they are back, they can be asked anew.
                help.close_cards(Some(agent));
                help.forget(agent);
            }
        }
        if is_elsewhere {
            self.leave_thread(spot, &help);
        }
        if let Some(owner) = lost {
            let desk = self.at(spot).desk_phrases().desk;
            let is_known = is_agent(&owner.id).is_some();
            let phrase = if is_known { desk.desk_lost } else { desk.desk_removed };
            let why = fill(phrase, &[("agent", &owner.name)]);
            self.until_now(spot.index, if is_known { "unreachable" } else { "removed" });
            self.offer_again(spot, Gone::Away(why));
        }
        let session = &self.journey.sessions[spot.index];
        let is_promised = matches!(session.state, State::WaitingForAgent | State::WithAgent);
        if is_promised && !self.facts.desks.is_reachable(&spot.tenant.id) {
            self.cut_off(spot);
        }
    }

    /// An agent's card of this chat counts no longer; whoever had the chat is told.
    fn withdraw_from(&mut self, spot: Spot<'_>, agent: &str, lost: Option<&Agent>) {
        let mut cx = self.at(spot);
        let desk = cx.desk_phrases().desk;
        let reference = cx.session().reference.clone();
        let words = fill(desk.desk_removed_you, &[("ref", &reference)]);
        cx.retire_cards(Some(agent), &words);
        if let Some(owner) = lost.filter(|owner| owner.id == agent) {
            cx.to_agent(owner, words);
        }
        if let Some(help) = &mut cx.session_mut().desk {
            help.forget(agent);
        }
    }

    /// The desk is no longer in a channel: what stands in its thread can do nothing any more.
    fn leave_thread(&mut self, spot: Spot<'_>, help: &AtDesk) {
        let Some(thread) = help.brief else { return };
        let now = self.facts.now;
        let mut cx = self.at(spot);
        let why = fill(cx.desk_phrases().desk.desk_elsewhere, &[("name", spot.tenant.own_name())]);
        cx.close_thread(thread, &why);
        if let Some(help) = &mut cx.session_mut().desk {
            help.lose_thread(now);
        }
    }
}

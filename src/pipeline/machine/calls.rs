//! Calls to other systems: what comes back, and what does not.

use super::run::{Machine, Spot};
use crate::{
    model::{CallId, Event},
    pipeline::flow::Flow,
};

impl Machine<'_> {
    /// A call was answered, or failed. One for which nobody waits any more changes nothing.
    pub(super) fn called(&mut self, index: usize, id: CallId, event: &Event) {
        if self.journey.sessions[index].call.as_ref().is_none_or(|call| call.id != id) {
            return;
        }
        let Some(spot) = self.place(index) else {
            self.restart(index);
            return;
        };
        self.changed.insert(self.journey.sessions[index].id);
        let flow = spot.stage.kind.behaviour().hear(&mut self.at(spot), event);
        if flow != Flow::Stay {
            self.follow(index, flow);
        }
    }

    /// Nobody has brought an answer in time: the process that asked is gone, or the other system is
    /// silent.
    pub(super) fn tick_call(&mut self, spot: Spot<'_>) {
        let now = self.facts.now;
        let Some(call) =
            self.journey.sessions[spot.index].call.take_if(|call| call.deadline <= now)
        else {
            return;
        };
        self.changed.insert(self.journey.sessions[spot.index].id);
        let flow = spot.stage.kind.behaviour().unanswered(&mut self.at(spot), call);
        if flow != Flow::Stay {
            self.follow(spot.index, flow);
        }
    }
}

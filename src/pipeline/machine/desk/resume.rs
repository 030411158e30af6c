//! A guest comes back to a matter that a desk had: the same thread, the same agent if they are there,
//! with what the guest wrote now. Nothing is asked.

use crate::{
    model::{Agent, AtDesk, Past, State},
    pipeline::{
        language::fill,
        machine::run::{Machine, Spot},
        stages::Kind,
    },
};

impl<'a> Machine<'a> {
    /// Goes on at the desk at which the session was; false when it was at none, or that place is gone.
    pub(in crate::pipeline::machine) fn resume_at_desk(
        &mut self,
        index: usize,
        words: &str,
    ) -> bool {
        let Some(past) = self.journey.sessions[index].past.clone() else { return false };
        let Some(spot) = self.place_at_desk(index, &past) else { return false };
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        session.stage = Some(past.stage);
        session.last_waited.clone_from(&session.stage);
        let agent = self.former_agent(spot);
        let desks = self.facts.desks;
        let is_waited_for = spot.stage.agent().is_some()
            && !spot.tenant.is_closed(now)
            && desks.is_reachable(&spot.tenant.id);
        // Whoever has it answers; else it waits in the queue, or lies there as a message.
        let is_left = agent.is_none() && !is_waited_for;
        let mut help = AtDesk::new(self.facts.fresh.nonce(), is_left, None, now);
        let is_people = desks.people(&spot.tenant.id).is_some();
        help.brief = past.thread.filter(|_| !is_people && desks.is_reachable(&spot.tenant.id));
        let session = &mut self.journey.sessions[index];
        session.desk = Some(help);
        session.state = if is_left { State::Open } else { State::WaitingForAgent };
        session.waiting = None;
        match agent {
            Some(agent) => self.resume_with(spot, &agent, words),
            None => self.resume_in_queue(spot, words),
        }
        true
    }

    /// The place of the desk's stage, if the files still have it.
    fn place_at_desk(&self, index: usize, past: &Past) -> Option<Spot<'a>> {
        let session = &self.journey.sessions[index];
        let tenant = self.facts.directory.tenant(&session.tenant).filter(|one| one.enabled)?;
        let stage = self.case.pipeline(session)?.stages.get(&past.stage)?;
        let is_at_desk = matches!(stage.kind, Kind::Agent(_) | Kind::Message(_));
        is_at_desk.then_some(Spot { index, tenant, stage })
    }

    /// Who had it last and did not give it away, if they can have it again.
    fn former_agent(&self, spot: Spot<'_>) -> Option<Agent> {
        let taken = self.journey.sessions[spot.index].takes.last()?;
        let kept = matches!(taken.how.as_deref(), Some("resolved" | "unresolved" | "left"));
        let desks = self.facts.desks;
        let is_there = match desks.people(&spot.tenant.id) {
            Some(people) => people.agents.iter().any(|person| {
                person.id == taken.agent.id && person.available && person.load < people.most
            }),
            None => desks.is_reachable(&spot.tenant.id) && !spot.tenant.is_closed(self.facts.now),
        };
        (kept && is_there).then(|| taken.agent.clone())
    }

    fn resume_with(&mut self, spot: Spot<'_>, agent: &Agent, words: &str) {
        let now = self.facts.now;
        self.own(spot, agent, now);
        let is_people = self.facts.desks.people(&spot.tenant.id).is_some();
        let mut cx = self.at(spot);
        let left = cx.desk_phrases().left;
        let (guest, reference) = (cx.guest_name().to_owned(), cx.session().reference.clone());
        let back =
            fill(left.desk_back, &[("guest", &guest), ("ref", &reference), ("agent", &agent.name)]);
        if is_people {
            cx.give_card(agent, back);
        } else {
            if cx.session().desk.as_ref().is_some_and(|help| help.brief.is_none()) {
                cx.tell_desk_of_it();
            }
            cx.rebrief();
            cx.to_thread(agent, back);
        }
        cx.add_to_left(words);
        let words = fill(
            cx.phrases().left.back_with,
            &[("agent", &agent.name), ("name", &spot.tenant.name), ("ref", &reference)],
        );
        cx.say(words);
    }

    fn resume_in_queue(&mut self, spot: Spot<'_>, words: &str) {
        let mut cx = self.at(spot);
        let (guest, reference) = (cx.guest_name().to_owned(), cx.session().reference.clone());
        let values = [("guest", guest.as_str()), ("ref", reference.as_str())];
        let back = fill(cx.desk_phrases().left.desk_back, &values);
        cx.tell_desk_of_it();
        cx.rebrief();
        cx.to_desk(back);
        cx.add_to_left(words);
        match spot.stage.agent() {
            Some(settings) if cx.session().state == State::WaitingForAgent => {
                settings.show(&mut cx)
            }
            _ => cx.show_slip(),
        }
    }
}

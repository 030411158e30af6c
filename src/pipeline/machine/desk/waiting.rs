//! What time does while a human is waited for or is there, and how their chat comes to an end.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    model::{Agent, AtDesk, LetterId, Session, State, Words},
    pipeline::{
        directory::Tenant,
        flow::Flow,
        language::fill,
        machine::run::{Machine, Spot},
        playbook::Case,
    },
};

/// An owner who does not answer is reminded after this, and after twice this the chat is offered
/// again.
const SILENCE: Duration = Duration::from_secs(5 * 60);
/// The same for a message that was left, where the department has no hours; else it is a working
/// day of its hours. Nobody sits and waits for the answer.
const SILENCE_LEFT: Duration = Duration::from_secs(24 * 60 * 60);
/// A thread that could not be opened is tried again after this.
const RETRY: Duration = Duration::from_secs(5 * 60);

/// The earliest instant at which something is due while a human is waited for or is there.
pub(in crate::pipeline::machine) fn due(case: &Case<'_>, session: &Session) -> Option<Timestamp> {
    let (facts, help) = (&case.facts, session.desk.as_ref()?);
    let after = |since: Timestamp, span: Duration| since.checked_add(span).unwrap_or(since);
    if help.owner.is_some() {
        let tenant = case.tenant(session);
        return help
            .unanswered
            .map(|since| silent_until(tenant, help, since, if help.reminded { 2 } else { 1 }));
    }
    // Whoever works in their own chat is asked when the department opens.
    let people = facts.desks.people(&session.tenant);
    let hours = facts.directory.tenant(&session.tenant).and_then(|tenant| tenant.hours.as_ref());
    let closed = hours.filter(|hours| people.is_some() && !hours.is_open(facts.now));
    let opens = closed.and_then(|hours| hours.next_open(facts.now));
    if session.state != State::WaitingForAgent {
        // A message that no desk has heard of yet.
        let unheard = help.left && help.is_unheard() && facts.desks.is_reachable(&session.tenant);
        let retry = (unheard && closed.is_none()).then(|| after(help.updated, RETRY));
        return opens.or(retry);
    }
    let settings = case.stage(session)?.agent()?;
    // Only where one is asked after the other does the time of an offer run out.
    let hunts = people.is_some_and(|people| people.hunt);
    let offer = help
        .asked
        .iter()
        .rfind(|asked| hunts && asked.open)
        .map(|asked| after(asked.at, settings.accept_timeout));
    let rest = after(help.since, settings.max_wait).min(after(help.updated, settings.update_every));
    offer.into_iter().chain([rest]).chain(opens).min()
}

/// How long an owner may be silent: once until they are reminded, twice until the chat is offered
/// again.
fn silent_until(tenant: Option<&Tenant>, help: &AtDesk, since: Timestamp, times: u32) -> Timestamp {
    let hours = tenant.and_then(|tenant| tenant.hours.as_ref()).filter(|_| help.left);
    let span = if help.left { SILENCE_LEFT } else { SILENCE };
    hours
        .and_then(|hours| hours.working_days_after(since, times))
        .unwrap_or_else(|| since.checked_add(span * times).unwrap_or(since))
}

/// Why an owner does not go on.
#[derive(Debug)]
pub(super) enum Gone {
    /// They did not answer.
    Silent,
    /// They gave the chat back, or cannot have it any more: what the desk reads of it.
    Away(Words),
}

impl Machine<'_> {
    /// The thread was not opened, or takes nothing any more: what nobody has answered there waits for
    /// the next one. Whoever has the chat keeps it.
    pub(in crate::pipeline::machine) fn thread_lost(
        &mut self,
        index: usize,
        letter: LetterId,
        at_once: bool,
    ) {
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        let Some(help) = session.desk.as_mut().filter(|help| help.brief == Some(letter)) else {
            return;
        };
        help.lose_thread(now);
        let owner = help.owner.clone();
        self.changed.insert(session.id);
        let Some(spot) = self.place(index).filter(|_| at_once) else { return };
        let mut cx = self.at(spot);
        cx.tell_desk_of_it();
        if let Some(owner) = owner {
            // They look at the thread that was.
            let desk = cx.desk_phrases().desk;
            let words = fill(desk.desk_thread_again, &[("guest", cx.guest_name())]);
            cx.to_thread(&owner, words);
        }
    }

    /// The owner does not go on: the chat can be taken again.
    pub(super) fn offer_again(&mut self, spot: Spot<'_>, gone: Gone) {
        let now = self.facts.now;
        let session = &self.journey.sessions[spot.index];
        if session.desk.as_ref().is_none_or(|help| help.owner.is_none()) {
            return;
        }
        let is_known = self.case.stage(session).is_some();
        if !is_known || self.at(spot).is_forsaken() {
            // Nobody else is there who could take it.
            self.follow(spot.index, Flow::Departed);
            return;
        }
        let session = &mut self.journey.sessions[spot.index];
        let Some(help) = &mut session.desk else { return };
        let Some(owner) = help.reopen(self.facts.fresh.nonce(), now) else { return };
        session.state = if help.left { State::Open } else { State::WaitingForAgent };
        session.metadata.remove("Agent.Id");
        session.metadata.remove("Agent.Upn");
        session.metadata.remove("Agent.Name");
        self.changed.insert(session.id);
        let is_reachable = self.facts.desks.is_reachable(&spot.tenant.id);
        let mut cx = self.at(spot);
        let desk = cx.phrases().desk;
        let phrase = match &gone {
            Gone::Silent => desk.again_silent,
            Gone::Away(_) if is_reachable => desk.again,
            // Nobody else is there: what is said next says so.
            Gone::Away(_) => desk.again_alone,
        };
        cx.say(fill(phrase, &[("agent", &owner.name), ("name", &spot.tenant.name)]));
        if cx.session().is_left() {
            cx.show_slip();
        }
        cx.rebrief();
        match gone {
            Gone::Silent => {
                let reference = cx.session().reference.clone();
                let values = [("ref", &*reference), ("guest", &*cx.guest_name().to_owned())];
                let desk = cx.desk_phrases().desk;
                cx.to_owner(
                    &owner,
                    fill(desk.desk_again, &values),
                    fill(desk.desk_again_in, &values),
                );
            }
            Gone::Away(why) => {
                cx.to_desk(why);
            }
        }
        cx.pass_over(&owner);
        cx.tell_desk_of_it();
    }

    /// Does what is due while a human is waited for or is there.
    pub(in crate::pipeline::machine) fn tick_help(&mut self, spot: Spot<'_>) {
        let now = self.facts.now;
        self.heed_files(spot);
        if self.journey.sessions[spot.index].desk.is_some() && self.at(spot).is_forsaken() {
            self.follow(spot.index, Flow::Departed);
            return;
        }
        // A desk that was connected meanwhile hears of who waits.
        let before = self.effects.len();
        self.at(spot).tell_desk_of_it();
        if self.effects.len() > before {
            self.changed.insert(self.journey.sessions[spot.index].id);
        }
        let Some(help) = self.journey.sessions[spot.index].desk.clone() else { return };
        let past =
            |since: Timestamp, span: Duration| since.checked_add(span).is_ok_and(|at| at <= now);
        let state = self.journey.sessions[spot.index].state;
        let was_told = help.brief.is_some() || help.open_cards().next().is_some();
        // Of a department that is gone its agent's own chat is left.
        let is_people =
            self.facts.desks.people(&spot.tenant.id).is_some() || help.owner_in_person().is_some();
        // Agents who are away for a while still read their own chats.
        let is_cut_off = was_told
            && !self.facts.desks.is_reachable(&spot.tenant.id)
            && (!is_people || state == State::WaitingForAgent);
        if is_cut_off {
            // Nobody there hears the guest any more: no false promise.
            self.cut_off(spot);
            return;
        }
        if let (Some(owner), Some(since)) = (&help.owner, help.unanswered) {
            let silent = |times| silent_until(Some(spot.tenant), &help, since, times) <= now;
            if silent(2) {
                self.until_now(spot.index, "silent");
                self.offer_again(spot, Gone::Silent);
            } else if !help.reminded && silent(1) {
                self.remind(spot, owner, help.waits_since().unwrap_or(since));
            }
            return;
        }
        if self.journey.sessions[spot.index].state != State::WaitingForAgent {
            return;
        }
        let Some(settings) = spot.stage.agent() else { return };
        if past(help.since, settings.max_wait) {
            let flow = settings.give_up(&mut self.at(spot), |desk| desk.too_long);
            self.changed.insert(self.journey.sessions[spot.index].id);
            if flow != Flow::Stay {
                self.journey.sessions[spot.index].state = State::Active;
                self.follow(spot.index, flow);
            }
        } else if past(help.updated, settings.update_every) {
            settings.show(&mut self.at(spot));
            self.changed.insert(self.journey.sessions[spot.index].id);
        }
        let hunts = self.facts.desks.people(&spot.tenant.id).is_some_and(|people| people.hunt);
        if hunts
            && help
                .asked
                .iter()
                .rfind(|asked| asked.open)
                .is_some_and(|asked| past(asked.at, settings.accept_timeout))
        {
            let mut cx = self.at(spot);
            cx.withdraw_asked();
            cx.tell_desk_of_it();
            self.changed.insert(self.journey.sessions[spot.index].id);
        }
    }

    /// The owner is reminded of whoever waits for their answer.
    fn remind(&mut self, spot: Spot<'_>, owner: &Agent, since: Timestamp) {
        let mut cx = self.at(spot);
        let desk = cx.desk_phrases().desk;
        let (guest, time) = (cx.guest_name().to_owned(), cx.desk_moment(since));
        let reference = cx.session().reference.clone();
        let values = [("ref", &*reference), ("guest", &guest), ("time", &time)];
        cx.to_owner(owner, fill(desk.desk_remind, &values), fill(desk.desk_remind_in, &values));
        let session = cx.session_mut();
        if let Some(help) = &mut session.desk {
            help.reminded = true;
        }
        let id = session.id;
        self.changed.insert(id);
    }

    pub(super) fn cut_off(&mut self, spot: Spot<'_>) {
        self.changed.insert(self.journey.sessions[spot.index].id);
        self.until_now(spot.index, "cut_off");
        let session = &mut self.journey.sessions[spot.index];
        if let Some(help) = &mut session.desk {
            help.cut_off(self.facts.fresh.nonce());
        }
        let is_left = session.desk.as_ref().is_some_and(|help| help.left);
        match (session.state, spot.stage.agent().filter(|_| !is_left)) {
            (State::WaitingForAgent | State::WithAgent, Some(settings)) => {
                let flow = settings.give_up(&mut self.at(spot), |desk| desk.nobody);
                if flow != Flow::Stay {
                    self.journey.sessions[spot.index].state = State::Active;
                    self.follow(spot.index, flow);
                }
            }
            (State::WithAgent, _) => {
                session.state = State::Open;
                self.at(spot).show_slip();
            }
            // A message waits, or is asked for: nobody was promised to be there.
            _ => {}
        }
    }

    /// The desk is told that its words do not arrive.
    pub(in crate::pipeline::machine) fn unreachable(&mut self, index: usize) {
        if self.journey.sessions[index].desk.is_none() {
            return;
        }
        let Some(spot) = self.place(index) else { return };
        let mut cx = self.at(spot);
        let words = fill(cx.desk_phrases().desk.desk_unreachable, &[("guest", cx.guest_name())]);
        cx.to_desk(words);
    }

    /// The guest goes where this desk is not.
    pub(in crate::pipeline::machine) fn part(&mut self, spot: Spot<'_>, to: Option<&str>) {
        let session = &mut self.journey.sessions[spot.index];
        if session.desk.is_none() {
            return;
        }
        if matches!(session.state, State::WaitingForAgent | State::WithAgent | State::Open) {
            session.state = State::Active;
        }
        self.until_now(spot.index, if to.is_some() { "moved" } else { "left" });
        let mut cx = self.at(spot);
        let (desk, guest) = (cx.desk_phrases().desk, cx.guest_name().to_owned());
        let words = match to {
            Some(to) => fill(desk.desk_moved, &[("guest", &guest), ("to", to)]),
            None => fill(desk.desk_gone, &[("guest", &guest)]),
        };
        cx.end_help(&words);
    }
}

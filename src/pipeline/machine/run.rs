//! The loop over stages: from one to the next until one waits, ends or moves the guest.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::json;

use super::{former::Former, trial::Trial};
use crate::{
    model::{Effect, Joined, Journey, SessionId, StageId, State, Step, Words},
    pipeline::{
        cx::{CONDITION_FAILED, Cx, object},
        directory::Tenant,
        expr::Expr,
        facts::Facts,
        flow::Flow,
        joined::join,
        playbook::{Case, PERSON, Stage},
        stages::Kind,
        wish::Refusal,
    },
};

/// The most stages in one turn. The checker proves that every loop waits; this only keeps a promise
/// to the thread.
const MOST_STEPS: usize = 2000;

/// The next journey and what is to be done.
#[derive(Debug)]
pub struct Outcome {
    /// The journey; none when a click opened nothing.
    pub journey: Option<Journey>,
    /// Earlier journeys in which a desk still has something of the guest's, oldest first; and any
    /// that ended just now.
    pub open: Vec<Journey>,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// The sessions that are new or differ.
    pub changed: Vec<SessionId>,
    /// The index of the first hop that is new.
    pub first_new_hop: usize,
    /// Why a manager's or agent's wish was refused, in code and words; nothing was changed then but
    /// the note of it.
    pub refusal: Option<(Refusal, Words)>,
}

/// Where a session stands: what always goes together.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The session's index in the journey.
    pub(super) index: usize,
    /// Its tenant.
    pub(super) tenant: &'a Tenant,
    /// The stage there.
    pub(super) stage: &'a Stage,
}

/// A journey on its way to the next one.
pub(super) struct Machine<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) facts: &'a Facts<'a>,
    /// Departments that are gone, where somebody still has a chat.
    pub(super) former: &'a [Former],
    pub(super) journey: Journey,
    /// The other matters that go on.
    pub(super) open: Vec<Journey>,
    /// The guest is in another matter than this one: nothing here takes their turn.
    pub(super) beside: bool,
    pub(super) effects: Vec<Effect>,
    /// The question that this turn asks last.
    pub(super) asked: Option<Joined>,
    pub(super) changed: BTreeSet<SessionId>,
    pub(super) first_new_hop: usize,
    pub(super) refusal: Option<(Refusal, Words)>,
    pub(super) trial: Option<Trial>,
    /// Texts that could not be filled in.
    pub(super) troubles: RefCell<Vec<Step>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(case: &'a Case<'a>, journey: Journey) -> Self {
        let first_new_hop = journey.hops.len();
        Machine {
            case,
            facts: &case.facts,
            former: &[],
            journey,
            open: Vec::new(),
            beside: false,
            effects: Vec::new(),
            asked: None,
            changed: BTreeSet::new(),
            first_new_hop,
            refusal: None,
            trial: None,
            troubles: RefCell::default(),
        }
    }

    /// With departments that are gone.
    pub(super) fn with(self, former: &'a [Former]) -> Self {
        Machine { former, ..self }
    }

    /// With the other matters that go on.
    pub(super) fn among(self, open: Vec<Journey>) -> Self {
        Machine { open, ..self }
    }

    /// While the guest is in another matter.
    pub(super) fn beside(self) -> Self {
        Machine { beside: true, ..self }
    }

    pub(super) fn finish(mut self) -> Outcome {
        let mut effects = join(self.effects, &mut self.journey, self.asked);
        effects.extend(self.troubles.into_inner().into_iter().map(Effect::Trail));
        Outcome {
            journey: Some(self.journey),
            open: self.open,
            effects,
            changed: self.changed.into_iter().collect(),
            first_new_hop: self.first_new_hop,
            refusal: self.refusal,
        }
    }

    /// Where a session stands, unless the files no longer know the place.
    pub(super) fn place(&self, index: usize) -> Option<Spot<'a>> {
        let session = &self.journey.sessions[index];
        let known = self.case.tenant(session).zip(self.case.stage(session));
        let (tenant, stage) = known.or_else(|| Former::place(self.former, session))?;
        Some(Spot { index, tenant, stage })
    }

    /// What a stage sees and does there.
    pub(super) fn at<'m>(&'m mut self, spot: Spot<'m>) -> Cx<'m> {
        let metadata = &self.journey.sessions[spot.index].metadata;
        let decides = |when: &Expr| metadata.private_keys().any(|key| when.uses(key));
        let depends_on_private = spot.stage.when.as_ref().is_some_and(decides);
        let free = spot.stage.head.exit("on_free_text");
        let beyond = free.and_then(|to| {
            let pipeline = self.case.pipeline(&self.journey.sessions[spot.index])?;
            pipeline.stages.get(to)?.kind.behaviour().searches()
        });
        Cx {
            depends_on_private,
            beside: self.beside,
            beyond,
            facts: self.facts,
            tenant: spot.tenant,
            stage: &spot.stage.head,
            journey: &mut self.journey,
            index: spot.index,
            effects: &mut self.effects,
            asked: &mut self.asked,
            troubles: &self.troubles,
        }
    }

    /// Enters the stage where the session stands, and goes on until it waits, ends or is somebody
    /// else's.
    pub(super) fn enter(&mut self, index: usize) {
        self.follow_from(index, None);
    }

    pub(super) fn follow(&mut self, index: usize, flow: Flow) {
        self.follow_from(index, Some(flow));
    }

    pub(super) fn follow_from(&mut self, mut index: usize, mut flow: Option<Flow>) {
        for _ in 0..MOST_STEPS {
            self.changed.insert(self.journey.sessions[index].id);
            let Some(spot) = self.place(index) else {
                self.restart(index);
                return;
            };
            let now_flow = match flow.take() {
                Some(flow) => flow,
                None => match self.skips(spot) {
                    Some(exit) => {
                        if self.after(spot).is_none() && self.give_back() {
                            continue;
                        }
                        if !self.leave(spot, exit, self.after(spot)) {
                            match self.end(spot, self.natural_end(index)) {
                                Some(next) => index = next,
                                None => return,
                            }
                        }
                        continue;
                    }
                    None => {
                        let unasked = &mut self.journey.sessions[index].unasked;
                        unasked.retain(|question| question.stage != spot.stage.head.id);
                        if self.beside && self.would_take_turn(spot) {
                            match self.pass_by(spot) {
                                Some(flow) => flow,
                                None => return,
                            }
                        } else {
                            self.arrive(spot)
                        }
                    }
                },
            };
            if self.is_last(spot, &now_flow) && self.give_back() {
                continue;
            }
            match now_flow {
                Flow::Stay => {
                    self.trail(spot, None);
                    return;
                }
                Flow::Next => {
                    if !self.leave(spot, "next", self.after(spot)) {
                        match self.end(spot, self.natural_end(index)) {
                            Some(next) => index = next,
                            None => return,
                        }
                    }
                }
                Flow::Goto { exit, stage: to } => {
                    self.leave(spot, &exit, Some(to));
                }
                Flow::End(state) => match self.close(spot, state) {
                    Some(next) => index = next,
                    None => return,
                },
                Flow::Departed => match self.lead_on(spot) {
                    Some(next) => index = next,
                    None => return,
                },
                Flow::Transfer(proposal) => match self.transfer(spot, *proposal) {
                    Some(next) => index = next,
                    None => return,
                },
            }
        }
    }

    /// The exit under which a stage is skipped, if its condition is false or fails.
    pub(super) fn skips(&mut self, spot: Spot<'_>) -> Option<&'static str> {
        let when = spot.stage.when.as_ref()?;
        match when.holds(&self.at(spot).scope()) {
            Ok(true) => None,
            Ok(false) => Some("skipped"),
            Err(_) => Some(CONDITION_FAILED),
        }
    }

    /// The `next` exit, else the following stage.
    pub(super) fn after(&self, spot: Spot<'_>) -> Option<StageId> {
        let head = &spot.stage.head;
        if let Some(next) = head.exit("next") {
            return Some(next.clone());
        }
        let stages = &self.case.pipeline(&self.journey.sessions[spot.index])?.stages;
        if head.id == PERSON.head.id {
            // Whoever was helped by a person is asked how it was, where the department asks that.
            let asks = |stage: &&Stage| matches!(stage.kind, Kind::Survey(_));
            return stages.values().find(asks).map(|stage| stage.head.id.clone());
        }
        let at = stages.get_index_of(&head.id)?;
        stages.get_index(at + 1).map(|(id, _)| id.clone())
    }

    /// Leaves a stage; false when there is nowhere to go.
    pub(super) fn leave(&mut self, spot: Spot<'_>, exit: &str, to: Option<StageId>) -> bool {
        let Some(to) = to else { return false };
        self.part(spot, None);
        self.trail(spot, Some(exit));
        let session = &mut self.journey.sessions[spot.index];
        session.stage = Some(to);
        session.stop_waiting();
        true
    }

    pub(super) fn trail(&mut self, spot: Spot<'_>, exit: Option<&str>) {
        let step = Step {
            session: Some(self.journey.sessions[spot.index].id),
            stage: spot.stage.head.id.clone(),
            kind: spot.stage.head.kind.to_owned(),
            at: self.facts.now,
            exit: exit.map(str::to_owned),
        };
        self.effects.push(Effect::Trail(step));
    }

    /// The pipeline ran out: the guest is told that the matter is closed. Answers like
    /// [`Machine::close`].
    pub(super) fn end(&mut self, spot: Spot<'_>, state: State) -> Option<usize> {
        if self.beside {
            // Who brought it to its end has said so.
            return self.close(spot, state);
        }
        let mut cx = self.at(spot);
        let text = Words::own(cx.phrases().ended);
        let again = cx.what_follows();
        cx.show(
            "ended",
            object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
            text,
        );
        self.close(spot, state)
    }

    /// Ends a session. Answers with the session that goes on, when one waits for this one's end.
    pub(super) fn close(&mut self, spot: Spot<'_>, state: State) -> Option<usize> {
        self.trail(spot, Some("end"));
        self.part(spot, None);
        self.quiet(spot);
        self.withdraw_offer(spot);
        let session = &mut self.journey.sessions[spot.index];
        session.end(state, self.facts.now);
        self.changed.insert(session.id);
        if self.beside {
            // Nobody is moved out of the matter in which they are.
            self.journey.course.duties.clear();
            return None;
        }
        self.go_back(spot.index)
    }

    /// Takes the buttons off the cards of a session that is being left.
    pub(super) fn quiet(&mut self, spot: Spot<'_>) {
        let session = &mut self.journey.sessions[spot.index];
        let waiting = session.waiting.as_mut().and_then(|waiting| waiting.card.take());
        let aside = session.aside.take();
        if let Some(letter) = waiting {
            let mut cx = self.at(spot);
            let moot = Words::own(cx.phrases().moot);
            cx.replace(letter, &Words::default(), &moot);
        }
        if let Some(aside) = aside {
            self.settle_aside(spot, aside);
        }
    }

    /// How a session ends when its pipeline runs out: solved, when somebody said so.
    pub(super) fn natural_end(&self, index: usize) -> State {
        let is_solved = self.journey.sessions[index].said_solved() == Some(true);
        if is_solved { State::Resolved } else { State::Unresolved }
    }
}

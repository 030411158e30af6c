//! Several matters of one guest: one in which they are, and others that lie at a desk meanwhile, in which
//! nothing takes their turn.

use super::run::{Machine, Outcome, Spot};
use crate::{
    model::{Body, Course, Effect, Journey, Letter, Session, Words, locale::speaks_to},
    pipeline::{
        directory::Directory,
        flow::Flow,
        language::{Phrases, fill, phrases},
    },
};

impl Machine<'_> {
    /// The sentences in the guest's language, whichever department speaks.
    pub(super) fn phrases_of(&self) -> &'static Phrases {
        phrases(speaks_to(self.facts.guest, &self.facts.directory.locale))
    }

    /// The guest leaves this matter for another one: nothing of it asks any more.
    fn set_aside(&mut self) {
        let Some(spot) = self.journey.present().and_then(|index| self.place(index)) else { return };
        self.drop_aside(spot);
        self.withdraw_offer(spot);
    }

    /// Another matter begins, which is the guest's from now on. What lies at a desk stays there.
    pub(super) fn begin_new(&mut self, words: Option<&str>, choice: Option<&str>) {
        self.go_over(Machine::begin(self.case, false, words, choice));
    }

    /// The same at the front desk, whose first stage asks nothing yet: the guest is on their way to
    /// somewhere else.
    pub(super) fn begin_on_the_way(&mut self) -> Option<usize> {
        let mut session = self.fresh_session()?;
        session.journey = self.facts.fresh.journey();
        session.turns = 1;
        let journey = Journey {
            id: session.journey,
            sessions: vec![session],
            hops: Vec::new(),
            course: Course::default(),
        };
        self.go_over(Machine::new(self.case, journey).finish());
        Some(0)
    }

    /// The guest is in what began so, from now on.
    pub(super) fn go_over(&mut self, begun: Outcome) {
        if begun.journey.is_some() {
            self.set_aside();
        }
        self.effects.extend(begun.effects);
        let Some(journey) = begun.journey else { return };
        self.changed.extend(journey.sessions.iter().map(|session| session.id));
        let before = std::mem::replace(&mut self.journey, journey);
        self.first_new_hop = 0;
        let is_touched = before.sessions.iter().any(|session| self.changed.contains(&session.id));
        if before.present().is_some() || is_touched {
            self.open.push(before);
        }
    }

    /// That a message can be answered no more.
    pub(super) fn over(&self, index: usize) -> Words {
        let session = &self.journey.sessions[index];
        let name = self.facts.directory.called(&session.tenant, &session.tenant_name);
        let values = [("ref", session.reference.as_str()), ("name", name)];
        fill(self.phrases_of().left.over, &values)
    }

    /// How a message that was left stands.
    pub(super) fn how_left(&self, index: usize) -> Words {
        how(&self.journey.sessions[index], self.facts.directory, self.phrases_of())
    }

    /// The other matters that go on, a line each.
    pub(super) fn others(&self) -> Vec<Words> {
        let (directory, phrases) = (self.facts.directory, self.phrases_of());
        let line = |journey: &Journey| Some(how(journey.live()?, directory, phrases));
        self.open.iter().filter_map(line).collect()
    }

    /// True where an event would begin to ask the guest something while they are in another matter.
    pub(super) fn would_take_turn(&self, spot: Spot<'_>) -> bool {
        spot.stage.head.waits || spot.stage.transfer().is_some()
    }

    /// Goes by a stage that would ask: on from a survey, at all others the session ends.
    pub(super) fn pass_by(&mut self, spot: Spot<'_>) -> Option<Flow> {
        if spot.stage.head.kind == "survey" {
            return Some(Flow::Next);
        }
        let state = self.natural_end(spot.index);
        self.close(spot, state);
        None
    }

    /// The other matter of an agent who is still there is the guest's next one, now that this one
    /// needs no turn any more: they are told before they write.
    pub(super) fn hand_floor(&mut self) {
        if self.beside || self.journey.holds_floor() {
            return;
        }
        let owned =
            |session: &&Session| session.desk.as_ref().is_some_and(|desk| desk.owner.is_some());
        let Some(next) = self.open.iter().rev().find_map(|one| one.live().filter(owned)) else {
            return;
        };
        let owner = next.desk.as_ref().and_then(|desk| desk.owner.as_ref());
        let values = [
            ("agent", owner.map_or("", |owner| owner.name.as_str())),
            ("name", self.facts.directory.called(&next.tenant, &next.tenant_name)),
            ("ref", next.reference.as_str()),
        ];
        let body = Body::Text(fill(self.phrases_of().left.still_here, &values));
        let (session, tenant) = (Some(next.id), next.tenant.clone());
        let id = self.facts.fresh.letter();
        self.effects.push(Effect::Send(Letter { id, session, tenant, body }));
    }
}

/// How a message stands, in words.
pub(super) fn how(session: &Session, directory: &Directory, phrases: &Phrases) -> Words {
    let owner = session.desk.as_ref().and_then(|desk| desk.owner.as_ref());
    let values = [
        ("ref", session.reference.as_str()),
        ("name", directory.called(&session.tenant, &session.tenant_name)),
        ("agent", owner.map_or("", |owner| owner.name.as_str())),
    ];
    fill(if owner.is_some() { phrases.left.taken } else { phrases.left.lies }, &values)
}

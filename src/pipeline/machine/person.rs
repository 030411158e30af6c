//! The guest wants a person: at the desk of this department, or of one that has people.

use super::{
    commands::{offer_departments, wants_person},
    run::{Machine, Spot},
};
use crate::{
    model::{AsideAsks, Words, session::keys},
    pipeline::{directory::Tenant, flow::Flow, language::fill, playbook::PERSON, stages::Kind},
};

impl Machine<'_> {
    /// Wherever the pipeline stands, the desk is asked as a stage asks it of which nothing is
    /// written: what a stage of the file says (its note, where it goes on) is true only of whoever
    /// came to it by its own way. Who waits already is told how it stands.
    pub(super) fn ask_for_person(&mut self, spot: Spot<'_>) {
        let session = &self.journey.sessions[spot.index];
        if session.desk.is_some() {
            self.enter(spot.index);
            return;
        }
        // Nobody was there, and a message is taken.
        let takes_message = session.waiting.is_some()
            && matches!(spot.stage.kind, Kind::Agent(_) | Kind::Message(_));
        if takes_message || !spot.tenant.has_desk {
            self.offer_people(spot, takes_message);
            return;
        }
        self.quiet(spot);
        let stage = PERSON.head.id.clone();
        self.follow(spot.index, Flow::Goto { exit: "agent".to_owned(), stage });
    }

    /// The first words are that a person is wanted: they are no question, and the desk is asked, or
    /// who has people. False when they are something else, or nobody has people.
    pub(super) fn begins_with_person(&mut self, index: usize, words: &str) -> bool {
        if !wants_person(self.facts.directory, words) {
            return false;
        }
        let session = &mut self.journey.sessions[index];
        session.metadata.remove(keys::QUESTION);
        session.spoken = None;
        let Some(spot) = self.place(index) else { return false };
        if spot.tenant.has_desk {
            self.ask_for_person(spot);
            return true;
        }
        if !self.offer_people(spot, false) {
            return false;
        }
        self.wait_for_words(index);
        true
    }

    /// The departments in which people answer, as a guest of this one can be moved there; those first
    /// where somebody can be told now.
    pub(super) fn with_people<'d>(&'d self, tenant: &'d Tenant) -> Vec<&'d Tenant> {
        let facts = self.facts;
        let mut all: Vec<&Tenant> =
            facts.directory.reachable_from(tenant).filter(|to| to.has_desk).collect();
        let is_there = |to: &&Tenant| facts.desks.is_reachable(&to.id) && !to.is_closed(facts.now);
        all.sort_by_key(|to| !is_there(to));
        all
    }

    /// Offers departments that have people; false when there are none.
    fn offer_people(&mut self, spot: Spot<'_>, takes_message: bool) -> bool {
        let directory = self.facts.directory;
        let ids: Vec<_> =
            self.with_people(spot.tenant).into_iter().map(|to| to.id.clone()).collect();
        let targets: Vec<&Tenant> = ids.iter().filter_map(|id| directory.tenant(id)).collect();
        let name = spot.tenant.name.as_str();
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        let desk = phrases.desk;
        if targets.is_empty() {
            let words = if takes_message {
                fill(desk.leave, &[("name", name)])
            } else {
                Words::own(desk.people_nowhere)
            };
            cx.say(words);
            return false;
        }
        // Asked again, it is said in other words.
        let again = cx.misses() % 2 == 1;
        cx.miss();
        let phrase = match (takes_message, again) {
            (true, false) => desk.people_later,
            (true, true) => desk.leave,
            (false, false) => desk.people_elsewhere,
            (false, true) => phrases.people_ask,
        };
        offer_departments(&mut cx, &targets, fill(phrase, &[("name", name)]), AsideAsks::People);
        true
    }
}

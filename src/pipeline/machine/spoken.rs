//! What the guest has said before a stage asked for it: offered to the first that waits for them,
//! used by one of them at most.

use serde_json::{Map, Value, json};

use super::{
    run::{Machine, Spot},
    trial::Trial,
};
use crate::{
    model::{
        Aside, AsideAsks, Asks, Session, Spoken, StageId, TenantId, Token, Words, session::keys,
    },
    pipeline::{
        cx::object,
        directory::Sharing,
        flow::Flow,
        language::fill,
        playbook::{OPENING, Stage},
        policy::Policy,
        stages::{Kind, menu::WELCOMED},
    },
};

/// What a button of the welcome card means.
pub(super) enum Welcomed {
    /// A choice of the menu that asks: the data of a click on it.
    Choice(Map<String, Value>),
    /// What the guest said first, where nothing has begun.
    First(String),
    /// The guest wants to go to that department.
    To(TenantId),
}

/// The stage that the buttons of the welcome card name.
pub(super) const WELCOME: &str = "welcome";

impl Machine<'_> {
    /// The session comes to a stage: what the guest has said already counts before it asks.
    pub(super) fn arrive(&mut self, spot: Spot<'_>) -> Flow {
        let behaviour = spot.stage.kind.behaviour();
        let new = |spoken: &Spoken| !spoken.is_known_to(&spot.tenant.id);
        let spoken = self.journey.sessions[spot.index].spoken.clone().filter(new);
        let (flow, took) = match spoken {
            Some(spoken) => self.offer(spot, &spoken),
            None => (behaviour.enter(&mut self.at(spot)), false),
        };
        let session = &mut self.journey.sessions[spot.index];
        if took || (flow == Flow::Stay && behaviour.waits()) {
            match &mut session.spoken {
                Some(spoken) if spoken.button => session.spoken = None,
                Some(spoken) => spoken.hear(&spot.tenant.id),
                None => {}
            }
        }
        let is_left = session.is_left();
        if flow == Flow::Stay && (session.call.is_some() || is_left) {
            // What was taken has left the house, or lies at a desk.
            self.keep_taken(spot);
        }
        if is_left && !self.beside {
            // Their words are with that department: they are taken back with their own card.
            self.withdraw_offer(spot);
        }
        flow
    }

    /// Offers a stage what was said, and enters it otherwise; true when it took it.
    fn offer(&mut self, spot: Spot<'_>, spoken: &Spoken) -> (Flow, bool) {
        let behaviour = spot.stage.kind.behaviour();
        if self.trial.take().is_some_and(|trial| trial.is_given_back()) {
            return (behaviour.suggested(&mut self.at(spot), spoken), true);
        }
        let before = matches!(spot.stage.kind, Kind::Ask(_))
            .then(|| Trial::of(&self.journey, &self.changed, &self.effects));
        match behaviour.offered(&mut self.at(spot), spoken) {
            Some(flow) => {
                self.trial = before;
                (flow, true)
            }
            None => (behaviour.enter(&mut self.at(spot)), false),
        }
    }

    /// True when nothing can be changed any more once this is done.
    pub(super) fn is_last(&self, spot: Spot<'_>, flow: &Flow) -> bool {
        match flow {
            Flow::End(_) | Flow::Transfer(_) | Flow::Departed => true,
            Flow::Next => self.after(spot).is_none(),
            Flow::Stay => {
                let session = &self.journey.sessions[spot.index];
                session.call.is_some() || session.is_left()
            }
            Flow::Goto { .. } => false,
        }
    }

    /// Goes back to where the words were taken, when they were in this turn. The session stands at
    /// the form again, which is entered next.
    pub(super) fn give_back(&mut self) -> bool {
        let Some(trial) = &mut self.trial else { return false };
        trial.give_back(&mut self.journey, &mut self.changed, &mut self.effects)
    }

    /// The guest has answered a stage, and the session has gone on: nothing that they said before is
    /// carried any further, unless all that was answered is where it belongs.
    pub(super) fn use_up(&mut self, index: usize) {
        let is_here = self.journey.present() == Some(index);
        let session = &self.journey.sessions[index];
        let asks = session.waiting.as_ref().map(|waiting| &waiting.asks);
        let goes_elsewhere =
            self.place(index).is_some_and(|spot| matches!(spot.stage.kind, Kind::Transfer(_)));
        if is_here && !goes_elsewhere && !matches!(asks, Some(Asks::Answers { .. })) {
            self.journey.sessions[index].spoken = None;
        }
    }

    /// A button of the welcome card counts as long as the front desk's first question stands: as a
    /// choice of its first menu where that knows it, else as the wish to go to that department.
    pub(super) fn welcomed(
        &self,
        spot: Spot<'_>,
        token: &Token,
        data: &Map<String, Value>,
    ) -> Option<Welcomed> {
        let session = &self.journey.sessions[spot.index];
        let asks = session.waiting.as_ref().map(|waiting| &waiting.asks)?;
        let is_asked = matches!(asks, Asks::Stage | Asks::Guess(_));
        let title = data.get("choice").and_then(Value::as_str)?;
        let of_card = token.session.is_none() && token.stage == WELCOME;
        if !of_card || !is_asked || spot.tenant.id != self.facts.directory.primary {
            return None;
        }
        if spot.stage.head.id == OPENING.head.id {
            let to = self.welcomed_to(spot, title).map(Welcomed::To);
            return Some(to.unwrap_or_else(|| Welcomed::First(title.to_owned())));
        }
        let stages = &self.case.pipeline(session)?.stages;
        let first = self
            .first_menu(spot)
            .or_else(|| stages.values().find(|stage| stage.kind.behaviour().waits()))?;
        if first.head.id != spot.stage.head.id {
            return None;
        }
        if spot.stage.kind.behaviour().knows(title) {
            return Some(Welcomed::Choice(object(json!({ WELCOMED: title }))));
        }
        self.welcomed_to(spot, title).map(Welcomed::To)
    }

    /// The department that a button of the welcome card names, unless the front desk's first menu
    /// has an answer of that name.
    pub(super) fn welcomed_to(&self, spot: Spot<'_>, title: &str) -> Option<TenantId> {
        if self.is_offered_first(spot, title) {
            return None;
        }
        let named = self.department_named(Vec::new(), title);
        named.filter(|id| *id != self.facts.directory.primary)
    }

    /// True for words that are an answer of the first menu of that session's pipeline.
    pub(super) fn is_offered_first(&self, spot: Spot<'_>, words: &str) -> bool {
        self.first_menu(spot).is_some_and(|menu| menu.kind.behaviour().knows(words))
    }

    /// The menu that the welcome card shows, where it is of that session's pipeline.
    fn first_menu(&self, spot: Spot<'_>) -> Option<&Stage> {
        let locales = [self.facts.locale(spot.tenant), spot.tenant.locale.as_str()];
        let stages = &self.case.pipeline(&self.journey.sessions[spot.index])?.stages;
        stages.values().find(|stage| !stage.kind.behaviour().offers(&locales).is_empty())
    }

    /// The guest wants to give another answer than the one that was taken.
    pub(super) fn retake(&mut self, spot: Spot<'_>, stage: StageId) {
        if let Some(owner) =
            self.journey.sessions[spot.index].desk.as_ref().and_then(|desk| desk.owner.clone())
        {
            // Somebody has read it: they hear what is different.
            let mut cx = self.at(spot);
            let words = fill(cx.phrases().desk.with, &[("agent", &owner.name)]);
            cx.say(words);
            return;
        }
        self.quiet(spot);
        self.follow(spot.index, Flow::Goto { exit: "changed".to_owned(), stage });
    }

    /// What was taken stays: the card that shows it loses its button.
    pub(super) fn keep_taken(&mut self, spot: Spot<'_>) {
        if let Some(aside) = self.take_taken(spot.index) {
            self.settle_aside(spot, aside);
        }
    }

    /// The question whether another answer than the one that was taken is to count, if it stands.
    pub(super) fn take_taken(&mut self, index: usize) -> Option<Aside> {
        let session = &mut self.journey.sessions[index];
        let is_taken = |aside: &mut Aside| matches!(aside.asks, AsideAsks::Retake { .. });
        let aside = session.aside.take_if(is_taken);
        if aside.is_some() {
            self.changed.insert(session.id);
        }
        aside
    }

    /// A question beside the stage's own is asked no more.
    pub(super) fn settle_aside(&mut self, spot: Spot<'_>, aside: Aside) {
        let mut cx = self.at(spot);
        match aside.asks {
            AsideAsks::Retake { question, words, .. } => {
                cx.replace(aside.letter, &Words::marked(question), &Words::typed(&words));
            }
            _ => {
                let moot = Words::own(cx.phrases().moot);
                cx.replace(aside.letter, &Words::default(), &moot);
            }
        }
    }
}

/// What of a sender's unused words the receiver is offered: the first ones by the rule for the
/// question, later ones only where the receiver may read the words themselves.
pub(super) fn carried(sender: &Session, policy: &Policy) -> Option<Spoken> {
    let spoken = sender.spoken.clone().filter(|spoken| !spoken.button)?;
    let first = sender.metadata.entry(keys::QUESTION);
    let crosses = match first.filter(|entry| entry.value.as_str() == Some(&spoken.words)) {
        Some(entry) => policy.crosses(keys::QUESTION, entry),
        None => {
            policy.lets(keys::QUESTION)
                && matches!(policy.transcript, Sharing::Full | Sharing::Guest)
        }
    };
    crosses.then_some(spoken)
}

//! Questions beside the stage's own: what a guest answers to them.

use serde_json::{Map, Value, json};

use super::run::{Machine, Spot};
use crate::{
    model::{Aside, AsideAsks, By, ByKind, Event, Move, State, TenantId, Words},
    pipeline::{
        cx::object,
        directory::Tenant,
        flow::Flow,
        language::{fill, phrases},
        typed::{normal, yes_or_no},
        wish::Refusal,
    },
};

impl<'a> Machine<'a> {
    /// What was typed answers the question beside the stage's own; true when it did. Some other
    /// words are for whoever asked since, or leave the question: none then.
    pub(super) fn aside_typed(&mut self, spot: Spot<'_>, text: &str) -> Option<bool> {
        let aside = self.journey.sessions[spot.index].aside.clone()?;
        if let Some(data) = self.answer_to(spot, &aside, text) {
            self.heard(spot.index, text);
            self.aside_answered(spot, &data);
            return Some(true);
        }
        if aside.overtaken && !text.trim_start().starts_with('/') {
            // It answers the agent; the question's buttons stand.
            return Some(false);
        }
        // Something else was typed: the question beside is dropped, the words go where they belong.
        self.leave_unanswered(spot);
        None
    }

    /// The data of the button that these words mean.
    fn answer_to(&self, spot: Spot<'_>, aside: &Aside, text: &str) -> Option<Map<String, Value>> {
        let phrases = phrases(self.facts.locale(spot.tenant));
        let is = |title: &str| normal(text) == normal(title);
        let (yes, no) = match &aside.asks {
            AsideAsks::Departments => {
                let from = self.sets_out_from(spot);
                let offered = self.facts.directory.reachable_from(from).collect();
                let id = self.department_named(offered, text)?;
                return Some(object(json!({ "choice": id.as_str() })));
            }
            AsideAsks::People => {
                let id = self.department_named(self.with_people(spot.tenant), text)?;
                return Some(object(json!({ "choice": id.as_str() })));
            }
            AsideAsks::Retake { .. } => {
                return is(phrases.change_it).then(|| object(json!({ "answer": "yes" })));
            }
            AsideAsks::Restart => (is(phrases.restart_yes), is(phrases.go_on)),
            AsideAsks::End => (is(phrases.end_yes), is(phrases.go_on)),
            AsideAsks::Withdraw => (is(phrases.left.withdraw), is(phrases.left.keep_it)),
            AsideAsks::Move(wish) if wish.closed => {
                let to = self.facts.directory.name_of(&wish.tenant);
                (is(&fill(phrases.leave, &[("to", to)]).plain()), false)
            }
            AsideAsks::Undo | AsideAsks::Move(_) | AsideAsks::Add(_) => (false, false),
        };
        let answer = match (yes || no, aside.overtaken) {
            (true, _) => Some(yes),
            (false, true) => None,
            (false, false) => yes_or_no(&Event::Said(text.to_owned()), phrases).0,
        };
        answer.map(|yes| object(json!({ "answer": if yes { "yes" } else { "no" } })))
    }

    /// The guest goes another way than to answer the question beside.
    pub(super) fn leave_unanswered(&mut self, spot: Spot<'_>) {
        let asks = self.journey.sessions[spot.index].aside.as_ref().map(|aside| aside.asks.clone());
        self.drop_aside(spot);
        if let Some(AsideAsks::Move(wish)) = asks {
            self.wish_answered(spot, &wish, |desk| desk.desk_unanswered);
        }
    }

    /// Takes the question beside the stage's own away.
    pub(super) fn drop_aside(&mut self, spot: Spot<'_>) {
        let session = &self.journey.sessions[spot.index];
        if let Some(AsideAsks::Add(words)) = session.aside.as_ref().map(|aside| &aside.asks)
            && session.desk.is_some()
        {
            // Nobody has said that it is something new: what was asked about is not lost.
            let words = words.clone();
            self.belonging_settled(spot, &words);
            return;
        }
        if let Some(aside) = self.journey.sessions[spot.index].aside.take() {
            self.changed.insert(self.journey.sessions[spot.index].id);
            self.settle_aside(spot, aside);
        }
    }

    /// The department that was typed: its number as shown, its name or its id. One that is not
    /// offered counts too: the guest is told why they cannot go there.
    pub(super) fn department_named(&self, offered: Vec<&Tenant>, text: &str) -> Option<TenantId> {
        let word = normal(text);
        let named = |t: &&Tenant| t.is_called(|name| normal(name) == word) || t.id.as_str() == word;
        let by_name = offered
            .iter()
            .copied()
            .find(named)
            .or_else(|| self.facts.directory.tenants.values().find(named));
        let by_number = || {
            word.parse::<usize>()
                .ok()
                .and_then(|number| offered.get(number.checked_sub(1)?).copied())
        };
        by_name.or_else(by_number).map(|t| t.id.clone())
    }

    /// A button of a question beside the stage's own.
    pub(super) fn aside_clicked(&mut self, spot: Spot<'_>, data: &Map<String, Value>) {
        let phrases = phrases(self.facts.locale(spot.tenant));
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let said = match self.journey.sessions[spot.index].aside.as_ref().map(|aside| &aside.asks) {
            Some(AsideAsks::Departments | AsideAsks::People) => {
                let id =
                    TenantId::from(data.get("choice").and_then(Value::as_str).unwrap_or_default());
                self.facts.directory.tenant(&id).map(|t| t.name.clone()).unwrap_or_default()
            }
            Some(AsideAsks::Restart) => {
                if yes { phrases.restart_yes } else { phrases.go_on }.to_owned()
            }
            Some(AsideAsks::Retake { .. }) => phrases.change_it.to_owned(),
            Some(AsideAsks::End) => if yes { phrases.end_yes } else { phrases.go_on }.to_owned(),
            Some(AsideAsks::Withdraw) => {
                if yes { phrases.left.withdraw } else { phrases.left.keep_it }.to_owned()
            }
            Some(AsideAsks::Move(wish)) if wish.closed => {
                if yes { phrases.yes } else { phrases.stay }.to_owned()
            }
            _ => if yes { phrases.yes } else { phrases.no }.to_owned(),
        };
        self.heard(spot.index, &said);
        self.aside_answered(spot, data);
    }

    /// Nothing came of it: the stage asks again, so that its question is the latest in the chat.
    pub(super) fn goes_on(&mut self, index: usize) {
        let Some(spot) = self.place(index) else { return };
        let mut cx = self.at(spot);
        let words = Words::own(cx.phrases().goes_on);
        cx.say(words);
        self.quiet(spot);
        self.enter(index);
    }

    /// The guest begins again at the front desk, in the same chat; what was said stays on record.
    pub(super) fn start_over(&mut self, spot: Spot<'_>) {
        self.trail(spot, Some("restarted"));
        self.part(spot, None);
        self.quiet(spot);
        self.withdraw_offer(spot);
        self.journey.course.duties.clear();
        let now = self.facts.now;
        let session = &mut self.journey.sessions[spot.index];
        session.end(State::Unresolved, now);
        session.closed_by_guest = true;
        self.changed.insert(session.id);
        let Some(fresh) = self.fresh_session() else { return };
        self.journey.sessions.push(fresh);
        self.enter(self.journey.sessions.len() - 1);
    }

    fn aside_answered(&mut self, spot: Spot<'_>, data: &Map<String, Value>) {
        let Some(aside) = self.journey.sessions[spot.index].aside.take() else { return };
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let phrases = phrases(self.facts.locale(spot.tenant));
        let goes_on = |title| Words::own(if yes { title } else { phrases.go_on });
        match aside.asks {
            AsideAsks::Restart => {
                self.at(spot).replace(
                    aside.letter,
                    &Words::own(phrases.restart_ask),
                    &goes_on(phrases.restart_yes),
                );
                if yes { self.start_over(spot) } else { self.goes_on(spot.index) }
            }
            AsideAsks::End => {
                self.at(spot).replace(
                    aside.letter,
                    &Words::own(phrases.end_ask),
                    &goes_on(phrases.end_yes),
                );
                if yes { self.end_wished(spot) } else { self.goes_on(spot.index) }
            }
            AsideAsks::Withdraw => {
                let (left, name) = (phrases.left, spot.tenant.name.as_str());
                let reference = self.journey.sessions[spot.index].reference.clone();
                let question = fill(left.withdraw_ask, &[("ref", &reference), ("name", name)]);
                let answer = Words::own(if yes { left.withdraw } else { left.keep_it });
                self.at(spot).replace(aside.letter, &question, &answer);
                if yes {
                    self.take_back(spot);
                } else {
                    let words = self.how_left(spot.index);
                    self.at(spot).say(words);
                }
            }
            // Asked of a message that somebody has taken since: the words are for them.
            AsideAsks::Add(ref words) => {
                let words = words.clone();
                self.journey.sessions[spot.index].aside = Some(aside);
                self.belonging_settled(spot, &words);
            }
            AsideAsks::Retake { ref stage, .. } => {
                let stage = stage.clone();
                self.settle_aside(spot, aside);
                self.retake(spot, stage);
            }
            AsideAsks::Undo => {
                let answer = if yes { phrases.yes } else { phrases.no };
                self.at(spot).replace(aside.letter, &Words::own(phrases.undo), &Words::own(answer));
                if yes {
                    let before = self.effects.len();
                    self.undo(spot.index);
                    self.unhear(before);
                } else {
                    self.goes_on(spot.index);
                }
            }
            asks @ (AsideAsks::Departments | AsideAsks::People) => {
                let person = asks == AsideAsks::People;
                let chosen = data.get("choice").and_then(Value::as_str).unwrap_or_default();
                let id = TenantId::from(chosen);
                let answer = Words::typed(self.facts.directory.name_of(&id));
                let question = if person { phrases.people_ask } else { phrases.departments_ask };
                self.at(spot).replace(aside.letter, &Words::own(question), &answer);
                self.department_chosen(spot, id, person);
            }
            AsideAsks::Move(wish) => {
                let to = self.facts.directory.name_of(&wish.tenant);
                let answer = match (wish.closed, yes) {
                    (true, true) => fill(phrases.leave, &[("to", to)]),
                    (true, false) => Words::own(phrases.stay),
                    (false, true) => Words::own(phrases.yes),
                    (false, false) => Words::own(phrases.no),
                };
                let question = fill(phrases.confirm_transfer, &[("to", to)]);
                self.at(spot).replace(aside.letter, &question, &answer);
                if yes { self.move_agreed(spot, *wish) } else { self.move_declined(spot, &wish) }
            }
        }
    }

    /// The department from which the guest would go to another one: where only a message of theirs
    /// lies at a desk they set out from the front desk.
    pub(super) fn sets_out_from(&self, spot: Spot<'a>) -> &'a Tenant {
        let directory = self.facts.directory;
        let front = directory.tenant(&directory.primary);
        front.filter(|_| self.is_left(spot.index)).unwrap_or(spot.tenant)
    }

    /// The guest ends the chat. Who waits for a person, or has one, leaves by `on_drop` where there
    /// is one.
    fn end_wished(&mut self, spot: Spot<'_>) {
        let drops = self.journey.sessions[spot.index].desk.is_some();
        if drops && let Some(to) = spot.stage.head.exit("on_drop").cloned() {
            self.follow(spot.index, Flow::Goto { exit: "on_drop".to_owned(), stage: to });
            return;
        }
        let state = if drops { State::Abandoned } else { State::Unresolved };
        self.journey.sessions[spot.index].closed_by_guest = true;
        if let Some(next) = self.end(spot, state) {
            self.enter(next);
        }
    }

    pub(super) fn department_chosen(&mut self, spot: Spot<'_>, tenant: TenantId, person: bool) {
        let phrases = phrases(self.facts.locale(spot.tenant));
        let guest = self.facts.guest;
        let by = By { kind: ByKind::Guest, id: guest.key().to_owned(), name: guest.name.clone() };
        let has_begun = self.journey.sessions[spot.index].is_left();
        let spot = match has_begun {
            // What lies at a desk is not moved with them.
            true => match self.begin_on_the_way().and_then(|index| self.place(index)) {
                Some(spot) => spot,
                None => return,
            },
            false => spot,
        };
        let reason = Some(phrases.guest_reason.to_owned());
        let wish = Move { tenant, by, reason, note: None, closed: false, person };
        self.pursue(spot, wish, false, false);
        // A matter that has just begun waits for words, whatever comes of the question.
        let session = &self.journey.sessions[spot.index];
        if has_begun && session.state.is_live() && session.waiting.is_none() {
            self.wait_for_words(spot.index);
        }
    }

    fn move_agreed(&mut self, spot: Spot<'_>, wish: Move) {
        self.pursue(spot, wish, true, false);
        let Some((_, words)) = self.refusal.take() else { return };
        // The rules have changed since: whoever said yes is told why they stay, and so is the desk.
        let mut cx = self.at(spot);
        cx.to_desk(fill(cx.desk_phrases().desk.desk_refused, &[("reason", &words.plain())]));
        let kept = cx.phrases().kept;
        cx.show(
            "error",
            object(json!({ "text": words.variable(), "words": { "kept": kept } })),
            words,
        );
        self.enter(spot.index);
    }

    fn move_declined(&mut self, spot: Spot<'_>, wish: &Move) {
        self.wish_answered(spot, wish, |desk| desk.desk_stays);
        if wish.closed {
            self.note_refusal(spot, None, wish.tenant.as_str(), Refusal::Closed);
        }
        let mut cx = self.at(spot);
        let words = fill(cx.phrases().stays, &[("name", &spot.tenant.name)]);
        cx.say(words);
        self.begin_here(spot);
        self.enter(spot.index);
    }
}

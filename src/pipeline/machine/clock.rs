//! What time does: reminders, timeouts, the end of an undo window. When something is due is read
//! off the journey, so no timer can be forgotten or fire twice.

use jiff::Timestamp;
use serde_json::json;

use super::{
    desk,
    run::{Machine, Spot},
};
use crate::{
    model::{AsideAsks, Asks, Journey, State, Words},
    pipeline::{cx::object, flow::Flow, language::fill, playbook::Case},
};

/// The earliest instant at which something is due in a journey; none when nothing is.
pub fn due(case: &Case<'_>, journey: &Journey) -> Option<Timestamp> {
    let offer = journey.present().and(journey.course.offer.as_ref()).map(|offer| offer.until);
    let waits = journey
        .present()
        .and_then(|index| deadlines(case, journey, index))
        .map(|deadlines| deadlines.next());
    let call = journey
        .present()
        .and_then(|index| journey.sessions[index].call.as_ref())
        .map(|call| call.deadline);
    let help = journey.present().and_then(|index| desk::due(case, &journey.sessions[index]));
    offer.into_iter().chain(waits).chain(call).chain(help).min()
}

/// The clocks of a session that waits for its guest.
struct Deadlines {
    remind: Option<Timestamp>,
    timeout: Option<Timestamp>,
    close: Timestamp,
}

impl Deadlines {
    fn next(&self) -> Timestamp {
        // A stage's own timeout takes the place of the company's: who says "one day" means it.
        let last = self.timeout.unwrap_or(self.close);
        self.remind.map_or(last, |remind| remind.min(last))
    }
}

fn deadlines(case: &Case<'_>, journey: &Journey, index: usize) -> Option<Deadlines> {
    let session = &journey.sessions[index];
    let waiting = session.waiting.as_ref().filter(|_| session.state == State::Active)?;
    let stage = case.stage(session);
    let after = |span| waiting.since.checked_add(span).unwrap_or(waiting.since);
    let own = stage
        .filter(|_| {
            matches!(
                waiting.asks,
                Asks::Stage | Asks::Guess(_) | Asks::Either { .. } | Asks::Form { .. }
            )
        })
        .and_then(|stage| stage.kind.behaviour().timeout());
    let idle = case.facts.directory.idle;
    let reminds = stage.is_none_or(|stage| stage.kind.behaviour().reminds());
    Some(Deadlines {
        remind: (reminds && !session.reminded).then(|| after(idle.remind)),
        timeout: own.map(after),
        close: after(idle.close),
    })
}

impl Machine<'_> {
    /// Nobody answers the stage's question (any more): on without one.
    pub(super) fn unanswered(&mut self, spot: Spot<'_>) {
        self.quiet(spot);
        let to = spot.stage.head.exit("on_timeout").cloned();
        let flow =
            to.map_or(Flow::Next, |stage| Flow::Goto { exit: "on_timeout".to_owned(), stage });
        self.follow(spot.index, flow);
    }

    /// Does what is due; nothing when nothing is.
    pub(super) fn tick(&mut self, index: usize) {
        let now = self.facts.now;
        let Some(spot) = self.place(index) else {
            // The place is gone, and nothing of it can be due. Who waits for somebody or something is
            // led on now, who is asked something when they write.
            self.journey.course.offer = None;
            let session = &mut self.journey.sessions[index];
            self.changed.insert(session.id);
            if session.call.is_some() || session.desk.is_some() {
                self.restart(index);
            } else {
                session.waiting = None;
            }
            return;
        };
        if self.journey.course.offer.as_ref().is_some_and(|offer| offer.until <= now) {
            self.withdraw_offer(spot);
            if matches!(
                self.journey.sessions[index].aside.as_ref().map(|aside| &aside.asks),
                Some(AsideAsks::Undo)
            ) {
                self.drop_aside(spot);
                self.changed.insert(self.journey.sessions[index].id);
                let mut cx = self.at(spot);
                let words = fill(cx.phrases().undo_over, &[("name", &spot.tenant.name)]);
                cx.say(words);
            }
        }
        if self.journey.sessions[index].desk.is_some() {
            self.tick_help(spot);
        }
        self.tick_call(spot);
        let Some(deadlines) = deadlines(self.case, &self.journey, index) else { return };
        if deadlines.timeout.is_some_and(|timeout| timeout <= now) {
            self.unanswered(spot);
        } else if deadlines.timeout.is_none() && deadlines.close <= now {
            let mut cx = self.at(spot);
            let text = Words::own(cx.phrases().abandoned);
            let again = cx.what_follows();
            cx.show(
                "ended",
                object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
                text,
            );
            if let Some(next) = self.close(spot, State::Abandoned) {
                self.enter(next);
            }
        } else if deadlines.remind.is_some_and(|remind| remind <= now) {
            let mut cx = self.at(spot);
            let words = Words::own(cx.phrases().remind);
            cx.say(words);
            let session = &mut self.journey.sessions[index];
            session.reminded = true;
            self.changed.insert(session.id);
        }
    }
}

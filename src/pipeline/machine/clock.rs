//! What time does: reminders, timeouts, the end of an undo window. When something is due is read
//! off the journey, so no timer can be forgotten or fire twice.

use jiff::Timestamp;
use serde_json::json;

use super::{Machine, desk};
use crate::{
    model::{AsideAsks, Asks, Journey, State, Words},
    pipeline::{
        Facts,
        language::fill,
        stage::{Flow, object},
    },
};

/// The earliest instant at which something is due in a journey; none when nothing is.
pub fn due(facts: &Facts<'_>, journey: &Journey) -> Option<Timestamp> {
    let offer = journey.present().and(journey.course.offer.as_ref()).map(|offer| offer.until);
    let waits = journey
        .present()
        .and_then(|index| deadlines(facts, journey, index))
        .map(|deadlines| deadlines.next());
    let call = journey
        .present()
        .and_then(|index| journey.sessions[index].call.as_ref())
        .map(|call| call.deadline);
    let help = journey.present().and_then(|index| desk::due(facts, &journey.sessions[index]));
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

fn deadlines(facts: &Facts<'_>, journey: &Journey, index: usize) -> Option<Deadlines> {
    let session = &journey.sessions[index];
    let waiting = session.waiting.as_ref().filter(|_| session.state == State::Active)?;
    let stage = facts
        .pipelines(session)
        .and_then(|all| all.get(&session.pipeline))
        .and_then(|pipeline| pipeline.stages.get(session.stage.as_ref()?));
    let after = |span| waiting.since.checked_add(span).unwrap_or(waiting.since);
    let own = stage
        .filter(|_| matches!(waiting.asks, Asks::Stage | Asks::Guess(_)))
        .and_then(|stage| stage.kind.behaviour().timeout());
    let idle = facts.playbook.idle;
    Some(Deadlines {
        remind: (!session.reminded).then(|| after(idle.remind)),
        timeout: own.map(after),
        close: after(idle.close),
    })
}

impl Machine<'_> {
    /// Does what is due; nothing when nothing is.
    pub(super) fn tick(&mut self, index: usize) {
        let now = self.facts.now;
        let Some((tenant, stage)) = self.place(index) else {
            // The place is gone: the guest finds out when they write. Nothing of it can be due.
            self.journey.course.offer = None;
            self.journey.sessions[index].waiting = None;
            self.changed.insert(self.journey.sessions[index].id);
            return;
        };
        if self.journey.course.offer.as_ref().is_some_and(|offer| offer.until <= now) {
            self.withdraw_offer(index, tenant, stage);
            if matches!(
                self.journey.sessions[index].aside.as_ref().map(|aside| &aside.asks),
                Some(AsideAsks::Undo)
            ) {
                self.drop_aside(index, tenant, stage);
                self.changed.insert(self.journey.sessions[index].id);
                let mut cx = self.cx(index, tenant, stage);
                let words = fill(cx.phrases().undo_over, &[("name", &tenant.name)]);
                cx.say(words);
            }
        }
        if self.journey.sessions[index].help.is_some() {
            self.tick_help(index, tenant, stage);
        }
        self.tick_call(index, tenant, stage);
        let Some(deadlines) = deadlines(self.facts, &self.journey, index) else { return };
        if deadlines.timeout.is_some_and(|timeout| timeout <= now) {
            self.quiet(index, tenant, stage);
            let to = stage.exit("on_timeout").cloned();
            let flow =
                to.map_or(Flow::Next, |stage| Flow::Goto { exit: "on_timeout".to_owned(), stage });
            self.follow(index, flow);
        } else if deadlines.timeout.is_none() && deadlines.close <= now {
            let mut cx = self.cx(index, tenant, stage);
            let text = Words::own(cx.phrases().abandoned);
            let again = cx.what_follows();
            cx.show(
                "ended",
                object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
                text,
            );
            if let Some(next) = self.close(index, tenant, stage, State::Abandoned) {
                self.enter(next);
            }
        } else if deadlines.remind.is_some_and(|remind| remind <= now) {
            let mut cx = self.cx(index, tenant, stage);
            let words = Words::own(cx.phrases().remind);
            cx.say(words);
            let session = &mut self.journey.sessions[index];
            session.reminded = true;
            self.changed.insert(session.id);
        }
    }
}

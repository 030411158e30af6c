//! Takes a journey by value and returns the next one. Total: what could be wrong was proved at
//! load.

mod again;
mod aside;
mod back;
mod begin;
mod calls;
mod clock;
mod commands;
mod desk;
mod former;
mod handover;
mod hear;
mod moves;
mod run;
mod spoken;
mod tongue;
mod transfer;

pub use begin::welcome;
pub use clock::due;
pub use commands::{Command, command_of, is_command};
pub use run::Outcome;
pub use tongue::tongue;

use super::playbook::Case;
use crate::model::{Event, Journey};
use begin::{choice_of, nothing, told_over};
use former::Former;
use run::Machine;

/// Decides what an event means. `journey` is the conversation's latest, live or ended.
pub fn step(case: &Case<'_>, journey: Option<Journey>, event: &Event) -> Outcome {
    let facts = &case.facts;
    if matches!(event, Event::AgentEdited { .. }) {
        // It is about what was said once, wherever the guest is now.
        let effects = desk::reworded(facts, journey.as_ref(), event);
        let first_new_hop = journey.as_ref().map_or(0, |journey| journey.hops.len());
        return Outcome { journey, effects, changed: Vec::new(), first_new_hop, refusal: None };
    }
    let Some(journey) = journey else {
        return match event {
            Event::Said(text) => match commands::idle(facts, text) {
                Some(effect) => nothing(Some(effect)),
                None => Machine::begin(case, true, Some(text), None),
            },
            Event::Clicked { token, data } if token.session.is_none() => {
                Machine::begin(case, true, None, Some(choice_of(data)))
            }
            Event::Clicked { .. } => nothing(Some(told_over(facts))),
            _ => nothing(None),
        };
    };
    let live = journey.present();
    let former = Former::of(case, &journey);
    let machine = Machine::new(case, journey).with(&former);
    match (live, event) {
        (Some(index), event) => machine.hear(index, event),
        (None, event) => machine.come_back(event),
    }
}

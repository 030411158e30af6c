//! Takes a journey by value and returns the next one. Total: what could be wrong was proved at
//! load.

mod again;
mod aside;
mod back;
mod begin;
mod beside;
mod calls;
mod chat;
mod clock;
mod commands;
mod departed;
mod desk;
mod former;
mod handover;
mod hear;
mod help;
mod left;
mod moves;
mod person;
mod run;
mod spoken;
mod tongue;
mod transfer;
mod trial;

pub use begin::welcome;
pub use chat::Chat;
pub use clock::due;
pub use commands::{Command, command_of, is_command};
pub use left::addressed;
pub use run::Outcome;
pub use tongue::tongue;

use super::playbook::Case;
use crate::model::{Event, Journey};
use begin::{choice_of, nothing, told_over};
use commands::clicked_command;
use former::Former;
use run::Machine;

/// Decides what an event means for a guest's chat: for the matter in which they are, or another one
/// that lies at a desk meanwhile.
pub fn step(case: &Case<'_>, chat: impl Into<Chat>, event: &Event) -> Outcome {
    let mut chat: Chat = chat.into();
    let command = clicked_command(event, chat.journey.as_ref(), case.facts.directory);
    let event = command.as_ref().unwrap_or(event);
    chat.give_floor(event);
    if let Some((at, event)) = chat.about(event) {
        let journey = chat.open.remove(at);
        return other(case, journey, &event).beside(chat, at);
    }
    let others = match event {
        Event::Tick | Event::Unreachable => chat.open.len(),
        _ => 0,
    };
    let mut outcome = present(case, chat, event);
    for at in 0..others {
        // What concerns all of them concerns each.
        let chat = Chat {
            journey: outcome.journey.take(),
            open: std::mem::take(&mut outcome.open),
            session: None,
        };
        outcome = outcome.and(chat, at, |journey| other(case, journey, event));
    }
    outcome
}

/// What an event means for a matter in which the guest is not.
fn other(case: &Case<'_>, journey: Journey, event: &Event) -> Outcome {
    let live = journey.present();
    let former = Former::of(case, &journey);
    if matches!(event, Event::AgentEdited { .. }) {
        return edited(case, Some(journey), event);
    }
    let machine = Machine::new(case, journey).with(&former).beside();
    match live {
        Some(index) => machine.hear(index, event),
        None => machine.come_back(event),
    }
}

/// Somebody at a desk changed their words: it is about what was said once, wherever the guest is now.
fn edited(case: &Case<'_>, journey: Option<Journey>, event: &Event) -> Outcome {
    let effects = desk::reworded(&case.facts, journey.as_ref(), event);
    let first_new_hop = journey.as_ref().map_or(0, |journey| journey.hops.len());
    let (open, changed) = (Vec::new(), Vec::new());
    Outcome { journey, open, effects, changed, first_new_hop, refusal: None }
}

/// What an event means for the matter in which the guest is, or for a guest who is in none.
fn present(case: &Case<'_>, chat: Chat, event: &Event) -> Outcome {
    let facts = &case.facts;
    let Chat { journey, open, .. } = chat;
    if matches!(event, Event::AgentEdited { .. }) {
        return Outcome { open, ..edited(case, journey, event) };
    }
    let Some(journey) = journey else {
        let outcome = match event {
            Event::Said(text) => match commands::idle(facts, &[], text) {
                Some(effect) => nothing(Some(effect)),
                None => Machine::begin(case, true, Some(text), None),
            },
            Event::Files { .. } => Machine::begin_with_files(case, true, event),
            Event::Clicked { token, data } if token.session.is_none() => {
                Machine::begin(case, true, None, Some(choice_of(data)))
            }
            Event::Clicked { .. } => nothing(Some(told_over(facts))),
            _ => nothing(None),
        };
        return Outcome { open, ..outcome };
    };
    let live = journey.present();
    let former = Former::of(case, &journey);
    let machine = Machine::new(case, journey).with(&former).among(open);
    match (live, event) {
        (Some(index), event) => machine.hear(index, event),
        (None, event) => machine.come_back(event),
    }
}

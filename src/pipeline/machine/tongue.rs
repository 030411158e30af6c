//! In which language a guest is spoken to from now on.

use super::commands::{is_heard, language_of_words};
use crate::{
    model::{Event, Journey, mark},
    pipeline::{language::plainly, playbook::Case, typed::normal},
};

/// The language in which to answer an event and all that follows, when it is another one from now
/// on: the guest asks for it, or begins a matter in it where company.yaml says `language: detect`.
/// Ask before [`step`](super::step), and tell the guest's record:
/// [`speak`](crate::model::locale::speak).
pub fn tongue(case: &Case<'_>, journey: Option<&Journey>, event: &Event) -> Option<&'static str> {
    let Event::Said(text) = event else { return None };
    let live = journey.and_then(|journey| journey.sessions.get(journey.present()?));
    let word = mark::command(text).unwrap_or(text);
    let wished = language_of_words(&normal(word));
    match live {
        None if wished.is_some() => wished,
        None if case.facts.directory.detects => plainly(text),
        None => None,
        Some(session) => {
            let stage = case.stage(session)?;
            wished.filter(|_| is_heard(session, stage, text))
        }
    }
}

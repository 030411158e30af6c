//! Somebody at a desk changes in Teams what they wrote there, or deletes it.

use crate::{
    model::{Effect, Event, Journey, Session, Words, locale::speaks_to, mark},
    pipeline::{
        facts::Facts,
        language::{fill, fill_formatted, phrases},
    },
};

/// What comes of an [`Event::AgentEdited`]; nothing of any other. What the guest reads (it has a
/// letter) is replaced where they read it. A note stays a note, whatever it says now; and what was
/// read is no note any more. Told again it changes nothing.
pub(in crate::pipeline::machine) fn reworded(
    facts: &Facts<'_>,
    journey: Option<&Journey>,
    event: &Event,
) -> Vec<Effect> {
    let Event::AgentEdited { session, by, activity, letter, was, text } = event else {
        return Vec::new();
    };
    let place = journey.and_then(|journey| journey.session(*session));
    let directory = facts.directory;
    let own = place.map_or(&*directory.locale, |session| directory.locale_of(&session.tenant));
    let (desk, spoken) = (phrases(own).desk, phrases(speaks_to(facts.guest, own)));
    let guest = spoken.desk;
    // What was said into another matter of the guest's still says to which one it belongs.
    let marked = |words: Words| {
        let is_marked = |session: &&Session| {
            let mut carried = session.carried.iter().filter(|carried| carried.marked);
            carried.any(|carried| Some(carried.letter) == *letter)
        };
        match place.filter(is_marked) {
            Some(session) => fill(spoken.left.mark, &[("ref", &session.reference)]).beside(&words),
            None => words,
        }
    };
    let amend = |text: Option<&str>| {
        let (agent, activity, text) = (by.id.clone(), activity.clone(), text.map(str::to_owned));
        Effect::Amend { session: *session, agent, activity, text }
    };
    let tell = |words: &str| Effect::TellDesk { session: *session, words: Words::own(words) };
    let note = text.as_deref().and_then(mark::note);
    let says = |text: &String| marked(fill(guest.says, &[("agent", &by.name), ("text", text)]));
    let said = was.as_ref().map(says);
    match (letter, text) {
        (_, None) if was.is_none() => Vec::new(),
        (Some(letter), None) => {
            vec![
                Effect::Rewrite {
                    letter: *letter,
                    words: marked(fill(guest.took_back, &[("agent", &by.name)])),
                    was: said,
                },
                amend(None),
            ]
        }
        (None, None) => vec![amend(None)],
        // Nothing can be made of nothing.
        (_, Some(text)) if text.trim().is_empty() => Vec::new(),
        (Some(_), Some(_)) if note.is_some() => vec![tell(desk.desk_read)],
        (Some(_), Some(text)) if was.as_ref() == Some(text) => Vec::new(),
        (Some(letter), Some(text)) => {
            let words =
                fill_formatted(guest.says, &[("agent", &by.name), ("text", text)], facts.formatted);
            vec![
                Effect::Rewrite { letter: *letter, words: marked(words), was: said },
                amend(Some(text)),
            ]
        }
        (None, Some(text)) => {
            let words = note.as_deref().unwrap_or(text).trim();
            let change = Some(amend(Some(words))).filter(|_| was.as_deref() != Some(words));
            // Whoever could have sent it may think that this sends it.
            let is_owner = place
                .and_then(|session| session.desk.as_ref()?.owner.as_ref())
                .is_some_and(|owner| owner.id == by.id);
            let hint = Some(tell(desk.desk_stays_note)).filter(|_| is_owner && note.is_none());
            change.into_iter().chain(hint).collect()
        }
    }
}

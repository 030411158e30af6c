//! One turn is one card wherever it can be: what is said right before a question joins its card. A
//! pass over what a turn does, so that stages need not know of it.

use crate::model::{Above, Body, Card, Effect, Joined, Journey, Letter, LetterId, Session};

/// A longer message stays one of its own, in characters: a card is not a page.
const LONGEST: usize = 1_000;
/// With what a line begins that messages show and cards do not.
const NOT_IN_CARDS: [&str; 7] = ["#", "|", ">", "```", "~~~", "![", "    "];

/// Joins what can be, in the order of the turn. `asked` is the question that stands at its end.
pub(super) fn join(
    effects: Vec<Effect>,
    journey: &mut Journey,
    asked: Option<Joined>,
) -> Vec<Effect> {
    let effects = once(effects);
    let Some(mut asked) = asked else { return effects };
    let is_question =
        |effect: &Effect| matches!(effect, Effect::Send(letter) if letter.id == asked.letter);
    let Some(at) = effects.iter().position(is_question) else { return effects };
    let mut before: Vec<usize> = Vec::new();
    for (index, effect) in effects[..at].iter().enumerate() {
        let Effect::Send(letter) = effect else { continue };
        if moves(letter) && !asked.own.get("fields").is_some_and(|fields| fields.is_array()) {
            before = vec![index];
        } else if letter.session == Some(asked.session) && can_join(letter, journey) {
            before.push(index);
        } else {
            before.clear();
        }
    }
    if before.is_empty() {
        return effects;
    }
    let mut above = Vec::new();
    let mut rest = Vec::with_capacity(effects.len());
    for (index, effect) in effects.into_iter().enumerate() {
        match effect {
            Effect::Send(letter) if before.contains(&index) => {
                let Letter { id, session, body, .. } = letter;
                match &body {
                    Body::Card(card) => asked.moved = card.title().variable(),
                    Body::Text(words) => asked.said.push(words.variable()),
                }
                if let Some(offer) = &mut journey.course.offer
                    && offer.letter == id
                {
                    offer.letter = asked.letter;
                }
                above.push(Above { session, says: body });
            }
            Effect::Send(mut letter) if letter.id == asked.letter => {
                if let Body::Card(card) = &mut letter.body {
                    card.above = std::mem::take(&mut above);
                }
                rest.push(Effect::Send(letter));
            }
            other => rest.push(other),
        }
    }
    let offer = journey.course.offer.as_ref().map(|offer| offer.letter);
    let waits = |letter: LetterId| {
        let asks = |session: &Session| session.waiting.as_ref().and_then(|waiting| waiting.card);
        offer == Some(letter)
            || journey.sessions.iter().any(|session| asks(session) == Some(letter))
    };
    journey.course.joined.retain(|joined| waits(joined.letter));
    journey.course.joined.push(asked);
    rest
}

/// A card is replaced once in a turn: by how it looks at the end.
fn once(effects: Vec<Effect>) -> Vec<Effect> {
    let mut kept: Vec<Effect> = Vec::with_capacity(effects.len());
    for effect in effects {
        let Effect::Settle { letter, card } = effect else {
            kept.push(effect);
            continue;
        };
        match kept.iter_mut().find_map(|before| settled(before, letter)) {
            Some(before) => *before = card,
            None => kept.push(Effect::Settle { letter, card }),
        }
    }
    kept
}

fn settled(effect: &mut Effect, of: LetterId) -> Option<&mut Card> {
    match effect {
        Effect::Settle { letter, card } if *letter == of => Some(card),
        _ => None,
    }
}

/// True for the card that says that the guest was moved.
fn moves(letter: &Letter) -> bool {
    matches!(&letter.body, Body::Card(card) if card.moves)
}

/// True for a message that says in a card what it says alone, and that nobody comes back to.
fn can_join(letter: &Letter, journey: &Journey) -> bool {
    let Body::Text(words) = &letter.body else { return false };
    let is_carried = journey
        .sessions
        .iter()
        .any(|session| session.carried.iter().any(|carried| carried.letter == letter.id));
    let shown = words.revealed().markdown();
    let is_plain = |line: &str| !NOT_IN_CARDS.iter().any(|mark| line.starts_with(mark));
    !is_carried && shown.chars().count() <= LONGEST && shown.lines().all(is_plain)
}

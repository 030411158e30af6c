//! What has lost its sense when it could not be sent in time. Judged by what stands behind it in its
//! queue: a card that was replaced meanwhile, an offer that is over, an older card of the same
//! question.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    model::{LetterId, Token},
    pipeline::desk::DESK,
    store::{Delivery, Outgoing},
};

/// What is to become of a letter that comes late.
#[derive(Debug, PartialEq)]
pub(super) enum Sense {
    /// It is sent as it is.
    Kept,
    /// It is sent with this body: what it showed is no longer so.
    Newer(String),
    /// It is not sent, for this reason.
    Lost(&'static str),
}

/// Judges the first letter of a queue. `moot` are letters that need not be sent any more; what is
/// said at once or not at all is added to it.
pub(super) fn sense(letter: &Outgoing, queue: &[Outgoing], moot: &mut HashSet<LetterId>) -> Sense {
    if moot.remove(&letter.id) {
        return Sense::Lost("what it shows was shown at once, or never");
    }
    let later = || queue.iter().filter(|other| other.id != letter.id);
    // What the card had no room for.
    let parts = || later().filter(|other| other.id.is_of(letter.id));
    let looks = |of: LetterId| {
        later().filter(
            move |other| matches!(other.kind, Delivery::Put { of: other, .. } if other == of),
        )
    };
    match &letter.kind {
        Delivery::Hook { .. } => return Sense::Kept,
        Delivery::Open { .. } => {
            // A brief that nobody has seen, of a chat that nobody waits in.
            if looks(letter.id).next_back().is_none_or(|last| token_of(last).is_some()) {
                return Sense::Kept;
            }
            let is_in = |other: &&Outgoing| match other.kind {
                Delivery::Put { of, .. } => of == letter.id,
                Delivery::In { thread } => thread == letter.id,
                _ => false,
            };
            moot.extend(later().filter(is_in).map(|other| other.id));
            return Sense::Lost("the offer is over");
        }
        Delivery::Put { of, .. } if looks(*of).next().is_some() => {
            return Sense::Lost("the card was replaced again");
        }
        Delivery::Put { .. } => return Sense::Kept,
        Delivery::Post(_) | Delivery::In { .. } => {}
    }
    let body = serde_json::from_str::<Value>(&letter.body).unwrap_or_default();
    if body["type"] == "typing" {
        return Sense::Lost("nobody is at work on it any more");
    }
    let token = token_in(&body);
    if let Some(last) = looks(letter.id).next_back() {
        // In an agent's own chat, that is: in a thread nothing is offered behind its brief.
        let is_offer = token.as_ref().is_some_and(|token| token.stage == DESK)
            && matches!(letter.kind, Delivery::Post(_));
        // What nobody has read any more says what its last look says: see `Added::emptied`.
        let is_emptied = letter.body == last.body && matches!(letter.kind, Delivery::Post(_));
        if is_emptied || is_offer && token_of(last).is_none() {
            moot.extend(looks(letter.id).map(|look| look.id));
            moot.extend(parts().map(|part| part.id));
            return Sense::Lost("the offer is over");
        }
        moot.insert(last.id);
        moot.extend(parts().map(|part| part.id));
        return Sense::Newer(last.body.clone());
    }
    let Some(token) = token else { return Sense::Kept };
    let is_asked_again = later().any(|other| {
        !matches!(other.kind, Delivery::Put { .. })
            && token_of(other)
                .is_some_and(|other| (other.session, &other.stage) == (token.session, &token.stage))
    });
    if !is_asked_again {
        return Sense::Kept;
    }
    moot.extend(parts().map(|part| part.id));
    Sense::Lost("a newer card asks the same")
}

fn token_of(letter: &Outgoing) -> Option<Token> {
    token_in(&serde_json::from_str(&letter.body).ok()?)
}

/// What the first button of a card carries; none for a card without buttons of ours.
fn token_in(value: &Value) -> Option<Token> {
    match value {
        Value::Object(map) => Token::of(map).or_else(|| map.values().find_map(token_in)),
        Value::Array(items) => items.iter().find_map(token_in),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::model::{ConversationId, SessionId};

    const LIVE: &str = "a:1ann";

    fn letter(kind: Delivery, body: &Value) -> Outgoing {
        Outgoing {
            id: LetterId(Uuid::new_v4()),
            conversation: ConversationId { channel: "msteams".to_owned(), id: LIVE.to_owned() },
            service_url: String::new(),
            kind,
            body: body.to_string(),
            attempts: 0,
        }
    }

    fn card(session: SessionId, stage: &str, nonce: &str) -> Value {
        let token = Token {
            session: Some(session),
            stage: stage.into(),
            version: "1".into(),
            nonce: nonce.into(),
        };
        json!({ "type": "message", "attachments": [{ "content": { "actions": [{ "data": { "switchboard": token } }] } }] })
    }

    fn words(text: &str) -> Value {
        json!({ "type": "message", "text": text })
    }

    fn put(of: &Outgoing, body: &Value) -> Outgoing {
        letter(Delivery::Put { of: of.id, fallback: None }, body)
    }

    /// What becomes of each letter when all of them wait in this order.
    fn senses(letters: &[Outgoing]) -> Vec<Sense> {
        let mut moot = HashSet::new();
        let all =
            (0..letters.len()).map(|at| sense(&letters[at], &letters[at..], &mut moot)).collect();
        assert!(moot.is_empty());
        all
    }

    #[test]
    fn words_are_kept_and_typing_is_not() {
        let post = || Delivery::Post(None);
        let typing = letter(post(), &json!({ "type": "typing" }));
        let said = letter(post(), &words("hello"));
        let senses = senses(&[typing, said.clone(), said]);
        assert!(matches!(senses[..], [Sense::Lost(_), Sense::Kept, Sense::Kept]), "{senses:?}");
    }

    #[test]
    fn what_a_card_had_no_room_for_goes_with_it() {
        let session = SessionId(Uuid::new_v4());
        let offer = letter(Delivery::Post(None), &card(session, DESK, "1"));
        let mut rest = letter(Delivery::Post(None), &words("the end of a long question"));
        rest.id = offer.id.part(0);
        let over = put(&offer, &words("Bob has it"));
        let lost = senses(&[offer.clone(), rest.clone(), over]);
        assert!(lost.iter().all(|sense| matches!(sense, Sense::Lost(_))), "{lost:?}");
        assert!(senses(&[offer, rest]).iter().all(|sense| *sense == Sense::Kept));
    }

    #[test]
    fn a_card_that_was_replaced_is_sent_once_as_it_is_now() {
        let session = SessionId(Uuid::new_v4());
        let asked = letter(Delivery::Post(None), &card(session, "queue", "1"));
        let moved = put(&asked, &card(session, "queue", "2"));
        let over = put(&asked, &words("Ann has it"));
        let earlier = letter(Delivery::Post(None), &words("sent before"));
        let looks = [put(&earlier, &words("1")), put(&earlier, &words("2"))];
        let newer = Sense::Newer(over.body.clone());
        let [first, second] = looks;
        let senses = senses(&[asked, moved, first, over, second]);
        assert_eq!(senses[0], newer);
        assert!(
            matches!(senses[1..], [Sense::Lost(_), Sense::Lost(_), Sense::Lost(_), Sense::Kept]),
            "{senses:?}"
        );
    }

    #[test]
    fn an_offer_that_is_over_is_not_made_and_one_that_stands_is() {
        let session = SessionId(Uuid::new_v4());
        let offer = letter(Delivery::Post(None), &card(session, DESK, "1"));
        let over = put(&offer, &words("Bob has it"));
        let senses = senses(&[offer.clone(), over]);
        assert!(matches!(senses[..], [Sense::Lost(_), Sense::Lost(_)]), "{senses:?}");
        assert!(matches!(self::senses(std::slice::from_ref(&offer))[..], [Sense::Kept]));
        let again = put(&offer, &card(session, DESK, "2"));
        assert!(matches!(self::senses(&[offer, again])[..], [Sense::Newer(_), Sense::Lost(_)]));
    }

    #[test]
    fn a_thread_is_not_opened_for_a_chat_that_is_over() {
        let (session, guest) = (
            SessionId(Uuid::new_v4()),
            ConversationId { channel: "msteams".to_owned(), id: "a:1kim".to_owned() },
        );
        let open = letter(Delivery::Open { session, guest }, &card(session, DESK, "1"));
        let said = letter(Delivery::In { thread: open.id }, &words("hello?"));
        let over = put(&open, &words("Kim has left"));
        let last = letter(Delivery::In { thread: open.id }, &words("Kim has left"));
        let other = letter(Delivery::In { thread: said.id }, &words("of another thread"));
        let senses = senses(&[open.clone(), said.clone(), over, last, other]);
        assert!(
            matches!(
                senses[..],
                [Sense::Lost(_), Sense::Lost(_), Sense::Lost(_), Sense::Lost(_), Sense::Kept]
            ),
            "{senses:?}"
        );
        assert!(matches!(self::senses(&[open, said])[..], [Sense::Kept, Sense::Kept]));
    }

    #[test]
    fn an_older_card_of_the_same_question_is_not_asked() {
        let (session, other) = (SessionId(Uuid::new_v4()), SessionId(Uuid::new_v4()));
        let post = |session, stage| letter(Delivery::Post(None), &card(session, stage, "n"));
        let letters = [
            post(session, "menu"),
            post(other, "menu"),
            post(session, "device"),
            post(session, "menu"),
        ];
        let senses = senses(&letters);
        assert!(
            matches!(senses[..], [Sense::Lost(_), Sense::Kept, Sense::Kept, Sense::Kept]),
            "{senses:?}"
        );
    }
}

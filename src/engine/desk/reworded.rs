//! People at desks change in Teams what they wrote, or delete it: in a desk's thread and in their
//! personal chats.

use std::borrow::Cow;

use super::{
    act::over,
    means::{Incoming, Means},
    numbers::{self, To},
    words::{told, words_of},
};
use crate::{
    engine::{
        may::{Here, Wish, may},
        running::Running,
        turn::{Cause, Done, Ready, Slot},
        unkept::done,
    },
    model::{Agent, Event, Inbound, Scope, What, Words, mark},
    store::{Answer, StoreError, Who},
};

/// One turn of the guest's conversation for it; none when it is no message of this person's
/// that was meant for a guest. Told again it changes nothing, so it needs no key.
pub(super) async fn reworded(
    means: &Means,
    incoming: &Incoming<'_>,
    (person, place): Here<'_>,
    by: Agent,
) -> Result<Option<Answer>, StoreError> {
    let Incoming { running, inbound, now } = *incoming;
    let Some(activity) = &inbound.activity_id else { return Ok(None) };
    let Some((guest, line)) = means.turns.store().said_at_desk(&by.id, activity).await? else {
        return Ok(None);
    };
    let Some(session) = line.session else { return Ok(None) };
    let view = means.turns.store().session(session).await?;
    let Some(view) = view else { return Ok(None) };
    let company = (running, means.turns.home());
    if may(company, &person, Wish::Change(&view.session, place)).is_err() {
        means.unkept.say(inbound, &over(incoming, Some(&view)));
        return Ok(Some(done(inbound, None)));
    }
    let mut change = Cow::Borrowed(inbound);
    let text = match &inbound.what {
        What::Edited(_) => match meant(running, inbound, &view.session.reference) {
            Some((shortened, text)) => {
                change = Cow::Owned(shortened);
                Some(text)
            }
            // Nothing goes from one guest to another.
            None => {
                if line.from == Who::Agent {
                    means.unkept.say(inbound, &Words::own(incoming.desk().desk_read));
                }
                return Ok(Some(done(inbound, None)));
            }
        },
        What::Deleted => None,
        _ => return Ok(None),
    };
    if text.as_ref().is_some_and(String::is_empty) {
        return Ok(Some(told(means, incoming, &Words::own(incoming.desk().desk_wordless))));
    }
    if inbound.scope == Scope::Channel {
        let thread = means.turns.store().thread(&inbound.conversation.id).await?;
        if thread.is_none_or(|thread| thread.guest != guest) {
            return Ok(None);
        }
    }
    let (inbound, by, text) = (&*change, &by, &text);
    let ready = |slot: &mut Slot| {
        let is_kept = slot.conversation().is_some();
        async move {
            // Once more, now that nobody else changes it.
            let found = means.turns.store().said_at_desk(&by.id, activity).await?;
            let Some((_, line)) = found.filter(|_| is_kept) else {
                return Ok(Ready::Stop(()));
            };
            let event = Event::AgentEdited {
                session,
                by: by.clone(),
                activity: activity.clone(),
                letter: line.letter.filter(|_| line.from == Who::Agent),
                was: Some(line.text).filter(|_| line.deleted.is_none()),
                text: text.clone(),
            };
            Ok(Ready::Go(Cause::Desk(inbound, Cow::Owned(event), session)))
        }
    };
    Ok(match means.turns.turn(&guest, &[], now, ready).await? {
        Done::Turned(turned) => Some(turned.answer),
        Done::Stopped(()) => None,
    })
}

/// The new words of a message without the number of its chat, with which it may begin; none when
/// they are for another chat, or may be.
fn meant(running: &Running, inbound: &Inbound, reference: &str) -> Option<(Inbound, String)> {
    let text = words_of(inbound);
    let whole = || Some((inbound.clone(), text.clone().into_owned()));
    let is_thread = inbound.scope == Scope::Channel;
    // In a thread a note may speak of any chat.
    if is_thread && mark::note(&text).is_some() {
        return whole();
    }
    match numbers::read(running, &[reference], inbound, &text) {
        To::Chat(_, rest) => Some((numbers::shortened(inbound, &text, &rest), rest.into_owned())),
        To::Unsaid => whole(),
        To::Within if is_thread || mark::note(&text).is_some() => whole(),
        To::Other | To::Unsure | To::Within => None,
    }
}

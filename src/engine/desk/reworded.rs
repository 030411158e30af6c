//! People at desks change in Teams what they wrote, or delete it: in a desk's thread and in their
//! personal chats.

use std::borrow::Cow;

use super::{
    means::{Incoming, Means},
    numbers::{is_reference, without},
};
use crate::{
    engine::{
        may::{Here, Wish, may},
        turn::{Cause, Done, Ready, Slot},
        unkept::done,
    },
    model::{Agent, Event, Scope, What, Words},
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
        means.unkept.say(inbound, &Words::own(incoming.desk().desk_over));
        return Ok(Some(done(inbound, None)));
    }
    let mut inbound = Cow::Borrowed(inbound);
    let text = match &inbound.what {
        What::Edited(text) => Some(text.trim().to_owned()),
        What::Deleted => None,
        _ => return Ok(None),
    };
    let text = match text {
        Some(text) if inbound.scope == Scope::Personal => {
            // In a chat for several guests the message may begin with its guest's number.
            let first = text.split_whitespace().next().unwrap_or_default();
            if view.session.reference.eq_ignore_ascii_case(first.trim_end_matches(':')) {
                inbound = Cow::Owned(without(&inbound, first));
                Some(text[first.len()..].trim().to_owned())
            } else if is_reference(running, first) {
                // Nothing goes from one guest to another.
                if line.from == Who::Agent {
                    means.unkept.say(&inbound, &Words::own(incoming.desk().desk_read));
                }
                return Ok(Some(done(&inbound, None)));
            } else {
                Some(text)
            }
        }
        Some(text) => Some(text),
        None => None,
    };
    if inbound.scope == Scope::Channel {
        let thread = means.turns.store().thread(&inbound.conversation.id).await?;
        if thread.is_none_or(|thread| thread.guest != guest) {
            return Ok(None);
        }
    }
    let (inbound, by, text) = (&*inbound, &by, &text);
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
            Ok(Ready::Go(Cause::Desk(inbound, Cow::Owned(event))))
        }
    };
    Ok(match means.turns.turn(&guest, &[], now, ready).await? {
        Done::Turned(turned) => Some(turned.answer),
        Done::Stopped(()) => None,
    })
}

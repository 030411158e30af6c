//! What somebody does at a desk, in a channel or in their own chat.

use std::borrow::Cow;

use super::means::{Incoming, Means};
use crate::{
    engine::{
        may::{Here, Wish, may},
        turn::{Cause, Done, Ready, Slot, keys_elsewhere, lost, present},
    },
    model::{Act, ConversationId, Event, Session, SessionId, Words},
    pipeline::{desk::gone, language::phrases},
    store::{Answer, SessionView, StoreError},
};

/// One turn of a guest's conversation for something that happened at a desk, if whoever did it may.
pub(super) async fn act(
    means: &Means,
    incoming: &Incoming<'_>,
    (person, place): Here<'_>,
    (guest, session): (&ConversationId, SessionId),
    event: &Event,
) -> Result<Answer, StoreError> {
    let Incoming { running, inbound, now } = *incoming;
    let keys = keys_elsewhere(inbound, now);
    let mut is_advice = false;
    let ready = |slot: &mut Slot| {
        let Some(conversation) = slot.conversation() else { return Ready::Stop(None) };
        // The files of now decide, and the session as it is now.
        let now_running = means.turns.running();
        let may = |wish| may((&now_running, means.turns.home()), &person, wish).is_ok();
        // An answer to a side question comes from a thread of its own, named by its first post.
        let present = present(conversation);
        let consult = present
            .and_then(|present| present.desk.as_ref())
            .and_then(|help| help.consults.iter().find(|consult| consult.letter.0 == session.0));
        if let (Some(consult), Event::Desk { by, act: Act::Say(text), .. }) = (consult, event)
            && may(Wish::Advise { of: &consult.tenant, letter: session, at: place })
        {
            is_advice = true;
            let act = Act::Advise { letter: consult.letter, text: text.clone() };
            let advice = Event::Desk { by: by.clone(), nonce: None, act };
            return Ready::Go(Cause::Desk(inbound, Cow::Owned(advice)));
        }
        is_advice = false;
        // A session that has no more to do with a desk has no thread either in which the core
        // could answer.
        let is_at_desk = |present: &Session| present.id == session && present.desk.is_some();
        if present.is_some_and(|session| is_at_desk(session) && may(Wish::Act(session, place))) {
            return Ready::Go(Cause::Desk(inbound, Cow::Borrowed(event)));
        }
        Ready::Stop(Some(()))
    };
    let outcome = means.turns.turn(guest, &keys, now, ready).await;
    if is_advice && !inbound.files.is_empty() {
        let lost = lost(inbound, phrases(incoming.locale()));
        means.unkept.answer(inbound, &lost);
    }
    match outcome? {
        Done::Turned(turned) => Ok(turned.answer),
        Done::Stopped(None) => Ok(means.doors.outside_personal(running, inbound)),
        Done::Stopped(Some(())) => {
            let view = means.turns.store().session(session).await?;
            let words = over(incoming, view.as_ref());
            Ok(means.unkept.answer(inbound, &words))
        }
    }
}

/// What somebody at the desk of a session is told who can do nothing there: where it is now. In the
/// desk's language.
pub(super) fn over(incoming: &Incoming<'_>, view: Option<&SessionView>) -> Words {
    let directory = &incoming.running.company.directory;
    let Some(SessionView { session, hops, guest, .. }) = view else {
        return Words::own(phrases(&directory.locale).desk.desk_over);
    };
    let phrases = phrases(directory.locale_of(&session.tenant));
    gone(session, hops, guest.name.as_deref().unwrap_or("?"), (directory, phrases, incoming.now))
}

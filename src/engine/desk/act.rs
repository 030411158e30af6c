//! What somebody does at a desk, in a channel or in their own chat.

use std::borrow::Cow;

use super::means::{Incoming, Means};
use crate::{
    engine::{
        may::{Here, Wish, may},
        turn::{Cause, Done, Ready, Slot, keys_elsewhere, lost},
    },
    model::{Act, ConversationId, Event, SessionId, Words},
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
        let consult = conversation.sessions().find_map(|asking| {
            let consults = &asking.desk.as_ref()?.consults;
            let consult = consults.iter().find(|consult| consult.letter.0 == session.0)?;
            Some((consult, asking.id))
        });
        if let (Some((consult, asking)), Event::Desk { by, act: Act::Say(text), .. }) =
            (consult, event)
            && may(Wish::Advise { of: &consult.tenant, letter: session, at: place })
        {
            is_advice = true;
            let act = Act::Advise { letter: consult.letter, text: text.clone() };
            let advice = Event::Desk { by: by.clone(), nonce: None, act };
            return Ready::Go(Cause::Desk(inbound, Cow::Owned(advice), asking));
        }
        is_advice = false;
        // A session that has no more to do with a desk has no thread either in which the core
        // could answer.
        let theirs = conversation.session(session);
        let at_desk = theirs.filter(|theirs| theirs.desk.is_some());
        if at_desk.is_some_and(|theirs| may(Wish::Act(theirs, place))) {
            return Ready::Go(Cause::Desk(inbound, Cow::Borrowed(event), session));
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
    let locale = directory.locale_of(&session.tenant);
    gone(session, hops, guest.name.as_deref().unwrap_or("?"), (directory, locale, incoming.now))
}

//! What comes from a team's channels: the command that makes one a desk, and what agents write and
//! click in its threads. Everything else there is dropped unread.

use std::sync::Arc;

use super::{
    act as acts, connect,
    means::{Incoming, Means},
    numbers::{self, To},
    outsiders::Outsiders,
    reworded::reworded,
    transcript,
    words::{told, words_of},
};
use crate::{
    model::{Act, Event, Token, What, Words, mark},
    pipeline::{
        desk::{DESK, act_of},
        language::fill,
    },
    store::{Answer, StoreError, Thread},
};

/// The channels of teams.
pub(in crate::engine) struct Channel {
    means: Arc<Means>,
    outsiders: Outsiders,
}

impl Channel {
    pub(in crate::engine) fn new(means: Arc<Means>) -> Self {
        Channel { means, outsiders: Outsiders::default() }
    }

    /// An activity in a channel or one of its threads.
    pub(in crate::engine) async fn receive(
        &self,
        incoming: &Incoming<'_>,
    ) -> Result<Answer, StoreError> {
        let (means, Incoming { running, inbound, now }) = (&*self.means, *incoming);
        if let What::Text(text) = &inbound.what
            && inbound.mentioned
            && let Some(code) = connect::code_of(text)
        {
            return connect::connect(means, incoming, code).await;
        }
        if let Some(answer) = self.outsiders.stopped(means, incoming).await? {
            return Ok(answer);
        }
        if matches!(inbound.what, What::Edited(_) | What::Deleted) && inbound.thread.is_some() {
            let answer = reworded(means, incoming, inbound.author()).await?;
            return Ok(answer.unwrap_or_else(|| means.doors.outside_personal(running, inbound)));
        }
        let found = match &inbound.what {
            What::Submit(data) | What::Execute { data, .. } => {
                let mut data = data.clone();
                let token = Token::of(&data).filter(|token| token.stage == DESK);
                data.remove(Token::KEY);
                if let (Some(token), Some(page)) = (&token, transcript::page_of(&data)) {
                    return transcript::show(means, incoming, token.clone(), page).await;
                }
                match (token, act_of(&data)) {
                    (Some(token), Some(act)) => match token.session {
                        Some(session) => {
                            let view = means.turns.store().session(session).await?;
                            view.map(|view| (view.conversation, session, Some(token.nonce), act))
                        }
                        None => None,
                    },
                    _ => None,
                }
            }
            What::Text(_) | What::Wordless if inbound.thread.is_some() => {
                match means.turns.store().thread(&inbound.conversation.id).await? {
                    Some(thread) => return said(means, incoming, &thread).await,
                    None => None,
                }
            }
            What::Removed => {
                connect::left_team(&means.turns, inbound, now).await?;
                None
            }
            _ => None,
        };
        let Some((guest, session, nonce, act)) = found else {
            return Ok(means.doors.outside_personal(running, inbound));
        };
        let by = inbound.author();
        acts::act(means, incoming, &guest, session, &Event::Desk { by, nonce, act }).await
    }
}

/// What somebody writes in a desk's thread. The thread says whose chat it is; words that begin with
/// the number of another one are in the wrong place, unless they stay at the desk anyway.
async fn said(
    means: &Means,
    incoming: &Incoming<'_>,
    thread: &Thread,
) -> Result<Answer, StoreError> {
    let Incoming { running, inbound, .. } = *incoming;
    let text = words_of(inbound);
    if text.is_empty() && inbound.files.is_empty() {
        return Ok(told(means, incoming, &Words::own(incoming.desk().desk_wordless)));
    }
    let by = inbound.author();
    let mut words = text.clone();
    if mark::note(&text).is_none() && numbers::begins(running, &text) {
        let view = means.turns.store().session(thread.session).await?;
        if let Some(session) = view.map(|view| view.session) {
            let owner = session.desk.as_ref().and_then(|help| help.owner.as_ref());
            match numbers::read(running, &[&session.reference], inbound, &text) {
                To::Chat(_, rest) => words = rest.into_owned().into(),
                To::Other | To::Unsure if owner.is_some_and(|owner| owner.id == by.id) => {
                    let number = [("first", &*session.reference), ("list", &*session.reference)];
                    return Ok(told(means, incoming, &fill(incoming.desk().desk_which, &number)));
                }
                _ => {}
            }
        }
    }
    let shortened = numbers::shortened(inbound, &text, &words);
    let incoming = Incoming { inbound: &shortened, ..*incoming };
    let event = Event::Desk { by, nonce: None, act: Act::Say(words.into_owned()) };
    acts::act(means, &incoming, &thread.guest, thread.session, &event).await
}

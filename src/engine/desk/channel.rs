//! What comes from a team's channels: the command that makes one a desk, and what agents write and
//! click in its threads. Everything else there is dropped unread.

use std::sync::Arc;

use super::{
    act as acts, connect,
    means::{Incoming, Means},
    outsiders::Outsiders,
    reworded::reworded,
    transcript,
};
use crate::{
    engine::may::{Here, Not, Person, Place, Standing, Wish, may},
    model::{Act, Event, Token, What},
    pipeline::desk::{DESK, act_of},
    store::{Answer, StoreError},
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
        let company = (running, means.turns.home());
        let code = match &inbound.what {
            What::Text(text) if inbound.mentioned => connect::code_of(text),
            _ => None,
        };
        let standing = self.outsiders.standing(means, incoming, code.is_some()).await?;
        let person = Person::of(inbound, standing);
        let wish = code.map_or(Wish::Come, |_| Wish::Connect(inbound.channel.as_ref()));
        match (may(company, &person, wish), code) {
            (Err(why @ (Not::Outsider | Not::Unknown)), _)
                if code.is_some() || standing != Standing::Own =>
            {
                return Ok(self.outsiders.refuse(means, incoming, why, code.is_some()).await);
            }
            (_, Some(code)) => return connect::connect(means, incoming, code).await,
            (_, None) => {}
        }
        if let What::Removed = &inbound.what {
            connect::left_team(&means.turns, inbound, now).await?;
        }
        let nothing = || Ok(means.doors.outside_personal(running, inbound));
        let is_deed = matches!(
            inbound.what,
            What::Submit(_)
                | What::Execute { .. }
                | What::Text(_)
                | What::Wordless
                | What::Edited(_)
                | What::Deleted
        );
        if inbound.thread.is_none() || !is_deed {
            return nothing();
        }
        let thread = means.turns.store().thread(&inbound.conversation.id).await?;
        let here: Here<'_> = (person, Place::Thread(thread.as_ref().map(|thread| thread.session)));
        let (whose, nonce, act) = match &inbound.what {
            What::Edited(_) | What::Deleted => {
                let answer = reworded(means, incoming, here, inbound.author()).await?;
                return answer.map_or_else(nothing, Ok);
            }
            What::Submit(data) | What::Execute { data, .. } => {
                let mut data = data.clone();
                let Some(token) = Token::of(&data).filter(|token| token.stage == DESK) else {
                    return nothing();
                };
                data.remove(Token::KEY);
                if let Some(page) = transcript::page_of(&data) {
                    return transcript::show(means, incoming, here, token, page).await;
                }
                let (Some(session), Some(act)) = (token.session, act_of(&data)) else {
                    return nothing();
                };
                let Some(view) = means.turns.store().session(session).await? else {
                    return nothing();
                };
                ((view.conversation, session), Some(token.nonce), act)
            }
            _ => {
                let text = match &inbound.what {
                    What::Text(text) => text.clone(),
                    _ => String::new(),
                };
                let thread = thread.filter(|_| !text.is_empty() || !inbound.files.is_empty());
                let Some(thread) = thread else { return nothing() };
                ((thread.guest, thread.session), None, Act::Say(text))
            }
        };
        let event = Event::Desk { by: inbound.author(), nonce, act };
        acts::act(means, incoming, here, (&whose.0, whose.1), &event).await
    }
}

//! What comes from a team's channels: the command that makes one a desk, and what agents write and
//! click in its threads. Everything else there is dropped unread.

use std::sync::Arc;

use super::{
    act as acts, connect,
    means::{Incoming, Means},
    news,
    outsiders::Outsiders,
    reworded::reworded,
    transcript,
};
use crate::{
    engine::unkept::done,
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
        news::follow(&means.turns, inbound).await?;
        if let What::Place(news) = inbound.what {
            news::take_over(&means.turns, inbound, news, now).await?;
            return Ok(done(inbound, None));
        }
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
                let text = match &inbound.what {
                    What::Text(text) => text.clone(),
                    _ => String::new(),
                };
                let thread = means.turns.store().thread(&inbound.conversation.id).await?;
                let thread = thread.filter(|_| !text.is_empty() || !inbound.files.is_empty());
                thread.map(|thread| (thread.guest, thread.session, None, Act::Say(text)))
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

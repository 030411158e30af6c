//! What comes from a team's channels: the command that makes one a desk, and what agents write and
//! click in its threads. Everything else there is dropped unread.

use std::sync::Arc;

use super::{
    act as acts, asked, connect,
    means::{Incoming, Means},
    news,
    numbers::{self, To},
    outsiders::Outsiders,
    reworded::reworded,
    transcript,
    words::{told, words_of},
};
use crate::{
    engine::{
        may::{Here, Not, Person, Place, Standing, Wish, may},
        unkept::done,
    },
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
        news::follow(&means.turns, inbound).await?;
        if let What::Place(news) = inbound.what {
            news::take_over(&means.turns, inbound, news, now).await?;
            return Ok(done(inbound, None));
        }
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
        let question = asked::question(incoming);
        if (inbound.thread.is_none() && question.is_none()) || !is_deed(&inbound.what) {
            return nothing();
        }
        let thread = means.turns.store().thread(&inbound.conversation.id).await?;
        if let Some(question) = question.filter(|_| thread.is_some() || inbound.mentioned) {
            return asked::answer(means, incoming, question, thread.as_ref()).await;
        }
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
                return match &thread {
                    Some(thread) => said(means, incoming, here, thread).await,
                    None => nothing(),
                };
            }
        };
        let event = Event::Desk { by: inbound.author(), nonce, act };
        acts::act(means, incoming, here, (&whose.0, whose.1), &event).await
    }
}

fn is_deed(what: &What) -> bool {
    matches!(
        what,
        What::Submit(_)
            | What::Execute { .. }
            | What::Text(_)
            | What::Wordless
            | What::Edited(_)
            | What::Deleted
    )
}

/// What somebody writes in a desk's thread. The thread says whose chat it is; words that begin with
/// the number of another one are in the wrong place, unless they stay at the desk anyway.
async fn said(
    means: &Means,
    incoming: &Incoming<'_>,
    here: Here<'_>,
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
                // Who is not the owner here may be it in a moment: it stays at the desk.
                To::Other | To::Unsure => words = format!("// {text}").into(),
                _ => {}
            }
        }
    }
    let shortened = numbers::shortened(inbound, &text, &words);
    let incoming = Incoming { inbound: &shortened, ..*incoming };
    let event = Event::Desk { by, nonce: None, act: Act::Say(words.into_owned()) };
    acts::act(means, &incoming, here, (&thread.guest, thread.session), &event).await
}

//! What a guest's chat holds: the matter in which they are, and others that lie at a desk meanwhile;
//! and for which of them an event is.

use std::borrow::Cow;

use super::{left, run::Outcome};
use crate::model::{Act, Conversation, Event, Journey, Session, SessionId};

/// The matters of one guest's chat, as a decision takes them.
#[derive(Debug, Default)]
pub struct Chat {
    /// The journey in which the guest is, or was last; live or ended.
    pub journey: Option<Journey>,
    /// Earlier journeys in which a desk still has something of the guest's, oldest first.
    pub open: Vec<Journey>,
    /// The session that an event names which does not say so itself: of somebody at a desk, or of a
    /// manager. None means the one in which the guest is.
    pub session: Option<SessionId>,
}

impl From<Option<Journey>> for Chat {
    fn from(journey: Option<Journey>) -> Self {
        Chat { journey, ..Chat::default() }
    }
}

impl Chat {
    /// Takes the matters out of a conversation; `session` is the one that the event names.
    pub fn of(conversation: &mut Conversation, session: Option<SessionId>) -> Self {
        let (journey, open) = (conversation.journey.take(), std::mem::take(&mut conversation.open));
        Chat { journey, open, session }
    }

    /// Gives the guest's turn to another matter where the present one does not need it: to one of
    /// which an agent has the chat, or takes it now.
    pub(super) fn give_floor(&mut self, event: &Event) {
        self.open.retain(|journey| journey.present().is_some());
        // What becomes of what was said once moves nothing.
        let is_past = matches!(event, Event::AgentEdited { .. } | Event::Undelivered { .. });
        if is_past || self.journey.as_ref().is_some_and(Journey::holds_floor) {
            return;
        }
        let is_taken = |journey: &Journey| {
            let desk = journey.live().and_then(|session| session.desk.as_ref());
            desk.and_then(|desk| desk.owner.as_ref()).is_some()
        };
        let is_taking = matches!(
            event,
            Event::Desk { act: Act::Take | Act::TakeOver | Act::Resolve { .. }, .. }
        );
        let named = self.session.filter(|_| is_taking);
        let named = named.and_then(|id| self.open.iter().position(|one| one.session(id).is_some()));
        let next = named
            .or_else(|| self.open.iter().rposition(is_taken))
            .or_else(|| self.journey.is_none().then(|| self.open.len().checked_sub(1)).flatten());
        let Some(next) = next else { return };
        let journey = self.open.remove(next);
        let before = self.journey.replace(journey);
        self.keep(before);
    }

    /// A journey goes on beside the present one, in its place among the others.
    fn keep(&mut self, journey: Option<Journey>) {
        let Some(journey) = journey.filter(|journey| journey.present().is_some()) else { return };
        let began = |journey: &Journey| journey.sessions.first().map(|session| session.started);
        let at = self.open.partition_point(|other| began(other) <= began(&journey));
        self.open.insert(at, journey);
    }

    /// For which of the other matters an event is, and what it is there; none when it is for the
    /// present one.
    pub(super) fn about<'e>(&self, event: &'e Event) -> Option<(usize, Cow<'e, Event>)> {
        let of = |is: &dyn Fn(&Session) -> bool| {
            self.open.iter().position(|journey| journey.sessions.iter().any(is))
        };
        let at = match event {
            Event::Said(text) => {
                let found = |(at, journey): (usize, &Journey)| {
                    Some((at, left::addressed(text, &journey.live()?.reference)?))
                };
                let (at, rest) = self.open.iter().enumerate().find_map(found)?;
                return Some((at, Cow::Owned(Event::Said(rest.to_owned()))));
            }
            Event::Clicked { token, .. } => {
                of(&|session| session.state.is_live() && token.session == Some(session.id))
            }
            Event::Desk { .. }
            | Event::Move { .. }
            | Event::Close { .. }
            | Event::GuestEdited { .. } => of(&|session| self.session == Some(session.id)),
            Event::AgentEdited { session: of_session, .. } => {
                of(&|session| session.id == *of_session)
            }
            Event::ThreadLost { letter, .. } => {
                of(&|session| session.desk.as_ref().is_some_and(|desk| desk.brief == Some(*letter)))
            }
            Event::Undelivered { letter, .. } => {
                of(&|session| session.carried.iter().any(|carried| letter.is_of(carried.letter)))
            }
            Event::File(arrival) => of(&|session| session.id == arrival.session),
            Event::Called { id, .. } => {
                of(&|session| session.call.as_ref().is_some_and(|call| call.id == *id))
            }
            Event::Tick | Event::Unreachable | Event::Files { .. } => None,
        }?;
        Some((at, Cow::Borrowed(event)))
    }
}

impl Outcome {
    /// What came of one of the other matters, put back to where it was.
    pub(super) fn beside(mut self, chat: Chat, at: usize) -> Self {
        let mut open = chat.open;
        open.splice(at..at, self.journey.take());
        self.first_new_hop = chat.journey.as_ref().map_or(0, |journey| journey.hops.len());
        (self.journey, self.open) = (chat.journey, open);
        self
    }

    /// The same after what came of the present one.
    pub(super) fn and(
        mut self,
        mut chat: Chat,
        at: usize,
        one: impl FnOnce(Journey) -> Outcome,
    ) -> Self {
        let first_new_hop = self.first_new_hop;
        let of = one(chat.open.remove(at));
        let Outcome { journey, open, effects, changed, .. } = of.beside(chat, at);
        self.effects.extend(effects);
        self.changed.extend(changed);
        Outcome { journey, open, first_new_hop, ..self }
    }
}

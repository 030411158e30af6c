//! What a turn is about, and what its page needs to know of that.

use std::borrow::Cow;

use crate::{
    model::{
        Conversation, Event, FileId, Guest, Inbound, Reference, Scope, SessionId, Token, What,
    },
    store::{Loaded, StoreError, Told},
};

/// What a turn is about.
pub(in crate::engine) enum Cause<'a> {
    Activity(&'a Inbound),
    /// From inside; for a session, where the event is for one and does not name it itself.
    Event(&'a Event, Option<SessionId>),
    Learned {
        news: &'a Guest,
        refuse: bool,
    },
    /// Of somebody at a desk, for this session.
    Desk(&'a Inbound, Cow<'a, Event>, SessionId),
}

impl Cause<'_> {
    /// The conversation of a turn and its version; only an activity begins one that is not stored.
    pub(super) fn begun(
        &self,
        loaded: Option<Loaded>,
    ) -> Result<(Conversation, Option<u64>), StoreError> {
        match (loaded, self) {
            (Some(Loaded { conversation, version }), _) => Ok((conversation, Some(version))),
            (None, Cause::Activity(inbound)) => Ok((unknown(inbound), None)),
            (None, _) => {
                Err(StoreError::Broken("a turn of a conversation that is not there".to_owned()))
            }
        }
    }

    /// True when somebody did something and waits for what comes of it. Nobody waits for a welcome
    /// or for what time does: that may be for the whole company at once.
    pub(super) fn is_awaited(&self) -> bool {
        match self {
            Cause::Activity(inbound) => !matches!(inbound.what, What::Installed),
            Cause::Event(event, _) => !matches!(event, Event::Tick),
            Cause::Learned { .. } => false,
            Cause::Desk(..) => true,
        }
    }

    /// What the turn tells of a file, if it is about one.
    pub(super) fn told(&self, carried: &[FileId]) -> Vec<Told> {
        match self {
            Cause::Event(Event::File(arrival), _) => {
                vec![Told { file: arrival.file, ready: carried.contains(&arrival.file) }]
            }
            _ => Vec::new(),
        }
    }
}

/// A conversation that is not stored yet.
fn unknown(inbound: &Inbound) -> Conversation {
    Conversation {
        id: inbound.conversation.clone(),
        reference: Reference::default(),
        guest: inbound.guest.clone(),
        installed: false,
        journey: None,
        open: Vec::new(),
    }
}

/// What a page needs to know of the activity that it answers; all empty for an event from inside.
#[derive(Default)]
pub(super) struct Stamp {
    pub(super) activity_id: Option<String>,
    /// The activity in which somebody at a desk wrote something.
    pub(super) said: Option<String>,
    /// The card's activity id as the click names it.
    pub(super) clicked: Option<String>,
    /// It is a click on the welcome card, which stays as it is.
    pub(super) welcomed: bool,
    pub(super) is_invoke: bool,
    pub(super) is_execute: bool,
    pub(super) expects_replies: bool,
    /// It came from a desk: the answer is for somebody there.
    pub(super) at_desk: bool,
    /// The agent in whose personal chat it happened.
    pub(super) agent: Option<String>,
}

impl Stamp {
    pub(super) fn of(cause: &Cause<'_>) -> Self {
        if let Cause::Desk(inbound, event, _) = cause {
            let agent = match &**event {
                Event::Desk { by, .. } | Event::AgentEdited { by, .. }
                    if inbound.scope == Scope::Personal =>
                {
                    Some(by.id.clone())
                }
                _ => None,
            };
            // What the guest gets answers nothing of theirs.
            return Stamp {
                at_desk: true,
                agent,
                said: inbound.activity_id.clone().filter(|_| matches!(inbound.what, What::Text(_))),
                clicked: inbound
                    .reply_to
                    .clone()
                    .filter(|_| matches!(inbound.what, What::Submit(_) | What::Execute { .. })),
                is_invoke: inbound.invoke,
                is_execute: matches!(inbound.what, What::Execute { .. }),
                ..Stamp::default()
            };
        }
        let Cause::Activity(inbound) = cause else { return Stamp::default() };
        let token = match &inbound.what {
            What::Submit(data) | What::Execute { data, .. } => Token::of(data),
            _ => None,
        };
        let is_click = matches!(inbound.what, What::Submit(_) | What::Execute { .. });
        Stamp {
            activity_id: inbound.activity_id.clone(),
            said: None,
            clicked: inbound.reply_to.clone().filter(|_| is_click),
            welcomed: token.is_some_and(|token| token.session.is_none()),
            is_invoke: inbound.invoke,
            is_execute: matches!(inbound.what, What::Execute { .. }),
            expects_replies: inbound.expect_replies && !inbound.invoke,
            at_desk: false,
            agent: None,
        }
    }
}

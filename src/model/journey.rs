//! The chain of sessions linked by transfers; the guest sees it as one chat.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::{
    By, Entry, JourneyId, LetterId, Metadata, Session, SessionId, StageId, State, TenantId, Token,
    Words, session::keys, words::WORDS,
};

/// A journey holds its sessions, so that transfer, undo and return are one decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// Its id.
    pub id: JourneyId,
    /// Its sessions, oldest first. The guest is in the one that is live; at most one is.
    pub sessions: Vec<Session>,
    /// Its transfers, oldest first.
    pub hops: Vec<Hop>,
    /// What hangs on it beside its sessions. Stored with the journey, as a whole.
    #[serde(default)]
    pub course: Course,
}

/// What hangs on a journey: ways back that are open.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// The latest transfer can be undone.
    pub offer: Option<Offer>,
    /// Sessions that go on when the receiver has ended, innermost last.
    pub duties: Vec<Duty>,
    /// Questions that stand in one card with what was said right before them.
    pub joined: Vec<Joined>,
    /// A guest who came back was asked whether it is the same matter.
    pub reopen: Option<Reopen>,
}

/// The transfer card that offers "wrong department".
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The hop that can be taken back.
    pub hop: u32,
    /// The session to go back to.
    pub to: SessionId,
    /// Until when.
    pub until: Timestamp,
    /// The secret of its button.
    pub nonce: String,
    /// The card, to be replaced when the window closes.
    pub letter: LetterId,
    /// Its template.
    pub template: String,
    /// Its own variables, to draw it again without the button.
    pub own: Value,
}

impl Offer {
    /// What the card says in a line: where the guest is now.
    pub fn title(&self) -> Words {
        let title = self.own.pointer("/words/transferred").and_then(Value::as_str);
        Words::marked(title.unwrap_or_default().trim_start_matches(WORDS).to_owned())
    }
}

/// Without the card's variables: they hold what people wrote.
impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer")
            .field("hop", &self.hop)
            .field("to", &self.to)
            .field("until", &self.until)
            .field("letter", &self.letter)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// A question that stands in one card with what was said right before it, the transfer's card among
/// it: what was said stays when it is answered, and the way back may close while it stands.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// The card.
    pub letter: LetterId,
    /// The session that asks.
    pub session: SessionId,
    /// How the question looks now: its template.
    pub template: String,
    /// The template's own variables.
    pub own: Value,
    /// What it says in words, as [`crate::model::Words::variable`] writes them.
    pub summary: String,
    /// What its buttons carry; none once it was answered.
    pub token: Option<Token>,
    /// Where the guest was moved, in words as those of `summary`; empty without a transfer.
    pub moved: String,
    /// The messages above it, likewise.
    pub said: Vec<String>,
}

/// Without the card's variables: they hold what people wrote.
impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined")
            .field("letter", &self.letter)
            .field("session", &self.session)
            .field("template", &self.template)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// A session that goes on when the receiver has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// The hop that promised it.
    pub hop: u32,
    /// The session.
    pub to: SessionId,
    /// The stage at which it goes on.
    pub stage: StageId,
}

/// "About HR-911? Continue, or something new": asked when a guest comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reopen {
    /// The secret of its buttons.
    pub nonce: String,
    /// The card.
    pub letter: LetterId,
    /// What the guest wrote when they came back.
    pub words: String,
}

impl Journey {
    /// The index of the session in which the guest is.
    pub fn present(&self) -> Option<usize> {
        self.sessions.iter().rposition(|session| session.state.is_live())
    }

    /// The index of the session in which the guest is, or was last: of those that ended, the one
    /// that ended the matter (not one that the guest was moved out of).
    pub fn latest(&self) -> Option<usize> {
        let moved_on = |state| matches!(state, State::Transferred | State::Returned);
        let ended =
            self.sessions.iter().enumerate().filter(|(_, session)| !moved_on(session.state));
        self.present()
            .or_else(|| ended.max_by_key(|(_, session)| session.ended).map(|(index, _)| index))
            .or(self.sessions.len().checked_sub(1))
    }

    /// The session that goes on.
    pub fn live(&self) -> Option<&Session> {
        self.sessions.get(self.present()?)
    }

    /// True while it is the guest's turn to say something in it, or somebody is there or is coming:
    /// what they write is for it. Not so where only a message of theirs lies at a desk.
    pub fn holds_floor(&self) -> bool {
        self.live().is_some_and(|session| !session.is_left())
    }

    /// The session of that id.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }

    /// The hops that a session may speak of: all up to and including the latest that it took part
    /// in.
    pub fn hops_of(&self, id: SessionId) -> &[Hop] {
        let last =
            self.hops.iter().rposition(|hop| hop.from.session_id == id || hop.to.session_id == id);
        &self.hops[..last.map_or(0, |index| index + 1)]
    }
}

/// One transfer inside a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// 1 for the first transfer of the journey.
    pub hop: u32,
    /// Forward, or back.
    #[serde(default)]
    pub kind: HopKind,
    /// The sender.
    pub from: Side,
    /// The receiver.
    pub to: Side,
    /// When.
    pub at: Timestamp,
    /// Who moved the guest.
    pub by: By,
    /// Why, in words that the guest sees.
    pub reason: Option<String>,
    /// For the receiver's agents and managers only: never a variable, never beyond this hop.
    pub note: Option<String>,
}

/// Which way a hop goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HopKind {
    /// A transfer.
    #[default]
    Transfer,
    /// A transfer taken back by the guest: outside policy and hop limit.
    Undo,
    /// The receiver has ended and the sender goes on: outside policy and hop limit.
    Return,
}

/// One end of a hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// The session.
    pub session_id: SessionId,
    /// Its department.
    pub tenant_id: TenantId,
    /// The department's name.
    pub tenant_name: String,
}

impl Side {
    /// A session as one end of a hop.
    pub fn of(session: &Session) -> Side {
        Side {
            session_id: session.id,
            tenant_id: session.tenant.clone(),
            tenant_name: session.tenant_name.clone(),
        }
    }
}

impl Metadata {
    /// Notes a hop: the six keys, the same on both of its sessions.
    pub fn set_hop(&mut self, from: &Side, to: &Side, at: Timestamp) {
        for (key, value) in [
            (keys::FROM_SESSION, from.session_id.to_string()),
            (keys::FROM_TENANT, from.tenant_id.to_string()),
            (keys::FROM_NAME, from.tenant_name.clone()),
            (keys::TO_SESSION, to.session_id.to_string()),
            (keys::TO_TENANT, to.tenant_id.to_string()),
            (keys::TO_NAME, to.tenant_name.clone()),
        ] {
            self.set(
                key,
                Entry {
                    value: Value::String(value),
                    private: false,
                    tenant: from.tenant_id.clone(),
                    stage: None,
                    at,
                },
            );
        }
    }
}

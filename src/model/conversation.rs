//! One Teams chat with one guest; lives for years.

use serde::{Deserialize, Serialize};

use super::{ConversationId, Guest, Journey, Reference, Session, SessionId};

/// Everything that one turn reads and writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Which chat.
    pub id: ConversationId,
    /// Where to deliver, overwritten by every activity: a region can change.
    pub reference: Reference,
    /// Who it is with.
    pub guest: Guest,
    /// True while the bot is installed here; the change to true shows the welcome.
    pub installed: bool,
    /// The journey in which the guest is, or was last; live or ended.
    pub journey: Option<Journey>,
    /// Earlier journeys in which a desk still has something of the guest's: a message that was left,
    /// and that an agent may have taken meanwhile. Oldest first. Of a turn they may have ended in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Journey>,
}

impl Conversation {
    /// All journeys that go on: the one in which the guest is first.
    pub fn journeys(&self) -> impl Iterator<Item = &Journey> {
        self.journey.iter().chain(&self.open)
    }

    /// The sessions of all of them.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.journeys().flat_map(|journey| &journey.sessions)
    }

    /// The session of that id, in whichever of them it is.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions().find(|session| session.id == id)
    }

    /// The same, to change it.
    pub fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        let journeys = self.journey.iter_mut().chain(&mut self.open);
        journeys.flat_map(|journey| &mut journey.sessions).find(|session| session.id == id)
    }

    /// The session in which the guest is.
    pub fn present(&self) -> Option<&Session> {
        let journey = self.journey.as_ref()?;
        journey.sessions.get(journey.present()?)
    }

    /// Lets go of what has ended beside the present journey, once it is kept.
    pub fn settle(&mut self) {
        self.open.retain(|journey| journey.present().is_some());
    }
}

//! What happens to a conversation.

use serde_json::{Map, Value};

use super::{
    Act, Agent, Arrival, By, CallId, Called, LetterId, SessionId, State, TenantId, Token,
    Undelivered,
};

/// Something that happened in a guest's conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The guest wrote something. Never empty.
    Said(String),
    /// The guest clicked a button of a card that carries our token.
    Clicked {
        /// Which question it answers.
        token: Token,
        /// The button's data merged with the inputs, without the token.
        data: Map<String, Value>,
    },
    /// The guest sent files without any words while no matter was open; they are kept.
    Files {
        /// Their names, harmless; not empty.
        names: Vec<String>,
        /// It is one picture.
        is_picture: bool,
    },
    /// Time has passed: something may be due.
    Tick,
    /// A manager or an agent wants the guest moved. Refused like a stage's transfer; the guest may
    /// be asked first.
    Move {
        /// Where to.
        tenant: TenantId,
        /// Who wants it.
        by: By,
        /// Why, for the guest.
        reason: Option<String>,
        /// For the receiver's people only.
        note: Option<String>,
    },
    /// Somebody at a desk does something.
    Desk {
        /// Who.
        by: Agent,
        /// The secret of the button; none for what was written.
        nonce: Option<String>,
        /// What.
        act: Act,
    },
    /// The guest changed a message in Teams, deleted it, or undid that.
    GuestEdited {
        /// What it said before; none when it was deleted.
        old: Option<String>,
        /// The new words; none when it was deleted.
        text: Option<String>,
    },
    /// Somebody at a desk changed a message of theirs in Teams, or deleted it. Its session may be
    /// over.
    AgentEdited {
        /// The session for which it was meant.
        session: SessionId,
        /// Whose message it is, and who changed it.
        by: Agent,
        /// The activity in which it came.
        activity: String,
        /// The letter in which the guest reads it; none for a note.
        letter: Option<LetterId>,
        /// What it said, as the transcript has it; none when it was deleted.
        was: Option<String>,
        /// The new words; none when it is deleted.
        text: Option<String>,
    },
    /// A thread could not be opened, or takes nothing any more.
    ThreadLost {
        /// Its first post.
        letter: LetterId,
        /// Another one is opened at once; else in a while.
        at_once: bool,
    },
    /// A letter was given up: whoever wrote what it says hears of it.
    Undelivered {
        /// The letter; of one that changes another, that other one.
        letter: LetterId,
        /// It would have changed what was delivered before.
        is_change: bool,
        /// It was for the guest; else for somebody at a desk.
        for_guest: bool,
        /// Why.
        why: Undelivered,
    },
    /// A file that somebody sent is there, or will never be.
    File(Arrival),
    /// Nothing can be delivered to the guest: the app was removed or blocked.
    Unreachable,
    /// Another system has answered, or has not.
    Called {
        /// The call.
        id: CallId,
        /// What came of it.
        outcome: Called,
    },
    /// A manager ends the session.
    Close {
        /// Who ends it.
        by: By,
        /// Helped or not.
        outcome: State,
        /// What was done.
        notes: Option<String>,
    },
}

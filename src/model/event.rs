//! What happens to a conversation, and what the core wants done about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Act, Agent, Arrival, By, Call, CallId, Called, FileId, LetterId, SessionId, StageId, State,
    TenantId, Token, Verdict, Words,
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
    /// The guest changed a message in Teams, or deleted it.
    Changed {
        /// What it said before.
        old: String,
        /// The new words; none when it was deleted.
        text: Option<String>,
    },
    /// Somebody at a desk changed a message of theirs in Teams, or deleted it. Its session may be
    /// over.
    Reworded {
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
    /// A thread could not be opened.
    ThreadLost {
        /// Its first post.
        letter: LetterId,
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

/// What the core wants done. The engine renders, commits and delivers in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The guest's part of the transcript: what was said or chosen, in words.
    Heard {
        /// The session whose transcript it belongs to.
        session: SessionId,
        /// The words.
        text: String,
    },
    /// Something for the guest.
    Send(Letter),
    /// Something for a desk.
    Desk(DeskLetter),
    /// A card at a desk shows something else.
    Redesk {
        /// The card's letter.
        letter: LetterId,
        /// The agent in whose personal chat it stands.
        agent: Option<String>,
        /// How the new card looks.
        card: Card,
    },
    /// Words of somebody at the desk, for the transcript.
    Agent {
        /// The session.
        session: SessionId,
        /// Who.
        by: Agent,
        /// What they wrote.
        text: String,
        /// The letter in which the guest reads it; none for a note, which the guest does not see.
        letter: Option<LetterId>,
    },
    /// The words of somebody at the desk, as the transcript has them, are other ones now. Changes
    /// nothing that the guest reads.
    Amend {
        /// The session.
        session: SessionId,
        /// Who wrote them, by id.
        agent: String,
        /// The activity in which they came.
        activity: String,
        /// The new words; none when they were deleted.
        text: Option<String>,
    },
    /// A message to the guest says something else.
    Rewrite {
        /// The message's letter.
        letter: LetterId,
        /// What it says now.
        words: Words,
    },
    /// Words to the person at the desk who just did something; never acts.
    TellDesk {
        /// The session.
        session: SessionId,
        /// What they should know.
        words: Words,
    },
    /// A card was answered: replace it by a quiet line, so that old buttons disappear. Rendered
    /// with the card `answered`.
    Settle {
        /// The card's letter.
        letter: LetterId,
        /// How the new card looks.
        card: Card,
    },
    /// A click that no longer counts was answered with these words. Never acts.
    Tell {
        /// The session in which the guest is, if any.
        session: Option<SessionId>,
        /// The department that speaks.
        tenant: TenantId,
        /// Where the chat stands.
        words: Words,
    },
    /// The other side was told of a file: its link works from now on. Without this it is dropped.
    Carried(FileId),
    /// An answer from a FAQ was shown or judged, for the count.
    Answer {
        /// The session.
        session: SessionId,
        /// Whose article it is.
        tenant: TenantId,
        /// Its id there.
        article: String,
        /// What became of it.
        verdict: Verdict,
    },
    /// Somebody at a desk proposes an article for a FAQ.
    Draft {
        /// The session in which it was proposed.
        session: SessionId,
        /// Whose FAQ it is for.
        tenant: TenantId,
        /// The language of that department.
        locale: String,
        /// Who proposes it.
        by: Agent,
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// A call to another system, to be made once the turn is kept.
    Call {
        /// The session that waits for the answer.
        session: SessionId,
        /// The call.
        call: Box<Call>,
    },
    /// One step of a session's flow trail.
    Trail(Step),
}

/// One message to a desk.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskLetter {
    /// Its id, by which it can be replaced later.
    pub id: LetterId,
    /// The session that it is about.
    pub session: SessionId,
    /// The department whose desk it is.
    pub tenant: TenantId,
    /// The first post of the thread in which it belongs; none begins one.
    pub thread: Option<LetterId>,
    /// The agent in whose personal chat it belongs, as the tenant's file names them; then it has no
    /// thread.
    pub agent: Option<String>,
    /// Who is called by name in it, so that Teams alerts them; in a thread only, and for words
    /// only.
    pub call: Option<Agent>,
    /// What it says.
    pub body: Body,
}

/// One message to the guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its id, by which it can be replaced later.
    pub id: LetterId,
    /// The session whose transcript it belongs to; none for the welcome.
    pub session: Option<SessionId>,
    /// The department that speaks.
    pub tenant: TenantId,
    /// What it says.
    pub body: Body,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A plain message.
    Text(Words),
    /// A card.
    Card(Box<Card>),
}

/// A card to be rendered: a template's name and everything it may show.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The template, looked up in tenant, company, built-in.
    pub template: String,
    /// The tenant whose templates come first.
    pub tenant: TenantId,
    /// The guest's locale, such as `de-DE`.
    pub locale: String,
    /// The variables: the scope (`Guest`, `Session` …) and the card's own.
    pub data: Value,
    /// What its buttons carry; none when it has none.
    pub token: Option<Token>,
    /// What a phone's notification shows, and what the transcript keeps as text.
    pub summary: Words,
}

/// One step of a flow trail, as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The session.
    #[serde(skip)]
    pub session: Option<SessionId>,
    /// The stage that was entered or left.
    pub stage: StageId,
    /// Its kind.
    pub kind: String,
    /// When it was left, or, for the one where the session stands, entered.
    pub at: Timestamp,
    /// The exit taken (`next`, `on_failure`, a choice's title, `skipped` …); none while the session
    /// waits there.
    pub exit: Option<String>,
}

//! What the core wants done about what happened: the engine renders, commits and delivers it.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Agent, Call, FileId, LetterId, SessionId, StageId, TenantId, Token, Verdict, Words, veil, words,
};

/// What the core wants done. The engine renders, commits and delivers in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The guest's part of the transcript: what was said or chosen, in words.
    Heard {
        /// The session whose transcript it belongs to.
        session: SessionId,
        /// The words.
        text: Words,
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
        /// What it said, so that all parts of it are replaced.
        was: Option<Words>,
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
    pub mention: Option<Agent>,
    /// What it says.
    pub body: Body,
}

impl DeskLetter {
    /// A letter that begins a thread, until its place is said.
    pub fn new(id: LetterId, session: SessionId, tenant: TenantId, body: Body) -> Self {
        DeskLetter { id, session, tenant, thread: None, agent: None, mention: None, body }
    }
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
#[derive(Clone, PartialEq)]
pub struct Card {
    /// The template, looked up in tenant, company, built-in.
    pub template: String,
    /// The tenant whose templates come first.
    pub tenant: TenantId,
    /// The guest's locale, such as `de-DE`.
    pub locale: String,
    /// The variables: the scope (`Guest`, `Session` …) and the card's own. Nothing private: what
    /// is drawn from them may be kept and shown to anybody.
    pub data: Value,
    /// What is private among them.
    pub private: Withheld,
    /// What its buttons carry; none when it has none.
    pub token: Option<Token>,
    /// What a phone's notification shows, and what the transcript keeps as text.
    pub summary: Words,
    /// What was said right before it and stands above it in the same card, in order.
    pub above: Vec<Above>,
    /// It says that the guest was moved: the question that follows may join it.
    pub moves: bool,
}

/// What stands above a card in the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct Above {
    /// The session whose transcript it belongs to.
    pub session: Option<SessionId>,
    /// What it says; a card has the token of its own buttons.
    pub says: Body,
}

impl Above {
    /// What it says in words.
    pub fn words(&self) -> &Words {
        match &self.says {
            Body::Text(words) => words,
            Body::Card(card) => &card.summary,
        }
    }

    fn with(&self, words: fn(&Words) -> Words, card: fn(&Card) -> Card) -> Above {
        let says = match &self.says {
            Body::Text(text) => Body::Text(words(text)),
            Body::Card(inner) => Body::Card(Box::new(card(inner))),
        };
        Above { session: self.session, says }
    }
}

/// Without its variables: they hold what people wrote.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("template", &self.template)
            .field("tenant", &self.tenant)
            .field("locale", &self.locale)
            .field("private", &self.private)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

impl Card {
    /// The card with what is private in it: for the guest whose it is, and the desk of the
    /// department that asked for it.
    pub fn revealed(&self) -> Card {
        let mut card = self.clone();
        card.private.0.iter().for_each(|(key, value)| put(&mut card.data, key, value));
        change(&mut card.data, veil::reveal);
        card.private = Withheld::default();
        card.above =
            self.above.iter().map(|part| part.with(Words::revealed, Card::revealed)).collect();
        card
    }

    /// The card for everybody else.
    pub fn hidden(&self) -> Card {
        let mut card = self.clone();
        change(&mut card.data, veil::hide);
        card.private = Withheld::default();
        card.above = self.above.iter().map(|part| part.with(Words::clone, Card::hidden)).collect();
        card
    }

    /// True when it looks different to those who may read what is private.
    pub fn is_private(&self) -> bool {
        fn is_veiled(value: &Value) -> bool {
            match value {
                Value::String(text) => veil::is_veiled(text),
                Value::Array(items) => items.iter().any(is_veiled),
                Value::Object(map) => map.values().any(is_veiled),
                _ => false,
            }
        }
        let is_private = |part: &Above| match &part.says {
            Body::Text(words) => words.is_private(),
            Body::Card(card) => card.is_private(),
        };
        !self.private.0.is_empty() || is_veiled(&self.data) || self.above.iter().any(is_private)
    }

    /// Of a card that says that the guest was moved: where they are now, in a line.
    pub fn title(&self) -> Words {
        let title = self.data.pointer("/words/transferred").and_then(Value::as_str);
        Words::marked(title.unwrap_or_default().trim_start_matches(words::WORDS).to_owned())
    }

    /// All that it says in words, what stands above it first.
    pub fn said(&self) -> Words {
        let all = self.above.iter().map(Above::words);
        all.fold(Words::default(), |said, words| said.then(words)).then(&self.summary)
    }
}

/// Values that were taken out of a card's variables, by their dotted keys. Gets into no log.
#[derive(Clone, Default, PartialEq)]
pub struct Withheld(pub Vec<(String, Value)>);

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}

fn put(data: &mut Value, key: &str, value: &Value) {
    let place = key.split('.').try_fold(data, |data, step| data.get_mut(step));
    if let Some(place) = place {
        *place = value.clone();
    }
}

fn change(value: &mut Value, how: fn(&str) -> Cow<'_, str>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(changed) = how(text) {
                *text = changed;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, how)),
        Value::Object(map) => map.values_mut().for_each(|item| change(item, how)),
        _ => {}
    }
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

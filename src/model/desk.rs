//! A human for a session: it waits at a desk, somebody takes it, they talk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LetterId, Slip, TenantId, Words};

/// Somebody who works at a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The Entra object id, else the channel's id.
    pub id: String,
    /// Their name, as the channel shows it.
    pub name: String,
}

/// What stands between a session and a desk. It is there from the moment at which the guest asks
/// for a person until somebody has resolved the matter, moved it, or it went another way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtDesk {
    /// Since when the guest waits for somebody to take the chat, or when they left their message.
    pub since: Timestamp,
    /// Since when nobody has said a word to the guest, whoever has had the chat meanwhile; none
    /// while they have their answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheeded: Option<Timestamp>,
    /// Seconds for which they had waited before that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waited: u64,
    /// The one-use secret of the desk's buttons.
    pub nonce: String,
    /// The first post of the desk's thread; none until a desk could be told.
    pub brief: Option<LetterId>,
    /// The cards in the personal chats of agents, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    /// Ids of agents who had the chat and were not yet told that what they write is no longer for
    /// the guest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parted: Vec<String>,
    /// Other departments that were asked for advice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consults: Vec<Consult>,
    /// What the guest wrote while no desk could be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsent: Vec<String>,
    /// What the guest wrote in the thread since somebody last answered. Should its channel be gone,
    /// the next thread repeats it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_words: Vec<String>,
    /// Who has the chat.
    pub owner: Option<Agent>,
    /// When they took it.
    pub taken: Option<Timestamp>,
    /// Since when the guest waits for a word of the owner's.
    pub unanswered: Option<Timestamp>,
    /// The owner was reminded of that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reminded: bool,
    /// A message was left: nobody is waited for, the desk answers when it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// The message that the stage left for the guest, of what they had answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Words>,
    /// The guest's card about the message that they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip: Option<Slip>,
    /// The guest's card that says how long it may take.
    pub waiting_card: Option<LetterId>,
    /// When that card was last brought up to date.
    pub updated: Timestamp,
    /// What a manager wrote for the agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Words>,
    /// How many files were sent, from both sides.
    #[serde(default)]
    pub files: u32,
}

/// A side question to another department's desk. The guest is not moved and sees nothing of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consult {
    /// Whose desk was asked.
    pub tenant: TenantId,
    /// The first post of the thread there.
    pub letter: LetterId,
}

/// An agent who was asked in their personal chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The agent, as the tenant's file names them.
    pub agent: String,
    /// The card.
    pub letter: LetterId,
    /// When.
    pub at: Timestamp,
    /// True while they can still take it.
    pub open: bool,
}

/// A time in which an agent had a chat, for the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// Who.
    pub agent: Agent,
    /// Since when the guest had waited.
    pub waited_since: Timestamp,
    /// When they took it.
    pub at: Timestamp,
    /// When they had it no longer.
    pub until: Option<Timestamp>,
    /// How that came about: `resolved`, `unresolved`, `released`, `handed`, `taken_over`, `silent`,
    /// `removed` (from the file's agents), `unreachable` (blocked or removed the app), `moved`, `left`, `cut_off`.
    pub how: Option<String>,
}

/// Somebody of a desk in a channel, from what they did in a session's thread: whoever did something
/// there can be handed a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Who.
    pub agent: Agent,
    /// When they last did something.
    pub at: Timestamp,
}

impl AtDesk {
    /// The guest waits from now on. `left` when it is a message, `note` from a manager.
    pub fn new(nonce: String, left: bool, note: Option<Words>, at: Timestamp) -> Self {
        AtDesk {
            since: at,
            unheeded: Some(at),
            waited: 0,
            nonce,
            brief: None,
            asked: Vec::new(),
            parted: Vec::new(),
            consults: Vec::new(),
            unsent: Vec::new(),
            open_words: Vec::new(),
            owner: None,
            taken: None,
            unanswered: None,
            reminded: false,
            left,
            message: None,
            slip: None,
            waiting_card: None,
            updated: at,
            note,
            files: 0,
        }
    }

    /// True for whoever has the chat.
    pub fn is_owner(&self, agent: &str) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.id == agent)
    }

    /// The owner, when the chat stands in their own one.
    pub fn owner_in_person(&self) -> Option<&Agent> {
        self.owner.as_ref().filter(|owner| self.asked.iter().any(|asked| asked.agent == owner.id))
    }

    /// The cards in personal chats that still count.
    pub fn open_cards(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.open)
    }

    /// True for an agent who can still take it.
    pub fn is_asked(&self, agent: &str) -> bool {
        self.open_cards().any(|asked| asked.agent == agent)
    }

    /// No desk has heard of it.
    pub fn is_unheard(&self) -> bool {
        self.brief.is_none() && self.asked.is_empty()
    }

    /// Since when the guest is without an answer; none while they have one.
    pub fn waits_since(&self) -> Option<Timestamp> {
        let unowned = self.owner.is_none().then_some(self.since);
        self.unheeded.or(self.unanswered).or(unowned)
    }

    /// For how many seconds the guest has waited by now, all their waits here added up.
    pub fn waited_by(&self, now: Timestamp) -> u64 {
        let present = self.waits_since().map_or(0, |since| now.duration_since(since).as_secs());
        self.waited + u64::try_from(present).unwrap_or(0)
    }

    /// An agent is asked, or given the chat, with a card in their own one.
    pub fn ask(&mut self, agent: &str, letter: LetterId, at: Timestamp) {
        self.asked.push(Asked { agent: agent.to_owned(), letter, at, open: true });
    }

    /// An agent is none of this desk's any more: should they be again, they can be asked again.
    pub fn forget(&mut self, agent: &str) {
        self.asked.retain(|asked| asked.agent != agent);
    }

    /// The cards of an agent, or of all, count no longer.
    pub fn close_cards(&mut self, agent: Option<&str>) {
        let theirs = |asked: &&mut Asked| agent.is_none_or(|agent| asked.agent == agent);
        self.asked.iter_mut().filter(theirs).for_each(|asked| asked.open = false);
    }

    /// Somebody has the chat from now on, and a clock for their answer.
    pub fn take(&mut self, by: &Agent, at: Timestamp) {
        self.owner = Some(by.clone());
        self.taken.get_or_insert(at);
        (self.unanswered, self.reminded) = (Some(at), false);
        self.parted.retain(|id| *id != by.id);
    }

    /// The owner gave it away: their buttons count no longer.
    pub fn pass_on(&mut self, from: &Agent, nonce: String) {
        self.nonce = nonce;
        self.parted.push(from.id.clone());
    }

    /// The owner does not go on: the chat can be taken again. Answers with who had it.
    pub fn reopen(&mut self, nonce: String, at: Timestamp) -> Option<Agent> {
        let owner = self.owner.take()?;
        // The same click a second time is another one: its card carries another secret.
        self.pass_on(&owner, nonce);
        // Whose word they wait for changes, not since when.
        self.unheeded = Some(self.unheeded.or(self.unanswered).unwrap_or(at));
        (self.unanswered, self.reminded, self.updated) = (None, false, at);
        if !self.left {
            self.since = at;
        }
        if !self.asked.is_empty() {
            // Whoever takes it next has not read what stands in another's chat.
            self.say_again();
        }
        Some(owner)
    }

    /// The desk is out of reach: what comes next begins a new thread.
    pub fn cut_off(&mut self, nonce: String) {
        (self.brief, self.owner, self.nonce) = (None, None, nonce);
        self.asked.clear();
        self.say_again();
    }

    /// The thread is not there: what nobody has answered in it waits for the next one.
    pub fn lose_thread(&mut self, at: Timestamp) {
        (self.brief, self.updated) = (None, at);
        self.say_again();
    }

    /// What nobody has answered yet is to be said once more, to somebody else.
    pub fn say_again(&mut self) {
        let open = std::mem::take(&mut self.open_words);
        self.unsent.splice(0..0, open);
    }

    /// The guest has said something: whoever has the chat owes an answer.
    pub fn owe_answer(&mut self, at: Timestamp) {
        if self.owner.is_some() {
            self.unanswered.get_or_insert(at);
        }
        self.unheeded = Some(self.waits_since().unwrap_or(at));
    }

    /// The owner has answered.
    pub fn answered(&mut self, at: Timestamp) {
        self.waited = self.waited_by(at);
        (self.unheeded, self.unanswered, self.reminded) = (None, None, false);
        self.open_words.clear();
    }

    /// Words of the guest's that were deleted are there again. True when they are kept, because no
    /// desk can be told yet.
    pub fn keep(&mut self, text: &str) -> bool {
        let is_kept = self.brief.is_none() && self.owner_in_person().is_none();
        let words = if is_kept { &mut self.unsent } else { &mut self.open_words };
        words.push(text.to_owned());
        is_kept
    }

    /// The guest changed or deleted what they wrote. True when nobody at the desk has read it yet.
    pub fn reword(&mut self, old: &str, text: Option<&str>) -> bool {
        let change = |words: &mut Vec<String>| {
            let at = words.iter().rposition(|words| words == old)?;
            match text {
                Some(text) => text.clone_into(&mut words[at]),
                None => {
                    words.remove(at);
                }
            }
            Some(())
        };
        change(&mut self.open_words);
        change(&mut self.unsent).is_some()
    }
}

impl Voice {
    /// People of a desk, each once, who did something last first; by name when at the same instant.
    pub fn newest(voices: &[Voice]) -> Vec<Agent> {
        let mut sorted: Vec<&Voice> = voices.iter().collect();
        sorted.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.agent.name.cmp(&b.agent.name)));
        let mut found: Vec<Agent> = Vec::new();
        for voice in sorted {
            if found.iter().all(|agent| agent.id != voice.agent.id) {
                found.push(voice.agent.clone());
            }
        }
        found
    }
}

pub(super) fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}

/// What somebody at a desk does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Takes the chat.
    Take,
    /// Takes it from the colleague who has it.
    TakeOver,
    /// Gives it back to the queue.
    Release,
    /// Gives it to a colleague.
    Hand {
        /// The colleague's id, as the brief offers it.
        to: String,
        /// For the colleague only.
        note: Option<String>,
    },
    /// Says something to the guest; a note when it begins with `//` or when it is somebody else's
    /// chat. Nothing, when files came without words.
    Say(String),
    /// The matter is done, or cannot be.
    Resolve {
        /// Whether the guest was helped.
        helped: bool,
        /// What was done, for the record.
        notes: Option<String>,
        /// What others with the same question should read: proposed for the FAQ.
        answer: Option<String>,
    },
    /// Proposes an article for the department's FAQ. Anybody at the desk may.
    Draft {
        /// The question as the agent confirmed it; not empty.
        question: String,
        /// The answer; not empty.
        answer: String,
    },
    /// Asks another department's desk; the guest is not moved.
    Consult {
        /// Whom.
        tenant: TenantId,
        /// What.
        question: String,
    },
    /// Somebody at another department's desk answers such a question.
    Advise {
        /// The first post of the thread there.
        letter: LetterId,
        /// What they wrote.
        text: String,
    },
    /// The guest belongs to another department.
    Transfer {
        /// Where to.
        tenant: TenantId,
        /// Why, for the guest.
        reason: Option<String>,
        /// For the receiver's people only.
        note: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_stored_before_agents_could_hand_chats_on_can_be_read() {
        let old = json!({
            "since": "2026-11-24T09:00:00Z", "nonce": "n", "brief": null, "owner": { "id": "ann", "name": "Ann" },
            "taken": "2026-11-24T09:01:00Z", "unanswered": null, "waitingCard": null, "updated": "2026-11-24T09:00:00Z",
        });
        let help: AtDesk = serde_json::from_value(old).unwrap();
        assert_eq!(
            (help.owner.unwrap().name.as_str(), help.parted.as_slice()),
            ("Ann", [].as_slice())
        );
    }
}

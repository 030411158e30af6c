//! What a person wrote, on its way to another, and why it may not arrive.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Agent, LetterId};

/// So many of a session's latest letters are known by their writers.
const MOST: usize = 100;
/// So much of what was written is repeated to its writer, in characters.
const LONGEST: usize = 120;

/// Why a letter was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// The place to which it goes takes nothing any more.
    Gone,
    /// It was refused for what it is.
    Refused,
    /// Nobody could be reached for as long as letters are tried.
    Late,
    /// It may have arrived: nobody said so, several times.
    Doubtful,
}

/// A letter with a person's words in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The letter.
    pub letter: LetterId,
    /// Who at a desk wrote them; none for the guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Agent>,
    /// The first post of the thread in which they wrote; none for a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<LetterId>,
    /// How the words begin.
    pub text: String,
    /// The guest was in another matter: the session's reference stands in front of the words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    /// When and why the letter was given up; its writer was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<(Timestamp, Undelivered)>,
}

impl Carried {
    /// Notes one more; the oldest are forgotten.
    pub fn add(
        all: &mut Vec<Carried>,
        letter: LetterId,
        text: &str,
        by: Option<(Agent, Option<LetterId>)>,
    ) {
        let (by, thread) = by.map_or((None, None), |(agent, thread)| (Some(agent), thread));
        all.push(Carried { letter, by, thread, text: beginning(text), marked: false, lost: None });
        let extra = all.len().saturating_sub(MOST);
        all.drain(..extra);
    }

    /// True for words that begin like these.
    pub fn is_of(&self, text: &str) -> bool {
        beginning(text) == self.text
    }
}

/// One line of it, cut at a character.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_latest_are_known_by_how_they_begin() {
        let mut all = Vec::new();
        for number in 0..150 {
            Carried::add(&mut all, LetterId(Uuid::new_v4()), &format!("{number}\n ü"), None);
        }
        assert_eq!((all.len(), all[0].text.as_str()), (100, "50 ü"));
        let long = "ß".repeat(500);
        Carried::add(&mut all, LetterId(Uuid::new_v4()), &long, None);
        assert_eq!(all[99].text.chars().count(), 121);
        assert!(all[99].is_of(&long) && !all[99].is_of("ß"));
    }
}

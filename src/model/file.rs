//! A file or a picture that somebody sends along, and what becomes of it.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Agent, FileId, LetterId, SessionId};

/// A file or picture of one activity.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, harmless: one line, no path. Never empty.
    pub name: String,
    /// What the sender's client says it is, such as `image/png`, or `image/*`; empty when it says
    /// nothing.
    pub content_type: String,
    /// Where it can be fetched. Whoever knows it can read the file, so it is a secret. Empty when
    /// there is no such place.
    pub url: SecretString,
    /// How it is fetched.
    pub kind: FileKind,
}

/// How a file is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// From an address that needs no token.
    Open,
    /// From the connector, with the bot's own token.
    Connector,
    /// Not at all: the bot may not read it.
    Foreign,
}

/// Who sends a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The guest, to the desk.
    Guest,
    /// Somebody at the desk, to the guest.
    Agent {
        /// Who.
        agent: Agent,
        /// The first post of the thread in which they sent it; none for their personal chat.
        thread: Option<LetterId>,
    },
}

/// Why a file was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is larger than what is carried.
    TooLarge,
    /// Its sender has sent too much in a day.
    DayFull,
    /// There is no room for files.
    StoreFull,
    /// It could not be fetched.
    NotFetched,
    /// The chat went on elsewhere before it was there.
    Late,
}

/// A file that was to be carried, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The file.
    pub file: FileId,
    /// The session in which it was sent.
    pub session: SessionId,
    /// By whom.
    pub sender: Sender,
    /// Its name, harmless.
    pub name: String,
    /// What came of it.
    pub fate: Fate,
}

/// A file that the guest sent before a person was there, for the desk that gets the chat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// Its name, harmless.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where it can be read, for a while; percent-encoded.
    pub link: String,
}

impl fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever knows the link can read the file.
        f.debug_struct("KeptFile").field("size", &self.size).finish_non_exhaustive()
    }
}

/// What came of a file.
#[derive(Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is there.
    Came {
        /// Its size in bytes.
        size: u64,
        /// Where it can be read, for a while; percent-encoded.
        link: String,
    },
    /// It is not.
    Lost(Loss),
}

impl fmt::Debug for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Whoever knows the link can read the file.
            Fate::Came { size, .. } => {
                f.debug_struct("Came").field("size", size).finish_non_exhaustive()
            }
            Fate::Lost(loss) => f.debug_tuple("Lost").field(loss).finish(),
        }
    }
}

/// The most characters of a name.
const LONGEST: usize = 120;

/// A name that can stand in a line, in a header and on a disk: its last part when it is a path,
/// without control characters, without what turns the direction of writing (which hides the real
/// ending), not too long. None when nothing is left.
pub fn harmless(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).map(str::trim).find(|part| !part.is_empty())?;
    let is_hidden = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    let plain = last
        .chars()
        .filter(|c| !is_hidden(*c) || *c == '\u{200D}')
        .map(|c| if c.is_control() { ' ' } else { c });
    let plain: String = plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    // Dots alone are directories, and a leading one hides a file.
    let plain = plain.trim_start_matches(['.', ' ']);
    let count = plain.chars().count();
    if count == 0 {
        return None;
    }
    if count <= LONGEST {
        return Some(plain.to_owned());
    }
    // The ending says what it is.
    let (stem, ending) = plain
        .rsplit_once('.')
        .filter(|(_, ending)| ending.chars().count() <= 10)
        .unwrap_or((plain, ""));
    let stem: String = stem.chars().take(LONGEST - 12).collect();
    Some(if ending.is_empty() { stem } else { format!("{stem}….{ending}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_harmless() {
        for (name, want) in [
            ("plan.pdf", Some("plan.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\kim\\plan.pdf", Some("plan.pdf")),
            ("a\r\nSet-Cookie: x=1.txt", Some("a Set-Cookie: x=1.txt")),
            ("\"quoted\" 'name'.txt", Some("\"quoted\" 'name'.txt")),
            ("🦊 fox.png", Some("🦊 fox.png")),
            ("invoice\u{202E}fdp.exe", Some("invoicefdp.exe")),
            (".htaccess", Some("htaccess")),
            ("..", None),
            ("", None),
            (" / ", None),
            ("\u{0}\u{7}", None),
        ] {
            assert_eq!(harmless(name).as_deref(), want, "{name:?}");
        }
        let long = harmless(&format!("{}.pdf", "x".repeat(500))).unwrap();
        assert!(long.ends_with("….pdf") && long.chars().count() <= LONGEST, "{long}");
        assert_eq!(harmless(&"y".repeat(500)).unwrap().chars().count(), LONGEST - 12);
    }
}

//! What is kept of the files that are carried between guests and desks.

use jiff::Timestamp;
use secrecy::SecretString;

use crate::model::{FileId, FileKind, Sender, SessionId};

/// A file that is to be carried.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// The session in which it was sent.
    pub session: SessionId,
    /// By whom.
    pub sender: Sender,
    /// Its name, harmless.
    pub name: String,
    /// What it is said to be, such as `image/png`; may be empty.
    pub content_type: String,
    /// How it is fetched.
    pub kind: FileKind,
    /// Where; none once its bytes are kept. [`SecretString`], because whoever knows it can read the
    /// file.
    pub url: Option<SecretString>,
    /// Its size in bytes, once they are kept.
    pub size: Option<u64>,
    /// When it was sent.
    pub created: Timestamp,
    /// When it is swept away.
    pub expires: Timestamp,
}

/// The other side was told of a file, or its sender that it did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The file.
    pub file: FileId,
    /// True when it can be read from now on; else its bytes are dropped.
    pub ready: bool,
}

/// A file as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBytes {
    /// Its name, harmless.
    pub name: String,
    /// What it is said to be; may be empty, and may be wrong.
    pub content_type: String,
    /// When it is swept away.
    pub expires: Timestamp,
    /// All of it.
    pub bytes: Vec<u8>,
}

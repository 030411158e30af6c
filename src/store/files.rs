//! What is kept of the files that are carried between guests and desks.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use super::error::StoreError;
use crate::model::{FileId, FileKind, Sender, SessionId};

/// Files on their way, and those that can be read. They are added by turns.
#[async_trait]
pub trait Files: Send + Sync + 'static {
    /// The files that are on their way: nobody was told of them yet. The oldest first.
    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError>;

    /// Keeps the bytes of a file that is on its way, what they are called and what they are said to
    /// be, and forgets from where they came. Changes nothing when it is not on its way any more.
    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError>;

    /// A file that can be read: the other side was told of it, and its bytes are here.
    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError>;

    /// The secret of that name, the same for everybody and for ever; made of `fresh` bytes by the
    /// first who asks.
    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError>;
}

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

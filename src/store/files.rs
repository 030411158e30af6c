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
    /// be, and forgets from where they came; or says that there is no room for it. Changes nothing
    /// when it is not on its way any more.
    async fn keep_file(
        &self,
        id: FileId,
        content: FileContent,
        room: Room,
    ) -> Result<Kept, StoreError>;

    /// A file that can be read: the other side was told of it, and its bytes are here.
    async fn file(&self, id: FileId) -> Result<Option<FileHead>, StoreError>;

    /// A piece of such a file, the first has the number 0; none when it has no such piece, or is
    /// gone by now. All pieces but the last have [`PIECE`] bytes.
    async fn file_piece(&self, id: FileId, number: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// What the files take: all of them, and those that a person has sent since then.
    async fn files_used(&self, person: String, since: Timestamp) -> Result<FilesUsed, StoreError>;

    /// Removes one file, whoever was told of it; false when nobody can read it.
    async fn drop_file(&self, id: FileId) -> Result<bool, StoreError>;

    /// The secret of that name, the same for everybody until it is replaced; made of `fresh` bytes
    /// by the first who asks.
    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError>;

    /// From now on this is the secret of that name.
    async fn replace_secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<(), StoreError>;
}

/// Bytes of a piece of a file.
pub const PIECE: u64 = 256 * 1024;
/// A file counts as so many bytes at least, where it is judged whether there is room.
pub const LEAST: u64 = 64 * 1024;

/// What a file holds, once it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// Its name, harmless.
    pub name: String,
    /// What it is said to be; may be empty, and may be wrong.
    pub content_type: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// How much may be kept, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of what one person has sent since [`Room::since`].
    pub person: u64,
    /// Of all files.
    pub store: u64,
    /// What was sent earlier does not count for a person.
    pub since: Timestamp,
}

/// What became of a file that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept, or nobody waits for it any more.
    Kept,
    /// Its sender has sent too much already.
    PersonFull,
    /// All files together take too much already.
    StoreFull,
}

/// What files take, in bytes; each counts as [`LEAST`] at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesUsed {
    /// How many are kept.
    pub files: u64,
    /// What all of them take.
    pub store: u64,
    /// What those of the person take.
    pub person: u64,
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
    /// Whose files of a day it counts to: the key of a guest, or the id of an agent.
    pub person: String,
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

/// What is known of a file that is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHead {
    /// Its name, harmless.
    pub name: String,
    /// What it is said to be; may be empty, and may be wrong.
    pub content_type: String,
    /// When it is swept away.
    pub expires: Timestamp,
    /// Its bytes.
    pub size: u64,
}

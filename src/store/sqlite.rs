//! The store in SQLite: in one file, or in memory. One task writes ([`writer`]), a few read-only
//! connections read ([`read`], [`views`]). On a file WAL lets them not wait for each other.

mod desks;
mod drafts;
mod faq;
mod files;
mod letters;
mod read;
mod readers;
mod script;
mod views;
mod write;
mod writer;

use std::{fs::OpenOptions, io::Read as _, ops::Range, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use self::{
    readers::{Readers, Turnstile},
    writer::Writer,
};
use super::{
    AgentRow, Answer, Desk, DraftRow, DraftState, FaqReport, FileBytes, FileRow, Filter,
    JourneyView, LetterState, Line, Loaded, OutboxRow, Outgoing, Page, Receipt, SessionView, Span,
    Store, StoreError, Thread, Turn,
};
use crate::model::{
    ConversationId, DraftId, FileId, JourneyId, LetterId, SessionId, State, TenantId,
};

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

/// `PRAGMA application_id` of our files, set by the first migration.
const APPLICATION: i32 = 0x5357_4244;

/// Connections that read at the same time. Each is a thread; reads are short.
const READERS: u32 = 4;

/// The store in SQLite.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    /// A database in memory is gone with its last connection: this one stays.
    _anchor: Option<SqliteConnection>,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there (readable by its owner only: it holds what
    /// people wrote), and brings its tables up to date. Must be called inside the runtime that will
    /// go on running.
    pub async fn open(path: &str) -> Result<Self, StoreError> {
        make_file(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        judge(path, &options).await?;

        // FULL: a commit is on the disk before it is answered. Under load one transaction changes a
        // thousand pages: a cache that holds them and a log that is folded into the file only every
        // 32 MB spare the disk. The limit gives the log's space back after a burst. MEMORY: else
        // the pages that a savepoint could take back are written to a temporary file, which costs a
        // third of all.
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-32768")
            .pragma("wal_autocheckpoint", "8192")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY");
        Self::start(path, writing, options, None).await
    }

    /// A store of its own that is gone when it is dropped. SQLite allows it a gigabyte.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // A name that begins with a slash is shared by the connections of this process. (The
        // shared cache would do that too, but answers "locked" at once instead of waiting.)
        let options = SqliteConnectOptions::new()
            .vfs("memdb")
            .filename(format!("/{}", Uuid::new_v4()))
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let writing = options.clone().create_if_missing(true).pragma("temp_store", "MEMORY");
        let anchor = SqliteConnection::connect_with(&writing)
            .await
            .map_err(|error| cannot_open("memory:", &error))?;
        Self::start("memory:", writing, options, Some(anchor)).await
    }

    /// Brings the tables up to date and starts what writes and reads.
    async fn start(
        name: &str,
        writing: SqliteConnectOptions,
        reading: SqliteConnectOptions,
        anchor: Option<SqliteConnection>,
    ) -> Result<Self, StoreError> {
        let writing = writing.thread_name(|_| "store-writer".to_owned());
        let mut connection = SqliteConnection::connect_with(&writing)
            .await
            .map_err(|error| cannot_open(name, &error))?;
        MIGRATIONS
            .run_direct(None, &mut connection, false)
            .await
            .map_err(|error| cannot_migrate(name, &error))?;

        let turnstile: Turnstile = anchor.as_ref().map(|_| Arc::default());
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(reading.read_only(true).thread_name(|id| format!("store-reader-{id}")))
            .await
            .map_err(|error| cannot_open(name, &error))?;
        let readers = Readers::new(pool, turnstile.clone());
        let writer = Writer::start(connection, writing, turnstile);
        Ok(SqliteStore { writer, readers, _anchor: anchor })
    }
}

/// Makes an empty file that only its owner may read. SQLite gives its `-wal` and `-shm` neighbours
/// the same mode.
fn make_file(path: &str) -> Result<(), StoreError> {
    let refuse = |why: String| Err(StoreError::Broken(why));
    if path.is_empty() || path == ":memory:" {
        return refuse("`sqlite:` needs the path of a file, as in `sqlite:switchboard.db`; `memory:` keeps nothing".to_owned());
    }
    let file = Path::new(path);
    if file.is_dir() {
        return refuse(format!("{path} is a directory; name a file in it"));
    }
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        return refuse(format!(
            "the directory {} does not exist; make it or name another one",
            directory.display()
        ));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => refuse(format!("{path} cannot be made: {error}")),
    }
}

/// Refuses what is not ours before anything in it is changed.
async fn judge(path: &str, options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.map_err(|error| StoreError::Broken(format!("{path} cannot be read: {error}")))?;
    if start.is_empty() {
        return Ok(());
    }
    if start != b"SQLite format 3\0" {
        return Err(not_a_database(path));
    }
    let mut connection = SqliteConnection::connect_with(&options.clone().read_only(true))
        .await
        .map_err(|error| cannot_open(path, &error))?;
    let (application, tables): (i32, i64) = sqlx::query_as(
        "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| cannot_open(path, &error))?;
    connection.close().await.map_err(|error| cannot_open(path, &error))?;
    if application != APPLICATION && tables > 0 {
        return Err(StoreError::Broken(format!(
            "{path} is the SQLite database of another program; name another file"
        )));
    }
    Ok(())
}

fn not_a_database(path: &str) -> StoreError {
    StoreError::Broken(format!(
        "{path} is not a SQLite database; name another file, or move this one away"
    ))
}

fn cannot_open(path: &str, error: &sqlx::Error) -> StoreError {
    match primary_code(error) {
        Some(26) => not_a_database(path),
        _ => StoreError::Broken(format!("{path} cannot be opened: {error}")),
    }
}

fn cannot_migrate(path: &str, error: &MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::Broken(format!(
            "{path} was written by a newer version of Switchboard (its tables have version {version}, this program knows {}); \
             start that version, or restore a backup from before the upgrade",
            MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default(),
        )),
        MigrateError::VersionMismatch(version) => StoreError::Broken(format!(
            "{path} was written by another build of Switchboard, whose tables of version {version} differ"
        )),
        error => StoreError::Broken(format!(
            "the tables of {path} cannot be brought up to date: {error}"
        )),
    }
}

/// SQLite's primary result code, without the bits that refine it.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// What an error means for the caller. SQLite's messages name tables and columns, never values.
fn failed(error: sqlx::Error) -> StoreError {
    match (&error, primary_code(&error)) {
        (sqlx::Error::PoolClosed, _) => closed(),
        // Corrupt, constraint, mismatch, misuse, not a database: trying again will not help.
        (_, Some(11 | 19 | 20 | 21 | 26)) => StoreError::Broken(error.to_string()),
        (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_), _) => {
            StoreError::Broken(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
        read::load(&self.readers, id).await
    }

    async fn seen(
        &self,
        conversation: &ConversationId,
        keys: &[String],
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        read::seen(&self.readers, conversation, keys, now).await
    }

    async fn commit(&self, turn: Turn) -> Result<u64, StoreError> {
        turn.check()?;
        self.writer.write(turn).await
    }

    async fn numbers(&self, count: u32) -> Result<Range<u64>, StoreError> {
        self.writer.write(write::Numbers(count)).await
    }

    async fn pending(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Outgoing>, StoreError> {
        read::pending(&self.readers, conversation, limit).await
    }

    async fn waiting_conversations(&self) -> Result<Vec<ConversationId>, StoreError> {
        read::waiting_conversations(&self.readers).await
    }

    async fn delivered(
        &self,
        letter: LetterId,
        receipt: Receipt,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(letters::Delivered { letter, receipt, at }).await
    }

    async fn attempted(
        &self,
        letter: LetterId,
        error: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(letters::Attempted { letter, error, at, gives_up: false }).await
    }

    async fn dead(&self, letter: LetterId, error: String, at: Timestamp) -> Result<(), StoreError> {
        self.writer.write(letters::Attempted { letter, error, at, gives_up: true }).await
    }

    async fn revive(&self, letter: LetterId) -> Result<Option<ConversationId>, StoreError> {
        self.writer.write(letters::Revive(letter)).await
    }

    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError> {
        read::receipt_of(&self.readers, letter).await
    }

    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError> {
        desks::thread(&self.readers, place).await
    }

    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        read::outbox(&self.readers, state, limit).await
    }

    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError> {
        views::sessions(&self.readers, filter).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError> {
        views::session(&self.readers, id).await
    }

    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError> {
        views::transcript(&self.readers, id).await
    }

    async fn said_at_desk(
        &self,
        author: &str,
        activity: &str,
    ) -> Result<Option<(ConversationId, Line)>, StoreError> {
        views::said_at_desk(&self.readers, author, activity).await
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<JourneyView>, StoreError> {
        views::journey(&self.readers, id).await
    }

    async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, StoreError> {
        views::live_counts(&self.readers).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        read::due(&self.readers, now, limit).await
    }

    async fn version(
        &self,
        tenant: &TenantId,
        version: &str,
    ) -> Result<Option<String>, StoreError> {
        read::version(&self.readers, tenant, version).await
    }

    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(write::ForgetVersions(before)).await
    }

    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(desks::ForgetThreads(before)).await
    }

    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError> {
        // In portions, so that turns get in between.
        let mut total = 0;
        loop {
            let gone = self.writer.write(write::ForgetSeen(now)).await?;
            total += gone;
            if gone < write::ForgetSeen::PORTION {
                return Ok(total);
            }
        }
    }

    async fn desks(&self) -> Result<Vec<Desk>, StoreError> {
        desks::desks(&self.readers).await
    }

    async fn connect_desk(&self, desk: Desk) -> Result<(), StoreError> {
        self.writer.write(desks::Connect(desk)).await
    }

    async fn break_desk(&self, tenant: &TenantId, reason: String) -> Result<bool, StoreError> {
        self.writer.write(desks::Break { tenant: tenant.clone(), reason }).await
    }

    async fn put_code(
        &self,
        tenant: &TenantId,
        hash: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .write(desks::PutCode { tenant: tenant.clone(), hash: hash.to_owned(), until })
            .await
    }

    async fn take_code(&self, hash: &str, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
        self.writer.write(desks::TakeCode { hash: hash.to_owned(), now }).await
    }

    async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        desks::agents(&self.readers).await
    }

    async fn bind_agent(&self, agent: AgentRow) -> Result<(), StoreError> {
        self.writer.write(desks::Bind(agent)).await
    }

    async fn set_available(&self, id: &str, available: bool) -> Result<bool, StoreError> {
        self.writer.write(desks::Available { id: id.to_owned(), available }).await
    }

    async fn claims(&self) -> Result<Vec<(String, SessionId)>, StoreError> {
        desks::claims(&self.readers).await
    }

    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError> {
        files::wanted(&self.readers).await
    }

    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.writer.write(files::Keep { id, name, content_type, bytes }).await
    }

    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError> {
        files::file(&self.readers, id).await
    }

    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let gone = self.writer.write(files::Forget(now)).await?;
            total += gone;
            if gone < files::Forget::PORTION {
                return Ok(total);
            }
        }
    }

    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.writer.write(files::Secret { name, fresh }).await
    }

    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError> {
        faq::report(&self.readers, span).await
    }

    async fn drafts(
        &self,
        tenant: Option<&TenantId>,
        state: DraftState,
    ) -> Result<Vec<DraftRow>, StoreError> {
        drafts::drafts(&self.readers, tenant, state).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError> {
        drafts::draft(&self.readers, id).await
    }

    async fn decide_draft(
        &self,
        id: DraftId,
        state: DraftState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer.write(drafts::Decide { id, state, by, at }).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.writer.write(write::Ping).await?;
        read::ping(&self.readers).await
    }

    async fn close(&self) {
        // The readers first: only then can the writer fold the whole log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}

//! Opens the store: on a file, or in memory.

use std::{fs::OpenOptions, io::Read as _, path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use super::{
    readers::{Readers, Turnstile},
    values::primary_code,
    writer::Writer,
};
use crate::store::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

/// `PRAGMA application_id` of our files, set by the first migration.
const APPLICATION: i32 = 0x5357_4244;

/// Connections that read at the same time. Each is a thread; reads are short.
const READERS: u32 = 4;

/// The store in SQLite.
pub struct SqliteStore {
    pub(super) writer: Writer,
    pub(super) readers: Readers,
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
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            for neighbour in ["", "-wal", "-shm"] {
                let file = format!("{path}{neighbour}");
                tighten(Path::new(&file)).map_err(|error| {
                    StoreError::Broken(format!(
                        "{file} can be used by others than its owner, and that cannot be changed: {error}; give it the mode 600"
                    ))
                })?;
            }
            Ok(())
        }
        Err(error) => refuse(format!("{path} cannot be made: {error}")),
    }
}

/// Takes away what others than its owner may do with a file; it holds what people wrote.
#[cfg(unix)]
fn tighten(file: &Path) -> std::io::Result<()> {
    use std::{
        fs::{Permissions, metadata, set_permissions},
        os::unix::fs::PermissionsExt as _,
    };
    let Ok(found) = metadata(file) else { return Ok(()) };
    let mode = found.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(file = %file.display(), mode = format!("{:o}", mode & 0o777), "others could use the database: from now on only its owner");
    set_permissions(file, Permissions::from_mode(mode & 0o700))
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> std::io::Result<()> {
    Ok(())
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

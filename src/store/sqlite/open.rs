//! Opens the store: on a file, or in memory.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    migrate::{MigrateError, Migrator},
    query_scalar,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use super::{
    health::Health,
    place::{Lock, Place, neighbour, resolved, warn_of_leftovers},
    readers::{Lists, Readers, Turnstile},
    values::primary_code,
    writer::{Scribe, Writer, execute},
};
use crate::store::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

/// The newest version of the tables that this program knows.
pub fn schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// `PRAGMA application_id` of our files, set by the first migration.
const APPLICATION: i32 = 0x5357_4244;

/// Connections that read at the same time. Each is a thread; reads are short.
const READERS: u32 = 4;

/// So long a list or a report may take; in memory less, where turns wait for it.
const LIST_LIMIT: Duration = Duration::from_secs(10);
const LIST_LIMIT_IN_MEMORY: Duration = Duration::from_secs(2);

/// A file of at most so many bytes is looked through at every start; `switchboard store check` does
/// it with larger ones.
const SMALL: u64 = 64 * 1024 * 1024;

/// The store in SQLite.
pub struct SqliteStore {
    pub(super) writer: Writer,
    /// For turns.
    pub(super) readers: Readers,
    /// For whatever nobody's turn waits for.
    pub(super) lists: Lists,
    pub(super) place: Place,
    pub(super) health: Arc<Health>,
    /// When it was last seen that the store can be written.
    pub(super) beat: tokio::sync::Mutex<Option<Instant>>,
    /// A database in memory is gone with its last connection, and the log of a file too: this one
    /// stays.
    pub(super) anchor: Mutex<Option<SqliteConnection>>,
}

/// What a store is opened with.
struct Opening {
    /// For messages.
    name: String,
    writing: SqliteConnectOptions,
    reading: SqliteConnectOptions,
    /// The database; none in memory.
    file: Option<(PathBuf, Lock)>,
    anchor: Option<SqliteConnection>,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there (readable by its owner only: it holds what
    /// people wrote), and brings its tables up to date. Must be called inside the runtime that will
    /// go on running.
    pub async fn open(path: &str) -> Result<Self, StoreError> {
        let database = named(path)?;
        let was_locked = neighbour(&database, ".lock").exists();
        let lock = Lock::take(&database).await?;
        // Looked at behind the lock: another service may have made it meanwhile.
        let is_new = match std::fs::metadata(&database) {
            Ok(found) => found.len() == 0,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if is_new {
            warn_of_leftovers(&database, was_locked);
        }
        make_file(&database)?;
        let options = existing(&database);
        judge(path, &options).await?;

        // FULL: a commit is on the disk before it is answered. Under load one transaction changes a
        // thousand pages: a cache that holds them and a log that is folded into the file only every
        // 32 MB spare the disk. The limit gives the log's space back after a burst. MEMORY: else
        // the pages that a savepoint could take back are written to a temporary file, which costs a
        // third of all. What is deleted is overwritten.
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-32768")
            .pragma("wal_autocheckpoint", "8192")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY")
            .pragma("secure_delete", "ON");
        let file = Some((database, lock));
        Self::start(Opening {
            name: path.to_owned(),
            writing,
            reading: options,
            file,
            anchor: None,
        })
        .await
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
        let (name, anchor) = ("memory:".to_owned(), Some(anchor));
        Self::start(Opening { name, writing, reading: options, file: None, anchor }).await
    }

    /// Brings the tables up to date and starts what writes and reads.
    async fn start(opening: Opening) -> Result<Self, StoreError> {
        let Opening { name, writing, reading, file, anchor } = opening;
        let writing = writing.thread_name(|_| "store-writer".to_owned());
        let mut connection = SqliteConnection::connect_with(&writing)
            .await
            .map_err(|error| cannot_open(&name, &error))?;
        MIGRATIONS
            .run_direct(None, &mut connection, false)
            .await
            .map_err(|error| cannot_migrate(&name, &error))?;
        // From now on it is no copy any more, but a database that gives references out.
        execute(&mut connection, "PRAGMA user_version = 0")
            .await
            .map_err(|error| cannot_open(&name, &error))?;

        let turnstile: Turnstile = anchor.as_ref().map(|_| Arc::default());
        let reading = reading.read_only(true);
        let anchor = match anchor {
            Some(anchor) => anchor,
            None => anchored(&reading).await.map_err(|error| cannot_open(&name, &error))?,
        };
        let (place, lock) = match file {
            Some((database, lock)) => (Place::of(&database)?, Some(lock)),
            None => (Place::nowhere(), None),
        };
        let limit = if turnstile.is_some() { LIST_LIMIT_IN_MEMORY } else { LIST_LIMIT };
        let readers = async |most: u32, thread: &'static str| {
            let options = reading.clone().thread_name(move |id| format!("{thread}-{id}"));
            let pool = SqlitePoolOptions::new()
                .max_connections(most)
                .min_connections(1)
                .acquire_timeout(Duration::from_secs(5))
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .connect_with(options)
                .await
                .map_err(|error| cannot_open(&name, &error))?;
            Ok(Readers::new(pool, turnstile.clone(), place.clone()))
        };
        let lists = Lists::new(readers(Lists::CONNECTIONS, "store-list").await?, limit);
        let readers = readers(READERS, "store-reader").await?;
        let health = Arc::new(Health::new(&name));
        let writer = Writer::start(Scribe {
            connection: Some(connection),
            options: writing,
            turnstile: turnstile.clone(),
            place: place.clone(),
            health: health.clone(),
            lock,
        });
        let (beat, anchor) = (tokio::sync::Mutex::default(), Mutex::new(Some(anchor)));
        Ok(SqliteStore { writer, readers, lists, place, health, beat, anchor })
    }
}

/// A connection that has read once, and so keeps the log where it is.
async fn anchored(reading: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut anchor = SqliteConnection::connect_with(reading).await?;
    sqlx::query("SELECT beats FROM heartbeat").fetch_one(&mut anchor).await?;
    Ok(anchor)
}

/// How a database is opened that is there.
pub(super) fn existing(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// The file that an address names. It need not be there, but its directory must.
pub(super) fn named(path: &str) -> Result<PathBuf, StoreError> {
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
    Ok(resolved(file))
}

/// Makes an empty file that only its owner may read, when there is none. SQLite gives its `-wal`
/// and `-shm` neighbours the same mode.
fn make_file(database: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(database) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let files = ["-wal", "-shm"].map(|end| neighbour(database, end));
            for file in files.iter().map(PathBuf::as_path).chain([database]) {
                tighten(file).map_err(|error| {
                    StoreError::Broken(format!(
                        "{} can be used by others than its owner, and that cannot be changed: {error}; give it the mode 600",
                        file.display()
                    ))
                })?;
            }
            Ok(())
        }
        Err(error) => {
            Err(StoreError::Broken(format!("{} cannot be made: {error}", database.display())))
        }
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

/// Refuses what is not ours, or is damaged, before anything in it is changed.
async fn judge(path: &str, options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::connect_with(&options.clone().read_only(true))
        .await
        .map_err(|error| cannot_open(path, &error))?;
    let looked = look(path, &mut connection).await;
    connection.close().await.map_err(|error| cannot_open(path, &error))?;
    looked
}

async fn look(path: &str, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    judge_kind(path, connection).await?;
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    if bytes > SMALL {
        tracing::info!(
            store = path,
            bytes,
            "the database is too large to be looked through at a start; `switchboard store check` does it beside the running service"
        );
        return Ok(());
    }
    let found: String = query_scalar("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| cannot_open(path, &error))?;
    if found == "ok" {
        return Ok(());
    }
    Err(damaged(path, &found))
}

/// Refuses another program's database.
pub(super) async fn judge_kind(
    path: &str,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let (application, tables): (i32, i64) = sqlx::query_as(
        "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| cannot_open(path, &error))?;
    if application != APPLICATION && tables > 0 {
        return Err(StoreError::Broken(format!(
            "{path} is the SQLite database of another program; name another file"
        )));
    }
    Ok(())
}

/// Refuses tables that a newer version has made.
pub(super) async fn judge_version(
    path: &str,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let version: Option<i64> = query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
        .map_err(|error| cannot_open(path, &error))?;
    match version {
        Some(version) if version > schema() => {
            Err(cannot_migrate(path, &MigrateError::VersionMissing(version)))
        }
        _ => Ok(()),
    }
}

/// A database with pages that cannot be read.
pub(super) fn damaged(path: &str, found: &str) -> StoreError {
    StoreError::Broken(format!(
        "{path} is damaged ({}); `switchboard store check` tells all of it: restore a backup, or keep a copy and name another file",
        found.lines().last().unwrap_or_default()
    ))
}

fn not_a_database(path: &str) -> StoreError {
    StoreError::Broken(format!(
        "{path} is not a SQLite database; name another file, or move this one away"
    ))
}

pub(super) fn cannot_open(path: &str, error: &sqlx::Error) -> StoreError {
    match primary_code(error) {
        Some(26) => not_a_database(path),
        Some(11) => damaged(path, &error.to_string()),
        _ => StoreError::Broken(format!("{path} cannot be opened: {error}")),
    }
}

fn cannot_migrate(path: &str, error: &MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::Broken(format!(
            "{path} was written by a newer version of Switchboard (its tables have version {version}, this program knows {}); \
             start that version, or restore a backup from before the upgrade",
            schema(),
        )),
        MigrateError::VersionMismatch(version) => StoreError::Broken(format!(
            "{path} was written by another build of Switchboard, whose tables of version {version} differ"
        )),
        error => StoreError::Broken(format!(
            "the tables of {path} cannot be brought up to date: {error}"
        )),
    }
}

//! The file in which everything stands: one service has it, and what is open is what lies there.
//! The database is looked at by its path and never opened here: whoever closes a second handle of
//! a file drops the locks that SQLite holds on it.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::store::StoreError;

/// How often a lock is asked for, and the pause between: a process that ends takes a moment.
const ATTEMPTS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// What tells one file from another, whatever it is called; none where the system does not say.
type Identity = Option<(u64, u64)>;

/// Where the store's files lie; nowhere, when it is in memory.
#[derive(Clone)]
pub(super) struct Place(Option<Arc<Lies>>);

struct Lies {
    /// The database and its log, each with what lay there when it was opened.
    files: Vec<(PathBuf, Identity)>,
}

impl Place {
    /// Of a store in memory: nothing can happen to its file.
    pub(super) fn nowhere() -> Self {
        Place(None)
    }

    /// Of a database that SQLite has opened just now. Its log counts from now on when it is there;
    /// then a connection must stay open, for the last one to close takes it away.
    pub(super) fn of(database: &Path) -> Result<Self, StoreError> {
        let mut files = vec![(
            database.to_owned(),
            identity(database).map_err(|error| gone(database, &error))?,
        )];
        let log = neighbour(database, "-wal");
        if let Ok(found) = identity(&log) {
            files.push((log, found));
        }
        Ok(Place(Some(Arc::new(Lies { files }))))
    }

    /// True in memory.
    pub(super) fn is_nowhere(&self) -> bool {
        self.0.is_none()
    }

    /// Says why what is open is not what lies there: somebody deleted or replaced it. What is
    /// written then is lost at the end of the process.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let Some(place) = &self.0 else { return Ok(()) };
        for (path, known) in &place.files {
            match identity(path) {
                Ok(found) if found == *known => {}
                Ok(_) => {
                    return Err(StoreError::Unavailable(format!(
                        "{} was replaced by another file while it was open: move the old one back, or restart to use the new one",
                        path.display()
                    )));
                }
                Err(error) => return Err(gone(path, &error)),
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path)?;
    Ok(Some((found.dev(), found.ino())))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    std::fs::metadata(path).map(|_| None)
}

fn gone(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(if error.kind() == io::ErrorKind::NotFound {
        format!(
            "{} was deleted or moved away while it was open: move it back, or restore a backup and restart",
            path.display()
        )
    } else {
        format!("{} cannot be looked at: {error}", path.display())
    })
}

/// The file beside it whose name goes on like this.
pub(super) fn neighbour(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(database.as_os_str());
    name.push(ending);
    PathBuf::from(name)
}

/// The path without links, so that the neighbours of one file are found whatever it is called.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Ok(resolved) = path.canonicalize() {
        return resolved;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// What is left of a database that is not there. Its log is put aside, for SQLite would throw away
/// a log without a database, and with it what was written last.
pub(super) fn warn_of_leftovers(database: &Path, was_locked: bool) {
    let log = neighbour(database, "-wal");
    let mut left = vec![database.with_file_name("admin-token"), log.clone()];
    left.retain(|path| path.exists());
    left.extend(was_locked.then(|| neighbour(database, ".lock")));
    let left: Vec<String> = left.iter().map(|path| path.display().to_string()).collect();
    if left.is_empty() {
        return;
    }
    tracing::warn!(
        database = %database.display(), left = %left.join(", "),
        "a new and empty database is made, although a service was here before: if the old one was moved or is not mounted, stop and put it back"
    );
    if !log.exists() {
        return;
    }
    let aside = (1..)
        .map(|number| neighbour(database, &format!("-wal.left-{number}")))
        .find(|path| !path.exists());
    if let Some(aside) = aside {
        match std::fs::rename(&log, &aside) {
            Ok(()) => tracing::warn!(
                log = %log.display(), aside = %aside.display(),
                "the log of the old database was put aside: it belongs beside it, under its old name"
            ),
            Err(error) => {
                tracing::warn!(log = %log.display(), %error, "the log of the old database could not be put aside")
            }
        }
    }
}

/// The right to be the one service that uses a file. The kernel takes it back when the process
/// ends, however it ends.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock beside a database, or says who has it.
    pub(super) async fn take(database: &Path) -> Result<Self, StoreError> {
        let path = neighbour(database, ".lock");
        let refuse = |what: &str, error: &io::Error| {
            StoreError::Broken(format!("{} cannot be {what}: {error}", path.display()))
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(|error| refuse("made", &error))?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE).await
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // Who it is only helps; that there is somebody is known.
                    let _ = file.read_to_string(&mut holder);
                    let holder = holder.lines().collect::<Vec<_>>().join(", ");
                    return Err(StoreError::Broken(format!(
                        "{} is used by another Switchboard ({holder}); stop that one, or name another file",
                        database.display()
                    )));
                }
                Err(TryLockError::Error(error)) => return Err(refuse("locked", &error)),
            }
        }
        sign(&mut file).map_err(|error| refuse("written", &error))?;
        Ok(Lock { _file: file })
    }
}

/// Writes who has the lock. The instant is the one at which the file was written.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {}", std::process::id())?;
    if let Ok(started) = jiff::Timestamp::try_from(file.metadata()?.modified()?) {
        writeln!(file, "started {started:.0}")?;
    }
    file.flush()
}

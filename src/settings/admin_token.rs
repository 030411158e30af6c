//! The token of the admin API: the one that is set, else one that the first start makes and keeps
//! beside the database, where only its owner can read it.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

/// The fewest characters of a token: fewer can be guessed.
const SHORTEST: usize = 16;
/// The name of the file.
const FILE: &str = "admin-token";

/// The token of a run.
#[derive(Debug)]
pub enum Kept {
    /// By the setting.
    Set(SecretString),
    /// In the file; `new` when this start made it.
    Filed {
        /// The token.
        token: SecretString,
        /// The file.
        path: PathBuf,
        /// True when this start made it.
        new: bool,
    },
    /// Nowhere: it is for this run alone.
    Fleeting(SecretString),
}

impl Kept {
    /// The token.
    pub fn token(&self) -> &SecretString {
        match self {
            Kept::Set(token) | Kept::Filed { token, .. } | Kept::Fleeting(token) => token,
        }
    }
}

/// What is wrong with a token; `None` when it can be used.
fn unfit(token: &str) -> Option<String> {
    let token = token.trim();
    if token.is_empty() {
        Some("is blank".to_owned())
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("has characters that no header can carry (letters, digits and signs only)".to_owned())
    } else if token.len() < SHORTEST {
        Some(format!("has fewer than {SHORTEST} characters"))
    } else {
        None
    }
}

/// What is said of a token that is set and cannot be used.
pub(super) fn mistake(token: &str) -> Option<String> {
    unfit(token).map(|why| {
        format!(
            "SWITCHBOARD_ADMIN_TOKEN {why}: set a long random one, such as the output of `openssl rand -hex 32`, or leave it out"
        )
    })
}

/// The token for a run of the service: the one that is `set`, else the one beside the `store`, an
/// address as in the settings. To be called once the store is open, so that a database that
/// cannot be opened leaves no token behind. Blocking; a short file.
///
/// # Errors
/// What is wrong and what to do, in one sentence.
pub fn keep(set: Option<&SecretString>, store: &str) -> Result<Kept, String> {
    if let Some(token) = set {
        return Ok(Kept::Set(token.clone()));
    }
    let Some(path) = file(store) else { return Ok(Kept::Fleeting(fresh()?.into())) };
    if let Some(token) = read(&path)? {
        return Ok(Kept::Filed { token, path, new: false });
    }
    let token = fresh()?;
    match write(&path, &token) {
        Ok(()) => Ok(Kept::Filed { token: token.into(), path, new: true }),
        // Somebody was faster: theirs counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match read(&path)? {
            Some(token) => Ok(Kept::Filed { token, path, new: false }),
            None => Err(format!("{} was there and is gone: start again", path.display())),
        },
        Err(error) => Err(format!(
            "the token of the admin API cannot be kept in {}: {error}; make the folder writable, or set SWITCHBOARD_ADMIN_TOKEN",
            path.display()
        )),
    }
}

/// The token of the service that runs on this machine with this setting and store. Blocking; a short file.
///
/// # Errors
/// Why there is none and what to do, in one sentence.
pub fn find(set: Option<&SecretString>, store: &str) -> Result<SecretString, String> {
    if let Some(token) = set {
        return Ok(token.clone());
    }
    let Some(path) = file(store) else {
        return Err(
            "with `memory:` the token is for one run alone, and is shown at its start: set SWITCHBOARD_ADMIN_TOKEN for both"
                .to_owned(),
        );
    };
    read(&path)?.ok_or_else(|| {
        format!(
            "there is no {}: start the bot once, which makes it, or run this in its working directory and with its --store",
            path.display()
        )
    })
}

/// Where the token is kept: beside the database. `None` when nothing is kept.
fn file(store: &str) -> Option<PathBuf> {
    let path = store.strip_prefix("sqlite:")?;
    let path = Path::new(path.strip_prefix("//").unwrap_or(path));
    // Beside the file itself, and not beside a link to it.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Some(path.with_file_name(FILE))
}

/// 256 random bits as text.
fn fresh() -> Result<String, String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| "the system has no random numbers".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// `None` when there is no file.
fn read(path: &Path) -> Result<Option<SecretString>, String> {
    let refuse = |why: &dyn std::fmt::Display| {
        format!(
            "the token of the admin API in {} {why}: delete the file, and the next start makes a new one",
            path.display()
        )
    };
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!(
            "the token of the admin API in {} cannot be read: {error}; run this as whoever runs the bot",
            path.display()
        )),
        Ok(text) => match unfit(&text) {
            Some(why) => Err(refuse(&why)),
            None => {
                tighten(path).map_err(|error| refuse(&error))?;
                Ok(Some(text.trim().into()))
            }
        },
    }
}

/// Makes the file, or leaves none.
fn write(path: &Path, token: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = writeln!(file, "{token}").and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Takes away what others than the owner may do with the file.
#[cfg(unix)]
fn tighten(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "the token of the admin API could be read by others: from now on only by its owner; delete the file for a new one");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_first_start_makes_a_token_and_later_ones_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}/kept.db", folder.path().display());
        assert!(find(None, &store).unwrap_err().contains("start the bot once"));
        let Kept::Filed { token, path, new: true } = keep(None, &store).unwrap() else { panic!() };
        assert!(token.expose_secret().len() >= 32);
        assert_eq!(path, folder.path().join("admin-token"));
        let Kept::Filed { token: again, new: false, .. } = keep(None, &store).unwrap() else {
            panic!()
        };
        assert_eq!(again.expose_secret(), token.expose_secret());
        assert_eq!(find(None, &store).unwrap().expose_secret(), token.expose_secret());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}/kept.db", folder.path().display());
        let Kept::Filed { path, .. } = keep(None, &store).unwrap() else { panic!() };
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        keep(None, &store).unwrap();
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn a_short_or_blank_file_is_a_mistake_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite://{}/kept.db", folder.path().display());
        for text in [
            "",
            " \n",
            "short",
            "fifteen-chars-x",
            "with blank in the middle",
            "ümläüte-und-mehr-davon",
        ] {
            fs::write(folder.path().join("admin-token"), text).unwrap();
            assert!(keep(None, &store).unwrap_err().contains("delete the file"), "{text:?}");
            assert!(find(None, &store).is_err(), "{text:?}");
        }
        assert_eq!(unfit("sixteen-chars-xx"), None);
    }

    #[test]
    fn in_memory_it_is_for_one_run() {
        let store = "memory:";
        let (one, two) = (keep(None, store).unwrap(), keep(None, store).unwrap());
        assert!(matches!(one, Kept::Fleeting(_)));
        assert_ne!(one.token().expose_secret(), two.token().expose_secret());
        assert!(find(None, store).unwrap_err().contains("SWITCHBOARD_ADMIN_TOKEN"));
        assert!(!format!("{one:?}").contains(one.token().expose_secret()));
    }
}

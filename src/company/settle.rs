//! Reads a company's folder when nobody is writing there: a save is several steps, and so is what
//! copies a folder.

use std::{collections::BTreeSet, io, path::Path, time::Duration};

use super::folder::{Stamp, read_folder};
use crate::source::Files;

/// So long the folder's files must not change before they are read.
pub const SETTLE: Duration = Duration::from_millis(200);
/// So long a file that was there may be away before that is believed: editors delete a file and
/// create it again.
const AWAY: Duration = Duration::from_secs(1);
/// After so many looks it is given up: 30 seconds.
const MOST_LOOKS: usize = 150;
/// Stands among missing files for the folder itself.
const FOLDER: &str = "";

/// A folder as it was read, whole.
#[derive(Debug)]
pub struct Settled {
    /// Its files.
    pub files: Files,
    /// What it looked like then.
    pub stamp: Stamp,
}

/// Why a folder was not read.
#[derive(Debug)]
pub enum LookFailed {
    /// This file changed whenever it was looked at.
    Changing(String),
    /// It cannot be read, and looked like this.
    Broken(io::Error, Stamp),
}

/// Reads a folder once it has come to rest. `before` are the files that were there when it was read
/// last: what is missing of them, or when the folder cannot be read, it is looked at again before
/// that is believed. Blocking; `pause` waits.
///
/// # Errors
/// When it does not come to rest, or cannot be read.
pub fn settled(
    folder: &Path,
    before: &BTreeSet<String>,
    mut pause: impl FnMut(Duration),
) -> Result<Settled, LookFailed> {
    let mut was = Stamp::of(folder);
    let mut parted = None;
    let mut missed: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..MOST_LOOKS {
        pause(SETTLE);
        let mut is = Stamp::of(folder);
        let files = (is == was).then(|| read_folder(folder));
        if files.is_some() {
            // Nor may it have changed while it was read.
            is = Stamp::of(folder);
        }
        let Some(files) = files.filter(|_| is == was) else {
            parted = was.parted(&is).or(parted);
            was = is;
            continue;
        };
        let missing: BTreeSet<&str> = match &files {
            Ok(files) => before
                .iter()
                .filter(|name| !files.contains_key(*name))
                .map(String::as_str)
                .collect(),
            Err(_) => BTreeSet::from([FOLDER]),
        };
        if missing.is_subset(&missed) {
            return match files {
                Ok(files) => Ok(Settled { files, stamp: is }),
                Err(error) => Err(LookFailed::Broken(error, is)),
            };
        }
        missed = missing;
        pause(AWAY);
    }
    Err(LookFailed::Changing(parted.unwrap_or_else(|| "company.yaml".to_owned())))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, fs};

    use super::*;

    /// A folder in which somebody does one thing in every pause.
    struct Scene(tempfile::TempDir);

    impl Scene {
        #[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
        fn new() -> Self {
            let scene = Scene(tempfile::tempdir().unwrap());
            fs::create_dir_all(scene.0.path().join("tenants/it")).unwrap();
            scene.write("company.yaml", "company: Contoso\n");
            scene.write("tenants/it/tenant.yaml", "name: IT\n");
            scene
        }

        #[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
        fn write(&self, path: &str, text: &str) {
            fs::write(self.0.path().join(path), text).unwrap();
        }

        #[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
        fn remove(&self, path: &str) {
            fs::remove_file(self.0.path().join(path)).unwrap();
        }

        /// What is read while `acts` take place, one a pause, and what was waited for.
        fn read(&self, acts: &[&dyn Fn()]) -> (Result<Settled, LookFailed>, Vec<Duration>) {
            let before = ["company.yaml", "tenants/it/tenant.yaml"].map(str::to_owned);
            let pauses = RefCell::new(Vec::new());
            let read = settled(self.0.path(), &before.into(), |pause| {
                if let Some(act) = acts.get(pauses.borrow().len()) {
                    act();
                }
                pauses.borrow_mut().push(pause);
            });
            (read, pauses.into_inner())
        }
    }

    fn text<'a>(read: &'a Result<Settled, LookFailed>, path: &str) -> Option<&'a str> {
        read.as_ref().ok()?.files.get(path).map(String::as_str)
    }

    #[test]
    fn a_file_that_is_saved_in_pieces_is_read_when_it_is_whole() {
        let scene = Scene::new();
        let path = "tenants/it/tenant.yaml";
        let (read, pauses) =
            scene.read(&[&|| scene.write(path, ""), &|| scene.write(path, "name: IT He"), &|| {
                scene.write(path, "name: IT Help\n")
            }]);
        assert_eq!(text(&read, path), Some("name: IT Help\n"));
        assert_eq!(pauses, [SETTLE; 4], "once more after the last piece");
    }

    #[test]
    fn another_file_of_the_same_size_is_another_one() {
        let scene = Scene::new();
        let (first, second) = (Stamp::of(scene.0.path()), Stamp::of(scene.0.path()));
        assert_eq!((&first, first.parted(&second)), (&second, None));
        scene.write("tenants/it/new.tmp", "name: HR\n");
        assert_eq!(Stamp::of(scene.0.path()), first, "that is none of the company's");
        let at = |path: &str| scene.0.path().join(path);
        fs::rename(at("tenants/it/new.tmp"), at("tenants/it/tenant.yaml")).unwrap();
        let parted = first.parted(&Stamp::of(scene.0.path()));
        assert_eq!(parted.as_deref(), Some("tenants/it/tenant.yaml"));
    }

    #[test]
    fn a_file_that_is_away_for_a_moment_was_never_gone() {
        let scene = Scene::new();
        let path = "tenants/it/tenant.yaml";
        let (read, pauses) =
            scene.read(&[&|| scene.remove(path), &|| (), &|| scene.write(path, "name: IT Help\n")]);
        assert_eq!(text(&read, path), Some("name: IT Help\n"));
        assert_eq!(pauses, [SETTLE, SETTLE, AWAY, SETTLE, SETTLE]);
        // One that is gone is gone after a second look; so is another one that goes then.
        let (read, pauses) = scene.read(&[&|| scene.remove(path)]);
        assert_eq!((read.is_ok(), text(&read, path)), (true, None));
        assert_eq!(pauses, [SETTLE, SETTLE, AWAY, SETTLE]);
        scene.write(path, "name: IT\n");
        let (read, pauses) = scene.read(&[&|| scene.remove(path), &|| (), &|| {
            scene.write(path, "name: IT\n");
            scene.remove("company.yaml");
        }]);
        assert_eq!((text(&read, "company.yaml"), text(&read, path)), (None, Some("name: IT\n")));
        assert_eq!(pauses.iter().filter(|pause| **pause == AWAY).count(), 2, "{pauses:?}");
    }

    #[test]
    fn what_cannot_be_read_is_looked_at_again_and_what_never_rests_is_given_up() {
        let scene = Scene::new();
        let faq = scene.0.path().join("tenants/it/faq.yaml");
        // The first byte of a sign of several: a save that is cut there.
        let (read, _) = scene.read(&[&|| fs::write(&faq, [0xc3]).unwrap(), &|| (), &|| {
            fs::write(&faq, "[]").unwrap()
        }]);
        assert_eq!(text(&read, "tenants/it/faq.yaml"), Some("[]"));
        fs::write(&faq, [0xc3]).unwrap();
        let (read, pauses) = scene.read(&[]);
        assert!(
            matches!(&read, Err(LookFailed::Broken(error, _)) if error.to_string().contains("UTF-8"))
        );
        assert_eq!(pauses, [SETTLE, AWAY, SETTLE]);

        let written = RefCell::new(0);
        let more = || {
            *written.borrow_mut() += 1;
            fs::write(&faq, "#".repeat(*written.borrow())).unwrap();
        };
        let (read, pauses) = scene.read(&vec![&more as &dyn Fn(); MOST_LOOKS]);
        assert!(matches!(&read, Err(LookFailed::Changing(file)) if file == "tenants/it/faq.yaml"));
        assert_eq!(pauses.len(), MOST_LOOKS);
    }
}

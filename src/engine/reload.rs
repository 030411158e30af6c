//! Files that change under live chats: read, checked and swapped as a whole; with any mistake the
//! running version stays.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{roster::View, running::Running, turn::Turns};
use crate::{
    company::{self, report},
    model::Event,
    source::{Files, Place, Problem},
};

/// Checks files and makes a company of them when they are in order; handed in from above, where
/// company and cards are known together.
pub type Check = Arc<dyn Fn(&Files) -> (Option<Running>, Vec<Problem>) + Send + Sync>;

/// Reloads the company.
pub struct Reloader {
    check: Check,
    turns: Arc<Turns>,
    folder: Option<PathBuf>,
    /// One reload at a time.
    turn: tokio::sync::Mutex<Option<Files>>,
    latest: Mutex<Option<Reload>>,
}

/// Why a file was not changed.
#[derive(Debug)]
pub enum Refused {
    /// There is no folder, or it may not be written.
    ReadOnly,
    /// With the change there would be mistakes.
    Mistakes(Vec<Problem>),
    /// The folder does not work; the reason is for the log.
    Broken(String),
}

/// Puts a file in the place of the one that was, whole or not at all.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    // Where the file is a link, what it leads to is replaced. The hidden name is read by nobody.
    let file = if file.exists() { std::fs::canonicalize(file)? } else { file.to_owned() };
    if file.exists() && std::fs::metadata(&file)?.permissions().readonly() {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let beside = file.with_file_name(format!(".{name}.{}", uuid::Uuid::new_v4()));
    let written = (|| {
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        out.write_all(text.as_bytes())?;
        if let Ok(meta) = std::fs::metadata(&file) {
            out.set_permissions(meta.permissions())?;
        }
        out.sync_all()?;
        std::fs::rename(&beside, &file)
    })();
    if written.is_err() {
        // What is left of it is of no use; the first error is the one to tell.
        std::fs::remove_file(&beside).ok();
    }
    written
}

/// Notes the guests whose chat somebody has, or was offered, who may not any more.
pub(super) fn look_at_desks(turns: &Turns) {
    let running = turns.running();
    let former = BTreeMap::new();
    let view = View { desks: turns.roster(), company: &running.company, former: &former };
    turns.roster().unsettle(view.out_of_line());
}

/// Names in the log, once while the process lives, the agents of the files whom nobody knows: no chat
/// can be offered to them.
pub(super) fn name_unknown(turns: &Turns) {
    let running = turns.running();
    for (tenant, settings) in &running.company.tenants {
        let Some(desk) = settings.desk.as_ref().filter(|desk| desk.people) else { continue };
        for agent in desk.agents.iter().filter(|agent| turns.roster().miss(agent)) {
            tracing::warn!(%tenant, %agent, "an agent of the files has not opened the app yet: nothing can be offered to them until they write to it");
        }
    }
}

/// Takes those chats from whoever may not have them; what fails now is done at the next look.
pub(super) async fn settle(turns: &Turns, now: Timestamp) {
    if turns.roster().take_recheck() {
        look_at_desks(turns);
    }
    for id in turns.roster().take_unsettled() {
        if let Err(error) = turns.event(&id, &Event::Tick, None, now).await {
            tracing::error!(conversation = %id, %error, "a chat could not be taken from somebody who is no agent any more; it is tried again");
            turns.roster().unsettle(vec![id]);
        }
    }
}

/// The longest that reading or checking a company may take. What is within the bounds of a company
/// takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// The stack of the thread that does it: files are bounded in depth, and this is ample for it.
const STACK: usize = 16 * 1024 * 1024;

/// Does something with a company's files on a thread of its own. None when it panics or takes too
/// long: the thread is left behind then, and neither the service nor its end waits for it.
async fn apart<T: Send + 'static>(
    within: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("company".to_owned()).stack_size(STACK);
    // Whoever waited may be gone.
    thread.spawn(move || drop(done.send(work()))).ok()?;
    tokio::time::timeout(within, result).await.ok()?.ok()
}

/// How a reload went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload {
    /// When.
    pub at: Timestamp,
    /// True when the files are in use now (or were already).
    pub accepted: bool,
    /// True when something differed from what runs.
    pub changed: bool,
    /// What the checker found.
    pub problems: Vec<Problem>,
}

impl Reloader {
    /// A reloader for a folder; without one (the built-in sample) every reload finds nothing new.
    /// `files` are those that run.
    pub(super) fn new(
        turns: Arc<Turns>,
        folder: Option<PathBuf>,
        files: Files,
        check: Check,
    ) -> Self {
        Reloader {
            check,
            turns,
            folder,
            turn: tokio::sync::Mutex::new(Some(files)),
            latest: Mutex::new(None),
        }
    }

    pub fn folder(&self) -> Option<&PathBuf> {
        self.folder.as_ref()
    }

    /// The latest reload, if there was one.
    pub fn latest(&self) -> Option<Reload> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the folder again, and swaps when it is in order.
    pub async fn reload(&self, now: Timestamp) -> Reload {
        let mut latest = self.turn.lock().await;
        let Some(folder) = self.folder.clone() else {
            return self.note(Reload {
                at: now,
                accepted: true,
                changed: false,
                problems: Vec::new(),
            });
        };
        let files = match apart(PATIENCE, move || company::read_folder(&folder)).await {
            Some(Ok(files)) => files,
            Some(Err(error)) => return self.note(unreadable(now, &error.to_string())),
            None => return self.note(unreadable(now, "it could not be read to the end")),
        };
        if latest.as_ref() == Some(&files) {
            return self.note(Reload {
                at: now,
                accepted: true,
                changed: false,
                problems: Vec::new(),
            });
        }
        let check = self.check.clone();
        let checked = apart(PATIENCE, move || {
            let (ready, problems) = check(&files);
            (ready, problems, files)
        });
        let Some((ready, problems, files)) = checked.await else {
            return self.note(unreadable(now, "it could not be checked to the end"));
        };
        let accepted = ready.is_some();
        if let Some(running) = ready {
            self.turns.swap(running);
            *latest = Some(files);
            tracing::info!("the company's files were reloaded");
            look_at_desks(&self.turns);
            name_unknown(&self.turns);
            settle(&self.turns, now).await;
            // A turn that was under way may have gone by the files as they were.
            self.turns.roster().recheck();
        } else {
            tracing::error!(
                mistakes = problems.iter().filter(|problem| !problem.warning).count(),
                "the company's files have mistakes; the running version stays"
            );
            for problem in problems.iter().filter(|problem| !problem.warning) {
                tracing::error!("{}", report::line(problem));
            }
        }
        self.note(Reload { at: now, accepted, changed: true, problems })
    }

    /// Changes one file of the folder: `edit` gets it as it is (none when it is not there), with
    /// all files, and gives it as it is to be. The whole company is checked with it before anything
    /// is written; then it is in use. One change at a time.
    pub async fn change<F>(&self, path: String, now: Timestamp, edit: F) -> Result<(), Refused>
    where
        F: FnOnce(&Files, Option<&str>) -> Result<String, Vec<Problem>> + Send + 'static,
    {
        {
            let _turn = self.turn.lock().await;
            let Some(folder) = self.folder.clone() else { return Err(Refused::ReadOnly) };
            let check = self.check.clone();
            let changed = tokio::task::spawn_blocking(move || {
                let mut files = company::read_folder(&folder)
                    .map_err(|error| Refused::Broken(error.to_string()))?;
                // The bytes themselves: reading the folder drops a byte order mark.
                let file = folder.join(&path);
                let old = match std::fs::read_to_string(&file) {
                    Ok(text) => Some(text),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                    Err(error) => return Err(Refused::Broken(error.to_string())),
                };
                let new = edit(&files, old.as_deref()).map_err(Refused::Mistakes)?;
                files.insert(path, new.strip_prefix('\u{FEFF}').unwrap_or(&new).to_owned());
                let (ready, problems) = check(&files);
                if ready.is_none() {
                    return Err(Refused::Mistakes(
                        problems.into_iter().filter(|problem| !problem.warning).collect(),
                    ));
                }
                write(&file, &new).map_err(|error| {
                    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
                    if matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) {
                        Refused::ReadOnly
                    } else {
                        Refused::Broken(error.to_string())
                    }
                })
            });
            changed
                .await
                .unwrap_or_else(|_| Err(Refused::Broken("it was not finished".to_owned())))?;
        }
        let reload = self.reload(now).await;
        if reload.accepted { Ok(()) } else { Err(Refused::Mistakes(reload.problems)) }
    }

    fn note(&self, reload: Reload) -> Reload {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(reload.clone());
        reload
    }
}

fn unreadable(at: Timestamp, reason: &str) -> Reload {
    let problem = Problem {
        warning: false,
        place: Place::start_of("company.yaml"),
        message: format!("the company folder cannot be read: {reason}"),
        help: "check that it is there and that its files are UTF-8 text; the running version stays"
            .to_owned(),
    };
    Reload { at, accepted: false, changed: false, problems: vec![problem] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn neither_a_panic_nor_what_never_ends_stops_the_service() {
        assert_eq!(apart(PATIENCE, || 7).await, Some(7));
        assert_eq!(apart(PATIENCE, || -> u8 { panic!("a department's file") }).await, None);
        let (_keeps, never) = std::sync::mpsc::channel::<u8>();
        // Held for as long as the test runs: it is given up all the same.
        assert_eq!(apart(Duration::from_millis(10), move || never.recv().is_ok()).await, None);
    }
}

//! Files that change under live chats: read, checked and swapped as a whole; with any mistake the
//! running version stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{roster::View, running::Running, turn::Turns};
use crate::{
    company::{self, LookFailed, Settled, Stamp, report},
    model::{Event, TenantId},
    source::{Files, Place, Problem, no_tenant},
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
    turn: tokio::sync::Mutex<Known>,
    latest: Mutex<Option<Reload>>,
}

/// What is known of the folder.
struct Known {
    /// The files that run.
    files: Files,
    /// The names of those that were there when it was read last.
    names: BTreeSet<String>,
    /// What it looked like then; none until it was looked at.
    stamp: Option<Stamp>,
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
        let known = Known { names: files.keys().cloned().collect(), files, stamp: None };
        Reloader {
            check,
            turns,
            folder,
            turn: tokio::sync::Mutex::new(known),
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

    /// Reloads when the folder looks otherwise than when it was read last.
    pub async fn look(&self, now: Timestamp) {
        let Some(folder) = self.folder.clone() else { return };
        let is = apart(PATIENCE, move || Stamp::of(&folder)).await;
        if is.is_none() || self.turn.lock().await.stamp != is {
            self.reload(now).await;
        }
    }

    /// Reads the folder again once nobody writes there, and swaps when it is in order.
    pub async fn reload(&self, now: Timestamp) -> Reload {
        let mut known = self.turn.lock().await;
        let unchanged = Reload { at: now, accepted: true, changed: false, problems: Vec::new() };
        let Some(folder) = self.folder.clone() else { return self.note(unchanged) };
        let files = match read(folder, known.names.clone()).await {
            Ok(Settled { files, stamp }) => {
                known.stamp = Some(stamp);
                files
            }
            Err((problem, stamp)) => {
                known.stamp = stamp;
                return self.refuse(now, false, vec![problem]);
            }
        };
        known.names = files.keys().cloned().collect();
        let was_refused = self.latest().is_some_and(|latest| !latest.accepted);
        if known.files == files {
            if was_refused {
                tracing::info!("the company's files are in order again: they are those that run");
            }
            return self.note(unchanged);
        }
        let check = self.check.clone();
        let checked = apart(PATIENCE, move || {
            let (ready, problems) = check(&files);
            (ready, problems, files)
        });
        let Some((ready, mut problems, files)) = checked.await else {
            let problem = unreadable("it could not be checked to the end");
            return self.refuse(now, false, vec![problem]);
        };
        let gone = self.gone(&files);
        let Some(running) = ready else {
            let missed = gone.iter().filter_map(|id| missed(id, &problems)).collect::<Vec<_>>();
            problems.splice(0..0, missed);
            return self.refuse(now, true, problems);
        };
        self.turns.swap(running);
        known.files = files;
        let again = if was_refused { "are in order again and " } else { "" };
        tracing::info!("the company's files {again}were reloaded");
        for problem in problems.iter().filter(|problem| problem.warning) {
            tracing::warn!("{}", report::line(problem));
        }
        self.tell_gone(&gone).await;
        look_at_desks(&self.turns);
        name_unknown(&self.turns);
        settle(&self.turns, now).await;
        // A turn that was under way may have gone by the files as they were.
        self.turns.roster().recheck();
        self.note(Reload { at: now, accepted: true, changed: true, problems })
    }

    /// The departments that run and have no file any more.
    fn gone(&self, files: &Files) -> Vec<TenantId> {
        let running = self.turns.running();
        let ids = running.company.directory.tenants.keys();
        ids.filter(|id| !files.contains_key(&file_of(id))).cloned().collect()
    }

    /// Says in the log, once, which departments went and what becomes of their chats.
    async fn tell_gone(&self, gone: &[TenantId]) {
        if gone.is_empty() {
            return;
        }
        let counts = self.turns.store().live_counts().await;
        for tenant in gone {
            let Ok(counts) = &counts else {
                tracing::warn!(%tenant, "a department is gone from the company's files; its chats finish on the version with which they began, and no new one starts there");
                continue;
            };
            let of_it = counts.iter().filter(|(id, ..)| id == tenant);
            let chats: u64 = of_it.map(|(.., count)| count).sum();
            tracing::warn!(%tenant, chats, "a department is gone from the company's files; so many chats finish there on the version with which they began, and no new one starts");
        }
    }

    /// The running version stays; why is in the log.
    fn refuse(&self, at: Timestamp, changed: bool, problems: Vec<Problem>) -> Reload {
        let mistakes = || problems.iter().filter(|problem| !problem.warning);
        tracing::error!(
            mistakes = mistakes().count(),
            "the company's files have mistakes; the running version stays"
        );
        mistakes().for_each(|problem| tracing::error!("{}", report::line(problem)));
        self.note(Reload { at, accepted: false, changed, problems })
    }

    /// Changes one file of the folder: `edit` gets it as it is (none when it is not there), with
    /// all files, and gives it as it is to be. The whole company is checked with it before anything
    /// is written; then it is in use. One change at a time.
    pub async fn change<F>(&self, path: String, now: Timestamp, edit: F) -> Result<(), Refused>
    where
        F: FnOnce(&Files, Option<&str>) -> Result<String, Vec<Problem>> + Send + 'static,
    {
        {
            let known = self.turn.lock().await;
            let Some(folder) = self.folder.clone() else { return Err(Refused::ReadOnly) };
            let check = self.check.clone();
            // What somebody is writing just now is not to be lost.
            let Settled { mut files, .. } = read(folder.clone(), known.names.clone())
                .await
                .map_err(|(problem, _)| Refused::Broken(problem.message))?;
            let changed = tokio::task::spawn_blocking(move || {
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

/// Reads a folder when nobody writes there; else why not, and what it looked like when it is of no
/// use to look again before it looks otherwise.
async fn read(
    folder: PathBuf,
    before: BTreeSet<String>,
) -> Result<Settled, (Problem, Option<Stamp>)> {
    let read = move || company::settled(&folder, &before, std::thread::sleep);
    match apart(PATIENCE, read).await {
        Some(Ok(settled)) => Ok(settled),
        Some(Err(LookFailed::Broken(error, stamp))) => {
            Err((unreadable(&error.to_string()), Some(stamp)))
        }
        Some(Err(LookFailed::Changing(file))) => Err((changing(&file), None)),
        None => Err((unreadable("it could not be read to the end"), None)),
    }
}

fn unreadable(reason: &str) -> Problem {
    Problem {
        warning: false,
        place: Place::start_of("company.yaml"),
        message: format!("the company folder cannot be read: {reason}"),
        help: "check that it is there and that its files are UTF-8 text; the running version stays"
            .to_owned(),
    }
}

fn changing(file: &str) -> Problem {
    Problem {
        warning: false,
        place: Place::start_of(file),
        message: "this file does not come to rest: it was another one whenever it was looked at"
            .to_owned(),
        help: "let whatever writes it finish; the running version stays, and the files are looked at again by themselves".to_owned(),
    }
}

fn file_of(tenant: &TenantId) -> String {
    format!("tenants/{tenant}/tenant.yaml")
}

/// The most places that are named where a department is missed.
const MOST_PLACES: usize = 5;

/// What is said of a department that is gone when mistakes are that others still lead to it.
fn missed(tenant: &TenantId, problems: &[Problem]) -> Option<Problem> {
    let message = no_tenant(tenant.as_str());
    let leads = problems.iter().filter(|problem| problem.message == message);
    let places: Vec<String> = leads.map(|problem| problem.place.to_string()).collect();
    let more = if places.len() > MOST_PLACES { ", …" } else { "" };
    let named = places[..places.len().min(MOST_PLACES)].join(", ");
    (!places.is_empty()).then(|| Problem {
        warning: false,
        place: Place::start_of(&file_of(tenant)),
        message: format!("the department `{tenant}` is gone, and others still lead to it"),
        help: format!("put its folder back, or take out what leads there: {named}{more}; a department that is to take nobody in any more keeps its file and says `enabled: false`"),
    })
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

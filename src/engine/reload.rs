//! Files that change under live chats: read, checked and swapped as a whole; with any mistake the running version stays.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::{Engine, Live};
use crate::{
    company::{self, report},
    model::source::{Files, Place, Problem},
};

/// Checks files and makes a company of them when they are in order; handed in from above, where company and cards are known together.
pub type Check = fn(&Files) -> (Option<Live>, Vec<Problem>);

/// Reloads the company.
pub struct Reloader {
    check: Check,
    engine: Arc<Engine>,
    folder: Option<PathBuf>,
    /// One reload at a time.
    turn: tokio::sync::Mutex<Option<Files>>,
    latest: Mutex<Option<Reload>>,
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
    /// A reloader for a folder; without one (the built-in sample) every reload finds nothing new. `files` are those that run.
    pub fn new(engine: Arc<Engine>, folder: Option<PathBuf>, files: Files, check: Check) -> Self {
        Reloader { check, engine, folder, turn: tokio::sync::Mutex::new(Some(files)), latest: Mutex::new(None) }
    }

    /// The folder.
    pub fn folder(&self) -> Option<&PathBuf> {
        self.folder.as_ref()
    }

    /// The latest reload, if there was one.
    pub fn latest(&self) -> Option<Reload> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the folder again, and swaps when it is in order.
    pub async fn reload(&self, now: Timestamp) -> Reload {
        let mut running = self.turn.lock().await;
        let Some(folder) = self.folder.clone() else {
            return self.note(Reload { at: now, accepted: true, changed: false, problems: Vec::new() });
        };
        let read = tokio::task::spawn_blocking(move || company::read_folder(&folder)).await;
        let files = match read {
            Ok(Ok(files)) => files,
            Ok(Err(error)) => return self.note(unreadable(now, &error.to_string())),
            Err(_) => return self.note(unreadable(now, "it could not be read to the end")),
        };
        if running.as_ref() == Some(&files) {
            return self.note(Reload { at: now, accepted: true, changed: false, problems: Vec::new() });
        }
        let check = self.check;
        let checked = tokio::task::spawn_blocking(move || {
            let (ready, problems) = check(&files);
            (ready, problems, files)
        });
        let Ok((ready, problems, files)) = checked.await else {
            return self.note(unreadable(now, "it could not be checked to the end"));
        };
        let accepted = ready.is_some();
        if let Some(live) = ready {
            self.engine.swap(live);
            *running = Some(files);
            tracing::info!("the company's files were reloaded");
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
        help: "check that it is there and that its files are UTF-8 text; the running version stays".to_owned(),
    };
    Reload { at, accepted: false, changed: false, problems: vec![problem] }
}

//! Notices when the company's folder changes: editors' rename-saves, Kubernetes' swap of its
//! `..data` link, plain writes.

use std::path::{Path, PathBuf};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Watches until it is dropped.
pub struct Watch(#[allow(dead_code, reason = "held so that watching goes on")] RecommendedWatcher);

/// Calls `changed` from a thread of its own whenever something below the folder changes; often
/// several times for one save. The folder is watched, not its files: a saved file is often a new
/// one, and Kubernetes changes only a link.
pub fn watch(folder: &Path, changed: impl Fn() + Send + 'static) -> notify::Result<Watch> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let reads_only = event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_)));
        if !reads_only {
            changed();
        }
    })?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    // What stands behind a link is not below the folder for the watcher.
    for target in linked(folder) {
        watcher.watch(&target, RecursiveMode::Recursive)?;
    }
    Ok(Watch(watcher))
}

fn linked(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
        .filter_map(|entry| std::fs::canonicalize(entry.path()).ok())
        .filter(|target| target.is_dir())
        .collect()
}

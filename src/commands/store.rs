//! `switchboard store`: looks after the database. Looking and copying open it to be read alone, and
//! so work beside the running service and without it; restoring wants it to be stopped.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;
use switchboard::{settings::DEFAULT_STORE, store};

use super::order;

#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Looks through the whole database; prints every damage.
    Check {
        /// sqlite:PATH [default: SWITCHBOARD_STORE, or sqlite:switchboard.db].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
    /// Copies the database into a new file that only its owner may read: whole as it is at that
    /// instant, looked through, also beside the running service.
    Backup {
        /// The new file.
        path: PathBuf,
        /// sqlite:PATH [default: SWITCHBOARD_STORE, or sqlite:switchboard.db].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
    /// Puts a backup in the database's place, once it was looked through. The service must be
    /// stopped; what was there stays beside it as PATH.before-1.
    Restore {
        /// The backup; it stays as it is.
        path: PathBuf,
        /// sqlite:PATH [default: SWITCHBOARD_STORE, or sqlite:switchboard.db].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
}

/// Runs one of them.
pub(crate) fn store(command: StoreCommand) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match command {
        StoreCommand::Check { store } => runtime.block_on(check(&address(store)?)),
        StoreCommand::Backup { path, store } => runtime.block_on(backup(&address(store)?, &path)),
        StoreCommand::Restore { path, store } => runtime.block_on(restore(&address(store)?, &path)),
    }
}

/// Where the database is: as the service would find it.
pub(super) fn address(given: Option<String>) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    let mut values = order::values();
    Ok(values.remove("SWITCHBOARD_STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned()))
}

async fn check(address: &str) -> anyhow::Result<ExitCode> {
    let looked = store::check(address).await?;
    for line in &looked.damage {
        println!("{line}");
    }
    if looked.damage.is_empty() {
        let sessions = looked.sessions.unwrap_or_default();
        println!("No damage: {} bytes, {sessions} sessions.", looked.bytes);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "The database is damaged. Stop the service, keep a copy of the file and its -wal, and put a backup in its place."
    );
    Ok(ExitCode::FAILURE)
}

async fn backup(address: &str, to: &Path) -> anyhow::Result<ExitCode> {
    let bytes = store::backup(address, to).await?;
    println!("{}: {bytes} bytes.", to.display());
    Ok(ExitCode::SUCCESS)
}

async fn restore(address: &str, from: &Path) -> anyhow::Result<ExitCode> {
    let restored = store::restore(address, from).await?;
    println!(
        "{} is in place: {} bytes, {} sessions.",
        from.display(),
        restored.bytes,
        restored.sessions
    );
    if let Some(aside) = restored.aside {
        println!("What was there before is kept as {}.", aside.display());
    }
    Ok(ExitCode::SUCCESS)
}

//! `switchboard admin`: what belongs to the admin API.

use std::{path::Path, process::ExitCode};

use anyhow::anyhow;
use clap::Subcommand;
use secrecy::ExposeSecret as _;
use switchboard::settings::{self, Settings, admin_token};

#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// Prints the token of the admin API: SWITCHBOARD_ADMIN_TOKEN, else the one that the first
    /// start made beside the database. Run it where the bot runs, and as the same user.
    Token {
        /// The store of the bot [default: SWITCHBOARD_STORE].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
}

/// Runs one of them.
pub(crate) fn admin(command: AdminCommand) -> anyhow::Result<ExitCode> {
    match command {
        AdminCommand::Token { store } => token(store),
    }
}

fn token(store: Option<String>) -> anyhow::Result<ExitCode> {
    let mut values = settings::collect(Path::new("."), std::env::vars())?;
    if let Some(store) = store {
        values.insert("SWITCHBOARD_STORE".to_owned(), store);
    }
    let settings = Settings::read(&values)?;
    let token = admin_token::find(settings.admin_token.as_ref(), &settings.store)
        .map_err(|why| anyhow!(why))?;
    println!("{}", token.expose_secret());
    Ok(ExitCode::SUCCESS)
}

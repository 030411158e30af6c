//! `switchboard admin`: what belongs to the admin API.

use std::process::ExitCode;

use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::order::Bot;

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
    let (_, token) = Bot::with_store(store).found()?;
    println!("{}", token.expose_secret());
    Ok(ExitCode::SUCCESS)
}

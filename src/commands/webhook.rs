//! `switchboard webhook`: what belongs to the events for other systems.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use switchboard::calls::secret::Secret;

#[derive(Subcommand)]
pub(crate) enum WebhookCommand {
    /// Prints a new secret with which events are signed: for the environment variable that
    /// company.yaml names, and for the receiver.
    Secret,
}

/// Runs one of them.
pub(crate) fn webhook(command: WebhookCommand) -> anyhow::Result<ExitCode> {
    let WebhookCommand::Secret = command;
    println!("{}", Secret::make().context("the system gives no random bytes")?);
    Ok(ExitCode::SUCCESS)
}

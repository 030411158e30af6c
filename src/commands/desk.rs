//! `switchboard desk`: what belongs to the desks at which agents work.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;

use super::order::{Bot, order};

#[derive(Subcommand)]
pub(crate) enum DeskCommand {
    /// Asks the running bot for a code that makes a channel the desk of a department: good once,
    /// for ten minutes.
    Code {
        /// The department's id, such as it.
        tenant: String,
        #[command(flatten)]
        bot: Bot,
    },
}

/// Runs one of them.
pub(crate) fn desk(command: DeskCommand) -> anyhow::Result<ExitCode> {
    match command {
        DeskCommand::Code { tenant, bot } => code(&tenant, bot),
    }
}

/// Prints the code and what to do with it.
fn code(tenant: &str, bot: Bot) -> anyhow::Result<ExitCode> {
    let answer = order(bot, &["api", "v1", "desks", tenant, "code"], None)?;
    if let Some(detail) = answer.refused() {
        bail!("no code for `{tenant}`: {detail}");
    }
    println!("{}", answer.field("code"));
    println!("In the channel, write: @Switchboard {}", answer.field("command"));
    println!("Good once, until {}.", answer.field("validUntilUtc"));
    Ok(ExitCode::SUCCESS)
}

//! `switchboard desk`: what belongs to the desks at which agents work.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use jiff::ZonedDateTime;

use super::order::{Answer, Bot, order};

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
    println!("Good once, for ten minutes, until {}.", clock(&answer));
    Ok(ExitCode::SUCCESS)
}

/// Until when, as the company's clocks show it.
fn clock(answer: &Answer) -> String {
    let Ok(until) = answer.field("validUntilLocal").parse::<ZonedDateTime>() else {
        return answer.field("validUntilUtc").to_owned();
    };
    let zone = until.time_zone().iana_name().unwrap_or("UTC");
    format!("{} ({zone})", until.strftime("%H:%M"))
}

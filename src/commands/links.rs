//! `switchboard links`: links to files that go between employees and desks.

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::order::{Bot, order};

#[derive(Subcommand)]
pub(crate) enum LinksCommand {
    /// Makes links lead nowhere from now on: all that the running bot has given out, or those to one
    /// file. Links that are given out later work.
    Revoke {
        /// The file, by the id in its link; it is removed. All links without it.
        #[arg(long, value_name = "ID")]
        file: Option<String>,
        #[command(flatten)]
        bot: Bot,
    },
}

/// Runs one of them.
pub(crate) fn links(command: LinksCommand) -> anyhow::Result<ExitCode> {
    let LinksCommand::Revoke { file, bot } = command;
    let which =
        file.as_ref().map_or_else(|| json!({ "all": true }), |file| json!({ "file": file }));
    let answer = order(bot, &["api", "v1", "links", "revoke"], Some(&which))?;
    if let Some(detail) = answer.refused() {
        bail!("nothing was revoked: {detail}");
    }
    match file {
        Some(file) => println!("{file} is removed: its links lead nowhere."),
        None => println!("Every link that was given out before leads nowhere now."),
    }
    Ok(ExitCode::SUCCESS)
}

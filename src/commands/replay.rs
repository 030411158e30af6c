//! `switchboard replay`: a chat of the store, played once more against the files as they are now.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::bail;
use similar::TextDiff;
use switchboard::{app, dialog, store};

use super::{company, diff, store::address};

/// The bot says something else now.
const DIFFERS: u8 = 1;
/// It could not be found out.
const FAILED: u8 = 2;

/// Prints what the bot said then and would say now, as a unified diff.
pub(crate) fn replay(session: &str, dir: Option<&Path>, store: Option<String>) -> ExitCode {
    match played(session, dir, store) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(DIFFERS),
        Err(error) => {
            eprintln!("switchboard: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// True when the bot says the same.
fn played(session: &str, dir: Option<&Path>, store: Option<String>) -> anyhow::Result<bool> {
    let files = app::files(dir)?;
    let (company, cards) = company::ready(&files)?;
    let address = address(store)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(recording) = runtime.block_on(store::recording(&address, session))? else {
        bail!(
            "there is no session {session} in {address}: name one by its id or its reference, such as IT-4821"
        );
    };
    let dialog::Replayed { then, now, remarks } =
        dialog::replay(&Arc::new(company), &Arc::new(cards), &recording);
    remarks.iter().for_each(|remark| eprintln!("switchboard: {remark}"));
    if !then.lines().any(|line| line.starts_with('>')) {
        bail!("nothing of session {session} can be played");
    }
    if then == now {
        println!("The bot says the same: {} lines.", then.lines().count());
        return Ok(true);
    }
    print(&then, &now, session);
    Ok(false)
}

fn print(then: &str, now: &str, session: &str) {
    let unified = TextDiff::from_lines(then, now)
        .unified_diff()
        .context_radius(3)
        .header(&format!("then, {session}"), "now")
        .to_string();
    diff::print(&unified);
}

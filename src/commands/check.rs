//! `switchboard check`: every mistake in a company's files.

use std::{
    io::{self, IsTerminal},
    path::Path,
    process::ExitCode,
};

use switchboard::{app, check, company::report};

/// Prints the mistakes, or that all is in order.
pub(crate) fn check(dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let checked = check::check(&files);
    print!("{}", report::draw(&checked.problems, &files, io::stdout().is_terminal()));
    match checked.ready {
        Some((company, _)) => {
            let tenants = company.directory.tenants.len();
            let dialogs = files.keys().filter(|path| path.ends_with(".dialog")).count();
            println!(
                "{}: {tenants} tenants and {dialogs} dialogs are in order",
                company.directory.company
            );
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(ExitCode::FAILURE),
    }
}

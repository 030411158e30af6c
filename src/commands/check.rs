//! `switchboard check`: every mistake in a company's files.

use std::{
    io::{self, IsTerminal},
    path::Path,
    process::ExitCode,
};

use switchboard::{
    app::{self, environment},
    check,
    company::report,
};

/// Prints the mistakes, or that all is in order.
pub(crate) fn check(dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let check::Checked { ready, mut problems } = check::check(&files);
    // What is set here is judged as at a start.
    let held = environment::environment();
    problems.extend(ready.iter().flat_map(|(company, _)| environment::judge(company, &held)));
    print!("{}", report::draw(&problems, &files, io::stdout().is_terminal()));
    match ready.filter(|_| problems.iter().all(|problem| problem.warning)) {
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

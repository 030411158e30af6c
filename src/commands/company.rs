//! The company that most commands begin with.

use anyhow::bail;
use switchboard::{
    cards::Cards,
    check,
    company::{Company, report},
    source::Files,
};

/// The company of these files and its cards; files with mistakes end the command.
pub(super) fn ready(files: &Files) -> anyhow::Result<(Company, Cards)> {
    let checked = check::check(files);
    match checked.ready {
        Some(ready) => Ok(ready),
        None => bail!(
            "the company's files have mistakes:\n\n{}",
            report::draw(&checked.problems, files, false)
        ),
    }
}

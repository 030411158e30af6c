//! The company's folder, as commands that work on files take it: in either form.

use std::path::{Path, PathBuf};

use clap::Args;

#[derive(Args)]
pub(crate) struct Folder {
    /// The company's folder; without it the built-in sample.
    dir: Option<PathBuf>,
    /// The same, as other commands take it.
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    company: Option<PathBuf>,
}

impl Folder {
    /// The folder that is named; none is the built-in sample.
    pub(crate) fn named(&self) -> Option<&Path> {
        self.dir.as_deref().or(self.company.as_deref())
    }
}

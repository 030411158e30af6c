//! `switchboard faq`: what belongs to the departments' FAQs.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Subcommand;
use switchboard::{
    app,
    company::{labelled, read_folder, report},
    faq::Library,
    measure::{self, Measured},
};

use super::company;

#[derive(Subcommand)]
pub(crate) enum FaqCommand {
    /// Measures the search on labelled queries: how often the right article comes first, and how
    /// often there is an answer where none is right.
    Eval {
        /// The folder whose *.yaml list queries: { tenant, query, locale, article }, with `article:
        /// none` where nothing answers.
        dir: PathBuf,
        /// The company's folder; without it the built-in sample.
        #[arg(long, value_name = "DIR")]
        company: Option<PathBuf>,
        /// Lists every query whose right article did not come first.
        #[arg(long)]
        misses: bool,
    },
}

/// Runs one of them.
pub(crate) fn faq(command: FaqCommand) -> anyhow::Result<ExitCode> {
    match command {
        FaqCommand::Eval { dir, company, misses } => eval(&dir, company.as_deref(), misses),
    }
}

fn eval(dir: &Path, company: Option<&Path>, misses: bool) -> anyhow::Result<ExitCode> {
    let files = app::files(company)?;
    let (company, _) = company::ready(&files)?;
    let queries = read_folder(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let (read, problems) = labelled::labelled(&queries, &company);
    if !problems.is_empty() {
        print!("{}", report::draw(&problems, &queries, io::stdout().is_terminal()));
        return Ok(ExitCode::FAILURE);
    }
    if read.iter().all(|(_, queries)| queries.is_empty()) {
        bail!(
            "there are no queries in {}: add *.yaml with a list of {{ tenant, query, article }}",
            dir.display()
        );
    }
    let library = Library::build(company.faqs());
    let measured: Vec<_> =
        read.into_iter().map(|(name, queries)| (name, Measured::of(&library, &queries))).collect();
    print!("{}", measure::table(&measured));
    if misses {
        println!();
        measured
            .iter()
            .flat_map(|(_, measured)| &measured.misses)
            .for_each(|miss| println!("{miss}"));
    }
    Ok(ExitCode::SUCCESS)
}

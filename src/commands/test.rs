//! `switchboard test`: plays the dialogs of a company.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use switchboard::{app, check, dialog};

use super::company;

/// Plays them all; with `BLESS=1` those that went otherwise are rewritten.
pub(crate) fn test(dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let (company, cards) = company::ready(&files)?;
    let world = dialog::World {
        company: Arc::new(company),
        cards: Arc::new(cards),
        files: files.clone(),
        check: check::ready,
    };
    let bless = std::env::var_os("BLESS").is_some_and(|value| value != "0") && dir.is_some();
    let (mut passed, mut failed) = (0, 0);
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".dialog")) {
        let played = dialog::play(&world, path, text);
        let rewritten = bless && played.actual != *text;
        if rewritten && let Some(dir) = dir {
            std::fs::write(dir.join(path), &played.actual)
                .with_context(|| format!("{path} cannot be written"))?;
        }
        let failures: Vec<_> = if rewritten {
            dialog::play(&world, path, &played.actual).failures
        } else {
            played.failures
        };
        if failures.is_empty() {
            passed += 1;
            println!("ok      {path}{}", if rewritten { " (rewritten)" } else { "" });
        } else {
            failed += 1;
            println!("FAILED  {path}");
            failures
                .iter()
                .for_each(|failure| println!("  {}: {}", failure.place, failure.message));
        }
    }
    if passed + failed == 0 {
        println!("there are no dialogs: add tenants/<id>/dialogs/*.dialog");
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

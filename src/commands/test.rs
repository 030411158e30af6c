//! `switchboard test`: plays the dialogs of a company.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use similar::{DiffTag, TextDiff};
use switchboard::{
    app, check,
    dialog::{self, Played, World},
    source::{Files, did_you_mean},
};

use super::{company, diff};

/// So many lines of a dialog's diff are shown.
const MOST_LINES: usize = 24;
/// So many dialogs are named in the command that rewrites them; more are as many as before.
const MOST_NAMED: usize = 3;

/// Plays them all, or those that are named; with `BLESS=1` those of them that went otherwise are
/// rewritten. Without it what that would change is shown.
pub(crate) fn test(dir: Option<&Path>, only: &[String]) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let dialogs = chosen(&files, dir, only)?;
    let (company, cards) = company::ready(&files)?;
    let world = World {
        company: Arc::new(company),
        cards: Arc::new(cards),
        files: files.clone(),
        check: check::ready,
    };
    let bless = std::env::var_os("BLESS").is_some_and(|value| value != "0");
    let mut failed: Vec<(&str, &str, Played)> = Vec::new();
    for (path, text) in &dialogs {
        let mut played = dialog::play(&world, path, text);
        let is_otherwise = !played.failures.is_empty() && played.actual != *text;
        let folder = dir.filter(|_| bless && is_otherwise);
        if let Some(folder) = folder {
            std::fs::write(folder.join(path), &played.actual)
                .with_context(|| format!("{path} cannot be written"))?;
            played = dialog::play(&world, path, &played.actual);
        }
        let is_rewritten = if folder.is_some() { " (rewritten)" } else { "" };
        if played.failures.is_empty() {
            println!("ok      {path}{is_rewritten}");
            continue;
        }
        println!("FAILED  {path}{is_rewritten}");
        played
            .failures
            .iter()
            .for_each(|failure| println!("  {}: {}", failure.place, failure.message));
        failed.push((path, text, played));
    }
    if dialogs.is_empty() {
        println!("there are no dialogs: add tenants/<id>/dialogs/*.dialog");
    }
    if !bless || dir.is_none() {
        summary(&failed, dir, only);
    }
    println!("{} passed, {} failed", dialogs.len() - failed.len(), failed.len());
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The dialogs that are named, or all of them: path and text.
fn chosen<'a>(
    files: &'a Files,
    dir: Option<&Path>,
    only: &[String],
) -> anyhow::Result<Vec<(&'a str, &'a str)>> {
    let all = || files.iter().filter(|(path, _)| path.ends_with(".dialog"));
    // A path may begin where the company does or, as a shell completes it, where the caller is.
    let within = |name: &str| {
        let path = PathBuf::from(name);
        let path = dir.and_then(|dir| path.strip_prefix(dir).ok()).unwrap_or(&path);
        path.to_string_lossy().trim_start_matches("./").trim_end_matches('/').to_owned()
    };
    let is_named = |path: &str, name: &str| {
        let rest =
            path.strip_prefix(name).or_else(|| path.strip_prefix("tenants/")?.strip_prefix(name));
        let file = path.rsplit('/').next().unwrap_or_default();
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            || file == name
            || file.strip_suffix(".dialog") == Some(name)
    };
    let names: Vec<String> = only.iter().map(|name| within(name)).collect();
    for (name, given) in names.iter().zip(only) {
        if !all().any(|(path, _)| is_named(path, name)) {
            bail!("{}", nothing_called(given, name, all().map(|(path, _)| path.as_str())));
        }
    }
    let is_chosen = |path: &str| names.is_empty() || names.iter().any(|name| is_named(path, name));
    let chosen = all().filter(|(path, _)| is_chosen(path));
    Ok(chosen.map(|(path, text)| (path.as_str(), text.as_str())).collect())
}

/// Nothing is called so; what there is.
fn nothing_called<'a>(given: &str, name: &str, paths: impl Iterator<Item = &'a str>) -> String {
    let (mut tenants, mut known) = (Vec::new(), Vec::new());
    for path in paths {
        let (file, tenant) = (path.rsplit('/').next(), path.split('/').nth(1));
        known.extend(file.and_then(|file| file.strip_suffix(".dialog")));
        known.extend(tenant);
        tenants.extend(tenant);
    }
    tenants.dedup();
    let wanted = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".dialog");
    let guess = did_you_mean(wanted, known.into_iter());
    format!(
        "no department and no dialog is called `{given}`{guess}: name a department with dialogs ({}), or a file in tenants/<id>/dialogs",
        tenants.join(", ")
    )
}

/// What `BLESS=1` would change: a diff a dialog, how much it is, and the command that does it.
fn summary(failed: &[(&str, &str, Played)], dir: Option<&Path>, only: &[String]) {
    let otherwise = failed.iter().filter(|(_, text, played)| played.actual != *text);
    let diffs: Vec<(&str, usize, String)> =
        otherwise.map(|(path, text, played)| drawn(path, text, &played.actual)).collect();
    if diffs.is_empty() {
        return;
    }
    println!("\nWhat is written (-), and what the bot says now (+):");
    for (_, _, unified) in &diffs {
        println!();
        diff::print(unified);
    }
    let lines: usize = diffs.iter().map(|(_, lines, _)| lines).sum();
    let of = format!("{} of {}", count(lines, "line"), count(diffs.len(), "dialog"));
    println!();
    match dir {
        Some(dir) => {
            let only: Vec<&str> = match diffs.len() {
                1..=MOST_NAMED => diffs.iter().map(|(path, _, _)| *path).collect(),
                _ => only.iter().map(String::as_str).collect(),
            };
            let only: String = only.iter().map(|name| format!(" {name}")).collect();
            println!("If that is as it should be, this rewrites {of}:");
            println!("  BLESS=1 switchboard test {}{only}", dir.display());
        }
        None => println!(
            "BLESS=1 would rewrite {of}, but the built-in sample cannot be written: copy deploy/contoso, and name the folder."
        ),
    }
}

/// A dialog's diff, and how many lines change.
fn drawn<'a>(path: &'a str, text: &str, actual: &str) -> (&'a str, usize, String) {
    let diff = TextDiff::from_lines(text, actual);
    let lines = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    let lines = lines.map(|op| op.old_range().len().max(op.new_range().len())).sum();
    let unified = diff.unified_diff().context_radius(1).header(path, "now").to_string();
    let mut short: String = unified.split_inclusive('\n').take(MOST_LINES).collect();
    let left = unified.lines().count().saturating_sub(MOST_LINES);
    if left > 0 {
        short.push_str(&format!("… {} more\n", count(left, "line")));
    }
    (path, lines, short)
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

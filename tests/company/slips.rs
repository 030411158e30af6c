//! The tables of slips: what people write by mistake, and what they are told. A row of
//! `tests/companies/slips/README.md` is a folder beside it, laid over the company `base`, which is
//! in order. `BLESS=1` rewrites what is told (`told.txt`), never the table. Settings have a table of
//! their own beside it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use switchboard::{
    check::{self, check},
    company::{self, report},
    dialog::{self, World},
    settings::{self, Settings},
    source::Problem,
};

use super::folder;

const SLIPS: &str = "tests/companies/slips";

/// One row of a table: its cells, and the line in which it stands.
struct Row {
    line: usize,
    cells: Vec<String>,
}

/// The rows of the table whose first column has this heading.
fn rows(page: &str, heading: &str, columns: usize) -> Vec<Row> {
    let text = fs::read_to_string(folder(page)).unwrap();
    let rows: Vec<Row> = (1..)
        .zip(text.lines())
        .skip_while(|(_, line)| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|(_, line)| line.starts_with('|'))
        .map(|(line, row)| {
            // A bar in a cell is written `\|`.
            let row = row.replace("\\|", "\u{0}");
            let row = row.trim();
            let cells = row.trim_start_matches('|').trim_end_matches('|').split('|');
            let cells = cells.map(|cell| cell.replace('\u{0}', "|").trim().to_owned()).collect();
            Row { line, cells }
        })
        .collect();
    for row in &rows {
        assert_eq!(row.cells.len(), columns, "{page}:{}: a cell too many or too few", row.line);
        assert!(row.cells.iter().all(|cell| !cell.is_empty()), "{page}:{}: empty", row.line);
    }
    rows
}

/// A cell's words without the backticks around them.
fn bare(cell: &str) -> &str {
    cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).unwrap_or(cell)
}

/// Copies a folder over another one, but for what belongs to the table.
fn lay_over(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            fs::create_dir_all(to.join(name)).unwrap();
            lay_over(&path, &to.join(name));
        } else if name != "told.txt" && name != "without" {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// What is found in the company `base` with the files of a kind laid over it, and how it is printed.
fn found(kind: Option<&Path>) -> (Vec<Problem>, String) {
    let dir = tempfile::tempdir().unwrap();
    lay_over(&folder(SLIPS).join("base"), dir.path());
    if let Some(kind) = kind {
        let without = fs::read_to_string(kind.join("without")).unwrap_or_default();
        for path in without.lines() {
            let path = dir.path().join(path);
            let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            gone.unwrap();
        }
        lay_over(kind, dir.path());
    }
    let files = company::read_folder(dir.path()).unwrap();
    let problems = check(&files).problems;
    let drawn = report::draw(&problems, &files, false);
    (problems, drawn)
}

/// What is wrong with a row, when something is.
fn wrong(row: &Row, kind: &Path, bless: bool) -> Option<String> {
    let [_, _, told, place, remedy] = row.cells.as_slice() else { return Some("cells".to_owned()) };
    let (problems, drawn) = found(Some(kind));
    let warning = match told.as_str() {
        "mistake" => false,
        "warning" => true,
        _ => return Some(format!("`{told}` is neither mistake nor warning")),
    };
    let place = bare(place);
    let is_it = |problem: &&Problem| {
        problem.warning == warning
            && format!("{}:{}", problem.place.file, problem.place.line) == place
            && problem.help.contains(remedy.as_str())
    };
    let is_follow_on = |problem: &&Problem| !is_it(problem);
    if !problems.iter().any(|problem| is_it(&problem)) {
        return Some(format!("no {told} at {place} with the remedy `{remedy}`, but:\n{drawn}"));
    }
    if let Some(also) = problems.iter().find(is_follow_on) {
        return Some(format!("{}: {} is told as well", also.place, also.message));
    }
    let path = kind.join("told.txt");
    if bless {
        fs::write(path, drawn).unwrap();
    } else if fs::read_to_string(path).ok().as_ref() != Some(&drawn) {
        return Some(format!("told.txt differs (BLESS=1 rewrites it):\n{drawn}"));
    }
    None
}

#[test]
fn the_base_of_the_slips_is_in_order() {
    assert_eq!(found(None).1, "");
}

#[test]
fn every_slip_is_told_where_it_is_with_what_to_do() {
    let rows = rows(&format!("{SLIPS}/README.md"), "kind", 5);
    let folders: BTreeSet<String> = fs::read_dir(folder(SLIPS))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.ends_with("base"))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let named: BTreeSet<String> = rows.iter().map(|row| bare(&row.cells[0]).to_owned()).collect();
    assert_eq!(named, folders, "left: the table's rows; right: the folders");
    assert_eq!(named.len(), rows.len(), "a kind has two rows");
    let bless = std::env::var_os("BLESS").is_some();
    let tried = |row: &Row| {
        let kind: PathBuf = folder(SLIPS).join(bare(&row.cells[0]));
        Some(format!("line {}, {}: {}", row.line, row.cells[0], wrong(row, &kind, bless)?))
    };
    // Each takes a fifth of a second.
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(rows.len().div_ceil(4))
            .map(|part| scope.spawn(move || part.iter().filter_map(tried).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "of {} slips are wrong:\n{}", rows.len(), wrong.join("\n\n"));
}

/// The checker knows what a dialog's player refuses without playing it; here it is played.
#[test]
fn what_is_told_of_dialogs_is_refused_when_they_are_played() {
    let base = company::read_folder(&folder(SLIPS).join("base")).unwrap();
    let (company, cards) = check(&base).ready.unwrap();
    let world =
        World { company: company.into(), cards: cards.into(), files: base, check: check::ready };
    let path = "tenants/desk/dialogs/hello.dialog";
    let mut played = 0;
    for row in rows(&format!("{SLIPS}/README.md"), "kind", 5) {
        let kind = folder(SLIPS).join(bare(&row.cells[0]));
        let Ok(text) = fs::read_to_string(kind.join(path)) else { continue };
        let failures = dialog::play(&world, path, &text).failures;
        let (_, line) = bare(&row.cells[3]).rsplit_once(':').unwrap();
        let line: usize = line.parse().unwrap();
        assert!(
            failures.iter().any(|failure| failure.place.line == line),
            "{}: played, line {line} is taken: {failures:?}",
            row.cells[0]
        );
        played += 1;
    }
    assert!(played > 15, "{played}");
}

/// What is told when one setting, or one line of a file, is as written: by the reader of settings,
/// else by the service that does not start.
fn told_of(name: &str, value: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut environment = Vec::new();
    if name.contains('.') {
        fs::write(dir.path().join(name), format!("{value}\n")).unwrap();
    } else {
        environment.push((name.to_owned(), value.to_owned()));
    }
    let values = match settings::collect(dir.path(), environment.clone().into_iter()) {
        Ok(values) => values,
        Err(mistakes) => return mistakes.to_string(),
    };
    if let Err(mistakes) = Settings::read(&values) {
        return mistakes.to_string();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("run").env_clear().current_dir(dir.path()).envs(environment);
    if name != "SWITCHBOARD_STORE" {
        command.env("SWITCHBOARD_STORE", "memory:");
    }
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            assert!(!output.status.success(), "{name}={value} is taken");
            return String::from_utf8_lossy(&output.stderr).into_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("{name}={value} is taken: the service runs");
}

#[test]
fn every_slip_in_settings_is_told_with_what_to_do() {
    let rows = rows(&format!("{SLIPS}/settings.md"), "variable or file line", 4);
    assert!(rows.len() >= 40, "{}", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let [name, value, told, remedy] = row.cells.as_slice() else { return None };
            let said = told_of(bare(name), bare(value));
            let is_told = said.contains(bare(told)) && said.contains(remedy.as_str());
            (!is_told).then(|| format!("line {}: {name} {value}: {said}", row.line))
        })
        .collect();
    assert!(wrong.is_empty(), "told otherwise:\n{}", wrong.join("\n"));
}

//! The tables of slips: what people write by mistake, and what they are told. A row of
//! `tests/companies/slips/README.md` is a folder beside it, laid over the company `base`, which is
//! in order. `BLESS=1` rewrites what is told (`told.txt`), never the table.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use switchboard::{check::check, company, company::report, source::Problem};

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
            let cells = row.trim().trim_matches('|').split('|');
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
            fs::remove_file(dir.path().join(path)).unwrap();
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
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let kind: PathBuf = folder(SLIPS).join(bare(&row.cells[0]));
            Some(format!("line {}, {}: {}", row.line, row.cells[0], wrong(row, &kind, bless)?))
        })
        .collect();
    assert!(wrong.is_empty(), "of {} slips are wrong:\n{}", rows.len(), wrong.join("\n\n"));
}

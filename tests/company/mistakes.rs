//! Every message of the checker, as `switchboard check` prints it: `tests/recorded/mistakes/*.txt`
//! hold companies with mistakes and what is told of them, byte for byte. `BLESS=1` rewrites what is
//! told.
//!
//! A recording is a list of cases:
//!
//! ```text
//! #### what is wrong
//! ==> tenants/desk/tenant.yaml
//! the file's lines; <<300*x>> stands for x 300 times
//! <==
//! what is told
//! ```
//!
//! A company.yaml and a department `desk` that are in order stand in where a case writes none;
//! `==> without company.yaml` takes one away. Labelled queries stand in `queries/`, and are told of
//! as `switchboard faq eval` does.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use switchboard::{
    check::check,
    company::{self, labelled::labelled, report},
    settings,
    source::Files,
};

use super::folder;

/// What stands in where a case writes none.
const IN_ORDER: [(&str, &str); 2] = [
    ("company.yaml", "company: Contoso\nprimary_tenant: desk\n"),
    ("tenants/desk/tenant.yaml", "name: Desk\npipelines: { main: [{ id: done, end: {} }] }\n"),
];

/// One company with mistakes.
struct Case {
    title: String,
    /// As written, up to what is told.
    written: String,
    files: Files,
    queries: Files,
    told: String,
}

fn cases(recording: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut path: Option<String> = None;
    let mut telling = false;
    for line in recording.split_inclusive('\n') {
        if let Some(title) = line.strip_prefix("#### ") {
            (path, telling) = (None, false);
            let files = IN_ORDER.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
            cases.push(Case {
                title: title.trim_end().to_owned(),
                written: String::new(),
                files: files.collect(),
                queries: Files::new(),
                told: String::new(),
            });
        }
        let case = cases.last_mut().expect("a recording begins with `#### `");
        if telling {
            case.told.push_str(line);
            continue;
        }
        case.written.push_str(line);
        let files = |case: &mut Case, path: &str, text: Option<String>| {
            let (files, path) = match path.strip_prefix("queries/") {
                Some(path) => (&mut case.queries, path),
                None => (&mut case.files, path),
            };
            match text {
                Some(text) => files.entry(path.to_owned()).or_default().push_str(&text),
                None => {
                    files.remove(path);
                }
            }
        };
        if line.trim_end() == "<==" {
            telling = true;
        } else if let Some(named) = line.strip_prefix("==> ").map(str::trim_end) {
            let without = named.strip_prefix("without ");
            files(case, without.unwrap_or(named), None);
            path = without.is_none().then(|| named.to_owned());
            path.iter().for_each(|path| files(case, path, Some(String::new())));
        } else if let Some(path) = &path {
            files(case, path, Some(spelt_out(line)));
        }
    }
    cases
}

/// A line with `<<300*x>>` as 300 times x.
fn spelt_out(line: &str) -> String {
    let Some((before, rest)) = line.split_once("<<") else { return line.to_owned() };
    let (short, after) = rest.split_once(">>").expect("`<<` ends with `>>`");
    let (times, what) = short.split_once('*').expect("`<<` holds `times*what`");
    format!("{before}{}{}", what.repeat(times.parse().unwrap()), spelt_out(after))
}

/// What the checker prints, at least one finding.
fn told(case: &Case) -> String {
    let checked = check(&case.files);
    let mut told = report::draw(&checked.problems, &case.files, false);
    let mut found = checked.problems.len();
    if !case.queries.is_empty() {
        let (company, _) = company::load(&case.files, settings::is_secret);
        let (_, problems) = labelled(&case.queries, &company.unwrap());
        told.push_str(&report::draw(&problems, &case.queries, false));
        found += problems.len();
    }
    assert!(found > 0, "{}: nothing is told", case.title);
    told
}

/// From where on two texts differ, some lines of each.
fn parted(recorded: &str, told: &str) -> String {
    let same = recorded.lines().zip(told.lines()).take_while(|(was, is)| was == is).count();
    let from = |text: &str| {
        let lines: Vec<&str> = text.lines().skip(same.saturating_sub(6)).take(12).collect();
        lines.join("\n")
    };
    format!("recorded:\n{}\ntold:\n{}\n", from(recorded), from(told))
}

fn recordings() -> Vec<(PathBuf, String)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder("tests/recorded/mistakes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

#[test]
fn every_mistake_is_told_as_recorded() {
    let recordings = recordings();
    assert!(recordings.len() > 8, "the recordings are gone");
    let bless = std::env::var_os("BLESS").is_some();
    let mut differ = Vec::new();
    for (path, recorded) in recordings {
        let cases = cases(&recorded);
        assert!(!cases.is_empty(), "{} holds nothing", path.display());
        let mut blessed = String::new();
        for case in cases {
            let told = told(&case);
            if told != case.told {
                let file = path.file_name().unwrap_or_default().display();
                differ.push(format!("{file}: {}\n{}", case.title, parted(&case.told, &told)));
            }
            let written = case.written.trim_end_matches("<==\n");
            blessed.push_str(&format!("{written}<==\n{told}"));
        }
        if bless {
            std::fs::write(path, blessed).unwrap();
        }
    }
    assert!(
        bless || differ.is_empty(),
        "not as recorded (BLESS=1 rewrites):\n{}",
        differ.join("\n")
    );
}

#[test]
fn the_command_prints_what_is_recorded() {
    let (_, recorded) = recordings().swap_remove(0);
    let case = cases(&recorded).swap_remove(0);
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in &case.files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    let output = command.arg("check").arg(dir.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), case.told);
    assert_eq!(output.status.code(), Some(1));
}

//! The page on what was tried and held names tests that exist.

use std::{fs, path::Path};

use regex::Regex;

use super::{prose, read, root};

/// Every test, by the name under which nextest finds it: the modules of its file, and its own.
fn tests(dir: &Path, modules: &str, fns: &Regex, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let own = match &*stem {
            "mod" | "lib" | "main" => modules.to_owned(),
            _ => format!("{modules}{stem}::"),
        };
        if path.is_dir() {
            tests(&path, &own, fns, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("a source can be read");
            // Tests that stand in the file itself are in a module of their own; some are made in a
            // macro, which takes their names alone.
            let names = fns.captures_iter(&text).map(|name| name[1].to_owned());
            found.extend(
                names.flat_map(|name| [format!("{own}{name}"), format!("{own}tests::{name}")]),
            );
        }
    }
}

#[test]
fn what_was_tried_is_tried_by_tests_that_exist() {
    let mut known = Vec::new();
    let fns = Regex::new(r"\bfn (\w+)\(").expect("a pattern");
    tests(&root().join("src"), "", &fns, &mut known);
    tests(&root().join("tests"), "", &fns, &mut known);
    let page = prose(&read("tests/README.md"));
    let command = Regex::new(r"`cargo nextest run (?:--lib|--test \w+) ([\w: ]+)`").expect("one");
    let named: Vec<&str> = command
        .captures_iter(&page)
        .flat_map(|found| found.get(1).expect("a group").as_str().split(' '))
        .collect();
    assert!(named.len() > 40, "only {} tests are named: is the page read?", named.len());
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.ends_with(" shown by |"));
    for row in rows {
        assert!(command.is_match(row), "no command shows this: {row}");
    }
    let missing: Vec<&&str> = named
        .iter()
        .filter(|name| !known.iter().any(|test| test.contains(name.trim_end_matches(':'))))
        .collect();
    assert!(missing.is_empty(), "tests/README.md names tests that do not exist: {missing:?}");
}

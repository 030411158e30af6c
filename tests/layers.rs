//! The one rule of the house: a module uses only modules of a lower floor, and the lowest floors
//! are pure. See src/README.md. What other pages promise is in `readmes`.

mod house;
mod readmes;

use std::{fs, path::Path};

/// Module → floor, as in src/README.md.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("source", 0),
    ("pipeline", 1),
    ("settings", 2),
    ("company", 2),
    ("calls", 2),
    ("cards", 2),
    ("faq", 2),
    ("package", 2),
    ("store", 2),
    ("teams", 2),
    ("check", 3),
    ("dialog", 3),
    ("engine", 3),
    ("measure", 3),
    ("http", 4),
    ("app", 5),
    ("commands", 5),
    ("main", 5),
    ("lib", 5),
];

/// What floors 0 and 1 never name: runtimes, clocks, chance, files, logs.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "actix_web",
    "sqlx",
    "tracing::",
    "std::fs",
    "std::net",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "ZonedDateTime::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "async fn",
    ".await",
];

/// The customer's ten packages, and what the product does with each: code that stands in one file
/// of `src`, wherever that is.
const USES: &[(&str, &[&str])] = &[
    ("tokio", &["tokio::runtime::", ".block_on("]),
    ("actix-web", &["use actix_web::", "HttpServer::new("]),
    ("reqwest", &["reqwest::Client", "Client::builder()"]),
    ("serde", &["use serde::{Deserialize, Serialize}", "Serialize, Deserialize)]"]),
    ("serde_json", &["serde_json::from_slice"]),
    ("jsonwebtoken", &["jsonwebtoken::crypto::verify("]),
    ("handlebars", &["use handlebars::", "Handlebars::new()"]),
    ("dashmap", &["use dashmap::", "DashMap::new()"]),
    ("uuid", &["use uuid::", "Uuid::now_v7()"]),
    ("tracing", &["tracing::warn!("]),
];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn files(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Every module named after `crate::` in a text, also inside `use crate::{a, b::c}`.
fn named(text: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => modules
                .push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()),
            Some(group) => {
                let (mut depth, mut word, mut fresh) = (1, String::new(), true);
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 1 && fresh && (c.is_alphanumeric() || c == '_') {
                        word.push(c);
                    } else if !word.is_empty() {
                        modules.push(std::mem::take(&mut word));
                        fresh = false;
                    }
                    if depth == 1 && c == ',' {
                        fresh = true;
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    modules
}

/// A file's code without comments, up to its tests.
fn product(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
    code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_module_uses_lower_floors_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    files(&root, &mut found);
    assert!(found.len() > 30, "the walk found {} files only", found.len());
    for file in found {
        let relative = file.rsplit_once("/src/").map_or(file.as_str(), |(_, relative)| relative);
        let own = relative.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let Some(mine) = floor(own) else {
            wrong.push(format!(
                "{relative}: `{own}` has no floor: give it one here and in src/README.md"
            ));
            continue;
        };
        let text = fs::read_to_string(&file).expect("a source file can be read");
        // Tests inside a file may look up; the product's code may not.
        let code = product(&text);
        if mine < 5 {
            for module in named(&code) {
                if module != own && floor(&module).is_none_or(|other| other >= mine) {
                    wrong.push(format!(
                        "{relative} (floor {mine}) uses `crate::{module}`: hand in what it needs from above, or move what both need to a lower floor"
                    ));
                }
            }
        }
        if mine < 2 {
            for name in IMPURE.iter().filter(|name| code.contains(**name)) {
                wrong.push(format!(
                    "{relative} (floor {mine}) names `{name}`: floors 0 and 1 are pure; take the value as an argument, or make it an effect"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_of_the_customers_packages_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml can be read");
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    files(&root.join("src"), &mut found);
    let is_test = |file: &&String| file.ends_with("/tests.rs") || file.contains("/tests/");
    let src = root.join("src").to_string_lossy().replace('\\', "/");
    let code: Vec<String> = found
        .iter()
        .filter(|file| !is_test(&&file.replacen(&src, "", 1)))
        .map(|file| product(&fs::read_to_string(file).expect("a source file can be read")))
        .collect();
    for (package, uses) in USES {
        if !depends_on(&cargo, package) {
            wrong.push(format!("Cargo.toml does not list `{package}` under [dependencies]"));
        }
        if !code.iter().any(|code| uses.iter().all(|part| code.contains(part))) {
            let uses = uses.join("` and `");
            wrong.push(format!(
                "`{package}`: no file in src has `{uses}`; the customer asked for it, so name here what is done with it now"
            ));
        }
    }
    assert_eq!(USES.len(), 10);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// True when a package is among those that the product itself needs.
fn depends_on(cargo: &str, package: &str) -> bool {
    let section = cargo.split("\n[").find_map(|section| section.strip_prefix("dependencies]"));
    section.unwrap_or_default().lines().any(|line| {
        line.strip_prefix(package).is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

#[test]
fn the_packages_are_looked_for_where_they_count() {
    let cargo = "[package]\nserde = 1\n[dependencies]\ntokio-util = \"1\"\nuuid = \"1\"\n[dev-dependencies]\ncsv = \"1\"\n";
    let listed = ["serde", "tokio", "uuid", "csv"].map(|package| depends_on(cargo, package));
    assert_eq!(listed, [false, false, true, false]);
    let code = product("a();\n// b();\n/// c();\n#[cfg(test)]\nmod tests { d(); }\n");
    assert_eq!(code, "a();");
}

#[test]
fn the_rule_sees_through_groups() {
    assert_eq!(named("use crate::{model::{A, B}, store, teams::x};"), ["model", "store", "teams"]);
    assert_eq!(named("crate::engine::Engine"), ["engine"]);
}

/// A file without its `mod` line is not compiled, and nobody would say so.
#[test]
fn every_stage_has_its_line_and_its_row() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pipeline/stages");
    let table = fs::read_to_string(rooms.join("mod.rs")).expect("the table can be read");
    // What several kinds of stages use, and the kind that no file can name.
    let shared = ["mod", "keys", "library", "opening"];
    let mut found = 0;
    for entry in fs::read_dir(rooms).expect("the stages can be read") {
        let path = entry.expect("the stages can be read").path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() || shared.contains(&name) {
            continue;
        }
        found += 1;
        for line in [format!("pub mod {name};"), format!("\"{name}\" => ")] {
            assert!(table.contains(&line), "src/pipeline/stages/mod.rs has no `{line}`");
        }
    }
    assert!(found > 10, "{found} kinds of stages only");
}

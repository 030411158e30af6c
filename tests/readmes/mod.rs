//! What the pages for readers promise: the first one is short, links lead somewhere, and the tables
//! name what the code knows, all of it and nothing else.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use switchboard::{
    company::keys,
    http::problem::Code,
    pipeline::{scope, stages},
    settings,
};

mod both_halves;
mod findings;
mod tried;

/// The most lines of README.md: what a newcomer reads in one go.
const MOST_LINES: usize = 150;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every page that belongs to the project.
fn pages(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules", "out"].contains(&&*name) {
                pages(&path, found);
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// A page without its examples: what stands between fences is no link and no heading.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// A page's headings, as GitHub names them in addresses.
fn anchors(text: &str) -> BTreeSet<String> {
    let slug = |heading: &str| -> String {
        let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
        heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
    };
    let is_heading = |line: &&str| line.starts_with('#');
    prose(text).lines().filter(is_heading).map(|line| slug(line.trim_start_matches('#'))).collect()
}

/// The first cells of a page's table whose first column has this heading.
fn first_cells(page: &str, heading: &str) -> Vec<String> {
    let text = read(page);
    let cells: Vec<String> = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| {
            // A bar in a cell is written `\|`.
            let line = line.replace("\\|", "\u{0}");
            line.split('|').nth(1).map(|cell| cell.replace('\u{0}', "|"))
        })
        .collect();
    assert!(!cells.is_empty(), "{page} has no table whose first column is `{heading}`");
    cells
}

/// What stands between backticks in these cells.
fn names(cells: &[String]) -> Vec<String> {
    let code = Regex::new("`([^`]+)`").expect("the pattern is right");
    cells
        .iter()
        .flat_map(|cell| code.captures_iter(cell))
        .map(|found| found[1].to_owned())
        .collect()
}

/// Compares what a table names with what the code knows.
fn assert_names(page: &str, of: &str, named: Vec<String>, known: BTreeSet<String>) {
    let told: BTreeSet<String> = named.iter().cloned().collect();
    let missing: Vec<_> = known.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "the table of {of} in {page} lacks {missing:?} and has {unknown:?} too much"
    );
    assert_eq!(named.len(), told.len(), "the table of {of} in {page} names something twice");
}

fn known(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The routes as the URL table in `src` has them, `METHOD /path`. The function is looked for, so
/// that its file may move.
fn routes() -> BTreeSet<String> {
    let mut files = Vec::new();
    super::files(&root().join("src"), &mut files);
    let signature = "fn routes(config: &mut web::ServiceConfig)";
    let text = files
        .iter()
        .map(read)
        .find(|text| text.contains(signature))
        .unwrap_or_else(|| panic!("no file in src has `{signature}`"));
    let body = text.split(signature).nth(1).unwrap_or_default();
    let body = body.split("\n}").next().unwrap_or_default();
    let entry = Regex::new(
        r#"\b(scope|reading|writing|resource)\(\s*"([^"]*)"|web::(get|post|put|patch|delete)\(\)|[()]"#,
    )
    .expect("the pattern is right");
    let wildcard = Regex::new(r"\{(\w+):[^}]*\}").expect("the pattern is right");
    let (mut depth, mut scopes, mut last) = (0, Vec::<(usize, String)>::new(), String::new());
    let mut found = BTreeSet::new();
    for part in entry.captures_iter(body) {
        if &part[0] == ")" {
            depth -= 1;
            scopes.retain(|(at, _)| *at <= depth);
        } else if &part[0] == "(" {
            depth += 1;
        } else if let Some(method) = part.get(3) {
            found.insert(format!("{} {last}", method.as_str().to_uppercase()));
        } else {
            // The parenthesis that a scope stands in is open as long as the scope is.
            let within: String = scopes.iter().map(|(_, prefix)| prefix.as_str()).collect();
            let path = wildcard.replace_all(&part[2], "{$1}").into_owned();
            match &part[1] {
                "scope" => scopes.push((depth, path)),
                "reading" => drop(found.insert(format!("GET {within}{path}"))),
                "writing" => drop(found.insert(format!("POST {within}{path}"))),
                _ => last = format!("{within}{path}"),
            }
            depth += 1;
        }
    }
    found
}

#[test]
fn a_newcomer_reads_the_first_page_in_one_go() {
    let lines = read("README.md").lines().count();
    assert!(
        lines <= MOST_LINES,
        "README.md has {lines} lines, {MOST_LINES} at most: move what IT needs to deploy/README.md, \
         what managers need to deploy/contoso/README.md, numbers beside what they measure"
    );
}

#[test]
fn every_link_leads_somewhere() {
    let (mut found, mut wrong, mut count) = (Vec::new(), Vec::new(), 0);
    pages(root(), &mut found);
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    for page in &found {
        let text = read(page);
        for target in link.captures_iter(&prose(&text)).map(|found| found[1].to_owned()) {
            if target.contains(':') {
                continue;
            }
            count += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let is_there = file.exists()
                && (anchor.is_empty()
                    || fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor)));
            if !is_there {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(found.len() >= 8 && count > 30, "{count} links in {found:?} only");
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn managers_read_of_every_kind_of_stage() {
    let page = "deploy/contoso/README.md";
    let cells = first_cells(page, "kind");
    assert_names(page, "stages", names(&cells), known(stages::NAMES));
    let text = read(page);
    for kind in stages::NAMES {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{kind}` |"))).unwrap();
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        for exit in stages::exits(kind) {
            assert!(last.contains(&format!("`{exit}`")), "{page} does not name `{exit}` of {kind}");
        }
    }
}

#[test]
fn managers_read_of_every_key() {
    let page = "deploy/contoso/KEYS.md";
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(root().join(page), keys::page()).unwrap();
    }
    assert!(
        read(page) == keys::page(),
        "{page} is not as src/company/keys/ says: BLESS=1 rewrites it"
    );
}

#[test]
fn what_it_copies_from_the_page_is_what_is_tested() {
    let page = read("deploy/INSTALL.md");
    let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
    for file in ["deploy/Caddyfile", "deploy/nginx.conf"] {
        let text = read(file);
        let lines = text.lines().skip_while(|line| line.starts_with('#')).collect::<Vec<_>>();
        let lines = lines.join("\n");
        let is_there = blocks.iter().any(|block| block.trim_end().ends_with(&lines));
        assert!(is_there, "deploy/INSTALL.md has another {file}: {lines}");
        for published in ["/api/messages", "/files/", "/privacy", "/terms"] {
            assert!(text.contains(published), "{file} does not lead {published} on");
        }
        for kept in ["/api/v1", "healthz", "readyz"] {
            assert!(!text.contains(kept), "{file} leads {kept} on");
        }
    }
}

#[test]
fn it_reads_of_every_setting() {
    let page = "deploy/README.md";
    assert_names(page, "settings", names(&first_cells(page, "name")), known(settings::NAMES));
}

#[test]
fn it_reads_of_every_route() {
    let page = "deploy/README.md";
    // `{tenant, reason}` behind a route is its body; `?…` is no part of an address.
    let told = names(&first_cells(page, "route"))
        .into_iter()
        .filter(|name| !name.starts_with('{'))
        .map(|name| name.split('?').next().unwrap_or_default().to_owned())
        .collect();
    let known = routes();
    assert!(known.len() > 15 && known.contains("POST /api/messages"), "{known:?}");
    assert_names(page, "routes", told, known);
}

#[test]
fn it_reads_of_every_code_of_an_error() {
    let page = "deploy/README.md";
    let codes = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    assert_names(page, "codes", names(&first_cells(page, "code")), codes);
    let text = read(page);
    let table = &text[text.find("| code |").unwrap_or_default()..];
    for code in Code::ALL {
        let quoted = format!("`{}`", code.name());
        let row = table.lines().find(|line| line.contains(&quoted));
        let status = row.and_then(|row| row.split('|').nth(2)).unwrap_or_default().trim();
        assert_eq!(status, code.status().to_string(), "{page} on {quoted}");
    }
}

#[test]
fn whoever_writes_cards_reads_of_every_variable() {
    let page = "cards/README.md";
    assert_names(page, "variables", names(&first_cells(page, "variable")), known(scope::NAMES));
}

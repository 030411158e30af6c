//! Files that look as if they belonged to the company, and that nobody reads: each is named, with
//! what to do. What tools leave beside a file is fine, and so is what plainly is something else.

use std::collections::BTreeSet;

use crate::source::{Files, Place, Problems, did_you_mean, is_id};

/// How names end that editors and tools give to what they leave behind.
const LEFT: [&str; 11] =
    ["~", ".bak", ".old", ".orig", ".rej", ".tmp", ".swp", ".swo", ".part", ".crdownload", ".lock"];
/// The names that files of a company have.
const KNOWN: [&str; 3] = ["company.yaml", "tenant.yaml", "faq.yaml"];

/// True for what should be told of although it is not read: kept in [`Files`] by its name, with
/// nothing in it. A folder's name ends in `/`.
pub(super) fn is_noticed(path: &str) -> bool {
    if path.ends_with('/') {
        return ["tenants/", "cards/"].iter().any(|top| path.starts_with(top));
    }
    !is_left(path) && !is_read(path) && told(path, false).is_some()
}

/// Warns of every file that nobody reads or that says nothing, and of every folder that is no
/// department.
pub(super) fn check(files: &Files, problems: &Problems) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    // A company inside the folder is told of once.
    let inner = |path: &str| path.strip_suffix("/company.yaml").map(|at| format!("{at}/"));
    let inners: Vec<String> = files.keys().filter_map(|path| inner(path)).collect();
    for (path, text) in files {
        if path.ends_with(".dialog") && is_silent(text) {
            problems.warning(
                &Place::start_of(path),
                "nothing is played in this dialog",
                "write what the employee does, as in `> hello`, or take it away",
            );
        }
        let nested = inners.iter().find(|inner| path.starts_with(inner.as_str()));
        let is_its_head = nested.is_some_and(|at| path.strip_prefix(at) == Some("company.yaml"));
        if is_left(path) || is_read(path) || (nested.is_some() && !is_its_head) {
            continue;
        }
        let is_there = files.contains_key(&as_meant(path));
        let Some((message, help)) = told(path, is_there) else { continue };
        named.extend(department(path));
        problems.warning(&Place::start_of(path.trim_end_matches('/')), message, help);
    }
    let departments: BTreeSet<&str> = files.keys().filter_map(|path| department(path)).collect();
    for id in departments {
        let holds =
            |name: &str| files.keys().any(|path| path.starts_with(&format!("tenants/{id}/{name}")));
        // Of a FAQ that belongs to nobody it is said where it stands.
        if named.contains(id) || holds("tenant.yaml") || holds("faq.yaml") || holds("faq/") {
            continue;
        }
        problems.warning(
            &Place::start_of(&format!("tenants/{id}/tenant.yaml")),
            format!("`tenants/{id}` is no department: there is no tenant.yaml in it"),
            "write it, or take the folder away",
        );
    }
}

/// Message and remedy for a file that nobody reads; none for what is none of ours. `is_there` is
/// true when the file that it was meant to be is there too.
fn told(path: &str, is_there: bool) -> Option<(String, String)> {
    let meant = as_meant(path);
    if meant != path && is_read(&meant) {
        Some(renamed(path, &meant, is_there))
    } else {
        remedy(path)
    }
}

fn is_left(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| part.starts_with('.'))
        || name.starts_with('#')
        || LEFT.iter().any(|end| name.ends_with(end))
}

/// True for a dialog of blank lines and remarks.
fn is_silent(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// The folder directly under `tenants/` in which a file stands.
fn department(path: &str) -> Option<&str> {
    path.strip_prefix("tenants/")?.split_once('/').map(|(id, _)| id)
}

/// True for what somebody reads, or whose reader says what is wrong with it.
fn is_read(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["company.yaml"] | ["tenants", _, "tenant.yaml" | "faq.yaml"] => true,
        ["tenants", _, "faq", name] if name.ends_with(".yaml") => true,
        ["cards", .., name] | ["tenants", _, "cards", .., name] => {
            [".hbs", ".json"].iter().any(|end| name.ends_with(end))
        }
        [.., name] => [".dialog", ".png"].iter().any(|end| name.ends_with(end)),
        [] => false,
    }
}

/// The path without the slips that are common: capitals, ends that systems add, plurals.
fn as_meant(path: &str) -> String {
    let path = path.to_lowercase();
    let (folders, name) =
        path.rsplit_once('/').map_or((None, &*path), |(at, name)| (Some(at), name));
    let name = name_as_meant(name.trim());
    let Some(folders) = folders else { return name };
    let mut parts: Vec<&str> = folders.split('/').collect();
    for (at, part) in parts.iter_mut().enumerate() {
        *part = match (at, *part) {
            (0, "tenant") => "tenants",
            (0 | 2, "card") => "cards",
            (2, "faqs") => "faq",
            (_, part) => part,
        };
    }
    format!("{}/{name}", parts.join("/"))
}

fn name_as_meant<'a>(name: &'a str) -> String {
    let (stem, end) = name.split_once('.').unwrap_or((name, ""));
    let known = match stem {
        "tenant" | "tenants" => Some("tenant.yaml"),
        "faq" | "faqs" => Some("faq.yaml"),
        "company" => Some("company.yaml"),
        _ => None,
    };
    if let Some(known) = known.filter(|_| matches!(end, "" | "txt" | "json" | "toml")) {
        return known.to_owned();
    }
    let ends = [".yaml", ".yml", ".hbs", ".json", ".dialog"];
    let added = [".txt", ".text", ".md", ".html", ".rtf", ".yaml", ".yml"];
    let bare = |name: &&'a str| {
        let mut rests = added.iter().filter_map(|end| name.strip_suffix(end));
        rests.find(|rest| ends.iter().any(|end| rest.ends_with(end)))
    };
    let name = std::iter::successors(Some(name), bare).last().unwrap_or(name);
    let other = [
        (".yml", ".yaml"),
        (".handlebars", ".hbs"),
        (".dialogue", ".dialog"),
        (".dialogs", ".dialog"),
    ];
    let other =
        other.iter().find_map(|(from, to)| Some(format!("{}{to}", name.strip_suffix(from)?)));
    let name = other.unwrap_or_else(|| name.to_owned());
    match known {
        Some(known) if name == format!("{stem}.yaml") => known.to_owned(),
        _ => name,
    }
}

/// Message and remedy for a file that is called otherwise than what is read.
fn renamed(path: &str, meant: &str, is_there: bool) -> (String, String) {
    let message = format!("nobody reads this file: what is read is called `{meant}`");
    if is_there {
        let help = "that one is there as well: keep what is right in it, and take this one away";
        return (message, help.to_owned());
    }
    let hides = [".txt", ".text", ".rtf"].iter().any(|end| path.to_lowercase().ends_with(end));
    let hint =
        if hides { "; where your system hides how names end, have it show that first" } else { "" };
    (message, format!("rename it to `{meant}`{hint}"))
}

/// Message and remedy for a file of ours in a place where nobody reads it; none for what is none of
/// ours.
fn remedy(path: &str) -> Option<(String, String)> {
    if path.ends_with('/') {
        let is_department = path.matches('/').count() == 2;
        let help = "move what is in it up, or take it away".to_owned();
        return (!is_department)
            .then(|| ("nobody reads this folder: it stands more than 6 deep".to_owned(), help));
    }
    let meant = as_meant(path);
    let parts: Vec<&str> = meant.split('/').collect();
    let (name, folders) = parts.split_last()?;
    let is_under = |top: &str| folders.first() == Some(&top);
    if let Some(known) = KNOWN.iter().find(|known| *known == name).filter(|_| !is_under("queries"))
    {
        return Some(misplaced(known, folders));
    }
    let told = |help: String| Some(("nobody reads this file".to_owned(), help));
    if name.ends_with(".yaml") {
        let stem = name.trim_end_matches(".yaml");
        return match folders {
            [] => told(format!(
                "the company's own file is company.yaml{}; what is none of it, such as queries for `faq eval`, stands in a folder of its own",
                did_you_mean(name, KNOWN.into_iter())
            )),
            ["tenants"] => told(format!(
                "a department is a folder: move it to `tenants/{}/tenant.yaml`",
                if is_id(stem) { stem } else { "<id>" }
            )),
            ["tenants", id, "faq", ..] => {
                told(format!("move it to `tenants/{id}/faq/{name}`: articles stand directly there"))
            }
            ["tenants", id] => told(format!(
                "a department is tenant.yaml, faq.yaml and faq/*.yaml{}: rename it, move it to `tenants/{id}/faq/` if it holds articles, or take it away",
                did_you_mean(name, KNOWN.into_iter())
            )),
            ["tenants", ..] => told("a department is tenant.yaml, faq.yaml and faq/*.yaml: move it there, or take it away".to_owned()),
            ["cards", ..] => told("a card is called `<name>.json.hbs`: rename it, or take it away".to_owned()),
            _ => None,
        };
    }
    if name.ends_with(".json.hbs") || (name.ends_with(".hbs") && is_under("tenants")) {
        let to = match folders {
            ["tenants", id, ..] => format!("tenants/{id}/cards/"),
            _ => "cards/".to_owned(),
        };
        return told(format!("move it to `{to}`: cards stand there, as `<name>.json.hbs`"));
    }
    None
}

/// Message and remedy for one of the known names in a place where nobody looks for it.
fn misplaced(known: &str, folders: &[&str]) -> (String, String) {
    if known == "company.yaml" {
        let at = folders.join("/");
        return (
            "nobody reads this company.yaml: it does not stand in the company's folder itself"
                .to_owned(),
            format!(
                "move it up, or give the folder `{at}` as the company's; what only lies here is better kept elsewhere"
            ),
        );
    }
    let id = match folders {
        ["tenants", id, ..] if known == "faq.yaml" => Some(*id),
        [.., id] if *id != "tenants" => Some(*id),
        _ => None,
    };
    let id = id.filter(|id| is_id(id)).unwrap_or("<id>");
    (
        format!("nobody reads this {known}: it does not stand in a department's folder"),
        format!("move it to `tenants/{id}/{known}`"),
    )
}

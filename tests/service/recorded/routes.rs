//! Every route: what it answers, good and bad, with status, code, content type, headers and the
//! keys of its JSON. The recording has a part for each route, in the order of the URL table.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use regex::Regex;
use reqwest::Method;
use serde_json::Value;
use switchboard::http::problem::Code;

use crate::app::{Reply, TestApp};

mod good;
mod refused;
mod scene;

/// The URL table: what a route is for, and its pattern.
const ROUTES: &[(&str, &str)] = &[
    ("POST", "/api/messages"),
    ("GET", "/api/v1/tenants"),
    ("GET", "/api/v1/tenants/{id}"),
    ("GET", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/{id}"),
    ("GET", "/api/v1/sessions/{id}/transcript"),
    ("POST", "/api/v1/sessions/{id}/transfer"),
    ("POST", "/api/v1/sessions/{id}/end"),
    ("POST", "/api/v1/check"),
    ("POST", "/api/v1/reload"),
    ("GET", "/api/v1/journeys/{id}"),
    ("GET", "/api/v1/desks"),
    ("POST", "/api/v1/desks/{tenant}/code"),
    ("POST", "/api/v1/agents/{id}/unbind"),
    ("GET", "/api/v1/files"),
    ("POST", "/api/v1/links/revoke"),
    ("GET", "/api/v1/faq/drafts"),
    ("POST", "/api/v1/faq/drafts/{id}/accept"),
    ("POST", "/api/v1/faq/drafts/{id}/reject"),
    ("GET", "/api/v1/reports/faq"),
    ("GET", "/api/v1/outbox"),
    ("POST", "/api/v1/outbox/retry"),
    ("POST", "/api/v1/outbox/{id}/retry"),
    ("GET", "/files/{id}/{name:.*}"),
    ("GET", "/"),
    ("GET", "/privacy"),
    ("GET", "/terms"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("any", "nowhere"),
];

/// Headers that say something.
const HEADERS: [&str; 11] = [
    "allow",
    "www-authenticate",
    "retry-after",
    "accept-ranges",
    "content-range",
    "content-disposition",
    "x-content-type-options",
    "content-security-policy",
    "cache-control",
    "referrer-policy",
    "set-cookie",
];

/// A session, journey, letter, proposal or file that is not there.
const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

/// The answers so far, each with the place of its route in [`ROUTES`].
#[derive(Default)]
struct Record {
    answers: Vec<(usize, String)>,
    codes: BTreeSet<String>,
}

impl Record {
    /// Notes an answer: the method, the pattern, what was asked, what came.
    fn note(&mut self, method: &str, pattern: &str, case: &str, reply: &Reply) {
        let route = ROUTES
            .iter()
            .position(|(_, known)| *known == pattern)
            .unwrap_or_else(|| panic!("{pattern} is not in the table"));
        let kind = reply.header("content-type");
        let mut text = format!("{method} {pattern} · {case} · {}", reply.status);
        let mut below: Vec<String> = HEADERS
            .iter()
            .filter_map(|name| Some((name, reply.headers.get(*name)?.to_str().unwrap())))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let is_problem = kind == "application/problem+json";
        let body: Value = match kind.split(';').next().unwrap_or_default() {
            _ if reply.text.is_empty() => Value::Null,
            "application/json" | "application/problem+json" => reply.json(),
            _ => Value::Null,
        };
        if let Some(code) = body.get("code").and_then(Value::as_str).filter(|_| is_problem) {
            self.codes.insert(code.to_owned());
            write!(text, " · {code}").unwrap();
        }
        write!(text, " · {}", if kind.is_empty() { "-" } else { kind }).unwrap();
        if is_problem && !reply.text.is_empty() {
            let mut all = Vec::new();
            keys(&body, "", &mut all);
            write!(text, " · {}", all.join(" ")).unwrap();
            assert_eq!(body["status"], reply.status, "{reply:?}");
            below.push(format!("detail: {}", body["detail"]));
        } else if pattern == "/api/messages" {
            // What is inside is a matter of Teams.
            let fields = body.as_object().into_iter().flat_map(|fields| fields.keys().cloned());
            below.extend(fields);
        } else if body.is_null() {
            below.extend(words(kind, &reply.text));
        } else {
            keys(&body, "", &mut below);
        }
        for line in below {
            write!(text, "\n    {line}").unwrap();
        }
        self.answers.push((route, text));
    }

    /// Asks and notes.
    async fn ask(
        &mut self,
        app: &TestApp,
        (method, pattern): (&str, &str),
        case: &str,
        asked: Asked<'_>,
    ) -> Reply {
        let method: Method = method.parse().unwrap();
        let reply =
            app.request(method.clone(), asked.path, asked.headers, asked.body.to_owned()).await;
        self.note(method.as_str(), pattern, case, &reply);
        reply
    }

    /// A question to a route that takes GET.
    async fn get(&mut self, app: &TestApp, pattern: &str, case: &str, path: &str) -> Reply {
        self.ask(app, ("GET", pattern), case, Asked { path, ..Asked::default() }).await
    }

    /// An order to a route that takes POST.
    async fn post(
        &mut self,
        app: &TestApp,
        pattern: &str,
        case: &str,
        (path, body): (&str, &str),
    ) -> Reply {
        self.ask(app, ("POST", pattern), case, Asked { path, body, ..Asked::default() }).await
    }

    fn text(mut self) -> String {
        self.answers.sort_by_key(|(route, _)| *route);
        let mut text = String::new();
        let mut latest = None;
        for (route, answer) in &self.answers {
            if latest.replace(*route) != Some(*route) {
                let (method, pattern) = ROUTES[*route];
                let space = if text.is_empty() { "" } else { "\n" };
                writeln!(text, "{space}## {method} {pattern}").unwrap();
            }
            writeln!(text, "{answer}").unwrap();
        }
        text
    }
}

/// What is asked.
#[derive(Default)]
struct Asked<'a> {
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

/// Every key of a value with the way to it, in the order in which they stand there; of a list, those
/// of all its items.
fn keys(value: &Value, way: &str, all: &mut Vec<String>) {
    let mut add = |line: String| {
        if !all.contains(&line) {
            all.push(line);
        }
    };
    match value {
        Value::Object(fields) if fields.is_empty() => add(format!("{way}{{}}")),
        Value::Object(fields) => {
            let dot = if way.is_empty() { "" } else { "." };
            fields.iter().for_each(|(key, inner)| keys(inner, &format!("{way}{dot}{key}"), all));
        }
        Value::Array(items) if items.is_empty() => add(format!("{way}[]")),
        Value::Array(items) => items.iter().for_each(|item| keys(item, &format!("{way}[]"), all)),
        _ => add(way.to_owned()),
    }
}

/// What a body that is no JSON promises: the head of a table, the keys of a list in YAML.
fn words(kind: &str, text: &str) -> Vec<String> {
    let mut lines = text.lines();
    match kind.split(';').next().unwrap_or_default() {
        "text/csv" => lines.next().map(str::to_owned).into_iter().collect(),
        "application/yaml" => {
            let mut all = Vec::new();
            for line in lines.filter(|line| line.starts_with("- ") || line.starts_with("  ")) {
                if let Some((key, _)) = line.split_once(':').filter(|(key, _)| !key.contains('"')) {
                    let key = key.to_owned();
                    if !all.contains(&key) {
                        all.push(key);
                    }
                }
            }
            all
        }
        _ => Vec::new(),
    }
}

/// The text of all of a folder of the program, without the tests in it.
fn sources(folder: &str) -> String {
    fn read(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs")
            {
                let file = std::fs::read_to_string(&path).unwrap();
                text.push_str(file.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }
    let mut text = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut text);
    text
}

/// A code or a route that is added is recorded as well.
fn nothing_is_forgotten(codes: &BTreeSet<String>) {
    let mut known: BTreeSet<String> = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    // Where a manager moves somebody to a department that is closed, the guest is asked.
    known.remove("closed");
    // Ten seconds of waiting: see `strangers_at_the_door`.
    known.remove("too_slow");
    assert_eq!(*codes, known, "every code of an error is recorded (left: in the recording)");
    let here = sources("src/http");
    let pattern = r#"\b(?:reading|writing|web::resource)\(\s*"([^"]+)""#;
    let routes: BTreeSet<String> = Regex::new(pattern)
        .unwrap()
        .captures_iter(&here)
        .map(|found| found[1].to_owned())
        .collect();
    let known: BTreeSet<String> = ROUTES
        .iter()
        .filter(|(method, _)| *method != "any")
        .map(|(_, path)| path.strip_prefix("/api/v1").unwrap_or(path).to_owned())
        .collect();
    assert_eq!(routes, known, "the URL table (left: in src/http)");
}

#[tokio::test]
async fn every_route_is_as_recorded() {
    let mut record = Record::default();
    refused::at_the_door(&mut record).await;
    good::while_all_is_well(&mut record).await;
    refused::while_something_fails(&mut record).await;
    nothing_is_forgotten(&record.codes);
    super::compare("routes.txt", &record.text());
}

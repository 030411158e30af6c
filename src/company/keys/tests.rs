//! The reader is held against the table of keys, from outside: for every mapping of the table a
//! small company is written, and the reader says which keys it knows, which words, which types, what
//! must be there, and what holds without it. Nothing here repeats the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jsonschema::Validator;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::{
    File,
    key::{Free, Key, Shape, Type, Without},
    stages::{HEAD, KINDS, NEEDED},
};
use crate::{
    company::{Company, load, read_folder, yaml},
    pipeline::stages::{self, exits},
    source::{Files, Node, NodeKind, Problem, Problems},
};

/// A key that nothing has.
const UNKNOWN: &str = "zzz";

fn json_of(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(truth) => json!(truth),
        NodeKind::Number(_, text) => serde_json::from_str(text).unwrap(),
        NodeKind::Text(text) => json!(text),
        NodeKind::List(items) => items.iter().map(json_of).collect(),
        NodeKind::Map(pairs) => pairs
            .iter()
            .map(|(key, node)| (key.value.clone(), json_of(node)))
            .collect::<Map<_, _>>()
            .into(),
        NodeKind::Braces => panic!("{}: unquoted braces", node.place),
    }
}

fn read(path: &str, text: &str) -> Value {
    json_of(&yaml::read(path, text, &Problems::default()).unwrap())
}

fn validators() -> BTreeMap<&'static str, Validator> {
    File::ALL
        .into_iter()
        .map(|file| {
            let schema = file.schema();
            jsonschema::draft202012::meta::validate(&schema).unwrap();
            (file.name(), jsonschema::draft202012::new(&schema).unwrap())
        })
        .collect()
}

/// Which schema a file is under.
fn file_of(path: &str) -> Option<File> {
    File::ALL.into_iter().find(|file| {
        file.paths().iter().any(|pattern| {
            let pattern = pattern.replace('.', "\\.").replace('*', "[^/]+");
            Regex::new(&format!("^{pattern}$")).unwrap().is_match(path)
        })
    })
}

/// A company in which one thing is under test.
fn company(file: File, document: Value) -> Files {
    let mut files = Files::from(
        [
            ("company.yaml", json!({ "company": "X", "primary_tenant": "it", "http": { "hosts": ["tickets.contoso.com"] } })),
            ("tenants/it/tenant.yaml", json!({ "name": "IT", "pipelines": { "main": [{ "id": "e", "end": {} }] } })),
            ("tenants/hr/tenant.yaml", json!({ "name": "Human Resources", "pipelines": { "main": [{ "id": "e", "end": {} }] } })),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_string())),
    );
    let path = file.paths()[0].replace('*', "it");
    files.insert(path, document.to_string());
    files
}

fn told(file: File, document: &Value) -> (Option<Company>, Vec<Problem>) {
    load(&company(file, document.clone()), |_| false)
}

fn errors(file: File, document: &Value) -> BTreeSet<String> {
    told(file, document)
        .1
        .into_iter()
        .filter(|problem| !problem.warning)
        .map(|problem| problem.message)
        .collect()
}

/// Something that may stand there.
fn sample(key: &str, kind: &Type) -> Value {
    match kind {
        Type::Text if key == "icon" => json!("💻"),
        Type::Text if key == "networks" => json!("10.20.0.0/16"),
        Type::Text if ["hosts", "private"].contains(&key) => json!("tickets.contoso.com"),
        Type::Text if ["from", "to"].contains(&key) => json!("*"),
        Type::Text if key == "metadata" => json!("Guest"),
        Type::Template if key == "tenant" => json!("hr"),
        Type::Text | Type::Template | Type::Words | Type::Title | Type::Any => json!("hr"),
        Type::Id if key == "primary_tenant" || key == "id" => json!("it"),
        Type::Id => json!("e"),
        Type::Name => json!("x"),
        Type::Flag => json!(false),
        Type::Whole(least, _) => json!(least),
        Type::Number => json!(1),
        Type::Duration => json!("30s"),
        Type::Word(words) => json!(words[0]),
        Type::Locale => json!("de"),
        Type::Zone => json!("Europe/Berlin"),
        Type::Date => json!("2026-12-25"),
        Type::Span => json!("08:00-12:00"),
        Type::Address => json!("https://tickets.contoso.com/x"),
        Type::Condition => json!("true"),
        Type::Pattern => json!("a+"),
        Type::Pointer => json!("/a"),
        Type::List(item) => json!([sample(key, item)]),
        Type::Fields(shape) => least(shape),
        Type::Map(free) => json!({ free_key(free): sample(key, &free.value) }),
        Type::Either(all) => sample(key, &all[0]),
        Type::Stage => json!({ "id": "e", "end": {} }),
    }
}

/// Things that may not stand there; the first is of a type that never may.
fn wrong(kind: &Type) -> Vec<Value> {
    let mapping = json!({ UNKNOWN: 1 });
    match kind {
        Type::Any => vec![],
        Type::Text
        | Type::Template
        | Type::Words
        | Type::Title
        | Type::Condition
        | Type::Pointer => vec![mapping, json!(1)],
        Type::Pattern => vec![mapping, json!(1), json!("(")],
        Type::List(item) if item.inner().is_some() || matches!(item, Type::Stage) => {
            vec![json!("x"), mapping, json!([1])]
        }
        Type::List(item) => {
            [vec![mapping, json!("x")], wrong(item).into_iter().map(|item| json!([item])).collect()]
                .concat()
        }
        Type::Map(free) => {
            let each = wrong(&free.value).into_iter().map(|value| json!({ free_key(free): value }));
            [vec![json!("x")], each.collect()].concat()
        }
        Type::Either(all) if all.iter().any(|kind| kind.inner().is_some()) => vec![json!(1)],
        Type::Fields(_) => vec![json!("x"), json!([1])],
        _ => vec![mapping, json!("zzz zzz"), json!([1])],
    }
}

fn free_key(free: &Free) -> &'static str {
    match free.key {
        "<locale>" => "de",
        "<day>" => "mon",
        "<id>" => "main",
        "<Data.key>" => "Data.x",
        _ => "x-name",
    }
}

/// A mapping with what must be in it alone.
fn least(shape: &Shape) -> Value {
    let mut keys: BTreeSet<&str> =
        shape.either.iter().filter(|either| either.required).map(|either| either.keys[0]).collect();
    keys.extend(
        shape.keys.iter().filter(|key| key.default == Without::Required).map(|key| key.name),
    );
    let fields = shape.keys.iter().filter(|key| keys.contains(key.name));
    fields
        .map(|key| (key.name.to_owned(), sample(key.name, &key.kind)))
        .collect::<Map<_, _>>()
        .into()
}

fn with(mapping: &Value, key: &str, value: Value) -> Value {
    let mut all = mapping.as_object().unwrap().clone();
    all.insert(key.to_owned(), value);
    all.into()
}

fn without(mapping: &Value, key: &str) -> Value {
    let mut all = mapping.as_object().unwrap().clone();
    all.remove(key).unwrap();
    all.into()
}

type Wrap<'a> = &'a dyn Fn(Value) -> Value;

/// Every mapping of the table, with the way to write a file in which a value stands in its place.
fn every(visit: &mut dyn FnMut(File, &'static Shape, Wrap<'_>)) {
    for file in File::ALL {
        let root = |mut value: Value| {
            // A department does something: else there is little to be said of the rest of it.
            let has_none = file == File::Tenant && value.get("pipelines").is_none();
            if let (true, Some(fields)) = (has_none, value.as_object_mut()) {
                fields
                    .insert("pipelines".to_owned(), json!({ "main": [{ "id": "e", "end": {} }] }));
            }
            value
        };
        walk(file, &file.root(), &root, visit);
    }
    for (name, kind, _) in KINDS {
        walk(File::Tenant, kind, &|value| stage(name, value), visit);
    }
}

fn walk(
    file: File,
    kind: &Type,
    wrap: Wrap<'_>,
    visit: &mut dyn FnMut(File, &'static Shape, Wrap<'_>),
) {
    match kind {
        Type::Fields(shape) => {
            let shape: &'static Shape = shape;
            visit(file, shape, wrap);
            for key in shape.keys {
                walk(file, &key.kind, &|value| wrap(with(&least(shape), key.name, value)), visit);
            }
        }
        Type::List(item) => walk(file, item, &|value| wrap(json!([value])), visit),
        Type::Map(free) => {
            walk(file, &free.value, &|value| wrap(json!({ free_key(free): value })), visit)
        }
        Type::Either(all) => all.iter().for_each(|kind| walk(file, kind, wrap, visit)),
        _ => {}
    }
}

/// A department whose first stage is of that kind.
fn stage(kind: &str, settings: Value) -> Value {
    let mut stage = json!({ "id": "s", kind: settings });
    if exits(kind).contains(&"on_failure") {
        stage["on_failure"] = json!("e");
    }
    // Behind an end nothing would be reached.
    let mut main = vec![stage];
    main.extend((kind != "end").then(|| json!({ "id": "e", "end": {} })));
    json!({ "name": "IT", "desk": { "where": "channel" }, "pipelines": { "main": main } })
}

/// The words behind `start` in what the reader says to do.
fn offered(problem: &Problem, start: &str) -> BTreeSet<String> {
    let list = problem.help.split(start).nth(1).unwrap_or_else(|| panic!("no list in {problem:?}"));
    let list = list.split(" (did you mean").next().unwrap();
    list.split(", ").map(str::to_owned).collect()
}

fn names(keys: &[Key]) -> BTreeSet<String> {
    keys.iter().map(|key| key.name.to_owned()).collect()
}

// ---- files ----

#[test]
fn companies_in_order_fit_the_schemas() {
    let validators = validators();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let companies =
        std::fs::read_dir(root.join("tests/companies")).unwrap().map(|entry| entry.unwrap().path());
    let (mut in_order, mut seen) = (0, BTreeMap::<&str, usize>::new());
    for folder in companies.chain([root.join("deploy/contoso")]) {
        let files = read_folder(&folder).unwrap();
        if load(&files, |_| false).0.is_none() {
            continue;
        }
        in_order += 1;
        for (path, text) in &files {
            let Some(file) = file_of(path) else { continue };
            *seen.entry(file.name()).or_default() += 1;
            let document = read(path, text);
            let wrong: Vec<String> = validators[file.name()]
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{}/{path}: {wrong:#?}", folder.display());
        }
    }
    assert!(
        in_order >= 8 && seen["tenant"] >= 25 && seen["faq"] >= 6,
        "{in_order} companies, {seen:?}"
    );
}

#[test]
fn an_unknown_key_fits_no_schema() {
    let validators = validators();
    let mut seen = 0;
    every(&mut |file, shape, wrap| {
        seen += 1;
        let fits = |value| validators[file.name()].is_valid(&wrap(value));
        assert!(fits(least(shape)), "{}: {}", shape.name, wrap(least(shape)));
        assert!(!fits(with(&least(shape), UNKNOWN, json!("x"))), "{}", shape.name);
    });
    assert!(seen >= 30, "{seen}");
    let tenant = &validators["tenant"];
    let fits =
        |stage: Value| tenant.is_valid(&json!({ "name": "IT", "pipelines": { "main": [stage] } }));
    assert!(fits(
        json!({ "id": "s", "http": { "url": "https://x.y" }, "on_failure": "e", "next": "e", "when": "true" })
    ));
    for stage in [
        json!({ "id": "s", "end": {}, UNKNOWN: "e" }),
        json!({ "id": "s", UNKNOWN: {} }),
        json!({ "id": "s", "end": {}, "send": { "text": "x" } }),
        json!({ "id": "s", "end": {}, "on_failure": "e" }),
        json!({ "id": "s", "http": { "url": "https://x.y" } }),
        json!({ "id": "s", "send": { "text": "x", "template": "x" } }),
        json!({ "id": "s", "ask": {} }),
        json!({ "id": "s", "set": { "Guest.Name": "x" } }),
    ] {
        assert!(!fits(stage.clone()), "{stage}");
    }
}

// ---- the reader ----

#[test]
fn the_reader_knows_the_keys_of_the_table_and_no_others() {
    let mut wrong = Vec::new();
    every(&mut |file, shape, wrap| {
        let document = wrap(with(&least(shape), UNKNOWN, json!("x")));
        let problems = told(file, &document).1;
        let problem = problems
            .iter()
            .find(|problem| problem.message.contains(&format!("has no `{UNKNOWN}`")));
        let Some(problem) = problem else {
            wrong.push(format!(
                "{}: the reader says nothing of an unknown key: {document}",
                shape.name
            ));
            return;
        };
        let (reader, table) = (offered(problem, "use one of: "), names(shape.keys));
        if reader != table {
            let missing: Vec<_> = reader.difference(&table).collect();
            let too_much: Vec<_> = table.difference(&reader).collect();
            wrong.push(format!(
                "{}: the table lacks {missing:?} and has {too_much:?} too much",
                shape.name
            ));
        }
    });
    assert!(wrong.is_empty(), "src/company/keys/ and the reader differ:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_knows_the_stages_of_the_table_and_no_others() {
    let kinds: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(kinds, stages::NAMES);
    let asked = Regex::new(r#"fields\s*\.(?:get|text|require|id)\("(\w+)"\)"#).unwrap();
    let source = include_str!("../stages_file.rs");
    let asked: BTreeSet<String> =
        asked.captures_iter(source).map(|found| found[1].to_owned()).collect();
    assert_eq!(asked, names(&HEAD), "beside kind and exits");
    for (kind, settings, _) in KINDS {
        let document = stage(kind, sample("", settings));
        for exit in exits(kind) {
            assert!(!super::stages::exit(exit).is_empty(), "what `{exit}` is for is not said");
            let Some(stage) =
                document.pointer("/pipelines/main/0").map(|stage| stage.get(exit).is_some())
            else {
                panic!()
            };
            let mut less = document.clone();
            less["pipelines"]["main"][0].as_object_mut().unwrap().remove(*exit);
            let needs = errors(File::Tenant, &less)
                .iter()
                .any(|error| error.ends_with(&format!("has no `{exit}`")));
            assert_eq!(needs, NEEDED.contains(&(kind, exit)), "{kind} {exit} {stage}");
        }
    }
}

#[test]
fn the_reader_takes_what_the_table_says_and_refuses_the_rest() {
    let (validators, mut faults, mut tried) = (validators(), Vec::new(), 0);
    every(&mut |file, shape, wrap| {
        for key in shape.keys {
            let least = least(shape);
            let good = wrap(with(&least, key.name, sample(key.name, &key.kind)));
            let taken = errors(file, &good);
            if taken.iter().any(|error| {
                error.starts_with(&format!("`{}` ", key.name)) && error.contains(" must be ")
            }) {
                faults
                    .push(format!("{}: `{}` is refused: {taken:?}: {good}", shape.name, key.name));
            }
            for (index, value) in wrong(&key.kind).into_iter().enumerate() {
                tried += 1;
                let bad = wrap(with(&least, key.name, value));
                if errors(file, &bad).is_subset(&taken) {
                    faults.push(format!("{}: the reader takes {bad}", shape.name));
                }
                if index == 0 && validators[file.name()].is_valid(&bad) {
                    faults.push(format!("{}: the schema takes {bad}", shape.name));
                }
            }
        }
    });
    assert!(faults.is_empty() && tried > 200, "{tried} tried\n{}", faults.join("\n"));
}

#[test]
fn the_reader_knows_the_words_of_the_table_and_no_others() {
    let mut seen = 0;
    every(&mut |file, shape, wrap| {
        for key in shape.keys {
            let (words, value) = match key.kind {
                Type::Word(words) => (words, json!("zzzzzz")),
                Type::List(Type::Word(words)) => (*words, json!(["zzzzzz"])),
                _ => continue,
            };
            seen += 1;
            let problems = told(file, &wrap(with(&least(shape), key.name, value))).1;
            let problem =
                problems.iter().find(|problem| problem.message.contains("`zzzzzz`")).unwrap();
            let start =
                if problem.help.starts_with("the events") { "are: " } else { "write one of: " };
            let table: BTreeSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(offered(problem, start), table, "{} {}", shape.name, key.name);
        }
    });
    assert!(seen >= 10, "{seen}");
}

#[test]
fn what_must_be_there_is_missed_and_nothing_else() {
    let missing = Regex::new(r"needs `\w+`( or `\w+`)?$").unwrap();
    every(&mut |file, shape, wrap| {
        let least = least(shape);
        let before = errors(file, &wrap(least.clone()));
        assert!(!before.iter().any(|error| missing.is_match(error)), "{}: {before:?}", shape.name);
        // A mapping with nothing in it may be something else.
        let either: Vec<&str> = shape.either.iter().flat_map(|either| either.keys).collect();
        let other = shape
            .keys
            .iter()
            .find(|key| least.get(key.name).is_none() && !either.contains(&key.name));
        let more =
            other.map_or(least.clone(), |key| with(&least, key.name, sample(key.name, &key.kind)));
        for key in least.as_object().unwrap().keys() {
            let after = errors(file, &wrap(without(&more, key)));
            let is_missed = after
                .iter()
                .any(|error| missing.is_match(error) && error.contains(&format!("`{key}`")));
            assert!(is_missed, "{}: without `{key}`: {after:?}", shape.name);
        }
    });
}

#[test]
fn what_the_table_says_of_a_key_that_is_left_out_holds() {
    // Where it stands and what its file is called by is another matter.
    let place = Regex::new(r#"[\w/-]+\.yaml:\d+:\d+|(source|version): "(\\.|[^"\\])*""#).unwrap();
    let drawn = |file: File, document: &Value| {
        let (company, problems) = told(file, document);
        let company = company.unwrap_or_else(|| panic!("{document}: {problems:#?}"));
        place.replace_all(&format!("{company:?}"), "").into_owned()
    };
    let mut seen = 0;
    every(&mut |file, shape, wrap| {
        for key in shape.keys {
            let Without::Is(default) = key.default else { continue };
            seen += 1;
            let value = match key.kind {
                Type::Flag | Type::Whole(..) => default.parse().unwrap(),
                _ => json!(default),
            };
            let least = least(shape);
            let (left_out, written) = (wrap(least.clone()), wrap(with(&least, key.name, value)));
            assert_eq!(
                drawn(file, &left_out),
                drawn(file, &written),
                "{} {}",
                shape.name,
                key.name
            );
        }
    });
    assert!(seen >= 25, "{seen}");
}

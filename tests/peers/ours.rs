//! Texts and conditions as other implementations of Handlebars and CEL have them: the same rows are
//! run against those in CI. A row with `ours` is one in which we differ on purpose.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::Value;
use switchboard::{
    pipeline::{
        expr::Expr,
        language::text::{Text, Variables},
    },
    source::{At, Place, Problems},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    template: String,
    data: Value,
    says: String,
    ours: Option<String>,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judged {
    condition: String,
    data: Value,
    /// True, false or `error`.
    holds: Value,
    ours: Option<Value>,
    why: Option<String>,
}

fn rows<T: for<'a> Deserialize<'a>>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn texts_say_what_handlebars_says() {
    let rows: Vec<Said> = rows("texts.json");
    assert!(rows.len() > 40);
    for Said { template, data, says, ours, why } in rows {
        assert_eq!(ours.is_some(), why.is_some(), "{template}");
        let (problems, place) = (Problems::default(), Place::start_of("texts.json"));
        let text = Text::compile(At::new(template.clone(), &place), &problems);
        let words = text.unwrap().fill(&Variables::new(data, None), &[]).unwrap();
        assert_eq!(words.plain(), ours.unwrap_or(says), "{template}");
    }
}

#[test]
fn conditions_hold_as_cel_says() {
    let rows: Vec<Judged> = rows("conditions.json");
    assert!(rows.len() >= 40);
    for Judged { condition, data, holds, ours, why } in rows {
        assert_eq!(ours.is_some(), why.is_some(), "{condition}");
        let (problems, place) = (Problems::default(), Place::start_of("conditions.json"));
        let expr = Expr::compile(At::new(condition.clone(), &place), &problems).unwrap();
        let judged = expr.holds(&data).map_or(Value::from("error"), Value::Bool);
        assert_eq!(judged, ours.unwrap_or(holds), "{condition}");
    }
}

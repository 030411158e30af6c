//! The stages of a pipeline, as `tenant.yaml` writes them.

use indexmap::IndexMap;

use crate::{
    model::StageId,
    pipeline::{
        expr::Expr,
        playbook::Stage,
        stages::{self, Kind},
    },
    source::{At, Fields, Node, Place, Problems, did_you_mean},
};

/// The stages of a pipeline, and the ids of those that could not be read.
pub(super) fn read_stages(
    node: &Node,
    problems: &Problems,
) -> (IndexMap<StageId, Stage>, Vec<StageId>) {
    let (mut stages, mut unread): (IndexMap<StageId, Stage>, _) = (IndexMap::new(), Vec::new());
    let items = node.list(problems, "a pipeline").unwrap_or_default();
    if items.is_empty() {
        problems.error(
            &node.place,
            "this pipeline has no stages",
            "add `- id: …` with what it does",
        );
    }
    for item in items {
        let Some(fields) = item.fields(problems, "a stage") else { continue };
        let before = problems.mistakes();
        let read = read_stage(&fields);
        let id = fields.get("id").and_then(|node| node.text(&Problems::default(), "`id`"));
        // What is missing is told here.
        drop(fields);
        let Some(mut stage) = read else {
            // A stage without an id has none to be missed by.
            unread.push(StageId::from(id.as_ref().map_or("", |id| id.value.as_str())));
            continue;
        };
        if let Some(first) = stages.get(&stage.head.id) {
            let message = format!(
                "stage `{}` stands here a second time (first in line {})",
                stage.head.id, first.head.place.line
            );
            problems.error(&stage.head.place, message, "give every stage an id of its own");
            unread.push(stage.head.id.clone());
            continue;
        }
        // What a mistake in it kept from being read may lead anywhere, and set anything.
        if problems.mistakes() > before {
            unread.push(stage.head.id.clone());
        }
        let is_first = |other: &Stage| other.head.kind != stage.head.kind;
        stage.head.first = stages.values().all(is_first);
        stages.insert(stage.head.id.clone(), stage);
    }
    (stages, unread)
}

fn read_stage(fields: &Fields<'_>) -> Option<Stage> {
    let problems = fields.problems;
    fields.require("id");
    let id = fields.id("id");
    let name =
        id.as_ref().map_or_else(|| "this stage".to_owned(), |id| format!("stage `{}`", id.value));
    let when = fields.text("when").and_then(|text| {
        Expr::compile(text.clone(), problems).or_else(|| Expr::unread(&text.place))
    });
    let before = problems.mistakes();
    let kinds: Vec<(&At<String>, &Node)> = fields
        .pairs()
        .iter()
        .filter(|(key, _)| stages::NAMES.contains(&key.value.as_str()))
        .map(|(key, node)| (key, node))
        .collect();
    let mut time = None;
    let (kind_name, kind) = match kinds.as_slice() {
        [(key, node)] => {
            let inner = node.fields(problems, &format!("`{}` of {name}", key.value));
            let kind = inner.and_then(|inner| {
                time = Some(inner.place_of("timeout").clone());
                let kind = Kind::read(&key.value, &inner);
                // `set` has free keys; every other kind knows its own.
                if key.value != "set" && kind.is_some() {
                    misplaced_exits(&inner);
                    inner.finish();
                }
                kind
            });
            (Some(key.value.as_str()), kind)
        }
        [] => (None, None),
        [_, (second, _), ..] => {
            problems.error(&second.place, format!("{name} does two things"), "make it two stages");
            return None;
        }
    };
    let exits = read_exits(fields, &name, kind_name);
    let (id, kind) = (id?, kind?);
    let stage = Stage::new(At::new(StageId::from(&id.value), &id.place), kind, when, exits);
    needed(&stage, fields.place, &name, problems);
    // A time that cannot be read, or stands where it does not belong, is told already.
    if problems.mistakes() == before {
        timeouts(&stage, &time.unwrap_or_else(|| fields.place.clone()), &name, problems);
    }
    if let (Kind::End(_), Some((exit, to))) = (&stage.kind, stage.head.exits.first()) {
        problems.warning(
            &to.place,
            format!("{name} ends the matter: `{exit}` leads nowhere"),
            "remove it, or end elsewhere and say goodbye with `send`",
        );
    }
    Some(stage)
}

/// The exits; complains about what is no part of a stage.
fn read_exits(
    fields: &Fields<'_>,
    name: &str,
    kind_name: Option<&str>,
) -> Vec<(String, At<StageId>)> {
    let problems = fields.problems;
    let known = stages::NAMES.join(", ");
    let mut exits = Vec::new();
    let mut unknown_kind = None;
    for (key, node) in fields.pairs() {
        match key.value.as_str() {
            "id" | "when" => {}
            other if Some(other) == kind_name => {}
            exit if exit == "next" || exit.starts_with("on_") => {
                let Some(to) = node.text(problems, &format!("`{exit}`")) else { continue };
                if let Some(kind) = kind_name
                    && exit != "next"
                    && !stages::exits(kind).contains(&exit)
                {
                    let mut allowed = vec!["next"];
                    allowed.extend(stages::exits(kind));
                    problems.error(
                        &key.place,
                        format!("`{kind}` has no exit `{exit}`"),
                        format!(
                            "use one of: {}{}",
                            allowed.join(", "),
                            did_you_mean(exit, allowed.iter().copied())
                        ),
                    );
                }
                exits.push((exit.to_owned(), At::new(StageId::from(&to.value), &to.place)));
            }
            other => {
                let hint = did_you_mean(other, stages::NAMES.iter().copied());
                if kind_name.is_none() && unknown_kind.is_none() {
                    unknown_kind = Some(());
                    problems.error(
                        &key.place,
                        format!("there is no kind of stage `{other}`"),
                        format!("the kinds are: {known}{hint}"),
                    );
                } else {
                    problems.error(
                        &key.place,
                        format!("{name} has no `{other}`"),
                        "beside `id`, `when`, its kind and its exits a stage has nothing; settings stand inside the kind (look at the indentation)",
                    );
                }
            }
        }
    }
    if kind_name.is_none() && unknown_kind.is_none() {
        problems.error(
            fields.place,
            format!("{name} does not say what it does"),
            format!("add one of: {known}"),
        );
    }
    exits
}

/// Complains about exits that stand inside the kind.
fn misplaced_exits(inner: &Fields<'_>) {
    for key in inner.untaken() {
        let exit = stages::NAMES
            .iter()
            .flat_map(|kind| stages::exits(kind))
            .chain(&["next"])
            .find(|exit| **exit == key.value);
        if let Some(exit) = exit {
            inner.get(exit);
            inner.problems.error(
                &key.place,
                format!("the exit `{exit}` stands inside {}", inner.name),
                "move it beside the kind, as far to the left as `id`",
            );
        }
    }
}

/// What needs an exit has it.
fn needed(stage: &Stage, place: &Place, name: &str, problems: &Problems) {
    for (exit, why) in stage.kind.behaviour().needs() {
        if stage.head.exit(exit).is_none() {
            problems.error(
                place,
                format!("{name} has no `{exit}`"),
                format!("add `{exit}:` beside `{}`, with a stage: {why}", stage.head.kind),
            );
        }
    }
}

/// `timeout` and `on_timeout` need each other.
fn timeouts(stage: &Stage, place: &Place, name: &str, problems: &Problems) {
    let behaviour = stage.kind.behaviour();
    if !stages::exits(stage.head.kind).contains(&"on_timeout") || behaviour.times_itself() {
        return;
    }
    let exit = stage.head.exits.iter().find(|(exit, _)| exit == "on_timeout");
    match (behaviour.timeout(), exit) {
        (Some(_), None) => problems.error(
            place,
            format!("{name} has a `timeout` but no `on_timeout`"),
            "add `on_timeout:` beside the kind, with a stage",
        ),
        (None, Some((_, to))) => problems.error(
            &to.place,
            format!("{name} has `on_timeout` but no `timeout`"),
            "add `timeout: 10m` inside the kind",
        ),
        _ => {}
    }
}

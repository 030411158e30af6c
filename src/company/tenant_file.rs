//! `tenants/<id>/tenant.yaml`: a department with its pipelines.

use std::time::Duration;

use indexmap::IndexMap;
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{Defaults, Desk, TenantSettings, locale, version_of, zone};
use crate::{
    model::{
        PipelineId, StageId, TenantId,
        hours::{Hours, Span},
    },
    pipeline::{
        directory::Tenant,
        expr::Expr,
        playbook::{Pipeline, Pipelines, Stage},
        stages::{self, Kind},
    },
    source::{At, Fields, Node, Place, Problems, check_id, did_you_mean},
};

/// A department as written.
pub(super) struct TenantFile {
    /// What the core needs.
    pub tenant: Tenant,
    /// What it does.
    pub pipelines: Pipelines,
    /// What the rest needs.
    pub settings: TenantSettings,
}

/// Reads a department; none when nothing of it can be used. `folder` is its folder's name.
pub(super) fn read(
    node: &Node,
    folder: &str,
    source: &str,
    defaults: &Defaults,
    problems: &Problems,
) -> Option<TenantFile> {
    let fields = node.fields(problems, "a tenant file")?;
    if let Some(id) = fields.text("id")
        && id.value != folder
    {
        problems.error(
            &id.place,
            format!("this tenant's folder is `{folder}`, not `{}`", id.value),
            "rename the folder, or leave `id` out",
        );
    }
    let id = TenantId::from(folder);
    let name = fields.require_text("name").map_or_else(|| folder.to_owned(), |name| name.value);
    let reference =
        fields.text("ref").map_or_else(|| folder.to_uppercase(), |reference| reference.value);
    let enabled = fields.bool("enabled", true);
    let confidential = fields.bool("confidential", false);
    let locale = fields
        .text("locale")
        .and_then(|text| locale(text, problems))
        .unwrap_or_else(|| defaults.locale.clone());
    let zone = fields
        .text("timezone")
        .and_then(|text| zone(&text, problems))
        .unwrap_or_else(|| defaults.zone.clone());
    let retention = fields.duration("retention").unwrap_or(defaults.retention);
    let managers = fields.texts("managers").into_iter().map(|manager| manager.value).collect();
    let hours = fields.get("hours").and_then(|node| hours(node, &zone, problems));
    let desk = fields.get("desk").and_then(|node| desk(node, problems));
    let primary = fields.text("primary_pipeline");
    let mut pipelines = Pipelines::new();
    if let Some(all) = fields.get("pipelines").and_then(|node| node.fields(problems, "`pipelines`"))
    {
        for (name, node) in all.pairs() {
            if check_id(name, "pipeline", problems) {
                let id = PipelineId::from(&name.value);
                let (stages, unread) = read_stages(node, problems);
                pipelines
                    .insert(id.clone(), Pipeline { id, stages, unread, place: name.place.clone() });
            }
        }
    }
    let primary_pipeline =
        PipelineId::from(primary.as_ref().map_or("main", |primary| primary.value.as_str()));
    if !pipelines.is_empty() && !pipelines.contains_key(&primary_pipeline) {
        let place =
            primary.as_ref().map_or_else(|| fields.place_of("pipelines"), |primary| &primary.place);
        let known: Vec<&str> = pipelines.keys().map(PipelineId::as_str).collect();
        problems.error(
            place,
            format!("there is no pipeline `{primary_pipeline}`, the primary one"),
            format!(
                "name one of: {}{}",
                known.join(", "),
                did_you_mean(primary_pipeline.as_str(), known.iter().copied())
            ),
        );
    } else if let (Some(primary), true) = (&primary, pipelines.is_empty()) {
        problems.error(
            &primary.place,
            format!("there is no pipeline `{primary_pipeline}`"),
            "add it under `pipelines:`",
        );
    }
    let place = fields.place.clone();
    fields.finish();
    let first = pipelines
        .get(&primary_pipeline)
        .and_then(|pipeline| pipeline.stages.keys().next().cloned());
    let tenant = Tenant {
        id,
        name,
        reference,
        enabled,
        confidential,
        locale,
        hours,
        primary_pipeline,
        first,
        version: version_of(source),
        source: source.into(),
        place,
    };
    Some(TenantFile { tenant, pipelines, settings: TenantSettings { managers, retention, desk } })
}

/// The stages of a pipeline, and the ids of those that could not be read.
fn read_stages(node: &Node, problems: &Problems) -> (IndexMap<StageId, Stage>, Vec<StageId>) {
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
        let Some(mut stage) = read_stage(&fields) else {
            // A stage without an id has none to be missed by.
            let id = fields.get("id").and_then(|node| node.text(&Problems::default(), "`id`"));
            unread.push(StageId::from(id.as_ref().map_or("", |id| id.value.as_str())));
            continue;
        };
        if let Some(first) = stages.get(&stage.head.id) {
            let message = format!(
                "stage `{}` stands here a second time (first in line {})",
                stage.head.id, first.head.place.line
            );
            problems.error(&stage.head.place, message, "give every stage an id of its own");
            continue;
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
    let kinds: Vec<(&At<String>, &Node)> = fields
        .pairs()
        .iter()
        .filter(|(key, _)| stages::NAMES.contains(&key.value.as_str()))
        .map(|(key, node)| (key, node))
        .collect();
    let known = stages::NAMES.join(", ");
    let (kind_name, kind) = match kinds.as_slice() {
        [(key, node)] => {
            let inner = node.fields(problems, &format!("`{}` of {name}", key.value));
            let kind = inner.and_then(|inner| {
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
    let (id, kind) = (id?, kind?);
    let stage = Stage::new(At::new(StageId::from(&id.value), &id.place), kind, when, exits);
    needed(&stage, fields.place, &name, problems);
    timeouts(&stage, fields.place, &name, problems);
    Some(stage)
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

fn hours(node: &Node, zone: &TimeZone, problems: &Problems) -> Option<Hours> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let fields = node.fields(problems, "`hours`")?;
    let mut week: [Vec<Span>; 7] = Default::default();
    if let Some(open) = fields.require("open").and_then(|node| node.fields(problems, "`open`")) {
        for (key, node) in open.pairs() {
            let (from, to) = key.value.split_once('-').unwrap_or((&key.value, &key.value));
            let at = |day: &str| DAYS.iter().position(|name| *name == day);
            let (Some(from), Some(to)) = (at(from), at(to)) else {
                problems.error(
                    &key.place,
                    format!("`{}` is no day", key.value),
                    "write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-thu",
                );
                continue;
            };
            let spans: Vec<Span> = node
                .list(problems, "a day's hours")
                .unwrap_or_default()
                .iter()
                .filter_map(|item| span(item, problems))
                .collect();
            let mut day = from;
            loop {
                week[day].extend(&spans);
                if day == to {
                    break;
                }
                day = (day + 1) % 7;
            }
        }
    }
    for day in &mut week {
        day.sort_by_key(|span| span.from);
        if day.windows(2).any(|pair| pair[0].to.is_none_or(|to| to > pair[1].from)) {
            problems.error(
                fields.place_of("open"),
                "two spans of a day overlap",
                "write each hour once",
            );
        }
    }
    let mut holidays = Vec::new();
    for item in fields
        .get("holidays")
        .and_then(|node| node.list(problems, "`holidays`"))
        .unwrap_or_default()
    {
        let Some(entry) = item.fields(problems, "a holiday") else { continue };
        let (date, name) = (entry.require_text("date"), entry.text("name"));
        entry.finish();
        let Some(date) = date else { continue };
        match date.value.parse::<Date>() {
            Ok(day) => holidays.push((day, name.map(|name| name.value).unwrap_or_default())),
            Err(_) => problems.error(
                &date.place,
                format!("`{}` is no date", date.value),
                "write it as 2026-12-25",
            ),
        }
    }
    fields.finish();
    Some(Hours { zone: zone.clone(), week, holidays })
}

fn span(node: &Node, problems: &Problems) -> Option<Span> {
    let text = node.text(problems, "a span of hours")?;
    let parsed = text.value.split_once('-').and_then(|(from, to)| {
        let from = Time::strptime("%H:%M", from.trim()).ok()?;
        let to = if to.trim() == "24:00" {
            None
        } else {
            Some(Time::strptime("%H:%M", to.trim()).ok()?)
        };
        to.is_none_or(|to| from < to).then_some(Span { from, to })
    });
    if parsed.is_none() {
        problems.error(
            &text.place,
            format!("`{}` is no span of hours", text.value),
            "write it as \"08:00-12:00\", the end after the start",
        );
    }
    parsed
}

fn desk(node: &Node, problems: &Problems) -> Option<Desk> {
    let fields = node.fields(problems, "`desk`")?;
    fields.require("where");
    let place = fields.one_of("where", &["channel", "people"]);
    let agents: Vec<String> =
        fields.texts("agents").into_iter().map(|agent| agent.value.to_lowercase()).collect();
    let hunt = fields.one_of("routing", &["broadcast", "hunt"]) == Some("hunt");
    let chats_per_agent = fields.whole("chats_per_agent", 1).unwrap_or(3);
    let notify = fields.texts("notify").into_iter().map(|agent| agent.value).collect();
    fields.finish();
    Some(Desk { people: place? == "people", agents, hunt, chats_per_agent, notify })
}

/// The default of `retention`.
pub(super) const RETENTION: Duration = Duration::from_secs(400 * 86400);

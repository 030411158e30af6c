//! `tenants/<id>/tenant.yaml`: a department with its pipelines.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{
    clock, look,
    people::people,
    settings::{Defaults, DeskSettings, TenantSettings},
    stages_file::read_stages,
    words::{locale, version_of, zone},
};
use crate::{
    model::{
        Named, PipelineId, StageId, TenantId,
        hours::{Hours, Span},
    },
    pipeline::{
        directory::Tenant,
        language::text::Title,
        playbook::{Pipeline, Pipelines},
    },
    source::{At, Fields, Files, Node, NodeKind, Place, Problems, check_id, did_you_mean, short},
};

/// A department as written.
pub(super) struct TenantFile {
    /// What the core needs.
    pub tenant: Tenant,
    /// What it does.
    pub pipelines: Pipelines,
    /// What the rest needs.
    pub settings: TenantSettings,
    /// Where its name stands, and its `ref` where one is written.
    pub name_place: Place,
    /// See `name_place`.
    pub ref_place: Option<Place>,
}

/// Reads a department; none when nothing of it can be used. `folder` is its folder's name, in the
/// company's `files`.
pub(super) fn read(
    node: &Node,
    folder: &str,
    files: &Files,
    defaults: &Defaults,
    problems: &Problems,
) -> Option<TenantFile> {
    let fields = node.fields(problems, "a tenant file")?;
    let source = files.get(&format!("tenants/{folder}/tenant.yaml")).map_or("", String::as_str);
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
    let names = names(&fields, folder);
    let written = fields.text("ref").filter(|reference| is_reference(reference, problems));
    let ref_place = written.as_ref().map(|reference| reference.place.clone());
    let reference = written.map_or_else(|| folder.to_uppercase(), |reference| reference.value);
    let look = look::read(&fields, folder, files);
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
    let managers = people(&fields, "managers");
    let hours = fields.get("hours").and_then(|node| hours(node, &zone, problems));
    let desk_place = fields.get("desk").map(|node| node.place.clone());
    let desk = fields.get("desk").and_then(|node| desk(node, problems));
    let primary = fields.text("primary_pipeline");
    let (pipelines, primary_pipeline) = pipelines(&fields, primary.as_ref());
    let on_handover = fields.text("on_handover");
    let begins = pipelines.get(&primary_pipeline);
    let on_handover = on_handover.and_then(|stage| handover(&stage, begins, problems));
    let place = fields.place.clone();
    let name_place = fields.get("name").map_or(&place, |node| &node.place).clone();
    fields.finish();
    let first = begins.and_then(|pipeline| pipeline.stages.keys().next().cloned());
    let first_agent = begins.and_then(|pipeline| {
        let agent = pipeline.stages.values().find(|stage| stage.agent().is_some())?;
        Some(agent.head.id.clone())
    });
    let tenant = Tenant {
        id,
        name: names.get(&[&locale]).to_owned(),
        names,
        look,
        reference,
        enabled,
        confidential,
        has_desk: desk.is_some(),
        locale,
        hours,
        primary_pipeline,
        first,
        on_handover,
        first_agent,
        version: version_of(source),
        source: source.into(),
        place,
    };
    Some(TenantFile {
        tenant,
        pipelines,
        settings: TenantSettings { managers, retention, desk, desk_place },
        name_place,
        ref_place,
    })
}

/// What it is called, in all languages.
fn names(fields: &Fields<'_>, folder: &str) -> Named {
    let Some(node) = fields.require("name") else { return Named::plain(folder) };
    let Some(title) = Title::read(node, fields.problems, "`name`") else {
        return Named::plain(folder);
    };
    if title.all().any(|name| name.trim().is_empty()) {
        let what = "this department has no name";
        fields.problems.error(&node.place, what, "write how people call it");
    }
    title.name().clone()
}

/// True for what can stand before a number, as in `IT-4821`.
fn is_reference(reference: &At<String>, problems: &Problems) -> bool {
    let text = reference.value.as_str();
    let is_good = !text.is_empty()
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(char::is_alphanumeric));
    if !is_good {
        problems.error(
            &reference.place,
            format!("`{}` cannot stand before a number, as in `IT-4821`", short(text)),
            "use letters and digits, such as `ref: IT`, or leave `ref` out",
        );
    }
    is_good
}

/// The pipelines, and which one is the primary one.
fn pipelines(fields: &Fields<'_>, primary: Option<&At<String>>) -> (Pipelines, PipelineId) {
    let problems = fields.problems;
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
        PipelineId::from(primary.map_or("main", |primary| primary.value.as_str()));
    if !pipelines.is_empty() && !pipelines.contains_key(&primary_pipeline) {
        let place = primary.map_or_else(|| fields.place_of("pipelines"), |primary| &primary.place);
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
    } else if let (Some(primary), true) = (primary, pipelines.is_empty()) {
        problems.error(
            &primary.place,
            format!("there is no pipeline `{primary_pipeline}`"),
            "add it under `pipelines:`",
        );
    }
    (pipelines, primary_pipeline)
}

/// The stage of the primary pipeline at which a guest begins whom an agent hands over.
fn handover(
    stage: &At<String>,
    primary: Option<&Pipeline>,
    problems: &Problems,
) -> Option<At<StageId>> {
    // Without a pipeline that is told already, or nobody can be moved here at all.
    let pipeline = primary?;
    let id = StageId::from(&stage.value);
    if !pipeline.stages.contains_key(&id) {
        if !pipeline.unread.contains(&id) {
            let known: Vec<&str> = pipeline.stages.keys().map(StageId::as_str).collect();
            let hint = did_you_mean(id.as_str(), known.iter().copied());
            problems.error(
                &stage.place,
                format!(
                    "`on_handover`: there is no stage `{id}` in pipeline `{}`, the primary one",
                    pipeline.id
                ),
                format!("name one of: {}{hint}", known.join(", ")),
            );
        }
        return None;
    }
    Some(At::new(id, &stage.place))
}

/// Warns of a week in which no day is open.
fn never_open(open: &Fields<'_>, place: &Place) {
    if open
        .pairs()
        .iter()
        .all(|(_, node)| matches!(&node.kind, NodeKind::List(all) if all.is_empty()))
    {
        open.problems.warning(
                place,
                "no day is open: nobody is ever there",
                "write when somebody is, as in `open: { mon-fri: [\"09:00-17:00\"] }`, or leave `hours` out to be open always",
            );
    }
}

fn hours(node: &Node, zone: &TimeZone, problems: &Problems) -> Option<Hours> {
    let fields = node.fields(problems, "`hours`")?;
    let mut week: [Vec<Span>; 7] = Default::default();
    if let Some(open) = fields.require("open").and_then(|node| node.fields(problems, "`open`")) {
        never_open(&open, fields.place_of("open"));
        for (key, node) in open.pairs() {
            let (from, to) = key.value.split_once('-').unwrap_or((&key.value, &key.value));
            let at = |day: &str| clock::DAYS.iter().position(|name| *name == day);
            let (Some(from), Some(to)) = (at(from), at(to)) else {
                problems.error(
                    &key.place,
                    format!("`{}` is no day", key.value),
                    clock::day_help(&key.value),
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
            Ok(day) => {
                if holidays.iter().any(|(other, _)| *other == day) {
                    let message = format!("`{day}` stands twice among the holidays");
                    problems.warning(&date.place, message, "keep one of them");
                }
                holidays.push((day, name.map(|name| name.value).unwrap_or_default()));
            }
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
            clock::span_help(&text.value),
        );
    }
    parsed
}

fn desk(node: &Node, problems: &Problems) -> Option<DeskSettings> {
    let fields = node.fields(problems, "`desk`")?;
    fields.require("where");
    let place = fields.one_of("where", &["channel", "people"]);
    let agents: Vec<String> =
        people(&fields, "agents").into_iter().map(|agent| agent.to_lowercase()).collect();
    let hunt = fields.one_of("routing", &["broadcast", "hunt"]) == Some("hunt");
    let chats_per_agent = fields.whole("chats_per_agent", 1).unwrap_or(3);
    let notify = people(&fields, "notify");
    if place == Some("people") {
        let what = "a desk of people needs people";
        let help = "add `agents: [ann@contoso.com]`: UPNs or Entra object ids";
        match fields.get("agents") {
            None => fields.lacks("agents", what.to_owned(), help),
            Some(node) if matches!(&node.kind, NodeKind::List(all) if all.is_empty()) => {
                problems.error(&node.place, what, help);
            }
            _ => {}
        }
    }
    let idle: &[&str] = match place {
        Some("people") => &["notify"],
        Some(_) => &["agents", "routing"],
        None => &[],
    };
    for key in idle.iter().filter(|key| fields.pairs().iter().any(|(own, _)| own.value == **key)) {
        let other = if *key == "notify" { "channel" } else { "people" };
        problems.warning(
            fields.place_of(key),
            format!("`{key}` does nothing here: it is for `where: {other}`"),
            format!("remove it, or write `where: {other}`"),
        );
    }
    fields.finish();
    Some(DeskSettings { people: place? == "people", agents, hunt, chats_per_agent, notify })
}

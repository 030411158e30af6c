//! `company.yaml`: the company itself, its clocks and its transfer policy.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use ipnet::IpNet;
use jiff::tz::TimeZone;
use url::Url;

use super::{
    events, pages,
    people::people,
    settings::RETENTION,
    words::{locale, zone},
};
use crate::{
    model::TenantId,
    pipeline::{
        directory::{Idle, Rule, Sharing},
        outside::covers,
    },
    source::{At, Fields, Node, Problems, short},
};

/// Stands in `entra_tenants` for every tenant.
pub(super) const EVERYONE: &str = "*";

/// The company as written.
pub(super) struct CompanyFile {
    pub name: String,
    pub primary: Option<At<String>>,
    pub entra_tenants: Vec<String>,
    pub external_users: bool,
    pub locale: String,
    pub detects: bool,
    pub zone: TimeZone,
    pub admins: Vec<String>,
    pub idle: Idle,
    pub reopen: Duration,
    pub retention: Duration,
    pub commands: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    pub max_hops: u32,
    pub undo: Duration,
    pub rules: Vec<Rule>,
    pub hosts: Vec<String>,
    /// Those of them that may be told what is private.
    pub private_hosts: Vec<String>,
    pub networks: Vec<IpNet>,
    pub events: events::Read,
    pub pages: pages::Pages,
    /// Every tenant that the rules and events name, with its place.
    pub ids: Vec<At<String>>,
}

/// The commands that a guest may type.
pub(super) const COMMANDS: [&str; 7] =
    ["help", "status", "restart", "back", "agent", "end", "departments"];

/// Ids of Microsoft 365 tenants, or `*` alone for everyone.
fn entra_tenants(ids: Vec<At<String>>, problems: &Problems) -> Vec<String> {
    if let Some(all) = ids.iter().find(|id| id.value == EVERYONE).filter(|_| ids.len() > 1) {
        problems.error(
            &all.place,
            "`*` in `entra_tenants` stands for every Microsoft 365 tenant, and others are named beside it",
            "write `entra_tenants: [\"*\"]` for everyone, or the tenants' ids alone",
        );
    }
    for id in ids.iter().filter(|id| id.value != EVERYONE) {
        if id.value.is_empty()
            || id.value.contains(|c: char| c == '*' || c == '.' || c == '@' || c.is_whitespace())
        {
            problems.error(
                &id.place,
                format!("`{}` is no id of a Microsoft 365 tenant", short(&id.value)),
                "write the tenant id (a GUID) as Entra shows it under Overview, or `\"*\"` alone for everyone",
            );
        }
    }
    ids.into_iter().map(|id| id.value).collect()
}

/// Reads the file.
pub(super) fn read(node: &Node, problems: &Problems) -> Option<CompanyFile> {
    let fields = node.fields(problems, "company.yaml")?;
    let name = fields.require_text("company");
    if let Some(name) = name.as_ref().filter(|name| name.value.trim().is_empty()) {
        problems.error(&name.place, "the company has no name", "write how people call it");
    }
    let name = name.map(|name| name.value).unwrap_or_default();
    let primary = fields.require_text("primary_tenant");
    let entra_tenants = entra_tenants(fields.texts("entra_tenants"), problems);
    let external_users = fields.one_of("external_users", &["refuse", "allow"]) == Some("allow");
    let locale = fields
        .text("locale")
        .and_then(|text| locale(text, problems))
        .unwrap_or_else(|| "en-US".to_owned());
    let detects = fields.one_of("language", &["client", "detect"]) == Some("detect");
    let zone =
        fields.text("timezone").and_then(|text| zone(&text, problems)).unwrap_or(TimeZone::UTC);
    let admins = people(&fields, "admins");
    let idle = fields.get("idle").and_then(|node| idle(node, problems)).unwrap_or(IDLE);
    let reopen = fields.duration("reopen").unwrap_or(Duration::from_secs(7 * 86400));
    let retention = fields.duration("retention").unwrap_or(RETENTION);
    let commands = fields.get("commands").map(|node| commands(node, problems)).unwrap_or_default();
    let (mut max_hops, mut undo, mut rules, mut ids) =
        (8, Duration::from_secs(300), Vec::new(), Vec::new());
    if let Some(transfer) =
        fields.get("transfer").and_then(|node| node.fields(problems, "`transfer`"))
    {
        max_hops = transfer.whole("max_hops", 1).unwrap_or(max_hops);
        undo = transfer.duration("undo").unwrap_or(undo);
        for item in transfer
            .get("rules")
            .and_then(|node| node.list(problems, "`rules`"))
            .unwrap_or_default()
        {
            if let Some(entry) = item.fields(problems, "a transfer rule") {
                rules.push(rule(&entry, &mut ids));
            }
        }
        transfer.finish();
    }
    let Called { hosts, private_hosts, networks } =
        fields.get("http").map(|node| http(node, problems)).unwrap_or_default();
    let events = fields.get("events").map(|node| events::read(node, problems)).unwrap_or_default();
    ids.extend(events.ids.iter().cloned());
    let pages = pages::read(&fields, &locale);
    fields.finish();
    Some(CompanyFile {
        name,
        primary,
        entra_tenants,
        external_users,
        locale,
        detects,
        zone,
        admins,
        idle,
        reopen,
        retention,
        commands,
        max_hops,
        undo,
        rules,
        hosts,
        private_hosts,
        networks,
        events,
        pages,
        ids,
    })
}

/// Whom `http` stages may call.
#[derive(Default)]
struct Called {
    hosts: Vec<String>,
    private_hosts: Vec<String>,
    /// Those that are not on the internet.
    networks: Vec<IpNet>,
}

/// As the address of a stage names it: an international name in its ASCII form, an IPv6 address in
/// brackets.
fn host(host: &At<String>, problems: &Problems) -> Option<String> {
    let name = host.value.strip_prefix("*.").unwrap_or(&host.value);
    match Url::parse(&format!("https://{name}/"))
        .ok()
        .filter(|url| url.path() == "/" && url.port().is_none())
    {
        Some(url) if !name.contains(['*', '@', '/', '?', '#']) => {
            let star = if name.len() < host.value.len() { "*." } else { "" };
            Some(format!("{star}{}", url.host_str().unwrap_or(name)))
        }
        _ => {
            problems.error(
                &host.place,
                format!("`{}` is no host", host.value),
                "write its name alone: `tickets.contoso.com`, or `*.contoso.com` for all below it",
            );
            // The host that was meant, so that nobody is told that it is not listed.
            let address =
                if name.contains("://") { name.to_owned() } else { format!("https://{name}") };
            Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned))
        }
    }
}

fn http(node: &Node, problems: &Problems) -> Called {
    let Some(fields) = node.fields(problems, "`http`") else { return Called::default() };
    let mut hosts: Vec<String> = Vec::new();
    for name in fields.texts("hosts").iter().filter_map(|name| host(name, problems)) {
        if !hosts.contains(&name) {
            hosts.push(name);
        }
    }
    let mut private_hosts = Vec::new();
    for name in fields.texts("private") {
        let Some(found) = host(&name, problems) else { continue };
        if !hosts.iter().any(|listed| *listed == found || covers(listed, &found)) {
            problems.error(
                &name.place,
                format!("`{}` may not be called at all", name.value),
                format!("add it to `hosts` as well: `hosts: [{}]`", name.value),
            );
        }
        private_hosts.push(found);
    }
    let mut networks = Vec::new();
    for text in fields.texts("networks") {
        match text
            .value
            .parse::<IpNet>()
            .ok()
            .or_else(|| text.value.parse::<IpAddr>().ok().map(IpNet::from))
        {
            Some(network) => networks.push(network),
            None => problems.error(
                &text.place,
                format!("`{}` is no network", text.value),
                "write `10.20.0.0/16`, `fd00:20::/32`, or one address",
            ),
        }
    }
    fields.finish();
    Called { hosts, private_hosts, networks }
}

const IDLE: Idle = Idle { remind: Duration::from_secs(20 * 60), close: Duration::from_secs(3600) };

fn idle(node: &Node, problems: &Problems) -> Option<Idle> {
    let fields = node.fields(problems, "`idle`")?;
    let idle = Idle {
        remind: fields.duration("remind").unwrap_or(IDLE.remind),
        close: fields.duration("close").unwrap_or(IDLE.close),
    };
    if idle.remind >= idle.close {
        problems.error(
            fields.place,
            "a silent employee is reminded after being given up",
            "make `remind` shorter than `close`",
        );
    }
    fields.finish();
    Some(idle)
}

fn commands(node: &Node, problems: &Problems) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::new();
    let Some(languages) = node.fields(problems, "`commands`") else { return all };
    for (language, node) in languages.pairs() {
        if locale(language.clone(), problems).is_none() {
            continue;
        }
        let Some(fields) = node.fields(problems, &format!("`commands.{}`", language.value)) else {
            continue;
        };
        let mut words = BTreeMap::new();
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for command in COMMANDS {
            let list = fields.texts(command);
            for word in &list {
                let first = known.insert(word.value.trim().to_lowercase(), command);
                let message = match first {
                    _ if word.value.trim().is_empty() => {
                        format!("a word for `{command}` is empty")
                    }
                    Some(first) => format!("`{}` means `{first}` already", short(&word.value)),
                    None => continue,
                };
                problems.error(&word.place, message, "write another word, or remove this one");
            }
            let list: Vec<String> = list.into_iter().map(|word| word.value).collect();
            if !list.is_empty() {
                words.insert(command.to_owned(), list);
            }
        }
        fields.finish();
        all.insert(language.value.clone(), words);
    }
    all
}

fn rule(entry: &Fields<'_>, ids: &mut Vec<At<String>>) -> Rule {
    let problems = entry.problems;
    let mut side = |key| {
        let id = entry.require_text(key)?;
        if id.value == "*" {
            return None;
        }
        ids.push(id.clone());
        Some(TenantId::from(&id.value))
    };
    let (from, to) = (side("from"), side("to"));
    let allow = entry.bool("allow", true);
    let reason_required = entry.one_of("reason", &["required", "optional"]) == Some("required");
    let metadata = entry.get("metadata").is_some().then(|| {
        let prefixes = entry.texts("metadata");
        for prefix in &prefixes {
            let first = prefix.value.split('.').next().unwrap_or_default();
            if !matches!(first, "Guest" | "Data" | "Session" | "Tenant" | "Agent" | "Company")
                || prefix.value.split('.').any(str::is_empty)
            {
                problems.error(
                    &prefix.place,
                    format!("`{}` is no prefix of metadata", prefix.value),
                    "write Guest, Data, or a longer one such as Data.topic",
                );
            }
        }
        prefixes.into_iter().map(|prefix| prefix.value).collect()
    });
    let transcript =
        entry.one_of("transcript", &["full", "guest", "summary", "none"]).map(|word| match word {
            "full" => Sharing::Full,
            "guest" => Sharing::Guest,
            "summary" => Sharing::Summary,
            _ => Sharing::None,
        });
    entry.finish();
    Rule { from, to, allow, reason_required, metadata, transcript, place: entry.place.clone() }
}

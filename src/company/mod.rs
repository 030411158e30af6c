//! Floor 2: the company's files, typed, with a place for every mistake.

mod company_file;
pub mod events;
mod faq_file;
pub mod faq_writer;
pub mod labelled;
mod markdown;
pub mod report;
mod tenant_file;
pub mod watch;
mod yaml;

use std::{collections::BTreeSet, io, path::Path, sync::Arc, time::Duration};

use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use ipnet::IpNet;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::{
    model::{Article, TenantId},
    pipeline::{
        language::text::is_locale,
        playbook::{Pipelines, Playbook, Tenant},
    },
    source::{At, Files, Place, Problem, Problems, check_id, did_you_mean},
};

/// The sample company, compiled in: what runs without any configuration.
static CONTOSO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/contoso");

/// A company, ready to run.
#[derive(Debug, Clone)]
pub struct Company {
    /// Tenants, stages and rules.
    pub playbook: Playbook,
    /// Microsoft 365 tenants whose people may chat; empty means the bot's own, and everyone when
    /// there is none.
    pub entra_tenants: Vec<String>,
    /// Guests and externals of those tenants may chat too.
    pub external_users: bool,
    /// Entra object ids or UPNs of the administrators.
    pub admins: Vec<String>,
    /// Networks that are not on the internet and that `http` stages and webhooks may reach all the
    /// same.
    pub networks: Vec<IpNet>,
    /// Who hears of what becomes of sessions.
    pub events: Vec<events::Endpoint>,
    /// What is not the core's business, per tenant.
    pub tenants: IndexMap<TenantId, TenantSettings>,
    /// What the tenants answer again and again, as far as they have written it down.
    pub articles: IndexMap<TenantId, Vec<Arc<Article>>>,
}

impl Company {
    /// The FAQs of all tenants to which an employee can be moved.
    pub fn faqs(&self) -> impl Iterator<Item = (&TenantId, &[Arc<Article>])> {
        let is_enabled =
            |id: &TenantId| self.playbook.tenant(id).is_some_and(|tenant| tenant.enabled);
        self.articles
            .iter()
            .filter(move |(id, _)| is_enabled(id))
            .map(|(id, articles)| (id, articles.as_slice()))
    }
}

/// What is not the core's business.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Entra object ids or UPNs of the managers.
    pub managers: Vec<String>,
    /// How long data is kept.
    pub retention: Duration,
    /// Where its agents work.
    pub desk: Option<Desk>,
}

/// Where a tenant's agents work.
#[derive(Debug, Clone)]
pub struct Desk {
    /// In personal chats; else in a channel.
    pub people: bool,
    /// The agents, for personal chats, in lower case.
    pub agents: Vec<String>,
    /// One at a time; else all at once.
    pub hunt: bool,
    /// The most chats of one agent.
    pub chats_per_agent: u32,
    /// Who is mentioned in a new thread.
    pub notify: Vec<String>,
}

/// What tenants inherit.
pub struct Defaults {
    locale: String,
    zone: TimeZone,
    retention: Duration,
}

/// Reads a company from its files. The company is there when no mistake was found. `is_secret` is
/// true for the environment variables that files may not send anywhere.
pub fn load(files: &Files, is_secret: fn(&str) -> bool) -> (Option<Company>, Vec<Problem>) {
    let problems = Problems::keeping(is_secret);
    let company = read(files, &problems);
    let company = company.filter(|_| !problems.any_error());
    (company, problems.into_sorted())
}

fn read(files: &Files, problems: &Problems) -> Option<Company> {
    const NAME: &str = "company.yaml";
    let Some(text) = files.get(NAME) else {
        problems.error(
            &Place::start_of(NAME),
            "there is no company.yaml",
            "a company folder has company.yaml and tenants/<id>/tenant.yaml",
        );
        return None;
    };
    let head =
        yaml::read(NAME, text, problems).and_then(|node| company_file::read(&node, problems));
    let defaults = head.as_ref().map_or_else(
        || Defaults {
            locale: "en-US".to_owned(),
            zone: TimeZone::UTC,
            retention: tenant_file::RETENTION,
        },
        |head| Defaults {
            locale: head.locale.clone(),
            zone: head.zone.clone(),
            retention: head.retention,
        },
    );
    let (mut tenants, mut settings) = (IndexMap::new(), IndexMap::new());
    for (path, text) in files {
        let Some(folder) =
            path.strip_prefix("tenants/").and_then(|rest| rest.strip_suffix("/tenant.yaml"))
        else {
            continue;
        };
        if folder.contains('/')
            || !check_id(&At::new(folder.to_owned(), &Place::start_of(path)), "folder", problems)
        {
            continue;
        }
        let Some(node) = yaml::read(path, text, problems) else { continue };
        if let Some(file) = tenant_file::read(&node, folder, text, &defaults, problems) {
            let id = TenantId::from(folder);
            tenants.insert(id.clone(), file.tenant);
            settings.insert(id, file.settings);
        }
    }
    let locale_of = |folder: &str| {
        let tenant = tenants.get(folder).map(|tenant: &Tenant| tenant.locale.clone());
        // A tenant whose file has a mistake has a FAQ all the same.
        tenant.or_else(|| {
            files
                .contains_key(&format!("tenants/{folder}/tenant.yaml"))
                .then(|| defaults.locale.clone())
        })
    };
    let articles = faq_file::read_all(files, locale_of, problems);
    let head = head?;
    // A tenant whose file has a mistake is not missing: say so once, where it is.
    let exists = |id: &str| files.contains_key(&format!("tenants/{id}/tenant.yaml"));
    let known = || tenants.keys().map(TenantId::as_str);
    let mut named: Vec<&At<String>> = head.ids.iter().collect();
    named.extend(head.primary.iter());
    for id in named {
        if !exists(&id.value) {
            let all = known().collect::<Vec<_>>().join(", ");
            problems.error(
                &id.place,
                format!("there is no tenant `{}`", id.value),
                format!("the tenants are: {all}{}", did_you_mean(&id.value, known())),
            );
        }
    }
    let primary = head.primary?;
    let primary_id = TenantId::from(&primary.value);
    if let Some(tenant) = tenants.get(&primary_id) {
        if !tenant.enabled {
            problems.error(
                &primary.place,
                format!("the primary tenant `{primary_id}` is disabled"),
                "enable it, or start every chat elsewhere",
            );
        }
        if tenant.pipelines.is_empty() {
            problems.error(
                &primary.place,
                format!("the primary tenant `{primary_id}` has no pipeline"),
                "give it one: every chat starts there",
            );
        }
    }
    let playbook = Playbook {
        company: head.name,
        primary: primary_id,
        locale: head.locale,
        zone: head.zone,
        max_hops: head.max_hops,
        undo: head.undo,
        rules: head.rules,
        idle: head.idle,
        reopen: head.reopen,
        commands: head.commands,
        hosts: head.hosts,
        tenants,
        data_keys: BTreeSet::new(),
        date_keys: BTreeSet::new(),
    }
    .indexed();
    playbook.check(files, problems);
    head.events.hosts.iter().for_each(|host| playbook.host(host, problems));
    Some(Company {
        playbook,
        entra_tenants: head.entra_tenants,
        external_users: head.external_users,
        admins: head.admins,
        networks: head.networks,
        events: head.events.endpoints,
        tenants: settings,
        articles,
    })
}

/// Reads a tenant's pipelines from a `tenant.yaml` of another day, which the checker passed then.
/// Only what cannot be read at all any more (a kind of stage that no longer exists) is left out.
pub fn pipelines_of(source: &str) -> Option<Pipelines> {
    let problems = Problems::default();
    let node = yaml::read("tenant.yaml", source, &problems)?;
    let defaults = Defaults {
        locale: "en-US".to_owned(),
        zone: TimeZone::UTC,
        retention: tenant_file::RETENTION,
    };
    tenant_file::read(&node, "tenant", source, &defaults, &problems)
        .map(|file| file.tenant.pipelines)
}

/// The name of a file's content.
fn version_of(source: &str) -> String {
    hex(&Sha256::digest(source.as_bytes()))
}

/// True for what a company is made of; a page for its readers beside it is none of it.
fn is_ours(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yaml" | "hbs" | "json" | "dialog"))
}

/// The sample company.
pub fn contoso() -> Files {
    fn add(dir: &Dir<'_>, files: &mut Files) {
        for file in dir.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8())
                && is_ours(file.path())
            {
                files.insert(path.replace('\\', "/"), text.to_owned());
            }
        }
        dir.dirs().for_each(|dir| add(dir, files));
    }
    let mut files = Files::new();
    add(&CONTOSO, &mut files);
    files
}

/// Reads a company folder from disk: everything that ends in `.yaml`, `.hbs`, `.json` or `.dialog`.
/// Blocking: call it at start or from a thread of its own.
pub fn read_folder(folder: &Path) -> io::Result<Files> {
    fn walk(root: &Path, dir: &Path, depth: usize, files: &mut Files) -> io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .and_then(|name| name.to_str())
                .is_none_or(|name| name.starts_with('.'));
            if hidden || depth > 6 {
                continue;
            }
            // Follows links: Kubernetes mounts its files as links.
            let meta = std::fs::metadata(&path)?;
            if meta.is_dir() {
                walk(root, &path, depth + 1, files)?;
            } else if is_ours(&path) {
                let bytes = std::fs::read(&path)?;
                let text = String::from_utf8(bytes).map_err(|_| {
                    io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("{} is not UTF-8 text: save it as UTF-8", path.display()),
                    )
                })?;
                let name =
                    path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.insert(
                    name,
                    text.strip_prefix('\u{FEFF}').map_or(text.clone(), str::to_owned),
                );
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    walk(folder, folder, 0, &mut files)?;
    Ok(files)
}

fn locale(text: At<String>, problems: &Problems) -> Option<String> {
    let fits = is_locale(&text.value);
    if !fits {
        problems.error(
            &text.place,
            format!("`{}` is no locale", text.value),
            "write it as en-US, de-DE or fr",
        );
    }
    fits.then_some(text.value)
}

fn zone(text: &At<String>, problems: &Problems) -> Option<TimeZone> {
    let zone = TimeZone::get(&text.value).ok();
    if zone.is_none() {
        problems.error(
            &text.place,
            format!("there is no time zone `{}`", text.value),
            "write an IANA name such as Europe/Berlin",
        );
    }
    zone
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

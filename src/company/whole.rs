//! A company from all its files.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;
use ipnet::IpNet;

use super::{
    company_file::{self, CompanyFile},
    events, faq_file, pages,
    settings::{Defaults, DeskSettings, TenantSettings},
    tenant_file, unread, yaml,
};
use crate::{
    model::{
        Article, Guest, TenantId,
        locale::{nearest, speaks_to},
    },
    pipeline::{
        directory::{Directory, Tenant},
        playbook::{Pipelines, Playbook},
        proof::Proof,
    },
    source::{At, Files, Place, Problem, Problems, check_id, did_you_mean, no_tenant},
};

/// A company, ready to run.
#[derive(Debug, Clone)]
pub struct Company {
    /// Tenants and rules.
    pub directory: Directory,
    /// The same as it is read in other languages, by locale.
    readers: BTreeMap<String, Directory>,
    /// What the tenants do.
    pub playbook: Playbook,
    /// Microsoft 365 tenants whose people may chat, as the file has them: see
    /// [`Company::whose_people`].
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
    /// What it says of the app to everybody.
    pages: pages::Pages,
    /// What is not the core's business, per tenant.
    pub tenants: IndexMap<TenantId, TenantSettings>,
    /// What the tenants answer again and again, as far as they have written it down.
    pub articles: IndexMap<TenantId, Vec<Arc<Article>>>,
}

/// The directory in every locale in which a department has a name.
fn readers(directory: &Directory) -> BTreeMap<String, Directory> {
    let tenants = directory.tenants.values();
    let locales: BTreeSet<&str> = tenants.flat_map(|tenant| tenant.names.locales()).collect();
    locales.into_iter().map(|to| (to.to_owned(), directory.read_in(to))).collect()
}

/// Whose people may chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People<'a> {
    /// Everyone's: `entra_tenants: ["*"]`.
    Everyone,
    /// Those of these Microsoft 365 tenants.
    Of(&'a [String]),
    /// Nothing says it: no list, and no tenant of the bot's own. With an app id such a company is
    /// not started and not taken over; without one there is nobody to tell apart.
    Unsaid,
}

impl Company {
    /// The directory as a guest reads it: departments are called as in their language.
    pub fn directory_for(&self, guest: &Guest) -> &Directory {
        let locale = speaks_to(guest, "");
        let found = nearest(self.readers.keys().map(String::as_str), locale);
        let found = found.and_then(|at| self.readers.values().nth(at));
        found.unwrap_or(&self.directory)
    }

    /// Whose people may chat: the one place that knows what `entra_tenants` means. `own` is the
    /// bot's own Microsoft 365 tenant, which an empty list stands for.
    pub fn whose_people<'a>(&'a self, own: Option<&'a String>) -> People<'a> {
        match (self.entra_tenants.as_slice(), own) {
            (named, _) if named.iter().any(|id| id == company_file::EVERYONE) => People::Everyone,
            ([], Some(own)) => People::Of(std::slice::from_ref(own)),
            ([], None) => People::Unsaid,
            (named, _) => People::Of(named),
        }
    }

    /// What everybody may read of privacy, or of the terms of use.
    pub fn page(&self, kind: pages::Kind) -> pages::Page {
        let spans = || self.tenants.values().map(|tenant| tenant.retention);
        let kept = (spans().min().unwrap_or_default(), spans().max().unwrap_or_default());
        let Directory { company, locale, .. } = &self.directory;
        self.pages.page(kind, &pages::Filling { company, locale, kept })
    }

    /// The FAQs of all tenants to which an employee can be moved.
    pub fn faqs(&self) -> impl Iterator<Item = (&TenantId, &[Arc<Article>])> {
        let is_enabled =
            |id: &TenantId| self.directory.tenant(id).is_some_and(|tenant| tenant.enabled);
        self.articles
            .iter()
            .filter(move |(id, _)| is_enabled(id))
            .map(|(id, articles)| (id, articles.as_slice()))
    }
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
    unread::check(files, problems);
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
    let defaults = head.as_ref().map_or_else(Defaults::default, |head| Defaults {
        locale: head.locale.clone(),
        zone: head.zone.clone(),
        retention: head.retention,
    });
    let departments = departments(files, &defaults, problems);
    let locale_of = |folder: &str| {
        let tenant = departments.tenants.get(folder).map(|tenant| tenant.locale.clone());
        // A tenant whose file has a mistake has a FAQ all the same.
        tenant.or_else(|| {
            files
                .contains_key(&format!("tenants/{folder}/tenant.yaml"))
                .then(|| defaults.locale.clone())
        })
    };
    let articles = faq_file::read_all(files, locale_of, problems);
    let head = head?;
    strangers(&head, files, &departments, problems);
    let primary = head.primary?;
    let primary_id = TenantId::from(&primary.value);
    starts(&primary, &departments, problems);
    let Departments { tenants, pipelines, settings, .. } = departments;
    let playbook = Playbook(pipelines);
    let directory = Directory {
        company: head.name,
        primary: primary_id,
        locale: head.locale,
        zone: head.zone,
        max_hops: head.max_hops,
        undo: head.undo,
        rules: head.rules,
        detects: head.detects,
        idle: head.idle,
        reopen: head.reopen,
        commands: head.commands,
        hosts: head.hosts,
        private_hosts: head.private_hosts,
        tenants,
        data_keys: playbook.data_keys(),
        date_keys: playbook.date_keys(),
        labels: playbook.labels(),
    };
    let proof = Proof::new(&directory, &playbook, files, problems);
    proof.run();
    head.events.hosts.iter().for_each(|host| proof.host(host));
    Some(Company {
        readers: readers(&directory),
        directory,
        playbook,
        entra_tenants: head.entra_tenants,
        external_users: head.external_users,
        admins: head.admins,
        networks: head.networks,
        events: head.events.endpoints,
        pages: head.pages,
        tenants: settings,
        articles,
    })
}

/// The departments as their files say.
#[derive(Default)]
struct Departments {
    tenants: IndexMap<TenantId, Tenant>,
    pipelines: IndexMap<TenantId, Pipelines>,
    settings: IndexMap<TenantId, TenantSettings>,
    /// Where their `ref` stands, where one is written.
    places: IndexMap<TenantId, Option<Place>>,
}

/// Complains about a name that another department has too: nobody could tell them apart.
fn unlike(
    others: &IndexMap<TenantId, Tenant>,
    file: &tenant_file::TenantFile,
    problems: &Problems,
) {
    let alike = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    for other in others.values() {
        let both =
            file.tenant.names.all().find(|own| other.names.all().any(|name| alike(name, own)));
        if let Some(name) = both.filter(|name| !name.trim().is_empty()) {
            problems.error(
                &file.name_place,
                format!("`{}` is called `{}` too", other.id, name.trim()),
                "give every department a name of its own: people choose by it",
            );
        }
    }
}

/// Complains about a `ref` of two departments: their numbers could not be told apart. Told where one
/// is written, the later one of two.
fn references(departments: &Departments, problems: &Problems) {
    let tenants = &departments.tenants;
    let mut told: BTreeSet<&TenantId> = BTreeSet::new();
    for (at, (id, tenant)) in tenants.iter().enumerate() {
        for (other, before) in tenants.iter().take(at) {
            let is_same = tenant.reference.to_lowercase() == before.reference.to_lowercase();
            let written = |id| departments.places.get(id).and_then(Option::as_ref);
            let found = written(id).map(|place| (place, id, other));
            let found = found.or_else(|| written(other).map(|place| (place, other, id)));
            if let Some((place, own, other)) = found.filter(|_| is_same)
                && told.insert(own)
            {
                problems.error(
                    place,
                    format!("`{other}` has the `ref` {} too", tenants[other].reference),
                    "give every department a `ref` of its own: its numbers begin with it",
                );
            }
        }
    }
}

fn departments(files: &Files, defaults: &Defaults, problems: &Problems) -> Departments {
    let mut all = Departments::default();
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
        if let Some(file) = tenant_file::read(&node, folder, files, defaults, problems) {
            let id = TenantId::from(folder);
            unlike(&all.tenants, &file, problems);
            all.places.insert(id.clone(), file.ref_place);
            all.tenants.insert(id.clone(), file.tenant);
            all.pipelines.insert(id.clone(), file.pipelines);
            all.settings.insert(id, file.settings);
        }
    }
    references(&all, problems);
    all
}

/// Complains about departments that company.yaml names and that have no file. One whose file has a
/// mistake is not missing: it is said once, where it is.
fn strangers(head: &CompanyFile, files: &Files, departments: &Departments, problems: &Problems) {
    let known = || departments.tenants.keys().map(TenantId::as_str);
    for id in head.ids.iter().chain(&head.primary) {
        if !files.contains_key(&format!("tenants/{}/tenant.yaml", id.value)) {
            let all = known().collect::<Vec<_>>().join(", ");
            let help = if all.is_empty() {
                format!("there is none as yet: write tenants/{}/tenant.yaml", id.value)
            } else {
                format!("the tenants are: {all}{}", did_you_mean(&id.value, known()))
            };
            problems.error(&id.place, no_tenant(&id.value), help);
        }
    }
}

/// Every chat starts at the primary tenant: it must be able to.
fn starts(primary: &At<String>, departments: &Departments, problems: &Problems) {
    let id = TenantId::from(&primary.value);
    let Some(tenant) = departments.tenants.get(&id) else { return };
    if !tenant.enabled {
        problems.error(
            &primary.place,
            format!("the primary tenant `{id}` is disabled"),
            "enable it, or start every chat elsewhere",
        );
    }
    let is_unread = problems.any_error_in(&tenant.place.file);
    if !is_unread && departments.pipelines.get(&id).is_none_or(Pipelines::is_empty) {
        problems.error(
            &primary.place,
            format!("the primary tenant `{id}` has no pipeline"),
            "give it one: every chat starts there",
        );
    }
}

/// A department of another day.
#[derive(Debug, Clone)]
pub struct Was {
    /// What the core needs; it takes nobody in.
    pub tenant: Arc<Tenant>,
    /// Its pipelines.
    pub pipelines: Arc<Pipelines>,
    /// Where its agents worked.
    pub desk: Option<DeskSettings>,
}

/// Reads a department from a `tenant.yaml` of another day, which the checker passed then. What it
/// left to company.yaml is as that says today. Only what cannot be read at all any more (a kind of
/// stage that no longer exists) is left out.
pub fn department_of(id: &TenantId, source: &str, today: &Directory) -> Option<Was> {
    let problems = Problems::default();
    let node = yaml::read("tenant.yaml", source, &problems)?;
    let defaults =
        Defaults { locale: today.locale.clone(), zone: today.zone.clone(), ..Defaults::default() };
    let path = format!("tenants/{id}/tenant.yaml");
    let files = Files::from([(path, source.to_owned())]);
    let file = tenant_file::read(&node, id.as_str(), &files, &defaults, &problems)?;
    Some(Was {
        tenant: Arc::new(Tenant { enabled: false, ..file.tenant }),
        pipelines: Arc::new(file.pipelines),
        desk: file.settings.desk,
    })
}

//! Floor 3: the checker, which needs company, cards and dialogs together.

mod dialogs;
mod signs;
mod words;

use crate::{
    cards::Cards,
    company::{self, Company},
    model::TenantId,
    pipeline::{answers::Search, language::touches, proof::Proof, stage::Mention},
    settings,
    source::{Files, Place, Problem, Problems, told},
};

/// What checked files give.
pub struct Checked {
    /// The company and its cards, when there was no mistake.
    pub ready: Option<(Company, Cards)>,
    /// Everything found, by file and position. Warnings do not stand in the way.
    pub problems: Vec<Problem>,
}

/// Checks a company's files: names, loops, ends, cards.
pub fn check(files: &Files) -> Checked {
    let (company, mut problems) = company::load(files, settings::is_secret);
    let (cards, of_cards) = Cards::load(files);
    problems.extend(of_cards);
    let more = Problems::default();
    if let Some(company) = &company {
        mentions(company, &cards, files, &more);
        answers(company, &more);
        unread(company, files, &more);
        desks(company, &more);
    }
    dialogs::check(files, &more);
    words::check(files, &more);
    problems.extend(more.into_sorted());
    problems.sort_by(|a, b| {
        (&a.place.file, a.place.bytes.start).cmp(&(&b.place.file, b.place.bytes.start))
    });
    problems.dedup();
    problems.iter_mut().for_each(|problem| signs::name(problem, files));
    let problems = told(problems);
    let good = problems.iter().all(|problem| problem.warning);
    Checked { ready: company.filter(|_| good).map(|company| (company, cards)), problems }
}

/// The same as a pair, for those who are handed the checker.
pub fn ready(files: &Files) -> (Option<(Company, Cards)>, Vec<Problem>) {
    let Checked { ready, problems } = check(files);
    (ready, problems)
}

/// Where answers are looked for there are some.
fn answers(company: &Company, problems: &Problems) {
    for tenant in company.directory.tenants.values() {
        let has_some =
            company.faqs().any(|(id, articles)| *id == tenant.id && !articles.is_empty());
        for stage in company.playbook.of(&tenant.id).flat_map(|pipeline| pipeline.stages.values()) {
            let mentions = stage.kind.behaviour().mentions();
            if !has_some && mentions.iter().any(|mention| matches!(mention, Mention::OwnFaq)) {
                problems.warning(
                    &stage.head.place,
                    format!("stage `{}` finds nothing: `{}` has no FAQ", stage.head.id, tenant.id),
                    format!("write tenants/{}/faq.yaml, or look at the others' too with `faq: {{ tenants: all }}`", tenant.id),
                );
            }
        }
    }
}

/// Every FAQ is looked in by somebody, and every pipeline is somebody's way.
fn unread(company: &Company, files: &Files, problems: &Problems) {
    let searches: Vec<(&TenantId, Search<'_>)> = company
        .directory
        .tenants
        .keys()
        .flat_map(|id| company.playbook.of(id).map(move |pipeline| (id, pipeline)))
        .flat_map(|(id, pipeline)| pipeline.stages.values().map(move |stage| (id, stage)))
        .filter_map(|(id, stage)| Some((id, stage.kind.behaviour().looks_in()?)))
        .collect();
    for (id, articles) in company.faqs() {
        let is_read = searches.iter().any(|(own, search)| match search {
            Search::Own => *own == id,
            Search::All => true,
            Search::These(ids) => *own == id || ids.contains(id),
        });
        let folder = format!("tenants/{id}/faq");
        let path = files.keys().find(|path| path.starts_with(&folder) && path.ends_with(".yaml"));
        if let Some(path) = path.filter(|_| !is_read && !articles.is_empty()) {
            problems.warning(
                &Place::start_of(path),
                format!("no stage looks in the FAQ of `{id}`"),
                "add a stage `faq: {}`, or look at all of them somewhere with `faq: { tenants: all }`",
            );
        }
    }
    for tenant in company.directory.tenants.values() {
        for pipeline in company.playbook.of(&tenant.id) {
            if pipeline.id != tenant.primary_pipeline {
                problems.warning(
                    &pipeline.place,
                    format!("nothing leads to pipeline `{}` of `{}`", pipeline.id, tenant.id),
                    format!(
                        "chats take `{}`: name this one with `primary_pipeline:`, or remove it",
                        tenant.primary_pipeline
                    ),
                );
            }
        }
    }
}

/// Whoever is sent to a desk finds one, and who has a desk is asked.
fn desks(company: &Company, problems: &Problems) {
    for tenant in company.directory.tenants.values() {
        let written = company.tenants.get(&tenant.id).and_then(|it| it.desk_place.as_ref());
        let stages = || company.playbook.of(&tenant.id).flat_map(|all| all.stages.values());
        let mut asking = stages().filter(|stage| stage.kind.behaviour().is_for_desk()).peekable();
        if let Some(place) = written
            && asking.peek().is_none()
            && stages().next().is_some()
        {
            problems.warning(
                place,
                format!(
                    "no stage of `{}` leads to its desk: only who asks for a person gets there",
                    tenant.id
                ),
                "add a stage `agent: {}` or `message: {}`",
            );
        }
        for stage in asking.filter(|_| written.is_none()) {
            problems.error(
                &stage.head.place,
                format!(
                    "stage `{}` is for the desk of `{}`, which has none: nobody would read it",
                    stage.head.id, tenant.id
                ),
                "add `desk: { where: channel }` to its tenant.yaml, or `desk: { where: people, agents: [ann@contoso.com] }`",
            );
        }
    }
}

/// A card whose file is there is not missing: its mistake is told where it is.
fn is_broken(files: &Files, tenant: &TenantId, name: &str) -> bool {
    let folders = [format!("tenants/{tenant}/cards/"), "cards/".to_owned()];
    let is_it = |path: &String| {
        let file = folders.iter().find_map(|folder| path.strip_prefix(folder.as_str()));
        let stem = file.and_then(|file| file.strip_suffix(".json.hbs"));
        stem.is_some_and(|stem| stem.split('.').next() == Some(name))
    };
    files.keys().any(is_it)
}

/// Cards that stages name exist, and every card names only what can be set.
fn mentions(company: &Company, cards: &Cards, files: &Files, problems: &Problems) {
    let (directory, playbook) = (&company.directory, &company.playbook);
    let proof = Proof::new(directory, playbook, files, problems);
    for tenant in directory.tenants.values() {
        let mut brought: Vec<(&str, Vec<&str>)> = Vec::new();
        let private = proof.private_keys(tenant);
        for stage in company.playbook.of(&tenant.id).flat_map(|pipeline| pipeline.stages.values()) {
            for mention in stage.kind.behaviour().mentions() {
                let Mention::Card(name, own) = mention else { continue };
                if stage.transfer().is_some()
                    && let Some(key) = private.iter().find(|key| {
                        let named = cards.variables(&tenant.id, &name.value);
                        named.iter().any(|(path, _)| touches(path, key))
                    })
                {
                    proof.leaves(tenant, key, "template", &name.place);
                }
                if cards.has(&tenant.id, &name.value) {
                    brought.push((&name.value, own));
                } else if !is_broken(files, &tenant.id, &name.value) {
                    problems.error(
                        &name.place,
                        format!("there is no card `{}`", name.value),
                        format!(
                            "add cards/{0}.json.hbs, or tenants/{1}/cards/{0}.json.hbs",
                            name.value, tenant.id
                        ),
                    );
                }
            }
        }
        for name in cards.names(&tenant.id) {
            // What any stage that shows the card hands over counts; a variable that only one of two
            // stages brings is caught by neither being able to render it, which the card's sample
            // shows.
            let own: Vec<&str> = brought
                .iter()
                .filter(|(card, _)| *card == name)
                .flat_map(|(_, own)| own.iter().copied())
                .collect();
            for (path, place) in cards.variables(&tenant.id, name) {
                let first = path.split('.').next().unwrap_or_default();
                if files.contains_key(&*place.file) && !Cards::is_own(first) {
                    proof.variable(&path, &own, &place);
                }
            }
        }
    }
}

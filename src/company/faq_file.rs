//! `tenants/<id>/faq.yaml` and `tenants/<id>/faq/*.yaml`: what a department answers again and
//! again.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;

use super::{markdown, words::locale, yaml};
use crate::{
    model::{Article, TenantId},
    source::{At, Fields, Files, Node, Place, Problems, check_id, is_id},
};

/// The longest question or other wording, in characters: it is a line of a card.
const LONGEST_QUESTION: usize = 300;
/// The longest answer, in characters. Several stand on one card, and a message of more than about
/// 100 KB is refused by Teams (413).
const LONGEST_ANSWER: usize = 5_000;

/// Reads the FAQs of all tenants. `locale_of` is what a tenant's articles are written in when they
/// do not say; none for a folder that is no tenant.
pub(super) fn read_all(
    files: &Files,
    locale_of: impl Fn(&str) -> Option<String>,
    problems: &Problems,
) -> IndexMap<TenantId, Vec<Arc<Article>>> {
    let mut all: IndexMap<TenantId, Vec<Arc<Article>>> = IndexMap::new();
    // Ids are unique over all files of a tenant: by them its articles are counted.
    let mut ids: BTreeMap<(&str, String), Place> = BTreeMap::new();
    for (path, text) in files {
        let Some(folder) = folder_of(path) else { continue };
        let Some(tenant_locale) = locale_of(folder) else {
            problems.warning(
                &Place::start_of(path),
                format!("this FAQ belongs to nobody: there is no tenants/{folder}/tenant.yaml"),
                "add the tenant's file, or move the FAQ to the tenant that answers",
            );
            continue;
        };
        let Some(node) = yaml::read(path, text, problems) else { continue };
        let articles = all.entry(TenantId::from(folder)).or_default();
        for item in items(&node, problems) {
            if problems.is_enough() {
                break;
            }
            let Some(fields) = item.fields(problems, "an article") else { continue };
            let Some((id, article)) = article(&fields, &tenant_locale, files) else { continue };
            if let Some(first) = ids.get(&(folder, id.value.clone())) {
                let at = if *first.file == **path {
                    format!("line {}", first.line)
                } else {
                    format!("{}:{}", first.file, first.line)
                };
                problems.error(
                    &id.place,
                    format!("article `{}` stands here a second time (first in {at})", id.value),
                    "give every article of a tenant an id of its own; in another language, one such as reset-password-de",
                );
                continue;
            }
            ids.insert((folder, id.value), id.place);
            articles.push(Arc::new(article));
        }
    }
    all
}

/// How many articles a file has; none that can be read counts as empty.
pub(super) fn count(path: &str, text: &str) -> usize {
    let problems = Problems::default();
    yaml::read(path, text, &problems).map_or(0, |node| items(&node, &problems).len())
}

/// How many articles a file has, and its last one.
pub(super) fn last_of(
    path: &str,
    text: &str,
    locale: &str,
    problems: &Problems,
) -> Option<(usize, Article)> {
    let node = yaml::read(path, text, problems)?;
    let items = items(&node, problems);
    let fields = items.last()?.fields(problems, "an article")?;
    article(&fields, locale, &Files::new()).map(|(_, article)| (items.len(), article))
}

/// The tenant's folder of a FAQ file.
fn folder_of(path: &str) -> Option<&str> {
    let (folder, file) = path.strip_prefix("tenants/")?.split_once('/')?;
    let is_faq = file == "faq.yaml"
        || file
            .strip_prefix("faq/")
            .is_some_and(|name| name.ends_with(".yaml") && !name.contains('/'));
    // A folder of another name is told of where the tenant's file is read.
    (is_faq && is_id(folder)).then_some(folder)
}

/// The articles of a file.
fn items<'a>(node: &'a Node, problems: &Problems) -> &'a [Node] {
    node.list(problems, "a FAQ file").unwrap_or_default()
}

fn article(
    fields: &Fields<'_>,
    tenant_locale: &str,
    files: &Files,
) -> Option<(At<String>, Article)> {
    let problems = fields.problems;
    let id = fields.require_text("id").filter(|id| check_id(id, "id", problems));
    let wording = |text: At<String>, what: &str| {
        let value = text.value.trim();
        let length = value.chars().count();
        if value.is_empty() {
            problems.error(
                &text.place,
                format!("{what} is empty"),
                "write what people ask, in their words",
            );
        } else if length > LONGEST_QUESTION {
            let message = format!("{what} has {length} characters; {LONGEST_QUESTION} is the most");
            problems.error(
                &text.place,
                message,
                "make it one short question, and say the rest in the answer",
            );
        }
        value.to_owned()
    };
    let question = fields.require_text("question").map(|text| wording(text, "`question`"));
    let also =
        fields.texts("also").into_iter().map(|text| wording(text, "an entry of `also`")).collect();
    let answer = fields.require_text("answer").map(|text| {
        let length = text.value.chars().count();
        if text.value.trim().is_empty() {
            problems.error(
                &text.place,
                "`answer` is empty",
                "write the answer, or take the article out until there is one",
            );
        } else if length > LONGEST_ANSWER {
            let message = format!(
                "`answer` has {length} characters; {LONGEST_ANSWER} is the most that fits on a card"
            );
            problems.error(
                &text.place,
                message,
                "say what helps most people, and link to the page with the rest",
            );
        } else {
            markdown::check(&text, files, problems);
        }
        text.value.trim().to_owned()
    });
    let tags = fields.texts("tags").into_iter().filter(|tag| {
        let is_empty = tag.value.trim().is_empty();
        if is_empty {
            problems.error(&tag.place, "an entry of `tags` is empty", "write a word, or remove it");
        }
        !is_empty
    });
    let tags = tags.map(|tag| tag.value.trim().to_owned()).collect();
    let locale = fields
        .text("locale")
        .and_then(|text| locale(text, problems))
        .unwrap_or_else(|| tenant_locale.to_owned());
    fields.finish();
    let id = id?;
    let article =
        Article { id: id.value.clone(), question: question?, also, answer: answer?, tags, locale };
    Some((id, article))
}

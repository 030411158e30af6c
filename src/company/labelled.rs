//! Labelled queries: what somebody might write, with the article that answers it. With them the FAQ
//! search is measured.

use super::{whole::Company, words::locale, yaml};
use crate::{
    model::TenantId,
    source::{At, Fields, Files, Problem, Problems, did_you_mean},
};

/// What stands for "no article answers this".
const NONE: &str = "none";

/// A query with its right answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Whose FAQ is asked, and where the query stands.
    pub tenant: At<TenantId>,
    /// What somebody wrote.
    pub query: String,
    /// The language of their Teams; as the files say, else the tenant's.
    pub locale: String,
    /// The article that answers it; none when nothing does.
    pub article: Option<String>,
}

/// Reads the labelled queries of every `*.yaml` in a folder, by file. They are there when no
/// mistake was found.
pub fn labelled(files: &Files, company: &Company) -> (Vec<(String, Vec<Labelled>)>, Vec<Problem>) {
    let problems = Problems::default();
    let mut all = Vec::new();
    for (path, text) in
        files.iter().filter(|(path, _)| path.ends_with(".yaml") && !path.contains('/'))
    {
        let Some(node) = yaml::read(path, text, &problems) else { continue };
        let items = node.list(&problems, "a file of labelled queries").unwrap_or_default();
        let read = items
            .iter()
            .filter_map(|item| labelled_one(&item.fields(&problems, "a labelled query")?, company));
        all.push((path.clone(), read.collect()));
    }
    let any_error = problems.any_error();
    (if any_error { Vec::new() } else { all }, problems.into_sorted())
}

fn labelled_one(fields: &Fields<'_>, company: &Company) -> Option<Labelled> {
    let problems = fields.problems;
    let (tenant, query) = (fields.require_text("tenant"), fields.require_text("query"));
    let given = fields.text("locale").map(|text| locale(text, problems));
    let article = fields.require_text("article");
    fields.finish();
    let (tenant, query, article) = (tenant?, query?, article?);
    let Some(known) = company.directory.tenant(&TenantId::from(&tenant.value)) else {
        let ids: Vec<&str> = company.directory.tenants.keys().map(TenantId::as_str).collect();
        let help = format!(
            "the tenants are: {}{}",
            ids.join(", "),
            did_you_mean(&tenant.value, ids.iter().copied())
        );
        problems.error(&tenant.place, format!("there is no tenant `{}`", tenant.value), help);
        return None;
    };
    let articles = company.articles.get(&known.id).map(Vec::as_slice).unwrap_or_default();
    let is_known = article.value == NONE || articles.iter().any(|known| known.id == article.value);
    if !is_known {
        let hint = did_you_mean(&article.value, articles.iter().map(|article| article.id.as_str()));
        let message = format!("`{}` has no article `{}`", known.id, article.value);
        problems.error(
            &article.place,
            message,
            format!("name one of its articles, or write none when nothing answers it{hint}"),
        );
    }
    Some(Labelled {
        tenant: At::new(known.id.clone(), &tenant.place),
        query: query.value,
        locale: given.flatten().unwrap_or_else(|| known.locale.clone()),
        article: Some(article.value).filter(|id| id != NONE),
    })
}

//! Proposals for FAQs: what agents proposed, and what a manager decides.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    company::{faq_writer, report},
    engine::Refused,
    http::{
        body::{self, Body},
        problem::{Code, Problem},
        reply::Reply,
        scope::Scope,
    },
    model::{Article, SuggestionId, TenantId},
    store::{Suggestion, SuggestionState},
};

/// The query of `GET /faq/drafts`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DraftsQuery {
    tenant: Option<String>,
    state: Option<String>,
    format: Option<String>,
}

/// `GET /faq/drafts`: JSON, or with `format=yaml` a fragment for a `faq.yaml`.
pub(in crate::http) async fn suggestions(scope: Scope, query: web::Query<DraftsQuery>) -> Reply {
    let DraftsQuery { tenant, state, format } = query.into_inner();
    let state = state.as_deref().unwrap_or("proposed");
    let state = SuggestionState::named(state).ok_or_else(|| {
        Problem::bad_request(format!(
            "`state` cannot be `{state}`: write proposed, accepted or rejected."
        ))
    })?;
    let tenant = tenant.as_ref().map(TenantId::from);
    let rows = scope.suggestions(tenant.as_ref(), state).await?;
    match format.as_deref() {
        None | Some("json") => {
            let items: Vec<Value> = rows.iter().map(draft_json).collect();
            Ok(HttpResponse::Ok().json(json!({ "items": items })))
        }
        Some("yaml") => {
            let mut articles: Vec<Article> = Vec::new();
            let live = scope.live();
            for row in &rows {
                let known =
                    live.company.articles.get(&row.tenant).map(Vec::as_slice).unwrap_or_default();
                let taken: Vec<&str> = known
                    .iter()
                    .map(|article| &*article.id)
                    .chain(articles.iter().map(|article| &*article.id))
                    .collect();
                let question = faq_writer::clean(&row.question);
                let id = faq_writer::id_of(&question, &taken);
                let (answer, locale) = (faq_writer::clean(&row.answer), row.locale.clone());
                articles.push(Article {
                    id,
                    question,
                    also: Vec::new(),
                    answer,
                    tags: Vec::new(),
                    locale,
                });
            }
            let file = faq_writer::file_of(articles.iter());
            Ok(HttpResponse::Ok().content_type("application/yaml; charset=utf-8").body(file))
        }
        Some(other) => {
            Err(Problem::bad_request(format!("`format` cannot be `{other}`: write json or yaml.")))
        }
    }
}

fn draft_json(row: &Suggestion) -> Value {
    json!({
        "id": row.id, "tenantId": row.tenant.as_str(), "question": row.question, "answer": row.answer, "locale": row.locale, "by": row.by,
        "sessionId": row.session, "createdUtc": row.created, "state": row.state.name(), "decidedBy": row.decided_by, "decidedUtc": row.decided,
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Accept {
    article_id: Option<String>,
    question: Option<String>,
    also: Option<Vec<String>>,
    answer: Option<String>,
    tags: Option<Vec<String>>,
    locale: Option<String>,
}

/// `POST /faq/drafts/{id}/accept`: the article is in the company folder and found from now on. 409
/// when it was decided on before or when the folder cannot be written, 422 when the company would
/// have mistakes with it.
pub(in crate::http) async fn accept(
    scope: Scope,
    id: web::Path<String>,
    Body(bytes): Body,
) -> Reply {
    let Accept { article_id, question, also, answer, tags, locale } =
        if bytes.is_empty() { Accept::default() } else { body::read(&bytes)? };
    // One decision at a time: a proposal that two accept is in the file once.
    let _turn = scope.deciding().await;
    let row = open(&scope, &id).await?;
    let clean = |texts: Option<Vec<String>>| {
        texts.unwrap_or_default().iter().map(|text| faq_writer::clean(text)).collect()
    };
    let mut article = Article {
        id: article_id.unwrap_or_default(),
        question: faq_writer::clean(question.as_ref().unwrap_or(&row.question)),
        also: clean(also),
        answer: faq_writer::clean(answer.as_ref().unwrap_or(&row.answer)),
        tags: clean(tags),
        locale: locale.unwrap_or_else(|| row.locale.clone()),
    };
    let live = scope.live();
    let known = live.company.articles.get(&row.tenant).map(Vec::as_slice).unwrap_or_default();
    // It is there already when the process ended between the file and the decision, or when
    // somebody wrote it in by hand.
    let says_the_same = |there: &&std::sync::Arc<Article>| {
        there.question.trim() == article.question.trim()
            && there.answer.trim() == article.answer.replace("\r\n", "\n").trim()
    };
    let there = known
        .iter()
        .find(says_the_same)
        .map(|there| there.id.clone())
        .filter(|id| article.id.is_empty() || article.id == *id);
    if let Some(id) = &there {
        article.id.clone_from(id);
    } else if article.id.is_empty() {
        let taken: Vec<&str> = known.iter().map(|article| &*article.id).collect();
        article.id = faq_writer::id_of(&article.question, &taken);
    }
    if there.is_none() {
        let (path, given) = (format!("tenants/{}/faq.yaml", row.tenant), article.clone());
        let file = path.clone();
        let edit = move |_: &_, old: Option<&str>| {
            faq_writer::append(&file, old.unwrap_or_default(), &given)
        };
        scope.change(path, edit).await.map_err(refused)?;
    }
    if !scope.decide(row.id, SuggestionState::Accepted).await? {
        return Err(decided(SuggestionState::Accepted));
    }
    Ok(HttpResponse::Ok().json(json!({ "id": row.id, "state": "accepted", "tenantId": row.tenant.as_str(), "articleId": article.id })))
}

/// `POST /faq/drafts/{id}/reject`
pub(in crate::http) async fn reject(scope: Scope, id: web::Path<String>) -> Reply {
    let _turn = scope.deciding().await;
    let row = open(&scope, &id).await?;
    if !scope.decide(row.id, SuggestionState::Rejected).await? {
        return Err(decided(SuggestionState::Rejected));
    }
    Ok(HttpResponse::Ok().json(json!({ "id": row.id, "state": "rejected" })))
}

/// A proposal on which nobody has decided.
async fn open(scope: &Scope, id: &str) -> Result<Suggestion, Problem> {
    let id: SuggestionId = id.parse().map_err(|_| Problem::not_found("proposal"))?;
    let row = scope.suggestion(id).await?;
    if row.state == SuggestionState::Proposed { Ok(row) } else { Err(decided(row.state)) }
}

fn decided(state: SuggestionState) -> Problem {
    Problem::new(Code::Decided, format!("This proposal was {} before.", state.name()))
}

fn refused(why: Refused) -> Problem {
    match why {
        Refused::ReadOnly => Problem::new(
            Code::ReadOnly,
            "The company's files cannot be written here: take GET /api/v1/faq/drafts?format=yaml into faq.yaml where they are kept.",
        ),
        Refused::Mistakes(problems) => {
            let lines: Vec<String> =
                problems.iter().filter(|problem| !problem.warning).map(report::line).collect();
            Problem::new(Code::Mistakes, lines.join("\n"))
        }
        Refused::Broken(reason) => {
            tracing::error!(reason, "the company folder could not be changed");
            Problem::unavailable("The company folder could not be changed; see the log.")
        }
    }
}

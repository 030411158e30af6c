//! Proposals for FAQs: what agents proposed, and what a manager decides.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    company::report,
    engine::{Accepted, Changes, Refused, Undecided},
    http::{
        body::{self, Body},
        problem::{Code, Problem},
        reply::Reply,
        scope::Scope,
    },
    model::{SuggestionId, TenantId},
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
            let file = scope.fragment(&rows);
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
    let id = named(&id)?;
    let changes = Changes { article_id, question, also, answer, tags, locale };
    let Accepted { tenant, article } = scope.accept(id, changes).await?.map_err(undecided)?;
    Ok(HttpResponse::Ok().json(
        json!({ "id": id, "state": "accepted", "tenantId": tenant.as_str(), "articleId": article }),
    ))
}

/// `POST /faq/drafts/{id}/reject`
pub(in crate::http) async fn reject(scope: Scope, id: web::Path<String>) -> Reply {
    let id = named(&id)?;
    scope.reject(id).await?.map_err(undecided)?;
    Ok(HttpResponse::Ok().json(json!({ "id": id, "state": "rejected" })))
}

fn named(id: &str) -> Result<SuggestionId, Problem> {
    id.parse().map_err(|_| Problem::not_found("proposal"))
}

fn undecided(why: Undecided) -> Problem {
    match why {
        Undecided::Unknown => Problem::not_found("proposal"),
        Undecided::Before(state) => decided(state),
        Undecided::Refused(why) => refused(why),
        Undecided::Store(error) => error.into(),
    }
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

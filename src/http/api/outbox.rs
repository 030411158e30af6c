//! Deliveries: what waits, what went out, what could not be delivered.

use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::{
    http::{
        problem::{Code, Problem},
        query::{instant, limit},
        reply::{Reply, json},
        scope::Scope,
    },
    model::LetterId,
    store::LetterState,
};

/// The query of `GET /outbox`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OutboxQuery {
    state: Option<String>,
    limit: Option<String>,
}

/// `GET /outbox`
pub(in crate::http) async fn outbox(scope: Scope, query: web::Query<OutboxQuery>) -> Reply {
    let state = match query.state.as_deref() {
        None | Some("pending") => LetterState::Pending,
        Some("dead") => LetterState::Dead,
        Some("sent") => LetterState::Sent,
        Some("dropped") => LetterState::Dropped,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "`state` cannot be `{other}`: write pending, dead, dropped or sent."
            )));
        }
    };
    let items = scope.outbox(state, limit(query.limit.as_deref(), 100, 1000)?).await?;
    Ok(json(&json!({ "items": items })))
}

/// `POST /outbox/{id}/retry`
pub(in crate::http) async fn retry(scope: Scope, id: web::Path<String>) -> Reply {
    let id: LetterId = id.parse().map_err(|_| Problem::not_found("letter"))?;
    if scope.retry(id).await? {
        Ok(HttpResponse::Accepted().json(json!({ "id": id, "state": "pending" })))
    } else {
        Err(Problem::new(
            Code::NotFound,
            "There is no such dead letter; only dead ones can be retried.",
        ))
    }
}

/// The query of `POST /outbox/retry`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RetryQuery {
    since: Option<String>,
    state: Option<String>,
}

/// `POST /outbox/retry`: all at once, after an outage that lasted longer than letters wait.
pub(in crate::http) async fn retry_all(scope: Scope, query: web::Query<RetryQuery>) -> Reply {
    let RetryQuery { since, state } = query.into_inner();
    let state = match state.as_deref() {
        None | Some("dead") => LetterState::Dead,
        Some("dropped") => LetterState::Dropped,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "`state` cannot be `{other}`: write dead or dropped."
            )));
        }
    };
    let since = instant("since", since)?.unwrap_or(Timestamp::UNIX_EPOCH);
    let count = scope.retry_all(state, since).await?;
    Ok(HttpResponse::Accepted().json(json!({ "count": count, "state": "pending" })))
}

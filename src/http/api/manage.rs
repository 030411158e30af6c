//! What a manager does to a session: move the guest, end it. The same rules as for a stage.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::{
    engine::Acted,
    http::{
        body::{self, Body},
        problem::{Code, Problem},
        reply::Reply,
        scope::Scope,
    },
    model::{Event, SessionId, State, TenantId},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    tenant: String,
    reason: Option<String>,
    note: Option<String>,
}

/// `POST /sessions/{id}/transfer`: 200 when the guest was moved, 202 when they are asked first, 409
/// with the failure code when the rules forbid it.
pub(in crate::http) async fn transfer(
    scope: Scope,
    id: web::Path<String>,
    Body(bytes): Body,
) -> Reply {
    let Transfer { tenant, reason, note } = body::read(&bytes)?;
    let by = scope.manager();
    act(&scope, &id, Event::Move { tenant: TenantId::from(&tenant), by, reason, note }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    outcome: Option<String>,
    notes: Option<String>,
}

/// `POST /sessions/{id}/end`: ends a live session as `resolved` (the default) or `unresolved`.
pub(in crate::http) async fn end(scope: Scope, id: web::Path<String>, Body(bytes): Body) -> Reply {
    let End { outcome, notes } =
        if bytes.is_empty() { End { outcome: None, notes: None } } else { body::read(&bytes)? };
    let outcome = match outcome.as_deref() {
        None | Some("resolved") => State::Resolved,
        Some("unresolved") => State::Unresolved,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "`outcome` cannot be `{other}`: write resolved or unresolved."
            )));
        }
    };
    act(&scope, &id, Event::Close { by: scope.manager(), outcome, notes }).await
}

async fn act(scope: &Scope, id: &str, event: Event) -> Reply {
    let id: SessionId = id.parse().map_err(|_| Problem::not_found("session"))?;
    match scope.act(id, event).await? {
        Acted::Done => Ok(HttpResponse::Ok().json(json!({ "id": id, "done": true }))),
        Acted::Asked => Ok(HttpResponse::Accepted()
            .json(json!({ "id": id, "done": false, "detail": "The employee is asked first." }))),
        Acted::Refused { why, message } => Err(Problem::new(why.into(), message)),
        Acted::Unknown => Err(Problem::not_found("session")),
        Acted::NotLive => {
            let detail = "The session has ended, or the employee is in another one by now.";
            Err(Problem::new(Code::NotLive, detail))
        }
    }
}

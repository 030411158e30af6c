//! What a manager does to a session: move the guest, end it. The same rules as for a stage.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::{
    engine::Acted,
    http::{
        body::{self, Body},
        ctx::Ctx,
        guard::Admin,
        problem::{Code, Problem},
        reply::Reply,
    },
    model::{By, ByKind, Event, SessionId, State, TenantId},
};

/// The holder of the admin token.
fn manager() -> By {
    By { kind: ByKind::Manager, id: "admin".to_owned(), name: None }
}

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
    _: Admin,
    id: web::Path<String>,
    Body(bytes): Body,
    ctx: web::Data<Ctx>,
) -> Reply {
    let Transfer { tenant, reason, note } = body::read(&bytes)?;
    act(&ctx, &id, Event::Move { tenant: TenantId::from(&tenant), by: manager(), reason, note })
        .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    outcome: Option<String>,
    notes: Option<String>,
}

/// `POST /sessions/{id}/end`: ends a live session as `resolved` (the default) or `unresolved`.
pub(in crate::http) async fn end(
    _: Admin,
    id: web::Path<String>,
    Body(bytes): Body,
    ctx: web::Data<Ctx>,
) -> Reply {
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
    act(&ctx, &id, Event::Close { by: manager(), outcome, notes }).await
}

async fn act(ctx: &Ctx, id: &str, event: Event) -> Reply {
    let id: SessionId = id.parse().map_err(|_| Problem::not_found("session"))?;
    match ctx.engine.act(id, &event, (ctx.clock)()).await? {
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

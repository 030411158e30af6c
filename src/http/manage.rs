//! What a manager does to a session: move the guest, end it. The same rules as for a stage.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{Ctx, admin::Admin, body::Body, problem::Problem};
use crate::{
    engine::Acted,
    model::{By, ByKind, Event, SessionId, State, TenantId},
};

/// Reads a JSON body; what is wrong with it becomes a 400 that says where.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body cannot be read: {error}.")))
}

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
pub(super) async fn transfer(
    _: Admin,
    id: web::Path<String>,
    Body(body): Body,
    ctx: web::Data<Ctx>,
) -> Result<HttpResponse, Problem> {
    let Transfer { tenant, reason, note } = read(&body)?;
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
pub(super) async fn end(
    _: Admin,
    id: web::Path<String>,
    Body(body): Body,
    ctx: web::Data<Ctx>,
) -> Result<HttpResponse, Problem> {
    let End { outcome, notes } =
        if body.is_empty() { End { outcome: None, notes: None } } else { read(&body)? };
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

async fn act(ctx: &Ctx, id: &str, event: Event) -> Result<HttpResponse, Problem> {
    let id: SessionId = id.parse().map_err(|_| Problem::not_found("session"))?;
    match ctx.engine.act(id, &event, (ctx.clock)()).await? {
        Acted::Done => Ok(HttpResponse::Ok().json(json!({ "id": id, "done": true }))),
        Acted::Asked => Ok(HttpResponse::Accepted()
            .json(json!({ "id": id, "done": false, "detail": "The employee is asked first." }))),
        Acted::Refused { code, message } => Err(Problem { status: 409, code, detail: message }),
        Acted::Unknown => Err(Problem::not_found("session")),
        Acted::NotLive => {
            let detail =
                "The session has ended, or the employee is in another one by now.".to_owned();
            Err(Problem { status: 409, code: "not_live", detail })
        }
    }
}

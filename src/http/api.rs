//! The admin API under `/api/v1`: JSON with camelCase keys.

use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ctx, admin::Admin, problem::Problem};
use crate::{
    company::Company,
    model::{JourneyId, LetterId, SessionId, State, Taken, TenantId},
    pipeline::{
        directory::Tenant,
        scope::{self, View},
    },
    store::{Filter, LetterState, SessionView},
};

type Answer = Result<HttpResponse, Problem>;

fn json_answer(value: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(value.to_string())
}

/// `GET /tenants`
pub(super) async fn tenants(_: Admin, ctx: web::Data<Ctx>) -> Answer {
    let (live, now) = (ctx.engine.running(), (ctx.clock)());
    let counts = ctx.engine.store().live_counts().await?;
    let items: Vec<Value> = live
        .company
        .directory
        .tenants
        .values()
        .map(|tenant| tenant_json(&live.company, tenant, &counts, now))
        .collect();
    Ok(json_answer(&json!({ "items": items })))
}

/// `GET /tenants/{id}`
pub(super) async fn tenant(_: Admin, id: web::Path<String>, ctx: web::Data<Ctx>) -> Answer {
    let (live, now) = (ctx.engine.running(), (ctx.clock)());
    let counts = ctx.engine.store().live_counts().await?;
    let tenant = live
        .company
        .directory
        .tenant(&TenantId::from(&*id))
        .ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(json_answer(&tenant_json(&live.company, tenant, &counts, now)))
}

fn tenant_json(
    company: &Company,
    tenant: &Tenant,
    counts: &[(TenantId, State, u64)],
    now: Timestamp,
) -> Value {
    let count = |wanted: Option<State>| -> u64 {
        counts
            .iter()
            .filter(|(id, state, _)| {
                *id == tenant.id && wanted.is_none_or(|wanted| wanted == *state)
            })
            .map(|(_, _, count)| count)
            .sum()
    };
    let (open, _) = scope::hours(Some(tenant), now, &tenant.locale);
    let next_open =
        if open { None } else { tenant.hours.as_ref().and_then(|hours| hours.next_open(now)) };
    let pipelines: Vec<Value> = company
        .playbook
        .of(&tenant.id)
        .map(|pipeline| {
            let stages: Vec<Value> =
                pipeline.stages.values().map(|stage| json!({ "id": stage.head.id.as_str(), "kind": stage.head.kind })).collect();
            json!({ "id": pipeline.id.as_str(), "primary": pipeline.id == tenant.primary_pipeline, "stages": stages })
        })
        .collect();
    json!({
        "id": tenant.id.as_str(), "name": tenant.name, "ref": tenant.reference, "enabled": tenant.enabled,
        "confidential": tenant.confidential, "locale": tenant.locale, "open": open, "nextOpenUtc": next_open,
        "primaryPipeline": tenant.primary_pipeline.as_str(), "pipelineVersion": tenant.version, "pipelines": pipelines,
        "queueLength": count(Some(State::WaitingForAgent)), "liveSessions": count(None),
    })
}

/// The query of `GET /sessions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionsQuery {
    tenant: Option<String>,
    state: Option<String>,
    guest: Option<String>,
    conversation: Option<String>,
    journey: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// `GET /sessions`
pub(super) async fn sessions(
    _: Admin,
    query: web::Query<SessionsQuery>,
    ctx: web::Data<Ctx>,
) -> Answer {
    let query = query.into_inner();
    let state = query
        .state
        .map(|state| {
            State::named(&state)
                .ok_or_else(|| Problem::bad_request(format!("There is no state `{state}`.")))
        })
        .transpose()?;
    let journey = query
        .journey
        .map(|id| {
            id.parse::<JourneyId>()
                .map_err(|_| Problem::bad_request("`journey` must be a journey's id."))
        })
        .transpose()?;
    let filter = Filter {
        tenant: query.tenant.as_ref().map(TenantId::from),
        state,
        guest: query.guest,
        conversation: query.conversation,
        journey,
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        limit: query.limit.unwrap_or(50).clamp(1, 500),
        cursor: query.cursor,
    };
    if !filter.has_valid_cursor() {
        return Err(Problem::bad_request("`cursor` must be the `next` of an earlier page."));
    }
    let page = ctx.engine.store().sessions(&filter).await?;
    let items: Vec<Value> = page.items.iter().map(|view| session_json(&ctx, view)).collect();
    Ok(json_answer(&json!({ "items": items, "next": page.next })))
}

pub(super) fn instant(name: &str, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let date = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let parsed = text.parse::<Timestamp>().ok().or_else(date);
    parsed.map(Some).ok_or_else(|| {
        Problem::bad_request(format!(
            "`{name}` must be an instant such as 2026-11-24T08:00:00Z, or a date."
        ))
    })
}

fn session_id(text: &str) -> Result<SessionId, Problem> {
    text.parse().map_err(|_| Problem::not_found("session"))
}

/// `GET /sessions/{id}`
pub(super) async fn session(_: Admin, id: web::Path<String>, ctx: web::Data<Ctx>) -> Answer {
    let view = ctx
        .engine
        .store()
        .session(session_id(&id)?)
        .await?
        .ok_or_else(|| Problem::not_found("session"))?;
    Ok(json_answer(&session_json(&ctx, &view)))
}

/// A time in which an agent had the chat: how long the guest had waited, and how long it took, in
/// seconds.
fn taken(taken: &Taken) -> Value {
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs().max(0);
    json!({
        "agent": taken.agent, "takenUtc": taken.at, "untilUtc": taken.until, "how": taken.how,
        "waitedSeconds": seconds(taken.waited_since, taken.at), "handledSeconds": taken.until.map(|until| seconds(taken.at, until)),
    })
}

fn session_json(ctx: &Ctx, view: &SessionView) -> Value {
    let live = ctx.engine.running();
    let session = &view.session;
    let last = view
        .hops
        .iter()
        .rposition(|hop| hop.from.session_id == session.id || hop.to.session_id == session.id);
    let hops = &view.hops[..last.map_or(0, |index| index + 1)];
    let metadata = scope::flat(View {
        directory: &live.company.directory,
        tenant: live.company.directory.tenant(&session.tenant),
        session,
        guest: &view.guest,
        hops,
        now: (ctx.clock)(),
    });
    let provenance: serde_json::Map<String, Value> = session
        .metadata
        .iter()
        .map(|(key, entry)| {
            let from = json!({ "tenant": entry.tenant.as_str(), "stage": entry.stage.as_ref().map(|stage| stage.as_str()), "at": entry.at, "private": entry.private });
            (key.to_owned(), from)
        })
        .collect();
    json!({
        "id": session.id, "ref": session.reference, "journeyId": session.journey, "originSessionId": session.origin, "hop": session.hop,
        "conversationId": view.conversation.id, "channelId": view.conversation.channel,
        "tenantId": session.tenant.as_str(), "tenantName": session.tenant_name,
        "pipeline": session.pipeline.as_str(), "pipelineVersion": session.pipeline_version,
        "stage": session.stage.as_ref().map(|stage| stage.as_str()), "state": session.state.name(), "turns": session.turns,
        "startedUtc": session.started, "endedUtc": session.ended, "guest": view.guest, "metadata": metadata, "provenance": provenance,
        "takes": session.takes.iter().map(taken).collect::<Vec<_>>(), "flow": view.flow, "transfers": hops,
    })
}

/// `GET /sessions/{id}/transcript`
pub(super) async fn transcript(_: Admin, id: web::Path<String>, ctx: web::Data<Ctx>) -> Answer {
    let id = session_id(&id)?;
    let store = ctx.engine.store();
    store.session(id).await?.ok_or_else(|| Problem::not_found("session"))?;
    let items: Vec<Value> = store
        .transcript(id)
        .await?
        .into_iter()
        .map(|line| {
            let card = line.card.as_deref().and_then(|card| serde_json::from_str::<Value>(card).ok());
            json!({ "at": line.at, "from": line.from, "name": line.name, "text": line.text, "card": card, "activityId": line.activity_id,
                "editedUtc": line.edited, "deletedUtc": line.deleted })
        })
        .collect();
    Ok(json_answer(&json!({ "items": items })))
}

/// `GET /journeys/{id}`
pub(super) async fn journey(_: Admin, id: web::Path<String>, ctx: web::Data<Ctx>) -> Answer {
    let id: JourneyId = id.parse().map_err(|_| Problem::not_found("journey"))?;
    let view =
        ctx.engine.store().journey(id).await?.ok_or_else(|| Problem::not_found("journey"))?;
    let sessions: Vec<Value> =
        view.sessions.iter().map(|session| session_json(&ctx, session)).collect();
    Ok(json_answer(
        &json!({ "id": view.id, "guest": view.guest, "sessions": sessions, "hops": view.hops }),
    ))
}

/// The query of `GET /outbox`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutboxQuery {
    state: Option<String>,
    limit: Option<u32>,
}

/// `GET /outbox`
pub(super) async fn outbox(
    _: Admin,
    query: web::Query<OutboxQuery>,
    ctx: web::Data<Ctx>,
) -> Answer {
    let state = match query.state.as_deref() {
        None | Some("pending") => LetterState::Pending,
        Some("dead") => LetterState::Dead,
        Some("sent") => LetterState::Sent,
        Some(other) => {
            return Err(Problem::bad_request(format!(
                "`state` cannot be `{other}`: write pending, dead or sent."
            )));
        }
    };
    let items = ctx.engine.store().outbox(state, query.limit.unwrap_or(100).clamp(1, 1000)).await?;
    Ok(json_answer(&json!({ "items": items })))
}

/// `POST /outbox/{id}/retry`
pub(super) async fn retry(_: Admin, id: web::Path<String>, ctx: web::Data<Ctx>) -> Answer {
    let id: LetterId = id.parse().map_err(|_| Problem::not_found("letter"))?;
    if ctx.engine.outbox().retry(id).await? {
        Ok(HttpResponse::Accepted().json(json!({ "id": id, "state": "pending" })))
    } else {
        Err(Problem {
            status: 404,
            code: "not_found",
            detail: "There is no such dead letter; only dead ones can be retried.".to_owned(),
        })
    }
}

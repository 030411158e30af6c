//! Sessions and journeys: what a guest's way through the departments was, and what was said.

use actix_web::web;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{
        problem::Problem,
        query::{instant, limit},
        reply::{Reply, json},
        scope::Scope,
    },
    model::{Carried, JourneyId, SessionId, State, Taken, TenantId},
    pipeline::scope::{View, flat},
    store::{Filter, SessionView},
};

const NO_CURSOR: &str = "`cursor` must be the `next` of an earlier page.";

/// The query of `GET /sessions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SessionsQuery {
    tenant: Option<String>,
    state: Option<String>,
    guest: Option<String>,
    conversation: Option<String>,
    journey: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /sessions`
pub(in crate::http) async fn sessions(scope: Scope, query: web::Query<SessionsQuery>) -> Reply {
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
        reference: query.reference.map(|reference| reference.trim().to_owned()),
        from: instant("from", query.from)?,
        to: instant("to", query.to)?,
        limit: limit(query.limit.as_deref(), 50, 500)?,
        cursor: query.cursor,
    };
    if !filter.has_valid_cursor() {
        return Err(Problem::bad_request(NO_CURSOR));
    }
    let page = scope.sessions(&filter).await?;
    let items: Vec<Value> = page.items.iter().map(|view| session_json(&scope, view)).collect();
    Ok(json(&json!({ "items": items, "next": page.next })))
}

fn session_id(text: &str) -> Result<SessionId, Problem> {
    text.parse().map_err(|_| Problem::not_found("session"))
}

/// `GET /sessions/{id}`
pub(in crate::http) async fn session(scope: Scope, id: web::Path<String>) -> Reply {
    let view = scope.session(session_id(&id)?).await?;
    Ok(json(&session_json(&scope, &view)))
}

/// A time in which an agent had the chat: how long the guest had waited, and how long it took, in
/// seconds.
fn taken(scope: &Scope, taken: &Taken) -> Value {
    // One person, one id, whatever a department's file calls them.
    let row = scope.agent(&taken.agent.id);
    let id = row.and_then(|row| row.reference.user.aad_object_id.clone());
    let agent = json!({ "id": id.as_ref().unwrap_or(&taken.agent.id), "name": taken.agent.name });
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs().max(0);
    json!({
        "agent": agent, "takenUtc": taken.at, "untilUtc": taken.until, "how": taken.how,
        "waitedSeconds": seconds(taken.waited_since, taken.at), "handledSeconds": taken.until.map(|until| seconds(taken.at, until)),
    })
}

/// What somebody wrote in the session that was given up. The letter may have been tried again since.
fn undelivered(carried: &Carried) -> Option<Value> {
    let (at, why) = carried.lost?;
    Some(json!({
        "letterId": carried.letter, "by": carried.by, "text": carried.text, "atUtc": at, "why": why,
    }))
}

fn session_json(scope: &Scope, view: &SessionView) -> Value {
    let running = scope.running();
    let session = &view.session;
    let last = view
        .hops
        .iter()
        .rposition(|hop| hop.from.session_id == session.id || hop.to.session_id == session.id);
    let hops = &view.hops[..last.map_or(0, |index| index + 1)];
    let metadata = flat(View {
        directory: &running.company.directory,
        tenant: running.company.directory.tenant(&session.tenant),
        session,
        guest: &view.guest,
        hops,
        now: scope.now(),
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
        "undelivered": session.carried.iter().filter_map(undelivered).collect::<Vec<_>>(),
        "takes": session.takes.iter().map(|it| taken(scope, it)).collect::<Vec<_>>(), "flow": view.flow, "transfers": hops,
    })
}

/// The query of `GET /sessions/{id}/transcript`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TranscriptQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /sessions/{id}/transcript`
pub(in crate::http) async fn transcript(
    scope: Scope,
    id: web::Path<String>,
    query: web::Query<TranscriptQuery>,
) -> Reply {
    let after = query.cursor.as_deref().map(|cursor| {
        let place: Option<i64> = cursor.parse().ok();
        place.ok_or_else(|| Problem::bad_request(NO_CURSOR))
    });
    let (after, limit) = (after.transpose()?, limit(query.limit.as_deref(), 100, 1000)?);
    let page = scope.transcript(session_id(&id)?, after, limit).await?;
    let items: Vec<Value> = page
        .items
        .into_iter()
        .map(|line| {
            let card = line.card.as_deref().and_then(|card| serde_json::from_str::<Value>(card).ok());
            json!({ "at": line.at, "from": line.from, "name": line.name, "text": line.text, "card": card, "activityId": line.activity_id,
                "editedUtc": line.edited, "deletedUtc": line.deleted })
        })
        .collect();
    let next = page.next.map(|place| place.to_string());
    Ok(json(&json!({ "items": items, "next": next })))
}

/// `GET /journeys/{id}`
pub(in crate::http) async fn journey(scope: Scope, id: web::Path<String>) -> Reply {
    let id: JourneyId = id.parse().map_err(|_| Problem::not_found("journey"))?;
    let view = scope.journey(id).await?;
    let sessions: Vec<Value> =
        view.sessions.iter().map(|session| session_json(&scope, session)).collect();
    Ok(json(
        &json!({ "id": view.id, "guest": view.guest, "sessions": sessions, "hops": view.hops }),
    ))
}

//! The desks at which agents work: which are connected, and codes that connect one.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    http::{
        problem::{Code, Problem},
        reply::Reply,
        scope::Scope,
    },
    model::TenantId,
};

/// `GET /desks`: every tenant that has a desk. One in a channel says how it stands: `connected`,
/// `disconnected` (with the reason) or `never`; one of personal chats who of its agents has opened
/// the app, who is available, how many chats they have, and whether somebody else has written under
/// their name since (`claimed`); `unknown` are the names in the file under which nobody has.
pub(in crate::http) async fn desks(scope: Scope) -> Reply {
    let running = scope.running();
    let rows = scope.desks();
    let items: Vec<Value> = running
        .company
        .directory
        .tenants
        .values()
        .filter(|tenant| running.company.tenants.get(&tenant.id).is_some_and(|settings| settings.desk.is_some()))
        .map(|tenant| {
            let settings = running.company.tenants.get(&tenant.id).and_then(|settings| settings.desk.as_ref()).filter(|desk| desk.people);
            if let Some(settings) = settings {
                let agents: Vec<Value> = settings
                    .agents
                    .iter()
                    .map(|agent| match scope.agent(agent) {
                        Some(row) => json!({
                            "id": agent, "bound": true, "name": row.name, "available": row.available, "chats": scope.chats_of(agent),
                            "objectId": row.reference.user.aad_object_id, "claimed": scope.is_claimed(agent),
                        }),
                        None => json!({ "id": agent, "bound": false }),
                    })
                    .collect();
                let unknown: Vec<&String> = settings.agents.iter().filter(|agent| scope.agent(agent).is_none()).collect();
                return json!({
                    "tenantId": tenant.id.as_str(), "tenantName": tenant.name, "where": "people", "chatsPerAgent": settings.chats_per_agent,
                    "routing": if settings.hunt { "hunt" } else { "broadcast" }, "agents": agents, "unknown": unknown,
                });
            }
            let row = rows.iter().find(|row| row.tenant == tenant.id);
            let state = match row {
                None => "never",
                Some(row) if row.broken.is_some() => "disconnected",
                Some(_) => "connected",
            };
            json!({
                "tenantId": tenant.id.as_str(), "tenantName": tenant.name, "where": "channel", "state": state,
                "reason": row.and_then(|row| row.broken.as_ref()), "channelId": row.map(|row| &row.channel),
                "channelName": row.and_then(|row| row.name.as_ref()), "teamId": row.and_then(|row| row.team.as_ref()),
                "teamName": row.and_then(|row| row.team_name.as_ref()),
                "connectedUtc": row.map(|row| row.connected),
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "items": items })))
}

/// `POST /agents/{id}/unbind`: the bot does not know this agent any more; whoever writes to it under
/// that name next is the one, and the chats that they had are offered again. 404 when nobody is bound.
pub(in crate::http) async fn unbind(scope: Scope, id: web::Path<String>) -> Reply {
    let id = id.to_lowercase();
    scope.unbind(&id).await?;
    Ok(HttpResponse::Ok().json(json!({ "id": id, "bound": false })))
}

/// `POST /desks/{tenant}/code`: a code for the connect command, good once and for ten minutes. 409
/// when the tenant's file has no desk.
pub(in crate::http) async fn code(scope: Scope, tenant: web::Path<String>) -> Reply {
    let running = scope.running();
    let id = TenantId::from(&*tenant);
    let known = running.company.tenants.get(&id).ok_or_else(|| Problem::not_found("tenant"))?;
    if known.desk.as_ref().is_none_or(|desk| desk.people) {
        let detail = format!(
            "`{id}` has no desk in a channel: write `desk: {{ where: channel }}` in its tenant.yaml."
        );
        return Err(Problem::new(Code::NoDesk, detail));
    }
    let (code, until) = scope.desk_code(&id).await?;
    let local = until.to_zoned_datetime(running.company.directory.zone.clone()).to_string();
    Ok(HttpResponse::Ok().json(json!({
        "tenantId": id.as_str(), "code": code, "validUntilUtc": until, "validUntilLocal": local,
        "command": format!("connect {code}"),
        "how": "In the channel, mention the app and write the command.",
    })))
}

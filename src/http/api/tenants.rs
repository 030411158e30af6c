//! The departments: their pipelines, whether they are open, and how many are waiting.

use actix_web::web;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    company::Company,
    http::{
        problem::Problem,
        reply::{Reply, json},
        scope::Scope,
    },
    model::{State, TenantId},
    pipeline::{directory::Tenant, scope::hours},
};

/// `GET /tenants`
pub(in crate::http) async fn tenants(scope: Scope) -> Reply {
    let (running, now) = (scope.running(), scope.now());
    let counts = scope.live_counts().await?;
    let items: Vec<Value> = running
        .company
        .directory
        .tenants
        .values()
        .map(|tenant| tenant_json(&scope, &running.company, tenant, (&counts, now)))
        .collect();
    Ok(json(&json!({ "items": items })))
}

/// `GET /tenants/{id}`
pub(in crate::http) async fn tenant(scope: Scope, id: web::Path<String>) -> Reply {
    let (running, now) = (scope.running(), scope.now());
    let counts = scope.live_counts().await?;
    let tenant = running
        .company
        .directory
        .tenant(&TenantId::from(&*id))
        .ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(json(&tenant_json(&scope, &running.company, tenant, (&counts, now))))
}

fn tenant_json(
    scope: &Scope,
    company: &Company,
    tenant: &Tenant,
    (counts, now): (&[(TenantId, State, u64)], Timestamp),
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
    let (open, _) = hours(Some(tenant), now, &tenant.locale, None);
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
    let failed = scope.troubles(&tenant.id);
    json!({
        "id": tenant.id.as_str(), "name": tenant.name, "ref": tenant.reference, "enabled": tenant.enabled,
        "confidential": tenant.confidential, "locale": tenant.locale, "open": open, "nextOpenUtc": next_open,
        "primaryPipeline": tenant.primary_pipeline.as_str(), "pipelineVersion": tenant.version, "pipelines": pipelines,
        "queueLength": count(Some(State::WaitingForAgent)), "liveSessions": count(None),
        "failedSinceStart": { "conditions": failed.conditions, "texts": failed.texts },
    })
}

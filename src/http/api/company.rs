//! Company files through the API: check posted ones, take over changed ones.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    check,
    http::{
        body::{self, Body},
        problem::Problem,
        reply::Reply,
        scope::Scope,
    },
    source::{Files, Problem as Finding},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    files: Files,
}

/// `POST /check`: `{"files": {"company.yaml": "…", "tenants/it/tenant.yaml": "…"}}` → `{"ok",
/// "problems": […]}`. Always 200: finding mistakes is what it is for.
pub(in crate::http) async fn check(_: Scope, Body(bytes): Body) -> Reply {
    let Posted { files } = body::read(&bytes)?;
    let checked = web::block(move || check::check(&files))
        .await
        .map_err(|_| Problem::unavailable("The check was not finished; try again."))?;
    Ok(HttpResponse::Ok()
        .json(json!({ "ok": checked.ready.is_some(), "problems": findings(&checked.problems) })))
}

/// `POST /reload`: reads the company folder again. 200 when it is in use now, 409 when it has
/// mistakes and the running version stays.
pub(in crate::http) async fn reload(scope: Scope) -> Reply {
    let reload = scope.reload().await?;
    let body = json!({ "ok": reload.accepted, "changed": reload.changed, "atUtc": reload.at, "problems": findings(&reload.problems) });
    if reload.accepted {
        Ok(HttpResponse::Ok().json(body))
    } else {
        Ok(HttpResponse::Conflict().json(body))
    }
}

fn findings(problems: &[Finding]) -> Vec<Value> {
    let finding = |problem: &Finding| {
        json!({
            "severity": if problem.warning { "warning" } else { "error" }, "file": &*problem.place.file, "line": problem.place.line,
            "column": problem.place.column, "message": problem.message, "help": problem.help,
        })
    };
    problems.iter().map(finding).collect()
}

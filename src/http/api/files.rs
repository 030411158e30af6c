//! What is carried: how much of it there is, and links that are to lead nowhere any more.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::json;

use crate::{
    http::{
        body::{self, Body},
        problem::Problem,
        reply::Reply,
        scope::Scope,
    },
    model::FileId,
};

/// `GET /files`: what files take and may take, in bytes; how many were not carried since the start
/// for want of room, and how many are read at this moment.
pub(in crate::http) async fn files(scope: Scope) -> Reply {
    let used = scope.files_used().await?;
    let (quotas, (person, store)) = (scope.file_quotas(), scope.file_refusals());
    let (served, most_served) = scope.served();
    Ok(HttpResponse::Ok().json(json!({
        "files": used.files, "bytes": used.store, "mostBytes": quotas.store,
        "mostBytesPerPersonAndDay": quotas.person,
        "refusedSinceStart": { "person": person, "store": store },
        "served": served, "mostServed": most_served,
    })))
}

/// What is to be revoked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    /// One file, by the id in its link.
    file: Option<FileId>,
    /// All links.
    #[serde(default)]
    all: bool,
}

/// `POST /links/revoke` `{"all": true}`: the key changes, and no link that was given out is good any
/// more. `{"file": id}`: that file is removed; 404 when nobody can read it.
pub(in crate::http) async fn revoke(scope: Scope, Body(bytes): Body) -> Reply {
    let which: Which = body::read(&bytes)?;
    match (which.file, which.all) {
        (Some(file), false) => scope.drop_file(file).await?,
        (None, true) => scope.revoke_links().await?,
        _ => {
            let detail = "Write either {\"all\": true}, or {\"file\": …} with the id in its link.";
            return Err(Problem::bad_request(detail));
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "revoked": true })))
}

//! `GET /readyz`: whether the service can work, and why not.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Map, Value, json};

use crate::{
    company::report,
    http::{ctx::Ctx, reply::Reply},
};

/// So long Microsoft is waited for: whoever probes waits no longer than five seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is wrong, for whoever runs the bot, and for everybody else: without names of hosts and files.
struct Wrong {
    told: String,
    public: String,
}

/// Able to work: the store answers, keys and token can be had, the clock is right. What stands in the
/// company's files, and which name cannot be reached, is told to the holder of the admin token only.
pub(in crate::http) async fn readyz(request: HttpRequest, ctx: web::Data<Ctx>) -> Reply {
    let is_admin = request.headers().contains_key(header::AUTHORIZATION);
    if is_admin && let Err(refused) = ctx.guard.judge(&request).await {
        ctx.refusals.note(refused.why);
        return Err(refused.problem);
    }
    let (store, keys, token) = tokio::join!(ctx.engine.store().ping(), keys(&ctx), token(&ctx));
    let store = store.err().map(|error| Wrong {
        told: error.to_string(),
        public: "the store does not answer".to_owned(),
    });
    let clock = ctx.tokens.clock().await.map(|told| Wrong { public: told.clone(), told });
    let checks = [("store", store), ("keys", keys), ("token", token), ("clock", clock)];
    let good = checks.iter().all(|(_, wrong)| wrong.is_none());
    // Files with mistakes leave the running version in place: the service is able to work, and says
    // what it could not take over.
    let files = ctx.reloader.latest().filter(|reload| !reload.accepted).map(|reload| {
        let problems: Vec<_> =
            reload.problems.iter().filter(|problem| !problem.warning).map(report::line).collect();
        let problems = if is_admin { json!(problems) } else { json!(problems.len()) };
        json!({ "refusedUtc": reload.at, "problems": problems })
    });
    let (mut words, mut why) = (Map::new(), Map::new());
    for (name, wrong) in checks {
        words.insert(name.to_owned(), json!(if wrong.is_none() { "ok" } else { "failed" }));
        if let Some(Wrong { told, public }) = wrong {
            why.insert(name.to_owned(), json!(if is_admin { told } else { public }));
        }
    }
    let company = if files.is_some() { "an older version is running" } else { "ok" };
    words.insert("company".to_owned(), json!(company));
    let body = json!({
        "status": if good { "ready" } else { "not ready" },
        "checks": words,
        "why": if why.is_empty() { Value::Null } else { Value::Object(why) },
        "company": files,
    });
    let mut answer = if good { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(answer.json(body))
}

async fn keys(ctx: &Ctx) -> Option<Wrong> {
    if tokio::time::timeout(PATIENCE, ctx.verifier.ready()).await == Ok(true) {
        return None;
    }
    let told = ctx.verifier.failure().unwrap_or_else(late);
    let public = "Microsoft's signing keys cannot be fetched".to_owned();
    Some(Wrong { told: format!("{public}: {told}"), public })
}

async fn token(ctx: &Ctx) -> Option<Wrong> {
    match tokio::time::timeout(PATIENCE, ctx.tokens.bearer()).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(Wrong { told: error.told(), public: error.public() }),
        Err(_) => {
            let public = "the login service does not answer properly".to_owned();
            Some(Wrong { told: format!("{public}: {}", late()), public })
        }
    }
}

fn late() -> String {
    format!("no answer for {} s", PATIENCE.as_secs())
}

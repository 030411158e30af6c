//! Floor 4: routes and status codes. The whole URL table is here.

pub mod admin;
mod api;
mod messages;
pub mod problem;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::{
    engine::{Clock, Engine},
    teams::{token::Tokens, verify::Verifier},
};
use admin::Guard;
use problem::Problem;

/// The largest body of an activity, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;

/// What every handler can reach. Built once, outside of the server's factory.
pub struct Ctx {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Who may send activities.
    pub verifier: Verifier,
    /// The bot's own tokens.
    pub tokens: Arc<Tokens>,
    /// The present instant.
    pub clock: Clock,
    /// Who may use the admin API.
    pub guard: Guard,
}

/// The URL table.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(MOST_BYTES))
        .app_data(web::QueryConfig::default().error_handler(|error, _| Problem::bad_request(error.to_string()).into()))
        .service(web::resource("/api/messages").route(web::post().to(messages::receive)).default_service(web::to(messages::wrong_method)))
        .service(
            web::scope("/api/v1")
                .route("/tenants", web::get().to(api::tenants))
                .route("/tenants/{id}", web::get().to(api::tenant))
                .route("/sessions", web::get().to(api::sessions))
                .route("/sessions/{id}", web::get().to(api::session))
                .route("/sessions/{id}/transcript", web::get().to(api::transcript))
                .route("/journeys/{id}", web::get().to(api::journey))
                .route("/outbox", web::get().to(api::outbox))
                .route("/outbox/{id}/retry", web::post().to(api::retry))
                .default_service(web::to(nowhere)),
        )
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .default_service(web::to(nowhere));
}

/// Alive.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Able to work: the store answers, keys and token can be had.
async fn readyz(ctx: web::Data<Ctx>) -> HttpResponse {
    let now = (ctx.clock)();
    let (store, keys, token) = tokio::join!(ctx.engine.store().ping(), ctx.verifier.ready(now), ctx.tokens.bearer(now));
    let word = |good: bool| if good { "ok" } else { "failed" };
    let good = store.is_ok() && keys && token.is_ok();
    let body = json!({
        "status": if good { "ready" } else { "not ready" },
        "checks": { "store": word(store.is_ok()), "keys": word(keys), "token": word(token.is_ok()) },
    });
    if good { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

async fn nowhere() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("address"))
}

//! Floor 4: routes and status codes. The whole URL table is here.

mod api;
mod attachments;
mod body;
mod ctx;
mod door;
mod guard;
mod messages;
pub mod problem;
mod query;
mod refusals;
mod reply;
mod scope;

use actix_web::{
    App, Error, FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    ResponseError,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::from_fn,
    web,
};
use serde_json::json;

use crate::company::report;
use api::{company, desks, files, manage, outbox, reports, sessions, suggestions, tenants};
pub use body::MOST_BYTES;
pub use ctx::{Ctx, MOST_SERVED};
pub use door::KEEP_ALIVE;
pub use guard::Guard;
use problem::{Code, Problem};
pub use refusals::Refusals;
use reply::Reply;

/// Everything that is served, behind its door.
pub fn app(
    ctx: web::Data<Ctx>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new().app_data(ctx).wrap(from_fn(door::door)).configure(routes)
}

/// The URL table.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(
            web::QueryConfig::default()
                .error_handler(|error, _| query::unreadable(&error.to_string()).into()),
        )
        .service(
            web::resource("/api/messages")
                .route(web::post().to(messages::receive))
                .default_service(web::to(|| wrong_method("POST"))),
        )
        .service(
            web::scope("/api/v1")
                .wrap(from_fn(door::admin))
                .service(reading("/tenants", tenants::tenants))
                .service(reading("/tenants/{id}", tenants::tenant))
                .service(reading("/sessions", sessions::sessions))
                .service(reading("/sessions/{id}", sessions::session))
                .service(reading("/sessions/{id}/transcript", sessions::transcript))
                .service(writing("/sessions/{id}/transfer", manage::transfer))
                .service(writing("/sessions/{id}/end", manage::end))
                .service(writing("/check", company::check))
                .service(writing("/reload", company::reload))
                .service(reading("/journeys/{id}", sessions::journey))
                .service(reading("/desks", desks::desks))
                .service(writing("/desks/{tenant}/code", desks::code))
                .service(writing("/agents/{id}/unbind", desks::unbind))
                .service(reading("/files", files::files))
                .service(writing("/links/revoke", files::revoke))
                .service(reading("/faq/drafts", suggestions::suggestions))
                .service(writing("/faq/drafts/{id}/accept", suggestions::accept))
                .service(writing("/faq/drafts/{id}/reject", suggestions::reject))
                .service(reading("/reports/faq", reports::faq))
                .service(reading("/outbox", outbox::outbox))
                .service(writing("/outbox/retry", outbox::retry_all))
                .service(writing("/outbox/{id}/retry", outbox::retry))
                .default_service(web::to(nowhere)),
        )
        .service(reading("/files/{id}/{name:.*}", attachments::attachment))
        .service(reading("/healthz", healthz))
        .service(reading("/readyz", readyz))
        .default_service(web::to(nowhere));
}

/// A resource that is read: GET, and HEAD as load balancers ask; anything else is 405.
fn reading<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(|| wrong_method("GET, HEAD")))
}

/// A resource that does something: POST.
fn writing<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::post().to(handler))
        .default_service(web::to(|| wrong_method("POST")))
}

/// Every method that an address does not have.
async fn wrong_method(allowed: &'static str) -> HttpResponse {
    let detail = format!("This address takes {allowed} only.");
    let mut response = Problem::new(Code::WrongMethod, detail).error_response();
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allowed));
    response
}

/// Alive.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Able to work: the store answers, keys and token can be had. What stands in the company's files is
/// told to the holder of the admin token only; others learn how many mistakes there are.
async fn readyz(request: HttpRequest, ctx: web::Data<Ctx>) -> Reply {
    let is_admin = request.headers().contains_key(header::AUTHORIZATION);
    if is_admin && let Err(refused) = ctx.guard.judge(&request).await {
        ctx.refusals.note(refused.why);
        return Err(refused.problem);
    }
    let (store, keys, token) =
        tokio::join!(ctx.engine.store().ping(), ctx.verifier.ready(), ctx.tokens.bearer());
    let word = |good: bool| if good { "ok" } else { "failed" };
    let good = store.is_ok() && keys && token.is_ok();
    // Files with mistakes leave the running version in place: the service is able to work, and says
    // what it could not take over.
    let files = ctx.reloader.latest().filter(|reload| !reload.accepted).map(|reload| {
        let problems: Vec<_> =
            reload.problems.iter().filter(|problem| !problem.warning).map(report::line).collect();
        let problems = if is_admin { json!(problems) } else { json!(problems.len()) };
        json!({ "refusedUtc": reload.at, "problems": problems })
    });
    let body = json!({
        "status": if good { "ready" } else { "not ready" },
        "checks": {
            "store": word(store.is_ok()), "keys": word(keys), "token": word(token.is_ok()),
            "company": if files.is_some() { "an older version is running" } else { "ok" },
        },
        "company": files,
    });
    let mut answer = if good { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(answer.json(body))
}

async fn nowhere() -> Reply {
    Err(Problem::not_found("address"))
}

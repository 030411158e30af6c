//! Floor 4: routes and status codes. The whole URL table is here.

mod api;
mod attachments;
mod body;
mod ctx;
mod door;
mod guard;
mod messages;
mod pages;
pub mod problem;
mod query;
mod refusals;
mod reply;
mod scope;

use actix_web::{
    App, Error, FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::from_fn,
    web,
};
use serde_json::json;

use api::{company, desks, files, manage, outbox, ready, reports, sessions, suggestions, tenants};
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
        .service(reading("/", pages::home))
        .service(reading("/privacy", pages::privacy))
        .service(reading("/terms", pages::terms))
        .service(reading("/healthz", healthz))
        .service(reading("/readyz", ready::readyz))
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

async fn nowhere() -> Reply {
    Err(Problem::not_found("address"))
}

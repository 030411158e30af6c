//! `POST /api/messages`: Bot Framework activities.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{
    body::Body,
    ctx::Ctx,
    problem::{Code, Problem},
    reply::Reply,
};
use crate::teams::activity;

/// Checks the sender, reads the activity, and answers after its turn was committed.
pub(super) async fn receive(request: HttpRequest, Body(body): Body, ctx: web::Data<Ctx>) -> Reply {
    let now = (ctx.clock)();
    // A header that is no text is no token.
    let authorization =
        request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or("?"));
    let claims = match ctx.verifier.verify(authorization, now).await {
        Ok(claims) => claims,
        Err(rejected) => return Err(reject(&rejected)),
    };
    let inbound = activity::read(&body).map_err(|unreadable| {
        tracing::info!(reason = %unreadable, "an activity could not be read");
        Problem::bad_request(format!("This is no activity: {unreadable}."))
    })?;
    if let Err(rejected) = ctx.verifier.fits(&claims, &inbound) {
        return Err(reject(&rejected));
    }
    // A turn is finished once it has begun: when the caller hangs up, this function is dropped, and
    // a turn that ended between its commit and the outbox would leave letters lying until the next
    // start.
    let engine = ctx.engine.clone();
    let turn = tokio::spawn(async move { engine.receive(inbound, now).await });
    let answer = turn.await.map_err(|error| {
        tracing::error!(panicked = error.is_panic(), "a turn was not finished");
        Problem::new(Code::Internal, "The activity could not be handled; see the log.")
    })??;
    let status = actix_web::http::StatusCode::from_u16(answer.status)
        .unwrap_or(actix_web::http::StatusCode::OK);
    let mut response = HttpResponse::build(status);
    Ok(match answer.body {
        Some(body) => response.content_type("application/json; charset=utf-8").body(body),
        None => response.finish(),
    })
}

/// The reason goes into the log; the caller learns only the status.
fn reject(rejected: &crate::teams::verify::Rejected) -> Problem {
    tracing::warn!(reason = %rejected, status = rejected.status(), "an activity was refused");
    if rejected.status() == 503 {
        Problem::unavailable("The keys that prove the sender cannot be had; try again.")
    } else {
        Problem::unauthorized("The sender is not proved.")
    }
}

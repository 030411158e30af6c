//! `POST /api/messages`: Bot Framework activities.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};

use super::{
    body,
    ctx::{Ctx, admit},
    guard,
    problem::{Code, Problem},
    reply::Reply,
};
use crate::teams::{
    activity,
    keys::PAUSE,
    verify::{Claims, Rejected},
};

/// Checks the sender, only then reads the activity, and answers after its turn was committed.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    ctx: web::Data<Ctx>,
) -> Reply {
    let now = (ctx.clock)();
    let claims = sender(&request, &ctx, now).await?;
    admit(&request);
    let body = body::whole(&request, payload).await?;
    let inbound = activity::read(&body).map_err(|unreadable| {
        tracing::info!(reason = %unreadable, "an activity could not be read");
        Problem::bad_request(format!("This is no activity: {unreadable}."))
    })?;
    if let Err(rejected) = ctx.verifier.fits(&claims, &inbound) {
        return Err(reject(&ctx, rejected, &inbound.conversation.channel));
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
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    Ok(match answer.body {
        Some(body) => response.content_type("application/json; charset=utf-8").body(body),
        None => response.finish(),
    })
}

/// Who sends: judged by the head of the request alone.
async fn sender(request: &HttpRequest, ctx: &Ctx, now: jiff::Timestamp) -> Result<Claims, Problem> {
    let refuse = |refused: guard::Refused| {
        ctx.refusals.note(refused.why);
        refused.problem
    };
    ctx.guard.no_foreign_page(request).map_err(refuse)?;
    // A header that is no text, or stands there twice, is no token.
    let authorization = guard::sole(request, &header::AUTHORIZATION).unwrap_or(Some("?"));
    let claims = ctx
        .verifier
        .verify(authorization, now)
        .await
        .map_err(|rejected| reject(ctx, rejected, "emulator"))?;
    if claims == Claims::Anonymous {
        ctx.guard.local(request).map_err(refuse)?;
    }
    Ok(claims)
}

/// The reason is counted for the log; the caller learns only the status. What a setting would let
/// in, by this name of a channel, is said with the setting.
fn reject(ctx: &Ctx, rejected: Rejected, channel: &str) -> Problem {
    ctx.refusals.note(&rejected.to_string());
    if matches!(rejected, Rejected::Channel | Rejected::LocalClient)
        && ctx.refusals.is_first(channel)
    {
        let remedy = "set SWITCHBOARD_CHANNELS to a list with this channel to let it in";
        tracing::warn!(?channel, remedy, "a channel besides Teams is not let in");
    }
    match rejected.status() {
        503 => Problem::unavailable("The keys that prove the sender cannot be had; try again.")
            .retry_after(PAUSE.as_secs().unsigned_abs()),
        403 => Problem::forbidden("This channel is not open."),
        _ => Problem::unauthorized("The sender is not proved."),
    }
}

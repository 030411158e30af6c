//! The routes of [`super::FakeTeams`].

use std::{collections::HashMap, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header::DATE},
    web::{self, Bytes},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{APP_ID, Call, Failure, SECRET, Sent, Served, Shared, State, TENANT};

pub async fn serve(request: HttpRequest, body: Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let path = request.uri().path().to_owned();
    let decoded: Vec<String> = path
        .split('/')
        .skip(1)
        .map(|part| percent_decode_str(part).decode_utf8().unwrap().into_owned())
        .collect();
    let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, [set @ ("channel" | "entra"), what]) => {
            shared.state.lock().unwrap().keys_asked += 1;
            while shared.state.lock().unwrap().keys_held {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            keys(&shared, set, what)
        }
        (&Method::POST, ["login", tenant, "oauth2", "v2.0", "token"]) => {
            dated(&shared, login(&shared, tenant, &body))
        }
        (&Method::HEAD, ["login", _]) => dated(&shared, HttpResponse::NotFound().finish()),
        (&Method::GET, ["drive", name]) => file(&request, &shared, name).await,
        (&Method::GET, ["connector", "v3", "attachments", name, "views", "original"]) => {
            let is_known = request
                .headers()
                .get("authorization")
                .and_then(|value| value.to_str().ok())
                .is_some_and(|header| {
                    let state = shared.state.lock().unwrap();
                    header
                        .strip_prefix("Bearer ")
                        .is_some_and(|token| state.tokens.iter().any(|it| it == token))
                });
            if is_known {
                file(&request, &shared, name).await
            } else {
                HttpResponse::Unauthorized().finish()
            }
        }
        (_, ["connector", parts @ ..]) => {
            // A region of its own has a name before the version.
            let (region, parts) = match parts {
                ["v3", ..] => ("", parts),
                [region, parts @ ..] => (*region, parts),
                [] => ("", parts),
            };
            let authorization = request
                .headers()
                .get("authorization")
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned);
            let (response, pause) = {
                // One lock for both, so that whoever sees what was sent sees the call as well.
                let mut state = shared.state.lock().unwrap();
                let (response, pause) = if state.closed_regions.iter().any(|it| it == region) {
                    (HttpResponse::ServiceUnavailable().finish(), Duration::ZERO)
                } else {
                    connector(&mut state, request.method(), parts, &body, authorization.as_deref())
                };
                state.calls.push(Call {
                    method: request.method().to_string(),
                    path: path.trim_start_matches("/connector").to_owned(),
                    authorization,
                    status: response.status().as_u16(),
                });
                (response, pause)
            };
            shared.changed.notify_waiters();
            tokio::time::sleep(pause).await;
            response
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

/// An answer at the instant that the login service believes to be now.
fn dated(shared: &Shared, mut answer: HttpResponse) -> HttpResponse {
    let ahead = shared.state.lock().unwrap().ahead;
    #[allow(clippy::disallowed_methods, reason = "it is answered by the system's clock")]
    let now = std::time::SystemTime::now();
    let span = Duration::from_secs(ahead.unsigned_abs());
    let date = httpdate::fmt_http_date(if ahead < 0 { now - span } else { now + span });
    answer.headers_mut().insert(DATE, date.parse().unwrap());
    answer
}

async fn file(request: &HttpRequest, shared: &Shared, name: &str) -> HttpResponse {
    let authorization =
        request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let served = {
        let mut state = shared.state.lock().unwrap();
        state.fetched.push((name.to_owned(), authorization));
        state.files.get(name).cloned()
    };
    shared.changed.notify_waiters();
    match served {
        None => HttpResponse::NotFound().finish(),
        Some(Served::Bytes(kind, bytes)) => HttpResponse::Ok().content_type(kind).body(bytes),
        Some(Served::Endless(kind, bytes)) => {
            let chunks: Vec<Result<Bytes, std::io::Error>> =
                bytes.chunks(64 * 1024).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
            HttpResponse::Ok().content_type(kind).streaming(futures_util::stream::iter(chunks))
        }
        Some(Served::Redirect(to)) => {
            HttpResponse::Found().insert_header(("location", to)).finish()
        }
        Some(Served::Status(status)) => {
            HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
        }
        Some(Served::Stuck) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            HttpResponse::NotFound().finish()
        }
    }
}

fn keys(shared: &Shared, set: &str, what: &str) -> HttpResponse {
    let mut state = shared.state.lock().unwrap();
    if state.keys_down {
        return HttpResponse::InternalServerError().finish();
    }
    match what {
        "openid" => HttpResponse::Ok().json(json!({"issuer": "https://issuer.example", "jwks_uri": format!("{}/{set}/keys", shared.base)})),
        "keys" => {
            state.keys_fetched += 1;
            HttpResponse::Ok().json(json!({"keys": if set == "channel" { &state.channel_keys } else { &state.entra_keys }}))
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

fn login(shared: &Shared, tenant: &str, body: &[u8]) -> HttpResponse {
    let mut state = shared.state.lock().unwrap();
    state.mints += 1;
    if let Some((status, body)) = &state.login_failure {
        return HttpResponse::build(StatusCode::from_u16(*status).unwrap()).json(body);
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if tenant != TENANT {
        return HttpResponse::BadRequest()
            .json(json!({"error": "unauthorized_client", "error_codes": [700_016]}));
    }
    if (field("client_id"), field("client_secret")) != (APP_ID, SECRET) {
        return HttpResponse::Unauthorized()
            .json(json!({"error": "invalid_client", "error_codes": [7_000_215], "error_description": "wrong"}));
    }
    if (field("grant_type"), field("scope"))
        != ("client_credentials", "https://api.botframework.com/.default")
    {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_request"}));
    }
    let token = format!("bought-{}", state.mints);
    state.tokens.push(token.clone());
    HttpResponse::Ok().json(
        json!({"token_type": "Bearer", "expires_in": state.token_life, "access_token": token}),
    )
}

fn connector(
    state: &mut State,
    method: &Method,
    parts: &[&str],
    body: &[u8],
    authorization: Option<&str>,
) -> (HttpResponse, Duration) {
    let token = authorization.and_then(|header| header.strip_prefix("Bearer "));
    if !state.anonymous && !token.is_some_and(|token| state.tokens.iter().any(|it| it == token)) {
        return (
            HttpResponse::Unauthorized()
                .json(json!({"message": "Authorization has been denied for this request."})),
            Duration::ZERO,
        );
    }
    let (mut pause, mut empty) = (Duration::ZERO, false);
    match state.failures.pop_front() {
        Some(Failure::Throttle(after)) => {
            let mut response = HttpResponse::TooManyRequests();
            if let Some(after) = after {
                response.insert_header(("Retry-After", after));
            }
            return (
                response
                    .json(json!({"error": {"code": "Throttled", "message": "Too many requests."}})),
                pause,
            );
        }
        Some(Failure::Status(status, body)) => {
            return (HttpResponse::build(StatusCode::from_u16(status).unwrap()).json(body), pause);
        }
        Some(Failure::Busy(status, after)) => {
            let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap());
            return (response.insert_header(("Retry-After", after)).finish(), pause);
        }
        Some(Failure::Slow(late)) => pause = late,
        Some(Failure::Empty) => empty = true,
        None => {}
    }
    let missing = |code: &str| {
        HttpResponse::NotFound().json(json!({"error": {"code": code, "message": "Not found."}}))
    };
    if (method, parts) == (&Method::POST, &["v3", "conversations"][..]) {
        if state.refused_creates > 0 {
            state.refused_creates -= 1;
            return (
                HttpResponse::BadRequest()
                    .json(json!({"error": {"code": "BadArgument", "message": "Bad."}})),
                pause,
            );
        }
        let response = create(state, body);
        return (
            if empty && response.status().is_success() {
                HttpResponse::Accepted().finish()
            } else {
                response
            },
            pause,
        );
    }
    let ["v3", "conversations", conversation, parts @ ..] = parts else {
        return (missing("ServiceError"), pause);
    };
    if let Some((status, code)) = state.shut.get(*conversation) {
        let status = StatusCode::from_u16(*status).unwrap();
        let body = json!({"error": {"code": code, "message": "Shut."}});
        return (HttpResponse::build(status).json(body), pause);
    }
    if state.channels.get(place(conversation)) == Some(&false) {
        return (missing("ConversationNotFound"), pause);
    }
    let position = |state: &State, id: &str| {
        state.sent.iter().position(|sent| sent.conversation == *conversation && sent.id == id)
    };
    let response = match (method, parts) {
        (&Method::GET, ["members", id]) => {
            match state.members.get(&((*conversation).to_owned(), (*id).to_owned())) {
                Some(member) => HttpResponse::Ok().json(member),
                None => match id
                    .strip_prefix("29:")
                    .filter(|_| state.channels.contains_key(*conversation))
                {
                    Some(name) => HttpResponse::Ok().json(colleague(name)),
                    None => missing("MemberNotFoundInConversation"),
                },
            }
        }
        (&Method::POST, ["activities"] | ["activities", _]) => {
            match serde_json::from_slice::<Value>(body) {
                Ok(activity) if activity.get("type").is_some() => {
                    state.next_id += 1;
                    let id = state.next_id.to_string();
                    // Typing shows for a moment and is no part of the conversation.
                    if activity["type"] == "typing" {
                        let sent = state.sent.iter();
                        let after = sent.filter(|it| it.conversation == *conversation).count();
                        state.typing.push(((*conversation).to_owned(), after));
                    } else {
                        let reply_to = parts.get(1).map(|id| (*id).to_owned());
                        let first = activity.clone();
                        let conversation = (*conversation).to_owned();
                        state.sent.push(Sent {
                            conversation,
                            id: id.clone(),
                            reply_to,
                            activity,
                            first,
                            updates: 0,
                        });
                    }
                    HttpResponse::Created().json(json!({"id": id}))
                }
                _ => HttpResponse::BadRequest()
                    .json(json!({"error": {"code": "BadSyntax", "message": "Bad."}})),
            }
        }
        (&Method::PUT, ["activities", id]) => {
            match (position(state, id), serde_json::from_slice(body)) {
                (Some(at), Ok(activity)) => {
                    state.sent[at].activity = activity;
                    state.sent[at].updates += 1;
                    HttpResponse::Ok().json(json!({"id": id}))
                }
                (None, _) => missing("ActivityNotFoundInConversation"),
                (_, Err(_)) => HttpResponse::BadRequest()
                    .json(json!({"error": {"code": "BadSyntax", "message": "Bad."}})),
            }
        }
        (&Method::DELETE, ["activities", id]) => match position(state, id) {
            Some(at) => {
                state.sent.remove(at);
                HttpResponse::Ok().finish()
            }
            None => missing("ActivityNotFoundInConversation"),
        },
        _ => HttpResponse::NotImplemented().finish(),
    };
    (if empty { HttpResponse::Accepted().finish() } else { response }, pause)
}

/// A new conversation: here, a thread of a channel, with its first post.
fn create(state: &mut State, body: &[u8]) -> HttpResponse {
    let bad = || {
        HttpResponse::BadRequest().json(json!({"error": {"code": "BadSyntax", "message": "Bad."}}))
    };
    let Ok(wish) = serde_json::from_slice::<Value>(body) else { return bad() };
    if wish["isGroup"] != true {
        // A personal chat. The bot waits until it is written to.
        return HttpResponse::NotImplemented().finish();
    }
    let Some(channel) = wish["channelData"]["channel"]["id"].as_str() else { return bad() };
    let first = wish["activity"].clone();
    if first.get("type").is_none() {
        return bad();
    }
    if state.channels.get(channel) != Some(&true) {
        return HttpResponse::NotFound()
            .json(json!({"error": {"code": "ConversationNotFound", "message": "Not found."}}));
    }
    state.next_id += 1;
    let id = state.next_id.to_string();
    let conversation = format!("{channel};messageid={id}");
    state.threads.push(conversation.clone());
    let sent = Sent {
        conversation: conversation.clone(),
        id: id.clone(),
        reply_to: None,
        activity: first.clone(),
        first,
        updates: 0,
    };
    state.sent.push(sent);
    HttpResponse::Created().json(json!({"id": conversation, "activityId": id}))
}

/// Somebody of the company who is in a channel's team.
pub fn colleague(name: &str) -> Value {
    json!({
        "id": format!("29:{name}"), "aadObjectId": format!("aad-{name}"), "name": name, "tenantId": TENANT,
        "userPrincipalName": format!("{name}@northwind.example"), "userRole": "user",
    })
}

/// The channel of a thread; any other conversation is itself.
pub fn place(conversation: &str) -> &str {
    conversation.split_once(";messageid=").map_or(conversation, |(place, _)| place)
}

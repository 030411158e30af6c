//! Speaking to the Bot Connector: send, replace, look up a member. One request per call and no hidden repetition, except that a
//! token which was refused is renewed once; what to do about a failure is decided by the outbox, and [`SendError`] says what is known.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Client, Method, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{client, hosts::ServiceHosts, token::Tokens};
use crate::model::Guest;

/// Everything but the unreserved characters of RFC 3986: ids contain `:`, `;`, `=`, `@`, `|` and whatever else.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Error codes after which nothing can be delivered to the conversation until the guest or an administrator acts.
const GONE: [&str; 6] =
    ["BotDisabledByAdmin", "BotDisabledByUser", "ConversationBlockedByUser", "BotNotInConversationRoster", "MessageWritesBlocked", "ConversationNotFound"];

/// Why something was not delivered; each variant is one thing that the outbox does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too fast: wait. Not delivered.
    #[error("throttled")]
    Throttled {
        /// What `Retry-After` asked for, if it did.
        after: Option<Duration>,
    },
    /// Try again later.
    #[error("temporary: {reason}")]
    Temporary {
        /// A status with its code, or a transport error without the address.
        reason: String,
        /// True when it may have arrived nevertheless: sending is not idempotent, so that repetitions should be few.
        maybe_delivered: bool,
        /// What `Retry-After` asked for, if it did.
        after: Option<Duration>,
    },
    /// The conversation is closed to the bot: note it and stop, until something comes in from there.
    #[error("gone: {code}")]
    Gone {
        /// `BotDisabledByAdmin`, `ConversationNotFound` …
        code: String,
    },
    /// It will be refused again: dead letter, next.
    #[error("refused: {status} {}", code.as_deref().unwrap_or_default())]
    Refused {
        /// The HTTP status; 0 when it was our own refusal to send it there.
        status: u16,
        /// The connector's error code, or `NotAllowed`, `BadId` for our own.
        code: Option<String>,
    },
}

/// The connector, as seen by one bot. Keeps connections alive between calls.
pub struct Connector {
    http: Client,
    tokens: Arc<Tokens>,
    hosts: ServiceHosts,
}

impl Connector {
    /// `hosts` is the allow-list of the [`super::verify::Verifier`]; `total` limits one exchange, usually [`client::TOTAL`].
    ///
    /// # Errors
    /// As [`client::build`].
    pub fn new(hosts: ServiceHosts, tokens: Arc<Tokens>, total: Duration) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        Ok(Self { http: client::build(total)?, tokens, hosts })
    }

    /// Sends `body`, one activity as JSON, into a conversation; as an answer to `reply_to` when there is one. Gives the new
    /// activity's id, without which it cannot be replaced later, or `None`: the connector sometimes answers with an empty body.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send(
        &self,
        service_url: &str,
        conversation: &str,
        reply_to: Option<&str>,
        body: &str,
        now: Timestamp,
    ) -> Result<Option<String>, SendError> {
        let mut path = vec!["v3", "conversations", conversation, "activities"];
        path.extend(reply_to);
        Ok(id_of(&self.call(Method::POST, service_url, &path, Some(body), now).await?))
    }

    /// Replaces an activity that was sent before with `body`, which must be whole.
    ///
    /// # Errors
    /// [`SendError`]; `Refused` with 404 when there is no such activity.
    pub async fn update(
        &self,
        service_url: &str,
        conversation: &str,
        activity: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Option<String>, SendError> {
        let path = ["v3", "conversations", conversation, "activities", activity];
        Ok(id_of(&self.call(Method::PUT, service_url, &path, Some(body), now).await?))
    }

    /// Looks a member up: name, mail and the like, as far as the connector tells. `channel_id` stays empty; meant for [`Guest::learn`].
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn member(&self, service_url: &str, conversation: &str, member: &str, now: Timestamp) -> Result<Guest, SendError> {
        let path = ["v3", "conversations", conversation, "members", member];
        let body = self.call(Method::GET, service_url, &path, None, now).await?;
        let field = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Guest {
            id: field("id").unwrap_or_default(),
            // Both spellings are sent.
            aad_object_id: field("aadObjectId").or_else(|| field("objectId")),
            entra_tenant: field("tenantId"),
            name: field("name"),
            given_name: field("givenName"),
            surname: field("surname"),
            email: field("email"),
            user_principal_name: field("userPrincipalName"),
            ..Guest::default()
        })
    }

    async fn call(&self, method: Method, service_url: &str, path: &[&str], body: Option<&str>, now: Timestamp) -> Result<Value, SendError> {
        let url = self.address(service_url, path)?;
        let token = self.bearer(now).await?;
        let response = self.exchange(&method, &url, token.as_ref(), body).await?;
        if response.status().as_u16() != 401 {
            return outcome(response, now).await;
        }
        let Some(refused) = token else { return outcome(response, now).await };
        // Keys and secrets rotate; a second refusal of a token that was just bought has another cause.
        self.tokens.invalidate(&refused).await;
        let token = self.bearer(now).await?;
        outcome(self.exchange(&method, &url, token.as_ref(), body).await?, now).await
    }

    /// The last gate before a token leaves the house: the allow-list is asked here too, because stored service URLs may be older than it is.
    fn address(&self, service_url: &str, path: &[&str]) -> Result<String, SendError> {
        let ours = |code: &str| SendError::Refused { status: 0, code: Some(code.to_owned()) };
        if !self.hosts.allows(service_url) {
            return Err(ours("NotAllowed"));
        }
        let mut url = service_url.trim_end_matches('/').to_owned();
        for segment in path {
            // Dots cannot be escaped: URL parsers resolve `%2e%2e` as well, and the call would go to another address.
            if matches!(*segment, "" | "." | "..") {
                return Err(ours("BadId"));
            }
            url.push('/');
            url.extend(utf8_percent_encode(segment, SEGMENT));
        }
        Ok(url)
    }

    async fn bearer(&self, now: Timestamp) -> Result<Option<SecretString>, SendError> {
        // A refused app is temporary as well: the letters are good, and leave as soon as somebody has renewed the secret.
        self.tokens.bearer(now).await.map_err(|error| SendError::Temporary { reason: error.to_string(), maybe_delivered: false, after: None })
    }

    async fn exchange(&self, method: &Method, url: &str, token: Option<&SecretString>, body: Option<&str>) -> Result<Response, SendError> {
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = token {
            let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| SendError::Temporary { reason: "the token is not printable".into(), maybe_delivered: false, after: None })?;
            header.set_sensitive(true);
            request = request.header(AUTHORIZATION, header);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(body.to_owned());
        }
        request.send().await.map_err(|error| broken(&error))
    }
}

/// What is known after a transport error: only if no connection came about, nothing was delivered.
fn broken(error: &reqwest::Error) -> SendError {
    if error.is_builder() {
        return SendError::Refused { status: 0, code: Some("BadRequest".to_owned()) };
    }
    let reason = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    SendError::Temporary { reason: reason.to_owned(), maybe_delivered: !error.is_connect(), after: None }
}

async fn outcome(response: Response, now: Timestamp) -> Result<Value, SendError> {
    let status = response.status();
    let after = retry_after(response.headers(), now);
    // It has been delivered (or refused) whatever becomes of the answer's body.
    let body = client::read(response).await.ok().flatten().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    if status.is_success() { Ok(body) } else { Err(failure(status.as_u16(), code_of(&body), after)) }
}

/// What an error status means.
fn failure(status: u16, code: Option<String>, after: Option<Duration>) -> SendError {
    let temporary = |maybe_delivered| SendError::Temporary {
        reason: format!("answered {status} {}", code.as_deref().unwrap_or_default()).trim_end().to_owned(),
        maybe_delivered,
        after,
    };
    match (status, code.as_deref()) {
        (403 | 404, Some(gone)) if GONE.contains(&gone) => SendError::Gone { code: gone.to_owned() },
        (412, _) => temporary(false),
        (429, _) => SendError::Throttled { after },
        // The documentation asks not to repeat the connector's own ServiceError; any other 500 comes from something in between.
        (500, Some("ServiceError")) => SendError::Refused { status, code },
        (408 | 500 | 502..=504, _) => temporary(true),
        _ => SendError::Refused { status, code },
    }
}

/// Seconds, or a date that is compared with `now`; a date in the past means "now".
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(Duration::try_from(now.duration_until(date)).unwrap_or_default())
}

/// The error code, from the three shapes in which the connector writes it: `{error:{code}}`, `{errorCode, message}` with JSON in the
/// message whose `subCode` counts, and `{message}`, which has none. Codes are words; anything else is not kept, it might be text about somebody.
fn code_of(body: &Value) -> Option<String> {
    let nested = || serde_json::from_str::<Value>(body.get("message")?.as_str()?).ok();
    let from_message = || nested().and_then(|inner| inner.get("subCode").and_then(Value::as_str).map(str::to_owned));
    let code = body.get("error").and_then(|error| error.get("code")).and_then(Value::as_str).map(str::to_owned).or_else(from_message)?;
    (code.len() <= 64 && !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))).then_some(code)
}

fn id_of(body: &Value) -> Option<String> {
    body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_come_in_three_shapes() {
        assert_eq!(code_of(&json!({"error": {"code": "BadSyntax", "message": "x", "innerHttpError": {"statusCode": 400}}})).as_deref(), Some("BadSyntax"));
        assert_eq!(code_of(&json!({"message": "Authorization has been denied"})), None);
        assert_eq!(code_of(&json!({"errorCode": 209, "message": "{\"subCode\":\"MessageWritesBlocked\",\"details\":\"x\"}"})).as_deref(), Some("MessageWritesBlocked"));
        assert_eq!(code_of(&json!({"error": {"code": "Kim Doe is away"}})), None);
        assert_eq!(code_of(&Value::Null), None);
    }

    #[test]
    fn statuses_become_what_the_outbox_does_next() {
        let failed = |status, code: &str| failure(status, Some(code.to_owned()).filter(|code| !code.is_empty()), None);
        for code in ["BotDisabledByAdmin", "BotDisabledByUser", "ConversationBlockedByUser", "BotNotInConversationRoster", "MessageWritesBlocked"] {
            assert_eq!(failed(403, code), SendError::Gone { code: code.into() });
        }
        assert_eq!(failed(404, "ConversationNotFound"), SendError::Gone { code: "ConversationNotFound".into() });
        assert_eq!(failed(429, "Throttled"), SendError::Throttled { after: None });
        for (status, code) in [
            (301, ""),
            (400, "BadSyntax"),
            (401, "BotNotRegistered"),
            (403, ""),
            (403, "NotEnoughPermissions"),
            (403, "InvalidBotApiHost"),
            (404, ""),
            (404, "ActivityNotFoundInConversation"),
            (413, "MessageSizeTooBig"),
            (500, "ServiceError"),
            (501, ""),
        ] {
            assert!(matches!(failed(status, code), SendError::Refused { status: it, .. } if it == status), "{status} {code}");
        }
        for (status, maybe) in [(412, false), (408, true), (500, true), (502, true), (503, true), (504, true)] {
            assert!(matches!(failed(status, ""), SendError::Temporary { maybe_delivered, .. } if maybe_delivered == maybe), "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "1994-11-06T08:49:30Z".parse().unwrap();
        let after = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]), now);
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!((after("soon"), after("-1")), (None, None));
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn every_segment_is_encoded_and_none_climbs() {
        let tokens = super::super::token::TokenConfig { app_id: None, secret: "".into(), login: String::new(), scope: String::new() };
        let connector = Connector::new(ServiceHosts::new(&[], &[], true), Arc::new(Tokens::new(tokens).unwrap()), client::TOTAL).unwrap();
        let address = |url: &str, id: &str| connector.address(url, &["v3", id, "x"]);
        assert_eq!(
            address("https://smba.trafficmanager.net/teams/", "19:a/b@thread.tacv2;messageid=1|ü").unwrap(),
            "https://smba.trafficmanager.net/teams/v3/19%3Aa%2Fb%40thread.tacv2%3Bmessageid%3D1%7C%C3%BC/x"
        );
        for id in ["", ".", ".."] {
            assert_eq!(address("http://localhost:1", id), Err(SendError::Refused { status: 0, code: Some("BadId".into()) }));
        }
        assert_eq!(address("https://evil.example/", "a"), Err(SendError::Refused { status: 0, code: Some("NotAllowed".into()) }));
    }
}

//! Speaking to the Bot Connector: send, replace, open a thread, look up a member. One request per
//! call and no hidden repetition, except that a token which was refused is renewed once; what to do
//! about a failure is decided by the outbox, and [`SendError`] says what is known.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use reqwest::{
    Client, Method, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

pub use super::outcome::SendError;
use super::{client, hosts::ServiceHosts, outcome, token::Tokens};
use crate::model::{Guest, address::ENCODED};

/// The connector, as seen by one bot. Keeps connections alive between calls.
pub struct Connector {
    http: Client,
    tokens: Arc<Tokens>,
    hosts: ServiceHosts,
}

/// A new thread of a channel, as far as the connector tells: sometimes it answers with an empty
/// body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The thread's conversation id, `<channel>;messageid=<first post>`. Without it nothing can be
    /// sent after the first post.
    pub conversation: Option<String>,
    /// The first post's activity id, without which it cannot be replaced later.
    pub activity: Option<String>,
}

impl Connector {
    /// `hosts` is the allow-list of the [`super::verify::Verifier`]; `total` limits one exchange,
    /// usually [`client::TOTAL`].
    ///
    /// # Errors
    /// As [`client::build`].
    pub fn new(
        hosts: ServiceHosts,
        tokens: Arc<Tokens>,
        total: Duration,
    ) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        Ok(Self { http: client::build(total)?, tokens, hosts })
    }

    /// Sends `body`, one activity as JSON, into a conversation; as an answer to `reply_to` when
    /// there is one. Gives the new activity's id, without which it cannot be replaced later, or
    /// `None`: the connector sometimes answers with an empty body.
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

    /// Opens a thread in a channel with its first post. `body` is the whole request as JSON:
    /// `isGroup` true, `channelData.channel.id`, `tenantId`, and in `activity` the post, which is
    /// required. Not idempotent: what may have been delivered may be a thread already.
    ///
    /// # Errors
    /// [`SendError`]; `Gone` when there is no such channel, or the bot is not in its team; not for
    /// certain at the first time.
    pub async fn open_thread(
        &self,
        service_url: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Opened, SendError> {
        let answer =
            self.call(Method::POST, service_url, &["v3", "conversations"], Some(body), now).await?;
        Ok(Opened { conversation: id_of(&answer), activity: text_of(&answer, "activityId") })
    }

    /// Looks a member up: name, mail and the like, as far as the connector tells. `channel_id`
    /// stays empty; meant for [`Guest::learn`].
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn member(
        &self,
        service_url: &str,
        conversation: &str,
        member: &str,
        now: Timestamp,
    ) -> Result<Guest, SendError> {
        let path = ["v3", "conversations", conversation, "members", member];
        let body = self.call(Method::GET, service_url, &path, None, now).await?;
        let field = |name| text_of(&body, name);
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
            user_role: field("userRole"),
            ..Guest::default()
        })
    }

    /// True for a bot without an app id, which talks to local clients only.
    pub fn is_anonymous(&self) -> bool {
        self.tokens.is_anonymous()
    }

    async fn call(
        &self,
        method: Method,
        service_url: &str,
        path: &[&str],
        body: Option<&str>,
        now: Timestamp,
    ) -> Result<Value, SendError> {
        let url = self.address(service_url, path)?;
        let token = self.bearer(now).await?;
        let response = self.exchange(&method, &url, token.as_ref(), body).await?;
        if response.status().as_u16() != 401 {
            return judge(response, now).await;
        }
        let Some(refused) = token else { return judge(response, now).await };
        // Keys and secrets rotate; a second refusal of a token that was just bought has another
        // cause.
        self.tokens.invalidate(&refused).await;
        let token = self.bearer(now).await?;
        judge(self.exchange(&method, &url, token.as_ref(), body).await?, now).await
    }

    /// The last gate before a token leaves the house: the allow-list is asked here too, because
    /// stored service URLs may be older than it is.
    fn address(&self, service_url: &str, path: &[&str]) -> Result<String, SendError> {
        let ours = |code: &str| SendError::Refused { status: 0, code: Some(code.to_owned()) };
        if !self.hosts.allows(service_url) {
            return Err(ours("NotAllowed"));
        }
        let mut url = service_url.trim_end_matches('/').to_owned();
        for segment in path {
            // Dots cannot be escaped: URL parsers resolve `%2e%2e` as well, and the call would go
            // to another address.
            if matches!(*segment, "" | "." | "..") {
                return Err(ours("BadId"));
            }
            url.push('/');
            // Ids contain `:`, `;`, `=`, `@`, `|` and whatever else.
            url.extend(utf8_percent_encode(segment, ENCODED));
        }
        Ok(url)
    }

    async fn bearer(&self, now: Timestamp) -> Result<Option<SecretString>, SendError> {
        // A refused app as well: the letters are good, and leave as soon as somebody has renewed the
        // secret.
        self.tokens.bearer(now).await.map_err(|error| SendError::Unavailable {
            reason: error.to_string(),
            maybe_delivered: false,
        })
    }

    async fn exchange(
        &self,
        method: &Method,
        url: &str,
        token: Option<&SecretString>,
        body: Option<&str>,
    ) -> Result<Response, SendError> {
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = token {
            let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| SendError::Unavailable {
                    reason: "the token is not printable".into(),
                    maybe_delivered: false,
                })?;
            header.set_sensitive(true);
            request = request.header(AUTHORIZATION, header);
        }
        if let Some(body) = body {
            request = request
                .header(CONTENT_TYPE, "application/json; charset=utf-8")
                .body(body.to_owned());
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
    SendError::Unavailable { reason: reason.to_owned(), maybe_delivered: !error.is_connect() }
}

async fn judge(response: Response, now: Timestamp) -> Result<Value, SendError> {
    let status = response.status();
    let after = outcome::retry_after(response.headers(), now);
    // It has been delivered (or refused) whatever becomes of the answer's body.
    let body = client::read(response)
        .await
        .ok()
        .flatten()
        .and_then(|body| serde_json::from_slice(&body).ok())
        .unwrap_or_default();
    if status.is_success() {
        Ok(body)
    } else {
        Err(outcome::failure(status.as_u16(), outcome::code_of(&body), after))
    }
}

fn id_of(body: &Value) -> Option<String> {
    text_of(body, "id")
}

fn text_of(body: &Value, field: &str) -> Option<String> {
    body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_is_encoded_and_none_climbs() {
        let tokens = super::super::token::TokenConfig {
            app_id: None,
            secret: "".into(),
            login: String::new(),
            scope: String::new(),
        };
        let connector = Connector::new(
            ServiceHosts::new(&super::super::cloud::Cloud::public().service_hosts, &[], true),
            Arc::new(Tokens::new(tokens).unwrap()),
            client::TOTAL,
        )
        .unwrap();
        let address = |url: &str, id: &str| connector.address(url, &["v3", id, "x"]);
        assert_eq!(
            address("https://smba.trafficmanager.net/teams/", "19:a/b@thread.tacv2;messageid=1|ü")
                .unwrap(),
            "https://smba.trafficmanager.net/teams/v3/19%3Aa%2Fb%40thread.tacv2%3Bmessageid%3D1%7C%C3%BC/x"
        );
        for id in ["", ".", ".."] {
            assert_eq!(
                address("http://localhost:1", id),
                Err(SendError::Refused { status: 0, code: Some("BadId".into()) })
            );
        }
        assert_eq!(
            address("https://evil.example/", "a"),
            Err(SendError::Refused { status: 0, code: Some("NotAllowed".into()) })
        );
    }
}

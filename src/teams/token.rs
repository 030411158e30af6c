//! The bearer token for what we send: bought at Entra with the app's secret (client credentials),
//! kept until shortly before its end.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{client, refusal, skew::Skew};
use crate::model::{Moment, Monotonic};

/// How long before its end a token is renewed (what Microsoft's own libraries do).
const AHEAD: SignedDuration = SignedDuration::from_secs(300);
/// How long a refusal (wrong or expired secret) is believed: asking again at once cannot help and
/// looks like an attack.
const REFUSED: Duration = Duration::from_secs(60);
/// How long a failure of the network or the login service is believed.
const FAILED: Duration = Duration::from_secs(2);

/// What buys a token.
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// The app id. `None`: nothing is bought, and requests carry no `Authorization`.
    pub app_id: Option<String>,
    /// The client secret.
    pub secret: SecretString,
    /// The authority with its tenant, see [`super::cloud::Cloud::authority`]; `/oauth2/v2.0/token`
    /// is appended.
    pub login: String,
    /// The scope, see [`super::cloud::Cloud::scope`].
    pub scope: String,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The login service said no: wrong or expired secret, wrong tenant. A person must act.
    #[error("the login service refuses the app: {code}")]
    Refused {
        /// OAuth's `error`, with the first of `error_codes` when there is one: `invalid_client
        /// AADSTS7000215`.
        code: String,
        /// What that means and what to do; holds no id and no secret.
        meaning: String,
    },
    /// The login service cannot be reached or has trouble.
    #[error("the login service does not answer properly: {reason}")]
    Unavailable {
        /// A status or a transport error, for the log.
        reason: String,
    },
}

impl TokenError {
    /// All of it for whoever runs the bot, with what to do.
    pub fn told(&self) -> String {
        match self {
            Self::Refused { meaning, .. } => format!("{self}: {meaning}"),
            Self::Unavailable { .. } => self.to_string(),
        }
    }

    /// What anybody may read: without names of hosts.
    pub fn public(&self) -> String {
        match self {
            Self::Refused { .. } => self.told(),
            Self::Unavailable { .. } => "the login service does not answer properly".to_owned(),
        }
    }
}

/// The token of one app. Asked for by everybody, bought by one at a time.
pub struct Tokens {
    config: TokenConfig,
    url: String,
    http: Client,
    steady: Monotonic,
    haste: u32,
    skew: Option<Skew>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    failure: Option<(Moment, TokenError)>,
    /// The failure that the log tells of at last; none once it is over.
    told: Option<String>,
}

impl State {
    /// Says what has changed: a failure once, however often it is met.
    fn tell(&mut self, error: Option<&TokenError>) {
        match (error.map(TokenError::told), &self.told) {
            (Some(told), latest) if latest.as_ref() != Some(&told) => {
                tracing::error!("no token to send with: {told}");
                self.told = Some(told);
            }
            (None, Some(_)) => {
                tracing::info!("the login service gives tokens again");
                self.told = None;
            }
            _ => {}
        }
    }
}

struct Token {
    text: SecretString,
    renew: Moment,
    ends: Moment,
}

impl Tokens {
    /// Buys nothing yet. How long a token or a refusal counts is measured by `steady`.
    ///
    /// # Errors
    /// As [`client::build`].
    pub fn new(config: TokenConfig, steady: Monotonic) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        let url = format!("{}/oauth2/v2.0/token", config.login.trim_end_matches('/'));
        Ok(Self {
            config,
            url,
            http: client::build(Duration::from_secs(10))?,
            steady,
            haste: 1,
            skew: None,
            state: Mutex::default(),
        })
    }

    /// Compares the clocks whenever the login service answers.
    pub fn comparing(self, skew: Skew) -> Self {
        Self { skew: Some(skew), ..self }
    }

    /// What is wrong with the clock of this machine, if something is.
    pub async fn clock(&self) -> Option<String> {
        self.skew.as_ref()?.wrong(&self.http, &self.config.login).await
    }

    /// How long whoever looks after the token may leave it alone: until it is renewed, or a failure
    /// is believed no longer.
    pub async fn rests(&self) -> SignedDuration {
        let now = self.steady.now();
        let state = self.state.lock().await;
        match (&state.failure, &state.token) {
            (Some((at, error)), _) => self.believed(error) - now.duration_since(*at),
            (None, Some(token)) => token.renew.duration_since(now),
            (None, None) => SignedDuration::ZERO,
        }
    }

    /// Believes failures so many times shorter: what takes an hour can be seen in seconds.
    pub fn hasty(self, haste: u32) -> Self {
        Self { haste: haste.max(1), ..self }
    }

    /// The token, renewed if it ends within five minutes; `None` for a bot without an app id.
    ///
    /// # Errors
    /// When there is none that is still valid and none can be bought. A refusal is remembered for a
    /// minute.
    pub async fn bearer(&self) -> Result<Option<SecretString>, TokenError> {
        let Some(app_id) = self.config.app_id.as_deref() else { return Ok(None) };
        let now = self.steady.now();
        // Held while buying: whoever comes meanwhile gets what was bought.
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.as_ref().filter(|token| now < token.renew) {
            return Ok(Some(token.text.clone()));
        }
        let failure = match state.failure.take() {
            Some((at, error)) if now.duration_since(at) < self.believed(&error) => (at, error),
            _ => match self.buy(app_id, now).await {
                Ok(token) => {
                    let text = token.text.clone();
                    state.token = Some(token);
                    state.tell(None);
                    return Ok(Some(text));
                }
                Err(error) => (now, error),
            },
        };
        let error = failure.1.clone();
        state.failure = Some(failure);
        state.tell(Some(&error));
        match state.token.as_ref().filter(|token| now < token.ends) {
            Some(token) => Ok(Some(token.text.clone())),
            None => Err(error),
        }
    }

    /// How long a failure is believed.
    fn believed(&self, error: &TokenError) -> SignedDuration {
        SignedDuration::try_from(error.pause() / self.haste).unwrap_or(SignedDuration::MAX)
    }

    /// True for a bot without an app id: it has no tokens.
    pub fn is_anonymous(&self) -> bool {
        self.config.app_id.is_none()
    }

    /// Forgets `refused`, which the connector did not accept, unless a newer one is here already.
    pub async fn invalidate(&self, refused: &SecretString) {
        let mut state = self.state.lock().await;
        if state
            .token
            .as_ref()
            .is_some_and(|token| token.text.expose_secret() == refused.expose_secret())
        {
            state.token = None;
        }
    }

    async fn buy(&self, app_id: &str, now: Moment) -> Result<Token, TokenError> {
        let unavailable = |reason: String| TokenError::Unavailable { reason };
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", app_id),
            ("client_secret", self.config.secret.expose_secret()),
            ("scope", &self.config.scope),
        ];
        let transport = |error: reqwest::Error| unavailable(client::why(&self.url, &error));
        let response = self.http.post(&self.url).form(&form).send().await.map_err(transport)?;
        if let Some(skew) = &self.skew {
            skew.note(response.headers());
        }
        let status = response.status();
        let body = client::read(response)
            .await
            .map_err(transport)?
            .ok_or_else(|| unavailable("too long an answer".into()))?;
        let body = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if !status.is_success() {
            let is_id = uuid::Uuid::try_parse(self.config.secret.expose_secret()).is_ok();
            return Err(match refused(status.as_u16(), &body, is_id) {
                TokenError::Unavailable { reason } => {
                    unavailable(format!("{} {reason}", client::name_of(&self.url)))
                }
                refused => refused,
            });
        }
        let text = body.get("access_token").and_then(Value::as_str).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| unavailable("no access_token".into()))?;
        let life = body
            .get("expires_in")
            .and_then(seconds)
            .ok_or_else(|| unavailable("no expires_in".into()))?;
        let after = |seconds: i64| now.later(SignedDuration::from_secs(seconds));
        tracing::debug!(seconds = life, "bought a token for the connector");
        // A token that lives shorter than the margin would be bought anew for each message: half
        // its life then.
        Ok(Token {
            text: text.into(),
            renew: after((life - AHEAD.as_secs()).max(life / 2)),
            ends: after(life),
        })
    }
}

impl TokenError {
    fn pause(&self) -> Duration {
        match self {
            Self::Refused { .. } => REFUSED,
            Self::Unavailable { .. } => FAILED,
        }
    }
}

/// OAuth says 400 or 401 with an `error`; everything else is trouble that may pass. The description
/// is not kept: it names the app and more.
fn refused(status: u16, body: &Value, is_id: bool) -> TokenError {
    match body.get("error").and_then(Value::as_str) {
        Some(error) if matches!(status, 400 | 401 | 403) && error != "temporarily_unavailable" => {
            let number = body
                .get("error_codes")
                .and_then(Value::as_array)
                .and_then(|codes| codes.first())
                .and_then(Value::as_i64);
            let error: String =
                error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            let meaning = number.and_then(|number| refusal::meaning(number, is_id));
            let meaning = match (meaning, number) {
                (Some(meaning), _) => meaning.to_owned(),
                (None, Some(number)) => format!(
                    "https://login.microsoftonline.com/error?code={number} tells what it means"
                ),
                (None, None) => "compare MicrosoftAppId, MicrosoftAppPassword and MicrosoftAppTenantId with the app registration".to_owned(),
            };
            let code = number.map_or(error.clone(), |number| format!("{error} AADSTS{number}"));
            TokenError::Refused { code, meaning }
        }
        _ => TokenError::Unavailable { reason: format!("answered {status}") },
    }
}

/// Entra writes a number; older endpoints wrote it as text.
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_and_troubles() {
        let wrong_secret = json!({"error": "invalid_client", "error_description": "AADSTS7000215: of app x", "error_codes": [7_000_215]});
        let told = |status, body: &Value, is_id| refused(status, body, is_id).told();
        let said = told(401, &wrong_secret, false);
        assert!(
            said.starts_with("the login service refuses the app: invalid_client AADSTS7000215: MicrosoftAppPassword is no secret"),
            "{said}"
        );
        assert!(!said.contains("of app x"), "{said}");
        assert!(told(401, &wrong_secret, true).contains("looks like the Secret ID"));
        let unknown = json!({"error": "invalid_request", "error_codes": [1]});
        assert!(told(400, &unknown, false).ends_with("error?code=1 tells what it means"));
        let none = told(400, &json!({"error": "unauthorized_client"}), false);
        assert!(none.contains("unauthorized_client: compare MicrosoftAppId"), "{none}");
        for (status, body) in [
            (500, json!({"error": "server_error"})),
            (400, json!({"error": "temporarily_unavailable"})),
            (429, json!(null)),
            (400, json!(null)),
        ] {
            assert!(
                matches!(refused(status, &body, false), TokenError::Unavailable { .. }),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn lives_are_numbers_or_text() {
        assert_eq!(
            [json!(3599), json!("3599"), json!(0), json!(-1), json!("x"), json!(null)]
                .map(|it| seconds(&it)),
            [Some(3599), Some(3599), None, None, None, None]
        );
    }
}

//! Fetching files and pictures that people send. The address comes from outside, so every step of
//! the way is held against the allow-list, redirects as well; the bot's token goes to the
//! connector's pictures and nowhere else. Addresses are secrets: no error names one.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Response,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION},
};
use secrecy::{ExposeSecret, SecretString};

use super::{client, hosts::ServiceHosts, token::Tokens};
use crate::model::FileKind;

/// The most bytes that are fetched of one file.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// How long one file may take, redirects and all.
const TOTAL: Duration = Duration::from_secs(30);
/// Redirects that are followed.
const MOST_STEPS: usize = 3;

/// A file that was fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What the server says it is, in lower case and without parameters.
    pub content_type: Option<String>,
}

/// Why a file was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is larger than [`MOST_BYTES`].
    #[error("it is too large")]
    TooLarge,
    /// It lies where nothing may be fetched, or its way leads there.
    #[error("it lies on a host that is not allowed")]
    NotAllowed,
    /// The server says no; it will say so again.
    #[error("the server answered {0}")]
    Refused(u16),
    /// It may work later.
    #[error("{0}")]
    Temporary(String),
}

/// Fetches files. Keeps connections alive between calls.
pub struct Downloads {
    http: Client,
    tokens: Arc<Tokens>,
    hosts: ServiceHosts,
}

impl Downloads {
    /// `hosts` is the allow-list of the [`super::verify::Verifier`].
    ///
    /// # Errors
    /// As [`client::build`].
    pub fn new(hosts: ServiceHosts, tokens: Arc<Tokens>) -> Result<Self, reqwest::Error> {
        super::install_crypto();
        Ok(Self { http: client::build(TOTAL)?, tokens, hosts })
    }

    /// True when something of that kind may be fetched from there at all.
    pub fn allows(&self, url: &str, kind: FileKind) -> bool {
        match kind {
            FileKind::Open => self.hosts.allows_file(url),
            FileKind::Connector => self.hosts.allows_picture(url),
            FileKind::Foreign => false,
        }
    }

    /// Fetches one file.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&self, url: &SecretString, kind: FileKind) -> Result<Fetched, FetchError> {
        if !self.allows(url.expose_secret(), kind) {
            return Err(FetchError::NotAllowed);
        }
        let late = || FetchError::Temporary("no answer in time".to_owned());
        tokio::time::timeout(TOTAL, self.follow(url.expose_secret(), kind))
            .await
            .map_err(|_| late())?
    }

    async fn follow(&self, url: &str, kind: FileKind) -> Result<Fetched, FetchError> {
        let mut url = url.to_owned();
        for _ in 0..=MOST_STEPS {
            // A redirect may lead to a place for files; the token stays behind then.
            let token = match kind {
                FileKind::Connector if self.hosts.allows_picture(&url) => self.token().await?,
                _ => None,
            };
            let mut request = self.http.get(&url);
            if let Some(token) = token {
                request = request.header(AUTHORIZATION, token);
            }
            let response = request.send().await.map_err(|error| broken(&error))?;
            if !response.status().is_redirection() {
                return read(response).await;
            }
            let status = response.status().as_u16();
            let next = response
                .headers()
                .get(LOCATION)
                .and_then(|to| to.to_str().ok())
                .and_then(|to| response.url().join(to).ok());
            url = next.ok_or(FetchError::Refused(status))?.to_string();
            if !self.hosts.allows_file(&url) {
                return Err(FetchError::NotAllowed);
            }
        }
        Err(FetchError::Temporary("it is redirected again and again".to_owned()))
    }

    async fn token(&self) -> Result<Option<HeaderValue>, FetchError> {
        let token =
            self.tokens.bearer().await.map_err(|error| FetchError::Temporary(error.to_string()))?;
        let Some(token) = token else { return Ok(None) };
        let header = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
        let mut header =
            header.map_err(|_| FetchError::Temporary("the token is not printable".to_owned()))?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

/// What is known after a transport error, without the address.
fn broken(error: &reqwest::Error) -> FetchError {
    let reason = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    FetchError::Temporary(reason.to_owned())
}

async fn read(mut response: Response) -> Result<Fetched, FetchError> {
    let status = response.status();
    if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
        return Err(FetchError::Temporary(format!("the server answered {}", status.as_u16())));
    }
    if !status.is_success() {
        return Err(FetchError::Refused(status.as_u16()));
    }
    let header =
        |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // What is said; what comes is counted all the same.
    if header(CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > MOST_BYTES as u64)
    {
        return Err(FetchError::TooLarge);
    }
    let content_type = header(CONTENT_TYPE)
        .and_then(|kind| kind.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { bytes, content_type })
}

//! Floor 2: other systems, such as a ticket system, over HTTP. What a company's files ask for is
//! asked here and nowhere else: only hosts that are listed, never an address inside a network
//! unless that is listed too, no secrets beyond the host they are for, at most 1 MiB.

mod address;
pub mod secret;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use ipnet::IpNet;
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::{Attempt, Policy},
};
use serde_json::Value;
use url::{Host, Url};

use crate::{
    model::{Call, CallError, Called, Header, Method, Request},
    pipeline::outside::covers,
};

/// The most that is read of an answer.
const MOST: usize = 1024 * 1024;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How often an answer may send us elsewhere on the same host.
const MOST_REDIRECTS: usize = 3;

/// Tells what an environment variable holds.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Whom a company lets be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Hosts, or `*.` and a domain.
    pub hosts: Vec<String>,
    /// Networks that are not on the internet.
    pub networks: Vec<IpNet>,
}

impl Allowed {
    /// True for an address in a listed network. One of IPv4 in the clothes of IPv6 is judged by
    /// what it is.
    fn is_inside(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address) || network.contains(&address.to_canonical()))
    }

    /// True when nothing that is written in this address forbids it; what its name resolves to is
    /// judged by [`Names`].
    fn lets(&self, url: &Url) -> bool {
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return false,
        };
        let fits =
            |address: IpAddr| (!is_plain && address::is_public(address)) || self.is_inside(address);
        let by_address = match url.host() {
            Some(Host::Ipv4(address)) => fits(address.into()),
            Some(Host::Ipv6(address)) => fits(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        let host = url.host_str().unwrap_or_default();
        by_address
            && url.username().is_empty()
            && url.password().is_none()
            && self.hosts.iter().any(|listed| covers(listed, host))
    }
}

/// Looks names up, and keeps back the addresses that may not be called: so a name that resolves to
/// one of them leads nowhere, whenever it is looked up.
struct Names {
    allowed: Arc<ArcSwap<Allowed>>,
    /// Only addresses inside listed networks: for plain http, along which others could read on the
    /// internet.
    only_inside: bool,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, only_inside) = (self.allowed.load_full(), self.only_inside);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<SocketAddr> = found
                .filter(|found| {
                    (!only_inside && address::is_public(found.ip()))
                        || allowed.is_inside(found.ip())
                })
                .collect();
            if fit.is_empty() {
                return Err(Box::<dyn std::error::Error + Send + Sync>::from(Inside));
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

/// A name has no address that may be called.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address that may be called")]
struct Inside;

/// A redirect that leaves the host, or goes too far.
#[derive(Debug, thiserror::Error)]
#[error("the answer leads to another place")]
struct Elsewhere;

/// The two ways out: over TLS to the internet and listed networks, and in the plain to listed
/// networks alone.
#[derive(Clone)]
struct Pair {
    secure: Client,
    plain: Client,
}

/// Makes calls.
#[derive(Clone)]
pub struct Caller {
    allowed: Arc<ArcSwap<Allowed>>,
    /// For what only reads: follows where an answer leads on the same host.
    reading: Pair,
    /// For everything else: a redirect would make another request of it.
    writing: Pair,
    /// Where secrets come from.
    environment: Environment,
}

impl Caller {
    /// A caller to whom nothing is allowed yet, with secrets from this environment.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(environment: Environment) -> Result<Self, reqwest::Error> {
        let allowed = Arc::new(ArcSwap::from_pointee(Allowed::default()));
        let client = |only_inside, follows: bool| {
            Client::builder()
                .connect_timeout(CONNECT)
                .redirect(if follows { Policy::custom(same_host) } else { Policy::none() })
                // A proxy would look names up itself, and nobody would see where they lead.
                .no_proxy()
                .dns_resolver(Arc::new(Names { allowed: allowed.clone(), only_inside }))
                .user_agent(concat!("Switchboard/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        let pair = |follows| {
            Ok::<_, reqwest::Error>(Pair {
                secure: client(false, follows)?,
                plain: client(true, follows)?,
            })
        };
        let (reading, writing) = (pair(true)?, pair(false)?);
        Ok(Caller { allowed, reading, writing, environment })
    }

    /// Whom may be called from now on.
    pub fn allow(&self, allowed: Allowed) {
        self.allowed.store(Arc::new(allowed));
    }

    /// What an environment variable holds now.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// Makes one attempt of a call, after the pause that belongs to it.
    pub async fn call(&self, call: &Call) -> Called {
        tokio::time::sleep(call.pause()).await;
        let request = &call.request;
        let once = async {
            let response = self.send(request, &[("idempotency-key", &call.id.to_string())]).await?;
            let status = response.status();
            if !status.is_success() {
                return Err(CallError::Status(status.as_u16()));
            }
            if !request.wants_json {
                return Ok(Value::Null);
            }
            let body = read(response).await?;
            serde_json::from_slice(&body).map_err(|_| CallError::NotJson)
        };
        match tokio::time::timeout(Duration::from_millis(request.timeout), once).await {
            Ok(Ok(answer)) => Called::Answer(answer),
            Ok(Err(error)) => Called::Failed(error),
            Err(_) => Called::Failed(CallError::Timeout),
        }
    }

    /// Posts a body that is ready, with headers that are too; answers with the status.
    ///
    /// # Errors
    /// When it did not arrive, or nobody knows whether it did.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
        within: Duration,
    ) -> Result<u16, CallError> {
        let request = Request {
            method: Method::Post,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Some(body),
            timeout: u64::try_from(within.as_millis()).unwrap_or(u64::MAX),
            wants_json: false,
            private: false,
        };
        let sent = tokio::time::timeout(within, self.send(&request, headers)).await;
        sent.map_err(|_| CallError::Timeout)?.map(|response| response.status().as_u16())
    }

    async fn send(&self, request: &Request, more: &[(&str, &str)]) -> Result<Response, CallError> {
        let url = Url::parse(&request.url).map_err(|_| CallError::Unsendable)?;
        if !self.allowed.load().lets(&url) {
            return Err(CallError::Refused);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let (value, is_secret) = match value {
                Header::Text(text) => (text.clone(), false),
                Header::Env(name) => (self.variable(name).ok_or(CallError::Unsendable)?, true),
            };
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| CallError::Unsendable)?;
            let mut value =
                HeaderValue::from_str(value.trim()).map_err(|_| CallError::Unsendable)?;
            value.set_sensitive(is_secret);
            headers.append(name, value);
        }
        for (name, value) in more {
            let name =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| CallError::Unsendable)?;
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| CallError::Unsendable)?);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let pair = if request.method == Method::Get { &self.reading } else { &self.writing };
        let client = if url.scheme() == "http" { &pair.plain } else { &pair.secure };
        let mut builder =
            client.request(method, url).headers(headers).header("accept", "application/json");
        if let Some(body) = &request.body {
            builder = builder.header("content-type", "application/json").body(body.clone());
        }
        builder.send().await.map_err(|error| of(&error))
    }
}

/// Follows a redirect on the same host only, so that neither secrets nor bodies go anywhere else.
fn same_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let place = |url: &Url| {
        (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default())
    };
    let stays =
        attempt.previous().first().is_some_and(|first| place(first) == place(attempt.url()));
    if stays && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.error(Elsewhere)
    }
}

/// What a failure means.
fn of(error: &reqwest::Error) -> CallError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Inside>() || error.is::<Elsewhere>() {
            return CallError::Refused;
        }
        cause = error.source();
    }
    if error.is_timeout() {
        CallError::Timeout
    } else if error.is_builder() {
        CallError::Unsendable
    } else {
        CallError::Unreachable
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, CallError> {
    if response.content_length().is_some_and(|length| length > MOST as u64) {
        return Err(CallError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| of(&error))? {
        if body.len() + chunk.len() > MOST {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

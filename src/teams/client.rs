//! The one way in which this floor speaks HTTP: no redirects (one could carry a token to another
//! host), limits on time and on what an answer may weigh.

use std::{error::Error, time::Duration};

use reqwest::{Client, Response, Url, redirect::Policy};

/// How long a connection may take to come about.
pub const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole exchange may take. The connector itself gives up after 10–15 s.
pub const TOTAL: Duration = Duration::from_secs(20);
/// The most that is read of an answer. Microsoft's key sets are below 100 KiB.
const MAX_ANSWER: usize = 1024 * 1024;

/// A client with the given limit on a whole exchange.
///
/// # Errors
/// When the machine has no certificate store: that is so in images without `ca-certificates`, even
/// for plain http.
pub fn build(total: Duration) -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(total)
        .redirect(Policy::none())
        .user_agent(concat!("Switchboard/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Reads the body, at most 1 MiB of it; `Ok(None)` when there is more.
pub async fn read(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Why nothing came back from an address, in words: which name, what failed, and where to look.
pub(super) fn why(url: &str, error: &reqwest::Error) -> String {
    let name = name_of(url);
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let last = causes.last().cloned().unwrap_or_else(|| "no reason is given".to_owned());
    let is = |part: &str| causes.iter().any(|cause| cause.contains(part));
    if is("dns error") {
        format!(
            "the name {name} cannot be resolved ({last}): look at DNS and the network of this machine"
        )
    } else if error.is_timeout() {
        late(&name)
    } else if is("certificate") {
        format!(
            "{name} shows a certificate that is not trusted ({last}): a proxy that opens TLS needs its root certificate on this machine"
        )
    } else if is("tunnel") {
        format!("the proxy (HTTPS_PROXY) does not let us through to {name} ({last})")
    } else if error.is_connect() {
        format!(
            "{name} cannot be connected to ({last}): look at the firewall and the proxy (HTTPS_PROXY)"
        )
    } else {
        format!("{name} broke the exchange off ({last})")
    }
}

/// That a name did not answer in time.
pub(super) fn late(name: &str) -> String {
    format!(
        "{name} did not answer in time: look at the network, the firewall and the proxy (HTTPS_PROXY)"
    )
}

/// Host and port of an address, without its path.
pub(super) fn name_of(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str).unwrap_or("an address without a host");
    match parsed.as_ref().and_then(Url::port) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_names_the_place_and_the_cause() {
        crate::teams::install_crypto();
        let client = build(TOTAL).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = format!("http://{}/a/secret/path", listener.local_addr().unwrap());
        drop(listener);
        for (url, name, part) in [
            (closed.as_str(), name_of(&closed), "cannot be connected to"),
            ("http://login.nowhere.invalid/x", "login.nowhere.invalid".into(), "be resolved"),
        ] {
            let error = client.get(url).send().await.expect_err("nobody is there");
            let said = why(url, &error);
            assert!(said.contains(&name) && said.contains(part), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }
}

//! The one way in which this floor speaks HTTP: no redirects (one could carry a token to another
//! host), limits on time and on what an answer may weigh.

use std::time::Duration;

use reqwest::{Client, Response, redirect::Policy};

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

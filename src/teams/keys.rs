//! Microsoft's public keys: OpenID metadata → `jwks_uri` → keys, kept for a day.
//!
//! The parser is our own, because the members that matter here, `endorsements` and `issuer`, are no
//! standard and libraries drop them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwapOption;
use jiff::SignedDuration;
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use serde_json::Value;

use super::{client, hosts};
use crate::model::Moment;

/// How long a fetched set is used without asking again. The Bot Framework's SDKs keep theirs for
/// one to five days; five were too many.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// How often an unknown key id may force a fetch. Key ids are chosen by whoever writes the token,
/// so this bounds what a stranger can make us do.
const FORCED: SignedDuration = SignedDuration::from_mins(5);
/// How long a failed fetch is not repeated.
const FAILED: SignedDuration = SignedDuration::from_secs(10);

/// One public RSA key.
#[derive(Clone)]
pub struct Key {
    /// The key itself.
    pub rsa: DecodingKey,
    /// The channels for which tokens may be signed with it (`msteams` …). `None` when the key does
    /// not say.
    pub endorsements: Option<Vec<String>>,
    /// Entra: the issuer that signs with it, with `{tenantid}` where any tenant may stand.
    pub issuer: Option<String>,
}

/// The keys were never fetched successfully: nobody can be let in, and it is not the caller's
/// fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing keys cannot be fetched")]
pub struct Unavailable;

/// The keys of one kind of issuer. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    metadata_url: String,
    http: Client,
    cached: ArcSwapOption<Set>,
    /// Held during a fetch: whoever comes meanwhile waits and then finds the keys.
    fetching: tokio::sync::Mutex<()>,
    attempts: Mutex<Attempts>,
}

struct Set {
    keys: HashMap<String, Key>,
    fetched: Moment,
}

#[derive(Clone, Copy, Default)]
struct Attempts {
    forced: Option<Moment>,
    failed: Option<Moment>,
}

impl Keys {
    /// The keys behind `metadata_url`: https, or http on a loopback host. Fetches nothing yet.
    pub fn new(metadata_url: &str, http: Client) -> Self {
        Self(Arc::new(Inner {
            metadata_url: metadata_url.to_owned(),
            http,
            cached: ArcSwapOption::empty(),
            fetching: tokio::sync::Mutex::new(()),
            attempts: Mutex::default(),
        }))
    }

    /// The key with this id, `None` when there is none: then a fetch has been tried, unless one was
    /// tried lately.
    ///
    /// # Errors
    /// [`Unavailable`] while no set was ever fetched. Once there is one, it is used until a newer
    /// one comes.
    pub async fn find(&self, kid: &str, now: Moment) -> Result<Option<Key>, Unavailable> {
        if let Some(set) = &*self.0.cached.load()
            && !set.is_stale(now)
            && let Some(key) = set.keys.get(kid)
        {
            return Ok(Some(key.clone()));
        }
        // In a task of its own: a caller that hangs up must not stop the fetch halfway and yet have
        // used up its turn.
        let (inner, wanted) = (Arc::clone(&self.0), kid.to_owned());
        tokio::spawn(async move { inner.find_or_fetch(&wanted, now).await })
            .await
            .map_err(|_| Unavailable)?
    }

    /// True when there are keys, after trying to fetch them if there are none: what a readiness
    /// probe asks.
    pub async fn ready(&self, now: Moment) -> bool {
        self.0.cached.load().is_some() || self.find("", now).await.is_ok()
    }
}

impl Inner {
    async fn find_or_fetch(&self, kid: &str, now: Moment) -> Result<Option<Key>, Unavailable> {
        let _one_at_a_time = self.fetching.lock().await;
        let cached = self.cached.load_full();
        let known = cached.as_ref().and_then(|set| set.keys.get(kid)).cloned();
        let stale = cached.as_ref().is_none_or(|set| set.is_stale(now));
        if known.is_some() && !stale {
            return Ok(known);
        }
        if self.may_fetch(cached.is_some() && !stale, now) {
            match self.fetch().await {
                Ok(keys) => {
                    tracing::debug!(
                        url = self.metadata_url,
                        keys = keys.len(),
                        "signing keys fetched"
                    );
                    let key = keys.get(kid).cloned();
                    self.cached.store(Some(Arc::new(Set { keys, fetched: now })));
                    self.lock_attempts().failed = None;
                    return Ok(key);
                }
                Err(reason) => {
                    self.lock_attempts().failed = Some(now);
                    tracing::warn!(
                        url = self.metadata_url,
                        reason,
                        kept = cached.is_some(),
                        "signing keys not fetched"
                    );
                }
            }
        }
        if cached.is_some() { Ok(known) } else { Err(Unavailable) }
    }

    fn may_fetch(&self, forced: bool, now: Moment) -> bool {
        let mut attempts = self.lock_attempts();
        let lately =
            |at: Option<Moment>, pause| at.is_some_and(|at| now.duration_since(at) < pause);
        if lately(attempts.failed, FAILED) || (forced && lately(attempts.forced, FORCED)) {
            return false;
        }
        if forced {
            attempts.forced = Some(now);
        }
        true
    }

    fn lock_attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<HashMap<String, Key>, String> {
        let metadata = self.get(&self.metadata_url).await?;
        let jwks_uri = metadata
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or("the metadata names no jwks_uri")?;
        let keys = read_keys(&self.get(jwks_uri).await?);
        // An empty set is somebody's mistake, and worse than the last good one.
        if keys.is_empty() { Err("the key set holds no RSA key".to_owned()) } else { Ok(keys) }
    }

    async fn get(&self, url: &str) -> Result<Value, String> {
        if !hosts::is_https_or_loopback(url) {
            return Err("keys are fetched over https only".to_owned());
        }
        let response =
            self.http.get(url).send().await.map_err(|error| error.without_url().to_string())?;
        if !response.status().is_success() {
            return Err(format!("answered {}", response.status().as_u16()));
        }
        let body = client::read(response)
            .await
            .map_err(|error| error.without_url().to_string())?
            .ok_or("the answer is too big")?;
        serde_json::from_slice(&body).map_err(|_| "the answer is not JSON".to_owned())
    }
}

impl Set {
    fn is_stale(&self, now: Moment) -> bool {
        now.duration_since(self.fetched) >= FRESH
    }
}

/// The RSA signing keys of a key set; a key that makes no sense is passed over and does not spoil
/// the others.
fn read_keys(set: &Value) -> HashMap<String, Key> {
    let items = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    items.filter_map(read_key).collect()
}

fn read_key(jwk: &Value) -> Option<(String, Key)> {
    let text = |member| jwk.get(member).and_then(Value::as_str);
    if text("kty") != Some("RSA") || text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let rsa = DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?;
    let endorsements = jwk.get("endorsements").and_then(Value::as_array);
    let endorsements = endorsements
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let kid = text("kid").filter(|kid| !kid.is_empty())?;
    Some((kid.to_owned(), Key { rsa, endorsements, issuer: text("issuer").map(str::to_owned) }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_rsa_signing_keys_with_an_id_are_taken() {
        let keys = read_keys(&json!({"keys": [
            {"kty": "RSA", "use": "sig", "kid": "good", "n": "AQAB", "e": "AQAB", "endorsements": ["msteams", 7], "issuer": "https://x/{tenantid}/v2.0"},
            {"kty": "RSA", "kid": "plain", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "use": "enc", "kid": "enc", "n": "AQAB", "e": "AQAB"},
            {"kty": "oct", "kid": "oct", "k": "AQAB"},
            {"kty": "EC", "kid": "ec", "x": "AQAB", "y": "AQAB"},
            {"kty": "RSA", "kid": "", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "kid": "bad", "n": "!", "e": "AQAB"},
            {"kty": "RSA", "kid": "half", "n": "AQAB"},
            17
        ]}));
        let mut ids: Vec<_> = keys.keys().map(String::as_str).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["good", "plain"]);
        assert_eq!(keys["good"].endorsements.as_deref(), Some(&["msteams".to_owned()][..]));
        assert_eq!(keys["good"].issuer.as_deref(), Some("https://x/{tenantid}/v2.0"));
        assert_eq!(keys["plain"].endorsements, None);
        assert!(read_keys(&json!({"keys": "none"})).is_empty());
    }
}

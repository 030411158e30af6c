//! Microsoft's public keys: OpenID metadata → `jwks_uri` → keys, kept for a day.
//!
//! A key that is known answers at once; the set is refreshed behind it, ahead of its end. A key id
//! that is not known has the set fetched anew, at most every [`PAUSE`]: whoever comes in between is
//! told to come again, and not that there is no such key, because it may be Microsoft's newest.
//!
//! The parser is our own, because the members that matter here, `endorsements` and `issuer`, are no
//! standard and libraries drop them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use jiff::SignedDuration;
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use serde_json::Value;

use super::{client, hosts};
use crate::model::Moment;

/// From this age on a set is refreshed behind those whom it answers.
const REFRESH: SignedDuration = SignedDuration::from_hours(18);
/// From this age on a set that nobody tried to refresh lately is fetched before it answers: a key
/// that Microsoft has withdrawn counts for no longer than this where nobody wrote for a day. The
/// Bot Framework's SDKs keep theirs for one to five days; five were too many.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Such a try was "lately".
const LATELY: SignedDuration = SignedDuration::from_hours(1);
/// How often the set is fetched, whether that works or not. Key ids are chosen by whoever writes
/// the token, so this bounds what a stranger can make us do; and whoever brings Microsoft's newest
/// key meanwhile must wait for so long.
pub const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// How long anybody waits for keys, and how long a fetch may take: both requests of it. The sender
/// gives up after 10–15 s.
pub const DEADLINE: Duration = Duration::from_secs(5);

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

/// Nothing can be said about the key, and it is not the caller's fault: the keys cannot be fetched,
/// or were fetched too short a time ago to be fetched again. Try again after [`PAUSE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing keys cannot be fetched now")]
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
    /// How many fetches have begun.
    begun: AtomicU64,
    /// A refresh behind the answers is under way.
    behind: AtomicBool,
    attempts: Mutex<Attempts>,
    /// Why the latest fetch failed; none when it did not.
    failure: Mutex<Option<String>>,
}

struct Set {
    keys: HashMap<String, Key>,
    fetched: Moment,
    /// Which fetch gave it: the count of those begun with it.
    number: u64,
}

#[derive(Clone, Copy, Default)]
struct Attempts {
    latest: Option<Moment>,
}

impl Keys {
    /// The keys behind `metadata_url`: https, or http on a loopback host. Fetches nothing yet.
    pub fn new(metadata_url: &str, http: Client) -> Self {
        Self(Arc::new(Inner {
            metadata_url: metadata_url.to_owned(),
            http,
            cached: ArcSwapOption::empty(),
            fetching: tokio::sync::Mutex::new(()),
            begun: AtomicU64::new(0),
            behind: AtomicBool::new(false),
            attempts: Mutex::default(),
            failure: Mutex::default(),
        }))
    }

    /// The key with this id; `None` when there is none, according to a set that was asked for after
    /// this question.
    ///
    /// # Errors
    /// [`Unavailable`] when no such set can be had within [`DEADLINE`] or before the [`PAUSE`] is
    /// over. A key that is known is never lost to that: the last good set counts until a newer one
    /// comes.
    pub async fn find(&self, kid: &str, now: Moment) -> Result<Option<Key>, Unavailable> {
        let asked = self.0.begun.load(Ordering::SeqCst);
        let known = match &*self.0.cached.load() {
            Some(set) => set.keys.get(kid).cloned().map(|key| (key, set.fetched)),
            None => None,
        };
        if let Some((key, fetched)) = &known
            && (is_within(*fetched, FRESH, now) || self.0.tried_within(LATELY, now))
        {
            if !is_within(*fetched, REFRESH, now) {
                self.refresh_behind(now);
            }
            return Ok(Some(key.clone()));
        }
        // In a task of its own: a caller that hangs up, or waits no longer, must not stop the fetch
        // halfway and yet have used up its turn.
        let (inner, wanted) = (Arc::clone(&self.0), kid.to_owned());
        let found = tokio::spawn(async move { inner.find_or_fetch(&wanted, asked, now).await });
        match tokio::time::timeout(DEADLINE, found).await {
            Ok(Ok(found)) => found,
            _ => known.map(|(key, _)| Some(key)).ok_or(Unavailable),
        }
    }

    /// True when there are keys, after trying to fetch them if there are none: what a readiness
    /// probe asks. Keeps the set fresh where nobody writes.
    pub async fn ready(&self, now: Moment) -> bool {
        let fetched = self.0.cached.load().as_ref().map(|set| set.fetched);
        match fetched {
            Some(fetched) => {
                if !is_within(fetched, REFRESH, now) {
                    self.refresh_behind(now);
                }
                true
            }
            None => self.find("", now).await.is_ok(),
        }
    }

    /// Why the latest fetch failed, in words; none when it did not.
    pub fn failure(&self) -> Option<String> {
        self.0.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Fetches the set while the old one goes on answering.
    fn refresh_behind(&self, now: Moment) {
        if self.0.tried_within(PAUSE, now) || self.0.behind.swap(true, Ordering::SeqCst) {
            return;
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            let asked = inner.begun.load(Ordering::SeqCst);
            let _ = inner.find_or_fetch("", asked, now).await;
            inner.behind.store(false, Ordering::SeqCst);
        });
    }
}

impl Inner {
    /// `asked` is how many fetches had begun when the question was asked.
    async fn find_or_fetch(
        &self,
        kid: &str,
        asked: u64,
        now: Moment,
    ) -> Result<Option<Key>, Unavailable> {
        let _one_at_a_time = self.fetching.lock().await;
        let cached = self.cached.load_full();
        let known = cached.as_ref().and_then(|set| set.keys.get(kid)).cloned();
        if let Some(set) = cached.as_deref().filter(|set| set.number > asked) {
            return Ok(set.keys.get(kid).cloned());
        }
        if !self.may_fetch(now) {
            return known.map(Some).ok_or(Unavailable);
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let fetched = tokio::time::timeout(DEADLINE, self.fetch()).await;
        let late = || client::late(&client::name_of(&self.metadata_url));
        let fetched = fetched.unwrap_or_else(|_| Err(late()));
        self.tell(fetched.as_ref().err(), cached.is_some());
        match fetched {
            Ok(keys) => {
                tracing::debug!(url = self.metadata_url, keys = keys.len(), "signing keys fetched");
                let key = keys.get(kid).cloned();
                self.cached.store(Some(Arc::new(Set { keys, fetched: now, number })));
                Ok(key)
            }
            Err(_) => known.map(Some).ok_or(Unavailable),
        }
    }

    /// Says what has changed: a failure once, however often it is met.
    fn tell(&self, reason: Option<&String>, has_some: bool) {
        let mut failure = self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (reason, &*failure) {
            (Some(reason), latest) if latest.as_ref() != Some(reason) => {
                let until_then =
                    if has_some { "the old ones count on" } else { "nobody is let in" };
                tracing::error!(
                    "Microsoft's signing keys cannot be fetched, {until_then}: {reason}"
                );
            }
            (None, Some(_)) => tracing::info!("Microsoft's signing keys can be fetched again"),
            _ => {}
        }
        *failure = reason.cloned();
    }

    /// Takes the turn to fetch, if it is time.
    fn may_fetch(&self, now: Moment) -> bool {
        let mut attempts = self.lock_attempts();
        if attempts.latest.is_some_and(|at| is_within(at, PAUSE, now)) {
            return false;
        }
        attempts.latest = Some(now);
        true
    }

    fn tried_within(&self, span: SignedDuration, now: Moment) -> bool {
        self.lock_attempts().latest.is_some_and(|at| is_within(at, span, now))
    }

    fn lock_attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<HashMap<String, Key>, String> {
        let metadata = self.get(&self.metadata_url).await?;
        let jwks_uri = metadata
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or_else(|| self.says("names no jwks_uri"))?;
        let keys = read_keys(&self.get(jwks_uri).await?);
        // An empty set is somebody's mistake, and worse than the last good one.
        if keys.is_empty() { Err(self.says("gives a set without a key")) } else { Ok(keys) }
    }

    async fn get(&self, url: &str) -> Result<Value, String> {
        if !hosts::is_https_or_loopback(url) {
            return Err(format!("{}: keys are fetched over https only", client::name_of(url)));
        }
        let why = |error: reqwest::Error| client::why(url, &error);
        let says = |what: &str| format!("{} {what}", client::name_of(url));
        let response = self.http.get(url).send().await.map_err(why)?;
        if !response.status().is_success() {
            return Err(says(&format!("answered {}", response.status().as_u16())));
        }
        let body =
            client::read(response).await.map_err(why)?.ok_or_else(|| says("answers too much"))?;
        serde_json::from_slice(&body).map_err(|_| says("does not answer with JSON"))
    }

    fn says(&self, what: &str) -> String {
        format!("{} {what}", client::name_of(&self.metadata_url))
    }
}

/// True when `at` is less than `span` ago.
fn is_within(at: Moment, span: SignedDuration, now: Moment) -> bool {
    now.duration_since(at) < span
}

/// The RSA signing keys of a key set; a key that makes no sense is passed over and does not spoil
/// the others.
fn read_keys(set: &Value) -> HashMap<String, Key> {
    let items = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    items.filter_map(read_key).collect()
}

fn read_key(jwk: &Value) -> Option<(String, Key)> {
    let text = |member| jwk.get(member).and_then(Value::as_str);
    // What a key says of itself (RFC 7517, 4.2–4.4) must agree with what it is used for here: a key
    // for encryption or of another algorithm vouches for nobody.
    let agrees = |member, wanted: &str| jwk.get(member).is_none_or(|value| value == wanted);
    let may_verify = jwk.get("key_ops").is_none_or(|uses| {
        uses.as_array().is_some_and(|uses| uses.iter().any(|one| one == "verify"))
    });
    if text("kty") != Some("RSA") || !agrees("use", "sig") || !agrees("alg", "RS256") || !may_verify
    {
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
            {"kty": "RSA", "use": 7, "kid": "odd", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "use": "sig", "alg": "RS256", "key_ops": ["verify"], "kid": "full", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "use": "sig", "alg": "RS512", "kid": "rs512", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "alg": "RSA-OAEP", "kid": "oaep", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "key_ops": ["encrypt"], "kid": "ops", "n": "AQAB", "e": "AQAB"},
            {"kty": "oct", "kid": "oct", "k": "AQAB"},
            {"kty": "EC", "kid": "ec", "x": "AQAB", "y": "AQAB"},
            {"kty": "RSA", "kid": "", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "kid": "bad", "n": "!", "e": "AQAB"},
            {"kty": "RSA", "kid": "half", "n": "AQAB"},
            17
        ]}));
        let mut ids: Vec<_> = keys.keys().map(String::as_str).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["full", "good", "plain"]);
        assert_eq!(keys["good"].endorsements.as_deref(), Some(&["msteams".to_owned()][..]));
        assert_eq!(keys["good"].issuer.as_deref(), Some("https://x/{tenantid}/v2.0"));
        assert_eq!(keys["plain"].endorsements, None);
        assert!(read_keys(&json!({"keys": "none"})).is_empty());
    }
}

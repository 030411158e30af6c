//! The checks of a token, one function each; each says which attack it stops. Which ones apply, and
//! in which order, says `verify`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::keys::{Key, Unavailable};

/// How far two clocks may be apart, in seconds. The Bot Framework's own number.
const SKEW: i64 = 300;

/// Why a request is not let in. The text is for our log; the caller learns only
/// [`Rejected::status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// An app id is configured, but the request carries no `Authorization`.
    #[error("no token")]
    NoToken,
    /// No app id is configured, so that there is nothing against which a token could be checked.
    #[error("a token, but no app id to check it against")]
    UnexpectedToken,
    /// Not `Bearer <token>`, or the token is not three parts of base64url with JSON in them.
    #[error("not a bearer token")]
    Malformed,
    /// Signed with anything but RS256, or not at all.
    #[error("signed with another algorithm than RS256")]
    Algorithm,
    /// Issued by somebody who is not in the table.
    #[error("unknown issuer")]
    Issuer,
    /// The key set of that issuer has no such key.
    #[error("unknown signing key")]
    UnknownKey,
    /// The key belongs to another tenant than the one that the token names.
    #[error("the signing key belongs to another tenant")]
    ForeignKey,
    /// The signature does not fit.
    #[error("wrong signature")]
    Signature,
    /// Meant for another bot.
    #[error("wrong audience")]
    Audience,
    /// No (readable) `exp`.
    #[error("never expires")]
    NoExpiry,
    /// Past `exp`.
    #[error("expired")]
    Expired,
    /// Before `nbf`, or `nbf` is unreadable.
    #[error("not yet valid")]
    NotYetValid,
    /// An Entra token without a known `ver`.
    #[error("unknown token version")]
    Version,
    /// An Entra token that another app has bought.
    #[error("issued to another app")]
    Caller,
    /// A token that somebody bought for a person and not for an app.
    #[error("a person's token, not an app's")]
    Delegated,
    /// A token of a local client, and those are not let in.
    #[error("a token of a local client (SWITCHBOARD_CHANNELS=emulator lets them in)")]
    LocalClient,
    /// `tid` and issuer name different tenants.
    #[error("issuer and tenant differ")]
    Tenant,
    /// A channel token without `serviceurl`, or with another one than the activity's.
    #[error("service URL missing or different")]
    ServiceUrl,
    /// The signing key is not endorsed for the activity's channel.
    #[error("the signing key is not endorsed for the channel")]
    Endorsement,
    /// The activity is of a channel that is not let in.
    #[error("the channel is not let in (SWITCHBOARD_CHANNELS names more than msteams)")]
    Channel,
    /// The service URL is not on the allow-list.
    #[error("the service host is not allowed")]
    Host,
    /// Nothing can be said about the token, because Microsoft's keys cannot be fetched.
    #[error("signing keys unavailable")]
    KeysUnavailable,
}

impl Rejected {
    /// The HTTP status: 503 when it is not the caller's fault, 403 when the sender is proved and
    /// not wanted, 401 otherwise (with `WWW-Authenticate: Bearer`), as all SDKs answer.
    pub fn status(self) -> u16 {
        match self {
            Self::KeysUnavailable => 503,
            Self::Channel => 403,
            _ => 401,
        }
    }
}

impl From<Unavailable> for Rejected {
    fn from(_: Unavailable) -> Self {
        Self::KeysUnavailable
    }
}

/// A token taken apart. Until [`signature`] has agreed, all of it is what a stranger says.
pub(super) struct Token<'a> {
    /// `alg`, `kid` …
    pub header: Map<String, Value>,
    /// `iss`, `aud`, `exp` …
    pub claims: Map<String, Value>,
    message: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    /// Stops: anything that two readers could read differently. Exactly three parts, strict
    /// base64url, JSON objects; the bytes that are parsed here are the bytes that the signature is
    /// about.
    pub(super) fn read(token: &'a str) -> Result<Self, Rejected> {
        let (message, signature) = token.rsplit_once('.').ok_or(Rejected::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Rejected::Malformed)?;
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejected::Malformed)?;
            serde_json::from_slice(&bytes).map_err(|_| Rejected::Malformed)
        };
        Ok(Self { header: object(header)?, claims: object(claims)?, message, signature })
    }
}

/// Stops: tokens in places and schemes where proxies and logs would not treat them as secrets, and
/// header smuggling: exactly two parts with one space between.
pub(super) fn bearer(authorization: Option<&str>) -> Result<&str, Rejected> {
    let header = authorization.ok_or(Rejected::NoToken)?;
    match header.split_once(' ') {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("bearer")
                && !token.is_empty()
                && !token.contains(' ') =>
        {
            Ok(token)
        }
        _ => Err(Rejected::Malformed),
    }
}

/// Stops: `none`, and HS256 "signed" with the public key, which everybody has. Also `crit`: an
/// extension that we do not know must not be ignored.
pub(super) fn algorithm(token: &Token<'_>) -> Result<(), Rejected> {
    let named = token.header.get("alg").and_then(Value::as_str);
    if named == Some("RS256") && !token.header.contains_key("crit") {
        Ok(())
    } else {
        Err(Rejected::Algorithm)
    }
}

/// Stops: every forged or altered token.
pub(super) fn signature(token: &Token<'_>, key: &Key) -> Result<(), Rejected> {
    match jsonwebtoken::crypto::verify(
        token.signature,
        token.message.as_bytes(),
        &key.rsa,
        Algorithm::RS256,
    ) {
        Ok(true) => Ok(()),
        _ => Err(Rejected::Signature),
    }
}

/// Stops: a genuine token that was given for another bot, replayed at this one.
pub(super) fn audience(claims: &Map<String, Value>, app_id: &str) -> Result<(), Rejected> {
    let ours = |audience: &str| {
        let id = audience
            .strip_prefix("api://")
            .map_or(audience, |rest| rest.strip_prefix("botid-").unwrap_or(rest));
        id.eq_ignore_ascii_case(app_id)
    };
    let fits = match claims.get("aud") {
        Some(Value::String(audience)) => ours(audience),
        Some(Value::Array(audiences)) => audiences.iter().filter_map(Value::as_str).any(ours),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Rejected::Audience) }
}

/// Stops: replay of an old token, also of one that never ends. Clocks may differ by [`SKEW`].
pub(super) fn time(claims: &Map<String, Value>, now: Timestamp) -> Result<(), Rejected> {
    let now = now.as_millisecond();
    let millis = |seconds: i64| seconds.saturating_mul(1000);
    let expires = claims.get("exp").and_then(seconds).ok_or(Rejected::NoExpiry)?;
    if now > millis(expires.saturating_add(SKEW)) {
        return Err(Rejected::Expired);
    }
    match claims.get("nbf").map(seconds) {
        None => Ok(()),
        Some(Some(begins)) if now >= millis(begins.saturating_sub(SKEW)) => Ok(()),
        Some(_) => Err(Rejected::NotYetValid),
    }
}

/// A `NumericDate` may have a fraction (RFC 7519); the cast rounds down and saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, which is what a time beyond all times should do"
)]
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
}

/// Stops: a key of one tenant (consumer accounts have one of their own) vouching for another.
pub(super) fn key_of_tenant(key: &Key, tenant: &str) -> Result<(), Rejected> {
    match key.issuer.as_deref() {
        Some(issuer)
            if !issuer.contains("{tenantid}")
                && !issuer.to_ascii_lowercase().split('/').any(|part| part == tenant) =>
        {
            Err(Rejected::ForeignKey)
        }
        _ => Ok(()),
    }
}

/// Stops: a token whose `tid` tells later readers another tenant than its issuer.
pub(super) fn own_tenant(claims: &Map<String, Value>, tenant: &str) -> Result<(), Rejected> {
    match claims.get("tid") {
        Some(tid) if !tid.as_str().is_some_and(|tid| tid.eq_ignore_ascii_case(tenant)) => {
            Err(Rejected::Tenant)
        }
        _ => Ok(()),
    }
}

/// Stops: a token that some other app of an accepted tenant bought for this bot's audience, which
/// Entra hands out freely. The claim that names the buyer depends on the version, so that the
/// version is mandatory.
pub(super) fn caller(claims: &Map<String, Value>, app_id: &str) -> Result<(), Rejected> {
    let buyer = match claims.get("ver").and_then(Value::as_str) {
        Some("1.0" | "") => "appid",
        Some("2.0") => "azp",
        _ => return Err(Rejected::Version),
    };
    let buyer = claims.get(buyer).and_then(Value::as_str);
    if buyer.is_some_and(|buyer| buyer.eq_ignore_ascii_case(app_id)) {
        Ok(())
    } else {
        Err(Rejected::Caller)
    }
}

/// Stops: a token that the bot's own app bought on behalf of somebody who signed in (Entra
/// optional claims: `scp` stands in delegated tokens only, `idtyp` is `app` in an app's).
pub(super) fn of_an_app(claims: &Map<String, Value>) -> Result<(), Rejected> {
    let of_app = claims.get("idtyp").is_none_or(|kind| kind == "app");
    if of_app && !claims.contains_key("scp") { Ok(()) } else { Err(Rejected::Delegated) }
}

/// Stops: whoever reaches the bot through a channel that nobody meant to open. What a person is
/// called there is chosen by them.
pub(super) fn channel(open: &[String], channel: &str) -> Result<(), Rejected> {
    let known = channel == "msteams" || open.iter().any(|it| it == channel);
    if known { Ok(()) } else { Err(Rejected::Channel) }
}

/// Stops: a genuine token on an activity with another service URL, which would send our answers,
/// and our token, elsewhere.
pub(super) fn same_service_url(claim: Option<&str>, service_url: &str) -> Result<(), Rejected> {
    match claim {
        Some(claim) if !claim.is_empty() && canonical(claim) == canonical(service_url) => Ok(()),
        _ => Err(Rejected::ServiceUrl),
    }
}

/// Scheme and host in lower case, without one slash at the end: as far as the official SDKs agree.
fn canonical(url: &str) -> String {
    let url = url.strip_suffix('/').unwrap_or(url);
    let path = url
        .find("://")
        .and_then(|at| url[at + 3..].find('/').map(|slash| at + 3 + slash))
        .unwrap_or(url.len());
    url[..path].to_ascii_lowercase() + &url[path..]
}

/// Stops: a lesser channel (anybody may connect Direct Line to a bot of their own) speaking as
/// `msteams`. A key without endorsements endorses nothing.
pub(super) fn endorsed(endorsements: Option<&[String]>, channel: &str) -> Result<(), Rejected> {
    if !channel.is_empty()
        && endorsements.is_some_and(|channels| channels.iter().any(|it| it == channel))
    {
        Ok(())
    } else {
        Err(Rejected::Endorsement)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_url_differs_in_case_and_slash_only() {
        let same = |a: &str, b: &str| same_service_url(Some(a), b).is_ok();
        assert!(same(
            "https://smba.trafficmanager.net/teams/",
            "HTTPS://SMBA.trafficmanager.net/teams"
        ));
        assert!(same("http://localhost:9002", "http://localhost:9002/"));
        assert!(!same(
            "https://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net/Teams/"
        ));
        assert!(!same(
            "https://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net/teams//"
        ));
        assert!(!same("", "") && same_service_url(None, "https://x/").is_err());
    }

    #[test]
    fn the_header_has_two_parts() {
        assert_eq!(bearer(Some("Bearer a.b.c")), Ok("a.b.c"));
        assert_eq!(bearer(Some("bearer a.b.c")), Ok("a.b.c"));
        assert_eq!(bearer(None), Err(Rejected::NoToken));
        for header in [
            "",
            "a.b.c",
            "Bearer",
            "Bearer ",
            "Basic a.b.c",
            "Bearer a b",
            "Bearer  a",
            " Bearer a",
        ] {
            assert_eq!(bearer(Some(header)), Err(Rejected::Malformed), "{header:?}");
        }
    }

    #[test]
    fn times_of_every_type() {
        let at = |claims: Value, now: i64| {
            time(claims.as_object().unwrap(), Timestamp::from_second(now).unwrap())
        };
        assert_eq!(at(json!({"exp": 1000}), 1300), Ok(()));
        assert_eq!(at(json!({"exp": 1000}), 1301), Err(Rejected::Expired));
        assert_eq!(at(json!({"exp": 1000.9, "nbf": 900.5}), 600), Ok(()));
        assert_eq!(at(json!({"exp": 1e300, "nbf": -1e300}), 600), Ok(()));
        for wrong in [json!("1000"), json!(null), json!([])] {
            assert_eq!(at(json!({"exp": wrong}), 600), Err(Rejected::NoExpiry));
            assert_eq!(at(json!({"exp": 1000, "nbf": wrong}), 600), Err(Rejected::NotYetValid));
        }
    }

    #[test]
    fn only_the_own_audience_counts() {
        let ours = |aud: Value| audience(json!({"aud": aud}).as_object().unwrap(), "app-1").is_ok();
        for good in [
            json!("app-1"),
            json!("APP-1"),
            json!("api://app-1"),
            json!("api://botid-app-1"),
            json!(["x", "app-1"]),
        ] {
            assert!(ours(good.clone()), "{good}");
        }
        for bad in [
            json!("app-2"),
            json!(""),
            json!("botid-app-1"),
            json!("api://x/app-1"),
            json!([]),
            json!([["app-1"]]),
            json!(null),
            json!({"app-1": 1}),
        ] {
            assert!(!ours(bad.clone()), "{bad}");
        }
    }

    #[test]
    fn the_buyer_is_named_by_version() {
        let judged = |claims: Value| caller(claims.as_object().unwrap(), "app-1");
        assert_eq!(judged(json!({"ver": "1.0", "appid": "app-1"})), Ok(()));
        assert_eq!(judged(json!({"ver": "", "appid": "app-1"})), Ok(()));
        assert_eq!(judged(json!({"ver": "2.0", "azp": "APP-1"})), Ok(()));
        assert_eq!(judged(json!({"ver": "2.0", "appid": "app-1"})), Err(Rejected::Caller));
        assert_eq!(judged(json!({"ver": "1.0", "azp": "app-1"})), Err(Rejected::Caller));
        assert_eq!(judged(json!({"appid": "app-1", "azp": "app-1"})), Err(Rejected::Version));
        assert_eq!(judged(json!({"ver": "3.0", "azp": "app-1"})), Err(Rejected::Version));
    }

    #[test]
    fn a_tenants_key_vouches_for_that_tenant() {
        let key = |issuer: Option<&str>| Key {
            rsa: jsonwebtoken::DecodingKey::from_rsa_raw_components(&[1], &[1]),
            endorsements: None,
            issuer: issuer.map(str::to_owned),
        };
        assert!(key_of_tenant(&key(None), "t-1").is_ok());
        assert!(
            key_of_tenant(&key(Some("https://login.microsoftonline.com/{tenantid}/v2.0")), "t-1")
                .is_ok()
        );
        assert!(
            key_of_tenant(&key(Some("https://login.microsoftonline.com/T-1/v2.0")), "t-1").is_ok()
        );
        assert!(
            key_of_tenant(&key(Some("https://login.microsoftonline.com/t-2/v2.0")), "t-1").is_err()
        );
    }
}

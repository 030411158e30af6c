//! Who may come in with the admin token; and from where a request may come that brings none of
//! Microsoft's. Nobody is trusted for where they are: an address says nothing behind a proxy, and a
//! web page elsewhere can make a browser on this machine call us. It cannot hide from where it does.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName},
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::{Host, Url};

use super::problem::{Code, Problem};
use crate::{
    model::{Moment, Monotonic},
    teams::hosts::is_loopback,
};

/// Wrong tokens that are answered at once: people mistype.
const FREE: f64 = 5.0;
/// How much later each further one is answered.
const STEP: Duration = Duration::from_millis(50);
/// The latest that one is answered.
const LATEST: Duration = Duration::from_secs(2);

/// What the doors know.
pub struct Guard {
    token: SecretString,
    own: BTreeSet<String>,
    anonymous: bool,
    steady: Monotonic,
    /// Wrong tokens of late, one less each second, and when they were last counted.
    wrong: Mutex<(f64, Moment)>,
}

/// Why a request is refused: for the log, and for whoever asks.
pub(super) struct Refused {
    pub(super) why: &'static str,
    pub(super) problem: Problem,
}

impl Guard {
    /// `token` opens the admin API. `own` are the origins under which this listener is reached, as
    /// browsers write them (`http://127.0.0.1:3978`). `anonymous`: without an app id activities may
    /// come under any name of the host.
    pub fn new(
        token: SecretString,
        own: impl IntoIterator<Item = String>,
        anonymous: bool,
        steady: Monotonic,
    ) -> Self {
        let own = own.into_iter().collect();
        Guard { token, own, anonymous, steady, wrong: Mutex::default() }
    }

    /// Whether a request may use the admin API. One with a wrong token is told so the later the more
    /// of them came of late; the right one is never slowed down.
    pub(super) async fn judge(&self, request: &HttpRequest) -> Result<(), Refused> {
        host(request)?;
        self.no_foreign_page(request)?;
        let unknown = |why| Refused {
            why,
            problem: Problem::unauthorized(
                "Send Authorization: Bearer with the admin token; `switchboard admin token` prints it.",
            ),
        };
        let given = sole(request, &header::AUTHORIZATION)
            .map_err(|()| unknown("admin API: more than one Authorization, or an unreadable one"))?
            .ok_or_else(|| unknown("admin API: no token"))?;
        let token = given
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| unknown("admin API: no bearer token"))?;
        if bool::from(token.as_bytes().ct_eq(self.token.expose_secret().as_bytes())) {
            return Ok(());
        }
        tokio::time::sleep(self.pause()).await;
        Err(unknown("admin API: a wrong token"))
    }

    /// Whether an activity may come in that nobody has signed: from a program on this machine, such
    /// as the Playground or the Emulator, and not from a web page.
    pub(super) fn local(&self, request: &HttpRequest) -> Result<(), Refused> {
        let host = host(request)?;
        if !self.anonymous && !is_loopback(&host) {
            return Err(Refused {
                why: "without an app id: a Host that is not this machine",
                problem: Problem::forbidden(
                    "Without MicrosoftAppId activities are taken under the name of this machine only, such as 127.0.0.1: \
                     set SWITCHBOARD_ALLOW_ANONYMOUS=1 if you know that nobody else can reach it.",
                ),
            });
        }
        // What a page can send without asking first is never JSON.
        let kind = sole(request, &header::CONTENT_TYPE).ok().flatten().unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        Err(Refused {
            why: "without an app id: not application/json",
            problem: Problem::new(Code::Unsupported, "Send Content-Type: application/json."),
        })
    }

    /// Stops: a web page that is not ours and makes somebody's browser ask.
    pub(super) fn no_foreign_page(&self, request: &HttpRequest) -> Result<(), Refused> {
        let refuse = |why| Refused {
            why,
            problem: Problem::forbidden(
                "Pages of another origin may not ask here; SWITCHBOARD_PUBLIC_URL names this service's own.",
            ),
        };
        let origin = sole(request, &header::ORIGIN).map_err(|()| refuse("an unreadable Origin"))?;
        if origin.is_some_and(|origin| !self.own.contains(origin)) {
            return Err(refuse("a foreign Origin"));
        }
        let site = sole(request, &HeaderName::from_static("sec-fetch-site"))
            .map_err(|()| refuse("an unreadable Sec-Fetch-Site"))?;
        match site {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(refuse("a page of another site")),
        }
    }

    /// How long a wrong token's answer waits.
    fn pause(&self) -> Duration {
        let now = self.steady.now();
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let faded = now.duration_since(wrong.1).as_secs_f64();
        *wrong = ((wrong.0 - faded).max(0.0) + 1.0, now);
        STEP.mul_f64((wrong.0 - FREE).clamp(0.0, 1000.0)).min(LATEST)
    }
}

/// The one value of a header; none without it.
///
/// # Errors
/// When there are two, or one that is no plain text: two readers could read it differently.
pub(super) fn sole<'a>(request: &'a HttpRequest, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = request.headers().get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// The host that was asked, which must be readable in one way only.
fn host(request: &HttpRequest) -> Result<Host<String>, Refused> {
    let text = sole(request, &header::HOST).ok().flatten();
    // An address in the request line goes before the header (RFC 9112, 3.2.2): they must agree.
    let agrees = |text: &&str| {
        request.uri().authority().is_none_or(|named| named.as_str().eq_ignore_ascii_case(text))
    };
    text.filter(agrees).and_then(read_host).ok_or_else(|| Refused {
        why: "no Host, or an unreadable one",
        problem: Problem::forbidden("The Host header is missing or cannot be read."),
    })
}

/// `host` or `host:port` in the form that every reader writes: `127.1`, `localhost:` or a user's
/// name in front are none of it.
fn read_host(text: &str) -> Option<Host<String>> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(&format!("http://{text}")).ok().filter(|_| plain)?;
    let name = url.host_str()?;
    let written = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let text = text.to_ascii_lowercase();
    // The characters of names in the DNS; the parser knows more of them.
    let in_dns = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let named = url.domain().is_none_or(|name| name.bytes().all(in_dns));
    let same = text == written || (url.port().is_none() && text == format!("{written}:80"));
    url.host().map(|host| host.to_owned()).filter(|_| same && named)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use jiff::SignedDuration;

    use super::*;

    fn clock(seconds: i64) -> Monotonic {
        Monotonic::new(move || Moment::after(SignedDuration::from_secs(seconds)))
    }

    fn guard(seconds: i64) -> Guard {
        let own = ["http://127.0.0.1:3978".to_owned(), "https://bot.contoso.com".to_owned()];
        Guard::new("0123456789abcdef".into(), own, false, clock(seconds))
    }

    #[test]
    fn a_host_is_read_in_one_way_only() {
        for good in [
            "localhost",
            "LOCALHOST:3978",
            "127.0.0.1",
            "127.8.9.1:80",
            "[::1]:3978",
            "bot.contoso.com",
            "bot.contoso.com:443",
        ] {
            assert!(read_host(good).is_some(), "{good}");
        }
        for bad in [
            "",
            " ",
            "localhost:",
            "localhost:x",
            "localhost:03978",
            "localhost:99999",
            "127.1",
            "0x7f.1",
            "2130706433",
            "user@localhost",
            "localhost/",
            "localhost?x",
            "localhost#x",
            "local host",
            "localhost\\x",
            "[::1",
            "[0:0::1]",
            "b\u{fc}cher.example",
            "%6cocalhost",
            "localhost,evil.example",
        ] {
            assert!(read_host(bad).is_none(), "{bad}");
        }
        let near = |text| is_loopback(&read_host(text).unwrap());
        assert!(near("localhost:1") && near("127.8.9.1") && near("[::1]"));
        for far in ["localhost.", "evil.localhost", "127.0.0.1.evil.example", "0.0.0.0", "[::]"] {
            assert!(!near(far), "{far}");
        }
    }

    #[test]
    fn only_the_own_pages_may_ask() {
        let judged = |pairs: &[(&'static str, &'static str)]| {
            let request = pairs
                .iter()
                .fold(TestRequest::default(), |request, pair| request.append_header(*pair));
            guard(0).no_foreign_page(&request.to_http_request()).is_ok()
        };
        assert!(judged(&[]));
        for good in ["http://127.0.0.1:3978", "https://bot.contoso.com"] {
            assert!(judged(&[("origin", good)]), "{good}");
            assert!(judged(&[("origin", good), ("sec-fetch-site", "same-origin")]));
        }
        for bad in [
            "",
            "null",
            "http://127.0.0.1:3979",
            "https://127.0.0.1:3978",
            "http://localhost.evil.example:3978",
            "http://127.0.0.1:3978/",
            "HTTP://127.0.0.1:3978",
            "http://127.0.0.1:3978 http://evil.example",
        ] {
            assert!(!judged(&[("origin", bad)]), "{bad}");
        }
        let own = ("origin", "http://127.0.0.1:3978");
        assert!(!judged(&[own, own]), "two are one too many");
        assert!(judged(&[("sec-fetch-site", "none")]));
        for site in ["cross-site", "same-site", "", "Same-Origin", "x"] {
            assert!(!judged(&[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn wrong_tokens_are_answered_later_and_later_and_are_forgotten() {
        let guard = guard(7);
        assert!((0..5).all(|_| guard.pause() == Duration::ZERO));
        let later: Vec<Duration> = (0..60).map(|_| guard.pause()).collect();
        assert_eq!((later[0], later[1]), (STEP, STEP * 2));
        assert_eq!(later[59], LATEST);
        let after = Guard { steady: clock(72), ..guard };
        assert_eq!(after.pause(), Duration::ZERO);
    }
}

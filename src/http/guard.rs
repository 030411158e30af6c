//! Who may use the admin API: the holder of the token; without a token, only this machine.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{ctx::Guard, problem::Problem};

/// Whether a request may use the admin API.
pub(super) fn judge(guard: &Guard, request: &HttpRequest) -> Result<(), Problem> {
    let header = |name: header::HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok())
    };
    match guard {
        Guard::Token(token) => {
            let given = header(header::AUTHORIZATION)
                .and_then(|value| value.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            match given {
                Some((_, given))
                    if bool::from(
                        given.trim().as_bytes().ct_eq(token.expose_secret().as_bytes()),
                    ) =>
                {
                    Ok(())
                }
                _ => Err(Problem::unauthorized(
                    "Send Authorization: Bearer with the token of SWITCHBOARD_ADMIN_TOKEN.",
                )),
            }
        }
        Guard::Loopback => {
            let near = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback());
            // A page elsewhere can make a browser on this machine call us; it cannot hide the name
            // or origin that it used.
            let host = header(header::HOST).is_none_or(is_loopback_name);
            let origin = header(header::ORIGIN).is_none_or(|origin| {
                origin.split_once("://").is_some_and(|(_, host)| is_loopback_name(host))
            });
            if near && host && origin {
                Ok(())
            } else {
                Err(Problem::forbidden(
                    "Without SWITCHBOARD_ADMIN_TOKEN the admin API answers only on this machine: set the token.",
                ))
            }
        }
        Guard::Closed => Err(Problem::forbidden(
            "The admin API is closed: set SWITCHBOARD_ADMIN_TOKEN and restart.",
        )),
    }
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

//! Floor 2: everything that Microsoft sends us and everything that we send to Microsoft. Knows only
//! `model`.
//!
//! In the order of the walk of one activity:
//!
//! | module | what |
//! |---|---|
//! | `cloud` | the constants of Microsoft's three clouds |
//! | `hosts` | which service URLs may be answered at all, from where files may come |
//! | `client` | the one way to speak HTTP: no redirects, time limits, small answers |
//! | `keys` | Microsoft's public keys, cached |
//! | `checks` | one function per check of a token, each naming the attack that it stops |
//! | `verify` | who sent this request? The checks in their order |
//! | `json` | bytes to JSON: nesting, lone surrogates, U+0000 |
//! | `activity` | the wire's zoo becomes an `Inbound`; `activity::said` is the one reader of its words |
//! | `invokes` | the answers that invokes want |
//! | `refusal` | what Entra's numbers mean, when it gives no token |
//! | `skew` | whether the clock of this machine is right |
//! | `token` | the bearer token for what we send |
//! | `outcome` | what a failure means for the outbox |
//! | `connector` | sending, replacing, looking up members |
//! | `download` | fetching files that people send |
//!
//! Nothing here reads the clock: time is an argument. Log lines carry identifiers, never bodies,
//! names or tokens.

pub mod activity;
mod checks;
pub mod client;
pub mod cloud;
pub mod connector;
pub mod download;
pub mod hosts;
pub mod invokes;
pub mod json;
pub mod keys;
mod outcome;
mod quoted;
mod refusal;
mod rich;
pub mod skew;
mod tags;
pub mod token;
pub mod verify;

/// Names the cryptography that token checks and TLS use. Call it before anything else here; calling
/// it again does nothing.
///
/// Both libraries could choose for themselves, but only while exactly one backend is compiled in: a
/// dependency that turns on a second one would turn the first token into a panic.
pub fn install_crypto() {
    // An error means "already installed", which is what was asked for.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

//! Tests over real HTTP against a stand-in for Microsoft. One binary, so that it links once.

#![allow(unreachable_pub, clippy::unwrap_used, reason = "a test program exports nothing, and a failed unwrap is a failed test")]

mod connector;
mod fake_teams;
mod forge;
mod keys;
mod tokens;

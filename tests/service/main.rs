//! Tests over real HTTP against a stand-in for Microsoft. One binary, so that it links once.

mod connector;
mod fake_teams;
mod forge;
mod keys;
mod tokens;

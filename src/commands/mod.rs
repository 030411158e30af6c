//! Floor 5: what the command line can do, one file a command.

pub(crate) mod admin;
pub(crate) mod chat;
pub(crate) mod check;
mod company;
pub(crate) mod desk;
mod diff;
pub(crate) mod faq;
pub(crate) mod folder;
pub(crate) mod healthcheck;
pub(crate) mod links;
pub(crate) mod manifest;
mod order;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod store;
pub(crate) mod test;
pub(crate) mod webhook;

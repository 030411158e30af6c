//! The store in SQLite: in one file, or in memory. One task writes (`writer`), a few read-only
//! connections read (`readers`). On a file WAL lets them not wait for each other.

mod beside;
mod desks;
mod faq;
mod files;
mod health;
mod journey;
mod letters;
mod lines;
mod open;
mod place;
mod readers;
mod recording;
mod restore;
mod rests;
mod retention;
mod script;
mod suggestions;
mod turn;
mod upkeep;
mod values;
mod views;
mod writer;

pub use self::open::{SqliteStore, schema};
pub(super) use self::{
    beside::{backup, check},
    recording::recording,
    restore::restore,
};

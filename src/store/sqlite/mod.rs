//! The store in SQLite: in one file, or in memory. One task writes (`writer`), a few read-only
//! connections read (`readers`). On a file WAL lets them not wait for each other.

mod desks;
mod faq;
mod files;
mod journey;
mod letters;
mod lines;
mod open;
mod readers;
mod rests;
mod script;
mod suggestions;
mod turn;
mod upkeep;
mod values;
mod views;
mod writer;

pub use self::open::SqliteStore;

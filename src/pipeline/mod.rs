//! Floor 1: the decision. Pure: no clock, no chance, no input or output, no logging.

#![warn(missing_docs)]

pub mod answers;
pub mod card;
pub mod cx;
pub mod desk;
pub mod directory;
pub mod expr;
pub mod facts;
pub mod flow;
mod joined;
pub mod language;
mod machine;
pub mod outside;
pub mod playbook;
pub mod policy;
pub mod proof;
mod redraw;
pub mod scope;
pub mod sharing;
pub mod stage;
pub mod stages;
mod typed;
pub mod wish;

pub use facts::{Facts, Fresh};
pub use machine::{
    Chat, Command, Outcome, addressed, command_of, due, is_command, step, tongue, welcome,
};
pub use playbook::{Case, Pinned};
pub use typed::asked;

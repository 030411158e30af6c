//! Between a session and its desk, whoever sits there.

mod act;
mod brief;
mod files;
mod gone;
mod help;
mod talk;

pub use act::{DESK, act_of};
pub use gone::gone;
pub use help::WITHDRAWN;

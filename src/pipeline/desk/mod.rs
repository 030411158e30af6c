//! Between a session and its desk, whoever sits there.

mod act;
mod brief;
mod files;
mod help;
mod left;
mod standing;
mod talk;

pub use act::{DESK, act_of};
pub use help::WITHDRAWN;
pub use standing::{gone, standing};

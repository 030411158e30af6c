//! Between a session and its desk, whoever sits there.

mod act;
mod brief;
mod files;
mod help;
mod left;
mod standing;
mod talk;
mod work;

pub use self::{
    act::{DESK, act_of},
    help::WITHDRAWN,
    standing::{gone, standing},
    work::Work,
};

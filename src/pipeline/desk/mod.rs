//! Between a session and its desk, whoever sits there.

mod act;
mod brief;
mod files;
mod gone;
mod help;
mod talk;
mod work;

pub use self::{
    act::{DESK, act_of},
    work::Work,
};
pub use gone::gone;

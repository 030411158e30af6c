//! Guests: who may write at all, what came along with their words, and who they are.

mod doors;
mod enclosed;
mod limiter;
mod look_up;
mod stranger;

pub(super) use self::{
    doors::Doors,
    enclosed::in_words,
    limiter::Limiter,
    look_up::{LOOK_UP_AGAIN, LookUps},
};

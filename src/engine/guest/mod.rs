//! Guests: who may write at all, what came along with their words, and who they are.

mod doors;
mod enclosed;
mod look_up;

pub(super) use self::{
    doors::Doors,
    enclosed::in_words,
    look_up::{LOOK_UP_AGAIN, LookUps},
};

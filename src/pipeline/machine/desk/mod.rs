//! What people at desks do to a session, and what becomes of it there.

mod acts;
mod files;
mod hand;
mod resume;
mod reworded;
mod staff;
mod undelivered;
mod waiting;

pub(super) use reworded::reworded;
pub(super) use waiting::due;

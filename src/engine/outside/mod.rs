//! What turns want done outside of every turn and lock: files that are carried, calls that are made.

pub(super) mod call;
pub(super) mod carry;
mod typing;

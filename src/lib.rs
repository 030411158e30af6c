//! Switchboard.
pub mod model;
pub mod teams;

//! Switchboard.
pub mod cards;
pub mod model;
pub mod store;
pub mod teams;

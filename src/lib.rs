//! Switchboard.
pub mod cards;
pub mod check;
pub mod company;
pub mod engine;
pub mod model;
pub mod pipeline;
pub mod store;
pub mod teams;

#![doc = include_str!("README.md")]

pub mod app;
pub mod calls;
pub mod cards;
pub mod check;
pub mod company;
pub mod dialog;
pub mod engine;
pub mod faq;
pub mod http;
pub mod measure;
pub mod model;
pub mod pipeline;
pub mod settings;
pub mod source;
pub mod store;
pub mod teams;

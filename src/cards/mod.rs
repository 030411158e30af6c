//! Floor 2: Handlebars templates to Adaptive Card JSON: strict, JSON-escaped, checked.
//!
//! Every value is marked and escaped while it is written, the result is parsed, and only then, when
//! it is known which property holds it, a value becomes what a person sees: its Markdown escaped
//! where Markdown is read, verbatim elsewhere. Nothing that a person typed can add, end or change
//! an element. `cards/README.md` says how to write a card.

mod check;
mod compose;
pub mod draw;
mod finish;
mod library;
mod load;
mod places;
mod render;
mod sample;
mod schema;
mod submitting;
mod template;

pub use check::{Finding, check};
pub use draw::{Button, ButtonKind, Input, buttons, draw, inputs};
pub use library::{CardError, Cards, Rendered};
pub use submitting::submitting;

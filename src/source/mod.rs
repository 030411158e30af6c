//! Floor 0: company files as the checker sees them: texts with places, and problems that a person
//! can mend.

#![warn(missing_docs)]

mod at;
pub mod bounds;
pub mod foreign;
mod node;
mod place;
mod problem;
pub mod tags;
mod text;

pub use at::At;
pub use node::{Fields, Node, NodeKind, check_id};
pub use place::{Files, Place, Places};
pub use problem::{Problem, Problems, no_tenant, told};
pub use text::{did_you_mean, duration, is_id, short};

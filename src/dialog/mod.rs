//! Floor 3: talks to a company through the pure core and its cards, without network, store or
//! clock: for `chat` and for `.dialog` files. deploy/contoso/README.md tells how one is written.

mod counter;
mod desks;
mod fits;
mod player;
mod replay;
mod screen;
mod script;

pub use counter::Counter;
pub use fits::fits;
pub use player::Player;
pub use replay::{Replayed, replay};
pub use script::{Check, Failure, Played, World, play};

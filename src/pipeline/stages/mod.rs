//! The table of stage kinds: one row and one file each. A new kind is one file, its `mod` line and
//! its row.

pub mod agent;
pub mod ask;
pub mod end;
pub mod faq;
pub mod hours;
pub mod http;
mod keys;
mod library;
pub mod menu;
pub mod message;
pub mod opening;
pub mod send;
pub mod set;
pub mod survey;
pub mod switch;
pub mod transfer;

use super::stage::Behaviour;
use crate::source::Fields;

macro_rules! kinds {
    ($($name:literal => $variant:ident($settings:ty), exits $exits:expr;)*) => {
        /// What a stage does, with its settings.
        #[derive(Debug, Clone)]
        #[allow(clippy::large_enum_variant, reason = "a company has some hundreds of stages, made once at load and only looked at")]
        pub enum Kind {
            $(
                #[doc = concat!("`", $name, "`")]
                $variant($settings),
            )*
            /// Built in: no file can name it.
            Opening(opening::Opening),
        }

        /// The names of all kinds, as files write them.
        pub const NAMES: &[&str] = &[$($name),*];

        impl Kind {
            /// The kind's name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Kind::$variant(_) => $name,)*
                    Kind::Opening(_) => "opening",
                }
            }

            /// What it does.
            pub fn behaviour(&self) -> &dyn Behaviour {
                match self {
                    $(Kind::$variant(settings) => settings,)*
                    Kind::Opening(settings) => settings,
                }
            }

            /// Reads the settings of a kind; none when a mistake was noted.
            pub fn read(name: &str, fields: &Fields<'_>) -> Option<Kind> {
                match name {
                    $($name => <$settings>::read(fields).map(Kind::$variant),)*
                    _ => None,
                }
            }
        }

        /// The exits that a kind has beside `next`.
        pub fn exits(kind: &str) -> &'static [&'static str] {
            match kind {
                $($name => $exits,)*
                _ => &[],
            }
        }
    };
}

kinds! {
    "send" => Send(send::Send), exits &[];
    "ask" => Ask(ask::Ask), exits &["on_timeout"];
    "menu" => Menu(menu::Menu), exits &["on_free_text", "on_timeout"];
    "faq" => Faq(faq::Faq), exits &["on_solved", "on_unsolved", "on_none"];
    "switch" => Switch(switch::Switch), exits &[];
    "set" => Set(set::Set), exits &[];
    "http" => Http(http::Http), exits &["on_failure"];
    "hours" => Hours(hours::Hours), exits &["on_open", "on_closed"];
    "transfer" => Transfer(transfer::Transfer), exits &["on_failure"];
    "agent" => Agent(agent::Agent), exits &["on_timeout", "on_closed", "on_drop"];
    "message" => Message(message::Message), exits &[];
    "survey" => Survey(survey::Survey), exits &["on_timeout"];
    "end" => End(end::End), exits &[];
}

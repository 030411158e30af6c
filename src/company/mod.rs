//! Floor 2: the company's files, typed, with a place for every mistake.

mod clock;
mod company_file;
pub mod events;
mod faq_file;
pub mod faq_writer;
mod folder;
pub mod keys;
pub mod labelled;
mod look;
mod markdown;
pub mod pages;
mod people;
pub mod report;
mod settings;
mod settle;
mod slips;
mod stages_file;
mod tenant_file;
mod unread;
pub mod watch;
mod whole;
mod words;
mod yaml;

pub use folder::{Stamp, contoso, read_folder};
pub use settings::{DeskSettings, TenantSettings};
pub use settle::{LookFailed, SETTLE, Settled, settled};
pub use whole::{Company, People, Was, department_of, load};

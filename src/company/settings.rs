//! What a department's file says that is not the core's business, and what departments inherit.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::source::Place;

/// The default of `retention`.
pub(super) const RETENTION: Duration = Duration::from_secs(400 * 86400);

/// What is not the core's business.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Entra object ids or UPNs of the managers.
    pub managers: Vec<String>,
    /// How long data is kept.
    pub retention: Duration,
    /// Where its agents work.
    pub desk: Option<DeskSettings>,
    /// Where its file says so, readable or not.
    pub desk_place: Option<Place>,
}

/// Where a tenant's agents work.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// In personal chats; else in a channel.
    pub people: bool,
    /// The agents, for personal chats, in lower case.
    pub agents: Vec<String>,
    /// One at a time; else all at once.
    pub hunt: bool,
    /// The most chats of one agent.
    pub chats_per_agent: u32,
    /// Who is mentioned in a new thread.
    pub notify: Vec<String>,
}

/// What tenants inherit.
pub(super) struct Defaults {
    pub locale: String,
    pub zone: TimeZone,
    pub retention: Duration,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults { locale: "en-US".to_owned(), zone: TimeZone::UTC, retention: RETENTION }
    }
}

//! The admin API under `/api/v1`: JSON with camelCase keys.

pub(super) mod company;
pub(super) mod desks;
pub(super) mod files;
pub(super) mod manage;
pub(super) mod outbox;
pub(super) mod ready;
pub(super) mod reports;
pub(super) mod sessions;
pub(super) mod suggestions;
pub(super) mod tenants;

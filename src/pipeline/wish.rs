//! A wish to move a guest, and why it is refused.

use super::language::{fill, phrases};
use crate::model::{By, SessionId, Words};

/// A wish to move the guest, with everything rendered that does not depend on the move.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The target's id, as written or rendered.
    pub target: String,
    /// The id that the receiver's session gets: chosen first, so that the reason can already name
    /// it.
    pub receiver: SessionId,
    /// Who wishes it.
    pub by: By,
    /// Why, for the guest.
    pub reason: Option<String>,
    /// For the receiver's people only.
    pub note: Option<String>,
    /// What to do when the target is closed.
    pub when_closed: WhenClosed,
    /// Ask the guest first.
    pub confirm: bool,
    /// The guest has agreed to what was asked.
    pub agreed: bool,
    /// The guest wants a person there, at once.
    pub person: bool,
}

/// What to do when the target is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenClosed {
    /// Ask the guest before moving.
    Ask,
    /// Move all the same.
    Follow,
    /// Refuse with `closed`.
    Fail,
}

/// Why the guest is not moved. The names are part of the product: files and API use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No such tenant.
    UnknownTenant,
    /// The tenant is disabled.
    Disabled,
    /// The tenant has no primary pipeline.
    NoPipeline,
    /// The tenant is the sender.
    SameTenant,
    /// A rule forbids the direction.
    NotAllowed,
    /// A rule wants a reason and there is none.
    ReasonRequired,
    /// The journey has had its transfers.
    HopLimit,
    /// The target is closed.
    Closed,
}

impl Refusal {
    /// The code in `Transfer.Error`.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::UnknownTenant => "unknown_tenant",
            Refusal::Disabled => "disabled",
            Refusal::NoPipeline => "no_pipeline",
            Refusal::SameTenant => "same_tenant",
            Refusal::NotAllowed => "not_allowed",
            Refusal::ReasonRequired => "reason_required",
            Refusal::HopLimit => "hop_limit",
            Refusal::Closed => "closed",
        }
    }

    /// The refusal in the guest's words.
    pub fn words(self, from: &str, to: &str, until: &str, locale: &str) -> Words {
        let phrases = phrases(locale);
        let phrase = match self {
            Refusal::UnknownTenant => phrases.unknown_tenant,
            Refusal::Disabled => phrases.disabled,
            Refusal::NoPipeline => phrases.no_pipeline,
            Refusal::SameTenant => phrases.same_tenant,
            Refusal::NotAllowed => phrases.not_allowed,
            Refusal::ReasonRequired => phrases.reason_required,
            Refusal::HopLimit => phrases.hop_limit,
            Refusal::Closed if until.is_empty() => phrases.closed_open_end,
            Refusal::Closed => phrases.closed,
        };
        fill(phrase, &[("from", from), ("to", to), ("until", until)])
    }
}

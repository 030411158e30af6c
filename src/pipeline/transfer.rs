//! The transfer rules: what is checked before the guest leaves, what goes along, how both sides are
//! written. The heart of the product.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Facts,
    language::{fill, phrases},
    playbook::{Playbook, Tenant},
    scope,
};
use crate::{
    model::{
        By, Entry, Hop, HopKind, Journey, JourneyId, Metadata, Session, SessionId, Shown, Side,
        StageId, Start, State, TenantId, Words, session::keys,
    },
    source::Place,
};

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

/// How much of the earlier legs' transcript the receiver's people may see; strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Everything.
    Full,
    /// The guest's own words.
    Guest,
    /// A summary.
    Summary,
    /// Nothing.
    None,
}

/// One rule of the company file. Every rule that matches applies.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The sender; none is `*`.
    pub from: Option<TenantId>,
    /// The receiver; none is `*`.
    pub to: Option<TenantId>,
    /// False forbids.
    pub allow: bool,
    /// True wants a reason.
    pub reason_required: bool,
    /// The prefixes that cross; none is all.
    pub metadata: Option<Vec<String>>,
    /// What of the transcript may be seen.
    pub transcript: Option<Sharing>,
    /// Where it is written.
    pub place: Place,
}

/// What all matching rules together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The direction is allowed.
    pub allow: bool,
    /// A reason must be given.
    pub reason_required: bool,
    /// Lists of prefixes, each of which must let a key cross; empty lets all cross.
    pub metadata: Vec<Vec<String>>,
    /// What of the transcript may be seen.
    pub transcript: Sharing,
}

/// The policy for a direction: of several rules the strictest wins per field. A confidential sender
/// shares `Guest.*` only, and no transcript, unless a rule names it as `from` and says otherwise.
pub fn policy(playbook: &Playbook, from: &Tenant, to: &TenantId) -> Policy {
    let mut policy = Policy {
        allow: true,
        reason_required: false,
        metadata: Vec::new(),
        transcript: Sharing::Full,
    };
    let (mut says_metadata, mut says_transcript) = (false, false);
    for rule in &playbook.rules {
        if rule.from.as_ref().is_some_and(|id| *id != from.id)
            || rule.to.as_ref().is_some_and(|id| id != to)
        {
            continue;
        }
        policy.allow &= rule.allow;
        policy.reason_required |= rule.reason_required;
        if let Some(prefixes) = &rule.metadata {
            policy.metadata.push(prefixes.clone());
            says_metadata |= rule.from.is_some();
        }
        if let Some(sharing) = rule.transcript {
            policy.transcript = policy.transcript.max(sharing);
            says_transcript |= rule.from.is_some();
        }
    }
    if from.confidential && !says_metadata {
        policy.metadata.push(vec!["Guest".to_owned()]);
    }
    if from.confidential && !says_transcript {
        policy.transcript = Sharing::None;
    }
    policy
}

impl Policy {
    /// True when a key of the sender crosses to the receiver.
    pub fn crosses(&self, key: &str, entry: &Entry) -> bool {
        if entry.private {
            return false;
        }
        let first = key.split('.').next().unwrap_or_default();
        match first {
            // Who the guest is does not depend on the department; what they asked does.
            "Guest" if key != keys::QUESTION => true,
            "Guest" | "Data" => self
                .metadata
                .iter()
                .all(|prefixes| prefixes.iter().any(|prefix| under(key, prefix))),
            // What belongs to one session: its transfers are written anew, its agent and its
            // refusals stay behind.
            _ => false,
        }
    }
}

/// True when `key` is `prefix` or lies below it, segment by segment.
fn under(key: &str, prefix: &str) -> bool {
    key == prefix || key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
}

/// Everything that can be refused, in the order of the product's list; the target when nothing is.
/// `closed` is judged by the caller's
/// `when_closed` and only here when it says `fail`, or when the guest has chosen to stay.
pub fn validate<'a>(
    facts: &Facts<'a>,
    journey: &Journey,
    index: usize,
    from: &Tenant,
    proposal: &Proposal,
) -> Result<&'a Tenant, Refusal> {
    let playbook = facts.playbook;
    let target = TenantId::from(proposal.target.trim());
    let tenant = playbook.tenant(&target).ok_or(Refusal::UnknownTenant)?;
    if !tenant.enabled {
        return Err(Refusal::Disabled);
    }
    if tenant.primary().is_none() {
        return Err(Refusal::NoPipeline);
    }
    if tenant.id == from.id {
        return Err(Refusal::SameTenant);
    }
    let policy = policy(playbook, from, &target);
    if !policy.allow {
        return Err(Refusal::NotAllowed);
    }
    if policy.reason_required
        && proposal.reason.as_deref().is_none_or(|reason| reason.trim().is_empty())
    {
        return Err(Refusal::ReasonRequired);
    }
    // Counted since the chat last began anew; what was taken back or returned does not count.
    let origin = journey.sessions[index].origin;
    let counts = |hop: &&Hop| {
        hop.kind == HopKind::Transfer
            && journey.session(hop.from.session_id).is_some_and(|session| session.origin == origin)
    };
    let transfers = journey.hops.iter().filter(counts).count();
    if transfers >= usize::try_from(playbook.max_hops).unwrap_or(usize::MAX) {
        return Err(Refusal::HopLimit);
    }
    if proposal.when_closed == WhenClosed::Fail && is_closed(tenant, facts.now) {
        return Err(Refusal::Closed);
    }
    Ok(tenant)
}

/// True when a tenant has opening hours and is not open.
pub fn is_closed(tenant: &Tenant, now: Timestamp) -> bool {
    tenant.hours.as_ref().is_some_and(|hours| !hours.is_open(now))
}

/// Moves the guest: a new session in the target, the six keys on both sides, the hop. Answers with
/// the receiver's index. Nothing here can fail: it was validated before, and it is one value that
/// is committed as one.
pub fn perform(
    facts: &Facts<'_>,
    journey: &mut Journey,
    index: usize,
    from: &Tenant,
    to: &Tenant,
    proposal: &Proposal,
) -> usize {
    let policy = policy(facts.playbook, from, &to.id);
    let (now, id, reference) =
        (facts.now, proposal.receiver, format!("{}-{}", to.reference, facts.fresh.number()));
    let sender = &journey.sessions[index];
    let mut metadata = Metadata::default();
    for (key, entry) in sender.metadata.iter().filter(|(key, entry)| policy.crosses(key, entry)) {
        metadata.set(key, entry.clone());
    }
    // What was asked here later is a part of what was said here, and obeys both rules.
    let lets = policy
        .metadata
        .iter()
        .all(|prefixes| prefixes.iter().any(|prefix| under(keys::QUESTION, prefix)));
    let query = sender
        .query
        .clone()
        .filter(|_| lets && matches!(policy.transcript, Sharing::Full | Sharing::Guest));
    // An answer of the receiver's own comes along: it is why the guest goes there.
    let comes_along = |shown: &&Shown| shown.tenant == to.id || policy.transcript == Sharing::Full;
    let answers = sender.answers.iter().filter(comes_along).cloned().collect();
    let mut receiver = session_at(to, (id, journey.id), reference, now);
    (receiver.origin, receiver.hop) = (sender.origin, sender.hop + 1);
    (receiver.metadata, receiver.query, receiver.answers) = (metadata, query, answers);
    let hop = Hop {
        kind: HopKind::Transfer,
        hop: u32::try_from(journey.hops.len()).unwrap_or(u32::MAX).saturating_add(1),
        from: side(sender),
        to: side(&receiver),
        at: now,
        by: proposal.by.clone(),
        reason: proposal.reason.clone(),
        note: proposal.note.clone(),
    };
    let sender = &mut journey.sessions[index];
    sender.end(State::Transferred, now);
    journey.sessions.push(receiver);
    let received = journey.sessions.len() - 1;
    for at in [index, received] {
        write_keys(&mut journey.sessions[at].metadata, &hop.from, &hop.to, now);
    }
    journey.hops.push(hop);
    received
}

/// The tenant's primary pipeline and its first stage.
pub fn start_of(tenant: &Tenant) -> (crate::model::PipelineId, Option<StageId>) {
    let stage = tenant.primary().and_then(|pipeline| pipeline.stages.keys().next().cloned());
    (tenant.primary_pipeline.clone(), stage)
}

/// A session that stands where a tenant's chats begin.
pub fn session_at(
    tenant: &Tenant,
    (id, journey): (SessionId, JourneyId),
    reference: String,
    at: Timestamp,
) -> Session {
    let (pipeline, stage) = start_of(tenant);
    Session::begin(Start {
        id,
        reference,
        journey,
        tenant: tenant.id.clone(),
        tenant_name: tenant.name.clone(),
        pipeline,
        version: tenant.version.clone(),
        stage,
        at,
    })
}

/// The six keys, the same on both sides.
pub fn write_keys(metadata: &mut Metadata, from: &Side, to: &Side, at: Timestamp) {
    for (key, value) in [
        (keys::FROM_SESSION, from.session_id.to_string()),
        (keys::FROM_TENANT, from.tenant_id.to_string()),
        (keys::FROM_NAME, from.tenant_name.clone()),
        (keys::TO_SESSION, to.session_id.to_string()),
        (keys::TO_TENANT, to.tenant_id.to_string()),
        (keys::TO_NAME, to.tenant_name.clone()),
    ] {
        metadata.set(
            key,
            Entry {
                value: Value::String(value),
                private: false,
                tenant: from.tenant_id.clone(),
                stage: None,
                at,
            },
        );
    }
}

/// A session as one end of a hop.
pub fn side(session: &Session) -> Side {
    Side {
        session_id: session.id,
        tenant_id: session.tenant.clone(),
        tenant_name: session.tenant_name.clone(),
    }
}

/// Notes a refusal on the session: what failed, in code and words.
pub fn note_refusal(
    facts: &Facts<'_>,
    session: &mut Session,
    from: &Tenant,
    stage: Option<&StageId>,
    target: &str,
    refusal: Refusal,
) -> Words {
    let to = facts.playbook.tenant(&TenantId::from(target.trim()));
    let locale = facts.locale(from);
    let (_, until) = scope::hours(to, facts.now, locale);
    let words =
        refusal.words(&from.name, to.map_or(target, |tenant| tenant.name.as_str()), &until, locale);
    for (key, value) in [(keys::ERROR, refusal.code().to_owned()), (keys::MESSAGE, words.plain())] {
        let entry = Entry {
            value: Value::String(value),
            private: false,
            tenant: from.id.clone(),
            stage: stage.cloned(),
            at: facts.now,
        };
        session.metadata.set(key, entry);
    }
    words
}

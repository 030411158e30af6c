//! The transfer rules: what is checked before the guest leaves, what goes along, how both sides are
//! written. The heart of the product.

use serde_json::Value;

use super::{
    run::{Machine, Spot},
    spoken::carried,
};
use crate::{
    model::{
        Entry, Hop, HopKind, Metadata, Shown, Side, StageId, State, TenantId, Words, session::keys,
    },
    pipeline::{
        directory::{Sharing, Tenant},
        policy::policy,
        scope,
        wish::{Proposal, Refusal, WhenClosed},
    },
};

impl<'a> Machine<'a> {
    /// Everything that can be refused, in the order of the product's list; the target when nothing is.
    /// `closed` is judged by the caller's
    /// `when_closed` and only here when it says `fail`, or when the guest has chosen to stay.
    pub(super) fn validate(
        &self,
        spot: Spot<'_>,
        proposal: &Proposal,
    ) -> Result<&'a Tenant, Refusal> {
        let (facts, journey, from) = (self.facts, &self.journey, spot.tenant);
        let directory = facts.directory;
        let target = TenantId::from(proposal.target.trim());
        let tenant = directory.tenant(&target).ok_or(Refusal::UnknownTenant)?;
        if !tenant.enabled {
            return Err(Refusal::Disabled);
        }
        if tenant.first.is_none() {
            return Err(Refusal::NoPipeline);
        }
        if tenant.id == from.id {
            return Err(Refusal::SameTenant);
        }
        let policy = policy(directory, from, &target);
        if !policy.allow {
            return Err(Refusal::NotAllowed);
        }
        if policy.reason_required
            && proposal.reason.as_deref().is_none_or(|reason| reason.trim().is_empty())
        {
            return Err(Refusal::ReasonRequired);
        }
        // Counted since the chat last began anew; what was taken back or returned does not count.
        let origin = journey.sessions[spot.index].origin;
        let counts = |hop: &&Hop| {
            hop.kind == HopKind::Transfer
                && journey
                    .session(hop.from.session_id)
                    .is_some_and(|session| session.origin == origin)
        };
        let transfers = journey.hops.iter().filter(counts).count();
        if transfers >= usize::try_from(directory.max_hops).unwrap_or(usize::MAX) {
            return Err(Refusal::HopLimit);
        }
        if proposal.when_closed == WhenClosed::Fail && tenant.is_closed(facts.now) {
            return Err(Refusal::Closed);
        }
        Ok(tenant)
    }

    /// Moves the guest: a new session in the target, the six keys on both sides, the hop. Answers with
    /// the receiver's index. Nothing here can fail: it was validated before, and it is one value that
    /// is committed as one.
    pub(super) fn perform(&mut self, spot: Spot<'_>, to: &Tenant, proposal: &Proposal) -> usize {
        let (facts, journey) = (self.facts, &mut self.journey);
        let policy = policy(facts.directory, spot.tenant, &to.id);
        let (now, id, reference) =
            (facts.now, proposal.receiver, format!("{}-{}", to.reference, facts.fresh.number()));
        let sender = &journey.sessions[spot.index];
        let mut metadata = Metadata::default();
        for (key, entry) in sender.metadata.iter().filter(|(key, entry)| policy.crosses(key, entry))
        {
            metadata.set(key, entry.clone());
        }
        // What was asked here later is a part of what was said here, and obeys both rules.
        let lets = policy.lets(keys::QUESTION);
        let query = sender
            .query
            .clone()
            .filter(|_| lets && matches!(policy.transcript, Sharing::Full | Sharing::Guest));
        // An answer of the receiver's own comes along: it is why the guest goes there.
        let comes_along =
            |shown: &&Shown| shown.tenant == to.id || policy.transcript == Sharing::Full;
        let answers = sender.answers.iter().filter(comes_along).cloned().collect();
        // Files are the guest's own words too.
        let is_shared = matches!(policy.transcript, Sharing::Full | Sharing::Guest);
        let kept = if is_shared { sender.kept.clone() } else { Vec::new() };
        let mut receiver = to.session((id, journey.id), reference, now);
        (receiver.origin, receiver.hop) = (sender.origin, sender.hop + 1);
        (receiver.metadata, receiver.query, receiver.answers) = (metadata, query, answers);
        receiver.spoken = carried(sender, &policy);
        (receiver.files, receiver.kept) = (sender.files, kept);
        let hop = Hop {
            kind: HopKind::Transfer,
            hop: u32::try_from(journey.hops.len()).unwrap_or(u32::MAX).saturating_add(1),
            from: Side::of(sender),
            to: Side::of(&receiver),
            at: now,
            by: proposal.by.clone(),
            reason: proposal.reason.clone(),
            note: proposal.note.clone(),
        };
        let sender = &mut journey.sessions[spot.index];
        sender.end(State::Transferred, now);
        journey.sessions.push(receiver);
        let received = journey.sessions.len() - 1;
        for at in [spot.index, received] {
            journey.sessions[at].metadata.set_hop(&hop.from, &hop.to, now);
        }
        journey.hops.push(hop);
        received
    }

    /// Notes a refusal on the session: what failed, in code and words.
    pub(super) fn note_refusal(
        &mut self,
        spot: Spot<'_>,
        stage: Option<&StageId>,
        target: &str,
        refusal: Refusal,
    ) -> Words {
        let (facts, from) = (self.facts, spot.tenant);
        let session = &mut self.journey.sessions[spot.index];
        let to = facts.directory.tenant(&TenantId::from(target.trim()));
        let locale = facts.locale(from);
        let (_, until) = scope::hours(to, facts.now, locale, facts.guest.zone().as_ref());
        let words = refusal.words(
            &from.name,
            to.map_or(target, |tenant| tenant.name.as_str()),
            &until,
            locale,
        );
        for (key, value) in
            [(keys::ERROR, refusal.code().to_owned()), (keys::MESSAGE, words.plain())]
        {
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
}

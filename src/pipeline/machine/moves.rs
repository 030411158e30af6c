//! A guest is to be moved: by a stage, by themselves, by an agent or a manager. Asked first where
//! that is wanted; refused in words.

use serde_json::json;

use super::run::{Machine, Spot};
use crate::{
    model::{Agent, AsideAsks, Asks, By, ByKind, Move, State, TenantId, Words},
    pipeline::{
        cx::{Cx, object},
        directory::Tenant,
        language::{DeskPhrases, fill},
        scope, sharing,
        wish::{Proposal, Refusal, WhenClosed},
    },
};

impl Machine<'_> {
    /// A manager's or agent's wish.
    pub(super) fn wished_move(
        &mut self,
        index: usize,
        target: &TenantId,
        by: &By,
        reason: Option<&str>,
        note: Option<&str>,
    ) {
        let Some(spot) = self.place(index) else {
            self.refusal = Some((Refusal::NoPipeline, Words::default()));
            return;
        };
        let clean = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let wish = Move {
            tenant: target.clone(),
            by: by.clone(),
            reason: clean(reason),
            note: clean(note),
            closed: false,
            person: false,
        };
        self.drop_aside(spot);
        // Out of a confidential department nobody is moved without their word, nor where the
        // department's own way there asks for it.
        let confirm = by.kind != ByKind::Guest
            && (spot.tenant.confidential || self.way_asks_first(index, target));
        self.pursue(spot, wish, false, confirm);
    }

    /// True when a transfer stage of the session's pipelines that names the target asks the guest
    /// first.
    fn way_asks_first(&self, index: usize, target: &TenantId) -> bool {
        let pipelines = self.case.pipelines(&self.journey.sessions[index]);
        let mut stages = pipelines
            .into_iter()
            .flat_map(|pipelines| pipelines.values())
            .flat_map(|pipeline| pipeline.stages.values());
        stages.any(|stage| {
            let Some(transfer) = stage.transfer() else { return false };
            transfer.asks_first()
                && transfer.literal().is_some_and(|id| TenantId::from(&id.value) == *target)
        })
    }

    pub(super) fn pursue(&mut self, spot: Spot<'_>, wish: Move, agreed: bool, confirm: bool) {
        let person = wish.person;
        let proposal = Proposal {
            target: wish.tenant.to_string(),
            receiver: self.facts.fresh.session(),
            by: wish.by,
            reason: wish.reason,
            note: wish.note,
            when_closed: WhenClosed::Ask,
            confirm,
            agreed,
            person,
        };
        let Some(next) = self.transfer(spot, proposal) else { return };
        match self.place(next).filter(|_| person && next != spot.index) {
            Some(there) => self.ask_for_person(there),
            None => self.enter(next),
        }
    }

    /// Tries to move the guest. Answers with the session to go on in; none when it waits for the
    /// guest's word.
    pub(super) fn transfer(&mut self, spot: Spot<'_>, proposal: Proposal) -> Option<usize> {
        let by_stage = proposal.by.kind == ByKind::Stage;
        self.changed.insert(self.journey.sessions[spot.index].id);
        let target = match self.validate(spot, &proposal) {
            Ok(target) => target,
            Err(refusal) if by_stage => {
                return self.refuse(spot, &proposal.target, refusal).then_some(spot.index);
            }
            Err(refusal) => return self.refuse_wish(spot, &proposal, refusal),
        };
        if !proposal.agreed {
            let closed =
                target.is_closed(self.facts.now) && proposal.when_closed == WhenClosed::Ask;
            if closed || proposal.confirm {
                self.ask_before(spot, target, closed, &proposal);
                if by_stage {
                    self.trail(spot, None);
                }
                return None;
            }
        }
        self.part(spot, Some(target.called_in(&spot.tenant.locale)));
        self.quiet(spot);
        self.withdraw_offer(spot);
        let receiver = self.perform(spot, target, &proposal);
        self.hand_over(receiver, target, &proposal.by);
        let settings = spot.stage.transfer().filter(|_| by_stage);
        self.announce(spot, settings);
        self.trail(spot, Some("transferred"));
        self.changed.insert(self.journey.sessions[receiver].id);
        Some(receiver)
    }

    fn ask_before(&mut self, spot: Spot<'_>, target: &Tenant, closed: bool, proposal: &Proposal) {
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        let to = target.name.as_str();
        let again = proposal.by.kind == ByKind::Stage && cx.misses() > 0;
        let notice = Words::own(if again { cx.unclear(phrases.not_yes_no) } else { "" });
        let is_suggested = matches!(proposal.by.kind, ByKind::Agent | ByKind::Manager);
        let notice = if is_suggested { Self::suggestion(&cx, target, proposal) } else { notice };
        let (template, own, text) = if closed {
            let (_, until) = scope::hours(Some(target), cx.now(), cx.locale(), cx.zone().as_ref());
            let phrase =
                if until.is_empty() { phrases.closed_ask_open_end } else { phrases.closed_ask };
            let text = notice.then(&fill(phrase, &[("to", to), ("until", &until)]));
            let leave = fill(phrases.leave, &[("to", to)]);
            (
                "closed",
                json!({ "text": text.variable(), "words": { "leave": leave.variable(), "stay": phrases.stay } }),
                text,
            )
        } else {
            let mut text = notice.then(&fill(phrases.confirm_transfer, &[("to", to)]));
            if let Some(reason) = proposal.reason.as_ref().filter(|_| !is_suggested) {
                text = text.then(&fill(phrases.confirm_reason, &[("reason", reason)]));
            }
            (
                "confirm",
                json!({ "text": text.variable(), "words": { "yes": phrases.yes, "no": phrases.no } }),
                text,
            )
        };
        if proposal.by.kind == ByKind::Stage {
            cx.ask(template, object(own), text, if closed { Asks::Closed } else { Asks::Confirm });
        } else {
            let wish = Move {
                tenant: target.id.clone(),
                by: proposal.by.clone(),
                reason: proposal.reason.clone(),
                note: proposal.note.clone(),
                closed,
                person: proposal.person,
            };
            cx.ask_aside(template, object(own), text, AsideAsks::Move(Box::new(wish)));
            if is_suggested {
                let words = fill(
                    cx.desk_phrases().desk.desk_guest_asked,
                    &[("guest", cx.guest_name()), ("to", target.called_in(&spot.tenant.locale))],
                );
                cx.to_desk(words);
            }
        }
    }

    /// Who suggests the move, why, and what the other department will see.
    fn suggestion(cx: &Cx<'_>, target: &Tenant, proposal: &Proposal) -> Words {
        let (phrases, to, from) = (cx.phrases(), target.name.as_str(), cx.tenant.name.as_str());
        let by = proposal.by.name.as_deref().filter(|name| !matches!(name.trim(), "" | "?"));
        let mut words = match (by, proposal.by.kind) {
            (Some(agent), ByKind::Agent) => {
                fill(phrases.suggests, &[("agent", agent), ("name", from), ("to", to)])
            }
            (by, _) => fill(phrases.suggests_from, &[("name", by.unwrap_or(from)), ("to", to)]),
        };
        if let Some(reason) = &proposal.reason {
            words = words.then(&fill(phrases.confirm_reason, &[("reason", reason)]));
        }
        let goes = sharing::goes(cx.facts.directory, cx.tenant, &target.id, &cx.session().metadata);
        words.then(&goes.words(to, cx.facts.directory, phrases, &cx.locales()))
    }

    /// The guest stays. The failure exit runs; without one a card says why and the stage that last
    /// waited asks again. False when there is nowhere to go on.
    fn refuse(&mut self, spot: Spot<'_>, target: &str, refusal: Refusal) -> bool {
        let words = self.note_refusal(spot, Some(&spot.stage.head.id), target, refusal);
        let (exit, to) = match spot.stage.head.exit("on_failure") {
            Some(to) => ("on_failure", Some(to.clone())),
            None => {
                let back = self.journey.sessions[spot.index].last_waited.clone();
                let mut cx = self.at(spot);
                let kept = cx.phrases().kept;
                cx.show(
                    "error",
                    object(json!({ "text": words.variable(), "words": { "kept": kept } })),
                    words,
                );
                ("refused", back.or_else(|| self.after(spot)))
            }
        };
        let goes_on = self.leave(spot, exit, to);
        if !goes_on && let Some(next) = self.end(spot, State::Unresolved) {
            self.enter(next);
        }
        goes_on
    }

    /// A wish that is refused changes nothing; the guest who wished it is told why, a manager gets
    /// it as an answer.
    fn refuse_wish(
        &mut self,
        spot: Spot<'_>,
        proposal: &Proposal,
        refusal: Refusal,
    ) -> Option<usize> {
        let words = self.note_refusal(spot, None, &proposal.target, refusal);
        self.changed.insert(self.journey.sessions[spot.index].id);
        if proposal.by.kind != ByKind::Guest {
            self.refusal = Some((refusal, words));
            return None;
        }
        self.quiet(spot);
        let mut cx = self.at(spot);
        let kept = cx.phrases().kept;
        cx.show(
            "error",
            object(json!({ "text": words.variable(), "words": { "kept": kept } })),
            words,
        );
        Some(spot.index)
    }

    /// A wish of somebody else's came to nothing: the desk is told, and it is on record.
    pub(super) fn wish_answered(
        &mut self,
        spot: Spot<'_>,
        wish: &Move,
        phrase: fn(&DeskPhrases) -> &'static str,
    ) {
        if wish.by.kind == ByKind::Guest {
            return;
        }
        let to = self
            .facts
            .directory
            .tenant(&wish.tenant)
            .map_or(wish.tenant.as_str(), |to| to.called_in(&spot.tenant.locale));
        let mut cx = self.at(spot);
        let words = fill(phrase(cx.desk_phrases().desk), &[("guest", cx.guest_name()), ("to", to)]);
        let name = wish.by.name.clone().unwrap_or_else(|| spot.tenant.name.clone());
        cx.noted(&Agent { id: wish.by.id.clone(), name }, &words.plain());
        cx.to_desk(words);
        // Who asks the same once more has clicked anew, and not been repeated by Teams: the card
        // carries another secret.
        let nonce = cx.facts.fresh.nonce();
        if let Some(help) = &mut cx.session_mut().desk {
            help.nonce = nonce;
        }
        cx.rebrief();
    }
}

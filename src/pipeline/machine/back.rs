//! Ways back: the undo of a transfer, the return to a sender that waits, the guest who comes back
//! another day.

use serde_json::{Value, json};

use super::{Machine, choice_of, commands::idle, told_over};
use crate::{
    model::{
        AsideAsks, By, ByKind, Duty, Effect, Event, Hop, HopKind, LetterId, Offer, Reopen, State,
        Token, Words, locale::speaks_to, words::clean,
    },
    pipeline::{
        language::{fill, phrases},
        machine::{Outcome, nothing},
        playbook::Tenant,
        sharing,
        stage::{Cx, Stage, object},
        stages::{menu::normal, transfer::Transfer},
        transfer::{side, start_of, write_keys},
    },
};

impl<'a> Machine<'a> {
    /// Shows the transfer card, in the sender's context with the six keys set, and opens the way
    /// back.
    pub(super) fn announce(
        &mut self,
        index: usize,
        tenant: &Tenant,
        stage: &Stage,
        settings: Option<&Transfer>,
    ) {
        let Some(hop) = self.journey.hops.last().cloned() else { return };
        let window = self.facts.playbook.undo;
        let until = self.facts.now.checked_add(window).unwrap_or(self.facts.now);
        let waited = self.journey.sessions[index].last_waited.is_some();
        let undo = waited && !window.is_zero() && settings.is_none_or(|settings| settings.undo);
        if let Some(stage) = settings.and_then(|settings| settings.return_to.as_ref()) {
            let duty = Duty {
                hop: hop.hop,
                to: hop.from.session_id,
                stage: crate::model::StageId::from(&stage.value),
            };
            self.journey.course.duties.push(duty);
        }
        let mut cx = self.cx(index, tenant, stage);
        let phrases = cx.phrases();
        let to = hop.to.tenant_name.as_str();
        let title = fill(phrases.transferred, &[("to", to)]);
        let text = settings
            .and_then(|settings| settings.speech().text.as_ref())
            .map(|text| cx.render(text))
            .unwrap_or_default();
        let goes =
            sharing::goes(cx.facts.playbook, tenant, &hop.to.tenant_id, &cx.session().metadata);
        let by_person = matches!(hop.by.kind, ByKind::Agent | ByKind::Manager);
        let taken = if goes.is_all() && !by_person {
            Words::own(phrases.taken_all)
        } else {
            goes.words(to, phrases)
        };
        let time = until.to_zoned_datetime(zone_of(&cx)).strftime("%H:%M").to_string();
        let own = json!({
            "from": { "id": hop.from.tenant_id.as_str(), "name": clean(&hop.from.tenant_name) },
            "to": { "id": hop.to.tenant_id.as_str(), "name": clean(&hop.to.tenant_name) },
            "text": text.variable(),
            "reason": Words::typed(hop.reason.as_deref().unwrap_or_default()).variable(),
            "taken": taken.variable(),
            "undo": undo,
            "until": fill(phrases.undo_until, &[("time", &time)]).variable(),
            "words": { "transferred": title.variable(), "reason": phrases.reason, "undo": phrases.undo },
        });
        let summary = if text.is_empty() { title } else { text };
        let template = settings
            .and_then(|settings| settings.speech().template.as_ref())
            .map_or("transferred", |name| name.value.as_str());
        if undo {
            let (nonce, letter) = cx.show_live(template, object(own.clone()), summary);
            self.journey.course.offer = Some(Offer {
                hop: hop.hop,
                to: hop.from.session_id,
                until,
                nonce,
                letter,
                template: template.to_owned(),
                own,
            });
        } else {
            cx.show(template, object(own), summary);
        }
    }

    /// The way back is closed: the transfer card loses its button. `index` is any session whose
    /// tenant can speak.
    pub(super) fn withdraw_offer(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        let Some(offer) = self.journey.course.offer.take() else { return };
        let sender = self
            .journey
            .sessions
            .iter()
            .position(|session| session.id == offer.to)
            .unwrap_or(index);
        let mut own = object(offer.own);
        own.insert("undo".to_owned(), Value::Bool(false));
        own.insert("until".to_owned(), Value::String(String::new()));
        let speaks =
            self.facts.playbook.tenant(&self.journey.sessions[sender].tenant).unwrap_or(tenant);
        let title = own
            .get("words")
            .and_then(|words| words.get("transferred"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let mut cx = self.cx(sender, speaks, stage);
        cx.redraw(offer.letter, &offer.template, own, Words::marked(title));
    }

    /// True when a click is on the button of the present offer.
    pub(super) fn is_undo(&self, token: &Token) -> bool {
        self.journey.course.offer.as_ref().is_some_and(|offer| offer.nonce == token.nonce)
    }

    /// The guest wants to go back: who has an agent is asked first. What was typed, not `clicked`,
    /// is in the transcript already.
    pub(super) fn wish_undo(&mut self, index: usize, clicked: bool) {
        let now = self.facts.now;
        let session = &self.journey.sessions[index];
        let agent = session
            .help
            .as_ref()
            .and_then(|help| help.owner.as_ref())
            .map(|owner| owner.name.clone());
        let open = self.journey.course.offer.as_ref().filter(|offer| now < offer.until);
        let back = open
            .and_then(|offer| self.journey.session(offer.to))
            .map(|sender| sender.tenant_name.clone());
        let (Some(agent), Some(back), Some((tenant, stage))) = (agent, back, self.place(index))
        else {
            let before = self.effects.len();
            self.undo(index);
            if !clicked {
                self.unhear(before);
            }
            return;
        };
        self.leave_unanswered(index, tenant, stage);
        let mut cx = self.cx(index, tenant, stage);
        let phrases = cx.phrases();
        if clicked {
            cx.heard(phrases.undo);
            cx.session_mut().turns += 1;
        }
        let text = fill(phrases.undo_ask, &[("agent", &agent), ("name", &back)]);
        let own =
            json!({ "text": text.variable(), "words": { "yes": phrases.yes, "no": phrases.no } });
        cx.ask_aside("confirm", object(own), text, AsideAsks::Undo);
        let id = cx.session().id;
        self.changed.insert(id);
    }

    /// What the guest said is in the transcript already: the undo's own line, among the effects
    /// from `before` on, would be a second one.
    pub(super) fn unhear(&mut self, before: usize) {
        if let Some(at) =
            self.effects[before..].iter().position(|effect| matches!(effect, Effect::Heard { .. }))
        {
            self.effects.remove(before + at);
        }
    }

    /// Takes the latest transfer back, or says that it is too late.
    pub(super) fn undo(&mut self, index: usize) {
        let Some((tenant, stage)) = self.place(index) else {
            self.restart(index);
            return;
        };
        let phrases = phrases(self.facts.locale(tenant));
        let name = tenant.name.clone();
        let open =
            self.journey.course.offer.as_ref().is_some_and(|offer| self.facts.now < offer.until);
        let offer = self.journey.course.offer.clone().filter(|_| open);
        let back = offer.as_ref().and_then(|offer| {
            self.journey.sessions.iter().position(|session| session.id == offer.to)
        });
        let (Some(offer), Some(back)) = (offer, back) else {
            let words = if self.journey.course.offer.is_some() {
                fill(phrases.undo_over, &[("name", &name)])
            } else {
                Words::own(phrases.nothing_back)
            };
            self.withdraw_offer(index, tenant, stage);
            self.tell(index, words);
            return;
        };
        let session = self.journey.sessions[index].id;
        self.journey.sessions[index].turns += 1;
        self.effects.push(Effect::Heard { session, text: phrases.undo.to_owned() });
        self.journey.course.offer = None;
        self.journey.course.duties.retain(|duty| duty.hop != offer.hop);
        // The clicked card first: it is the one that the click's answer replaces.
        let mut cx = self.cx(index, tenant, stage);
        let moved = Words::marked(
            offer
                .own
                .pointer("/words/transferred")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim_start_matches('\u{FDD2}')
                .to_owned(),
        );
        cx.replace(offer.letter, &moved, &Words::own(phrases.undo));
        let to = self.journey.sessions[back].tenant_name.clone();
        self.part(index, tenant, stage, Some(&to));
        self.quiet(index, tenant, stage);
        self.trail(index, stage, Some("undone"));
        let guest = By {
            kind: ByKind::Guest,
            id: self.facts.guest.key().to_owned(),
            name: self.facts.guest.name.clone(),
        };
        self.move_back(index, back, HopKind::Undo, guest);
        let revived = &mut self.journey.sessions[back];
        revived.stage = revived.last_menu.clone().or_else(|| revived.last_waited.clone());
        self.greet_back(back);
    }

    /// When a sender waits for this end, it goes on: answers with its index.
    pub(super) fn go_back(&mut self, index: usize) -> Option<usize> {
        let duty = self.journey.course.duties.pop()?;
        let back = self
            .journey
            .sessions
            .iter()
            .position(|session| session.id == duty.to && session.state == State::Transferred)?;
        // What the receiver collected goes back, each value with where it came from; what it marked
        // private stays with it.
        let collected: Vec<_> = self.journey.sessions[index]
            .metadata
            .iter()
            .filter(|(key, entry)| key.starts_with("Data.") && !entry.private)
            .map(|(key, entry)| (key.to_owned(), entry.clone()))
            .collect();
        let by = By { kind: ByKind::Stage, id: duty.stage.to_string(), name: None };
        self.move_back(index, back, HopKind::Return, by);
        let session = &mut self.journey.sessions[back];
        for (key, entry) in collected {
            if session.metadata.entry(&key) != Some(&entry) {
                session.metadata.set(key, entry);
            }
        }
        session.stage = Some(duty.stage);
        session.waiting = None;
        Some(back)
    }

    /// The hop from a receiver back to a sender: state, keys, record. The sender's stage is the
    /// caller's to set.
    fn move_back(&mut self, index: usize, back: usize, kind: HopKind, by: By) {
        let now = self.facts.now;
        let (from, to) = (side(&self.journey.sessions[index]), side(&self.journey.sessions[back]));
        let hop = u32::try_from(self.journey.hops.len()).unwrap_or(u32::MAX).saturating_add(1);
        let left = &mut self.journey.sessions[index];
        left.end(State::Returned, now);
        let revived = &mut self.journey.sessions[back];
        revived.revive();
        for at in [index, back] {
            write_keys(&mut self.journey.sessions[at].metadata, &from, &to, now);
            self.changed.insert(self.journey.sessions[at].id);
        }
        self.journey.hops.push(Hop { hop, kind, from, to, at: now, by, reason: None, note: None });
    }

    /// "You are back with IT", then the stage asks again.
    fn greet_back(&mut self, index: usize) {
        if let Some((tenant, stage)) = self.place(index) {
            let mut cx = self.cx(index, tenant, stage);
            let words = fill(cx.phrases().back_with, &[("name", &tenant.name)]);
            cx.say(words);
        }
        self.enter(index);
    }

    /// Words to a click or command that changes nothing.
    pub(super) fn tell(&mut self, index: usize, words: Words) {
        let session = &self.journey.sessions[index];
        self.effects.push(Effect::Tell {
            session: Some(session.id),
            tenant: session.tenant.clone(),
            words,
        });
    }

    /// Something happens while no session is live: a guest comes back.
    pub(super) fn come_back(mut self, event: &Event) -> Outcome {
        match event {
            Event::Clicked { token, data } if token.session.is_none() => {
                self.begin_after(None, Some(choice_of(data)))
            }
            Event::Clicked { token, data } => {
                let asked =
                    self.journey.course.reopen.clone().filter(|reopen| reopen.nonce == token.nonce);
                match (asked, data.get("answer").and_then(Value::as_str)) {
                    (Some(reopen), Some("yes")) => self.reopen(&reopen, None),
                    (Some(reopen), _) => {
                        self.settle_reopen(&reopen, false);
                        let effects = std::mem::take(&mut self.effects);
                        let mut outcome = self.begin_after(Some(&reopen.words), None);
                        outcome.effects.splice(0..0, effects);
                        outcome
                    }
                    (None, _) => {
                        self.effects.push(told_over(self.facts));
                        self.finish()
                    }
                }
            }
            Event::Said(text) => self.back_with_words(text),
            Event::Desk { .. } => {
                if let Some(index) = self.journey.latest() {
                    self.over_at_desk(index);
                }
                self.finish()
            }
            Event::File(arrival) => {
                self.file(arrival);
                self.finish()
            }
            Event::Tick
            | Event::ThreadLost { .. }
            | Event::Changed { .. }
            | Event::Reworded { .. }
            | Event::Called { .. }
            | Event::Unreachable
            | Event::Move { .. }
            | Event::Close { .. } => self.finish(),
        }
    }

    fn back_with_words(mut self, text: &str) -> Outcome {
        let playbook = self.facts.playbook;
        let phrases = phrases(speaks_to(self.facts.guest, &playbook.locale));
        let word = normal(text);
        let is = |words: &[&str]| words.iter().any(|known| *known == word);
        if let Some(reopen) = self.journey.course.reopen.clone() {
            if is(phrases.continue_words)
                || is(phrases.yes_words)
                || word == normal(phrases.continue_it)
            {
                return self.reopen(&reopen, Some(text));
            }
            if let Some(effect) = idle(self.facts, text) {
                self.effects.push(effect);
                return self.finish();
            }
            self.settle_reopen(&reopen, false);
            let new = is(phrases.new_words)
                || is(phrases.no_words)
                || word == normal(phrases.something_new);
            let words = if new { reopen.words } else { text.to_owned() };
            let effects = std::mem::take(&mut self.effects);
            let mut outcome = self.begin_after(Some(&words), None);
            outcome.effects.splice(0..0, effects);
            return outcome;
        }
        if let Some(effect) = idle(self.facts, text) {
            self.effects.push(effect);
            return self.finish();
        }
        let Some(index) = self.journey.latest() else { return self.begin_after(Some(text), None) };
        let recent = Some(&self.journey.sessions[index]).filter(|session| {
            let since =
                session.ended.map(|ended| self.facts.now.duration_since(ended).unsigned_abs());
            since.is_some_and(|since| since < playbook.reopen)
                && playbook.tenant(&session.tenant).is_some_and(|tenant| tenant.enabled)
        });
        let Some(session) = recent else { return self.begin_after(Some(text), None) };
        let (id, tenant_id) = (session.id, session.tenant.clone());
        if is(phrases.thanks_words) {
            let words = Words::own(phrases.youre_welcome);
            self.effects.push(Effect::Heard { session: id, text: text.to_owned() });
            self.effects.push(Effect::Tell { session: Some(id), tenant: tenant_id, words });
            return self.finish();
        }
        let Some((tenant, stage)) = self.some_place(index) else {
            return self.begin_after(Some(text), None);
        };
        self.effects.push(Effect::Heard { session: id, text: text.to_owned() });
        self.changed.insert(id);
        let mut cx = self.cx(index, tenant, stage);
        let question = fill(
            phrases.reopen_ask,
            &[("ref", &cx.session().reference.clone()), ("name", &tenant.name)],
        );
        let own = json!({ "text": question.variable(), "words": { "yes": phrases.continue_it, "no": phrases.something_new } });
        let (nonce, letter) = cx.show_live("confirm", object(own), question);
        self.journey.course.reopen = Some(Reopen { nonce, letter, words: text.to_owned() });
        self.finish()
    }

    /// The guest goes on with the matter that had ended: where it last waited.
    fn reopen(mut self, reopen: &Reopen, said: Option<&str>) -> Outcome {
        let Some(index) = self.journey.latest() else { return self.finish() };
        self.settle_reopen(reopen, true);
        let playbook = self.facts.playbook;
        let session = &mut self.journey.sessions[index];
        let text = said.map_or_else(
            || phrases(speaks_to(self.facts.guest, &playbook.locale)).continue_it.to_owned(),
            str::to_owned,
        );
        self.effects.push(Effect::Heard { session: session.id, text });
        session.revive();
        session.turns += 1;
        session.reminded = false;
        session.stage = session.last_menu.clone().or_else(|| session.last_waited.clone());
        if session.stage.is_none()
            && let Some(tenant) = playbook.tenant(&session.tenant)
        {
            session.stage = start_of(tenant).1;
        }
        self.changed.insert(session.id);
        self.enter(index);
        self.finish()
    }

    fn settle_reopen(&mut self, reopen: &Reopen, yes: bool) {
        self.journey.course.reopen = None;
        let Some(index) = self.journey.latest() else { return };
        let Some((tenant, stage)) = self.some_place(index) else { return };
        let mut cx = self.cx(index, tenant, stage);
        let phrases = cx.phrases();
        let question = fill(
            phrases.reopen_ask,
            &[("ref", &cx.session().reference.clone()), ("name", &tenant.name)],
        );
        let letter: LetterId = reopen.letter;
        cx.replace(
            letter,
            &question,
            &Words::own(if yes { phrases.continue_it } else { phrases.something_new }),
        );
    }

    /// A tenant and any stage of it, to speak in a session that has ended.
    fn some_place(&self, index: usize) -> Option<(&'a Tenant, &'a Stage)> {
        let session = &self.journey.sessions[index];
        let tenant = self.facts.playbook.tenant(&session.tenant)?;
        let stages = &self
            .facts
            .pipelines(session)
            .and_then(|all| all.get(&session.pipeline))
            .or_else(|| tenant.primary())?
            .stages;
        let stage = session
            .last_waited
            .as_ref()
            .and_then(|id| stages.get(id))
            .or_else(|| stages.values().next())?;
        Some((tenant, stage))
    }

    fn begin_after(self, words: Option<&str>, choice: Option<&str>) -> Outcome {
        if self.facts.playbook.tenant(&self.facts.playbook.primary).is_none() {
            return nothing(None);
        }
        Machine::begin(self.facts, false, words, choice)
    }
}

/// The zone in which the guest reads times: their own, else the tenant's hours', else the
/// company's.
fn zone_of(cx: &Cx<'_>) -> jiff::tz::TimeZone {
    let own =
        cx.facts.guest.timezone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
    own.or_else(|| cx.tenant.hours.as_ref().map(|hours| hours.zone.clone()))
        .unwrap_or_else(|| cx.facts.playbook.zone.clone())
}

//! Ways back: the undo of a transfer, the return to a sender that waits.

use serde_json::{Value, json};

use super::run::{Machine, Spot};
use crate::{
    model::{
        AsideAsks, Body, By, ByKind, Duty, Effect, Hop, HopKind, Letter, Offer, Side, State, Token,
        Words, words::clean,
    },
    pipeline::{
        cx::{Cx, object},
        directory::Look,
        language::{fill, phrases},
        scope, sharing,
        stages::transfer::Transfer,
    },
};

impl<'a> Machine<'a> {
    /// Shows the transfer card, in the sender's context with the six keys set, and opens the way
    /// back.
    pub(super) fn announce(&mut self, spot: Spot<'_>, settings: Option<&Transfer>) {
        let Some(hop) = self.journey.hops.last().cloned() else { return };
        let window = self.facts.directory.undo;
        let until = self.facts.now.checked_add(window).unwrap_or(self.facts.now);
        let waited = self.journey.sessions[spot.index].last_waited.is_some();
        let undo = waited && !window.is_zero() && settings.is_none_or(|settings| settings.undo);
        if let Some(stage) = settings.and_then(|settings| settings.return_to.as_ref()) {
            let duty = Duty { hop: hop.hop, to: hop.from.session_id, stage: stage.value.clone() };
            self.journey.course.duties.push(duty);
        }
        let receiver = self.journey.session(hop.to.session_id);
        let reference = receiver.map(|session| session.reference.clone()).unwrap_or_default();
        let target = self.facts.directory.tenant(&hop.to.tenant_id);
        let look = target.map_or_else(|| Look::built_in(&hop.to.tenant_id), |to| to.look.clone());
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        let (to, from) = (Self::read(&cx, &hop.to), Self::read(&cx, &hop.from));
        let title = Self::moved_to(&cx, &hop.to);
        let text = settings
            .and_then(|settings| settings.speech().text.as_ref())
            .map(|text| cx.render(text))
            .unwrap_or_default();
        let goes = sharing::goes(
            cx.facts.directory,
            spot.tenant,
            &hop.to.tenant_id,
            &cx.session().metadata,
        );
        let by_person = matches!(hop.by.kind, ByKind::Agent | ByKind::Manager);
        let taken = if goes.is_all() && !by_person {
            Words::own(phrases.taken_all)
        } else {
            goes.words(to, cx.facts.directory, phrases, &cx.locales())
        };
        let time = cx.guest_moment(until);
        let own = json!({
            "from": { "id": hop.from.tenant_id.as_str(), "name": clean(from) },
            "to": {
                "id": hop.to.tenant_id.as_str(), "name": clean(to), "ref": reference,
                "icon": look.icon, "picture": look.picture, "accent": look.accent,
            },
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
        if let Some(Effect::Send(Letter { body: Body::Card(card), .. })) = self.effects.last_mut() {
            card.moves = true;
        }
    }

    /// Where the guest is from now on, and that nobody is there when that is so.
    fn moved_to(cx: &Cx<'_>, to: &Side) -> Words {
        let (phrases, now) = (cx.phrases(), cx.now());
        let tenant = cx.facts.directory.tenant(&to.tenant_id);
        let closed = tenant.filter(|tenant| tenant.is_closed(now));
        let (_, until) = scope::hours(closed, now, cx.locale(), cx.zone().as_ref());
        let phrase = match closed {
            None => phrases.transferred,
            Some(_) if until.is_empty() => phrases.transferred_closed_open_end,
            Some(_) => phrases.transferred_closed,
        };
        fill(phrase, &[("to", Self::read(cx, to)), ("until", &until)])
    }

    /// What a side of a hop is called for the guest.
    fn read<'n>(cx: &Cx<'n>, side: &'n Side) -> &'n str {
        cx.facts.directory.called(&side.tenant_id, &side.tenant_name)
    }

    /// The way back is closed: the transfer card loses its button. `index` is any session whose
    /// tenant can speak.
    pub(super) fn withdraw_offer(&mut self, spot: Spot<'_>) {
        let Some(offer) = self.journey.course.offer.take() else { return };
        let sender = self
            .journey
            .sessions
            .iter()
            .position(|session| session.id == offer.to)
            .unwrap_or(spot.index);
        let title = offer.title();
        let mut own = object(offer.own.clone());
        own.insert("undo".to_owned(), Value::Bool(false));
        own.insert("until".to_owned(), Value::String(String::new()));
        let speaks = self
            .facts
            .directory
            .tenant(&self.journey.sessions[sender].tenant)
            .unwrap_or(spot.tenant);
        let mut cx = self.at(Spot { index: sender, tenant: speaks, ..spot });
        if !cx.close_way_back(&offer) {
            cx.redraw(offer.letter, &offer.template, own, title);
        }
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
            .desk
            .as_ref()
            .and_then(|help| help.owner.as_ref())
            .map(|owner| owner.name.clone());
        let open = self.journey.course.offer.as_ref().filter(|offer| now < offer.until);
        let back = open.and_then(|offer| self.journey.session(offer.to)).map(|sender| {
            self.facts.directory.called(&sender.tenant, &sender.tenant_name).to_owned()
        });
        let (Some(agent), Some(back), Some(spot)) = (agent, back, self.place(index)) else {
            let before = self.effects.len();
            self.undo(index);
            if !clicked {
                self.unhear(before);
            }
            return;
        };
        self.leave_unanswered(spot);
        let mut cx = self.at(spot);
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
        let Some(spot) = self.place(index) else {
            self.restart(index);
            return;
        };
        let phrases = phrases(self.facts.locale(spot.tenant));
        let name = spot.tenant.name.clone();
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
            self.withdraw_offer(spot);
            self.tell(index, words);
            return;
        };
        let session = self.journey.sessions[index].id;
        self.journey.sessions[index].turns += 1;
        self.effects.push(Effect::Heard { session, text: Words::own(phrases.undo) });
        self.journey.course.offer = None;
        self.journey.course.duties.retain(|duty| duty.hop != offer.hop);
        // One card with the question here: it goes as a whole.
        self.journey.course.joined.retain(|joined| joined.letter != offer.letter);
        if let Some(waiting) = &mut self.journey.sessions[index].waiting {
            waiting.card.take_if(|card| *card == offer.letter);
        }
        // The clicked card first: it is the one that the click's answer replaces.
        let sender = &self.journey.sessions[back];
        let to = self.facts.directory.called(&sender.tenant, &sender.tenant_name).to_owned();
        let undone = fill(phrases.undone, &[("to", &name), ("name", &to)]);
        self.at(spot).replace(offer.letter, &Words::default(), &undone);
        self.part(spot, Some(&to));
        self.quiet(spot);
        self.trail(spot, Some("undone"));
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
        let (from, to) =
            (Side::of(&self.journey.sessions[index]), Side::of(&self.journey.sessions[back]));
        let hop = u32::try_from(self.journey.hops.len()).unwrap_or(u32::MAX).saturating_add(1);
        let files = self.files_for(index, back);
        let left = &mut self.journey.sessions[index];
        left.end(State::Returned, now);
        let revived = &mut self.journey.sessions[back];
        revived.revive();
        revived.kept.extend(files);
        for at in [index, back] {
            self.journey.sessions[at].metadata.set_hop(&from, &to, now);
            self.changed.insert(self.journey.sessions[at].id);
        }
        self.journey.hops.push(Hop { hop, kind, from, to, at: now, by, reason: None, note: None });
    }

    /// "You are back with IT", then the stage asks again.
    fn greet_back(&mut self, index: usize) {
        if let Some(spot) = self.place(index) {
            let mut cx = self.at(spot);
            let words = fill(cx.phrases().back_with, &[("name", &spot.tenant.name)]);
            cx.say(words);
        }
        self.enter(index);
    }
}

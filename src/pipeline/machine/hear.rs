//! Something happens while a session is live.

use serde_json::{Map, Value};

use super::{
    run::{Machine, Outcome, Spot},
    spoken::Welcomed,
};
use crate::{
    model::{Effect, Event, Spoken, Token, Words, locale::speaks_to},
    pipeline::{
        flow::Flow,
        language::{fill, phrases},
        typed::says_something,
    },
};

impl Machine<'_> {
    /// Does what an event means for the session in which the guest is.
    pub(super) fn hear(mut self, index: usize, event: &Event) -> Outcome {
        match event {
            Event::Said(text) if self.beside => self.add_said(index, text),
            Event::Clicked { token, data } if self.beside => {
                self.clicked_beside(index, token, data);
            }
            Event::Said(text) if self.is_left(index) => return self.said_free(index, text),
            Event::Clicked { token, data } if self.is_left(index) => {
                return self.clicked_free(index, token, data, event);
            }
            Event::Said(text) => {
                if self.said(index, text, event) {
                    return self.anew(text, event);
                }
            }
            Event::Clicked { token, data } => self.clicked(index, token, data, event),
            // Told where a matter is open: beside the turn.
            Event::Files { .. } => {}
            Event::Tick => self.tick(index),
            Event::Move { tenant, by, reason, note } => {
                self.wished_move(index, tenant, by, reason.as_deref(), note.as_deref());
            }
            Event::Close { by, outcome, notes } => {
                self.closed_by(index, by, *outcome, notes.as_deref());
            }
            Event::GuestEdited { old, text } => {
                self.changed_words(index, old.as_deref(), text.as_deref());
            }
            Event::ThreadLost { letter, at_once } => self.thread_lost(index, *letter, *at_once),
            Event::Undelivered { .. } => self.undelivered(event),
            Event::File(arrival) => self.file(arrival),
            Event::Unreachable => self.unreachable(index),
            Event::Called { id, .. } => self.called(index, *id, event),
            Event::Desk { by, nonce, act } => self.at_desk(index, by, nonce.as_deref(), act),
            // Done in `step`.
            Event::AgentEdited { .. } => {}
        }
        self.hand_floor();
        self.finish()
    }

    /// True when the session went on without these words: they are for what came then.
    fn said(&mut self, index: usize, text: &str, event: &Event) -> bool {
        self.count_turn(index);
        let Some(spot) = self.place(index) else {
            // Nobody knows any more what was asked: it may have been something private.
            let session = &self.journey.sessions[index];
            let is_private = session.waiting.is_some();
            let words = if is_private { Words::private(text) } else { Words::typed(text) };
            let session = session.id;
            self.effects.push(Effect::Heard { session, text: words });
            if !is_private && says_something(text) {
                self.journey.sessions[index].spoken = Some(Spoken::words(text));
            }
            self.restart(index);
            return false;
        };
        if self.aside_typed(spot, text).unwrap_or_else(|| self.commanded(spot, text)) {
            return false;
        }
        let lets_go = spot.stage.kind.behaviour().lets_go(&self.at(spot), text);
        if lets_go {
            self.unanswered(spot);
        } else {
            self.hear_stage(spot, event);
        }
        lets_go
    }

    /// Words to a question that need not be answered: heard where the session went on, or as words
    /// after its end.
    fn anew(mut self, text: &str, event: &Event) -> Outcome {
        if let Some(index) = self.journey.present() {
            match self.place(index) {
                Some(spot) => self.hear_stage(spot, event),
                None => self.heard(index, text),
            }
            return self.finish();
        }
        // Another matter than the one that ended: nobody is asked whether it is. In the same journey,
        // so that the end of the session is kept with it.
        if let Some(mut fresh) = self.fresh_session() {
            fresh.turns = 1;
            self.ask_with(&mut fresh, text);
            self.journey.sessions.push(fresh);
            let index = self.journey.sessions.len() - 1;
            self.heard(index, text);
            self.enter(index);
        }
        self.finish()
    }

    pub(super) fn clicked(
        &mut self,
        index: usize,
        token: &Token,
        data: &Map<String, Value>,
        event: &Event,
    ) {
        if self.is_undo(token) {
            self.wish_undo(index, true);
            return;
        }
        // A form may have a field of that name.
        let is_asked = self.journey.sessions[index].waiting.as_ref();
        let is_asked = is_asked.is_some_and(|waiting| waiting.nonce == token.nonce);
        let is_of_chat = token.session.is_some_and(|id| self.journey.session(id).is_some());
        let is_of_chat = is_of_chat && !is_asked;
        if let Some(word) = data.get("command").and_then(Value::as_str).filter(|_| is_of_chat)
            && let Some(spot) = self.place(index)
        {
            self.count_turn(index);
            if self.help_clicked(spot, word) {
                return;
            }
        }
        if self.is_slip(index, token) {
            self.slip_clicked(index, data);
            return;
        }
        let session = &self.journey.sessions[index];
        let ours = token.session == Some(session.id);
        let is_aside =
            ours && session.aside.as_ref().is_some_and(|aside| aside.nonce == token.nonce);
        let is_waited_for =
            ours && session.waiting.as_ref().is_some_and(|waiting| waiting.nonce == token.nonce);
        let place = self.place(index);
        let welcomed = place.and_then(|spot| self.welcomed(spot, token, data));
        if !is_aside && !is_waited_for && welcomed.is_none() {
            self.tell_where(index, token);
            return;
        }
        self.count_turn(index);
        let Some(spot) = place else {
            self.restart(index);
            return;
        };
        if is_aside {
            self.aside_clicked(spot, data);
            return;
        }
        let choice = match welcomed {
            Some(Welcomed::To(department)) => {
                self.leave_unanswered(spot);
                self.heard(index, self.facts.directory.name_of(&department));
                self.department_chosen(spot, department, false);
                return;
            }
            Some(Welcomed::First(title)) => {
                self.leave_unanswered(spot);
                self.heard(index, &title);
                self.journey.sessions[index].spoken = Some(Spoken::button(&title));
                self.begin_here(spot);
                self.enter(index);
                return;
            }
            Some(Welcomed::Choice(data)) => Some(Event::Clicked { token: token.clone(), data }),
            None => None,
        };
        let taken = self.take_taken(index);
        self.hear_stage(spot, choice.as_ref().unwrap_or(event));
        // The clicked card first: it is the one that the click's answer replaces.
        if let Some(taken) = taken {
            self.settle_aside(spot, taken);
        }
    }

    /// The guest is there: their clocks begin anew.
    pub(super) fn count_turn(&mut self, index: usize) {
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        session.turns += 1;
        session.reminded = false;
        if let Some(waiting) = &mut session.waiting {
            waiting.since = now;
        }
        self.changed.insert(session.id);
    }

    fn hear_stage(&mut self, spot: Spot<'_>, event: &Event) {
        let before = self.effects.len();
        let flow = spot.stage.kind.behaviour().hear(&mut self.at(spot), event);
        // Where a human is waited for or is there, words are for them.
        let to_human = self.journey.sessions[spot.index].desk.is_some();
        if self.is_left(spot.index) {
            // Their words are with that department: they are taken back with their own card.
            self.withdraw_offer(spot);
        }
        let silent = flow == Flow::Stay
            && !to_human
            && !self.effects[before..].iter().any(|effect| matches!(effect, Effect::Send(_)));
        if silent {
            // A stage that does not listen (it was another kind yesterday) must not leave the guest
            // without an answer.
            self.enter(spot.index);
        } else if flow != Flow::Stay {
            let passes_on = spot.stage.kind.behaviour().passes_on(&flow);
            self.follow(spot.index, flow);
            if !passes_on {
                self.use_up(spot.index);
            }
        }
    }

    /// A click that no longer counts: says kindly where the chat stands.
    pub(super) fn tell_where(&mut self, index: usize, token: &Token) {
        let session = &self.journey.sessions[index];
        let locale = speaks_to(self.facts.guest, &self.facts.directory.locale);
        let phrase = if token.session == Some(session.id) {
            phrases(locale).answered_already
        } else {
            phrases(locale).now_with
        };
        let name = self.facts.directory.called(&session.tenant, &session.tenant_name);
        let words = fill(phrase, &[("name", name)]);
        self.effects.push(Effect::Tell {
            session: Some(session.id),
            tenant: session.tenant.clone(),
            words,
        });
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

    pub(super) fn heard(&mut self, index: usize, text: &str) {
        let session = self.journey.sessions[index].id;
        self.effects.push(Effect::Heard { session, text: Words::typed(text) });
    }
}

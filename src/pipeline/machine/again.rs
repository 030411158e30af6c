//! A guest comes back when no session is live: with the same matter, or with a new one.

use serde_json::{Value, json};

use super::{
    begin::{choice_of, told_over},
    commands::{Command, command_of, idle},
    run::{Machine, Outcome, Spot},
};
use crate::{
    model::{Effect, Event, LetterId, Reopen, Spoken, State, Words, locale::speaks_to, mark},
    pipeline::{
        cx::object,
        language::{fill, phrases},
        typed::normal,
    },
};

impl<'a> Machine<'a> {
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
                        self.begin_after(Some(&reopen.words), None)
                    }
                    (None, _) => {
                        self.effects.push(told_over(self.facts));
                        self.finish()
                    }
                }
            }
            Event::Said(text) => self.back_with_words(text),
            Event::Files { .. } => {
                self.go_over(Machine::begin_with_files(self.case, false, event));
                self.finish()
            }
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
            Event::Undelivered { .. } => {
                self.undelivered(event);
                self.finish()
            }
            Event::Tick
            | Event::ThreadLost { .. }
            | Event::GuestEdited { .. }
            | Event::AgentEdited { .. }
            | Event::Called { .. }
            | Event::Unreachable
            | Event::Move { .. }
            | Event::Close { .. } => self.finish(),
        }
    }

    pub(super) fn back_with_words(mut self, text: &str) -> Outcome {
        let directory = self.facts.directory;
        let phrases = phrases(speaks_to(self.facts.guest, &directory.locale));
        let word = normal(text);
        let is = |words: &[&str]| words.iter().any(|known| *known == word);
        if let Some(reopen) = self.journey.course.reopen.clone() {
            if is(phrases.continue_words)
                || is(phrases.yes_words)
                || word == normal(phrases.continue_it)
            {
                return self.reopen(&reopen, Some(text));
            }
            if let Some(effect) = idle(self.facts, &self.open, text) {
                self.effects.push(effect);
                return self.finish();
            }
            self.settle_reopen(&reopen, false);
            let new = is(phrases.new_words)
                || is(phrases.no_words)
                || word == normal(phrases.something_new);
            let words = if new { reopen.words } else { text.to_owned() };
            return self.begin_after(Some(&words), None);
        }
        if let Some(effect) = idle(self.facts, &self.open, text) {
            self.effects.push(effect);
            return self.finish();
        }
        if command_of(mark::command(text).unwrap_or(text), directory) == Some(Command::Departments)
        {
            return self.begin_after(Some(text), None);
        }
        let Some(index) = self.recent() else { return self.begin_after(Some(text), None) };
        let session = &self.journey.sessions[index];
        let (id, tenant_id) = (session.id, session.tenant.clone());
        if is(phrases.thanks_words) {
            let words = Words::own(phrases.to_thanks(&word));
            self.effects.push(Effect::Heard { session: id, text: Words::typed(text) });
            self.effects.push(Effect::Tell { session: Some(id), tenant: tenant_id, words });
            return self.finish();
        }
        let Some(spot) = self.some_place(index).filter(|_| self.is_unfinished(index)) else {
            return self.begin_after(Some(text), None);
        };
        self.effects.push(Effect::Heard { session: id, text: Words::typed(text) });
        self.changed.insert(id);
        let mut cx = self.at(spot);
        let question = fill(
            phrases.reopen_ask,
            &[("ref", &cx.session().reference.clone()), ("name", &spot.tenant.name)],
        );
        let own = json!({ "text": question.variable(), "words": { "yes": phrases.continue_it, "no": phrases.something_new } });
        let (nonce, letter) = cx.show_live("confirm", object(own), question);
        self.journey.course.reopen = Some(Reopen { nonce, letter, words: text.to_owned() });
        self.finish()
    }

    /// The session that ended last, if the guest may come back to it.
    pub(super) fn recent(&self) -> Option<usize> {
        let (index, directory) = (self.journey.latest()?, self.facts.directory);
        let session = &self.journey.sessions[index];
        let since = self.facts.now.duration_since(session.ended?).unsigned_abs();
        let is_there = directory.tenant(&session.tenant).is_some_and(|tenant| tenant.enabled);
        (since < directory.reopen && is_there).then_some(index)
    }

    /// True for a matter that came to its end while something was still open: the guest fell silent,
    /// or nobody at the desk could solve it. Not so what was solved, or what they closed themselves.
    fn is_unfinished(&self, index: usize) -> bool {
        let session = &self.journey.sessions[index];
        let solved = session.said_solved();
        let is_open = match session.state {
            State::Abandoned => solved != Some(true),
            State::Unresolved => solved == Some(false) && !session.takes.is_empty(),
            _ => false,
        };
        is_open && !session.closed_by_guest
    }

    /// The guest goes on with the matter that had ended, at its desk or where it last waited; what
    /// they wrote goes along, and is not asked again.
    pub(super) fn reopen(mut self, reopen: &Reopen, said: Option<&str>) -> Outcome {
        let Some(index) = self.journey.latest() else { return self.finish() };
        self.settle_reopen(reopen, true);
        let directory = self.facts.directory;
        let session = &mut self.journey.sessions[index];
        let text = said.map_or_else(
            || phrases(speaks_to(self.facts.guest, &directory.locale)).continue_it.to_owned(),
            str::to_owned,
        );
        self.effects.push(Effect::Heard { session: session.id, text: Words::typed(&text) });
        session.revive();
        session.turns += 1;
        session.reminded = false;
        self.changed.insert(session.id);
        if self.resume_at_desk(index, &reopen.words) {
            return self.finish();
        }
        let session = &mut self.journey.sessions[index];
        session.spoken = Some(Spoken::words(&reopen.words));
        session.stage = session.last_menu.clone().or_else(|| session.last_waited.clone());
        if session.stage.is_none()
            && let Some(tenant) = directory.tenant(&session.tenant)
        {
            session.stage = tenant.first.clone();
        }
        self.enter(index);
        self.finish()
    }

    pub(super) fn settle_reopen(&mut self, reopen: &Reopen, yes: bool) {
        self.journey.course.reopen = None;
        let Some(index) = self.journey.latest() else { return };
        let Some(spot) = self.some_place(index) else { return };
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        let question = fill(
            phrases.reopen_ask,
            &[("ref", &cx.session().reference.clone()), ("name", &spot.tenant.name)],
        );
        let letter: LetterId = reopen.letter;
        cx.replace(
            letter,
            &question,
            &Words::own(if yes { phrases.continue_it } else { phrases.something_new }),
        );
    }

    /// A tenant and any stage of it, to speak in a session that has ended.
    pub(super) fn some_place(&self, index: usize) -> Option<Spot<'a>> {
        let session = &self.journey.sessions[index];
        let tenant = self.facts.directory.tenant(&session.tenant)?;
        let stages =
            &self.case.pipeline(session).or_else(|| self.case.playbook.primary(tenant))?.stages;
        let stage = session
            .last_waited
            .as_ref()
            .and_then(|id| stages.get(id))
            .or_else(|| stages.values().next())?;
        Some(Spot { index, tenant, stage })
    }

    /// The guest begins something new.
    pub(super) fn begin_after(mut self, words: Option<&str>, choice: Option<&str>) -> Outcome {
        self.begin_new(words, choice);
        self.finish()
    }
}

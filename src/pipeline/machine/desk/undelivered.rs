//! What somebody wrote did not arrive: they are told in their place, and the record says so. What is
//! said of it carries nobody's words, so that nothing is said of it in turn.

use crate::{
    model::{
        Agent, Body, Carried, DeskLetter, Effect, Event, SessionId, TenantId, Undelivered, Words,
        locale::speaks_to,
    },
    pipeline::{
        language::{DeskPhrases, fill, phrases},
        machine::run::Machine,
    },
};

impl Machine<'_> {
    /// A letter was given up. One that carries nobody's words is only noted, when it was for the
    /// guest.
    pub(in crate::pipeline::machine) fn undelivered(&mut self, event: &Event) {
        let Event::Undelivered { letter, is_change, for_guest, why } = event else { return };
        let found = self.journey.sessions.iter().enumerate().find_map(|(index, session)| {
            let theirs = |carried: &Carried| letter.is_of(carried.letter);
            let at = session.carried.iter().position(theirs)?;
            Some((index, at))
        });
        let Some((index, at)) = found else {
            if *for_guest && !*is_change {
                self.unheard_by_guest(*why);
            }
            return;
        };
        let session = &mut self.journey.sessions[index];
        self.changed.insert(session.id);
        let carried = session.carried[at].clone();
        if carried.lost.is_some() {
            // Its writer knows.
            return;
        }
        let is_in_thread = self.facts.desks.people(&session.tenant).is_none();
        let is_said_again = session.desk.as_ref().is_some_and(|help| {
            let again = help.open_words.iter().filter(|_| is_in_thread);
            help.unsent.iter().chain(again).any(|text| carried.is_of(text))
        });
        if *why == Undelivered::Gone && carried.by.is_none() && is_said_again {
            // It stands in the next thread, or waits for one, or for whoever takes the chat next.
            session.carried.remove(at);
            return;
        }
        if !is_change {
            session.carried[at].lost = Some((self.facts.now, *why));
        }
        let receiver = self.receiver(index, &carried);
        let tenant = self.journey.sessions[index].tenant.clone();
        let desk = phrases(self.facts.directory.locale_of(&tenant)).desk;
        let values = |why| [("text", carried.text.as_str()), ("name", &receiver), ("why", why)];
        let phrase = if *is_change { desk.change_lost } else { desk.lost };
        let note = fill(phrase, &values(reason(desk, *why)));
        self.note(index, &note);
        let Some(by) = &carried.by else {
            let locale = speaks_to(self.facts.guest, &self.facts.directory.locale);
            let desk = phrases(locale).desk;
            let phrase = if *is_change { desk.change_lost } else { desk.lost };
            let words = fill(phrase, &values(reason(desk, *why)));
            let session = Some(self.journey.sessions[index].id);
            self.effects.push(Effect::Tell { session, tenant, words });
            return;
        };
        self.tell_writer(index, by, &carried, note);
    }

    /// For whom somebody's words were: the guest, another department, or the guest's own.
    fn receiver(&self, index: usize, carried: &Carried) -> String {
        let session = &self.journey.sessions[index];
        let directory = self.facts.directory;
        let consult = |letter| {
            let consults = session.desk.as_ref().map(|help| help.consults.as_slice());
            consults.unwrap_or_default().iter().find(|consult| Some(consult.letter) == letter)
        };
        if let Some(consult) = consult(Some(carried.letter)) {
            return directory.name_of(&consult.tenant).to_owned();
        }
        if carried.by.is_none() || consult(carried.thread).is_some() {
            return session.tenant_name.clone();
        }
        let name = self.facts.guest.name.as_deref();
        name.filter(|name| !name.trim().is_empty()).unwrap_or("?").to_owned()
    }

    /// Somebody at a desk is told in the thread in which they wrote, or in their own chat.
    fn tell_writer(&mut self, index: usize, by: &Agent, carried: &Carried, words: Words) {
        let session = &self.journey.sessions[index];
        let consults = session.desk.as_ref().map(|help| help.consults.as_slice());
        let consult = consults
            .unwrap_or_default()
            .iter()
            .find(|consult| Some(consult.letter) == carried.thread);
        let (id, tenant): (SessionId, TenantId) = match consult {
            Some(consult) => (SessionId(consult.letter.0), consult.tenant.clone()),
            None => (session.id, session.tenant.clone()),
        };
        let agent = carried.thread.is_none().then(|| by.id.clone());
        let letter = DeskLetter::new(self.facts.fresh.letter(), id, tenant, Body::Text(words));
        self.effects.push(Effect::Desk(DeskLetter { thread: carried.thread, agent, ..letter }));
    }

    /// A message of the bot's own did not reach the guest: whoever talks with them should know when
    /// nothing does.
    fn unheard_by_guest(&mut self, why: Undelivered) {
        if let Some(present) = self.journey.present().filter(|_| why == Undelivered::Gone) {
            self.unreachable(present);
        }
        let Some(index) = self.journey.latest() else { return };
        let tenant = &self.journey.sessions[index].tenant;
        let desk = phrases(self.facts.directory.locale_of(tenant)).desk;
        let guest = self.facts.guest.name.clone().unwrap_or_else(|| "?".to_owned());
        let note = fill(desk.bot_lost, &[("name", &guest), ("why", reason(desk, why))]);
        self.note(index, &note);
    }

    /// A note in the record, as the department's own.
    fn note(&mut self, index: usize, words: &Words) {
        let session = &self.journey.sessions[index];
        let by = Agent { id: String::new(), name: session.tenant_name.clone() };
        let (session, text) = (session.id, words.plain());
        self.effects.push(Effect::Agent { session, by, text, letter: None });
    }
}

fn reason(desk: &DeskPhrases, why: Undelivered) -> &'static str {
    match why {
        Undelivered::Gone => desk.lost_gone,
        Undelivered::Refused => desk.lost_refused,
        Undelivered::Late => desk.lost_late,
        Undelivered::Doubtful => desk.lost_doubtful,
    }
}

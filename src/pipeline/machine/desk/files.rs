//! What came of a file that somebody sent.

use crate::{
    model::{
        Arrival, Body, DeskLetter, Effect, Fate, KeptFile, Loss, Sender, SessionId,
        locale::speaks_to,
    },
    pipeline::{
        directory::Sharing,
        language::{Phrases, fill, phrases},
        machine::run::Machine,
        policy::policy,
    },
};

impl Machine<'_> {
    /// The session for which a file counts that was sent before a person was there: the one in which
    /// it was sent, or the one to which the guest went meanwhile, where files go along.
    fn keeper(&self, sent_in: SessionId) -> Option<usize> {
        let live = self.journey.present()?;
        let sent = self.journey.sessions.iter().position(|session| session.id == sent_in)?;
        let came_early = self.journey.sessions[sent].files > 0;
        (came_early && (sent == live || self.lets_files(sent, live))).then_some(live)
    }

    /// True when what the guest sent in one session may be seen in another.
    fn lets_files(&self, from: usize, to: usize) -> bool {
        let to = &self.journey.sessions[to].tenant;
        let from = &self.journey.sessions[from].tenant;
        let directory = self.facts.directory;
        from == to
            || directory.tenant(from).is_some_and(|from| {
                let transcript = policy(directory, from, to).transcript;
                matches!(transcript, Sharing::Full | Sharing::Guest)
            })
    }

    /// The files of a session that is left which go along to another one, but for those that it has.
    pub(in crate::pipeline::machine) fn files_for(&self, from: usize, to: usize) -> Vec<KeptFile> {
        if !self.lets_files(from, to) {
            return Vec::new();
        }
        let has = |file: &&KeptFile| !self.journey.sessions[to].kept.contains(file);
        self.journey.sessions[from].kept.iter().filter(has).cloned().collect()
    }

    /// The other side is told, or whoever sent it that it did not arrive. What was sent to one desk
    /// is nothing for another: a file that comes when the guest is elsewhere is not delivered.
    pub(in crate::pipeline::machine) fn file(&mut self, arrival: &Arrival) {
        let Arrival { file, session, sender, name, fate } = arrival;
        let live =
            self.journey.present().filter(|live| self.journey.sessions[*live].id == *session);
        let open = live.filter(|live| self.journey.sessions[*live].desk.is_some());
        let place = open.and_then(|index| self.place(index));
        if let (Fate::Came { size, link }, Sender::Guest, None) = (fate, sender, place)
            && let Some(index) = self.keeper(*session)
            && let Some(spot) = self.place(index)
        {
            self.changed.insert(self.journey.sessions[index].id);
            self.at(spot).keep_file(name, *size, link);
            self.effects.push(Effect::Carried(*file));
            return;
        }
        let loss = match (fate, place) {
            (Fate::Came { size, link }, Some(spot)) => {
                self.changed.insert(*session);
                let mut cx = self.at(spot);
                match sender {
                    Sender::Guest => cx.file_from_guest(name, *size, link),
                    Sender::Agent { agent, .. } => cx.file_from_agent(agent, name, *size, link),
                }
                self.effects.push(Effect::Carried(*file));
                return;
            }
            (Fate::Came { .. }, None) => Loss::Late,
            (Fate::Lost(loss), _) => *loss,
        };
        let directory = self.facts.directory;
        let known = self.journey.session(*session);
        let tenant = known.map_or(&directory.primary, |known| &known.tenant).clone();
        let words = |phrases: &Phrases| {
            let desk = phrases.desk;
            let phrase = match loss {
                Loss::TooLarge => desk.file_large,
                Loss::DayFull => desk.file_day,
                Loss::StoreFull => desk.file_full,
                Loss::NotFetched => desk.file_unread,
                Loss::Late => desk.file_late,
            };
            fill(phrase, &[("file", name)])
        };
        match sender {
            Sender::Guest => {
                let locale = speaks_to(self.facts.guest, &directory.locale);
                let session = self.journey.present().map(|live| self.journey.sessions[live].id);
                self.effects.push(Effect::Tell { session, tenant, words: words(phrases(locale)) });
                if let Some(spot) = place {
                    self.at(spot).file_lost_at_desk(name);
                }
            }
            Sender::Agent { agent, thread } => {
                let locale = directory.locale_of(&tenant);
                let agent = thread.is_none().then(|| agent.id.clone());
                let (id, body) = (self.facts.fresh.letter(), Body::Text(words(phrases(locale))));
                let letter = DeskLetter::new(id, *session, tenant, body);
                self.effects.push(Effect::Desk(DeskLetter { thread: *thread, agent, ..letter }));
            }
        }
    }
}

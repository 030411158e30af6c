//! What came of a file that somebody sent.

use super::Machine;
use crate::{
    model::{Arrival, Body, DeskLetter, Effect, Fate, Loss, Sender, locale::speaks_to},
    pipeline::language::{Phrases, fill, phrases},
};

impl Machine<'_> {
    /// The other side is told, or whoever sent it that it did not arrive. What was sent to one desk
    /// is nothing for another: a file that comes when the guest is elsewhere is not delivered.
    pub(super) fn file(&mut self, arrival: &Arrival) {
        let Arrival { file, session, sender, name, fate } = arrival;
        let live =
            self.journey.present().filter(|live| self.journey.sessions[*live].id == *session);
        let open = live.filter(|live| self.journey.sessions[*live].help.is_some());
        let place = open.and_then(|index| Some((index, self.place(index)?)));
        let loss = match (fate, place) {
            (Fate::Came { size, link }, Some((index, (tenant, stage)))) => {
                self.changed.insert(*session);
                let mut cx = self.cx(index, tenant, stage);
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
        let playbook = self.facts.playbook;
        let known = self.journey.session(*session);
        let tenant = known.map_or(&playbook.primary, |known| &known.tenant).clone();
        let words = |phrases: &Phrases| {
            let desk = phrases.desk;
            let phrase = match loss {
                Loss::TooLarge => desk.file_large,
                Loss::NotFetched => desk.file_unread,
                Loss::Late => desk.file_late,
            };
            fill(phrase, &[("file", name)])
        };
        match sender {
            Sender::Guest => {
                let locale = speaks_to(self.facts.guest, &playbook.locale);
                let session = self.journey.present().map(|live| self.journey.sessions[live].id);
                self.effects.push(Effect::Tell { session, tenant, words: words(phrases(locale)) });
                if let Some((index, (tenant, stage))) = place {
                    self.cx(index, tenant, stage).file_lost_at_desk(name);
                }
            }
            Sender::Agent { agent, thread } => {
                let locale = playbook.locale_of(&tenant);
                let (id, agent) =
                    (self.facts.fresh.letter(), thread.is_none().then(|| agent.id.clone()));
                let body = Body::Text(words(phrases(locale)));
                self.effects.push(Effect::Desk(DeskLetter {
                    id,
                    session: *session,
                    tenant,
                    thread: *thread,
                    agent,
                    call: None,
                    body,
                }));
            }
        }
    }
}

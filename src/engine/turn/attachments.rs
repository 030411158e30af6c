//! Files that come along with words: the turn that hears of one commits the wish to carry it.

use jiff::SignedDuration;

use super::page::Page;
use crate::{
    engine::post::Carrier,
    model::{
        Agent, AtDesk, Conversation, File, FileId, Inbound, Scope, Sender, Session, SessionId,
        Words, mark,
    },
    pipeline::language::{DeskPhrases, Phrases, fill},
    store::FileRow,
};

/// How long a file can be read.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Files of one message that are carried; Teams lets people attach ten.
const MOST_AT_ONCE: usize = 10;
/// Files of one visit to a desk that are carried: nobody fills the store.
const MOST_OF_ONE: u32 = 100;

/// What can be carried, and how it is said that something is not.
pub(super) struct Room<'a> {
    pub(super) carrier: &'a Carrier,
    pub(super) desk: &'static DeskPhrases,
}

impl Room<'_> {
    /// Files of a guest's message, after its words were heard: the words that say what is not
    /// delivered.
    pub(super) fn of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Words {
        let person = conversation.guest.key().to_owned();
        let to = heard(conversation).map(|(session, help)| (session, help, Sender::Guest, person));
        self.take_along(&inbound.files, to, self.desk.file_nobody, page)
    }

    /// The same for somebody at a desk. Only the owner's reach the guest, and not those of a note.
    pub(super) fn of_agent(
        &self,
        inbound: &Inbound,
        (by, text): (&Agent, &str),
        session: Option<&mut Session>,
        page: &mut Page<'_>,
    ) -> Words {
        if mark::note(text).is_some() {
            return Words::default();
        }
        let theirs = session
            .and_then(|session| Some((session.id, session.desk.as_mut()?)))
            .filter(|(_, help)| help.owner.as_ref().is_some_and(|owner| owner.id == by.id));
        let to = theirs.map(|(session, help)| {
            let thread = help.brief.filter(|_| inbound.scope == Scope::Channel);
            (session, help, Sender::Agent { agent: by.clone(), thread }, by.id.clone())
        });
        self.take_along(&inbound.files, to, self.desk.file_lost, page)
    }

    fn take_along(
        &self,
        files: &[File],
        to: Option<(SessionId, &mut AtDesk, Sender, String)>,
        closed: &str,
        page: &mut Page<'_>,
    ) -> Words {
        let (good, mut bad): (Vec<&File>, Vec<&File>) =
            files.iter().partition(|file| self.carrier.can_carry(file));
        let names = |files: &[&File]| {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let lost = |phrase: &str, files: &[&File]| {
            if files.is_empty() {
                Words::default()
            } else {
                fill(phrase, &[("files", &names(files))])
            }
        };
        let Some((session, help, sender, person)) = to else {
            return lost(closed, &good).then(&lost(self.desk.file_lost, &bad));
        };
        let room =
            usize::try_from(MOST_OF_ONE.saturating_sub(help.files)).unwrap_or(0).min(MOST_AT_ONCE);
        bad.extend(good.iter().skip(room));
        let created = page.now;
        for file in good.into_iter().take(room) {
            help.files += 1;
            page.added.files.push(FileRow {
                id: FileId(uuid::Uuid::new_v4()),
                session,
                sender: sender.clone(),
                person: person.clone(),
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                kind: file.kind,
                url: Some(file.url.clone()),
                size: None,
                created,
                expires: created.checked_add(LIFE).unwrap_or(created),
            });
        }
        lost(self.desk.file_lost, &bad)
    }
}

/// The session of a guest whom a human hears now, or will.
fn heard(conversation: &mut Conversation) -> Option<(SessionId, &mut AtDesk)> {
    let journey = conversation.journey.as_mut()?;
    let live = journey.present()?;
    let session = journey.sessions.get_mut(live)?;
    Some((session.id, session.desk.as_mut()?))
}

/// What came along and cannot be carried is told to whoever sent it.
pub(in crate::engine) fn lost(inbound: &Inbound, phrases: &Phrases) -> Words {
    let names: Vec<&str> = inbound.files.iter().map(|file| file.name.as_str()).collect();
    fill(phrases.desk.file_lost, &[("files", &names.join(", "))])
}

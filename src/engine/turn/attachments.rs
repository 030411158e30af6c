//! Files that come along with words: the turn that hears of one commits the wish to carry it.

use jiff::SignedDuration;

use super::page::Page;
use crate::{
    engine::post::Carrier,
    model::{
        Agent, Conversation, Event, File, FileId, Inbound, Scope, Sender, Session, SessionId, What,
        Words, mark,
    },
    pipeline::{
        addressed,
        language::{DeskPhrases, Phrases, fill},
    },
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
    /// The company has people: what is sent before one is there is kept for them.
    pub(super) keeps: bool,
}

/// To whom files go.
struct To<'a> {
    session: SessionId,
    /// How many went there.
    count: &'a mut u32,
    sender: Sender,
    /// To whose day they count.
    person: String,
}

impl Room<'_> {
    /// What files are that came without words while no matter was open, and are kept: none when
    /// there are none.
    pub(super) fn beginning(&self, inbound: &Inbound) -> Option<Event> {
        let kept: Vec<&File> = inbound
            .files
            .iter()
            .filter(|file| self.keeps && self.carrier.can_carry(file))
            .collect();
        let is_picture = kept.len() == 1 && kept[0].content_type.starts_with("image/");
        let names: Vec<String> = kept.iter().map(|file| file.name.clone()).collect();
        (!names.is_empty()).then_some(Event::Files { names, is_picture })
    }

    /// Files of a guest's message, after its words were heard: the words that say what is kept, unless
    /// it was said (`is_said`), and what is not delivered.
    pub(super) fn of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
        is_said: bool,
    ) -> Words {
        let person = conversation.guest.key().to_owned();
        let Some(session) = meant_mut(inbound, conversation) else {
            let closed = if self.keeps { self.desk.file_nobody } else { self.desk.file_lost };
            return self.take_along(&inbound.files, None, closed, page);
        };
        let (id, sender) = (session.id, Sender::Guest);
        let is_early = session.desk.is_none();
        let count = match &mut session.desk {
            Some(help) => Some(&mut help.files),
            None => self.keeps.then_some(&mut session.files),
        };
        let to = count.map(|count| To { session: id, count, sender, person });
        let before = page.added.files.len();
        let lost = self.take_along(&inbound.files, to, self.desk.file_lost, page);
        let kept: Vec<&str> =
            page.added.files[before..].iter().map(|file| file.name.as_str()).collect();
        if !is_early || is_said || kept.is_empty() {
            return lost;
        }
        fill(self.desk.kept_for_desk, &[("files", &kept.join(", "))]).then(&lost)
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
            let sender = Sender::Agent { agent: by.clone(), thread };
            To { session, count: &mut help.files, sender, person: by.id.clone() }
        });
        self.take_along(&inbound.files, to, self.desk.file_lost, page)
    }

    fn take_along(
        &self,
        files: &[File],
        to: Option<To<'_>>,
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
        let Some(To { session, count, sender, person }) = to else {
            return lost(closed, &good).then(&lost(self.desk.file_lost, &bad));
        };
        let room =
            usize::try_from(MOST_OF_ONE.saturating_sub(*count)).unwrap_or(0).min(MOST_AT_ONCE);
        bad.extend(good.iter().skip(room));
        let created = page.now;
        for file in good.into_iter().take(room) {
            *count += 1;
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

/// The session for which a message of the guest's is: the one whose reference it begins with, else
/// the one in which they are.
fn meant_mut<'c>(inbound: &Inbound, conversation: &'c mut Conversation) -> Option<&'c mut Session> {
    let named = match &inbound.what {
        What::Text(text) => conversation.open.iter().position(|journey| {
            journey.live().is_some_and(|session| addressed(text, &session.reference).is_some())
        }),
        _ => None,
    };
    if let Some(at) = named {
        let journey = conversation.open.get_mut(at)?;
        let live = journey.present()?;
        return journey.sessions.get_mut(live);
    }
    let journey = conversation.journey.as_mut()?;
    let live = journey.present()?;
    journey.sessions.get_mut(live)
}

/// What came along and cannot be carried is told to whoever sent it.
pub(in crate::engine) fn lost(inbound: &Inbound, phrases: &Phrases) -> Words {
    let names: Vec<&str> = inbound.files.iter().map(|file| file.name.as_str()).collect();
    fill(phrases.desk.file_lost, &[("files", &names.join(", "))])
}

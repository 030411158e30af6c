//! What the core says to what happened, and what becomes of the conversation by it.

use jiff::Timestamp;

use super::{attachments, cause::Cause, fresh::Draw, page::Page};
use crate::{
    engine::{post::Carrier, roster::View, running::Running},
    model::{
        Act, Conversation, Effect, Event, Guest, Inbound, Session, SessionId, Token, What, Words,
        locale::speaks_to,
    },
    pipeline::{
        self, Case, Facts, Outcome, Pinned,
        language::{Phrases, phrases},
        wish::Refusal,
    },
    store::Edit,
};

/// Everything that a decision looks at beside the conversation.
pub(super) struct Decision<'a> {
    pub(super) running: &'a Running,
    pub(super) pinned: &'a Pinned,
    pub(super) desks: View<'a>,
    pub(super) fresh: &'a Draw<'a>,
    pub(super) carrier: &'a Carrier,
    /// What it means that the guest edited or deleted a message, if that concerns a desk.
    pub(super) change: Option<Event>,
    pub(super) now: Timestamp,
}

/// What came of a decision.
pub(super) struct Decided {
    /// The sessions that are new or differ.
    pub(super) changed: Vec<SessionId>,
    pub(super) first_new_hop: usize,
    /// Why a guest was not moved.
    pub(super) refusal: Option<(Refusal, Words)>,
}

impl Decision<'_> {
    /// Asks the core, and writes down what it wants.
    pub(super) fn decide(
        &self,
        cause: &Cause<'_>,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Decided {
        match cause {
            Cause::Activity(inbound) => self.of_guest(inbound, conversation, page),
            Cause::Event(event) => self.step(event, None, conversation, page),
            Cause::Desk(inbound, event) => {
                let decided = self.step(event, Some(inbound), conversation, page);
                self.files_of_agent(inbound, event, conversation, page);
                with_files(decided, page)
            }
            Cause::Learned { refuse, .. } => {
                if *refuse {
                    page.tell(None, &Words::own(self.words_for(&conversation.guest).foreign));
                }
                nothing(conversation)
            }
        }
    }

    /// When something is due in this conversation.
    pub(super) fn due(&self, conversation: &Conversation) -> Option<Timestamp> {
        let journey = conversation.journey.as_ref()?;
        pipeline::due(&self.case(&conversation.guest, None), journey)
    }

    fn of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Decided {
        if conversation.guest.is_external() && !self.running.company.external_users {
            // They had their refusal when the look-up told who they are.
            return nothing(conversation);
        }
        let event = match &inbound.what {
            What::Text(text) => Event::Said(text.clone()),
            What::Submit(data) | What::Execute { data, .. } => {
                let Some(token) = Token::of(data) else { return nothing(conversation) };
                let own = data.iter().filter(|(key, _)| *key != Token::KEY);
                let data = own.map(|(key, value)| (key.clone(), value.clone())).collect();
                Event::Clicked { token, data }
            }
            What::Installed => {
                self.welcome(inbound, conversation, page);
                return nothing(conversation);
            }
            What::Removed => {
                conversation.installed = false;
                return self.step(&Event::Unreachable, Some(inbound), conversation, page);
            }
            What::Edited(text) => {
                return self.edited(inbound, Some(text.clone()), conversation, page);
            }
            What::Deleted => return self.edited(inbound, None, conversation, page),
            _ if !inbound.files.is_empty() => {
                self.files_of_guest(inbound, conversation, page);
                return with_files(nothing(conversation), page);
            }
            _ => {
                page.tell(None, &Words::own(self.words_for(&conversation.guest).wordless));
                return nothing(conversation);
            }
        };
        conversation.installed = true;
        let decided = self.step(&event, Some(inbound), conversation, page);
        self.files_of_guest(inbound, conversation, page);
        with_files(decided, page)
    }

    fn welcome(&self, inbound: &Inbound, conversation: &mut Conversation, page: &mut Page<'_>) {
        let case = self.case(&conversation.guest, inbound.formatted.as_deref());
        if !conversation.installed
            && let Some(letter) = pipeline::welcome(&case)
        {
            page.take(vec![Effect::Send(letter)]);
        }
        conversation.installed = true;
    }

    /// The guest edited or deleted a message: the transcript says so, and a desk that has read it
    /// sees it as well.
    fn edited(
        &self,
        inbound: &Inbound,
        text: Option<String>,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Decided {
        let at = self.now;
        page.added.edits.extend(inbound.activity_id.iter().map(|id| Edit {
            activity_id: id.clone(),
            at_desk: None,
            text: text.clone(),
            at,
        }));
        let Some(change) = &self.change else { return nothing(conversation) };
        self.step(change, Some(inbound), conversation, page)
    }

    fn step(
        &self,
        event: &Event,
        inbound: Option<&Inbound>,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Decided {
        let formatted = inbound.and_then(|inbound| inbound.formatted.as_deref());
        let before = self.case(&conversation.guest, formatted);
        if let Some(language) = pipeline::tongue(&before, conversation.journey.as_ref(), event) {
            conversation.guest.speak(language);
        }
        let case = self.case(&conversation.guest, formatted);
        let Outcome { journey, effects, changed, first_new_hop, refusal } =
            pipeline::step(&case, conversation.journey.take(), event);
        page.journey_names(journey.as_ref());
        page.take(effects);
        conversation.journey = journey;
        Decided { changed, first_new_hop, refusal }
    }

    /// Files that came along are carried, or the guest is told that they are not.
    fn files_of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) {
        if inbound.files.is_empty() {
            return;
        }
        let desk = self.words_for(&conversation.guest).desk;
        let rooms = attachments::Room { carrier: self.carrier, desk };
        let lost = rooms.of_guest(inbound, conversation, page);
        if !lost.is_empty() {
            page.tell(None, &lost);
        }
    }

    /// The same for somebody at a desk. In a thread of another department nobody can be told from
    /// here: that is done when the turn is over.
    fn files_of_agent(
        &self,
        inbound: &Inbound,
        event: &Event,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) {
        let Event::Desk { by, act: Act::Say(text), .. } = event else { return };
        if inbound.files.is_empty() {
            return;
        }
        let desk = self.words_for(&inbound.guest).desk;
        let room = attachments::Room { carrier: self.carrier, desk };
        let lost = room.of_agent(inbound, (by, text), conversation, page);
        if let Some(session) = present(conversation).filter(|_| !lost.is_empty()) {
            page.tell_desk(session.id, lost);
        }
    }

    /// What a decision may look at.
    fn case<'f>(&'f self, guest: &'f Guest, formatted: Option<&'f str>) -> Case<'f> {
        let company = &self.running.company;
        let facts = Facts {
            directory: company.directory_for(guest),
            guest,
            now: self.now,
            fresh: self.fresh,
            desks: &self.desks,
            answers: &self.running.answers,
            formatted,
        };
        Case { facts, playbook: &company.playbook, pinned: self.pinned }
    }

    fn words_for(&self, guest: &Guest) -> &'static Phrases {
        phrases(speaks_to(guest, &self.running.company.directory.locale))
    }
}

/// The session in which the guest is.
pub(in crate::engine) fn present(conversation: &Conversation) -> Option<&Session> {
    let journey = conversation.journey.as_ref()?;
    journey.sessions.get(journey.present()?)
}

fn nothing(conversation: &Conversation) -> Decided {
    let hops = conversation.journey.as_ref().map_or(0, |journey| journey.hops.len());
    Decided { changed: Vec::new(), first_new_hop: hops, refusal: None }
}

/// A session that has files to be carried is different now.
fn with_files(mut decided: Decided, page: &Page<'_>) -> Decided {
    let session = page.added.files.first().map(|file| file.session);
    decided.changed.extend(session.filter(|session| !decided.changed.contains(session)));
    decided
}

//! What the core says to what happened, and what becomes of the conversation by it.

use jiff::Timestamp;

use super::{attachments, cause::Cause, fresh::Draw, page::Page};
use crate::{
    engine::{post::Carrier, roster::View, running::Running},
    model::{
        Act, Conversation, Effect, Enclosed, Event, Guest, Inbound, Journey, Session, SessionId,
        Token, What, Words,
        locale::{speak, speaks_to},
    },
    pipeline::{
        self, Case, Chat, Facts, Outcome, Pinned,
        language::{DeskPhrases, Phrases, phrases},
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
    /// What it means that the guest edited or deleted a message, if that concerns a desk: and the
    /// session that it has there.
    pub(super) change: Option<(Event, SessionId)>,
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
            Cause::Event(event, of) => self.step((event, *of), None, conversation, page),
            Cause::Desk(inbound, event, of) => {
                let decided = self.step((event, Some(*of)), Some(inbound), conversation, page);
                self.files_of_agent((inbound, *of), event, conversation, page);
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
        let case = self.case(&conversation.guest, None);
        conversation.journeys().filter_map(|journey| pipeline::due(&case, journey)).min()
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
            What::Text(text) => Event::Said(addressed(conversation, inbound, text)),
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
                return self.step((&Event::Unreachable, None), Some(inbound), conversation, page);
            }
            What::Edited(text) => {
                return self.edited(inbound, Some(text.clone()), conversation, page);
            }
            What::Deleted => return self.edited(inbound, None, conversation, page),
            _ if !inbound.files.is_empty() => {
                let room = self.room(self.words_for(&conversation.guest).desk);
                let beginning =
                    room.beginning(inbound).filter(|_| conversation.present().is_none());
                let decided = match &beginning {
                    Some(event) => self.step((event, None), Some(inbound), conversation, page),
                    None => nothing(conversation),
                };
                self.files_of_guest(inbound, conversation, page, beginning.is_some());
                return with_files(decided, page);
            }
            _ => {
                page.tell(None, &Words::own(self.words_for(&conversation.guest).wordless));
                return nothing(conversation);
            }
        };
        conversation.installed = true;
        let decided = self.step((&event, None), Some(inbound), conversation, page);
        self.files_of_guest(inbound, conversation, page, false);
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
        let Some((change, of)) = &self.change else { return nothing(conversation) };
        self.step((change, Some(*of)), Some(inbound), conversation, page)
    }

    fn step(
        &self,
        (event, of): (&Event, Option<SessionId>),
        inbound: Option<&Inbound>,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) -> Decided {
        let formatted = inbound.and_then(|inbound| inbound.formatted.as_deref());
        let before = self.case(&conversation.guest, formatted);
        if let Some(language) = pipeline::tongue(&before, conversation.journey.as_ref(), event) {
            speak(&mut conversation.guest, language);
        }
        let chat = Chat::of(conversation, of);
        let case = self.case(&conversation.guest, formatted);
        let Outcome { journey, open, effects, changed, first_new_hop, refusal } =
            pipeline::step(&case, chat, event);
        (conversation.journey, conversation.open) = (journey, open);
        page.session_names(conversation);
        page.take(effects);
        Decided { changed, first_new_hop, refusal }
    }

    /// Files that came along are carried, or the guest is told that they are not.
    fn files_of_guest(
        &self,
        inbound: &Inbound,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
        is_said: bool,
    ) {
        if inbound.files.is_empty() {
            return;
        }
        let room = self.room(self.words_for(&conversation.guest).desk);
        let said = room.of_guest(inbound, conversation, page, is_said);
        if !said.is_empty() {
            page.tell(None, &said);
        }
    }

    fn room(&self, desk: &'static DeskPhrases) -> attachments::Room<'_> {
        let keeps = self.running.company.directory.tenants.values().any(|tenant| tenant.has_desk);
        attachments::Room { carrier: self.carrier, desk, keeps }
    }

    /// The same for somebody at a desk. In a thread of another department nobody can be told from
    /// here: that is done when the turn is over.
    fn files_of_agent(
        &self,
        (inbound, of): (&Inbound, SessionId),
        event: &Event,
        conversation: &mut Conversation,
        page: &mut Page<'_>,
    ) {
        let Event::Desk { by, act: Act::Say(text), .. } = event else { return };
        if inbound.files.is_empty() {
            return;
        }
        let room = self.room(self.words_for(&inbound.guest).desk);
        let lost = room.of_agent(inbound, (by, text), conversation.session_mut(of), page);
        if !lost.is_empty() {
            page.tell_desk(of, lost);
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

/// What the guest wrote, with the number of its matter in front where they answer, by Teams' *Reply*,
/// what was said of one in which they are not.
fn addressed(conversation: &Conversation, inbound: &Inbound, text: &str) -> String {
    let answered = inbound.enclosed.iter().find_map(|enclosed| match enclosed {
        Enclosed::Message { text, forwarded: false, .. } => Some(text.trim_start()),
        _ => None,
    });
    let is_of = |session: &&Session| {
        let behind = answered.and_then(|answered| answered.strip_prefix(&*session.reference));
        behind.is_some_and(|behind| behind.starts_with(" ·"))
    };
    let mut others = conversation.open.iter().filter_map(Journey::live);
    match others.find(is_of) {
        Some(session) => format!("{}: {text}", session.reference),
        None => text.to_owned(),
    }
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

//! One turn of a conversation: asks the core, draws what it wants, commits, hands over to the
//! outbox.

use std::{borrow::Cow, future};

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;

use super::{
    Engine, Running,
    conversations::Slot,
    draft::{Draft, Stamp},
    post::hooks,
    roster::View,
    unknown,
};
use crate::{
    model::{
        Act, Conversation, ConversationId, Effect, Event, FileId, Guest, Inbound, Session,
        SessionId, TenantId, Token, What, Words,
    },
    pipeline::{
        self, Facts, Outcome, Pinned,
        phrases::{Phrases, fill, phrases},
        transfer::Refusal,
    },
    store::{Answer, Claim, Edit, Loaded, Seen, StoreError, Told, Turn, Who},
};

/// How often a turn is tried again when another replica was faster.
const MOST_CONFLICTS: u32 = 5;

/// A dedupe key, and how long it counts.
pub(super) type Key = (String, Timestamp);

/// What a turn is about.
pub(super) enum Cause<'a> {
    Activity(&'a Inbound),
    Event(&'a Event),
    Learned { news: &'a Guest, refuse: bool },
    Desk(&'a Inbound, Cow<'a, Event>),
}

/// What whoever wants a turn says when they see the conversation.
pub(super) enum Ready<'a, S> {
    /// It is about this. A conversation that is not stored is begun by an activity only.
    Go(Cause<'a>),
    /// There is nothing to do, for this reason.
    Stop(S),
}

/// Most know it at once; who has to look something up under the lock gives a future.
impl<'a, S> IntoFuture for Ready<'a, S> {
    type Output = Result<Self, StoreError>;
    type IntoFuture = future::Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        future::ready(Ok(self))
    }
}

/// What became of a turn that was wanted.
pub(super) enum Done<S> {
    /// It was committed, now or before.
    Turned(Turned),
    /// There was nothing to do.
    Stopped(S),
}

/// A turn that was committed.
pub(super) struct Turned {
    pub(super) answer: Answer,
    /// Why a guest was not moved.
    pub(super) refusal: Option<(Refusal, Words)>,
    /// The conversation as it stands now, and its lock: held for as long as this is kept.
    pub(super) slot: OwnedMutexGuard<Slot>,
}

impl Engine {
    /// One turn of a conversation under its lock, the only way in which one changes: what was
    /// handled under one of the keys gets its first answer again; else `ready` sees the conversation
    /// as it is now and says what the turn is about. When another replica was faster, all of it is
    /// done again with what that one left.
    pub(super) async fn turn<'a, S, R>(
        &self,
        id: &ConversationId,
        keys: &[Key],
        now: Timestamp,
        mut ready: impl FnMut(&mut Slot) -> R,
    ) -> Result<Done<S>, StoreError>
    where
        R: IntoFuture<Output = Result<Ready<'a, S>, StoreError>>,
    {
        let running = self.running.load_full();
        let names: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        self.numbers.stock().await?;
        let mut slot = self.conversations.lock(id).await;
        let mut before = slot.answered(&names, now);
        let mut conflicts = 0;
        loop {
            if before.is_none() && slot.cached.is_none() {
                if !keys.is_empty() {
                    before = self.store.seen(id, &names, now).await?;
                }
                if before.is_some() {
                    // It was kept, but its answer got lost: so may have been the way of its letters
                    // to the outbox.
                    self.post.outbox.adopt(id).await?;
                } else {
                    slot.cached = self.store.load(id).await?;
                }
            }
            if let Some(answer) = before {
                return Ok(Done::Turned(Turned { answer, refusal: None, slot }));
            }
            let cause = match ready(&mut slot).await? {
                Ready::Go(cause) => cause,
                Ready::Stop(reason) => return Ok(Done::Stopped(reason)),
            };
            match self.attempt(&running, cause, &mut slot, keys, now).await {
                Err(StoreError::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Err(error) => return Err(error),
                Ok((answer, refusal)) => {
                    return Ok(Done::Turned(Turned { answer, refusal, slot }));
                }
            }
        }
    }

    /// Decides, renders, commits and hands over to the outbox. What the slot holds is taken from it;
    /// it goes back when all is well.
    async fn attempt(
        &self,
        running: &Running,
        input: Cause<'_>,
        slot: &mut Slot,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<(Answer, Option<(Refusal, Words)>), StoreError> {
        let (mut conversation, expected) = match (slot.cached.take(), &input) {
            (Some(Loaded { conversation, version }), _) => (conversation, Some(version)),
            (None, Cause::Activity(inbound)) => (unknown(inbound), None),
            (None, _) => {
                return Err(StoreError::Broken(
                    "a turn of a conversation that is not there".into(),
                ));
            }
        };
        match &input {
            Cause::Activity(inbound) => {
                conversation.reference = inbound.reference();
                conversation.guest.learn(&inbound.guest);
            }
            Cause::Learned { news, .. } => {
                conversation.guest.learn(news);
            }
            Cause::Event(_) | Cause::Desk(..) => {}
        }
        let pinned = self.versions.pinned(running, conversation.journey.as_ref()).await?;
        let desks = View { desks: &self.roster, company: &running.company };
        let owners = owners(&conversation);
        let states = hooks::states(running, &conversation);
        let mut draft = Draft::new(running, &self.roster, Stamp::of(&input), &conversation, now);
        let old = self.old_words(&input, &conversation).await?;
        let Decided { changed, first_new_hop, refusal, edits } =
            self.decide(running, &input, old, &pinned, &mut conversation, now, &mut draft);
        let due = conversation.journey.as_ref().and_then(|journey| {
            let facts = self.facts(running, &pinned, &desks, &conversation.guest, None, now);
            pipeline::due(&facts, journey)
        });
        let answer = draft.answer();
        let seen = keys
            .iter()
            .map(|(key, until)| Seen { key: key.clone(), answer: answer.clone(), until: *until })
            .collect();
        let versions = self.versions.to_keep(running, conversation.journey.as_ref(), &changed);
        let kept: Vec<_> = versions
            .iter()
            .map(|version| (version.tenant.clone(), version.version.clone()))
            .collect();
        let told = told(&input, &draft.carried);
        let Draft {
            trail, lines, answers, drafts, calls, mut letters, files, edits: of_desk, ..
        } = draft;
        letters.extend(hooks::letters(running, &states, &conversation, now));
        let edits = edits.into_iter().chain(of_desk).collect();
        let noted = changed.clone();
        let (releases, claims) = claims(running, &owners, &conversation);
        let turn = Turn {
            conversation: conversation.clone(),
            expected,
            changed,
            first_new_hop,
            trail,
            lines,
            answers,
            drafts,
            letters: letters.clone(),
            seen,
            edits,
            versions,
            due,
            releases,
            claims,
            files: files.clone(),
            told,
            at: now,
        };
        let version = self.store.commit(turn).await?;
        self.versions.kept(kept);
        if let Some(journey) = &conversation.journey {
            for session in journey.sessions.iter().filter(|session| noted.contains(&session.id)) {
                self.roster.note(&conversation.id, session, now);
            }
        }
        let id = conversation.id.clone();
        slot.cached = Some(Loaded { conversation, version });
        for (key, until) in keys {
            slot.remember(key.clone(), *until, answer.clone());
        }
        self.post.push(letters);
        self.post.carrier.push(files);
        calls.into_iter().for_each(|(session, call)| self.post.calls.want(&id, session, call));
        Ok((answer, refusal))
    }

    /// What an edited or deleted message said, when it belongs to the session in which a person is
    /// waited for or is there. What was said anywhere else is no business of that desk's.
    async fn old_words(
        &self,
        input: &Cause<'_>,
        conversation: &Conversation,
    ) -> Result<Option<String>, StoreError> {
        let Cause::Activity(inbound) = input else { return Ok(None) };
        let new = match &inbound.what {
            What::Edited(text) => Some(text),
            What::Deleted => None,
            _ => return Ok(None),
        };
        let present = conversation
            .journey
            .as_ref()
            .and_then(|journey| journey.sessions.get(journey.present()?))
            .filter(|present| present.help.is_some());
        let (Some(present), Some(id)) = (present, &inbound.activity_id) else { return Ok(None) };
        let lines = self.store.transcript(present.id).await?;
        let line = lines
            .into_iter()
            .find(|line| line.from == Who::Guest && line.activity_id.as_ref() == Some(id));
        // Told again it has changed nothing.
        Ok(line
            .filter(|line| line.deleted.is_none() && new.is_none_or(|new| *new != line.text))
            .map(|line| line.text))
    }

    /// What a decision may look at.
    fn facts<'a>(
        &'a self,
        running: &'a Running,
        pinned: &'a Pinned,
        desks: &'a View<'a>,
        guest: &'a Guest,
        formatted: Option<&'a str>,
        now: Timestamp,
    ) -> Facts<'a> {
        let (playbook, fresh, answers) =
            (&running.company.playbook, &self.numbers, &running.answers);
        Facts { playbook, pinned, guest, now, fresh, desks, answers, formatted }
    }

    /// Asks the core, and writes down what it wants.
    #[allow(clippy::too_many_arguments, reason = "everything that a decision looks at")]
    fn decide(
        &self,
        running: &Running,
        input: &Cause<'_>,
        old: Option<String>,
        pinned: &Pinned,
        conversation: &mut Conversation,
        now: Timestamp,
        draft: &mut Draft<'_>,
    ) -> Decided {
        let hops = conversation.journey.as_ref().map_or(0, |journey| journey.hops.len());
        let nothing =
            Decided { changed: Vec::new(), first_new_hop: hops, refusal: None, edits: Vec::new() };
        let playbook = &running.company.playbook;
        let desks = View { desks: &self.roster, company: &running.company };
        let words_for =
            |guest: &Guest| phrases(guest.locale.as_deref().unwrap_or(&playbook.locale));
        let formatted = match input {
            Cause::Activity(inbound) | Cause::Desk(inbound, _) => inbound.formatted.as_deref(),
            Cause::Event(_) | Cause::Learned { .. } => None,
        };
        let event = match input {
            Cause::Event(event) => (*event).clone(),
            Cause::Desk(_, event) => Event::clone(event),
            Cause::Learned { refuse: false, .. } => return nothing,
            Cause::Learned { refuse: true, .. } => {
                draft.tell(None, &Words::own(words_for(&conversation.guest).foreign));
                return nothing;
            }
            Cause::Activity(inbound) => {
                if conversation.guest.is_external() && !running.company.external_users {
                    // They had their refusal when the look-up told who they are.
                    return nothing;
                }
                match &inbound.what {
                    What::Text(text) => Event::Said(text.clone()),
                    What::Submit(data) | What::Execute { data, .. } => {
                        let Some(token) = Token::of(data) else { return nothing };
                        let own = data.iter().filter(|(key, _)| *key != Token::KEY);
                        Event::Clicked {
                            token,
                            data: own.map(|(key, value)| (key.clone(), value.clone())).collect(),
                        }
                    }
                    What::Installed => {
                        let facts = self.facts(
                            running,
                            pinned,
                            &desks,
                            &conversation.guest,
                            formatted,
                            now,
                        );
                        if !conversation.installed
                            && let Some(letter) = pipeline::welcome(&facts)
                        {
                            draft.take(vec![Effect::Send(letter)]);
                        }
                        conversation.installed = true;
                        return nothing;
                    }
                    What::Removed => {
                        conversation.installed = false;
                        Event::Unreachable
                    }
                    What::Edited(_) | What::Deleted => {
                        let text = match &inbound.what {
                            What::Edited(text) => Some(text.clone()),
                            _ => None,
                        };
                        let edits = inbound
                            .activity_id
                            .iter()
                            .map(|id| Edit {
                                activity_id: id.clone(),
                                at_desk: None,
                                text: text.clone(),
                                at: now,
                            })
                            .collect();
                        let Some(old) = old else { return Decided { edits, ..nothing } };
                        // The desk sees it as well.
                        let facts = self.facts(
                            running,
                            pinned,
                            &desks,
                            &conversation.guest,
                            formatted,
                            now,
                        );
                        let outcome = pipeline::step(
                            &facts,
                            conversation.journey.take(),
                            &Event::Changed { old, text },
                        );
                        draft.journey_names(outcome.journey.as_ref());
                        draft.take(outcome.effects);
                        conversation.journey = outcome.journey;
                        return Decided { edits, changed: outcome.changed, ..nothing };
                    }
                    _ if !inbound.files.is_empty() => {
                        let changed = self.tell_of_files(running, input, conversation, draft);
                        return Decided { changed, ..nothing };
                    }
                    _ => {
                        draft.tell(None, &Words::own(words_for(&conversation.guest).wordless));
                        return nothing;
                    }
                }
            }
        };
        if matches!(input, Cause::Activity(_)) && event != Event::Unreachable {
            conversation.installed = true;
        }
        let facts = self.facts(running, pinned, &desks, &conversation.guest, formatted, now);
        let Outcome { journey, effects, mut changed, first_new_hop, refusal } =
            pipeline::step(&facts, conversation.journey.take(), &event);
        draft.journey_names(journey.as_ref());
        draft.take(effects);
        conversation.journey = journey;
        let more = self.tell_of_files(running, input, conversation, draft);
        changed.extend(
            more.into_iter().filter(|session| !changed.contains(session)).collect::<Vec<_>>(),
        );
        Decided { changed, first_new_hop, refusal, edits: Vec::new() }
    }

    /// Files that came along are carried, or whoever sent them is told that they are not. Gives the
    /// sessions that are different now.
    fn tell_of_files(
        &self,
        running: &Running,
        input: &Cause<'_>,
        conversation: &mut Conversation,
        draft: &mut Draft<'_>,
    ) -> Vec<SessionId> {
        let desk_in =
            |locale: Option<&str>| phrases(locale.unwrap_or(&running.company.playbook.locale)).desk;
        match input {
            Cause::Activity(inbound) if !inbound.files.is_empty() => {
                let desk = desk_in(conversation.guest.locale.as_deref());
                let lost = self.files_of_guest(inbound, conversation, desk, draft);
                if !lost.is_empty() {
                    draft.tell(None, &lost);
                }
            }
            // In a thread of another department nobody can be told from here: see `desk_turn`.
            Cause::Desk(inbound, event) if !inbound.files.is_empty() => {
                let Event::Desk { by, act: Act::Say(text), .. } = &**event else {
                    return Vec::new();
                };
                let desk = desk_in(inbound.guest.locale.as_deref());
                let lost = self.files_of_agent(inbound, (by, text), conversation, desk, draft);
                let session = conversation
                    .journey
                    .as_ref()
                    .and_then(|journey| Some(journey.sessions.get(journey.present()?)?.id));
                if let Some(session) = session.filter(|_| !lost.is_empty()) {
                    draft.tell_desk(session, lost);
                }
            }
            _ => {}
        }
        draft.files.first().map(|file| file.session).into_iter().collect()
    }
}

/// What came of an event.
struct Decided {
    changed: Vec<SessionId>,
    first_new_hop: usize,
    refusal: Option<(Refusal, Words)>,
    edits: Vec<Edit>,
}

/// What the turn tells of a file, if it is about one.
fn told(input: &Cause<'_>, carried: &[FileId]) -> Vec<Told> {
    match input {
        Cause::Event(Event::File(arrival)) => {
            vec![Told { file: arrival.file, ready: carried.contains(&arrival.file) }]
        }
        _ => Vec::new(),
    }
}

/// What came along and cannot be carried is told to whoever sent it.
pub(super) fn lost(inbound: &Inbound, phrases: &Phrases) -> Words {
    let names: Vec<&str> = inbound.files.iter().map(|file| file.name.as_str()).collect();
    fill(phrases.desk.file_lost, &[("files", &names.join(", "))])
}

/// Who has a chat in a conversation now: session, tenant and agent.
fn owners(conversation: &Conversation) -> Vec<(SessionId, TenantId, String)> {
    let sessions = conversation
        .journey
        .as_ref()
        .map(|journey| journey.sessions.as_slice())
        .unwrap_or_default();
    let owner = |session: &Session| {
        Some((
            session.id,
            session.tenant.clone(),
            session.help.as_ref()?.owner.as_ref()?.id.clone(),
        ))
    };
    sessions.iter().filter(|session| session.state.is_live()).filter_map(owner).collect()
}

/// Chats that a turn has given to agents of personal desks, or taken from agents: no agent may have
/// more than the file says, and only the store knows of all. What is taken from somebody is released
/// whatever today's file says of the desk: it may have said something else when they took the chat.
fn claims(
    running: &Running,
    before: &[(SessionId, TenantId, String)],
    after: &Conversation,
) -> (Vec<SessionId>, Vec<Claim>) {
    let most = |tenant: &TenantId| {
        let desk = running.company.tenants.get(tenant).and_then(|settings| settings.desk.as_ref());
        desk.filter(|desk| desk.people).map(|desk| desk.chats_per_agent)
    };
    let after = owners(after);
    let is_new = |owner: &&(SessionId, TenantId, String)| !before.contains(owner);
    let gone = before.iter().filter(|owner| !after.contains(owner)).map(|owner| owner.0).collect();
    let taken = after.iter().filter(is_new).filter_map(|(session, tenant, agent)| {
        Some(Claim { agent: agent.clone(), session: *session, most: most(tenant)? })
    });
    (gone, taken.collect())
}

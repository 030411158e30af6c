//! The store that forgets everything when the program ends: for trying things out and for tests.

mod faq;
mod files;
mod outbox;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;

use self::{files::Files, outbox::Outbox};
use super::{
    Added, AgentRow, Answer, Claim, Desk, DraftRow, DraftState, Edit, FaqReport, FaqRow, FileBytes,
    FileRow, Filter, JourneyView, LetterState, Line, Loaded, OutboxRow, Outgoing, Page, Receipt,
    Seen, SessionView, Span, Store, StoreError, Thread, Turn, Version, Who,
    rules::{Cursor, FIRST_NUMBER, nanos},
};
use crate::model::{
    Conversation, ConversationId, Course, DraftId, FileId, Guest, Hop, Journey, JourneyId,
    LetterId, Session, SessionId, State, Step, TenantId,
};

/// The store in memory. One mutex over plain maps; calls look things up by key, lists walk from
/// their newest end. Only the rare edits and sweeps walk through all.
#[derive(Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    is_closed: bool,
    conversations: HashMap<ConversationId, KeptConversation>,
    /// The conversations in which something is due, the earliest first.
    due: BTreeSet<(i64, ConversationId)>,
    journeys: HashMap<JourneyId, KeptJourney>,
    sessions: HashMap<SessionId, Session>,
    flow: HashMap<SessionId, Vec<Step>>,
    lines: HashMap<SessionId, Vec<Line>>,
    /// What became of answers from FAQs, oldest first.
    answers: Vec<FaqRow>,
    /// Proposals for FAQs, oldest first.
    drafts: Vec<DraftRow>,
    /// All sessions as they are listed, oldest first.
    started: BTreeSet<Cursor>,
    /// Live sessions by tenant and state.
    live: BTreeMap<(TenantId, &'static str), u64>,
    outbox: Outbox,
    /// By the thread's conversation id.
    threads: HashMap<String, Thread>,
    desks: BTreeMap<TenantId, Desk>,
    /// One-time codes by their hash, with their end.
    codes: HashMap<String, (TenantId, i64)>,
    agents: BTreeMap<String, AgentRow>,
    /// Which agent has a session.
    claims: HashMap<SessionId, String>,
    files: Files,
    secrets: HashMap<&'static str, Vec<u8>>,
    seen: HashMap<ConversationId, HashMap<String, Seen>>,
    /// The sources by tenant and version, with when they were stored.
    versions: HashMap<TenantId, HashMap<String, (String, i64)>>,
    numbers: u64,
}

struct KeptConversation {
    /// Without its journey.
    conversation: Conversation,
    journey: Option<JourneyId>,
    version: u64,
    due: Option<i64>,
}

struct KeptJourney {
    conversation: ConversationId,
    guest: Guest,
    /// By their place in the journey.
    sessions: BTreeMap<usize, SessionId>,
    hops: Vec<Hop>,
    course: Course,
}

impl MemoryStore {
    /// The maps. Nothing panics while it holds them, and every change is checked before it is
    /// begun, so a poisoned lock is taken as it is.
    fn kept(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_closed {
            Err(StoreError::Unavailable("it is closed".to_owned()))
        } else {
            Ok(kept)
        }
    }
}

impl Kept {
    /// Refuses what would be a conflict or contradicts what is stored. After it, [`Kept::write`]
    /// cannot fail.
    fn check(&self, turn: &Turn) -> Result<(), StoreError> {
        turn.check()?;
        let id = &turn.conversation.id;
        if self.conversations.get(id).map(|kept| kept.version) != turn.expected {
            return Err(StoreError::Conflict);
        }
        if turn.added.seen.iter().any(|seen| self.is_seen(id, seen, turn.at)) {
            return Err(StoreError::Conflict);
        }
        self.files.check(&turn.added.files, &turn.added.told)?;
        self.check_claims(turn)?;
        if let Some(journey) = turn
            .conversation
            .journey
            .as_ref()
            .filter(|journey| journey.hops.len() > turn.first_new_hop)
        {
            let stored = self.journeys.get(&journey.id).map_or(0, |kept| kept.hops.len());
            if stored != turn.first_new_hop {
                let (id, first) = (journey.id, turn.first_new_hop);
                return Err(StoreError::Broken(format!(
                    "the journey {id} has {stored} hops, not {first}"
                )));
            }
        }
        match turn.added.letters.iter().find(|letter| self.outbox.holds(letter.id)) {
            Some(letter) => {
                Err(StoreError::Broken(format!("the letter {} is stored already", letter.id)))
            }
            None => Ok(()),
        }
    }

    /// Refuses what would give an agent too many chats.
    fn check_claims(&self, turn: &Turn) -> Result<(), StoreError> {
        if turn.added.claims.is_empty() {
            return Ok(());
        }
        let mut after: HashMap<_, _> = self
            .claims
            .iter()
            .filter(|(session, _)| !turn.added.releases.contains(session))
            .collect();
        after.extend(turn.added.claims.iter().map(|claim| (&claim.session, &claim.agent)));
        let has = |claim: &Claim| after.values().filter(|agent| **agent == &claim.agent).count();
        let is_full =
            |claim: &Claim| has(claim) > usize::try_from(claim.most).unwrap_or(usize::MAX);
        if turn.added.claims.iter().any(is_full) { Err(StoreError::Full) } else { Ok(()) }
    }

    fn is_seen(&self, conversation: &ConversationId, seen: &Seen, now: Timestamp) -> bool {
        self.seen
            .get(conversation)
            .and_then(|keys| keys.get(&seen.key))
            .is_some_and(|old| old.until > now)
    }

    fn write(&mut self, turn: Turn) -> u64 {
        for (position, session) in turn.changed_sessions() {
            self.keep(position, session, &turn.conversation);
        }
        let Turn { mut conversation, expected, first_new_hop, at, added, .. } = turn;
        let Added {
            trail,
            lines,
            answers,
            drafts,
            letters,
            seen,
            edits,
            versions,
            due,
            releases,
            claims,
            files,
            told,
        } = added;
        let version = expected.unwrap_or(0) + 1;
        let journey = conversation.journey.take();
        if let Some(journey) = &journey {
            let kept = self.journey_of(journey.id, &conversation);
            kept.guest.clone_from(&conversation.guest);
            kept.hops.extend_from_slice(&journey.hops[first_new_hop..]);
            kept.course.clone_from(&journey.course);
        }
        for step in trail {
            if let Some(id) = step.session {
                note(self.flow.entry(id).or_default(), step);
            }
        }
        for line in lines {
            if let Some(id) = line.session {
                self.lines.entry(id).or_default().push(line);
            }
        }
        self.answers.extend(answers);
        self.drafts.extend(drafts);
        edits.iter().for_each(|edit| self.edit(&conversation.id, edit));
        for letter in letters {
            self.outbox.add(letter, at);
        }
        for seen in seen {
            self.remember(conversation.id.clone(), seen);
        }
        for Version { tenant, version, source } in versions {
            self.versions.entry(tenant).or_default().entry(version).or_insert((source, nanos(at)));
        }
        self.claims.retain(|session, _| !releases.contains(session));
        self.claims.extend(claims.into_iter().map(|claim| (claim.session, claim.agent)));
        files.into_iter().for_each(|file| self.files.add(file));
        told.into_iter().for_each(|told| self.files.told(told));
        let (id, due) = (conversation.id.clone(), due.map(nanos));
        self.due.extend(due.map(|due| (due, id.clone())));
        let kept = KeptConversation {
            conversation,
            journey: journey.map(|journey| journey.id),
            version,
            due,
        };
        let old = self.conversations.insert(id.clone(), kept).and_then(|old| old.due);
        if let Some(old) = old.filter(|old| Some(*old) != due) {
            self.due.remove(&(old, id));
        }
        version
    }

    /// Changes the lines of an activity in a conversation that are the editor's own.
    fn edit(&mut self, conversation: &ConversationId, edit: &Edit) {
        let journeys =
            self.journeys.values().filter(|journey| journey.conversation == *conversation);
        for session in journeys.flat_map(|journey| journey.sessions.values()) {
            let lines = self.lines.get_mut(session).into_iter().flatten();
            let is_own = |line: &&mut Line| match &edit.at_desk {
                None => line.from == Who::Guest,
                Some((id, author)) => session == id && line.author.as_ref() == Some(author),
            };
            for line in lines
                .filter(|line| is_own(line) && line.activity_id.as_ref() == Some(&edit.activity_id))
            {
                match &edit.text {
                    Some(text) => {
                        (line.text, line.edited, line.deleted) = (text.clone(), Some(edit.at), None)
                    }
                    None => {
                        (line.text, line.card, line.deleted) = (String::new(), None, Some(edit.at))
                    }
                }
            }
        }
    }

    fn journey_of(&mut self, id: JourneyId, conversation: &Conversation) -> &mut KeptJourney {
        self.journeys.entry(id).or_insert_with(|| KeptJourney {
            conversation: conversation.id.clone(),
            guest: conversation.guest.clone(),
            sessions: BTreeMap::new(),
            hops: Vec::new(),
            course: Course::default(),
        })
    }

    fn keep(&mut self, position: usize, session: &Session, conversation: &Conversation) {
        self.journey_of(session.journey, conversation).sessions.insert(position, session.id);
        if let Some(old) = self.sessions.get(&session.id) {
            self.started.remove(&Cursor::of(old));
            if let Some(count) = self
                .live
                .get_mut(&(old.tenant.clone(), old.state.name()))
                .filter(|_| old.state.is_live())
            {
                *count -= 1;
            }
        }
        self.started.insert(Cursor::of(session));
        if session.state.is_live() {
            *self.live.entry((session.tenant.clone(), session.state.name())).or_default() += 1;
        }
        self.sessions.insert(session.id, session.clone());
    }

    fn remember(&mut self, conversation: ConversationId, seen: Seen) {
        self.seen.entry(conversation).or_default().insert(seen.key.clone(), seen);
    }

    /// A session with what hangs on it, without its flow.
    fn view(&self, id: SessionId) -> Option<SessionView> {
        let session = self.sessions.get(&id)?.clone();
        let journey = self.journeys.get(&session.journey)?;
        let (conversation, guest, hops) =
            (journey.conversation.clone(), journey.guest.clone(), journey.hops.clone());
        Some(SessionView { session, conversation, guest, flow: Vec::new(), hops })
    }

    fn view_with_flow(&self, id: SessionId) -> Option<SessionView> {
        let flow = self.flow.get(&id).cloned().unwrap_or_default();
        Some(SessionView { flow, ..self.view(id)? })
    }

    fn fits(&self, id: SessionId, filter: &Filter) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let Some(journey) = self.journeys.get(&session.journey) else { return false };
        let is_guest = |guest: &String| {
            *guest == journey.guest.id || Some(guest) == journey.guest.aad_object_id.as_ref()
        };
        filter.tenant.as_ref().is_none_or(|tenant| *tenant == session.tenant)
            && filter.state.is_none_or(|state| state == session.state)
            && filter.guest.as_ref().is_none_or(is_guest)
            && filter
                .conversation
                .as_ref()
                .is_none_or(|conversation| *conversation == journey.conversation.id)
            && filter.journey.is_none_or(|id| id == session.journey)
            && filter.from.is_none_or(|from| nanos(session.started) >= nanos(from))
            && filter.to.is_none_or(|to| nanos(session.started) < nanos(to))
    }
}

/// Adds a step to a flow trail, or closes the last open one of the same stage.
fn note(flow: &mut Vec<Step>, step: Step) {
    let open = flow.iter_mut().rev().find(|old| old.exit.is_none() && old.stage == step.stage);
    match open.filter(|_| step.exit.is_some()) {
        Some(open) => (open.at, open.exit) = (step.at, step.exit),
        None => flow.push(step),
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
        let kept = self.kept()?;
        let Some(KeptConversation { conversation, journey, version, .. }) =
            kept.conversations.get(id)
        else {
            return Ok(None);
        };
        let journey =
            journey.and_then(|id| Some((id, kept.journeys.get(&id)?))).map(|(id, journey)| {
                Journey {
                    id,
                    sessions: journey
                        .sessions
                        .values()
                        .filter_map(|id| kept.sessions.get(id).cloned())
                        .collect(),
                    hops: journey.hops.clone(),
                    course: journey.course.clone(),
                }
            });
        Ok(Some(Loaded {
            conversation: Conversation { journey, ..conversation.clone() },
            version: *version,
        }))
    }

    async fn seen(
        &self,
        conversation: &ConversationId,
        keys: &[String],
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        let kept = self.kept()?;
        let known = kept.seen.get(conversation);
        let found = keys.iter().find_map(|key| known?.get(key).filter(|seen| seen.until > now));
        Ok(found.map(|seen| seen.answer.clone()))
    }

    async fn commit(&self, turn: Turn) -> Result<u64, StoreError> {
        let mut kept = self.kept()?;
        kept.check(&turn)?;
        Ok(kept.write(turn))
    }

    async fn numbers(&self, count: u32) -> Result<Range<u64>, StoreError> {
        let mut kept = self.kept()?;
        let first = FIRST_NUMBER + kept.numbers;
        kept.numbers += u64::from(count);
        Ok(first..first + u64::from(count))
    }

    async fn pending(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let kept = self.kept()?;
        let mut letters = kept.outbox.pending(conversation, limit);
        if let Some(stored) = kept.conversations.get(conversation) {
            let there = letters.iter_mut().filter(|letter| !letter.kind.goes_elsewhere());
            there.for_each(|letter| {
                letter.service_url.clone_from(&stored.conversation.reference.service_url)
            });
        }
        Ok(letters)
    }

    async fn waiting_conversations(&self) -> Result<Vec<ConversationId>, StoreError> {
        Ok(self.kept()?.outbox.waiting())
    }

    async fn delivered(
        &self,
        letter: LetterId,
        receipt: Receipt,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept()?;
        let opened = kept.outbox.delivered(letter, receipt)?;
        kept.threads.extend(opened);
        Ok(())
    }

    async fn attempted(
        &self,
        letter: LetterId,
        error: String,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        self.kept()?.outbox.attempted(letter, error, LetterState::Pending)
    }

    async fn dead(&self, letter: LetterId, error: String, _: Timestamp) -> Result<(), StoreError> {
        self.kept()?.outbox.attempted(letter, error, LetterState::Dead)
    }

    async fn revive(&self, letter: LetterId) -> Result<Option<ConversationId>, StoreError> {
        Ok(self.kept()?.outbox.revive(letter))
    }

    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError> {
        Ok(self.kept()?.outbox.receipt_of(letter).cloned())
    }

    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError> {
        Ok(self.kept()?.threads.get(place).cloned())
    }

    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(self.kept()?.outbox.rows(state, limit))
    }

    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError> {
        let kept = self.kept()?;
        let size = filter.page_size();
        let end = filter
            .after()?
            .unwrap_or(Cursor { started: i64::MAX, id: SessionId(uuid::Uuid::max()) });
        let fitting = kept.started.range(..end).rev().filter(|place| kept.fits(place.id, filter));
        let mut found: Vec<&Cursor> = fitting.take(size.saturating_add(1)).collect();
        let has_next = found.len() > size;
        found.truncate(size);
        let next = found.last().filter(|_| has_next).map(|last| last.write());
        Ok(Page {
            items: found.into_iter().filter_map(|place| kept.view(place.id)).collect(),
            next,
        })
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError> {
        Ok(self.kept()?.view_with_flow(id))
    }

    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError> {
        let kept = self.kept()?;
        let mut lines = kept.lines.get(&id).cloned().unwrap_or_default();
        for line in &mut lines {
            line.activity_id = line
                .activity_id
                .take()
                .or_else(|| kept.outbox.receipt_of(line.letter?)?.activity.clone());
        }
        Ok(lines)
    }

    async fn said_at_desk(
        &self,
        author: &str,
        activity: &str,
    ) -> Result<Option<(ConversationId, Line)>, StoreError> {
        let kept = self.kept()?;
        let is_it = |line: &&Line| {
            line.author.as_deref() == Some(author) && line.activity_id.as_deref() == Some(activity)
        };
        let sessions = kept
            .journeys
            .values()
            .flat_map(|journey| journey.sessions.values().map(move |id| (journey, id)));
        let lines = sessions
            .filter_map(|(journey, id)| Some((journey, kept.lines.get(id)?.iter().rfind(is_it)?)));
        let latest = lines.max_by_key(|(_, line)| line.at);
        Ok(latest.map(|(journey, line)| (journey.conversation.clone(), line.clone())))
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<JourneyView>, StoreError> {
        let kept = self.kept()?;
        Ok(kept.journeys.get(&id).map(|journey| JourneyView {
            id,
            guest: journey.guest.clone(),
            sessions: journey.sessions.values().filter_map(|id| kept.view_with_flow(*id)).collect(),
            hops: journey.hops.clone(),
        }))
    }

    async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, StoreError> {
        let kept = self.kept()?;
        let known = kept.live.iter().filter(|(_, count)| **count > 0);
        Ok(known
            .filter_map(|((tenant, state), count)| {
                Some((tenant.clone(), State::named(state)?, *count))
            })
            .collect())
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        let (kept, now) = (self.kept()?, nanos(now));
        let due = kept.due.iter().take_while(|(due, _)| *due <= now).map(|(_, id)| id.clone());
        Ok(due.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn version(
        &self,
        tenant: &TenantId,
        version: &str,
    ) -> Result<Option<String>, StoreError> {
        let kept = self.kept()?;
        Ok(kept
            .versions
            .get(tenant)
            .and_then(|versions| versions.get(version))
            .map(|(source, _)| source.clone()))
    }

    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut kept = self.kept()?;
        let Kept { journeys, sessions, threads, .. } = &mut *kept;
        let is_over = |session: &Session| {
            !session.state.is_live() && session.ended.is_some_and(|ended| ended < before)
        };
        let all = threads.len();
        threads.retain(|_, thread| match sessions.get(&thread.session) {
            Some(session) => !is_over(session),
            None => {
                let of_guest =
                    journeys.values().filter(|journey| journey.conversation == thread.guest);
                !of_guest
                    .flat_map(|journey| journey.sessions.values())
                    .filter_map(|id| sessions.get(id))
                    .all(is_over)
            }
        });
        Ok((all - threads.len()) as u64)
    }

    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut kept = self.kept()?;
        let Kept { journeys, sessions, versions, .. } = &mut *kept;
        let sessions_of = |journey: &KeptJourney| {
            journey.sessions.values().filter_map(|id| sessions.get(id)).collect::<Vec<_>>()
        };
        let open = journeys
            .values()
            .map(sessions_of)
            .filter(|sessions| sessions.iter().any(|session| session.state.is_live()));
        let used: HashSet<_> = open
            .flatten()
            .map(|session| (&session.tenant, session.pipeline_version.as_str()))
            .collect();
        let mut gone = 0;
        for (tenant, versions) in versions {
            versions.retain(|version, (_, stored)| {
                let stays = *stored >= nanos(before) || used.contains(&(tenant, version.as_str()));
                gone += u64::from(!stays);
                stays
            });
        }
        Ok(gone)
    }

    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut kept = self.kept()?;
        let mut gone = 0;
        kept.seen.retain(|_, keys| {
            let before = keys.len();
            keys.retain(|_, seen| seen.until > now);
            gone += u64::try_from(before - keys.len()).unwrap_or_default();
            !keys.is_empty()
        });
        Ok(gone)
    }

    async fn desks(&self) -> Result<Vec<Desk>, StoreError> {
        Ok(self.kept()?.desks.values().cloned().collect())
    }

    async fn connect_desk(&self, desk: Desk) -> Result<(), StoreError> {
        self.kept()?.desks.insert(desk.tenant.clone(), desk);
        Ok(())
    }

    async fn break_desk(&self, tenant: &TenantId, reason: String) -> Result<bool, StoreError> {
        let mut kept = self.kept()?;
        let desk = kept.desks.get_mut(tenant);
        Ok(desk.map(|desk| desk.broken = Some(reason)).is_some())
    }

    async fn put_code(
        &self,
        tenant: &TenantId,
        hash: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept()?;
        kept.codes.retain(|_, (owner, _)| owner != tenant);
        kept.codes.insert(hash.to_owned(), (tenant.clone(), nanos(until)));
        Ok(())
    }

    async fn take_code(&self, hash: &str, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
        let code = self.kept()?.codes.remove(hash);
        Ok(code.filter(|(_, until)| *until >= nanos(now)).map(|(tenant, _)| tenant))
    }

    async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        Ok(self.kept()?.agents.values().cloned().collect())
    }

    async fn bind_agent(&self, agent: AgentRow) -> Result<(), StoreError> {
        self.kept()?.agents.insert(agent.id.clone(), agent);
        Ok(())
    }

    async fn set_available(&self, id: &str, available: bool) -> Result<bool, StoreError> {
        let mut kept = self.kept()?;
        let agent = kept.agents.get_mut(id);
        Ok(agent.map(|agent| agent.available = available).is_some())
    }

    async fn claims(&self) -> Result<Vec<(String, SessionId)>, StoreError> {
        let mut claims: Vec<_> =
            self.kept()?.claims.iter().map(|(session, agent)| (agent.clone(), *session)).collect();
        claims.sort_unstable();
        Ok(claims)
    }

    async fn wanted_files(&self) -> Result<Vec<FileRow>, StoreError> {
        Ok(self.kept()?.files.wanted())
    }

    async fn keep_file(
        &self,
        id: FileId,
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.kept()?.files.keep(id, name, content_type, bytes);
        Ok(())
    }

    async fn file(&self, id: FileId) -> Result<Option<FileBytes>, StoreError> {
        Ok(self.kept()?.files.read(id))
    }

    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut kept = self.kept()?;
        let Kept { files, sessions, .. } = &mut *kept;
        Ok(files.forget(now, &|session| sessions.contains_key(session)))
    }

    async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        Ok(self.kept()?.secrets.entry(name).or_insert(fresh).clone())
    }

    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError> {
        Ok(faq::report(&*self.kept()?, span))
    }

    async fn drafts(
        &self,
        tenant: Option<&TenantId>,
        state: DraftState,
    ) -> Result<Vec<DraftRow>, StoreError> {
        let kept = self.kept()?;
        let fits = |row: &&DraftRow| {
            row.state == state && tenant.is_none_or(|tenant| *tenant == row.tenant)
        };
        let mut rows: Vec<DraftRow> = kept.drafts.iter().filter(fits).cloned().collect();
        rows.sort_by_key(|row| (nanos(row.created), row.id));
        Ok(rows)
    }

    async fn draft(&self, id: DraftId) -> Result<Option<DraftRow>, StoreError> {
        Ok(self.kept()?.drafts.iter().find(|row| row.id == id).cloned())
    }

    async fn decide_draft(
        &self,
        id: DraftId,
        state: DraftState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut kept = self.kept()?;
        let found =
            kept.drafts.iter_mut().find(|row| row.id == id && row.state == DraftState::Proposed);
        let Some(row) = found else { return Ok(false) };
        (row.state, row.decided_by, row.decided) = (state, Some(by), Some(at));
        Ok(true)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.kept().map(drop)
    }

    async fn close(&self) {
        if let Ok(mut kept) = self.kept() {
            kept.is_closed = true;
        }
    }
}

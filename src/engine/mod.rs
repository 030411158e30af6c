//! Floor 3: tasks, locks, the clock. Everything that happens to a conversation goes through one
//! turn under its lock: an activity ([`Engine::receive`]), time ([`Engine::tick`]), a manager
//! ([`Engine::act`]), the answer of a look-up.

mod at_desk;
mod calls;
pub mod conversations;
mod desks;
mod doors;
mod draft;
mod enclosed;
pub mod files;
pub mod fresh;
mod hooks;
mod in_person;
pub mod links;
mod look_up;
pub mod outbox;
mod pace;
mod people;
pub mod reload;
mod reworded;
mod transcript;
mod turn;
mod versions;
mod wire;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use dashmap::{DashMap, DashSet};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    calls::Caller,
    cards::Cards,
    company::Company,
    faq::Library,
    model::{
        Conversation, ConversationId, Event, Inbound, Reference, Scope, SessionId, Token, What,
        Words, locale::speaks_to,
    },
    pipeline::{language::phrases, transfer::Refusal},
    store::{Answer, Loaded, Outgoing, Store, StoreError},
    teams::invokes,
};
use calls::Calls;
use conversations::Conversations;
use desks::Desks;
use files::Carrier;
use fresh::Numbers;
use look_up::LOOK_UP_AGAIN;
use outbox::Outbox;
use people::People;
use turn::Input;
use versions::Versions;

/// The present instant. Given from outside, so that tests decide what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long an activity's id is remembered. Teams repeats after 15 s; the reference asks for ten
/// minutes at least.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);
/// How long a click's content is remembered: Teams repeats one with a new id after about 30 s.
const REMEMBER_CLICK: SignedDuration = SignedDuration::from_secs(60);
/// How often a turn is tried again when another replica was faster.
const MOST_CONFLICTS: u32 = 5;
/// Foreign conversations that had their refusal; beyond this many they may get a second one.
const MOST_REFUSED: usize = 10_000;
/// A turn that takes longer shows that somebody is at work.
const SLOW: Duration = Duration::from_secs(1);
/// Conversations whose time has come, taken at once.
const DUE_PAGE: u32 = 200;
/// The most activities of one guest within [`BURST_SPAN`]. Thirty at least must pass.
const BURST: usize = 60;
/// The span in which [`BURST`] activities pass.
const BURST_SPAN: SignedDuration = SignedDuration::from_secs(10);

/// A company that runs: swapped as a whole.
pub struct Live {
    /// Tenants, stages, rules.
    pub company: Company,
    /// Their cards.
    pub cards: Cards,
    /// Their FAQs, searchable.
    pub answers: Library,
}

impl Live {
    /// A company that was checked together with its cards; its FAQs are made searchable here.
    pub fn new(company: Company, cards: Cards) -> Self {
        let answers = Library::build(company.faqs());
        Live { company, cards, answers }
    }
}

/// The engine.
pub struct Engine {
    live: ArcSwap<Live>,
    store: Arc<dyn Store>,
    conversations: Conversations,
    outbox: Outbox,
    carrier: Carrier,
    numbers: Numbers,
    versions: Versions,
    desks: Desks,
    people: People,
    calls: Calls,
    /// An agent can be written to who could not before: whoever waits may be offered to them.
    agents_came: AtomicBool,
    /// Queues with letters that nobody was sending when it was last tidied.
    idle_queues: Mutex<HashSet<ConversationId>>,
    refused: DashSet<ConversationId>,
    mentions: DashSet<(ConversationId, String)>,
    looked_up: DashMap<ConversationId, Timestamp>,
    app_tenant: Option<String>,
}

/// What became of a manager's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It was done.
    Done,
    /// The guest was asked first.
    Asked,
    /// It was refused: why, and in words.
    Refused {
        /// Which rule forbids it.
        why: Refusal,
        /// The reason in words.
        message: String,
    },
    /// There is no such session.
    Unknown,
    /// The session has ended, or the guest is in another one.
    NotLive,
}

impl Engine {
    /// Puts it together. `app_tenant` is the bot's own Microsoft 365 tenant.
    pub fn new(
        live: Live,
        store: Arc<dyn Store>,
        outbox: Outbox,
        caller: Caller,
        carrier: Carrier,
        app_tenant: Option<String>,
    ) -> Self {
        hooks::warn(&live);
        Engine {
            calls: Calls::new(caller, &live),
            live: ArcSwap::from_pointee(live),
            numbers: Numbers::new(store.clone()),
            versions: Versions::new(store.clone()),
            desks: Desks::default(),
            people: People::default(),
            agents_came: AtomicBool::new(false),
            idle_queues: Mutex::default(),
            store,
            conversations: Conversations::default(),
            outbox,
            carrier,
            refused: DashSet::new(),
            mentions: DashSet::new(),
            looked_up: DashMap::new(),
            app_tenant,
        }
    }

    /// The company as it runs now.
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// Another company from now on: new sessions begin on it, those under way finish on what they
    /// began with.
    pub fn swap(&self, live: Live) {
        self.calls.allow(&live);
        hooks::warn(&live);
        self.live.store(Arc::new(live));
    }

    /// Reads what is known of desks; called once, before the first turn.
    pub async fn begin(self: &Arc<Self>, clock: Clock) -> Result<(), StoreError> {
        self.desks.load(&*self.store).await?;
        self.begin_files(clock.clone()).await?;
        self.make_calls(&clock);
        if let Some(mut goners) = self.outbox.goners() {
            let engine = self.clone();
            self.outbox.spawn(async move {
                while let Some((letter, is_gone)) = goners.recv().await {
                    if let Err(error) = engine.gone(&letter, is_gone, clock()).await {
                        tracing::error!(letter = %letter.id, %error, "nobody could be told that a letter cannot be delivered");
                    }
                }
            });
        }
        Ok(())
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The outbox.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The conversations in memory.
    pub fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    /// Handles one activity whose sender was checked. Answers after the commit; what it wants
    /// delivered is on its way by then, or will be after the next start. An error means that
    /// nothing was kept: the channel shall try again.
    pub async fn receive(
        self: &Arc<Self>,
        inbound: Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        if let What::Invoke { name, value } = &inbound.what {
            let reply = invokes::answer(&inbound.conversation.channel, name.as_deref(), value);
            let body = if reply.body.is_null() { None } else { Some(reply.body.to_string()) };
            return Ok(Answer { status: reply.status, body });
        }
        let inbound = enclosed::in_words(inbound);
        let live = self.live.load_full();
        if self.is_foreign(&live, &inbound) {
            return Ok(self.refuse_foreign(&live, &inbound));
        }
        if inbound.scope == Scope::Channel {
            return self.in_channel(&live, &inbound, now).await;
        }
        if inbound.scope != Scope::Personal {
            return Ok(self.outside_personal(&live, &inbound));
        }
        match &inbound.what {
            What::Other(_) | What::Upgraded => Ok(done(&inbound, None)),
            What::Submit(data) | What::Execute { data, .. } if Token::of(data).is_none() => {
                // A card that is not ours, or not ours any more: nothing can be made of it.
                tracing::info!(conversation = %inbound.conversation, "a click without our token was ignored");
                Ok(done(&inbound, Some(&Words::own(phrases(locale(&live, &inbound)).over))))
            }
            _ => {
                if let Some(answer) = self.agent_activity(&live, &inbound, now).await? {
                    return Ok(answer);
                }
                let turn = self.activity(&live, &inbound, now);
                tokio::pin!(turn);
                let answer = tokio::select! {
                    answer = &mut turn => answer,
                    () = tokio::time::sleep(SLOW) => {
                        self.send_typing(&inbound);
                        turn.await
                    }
                }?;
                self.look_up(&inbound, now);
                Ok(answer)
            }
        }
    }

    /// Does what is due at `now` in every conversation: reminders, timeouts, closing undo windows.
    /// Answers how many conversations had a turn.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, StoreError> {
        if self.agents_came.swap(false, Ordering::Relaxed) {
            self.tick_agents(now).await;
        }
        let mut handled = HashSet::new();
        loop {
            let due = self.store.due(now, DUE_PAGE).await?;
            let fresh: Vec<ConversationId> =
                due.into_iter().filter(|id| handled.insert(id.clone())).collect();
            if fresh.is_empty() {
                return Ok(handled.len());
            }
            for id in fresh {
                if let Err(error) = self.event(&id, &Event::Tick, None, now).await {
                    tracing::error!(conversation = %id, %error, "what is due could not be done; it stays due");
                }
            }
        }
    }

    /// A manager's wish on a session.
    pub async fn act(
        &self,
        session: SessionId,
        event: &Event,
        now: Timestamp,
    ) -> Result<Acted, StoreError> {
        let Some(view) = self.store.session(session).await? else { return Ok(Acted::Unknown) };
        self.event(&view.conversation, event, Some(session), now).await
    }

    /// One turn of a personal conversation for an activity, under its lock.
    async fn activity(
        &self,
        live: &Live,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let keys = dedupe_keys(inbound, now);
        let names: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        self.numbers.stock().await?;
        let mut slot = self.conversations.lock(&inbound.conversation).await;
        if let Some(answer) = slot.answered(&names, now) {
            return Ok(answer);
        }
        if !slot.may_pass(now, BURST_SPAN, BURST) {
            tracing::warn!(conversation = %inbound.conversation, "a guest writes faster than anyone can read: the channel shall slow down");
            return Ok(Answer { status: 429, body: None });
        }
        let mut conflicts = 0;
        loop {
            let loaded = match slot.cached.take() {
                Some(loaded) => Some(loaded),
                None => {
                    if let Some(answer) =
                        self.store.seen(&inbound.conversation, &names, now).await?
                    {
                        // It was kept, but its answer got lost: so may have been the way of its
                        // letters to the outbox.
                        self.adopt(&inbound.conversation).await?;
                        return Ok(answer);
                    }
                    self.store.load(&inbound.conversation).await?
                }
            };
            let expected = loaded.as_ref().map(|loaded| loaded.version);
            let conversation =
                loaded.map_or_else(|| unknown(inbound), |loaded| loaded.conversation);
            match self
                .attempt(
                    live,
                    Input::Activity(inbound),
                    conversation,
                    expected,
                    &keys,
                    now,
                    &mut slot,
                )
                .await
            {
                Err(StoreError::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Ok((answer, _)) => {
                    if let Some(Loaded { conversation, .. }) = &slot.cached {
                        self.bind_agent(live, conversation).await?;
                    }
                    return Ok(answer);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Hands letters to the outbox: each queue gets its own, in order.
    fn push(&self, letters: Vec<Outgoing>) {
        let mut queues: Vec<Vec<Outgoing>> = Vec::new();
        for letter in letters {
            match queues.iter_mut().find(|queue| queue[0].conversation == letter.conversation) {
                Some(queue) => queue.push(letter),
                None => queues.push(vec![letter]),
            }
        }
        queues.into_iter().for_each(|queue| self.outbox.push(queue));
    }

    /// Sends what the store holds for a conversation and nobody is sending. Call it while its lock
    /// is held: nothing is pushed meanwhile.
    async fn adopt(&self, id: &ConversationId) -> Result<(), StoreError> {
        if !self.outbox.is_busy(id) {
            self.outbox.push(self.store.pending(id, u32::MAX).await?);
        }
        Ok(())
    }

    /// One turn for an event from inside. With `only`, the event is for that session and for nobody
    /// else.
    async fn event(
        &self,
        id: &ConversationId,
        event: &Event,
        only: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Acted, StoreError> {
        let live = self.live.load_full();
        self.numbers.stock().await?;
        let mut slot = self.conversations.lock(id).await;
        let mut conflicts = 0;
        loop {
            let loaded = match slot.cached.take() {
                Some(loaded) => Some(loaded),
                None => self.store.load(id).await?,
            };
            let Some(Loaded { conversation, version }) = loaded else { return Ok(Acted::Unknown) };
            let in_session = conversation
                .journey
                .as_ref()
                .and_then(|journey| journey.sessions.get(journey.present()?))
                .map(|session| session.id);
            if only.is_some() && only != in_session {
                slot.cached = Some(Loaded { conversation, version });
                return Ok(Acted::NotLive);
            }
            match self
                .attempt(
                    &live,
                    Input::Event(event),
                    conversation,
                    Some(version),
                    &[],
                    now,
                    &mut slot,
                )
                .await
            {
                Err(StoreError::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Err(error) => return Err(error),
                Ok((_, Some((refusal, words)))) => {
                    return Ok(Acted::Refused { why: refusal, message: words.plain() });
                }
                Ok(_) => {
                    let asked = slot.cached.as_ref().and_then(|loaded| {
                        let journey = loaded.conversation.journey.as_ref()?;
                        journey
                            .sessions
                            .get(journey.present()?)
                            .filter(|session| Some(session.id) == only)?
                            .aside
                            .as_ref()
                    });
                    return Ok(if asked.is_some() && matches!(event, Event::Move { .. }) {
                        Acted::Asked
                    } else {
                        Acted::Done
                    });
                }
            }
        }
    }

    /// Takes up letters that nobody is sending, and tidies away what nobody needs: expired dedupe
    /// keys, idle conversations beyond `keep`, versions on which nothing stands, threads of
    /// sessions that nobody keeps any longer.
    pub async fn tidy(&self, now: Timestamp, keep: usize) -> Result<(), StoreError> {
        self.conversations.sweep(keep);
        let before =
            std::mem::take(&mut *self.idle_queues.lock().unwrap_or_else(PoisonError::into_inner));
        let mut idle = HashSet::new();
        for id in self.store.waiting_conversations().await? {
            // Letters to a desk, an agent or another system are written under the guest's lock, not
            // under their own: only what nobody was sending the last time either is left over.
            let is_elsewhere =
                [draft::DESK_QUEUE, hooks::QUEUE].iter().any(|queue| id.id.starts_with(queue))
                    || self.desks.agent_in(&id).is_some();
            let is_busy = self.outbox.is_busy(&id);
            if is_elsewhere && !is_busy && !before.contains(&id) {
                idle.insert(id);
                continue;
            }
            if !is_busy {
                let _lock = self.conversations.lock(&id).await;
                self.adopt(&id).await?;
            }
        }
        *self.idle_queues.lock().unwrap_or_else(PoisonError::into_inner) = idle;
        self.tidy_files(now).await?;
        self.store.forget_seen(now).await?;
        if !self.versions.is_time_to_forget(now) {
            return Ok(());
        }
        let span = SignedDuration::try_from(self.live().company.playbook.reopen)
            .unwrap_or(LOOK_UP_AGAIN)
            .max(LOOK_UP_AGAIN);
        if self.store.forget_versions(now.checked_sub(span).unwrap_or(now)).await? > 0 {
            self.versions.forget();
        }
        let live = self.live();
        let retention = live
            .company
            .tenants
            .values()
            .filter_map(|tenant| SignedDuration::try_from(tenant.retention).ok())
            .max();
        if let Some(before) = retention.and_then(|span| now.checked_sub(span).ok()) {
            self.store.forget_threads(before).await?;
        }
        Ok(())
    }
}

/// A conversation that is not stored yet.
fn unknown(inbound: &Inbound) -> Conversation {
    Conversation {
        id: inbound.conversation.clone(),
        reference: Reference::default(),
        guest: inbound.guest.clone(),
        installed: false,
        journey: None,
    }
}

fn locale<'a>(live: &'a Live, inbound: &'a Inbound) -> &'a str {
    speaks_to(&inbound.guest, &live.company.playbook.locale)
}

/// 200; for an `adaptiveCard/action` with words, since its caller waits for a body.
fn done(inbound: &Inbound, words: Option<&Words>) -> Answer {
    let body = match &inbound.what {
        What::Execute { .. } => Some(
            invokes::execute_message(&words.map(Words::plain).unwrap_or_else(|| "OK".to_owned()))
                .to_string(),
        ),
        _ => None,
    };
    Answer { status: 200, body }
}

/// The activity's id; and for a click by `Action.Execute` its content, because Teams repeats one
/// under a new id. An edit and a deletion carry the id of the message that they are about.
fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<(String, Timestamp)> {
    let until = |span| now.checked_add(span).unwrap_or(now);
    if matches!(inbound.what, What::Edited(_) | What::Deleted) {
        return Vec::new();
    }
    let mut keys: Vec<(String, Timestamp)> =
        inbound.activity_id.iter().map(|id| (format!("a:{id}"), until(REMEMBER))).collect();
    if let What::Execute { verb, data } = &inbound.what {
        let mut hash = Sha256::new();
        for part in [
            inbound.reply_to.as_deref().unwrap_or_default(),
            &inbound.guest.id,
            verb.as_deref().unwrap_or_default(),
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(Value::Object(data.clone()).to_string().as_bytes());
        let hex: String =
            hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        keys.push((format!("c:{hex}"), until(REMEMBER_CLICK)));
    }
    keys
}

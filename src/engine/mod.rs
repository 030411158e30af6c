//! Floor 3: tasks, locks, the clock. Everything that happens to a conversation goes through one
//! turn under its lock: an activity ([`Engine::receive`]), time ([`Engine::tick`]), a manager
//! ([`Engine::act`]), the answer of a look-up.

mod at_desk;
mod calls;
pub mod conversations;

mod doors;
mod draft;
mod enclosed;
mod files;
pub mod fresh;
mod in_person;
mod look_up;
mod people;
pub mod post;
pub mod reload;
mod reworded;
mod roster;
mod running;
mod transcript;
mod turn;
mod unkept;
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
    model::{
        Conversation, ConversationId, Event, Inbound, Reference, Scope, Session, SessionId, Token,
        What, Words,
    },
    pipeline::phrases::phrases,
    store::{Answer, Loaded, Store, StoreError},
    teams::invokes,
};
use conversations::{Conversations, Slot};
use fresh::Numbers;
use look_up::LOOK_UP_AGAIN;
use people::People;
use post::{Calls, Carrier, Outbox, Post, Undeliverable, hooks};
use roster::Roster;
use running::locale;
pub use running::{Clock, Running};
use turn::{Cause, Done, Key, Ready};
use unkept::{Unkept, done};
use versions::Versions;

/// How long an activity's id is remembered. Teams repeats after 15 s; the reference asks for ten
/// minutes at least.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);
/// How long a click's content is remembered: Teams repeats one with a new id after about 30 s.
const REMEMBER_CLICK: SignedDuration = SignedDuration::from_secs(60);
/// A turn that takes longer shows that somebody is at work.
const SLOW: Duration = Duration::from_secs(1);
/// Conversations whose time has come, taken at once.
const DUE_PAGE: u32 = 200;
/// The most activities of one guest within [`BURST_SPAN`]. Thirty at least must pass.
const BURST: usize = 60;
/// The span in which [`BURST`] activities pass.
const BURST_SPAN: SignedDuration = SignedDuration::from_secs(10);

/// The engine.
pub struct Engine {
    running: ArcSwap<Running>,
    store: Arc<dyn Store>,
    conversations: Conversations,
    post: Post,
    unkept: Arc<Unkept>,
    numbers: Numbers,
    versions: Versions,
    roster: Roster,
    people: People,
    /// An agent can be written to who could not before: whoever waits may be offered to them.
    agents_came: AtomicBool,
    /// Queues with letters that nobody was sending when it was last tidied.
    idle_queues: Mutex<HashSet<ConversationId>>,
    refused: DashSet<ConversationId>,
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
    /// It was refused: code and words.
    Refused {
        /// The code, as in `Transfer.Error`.
        code: &'static str,
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
        running: Running,
        store: Arc<dyn Store>,
        outbox: Outbox,
        caller: Caller,
        carrier: Carrier,
        app_tenant: Option<String>,
    ) -> Self {
        hooks::warn(&running);
        Engine {
            unkept: Arc::new(Unkept::new(outbox.clone())),
            post: Post { outbox, carrier, calls: Calls::new(caller, &running) },
            running: ArcSwap::from_pointee(running),
            numbers: Numbers::new(store.clone()),
            versions: Versions::new(store.clone()),
            roster: Roster::default(),
            people: People::default(),
            agents_came: AtomicBool::new(false),
            idle_queues: Mutex::default(),
            store,
            conversations: Conversations::default(),
            refused: DashSet::new(),
            looked_up: DashMap::new(),
            app_tenant,
        }
    }

    /// The company as it runs now.
    pub fn running(&self) -> Arc<Running> {
        self.running.load_full()
    }

    /// Another company from now on: new sessions begin on it, those under way finish on what they
    /// began with.
    pub fn swap(&self, running: Running) {
        self.post.calls.allow(&running);
        hooks::warn(&running);
        self.running.store(Arc::new(running));
    }

    /// Reads what is known of desks; called once, before the first turn.
    pub async fn begin(self: &Arc<Self>, clock: Clock) -> Result<(), StoreError> {
        self.roster.load(&*self.store).await?;
        self.begin_files(clock.clone()).await?;
        self.make_calls(&clock);
        if let Some(mut undeliverable) = self.post.outbox.undeliverable() {
            let engine = self.clone();
            self.post.outbox.spawn(async move {
                while let Some(lost) = undeliverable.recv().await {
                    let Undeliverable { letter, is_place_gone } = &lost;
                    if let Err(error) = engine.gone(letter, *is_place_gone, clock()).await {
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
        &self.post.outbox
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
        let running = self.running.load_full();
        if self.is_foreign(&running, &inbound) {
            return Ok(self.refuse_foreign(&running, &inbound));
        }
        if inbound.scope == Scope::Channel {
            return self.in_channel(&running, &inbound, now).await;
        }
        if inbound.scope != Scope::Personal {
            return Ok(self.outside_personal(&running, &inbound));
        }
        match &inbound.what {
            What::Other(_) | What::Upgraded => Ok(done(&inbound, None)),
            What::Submit(data) | What::Execute { data, .. } if Token::of(data).is_none() => {
                // A card that is not ours, or not ours any more: nothing can be made of it.
                tracing::info!(conversation = %inbound.conversation, "a click without our token was ignored");
                Ok(done(&inbound, Some(&Words::own(phrases(locale(&running, &inbound)).over))))
            }
            _ => {
                if let Some(answer) = self.agent_activity(&running, &inbound, now).await? {
                    return Ok(answer);
                }
                let turn = self.activity(&running, &inbound, now);
                tokio::pin!(turn);
                let answer = tokio::select! {
                    answer = &mut turn => answer,
                    () = tokio::time::sleep(SLOW) => {
                        self.unkept.typing(&inbound);
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
        running: &Running,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let mut is_counted = false;
        let ready = |slot: &mut Slot| {
            if !std::mem::replace(&mut is_counted, true) && !slot.may_pass(now, BURST_SPAN, BURST) {
                tracing::warn!(conversation = %inbound.conversation, "a guest writes faster than anyone can read: the channel is asked to slow down");
                return Ready::Stop(Answer { status: 429, body: None });
            }
            Ready::Go(Cause::Activity(inbound))
        };
        let keys = dedupe_keys(inbound, now);
        match self.turn(&inbound.conversation, &keys, now, ready).await? {
            Done::Stopped(answer) => Ok(answer),
            Done::Turned(turned) => {
                if let Some(Loaded { conversation, .. }) = &turned.slot.cached {
                    self.bind_agent(running, conversation).await?;
                }
                Ok(turned.answer)
            }
        }
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
        let ready = |slot: &mut Slot| {
            let Some(conversation) = slot.conversation() else {
                return Ready::Stop(Acted::Unknown);
            };
            let present = present(conversation).map(|session| session.id);
            if only.is_some() && only != present {
                return Ready::Stop(Acted::NotLive);
            }
            Ready::Go(Cause::Event(event))
        };
        let turned = match self.turn(id, &[], now, ready).await? {
            Done::Stopped(why) => return Ok(why),
            Done::Turned(turned) => turned,
        };
        if let Some((refusal, words)) = turned.refusal {
            return Ok(Acted::Refused { code: refusal.code(), message: words.plain() });
        }
        let present = turned.slot.conversation().and_then(present);
        let is_asked = present
            .is_some_and(|session| Some(session.id) == only && session.aside.is_some())
            && matches!(event, Event::Move { .. });
        Ok(if is_asked { Acted::Asked } else { Acted::Done })
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
                    || self.roster.agent_in(&id).is_some();
            let is_busy = self.post.outbox.is_busy(&id);
            if is_elsewhere && !is_busy && !before.contains(&id) {
                idle.insert(id);
                continue;
            }
            if !is_busy {
                let _lock = self.conversations.lock(&id).await;
                self.post.outbox.adopt(&id).await?;
            }
        }
        *self.idle_queues.lock().unwrap_or_else(PoisonError::into_inner) = idle;
        self.tidy_files(now).await?;
        self.store.forget_seen(now).await?;
        if !self.versions.is_time_to_forget(now) {
            return Ok(());
        }
        let span = SignedDuration::try_from(self.running().company.playbook.reopen)
            .unwrap_or(LOOK_UP_AGAIN)
            .max(LOOK_UP_AGAIN);
        if self.store.forget_versions(now.checked_sub(span).unwrap_or(now)).await? > 0 {
            self.versions.forget();
        }
        let running = self.running();
        let retention = running
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

/// The session in which the guest is.
fn present(conversation: &Conversation) -> Option<&Session> {
    let journey = conversation.journey.as_ref()?;
    journey.sessions.get(journey.present()?)
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

/// The activity's id; and for a click by `Action.Execute` its content, because Teams repeats one
/// under a new id. An edit and a deletion carry the id of the message that they are about.
fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<Key> {
    let until = |span| now.checked_add(span).unwrap_or(now);
    if matches!(inbound.what, What::Edited(_) | What::Deleted) {
        return Vec::new();
    }
    let mut keys: Vec<Key> =
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

//! Floor 3: tasks, locks, the clock. Everything that happens to a conversation goes through one
//! turn under its lock: an activity ([`Engine::receive`]), time ([`Engine::tick`]), a manager
//! ([`Engine::act`]), the answer of a look-up.

mod bind;
mod desk;
mod guest;
mod may;
mod outside;
pub mod post;
mod reload;
mod retention;
mod roster;
mod running;
mod suggestions;
mod turn;
mod unkept;
mod wire;

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    model::{
        ConversationId, Event, Inbound, Monotonic, Scope, SessionId, TenantId, Token, What, Words,
    },
    pipeline::language::phrases,
    source::Files,
    store::{AgentRow, Answer, ConnectedChannel, Store, StoreError},
    teams::invokes,
};
use desk::{Channel, Incoming, Means, heard_from, in_chat, left_chat, offer};
use guest::{Doors, Limiter, LookUps, in_words};
use may::Home;
use outside::{call, carry};
use post::{Carrier, Outbox, Post, hooks};
pub use reload::{Check, Refused, Reload, Reloader};
use retention::Retainer;
use running::locale;
pub use running::{Clock, Clocks, Running};
pub use suggestions::{Accepted, Changes, Suggestions, Undecided};
pub use turn::{Acted, Conversations, Troubles};
use turn::{DESK_QUEUE, Turns};
use unkept::{Unkept, done};

/// A turn that takes longer shows that somebody is at work.
const SLOW: Duration = Duration::from_secs(1);
/// How often it is tried to tell somebody that a letter was given up.
const TELL_AGAIN: u32 = 5;
/// Conversations whose time has come, taken at once.
const DUE_PAGE: u32 = 200;

/// Puts the wings together: an activity goes in, an answer comes out, and letters are on their way.
pub struct Engine {
    turns: Arc<Turns>,
    means: Arc<Means>,
    channel: Channel,
    /// Queues with letters that nobody was sending when it was last tidied.
    idle_queues: Mutex<HashSet<ConversationId>>,
    look_ups: Arc<LookUps>,
    limiter: Limiter,
    retainer: Retainer,
}

impl Engine {
    /// Puts it together. `app_tenant` is the bot's own Microsoft 365 tenant; what is counted or
    /// remembered for a while is measured by `steady`.
    pub fn new(
        running: Running,
        store: Arc<dyn Store>,
        post: Post,
        app_tenant: Option<String>,
        steady: Monotonic,
    ) -> Self {
        let unkept = Arc::new(Unkept::new(post.outbox.clone()));
        let home = Arc::new(Home::new(app_tenant));
        let turns = Arc::new(Turns::new(running, store, post, home.clone(), steady.clone()));
        let doors = Arc::new(Doors::new(unkept.clone(), home));
        let means = Arc::new(Means { turns: turns.clone(), unkept, doors });
        Engine {
            look_ups: Arc::new(LookUps::new(turns.clone())),
            channel: Channel::new(means.clone()),
            turns,
            means,
            idle_queues: Mutex::default(),
            limiter: Limiter::new(steady),
            retainer: Retainer::default(),
        }
    }

    /// What went wrong in a department's stages since the start.
    pub fn troubles(&self, tenant: &TenantId) -> Troubles {
        self.turns.troubles.of(tenant)
    }

    /// The company as it runs now.
    pub fn running(&self) -> Arc<Running> {
        self.turns.running()
    }

    /// What reloads the company from a folder; `files` are those that run.
    pub fn reloader(&self, folder: Option<PathBuf>, files: Files, check: Check) -> Reloader {
        Reloader::new(self.turns.clone(), folder, files, check)
    }

    /// What decides on articles that agents propose; the reloader writes them into the files.
    pub fn suggestions(&self, reloader: Arc<Reloader>) -> Suggestions {
        Suggestions::new(self.turns.clone(), reloader)
    }

    /// Reads what is known of desks; called once, before the first turn.
    pub async fn begin(self: &Arc<Self>, clock: Clock) -> Result<(), StoreError> {
        self.turns.roster().load(&**self.turns.store()).await?;
        // The files may have changed while nothing ran.
        self.turns.roster().recheck();
        reload::name_unknown(&self.turns);
        let (turns, at) = (self.turns.clone(), clock.clone());
        self.turns.post().outbox.spawn(async move {
            loop {
                turns.roster().stirred().await;
                offer(&turns, at()).await;
            }
        });
        carry::begin(&self.turns, clock.clone()).await?;
        call::begin(&self.turns, &clock);
        if let Some(mut undeliverable) = self.turns.post().outbox.undeliverable() {
            let turns = self.turns.clone();
            self.turns.post().outbox.spawn(async move {
                while let Some(lost) = undeliverable.recv().await {
                    // A store that fails for a moment is no reason to be silent.
                    for _ in 0..TELL_AGAIN {
                        let Err(error) = desk::undeliverable(&turns, &lost, clock()).await else {
                            break;
                        };
                        tracing::error!(letter = %lost.letter.id, %error, "nobody could be told that a letter cannot be delivered");
                        tokio::time::sleep(SLOW).await;
                    }
                }
            });
        }
        Ok(())
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        self.turns.store()
    }

    /// The last turn was taken: letters under way are finished, what was reserved goes back, the store
    /// is closed.
    pub async fn end(&self) {
        self.outbox().close().await;
        if let Err(error) = self.turns.end().await {
            tracing::warn!(%error, "reserved reference numbers could not be given back: the next ones leave a gap");
        }
        self.store().close().await;
    }

    pub fn outbox(&self) -> &Outbox {
        &self.turns.post().outbox
    }

    /// What carries files.
    pub fn carrier(&self) -> &Carrier {
        &self.turns.post().carrier
    }

    /// A code for the connect command of a tenant: good for ten minutes and for one use. Older ones
    /// are void.
    pub async fn desk_code(
        &self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<(String, Timestamp), StoreError> {
        desk::code(&**self.turns.store(), tenant, now).await
    }

    /// Nothing can be delivered to a desk any more: it is marked, and whoever waits there takes
    /// their exit.
    pub async fn break_desk(
        &self,
        tenant: &TenantId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        desk::break_desk(&self.turns, tenant, why, now).await
    }

    /// The connected channels, also those that are disconnected again.
    pub fn desks(&self) -> Vec<Arc<ConnectedChannel>> {
        self.turns.roster().all()
    }

    /// The agent of that name, when the bot can write to them.
    pub fn agent(&self, id: &str) -> Option<Arc<AgentRow>> {
        self.turns.roster().agent(id)
    }

    /// True when somebody else writes under that agent's name than the one whom the bot knows.
    pub fn is_claimed(&self, id: &str) -> bool {
        self.turns.roster().is_claimed(id)
    }

    /// Lets go of an agent: the next one who writes under that name is bound, and the chats that
    /// they had are offered again. False when the bot knew nobody by it.
    pub async fn unbind_agent(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        if self.turns.unbind_agent(id).await?.is_none() {
            return Ok(false);
        }
        reload::look_at_desks(&self.turns);
        reload::settle(&self.turns, now).await;
        Ok(true)
    }

    /// How many chats an agent has.
    pub fn chats_of(&self, id: &str) -> usize {
        self.turns.roster().chats_of(id).len()
    }

    /// The conversations in memory.
    pub fn conversations(&self) -> &Conversations {
        self.turns.conversations()
    }

    /// Handles one activity whose sender was checked. Answers after the commit; what it wants
    /// delivered is on its way by then, or will be after the next start. An error means that
    /// nothing was kept: the channel is to try again.
    pub async fn receive(
        self: &Arc<Self>,
        inbound: Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        // What was answered before is answered again, however much else comes.
        if !self.limiter.may_pass(&inbound) && !self.turns.has_answered(&inbound, now).await {
            tracing::warn!(conversation = %inbound.conversation, "somebody sends faster than anyone can write: the channel is asked to slow down");
            return Ok(Answer { status: 429, body: None });
        }
        if let What::Invoke { name, value } = &inbound.what {
            let reply = invokes::answer(&inbound.conversation.channel, name.as_deref(), value);
            let body = if reply.body.is_null() { None } else { Some(reply.body.to_string()) };
            return Ok(Answer { status: reply.status, body });
        }
        let mut inbound = in_words(inbound);
        let running = self.turns.running();
        if self.means.doors.is_foreign(&running, &inbound) {
            return Ok(self.means.doors.refuse_foreign(&running, &inbound));
        }
        let incoming = Incoming { running: &running, inbound: &inbound, now };
        heard_from(&self.means, &incoming).await?;
        if inbound.scope == Scope::Channel {
            return self.channel.receive(&incoming).await;
        }
        if inbound.scope != Scope::Personal {
            return Ok(self.means.doors.outside_personal(&running, &inbound));
        }
        self.turns.post().outbox.moved(&inbound.conversation, &inbound.service_url);
        let _passing = self.look_ups.arrive(&mut inbound, now).await?;
        let incoming = Incoming { running: &running, inbound: &inbound, now };
        match inbound.what {
            What::Removed => left_chat(&self.means, &incoming).await?,
            What::Other(_) | What::Upgraded | What::Place(_) | What::Invoke { .. } => {}
            _ => self.turns.know(&inbound).await?,
        }
        match &inbound.what {
            What::Other(_) | What::Upgraded | What::Place(_) => Ok(done(&inbound, None)),
            What::Submit(data) | What::Execute { data, .. } if Token::of(data).is_none() => {
                // A card that is not ours, or not ours any more: nothing can be made of it.
                tracing::info!(conversation = %inbound.conversation, "a click without our token was ignored");
                Ok(done(&inbound, Some(&Words::own(phrases(locale(&running, &inbound)).over))))
            }
            _ => {
                if let Some(answer) = in_chat(&self.means, &incoming).await? {
                    return Ok(answer);
                }
                let turn = self.turns.activity(&inbound, now);
                tokio::pin!(turn);
                let answer = tokio::select! {
                    answer = &mut turn => answer,
                    () = tokio::time::sleep(SLOW) => {
                        self.means.unkept.typing(&inbound);
                        turn.await
                    }
                }?;
                self.look_ups.look_up(&inbound, now);
                Ok(answer)
            }
        }
    }

    /// Does what is due at `now` in every conversation: reminders, timeouts, closing undo windows.
    /// Answers how many conversations had a turn.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, StoreError> {
        reload::settle(&self.turns, now).await;
        let mut handled = HashSet::new();
        loop {
            let due = self.turns.store().due(now, DUE_PAGE).await?;
            let fresh: Vec<ConversationId> =
                due.into_iter().filter(|id| handled.insert(id.clone())).collect();
            if fresh.is_empty() {
                return Ok(handled.len());
            }
            for id in fresh {
                if let Err(error) = self.turns.event(&id, &Event::Tick, None, now).await {
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
        let Some(view) = self.turns.store().session(session).await? else {
            return Ok(Acted::Unknown);
        };
        self.turns.event(&view.conversation, event, Some(session), now).await
    }

    /// Takes up letters that nobody is sending, and tidies away what nobody needs: expired dedupe
    /// keys, idle conversations beyond `keep`, versions on which nothing stands, and what is kept
    /// long enough.
    pub async fn tidy(&self, now: Timestamp, keep: usize) -> Result<(), StoreError> {
        self.turns.conversations().sweep(keep);
        let before =
            std::mem::take(&mut *self.idle_queues.lock().unwrap_or_else(PoisonError::into_inner));
        let mut idle = HashSet::new();
        for id in self.turns.store().waiting_conversations().await? {
            // Letters to a desk, an agent or another system are written under the guest's lock, not
            // under their own: only what nobody was sending the last time either is left over.
            let is_elsewhere =
                [DESK_QUEUE, hooks::QUEUE].iter().any(|queue| id.id.starts_with(queue))
                    || !self.turns.roster().agents_in(&id).is_empty();
            let is_busy = self.turns.post().outbox.is_busy(&id);
            if is_elsewhere && !is_busy && !before.contains(&id) {
                idle.insert(id);
                continue;
            }
            if !is_busy {
                let _lock = self.turns.conversations().lock(&id).await;
                self.turns.post().outbox.adopt(&id).await?;
            }
        }
        *self.idle_queues.lock().unwrap_or_else(PoisonError::into_inner) = idle;
        // What one of them cannot do now keeps none of the others from it.
        let running = self.running();
        let (files, seen, old) = (
            carry::tidy(&self.turns, now).await,
            self.turns.store().forget_seen(now).await,
            self.retainer.let_go(&**self.turns.store(), &running, now).await,
        );
        let versions = self.forget_versions(&running, now).await;
        files.and(seen.map(|_| ())).and(old.map(|_| ())).and(versions)
    }

    /// Forgets versions of pipelines that nobody is on, and, as often, threads that are older than
    /// anything that is kept.
    async fn forget_versions(&self, running: &Running, now: Timestamp) -> Result<(), StoreError> {
        if !self.turns.forget_versions(now).await? {
            return Ok(());
        }
        let retention = running
            .company
            .tenants
            .values()
            .filter_map(|tenant| SignedDuration::try_from(tenant.retention).ok())
            .max();
        if let Some(before) = retention.and_then(|span| now.checked_sub(span).ok()) {
            self.turns.store().forget_threads(before).await?;
        }
        Ok(())
    }
}

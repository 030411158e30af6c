//! Delivers committed letters, in order per conversation, outside of every turn. Sending is at
//! least once: a letter is pending until the connector took it or refused it for good.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use dashmap::{DashMap, DashSet, mapref::entry::Entry};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use super::{
    breaker::Breakers,
    courier::{Courier, Undeliverable},
    lost::Lost,
    pace::Paces,
    trial::Run,
};
use crate::{
    calls::Caller,
    engine::{roster::Addresses, running::Clocks},
    model::{ConversationId, LetterId},
    settings::Patience,
    store::{Delivery, LetterState, Outgoing, Store, StoreError},
    teams::connector::{Connector, MOST_AFTER},
};

/// The post office.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

/// What is to be delivered in a conversation, in order.
type Queue = VecDeque<Waiting>;

struct Waiting {
    letter: Outgoing,
    /// Somebody waits for it.
    is_awaited: bool,
}

struct Inner {
    queues: DashMap<ConversationId, Arc<Mutex<Queue>>>,
    courier: Courier,
    tasks: TaskTracker,
    /// Where deliveries run: not on the HTTP workers that push letters, whose runtimes end before
    /// [`Outbox::close`] has waited.
    runtime: Handle,
    undeliverable: Mutex<Option<mpsc::UnboundedReceiver<Undeliverable>>>,
}

impl Outbox {
    /// Opens it; nothing is sent before letters are pushed. Must be called inside the runtime that
    /// will go on running. How fast letters leave is measured by the clock that nobody sets.
    pub fn new(
        store: Arc<dyn Store>,
        connector: Connector,
        caller: Caller,
        clocks: Clocks,
        patience: Patience,
    ) -> Self {
        let (undeliverable, told) = mpsc::unbounded_channel();
        let Clocks { wall: clock, steady } = clocks;
        let courier = Courier {
            store,
            connector,
            caller,
            clock,
            stop: CancellationToken::new(),
            steady: steady.clone(),
            paces: Paces::new(steady),
            addresses: Addresses::default(),
            patience,
            breakers: Breakers::new(patience.haste),
            lost: Lost::default(),
            old: DashSet::new(),
            undeliverable,
            is_heard: AtomicBool::new(false),
        };
        Outbox(Arc::new(Inner {
            queues: DashMap::new(),
            courier,
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
            undeliverable: Mutex::new(Some(told)),
        }))
    }

    /// Letters that were given up and of which somebody should hear; whoever asks first gets them.
    pub fn undeliverable(&self) -> Option<mpsc::UnboundedReceiver<Undeliverable>> {
        self.0.courier.is_heard.store(true, Ordering::Release);
        self.0.undeliverable.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Letters to a connector on this machine keep to the pace of Teams from now on.
    pub fn pace_local(&self) {
        self.0.courier.paces.pace_local();
    }

    /// Takes up what an earlier process left pending; what the connector wanted left alone then, it
    /// still wants.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let now = (self.0.courier.clock)();
        for (conversation, until) in self.0.courier.store.rests(now).await? {
            let left = SignedDuration::max(until.duration_since(now), SignedDuration::ZERO);
            let left = left.unsigned_abs().min(MOST_AFTER);
            self.0.courier.paces.rest(&conversation, left);
        }
        let mut count = 0;
        for conversation in self.0.courier.store.waiting_conversations().await? {
            let letters = self.0.courier.store.pending(&conversation, u32::MAX).await?;
            count += letters.len();
            self.push_old(letters);
        }
        Ok(count)
    }

    /// Makes a dead letter pending again and sends what is pending in its conversation; false when
    /// there is no such dead letter.
    pub async fn retry(&self, letter: LetterId) -> Result<bool, StoreError> {
        let courier = &self.0.courier;
        let Some(conversation) = courier.store.revive(letter, (courier.clock)()).await? else {
            return Ok(false);
        };
        self.send_again(&conversation, &[letter]).await?;
        Ok(true)
    }

    /// The same for all letters that came into this state (dead, dropped) at `since` or later.
    /// Answers how many they are.
    pub async fn retry_all(
        &self,
        state: LetterState,
        since: Timestamp,
    ) -> Result<usize, StoreError> {
        let courier = &self.0.courier;
        let revived = courier.store.revive_all(state, since, (courier.clock)()).await?;
        let mut queues: HashMap<ConversationId, Vec<LetterId>> = HashMap::new();
        let count = revived.len();
        for (conversation, letter) in revived {
            queues.entry(conversation).or_default().push(letter);
        }
        for (conversation, letters) in queues {
            self.send_again(&conversation, &letters).await?;
        }
        Ok(count)
    }

    /// Sends letters that are pending again.
    async fn send_again(
        &self,
        conversation: &ConversationId,
        letters: &[LetterId],
    ) -> Result<(), StoreError> {
        let pending = self.0.courier.store.pending(conversation, u32::MAX).await?;
        let ours: HashSet<&LetterId> = letters.iter().collect();
        self.push_old(pending.into_iter().filter(|pending| ours.contains(&pending.id)).collect());
        Ok(())
    }

    /// Queues letters that were written some time ago, but for those that are queued.
    fn push_old(&self, mut letters: Vec<Outgoing>) {
        let Some(conversation) = letters.first().map(|letter| letter.conversation.clone()) else {
            return;
        };
        if let Some(queue) = self.0.queues.get(&conversation) {
            let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            letters.retain(|letter| queue.iter().all(|queued| queued.letter.id != letter.id));
        }
        self.0.courier.old.insert(conversation);
        self.push(letters);
    }

    /// Something came in from a chat or a channel: it is not lost.
    pub fn heal(&self, place: &str) {
        self.0.courier.lost.heal(place);
    }

    /// Queues committed letters of one conversation. Call it while the conversation's lock is held:
    /// that is what keeps the order. When Teams lets no more pass, letters that somebody waits for
    /// ([`Outbox::push_awaited`]) go before these.
    pub fn push(&self, letters: Vec<Outgoing>) {
        self.queue(letters, false);
    }

    /// The same for letters that somebody waits for, and for all that stand before them in the
    /// conversation's queue.
    pub fn push_awaited(&self, letters: Vec<Outgoing>) {
        self.queue(letters, true);
    }

    fn queue(&self, letters: Vec<Outgoing>, is_awaited: bool) {
        let Some(conversation) = letters.first().map(|letter| letter.conversation.clone()) else {
            return;
        };
        let letters = letters.into_iter().map(|letter| Waiting { letter, is_awaited });
        let hurry = || {
            if is_awaited {
                self.0.courier.paces.hurry(&conversation);
            }
        };
        let queue = match self.0.queues.entry(conversation.clone()) {
            Entry::Occupied(entry) => {
                let mut queue = entry.get().lock().unwrap_or_else(PoisonError::into_inner);
                queue.extend(letters);
                // Under the queue's lock, as it is taken back.
                hurry();
                return;
            }
            Entry::Vacant(entry) => {
                hurry();
                entry.insert(Arc::new(Mutex::new(letters.collect()))).clone()
            }
        };
        let outbox = self.clone();
        self.0
            .tasks
            .spawn_on(async move { outbox.deliver(&conversation, &queue).await }, &self.0.runtime);
    }

    /// Sends something that belongs to no conversation of ours (a polite answer in a group chat):
    /// best effort, never stored.
    pub fn send_unkept(&self, letter: Outgoing) {
        let outbox = self.clone();
        let unkept = async move {
            if !outbox.0.courier.paced(&letter, true).await {
                return;
            }
            let reply_to = match &letter.kind {
                Delivery::Post(reply_to) => reply_to.as_deref(),
                Delivery::Put { .. }
                | Delivery::Open { .. }
                | Delivery::In { .. }
                | Delivery::Hook { .. } => None,
            };
            let Courier { connector, clock, .. } = &outbox.0.courier;
            let (url, place) = (&letter.service_url, &letter.conversation.id);
            let sent = connector.send(url, place, reply_to, &letter.body, clock()).await;
            if let Err(error) = sent {
                tracing::warn!(letter = %letter.id, %error, "an answer that is not kept was not delivered");
                if let Some(after) = error.after() {
                    outbox.0.courier.leave_alone(&letter, after).await;
                }
            }
        };
        self.0.tasks.spawn_on(unkept, &self.0.runtime);
    }

    /// Sends what is true only now, such as "somebody is at work": if it may pass at once and nothing
    /// else is on its way there. Never stored, never tried again.
    pub async fn send_now_or_never(&self, letter: &Outgoing) {
        if !self.is_busy(&letter.conversation) {
            self.0.courier.send_now(letter).await;
        }
    }

    /// Sends what the store holds for a conversation and nobody is sending. Call it while its lock
    /// is held: nothing is pushed meanwhile.
    pub async fn adopt(&self, id: &ConversationId) -> Result<(), StoreError> {
        if !self.is_busy(id) {
            self.push(self.0.courier.store.pending(id, u32::MAX).await?);
        }
        Ok(())
    }

    /// True while letters of this conversation are on their way.
    pub fn is_busy(&self, conversation: &ConversationId) -> bool {
        self.0.queues.contains_key(conversation)
    }

    /// The way to the connector, for what is no letter.
    pub fn connector(&self) -> &Connector {
        &self.0.courier.connector
    }

    /// Where letters go now.
    pub(in crate::engine) fn addresses(&self) -> &Addresses {
        &self.0.courier.addresses
    }

    /// A chat is answered there from now on: letters that wait for it as well.
    pub(in crate::engine) fn moved(&self, conversation: &ConversationId, service_url: &str) {
        if self.is_busy(conversation) {
            self.addresses().moved(conversation, service_url);
        }
    }

    /// Waits until the connector may be asked something about a conversation: that counts among
    /// what the app asks of Teams.
    pub(in crate::engine) async fn may_ask(
        &self,
        conversation: &ConversationId,
        service_url: &str,
        is_awaited: bool,
    ) {
        let paces = &self.0.courier.paces;
        if paces.limits(conversation, service_url) {
            paces.enter(conversation, is_awaited).await;
        }
    }

    /// Runs something on the outbox's runtime, which outlives the HTTP workers'. It is finished
    /// before the outbox closes, or given up then.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.0.courier.stop.clone();
        let until_stop = async move {
            tokio::select! {
                () = work => {}
                () = stop.cancelled() => {}
            }
        };
        self.0.tasks.spawn_on(until_stop, &self.0.runtime);
    }

    /// Works through what comes, at most so much of it at the same time, where [`Outbox::spawn`]
    /// runs things.
    pub fn work_through<T, W>(
        &self,
        mut queue: mpsc::UnboundedReceiver<T>,
        most: usize,
        work: impl Fn(T) -> W + Send + 'static,
    ) where
        T: Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let outbox = self.clone();
        self.spawn(async move {
            let places = Arc::new(Semaphore::new(most));
            while let Some(one) = queue.recv().await {
                let Ok(place) = places.clone().acquire_owned().await else { return };
                let work = work(one);
                outbox.spawn(async move {
                    work.await;
                    drop(place);
                });
            }
        });
    }

    /// True when nothing is queued.
    pub fn is_idle(&self) -> bool {
        self.0.queues.is_empty()
    }

    /// Stops after the letters that are on their way; the rest stays pending in the store.
    pub async fn close(&self) {
        self.0.courier.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Works through one conversation's queue until it is empty.
    async fn deliver(&self, conversation: &ConversationId, queue: &Mutex<Queue>) {
        let mut run = Run::default();
        let waiting = || {
            let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.iter().map(|waiting| waiting.letter.clone()).collect()
        };
        loop {
            let next = {
                let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                queue.front().map(|first| first.letter.clone())
            };
            let Some(letter) = next else {
                // Only a queue that is still empty may go; a push either saw it and added, or finds
                // none and makes a new one.
                let gone = self.0.queues.remove_if(conversation, |_, queue| {
                    queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
                });
                if gone.is_some() {
                    self.addresses().arrived(conversation);
                    return;
                }
                continue;
            };
            let span = tracing::info_span!("letter", %conversation, letter = %letter.id);
            if !self.0.courier.deliver(letter, &waiting, &mut run).instrument(span).await {
                self.0.queues.remove(conversation);
                self.addresses().arrived(conversation);
                return;
            }
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.pop_front();
            if !queue.iter().any(|waiting| waiting.is_awaited) {
                self.0.courier.paces.calm(conversation);
            }
        }
    }
}

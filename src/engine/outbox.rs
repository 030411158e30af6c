//! Delivers committed letters, in order per conversation, outside of every turn. Sending is at
//! least once: a letter is pending until the connector took it or refused it for good.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dashmap::{DashMap, mapref::entry::Entry};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Clock, hooks, pace::Paces};
use crate::{
    calls::Caller,
    model::{ConversationId, LetterId},
    store::{Delivery, Outgoing, Receipt, Store, StoreError},
    teams::connector::{Connector, Opened, SendError},
};

/// After so many failed attempts a letter is given up, visibly. With the pauses below that is about
/// an hour.
const MOST_ATTEMPTS: u32 = 60;
/// A letter that may have been delivered is not sent more often than this: every attempt can double
/// it. The pauses before these attempts grow fourfold, so that they outlast an outage of a minute
/// and a half.
const MOST_DOUBTFUL: u32 = 6;
/// The first pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The post office.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    queues: DashMap<ConversationId, Arc<Mutex<VecDeque<Outgoing>>>>,
    store: Arc<dyn Store>,
    connector: Connector,
    caller: Caller,
    clock: Clock,
    tasks: TaskTracker,
    /// Where deliveries run: not on the HTTP workers that push letters, whose runtimes end before
    /// [`Outbox::close`] has waited.
    runtime: Handle,
    stop: CancellationToken,
    paces: Paces,
    /// Hears of every conversation or desk to which nothing can be delivered any more.
    gone: mpsc::UnboundedSender<(Outgoing, bool)>,
    goners: Mutex<Option<mpsc::UnboundedReceiver<(Outgoing, bool)>>>,
}

impl Outbox {
    /// Opens it; nothing is sent before letters are pushed. Must be called inside the runtime that
    /// will go on running.
    pub fn new(store: Arc<dyn Store>, connector: Connector, caller: Caller, clock: Clock) -> Self {
        let (gone, goners) = mpsc::unbounded_channel();
        Outbox(Arc::new(Inner {
            queues: DashMap::new(),
            store,
            connector,
            caller,
            clock,
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
            stop: CancellationToken::new(),
            paces: Paces::default(),
            gone,
            goners: Mutex::new(Some(goners)),
        }))
    }

    /// Letters that were given up because the place to which they go is gone (true), or that were
    /// to open a thread and did not; whoever asks first gets them.
    pub fn goners(&self) -> Option<mpsc::UnboundedReceiver<(Outgoing, bool)>> {
        self.0.goners.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes up what an earlier process left pending.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for conversation in self.0.store.waiting_conversations().await? {
            let letters = self.0.store.pending(&conversation, u32::MAX).await?;
            count += letters.len();
            self.push(letters);
        }
        Ok(count)
    }

    /// Makes a dead letter pending again and sends what is pending in its conversation; false when
    /// there is no such dead letter.
    pub async fn retry(&self, letter: LetterId) -> Result<bool, StoreError> {
        let Some(conversation) = self.0.store.revive(letter).await? else { return Ok(false) };
        let pending = self.0.store.pending(&conversation, u32::MAX).await?;
        self.push(pending.into_iter().filter(|pending| pending.id == letter).collect());
        Ok(true)
    }

    /// Queues committed letters of one conversation. Call it while the conversation's lock is held:
    /// that is what keeps the order.
    pub fn push(&self, letters: Vec<Outgoing>) {
        let Some(conversation) = letters.first().map(|letter| letter.conversation.clone()) else {
            return;
        };
        let queue = match self.0.queues.entry(conversation.clone()) {
            Entry::Occupied(entry) => {
                entry.get().lock().unwrap_or_else(PoisonError::into_inner).extend(letters);
                return;
            }
            Entry::Vacant(entry) => entry.insert(Arc::new(Mutex::new(letters.into()))).clone(),
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
            let reply_to = match &letter.kind {
                Delivery::Post(reply_to) => reply_to.as_deref(),
                Delivery::Put { .. }
                | Delivery::Open { .. }
                | Delivery::In { .. }
                | Delivery::Hook { .. } => None,
            };
            let sent = outbox
                .0
                .connector
                .send(
                    &letter.service_url,
                    &letter.conversation.id,
                    reply_to,
                    &letter.body,
                    (outbox.0.clock)(),
                )
                .await;
            if let Err(error) = sent {
                tracing::warn!(letter = %letter.id, %error, "an answer that is not kept was not delivered");
            }
        };
        self.0.tasks.spawn_on(unkept, &self.0.runtime);
    }

    /// True while letters of this conversation are on their way.
    pub fn is_busy(&self, conversation: &ConversationId) -> bool {
        self.0.queues.contains_key(conversation)
    }

    /// The way to the connector, for what is no letter.
    pub fn connector(&self) -> &Connector {
        &self.0.connector
    }

    /// Runs something on the outbox's runtime, which outlives the HTTP workers'. It is finished
    /// before the outbox closes, or given up then.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.0.stop.clone();
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
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Works through one conversation's queue until it is empty.
    async fn deliver(&self, conversation: &ConversationId, queue: &Mutex<VecDeque<Outgoing>>) {
        let mut receipts: HashMap<LetterId, Receipt> = HashMap::new();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).front().cloned();
            let Some(letter) = next else {
                // Only a queue that is still empty may go; a push either saw it and added, or finds
                // none and makes a new one.
                let gone = self.0.queues.remove_if(conversation, |_, queue| {
                    queue.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
                });
                if gone.is_some() {
                    return;
                }
                continue;
            };
            if !self.one(letter, &mut receipts).await {
                self.0.queues.remove(conversation);
                return;
            }
            queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        }
    }

    /// Delivers one letter or gives it up; false when the process stops first.
    async fn one(&self, mut letter: Outgoing, receipts: &mut HashMap<LetterId, Receipt>) -> bool {
        let (mut failures, mut doubtful) = (0u32, 0u32);
        let is_hook = matches!(letter.kind, Delivery::Hook { .. });
        let (most, longest) = if is_hook {
            (hooks::MOST_ATTEMPTS, hooks::LONGEST_PAUSE)
        } else {
            (MOST_ATTEMPTS, LONGEST_PAUSE)
        };
        loop {
            if self.0.stop.is_cancelled() {
                return false;
            }
            if !self.paced(&letter).await {
                return false;
            }
            let error = match self.send(&letter, receipts).await {
                Ok(receipt) => {
                    receipts.insert(letter.id, receipt.clone());
                    return self
                        .keep(|| {
                            self.0.store.delivered(letter.id, receipt.clone(), (self.0.clock)())
                        })
                        .await;
                }
                Err(error) => error,
            };
            tracing::warn!(letter = %letter.id, %error, failures, "a letter was not delivered");
            let pause = match &error {
                SendError::Throttled { after } => after.unwrap_or_else(|| pause(failures, longest)),
                SendError::Temporary { maybe_delivered, after, .. } => {
                    let doubts = *maybe_delivered && !matches!(letter.kind, Delivery::Put { .. });
                    doubtful += u32::from(doubts);
                    after.unwrap_or_else(|| {
                        pause(if doubts { failures * 2 } else { failures }, longest)
                    })
                }
                SendError::Refused { status: 404, .. }
                    if matches!(letter.kind, Delivery::Post(Some(_))) =>
                {
                    // The message that it answers is gone: say it without a thread.
                    letter.kind = Delivery::Post(None);
                    continue;
                }
                SendError::Gone { .. } | SendError::Refused { .. } => {
                    return self.give_up(&letter, &error).await;
                }
            };
            failures += 1;
            if failures >= most || doubtful >= MOST_DOUBTFUL {
                return self.give_up(&letter, &error).await;
            }
            let reason = error.to_string();
            if !self
                .keep(|| self.0.store.attempted(letter.id, reason.clone(), (self.0.clock)()))
                .await
            {
                return false;
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return false,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Waits until Teams lets it pass; false when the process stops first. A connector on this
    /// machine has no limits, nor have other systems.
    async fn paced(&self, letter: &Outgoing) -> bool {
        if matches!(letter.kind, Delivery::Hook { .. })
            || letter.conversation.channel != "msteams"
            || is_local(&letter.service_url)
        {
            return true;
        }
        while let Err(wait) = self.0.paces.take(&letter.conversation, (self.0.clock)()) {
            tokio::select! {
                () = self.0.stop.cancelled() => return false,
                () = tokio::time::sleep(wait.unsigned_abs().max(Duration::from_millis(1))) => {}
            }
        }
        true
    }

    async fn give_up(&self, letter: &Outgoing, error: &SendError) -> bool {
        tracing::error!(letter = %letter.id, %error, "a letter was given up; see GET /api/v1/outbox?state=dead");
        let is_gone = matches!(error, SendError::Gone { .. });
        if is_gone || matches!(letter.kind, Delivery::Open { .. }) {
            // Nobody listens when the process ends: what is told here is found out again.
            let _ = self.0.gone.send((letter.clone(), is_gone));
        }
        let reason = error.to_string();
        self.keep(|| self.0.store.dead(letter.id, reason.clone(), (self.0.clock)())).await
    }

    async fn send(
        &self,
        letter: &Outgoing,
        receipts: &HashMap<LetterId, Receipt>,
    ) -> Result<Receipt, SendError> {
        let (connector, url, conversation, now) =
            (&self.0.connector, &letter.service_url, &letter.conversation.id, (self.0.clock)());
        match &letter.kind {
            Delivery::Post(reply_to) => {
                let activity = connector
                    .send(url, conversation, reply_to.as_deref(), &letter.body, now)
                    .await?;
                Ok(Receipt { activity, conversation: None })
            }
            Delivery::Put { of, fallback } => {
                let Receipt { activity, conversation: place } =
                    self.receipt_of(*of, receipts).await?.unwrap_or_default();
                // The connector took the card without telling its id: there is nothing to replace.
                let Some(activity) = activity.or_else(|| fallback.clone()) else {
                    return Ok(Receipt::default());
                };
                let activity = connector
                    .update(
                        url,
                        place.as_deref().unwrap_or(conversation),
                        &activity,
                        &letter.body,
                        now,
                    )
                    .await?;
                Ok(Receipt { activity, conversation: place })
            }
            Delivery::Open { .. } => {
                let Opened { conversation, activity } =
                    connector.open_thread(url, &letter.body, now).await?;
                Ok(Receipt { activity, conversation })
            }
            Delivery::In { thread } => {
                let place = self
                    .receipt_of(*thread, receipts)
                    .await?
                    .and_then(|receipt| receipt.conversation);
                // The letter that opens it came earlier in this queue: its turn is over.
                let Some(place) = place else {
                    return Err(SendError::Refused {
                        status: 0,
                        code: Some("ThreadNotOpened".to_owned()),
                    });
                };
                let activity = connector.send(url, &place, None, &letter.body, now).await?;
                Ok(Receipt { activity, conversation: Some(place) })
            }
            Delivery::Hook { secret } => {
                hooks::send(&self.0.caller, letter, secret, now).await.map(|()| Receipt::default())
            }
        }
    }

    /// What the connector told of a letter that was sent before, in this queue or by an earlier
    /// process.
    async fn receipt_of(
        &self,
        letter: LetterId,
        receipts: &HashMap<LetterId, Receipt>,
    ) -> Result<Option<Receipt>, SendError> {
        if let Some(receipt) = receipts.get(&letter) {
            return Ok(Some(receipt.clone()));
        }
        let found = self.0.store.receipt_of(letter).await;
        found.map_err(|error| SendError::Temporary {
            reason: error.to_string(),
            maybe_delivered: false,
            after: None,
        })
    }

    /// Writes down what happened, as long as it takes: a letter that was sent and not noted would
    /// be sent again.
    async fn keep<F, R>(&self, write: F) -> bool
    where
        F: Fn() -> R,
        R: Future<Output = Result<(), StoreError>>,
    {
        let mut failures = 0;
        while let Err(error) = write().await {
            tracing::error!(%error, "the outcome of a delivery could not be stored");
            tokio::select! {
                () = self.0.stop.cancelled() => return false,
                () = tokio::time::sleep(pause(failures, LONGEST_PAUSE)) => {}
            }
            failures += 1;
        }
        true
    }
}

fn is_local(service_url: &str) -> bool {
    let url = url::Url::parse(service_url).ok();
    let host = url.as_ref().and_then(url::Url::host);
    host.is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
    })
}

/// 0.5 s, 1 s, 2 s … `longest`, each up to a tenth longer so that many conversations do not come
/// back at once.
fn pause(failures: u32, longest: Duration) -> Duration {
    let base = FIRST_PAUSE.saturating_mul(1 << failures.min(20)).min(longest);
    let spread = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    base + base / 10 * spread / 255
}

//! Delivers one letter, as often as it takes, or gives it up.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{hooks, pace::Paces};
use crate::{
    calls::Caller,
    engine::{roster::Addresses, running::Clock},
    model::LetterId,
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
/// The longest pause before the store is asked again to note what happened.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// What the connector told of letters that were sent from a queue.
pub(super) type Receipts = HashMap<LetterId, Receipt>;

/// A letter that was given up, and why somebody should hear of it.
#[derive(Debug)]
pub struct Undeliverable {
    pub letter: Outgoing,
    /// The place to which it goes is gone; else it was to open a thread and did not.
    pub is_place_gone: bool,
}

/// Whoever carries letters to Teams and to other systems.
pub(super) struct Courier {
    pub(super) store: Arc<dyn Store>,
    pub(super) connector: Connector,
    pub(super) caller: Caller,
    pub(super) clock: Clock,
    pub(super) stop: CancellationToken,
    pub(super) paces: Paces,
    pub(super) addresses: Addresses,
    /// Hears of every conversation or desk to which nothing can be delivered any more.
    pub(super) undeliverable: mpsc::UnboundedSender<Undeliverable>,
}

impl Courier {
    /// Delivers one letter or gives it up; false when the process stops first.
    pub(super) async fn deliver(&self, mut letter: Outgoing, receipts: &mut Receipts) -> bool {
        let (mut failures, mut doubtful) = (0u32, 0u32);
        let is_hook = matches!(letter.kind, Delivery::Hook { .. });
        let (most, longest) = if is_hook {
            (hooks::MOST_ATTEMPTS, hooks::LONGEST_PAUSE)
        } else {
            (MOST_ATTEMPTS, LONGEST_PAUSE)
        };
        loop {
            if self.stop.is_cancelled() {
                return false;
            }
            self.readdress(&mut letter, receipts).await;
            if !self.paced(&letter, false).await {
                return false;
            }
            self.readdress(&mut letter, receipts).await;
            let error = match self.send(&letter, receipts).await {
                Ok(receipt) => {
                    tracing::debug!("a letter was delivered");
                    receipts.insert(letter.id, receipt.clone());
                    return self
                        .keep(|| self.store.delivered(letter.id, receipt.clone(), (self.clock)()))
                        .await;
                }
                Err(error) => error,
            };
            tracing::warn!(%error, failures, "a letter was not delivered");
            if let Some(after) = error.after()
                && !self.rest(&letter, after).await
            {
                return false;
            }
            let pause = match &error {
                // What the connector asked for is waited for before the next attempt.
                SendError::Throttled { after } => {
                    after.map_or_else(|| pause(failures, longest), |_| Duration::ZERO)
                }
                SendError::Temporary { maybe_delivered, after, .. } => {
                    let doubts = *maybe_delivered && !matches!(letter.kind, Delivery::Put { .. });
                    doubtful += u32::from(doubts);
                    after.map_or_else(
                        || pause(if doubts { failures * 2 } else { failures }, longest),
                        |_| Duration::ZERO,
                    )
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
            if !self.keep(|| self.store.attempted(letter.id, reason.clone(), (self.clock)())).await
            {
                return false;
            }
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = self.paces.pause(pause) => {}
            }
        }
    }

    /// Waits until Teams lets it pass; false when the process stops first. A connector on this
    /// machine has no limits, nor have other systems.
    pub(super) async fn paced(&self, letter: &Outgoing, is_awaited: bool) -> bool {
        if matches!(letter.kind, Delivery::Hook { .. }) {
            return true;
        }
        let pass = async {
            self.paces.rested(&letter.conversation).await;
            if self.paces.limits(&letter.conversation, &letter.service_url) {
                self.paces.pass(&letter.conversation, is_awaited).await;
            }
        };
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = pass => true,
        }
    }

    /// The letter goes where its place is answered now, which may have changed since it was written.
    async fn readdress(&self, letter: &mut Outgoing, receipts: &mut Receipts) {
        let known = match &letter.kind {
            Delivery::Hook { .. } => None,
            Delivery::Post(_) => self.addresses.in_chat(&letter.conversation),
            Delivery::Open { .. } => {
                let body: Option<Value> = serde_json::from_str(&letter.body).ok();
                let channel =
                    body.as_ref().and_then(|body| body.pointer("/channelData/channel/id"));
                channel.and_then(Value::as_str).and_then(|id| self.addresses.in_channel(id))
            }
            Delivery::In { thread: of } | Delivery::Put { of, .. } => {
                // Whoever sends it asks again, and knows what to do when nobody answers.
                let receipt = self.receipt_of(*of, receipts).await.ok().flatten();
                let place = receipt.as_ref().and_then(|receipt| receipt.conversation.as_deref());
                let known = match place {
                    Some(place) => self.addresses.in_channel(place),
                    None => self.addresses.in_chat(&letter.conversation),
                };
                if let Some(receipt) = receipt {
                    receipts.insert(*of, receipt);
                }
                known
            }
        };
        if let Some(service_url) = known {
            letter.service_url = service_url;
        }
    }

    /// The connector wants a conversation left alone: it is, also by the next process.
    pub(super) async fn rest(&self, letter: &Outgoing, span: Duration) -> bool {
        let until = (self.clock)().checked_add(span).unwrap_or(Timestamp::MAX);
        self.paces.rest(&letter.conversation, span);
        self.keep(|| self.store.rest(&letter.conversation, until)).await
    }

    async fn give_up(&self, letter: &Outgoing, error: &SendError) -> bool {
        tracing::error!(%error, "a letter was given up; see GET /api/v1/outbox?state=dead");
        let is_place_gone = matches!(error, SendError::Gone { .. });
        if is_place_gone || matches!(letter.kind, Delivery::Open { .. }) {
            // Nobody listens when the process ends: what is told here is found out again.
            let told = Undeliverable { letter: letter.clone(), is_place_gone };
            let _ = self.undeliverable.send(told);
        }
        let reason = error.to_string();
        self.keep(|| self.store.dead(letter.id, reason.clone(), (self.clock)())).await
    }

    async fn send(&self, letter: &Outgoing, receipts: &Receipts) -> Result<Receipt, SendError> {
        let (connector, url, conversation, now) =
            (&self.connector, &letter.service_url, &letter.conversation.id, (self.clock)());
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
                hooks::send(&self.caller, letter, secret, now).await.map(|()| Receipt::default())
            }
        }
    }

    /// What the connector told of a letter that was sent before, in this queue or by an earlier
    /// process.
    async fn receipt_of(
        &self,
        letter: LetterId,
        receipts: &Receipts,
    ) -> Result<Option<Receipt>, SendError> {
        if let Some(receipt) = receipts.get(&letter) {
            return Ok(Some(receipt.clone()));
        }
        let found = self.store.receipt_of(letter).await;
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
                () = self.stop.cancelled() => return false,
                () = tokio::time::sleep(pause(failures, LOOK_AGAIN)) => {}
            }
            failures += 1;
        }
        true
    }
}

/// 0.5 s, 1 s, 2 s … `longest`, each up to a tenth longer so that many conversations do not come
/// back at once.
fn pause(failures: u32, longest: Duration) -> Duration {
    let base = FIRST_PAUSE.saturating_mul(1 << failures.min(20)).min(longest);
    let spread = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    base + base / 10 * spread / 255
}

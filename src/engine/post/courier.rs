//! Delivers one letter, as often as it takes, or gives it up. What is not the letter's fault costs
//! no attempt and is waited out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dashmap::DashSet;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    breaker::{Ask, Breakers, Pass},
    late::{self, Sense},
    lost::Lost,
    pace::Paces,
    trial::{Run, Trial, Verdict, channel_in, pause},
};
use crate::{
    calls::Caller,
    engine::{roster::Addresses, running::Clock},
    model::{ConversationId, Monotonic, Undelivered},
    settings::Patience,
    store::{Delivery, Outgoing, Receipt, Store, StoreError},
    teams::connector::{Connector, SendError},
};

/// A letter that got no answer so many times, and may have been read each time, waits for another
/// sign of its address.
const MOST_SILENT: u32 = 2;
/// What comes later than this may have lost its sense; what comes sooner is said as it was written.
const LATE: Duration = Duration::from_secs(30);
/// Whoever waits looks again after this, whatever was said.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// So long a letter that was given up waits until its writer was told; then it is noted as dead all
/// the same.
const TELLING: Duration = Duration::from_secs(5 * 60);

/// Tells the letters of a queue as they are now; the first is under way.
pub(super) type Waiting<'a> = dyn Fn() -> Vec<Outgoing> + Sync + 'a;

/// A letter that was given up: somebody should hear of it.
#[derive(Debug)]
pub struct Undeliverable {
    pub letter: Outgoing,
    pub why: Undelivered,
    /// The channel to which it goes, when another thread there is gone as well.
    pub lost_channel: Option<String>,
    /// Dropped once somebody has heard.
    pub heard: oneshot::Sender<()>,
}

/// Whoever carries letters to Teams and to other systems.
pub(super) struct Courier {
    pub(super) store: Arc<dyn Store>,
    pub(super) connector: Connector,
    pub(super) caller: Caller,
    pub(super) clock: Clock,
    pub(super) steady: Monotonic,
    pub(super) stop: CancellationToken,
    pub(super) paces: Paces,
    pub(super) addresses: Addresses,
    pub(super) patience: Patience,
    pub(super) breakers: Breakers,
    pub(super) lost: Lost,
    /// Queues whose letters were written some time ago.
    pub(super) old: DashSet<ConversationId>,
    /// Hears of every letter that was given up; once somebody listens.
    pub(super) undeliverable: mpsc::UnboundedSender<Undeliverable>,
    pub(super) is_heard: AtomicBool,
}

/// May a letter be sent now?
pub(super) enum Admitted {
    Yes(Option<Pass>),
    /// It has waited for as long as letters wait, for this reason.
    TooOld(String),
    /// The process stops.
    Stopped,
}

impl Courier {
    /// Delivers the first letter of a queue, gives it up or drops it; false when the process stops
    /// first.
    pub(super) async fn deliver(
        &self,
        mut letter: Outgoing,
        waiting: &Waiting<'_>,
        run: &mut Run,
    ) -> bool {
        let mut trial = Trial::default();
        run.is_old |= self.old.remove(&letter.conversation).is_some();
        loop {
            let admitted = self.admit(&mut letter, run, &mut trial).await;
            if matches!(admitted, Admitted::Stopped) {
                return false;
            }
            if self.is_late(&letter, run).await {
                match late::sense(&letter, &waiting(), &mut run.moot) {
                    Sense::Lost(why) => return self.drop_it(&letter, why).await,
                    Sense::Newer(body) => letter.body = body,
                    Sense::Kept => {}
                }
            }
            let pass = match admitted {
                Admitted::Yes(pass) => pass,
                Admitted::TooOld(reason) => {
                    return self.give_up(&letter, Undelivered::Late, &reason, run).await;
                }
                Admitted::Stopped => return false,
            };
            let error = match self.send(&letter, run).await {
                Ok(receipt) => return self.arrived(&letter, receipt, pass, run).await,
                Err(error) => error,
            };
            if let Some(after) = error.after()
                && !self.leave_alone(&letter, after).await
            {
                return false;
            }
            match self.judge(&letter, &error, pass, run, &mut trial) {
                Verdict::Plainly => letter.kind = Delivery::Post(None),
                Verdict::WhenHeard => {}
                Verdict::GiveUp(why) => {
                    return self.give_up(&letter, why, &error.to_string(), run).await;
                }
                Verdict::Later(pause, counts) => {
                    if !self.rest(&letter, &error, pause, counts).await {
                        return false;
                    }
                }
            }
        }
    }

    /// Waits until its address takes letters, and Teams lets it pass.
    async fn admit(&self, letter: &mut Outgoing, run: &mut Run, trial: &mut Trial) -> Admitted {
        let is_hook = matches!(letter.kind, Delivery::Hook { .. });
        loop {
            if self.stop.is_cancelled() {
                return Admitted::Stopped;
            }
            if is_hook {
                return self.signable(letter, trial).await;
            }
            // Before leave is asked for: whoever probes holds up all others.
            tokio::select! {
                () = self.stop.cancelled() => return Admitted::Stopped,
                () = self.paces.rested(&letter.conversation) => {}
            }
            // It may have moved while the letter waited.
            self.readdress(letter, run).await;
            let breaker = self.breakers.of(&letter.service_url);
            let opens = breaker.opens();
            match breaker.ask(&letter.conversation, self.steady.now()) {
                Ask::Go(pass) => {
                    if trial.waits && self.is_too_old(letter, trial).await {
                        return Admitted::TooOld(trial.noted.clone().unwrap_or_default());
                    }
                    let pass = match self.knock(letter, pass, trial).await {
                        Some(pass) => pass,
                        None => continue,
                    };
                    if !self.paced(letter, false).await {
                        return Admitted::Stopped;
                    }
                    if pass.is_good() {
                        return Admitted::Yes(Some(pass));
                    }
                }
                Ask::Wait(left, reason) => {
                    run.waits(self.steady.now());
                    trial.waits = true;
                    if trial.noted.as_ref() != Some(&reason) {
                        let at = (self.clock)();
                        if !self.keep(|| self.store.waits(letter.id, reason.clone(), at)).await {
                            return Admitted::Stopped;
                        }
                        trial.noted = Some(reason.clone());
                    }
                    if self.is_too_old(letter, trial).await {
                        return Admitted::TooOld(reason);
                    }
                    tokio::select! {
                        () = self.stop.cancelled() => return Admitted::Stopped,
                        () = opens => {}
                        () = tokio::time::sleep(left.min(LOOK_AGAIN)) => {}
                    }
                }
            }
        }
    }

    /// A letter that was sent and not answered some times is not sent again to see whether its
    /// address answers: it may be read each time. The address is asked for something that changes
    /// nothing. None when it is silent still.
    async fn knock(&self, letter: &Outgoing, pass: Pass, trial: &Trial) -> Option<Pass> {
        if !pass.is_probe() || trial.silent < MOST_SILENT {
            return Some(pass);
        }
        let place = &letter.conversation.id;
        let asked = self.connector.member(&letter.service_url, place, "0", (self.clock)()).await;
        match asked {
            Err(SendError::Unavailable { reason, .. }) => {
                pass.failed(&reason, false, self.steady.now());
                None
            }
            _ => {
                pass.heard();
                Some(pass)
            }
        }
    }

    /// True when what the letter says may have lost its sense meanwhile.
    async fn is_late(&self, letter: &Outgoing, run: &Run) -> bool {
        let late = SignedDuration::try_from(self.hastened(LATE)).unwrap_or(SignedDuration::MAX);
        if run.waits_since.is_some_and(|since| self.steady.now().duration_since(since) >= late) {
            return true;
        }
        if !run.is_old {
            return false;
        }
        let since = self.store.tried_since(letter.id).await.ok().flatten();
        since.is_some_and(|since| (self.clock)().duration_since(since) >= late)
    }

    /// True once it has been tried for as long as letters are: by the wall clock, for that may be
    /// days and many processes.
    pub(super) async fn is_too_old(&self, letter: &Outgoing, trial: &mut Trial) -> bool {
        if trial.since.is_none() {
            trial.since = self.store.tried_since(letter.id).await.ok().flatten();
        }
        let most = SignedDuration::try_from(self.patience.most).unwrap_or(SignedDuration::MAX);
        trial.since.is_some_and(|since| (self.clock)().duration_since(since) >= most)
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
    async fn readdress(&self, letter: &mut Outgoing, run: &mut Run) {
        let known = match &letter.kind {
            Delivery::Hook { .. } => None,
            Delivery::Post(_) => self.addresses.in_chat(&letter.conversation),
            Delivery::Open { .. } => self.addresses.in_channel(&channel_in(&letter.body)),
            Delivery::In { thread: of } | Delivery::Put { of, .. } => {
                // Whoever sends it asks again, and knows what to do when nobody answers.
                let receipt = self.receipt_of(*of, run).await.ok().flatten();
                let place = receipt.as_ref().and_then(|receipt| receipt.conversation.as_deref());
                let known = match place {
                    Some(place) => self.addresses.in_channel(place),
                    None => self.addresses.in_chat(&letter.conversation),
                };
                if let Some(receipt) = receipt {
                    run.receipts.insert(*of, receipt);
                }
                known
            }
        };
        if let Some(service_url) = known {
            letter.service_url = service_url;
        }
    }

    /// The connector wants a conversation left alone: it is, also by the next process.
    pub(super) async fn leave_alone(&self, letter: &Outgoing, span: Duration) -> bool {
        let until = (self.clock)().checked_add(span).unwrap_or(Timestamp::MAX);
        self.paces.rest(&letter.conversation, span);
        self.keep(|| self.store.rest(&letter.conversation, until)).await
    }

    /// It was taken.
    async fn arrived(
        &self,
        letter: &Outgoing,
        receipt: Receipt,
        pass: Option<Pass>,
        run: &mut Run,
    ) -> bool {
        tracing::debug!("a letter was delivered");
        if run.went {
            self.answered(letter, pass);
            self.lost.heal(&run.place);
        }
        run.receipts.insert(letter.id, receipt.clone());
        self.keep(|| self.store.delivered(letter.id, receipt.clone(), (self.clock)())).await
    }

    pub(super) fn answered(&self, letter: &Outgoing, pass: Option<Pass>) {
        if pass.is_some_and(Pass::answered) {
            tracing::info!(address = %letter.service_url, "the connector answers again: letters go on");
        }
    }

    /// Notes a failure and waits; false when the process stops first.
    async fn rest(
        &self,
        letter: &Outgoing,
        error: &SendError,
        pause: Duration,
        counts: bool,
    ) -> bool {
        let (reason, at) = (error.to_string(), (self.clock)());
        let is_noted = if counts {
            self.keep(|| self.store.attempted(letter.id, reason.clone(), at)).await
        } else {
            self.keep(|| self.store.waits(letter.id, reason.clone(), at)).await
        };
        if !is_noted {
            return false;
        }
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = self.paces.pause(pause) => true,
        }
    }

    /// What it says has lost its sense.
    async fn drop_it(&self, letter: &Outgoing, why: &str) -> bool {
        tracing::info!(why, "a letter was dropped; see GET /api/v1/outbox?state=dropped");
        self.keep(|| self.store.dropped(letter.id, why.to_owned(), (self.clock)())).await
    }

    async fn give_up(&self, letter: &Outgoing, why: Undelivered, reason: &str, run: &Run) -> bool {
        tracing::error!(reason, "a letter was given up; see GET /api/v1/outbox?state=dead");
        let lost_channel = match why {
            Undelivered::Gone => self.lost.add(&run.place),
            _ => None,
        };
        let is_hook = matches!(letter.kind, Delivery::Hook { .. });
        if !is_hook && self.is_heard.load(Ordering::Acquire) {
            let (heard, is_told) = oneshot::channel();
            let told = Undeliverable { letter: letter.clone(), why, lost_channel, heard };
            // Nobody listens when the process ends: what is told here is found out again.
            let _ = self.undeliverable.send(told);
            tokio::select! {
                () = self.stop.cancelled() => return false,
                _ = tokio::time::timeout(TELLING, is_told) => {}
            }
        }
        self.keep(|| self.store.dead(letter.id, reason.to_owned(), (self.clock)())).await
    }

    /// Writes down what happened, as long as it takes: a letter that was sent and not noted would
    /// be sent again.
    pub(super) async fn keep<F, R>(&self, write: F) -> bool
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

//! The one writer. It takes whatever waits, runs it in one transaction and answers after the one
//! COMMIT: under load many turns share one wait for the disk. A caller that goes away changes
//! nothing: what was accepted is written whole.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{mpsc, oneshot};

use super::{
    health::Health,
    place::{Lock, Place},
    readers::Turnstile,
    values::{closed, failed, note_damage, primary_code},
};
use crate::store::StoreError;

/// How much is committed at once at most.
const BATCH: usize = 256;

/// How much may wait before callers are made to wait.
const QUEUE: usize = 1024;

/// A file of at most so many bytes is written anew when something was deleted.
const SCRUBBED: u64 = 64 * 1024 * 1024;

/// So long nothing was written, and the log is folded into the file: whoever copies that alone then
/// has all of it.
const IDLE: Duration = Duration::from_secs(1);

/// Something to write.
#[async_trait]
pub(super) trait Write: Send + Sync + 'static {
    /// What the caller gets once it is durable.
    type Answer: Send + 'static;

    /// Writes it with at most one statement or script that changes something: an error of either
    /// leaves nothing behind.
    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure>;
}

/// Why something was not written.
pub(super) enum Failure {
    /// It alone is not written.
    Job(StoreError),
    /// It could not be taken back: nothing of its transaction may be kept.
    Batch(sqlx::Error),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Job(error)
    }
}

/// The way to the writer task, which ends when this is dropped and all that was accepted is
/// written.
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Job(Box<dyn Job>),
    Scrub(oneshot::Sender<Result<bool, StoreError>>),
    Close(oneshot::Sender<()>),
}

/// What the writer has and knows of.
pub(super) struct Scribe {
    /// The connection; none after a failure, until the next batch.
    pub(super) connection: Option<SqliteConnection>,
    /// Open it again.
    pub(super) options: SqliteConnectOptions,
    pub(super) turnstile: Turnstile,
    pub(super) place: Place,
    pub(super) health: Arc<Health>,
    /// Held until the connection is closed; none in memory.
    pub(super) lock: Option<Lock>,
}

impl Writer {
    /// Starts the task.
    pub(super) fn start(scribe: Scribe) -> Self {
        let (queue, inbox) = mpsc::channel(QUEUE);
        tokio::spawn(work(scribe, inbox, queue.downgrade()));
        Writer { queue }
    }

    /// Leaves nothing of what was deleted in the files; false when there was something to write
    /// instead.
    pub(super) async fn scrub(&self) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Scrub(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Hands something over and waits until it is durable.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Message::Job(Box::new(Task { write, result: None, reply })))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| StoreError::Unavailable("the writer stopped".to_owned()))?
    }

    /// Finishes what was accepted, folds the log into the file, closes. Later writes are refused.
    pub(super) async fn close(&self) {
        let (done, end) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that the task is gone, which is what is waited for.
            let _ = end.await;
        }
    }
}

/// A write whose kind of answer is forgotten, so that all kinds share one queue.
#[async_trait]
trait Job: Send {
    /// Runs it; false when it failed, but the others may go on. An error means that they may not.
    async fn run(&mut self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error>;

    /// Why it could not be written, when that is the store's fault.
    fn trouble(&self) -> Option<&str>;

    /// Answers the caller: with its result, or with the reason why the whole transaction failed.
    fn answer(self: Box<Self>, failure: Option<&str>);
}

struct Task<W: Write> {
    write: W,
    result: Option<Result<W::Answer, StoreError>>,
    reply: oneshot::Sender<Result<W::Answer, StoreError>>,
}

#[async_trait]
impl<W: Write> Job for Task<W> {
    async fn run(&mut self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let result = match self.write.run(db).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Job(error)) => Err(error),
            Err(Failure::Batch(error)) => return Err(error),
        };
        Ok(self.result.insert(result).is_ok())
    }

    fn trouble(&self) -> Option<&str> {
        match &self.result {
            Some(Err(StoreError::Unavailable(why))) => Some(why),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let result = match (failure, self.result) {
            (None, Some(result)) => result,
            (failure, _) => {
                Err(StoreError::Unavailable(failure.unwrap_or("the writer stopped").to_owned()))
            }
        };
        // The caller may have gone away; what it asked for is done all the same.
        let _ = self.reply.send(result);
    }
}

async fn work(
    mut scribe: Scribe,
    mut inbox: mpsc::Receiver<Message>,
    queue: mpsc::WeakSender<Message>,
) {
    let mut messages = Vec::with_capacity(BATCH);
    let mut closers = Vec::new();
    // What an earlier process left in the log is folded as well.
    let mut unfolded = !scribe.place.is_nowhere();
    loop {
        let received = inbox.recv_many(&mut messages, BATCH);
        let received = if unfolded {
            let Ok(received) = tokio::time::timeout(IDLE, received).await else {
                unfolded = !scribe.fold().await;
                continue;
            };
            received
        } else {
            received.await
        };
        if received == 0 {
            break;
        }
        let mut jobs = Vec::with_capacity(messages.len());
        let mut scrubs = Vec::new();
        for message in messages.drain(..) {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::Scrub(reply) => scrubs.push(reply),
                Message::Close(done) => {
                    // What is in the queue already is still received; new senders are refused.
                    inbox.close();
                    closers.push(done);
                }
            }
        }
        for reply in scrubs {
            let scrubbed = scribe.scrub(&queue, !jobs.is_empty()).await;
            let _ = reply.send(scrubbed);
        }
        if jobs.is_empty() {
            continue;
        }
        let turn = match &scribe.turnstile {
            Some(turnstile) => Some(Arc::clone(turnstile).write_owned().await),
            None => None,
        };
        let failure = scribe.batch(&mut jobs).await.err();
        unfolded = !scribe.place.is_nowhere();
        drop(turn);
        for job in jobs {
            job.answer(failure.as_deref());
        }
    }
    scribe.close().await;
    for done in closers {
        let _ = done.send(());
    }
}

impl Scribe {
    /// Runs all jobs in one transaction. An error means that nothing of any of them is kept, or
    /// that nobody will find it.
    async fn batch(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), String> {
        self.usable()?;
        if let Err(error) = commit(&mut self.connection, &self.options, jobs).await {
            tracing::error!(%error, writes = jobs.len(), "a transaction of the store failed");
            // Closing takes back what is open; the next batch begins with a fresh connection.
            if let Some(connection) = self.connection.take() {
                let _ = connection.close().await;
            }
            note_damage(&error);
            // A constraint is the fault of what was to be written.
            if primary_code(&error) != Some(19) {
                self.health.failed(&error.to_string());
            }
            return Err(error.to_string());
        }
        // It may have been replaced meanwhile: then this stands in a file that nobody has.
        self.usable()?;
        match jobs.iter().find_map(|job| job.trouble()) {
            Some(why) => self.health.failed(why),
            None => self.health.went_well(),
        }
        Ok(())
    }

    /// Overwrites the space in pages from which something was moved before it was deleted: a small
    /// file is written anew for that, which stops when something is to be written. Then the log,
    /// which holds older pages, is folded into the file and cut.
    async fn scrub(
        &mut self,
        queue: &mpsc::WeakSender<Message>,
        is_busy: bool,
    ) -> Result<bool, StoreError> {
        let unavailable = |why: String| StoreError::Unavailable(why);
        self.usable().map_err(unavailable)?;
        let Some(db) = self.connection.as_mut().filter(|_| !is_busy) else { return Ok(false) };
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size: i64 = sqlx::query_scalar(size).fetch_one(&mut *db).await.map_err(failed)?;
        if u64::try_from(size).is_ok_and(|size| size <= SCRUBBED) {
            let waits = queue.clone();
            let is_free = move || {
                waits.upgrade().is_some_and(|queue| queue.capacity() == queue.max_capacity())
            };
            db.lock_handle().await.map_err(failed)?.set_progress_handler(1000, is_free);
            let anew = execute(db, "VACUUM").await;
            db.lock_handle().await.map_err(failed)?.remove_progress_handler();
            match anew.map_err(failed) {
                Ok(()) => {}
                Err(StoreError::TooLong) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        // Whoever still reads an older state keeps the log: nobody waits for them here.
        execute(db, "PRAGMA busy_timeout = 0").await.map_err(failed)?;
        let cut: Result<(i64, i64, i64), _> =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *db).await;
        execute(db, "PRAGMA busy_timeout = 5000").await.map_err(failed)?;
        match cut {
            Ok((busy, _, _)) => Ok(busy == 0),
            Err(error) if matches!(primary_code(&error), Some(5 | 6)) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// Folds the log into the file, as far as nobody still reads an older state; false when
    /// something is left.
    async fn fold(&mut self) -> bool {
        if self.usable().is_err() {
            return false;
        }
        let Some(db) = self.connection.as_mut() else { return false };
        let folded: Result<(i64, i64, i64), _> =
            sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *db).await;
        match folded {
            Ok((busy, logged, folded)) => busy == 0 && logged == folded,
            Err(error) => {
                tracing::debug!(%error, "the store's log could not be folded into its file; it is tried again");
                note_damage(&error);
                false
            }
        }
    }

    fn usable(&self) -> Result<(), String> {
        self.health.sound().map_err(|error| error.to_string())?;
        self.place.check().map_err(|error| {
            self.health.failed(&error.to_string());
            error.to_string()
        })
    }

    /// Folds the log into the file and closes; then another service may have it.
    async fn close(self) {
        if let Some(mut connection) = self.connection {
            if let Err(error) = execute(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)").await {
                tracing::warn!(%error, "the store's log could not be folded into its file; that is done at the next start");
            }
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "the store could not be closed in order");
            }
        }
        drop(self.lock);
    }
}

/// Runs all jobs in one transaction. An error means that nothing of any of them is kept.
async fn commit(
    connection: &mut Option<SqliteConnection>,
    options: &SqliteConnectOptions,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), sqlx::Error> {
    let db = match connection {
        Some(db) => db,
        None => connection.insert(SqliteConnection::connect_with(options).await?),
    };
    execute(db, "BEGIN IMMEDIATE").await?;
    for job in jobs {
        if !job.run(db).await? {
            // After a full disk and the like SQLite has ended the transaction by itself, and
            // nothing may run on without one around it. A second one cannot begin inside the first.
            // (A savepoint around all would tell as well, but keeps a copy of every page.)
            if execute(db, "BEGIN").await.is_ok() {
                return Err(sqlx::Error::Protocol("SQLite ended the transaction".to_owned()));
            }
        }
    }
    execute(db, "COMMIT").await
}

/// Runs statements without values.
pub(super) async fn execute(
    db: &mut SqliteConnection,
    sql: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(db).await.map(drop)
}

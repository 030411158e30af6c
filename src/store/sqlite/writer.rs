//! The one writer. It takes whatever waits, runs it in one transaction and answers after the one COMMIT: under load many turns share
//! one wait for the disk. A caller that goes away changes nothing: what was accepted is written whole.

use async_trait::async_trait;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{mpsc, oneshot};

use super::closed;
use crate::store::StoreError;

/// How much is committed at once at most.
const BATCH: usize = 256;

/// How much may wait before callers are made to wait.
const QUEUE: usize = 1024;

/// Something to write.
#[async_trait]
pub(super) trait Write: Send + Sync + 'static {
    /// What the caller gets once it is durable.
    type Answer: Send + 'static;

    /// Writes it inside a savepoint: an error takes back all that it did.
    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, StoreError>;
}

/// The way to the writer task, which ends when this is dropped and all that was accepted is written.
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task. `options` open the connection again after a failure.
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions) -> Self {
        let (queue, inbox) = mpsc::channel(QUEUE);
        tokio::spawn(work(Some(connection), options, inbox));
        Writer { queue }
    }

    /// Hands something over and waits until it is durable.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Job(Box::new(Task { write, result: None, reply }))).await.map_err(|_| closed())?;
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
    /// Runs it; false when its savepoint must be taken back.
    async fn run(&mut self, db: &mut SqliteConnection) -> bool;

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
    async fn run(&mut self, db: &mut SqliteConnection) -> bool {
        self.result.insert(self.write.run(db).await).is_ok()
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let result = match (failure, self.result) {
            (None, Some(result)) => result,
            (failure, _) => Err(StoreError::Unavailable(failure.unwrap_or("the writer stopped").to_owned())),
        };
        // The caller may have gone away; what it asked for is done all the same.
        let _ = self.reply.send(result);
    }
}

async fn work(mut connection: Option<SqliteConnection>, options: SqliteConnectOptions, mut inbox: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    let mut closers = Vec::new();
    while inbox.recv_many(&mut messages, BATCH).await > 0 {
        let mut jobs = Vec::with_capacity(messages.len());
        for message in messages.drain(..) {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::Close(done) => {
                    // What is in the queue already is still received; new senders are refused.
                    inbox.close();
                    closers.push(done);
                }
            }
        }
        if jobs.is_empty() {
            continue;
        }
        let failure = match commit(&mut connection, &options, &mut jobs).await {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, writes = jobs.len(), "a transaction of the store failed");
                // Closing takes back what is open; the next batch begins with a fresh connection.
                if let Some(connection) = connection.take() {
                    let _ = connection.close().await;
                }
                Some(error.to_string())
            }
        };
        for job in jobs {
            job.answer(failure.as_deref());
        }
    }
    if let Some(mut connection) = connection {
        if let Err(error) = execute(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)").await {
            tracing::warn!(%error, "the store's log could not be folded into its file; that is done at the next start");
        }
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "the store could not be closed in order");
        }
    }
    for done in closers {
        let _ = done.send(());
    }
}

/// Runs all jobs, of which there is at least one, in one transaction. An error means that nothing of any of them is kept.
async fn commit(
    connection: &mut Option<SqliteConnection>,
    options: &SqliteConnectOptions,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), sqlx::Error> {
    let db = match connection {
        Some(db) => db,
        None => connection.insert(SqliteConnection::connect_with(options).await?),
    };
    // Joined, because each way to SQLite's thread and back costs as much as a statement.
    execute(db, "BEGIN IMMEDIATE; SAVEPOINT job").await?;
    let last = jobs.len() - 1;
    for (index, job) in jobs.iter_mut().enumerate() {
        if !job.run(db).await {
            // After a full disk and the like SQLite has ended the transaction by itself. Then there is no savepoint, this fails, and so
            // does the whole batch: nothing may run on without the transaction around it.
            execute(db, "ROLLBACK TO job").await?;
        }
        execute(db, if index < last { "RELEASE job; SAVEPOINT job" } else { "RELEASE job; COMMIT" }).await?;
    }
    Ok(())
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(db).await.map(drop)
}

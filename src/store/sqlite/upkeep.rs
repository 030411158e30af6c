//! What is swept away, and whether the store works.

use std::{sync::PoisonError, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection, query, query_scalar};

use super::{
    health::now,
    open::SqliteStore,
    values::{changed, failed, number},
    writer::{Failure, Write},
};
use crate::store::{Retention, StoreError, Upkeep, rules::nanos};

/// So long it is believed that the store can be written, once it was.
const BEAT: Duration = Duration::from_secs(4);

#[async_trait]
impl Upkeep for SqliteStore {
    async fn forget_seen(&self, now: Timestamp) -> Result<u64, StoreError> {
        // In portions, so that turns get in between.
        let mut total = 0;
        loop {
            let gone = self.writer.write(ForgetSeen(now)).await?;
            total += gone;
            if gone < ForgetSeen::PORTION {
                return Ok(total);
            }
        }
    }

    async fn forget_versions(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(ForgetVersions(before)).await
    }

    async fn forget_threads(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write(ForgetThreads(before)).await
    }

    async fn forget_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let gone = self.writer.write(ForgetFiles(now)).await?;
            total += gone;
            if gone < ForgetFiles::PORTION {
                return Ok(total);
            }
        }
    }

    async fn forget_portion(&self, retention: &Retention) -> Result<u64, StoreError> {
        self.let_go(retention).await
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        if self.place.is_nowhere() {
            return Ok(true);
        }
        self.writer.scrub().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.place.check().inspect_err(|error| self.health.failed(&error.to_string()))?;
        // One asks for all that ask meanwhile.
        let mut beat = self.beat.lock().await;
        let is_due = beat.is_none_or(|beat| now().duration_since(beat) >= BEAT);
        if is_due {
            let written = self.writer.write(Beat).await?;
            let mut db = self.readers.one().await?;
            let read: i64 = query_scalar("SELECT beats FROM heartbeat")
                .fetch_one(&mut *db)
                .await
                .map_err(failed)?;
            if read < written {
                return Err(StoreError::Broken("what was written is not read".to_owned()));
            }
            *beat = Some(now());
        }
        self.health.well()
    }

    async fn close(&self) {
        *self.beat.lock().await = None;
        // The readers first: only then can the writer fold the whole log into the file.
        self.readers.close().await;
        self.lists.close().await;
        let anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(anchor) = anchor {
            // A database in memory lives until the writer is done with it.
            if self.place.is_nowhere() {
                self.writer.close().await;
            }
            if let Err(error) = anchor.close().await {
                tracing::warn!(%error, "the store could not be closed in order");
            }
        }
        self.writer.close().await;
    }
}

/// A portion of expired dedupe keys.
struct ForgetSeen(Timestamp);

impl ForgetSeen {
    /// How many are removed at once.
    const PORTION: u64 = 1000;
}

#[async_trait]
impl Write for ForgetSeen {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let statement = query(
            "DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen WHERE until <= ? LIMIT ?)",
        );
        Ok(changed(db, statement.bind(nanos(self.0)).bind(number(Self::PORTION)?)).await?)
    }
}

/// Versions that nobody can go on with any more.
struct ForgetVersions(Timestamp);

#[async_trait]
impl Write for ForgetVersions {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        // Asked once for all versions, and only when one is old enough.
        let statement = query(
            "DELETE FROM versions WHERE stored < ? AND (tenant, version) NOT IN \
             (SELECT tenant, body ->> '$.pipelineVersion' FROM sessions WHERE journey IN (SELECT journey FROM sessions WHERE live = 1))",
        );
        Ok(changed(db, statement.bind(nanos(self.0))).await?)
    }
}

/// Threads that nobody keeps any longer.
struct ForgetThreads(Timestamp);

#[async_trait]
impl Write for ForgetThreads {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        // Instants in a body are text that sorts as time does, but for parts of a second.
        let statement = query(
            "DELETE FROM threads WHERE CASE WHEN EXISTS (SELECT 1 FROM sessions WHERE id = threads.session) \
             THEN EXISTS (SELECT 1 FROM sessions WHERE id = threads.session AND live = 0 AND body ->> '$.ended' < ?1) \
             ELSE NOT EXISTS (SELECT 1 FROM journeys JOIN sessions ON sessions.journey = journeys.id \
             WHERE journeys.conversation = threads.conversation AND journeys.channel = threads.channel \
             AND (live = 1 OR coalesce(sessions.body ->> '$.ended' >= ?1, 1))) END",
        );
        Ok(changed(db, statement.bind(self.0.to_string())).await?)
    }
}

/// A portion of the files that nobody may read any more.
struct ForgetFiles(Timestamp);

impl ForgetFiles {
    /// How many are removed at once: SQLite walks through all the pages of each.
    const PORTION: u64 = 20;
}

#[async_trait]
impl Write for ForgetFiles {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let statement = query(
            "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE expires <= ? AND state <> 'wanted' \
             UNION ALL SELECT id FROM files f WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE id = f.session) LIMIT ?)",
        );
        Ok(changed(
            db,
            statement.bind(nanos(self.0)).bind(i64::try_from(Self::PORTION).unwrap_or(1)),
        )
        .await?)
    }
}

/// Something small, to see that the file can be written.
struct Beat;

#[async_trait]
impl Write for Beat {
    type Answer = i64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<i64, Failure> {
        let statement = query_scalar("UPDATE heartbeat SET beats = beats + 1 RETURNING beats");
        Ok(statement.fetch_one(db).await.map_err(failed)?)
    }
}

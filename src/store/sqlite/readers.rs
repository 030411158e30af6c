//! The connections that read: for turns, which wait for nobody, and for lists and reports, which
//! may take a while and are stopped when they take too long or nobody waits for them any more.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection};
use tokio::sync::{OwnedRwLockReadGuard, OwnedSemaphorePermit, RwLock, Semaphore};

use super::{health::now, place::Place, values::failed};
use crate::store::StoreError;

/// Readers and the writer take turns, in order of arrival. None on a file, where WAL lets them not
/// wait for each other. In memory SQLite lets one side in and has the other nap and try again:
/// while much is written hardly anybody would ever read.
pub(super) type Turnstile = Option<Arc<RwLock<()>>>;

/// A few connections that only read.
pub(super) struct Readers {
    pool: SqlitePool,
    turnstile: Turnstile,
    place: Place,
}

impl Readers {
    pub(super) fn new(pool: SqlitePool, turnstile: Turnstile, place: Place) -> Self {
        Readers { pool, turnstile, place }
    }

    /// For one question.
    pub(super) async fn one(&self) -> Result<Reading<PoolConnection<Sqlite>>, StoreError> {
        // A new connection would read whatever lies there now.
        self.place.check()?;
        let turn = self.turn().await;
        let db = self.pool.acquire().await.map_err(failed)?;
        Ok(Reading { db, _turn: turn, _stop: None })
    }

    /// For several questions that see one state.
    pub(super) async fn several(
        &self,
    ) -> Result<Reading<Transaction<'static, Sqlite>>, StoreError> {
        // A new connection would read whatever lies there now.
        self.place.check()?;
        let turn = self.turn().await;
        let db = self.pool.begin().await.map_err(failed)?;
        Ok(Reading { db, _turn: turn, _stop: None })
    }

    async fn turn(&self) -> Option<OwnedRwLockReadGuard<()>> {
        Some(Arc::clone(self.turnstile.as_ref()?).read_owned().await)
    }

    /// Waits for those that read; later ones are refused.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// How many steps of a statement pass until it is asked whether it may go on.
const STEPS: i32 = 10_000;

/// The connections of lists and reports.
pub(super) struct Lists {
    readers: Readers,
    /// So long one may take.
    limit: Duration,
    /// Reports run one after the other, so that a list finds a connection beside them.
    reports: Arc<Semaphore>,
}

impl Lists {
    /// How many connections they have.
    pub(super) const CONNECTIONS: u32 = 2;

    pub(super) fn new(readers: Readers, limit: Duration) -> Self {
        Lists { readers, limit, reports: Arc::new(Semaphore::new(1)) }
    }

    /// For a list: several questions that see one state, stopped after a while, or as soon as the
    /// answer is dropped.
    pub(super) async fn list(&self) -> Result<Reading<Transaction<'static, Sqlite>>, StoreError> {
        self.read(None).await
    }

    /// For a report: the same, when those before it are done. One that waits in vain for as long as
    /// it may take is refused.
    pub(super) async fn report(&self) -> Result<Reading<Transaction<'static, Sqlite>>, StoreError> {
        let place = tokio::time::timeout(self.limit, self.reports.clone().acquire_owned()).await;
        self.read(place.map_err(|_| StoreError::TooLong)?.ok()).await
    }

    async fn read(
        &self,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Reading<Transaction<'static, Sqlite>>, StoreError> {
        let mut reading = self.readers.several().await?;
        let (gone, until) = (Arc::new(AtomicBool::new(false)), now() + self.limit);
        let told = gone.clone();
        reading
            .db
            .lock_handle()
            .await
            .map_err(failed)?
            .set_progress_handler(STEPS, move || !told.load(Ordering::Relaxed) && now() < until);
        reading._stop = Some(Stop { gone, _place: place });
        Ok(reading)
    }

    /// Waits for those that read; later ones are refused.
    pub(super) async fn close(&self) {
        self.readers.close().await;
    }
}

/// Stops what still reads when nobody waits for it any more.
struct Stop {
    gone: Arc<AtomicBool>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

/// A connection that reads, while it is its turn.
pub(super) struct Reading<T> {
    db: T,
    _turn: Option<OwnedRwLockReadGuard<()>>,
    _stop: Option<Stop>,
}

impl<T: Deref<Target = SqliteConnection>> Deref for Reading<T> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.db
    }
}

impl<T: DerefMut<Target = SqliteConnection>> DerefMut for Reading<T> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.db
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{
        query_scalar,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    };

    use super::*;

    /// A question without an end.
    const ENDLESS: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    fn lists(limit: Duration) -> Lists {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(20))
            .connect_lazy_with(SqliteConnectOptions::new().filename(":memory:"));
        Lists::new(Readers::new(pool, None, Place::nowhere()), limit)
    }

    async fn ask(lists: &Lists, sql: &'static str) -> Result<i64, StoreError> {
        let mut db = lists.report().await?;
        query_scalar(sql).fetch_one(&mut *db).await.map_err(failed)
    }

    #[tokio::test]
    async fn what_takes_too_long_is_stopped() {
        let lists = lists(Duration::from_millis(200));
        assert_eq!(ask(&lists, ENDLESS).await, Err(StoreError::TooLong));
        assert_eq!(ask(&lists, "SELECT 7").await, Ok(7), "the connection is whole");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_stopped() {
        let lists = lists(Duration::from_secs(600));
        let asked = tokio::time::timeout(Duration::from_millis(200), ask(&lists, ENDLESS)).await;
        assert!(asked.is_err(), "it runs");
        // There is one connection, and one report at a time.
        assert_eq!(ask(&lists, "SELECT 7").await, Ok(7));
    }
}

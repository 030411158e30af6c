//! The connections that read.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use super::{place::Place, values::failed};
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
        Ok(Reading { db: self.pool.acquire().await.map_err(failed)?, _turn: turn })
    }

    /// For several questions that see one state.
    pub(super) async fn several(
        &self,
    ) -> Result<Reading<Transaction<'static, Sqlite>>, StoreError> {
        // A new connection would read whatever lies there now.
        self.place.check()?;
        let turn = self.turn().await;
        Ok(Reading { db: self.pool.begin().await.map_err(failed)?, _turn: turn })
    }

    async fn turn(&self) -> Option<OwnedRwLockReadGuard<()>> {
        Some(Arc::clone(self.turnstile.as_ref()?).read_owned().await)
    }

    /// Waits for those that read; later ones are refused.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection that reads, while it is its turn.
pub(super) struct Reading<T> {
    db: T,
    _turn: Option<OwnedRwLockReadGuard<()>>,
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

//! What is read and written of desks.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool, query, query_as, query_scalar};

use super::{
    failed, read,
    read::id_of,
    write::{changed, json},
    writer::{Failure, Write},
};
use crate::{
    model::{ConversationId, SessionId, TenantId},
    store::{Desk, StoreError, Thread, rules::nanos},
};

pub(super) async fn thread(readers: &SqlitePool, place: &str) -> Result<Option<Thread>, StoreError> {
    let statement = query_as("SELECT session, channel, conversation FROM threads WHERE place = ?").bind(place);
    let row: Option<(String, String, String)> = statement.fetch_optional(readers).await.map_err(failed)?;
    let thread =
        |(session, channel, id): (String, _, _)| Ok(Thread { session: SessionId(id_of(&session)?), guest: ConversationId { channel, id } });
    row.map(thread).transpose()
}

pub(super) async fn desks(readers: &SqlitePool) -> Result<Vec<Desk>, StoreError> {
    let statement = query_scalar("SELECT body FROM desks ORDER BY tenant");
    let rows: Vec<String> = statement.fetch_all(readers).await.map_err(failed)?;
    rows.iter().map(|body| read::json("a desk", body)).collect()
}

/// A channel that becomes a tenant's desk.
pub(super) struct Connect(pub(super) Desk);

#[async_trait]
impl Write for Connect {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query("INSERT INTO desks (tenant, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body");
        changed(db, statement.bind(self.0.tenant.as_str()).bind(json(&self.0)?)).await?;
        Ok(())
    }
}

/// A desk that cannot be reached any more.
pub(super) struct Break {
    pub(super) tenant: TenantId,
    pub(super) reason: String,
}

#[async_trait]
impl Write for Break {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        let statement = query("UPDATE desks SET body = json_set(body, '$.broken', ?) WHERE tenant = ?");
        Ok(changed(db, statement.bind(&self.reason).bind(self.tenant.as_str())).await? > 0)
    }
}

/// A one-time code, as its hash.
pub(super) struct PutCode {
    pub(super) tenant: TenantId,
    pub(super) hash: String,
    pub(super) until: Timestamp,
}

#[async_trait]
impl Write for PutCode {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query("INSERT OR REPLACE INTO codes (hash, tenant, until) VALUES (?, ?, ?)");
        changed(db, statement.bind(&self.hash).bind(self.tenant.as_str()).bind(nanos(self.until))).await?;
        Ok(())
    }
}

/// A code that somebody shows.
pub(super) struct TakeCode {
    pub(super) hash: String,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Write for TakeCode {
    type Answer = Option<TenantId>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure> {
        // It is gone whether it came in time or not.
        let statement = query_as("DELETE FROM codes WHERE hash = ? RETURNING tenant, until").bind(&self.hash);
        let row: Option<(String, i64)> = statement.fetch_optional(db).await.map_err(failed)?;
        Ok(row.filter(|(_, until)| *until >= nanos(self.now)).map(|(tenant, _)| TenantId::from(&tenant)))
    }
}

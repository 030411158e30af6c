//! What is read and written of desks.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    failed, read,
    read::id_of,
    readers::Readers,
    write::{changed, json},
    writer::{Failure, Write},
};
use crate::{
    model::{ConversationId, SessionId, TenantId},
    store::{AgentRow, Desk, StoreError, Thread, rules::nanos},
};

pub(super) async fn thread(readers: &Readers, place: &str) -> Result<Option<Thread>, StoreError> {
    let statement =
        query_as("SELECT session, channel, conversation FROM threads WHERE place = ?").bind(place);
    let row: Option<(String, String, String)> =
        statement.fetch_optional(&mut *readers.one().await?).await.map_err(failed)?;
    let thread = |(session, channel, id): (String, _, _)| {
        Ok(Thread { session: SessionId(id_of(&session)?), guest: ConversationId { channel, id } })
    };
    row.map(thread).transpose()
}

pub(super) async fn desks(readers: &Readers) -> Result<Vec<Desk>, StoreError> {
    let statement = query_scalar("SELECT body FROM desks ORDER BY tenant");
    let rows: Vec<String> =
        statement.fetch_all(&mut *readers.one().await?).await.map_err(failed)?;
    rows.iter().map(|body| read::json("a desk", body)).collect()
}

pub(super) async fn agents(readers: &Readers) -> Result<Vec<AgentRow>, StoreError> {
    let rows: Vec<String> = query_scalar("SELECT body FROM agents ORDER BY id")
        .fetch_all(&mut *readers.one().await?)
        .await
        .map_err(failed)?;
    rows.iter().map(|body| read::json("an agent", body)).collect()
}

pub(super) async fn claims(readers: &Readers) -> Result<Vec<(String, SessionId)>, StoreError> {
    let statement = query_as("SELECT agent, session FROM claims ORDER BY agent, session");
    let rows: Vec<(String, String)> =
        statement.fetch_all(&mut *readers.one().await?).await.map_err(failed)?;
    rows.into_iter().map(|(agent, session)| Ok((agent, SessionId(id_of(&session)?)))).collect()
}

/// Threads that nobody keeps any longer.
pub(super) struct ForgetThreads(pub(super) Timestamp);

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

/// A channel that becomes a tenant's desk.
pub(super) struct Connect(pub(super) Desk);

#[async_trait]
impl Write for Connect {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "INSERT INTO desks (tenant, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        );
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
        let statement =
            query("UPDATE desks SET body = json_set(body, '$.broken', ?) WHERE tenant = ?");
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
        let statement =
            query("INSERT OR REPLACE INTO codes (hash, tenant, until) VALUES (?, ?, ?)");
        changed(db, statement.bind(&self.hash).bind(self.tenant.as_str()).bind(nanos(self.until)))
            .await?;
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
        let statement =
            query_as("DELETE FROM codes WHERE hash = ? RETURNING tenant, until").bind(&self.hash);
        let row: Option<(String, i64)> = statement.fetch_optional(db).await.map_err(failed)?;
        Ok(row
            .filter(|(_, until)| *until >= nanos(self.now))
            .map(|(tenant, _)| TenantId::from(&tenant)))
    }
}

/// An agent of a personal desk.
pub(super) struct Bind(pub(super) AgentRow);

#[async_trait]
impl Write for Bind {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "INSERT INTO agents (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        );
        changed(db, statement.bind(&self.0.id).bind(json(&self.0)?)).await?;
        Ok(())
    }
}

/// Whether an agent takes chats.
pub(super) struct Available {
    pub(super) id: String,
    pub(super) available: bool,
}

#[async_trait]
impl Write for Available {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        let statement = query(
            "UPDATE agents SET body = json_set(body, '$.available', json(iif(?, 'true', 'false'))) WHERE id = ?",
        );
        Ok(changed(db, statement.bind(self.available).bind(&self.id)).await? > 0)
    }
}

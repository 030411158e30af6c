//! Desks: their channels, codes and agents, and who has which chat.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    open::SqliteStore,
    script::Script,
    values::{changed, failed, id_of, json, to_json},
    writer::{Failure, Write},
};
use crate::{
    model::{ConversationId, SessionId, TenantId},
    store::{AgentRow, ConnectedChannel, Desks, Seat, StoreError, Thread, rules::nanos},
};

/// Notes who has which chat.
pub(super) fn assign(script: &mut Script, releases: &[SessionId], seats: &[Seat]) {
    for session in releases {
        script.then("DELETE FROM claims WHERE session = ?").bind(session.to_string());
    }
    for Seat { agent, session, .. } in seats {
        script
            .then("INSERT INTO claims (session, agent) VALUES (?, ?) ON CONFLICT DO UPDATE SET agent = excluded.agent")
            .bind(session.to_string())
            .bind(agent.clone());
    }
    // Only now: a later one may have freed an earlier one's agent.
    seats.iter().for_each(|seat| script.or_full(&seat.agent, seat.most));
}

#[async_trait]
impl Desks for SqliteStore {
    async fn thread(&self, place: &str) -> Result<Option<Thread>, StoreError> {
        let statement =
            query_as("SELECT session, channel, conversation FROM threads WHERE place = ?")
                .bind(place);
        let row: Option<(String, String, String)> =
            statement.fetch_optional(&mut *self.readers.one().await?).await.map_err(failed)?;
        let thread = |(session, channel, id): (String, _, _)| {
            Ok(Thread {
                session: SessionId(id_of(&session)?),
                guest: ConversationId { channel, id },
            })
        };
        row.map(thread).transpose()
    }

    async fn desks(&self) -> Result<Vec<ConnectedChannel>, StoreError> {
        let statement = query_scalar("SELECT body FROM desks ORDER BY tenant");
        let rows: Vec<String> =
            statement.fetch_all(&mut *self.readers.one().await?).await.map_err(failed)?;
        rows.iter().map(|body| json("a desk", body)).collect()
    }

    async fn connect_desk(&self, desk: ConnectedChannel) -> Result<(), StoreError> {
        self.writer.write(Connect(desk)).await
    }

    async fn put_code(
        &self,
        tenant: &TenantId,
        hash: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(PutCode { tenant: tenant.clone(), hash: hash.to_owned(), until }).await
    }

    async fn take_code(&self, hash: &str, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
        self.writer.write(TakeCode { hash: hash.to_owned(), now }).await
    }

    async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        let rows: Vec<String> = query_scalar("SELECT body FROM agents ORDER BY id")
            .fetch_all(&mut *self.readers.one().await?)
            .await
            .map_err(failed)?;
        rows.iter().map(|body| json("an agent", body)).collect()
    }

    async fn bind_agent(&self, agent: AgentRow) -> Result<(), StoreError> {
        self.writer.write(Bind(agent)).await
    }

    async fn unbind_agent(&self, id: &str) -> Result<bool, StoreError> {
        self.writer.write(Unbind(id.to_owned())).await
    }

    async fn seats(&self) -> Result<Vec<(String, SessionId)>, StoreError> {
        let statement = query_as("SELECT agent, session FROM claims ORDER BY agent, session");
        let rows: Vec<(String, String)> =
            statement.fetch_all(&mut *self.readers.one().await?).await.map_err(failed)?;
        rows.into_iter().map(|(agent, session)| Ok((agent, SessionId(id_of(&session)?)))).collect()
    }
}

/// A channel that becomes a tenant's desk.
struct Connect(ConnectedChannel);

#[async_trait]
impl Write for Connect {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "INSERT INTO desks (tenant, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        );
        changed(db, statement.bind(self.0.tenant.as_str()).bind(to_json(&self.0)?)).await?;
        Ok(())
    }
}

/// A one-time code, as its hash.
struct PutCode {
    tenant: TenantId,
    hash: String,
    until: Timestamp,
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
struct TakeCode {
    hash: String,
    now: Timestamp,
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
struct Bind(AgentRow);

#[async_trait]
impl Write for Bind {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "INSERT INTO agents (id, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        );
        changed(db, statement.bind(&self.0.id).bind(to_json(&self.0)?)).await?;
        Ok(())
    }
}

/// That nobody knows an agent any more.
struct Unbind(String);

#[async_trait]
impl Write for Unbind {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        Ok(changed(db, query("DELETE FROM agents WHERE id = ?").bind(&self.0)).await? > 0)
    }
}

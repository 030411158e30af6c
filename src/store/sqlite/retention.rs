//! What is kept long enough, and goes: sessions with all that hangs on them, letters, proposals, and
//! conversations in which nothing is left. Looked for by those who read, removed in small portions by
//! the one who writes, who looks again: nothing that goes on meanwhile is touched.

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_as, query_scalar};

use super::{
    open::SqliteStore,
    script::Script,
    values::{changed, failed, to_json},
    writer::{Failure, Write},
};
use crate::store::{Retention, StoreError, rules::nanos};

/// Sessions that go at once: each may have a long transcript.
const SESSIONS: i64 = 10;
/// Rows of other tables that go at once.
const ROWS: i64 = 200;

/// True of a session that may go: it ended before `?2`, the other sessions of its journey ended
/// before `?3`, so that nothing goes on in it any more, and no letter of its conversation is to be
/// delivered yet. Instants in a body are text that sorts as time does, but for parts of a second.
const MAY_GO: &str = "s.live = 0 AND s.body ->> '$.ended' < ?2 \
     AND NOT EXISTS (SELECT 1 FROM sessions o WHERE o.journey = s.journey AND (o.live = 1 OR coalesce(o.body ->> '$.ended' >= ?3, 1))) \
     AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.channel = j.channel AND p.conversation = j.conversation AND p.state = 'pending')";

/// Every tenant of whom there are sessions, found without looking at each of them.
const TENANTS: &str = "WITH RECURSIVE t(tenant) AS (SELECT min(tenant) FROM sessions \
     UNION ALL SELECT (SELECT min(tenant) FROM sessions WHERE tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL) \
     SELECT tenant FROM t WHERE tenant IS NOT NULL";

impl SqliteStore {
    /// Removes one portion of everything that may go; answers how many rows that were.
    pub(super) async fn let_go(&self, retention: &Retention) -> Result<u64, StoreError> {
        let mut gone = 0;
        let tenants: Vec<String> = query_scalar(TENANTS)
            .fetch_all(&mut *self.lists.list().await?)
            .await
            .map_err(failed)?;
        for tenant in tenants {
            let before = retention.of(&tenant);
            let sql = format!(
                "SELECT s.id FROM sessions s JOIN journeys j ON j.id = s.journey \
                 WHERE s.tenant = ?1 AND s.started < ?4 AND {MAY_GO} ORDER BY s.started, s.id LIMIT ?5"
            );
            let ids: Vec<String> = query_scalar(AssertSqlSafe(sql))
                .bind(&tenant)
                .bind(before.to_string())
                .bind(retention.settled.to_string())
                .bind(nanos(before))
                .bind(SESSIONS)
                .fetch_all(&mut *self.lists.list().await?)
                .await
                .map_err(failed)?;
            if !ids.is_empty() {
                let job = ForgetSessions {
                    ids,
                    ended: before.to_string(),
                    settled: retention.settled.to_string(),
                    touched: nanos(before),
                };
                gone += self.writer.write(job).await?;
            }
        }
        let soonest = retention.departments.iter().map(|(_, before)| *before).max();
        let soonest = soonest.unwrap_or(retention.others).max(retention.others);
        let letters = ForgetLetters { unsent: nanos(soonest), sent: nanos(retention.others) };
        gone += self.writer.write(letters).await?;
        let of_tenants: serde_json::Map<String, serde_json::Value> = retention
            .departments
            .iter()
            .map(|(tenant, before)| (tenant.to_string(), nanos(*before).into()))
            .collect();
        let proposals =
            ForgetProposals { of_tenants: to_json(&of_tenants)?, others: nanos(retention.others) };
        gone += self.writer.write(proposals).await?;
        gone += self.writer.write(ForgetConversations(nanos(retention.others))).await?;
        Ok(gone)
    }
}

/// Sessions that may go, with all that hangs on them.
struct ForgetSessions {
    ids: Vec<String>,
    /// They ended before.
    ended: String,
    /// All of their journeys did before this.
    settled: String,
    /// A conversation that has nothing left goes too when it had no turn since.
    touched: i64,
}

#[async_trait]
impl Write for ForgetSessions {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        // Meanwhile somebody may have gone on with one.
        let sql = format!(
            "SELECT s.id, s.journey, j.channel, j.conversation FROM sessions s JOIN journeys j ON j.id = s.journey \
             WHERE s.id IN (SELECT value FROM json_each(?1)) AND {MAY_GO}"
        );
        let rows: Vec<(String, String, String, String)> = query_as(AssertSqlSafe(sql))
            .bind(to_json(&self.ids)?)
            .bind(&self.ended)
            .bind(&self.settled)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        if rows.is_empty() {
            return Ok(0);
        }
        let sessions = to_json(&rows.iter().map(|row| &row.0).collect::<Vec<_>>())?;
        let journeys = to_json(&rows.iter().map(|row| &row.1).collect::<Vec<_>>())?;
        let places = to_json(&rows.iter().map(|row| (&row.2, &row.3)).collect::<Vec<_>>())?;
        let mut script = Script::new();
        for sql in OF_SESSIONS {
            script.then(sql).bind(sessions.clone());
        }
        for sql in OF_JOURNEYS {
            script.then(sql).bind(journeys.clone());
        }
        script.then(CONVERSATIONS).bind(places.clone()).bind(self.touched);
        for sql in OF_CONVERSATIONS {
            script.then(sql).bind(places.clone());
        }
        script.run(db).await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }
}

/// What hangs on sessions, given as a JSON list of ids, and the sessions at last. Letters that are
/// to be delivered stay. Those to a session's desk wait in a queue that is named after it; the rest
/// went out while it was there. Where another matter of the guest's goes on beside it, or an agent's guests are written
/// to, those letters go with their own sessions.
const OF_SESSIONS: [&str; 11] = [
    "DELETE FROM outbox WHERE state <> 'pending' AND id IN \
     (SELECT letter FROM transcript WHERE session IN (SELECT value FROM json_each(?)))",
    "DELETE FROM outbox WHERE state <> 'pending' AND conversation IN (SELECT 'desk:' || value FROM json_each(?))",
    "DELETE FROM outbox WHERE seq IN (SELECT o.seq FROM json_each(?) e JOIN sessions s ON s.id = e.value \
     JOIN journeys j ON j.id = s.journey JOIN outbox o ON o.conversation = j.conversation AND o.channel = j.channel \
     WHERE o.state <> 'pending' AND o.created >= s.started AND o.created < (unixepoch(s.body ->> '$.ended') + 60) * 1000000000 \
     AND NOT EXISTS (SELECT 1 FROM sessions l JOIN journeys k ON k.id = l.journey WHERE k.conversation = j.conversation \
     AND k.channel = j.channel AND l.live = 1 AND l.started <= o.created) \
     AND NOT EXISTS (SELECT 1 FROM agents a WHERE a.body ->> '$.conversation.id' = o.conversation))",
    "DELETE FROM files WHERE session IN (SELECT value FROM json_each(?))",
    "DELETE FROM threads WHERE session IN (SELECT value FROM json_each(?))",
    "DELETE FROM claims WHERE session IN (SELECT value FROM json_each(?))",
    "DELETE FROM answers WHERE session IN (SELECT value FROM json_each(?))",
    "DELETE FROM flow WHERE session IN (SELECT value FROM json_each(?))",
    "DELETE FROM transcript WHERE session IN (SELECT value FROM json_each(?))",
    // Whoever has the conversation in memory reads it again.
    "UPDATE conversations SET version = version + 1 WHERE rowid IN (SELECT c.rowid FROM json_each(?) e \
     JOIN sessions s ON s.id = e.value JOIN journeys j ON j.id = s.journey \
     JOIN conversations c ON c.channel = j.channel AND c.id = j.conversation AND c.journey = j.id)",
    "DELETE FROM sessions WHERE id IN (SELECT value FROM json_each(?))",
];

/// What is left of journeys, given as a JSON list of ids, that have no session any more.
const OF_JOURNEYS: [&str; 3] = [
    "UPDATE conversations SET journey = NULL, due = iif(open IS NULL, NULL, due) WHERE rowid IN (SELECT c.rowid FROM json_each(?) e \
     JOIN journeys j ON j.id = e.value JOIN conversations c ON c.channel = j.channel AND c.id = j.conversation AND c.journey = j.id \
     WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE journey = j.id))",
    "DELETE FROM hops WHERE journey IN (SELECT value FROM json_each(?)) \
     AND NOT EXISTS (SELECT 1 FROM sessions WHERE journey = hops.journey)",
    "DELETE FROM journeys WHERE id IN (SELECT value FROM json_each(?)) \
     AND NOT EXISTS (SELECT 1 FROM sessions WHERE journey = journeys.id)",
];

/// True of a conversation `c` of which nothing is left, and that is no agent's.
macro_rules! nothing_left {
    () => {
        "c.journey IS NULL AND NOT EXISTS (SELECT 1 FROM journeys j WHERE j.conversation = c.id AND j.channel = c.channel) \
         AND NOT EXISTS (SELECT 1 FROM agents a WHERE a.body ->> '$.conversation.id' = c.id) \
         AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.channel = c.channel AND o.conversation = c.id AND o.state = 'pending')"
    };
}

/// Conversations, given as a JSON list of channel and id, that had no turn since an instant.
const CONVERSATIONS: &str = concat!(
    "DELETE FROM conversations WHERE rowid IN (SELECT c.rowid FROM json_each(?) e \
     JOIN conversations c ON c.channel = e.value ->> 0 AND c.id = e.value ->> 1 WHERE c.touched < ? AND ",
    nothing_left!(),
    ")"
);

/// What hangs on conversations, given likewise, that are not there any more.
const OF_CONVERSATIONS: [&str; 2] = [
    "DELETE FROM seen WHERE rowid IN (SELECT n.rowid FROM json_each(?) e \
     JOIN seen n ON n.channel = e.value ->> 0 AND n.conversation = e.value ->> 1 \
     WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.channel = n.channel AND c.id = n.conversation))",
    "DELETE FROM outbox WHERE seq IN (SELECT o.seq FROM json_each(?) e \
     JOIN outbox o ON o.conversation = e.value ->> 1 AND o.channel = e.value ->> 0 WHERE o.state <> 'pending' \
     AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.channel = o.channel AND c.id = o.conversation))",
];

/// Letters: those that were given up hold words, but not whose; those that were sent hold none.
struct ForgetLetters {
    unsent: i64,
    sent: i64,
}

#[async_trait]
impl Write for ForgetLetters {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        // They stand in the order in which they were made: the old ones are the first.
        let statement = query(
            "DELETE FROM outbox WHERE seq IN ( \
             SELECT seq FROM outbox WHERE state = 'dead' AND changed < ?1 \
             UNION ALL SELECT seq FROM outbox WHERE state = 'dropped' AND changed < ?1 \
             UNION ALL SELECT seq FROM (SELECT seq, state, changed FROM outbox ORDER BY seq LIMIT 2000) \
             WHERE state = 'sent' AND changed < ?2 LIMIT ?3)",
        );
        Ok(changed(db, statement.bind(self.unsent).bind(self.sent).bind(ROWS)).await?)
    }
}

/// Articles that were proposed, whatever became of them.
struct ForgetProposals {
    /// JSON: the instant of each tenant.
    of_tenants: String,
    others: i64,
}

#[async_trait]
impl Write for ForgetProposals {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let statement = query(
            "DELETE FROM drafts WHERE id IN (SELECT d.id FROM drafts d \
             WHERE d.created < coalesce((SELECT value FROM json_each(?1) WHERE key = d.tenant), ?2) LIMIT ?3)",
        );
        Ok(changed(db, statement.bind(&self.of_tenants).bind(self.others).bind(ROWS)).await?)
    }
}

/// Conversations that have had no turn since then and hold nothing.
struct ForgetConversations(i64);

#[async_trait]
impl Write for ForgetConversations {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        const SQL: &str = concat!(
            "DELETE FROM conversations WHERE rowid IN (SELECT c.rowid FROM conversations c WHERE c.touched < ? AND ",
            nothing_left!(),
            " LIMIT ?)"
        );
        Ok(changed(db, query(SQL).bind(self.0).bind(ROWS)).await?)
    }
}

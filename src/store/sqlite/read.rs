//! What is read. Questions that take several statements ask them in one transaction, so that they see one state.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection, SqlitePool, query, query_as, query_scalar, sqlite::SqliteRow};

use super::failed;
use crate::{
    model::{Conversation, ConversationId, Guest, Hop, Journey, JourneyId, LetterId, Reference, Session, SessionId, State, Step, TenantId},
    store::{
        Answer, Filter, JourneyView, LetterState, Line, Loaded, OutboxRow, Outgoing, Page, SessionView, StoreError, Who,
        rules::{Cursor, instant, nanos},
    },
};

/// A conversation without its journey, as it stands in the table.
#[derive(Deserialize)]
struct Body {
    reference: Reference,
    guest: Guest,
    installed: bool,
}

pub(super) async fn load(readers: &SqlitePool, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
    let mut db = readers.begin().await.map_err(failed)?;
    let row: Option<(i64, String, Option<String>)> = query_as("SELECT version, body, journey FROM conversations WHERE channel = ? AND id = ?")
        .bind(&id.channel)
        .bind(&id.id)
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
    let Some((version, body, journey)) = row else { return Ok(None) };
    let Body { reference, guest, installed } = json("a conversation", &body)?;
    let journey = match journey {
        Some(journey) => {
            let sessions = sessions_of(&mut db, &journey).await?;
            let hops = hops_of(&mut db, &journey).await?;
            Some(Journey { id: JourneyId(id_of(&journey)?), sessions, hops })
        }
        None => None,
    };
    let version = count(version)?;
    Ok(Some(Loaded { conversation: Conversation { id: id.clone(), reference, guest, installed, journey }, version }))
}

pub(super) async fn seen(
    readers: &SqlitePool,
    conversation: &ConversationId,
    keys: &[String],
    now: Timestamp,
) -> Result<Option<Answer>, StoreError> {
    for key in keys {
        let row: Option<(u16, Option<String>)> =
            query_as("SELECT status, body FROM seen WHERE channel = ? AND conversation = ? AND key = ? AND until > ?")
                .bind(&conversation.channel)
                .bind(&conversation.id)
                .bind(key)
                .bind(nanos(now))
                .fetch_optional(readers)
                .await
                .map_err(failed)?;
        if let Some((status, body)) = row {
            return Ok(Some(Answer { status, body }));
        }
    }
    Ok(None)
}

pub(super) async fn pending(readers: &SqlitePool, conversation: &ConversationId, limit: u32) -> Result<Vec<Outgoing>, StoreError> {
    let rows: Vec<(String, String, String, Option<String>, u32)> = query_as(
        "SELECT o.id, coalesce(c.service_url, o.service_url), o.kind, o.body, o.attempts FROM outbox o \
         LEFT JOIN conversations c ON c.channel = o.channel AND c.id = o.conversation \
         WHERE o.channel = ? AND o.conversation = ? AND o.state = 'pending' ORDER BY o.seq LIMIT ?",
    )
    .bind(&conversation.channel)
    .bind(&conversation.id)
    .bind(i64::from(limit))
    .fetch_all(readers)
    .await
    .map_err(failed)?;
    let letter = |(id, service_url, kind, body, attempts): (String, String, String, Option<String>, u32)| {
        let body = body.ok_or_else(|| StoreError::Broken(format!("the pending letter {id} has no body")))?;
        let kind = json("a letter", &kind)?;
        Ok(Outgoing { id: LetterId(id_of(&id)?), conversation: conversation.clone(), service_url, kind, body, attempts })
    };
    rows.into_iter().map(letter).collect()
}

pub(super) async fn waiting_conversations(readers: &SqlitePool) -> Result<Vec<ConversationId>, StoreError> {
    let rows: Vec<(String, String)> =
        query_as("SELECT channel, conversation FROM outbox WHERE state = 'pending' GROUP BY channel, conversation ORDER BY min(seq)")
            .fetch_all(readers)
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().map(|(channel, id)| ConversationId { channel, id }).collect())
}

pub(super) async fn activity_of(readers: &SqlitePool, letter: LetterId) -> Result<Option<String>, StoreError> {
    let statement = query_scalar("SELECT activity FROM outbox WHERE id = ?").bind(letter.to_string());
    let row: Option<Option<String>> = statement.fetch_optional(readers).await.map_err(failed)?;
    Ok(row.flatten())
}

pub(super) async fn outbox(readers: &SqlitePool, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    // The states stand in the text so that the partial indices serve.
    let sql = match state {
        LetterState::Pending => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'pending' ORDER BY seq DESC LIMIT ?"
        }
        LetterState::Sent => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'sent' ORDER BY seq DESC LIMIT ?"
        }
        LetterState::Dead => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'dead' ORDER BY seq DESC LIMIT ?"
        }
    };
    let rows: Vec<(String, String, String, u32, i64, Option<String>)> =
        query_as(sql).bind(i64::from(limit)).fetch_all(readers).await.map_err(failed)?;
    let row = |(id, channel_id, conversation_id, attempts, created, error): (String, String, String, u32, i64, Option<String>)| {
        let id = LetterId(id_of(&id)?);
        Ok(OutboxRow { id, conversation_id, channel_id, state, attempts, created_utc: instant(created), error })
    };
    rows.into_iter().map(row).collect()
}

pub(super) async fn sessions(readers: &SqlitePool, filter: &Filter) -> Result<Page, StoreError> {
    let after = filter.after()?;
    let size = filter.page_size();
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(VIEW);
    sql.push(" WHERE 1");
    if let Some(tenant) = &filter.tenant {
        sql.push(" AND s.tenant = ").push_bind(tenant.as_str());
    }
    if let Some(state) = filter.state {
        sql.push(" AND s.state = ").push_bind(state.name());
    }
    if let Some(guest) = &filter.guest {
        sql.push(" AND s.journey IN (SELECT id FROM journeys WHERE guest_id = ").push_bind(guest);
        sql.push(" UNION SELECT id FROM journeys WHERE guest_aad = ").push_bind(guest).push(")");
    }
    if let Some(conversation) = &filter.conversation {
        sql.push(" AND s.journey IN (SELECT id FROM journeys WHERE conversation = ").push_bind(conversation).push(")");
    }
    if let Some(journey) = filter.journey {
        sql.push(" AND s.journey = ").push_bind(journey.to_string());
    }
    if let Some(from) = filter.from {
        sql.push(" AND s.started >= ").push_bind(nanos(from));
    }
    if let Some(to) = filter.to {
        sql.push(" AND s.started < ").push_bind(nanos(to));
    }
    if let Some(Cursor { started, id }) = after {
        sql.push(" AND (s.started, s.id) < (").push_bind(started).push(", ").push_bind(id.to_string()).push(")");
    }
    // One more than asked for tells whether there is a next page.
    sql.push(" ORDER BY s.started DESC, s.id DESC LIMIT ").push_bind(i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1));

    let mut db = readers.begin().await.map_err(failed)?;
    let rows = sql.build().fetch_all(&mut *db).await.map_err(failed)?;
    let has_next = rows.len() > size;
    let mut items = rows.iter().take(size).map(view).collect::<Result<Vec<_>, _>>()?;
    let mut known: HashMap<JourneyId, Vec<Hop>> = HashMap::new();
    for item in &mut items {
        let journey = item.session.journey;
        if let Some(hops) = known.get(&journey) {
            item.hops.clone_from(hops);
        } else {
            item.hops = hops_of(&mut db, &journey.to_string()).await?;
            known.insert(journey, item.hops.clone());
        }
    }
    let next = items.last().filter(|_| has_next).map(|last| Cursor::of(&last.session).write());
    Ok(Page { items, next })
}

pub(super) async fn session(readers: &SqlitePool, id: SessionId) -> Result<Option<SessionView>, StoreError> {
    let mut db = readers.begin().await.map_err(failed)?;
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(VIEW);
    let row = sql.push(" WHERE s.id = ").push_bind(id.to_string()).build().fetch_optional(&mut *db).await.map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let mut view = view(&row)?;
    view.hops = hops_of(&mut db, &view.session.journey.to_string()).await?;
    view.flow = flow_of(&mut db, id).await?;
    Ok(Some(view))
}

pub(super) async fn transcript(readers: &SqlitePool, id: SessionId) -> Result<Vec<Line>, StoreError> {
    let rows = query(
        "SELECT t.at, t.who, t.name, t.text, t.card, coalesce(t.activity, o.activity) AS activity, t.letter FROM transcript t \
         LEFT JOIN outbox o ON o.id = t.letter WHERE t.session = ? ORDER BY t.seq",
    )
    .bind(id.to_string())
    .fetch_all(readers)
    .await
    .map_err(failed)?;
    let line = |row: &SqliteRow| {
        let from = match row.try_get("who").map_err(failed)? {
            "guest" => Who::Guest,
            "bot" => Who::Bot,
            "agent" => Who::Agent,
            "note" => Who::Note,
            _ => return Err(StoreError::Broken(format!("a line of the session {id} has an unknown speaker"))),
        };
        let letter: Option<&str> = row.try_get("letter").map_err(failed)?;
        Ok(Line {
            session: Some(id),
            at: instant(row.try_get("at").map_err(failed)?),
            from,
            name: row.try_get("name").map_err(failed)?,
            text: row.try_get("text").map_err(failed)?,
            card: row.try_get("card").map_err(failed)?,
            activity_id: row.try_get("activity").map_err(failed)?,
            letter: letter.map(id_of).transpose()?.map(LetterId),
        })
    };
    rows.iter().map(line).collect()
}

pub(super) async fn journey(readers: &SqlitePool, id: JourneyId) -> Result<Option<JourneyView>, StoreError> {
    let mut db = readers.begin().await.map_err(failed)?;
    let key = id.to_string();
    let guest: Option<String> =
        query_scalar("SELECT guest FROM journeys WHERE id = ?").bind(&key).fetch_optional(&mut *db).await.map_err(failed)?;
    let Some(guest) = guest else { return Ok(None) };
    let hops = hops_of(&mut db, &key).await?;
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(VIEW);
    sql.push(" WHERE s.journey = ").push_bind(&key).push(" ORDER BY s.position");
    let rows = sql.build().fetch_all(&mut *db).await.map_err(failed)?;
    let mut sessions = rows.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    for view in &mut sessions {
        view.hops.clone_from(&hops);
        view.flow = flow_of(&mut db, view.session.id).await?;
    }
    Ok(Some(JourneyView { id, guest: json("a guest", &guest)?, sessions, hops }))
}

pub(super) async fn live_counts(readers: &SqlitePool) -> Result<Vec<(TenantId, State, u64)>, StoreError> {
    let rows: Vec<(String, String, i64)> =
        query_as("SELECT tenant, state, count(*) FROM sessions WHERE live = 1 GROUP BY tenant, state ORDER BY tenant, state")
            .fetch_all(readers)
            .await
            .map_err(failed)?;
    let row = |(tenant, state, sessions): (String, String, i64)| {
        let state = State::named(&state).ok_or_else(|| StoreError::Broken(format!("a session has the unknown state `{state}`")))?;
        Ok((TenantId::from(&tenant), state, count(sessions)?))
    };
    rows.into_iter().map(row).collect()
}

pub(super) async fn ping(readers: &SqlitePool) -> Result<(), StoreError> {
    query("SELECT next FROM counters").fetch_one(readers).await.map(drop).map_err(failed)
}

/// The sessions with their conversation and guest.
const VIEW: &str = "SELECT s.body, j.channel, j.conversation, j.guest FROM sessions s JOIN journeys j ON j.id = s.journey";

/// One row of [`VIEW`], without flow and hops.
fn view(row: &SqliteRow) -> Result<SessionView, StoreError> {
    Ok(SessionView {
        session: json("a session", row.try_get("body").map_err(failed)?)?,
        conversation: ConversationId { channel: row.try_get("channel").map_err(failed)?, id: row.try_get("conversation").map_err(failed)? },
        guest: json("a guest", row.try_get("guest").map_err(failed)?)?,
        flow: Vec::new(),
        hops: Vec::new(),
    })
}

async fn sessions_of(db: &mut SqliteConnection, journey: &str) -> Result<Vec<Session>, StoreError> {
    let statement = query_scalar("SELECT body FROM sessions WHERE journey = ? ORDER BY position").bind(journey);
    let rows: Vec<String> = statement.fetch_all(db).await.map_err(failed)?;
    rows.iter().map(|body| json("a session", body)).collect()
}

async fn hops_of(db: &mut SqliteConnection, journey: &str) -> Result<Vec<Hop>, StoreError> {
    let statement = query_scalar("SELECT body FROM hops WHERE journey = ? ORDER BY position").bind(journey);
    let rows: Vec<String> = statement.fetch_all(db).await.map_err(failed)?;
    rows.iter().map(|body| json("a hop", body)).collect()
}

async fn flow_of(db: &mut SqliteConnection, id: SessionId) -> Result<Vec<Step>, StoreError> {
    let rows: Vec<(String, String, i64, Option<String>)> =
        query_as("SELECT stage, kind, at, \"exit\" FROM flow WHERE session = ? ORDER BY seq")
            .bind(id.to_string())
            .fetch_all(db)
            .await
            .map_err(failed)?;
    let step = |(stage, kind, at, exit): (String, String, i64, Option<String>)| Step {
        session: Some(id),
        stage: stage.as_str().into(),
        kind,
        at: instant(at),
        exit,
    };
    Ok(rows.into_iter().map(step).collect())
}

/// Reads a JSON column. What serde says is left out: it may quote what people wrote.
fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Broken(format!("{what} in the database cannot be read ({:?} error at column {})", error.classify(), error.column()))
    })
}

fn id_of(text: &str) -> Result<uuid::Uuid, StoreError> {
    text.parse().map_err(|_| StoreError::Broken("an id in the database is no UUID".to_owned()))
}

fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Broken("a count in the database is negative".to_owned()))
}

//! What the engine reads. Questions that take several statements ask them in one transaction, so
//! that they see one state.

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{failed, readers::Readers};
use crate::{
    model::{
        Conversation, ConversationId, Guest, Hop, Journey, JourneyId, LetterId, Reference, Session,
        TenantId,
    },
    store::{
        Answer, Delivery, LetterState, Loaded, OutboxRow, Outgoing, Receipt, StoreError,
        rules::{instant, nanos},
    },
};

/// A conversation without its journey, as it stands in the table.
#[derive(Deserialize)]
struct Body {
    reference: Reference,
    guest: Guest,
    installed: bool,
}

pub(super) async fn load(
    readers: &Readers,
    id: &ConversationId,
) -> Result<Option<Loaded>, StoreError> {
    let mut db = readers.several().await?;
    let row: Option<(i64, String, Option<String>, Option<String>)> = query_as(
        "SELECT c.version, c.body, c.journey, j.course FROM conversations c LEFT JOIN journeys j ON j.id = c.journey \
         WHERE c.channel = ? AND c.id = ?",
    )
    .bind(&id.channel)
    .bind(&id.id)
    .fetch_optional(&mut *db)
    .await
    .map_err(failed)?;
    let Some((version, body, journey, course)) = row else { return Ok(None) };
    let Body { reference, guest, installed } = json("a conversation", &body)?;
    let journey = match journey {
        Some(journey) => {
            let sessions = sessions_of(&mut db, &journey).await?;
            let hops = hops_of(&mut db, &journey).await?;
            let course =
                course.map(|course| json("a journey", &course)).transpose()?.unwrap_or_default();
            Some(Journey { id: JourneyId(id_of(&journey)?), sessions, hops, course })
        }
        None => None,
    };
    let version = count(version)?;
    Ok(Some(Loaded {
        conversation: Conversation { id: id.clone(), reference, guest, installed, journey },
        version,
    }))
}

pub(super) async fn seen(
    readers: &Readers,
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
                .fetch_optional(&mut *readers.one().await?)
                .await
                .map_err(failed)?;
        if let Some((status, body)) = row {
            return Ok(Some(Answer { status, body }));
        }
    }
    Ok(None)
}

/// Id, own and present service address, kind, body, attempts.
type PendingRow = (String, String, Option<String>, String, Option<String>, u32);

pub(super) async fn pending(
    readers: &Readers,
    conversation: &ConversationId,
    limit: u32,
) -> Result<Vec<Outgoing>, StoreError> {
    let rows: Vec<PendingRow> = query_as(
        "SELECT o.id, o.service_url, c.service_url, o.kind, o.body, o.attempts FROM outbox o \
         LEFT JOIN conversations c ON c.channel = o.channel AND c.id = o.conversation \
         WHERE o.channel = ? AND o.conversation = ? AND o.state = 'pending' ORDER BY o.seq LIMIT ?",
    )
    .bind(&conversation.channel)
    .bind(&conversation.id)
    .bind(i64::from(limit))
    .fetch_all(&mut *readers.one().await?)
    .await
    .map_err(failed)?;
    let letter = |(id, own, present, kind, body, attempts): PendingRow| {
        let body =
            body.ok_or_else(|| StoreError::Broken(format!("the pending letter {id} has no body")))?;
        let kind: Delivery = json("a letter", &kind)?;
        let service_url = present.filter(|_| !kind.goes_elsewhere()).unwrap_or(own);
        Ok(Outgoing {
            id: LetterId(id_of(&id)?),
            conversation: conversation.clone(),
            service_url,
            kind,
            body,
            attempts,
        })
    };
    rows.into_iter().map(letter).collect()
}

pub(super) async fn waiting_conversations(
    readers: &Readers,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows: Vec<(String, String)> =
        query_as("SELECT channel, conversation FROM outbox WHERE state = 'pending' GROUP BY channel, conversation ORDER BY min(seq)")
            .fetch_all(&mut *readers.one().await?)
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().map(|(channel, id)| ConversationId { channel, id }).collect())
}

pub(super) async fn receipt_of(
    readers: &Readers,
    letter: LetterId,
) -> Result<Option<Receipt>, StoreError> {
    let statement = query_as("SELECT activity, place FROM outbox WHERE id = ? AND state = 'sent'")
        .bind(letter.to_string());
    let row: Option<(Option<String>, Option<String>)> =
        statement.fetch_optional(&mut *readers.one().await?).await.map_err(failed)?;
    Ok(row.map(|(activity, conversation)| Receipt { activity, conversation }))
}

pub(super) async fn outbox(
    readers: &Readers,
    state: LetterState,
    limit: u32,
) -> Result<Vec<OutboxRow>, StoreError> {
    // The states stand in the text so that the partial indices serve; the plus keeps SQLite from
    // walking past all the sent letters.
    let sql = match state {
        LetterState::Pending => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'pending' ORDER BY +seq DESC LIMIT ?"
        }
        LetterState::Sent => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'sent' ORDER BY seq DESC LIMIT ?"
        }
        LetterState::Dead => {
            "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'dead' ORDER BY seq DESC LIMIT ?"
        }
    };
    let rows: Vec<(String, String, String, u32, i64, Option<String>)> = query_as(sql)
        .bind(i64::from(limit))
        .fetch_all(&mut *readers.one().await?)
        .await
        .map_err(failed)?;
    let row = |(id, channel_id, conversation_id, attempts, created, error): (
        String,
        String,
        String,
        u32,
        i64,
        Option<String>,
    )| {
        let id = LetterId(id_of(&id)?);
        Ok(OutboxRow {
            id,
            conversation_id,
            channel_id,
            state,
            attempts,
            created_utc: instant(created),
            error,
        })
    };
    rows.into_iter().map(row).collect()
}

pub(super) async fn due(
    readers: &Readers,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows: Vec<(String, String)> =
        query_as("SELECT channel, id FROM conversations WHERE due <= ? ORDER BY due LIMIT ?")
            .bind(nanos(now))
            .bind(i64::from(limit))
            .fetch_all(&mut *readers.one().await?)
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().map(|(channel, id)| ConversationId { channel, id }).collect())
}

pub(super) async fn version(
    readers: &Readers,
    tenant: &TenantId,
    version: &str,
) -> Result<Option<String>, StoreError> {
    let statement = query_scalar("SELECT source FROM versions WHERE tenant = ? AND version = ?")
        .bind(tenant.as_str())
        .bind(version);
    statement.fetch_optional(&mut *readers.one().await?).await.map_err(failed)
}

pub(super) async fn ping(readers: &Readers) -> Result<(), StoreError> {
    query("SELECT next FROM counters")
        .fetch_one(&mut *readers.one().await?)
        .await
        .map(drop)
        .map_err(failed)
}

async fn sessions_of(db: &mut SqliteConnection, journey: &str) -> Result<Vec<Session>, StoreError> {
    let statement =
        query_scalar("SELECT body FROM sessions WHERE journey = ? ORDER BY position").bind(journey);
    let rows: Vec<String> = statement.fetch_all(db).await.map_err(failed)?;
    rows.iter().map(|body| json("a session", body)).collect()
}

pub(super) async fn hops_of(
    db: &mut SqliteConnection,
    journey: &str,
) -> Result<Vec<Hop>, StoreError> {
    let statement =
        query_scalar("SELECT body FROM hops WHERE journey = ? ORDER BY position").bind(journey);
    let rows: Vec<String> = statement.fetch_all(db).await.map_err(failed)?;
    rows.iter().map(|body| json("a hop", body)).collect()
}

/// Reads a JSON column. What serde says is left out: it may quote what people wrote.
pub(super) fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Broken(format!(
            "{what} in the database cannot be read ({:?} error at column {})",
            error.classify(),
            error.column()
        ))
    })
}

pub(super) fn id_of(text: &str) -> Result<uuid::Uuid, StoreError> {
    text.parse().map_err(|_| StoreError::Broken("an id in the database is no UUID".to_owned()))
}

pub(super) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number)
        .map_err(|_| StoreError::Broken("a count in the database is negative".to_owned()))
}

//! The outbox.

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
    model::{ConversationId, LetterId, SessionId},
    store::{
        Delivery, LetterState, Letters, OutboxRow, Outgoing, Receipt, StoreError,
        rules::{instant, nanos},
    },
};

/// Adds a letter; that one of its id is there already is an error.
pub(super) fn send(
    script: &mut Script,
    letter: &Outgoing,
    at: Timestamp,
) -> Result<(), StoreError> {
    script
        .then(
            "INSERT INTO outbox (id, channel, conversation, service_url, kind, body, state, attempts, created, changed) \
             VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)",
        )
        .bind(letter.id.to_string())
        .bind(letter.conversation.channel.clone())
        .bind(letter.conversation.id.clone())
        .bind(letter.service_url.clone())
        .bind(to_json(&letter.kind)?)
        .bind(letter.body.clone())
        .bind(i64::from(letter.attempts))
        .bind(nanos(at))
        .bind(nanos(at));
    Ok(())
}

/// A letter that is kept because it did not go out holds something else from now on.
pub(super) fn empty(script: &mut Script, id: LetterId, body: &str) {
    script
        .then("UPDATE outbox SET body = ? WHERE id = ? AND body IS NOT NULL")
        .bind(body.to_owned())
        .bind(id.to_string());
}

/// Id, own and present service address, kind, body, attempts.
type PendingRow = (String, String, Option<String>, String, Option<String>, u32);

#[async_trait]
impl Letters for SqliteStore {
    async fn pending(
        &self,
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
        .fetch_all(&mut *self.readers.one().await?)
        .await
        .map_err(failed)?;
        let letter = |(id, own, present, kind, body, attempts): PendingRow| {
            let body = body.ok_or_else(|| {
                StoreError::Broken(format!("the pending letter {id} has no body"))
            })?;
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

    async fn waiting_conversations(&self) -> Result<Vec<ConversationId>, StoreError> {
        let statement = query_as(
            "SELECT channel, conversation FROM outbox WHERE state = 'pending' \
             GROUP BY channel, conversation ORDER BY min(seq)",
        );
        let rows: Vec<(String, String)> =
            statement.fetch_all(&mut *self.readers.one().await?).await.map_err(failed)?;
        Ok(rows.into_iter().map(|(channel, id)| ConversationId { channel, id }).collect())
    }

    async fn delivered(
        &self,
        letter: LetterId,
        receipt: Receipt,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Delivered { letter, receipt, at }).await
    }

    async fn attempted(
        &self,
        letter: LetterId,
        error: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Noted { letter, error, at, attempts: 1, state: "pending" }).await
    }

    async fn dead(&self, letter: LetterId, error: String, at: Timestamp) -> Result<(), StoreError> {
        self.writer.write(Noted { letter, error, at, attempts: 1, state: "dead" }).await
    }

    async fn waits(&self, letter: LetterId, why: String, at: Timestamp) -> Result<(), StoreError> {
        self.writer.write(Noted { letter, error: why, at, attempts: 0, state: "pending" }).await
    }

    async fn dropped(
        &self,
        letter: LetterId,
        why: String,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Noted { letter, error: why, at, attempts: 0, state: "dropped" }).await
    }

    async fn tried_since(&self, letter: LetterId) -> Result<Option<Timestamp>, StoreError> {
        let statement = query_scalar("SELECT coalesce(revived, created) FROM outbox WHERE id = ?")
            .bind(letter.to_string());
        let since: Option<i64> =
            statement.fetch_optional(&mut *self.readers.one().await?).await.map_err(failed)?;
        Ok(since.map(instant))
    }

    async fn revive(
        &self,
        letter: LetterId,
        at: Timestamp,
    ) -> Result<Option<ConversationId>, StoreError> {
        self.writer.write(Revive { letter, at }).await
    }

    async fn revive_all(
        &self,
        state: LetterState,
        since: Timestamp,
        at: Timestamp,
    ) -> Result<Vec<(ConversationId, LetterId)>, StoreError> {
        self.writer.write(ReviveAll { state, since, at }).await
    }

    async fn receipt_of(&self, letter: LetterId) -> Result<Option<Receipt>, StoreError> {
        let statement =
            query_as("SELECT activity, place FROM outbox WHERE id = ? AND state = 'sent'")
                .bind(letter.to_string());
        let row: Option<(Option<String>, Option<String>)> =
            statement.fetch_optional(&mut *self.readers.one().await?).await.map_err(failed)?;
        Ok(row.map(|(activity, conversation)| Receipt { activity, conversation }))
    }

    async fn outbox(&self, state: LetterState, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
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
            LetterState::Dropped => {
                "SELECT id, channel, conversation, attempts, created, error FROM outbox WHERE state = 'dropped' ORDER BY seq DESC LIMIT ?"
            }
        };
        let rows: Vec<(String, String, String, u32, i64, Option<String>)> = query_as(sql)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.lists.list().await?)
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
}

/// A letter that was delivered.
struct Delivered {
    letter: LetterId,
    receipt: Receipt,
    at: Timestamp,
}

#[async_trait]
impl Write for Delivered {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let Receipt { activity, conversation } = &self.receipt;
        let letter = self.letter.to_string();
        // The body has served: the transcript holds what was said.
        let sent = "UPDATE outbox SET state = 'sent', changed = ?, body = NULL, activity = coalesce(?, activity), place = coalesce(?, place) \
                    WHERE id = ?";
        let thread = match conversation {
            Some(place) => {
                opens(db, &letter).await?.map(|(session, guest)| (place, session, guest))
            }
            None => None,
        };
        let Some((place, session, guest)) = thread else {
            let statement =
                query(sent).bind(nanos(self.at)).bind(activity).bind(conversation).bind(letter);
            return if changed(db, statement).await? == 0 {
                Err(unknown(self.letter).into())
            } else {
                Ok(())
            };
        };
        let mut script = Script::new();
        script
            .then(sent)
            .bind(nanos(self.at))
            .bind(activity.clone())
            .bind(conversation.clone())
            .bind(letter);
        script
            .then("INSERT OR REPLACE INTO threads (place, session, channel, conversation) VALUES (?, ?, ?, ?)")
            .bind(place.clone())
            .bind(session.to_string())
            .bind(guest.channel)
            .bind(guest.id);
        script.run(db).await
    }
}

/// For whom a letter opens a thread, if that is what it does.
async fn opens(
    db: &mut SqliteConnection,
    letter: &str,
) -> Result<Option<(SessionId, ConversationId)>, StoreError> {
    let statement = query_scalar("SELECT kind FROM outbox WHERE id = ?").bind(letter);
    let kind: Option<String> = statement.fetch_optional(db).await.map_err(failed)?;
    Ok(match kind.map(|kind| json("a letter", &kind)).transpose()? {
        Some(Delivery::Open { session, guest }) => Some((session, guest)),
        _ => None,
    })
}

/// Why a letter was not delivered, and what it is now.
struct Noted {
    letter: LetterId,
    error: String,
    at: Timestamp,
    /// So many more.
    attempts: u32,
    state: &'static str,
}

#[async_trait]
impl Write for Noted {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "UPDATE outbox SET attempts = attempts + ?, changed = ?, error = ?, state = ? \
             WHERE id = ? AND state = 'pending'",
        );
        let statement = statement
            .bind(i64::from(self.attempts))
            .bind(nanos(self.at))
            .bind(&self.error)
            .bind(self.state)
            .bind(self.letter.to_string());
        if changed(db, statement).await? > 0 {
            return Ok(());
        }
        if holds(db, self.letter).await? { Ok(()) } else { Err(unknown(self.letter).into()) }
    }
}

/// True when a letter of that id is there.
async fn holds(db: &mut SqliteConnection, id: LetterId) -> Result<bool, StoreError> {
    let statement =
        query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ?)").bind(id.to_string());
    statement.fetch_one(db).await.map_err(failed)
}

/// A dead letter that is tried again.
struct Revive {
    letter: LetterId,
    at: Timestamp,
}

#[async_trait]
impl Write for Revive {
    type Answer = Option<ConversationId>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure> {
        let statement = query_as(
            "UPDATE outbox SET state = 'pending', attempts = 0, changed = ?1, revived = ?1 WHERE id = ?2 AND state = 'dead' RETURNING channel, conversation",
        );
        let statement = statement.bind(nanos(self.at)).bind(self.letter.to_string());
        let row: Option<(String, String)> = statement.fetch_optional(db).await.map_err(failed)?;
        Ok(row.map(|(channel, id)| ConversationId { channel, id }))
    }
}

/// Letters that are tried again.
struct ReviveAll {
    state: LetterState,
    since: Timestamp,
    at: Timestamp,
}

#[async_trait]
impl Write for ReviveAll {
    type Answer = Vec<(ConversationId, LetterId)>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure> {
        // The states stand in the text so that the partial indices serve.
        let sql = match self.state {
            LetterState::Dead => {
                "UPDATE outbox SET state = 'pending', attempts = 0, changed = ?1, revived = ?1 WHERE state = 'dead' AND changed >= ?2 RETURNING seq, channel, conversation, id"
            }
            LetterState::Dropped => {
                "UPDATE outbox SET state = 'pending', attempts = 0, changed = ?1, revived = ?1 WHERE state = 'dropped' AND changed >= ?2 RETURNING seq, channel, conversation, id"
            }
            LetterState::Pending | LetterState::Sent => return Ok(Vec::new()),
        };
        let statement = query_as(sql).bind(nanos(self.at)).bind(nanos(self.since));
        let mut rows: Vec<(i64, String, String, String)> =
            statement.fetch_all(db).await.map_err(failed)?;
        rows.sort_unstable_by_key(|(seq, ..)| *seq);
        rows.into_iter()
            .map(|(_, channel, conversation, id)| {
                let conversation = ConversationId { channel, id: conversation };
                Ok((conversation, LetterId(id_of(&id)?)))
            })
            .collect::<Result<_, StoreError>>()
            .map_err(Into::into)
    }
}

fn unknown(letter: LetterId) -> StoreError {
    StoreError::Broken(format!("there is no letter {letter}"))
}

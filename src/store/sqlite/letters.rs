//! What is written to the outbox.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{SqliteConnection, query, query_scalar};

use super::{
    failed, read,
    script::Script,
    write::{changed, json},
    writer::{Failure, Write},
};
use crate::{
    model::{ConversationId, LetterId, SessionId},
    store::{Delivery, Outgoing, Receipt, StoreError, rules::nanos},
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
        .bind(json(&letter.kind)?)
        .bind(letter.body.clone())
        .bind(i64::from(letter.attempts))
        .bind(nanos(at))
        .bind(nanos(at));
    Ok(())
}

/// True when a letter of that id is there.
async fn holds(db: &mut SqliteConnection, id: LetterId) -> Result<bool, StoreError> {
    let statement =
        query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ?)").bind(id.to_string());
    statement.fetch_one(db).await.map_err(failed)
}

/// A letter that was delivered.
pub(super) struct Delivered {
    pub(super) letter: LetterId,
    pub(super) receipt: Receipt,
    pub(super) at: Timestamp,
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
    Ok(match kind.map(|kind| read::json("a letter", &kind)).transpose()? {
        Some(Delivery::Open { session, guest }) => Some((session, guest)),
        _ => None,
    })
}

/// A failed attempt to deliver, maybe the last one.
pub(super) struct Attempted {
    pub(super) letter: LetterId,
    pub(super) error: String,
    pub(super) at: Timestamp,
    pub(super) gives_up: bool,
}

#[async_trait]
impl Write for Attempted {
    type Answer = ();

    async fn run(&self, db: &mut SqliteConnection) -> Result<(), Failure> {
        let statement = query(
            "UPDATE outbox SET attempts = attempts + 1, changed = ?, error = ?, state = iif(?, 'dead', state) \
             WHERE id = ? AND state = 'pending'",
        );
        let statement = statement
            .bind(nanos(self.at))
            .bind(&self.error)
            .bind(self.gives_up)
            .bind(self.letter.to_string());
        if changed(db, statement).await? > 0 {
            return Ok(());
        }
        if holds(db, self.letter).await? { Ok(()) } else { Err(unknown(self.letter).into()) }
    }
}

/// A dead letter that is tried again.
pub(super) struct Revive(pub(super) LetterId);

#[async_trait]
impl Write for Revive {
    type Answer = Option<ConversationId>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Self::Answer, Failure> {
        let statement = sqlx::query_as(
            "UPDATE outbox SET state = 'pending', attempts = 0 WHERE id = ? AND state = 'dead' RETURNING channel, conversation",
        );
        let row: Option<(String, String)> =
            statement.bind(self.0.to_string()).fetch_optional(db).await.map_err(failed)?;
        Ok(row.map(|(channel, id)| ConversationId { channel, id }))
    }
}

fn unknown(letter: LetterId) -> StoreError {
    StoreError::Broken(format!("there is no letter {letter}"))
}

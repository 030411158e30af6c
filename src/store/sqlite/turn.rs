//! Turns: read, and written in one script.

use std::ops::Range;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use super::{
    desks, faq, files, journey, letters, lines,
    open::SqliteStore,
    script::Script,
    suggestions,
    values::{count, failed, json, number, to_json},
    writer::{Failure, Write},
};
use crate::{
    model::{Conversation, ConversationId, Guest, Reference, TenantId},
    store::{Answer, Loaded, Seen, StoreError, Turn, Turns, Version, rules::nanos},
};

#[async_trait]
impl Turns for SqliteStore {
    async fn load(&self, id: &ConversationId) -> Result<Option<Loaded>, StoreError> {
        let mut db = self.readers.several().await?;
        let row: Option<(i64, String, Option<String>, Option<String>)> = query_as(
            "SELECT version, body, journey, open FROM conversations WHERE channel = ? AND id = ?",
        )
        .bind(&id.channel)
        .bind(&id.id)
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
        let Some((version, body, journey, beside)) = row else { return Ok(None) };
        let Body { reference, guest, installed } = json("a conversation", &body)?;
        let beside: Vec<String> = beside
            .map(|ids| json("the open journeys of a conversation", &ids))
            .transpose()?
            .unwrap_or_default();
        let mut open = Vec::new();
        for id in &beside {
            open.push(journey::load(&mut db, id).await?);
        }
        let journey = match journey {
            Some(id) => Some(journey::load(&mut db, &id).await?),
            None => None,
        };
        let id = id.clone();
        let conversation = Conversation { id, reference, guest, installed, journey, open };
        Ok(Some(Loaded { conversation, version: count(version)? }))
    }

    async fn seen(
        &self,
        conversation: &ConversationId,
        keys: &[String],
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        for key in keys {
            let statement = query_as(
                "SELECT status, body FROM seen \
                 WHERE channel = ? AND conversation = ? AND key = ? AND until > ?",
            );
            let row: Option<(u16, Option<String>)> = statement
                .bind(&conversation.channel)
                .bind(&conversation.id)
                .bind(key)
                .bind(nanos(now))
                .fetch_optional(&mut *self.readers.one().await?)
                .await
                .map_err(failed)?;
            if let Some((status, body)) = row {
                return Ok(Some(Answer { status, body }));
            }
        }
        Ok(None)
    }

    async fn commit(&self, turn: Turn) -> Result<u64, StoreError> {
        turn.check()?;
        self.writer.write(turn).await
    }

    async fn numbers(&self, count: u32) -> Result<Range<u64>, StoreError> {
        self.writer.write(Numbers(count)).await
    }

    async fn return_numbers(&self, unused: Range<u64>) -> Result<bool, StoreError> {
        self.writer.write(Returned(unused)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        let rows: Vec<(String, String)> =
            query_as("SELECT channel, id FROM conversations WHERE due <= ? ORDER BY due LIMIT ?")
                .bind(nanos(now))
                .bind(i64::from(limit))
                .fetch_all(&mut *self.readers.one().await?)
                .await
                .map_err(failed)?;
        Ok(rows.into_iter().map(|(channel, id)| ConversationId { channel, id }).collect())
    }

    async fn version(
        &self,
        tenant: &TenantId,
        version: &str,
    ) -> Result<Option<String>, StoreError> {
        let statement =
            query_scalar("SELECT source FROM versions WHERE tenant = ? AND version = ?")
                .bind(tenant.as_str())
                .bind(version);
        statement.fetch_optional(&mut *self.readers.one().await?).await.map_err(failed)
    }
}

/// A conversation without its journey, as it stands in the table.
#[derive(Deserialize)]
struct Body {
    reference: Reference,
    guest: Guest,
    installed: bool,
}

/// The same, to be written.
#[derive(Serialize)]
struct Written<'a> {
    reference: &'a Reference,
    guest: &'a Guest,
    installed: bool,
}

#[async_trait]
impl Write for Turn {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let mut script = Script::new();
        let added = &self.added;
        // First what can be a conflict: a turn that comes too late must not be called broken.
        let version = conversation(&mut script, self)?;
        added
            .seen
            .iter()
            .for_each(|seen| remember(&mut script, &self.conversation.id, seen, self.at));
        desks::assign(&mut script, &added.releases, &added.seats);
        added.told.iter().for_each(|told| files::told(&mut script, told));
        for journey in self.conversation.journeys() {
            journey::belong(&mut script, self, journey)?;
        }
        for (position, session) in self.changed_sessions() {
            journey::keep(&mut script, position, session)?;
        }
        for journey in &self.conversation.open {
            journey::more_hops(&mut script, journey)?;
        }
        if let Some(journey) = &self.conversation.journey {
            journey::hops(&mut script, journey, self.first_new_hop)?;
        }
        added.trail.iter().for_each(|step| journey::trail(&mut script, step));
        added.lines.iter().for_each(|line| lines::say(&mut script, line));
        added.answers.iter().for_each(|row| faq::note(&mut script, row, self.at));
        added.suggestions.iter().for_each(|row| suggestions::add(&mut script, row));
        added
            .edits
            .iter()
            .for_each(|change| lines::edit(&mut script, &self.conversation.id, change));
        added.emptied.iter().for_each(|(id, body)| letters::empty(&mut script, *id, body));
        for letter in &added.letters {
            letters::send(&mut script, letter, self.at)?;
        }
        for file in &added.files {
            files::add(&mut script, file)?;
        }
        added.versions.iter().for_each(|version| preserve(&mut script, version, self.at));
        script.run(db).await?;
        Ok(version)
    }
}

fn conversation(script: &mut Script, turn: &Turn) -> Result<u64, StoreError> {
    let conversation = &turn.conversation;
    let version = turn.expected.unwrap_or(0).checked_add(1).ok_or(StoreError::Conflict)?;
    let body = Written {
        reference: &conversation.reference,
        guest: &conversation.guest,
        installed: conversation.installed,
    };
    let going_on = conversation.open.iter().filter(|journey| journey.present().is_some());
    let open: Vec<String> = going_on.map(|journey| journey.id.to_string()).collect();
    script
        .then(match turn.expected {
            None => {
                "INSERT INTO conversations (version, service_url, body, journey, open, due, touched, channel, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING"
            }
            Some(_) => {
                "UPDATE conversations SET version = ?, service_url = ?, body = ?, journey = ?, open = ?, due = ?, touched = ? \
                 WHERE channel = ? AND id = ? AND version = ?"
            }
        })
        .bind(number(version)?)
        .bind(conversation.reference.service_url.clone())
        .bind(to_json(&body)?)
        .bind(conversation.journey.as_ref().map(|journey| journey.id.to_string()))
        .bind(if open.is_empty() { None } else { Some(to_json(&open)?) })
        .bind(turn.added.due.map(nanos))
        .bind(nanos(turn.at))
        .bind(conversation.id.channel.clone())
        .bind(conversation.id.id.clone());
    if let Some(expected) = turn.expected {
        script.bind(number(expected)?);
    }
    script.or_conflict();
    Ok(version)
}

/// Adds a key; a known one is a conflict. One that has expired but is not swept away yet counts as
/// forgotten.
fn remember(script: &mut Script, conversation: &ConversationId, seen: &Seen, at: Timestamp) {
    script
        .then(
            "INSERT INTO seen (channel, conversation, key, status, body, until) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO UPDATE SET status = excluded.status, body = excluded.body, until = excluded.until WHERE seen.until <= ?",
        )
        .bind(conversation.channel.clone())
        .bind(conversation.id.clone())
        .bind(seen.key.clone())
        .bind(i64::from(seen.answer.status))
        .bind(seen.answer.body.clone())
        .bind(nanos(seen.until))
        .bind(nanos(at))
        .or_conflict();
}

fn preserve(script: &mut Script, version: &Version, at: Timestamp) {
    script
        .then("INSERT INTO versions (tenant, version, source, stored) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(version.tenant.as_str().to_owned())
        .bind(version.version.clone())
        .bind(version.source.clone())
        .bind(nanos(at));
}

/// Numbers for references.
struct Numbers(u32);

#[async_trait]
impl Write for Numbers {
    type Answer = Range<u64>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Range<u64>, Failure> {
        let statement = query_scalar(
            "UPDATE counters SET next = next + ? WHERE name = 'reference' RETURNING next",
        );
        let next: i64 = statement.bind(i64::from(self.0)).fetch_one(db).await.map_err(failed)?;
        let next = u64::try_from(next)
            .map_err(|_| StoreError::Broken("the counter of references is negative".to_owned()))?;
        Ok(next - u64::from(self.0)..next)
    }
}

/// Numbers that were given to nobody.
struct Returned(Range<u64>);

#[async_trait]
impl Write for Returned {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        let (Ok(start), Ok(end)) = (i64::try_from(self.0.start), i64::try_from(self.0.end)) else {
            return Ok(false);
        };
        // Whoever has reserved behind them keeps what they have.
        let statement = query(
            "UPDATE counters SET next = ? WHERE name = 'reference' AND next = ? AND ? < next",
        );
        let done = statement.bind(start).bind(end).bind(start).execute(db).await.map_err(failed)?;
        Ok(done.rows_affected() > 0)
    }
}

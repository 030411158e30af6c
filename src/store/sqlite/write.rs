//! What is written: the statements of a turn, and the few that are neither a turn nor a letter. Run by the writer, inside a savepoint.

use std::ops::Range;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Sqlite, SqliteConnection, query, query::Query, query_scalar, sqlite::SqliteArguments};

use super::{failed, letters::send, writer::Write};
use crate::{
    model::{ConversationId, Guest, Journey, Reference, Session, Step},
    store::{Line, Seen, StoreError, Turn, Who, rules::nanos},
};

/// A conversation without its journey, as it stands in the table.
#[derive(Serialize)]
struct Body<'a> {
    reference: &'a Reference,
    guest: &'a Guest,
    installed: bool,
}

#[async_trait]
impl Write for Turn {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, StoreError> {
        // First what can be a conflict.
        let version = conversation(db, self).await?;
        for seen in &self.seen {
            remember(db, &self.conversation.id, seen, self.at).await?;
        }
        if let Some(journey) = &self.conversation.journey {
            belong(db, self, journey).await?;
            for (position, session) in self.changed_sessions() {
                keep(db, position, session).await?;
            }
            hops(db, journey, self.first_new_hop).await?;
        }
        for step in &self.trail {
            trail(db, step).await?;
        }
        for line in &self.lines {
            say(db, line).await?;
        }
        for letter in &self.letters {
            if !send(db, letter, self.at).await? {
                return Err(StoreError::Broken(format!("the letter {} is stored already", letter.id)));
            }
        }
        Ok(version)
    }
}

async fn conversation(db: &mut SqliteConnection, turn: &Turn) -> Result<u64, StoreError> {
    let conversation = &turn.conversation;
    let version = turn.expected.unwrap_or(0).checked_add(1).ok_or(StoreError::Conflict)?;
    let sql = match turn.expected {
        None => {
            "INSERT INTO conversations (version, service_url, body, journey, channel, id) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING"
        }
        Some(_) => {
            "UPDATE conversations SET version = ?, service_url = ?, body = ?, journey = ? WHERE channel = ? AND id = ? AND version = ?"
        }
    };
    let body = Body { reference: &conversation.reference, guest: &conversation.guest, installed: conversation.installed };
    let mut statement = query(sql)
        .bind(number(version)?)
        .bind(&conversation.reference.service_url)
        .bind(json(&body)?)
        .bind(conversation.journey.as_ref().map(|journey| journey.id.to_string()))
        .bind(&conversation.id.channel)
        .bind(&conversation.id.id);
    if let Some(expected) = turn.expected {
        statement = statement.bind(number(expected)?);
    }
    if changed(db, statement).await? == 0 { Err(StoreError::Conflict) } else { Ok(version) }
}

pub(super) async fn remember(
    db: &mut SqliteConnection,
    conversation: &ConversationId,
    seen: &Seen,
    at: Timestamp,
) -> Result<(), StoreError> {
    // A key that has expired but is not swept away yet counts as forgotten.
    let statement = query(
        "INSERT INTO seen (channel, conversation, key, status, body, until) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET status = excluded.status, body = excluded.body, until = excluded.until WHERE seen.until <= ?",
    )
    .bind(&conversation.channel)
    .bind(&conversation.id)
    .bind(&seen.key)
    .bind(i64::from(seen.answer.status))
    .bind(&seen.answer.body)
    .bind(nanos(seen.until))
    .bind(nanos(at));
    if changed(db, statement).await? == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}

async fn belong(db: &mut SqliteConnection, turn: &Turn, journey: &Journey) -> Result<(), StoreError> {
    let (id, guest) = (&turn.conversation.id, &turn.conversation.guest);
    let statement = query(
        "INSERT INTO journeys (id, channel, conversation, guest_id, guest_aad, guest) VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET guest_id = excluded.guest_id, guest_aad = excluded.guest_aad, guest = excluded.guest \
         WHERE guest <> excluded.guest",
    )
    .bind(journey.id.to_string())
    .bind(&id.channel)
    .bind(&id.id)
    .bind(&guest.id)
    .bind(&guest.aad_object_id)
    .bind(json(guest)?);
    changed(db, statement).await.map(drop)
}

async fn keep(db: &mut SqliteConnection, position: usize, session: &Session) -> Result<(), StoreError> {
    let statement = query(
        "INSERT INTO sessions (id, journey, position, tenant, state, live, started, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET journey = excluded.journey, position = excluded.position, tenant = excluded.tenant, \
         state = excluded.state, live = excluded.live, started = excluded.started, body = excluded.body",
    )
    .bind(session.id.to_string())
    .bind(session.journey.to_string())
    .bind(number(position)?)
    .bind(session.tenant.as_str())
    .bind(session.state.name())
    .bind(session.state.is_live())
    .bind(nanos(session.started))
    .bind(json(session)?);
    changed(db, statement).await.map(drop)
}

async fn hops(db: &mut SqliteConnection, journey: &Journey, first: usize) -> Result<(), StoreError> {
    if first == journey.hops.len() {
        return Ok(());
    }
    let id = journey.id.to_string();
    let stored: i64 = query_scalar("SELECT count(*) FROM hops WHERE journey = ?").bind(&id).fetch_one(&mut *db).await.map_err(failed)?;
    if stored != number(first)? {
        return Err(StoreError::Broken(format!("the journey {id} has {stored} hops, not {first}")));
    }
    for (position, hop) in journey.hops.iter().enumerate().skip(first) {
        let statement = query("INSERT INTO hops (journey, position, body) VALUES (?, ?, ?)");
        changed(db, statement.bind(&id).bind(number(position)?).bind(json(hop)?)).await?;
    }
    Ok(())
}

async fn trail(db: &mut SqliteConnection, step: &Step) -> Result<(), StoreError> {
    let Some(session) = step.session.map(|id| id.to_string()) else { return Ok(()) };
    if step.exit.is_some() {
        let statement = query(
            "UPDATE flow SET at = ?, \"exit\" = ? WHERE seq = \
             (SELECT seq FROM flow WHERE session = ? AND stage = ? AND \"exit\" IS NULL ORDER BY seq DESC LIMIT 1)",
        );
        let statement = statement.bind(nanos(step.at)).bind(&step.exit).bind(&session).bind(step.stage.as_str());
        if changed(db, statement).await? > 0 {
            return Ok(());
        }
    }
    let statement = query("INSERT INTO flow (session, stage, kind, at, \"exit\") VALUES (?, ?, ?, ?, ?)");
    let statement = statement.bind(&session).bind(step.stage.as_str()).bind(&step.kind).bind(nanos(step.at)).bind(&step.exit);
    changed(db, statement).await.map(drop)
}

async fn say(db: &mut SqliteConnection, line: &Line) -> Result<(), StoreError> {
    let Some(session) = line.session else { return Ok(()) };
    let statement = query("INSERT INTO transcript (session, at, who, name, text, card, activity, letter) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(session.to_string())
        .bind(nanos(line.at))
        .bind(who(line.from))
        .bind(&line.name)
        .bind(&line.text)
        .bind(&line.card)
        .bind(&line.activity_id)
        .bind(line.letter.map(|letter| letter.to_string()));
    changed(db, statement).await.map(drop)
}

/// The name of a speaker in the table.
fn who(who: Who) -> &'static str {
    match who {
        Who::Guest => "guest",
        Who::Bot => "bot",
        Who::Agent => "agent",
        Who::Note => "note",
    }
}

/// Numbers for references.
pub(super) struct Numbers(pub(super) u32);

#[async_trait]
impl Write for Numbers {
    type Answer = Range<u64>;

    async fn run(&self, db: &mut SqliteConnection) -> Result<Range<u64>, StoreError> {
        let statement = query_scalar("UPDATE counters SET next = next + ? WHERE name = 'reference' RETURNING next");
        let next: i64 = statement.bind(i64::from(self.0)).fetch_one(db).await.map_err(failed)?;
        let next = u64::try_from(next).map_err(|_| StoreError::Broken("the counter of references is negative".to_owned()))?;
        Ok(next - u64::from(self.0)..next)
    }
}

/// A portion of expired dedupe keys.
pub(super) struct ForgetSeen(pub(super) Timestamp);

impl ForgetSeen {
    /// How many are removed at once.
    pub(super) const PORTION: u64 = 1000;
}

#[async_trait]
impl Write for ForgetSeen {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, StoreError> {
        let statement = query("DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen WHERE until <= ? LIMIT ?)");
        changed(db, statement.bind(nanos(self.0)).bind(number(Self::PORTION)?)).await
    }
}

/// Nothing, to see that the writer works and can lock the file.
pub(super) struct Ping;

#[async_trait]
impl Write for Ping {
    type Answer = ();

    async fn run(&self, _: &mut SqliteConnection) -> Result<(), StoreError> {
        Ok(())
    }
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Broken(format!("a value cannot be written as JSON: {error}")))
}

fn number<T: TryInto<i64>>(number: T) -> Result<i64, StoreError> {
    number.try_into().map_err(|_| StoreError::Broken("a number is too large for the table".to_owned()))
}

/// Runs a statement, answers how many rows it changed.
pub(super) async fn changed(db: &mut SqliteConnection, query: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
    Ok(query.execute(db).await.map_err(failed)?.rows_affected())
}

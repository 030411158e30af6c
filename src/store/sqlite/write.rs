//! What is written: the statements of a turn, and the few that are neither a turn nor a letter. Run
//! by the writer, inside a savepoint.

use std::ops::Range;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Sqlite, SqliteConnection, query, query::Query, query_scalar, sqlite::SqliteArguments};

use super::{
    drafts, failed, faq, files,
    letters::send,
    script::Script,
    writer::{Failure, Write},
};
use crate::{
    model::{ConversationId, Course, Guest, Journey, Reference, Session, SessionId, Step},
    store::{Claim, Edit, Line, Seen, StoreError, Turn, Version, Who, rules::nanos},
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

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let mut script = Script::new();
        let added = &self.added;
        // First what can be a conflict: a turn that comes too late must not be called broken.
        let version = conversation(&mut script, self)?;
        added
            .seen
            .iter()
            .for_each(|seen| remember(&mut script, &self.conversation.id, seen, self.at));
        assign(&mut script, &added.releases, &added.claims);
        added.told.iter().for_each(|told| files::told(&mut script, told));
        if let Some(journey) = &self.conversation.journey {
            belong(&mut script, self, journey)?;
            for (position, session) in self.changed_sessions() {
                keep(&mut script, position, session)?;
            }
            hops(&mut script, journey, self.first_new_hop)?;
        }
        added.trail.iter().for_each(|step| trail(&mut script, step));
        added.lines.iter().for_each(|line| say(&mut script, line));
        added.answers.iter().for_each(|row| faq::note(&mut script, row, self.at));
        added.drafts.iter().for_each(|row| drafts::add(&mut script, row));
        added.edits.iter().for_each(|change| edit(&mut script, &self.conversation.id, change));
        for letter in &added.letters {
            send(&mut script, letter, self.at)?;
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
    let body = Body {
        reference: &conversation.reference,
        guest: &conversation.guest,
        installed: conversation.installed,
    };
    script
        .then(match turn.expected {
            None => {
                "INSERT INTO conversations (version, service_url, body, journey, due, channel, id) VALUES (?, ?, ?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING"
            }
            Some(_) => {
                "UPDATE conversations SET version = ?, service_url = ?, body = ?, journey = ?, due = ? \
                 WHERE channel = ? AND id = ? AND version = ?"
            }
        })
        .bind(number(version)?)
        .bind(conversation.reference.service_url.clone())
        .bind(json(&body)?)
        .bind(conversation.journey.as_ref().map(|journey| journey.id.to_string()))
        .bind(turn.added.due.map(nanos))
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

fn assign(script: &mut Script, releases: &[SessionId], claims: &[Claim]) {
    for session in releases {
        script.then("DELETE FROM claims WHERE session = ?").bind(session.to_string());
    }
    for Claim { agent, session, .. } in claims {
        script
            .then("INSERT INTO claims (session, agent) VALUES (?, ?) ON CONFLICT DO UPDATE SET agent = excluded.agent")
            .bind(session.to_string())
            .bind(agent.clone());
    }
    // Only now: a later claim may have freed an earlier one's agent.
    claims.iter().for_each(|claim| script.or_full(&claim.agent, claim.most));
}

fn belong(script: &mut Script, turn: &Turn, journey: &Journey) -> Result<(), StoreError> {
    let (id, guest) = (&turn.conversation.id, &turn.conversation.guest);
    let course =
        if journey.course == Course::default() { None } else { Some(json(&journey.course)?) };
    script
        .then(
            "INSERT INTO journeys (id, channel, conversation, guest_id, guest_aad, guest, course) VALUES (?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO UPDATE SET guest_id = excluded.guest_id, guest_aad = excluded.guest_aad, guest = excluded.guest, \
             course = excluded.course WHERE guest <> excluded.guest OR course IS NOT excluded.course",
        )
        .bind(journey.id.to_string())
        .bind(id.channel.clone())
        .bind(id.id.clone())
        .bind(guest.id.clone())
        .bind(guest.aad_object_id.clone())
        .bind(json(guest)?)
        .bind(course);
    Ok(())
}

fn keep(script: &mut Script, position: usize, session: &Session) -> Result<(), StoreError> {
    script
        .then(
            "INSERT INTO sessions (id, journey, position, tenant, state, live, started, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT DO UPDATE SET journey = excluded.journey, position = excluded.position, tenant = excluded.tenant, \
             state = excluded.state, live = excluded.live, started = excluded.started, body = excluded.body",
        )
        .bind(session.id.to_string())
        .bind(session.journey.to_string())
        .bind(number(position)?)
        .bind(session.tenant.as_str().to_owned())
        .bind(session.state.name().to_owned())
        .bind(session.state.is_live())
        .bind(nanos(session.started))
        .bind(json(session)?);
    Ok(())
}

/// Adds the new hops. Where one does not follow those that are stored it has no position, which is
/// an error.
fn hops(script: &mut Script, journey: &Journey, first: usize) -> Result<(), StoreError> {
    for (position, hop) in journey.hops.iter().enumerate().skip(first) {
        script
            .then("INSERT INTO hops (position, journey, body) VALUES ((SELECT ? WHERE ? = (SELECT count(*) FROM hops WHERE journey = ?)), ?, ?)")
            .bind(number(position)?)
            .bind(number(position)?)
            .bind(journey.id.to_string())
            .bind(journey.id.to_string())
            .bind(json(hop)?);
    }
    Ok(())
}

fn trail(script: &mut Script, step: &Step) {
    let Some(session) = step.session.map(|id| id.to_string()) else { return };
    let insert = if step.exit.is_some() {
        script
            .then(
                "UPDATE flow SET at = ?, \"exit\" = ? WHERE seq = \
                 (SELECT seq FROM flow WHERE session = ? AND stage = ? AND \"exit\" IS NULL ORDER BY seq DESC LIMIT 1)",
            )
            .bind(nanos(step.at))
            .bind(step.exit.clone())
            .bind(session.clone())
            .bind(step.stage.as_str().to_owned());
        // Only when there was none to close.
        "INSERT INTO flow (session, stage, kind, at, \"exit\") SELECT ?, ?, ?, ?, ? WHERE changes() = 0"
    } else {
        "INSERT INTO flow (session, stage, kind, at, \"exit\") VALUES (?, ?, ?, ?, ?)"
    };
    let stage = step.stage.as_str().to_owned();
    script
        .then(insert)
        .bind(session)
        .bind(stage)
        .bind(step.kind.clone())
        .bind(nanos(step.at))
        .bind(step.exit.clone());
}

fn say(script: &mut Script, line: &Line) {
    let Some(session) = line.session else { return };
    script
        .then(
            "INSERT INTO transcript (session, at, who, name, text, card, activity, letter, edited, deleted, author) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(session.to_string())
        .bind(nanos(line.at))
        .bind(who(line.from).to_owned())
        .bind(line.name.clone())
        .bind(line.text.clone())
        .bind(line.card.clone())
        .bind(line.activity_id.clone())
        .bind(line.letter.map(|letter| letter.to_string()))
        .bind(line.edited.map(nanos))
        .bind(line.deleted.map(nanos))
        .bind(line.author.clone());
}

/// Changes the editor's own lines of an activity in this conversation. The activity finds them;
/// another conversation may use its id too.
fn edit(script: &mut Script, conversation: &ConversationId, edit: &Edit) {
    if let Some((session, author)) = &edit.at_desk {
        script
            .then(match edit.text {
                Some(_) => {
                    "UPDATE transcript SET edited = ?, deleted = NULL, text = ? WHERE author = ? AND activity = ? AND session = ? AND EXISTS \
                     (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                     WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
                }
                None => {
                    "UPDATE transcript SET deleted = ?, text = coalesce(?, ''), card = NULL WHERE author = ? AND activity = ? AND session = ? \
                     AND EXISTS (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                     WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
                }
            })
            .bind(nanos(edit.at))
            .bind(edit.text.clone())
            .bind(author.clone())
            .bind(edit.activity_id.clone())
            .bind(session.to_string())
            .bind(conversation.channel.clone())
            .bind(conversation.id.clone());
        return;
    }
    script
        .then(match edit.text {
            Some(_) => {
                "UPDATE transcript SET edited = ?, deleted = NULL, text = ? WHERE who = 'guest' AND activity = ? AND EXISTS \
                 (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                 WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
            }
            None => {
                "UPDATE transcript SET deleted = ?, text = coalesce(?, ''), card = NULL WHERE who = 'guest' AND activity = ? AND EXISTS \
                 (SELECT 1 FROM sessions s JOIN journeys j ON j.id = s.journey \
                 WHERE s.id = transcript.session AND j.channel = ? AND j.conversation = ?)"
            }
        })
        .bind(nanos(edit.at))
        .bind(edit.text.clone())
        .bind(edit.activity_id.clone())
        .bind(conversation.channel.clone())
        .bind(conversation.id.clone());
}

fn preserve(script: &mut Script, version: &Version, at: Timestamp) {
    script
        .then("INSERT INTO versions (tenant, version, source, stored) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(version.tenant.as_str().to_owned())
        .bind(version.version.clone())
        .bind(version.source.clone())
        .bind(nanos(at));
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

/// A portion of expired dedupe keys.
pub(super) struct ForgetSeen(pub(super) Timestamp);

impl ForgetSeen {
    /// How many are removed at once.
    pub(super) const PORTION: u64 = 1000;
}

#[async_trait]
impl Write for ForgetSeen {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        let statement = query(
            "DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen WHERE until <= ? LIMIT ?)",
        );
        Ok(changed(db, statement.bind(nanos(self.0)).bind(number(Self::PORTION)?)).await?)
    }
}

/// Versions that nobody can go on with any more.
pub(super) struct ForgetVersions(pub(super) Timestamp);

#[async_trait]
impl Write for ForgetVersions {
    type Answer = u64;

    async fn run(&self, db: &mut SqliteConnection) -> Result<u64, Failure> {
        // Asked once for all versions, and only when one is old enough.
        let statement = query(
            "DELETE FROM versions WHERE stored < ? AND (tenant, version) NOT IN \
             (SELECT tenant, body ->> '$.pipelineVersion' FROM sessions WHERE journey IN (SELECT journey FROM sessions WHERE live = 1))",
        );
        Ok(changed(db, statement.bind(nanos(self.0))).await?)
    }
}

/// Nothing, to see that the writer works and can lock the file.
pub(super) struct Ping;

#[async_trait]
impl Write for Ping {
    type Answer = ();

    async fn run(&self, _: &mut SqliteConnection) -> Result<(), Failure> {
        Ok(())
    }
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Broken(format!("a value cannot be written as JSON: {error}")))
}

fn number<T: TryInto<i64>>(number: T) -> Result<i64, StoreError> {
    number
        .try_into()
        .map_err(|_| StoreError::Broken("a number is too large for the table".to_owned()))
}

/// Runs a statement, answers how many rows it changed.
pub(super) async fn changed(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
) -> Result<u64, StoreError> {
    Ok(query.execute(db).await.map_err(failed)?.rows_affected())
}

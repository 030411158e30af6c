//! A journey's rows: sessions, hops and the trail through the stages.

use sqlx::{SqliteConnection, query_as, query_scalar};

use super::{
    script::Script,
    values::{failed, id_of, json, number, to_json},
};
use crate::{
    model::{Course, Hop, Journey, JourneyId, Session, SessionId, Step},
    store::{
        StoreError, Turn,
        rules::{instant, nanos},
    },
};

pub(super) fn belong(
    script: &mut Script,
    turn: &Turn,
    journey: &Journey,
) -> Result<(), StoreError> {
    let (id, guest) = (&turn.conversation.id, &turn.conversation.guest);
    let course =
        if journey.course == Course::default() { None } else { Some(to_json(&journey.course)?) };
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
        .bind(to_json(guest)?)
        .bind(course);
    Ok(())
}

pub(super) fn keep(
    script: &mut Script,
    position: usize,
    session: &Session,
) -> Result<(), StoreError> {
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
        .bind(to_json(session)?);
    Ok(())
}

/// Adds the new hops. Where one does not follow those that are stored it has no position, which is
/// an error.
pub(super) fn hops(script: &mut Script, journey: &Journey, first: usize) -> Result<(), StoreError> {
    for (position, hop) in journey.hops.iter().enumerate().skip(first) {
        script
            .then("INSERT INTO hops (position, journey, body) VALUES ((SELECT ? WHERE ? = (SELECT count(*) FROM hops WHERE journey = ?)), ?, ?)")
            .bind(number(position)?)
            .bind(number(position)?)
            .bind(journey.id.to_string())
            .bind(journey.id.to_string())
            .bind(to_json(hop)?);
    }
    Ok(())
}

/// Adds those hops of a journey beside the present one that are not there yet: it may have been the
/// present one when the turn began.
pub(super) fn more_hops(script: &mut Script, journey: &Journey) -> Result<(), StoreError> {
    for (position, hop) in journey.hops.iter().enumerate() {
        script
            .then("INSERT INTO hops (position, journey, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(number(position)?)
            .bind(journey.id.to_string())
            .bind(to_json(hop)?);
    }
    Ok(())
}

pub(super) fn trail(script: &mut Script, step: &Step) {
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

/// A journey, whole.
pub(super) async fn load(db: &mut SqliteConnection, id: &str) -> Result<Journey, StoreError> {
    let course: Option<Option<String>> = query_scalar("SELECT course FROM journeys WHERE id = ?")
        .bind(id)
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
    let course = course.flatten().map(|course| json("a journey", &course)).transpose()?;
    let (sessions, hops) = (sessions_of(&mut *db, id).await?, hops_of(&mut *db, id).await?);
    Ok(Journey { id: JourneyId(id_of(id)?), sessions, hops, course: course.unwrap_or_default() })
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

pub(super) async fn flow_of(
    db: &mut SqliteConnection,
    id: SessionId,
) -> Result<Vec<Step>, StoreError> {
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

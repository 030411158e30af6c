//! One chat as it was, read beside the service that goes on with it.

use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite, query, query_as};

use super::{
    beside::open,
    lines::line,
    open::cannot_open,
    values::{failed, id_of, json},
    views::{VIEW, view},
};
use crate::{
    model::{Session, SessionId},
    store::{Line, Recording, StoreError},
};

/// The journey of a session, until that session's last line.
pub(in crate::store) async fn recording(
    path: &str,
    session: &str,
) -> Result<Option<Recording>, StoreError> {
    let mut db = open(path).await?;
    let found: Option<(String, String, String)> = query_as(
        "SELECT s.id, s.journey, j.guest FROM sessions s JOIN journeys j ON j.id = s.journey \
         WHERE s.id = ?1 OR json_extract(s.body, '$.ref') = ?1 LIMIT 1",
    )
    .bind(session)
    .fetch_optional(&mut db)
    .await
    .map_err(failed)?;
    let Some((id, journey, guest)) = found else { return Ok(None) };
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(VIEW);
    sql.push(" WHERE s.journey = ").push_bind(&journey).push(" ORDER BY s.position");
    let rows = sql.build().fetch_all(&mut db).await.map_err(failed)?;
    let all: Vec<Session> =
        rows.iter().map(|row| Ok(view(row)?.session)).collect::<Result<_, StoreError>>()?;
    let rows = query(LINES).bind(&journey).bind(&id).fetch_all(&mut db).await.map_err(failed)?;
    let mut lines: Vec<Line> = Vec::new();
    for row in &rows {
        let of = SessionId(id_of(row.try_get("session").map_err(failed)?)?);
        lines.push(Line { session: Some(of), ..line(of, row)? });
    }
    db.close().await.map_err(|error| cannot_open(path, &error))?;
    let is_there = |session: &Session| lines.iter().any(|line| line.session == Some(session.id));
    let sessions = all.into_iter().filter(is_there).collect();
    let (session, guest) = (SessionId(id_of(&id)?), json("a guest", &guest)?);
    Ok(Some(Recording { session, guest, sessions, lines }))
}

/// The lines of a journey in the order in which they were kept, until the last one of a session.
const LINES: &str = "SELECT t.session, t.seq, t.at, t.who, t.name, t.text, t.card, t.activity, t.letter, t.edited, \
     t.deleted, t.author, t.hidden FROM transcript t JOIN sessions s ON s.id = t.session WHERE s.journey = ?1 \
     AND t.seq <= (SELECT max(seq) FROM transcript WHERE session = ?2) ORDER BY t.seq";

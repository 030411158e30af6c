//! What is looked at. Questions that take several statements see one state.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::{QueryBuilder, Row as _, Sqlite, query, query_as, query_scalar, sqlite::SqliteRow};

use super::{
    journey::{flow_of, hops_of},
    lines::line,
    open::SqliteStore,
    values::{count, failed, id_of, json},
};
use crate::{
    model::{ConversationId, Hop, JourneyId, SessionId, State, TenantId},
    store::{
        Filter, JourneyView, Line, LinePage, Page, SessionView, StoreError, Views,
        rules::{Cursor, nanos},
    },
};

#[async_trait]
impl Views for SqliteStore {
    async fn sessions(&self, filter: &Filter) -> Result<Page, StoreError> {
        let size = filter.page_size();
        let mut sql = list(filter)?;
        let mut db = self.lists.list().await?;
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

    async fn session(&self, id: SessionId) -> Result<Option<SessionView>, StoreError> {
        let mut db = self.readers.several().await?;
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(VIEW);
        let row = sql
            .push(" WHERE s.id = ")
            .push_bind(id.to_string())
            .build()
            .fetch_optional(&mut *db)
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let mut view = view(&row)?;
        view.hops = hops_of(&mut db, &view.session.journey.to_string()).await?;
        view.flow = flow_of(&mut db, id).await?;
        Ok(Some(view))
    }

    async fn transcript(&self, id: SessionId) -> Result<Vec<Line>, StoreError> {
        let rows = query(LINES)
            .bind(id.to_string())
            .bind(i64::MIN)
            .bind(-1)
            .fetch_all(&mut *self.readers.one().await?)
            .await
            .map_err(failed)?;
        rows.iter().map(|row| line(id, row)).collect()
    }

    async fn transcript_page(
        &self,
        id: SessionId,
        after: Option<i64>,
        limit: u32,
    ) -> Result<LinePage, StoreError> {
        let rows = query(LINES)
            .bind(id.to_string())
            .bind(after.unwrap_or(i64::MIN))
            .bind(i64::from(limit) + 1)
            .fetch_all(&mut *self.lists.list().await?)
            .await
            .map_err(failed)?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let last = rows.get(size).and_then(|_| rows.get(size.checked_sub(1)?));
        let next = last.map(|row| row.try_get("seq").map_err(failed)).transpose()?;
        let items = rows.iter().take(size).map(|row| line(id, row)).collect::<Result<_, _>>()?;
        Ok(LinePage { items, next })
    }

    async fn said_at_desk(
        &self,
        author: &str,
        activity: &str,
    ) -> Result<Option<(ConversationId, Line)>, StoreError> {
        let row = query(
            "SELECT t.session, t.at, t.who, t.name, t.text, t.card, t.activity, t.letter, t.edited, \
             t.deleted, t.author, t.hidden, j.channel, j.conversation \
             FROM transcript t JOIN sessions s ON s.id = t.session JOIN journeys j ON j.id = s.journey \
             WHERE t.author = ? AND t.activity = ? ORDER BY t.seq DESC LIMIT 1",
        )
        .bind(author)
        .bind(activity)
        .fetch_optional(&mut *self.readers.one().await?)
        .await
        .map_err(failed)?;
        let found = |row: SqliteRow| {
            let session = SessionId(id_of(row.try_get("session").map_err(failed)?)?);
            let (channel, id) = (
                row.try_get("channel").map_err(failed)?,
                row.try_get("conversation").map_err(failed)?,
            );
            Ok((ConversationId { channel, id }, line(session, &row)?))
        };
        row.map(found).transpose()
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<JourneyView>, StoreError> {
        let mut db = self.readers.several().await?;
        let key = id.to_string();
        let guest: Option<String> = query_scalar("SELECT guest FROM journeys WHERE id = ?")
            .bind(&key)
            .fetch_optional(&mut *db)
            .await
            .map_err(failed)?;
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

    async fn live_counts(&self) -> Result<Vec<(TenantId, State, u64)>, StoreError> {
        let statement = query_as(
            "SELECT tenant, state, count(*) FROM sessions WHERE live = 1 \
             GROUP BY tenant, state ORDER BY tenant, state",
        );
        let rows: Vec<(String, String, i64)> =
            statement.fetch_all(&mut *self.lists.list().await?).await.map_err(failed)?;
        let row = |(tenant, state, sessions): (String, String, i64)| {
            let state = State::named(&state).ok_or_else(|| {
                StoreError::Broken(format!("a session has the unknown state `{state}`"))
            })?;
            Ok((TenantId::from(&tenant), state, count(sessions)?))
        };
        rows.into_iter().map(row).collect()
    }
}

/// The lines of a session after a place, so many at most; as many as there are with -1.
const LINES: &str = "SELECT t.seq, t.at, t.who, t.name, t.text, t.card, coalesce(t.activity, o.activity) AS activity, \
     t.letter, t.edited, t.deleted, t.author, t.hidden FROM transcript t LEFT JOIN outbox o ON o.id = t.letter \
     WHERE t.session = ? AND t.seq > ? ORDER BY t.seq LIMIT ?";

/// The question for a page of sessions, with one more than asked for, which tells whether there is
/// a next page. Of one guest, conversation or journey there are few sessions: they are found first,
/// and then looked at (the pluses keep SQLite from walking through all that are in a state, or in
/// order, instead).
fn list(filter: &Filter) -> Result<QueryBuilder<Sqlite>, StoreError> {
    let is_narrow =
        filter.guest.is_some() || filter.conversation.is_some() || filter.journey.is_some();
    let plus = if is_narrow || filter.reference.is_some() { "+" } else { "" };
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(if is_narrow { NARROW } else { VIEW });
    sql.push(" WHERE 1");
    if let Some(guest) = &filter.guest {
        sql.push(" AND j.id IN (SELECT id FROM journeys WHERE guest_id = ")
            .push_bind(guest.clone());
        sql.push(" UNION SELECT id FROM journeys WHERE guest_aad = ")
            .push_bind(guest.clone())
            .push(")");
    }
    if let Some(conversation) = &filter.conversation {
        sql.push(" AND j.id IN (SELECT id FROM journeys WHERE conversation = ")
            .push_bind(conversation.clone())
            .push(")");
    }
    if let Some(journey) = filter.journey {
        sql.push(" AND j.id = ").push_bind(journey.to_string());
    }
    if let Some(reference) = &filter.reference {
        // The words of the index.
        sql.push(" AND json_extract(s.body, '$.ref') COLLATE NOCASE = ")
            .push_bind(reference.clone());
    }
    if let Some(tenant) = &filter.tenant {
        sql.push(" AND ").push(plus).push("s.tenant = ").push_bind(tenant.as_str().to_owned());
    }
    if let Some(state) = filter.state {
        sql.push(" AND ").push(plus).push("s.state = ").push_bind(state.name());
    }
    if let Some(from) = filter.from {
        sql.push(" AND ").push(plus).push("s.started >= ").push_bind(nanos(from));
    }
    if let Some(to) = filter.to {
        sql.push(" AND ").push(plus).push("s.started < ").push_bind(nanos(to));
    }
    if let Some(Cursor { started, id }) = filter.after()? {
        sql.push(" AND (").push(plus).push("s.started, ").push(plus).push("s.id) < (");
        sql.push_bind(started).push(", ").push_bind(id.to_string()).push(")");
    }
    sql.push(" ORDER BY ").push(plus).push("s.started DESC, ").push(plus).push("s.id DESC LIMIT ");
    let size = i64::try_from(filter.page_size()).unwrap_or(i64::MAX);
    sql.push_bind(size.saturating_add(1));
    Ok(sql)
}

/// The sessions with their conversation and guest.
pub(super) const VIEW: &str = "SELECT s.body, j.channel, j.conversation, j.guest FROM sessions s JOIN journeys j ON j.id = s.journey";

/// The same, journeys first.
const NARROW: &str = "SELECT s.body, j.channel, j.conversation, j.guest FROM journeys j CROSS JOIN sessions s ON s.journey = j.id";

/// One row of [`VIEW`], without flow and hops.
pub(super) fn view(row: &SqliteRow) -> Result<SessionView, StoreError> {
    Ok(SessionView {
        session: json("a session", row.try_get("body").map_err(failed)?)?,
        conversation: ConversationId {
            channel: row.try_get("channel").map_err(failed)?,
            id: row.try_get("conversation").map_err(failed)?,
        },
        guest: json("a guest", row.try_get("guest").map_err(failed)?)?,
        flow: Vec::new(),
        hops: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Execute as _};

    use super::*;

    /// How SQLite goes about a list.
    async fn plan(store: &SqliteStore, filter: Filter) -> String {
        let sql = format!("EXPLAIN QUERY PLAN {}", list(&filter).unwrap().build().sql().as_str());
        let mut db = store.readers.one().await.unwrap();
        let rows = query(AssertSqlSafe(sql)).fetch_all(&mut *db).await.unwrap();
        let step = |row: &SqliteRow| row.try_get::<String, _>("detail").unwrap();
        rows.iter().map(step).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn a_list_of_one_guest_begins_with_their_journeys() {
        let store = SqliteStore::in_memory().await.unwrap();
        let all = Filter {
            tenant: Some("it".into()),
            state: Some(State::Active),
            from: Some(jiff::Timestamp::UNIX_EPOCH),
            to: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Filter::default()
        };
        let guest = Filter { guest: Some("29:kim".to_owned()), ..all.clone() };
        let conversation = Filter { conversation: Some("a:1".to_owned()), ..all.clone() };
        let journey = Filter { journey: Some(JourneyId(uuid::Uuid::nil())), ..all.clone() };
        for (filter, first) in [
            (guest, &["journeys_guest_id", "journeys_guest_aad"][..]),
            (conversation, &["journeys_conversation"]),
            (journey, &[]),
        ] {
            let plan = plan(&store, filter).await;
            assert!(!plan.contains("SCAN"), "{plan}");
            assert!(plan.contains("SEARCH s USING INDEX sessions_journey"), "{plan}");
            for index in first {
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
        let reference = Filter { reference: Some("IT-1002".to_owned()), ..all.clone() };
        let plan_of_one = plan(&store, reference).await;
        assert!(plan_of_one.contains("SEARCH s USING INDEX sessions_ref"), "{plan_of_one}");
        let plan = plan(&store, all).await;
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

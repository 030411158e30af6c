//! Proposals for FAQs.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection, query, query_as};

use super::{
    open::SqliteStore,
    script::Script,
    values::{changed, failed, id_of},
    writer::{Failure, Write},
};
use crate::{
    model::{Agent, SessionId, SuggestionId, TenantId},
    store::{
        StoreError, Suggestion, SuggestionState, Suggestions,
        rules::{instant, nanos},
    },
};

/// Adds a proposal.
pub(super) fn add(script: &mut Script, row: &Suggestion) {
    script
        .then(
            "INSERT INTO drafts (id, tenant, question, answer, locale, by_id, by_name, session, created, state, decided_by, decided) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(row.id.to_string())
        .bind(row.tenant.as_str().to_owned())
        .bind(row.question.clone())
        .bind(row.answer.clone())
        .bind(row.locale.clone())
        .bind(row.by.id.clone())
        .bind(row.by.name.clone())
        .bind(row.session.to_string())
        .bind(nanos(row.created))
        .bind(row.state.name().to_owned())
        .bind(row.decided_by.clone())
        .bind(row.decided.map(nanos));
}

#[async_trait]
impl Suggestions for SqliteStore {
    async fn suggestions(
        &self,
        tenant: Option<&TenantId>,
        state: SuggestionState,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let statement = query_as(
            "SELECT * FROM drafts WHERE state = ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY created, id",
        );
        let rows: Vec<Kept> = statement
            .bind(state.name())
            .bind(tenant.map(TenantId::as_str))
            .fetch_all(&mut *self.lists.list().await?)
            .await
            .map_err(failed)?;
        rows.into_iter().map(Kept::read).collect()
    }

    async fn suggestion(&self, id: SuggestionId) -> Result<Option<Suggestion>, StoreError> {
        let statement = query_as("SELECT * FROM drafts WHERE id = ?").bind(id.to_string());
        let row: Option<Kept> =
            statement.fetch_optional(&mut *self.readers.one().await?).await.map_err(failed)?;
        row.map(Kept::read).transpose()
    }

    async fn decide_suggestion(
        &self,
        id: SuggestionId,
        state: SuggestionState,
        by: String,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer.write(Decide { id, state, by, at }).await
    }
}

#[derive(FromRow)]
struct Kept {
    id: String,
    tenant: String,
    question: String,
    answer: String,
    locale: String,
    by_id: String,
    by_name: String,
    session: String,
    created: i64,
    state: String,
    decided_by: Option<String>,
    decided: Option<i64>,
}

impl Kept {
    fn read(self) -> Result<Suggestion, StoreError> {
        Ok(Suggestion {
            id: SuggestionId(id_of(&self.id)?),
            tenant: TenantId::from(&self.tenant),
            question: self.question,
            answer: self.answer,
            locale: self.locale,
            by: Agent { id: self.by_id, name: self.by_name },
            session: SessionId(id_of(&self.session)?),
            created: instant(self.created),
            state: SuggestionState::named(&self.state).ok_or_else(|| {
                StoreError::Broken("a proposal is in an unknown state".to_owned())
            })?,
            decided_by: self.decided_by,
            decided: self.decided.map(instant),
        })
    }
}

/// A decision on a proposal.
struct Decide {
    id: SuggestionId,
    state: SuggestionState,
    by: String,
    at: Timestamp,
}

#[async_trait]
impl Write for Decide {
    type Answer = bool;

    async fn run(&self, db: &mut SqliteConnection) -> Result<bool, Failure> {
        let statement = query(
            "UPDATE drafts SET state = ?, decided_by = ?, decided = ? WHERE id = ? AND state = 'proposed'",
        );
        let statement = statement
            .bind(self.state.name())
            .bind(self.by.clone())
            .bind(nanos(self.at))
            .bind(self.id.to_string());
        Ok(changed(db, statement).await? > 0)
    }
}

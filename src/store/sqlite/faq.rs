//! What is written and counted of FAQs.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, query_as};

use super::{open::SqliteStore, script::Script, values::failed};
use crate::{
    model::TenantId,
    store::{ArticleCounts, FaqCounts, FaqReport, FaqRow, Faqs, Span, StoreError, rules::nanos},
};

/// Notes what became of an answer.
pub(super) fn note(script: &mut Script, row: &FaqRow, at: Timestamp) {
    script
        .then("INSERT INTO answers (session, tenant, article, verdict, at) VALUES (?, ?, ?, ?, ?)")
        .bind(row.session.to_string())
        .bind(row.tenant.as_str().to_owned())
        .bind(row.article.clone())
        .bind(row.verdict.name().to_owned())
        .bind(nanos(at));
}

/// A session that an answer may have solved: it ended resolved, and no agent ever had it.
const ALONE: &str =
    "s.state = 'resolved' AND coalesce(json_array_length(s.body, '$.takes'), 0) = 0";

#[async_trait]
impl Faqs for SqliteStore {
    async fn faq_report(&self, span: Span) -> Result<FaqReport, StoreError> {
        let from = span.from.map_or(i64::MIN, nanos);
        let to = span.to.map_or(i64::MAX, nanos);
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        let mut db = self.lists.report().await?;
        let sql = format!(
            "SELECT a.tenant, a.article, sum(a.verdict = 'shown'), sum(a.verdict = 'helped'), sum(a.verdict = 'not_helped'), \
             sum(a.verdict = 'followed'), count(DISTINCT iif(a.verdict = 'helped' AND {ALONE}, a.session, NULL)) \
             FROM answers a JOIN sessions s ON s.id = a.session WHERE s.started >= ? AND s.started < ? GROUP BY 1, 2 ORDER BY 1, 2"
        );
        let rows: Vec<(String, String, i64, i64, i64, i64, i64)> = query_as(AssertSqlSafe(sql))
            .bind(from)
            .bind(to)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let items = rows.into_iter().map(
            |(tenant, article_id, shown, helped, not_helped, followed, solved)| ArticleCounts {
                tenant_id: TenantId::from(&tenant),
                article_id,
                shown: number(shown),
                helped: number(helped),
                not_helped: number(not_helped),
                followed: number(followed),
                solved: number(solved),
            },
        );
        let items = items.collect();
        let sql = format!(
            "SELECT s.tenant, count(*), sum(EXISTS (SELECT 1 FROM answers a WHERE a.session = s.id)), \
             sum({ALONE} AND EXISTS (SELECT 1 FROM answers a WHERE a.session = s.id AND a.verdict = 'helped')) \
             FROM sessions s WHERE s.started >= ? AND s.started < ? GROUP BY 1 ORDER BY 1"
        );
        let rows: Vec<(String, i64, i64, i64)> = query_as(AssertSqlSafe(sql))
            .bind(from)
            .bind(to)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let tenants = rows.into_iter().map(|(tenant, sessions, answered, solved)| FaqCounts {
            tenant_id: TenantId::from(&tenant),
            sessions: number(sessions),
            answered: number(answered),
            solved: number(solved),
        });
        Ok(FaqReport { items, tenants: tenants.collect() })
    }
}

//! Reports, as JSON and as tables for a spreadsheet.

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{problem::Problem, query::instant, reply::Reply, scope::Scope},
    model::TenantId,
    store::Span,
};

/// The query of `GET /reports/faq`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FaqQuery {
    from: Option<String>,
    to: Option<String>,
    tenant: Option<String>,
    format: Option<String>,
}

/// `GET /reports/faq`: what the FAQs did in the sessions that began in a span of time. `tenant` is
/// the article's for items, the guest's department for the rest.
pub(in crate::http) async fn faq(scope: Scope, query: web::Query<FaqQuery>) -> Reply {
    let FaqQuery { from, to, tenant, format } = query.into_inner();
    let span = Span { from: instant("from", from)?, to: instant("to", to)? };
    let report = scope.faq_report(span).await?;
    let fits = |id: &TenantId| tenant.as_deref().is_none_or(|wanted| id.as_str() == wanted);
    let running = scope.running();
    let question = |tenant: &TenantId, id: &str| {
        let articles = running.company.articles.get(tenant).map(Vec::as_slice).unwrap_or_default();
        articles.iter().find(|article| article.id == id).map(|article| article.question.clone())
    };
    let items = report.items.iter().filter(|item| fits(&item.tenant_id));
    match format.as_deref() {
        None | Some("json") => {
            let items: Vec<Value> = items
                .map(|item| {
                    json!({
                        "tenantId": item.tenant_id.as_str(), "articleId": item.article_id, "question": question(&item.tenant_id, &item.article_id),
                        "shown": item.shown, "helped": item.helped, "notHelped": item.not_helped, "followed": item.followed, "solved": item.solved,
                    })
                })
                .collect();
            let tenants: Vec<Value> = report
                .tenants
                .iter()
                .filter(|counts| fits(&counts.tenant_id))
                .map(|counts| {
                    json!({
                        "tenantId": counts.tenant_id.as_str(), "sessions": counts.sessions, "answered": counts.answered,
                        "solved": counts.solved, "deflection": share(counts.solved, counts.sessions),
                    })
                })
                .collect();
            Ok(HttpResponse::Ok().json(
                json!({ "from": span.from, "to": span.to, "items": items, "tenants": tenants }),
            ))
        }
        Some("csv") => {
            let mut table = csv::Writer::from_writer(Vec::new());
            let head = [
                "tenantId",
                "articleId",
                "question",
                "shown",
                "helped",
                "notHelped",
                "followed",
                "solved",
            ]
            .map(str::to_owned);
            let rows = items.map(|item| {
                let question = question(&item.tenant_id, &item.article_id).unwrap_or_default();
                let counts = [item.shown, item.helped, item.not_helped, item.followed, item.solved];
                let words = [item.tenant_id.to_string(), item.article_id.clone(), question];
                words
                    .into_iter()
                    .map(|cell| harmless(&cell))
                    .chain(counts.map(|count| count.to_string()))
                    .collect::<Vec<_>>()
            });
            let written = std::iter::once(head.to_vec())
                .chain(rows)
                .try_for_each(|row| table.write_record(row));
            let bytes = written.ok().and_then(|()| table.into_inner().ok());
            let bytes = bytes
                .ok_or_else(|| Problem::unavailable("The table was not finished; try again."))?;
            Ok(HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8")
                .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"faq.csv\""))
                .body(bytes))
        }
        Some(other) => {
            Err(Problem::bad_request(format!("`format` cannot be `{other}`: write json or csv.")))
        }
    }
}

/// Rounded to four digits; 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "counts of sessions are far below 2^52")]
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    (share * 10_000.0).round() / 10_000.0
}

/// A cell that a spreadsheet does not take for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@sum"] {
            assert_eq!(super::harmless(cell), format!("'{cell}"));
        }
        assert_eq!(super::harmless("How = why?"), "How = why?");
        assert_eq!((super::share(1, 3), super::share(0, 0)), (0.3333, 0.0));
    }
}

//! Errors of the HTTP interface: RFC 9457 `application/problem+json`. A 5xx never shows its cause.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

use crate::store::StoreError;

/// An error answer: status, stable code, safe sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A code that programs can rely on.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Problem {
    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem { status: 400, code: "bad_request", detail: detail.into() }
    }

    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Problem { status: 401, code: "unauthorized", detail: detail.into() }
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Problem { status: 403, code: "forbidden", detail: detail.into() }
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Problem { status: 404, code: "not_found", detail: format!("There is no such {what}.") }
    }

    /// 503.
    pub fn unavailable(detail: &str) -> Self {
        Problem { status: 503, code: "unavailable", detail: detail.to_owned() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if self.status == 401 {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        if self.status == 503 {
            response.insert_header(("Retry-After", "1"));
        }
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({ "type": "about:blank", "title": title, "status": self.status, "code": self.code, "detail": self.detail });
        response.content_type("application/problem+json").body(body.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Broken(_) => Problem {
                status: 500,
                code: "internal",
                detail: "The store holds something that cannot be read; see the log.".to_owned(),
            },
            _ => Problem::unavailable("The store does not answer; try again."),
        }
    }
}

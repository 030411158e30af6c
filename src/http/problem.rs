//! Errors of the HTTP interface: RFC 9457 `application/problem+json`. A 5xx never shows its cause.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

use crate::{pipeline::wish::Refusal, store::StoreError};

/// Makes the enum of codes from one table: a code and its status stand together, and none can be
/// left out of the list.
macro_rules! codes {
    ($(#[$doc:meta] $variant:ident = $status:literal $name:literal,)*) => {
        /// A stable code that programs can rely on; each has one status. deploy/README.md lists
        /// them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[$doc] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self {
                    $(Code::$variant => $status,)*
                }
            }

            /// The code as it is written.
            pub fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// What was sent cannot be read, or names something that cannot be.
    BadRequest = 400 "bad_request",
    /// The sender is not proved.
    Unauthorized = 401 "unauthorized",
    /// Not from there: another host's name, a page of another origin, a channel that is not open.
    Forbidden = 403 "forbidden",
    /// There is no such thing, or no such address.
    NotFound = 404 "not_found",
    /// The address does not take this method.
    WrongMethod = 405 "wrong_method",
    /// The session has ended, or the guest is in another one.
    NotLive = 409 "not_live",
    /// The department has no desk in a channel.
    NoDesk = 409 "no_desk",
    /// The proposal was accepted or rejected before.
    Decided = 409 "decided",
    /// The company folder cannot be written.
    ReadOnly = 409 "read_only",
    /// A transfer to a department that does not exist.
    UnknownTenant = 409 "unknown_tenant",
    /// A transfer to a department that is switched off.
    Disabled = 409 "disabled",
    /// A transfer to a department without a primary pipeline.
    NoPipeline = 409 "no_pipeline",
    /// A transfer to where the guest is.
    SameTenant = 409 "same_tenant",
    /// A transfer that `transfers` does not allow.
    NotAllowed = 409 "not_allowed",
    /// A transfer without the reason that a rule wants.
    ReasonRequired = 409 "reason_required",
    /// One transfer too many.
    HopLimit = 409 "hop_limit",
    /// A transfer to a department that is closed.
    Closed = 409 "closed",
    /// The body took too long.
    TooSlow = 408 "too_slow",
    /// The body is too large.
    TooLarge = 413 "too_large",
    /// The body is compressed, or no JSON where it must be.
    Unsupported = 415 "unsupported",
    /// Bytes of a file are asked for that it does not have.
    Range = 416 "range",
    /// The company would have mistakes with it.
    Mistakes = 422 "mistakes",
    /// A fault; the log tells the cause.
    Internal = 500 "internal",
    /// Not now: try again.
    Unavailable = 503 "unavailable",
}

/// Why a manager could not move somebody is said with the code that a stage would get.
impl From<Refusal> for Code {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownTenant => Code::UnknownTenant,
            Refusal::Disabled => Code::Disabled,
            Refusal::NoPipeline => Code::NoPipeline,
            Refusal::SameTenant => Code::SameTenant,
            Refusal::NotAllowed => Code::NotAllowed,
            Refusal::ReasonRequired => Code::ReasonRequired,
            Refusal::HopLimit => Code::HopLimit,
            Refusal::Closed => Code::Closed,
        }
    }
}

/// An error answer: stable code, safe sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Also tells the status.
    pub code: Code,
    /// What is wrong and what to do.
    pub detail: String,
    /// After how many seconds to try again, where that helps.
    pub retry_after: u64,
}

impl Problem {
    /// Of that code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem { code, detail: detail.into(), retry_after: 1 }
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(Code::BadRequest, detail)
    }

    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Problem::new(Code::Unauthorized, detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Problem::new(Code::Forbidden, detail)
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Problem::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// 503.
    pub fn unavailable(detail: &str) -> Self {
        Problem::new(Code::Unavailable, detail)
    }

    /// The same, to be tried again after so many seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        Problem { retry_after: seconds, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code.status(), self.code.name(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        match self.code {
            Code::Unauthorized => drop(response.insert_header(("WWW-Authenticate", "Bearer"))),
            Code::Unavailable => {
                response.insert_header(("Retry-After", self.retry_after.to_string()));
            }
            _ => {}
        }
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({
            "type": "about:blank", "title": title, "status": self.code.status(),
            "code": self.code.name(), "detail": self.detail,
        });
        response.content_type("application/problem+json").body(body.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error == StoreError::TooLong {
            return Problem::unavailable(
                "This took too long and was stopped: ask for a shorter span, or for fewer.",
            );
        }
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Broken(_) => Problem::new(
                Code::Internal,
                "The store holds something that cannot be read; see the log.",
            ),
            _ => Problem::unavailable("The store does not answer; try again."),
        }
    }
}

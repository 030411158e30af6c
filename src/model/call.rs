//! A call to another system, such as a ticket system, for whose answer a session waits.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CallId;

/// A call that is under way, as its session remembers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its id; the answer brings it back, and the other system gets it as `Idempotency-Key`.
    pub id: CallId,
    /// 1 the first time.
    pub attempt: u32,
    /// Without an answer until then it is asked again, or has failed.
    pub deadline: Timestamp,
    /// What is asked.
    pub request: Request,
    /// How often the guest has written meanwhile.
    #[serde(default)]
    pub written: u32,
}

impl Call {
    /// How long to wait before this attempt: a system that failed a moment ago is given some time.
    pub fn pause(&self) -> Duration {
        let before = u64::from(self.attempt.saturating_sub(1));
        Duration::from_secs(before * before)
    }
}

/// What is asked of another system. Secrets are named here, never held.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The address, complete.
    pub url: String,
    /// The headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, Header)>,
    /// The body, JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How long one attempt may take, in milliseconds.
    pub timeout: u64,
    /// The answer is read as JSON; else only its status counts.
    pub wants_json: bool,
    /// It holds something private: what is saved of the answer is private as well, since systems
    /// repeat what they are told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// Neither address nor headers nor body: they hold what people wrote.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("timeout", &self.timeout)
            .field("wants_json", &self.wants_json)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

/// The methods that a call can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Makes something.
    Post,
    /// Puts something in a place.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

impl Method {
    /// All, as files write them.
    pub const NAMES: [&'static str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// The method of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
        Self::NAMES.iter().position(|known| *known == name).map(|at| all[at])
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// True when twice is the same as once (RFC 9110, 9.2.2), so that it may be asked again when
    /// nobody knows whether it arrived.
    pub fn is_idempotent(self) -> bool {
        matches!(self, Method::Get | Method::Put | Method::Delete)
    }
}

/// The value of a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// As it is.
    Text(String),
    /// The value of an environment variable, looked up when the call is made.
    Env(String),
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// It was answered with a status below 300; the body when it was asked for, else null.
    Answer(Value),
    /// It failed.
    Failed(CallError),
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// The host is not on the company's list, or its address may not be called.
    Refused,
    /// A header names an environment variable that is not set, or the address or a header cannot be
    /// sent.
    Unsendable,
    /// Nobody answered.
    Unreachable,
    /// Nobody answered in time.
    Timeout,
    /// Answered with this status, which is not one of success.
    Status(u16),
    /// The answer is larger than a mebibyte.
    TooLarge,
    /// The answer is no JSON.
    NotJson,
    /// The answer lacks what was to be saved.
    Missing,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused => f.write_str("refused"),
            CallError::Unsendable => f.write_str("unsendable"),
            CallError::Unreachable => f.write_str("unreachable"),
            CallError::Timeout => f.write_str("timeout"),
            CallError::Status(status) => write!(f, "status_{status}"),
            CallError::TooLarge => f.write_str("too_large"),
            CallError::NotJson => f.write_str("not_json"),
            CallError::Missing => f.write_str("missing"),
        }
    }
}

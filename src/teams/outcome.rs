//! What became of a request to the connector, in the words of the outbox. The meaning of the codes
//! is Microsoft's; the documentation, the connector's specification and what was observed agree on
//! this much.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// Error codes with which the platform says of the person or their Microsoft 365 tenant that the bot
/// is not let in: nothing can be delivered until somebody there acts.
const SHUT: [&str; 3] = ["BotDisabledByAdmin", "BotDisabledByUser", "ConversationBlockedByUser"];
/// Error codes that mean the same, and that are also answered at random for a while where all is
/// well.
const PERHAPS: [&str; 3] =
    ["BotNotInConversationRoster", "MessageWritesBlocked", "ConversationNotFound"];

/// Why something was not delivered; each variant is one thing that the outbox does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too fast: wait. Not delivered.
    #[error("throttled")]
    Throttled {
        /// What `Retry-After` asked for, if it did.
        after: Option<Duration>,
    },
    /// Nothing is wrong with what was to be sent: the connector was not reached, did not answer, or
    /// knows no token of ours. Whatever else goes to that address fares alike.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// The login's or the transport's error without the address, or a status.
        reason: String,
        /// True when it may have arrived nevertheless.
        maybe_delivered: bool,
    },
    /// Try again later.
    #[error("temporary: {reason}")]
    Temporary {
        /// A status with its code.
        reason: String,
        /// True when it may have arrived nevertheless: sending is not idempotent, so that
        /// repetitions should be few.
        maybe_delivered: bool,
        /// What `Retry-After` asked for, if it did.
        after: Option<Duration>,
    },
    /// The conversation is closed to the bot: note it and stop, until something comes in from
    /// there.
    #[error("gone: {code}")]
    Gone {
        /// `BotDisabledByAdmin`, `ConversationNotFound` …
        code: String,
        /// The same is answered at random for a while where nothing is wrong.
        may_pass: bool,
    },
    /// It will be refused again: dead letter, next.
    #[error("refused: {status} {}", code.as_deref().unwrap_or_default())]
    Refused {
        /// The HTTP status; 0 when it was our own refusal to send it there.
        status: u16,
        /// The connector's error code, or `NotAllowed`, `BadId` for our own.
        code: Option<String>,
    },
}

impl SendError {
    /// For how long the connector wants not to be asked again.
    pub fn after(&self) -> Option<Duration> {
        match self {
            SendError::Throttled { after } | SendError::Temporary { after, .. } => *after,
            SendError::Gone { .. } | SendError::Refused { .. } | SendError::Unavailable { .. } => {
                None
            }
        }
    }
}

/// What an error status means.
pub(super) fn failure(status: u16, code: Option<String>, after: Option<Duration>) -> SendError {
    let temporary = |maybe_delivered| SendError::Temporary {
        reason: format!("answered {status} {}", code.as_deref().unwrap_or_default())
            .trim_end()
            .to_owned(),
        maybe_delivered,
        after,
    };
    match (status, code.as_deref()) {
        (403 | 404, Some(gone)) if SHUT.contains(&gone) || PERHAPS.contains(&gone) => {
            SendError::Gone { code: gone.to_owned(), may_pass: PERHAPS.contains(&gone) }
        }
        // A token that was just bought is refused: now and then one is, while keys are exchanged; and
        // for long when the bot's registration is wrong, which somebody will mend.
        (401, _) => SendError::Unavailable {
            reason: format!("answered 401 {}", code.as_deref().unwrap_or_default())
                .trim_end()
                .to_owned(),
            maybe_delivered: false,
        },
        (412, _) => temporary(false),
        (429, _) => SendError::Throttled { after },
        // The documentation asks not to repeat the connector's own ServiceError; any other 500
        // comes from something in between.
        (500, Some("ServiceError")) => SendError::Refused { status, code },
        (408 | 500 | 502..=504, _) => temporary(true),
        _ => SendError::Refused { status, code },
    }
}

/// The longest that a `Retry-After` is heeded: whoever asks for more is asked again by then.
pub const MOST_AFTER: Duration = Duration::from_secs(600);

/// Seconds, or a date that is compared with `now`; a date in the past means "now". At most
/// [`MOST_AFTER`].
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(MOST_AFTER));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(Duration::try_from(now.duration_until(date)).unwrap_or_default().min(MOST_AFTER))
}

/// The error code, from the three shapes in which the connector writes it: `{error:{code}}`,
/// `{errorCode, message}` with JSON in the message whose `subCode` counts, and `{message}`, which
/// has none. Codes are words; anything else is not kept, it might be text about somebody.
pub(super) fn code_of(body: &Value) -> Option<String> {
    let nested = || serde_json::from_str::<Value>(body.get("message")?.as_str()?).ok();
    let from_message = || {
        nested().and_then(|inner| inner.get("subCode").and_then(Value::as_str).map(str::to_owned))
    };
    let code = body
        .get("error")
        .and_then(|error| error.get("code"))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(from_message)?;
    (code.len() <= 64
        && !code.is_empty()
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')))
    .then_some(code)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_come_in_three_shapes() {
        assert_eq!(
            code_of(&json!({"error": {"code": "BadSyntax", "message": "x", "innerHttpError": {"statusCode": 400}}})).as_deref(),
            Some("BadSyntax")
        );
        assert_eq!(code_of(&json!({"message": "Authorization has been denied"})), None);
        assert_eq!(
            code_of(&json!({"errorCode": 209, "message": "{\"subCode\":\"MessageWritesBlocked\",\"details\":\"x\"}"})).as_deref(),
            Some("MessageWritesBlocked")
        );
        assert_eq!(code_of(&json!({"error": {"code": "Kim Doe is away"}})), None);
        assert_eq!(code_of(&Value::Null), None);
    }

    #[test]
    fn statuses_become_what_the_outbox_does_next() {
        let failed = |status, code: &str| {
            failure(status, Some(code.to_owned()).filter(|code| !code.is_empty()), None)
        };
        for (status, code, may_pass) in [
            (403, "BotDisabledByAdmin", false),
            (403, "BotDisabledByUser", false),
            (403, "ConversationBlockedByUser", false),
            (403, "BotNotInConversationRoster", true),
            (403, "MessageWritesBlocked", true),
            (404, "ConversationNotFound", true),
        ] {
            assert_eq!(failed(status, code), SendError::Gone { code: code.into(), may_pass });
        }
        for code in ["", "BotNotRegistered"] {
            assert!(
                matches!(failed(401, code), SendError::Unavailable { maybe_delivered: false, .. }),
                "{code}"
            );
        }
        assert_eq!(failed(429, "Throttled"), SendError::Throttled { after: None });
        for (status, code) in [
            (301, ""),
            (400, "BadSyntax"),
            (403, ""),
            (403, "NotEnoughPermissions"),
            (403, "InvalidBotApiHost"),
            (404, ""),
            (404, "ActivityNotFoundInConversation"),
            (413, "MessageSizeTooBig"),
            (500, "ServiceError"),
            (501, ""),
        ] {
            assert!(
                matches!(failed(status, code), SendError::Refused { status: it, .. } if it == status),
                "{status} {code}"
            );
        }
        for (status, maybe) in
            [(412, false), (408, true), (500, true), (502, true), (503, true), (504, true)]
        {
            assert!(
                matches!(failed(status, ""), SendError::Temporary { maybe_delivered, .. } if maybe_delivered == maybe),
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "1994-11-06T08:49:30Z".parse().unwrap();
        let after = |text: &str| {
            retry_after(
                &HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]),
                now,
            )
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!((after("soon"), after("-1")), (None, None));
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}

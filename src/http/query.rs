//! What stands behind the question mark of an address.

use jiff::Timestamp;

use super::problem::Problem;

/// An instant, or the date at whose beginning it is, in UTC.
pub(super) fn instant(name: &str, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let date = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let parsed = text.parse::<Timestamp>().ok().or_else(date);
    parsed.map(Some).ok_or_else(|| {
        Problem::bad_request(format!(
            "`{name}` must be an instant such as 2026-11-24T08:00:00Z, or a date."
        ))
    })
}

/// How many are wanted: from one to `most`, `usual` where nothing is said.
pub(super) fn limit(text: Option<&str>, usual: u32, most: u32) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(usual) };
    let number = text.parse::<u32>().map_err(|_| {
        Problem::bad_request(format!(
            "`limit` must be a whole number from 1 to {most}, not `{text}`."
        ))
    })?;
    Ok(number.clamp(1, most))
}

/// Why the part behind the question mark cannot be read, with the parameter's name.
pub(super) fn unreadable(error: &str) -> Problem {
    let reason = error.trim_start_matches("Query deserialize error: ");
    let named = |reason: &str| reason.split('`').nth(1).map(str::to_owned);
    Problem::bad_request(match (reason.split_once(", expected "), named(reason)) {
        (Some((head, known)), Some(name)) if head.starts_with("unknown field") => {
            let known = known.trim_start_matches("one of ");
            format!("There is no parameter `{name}`: write {known}.")
        }
        (None, Some(name)) if reason.starts_with("duplicate field") => {
            format!("The parameter `{name}` stands here twice: write it once.")
        }
        (None, Some(name)) if reason.starts_with("missing field") => {
            format!("The parameter `{name}` is missing.")
        }
        _ => format!("What stands behind the `?` cannot be read: {reason}."),
    })
}

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

//! Opening hours as people read them.

use super::cldr::writing;
use crate::model::hours::{Hours, Span};

/// The week of a department: `Monday–Friday 08:00–17:00, Saturday 09:00–12:00 (Europe/Berlin)`. Empty
/// where it never opens. `days` are their names, Monday first; times are
/// written as in that locale.
pub fn week(hours: &Hours, days: &[&str; 7], locale: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut first = 0;
    while first < hours.week.len() {
        let spans = &hours.week[first];
        let alike = hours.week[first..].iter().take_while(|day| *day == spans).count();
        let last = first + alike - 1;
        if !spans.is_empty() {
            let name = match alike {
                1 => days[first].to_owned(),
                2 => format!("{}, {}", days[first], days[last]),
                _ => format!("{}–{}", days[first], days[last]),
            };
            let times: Vec<String> = spans.iter().map(|span| times(span, locale)).collect();
            parts.push(format!("{name} {}", times.join(", ")));
        }
        first += alike;
    }
    if parts.is_empty() {
        return String::new();
    }
    let zone = hours.zone.iana_name().map(|zone| format!(" ({zone})")).unwrap_or_default();
    format!("{}{zone}", parts.join("; "))
}

/// `08:00–17:00`
fn times(span: &Span, locale: &str) -> String {
    let writing = writing(locale);
    let to = span.to.map_or_else(|| writing.midnight(), |to| writing.time(to));
    format!("{}–{to}", writing.time(span.from))
}

#[cfg(test)]
mod tests {
    use jiff::{civil::time, tz::TimeZone};

    use super::*;

    const ENGLISH: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    fn span(from: i8, to: Option<i8>) -> Span {
        Span { from: time(from, 0, 0, 0), to: to.map(|to| time(to, 30, 0, 0)) }
    }

    #[test]
    fn days_with_the_same_hours_are_said_together() {
        let mut hours = Hours {
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            week: std::array::from_fn(|_| Vec::new()),
            holidays: Vec::new(),
        };
        assert_eq!(week(&hours, &ENGLISH, "en"), "");
        for day in 0..4 {
            hours.week[day] = vec![span(8, Some(12)), span(13, Some(17))];
        }
        hours.week[4] = vec![span(8, Some(12))];
        hours.week[5] = vec![span(22, None)];
        hours.week[6] = vec![span(22, None)];
        assert_eq!(
            week(&hours, &ENGLISH, "en"),
            "Monday–Thursday 08:00–12:30, 13:00–17:30; Friday 08:00–12:30; Saturday, Sunday 22:00–24:00 (Europe/Berlin)"
        );
        let finnish = week(&hours, &ENGLISH, "fi");
        assert!(finnish.contains("8.00–12.30") && finnish.contains("22.00–24.00"), "{finnish}");
    }
}

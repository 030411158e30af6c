//! What people write instead of time zones, days and spans of hours, and what is meant.

use jiff::civil::Time;

/// Abbreviations that are no zone, or one that keeps standard time all the year round, and the zone
/// that is meant.
const ABBREVIATED: [(&str, &str); 22] = [
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("ET", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("PT", "America/Los_Angeles"),
    ("HST", "Pacific/Honolulu"),
    ("CEST", "Europe/Berlin"),
    ("MEZ", "Europe/Berlin"),
    ("MESZ", "Europe/Berlin"),
    ("BST", "Europe/London"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("SGT", "Asia/Singapore"),
    ("AEST", "Australia/Sydney"),
    ("AEDT", "Australia/Sydney"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Eastern Standard Time", "America/New_York"),
];

/// Why a zone that exists is hardly the one that is meant, and what to write.
pub(super) fn odd_zone(name: &str) -> Option<(String, String)> {
    let meant = ABBREVIATED.iter().find(|(short, _)| *short == name);
    if let Some((_, meant)) = meant.filter(|(short, _)| matches!(*short, "EST" | "MST" | "HST")) {
        return Some((
            format!("`{name}` is one offset from UTC all the year round, without summer time"),
            format!("write the place, such as {meant}"),
        ));
    }
    let signed = name.strip_prefix("Etc/GMT")?;
    let (word, hours) = match (signed.strip_prefix('+'), signed.strip_prefix('-')) {
        (Some(hours), _) if hours != "0" => ("behind", hours),
        (_, Some(hours)) if hours != "0" => ("ahead of", hours),
        _ => return None,
    };
    Some((
        format!(
            "`{name}` is {hours} hours {word} UTC: its sign is the other way round, and it has no summer time"
        ),
        "write the place, such as Europe/Berlin".to_owned(),
    ))
}

/// What to write instead of a zone that does not exist.
pub(super) fn zone_help(name: &str) -> String {
    let meant = ABBREVIATED.iter().find(|(short, _)| short.eq_ignore_ascii_case(name.trim()));
    let is_offset = name.starts_with(['+', '-'])
        || ["UTC", "GMT"].iter().any(|zone| {
            name.strip_prefix(zone).is_some_and(|rest| rest.trim().starts_with(['+', '-']))
        });
    match meant {
        Some((_, meant)) => format!("write the place as IANA names it, such as {meant}"),
        None if is_offset => {
            "an offset knows no summer time: write the place as IANA names it, such as Europe/Berlin".to_owned()
        }
        None => "write an IANA name such as Europe/Berlin".to_owned(),
    }
}

/// The days as the files name them.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What people call them, in order of the week: English, German, French, Spanish.
const CALLED: [[&str; 7]; 6] = [
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
    ["mo", "di", "mi", "do", "fr", "sa", "so"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    ["mondays", "tues", "weds", "thurs", "fridays", "sonnabend", "sundays"],
];

/// What to write instead of a day, or of a range of days.
pub(super) fn day_help(written: &str) -> String {
    const FORM: &str = "write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-thu";
    let lower = written.trim().to_lowercase();
    let lower = lower.replace(['–', '—'], "-").replace(" to ", "-").replace(" bis ", "-");
    match lower.as_str() {
        "weekdays" | "workdays" | "werktags" => return "write `mon-fri`".to_owned(),
        "weekend" | "weekends" | "wochenende" => return "write `sat-sun`".to_owned(),
        "daily" | "everyday" | "every day" | "täglich" | "all" => {
            return "write `mon-sun`".to_owned();
        }
        _ => {}
    }
    let day = |name: &str| {
        let name = name.trim().trim_end_matches('.');
        DAYS.iter()
            .position(|known| known == &name)
            .or_else(|| CALLED.iter().find_map(|names| names.iter().position(|it| it == &name)))
            .map(|at| DAYS[at])
    };
    if lower.contains([',', '/', '&', '+']) {
        let days: Option<Vec<&str>> = lower.split([',', '/', '&', '+']).map(day).collect();
        return days
            .map_or(FORM.to_owned(), |days| format!("write a line for each: {}", days.join(", ")));
    }
    let days: Option<Vec<&str>> = lower.split('-').map(day).collect();
    match days.as_deref() {
        Some([one]) => format!("write `{one}`"),
        Some([from, to]) => format!("write `{from}-{to}`"),
        _ => FORM.to_owned(),
    }
}

/// What to write instead of a span of hours.
pub(super) fn span_help(written: &str) -> String {
    const FORM: &str = "write it as \"08:00-12:00\", the end after the start";
    let plain = written.replace(['–', '—'], "-").replace(" to ", "-").replace(" bis ", "-");
    let Some((from, to)) = plain.split_once('-') else { return FORM.to_owned() };
    let (Some(from), Some(to)) = (time(from), time(to)) else { return FORM.to_owned() };
    match (from, to) {
        (from, to) if from < to => format!("write it as \"{from}-{to}\""),
        (from, to) if from == to => "for the whole day write \"00:00-24:00\"".to_owned(),
        (from, to) if to == "00:00" => format!("write it as \"{from}-24:00\""),
        (from, to) => format!(
            "a span ends on its own day: write \"{from}-24:00\" here, and \"00:00-{to}\" on the day after"
        ),
    }
}

/// A time as people write it, as the files do.
fn time(written: &str) -> Option<String> {
    let lower = written.trim().to_lowercase();
    let lower = lower.trim_end_matches("uhr").trim_end_matches('h').trim();
    let (plain, noon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim(), Some(0)),
        (_, Some(rest)) => (rest.trim(), Some(12)),
        _ => (lower, None),
    };
    let (hour, minute) = plain.split_once([':', '.']).unwrap_or((plain, "0"));
    let (hour, minute): (i8, i8) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    let hour = match noon {
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return None,
        None => hour,
    };
    if (hour, minute) == (24, 0) {
        return Some("24:00".to_owned());
    }
    Time::new(hour, minute, 0, 0).ok()?;
    Some(format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_known() {
        for (written, help) in [
            ("Monday", "write `mon`"),
            ("Mon-Fri", "write `mon-fri`"),
            ("Mo–Fr", "write `mon-fri`"),
            ("Montag bis Donnerstag", "write `mon-thu`"),
            ("mon, wed", "write a line for each: mon, wed"),
            ("weekdays", "write `mon-fri`"),
            ("noday", "write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-thu"),
        ] {
            assert_eq!(day_help(written), help, "{written}");
        }
        for (written, help) in [
            (
                "22:00-06:00",
                "a span ends on its own day: write \"22:00-24:00\" here, and \"00:00-06:00\" on the day after",
            ),
            ("18:00-00:00", "write it as \"18:00-24:00\""),
            ("8-17", "write it as \"08:00-17:00\""),
            ("8am - 5:30pm", "write it as \"08:00-17:30\""),
            ("8.00–12.30 Uhr", "write it as \"08:00-12:30\""),
            ("00:00-00:00", "for the whole day write \"00:00-24:00\""),
            ("closed", "write it as \"08:00-12:00\", the end after the start"),
        ] {
            assert_eq!(span_help(written), help, "{written}");
        }
        assert!(zone_help("CEST").contains("Europe/Berlin"));
        assert!(zone_help("UTC+1").contains("summer time"));
        assert!(odd_zone("EST").is_some_and(|told| told.1.contains("America/New_York")));
        assert!(odd_zone("Etc/GMT+5").is_some_and(|told| told.0.contains("5 hours behind")));
        assert_eq!(
            (odd_zone("Europe/Berlin"), odd_zone("UTC"), odd_zone("Etc/GMT")),
            (None, None, None)
        );
    }
}

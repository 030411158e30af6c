//! Opening hours: a week of open spans in a time zone, with holidays. Pure: the instant is an argument.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

/// When a department is there. Without hours it always is.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    /// The zone in which the times are meant.
    pub zone: TimeZone,
    /// Open spans per weekday, Monday first; start inclusive, end exclusive, in order. An end of 24:00 is written as `None`.
    pub week: [Vec<Span>; 7],
    /// Days on which it is closed, with their names.
    pub holidays: Vec<(Date, String)>,
}

/// From (inclusive) to (exclusive); `None` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First minute.
    pub from: Time,
    /// First minute after.
    pub to: Option<Time>,
}

impl Hours {
    /// True when it is open at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let local = now.to_zoned_datetime(self.zone.clone());
        let (date, time) = (local.date(), local.time());
        !self.is_holiday(date) && self.day(date.weekday()).iter().any(|span| span.from <= time && span.to.is_none_or(|to| time < to))
    }

    /// The next instant at which it opens, strictly after `now`; none when it does not within 400 days.
    pub fn next_open(&self, now: Timestamp) -> Option<Timestamp> {
        let first = now.to_zoned_datetime(self.zone.clone()).date();
        for ahead in 0..400 {
            let date = first.checked_add(ahead.days()).ok()?;
            if self.is_holiday(date) {
                continue;
            }
            for span in self.day(date.weekday()) {
                // A time that a clock change skips is moved forward, as people do.
                let at = date.to_datetime(span.from).to_zoned_datetime(self.zone.clone()).ok()?.timestamp();
                if at > now && !self.is_open(at - 1.second()) {
                    return Some(at);
                }
            }
        }
        None
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.holidays.iter().any(|(day, _)| *day == date)
    }

    fn day(&self, day: Weekday) -> &[Span] {
        &self.week[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn hours() -> Hours {
        let span =
            |from: (i8, i8), to: (i8, i8)| Span { from: Time::constant(from.0, from.1, 0, 0), to: Some(Time::constant(to.0, to.1, 0, 0)) };
        let day = vec![span((8, 0), (12, 0)), span((13, 0), (17, 0))];
        Hours {
            zone: TimeZone::get("Europe/Berlin").expect("bundled"),
            week: [day.clone(), day.clone(), day.clone(), day, vec![span((8, 0), (14, 0))], vec![], vec![]],
            holidays: vec![(Date::constant(2026, 12, 25), "Christmas Day".to_owned())],
        }
    }

    #[test]
    fn split_shifts_week_ends_holidays_and_clock_changes() {
        let hours = hours();
        assert!(hours.is_open(at("2026-11-24T10:59:59Z")));
        assert!(!hours.is_open(at("2026-11-24T11:00:00Z")), "lunch begins at 12:00 in Berlin");
        assert_eq!(hours.next_open(at("2026-11-24T11:30:00Z")), Some(at("2026-11-24T12:00:00Z")));
        assert_eq!(hours.next_open(at("2026-11-27T13:30:00Z")), Some(at("2026-11-30T07:00:00Z")), "over the week-end");
        assert!(!hours.is_open(at("2026-12-25T09:00:00Z")));
        assert_eq!(hours.next_open(at("2026-12-24T20:00:00Z")), Some(at("2026-12-28T07:00:00Z")), "over the holiday");
        // Summer time ends on 25 October 2026: Monday 08:00 is an hour later in UTC.
        assert_eq!(hours.next_open(at("2026-10-23T12:30:00Z")), Some(at("2026-10-26T07:00:00Z")));
    }
}

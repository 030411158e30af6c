//! Opening hours: a week of open spans in a time zone, with holidays. Pure: the instant is an
//! argument.

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
    /// Open spans per weekday, Monday first; start inclusive, end exclusive, in order. An end of
    /// 24:00 is written as `None`.
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
        !self.is_holiday(date)
            && self
                .day(date.weekday())
                .iter()
                .any(|span| span.from <= time && span.to.is_none_or(|to| time < to))
    }

    /// The next instant at which it opens, strictly after `now`; none when it does not within 400
    /// days.
    pub fn next_open(&self, now: Timestamp) -> Option<Timestamp> {
        let first = now.to_zoned_datetime(self.zone.clone()).date();
        for ahead in 0..400 {
            let date = first.checked_add(ahead.days()).ok()?;
            if self.is_holiday(date) {
                continue;
            }
            for span in self.day(date.weekday()) {
                // A time that a clock change skips is moved forward, as people do.
                let at = date
                    .to_datetime(span.from)
                    .to_zoned_datetime(self.zone.clone())
                    .ok()?
                    .timestamp();
                if at > now && !self.is_open(at - 1.second()) {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The instant `days` working days after `since`; none when it never opens. A working day lasts
    /// from a moment at which it is open until the same time of day on the next open day, or, when
    /// it is closed then, until it opens again after that. While it is closed no time passes: what
    /// happens on a Saturday counts from Monday's opening. Hours past midnight belong to the day on
    /// which they began.
    pub fn working_days_after(&self, since: Timestamp, days: u32) -> Option<Timestamp> {
        let start = if self.is_open(since) { since } else { self.next_open(since)? };
        (0..days).try_fold(start, |at, _| self.working_day_after(at))
    }

    /// One working day after an instant at which it is open.
    fn working_day_after(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned_datetime(self.zone.clone());
        let (date, time) = (local.date(), local.time());
        let is_spill = self.spill(date).is_some_and(|end| time < end);
        let first = if is_spill { date.yesterday().ok()? } else { date };
        let next = (1..400)
            .map_while(|ahead| first.checked_add(ahead.days()).ok())
            .find(|date| self.is_working_day(*date))?;
        let date = if is_spill { next.tomorrow().ok()? } else { next };
        let same_time =
            date.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok()?.timestamp();
        if self.is_open(same_time) { Some(same_time) } else { self.next_open(same_time) }
    }

    /// True when it opens on that day, or is open all day.
    fn is_working_day(&self, date: Date) -> bool {
        let from_before = usize::from(self.spill(date).is_some());
        self.spans(date).len() > from_before
    }

    /// Until when a day is open because the day before did not end at midnight.
    fn spill(&self, date: Date) -> Option<Time> {
        let first = self.spans(date).first().filter(|span| span.from == Time::midnight())?;
        let before = self
            .spans(date.yesterday().ok()?)
            .last()
            .filter(|span| span.from > Time::midnight())?;
        first.to.filter(|_| before.to.is_none())
    }

    /// When it is open on that day.
    fn spans(&self, date: Date) -> &[Span] {
        if self.is_holiday(date) { &[] } else { self.day(date.weekday()) }
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
        let span = |from: (i8, i8), to: (i8, i8)| Span {
            from: Time::constant(from.0, from.1, 0, 0),
            to: Some(Time::constant(to.0, to.1, 0, 0)),
        };
        let day = vec![span((8, 0), (12, 0)), span((13, 0), (17, 0))];
        Hours {
            zone: TimeZone::get("Europe/Berlin").expect("bundled"),
            week: [
                day.clone(),
                day.clone(),
                day.clone(),
                day,
                vec![span((8, 0), (14, 0))],
                vec![],
                vec![],
            ],
            holidays: vec![(Date::constant(2026, 12, 25), "Christmas Day".to_owned())],
        }
    }

    fn after(hours: &Hours, since: &str, days: u32) -> Timestamp {
        hours.working_days_after(at(since), days).expect("it opens again")
    }

    #[test]
    fn a_working_day_lasts_until_the_same_time_on_the_next_open_day() {
        let hours = hours();
        let cases = [
            (
                "Tuesday 10:00",
                "2026-11-24T09:00:00Z",
                "2026-11-25T09:00:00Z",
                "2026-11-26T09:00:00Z",
            ),
            (
                "over the week-end",
                "2026-11-27T09:00:00Z",
                "2026-11-30T09:00:00Z",
                "2026-12-01T09:00:00Z",
            ),
            (
                "at lunch: from 13:00",
                "2026-11-24T11:30:00Z",
                "2026-11-25T12:00:00Z",
                "2026-11-26T12:00:00Z",
            ),
            (
                "in the evening: from the next morning",
                "2026-11-24T18:00:00Z",
                "2026-11-26T07:00:00Z",
                "2026-11-27T07:00:00Z",
            ),
            (
                "on Saturday: from Monday",
                "2026-11-28T10:00:00Z",
                "2026-12-01T07:00:00Z",
                "2026-12-02T07:00:00Z",
            ),
            (
                "Thursday 16:00, and Friday ends at 14:00",
                "2026-11-26T15:00:00Z",
                "2026-11-30T07:00:00Z",
                "2026-12-01T07:00:00Z",
            ),
            (
                "over the holiday and the week-end",
                "2026-12-24T10:00:00Z",
                "2026-12-28T10:00:00Z",
                "2026-12-29T10:00:00Z",
            ),
            // Summer time ends on 25 October 2026 and begins on 28 March 2027: the clock on the
            // wall counts.
            (
                "into the winter",
                "2026-10-23T07:00:00Z",
                "2026-10-26T08:00:00Z",
                "2026-10-27T08:00:00Z",
            ),
            (
                "into the summer",
                "2027-03-26T08:00:00Z",
                "2027-03-29T07:00:00Z",
                "2027-03-30T07:00:00Z",
            ),
        ];
        for (name, since, one, two) in cases {
            assert_eq!(
                (after(&hours, since, 1), after(&hours, since, 2)),
                (at(one), at(two)),
                "{name}"
            );
        }
        assert_eq!(after(&hours, "2026-11-28T10:00:00Z", 0), at("2026-11-30T07:00:00Z"));
    }

    #[test]
    fn a_night_shift_is_one_working_day() {
        let time = |hour| Time::constant(hour, 0, 0, 0);
        let (late, early) =
            (Span { from: time(22), to: None }, Span { from: time(0), to: Some(time(6)) });
        // Monday to Friday from 22:00 to 06:00.
        let both = vec![early, late];
        let mut hours = Hours {
            week: [vec![late], both.clone(), both.clone(), both.clone(), both, vec![early], vec![]],
            holidays: vec![],
            ..hours()
        };
        let cases = [
            ("Monday 23:00", "2026-11-23T22:00:00Z", "2026-11-24T22:00:00Z"),
            ("Tuesday 02:00", "2026-11-24T01:00:00Z", "2026-11-25T01:00:00Z"),
            ("Friday 23:00: Monday's night", "2026-11-27T22:00:00Z", "2026-11-30T22:00:00Z"),
            (
                "Saturday 02:00 belongs to Friday's night",
                "2026-11-28T01:00:00Z",
                "2026-12-01T01:00:00Z",
            ),
            ("at noon: from 22:00", "2026-11-24T11:00:00Z", "2026-11-25T21:00:00Z"),
            // The hour between 02:00 and 03:00 on 28 March 2027 does not exist; that on 25 October
            // 2026 exists twice.
            ("into a night that is longer", "2026-10-24T00:30:00Z", "2026-10-27T01:30:00Z"),
        ];
        for (name, since, one) in cases {
            assert_eq!(after(&hours, since, 1), at(one), "{name}");
        }
        // On a holiday the night is closed as well, whole.
        hours.holidays.push((Date::constant(2026, 11, 25), "Day off".to_owned()));
        assert_eq!(
            after(&hours, "2026-11-24T22:00:00Z", 1),
            at("2026-11-26T22:00:00Z"),
            "Tuesday 23:00: Thursday 23:00"
        );
    }

    #[test]
    fn who_is_always_open_has_days_of_a_day_and_who_never_is_has_none() {
        let all_day = vec![Span { from: Time::midnight(), to: None }];
        let always =
            Hours { week: std::array::from_fn(|_| all_day.clone()), holidays: vec![], ..hours() };
        assert_eq!(after(&always, "2026-11-28T10:17:00Z", 1), at("2026-11-29T10:17:00Z"));
        // 02:30 does not exist on 28 March 2027: people come an hour later.
        assert_eq!(after(&always, "2027-03-27T01:30:00Z", 1), at("2027-03-28T01:30:00Z"));
        let never = Hours { week: Default::default(), ..hours() };
        assert_eq!(never.working_days_after(at("2026-11-24T10:00:00Z"), 1), None);
    }

    #[test]
    fn split_shifts_week_ends_holidays_and_clock_changes() {
        let hours = hours();
        assert!(hours.is_open(at("2026-11-24T10:59:59Z")));
        assert!(!hours.is_open(at("2026-11-24T11:00:00Z")), "lunch begins at 12:00 in Berlin");
        assert_eq!(hours.next_open(at("2026-11-24T11:30:00Z")), Some(at("2026-11-24T12:00:00Z")));
        assert_eq!(
            hours.next_open(at("2026-11-27T13:30:00Z")),
            Some(at("2026-11-30T07:00:00Z")),
            "over the week-end"
        );
        assert!(!hours.is_open(at("2026-12-25T09:00:00Z")));
        assert_eq!(
            hours.next_open(at("2026-12-24T20:00:00Z")),
            Some(at("2026-12-28T07:00:00Z")),
            "over the holiday"
        );
        // Summer time ends on 25 October 2026: Monday 08:00 is an hour later in UTC.
        assert_eq!(hours.next_open(at("2026-10-23T12:30:00Z")), Some(at("2026-10-26T07:00:00Z")));
    }
}

//! Instants as people read them.

use jiff::{Timestamp, tz::TimeZone};

use super::{format::Writing, phrases::Phrases};

/// In which words an instant is said, and how its parts are written.
#[derive(Clone, Copy)]
pub(super) struct Voice {
    pub(super) phrases: &'static Phrases,
    pub(super) writing: &'static Writing,
}

impl Voice {
    /// With the place of the reader's zone where it makes a difference.
    pub(super) fn moment_for(
        self,
        at: Timestamp,
        now: Timestamp,
        (own, reader): (&TimeZone, Option<&TimeZone>),
    ) -> String {
        let zone = reader.unwrap_or(own);
        let time = self.moment(at, now, zone);
        let place = zone.iana_name().and_then(|name| name.rsplit('/').next());
        match place.filter(|_| zone.to_offset(at) != own.to_offset(at)) {
            // Zones that are no place: `UTC`, `Etc/GMT+2`.
            Some(_) if !zone.iana_name().is_some_and(is_place) => {
                format!("{time} {}", zone.to_offset_info(at).abbreviation())
            }
            Some(place) => {
                let place = place.replace('_', " ");
                self.phrases.in_zone.replace("{time}", &time).replace("{place}", &place)
            }
            None => time,
        }
    }

    /// The time alone for today, the weekday within a week, else the date.
    pub(super) fn moment(self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let (at, today) =
            (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()).date());
        let time = self.writing.time(at.time());
        let days = (at.date() - today).get_days();
        if days == 0 {
            return time;
        }
        if days.abs() < 7 {
            let day = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
            return format!("{} {time}", self.phrases.days[day]);
        }
        format!("{} {time}", self.writing.date(at.date()))
    }
}

/// True for a zone that is called by a place, such as `Europe/Berlin`.
fn is_place(zone: &str) -> bool {
    zone.contains('/') && !zone.starts_with("Etc/")
}

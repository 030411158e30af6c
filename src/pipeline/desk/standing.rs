//! Where a matter stands, in words for people at its desk.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    model::{Hop, Session, State, Words},
    pipeline::{
        directory::Directory,
        language::{fill, moment, phrases},
    },
};

/// What is looked at: the company, the locale in which to say it, the instant.
type With<'a> = (&'a Directory, &'a str, Timestamp);

/// What somebody at a desk is told whose words or click came for a session that is no longer there:
/// where it is, and since when. `hops` are those of its journey.
pub fn gone(session: &Session, hops: &[Hop], guest: &str, with: With<'_>) -> Words {
    let (phrase, values) = whereabouts(session, hops, guest, with);
    let phrase = format!("{} {phrase}", phrases(with.1).desk.desk_not_sent);
    filled(&phrase, &values)
}

/// How a session stands, for whoever asks in its thread.
pub fn standing(session: &Session, hops: &[Hop], guest: &str, with: With<'_>) -> Words {
    let (directory, locale, now) = with;
    let (desk, zone) = (phrases(locale).desk, zone_of(session, directory));
    let status = match session.desk.as_ref().filter(|_| session.state.is_live()) {
        None => {
            let (phrase, values) = whereabouts(session, hops, guest, with);
            return filled(phrase, &values);
        }
        Some(help) => match &help.owner {
            Some(owner) => fill(desk.desk_owner, &[("agent", &owner.name), ("guest", guest)]),
            None => {
                let phrase = if help.left { desk.desk_message } else { desk.desk_waits };
                let waits = help.waits_since().filter(|_| !help.left).unwrap_or(help.since);
                let time = moment(locale, waits, now, zone);
                fill(phrase, &[("guest", guest), ("time", &time)])
            }
        },
    };
    let values = [
        ("ref", session.reference.as_str()),
        ("name", session.tenant_name.as_str()),
        ("status", &status.plain()),
    ];
    fill(desk.desk_status, &values)
}

fn filled(phrase: &str, values: &[(&'static str, String)]) -> Words {
    let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, &**value)).collect();
    fill(phrase, &values)
}

fn zone_of<'a>(session: &Session, directory: &'a Directory) -> &'a TimeZone {
    let hours = directory.tenant(&session.tenant).and_then(|tenant| tenant.hours.as_ref());
    hours.map_or(&directory.zone, |hours| &hours.zone)
}

/// Where a session is that is at no desk, as a phrase and its values.
fn whereabouts(
    session: &Session,
    hops: &[Hop],
    guest: &str,
    (directory, locale, now): With<'_>,
) -> (&'static str, Vec<(&'static str, String)>) {
    let (desk, zone) = (phrases(locale).desk, zone_of(session, directory));
    let left = hops.iter().rfind(|hop| hop.from.session_id == session.id);
    let mut values = vec![("ref", session.reference.clone()), ("guest", guest.to_owned())];
    let phrase = match (session.state, left, session.ended) {
        (State::Transferred | State::Returned, Some(hop), _) => {
            values.push(("to", hop.to.tenant_name.clone()));
            values.push(("time", moment(locale, hop.at, now, zone)));
            desk.desk_over_moved
        }
        (state, _, Some(ended)) if !state.is_live() => {
            values.push(("time", moment(locale, ended, now, zone)));
            desk.desk_over_closed
        }
        _ => desk.desk_over_here,
    };
    (phrase, values)
}

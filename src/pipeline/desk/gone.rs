//! Why nothing reached a guest: where their matter is now.

use jiff::Timestamp;

use crate::{
    model::{Hop, Session, State, Words},
    pipeline::{
        directory::Directory,
        language::{Phrases, fill},
    },
};

/// What somebody at a desk is told whose words or click came for a session that is no longer there:
/// where it is, and since when. `hops` are those of its journey.
pub fn gone(
    session: &Session,
    hops: &[Hop],
    guest: &str,
    (directory, phrases, now): (&Directory, &Phrases, Timestamp),
) -> Words {
    let desk = phrases.desk;
    let zone = directory.tenant(&session.tenant).and_then(|tenant| tenant.hours.as_ref());
    let zone = zone.map_or(&directory.zone, |hours| &hours.zone);
    let moment = |at| phrases.moment(at, now, zone);
    let left = hops.iter().rfind(|hop| hop.from.session_id == session.id);
    let names = [("ref", session.reference.as_str()), ("guest", guest)];
    let with = |phrase, more: &[(&str, &str)]| fill(phrase, &[&names[..], more].concat());
    match (session.state, left, session.ended) {
        (State::Transferred | State::Returned, Some(hop), _) => {
            with(desk.desk_over_moved, &[("to", &hop.to.tenant_name), ("time", &moment(hop.at))])
        }
        (state, _, Some(ended)) if !state.is_live() => {
            with(desk.desk_over_closed, &[("time", &moment(ended))])
        }
        _ => with(desk.desk_over_here, &[]),
    }
}

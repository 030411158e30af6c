//! So many within so long.

use std::collections::VecDeque;

use jiff::SignedDuration;

use crate::model::Moment;

/// So many within so long.
pub(super) type Window = (usize, SignedDuration);

/// Forgets what no window looks at any more.
pub(super) fn forget(sent: &mut VecDeque<Moment>, windows: &[Window], now: Moment) {
    let longest = windows.iter().map(|(_, span)| *span).max().unwrap_or_default();
    while sent.front().is_some_and(|first| now.duration_since(*first) >= longest) {
        sent.pop_front();
    }
}

/// How long until all windows have room.
pub(super) fn wait(sent: &VecDeque<Moment>, windows: &[Window], now: Moment) -> SignedDuration {
    let full = windows.iter().filter_map(|(most, span)| {
        // The one that must be older than the window before the next may go.
        let at = sent.get(sent.len().checked_sub(*most)?)?;
        Some(*span - now.duration_since(*at))
    });
    full.max().unwrap_or_default().max(SignedDuration::ZERO)
}

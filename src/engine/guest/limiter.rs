//! One limit for everything that comes in, at whatever door: so much from one sender within so
//! long. Faster than anyone can write or click is somebody's script, or a channel gone wild.

use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;
use jiff::SignedDuration;

use crate::{
    engine::unkept::MOST_REMEMBERED,
    model::{Inbound, Moment, Monotonic, What},
};

/// The most activities of one sender within [`SPAN`]. Thirty at least must pass.
const MOST: usize = 60;
/// The span in which [`MOST`] activities pass.
const SPAN: SignedDuration = SignedDuration::from_secs(10);

/// Counts what senders send.
pub(in crate::engine) struct Limiter {
    steady: Monotonic,
    /// When they sent something, oldest first, by channel and sender.
    arrivals: DashMap<(String, String), Vec<Moment>>,
    /// When the quiet ones were last forgotten.
    swept: Mutex<Moment>,
}

impl Limiter {
    pub(in crate::engine) fn new(steady: Monotonic) -> Self {
        Limiter { arrivals: DashMap::new(), swept: Mutex::new(steady.now()), steady }
    }

    /// Counts an activity; false when its sender has sent too many.
    pub(in crate::engine) fn may_pass(&self, inbound: &Inbound) -> bool {
        let now = self.steady.now();
        let is_recent = |at: &Moment| now.duration_since(*at) < SPAN;
        if self.arrivals.len() > MOST_REMEMBERED {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            if now.duration_since(*swept) >= SPAN {
                *swept = now;
                self.arrivals.retain(|_, arrivals| arrivals.last().is_some_and(is_recent));
            }
        }
        let key = (inbound.conversation.channel.clone(), sender(inbound).to_owned());
        let mut arrivals = self.arrivals.entry(key).or_default();
        arrivals.retain(is_recent);
        if arrivals.len() >= MOST {
            return false;
        }
        arrivals.push(now);
        true
    }
}

/// Who sends it. What a channel tells of a place is nobody's act, whoever it names: an install in
/// the whole company may name one administrator. There the place counts, as it does where nobody is
/// named.
fn sender(inbound: &Inbound) -> &str {
    let is_told =
        matches!(inbound.what, What::Installed | What::Upgraded | What::Removed | What::Place(_));
    let sender = Some(inbound.guest.key()).filter(|sender| !sender.is_empty() && !is_told);
    sender.unwrap_or(&inbound.conversation.id)
}

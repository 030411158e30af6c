//! What is known of a queue and of a letter while it is tried.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    model::{LetterId, Moment, Undelivered},
    store::Receipt,
};

/// The first pause after a failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is known while a queue is worked through.
#[derive(Default)]
pub(super) struct Run {
    /// What the connector told of letters that were sent.
    pub(super) receipts: HashMap<LetterId, Receipt>,
    /// Since when something has to wait: what is sent some time later may have lost its sense.
    pub(super) waits_since: Option<Moment>,
    /// Its letters were left by an earlier process, or given up before: their own age counts.
    pub(super) is_old: bool,
    /// Letters that need not be sent any more.
    pub(super) moot: HashSet<LetterId>,
    /// Where the latest attempt went.
    pub(super) place: String,
    /// The latest attempt was decided by the connector and not by ourselves.
    pub(super) went: bool,
}

impl Run {
    /// Something has to wait from now on, if it does not already.
    pub(super) fn waits(&mut self, now: Moment) {
        self.waits_since.get_or_insert(now);
    }
}

/// How one letter fared so far.
#[derive(Default)]
pub(super) struct Trial {
    pub(super) failures: u32,
    pub(super) doubtful: u32,
    /// How often it was sent to an address that was silent, and may have arrived.
    pub(super) silent: u32,
    pub(super) refusals: usize,
    /// It waits for what is not its fault: its age counts.
    pub(super) waits: bool,
    pub(super) since: Option<Timestamp>,
    pub(super) noted: Option<String>,
}

/// What follows from a failure.
pub(super) enum Verdict {
    /// At once, without the message that it answers.
    Plainly,
    /// When its address answers.
    WhenHeard,
    /// After a pause; counted as an attempt or not.
    Later(Duration, bool),
    GiveUp(Undelivered),
}

/// 0.5 s, 1 s, 2 s … `longest`, each up to a tenth longer so that many conversations do not come
/// back at once.
pub(super) fn pause(failures: u32, longest: Duration) -> Duration {
    let base = FIRST_PAUSE.saturating_mul(1 << failures.min(20)).min(longest);
    let spread = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    base + base / 10 * spread / 255
}

/// The channel in which a thread is to be opened.
pub(super) fn channel_in(body: &str) -> String {
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    let channel = request.pointer("/channelData/channel/id").and_then(Value::as_str);
    channel.unwrap_or_default().to_owned()
}

//! How long it is tried to deliver what was written.

use std::time::Duration;

/// How long it is tried to deliver a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// So long what is not the letter's fault (no connection, no token) is waited out.
    pub most: Duration,
    /// Pauses between attempts are divided by this. 1, but for tests: what takes an hour is seen in
    /// seconds.
    pub haste: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { most: Duration::from_secs(72 * 60 * 60), haste: 1 }
    }
}

/// How long letters are tried: hours between one and thirty days.
pub(super) fn read(given: Option<&String>, mistakes: &mut Vec<String>) -> Patience {
    let Some(given) = given else { return Patience::default() };
    match given.parse::<u64>().ok().filter(|hours| (1..=720).contains(hours)) {
        Some(hours) => {
            Patience { most: Duration::from_secs(hours * 60 * 60), ..Patience::default() }
        }
        None => {
            mistakes.push(format!(
                "SWITCHBOARD_DELIVERY_HOURS cannot be `{given}`: write a whole number from 1 to 720, such as 72"
            ));
            Patience::default()
        }
    }
}

//! Words that stand in company files: ids, durations; and how messages show what stands there.

use std::time::Duration;

use super::place::floor;

/// True for `[a-z0-9][a-z0-9-]*`.
pub fn is_id(text: &str) -> bool {
    !text.starts_with('-')
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Parses `90s`, `5m`, `2h`, `400d`, and `0s`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len().checked_sub(1)?.min(floor(text, text.len() - 1)));
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(seconds)
        .filter(|total| *total <= 86400 * 36500)
        .map(Duration::from_secs)
}

/// The longest word, in bytes, and the most words with which it is compared.
const LONGEST_WORD: usize = 100;
const MOST_KNOWN: usize = 1000;

/// `; did you mean …?` when something known is close.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    // Nobody mistypes so much, and comparing takes its time.
    if word.len() > LONGEST_WORD {
        return String::new();
    }
    let known = known.filter(|other| other.len() <= LONGEST_WORD).take(MOST_KNOWN);
    let near = known.map(|other| (strsim::damerau_levenshtein(word, other), other)).min();
    // What both begin with (`Data.`) says nothing of how like they are.
    let own = |other: &str| {
        let shared = word.rfind('.').map_or(0, |at| at + 1);
        if other.starts_with(&word[..shared]) { word.len() - shared } else { word.len() }
    };
    match near {
        Some((distance, other)) if distance > 0 && distance <= (1 + own(other) / 4).min(3) => {
            format!(" (did you mean `{other}`?)")
        }
        _ => String::new(),
    }
}

/// A text cut for a message, on one line.
pub fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

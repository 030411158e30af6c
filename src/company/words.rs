//! Words that several files of a company hold: locales, time zones; and the name of their content.

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::clock;
use crate::{
    pipeline::language::text::is_locale,
    source::{At, Problems},
};

/// The name of a file's content.
pub(super) fn version_of(source: &str) -> String {
    hex(&Sha256::digest(source.as_bytes()))
}

pub(super) fn locale(text: At<String>, problems: &Problems) -> Option<String> {
    let fits = is_locale(&text.value);
    if !fits {
        problems.error(
            &text.place,
            format!("`{}` is no locale", text.value),
            "write it as en-US, de-DE or fr",
        );
    }
    fits.then_some(text.value)
}

pub(super) fn zone(text: &At<String>, problems: &Problems) -> Option<TimeZone> {
    let zone = TimeZone::get(&text.value).ok();
    if zone.is_none() {
        let message = format!("there is no time zone `{}`", text.value);
        problems.error(&text.place, message, clock::zone_help(&text.value));
    } else if let Some((message, help)) = clock::odd_zone(&text.value) {
        problems.warning(&text.place, message, help);
    }
    zone
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

//! Dates, times and numbers as a locale writes them. Stored values and the API keep their one form
//! (ISO dates, JSON numbers).

use jiff::civil::Date;
use serde_json::Value;

use crate::model::locale::language_of;

/// Languages that write a decimal comma.
const COMMA: [&str; 14] =
    ["de", "fr", "es", "it", "pt", "nl", "pl", "cs", "da", "sv", "nb", "fi", "ru", "tr"];
/// Languages that write day.month.year.
const DOTS: [&str; 8] = ["de", "pl", "cs", "nb", "fi", "ru", "tr", "da"];

/// `24.12.2026`, `24/12/2026`, `Dec 24, 2026`, `24 Dec 2026`.
pub fn date(date: Date, locale: &str) -> String {
    let language = language_of(locale);
    let form = if DOTS.contains(&language.as_str()) {
        "%d.%m.%Y"
    } else if COMMA.contains(&language.as_str()) {
        "%d/%m/%Y"
    } else if locale.eq_ignore_ascii_case("en-US") {
        "%b %-d, %Y"
    } else if language == "en" {
        "%-d %b %Y"
    } else {
        "%Y-%m-%d"
    };
    date.strftime(form).to_string()
}

/// A number with the locale's decimal sign. Never grouped: a number may be an id.
pub fn number(number: &serde_json::Number, locale: &str) -> String {
    let text = number.to_string();
    if COMMA.contains(&language_of(locale).as_str()) { text.replace('.', ",") } else { text }
}

/// How large something is: `312 bytes`, `12 KB`, `1.2 MB`. A KB has 1024 bytes, as in Windows and
/// SharePoint.
pub fn size(bytes: u64, locale: &str) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    if bytes < KB {
        return format!("{bytes} {}", if language_of(locale) == "de" { "Byte" } else { "bytes" });
    }
    if bytes < MB {
        return format!("{} KB", bytes.div_ceil(KB));
    }
    let tenths = bytes.saturating_mul(10) / MB;
    let sign = if COMMA.contains(&language_of(locale).as_str()) { ',' } else { '.' };
    format!("{}{sign}{} MB", tenths / 10, tenths % 10)
}

/// An answer as a person reads it: `is_date` says that a text is an ISO date.
pub fn value(value: &Value, is_date: bool, locale: &str) -> Option<String> {
    match value {
        Value::String(text) if is_date => Some(date(text.parse().ok()?, locale)),
        Value::Number(given) if given.is_f64() => Some(number(given, locale)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes() {
        for (bytes, locale, want) in [
            (0, "en-US", "0 bytes"),
            (312, "de", "312 Byte"),
            (1025, "en", "2 KB"),
            (1024 * 1024 - 1, "en", "1024 KB"),
            (1_300_000, "en", "1.2 MB"),
            (1_300_000, "de-DE", "1,2 MB"),
        ] {
            assert_eq!(size(bytes, locale), want);
        }
    }

    #[test]
    fn each_locale_in_its_own_way() {
        let day = json!("2026-12-24");
        for (locale, want) in [
            ("de-DE", "24.12.2026"),
            ("en-US", "Dec 24, 2026"),
            ("en-GB", "24 Dec 2026"),
            ("fr", "24/12/2026"),
            ("ja", "2026-12-24"),
        ] {
            assert_eq!(value(&day, true, locale).as_deref(), Some(want), "{locale}");
        }
        assert_eq!(value(&json!(2.5), false, "de"), Some("2,5".to_owned()));
        assert_eq!(value(&json!(2.5), false, "en"), Some("2.5".to_owned()));
        assert_eq!(value(&json!(12345), false, "de"), None, "whole numbers may be ids");
        assert_eq!(value(&day, false, "de"), None);
    }
}

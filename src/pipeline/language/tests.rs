use serde_json::json;

use super::{size, value};

#[test]
fn sizes() {
    for (bytes, locale, want) in [
        (0, "en-US", "0 bytes"),
        (312, "de", "312 Byte"),
        (1025, "en", "2 KB"),
        (1024 * 1024 - 1, "en", "1024 KB"),
        (1_300_000, "en", "1.2 MB"),
        (1_300_000, "de-DE", "1,2 MB"),
        (1_300_000, "fr", "1,2 MB"),
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
        ("pl", "24.12.2026"),
        ("ja", "2026-12-24"),
    ] {
        assert_eq!(value(&day, true, locale).as_deref(), Some(want), "{locale}");
    }
    assert_eq!(value(&json!(2.5), false, "de"), Some("2,5".to_owned()));
    assert_eq!(value(&json!(2.5), false, "fr"), Some("2,5".to_owned()));
    assert_eq!(value(&json!(2.5), false, "en"), Some("2.5".to_owned()));
    assert_eq!(value(&json!(12345), false, "de"), None, "whole numbers may be ids");
    assert_eq!(value(&day, false, "de"), None);
}

use serde_json::{Value, json};

use jiff::{Timestamp, tz::TimeZone};

use super::{filled, moment_for, size, value};

/// The sentences of a language's file as they are written there: key and text.
fn sentences(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let of = |line: &'static str| {
        let (key, text) = line.trim().split_once(": \"")?;
        let is_key = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        is_key.then_some((key, text.strip_suffix("\",")?))
    };
    file.lines().filter_map(of).collect()
}

fn languages() -> [Vec<(&'static str, &'static str)>; 2] {
    [sentences(include_str!("en.rs")), sentences(include_str!("de.rs"))]
}

#[test]
fn every_sentence_is_translated() {
    let [english, german] = languages();
    assert!(english.len() > 200, "the sentences are not found any more: {}", english.len());
    for ((key, english), (other, german)) in english.iter().zip(&german) {
        assert_eq!(key, other);
        let own: String = english.split(['{', '}']).step_by(2).collect();
        let has_words = own.chars().filter(|c| c.is_alphabetic()).count() > 12;
        assert!(!has_words || english != german, "{key} is not translated");
    }
}

/// What a reader would stumble over: of who speaks a foreign English, of a program, of somebody who
/// addresses the wrong person.
#[test]
fn no_sentence_is_said_in_a_way_that_was_mended() {
    let wrong: [&[&str]; 2] = [
        &[
            "You asked for it",
            "waits for a person since",
            "waits for your answer since",
            "Nobody of",
            "has nobody",
            "is kept for",
            "is not good",
            "Only some of",
            "no longer here",
            "Something else",
            "/api/",
            "POST",
            "you you",
            "  ",
        ],
        &[
            "Sie haben es gewünscht",
            "hat niemanden in",
            "aufgehoben für",
            "geht nur ein Teil",
            "nicht mehr hier:",
            "Etwas anderes",
            "Zeichen ist",
            "/api/",
            "POST",
            " du ",
            "Du ",
            " dein",
            "  ",
        ],
    ];
    for (language, wrong) in languages().iter().zip(wrong) {
        for (key, text) in language {
            let found = wrong.iter().find(|wrong| text.contains(**wrong));
            assert_eq!(found, None, "{key}: {text}");
        }
    }
}

/// `phrases` takes whoever is called by the name of the language, and looks no further.
#[test]
fn every_language_is_called_by_its_name_alone() {
    for phrases in super::LANGUAGES {
        assert_eq!(crate::model::locale::language_of(phrases.language), phrases.language);
    }
}

#[test]
fn a_filled_phrase_gives_its_value_back() {
    assert_eq!(filled("It is “{question}”.", "It is “Why?”."), Some("Why?"));
    assert_eq!(filled("It is “{question}”.", "It was “Why?”."), None);
    assert_eq!(filled("It is.", "It is."), None);
}

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
        ("fr", "24 déc. 2026"),
        ("pl", "24 gru 2026"),
        ("ja", "2026/12/24"),
        // Nobody knows how it writes.
        ("tlh", "2026-12-24"),
    ] {
        assert_eq!(value(&day, true, locale).as_deref(), Some(want), "{locale}");
    }
    assert_eq!(value(&json!(2.5), false, "de"), Some("2,5".to_owned()));
    assert_eq!(value(&json!(2.5), false, "fr"), Some("2,5".to_owned()));
    assert_eq!(value(&json!(2.5), false, "en"), Some("2.5".to_owned()));
    assert_eq!(value(&json!(12345), false, "de"), None, "whole numbers may be ids");
    assert_eq!(value(&day, false, "de"), None);
}

/// A zone that is no place is called by what its clock shows.
#[test]
fn a_zone_that_is_no_place_is_called_by_its_abbreviation() {
    let zone = |name: &str| jiff::tz::TimeZone::get(name).unwrap();
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let said = |reader: &str| {
        super::moment_for("en", at, at, (&zone("Europe/Berlin"), Some(&zone(reader))))
    };
    assert_eq!(said("UTC"), "09:00 UTC");
    assert_eq!(said("Etc/UTC"), "09:00 UTC");
    assert_eq!(said("America/New_York"), "04:00 (New York time)");
    assert_eq!(said("Europe/Paris"), "10:00");
}

/// Times are said on the clock of whoever reads them, with the day when it is not today there, and
/// whose time it is where the department's clock says otherwise.
#[test]
fn a_time_is_said_on_the_readers_clock() {
    let zone = |name: &str| TimeZone::get(name).unwrap();
    let (berlin, new_york, madrid) =
        (zone("Europe/Berlin"), zone("America/New_York"), zone("Europe/Madrid"));
    let said = |now: &str, at: &str, reader: Option<&TimeZone>, locale: &str| {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        moment_for(locale, instant(at), instant(now), (&berlin, reader))
    };
    for (now, at, reader, locale, wanted) in [
        // The same day in both.
        (
            "2026-11-24T13:00Z",
            "2026-11-24T15:00Z",
            Some(&new_york),
            "en-US",
            "10:00 (New York time)",
        ),
        // Tuesday in Berlin, Monday evening in New York: today there, and tomorrow.
        (
            "2026-11-24T02:00Z",
            "2026-11-24T04:00Z",
            Some(&new_york),
            "en-US",
            "23:00 (New York time)",
        ),
        (
            "2026-11-24T02:00Z",
            "2026-11-24T07:00Z",
            Some(&new_york),
            "en-US",
            "Tuesday 02:00 (New York time)",
        ),
        // More than a week away.
        (
            "2026-11-24T13:00Z",
            "2026-12-24T13:00Z",
            Some(&new_york),
            "en-US",
            "Dec 24, 2026 08:00 (New York time)",
        ),
        // Another zone, the same offset then: nothing to say of it.
        ("2026-11-24T13:00Z", "2026-11-24T15:00Z", Some(&madrid), "en-US", "16:00"),
        ("2026-11-24T13:00Z", "2026-11-25T15:00Z", Some(&berlin), "en-US", "Wednesday 16:00"),
        // Nobody knows the reader's: the department's.
        ("2026-11-24T13:00Z", "2026-11-24T15:00Z", None, "en-US", "16:00"),
        // Between the two changes of the clocks New York is five hours behind, not six.
        (
            "2026-10-26T13:00Z",
            "2026-10-26T15:00Z",
            Some(&new_york),
            "en-US",
            "11:00 (New York time)",
        ),
        (
            "2026-11-24T02:00Z",
            "2026-11-24T07:00Z",
            Some(&new_york),
            "de-DE",
            "Dienstag 02:00 (Ortszeit New York)",
        ),
    ] {
        assert_eq!(said(now, at, reader, locale), wanted, "{at} at {now}");
    }
}

/// Where Node's Intl and PyPI's babel part (see tests/peers/locales.json): Babel writes a hyphen for the
/// minus sign everywhere and has an older CLDR; Node writes a common blank for a narrow one, and has
/// forms of its own for the clock.
const PART: &[(&str, &str)] = &[
    ("bg-BG", "dates"),
    ("bg-BG", "times"),
    ("et-EE", "numbers"),
    ("fi-FI", "numbers"),
    ("he-IL", "numbers"),
    ("hr-HR", "numbers"),
    ("lt-LT", "numbers"),
    ("nb-NO", "numbers"),
    ("nn-NO", "numbers"),
    ("no", "numbers"),
    ("ru-RU", "dates"),
    ("sl-SI", "numbers"),
    ("sv-SE", "numbers"),
    ("uk-UA", "dates"),
    ("vi-VN", "times"),
];

/// Dates, times and numbers are written as two other implementations write them; where these part, as
/// one of them does.
#[test]
fn each_locale_is_written_as_by_others() {
    let peers: Value = serde_json::from_str(PEERS).unwrap();
    let locales = peers["locales"].as_object().unwrap();
    assert!(locales.len() >= 40, "{}", locales.len());
    let mut part = Vec::new();
    for (locale, told) in locales {
        for kind in ["dates", "times", "numbers"] {
            let asked = peers["asked"][kind].as_array().unwrap();
            for (at, stored) in asked.iter().enumerate() {
                let ours = if kind == "numbers" {
                    let number: f64 = stored.as_str().unwrap().parse().unwrap();
                    value(&json!(number), false, locale)
                } else {
                    value(stored, true, locale)
                };
                let (node, babel) = (&told["node"][kind][at], &told["babel"][kind][at]);
                let theirs = [node.as_str(), babel.as_str()];
                assert!(
                    theirs.contains(&ours.as_deref()),
                    "{locale} {stored}: {ours:?}, {theirs:?}"
                );
                if node != babel && part.last() != Some(&(locale.as_str(), kind)) {
                    part.push((locale.as_str(), kind));
                }
            }
        }
    }
    part.sort_unstable();
    assert_eq!(part, PART);
}

const PEERS: &str = include_str!("../../../tests/peers/locales.json");

#[test]
fn a_date_in_words_is_read_in_any_of_its_forms() {
    for (locale, name, wanted) in [
        ("fr-FR", "déc.", Some(12)),
        ("fr-FR", "decembre", Some(12)),
        ("hr-HR", "lip", Some(6)),
        ("pl-PL", "lip", Some(7)),
        ("sv-SE", "Dezember", Some(12)),
        ("sv-SE", "prosinec", None),
    ] {
        assert_eq!(super::month(name, locale, super::super::typed::normal), wanted, "{name}");
    }
}

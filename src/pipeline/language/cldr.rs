//! How each locale writes dates, times and numbers: the table `cldr.json`, which is made from the
//! Unicode CLDR.
//!
//! A table, and not the `icu` crates: those write, but do not say how they do, and what the bot writes it
//! has to read as well. (They were tried: 46 crates, a minute to build and 1.2 MB; the table has 55 KB.)

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{format::Writing, pattern::Months};
use crate::model::locale::steps;

#[derive(Deserialize)]
struct Table {
    forms: Vec<Form>,
    months: Vec<Names>,
}

/// Patterns and signs of some locales.
#[derive(Deserialize)]
struct Form {
    of: String,
    #[serde(flatten)]
    writing: Writing,
}

/// Names of the months in some locales.
#[derive(Deserialize)]
struct Names {
    of: String,
    short: String,
    wide: String,
}

/// By locale, as the first of its [`steps`] has it.
static WRITINGS: LazyLock<HashMap<String, Writing>> = LazyLock::new(|| read(TABLE));
const TABLE: &str = include_str!("cldr.json");

/// Where nothing is known of a language: `2026-12-24`.
static PLAIN: LazyLock<Writing> = LazyLock::new(|| Writing {
    date: "y-MM-dd".to_owned(),
    long: "y-MM-dd".to_owned(),
    numeric: "y-MM-dd".to_owned(),
    time: "HH:mm".to_owned(),
    decimal: '.',
    minus: "-".to_owned(),
    months: Months::default(),
});

/// How a locale writes; one that is not in the table as the nearest that is.
pub fn writing(locale: &str) -> &'static Writing {
    let known = steps(locale).into_iter().find_map(|step| WRITINGS.get(&step));
    known.unwrap_or(&PLAIN)
}

fn read(table: &str) -> HashMap<String, Writing> {
    // That it can be read is tested; without it dates are those of nobody.
    let Ok(table) = serde_json::from_str::<Table>(table) else { return HashMap::new() };
    let mut months: HashMap<&str, &Names> = HashMap::new();
    for names in &table.months {
        months.extend(names.of.split(' ').map(|locale| (locale, names)));
    }
    let mut all = HashMap::new();
    for form in &table.forms {
        for locale in form.of.split(' ') {
            let Some(key) = steps(locale).into_iter().next() else { continue };
            let Some(names) = months.get(locale) else { continue };
            let list = |names: &str| names.split('|').map(str::to_owned).collect();
            let months = Months { short: list(&names.short), wide: list(&names.wide) };
            all.insert(key, Writing { months, ..form.writing.clone() });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, Time};

    use super::*;

    /// Every locale of the table reads what it writes, whatever the month is called there.
    #[test]
    fn what_a_locale_writes_it_reads() {
        assert!(WRITINGS.len() > 400, "{}", WRITINGS.len());
        for (locale, writing) in WRITINGS.iter() {
            for month in 1..=12 {
                for day in [1, 4, 12, 28] {
                    let date = Date::new(2028, month, day).unwrap();
                    let said = writing.date(date);
                    assert_eq!(writing.read_date(&said), Some(date), "{locale}: {said}");
                    let typed = said.replace(['\u{202f}', '\u{a0}'], " ");
                    let short = typed.trim_end_matches('.');
                    assert_eq!(writing.read_date(short), Some(date), "{locale}: {short}");
                }
            }
            for time in [Time::midnight(), Time::constant(8, 5, 0, 0), Time::constant(23, 59, 0, 0)]
            {
                let said = writing.time(time);
                assert_eq!(writing.read_time(&said), Some(time), "{locale}: {said}");
            }
        }
    }

    #[test]
    fn a_locale_that_is_not_there_writes_as_the_nearest() {
        let date = Date::constant(2026, 12, 24);
        for (locale, wanted) in [
            ("de-PL", "24.12.2026"),
            ("en", "Dec 24, 2026"),
            ("en-US", "Dec 24, 2026"),
            ("en-XX", "24 Dec 2026"),
            ("en-CA", "Dec 24, 2026"),
            ("no", "24. des. 2026"),
            ("nb-SE", "24. des. 2026"),
            ("zh-TW", "2026年12月24日"),
            ("fr_CA", "24 déc. 2026"),
            ("xx-YY", "2026-12-24"),
            ("", "2026-12-24"),
        ] {
            assert_eq!(writing(locale).date(date), wanted, "{locale}");
        }
        assert_eq!(writing("de-CH").decimal(), '.');
        assert_eq!(writing("de-LI").decimal(), '.');
        assert_eq!(writing("es-MX").decimal(), '.');
        assert_eq!(writing("es-AR").decimal(), ',');
        assert_eq!(writing("en-ZA").decimal(), ',');
    }
}

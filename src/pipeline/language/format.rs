//! Dates, numbers and counts as a language writes them. Stored values and the API keep their one
//! form (ISO dates, JSON numbers).

use jiff::civil::Date;
use serde_json::{Number, Value};

/// A sentence that counts something, and its singular.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// For one.
    pub one: &'static str,
    /// For any other number.
    pub more: &'static str,
}

impl Counted {
    /// The form for so many.
    pub fn of(self, count: u64) -> &'static str {
        if count == 1 { self.one } else { self.more }
    }
}

/// How a language writes numbers and dates.
#[derive(Debug)]
pub struct Writing {
    /// The decimal sign.
    pub decimal: char,
    /// A date, in the form of `strftime`, whose names of months are English.
    pub date: &'static str,
    /// The same where a region has its own.
    pub regional: &'static [(&'static str, &'static str)],
}

/// `24.12.2026`.
const DOTTED: Writing = Writing { decimal: ',', date: "%d.%m.%Y", regional: &[] };
/// `24/12/2026`.
const SLASHED: Writing = Writing { decimal: ',', date: "%d/%m/%Y", regional: &[] };
/// `2026-12-24`.
const ISO: Writing = Writing { decimal: '.', date: "%Y-%m-%d", regional: &[] };

/// How a language writes in which the product has no sentences: those of the company may be.
pub(super) fn unspoken(language: &str) -> &'static Writing {
    match language {
        "cs" | "da" | "fi" | "nb" | "pl" | "ru" | "tr" => &DOTTED,
        "es" | "fr" | "it" | "nl" | "pt" | "sv" => &SLASHED,
        _ => &ISO,
    }
}

impl Writing {
    fn date(&self, date: Date, locale: &str) -> String {
        let own = self.regional.iter().find(|(region, _)| region.eq_ignore_ascii_case(locale));
        date.strftime(own.map_or(self.date, |(_, form)| form)).to_string()
    }

    /// Never grouped: a number may be an id.
    fn number(&self, number: &Number) -> String {
        number.to_string().replace('.', &self.decimal.to_string())
    }

    /// How large something is. A KB has 1024 bytes, as in Windows and SharePoint.
    pub(super) fn size(&self, bytes: u64, small: Counted) -> String {
        const KB: u64 = 1024;
        const MB: u64 = 1024 * KB;
        if bytes < KB {
            return small.of(bytes).replace("{count}", &bytes.to_string());
        }
        if bytes < MB {
            return format!("{} KB", bytes.div_ceil(KB));
        }
        let tenths = bytes.saturating_mul(10) / MB;
        format!("{}{}{} MB", tenths / 10, self.decimal, tenths % 10)
    }

    /// An answer as a person reads it; nothing when that is what is stored.
    pub(super) fn value(&self, value: &Value, is_date: bool, locale: &str) -> Option<String> {
        match value {
            Value::String(text) if is_date => Some(self.date(text.parse().ok()?, locale)),
            Value::Number(given) if given.is_f64() => Some(self.number(given)),
            _ => None,
        }
    }
}

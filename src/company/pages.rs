//! What everybody may read about the app: its privacy statement and its terms of use, as
//! company.yaml has them, or as they come with the product.

use std::time::Duration;

use url::Url;

use crate::{
    model::locale::language_of,
    source::{At, Fields, Problems, short},
};

/// The company's own statements; none where it has written none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    privacy: Option<Page>,
    terms: Option<Page>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It stands at this address.
    Address(String),
    /// This is it: paragraphs with a blank line between them.
    Text {
        /// The language in which it is written, as a locale.
        locale: String,
        text: String,
    },
}

/// Which statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Privacy,
    Terms,
}

/// Reads `privacy` and `terms`.
pub(super) fn read(fields: &Fields<'_>, locale: &str) -> Pages {
    let page = |key| page(fields.text(key)?, locale, fields.problems);
    Pages { privacy: page("privacy"), terms: page("terms") }
}

fn page(text: At<String>, locale: &str, problems: &Problems) -> Option<Page> {
    let words = text.value.trim();
    let begins = |scheme: &str| {
        words.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    if words.is_empty() {
        problems.error(
            &text.place,
            "this page would be empty",
            "write the text or its https address, or leave it out: then the built-in text is shown",
        );
        return None;
    }
    if words.contains(char::is_whitespace) || !(begins("https://") || begins("http://")) {
        return Some(Page::Text { locale: locale.to_owned(), text: words.to_owned() });
    }
    if begins("http://") || Url::parse(words).is_err() {
        problems.error(
            &text.place,
            format!("`{}` is no https address", short(words)),
            "write the whole address, such as `https://contoso.com/privacy`, or the text itself",
        );
        return None;
    }
    Some(Page::Address(words.to_owned()))
}

/// What the built-in statements are filled with.
pub(super) struct Filling<'a> {
    pub company: &'a str,
    pub locale: &'a str,
    /// The shortest and the longest span for which things are kept.
    pub kept: (Duration, Duration),
}

impl Pages {
    /// A statement: the company's own, else the one that comes with the product, in the company's
    /// language where there is one.
    pub(super) fn page(&self, kind: Kind, filling: &Filling<'_>) -> Page {
        let own = match kind {
            Kind::Privacy => &self.privacy,
            Kind::Terms => &self.terms,
        };
        own.clone().unwrap_or_else(|| {
            let (locale, text) = built_in(kind, filling.locale);
            let days = |span: Duration| span.as_secs().div_ceil(86_400);
            let (least, most) = (days(filling.kept.0), days(filling.kept.1));
            let days = if least == most { most.to_string() } else { format!("{least}–{most}") };
            let text = text.trim().replace("{days}", &days).replace("{company}", filling.company);
            Page::Text { locale: locale.to_owned(), text }
        })
    }
}

/// What comes with the product, and its language.
fn built_in(kind: Kind, locale: &str) -> (&'static str, &'static str) {
    match (kind, language_of(locale) == "de") {
        (Kind::Privacy, false) => ("en", include_str!("pages/privacy.en.txt")),
        (Kind::Privacy, true) => ("de", include_str!("pages/privacy.de.txt")),
        (Kind::Terms, false) => ("en", include_str!("pages/terms.en.txt")),
        (Kind::Terms, true) => ("de", include_str!("pages/terms.de.txt")),
    }
}

//! Locales: which language one names, and in which of them somebody is spoken to.

use super::Guest;

/// The language of a locale, in small letters: `de` of `de-AT` and of `DE_at`.
pub fn language_of(locale: &str) -> String {
    locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// The locale in which to speak to somebody: the language that they write or asked for, else their
/// own locale, else that of the department or company that speaks. An empty one, as Teams sends at
/// times, counts as none. A locale of that language says more than the language alone.
pub fn speaks_to<'a>(guest: &'a Guest, otherwise: &'a str) -> &'a str {
    let own = guest.locale.as_deref().filter(|locale| !locale.is_empty());
    let Some(language) = guest.language.as_deref() else { return own.unwrap_or(otherwise) };
    let fits = |locale: &&str| language_of(locale) == language;
    own.filter(fits).or(Some(otherwise).filter(fits)).unwrap_or(language)
}

/// The guest is spoken to in that language (`de`) from now on.
pub fn speak(guest: &mut Guest, language: &str) {
    let is_locales = guest.locale.as_deref().is_some_and(|own| language_of(own) == language);
    guest.language = (!is_locales).then(|| language.to_owned());
}

/// Which of these forms of something, each of a locale, somebody is shown: for each wanted locale
/// the exact one, then one of its language; else the first. An index.
pub fn chosen<'a>(forms: impl Iterator<Item = &'a str> + Clone, wanted: &[&str]) -> usize {
    for wanted in wanted {
        let exact = forms.clone().position(|form| form.eq_ignore_ascii_case(wanted));
        if let Some(at) = exact.or_else(|| {
            forms
                .clone()
                .position(|form| !form.is_empty() && language_of(form) == language_of(wanted))
        }) {
            return at;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_a_language() {
        for (locale, language) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE_at", "de"),
            ("zh-Hant-TW", "zh"),
            ("", ""),
            ("-DE", ""),
        ] {
            assert_eq!(language_of(locale), language, "{locale}");
        }
    }

    #[test]
    fn an_empty_locale_counts_as_none() {
        let of =
            |locale: Option<&str>| Guest { locale: locale.map(str::to_owned), ..Guest::default() };
        assert_eq!(speaks_to(&of(Some("de-DE")), "en-US"), "de-DE");
        assert_eq!(speaks_to(&of(Some("")), "en-US"), "en-US");
        assert_eq!(speaks_to(&of(None), "en-US"), "en-US");
    }

    #[test]
    fn a_language_goes_before_the_locale_until_that_is_of_it() {
        let mut guest = Guest { locale: Some("en-GB".to_owned()), ..Guest::default() };
        speak(&mut guest, "de");
        assert_eq!((speaks_to(&guest, "en-US"), speaks_to(&guest, "de-AT")), ("de", "de-AT"));
        speak(&mut guest, "en");
        assert_eq!((&guest.language, speaks_to(&guest, "de-AT")), (&None, "en-GB"));
    }
}

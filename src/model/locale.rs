//! Locales: which language one names, and in which of them somebody is spoken to.

use super::Guest;

/// Codes of languages that have another name today, or that are read by whoever reads the other: what
/// is called `no` is written in Bokmål.
const ALIASES: [(&str, &str); 8] = [
    ("no", "nb"),
    ("iw", "he"),
    ("in", "id"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("mo", "ro"),
    ("tl", "fil"),
    ("sh", "sr"),
];
/// Where Chinese is written in the traditional script.
const TRADITIONAL: [&str; 3] = ["tw", "hk", "mo"];
/// Where English is written as in the United States (CLDR's `$enUS`); elsewhere as in Great Britain.
const AMERICAN: [&str; 10] = ["as", "ca", "gu", "mh", "mp", "ph", "pr", "um", "us", "vi"];
/// Where Spanish is written as in Latin America (CLDR's children of `es-419`).
const LATIN: [&str; 24] = [
    "ar", "bo", "br", "bz", "cl", "co", "cr", "cu", "do", "ec", "gt", "hn", "jp", "mx", "ni", "pa",
    "pe", "pr", "py", "sv", "us", "uy", "ve", "419",
];

/// The language of a locale, in small letters and by its name of today: `de` of `de-AT` and of
/// `DE_at`, `nb` of `no`.
pub fn language_of(locale: &str) -> String {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    ALIASES
        .iter()
        .find(|(old, _)| *old == language)
        .map_or(language, |(_, name)| (*name).to_owned())
}

/// A locale as two of them are compared: `zh-hant-tw` of `zh_TW`, `nb-no` of `no-NO`.
fn canonical(locale: &str) -> String {
    let mut tag = language_of(locale);
    let mut rest = locale.trim().split(['-', '_']).skip(1).peekable();
    let first = rest.peek().copied().unwrap_or_default();
    match tag.as_str() {
        "zh" if TRADITIONAL.iter().any(|region| region.eq_ignore_ascii_case(first)) => {
            tag.push_str("-hant");
        }
        // `zh-x-…`, `zh-cn`, `zh`: anything but a script.
        "zh" if first.len() != 4 => tag.push_str("-hans"),
        _ => {}
    }
    for part in rest {
        tag.push('-');
        tag.extend(part.chars().map(|c| c.to_ascii_lowercase()));
    }
    tag
}

/// True for a form whose own tag this step is. Asked often, so that no tag is made but of what has
/// another name.
fn is_at(form: &str, step: &str) -> bool {
    let language = form.split(['-', '_']).next().unwrap_or_default();
    let is_renamed = language.eq_ignore_ascii_case("zh")
        || ALIASES.iter().any(|(old, _)| old.eq_ignore_ascii_case(language));
    if is_renamed {
        return canonical(form) == step;
    }
    let small = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    form.bytes().map(small).eq(step.bytes())
}

/// Where to look for something of a locale, nearest first: its tag, shortened from the end step by
/// step (RFC 4647, lookup), and where a region keeps to another one the tag of that before the
/// language alone: `en-AU` looks at `en-GB`, `es-MX` at `es-419`, `pt-AO` at `pt-PT`, `nn` at `nb`. In
/// small letters, with the script of Chinese.
pub fn steps(locale: &str) -> Vec<String> {
    let mut tag = canonical(locale);
    let mut steps: Vec<String> = Vec::new();
    let mut add = |step: &str| {
        if !steps.iter().any(|known| known == step) {
            steps.push(step.to_owned());
        }
    };
    while !tag.is_empty() {
        add(&tag);
        let Some((mut shorter, last)) = tag.rsplit_once('-') else { break };
        // A single letter begins an extension, which says nothing without what follows it.
        if let Some((before, single)) = shorter.rsplit_once('-')
            && single.len() == 1
        {
            shorter = before;
        }
        kept_to(shorter, last).iter().for_each(|step| add(step));
        tag = shorter.to_owned();
    }
    if tag == "nn" {
        add("nb");
    }
    steps
}

/// The locales to which a region keeps that has no form of its own.
fn kept_to(language: &str, region: &str) -> &'static [&'static str] {
    let is_region = region.len() == 2 || region.bytes().all(|byte| byte.is_ascii_digit());
    match language {
        "en" if is_region && AMERICAN.contains(&region) => &["en-us"],
        "en" if is_region => &["en-gb", "en-001"],
        "es" if LATIN.contains(&region) => &["es-419"],
        "pt" if is_region && !matches!(region, "br" | "us") => &["pt-pt"],
        _ => &[],
    }
}

/// Which of these forms of something, each of a locale, is the wanted locale's own: the first of its
/// [`steps`] that is there. An index.
pub fn lookup<'a>(forms: impl Iterator<Item = &'a str> + Clone, wanted: &str) -> Option<usize> {
    first_at(&forms, &steps(wanted))
}

fn first_at<'a>(
    forms: &(impl Iterator<Item = &'a str> + Clone),
    steps: &[String],
) -> Option<usize> {
    let at = |step: &String| forms.clone().position(|form| !form.is_empty() && is_at(form, step));
    steps.iter().find_map(at)
}

/// The same; where there is none, the form that shares the most with the wanted locale, which may be
/// no more than the language: `de-AT` for somebody of `de-CH`.
pub fn nearest<'a>(forms: impl Iterator<Item = &'a str> + Clone, wanted: &str) -> Option<usize> {
    let steps = steps(wanted);
    let akin = || {
        let shared = forms.clone().enumerate().map(|(at, form)| (apart(form, &steps), at));
        let (distance, at) = shared.min()?;
        (distance < usize::MAX).then_some(at)
    };
    first_at(&forms, &steps).or_else(akin)
}

/// How far a form's locale is from the wanted one: the first of its [`steps`] that is the form's too.
pub fn distance(form: &str, wanted: &str) -> usize {
    apart(form, &steps(wanted))
}

fn apart(form: &str, wanted: &[String]) -> usize {
    let own = if form.is_empty() { Vec::new() } else { steps(form) };
    wanted.iter().position(|step| own.contains(step)).unwrap_or(usize::MAX)
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

/// Which of these forms of something, each of a locale, somebody is shown: the nearest to the first
/// wanted locale for which there is any; else the first. An index.
pub fn chosen<'a>(forms: impl Iterator<Item = &'a str> + Clone, wanted: &[&str]) -> usize {
    if forms.clone().nth(1).is_none() {
        return 0;
    }
    wanted.iter().find_map(|wanted| nearest(forms.clone(), wanted)).unwrap_or(0)
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
            ("no-NO", "nb"),
            ("nn-NO", "nn"),
            ("iw", "he"),
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

    #[test]
    fn a_locale_is_shortened_step_by_step() {
        for (locale, wanted) in [
            ("de_AT", "de-at de"),
            (
                "zh-Hant-CN-x-private1-private2",
                "zh-hant-cn-x-private1-private2 zh-hant-cn-x-private1 zh-hant-cn zh-hant zh",
            ),
            ("de-u-nu-latn", "de-u-nu-latn de-u-nu de"),
            ("zh-TW", "zh-hant-tw zh-hant zh"),
            ("zh_hk", "zh-hant-hk zh-hant zh"),
            ("zh-CN", "zh-hans-cn zh-hans zh"),
            ("zh-Hans-HK", "zh-hans-hk zh-hans zh"),
            ("zh", "zh-hans zh"),
            ("no-NO", "nb-no nb"),
            ("nn-NO", "nn-no nn nb"),
            ("en-AU", "en-au en-gb en-001 en"),
            ("en-GB", "en-gb en-001 en"),
            ("en-CA", "en-ca en-us en"),
            ("en-US", "en-us en"),
            ("en", "en"),
            ("es-MX", "es-mx es-419 es"),
            ("es-ES", "es-es es"),
            ("pt-AO", "pt-ao pt-pt pt"),
            ("pt-BR", "pt-br pt"),
            ("", ""),
        ] {
            assert_eq!(steps(locale).join(" "), wanted, "{locale}");
        }
    }

    #[test]
    fn a_form_is_compared_as_it_is_called() {
        let tags = "en en-US EN_us no nb nb-NO no_NO iw he zh zh-TW zh-Hant zh_hant-TW zh-CN es-419 de-u-nu-latn";
        for form in tags.split(' ') {
            for step in tags.split(' ').flat_map(steps) {
                assert_eq!(is_at(form, &step), canonical(form) == step, "{form} {step}");
            }
        }
    }

    /// Of what stands there in several locales the nearest is taken, whatever comes first.
    #[test]
    fn the_nearest_form_is_taken() {
        for (wanted, forms, nearest_of_them) in [
            ("de-CH", "en de fr", Some("de")),
            ("de-CH", "en de de-CH", Some("de-CH")),
            ("de", "en de-AT", Some("de-AT")),
            ("en-AU", "de en-US en-GB", Some("en-GB")),
            ("en-AU", "en en-GB", Some("en-GB")),
            ("en-AU", "en-US en-IE", Some("en-IE")),
            ("en-CA", "en-GB en-US", Some("en-US")),
            ("en-ZA", "en-US en", Some("en")),
            ("nb-NO", "en no", Some("no")),
            ("no", "en nb-NO", Some("nb-NO")),
            ("nn-NO", "en no", Some("no")),
            ("nb", "en nn", Some("nn")),
            ("zh-TW", "en zh-CN zh-Hant", Some("zh-Hant")),
            ("zh-HK", "zh-CN zh-TW", Some("zh-TW")),
            ("zh-CN", "zh-TW zh-Hans", Some("zh-Hans")),
            ("zh-SG", "zh-Hant zh", Some("zh")),
            ("zh-TW", "en zh", Some("zh")),
            ("es-MX", "es es-419", Some("es-419")),
            ("es-AR", "es-ES es-MX", Some("es-MX")),
            ("pt-MZ", "pt-BR pt-PT", Some("pt-PT")),
            ("fr", "en de", None),
            ("deu", "de", None),
        ] {
            let forms: Vec<&str> = forms.split(' ').collect();
            let found = nearest(forms.iter().copied(), wanted).map(|at| forms[at]);
            assert_eq!(found, nearest_of_them, "{wanted} of {forms:?}");
        }
    }

    #[test]
    fn who_reads_none_of_them_is_shown_the_first() {
        let forms = ["en", "de", "fr-CA"];
        let shown = |wanted: &[&str]| forms[chosen(forms.iter().copied(), wanted)];
        assert_eq!(shown(&["sv-SE"]), "en");
        assert_eq!(shown(&["sv-SE", "fr-FR"]), "fr-CA");
        assert_eq!(shown(&["de-AT", "fr-FR"]), "de");
        assert_eq!(chosen(["", "de"].into_iter(), &["", "fr"]), 0);
    }
}

//! People as company files name them: by UPN or by Entra object id.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::source::{At, Fields, Problems, short};

/// The people under a key, as written. Whoever cannot be a person is told, and who stands there
/// twice.
pub(super) fn people(fields: &Fields<'_>, key: &'static str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let people = fields.texts(key);
    for person in &people {
        if !seen.insert(person.value.to_lowercase()) {
            let message = format!("`{}` stands twice in `{key}`", short(&person.value));
            fields.problems.warning(&person.place, message, "keep one of them");
        }
        named(person, key, fields.problems);
    }
    people.into_iter().map(|person| person.value).collect()
}

fn named(person: &At<String>, key: &str, problems: &Problems) {
    let text = person.value.as_str();
    if is_person(text) {
        return;
    }
    let help = if text.trim().is_empty() {
        "write a UPN such as ann@contoso.com, or remove it".to_owned()
    } else if text.matches('@').count() > 1 {
        format!(
            "give every person an entry of their own: `{key}: [ann@contoso.com, bob@contoso.com]`"
        )
    } else {
        "write the UPN with which they sign in, such as ann@contoso.com, or their object id from Entra, such as 11111111-2222-3333-4444-555555555555".to_owned()
    };
    let message = format!("`{}` in `{key}` is neither a UPN nor an object id", short(text));
    problems.error(&person.place, message, help);
}

/// A UPN (`ann@contoso.com`) or an object id. Other ids of small letters, digits and hyphens are let
/// through, as directories beside Entra have them, unless they are a GUID with a slip in it.
fn is_person(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, domain)) => {
            let fits = |c: char| c.is_alphanumeric() || "!#$%&'*+-./=?^_`{|}~".contains(c);
            let label = |label: &str| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            };
            let is_name = !name.is_empty() && name.chars().all(fits);
            is_name && domain.contains('.') && domain.split('.').all(label)
        }
        None => {
            let is_guid = text.len() == 36 && Uuid::try_parse(text).is_ok();
            let is_like_one = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            let is_id = text.contains('-') && text.bytes().all(is_plain);
            is_guid || (is_id && !is_like_one)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_person;

    #[test]
    fn people_are_upns_and_object_ids() {
        for good in [
            "ann@contoso.com",
            "Ann.Berg@contoso.onmicrosoft.com",
            "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com",
            "jürgen@contoso.de",
            "o'neil+it@sub.contoso.co.uk",
            "11111111-2222-3333-4444-555555555555",
            "ABCDEF01-2222-3333-4444-555555555555",
            "aad-ann",
        ] {
            assert!(is_person(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "Ann Berg",
            "ann",
            "ann@",
            "@contoso.com",
            "ann@contoso",
            "ann@contoso.",
            "ann@@contoso.com",
            "ann@contoso,com",
            "ann@contoso.com ",
            "ann@contoso.com; bob@contoso.com",
            "Ann Berg <ann@contoso.com>",
            "mailto:ann@contoso.com",
            "11111111-2222-3333-4444-55555555555",
            "{11111111-2222-3333-4444-555555555555}",
            "11111111222233334444555555555555",
            "#general",
        ] {
            assert!(!is_person(bad), "{bad}");
        }
    }
}

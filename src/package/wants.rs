//! What Teams wants of single values. Each complaint names the flag and the remedy.

use url::Url;
use uuid::Uuid;

pub(super) fn guid(flag: &str, text: &str, problems: &mut Vec<String>) -> String {
    match Uuid::try_parse(text) {
        // `Uuid` also reads braces, `urn:uuid:` and bare digits, which Teams does not: only the 36
        // characters have dashes.
        Ok(id) if text.len() == 36 => id.to_string(),
        _ => {
            problems.push(format!(
                "{flag}: {text:?} is not a GUID; copy the application (client) id of the bot's app registration, \
                 in the form 11111111-2222-3333-4444-555555555555."
            ));
            String::new()
        }
    }
}

pub(super) fn domain(text: &str, problems: &mut Vec<String>) {
    let mut wrong = |what: &str| {
        problems.push(format!(
            "--domain: {text:?} {what}; give the bare host name under which the world reaches the bot, such as bot.contoso.com."
        ));
    };
    if text.contains("://") {
        return wrong("has a scheme");
    }
    if text.contains(['/', '?', '#']) {
        return wrong("has a path");
    }
    if text.contains('*') {
        return wrong("has a wildcard");
    }
    if text.contains(':') {
        return wrong("has a port");
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > 253 || !text.split('.').all(label) {
        return wrong("is not a host name (an international one is written in its xn-- form)");
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    if !text.contains('.')
        || last.bytes().all(|byte| byte.is_ascii_digit())
        || last.eq_ignore_ascii_case("localhost")
    {
        wrong("is not a public host name");
    }
}

pub(super) fn version(text: &str, problems: &mut Vec<String>) {
    let number = |part: &str| {
        part == "0"
            || (part.bytes().all(|byte| byte.is_ascii_digit())
                && !part.starts_with('0')
                && !part.is_empty())
    };
    if text.split('.').count() != 3 || !text.split('.').all(number) || text.len() > 256 {
        problems
            .push(format!("--app-version: {text:?} is not three numbers; write it as 1.4.0, without leading zeros, letters or suffix."));
    }
}

pub(super) fn color(text: &str, problems: &mut Vec<String>) {
    let hex = text
        .strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !hex {
        problems.push(format!("--accent-color: {text:?} is not a colour; write it as #3D4DB3."));
    }
}

/// A name that people read. Teams counts as .NET does, in UTF-16 units.
pub(super) fn words(flag: &str, text: &str, most: usize, problems: &mut Vec<String>) {
    let length = text.trim().encode_utf16().count();
    if length == 0 {
        problems.push(format!("{flag}: it is empty; give at least one word."));
    } else if length > most {
        problems.push(format!(
            "{flag}: {text:?} has {length} characters, at most {most} are allowed; shorten it."
        ));
    }
    if text.chars().any(char::is_control) {
        problems.push(format!(
            "{flag}: {text:?} has a line break or another control character; write it on one line."
        ));
    }
}

pub(super) fn https(flag: &str, text: &str, problems: &mut Vec<String>) {
    let remedy = "give a full address such as https://contoso.com/privacy";
    match Url::parse(text) {
        Ok(url) if url.scheme() != "https" => problems.push(format!("{flag}: {text:?} is not https; {remedy}.")),
        // `Url` repairs what Teams' own pattern does not, such as `https:contoso.com` and outer
        // blanks.
        Ok(url)
            if text.len() <= 2048 && text.starts_with("https://") && !text.contains(char::is_whitespace) && url.password().is_none() => {}
        Ok(_) => problems.push(format!("{flag}: {text:?} is too long, has blanks, misses its slashes or holds a password; {remedy}.")),
        Err(error) => problems.push(format!("{flag}: {text:?} is not an address ({error}); {remedy}.")),
    }
}

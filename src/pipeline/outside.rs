//! Addresses of other systems and the secrets for them, as files write them.

use url::Url;

use crate::source::{At, Node, Problems};

/// The host in an address, which must be written as it is: a value never decides whom the bot
/// calls.
pub fn host_of(url: &At<String>, problems: &Problems) -> Option<At<String>> {
    let text = url.value.trim();
    let wrong = |message: &str, help: &str| {
        problems.error(&url.place, message, help);
        None::<At<String>>
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong(
            "`url` is no address",
            "write it whole: `https://tickets.contoso.com/api/tickets`",
        );
    };
    if !matches!(scheme, "https" | "http") {
        return wrong(
            "`url` must begin with https:// (or http:// inside your own network)",
            "write `https://…`",
        );
    }
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains("{{") {
        return wrong(
            "a value cannot decide which host is called",
            "write the host as it is; values may stand behind the next `/`",
        );
    }
    if authority.contains('@') {
        return wrong(
            "`url` holds a name or password",
            "send it as a header: `headers: { Authorization: { env: TICKETS_TOKEN } }`",
        );
    }
    // What stands in braces is not the address's own syntax.
    let fixed = rest.find("{{").map_or(rest, |at| &rest[..at]);
    match Url::parse(&format!("{scheme}://{authority}{fixed}"))
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
    {
        Some(host) => Some(At::new(host, &url.place)),
        None => wrong(
            "`url` is no address",
            "write it whole: `https://tickets.contoso.com/api/tickets`",
        ),
    }
}

/// `{ env: NAME }`: the name of the environment variable that holds a secret. `what` and `example`
/// are for who wrote it wrongly.
pub fn env(node: &Node, what: &str, example: &str, problems: &Problems) -> Option<At<String>> {
    let fields = node.fields(problems, what)?;
    let name = fields.require_text("env");
    fields.finish();
    let name = name?;
    if problems.is_secret(&name.value) {
        problems.error(
            &name.place,
            format!(
                "`{}` is a secret of Switchboard itself, which no other system gets",
                name.value
            ),
            "keep the other system's secret in a variable of its own: `{ env: TICKETS_TOKEN }`",
        );
        return None;
    }
    if !is_variable(&name.value) {
        problems.error(
            &name.place,
            format!("`{}` is no name of an environment variable", name.value),
            format!("write `{{ env: {example} }}`"),
        );
        return None;
    }
    Some(name)
}

/// True for what shells take as a name.
pub fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// True when an entry of the list covers a host: the host itself, or `*.contoso.com` for every host
/// below it.
pub fn covers(listed: &str, host: &str) -> bool {
    match listed.strip_prefix("*.") {
        Some(parent) => {
            host.len() > parent.len() + 1
                && host.is_char_boundary(host.len() - parent.len())
                && host[host.len() - parent.len()..].eq_ignore_ascii_case(parent)
                && host[..host.len() - parent.len()].ends_with('.')
        }
        None => listed.eq_ignore_ascii_case(host),
    }
}

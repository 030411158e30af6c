//! What people copy from JavaScript, Mustache and Adaptive Cards templating, and what is written
//! here instead.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{tags::tags, text::short};

/// Something of another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Where in the source.
    pub bytes: Range<usize>,
    /// What it is.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Foreign {
    fn new(bytes: Range<usize>, message: String, help: String) -> Self {
        Foreign { bytes, message, help }
    }
}

/// `${…}` of Adaptive Cards templating; `${{x}}` is a price.
static BOUND: LazyLock<Regex> = LazyLock::new(|| fixed(r#"\$\{([^{}"\n]+)\}"#));
/// The keys of Adaptive Cards templating.
static KEY: LazyLock<Regex> = LazyLock::new(|| fixed(r#""\$(when|data|root)"\s*:"#));
/// The operators of JavaScript, as they stand between two values.
static OPERATOR: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(===?|!==?|&&|\|\||>=|<=|\s[<>]\s|\s\+\s|\s\?\s)"));

/// With what a variable of the product begins.
const SCOPE: [&str; 9] =
    ["Guest", "Session", "Tenant", "Company", "Agent", "Data", "Hours", "Transfer", "Queue"];

fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed pattern, which a test compiles")
}

/// What a text has of other languages.
pub fn in_text(source: &str) -> Vec<Foreign> {
    let names_ours = |name: &str| {
        let first = name.split(['.', '(', '[']).next().unwrap_or_default();
        name.starts_with('$') || SCOPE.contains(&first)
    };
    let mut found = in_tags(source);
    found.extend(bound(source, names_ours));
    found
}

/// What a card has of other languages.
pub fn in_card(source: &str) -> Vec<Foreign> {
    let mut found = in_tags(source);
    found.extend(bound(source, |_| true));
    found.extend(KEY.captures_iter(source).filter_map(|key| {
        let (whole, name) = (key.get(0)?, key.get(1)?.as_str());
        let end = whole.as_str().trim_end_matches(':').trim_end().len();
        let help = match name {
            "when" => "write `{{#if …}}` before the element and `{{/if}}` behind it",
            "data" => "write `{{#each list}}` before the element and `{{/each}}` behind it",
            _ => "name the value: `{{@root.Guest.GivenName}}`",
        };
        Some(Foreign::new(
            whole.start()..whole.start() + end,
            format!("`${name}` is Adaptive Cards templating, which nothing reads here"),
            help.to_owned(),
        ))
    }));
    found.sort_by_key(|it| it.bytes.start);
    found
}

/// `${…}` where its name is one that is meant.
fn bound(source: &str, is_meant: impl Fn(&str) -> bool) -> Vec<Foreign> {
    let meant = BOUND.captures_iter(source).filter_map(|bound| {
        let (whole, name) = (bound.get(0)?, bound.get(1)?.as_str().trim());
        if !is_meant(name) {
            return None;
        }
        let message = format!(
            "`{}` is Adaptive Cards templating: it would be shown as it stands",
            short(whole.as_str())
        );
        let plain = name.trim_start_matches("$root.").trim_start_matches("$data.");
        let is_name = plain.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
        let help = if is_name {
            format!("write `{{{{{plain}}}}}`")
        } else {
            "write `{{Name}}`; there are no functions, and dates and numbers are written as the reader's locale does".to_owned()
        };
        Some(Foreign::new(whole.range(), message, help))
    });
    meant.collect()
}

/// Tags that are right elsewhere.
fn in_tags(source: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    for tag in tags(source).0 {
        let shown = short(&source[tag.bytes.clone()]);
        let told = inverted(tag.inner, &shown)
            .or_else(|| section(tag.inner, &shown))
            .or_else(|| other_else(tag.inner, &shown))
            .or_else(|| compared(tag.inner, &shown));
        found.extend(told.map(|(message, help)| Foreign::new(tag.bytes, message, help)));
    }
    found
}

type Told = Option<(String, String)>;

/// `{{^x}}` of Mustache; `{{^}}` alone is `else`.
fn inverted(inner: &str, shown: &str) -> Told {
    let rest = inner.strip_prefix('^')?.trim();
    let of = rest.strip_prefix("if ").unwrap_or(rest).trim();
    (!of.is_empty()).then(|| {
        let message = format!("`{shown}` is Mustache's, and means something else here");
        (message, format!("write `{{{{#unless {of}}}}}…{{{{/unless}}}}`"))
    })
}

/// `{{#Session.Transfers}}` of Mustache: no helper has a dot.
fn section(inner: &str, shown: &str) -> Told {
    let name = inner.strip_prefix('#')?.trim();
    let is_path = name.contains('.') && !name.contains(char::is_whitespace);
    is_path.then(|| {
        let help = format!(
            "write `{{{{#each {name}}}}}…{{{{/each}}}}` for every entry of a list, `{{{{#if {name}}}}}…{{{{/if}}}}` for what is only there"
        );
        (format!("`{shown}` is Mustache's: no block has that name here"), help)
    })
}

fn other_else(inner: &str, shown: &str) -> Told {
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    matches!(word, "elseif" | "elsif" | "elif").then(|| {
        let rest = rest.trim();
        (format!("`{shown}` is no `else`"), format!("write `{{{{else if {rest}}}}}`"))
    })
}

/// Operators between values: here helpers stand before them.
fn compared(inner: &str, shown: &str) -> Told {
    let is_other = inner.starts_with(['>', '&', '{', '!', '/', '*']) || inner.starts_with("#>");
    if is_other {
        return None;
    }
    let bare = without_quoted(inner);
    let message = || format!("`{shown}` calculates as JavaScript does, which no tag can");
    if let Some(found) = OPERATOR.find(&bare) {
        let helper = match found.as_str().trim() {
            "==" | "===" => "eq",
            "!=" | "!==" => "ne",
            "&&" => "and",
            "||" => "or",
            ">=" => "gte",
            "<=" => "lte",
            ">" => "gt",
            "<" => "lt",
            "?" => {
                let help = "write `{{#if a}}b{{else}}c{{/if}}`".to_owned();
                return Some((message(), help));
            }
            _ => {
                let help =
                    "write the words in the text itself; nothing is calculated in it".to_owned();
                return Some((message(), help));
            }
        };
        let side = |text: &str| text.trim().to_owned();
        let (before, after) = (side(&inner[..found.start()]), side(&inner[found.end()..]));
        let (opens, left) = match before.split_once(char::is_whitespace) {
            Some((block, left)) if block.starts_with('#') || block == "else" => {
                (format!("{block} "), left.trim().to_owned())
            }
            _ => (String::new(), before),
        };
        let (opens, left) = match left.strip_prefix("if ") {
            Some(left) => (format!("{opens}if "), left.trim().to_owned()),
            None => (opens, left),
        };
        let is_simple =
            |side: &str| !OPERATOR.is_match(&without_quoted(side)) && !side.contains(['(', ')']);
        let help = if !is_simple(&after) || !is_simple(&left) {
            "helpers stand before what they compare: write `{{#if (and (eq a \"x\") (gt b 3))}}`"
                .to_owned()
        } else if opens.is_empty() {
            format!("write `{{{{{helper} {left} {after}}}}}`")
        } else {
            format!("write `{{{{{opens}({helper} {left} {after})}}}}`")
        };
        return Some((message(), help));
    }
    let of = inner.strip_prefix("#if ")?.trim().strip_prefix('!')?;
    Some((message(), format!("write `{{{{#unless {of}}}}}…{{{{/unless}}}}`")))
}

/// The same length, with blanks where quoted text stands.
fn without_quoted(text: &str) -> String {
    let mut quote = None;
    text.chars()
        .flat_map(|c| {
            let is_quoted = quote.is_some();
            match quote {
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                _ => {}
            }
            let (shown, count) = if is_quoted { ('_', c.len_utf8()) } else { (c, 1) };
            std::iter::repeat_n(shown, count)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_from_elsewhere_is_told_with_what_to_write() {
        for (source, help) in [
            ("Hello ${Guest.GivenName}", "write `{{Guest.GivenName}}`"),
            ("Hello ${$root.Guest.Name}", "write `{{Guest.Name}}`"),
            ("${formatDateTime(Data.day)}", ""),
            (
                "{{#Session.Transfers}}{{reason}}{{/Session.Transfers}}",
                "write `{{#each Session.Transfers}}",
            ),
            ("{{^if Data.s}}a{{/if}}", "write `{{#unless Data.s}}"),
            ("{{^Data.s}}a{{/Data.s}}", "write `{{#unless Data.s}}"),
            ("{{#if a}}b{{elseif c}}d{{/if}}", "write `{{else if c}}`"),
            ("{{#if Data.s == \"x\"}}a{{/if}}", "write `{{#if (eq Data.s \"x\")}}`"),
            ("{{#if a}}{{else if Data.n >= 3}}a{{/if}}", "write `{{else if (gte Data.n 3)}}`"),
            ("{{#if a && b || c}}a{{/if}}", "helpers stand before"),
            ("{{#if !Data.s}}a{{/if}}", "write `{{#unless Data.s}}"),
            ("{{Data.s || \"x\"}}", "write `{{or Data.s \"x\"}}`"),
            ("{{Data.s ? \"a\" : \"b\"}}", "write `{{#if a}}b{{else}}c{{/if}}`"),
        ] {
            let found = in_text(source);
            if help.is_empty() {
                assert_eq!(found, [], "{source}");
            } else {
                assert_eq!(found.len(), 1, "{source}: {found:?}");
                assert!(found[0].help.starts_with(help), "{source}: {found:?}");
            }
        }
        let card = r#"{ "$when": "${count > 0}", "text": "${title}", "$data": [] }"#;
        let told: Vec<_> = in_card(card).into_iter().map(|it| &card[it.bytes]).collect();
        assert_eq!(told, ["\"$when\"", "${count > 0}", "${title}", "\"$data\""]);
    }

    #[test]
    fn what_is_right_is_left_alone() {
        for source in [
            "{{#if (eq Data.s \"a == b\")}}x{{else}}y{{/if}} {{^}} {{! a && b }} {{!-- ${Guest.Name} --}}",
            "It costs ${{Data.price}}, or ${PRICE} in the shell; a == b && c",
            "{{#if n includeZero=true}}0{{/if}} {{#each a as |x i|}}{{x}}{{/each}} {{@index}} {{../x}}",
            "{{lookup (lookup this \"Data\") 'x || y'}} {{> part}} \\{{a == b}}",
        ] {
            let told = in_text(source);
            assert!(
                told.iter().all(|it| source[it.bytes.clone()].starts_with("${Guest")),
                "{source}: {told:?}"
            );
        }
    }
}

//! The tags of a Handlebars source, read before the compiler sees them: what is refused or
//! unfinished is told with its place.

use std::ops::Range;

use super::{place::Place, problem::Problems, text::short};

/// One `{{…}}`.
pub(super) struct Tag<'a> {
    pub(super) bytes: Range<usize>,
    /// Between the braces, without `~` and blanks.
    pub(super) inner: &'a str,
}

/// Complains about tags that are refused, unfinished or unmatched. True when there is nothing to
/// complain about.
pub fn check(file: &str, source: &str, problems: &Problems) -> bool {
    let place = |bytes: Range<usize>| Place::at(file, source, bytes);
    let mut fine = true;
    let mut wrong = |bytes: Range<usize>, message: String, help: String| {
        problems.error(&place(bytes), message, help);
        fine = false;
    };
    let (tags, unclosed) = tags(source);
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    for tag in tags {
        let (inner, bytes) = (tag.inner, tag.bytes);
        let shown = short(&source[bytes.clone()]);
        if let Some((message, help)) = refused(inner, &shown) {
            wrong(bytes, message, help.to_owned());
        } else if let Some(name) = inner.strip_prefix('#') {
            open.push((name.split_whitespace().next().unwrap_or_default(), bytes));
        } else if let Some(name) = inner.strip_prefix('/') {
            let name = name.trim();
            match open.pop() {
                Some((opened, _)) if opened == name => {}
                Some((opened, at)) => {
                    let line = place(at).line;
                    wrong(
                        bytes,
                        format!(
                            "`{shown}` stands where `{{{{/{opened}}}}}` is due: line {line} opened `{{{{#{opened}}}}}`"
                        ),
                        format!(
                            "close the blocks in reverse order: write `{{{{/{opened}}}}}` here"
                        ),
                    );
                    return false;
                }
                None => wrong(
                    bytes,
                    format!("`{shown}` closes a block that was never opened"),
                    "remove it".to_owned(),
                ),
            }
        } else if (inner == "else" || inner == "^" || inner.starts_with("else ")) && open.is_empty()
        {
            wrong(
                bytes,
                format!("`{shown}` stands outside of every block"),
                "put it between `{{#if …}}` and `{{/if}}`".to_owned(),
            );
        }
    }
    if let Some(bytes) = unclosed {
        wrong(
            bytes.clone(),
            format!("`{}` is never closed", short(&source[bytes])),
            "end it with as many `}` as it has `{`; to write `{{` itself, put a backslash before it: `\\{{`".to_owned(),
        );
        return false;
    }
    for (name, bytes) in open {
        wrong(
            bytes.clone(),
            format!("`{}` is never closed", short(&source[bytes])),
            format!("write `{{{{/{name}}}}}` where the block ends"),
        );
    }
    fine
}

/// Why a tag of this kind is refused, and what to write instead.
fn refused(inner: &str, shown: &str) -> Option<(String, &'static str)> {
    let unescaped = || {
        format!(
            "`{shown}` would write a value without escaping it: what a person typed could break the card"
        )
    };
    if inner.starts_with('{') {
        let help = "write `{{x}}` inside quotes, or `{{json x}}` for a number, list or object outside quotes; after a `{` of JSON put a blank";
        return Some((unescaped(), help));
    }
    if inner.starts_with('&') {
        return Some((unescaped(), "write `{{x}}` without `&`"));
    }
    if inner.starts_with('>') || inner.starts_with("#>") {
        let message = format!("`{shown}`: cards have no partials");
        return Some((message, "write the part out in this card"));
    }
    let is_decorator = inner.starts_with('*') || inner.starts_with("#*");
    is_decorator.then(|| (format!("`{shown}`: cards have no decorators"), "remove it"))
}

/// The tag that stands around a byte offset, else the offset alone.
pub fn around(source: &str, at: usize) -> Range<usize> {
    tags(source)
        .0
        .into_iter()
        .map(|tag| tag.bytes)
        .find(|bytes| bytes.contains(&at))
        .unwrap_or(at..at)
}

/// True for every line (from 0) that begins inside a tag or a comment.
pub fn lines_inside(source: &str) -> Vec<bool> {
    let spans: Vec<Range<usize>> = comments_and_tags(source).0;
    let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1));
    starts.map(|at| spans.iter().any(|span| span.start < at && at < span.end)).collect()
}

pub(super) fn tags(source: &str) -> (Vec<Tag<'_>>, Option<Range<usize>>) {
    let (spans, unclosed) = comments_and_tags(source);
    let tags = spans.into_iter().map(|bytes| {
        let inner = source[bytes.clone()].trim_start_matches("{{").trim_end_matches("}}");
        let inner = match source[bytes.clone()].strip_prefix("{{") {
            // `{{{x}}}` keeps its inner braces, so that it can be told from `{{x}}`.
            Some(rest) if rest.trim_start_matches('~').starts_with('{') => {
                rest.trim_start_matches('~')
            }
            _ => inner.trim_start_matches('~').trim_end_matches('~').trim(),
        };
        Tag { bytes, inner }
    });
    (tags.filter(|tag| !tag.inner.starts_with('!')).collect(), unclosed)
}

fn comments_and_tags(source: &str) -> (Vec<Range<usize>>, Option<Range<usize>>) {
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(found) = source[at..].find("{{") {
        let start = at + found;
        let backslashes = source[at..start].bytes().rev().take_while(|b| *b == b'\\').count();
        // `\{{` is text; `\\{{` is a backslash and a tag.
        if backslashes == 1 {
            at = start + 2;
            continue;
        }
        let braces = source[start..].bytes().take_while(|b| *b == b'{').count().min(4);
        let tildes = source[start + braces..].bytes().take_while(|b| *b == b'~').count();
        let body = &source[start + braces + tildes..];
        let end = if body.starts_with("!--") {
            body.find("--}}").map(|length| length + 4)
        } else if body.starts_with('!') {
            body.find("}}").map(|length| length + 2)
        } else {
            close(body, braces)
        };
        match end {
            Some(length) => {
                at = start + braces + tildes + length;
                spans.push(start..at);
            }
            None => {
                let line = source[start..].find('\n').map_or(source.len(), |n| start + n);
                return (spans, Some(start..line));
            }
        }
    }
    (spans, None)
}

/// Where a tag's closing braces end, past any quoted text.
fn close(body: &str, braces: usize) -> Option<usize> {
    let mut quote = None;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') if body[at..].starts_with("}}") => {
                let run = body[at..].bytes().take_while(|b| *b == b'}').count();
                return Some(at + run.min(braces.max(2)));
            }
            // A new tag begins before this one ended; `{{~{x}~}}` alone has one inside.
            (None, '{') if at > 0 => return None,
            _ => {}
        }
    }
    None
}

//! The tags that Teams writes into a message's plain `text`: `<at>…</at>` where somebody is called by
//! name, and since 2026 `<quoted messageId="…"/>` where a message is answered. Both come escaped as
//! well (`&lt;at&gt;`), with attributes, and in either case. Whatever else looks like a tag was typed.

use html5gum::{Token, Tokenizer};
use unicode_normalization::UnicodeNormalization as _;

use crate::model::mark::is_invisible;

/// The longest tag that is looked for, in bytes. A longer one was typed.
const LONGEST: usize = 1000;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part<'a> {
    Words(&'a str),
    /// Marks the message that is answered.
    Quote,
    /// Calls somebody: the whole tag, and what stands in it.
    Name {
        tag: &'a str,
        name: &'a str,
    },
}

/// The parts of a text, in order. Linear in its length: no tag is looked for further than
/// [`LONGEST`], and the end of a quote is looked for in vain once.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut begun, mut at, mut may_end) = (0, 0, true);
    while let Some(found) = text[at..].find(['<', '&']) {
        at += found;
        let Some((part, length)) = tag(&text[at..], &mut may_end) else {
            at += 1;
            continue;
        };
        if begun < at {
            parts.push(Part::Words(&text[begun..at]));
        }
        parts.push(part);
        at += length;
        begun = at;
    }
    if begun < text.len() {
        parts.push(Part::Words(&text[begun..]));
    }
    parts
}

/// The tag with which a text begins, and its length.
fn tag<'a>(text: &'a str, may_end: &mut bool) -> Option<(Part<'a>, usize)> {
    let behind = text.strip_prefix('<').or_else(|| prefixed(text, "&lt;"))?;
    if let Some(rest) = prefixed(behind, "at").filter(|rest| ends_name(rest)) {
        let inner = opened(rest)?.0;
        let (name, end) = closed(within(inner), "at")?;
        let length = text.len() - inner.len() + end;
        return Some((Part::Name { tag: &text[..length], name }, length));
    }
    let rest = prefixed(behind, "quoted").filter(|rest| ends_name(rest))?;
    let (inner, is_whole) = opened(rest)?;
    let ended = if is_whole || !*may_end { None } else { closed(inner, "quoted") };
    *may_end &= is_whole || ended.is_some();
    let length = text.len() - inner.len() + ended.map_or(0, |(_, end)| end);
    Some((Part::Quote, length))
}

/// What stands behind a prefix in any case.
fn prefixed<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn ends_name(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
        || prefixed(rest, "&gt;").is_some()
}

/// The longest start of a text that is looked at.
fn within(text: &str) -> &str {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at > LONGEST);
    &text[..end.unwrap_or(text.len())]
}

/// What stands behind the attributes of a tag and its end, and whether it ends there as a whole
/// (`/>`). An end inside of quotes is none, unless there is no other.
fn opened(rest: &str) -> Option<(&str, bool)> {
    let head = within(rest);
    if !head.contains('>') && !head.contains("gt;") && !head.contains("GT;") {
        return None;
    }
    let end = |respects_quotes: bool| {
        let mut quote = None;
        let mut at = 0;
        while let Some(c) = head[at..].chars().next() {
            let here = &head[at..];
            let (sign, length) = match prefixed(here, "&quot;") {
                Some(_) => ('"', "&quot;".len()),
                None => (c, c.len_utf8()),
            };
            let ends = if c == '>' { Some(1) } else { prefixed(here, "&gt;").map(|_| 4) };
            match (quote, ends) {
                (None, Some(length)) => return Some((at, length)),
                (Some(open), _) if sign == open => quote = None,
                (None, None) if respects_quotes && matches!(sign, '"' | '\'') => quote = Some(sign),
                _ => {}
            }
            at += length;
        }
        None
    };
    let (at, length) = end(true).or_else(|| end(false))?;
    Some((&rest[at + length..], head[..at].trim_end().ends_with('/')))
}

/// What stands before the end tag of an element, and how far that one reaches.
fn closed<'a>(text: &'a str, element: &str) -> Option<(&'a str, usize)> {
    text.match_indices(['<', '&']).find_map(|(at, _)| {
        let here = &text[at..];
        let rest = here.strip_prefix('<').or_else(|| prefixed(here, "&lt;"))?;
        let rest = prefixed(rest.strip_prefix('/')?, element)?.trim_start();
        let rest = rest.strip_prefix('>').or_else(|| prefixed(rest, "&gt;"))?;
        Some((&text[..at], text.len() - rest.len()))
    })
}

/// What a reader sees of a text with the names of characters (`&amp;`) and tags.
pub(super) fn seen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for token in Tokenizer::new(text).flatten() {
        if let Token::String(text) = token {
            out.push_str(&String::from_utf8_lossy(&text));
        }
    }
    out
}

/// A name as it is compared: seen, without what nobody sees, in one case. Escaped twice is the same
/// name.
pub(super) fn normal(name: &str) -> String {
    let name: String = seen(&seen(name)).nfkc().filter(|c| !is_invisible(*c)).collect();
    let name = name.trim_start_matches(['@', ' ']).to_lowercase();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let words = |part: Part<'_>| match part {
            Part::Words(words) => words.to_owned(),
            Part::Quote => "{}".to_owned(),
            Part::Name { name, .. } => format!("[{}]", seen(name)),
        };
        parts(text).into_iter().map(words).collect()
    }

    #[test]
    fn tags_are_told_from_what_was_typed() {
        for (text, wanted) in [
            ("<at>Help</at> a", "[Help] a"),
            ("<at id=\"0\">R&amp;D Help</at>a", "[R&D Help]a"),
            ("<AT a='x > y'>Help</ AT>b", "<AT a='x > y'>Help</ AT>b"),
            ("<AT a='x > y'>Help</AT >b", "[Help]b"),
            ("&lt;at&gt;Help&lt;/at&gt; c", "[Help] c"),
            ("&LT;at id=&quot;0&quot;&gt;Help&lt;/AT&gt; c", "[Help] c"),
            ("<at>a</at><at>b</at>", "[a][b]"),
            ("<quoted messageId=\"17\"/> d", "{} d"),
            ("e <quoted messageId='1>7'/>", "e {}"),
            ("<Quoted/>f", "{}f"),
            ("<quoted messageId=\"17\">what was said</quoted> g", "{} g"),
            ("<quoted messageId=\"17\"> h", "{} h"),
            ("<quoted messageId=\"17> i", "{} i"),
            ("&lt;quoted messageId=&quot;17&quot;/&gt; j", "{} j"),
            ("<at>never ended", "<at>never ended"),
            ("<attach>k</attach> <quotedly/>", "<attach>k</attach> <quotedly/>"),
            ("<b>&amp;</b> <", "<b>&amp;</b> <"),
            ("é<at>é</at>é", "é[é]é"),
        ] {
            assert_eq!(words(text), wanted, "{text}");
        }
    }

    #[test]
    fn names_are_compared_as_they_are_seen() {
        for name in [
            "R&D Help",
            "R&amp;D  help",
            "@r&amp;amp;d\u{A0}HELP",
            "Ｒ&D Help\u{200B}",
            "<b>R&amp;D</b> Help",
        ] {
            assert_eq!(normal(name), "r&d help", "{name}");
        }
    }

    #[test]
    fn nothing_is_too_long() {
        for text in ["<at>", "<at", "<quoted ", "<quoted>", "&lt;at a=\"", "<quoted a='>", "<"] {
            let many = text.repeat(256 * 1024 / text.len());
            assert!(parts(&many).len() <= 256 * 1024, "{text}");
        }
    }
}

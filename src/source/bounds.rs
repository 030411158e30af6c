//! How long and how deep a template may be. Asked before it is compiled: compilers of templates, and
//! what walks and renders them afterwards, call themselves for every level.

use std::ops::Range;

/// The deepest nesting of blocks, each `else if` counted as one more.
const DEEPEST: usize = 48;
/// The most tags. A card as large as Teams shows has about a hundred.
const MOST_TAGS: usize = 600;
/// The deepest nesting of brackets in one tag.
const BRACKETS: usize = 16;

/// What of a template is too much: where, what, and what to do; nothing when it may be compiled.
/// `longest` is in bytes.
pub fn too_much(template: &str, longest: usize) -> Option<(Range<usize>, String, &'static str)> {
    if template.len() > longest {
        let message = format!("this is longer than {} KB", longest / 1024);
        return Some((0..1, message, "split it, or say less"));
    }
    // How many levels each open block has: itself, and one for every `else if`.
    let mut open: Vec<usize> = Vec::new();
    let (mut depth, mut at, mut tags) = (0usize, 0usize, 0usize);
    while let Some(found) = template[at..].find("{{") {
        let start = at + found;
        let end = end_of(&template[start + 2..]).map_or(template.len(), |end| start + 2 + end);
        let inner = template[start + 2..end].trim_start_matches(['~', '{', ' ', '\t', '\r', '\n']);
        if inner.starts_with('#') {
            open.push(1);
            depth += 1;
        } else if inner.starts_with('/') {
            depth = depth.saturating_sub(open.pop().unwrap_or(0));
        } else if is_else(inner) || inner.starts_with('^') {
            open.last_mut().into_iter().for_each(|levels| *levels += 1);
            depth += 1;
        }
        if depth > DEEPEST {
            let message = format!("blocks stand in each other more than {DEEPEST} deep here");
            return Some((start..end, message, "split it into several stages or cards"));
        }
        tags += 1;
        if tags > MOST_TAGS {
            let message = format!("here stand more than {MOST_TAGS} tags");
            return Some((start..end, message, "split it into several stages or cards"));
        }
        let is_comment = inner.starts_with('!');
        let (mut brackets, mut deepest) = (0usize, 0usize);
        for byte in inner.bytes() {
            match byte {
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(brackets);
        }
        if deepest > BRACKETS && !is_comment {
            let message = format!("brackets stand in each other more than {BRACKETS} deep here");
            return Some((start..end, message, "write it in several steps, with `set`"));
        }
        at = end;
    }
    None
}

/// Where a tag ends behind its opening braces, past any quoted text.
fn end_of(tag: &str) -> Option<usize> {
    // A comment ends at its mark, whatever is quoted in it.
    if tag.trim_start_matches('~').starts_with('!') {
        return tag.find("}}").map(|end| end + 2);
    }
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') if tag[at..].starts_with("}}") => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// True of `else`, with or without a condition.
fn is_else(tag: &str) -> bool {
    tag.strip_prefix("else")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '~' | '}')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_or_too_deep_is_told_where() {
        let fits = format!("{}x{}", "{{#if a}}".repeat(40), "{{/if}}".repeat(40));
        assert_eq!(too_much(&fits, 1024), None);
        let wide = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{#if b}}{{x}}{{/if}}".repeat(190));
        assert_eq!(too_much(&wide, 100_000), None);
        for (template, part) in [
            ("x".repeat(2048), "longer than 1 KB"),
            ("{{#if a}}".repeat(100), "more than 48 deep"),
            (format!("{{{{#if a}}}}{}", "{{else if b}}".repeat(70)), "more than 48 deep"),
            (format!("{{{{~ #if {} a", "(eq ".repeat(40)), "brackets"),
            (format!("{{{{x {} }}}}", "[".repeat(40)), "brackets"),
            (format!("{{{{#if (eq \"}}}}\" {}", "(not ".repeat(40)), "brackets"),
            (format!("{{{{#if a}}}}{}", "{{else\tif b}}".repeat(60)), "more than 48 deep"),
            (format!("{{{{#if a}}}}{}", "{{else\nif b}}".repeat(60)), "more than 48 deep"),
        ] {
            let told = too_much(&template, 1024);
            assert!(told.as_ref().is_some_and(|told| told.1.contains(part)), "{told:?}");
        }
    }
}

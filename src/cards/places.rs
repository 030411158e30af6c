//! From a place in a rendered card back to the line of the template that wrote it.

use std::collections::HashMap;

use crate::source::tags;

/// Stands before a line number at the start of every line of a template, while a place is looked
/// for.
const OPEN: char = '\u{FDD3}';
/// Stands behind it.
const CLOSE: char = '\u{FDD4}';

/// A template whose lines say their number when they are rendered.
pub(super) fn numbered(source: &str) -> String {
    let inside = tags::lines_inside(source);
    let lines = source.split_inclusive('\n').enumerate();
    lines
        .map(
            |(at, line)| {
                if inside[at] { line.to_owned() } else { format!("{OPEN}{}{CLOSE}{line}", at + 1) }
            },
        )
        .collect()
}

/// A text rendered from a numbered template without the numbers, and from which byte on which line
/// wrote it.
pub(super) fn lines(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut out, mut lines, mut rest) = (String::with_capacity(text.len()), vec![(0, 1)], text);
    while let Some(open) = rest.find(OPEN) {
        out.push_str(&rest[..open]);
        rest = &rest[open + OPEN.len_utf8()..];
        if let Some((number, after)) = rest.split_once(CLOSE) {
            lines.extend(number.parse().ok().map(|line| (out.len(), line)));
            rest = after;
        }
    }
    out.push_str(rest);
    (out, lines)
}

/// The line that wrote a byte: of several that begin there, the last.
pub(super) fn line(lines: &[(usize, usize)], at: usize) -> usize {
    lines.iter().take_while(|(from, _)| *from <= at).last().map_or(1, |(_, line)| *line)
}

/// Where every element of a JSON text begins, by its pointer. The text is JSON already.
pub(super) fn elements(text: &str) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    let mut stack: Vec<(String, usize, bool)> = Vec::new();
    let (mut key, mut wants_key, mut at) = (String::new(), false, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let pointer = match stack.last() {
            Some((base, _, true)) => {
                format!("{base}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Some((base, index, false)) => format!("{base}/{index}"),
            None => String::new(),
        };
        match bytes[at] {
            open @ (b'{' | b'[') => {
                found.insert(pointer.clone(), at);
                wants_key = open == b'{';
                stack.push((pointer, 0, open == b'{'));
            }
            b'}' | b']' => {
                stack.pop();
                wants_key = false;
            }
            b',' => {
                if let Some((_, index, is_object)) = stack.last_mut() {
                    *index += 1;
                    wants_key = *is_object;
                }
            }
            b':' => wants_key = false,
            b'"' => {
                let mut end = at + 1;
                while end < bytes.len() && bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let end = (end + 1).min(bytes.len());
                if wants_key {
                    key = serde_json::from_str(&text[at..end]).unwrap_or_default();
                } else {
                    found.insert(pointer, at);
                }
                at = end;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                found.entry(pointer).or_insert(at);
            }
        }
        at += 1;
    }
    found
}

/// Runs something one step further down a JSON pointer.
pub(super) fn descend<T>(at: &mut String, step: &str, then: impl FnOnce(&mut String) -> T) -> T {
    let before = at.len();
    at.push('/');
    at.push_str(&step.replace('~', "~0").replace('/', "~1"));
    let result = then(at);
    at.truncate(before);
    result
}

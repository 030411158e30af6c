//! Lines to text. Whatever a person typed is escaped: only what they formatted is markup.

use super::line::{Form, Gap, Line as Drawn, Run};
use crate::model::markdown::{Line, escape, longest_run};

/// The lines as Markdown.
pub(super) fn markdown(lines: &[Drawn]) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            let before = &lines[at - 1];
            match line.gap {
                // Two blanks keep the break between two lines of one paragraph.
                Gap::Line if line.is_entry || before.code.is_some() => out.push('\n'),
                Gap::Line => out.push_str("  \n"),
                Gap::Paragraph => {
                    out.push('\n');
                    out.push_str("> ".repeat(line.quotes.min(before.quotes)).trim_end());
                    out.push('\n');
                }
            }
        }
        out.push_str(&line.prefix);
        match &line.code {
            Some(code) => block(&mut out, code, &line.rest),
            None => {
                let mut text = String::new();
                spans(&mut text, &line.runs, 0, None);
                out.push_str(&text);
            }
        }
    }
    out
}

/// The lines without any form; lists and quotes keep their marks.
pub(super) fn plain<'a>(lines: impl Iterator<Item = &'a Drawn>) -> String {
    let mut out = String::new();
    for line in lines {
        if !out.is_empty() {
            out.push_str(if line.gap == Gap::Paragraph { "\n\n" } else { "\n" });
        }
        out.push_str(&line.prefix);
        match &line.code {
            Some(code) => out.push_str(code),
            None => line.runs.iter().for_each(|run| out.push_str(&run.text)),
        }
    }
    out
}

fn block(out: &mut String, code: &str, rest: &str) {
    let fence = "`".repeat(longest_run(code).max(2) + 1);
    out.push_str(&fence);
    for line in code.lines() {
        out.push('\n');
        out.push_str(rest);
        out.push_str(line);
    }
    out.push('\n');
    out.push_str(rest);
    out.push_str(&fence);
}

/// The forms, the outermost first.
const LEVELS: usize = 4;

fn has(form: &Form, level: usize) -> bool {
    match level {
        0 => form.link.is_some(),
        1 => form.bold,
        2 => form.italic,
        _ => form.struck,
    }
}

/// Runs of one line, form by form. `next` is the character that follows them.
fn spans(out: &mut String, runs: &[Run], level: usize, next: Option<char>) {
    let alike = |a: &Run, b: &Run| match level {
        0 => a.form.link == b.form.link,
        LEVELS => a.form.code == b.form.code,
        level => has(&a.form, level) == has(&b.form, level),
    };
    let groups: Vec<&[Run]> = runs.chunk_by(alike).collect();
    for (at, group) in groups.iter().enumerate() {
        let next = groups
            .get(at + 1)
            .and_then(|group| group.first())
            .and_then(|run| run.text.chars().next())
            .or(next);
        let Some(first) = group.first() else { continue };
        if level == LEVELS {
            let text: String = group.iter().map(|run| run.text.as_str()).collect();
            if first.form.code && !text.trim().is_empty() {
                code(out, &text)
            } else {
                let mut line = if out.trim().is_empty() { Line::START } else { Line::INSIDE };
                escape(out, &text, &mut line, next)
            }
            continue;
        }
        if !has(&first.form, level) || group.iter().all(|run| run.text.trim().is_empty()) {
            spans(out, group, level + 1, next);
            continue;
        }
        // Markdown wants a mark to touch a word: blanks at both ends stand outside.
        let (before, inner, after) = trimmed(group);
        out.push_str(before);
        if level == 0 {
            out.push('[');
            spans(out, &inner, 1, Some(']'));
            out.push_str("](");
            let url = first.form.link.as_deref().unwrap_or_default();
            out.push_str(&ampersands(url));
            out.push(')');
        } else {
            let prev = out.chars().next_back();
            let follows = if after.is_empty() { next } else { Some(' ') };
            let mut text = String::new();
            // A line cannot begin here any more: what would begin a list is no danger.
            text.push('*');
            spans(&mut text, &inner, level + 1, follows);
            let text = &text[1..];
            match mark(level, prev, text, follows) {
                Some(mark) => {
                    out.push_str(mark);
                    out.push_str(text);
                    out.push_str(mark);
                }
                None => spans(out, &inner, level + 1, follows),
            }
        }
        out.push_str(after);
    }
}

/// The mark of a form, when Markdown can see it between these neighbours: next to a letter it must
/// touch a letter.
fn mark(level: usize, prev: Option<char>, text: &str, next: Option<char>) -> Option<&'static str> {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins = is_word(text.chars().next()) || !is_word(prev);
    let ends = is_word(text.chars().next_back()) || !is_word(next);
    let mark = match level {
        1 => "**",
        2 if is_word(prev) || is_word(next) => "*",
        2 => "_",
        _ => "~~",
    };
    (begins && ends).then_some(mark)
}

/// A group without the blanks at its ends, and those.
fn trimmed(group: &[Run]) -> (&'static str, Vec<Run>, &'static str) {
    let mut inner = group.to_vec();
    let (mut before, mut after) = ("", "");
    while inner.first().is_some_and(|run| run.text.trim().is_empty()) {
        before = " ";
        inner.remove(0);
    }
    while inner.last().is_some_and(|run| run.text.trim().is_empty()) {
        after = " ";
        inner.pop();
    }
    if let Some(first) = inner.first_mut().filter(|run| run.text.starts_with(' ')) {
        before = " ";
        first.text = first.text.trim_start().to_owned();
    }
    if let Some(last) = inner.last_mut().filter(|run| run.text.ends_with(' ')) {
        after = " ";
        last.text = last.text.trim_end().to_owned();
    }
    (before, inner, after)
}

fn code(out: &mut String, text: &str) {
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    out.push_str(&format!("{fence}{pad}{text}{pad}{fence}"));
}

/// An address with every `&` mended that would begin the name of a character.
fn ampersands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        out.push(c);
        if c != '&' {
            continue;
        }
        // The longest name has 31 letters.
        let name = |c: &char| c.is_ascii_alphanumeric() || *c == '#';
        let rest = &text[at + 1..];
        let length = rest.chars().take(32).take_while(name).count();
        if length > 0 && rest[length..].starts_with(';') {
            out.push_str("amp;");
        }
    }
    out
}

//! The one way in which what a person typed becomes Markdown that shows just that: in messages, in
//! cards and in what is read from Teams' HTML. Source: CommonMark; and Teams, which reads HTML and
//! `<at>…</at>` in Markdown and shows a single line break as a blank.

use std::ops::Range;

/// How far a line has come: what begins a list, a quote or a heading does so only at its start.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    begins: bool,
    digits: usize,
}

impl Line {
    /// The start of a line.
    pub const START: Line = Line { begins: true, digits: 0 };
    /// Somewhere in a line.
    pub const INSIDE: Line = Line { begins: false, digits: 0 };

    /// True while nothing but blanks and what begins a list or a quote stands on it.
    pub fn begins(self) -> bool {
        self.begins
    }

    /// Markup of the company's own was written: behind what begins a list or a quote, the line
    /// begins anew.
    pub fn after_own(&mut self, c: char) {
        match c {
            c if c.is_ascii_digit() && self.begins => self.digits += 1,
            '.' | ')' if self.begins && self.digits > 0 => self.digits = 0,
            '-' | '*' | '+' | '>' => {}
            c if c.is_whitespace() => {}
            _ => self.begins = false,
        }
    }
}

/// Appends typed text, a line or a part of one, as Markdown that shows just that. `line` says what
/// stands before it, `next` which character follows.
pub fn escape(out: &mut String, text: &str, line: &mut Line, next: Option<char>) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let follows = chars.peek().copied().or(next);
        match c {
            '\\' | '*' | '_' | '`' | '[' | ']' | '~' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // What would begin a heading, a list or a quote, or underline a heading.
            '#' | '-' | '+' | '>' | '=' if line.begins && line.digits == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')'
                if line.begins && line.digits > 0 && follows.is_none_or(char::is_whitespace) =>
            {
                out.push('\\');
                out.push(c);
            }
            // Before a link it would make a picture of it.
            '!' if chars.peek().is_none() && next.is_some_and(|c| !c.is_whitespace()) => {
                out.push_str("\\!");
            }
            // Blanks at the start of a line are dropped, and four of them are code.
            ' ' if line.begins && line.digits == 0 => out.push('\u{a0}'),
            '\t' if line.begins && line.digits == 0 => out.push_str(&"\u{a0}".repeat(4)),
            c => out.push(c),
        }
        line.digits += usize::from(line.begins && c.is_ascii_digit());
        line.begins = line.begins && (c.is_ascii_digit() || c.is_whitespace() && line.digits == 0);
    }
}

/// Appends so many line breaks: one stays one, more begin a paragraph.
pub fn breaks(out: &mut String, count: usize) {
    let line = &out[out.rfind('\n').map_or(0, |at| at + 1)..];
    // A break ends words; the end of a blank line is no break. Nor needs a second sign who wrote
    // one.
    let is_blank = line.chars().all(|c| c.is_ascii_whitespace());
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    if count == 1 && !is_blank && !line.ends_with("  ") && backslashes.is_multiple_of(2) {
        out.push_str("  ");
    }
    (0..count).for_each(|_| out.push('\n'));
}

/// The line breaks of any writing system and machine as `\n`.
pub fn one_kind_of_break(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
}

/// The longest run of backticks.
pub fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Code that the company marked as such: in it nothing is markup, so that what is typed stands
/// there as it is.
#[derive(Debug)]
pub struct Code {
    /// The whole of it, with its marks.
    pub whole: Range<usize>,
    /// The opening mark.
    pub open: Range<usize>,
    /// The closing mark.
    pub close: Range<usize>,
    /// A block: its line breaks are its own.
    pub is_block: bool,
    /// The marks by which it is longer than written, so that no typed backtick ends it.
    pub more: usize,
}

/// The pieces of code in a text. `is_own` tells for each byte whether it is the company's; what is
/// not is typed.
pub fn codes(text: &str, is_own: impl Fn(usize) -> bool) -> Vec<Code> {
    let runs = runs(text, &is_own);
    let (mut found, mut at): (Vec<Code>, usize) = (Vec::new(), 0);
    while let Some(open) = runs.get(at) {
        at += 1;
        if found.last().is_some_and(|code| code.whole.end > open.start) {
            continue;
        }
        let line = &text[text[..open.start].rfind('\n').map_or(0, |at| at + 1)..open.start];
        let is_block = open.len() >= 3 && line.chars().all(|c| c == ' ' || c == '>');
        let fits = |close: &&Range<usize>| {
            if is_block { close.len() >= open.len() } else { close.len() == open.len() }
        };
        let Some(close) = runs[at..].iter().find(fits) else { continue };
        let inner = &text[open.end..close.start];
        let blank = |(at, _): (usize, &str)| is_own(open.end + at);
        if !is_block && inner.match_indices("\n\n").any(blank) {
            continue;
        }
        let typed: String = inner
            .char_indices()
            .map(|(at, c)| if is_own(open.end + at) { ' ' } else { c })
            .collect();
        let longest = longest_run(&typed);
        let more = if longest >= open.len() { longest + 1 - open.len() } else { 0 };
        let (whole, open, close) = (open.start..close.end, open.clone(), close.clone());
        found.push(Code { whole, open, close, is_block, more });
    }
    found
}

/// The company's own runs of backticks.
fn runs(text: &str, is_own: &impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`').filter(|(at, _)| is_own(*at)) {
        match found.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ if text[..at].ends_with('\\') => {}
            _ => found.push(at..at + 1),
        }
    }
    found
}

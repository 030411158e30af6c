//! What is too long for one message is cut into parts: between words where that goes, never inside
//! of what is read as one character, nor of an escape or a construct of Markdown. Sizes are UTF-16
//! units of the text as JSON writes it: so Teams counts.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use super::markdown::{self, Line};

/// How good a place is for a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Character,
    Blank,
    Line,
    Paragraph,
}

/// A place where a text can be cut.
#[derive(Debug)]
struct Cut {
    at: usize,
    rank: Rank,
    /// What is open there, as an index into the list of it.
    open: usize,
}

/// The size of a text inside JSON, in UTF-16 units.
pub fn units(text: &str) -> usize {
    text.chars().map(unit).sum()
}

fn unit(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        c if c < ' ' => 6,
        c => c.len_utf16(),
    }
}

/// A plain text in parts of at most so many units, at least one.
pub fn plain(text: &str, most: usize) -> Vec<String> {
    in_parts(text, |rest| {
        let (head, tail) = cut_plain(rest, most)?;
        Some((head.to_owned(), tail.to_owned()))
    })
}

/// Markdown in parts of at most so many units, at least one: what is open at a cut is closed before
/// and opened behind it.
pub fn markdown(text: &str, most: usize) -> Vec<String> {
    in_parts(text, |rest| cut_markdown(rest, most))
}

fn in_parts(text: &str, cut: impl Fn(&str) -> Option<(String, String)>) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), text.to_owned());
    while let Some((head, tail)) = cut(&rest) {
        parts.push(head);
        rest = tail;
    }
    parts.push(rest);
    // Teams refuses a message without words.
    if parts.len() > 1 {
        parts.retain(|part| !part.trim().is_empty());
    }
    if parts.is_empty() { vec![String::new()] } else { parts }
}

/// The first part of a plain text and what is left; none when all of it fits.
pub fn cut_plain(text: &str, most: usize) -> Option<(&str, &str)> {
    if units(text) <= most {
        return None;
    }
    let mut cuts = Vec::new();
    characters(text, 0, 0, &mut cuts);
    let at = best(text, &cuts, most).map_or_else(|| fitting(text, most), |cut| cut.at);
    Some(text.split_at(at))
}

/// The first part of a text in Markdown and what is left; none when all of it fits.
pub fn cut_markdown(text: &str, most: usize) -> Option<(String, String)> {
    if units(text) <= most {
        return None;
    }
    let Cuts { cuts, open, .. } = cuts(text);
    // What is closed at a cut is short.
    let spare = open.iter().map(|open| units(&open.close)).max().unwrap_or_default();
    let best = best(text, &cuts, most.saturating_sub(spare));
    // What is opened again must not be longer than what was cut off.
    let Some(cut) = best.filter(|cut| cut.at > open[cut.open].length()) else {
        return Some(as_it_is_written(text, &cuts, most));
    };
    let (head, tail) = text.split_at(cut.at);
    let open = &open[cut.open];
    Some((format!("{}{}", head.trim_end(), open.close), open.again(tail, cut.rank >= Rank::Line)))
}

/// A construct that is longer than a part, such as the address of a link: as it is written, so that
/// nothing of it is lost.
fn as_it_is_written(text: &str, cuts: &[Cut], most: usize) -> (String, String) {
    let end = cuts.first().map_or(text.len(), |cut| cut.at);
    // An escape is at most five times as long as what it stands for.
    let (head, _) = cut_plain(&text[..end], most / 5).unwrap_or((&text[..end], ""));
    let (mut out, mut line) = (String::new(), Line::START);
    for (at, part) in head.split('\n').enumerate() {
        if at > 0 {
            markdown::breaks(&mut out, 1);
            line = Line::START;
        }
        markdown::escape(&mut out, part, &mut line, None);
    }
    (out, text[head.len()..].to_owned())
}

/// The best of the places up to which a text has at most so many units.
fn best<'c>(text: &str, cuts: &'c [Cut], most: usize) -> Option<&'c Cut> {
    let fits = fitting(text, most);
    let fitting = &cuts[..cuts.partition_point(|cut| cut.at <= fits)];
    // A better place is worth half a part, not more.
    let late = fitting.partition_point(|cut| cut.at < fits / 2);
    let of = |rank| fitting[late..].iter().rfind(|cut: &&Cut| cut.rank == rank);
    [Rank::Paragraph, Rank::Line, Rank::Blank].into_iter().find_map(of).or(fitting.last())
}

/// How much of a text has at most so many units, in bytes; one character at least.
fn fitting(text: &str, most: usize) -> usize {
    let mut size = 0;
    let beyond = text.char_indices().find(|(_, c)| {
        size += unit(*c);
        size > most
    });
    let at = beyond.map_or(text.len(), |(at, _)| at);
    at.max(text.chars().next().map_or(0, char::len_utf8))
}

/// Places between the characters of a text that begins at `base`, without both ends.
fn characters(text: &str, base: usize, open: usize, cuts: &mut Vec<Cut>) {
    let (mut before, mut breaks) = ("", 0);
    for (at, character) in text.grapheme_indices(true) {
        let is_blank = !before.is_empty() && before.trim().is_empty();
        let rank = match breaks {
            0 if is_blank => Rank::Blank,
            0 => Rank::Character,
            1 => Rank::Line,
            _ => Rank::Paragraph,
        };
        // Behind a blank, not between two.
        if at > 0 && (!is_blank || !character.trim().is_empty()) {
            cuts.push(Cut { at: base + at, rank, open });
        }
        breaks = if matches!(character, "\n" | "\r\n") { breaks + 1 } else { 0 };
        before = character;
    }
}

/// What is open at a place in Markdown.
#[derive(Debug, Clone, Default, PartialEq)]
struct Open {
    /// What closes all of it.
    close: String,
    /// How many quotes it stands in.
    quotes: usize,
    /// What opens the forms of words again, or a block of code.
    inline: String,
    is_code: bool,
}

impl Open {
    fn length(&self) -> usize {
        self.inline.len() + 2 * self.quotes + 1
    }

    /// The rest of a text, so that it reads as before. `begins` says that it was a line's start.
    fn again(&self, rest: &str, begins: bool) -> String {
        let inline = &self.inline;
        if self.is_code {
            return format!("{inline}{rest}");
        }
        let after_blanks = rest.trim_start_matches(' ');
        let (rest, begins) = match after_blanks.strip_prefix('\n') {
            Some(rest) if !begins => (rest.trim_start_matches('\n'), true),
            _ => (rest, begins),
        };
        if begins && inline.is_empty() {
            // More than three blanks would make code of it.
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            return rest[if blanks > 3 { blanks - 2 } else { 0 }..].to_owned();
        }
        let rest = if begins { rest.trim_start_matches(['>', ' ']) } else { rest };
        let (rest, quotes) = (rest.trim_start_matches([' ', '\n']), "> ".repeat(self.quotes));
        if !inline.is_empty() {
            return format!("{quotes}{inline}{rest}");
        }
        // What stood in the middle of a line must not begin a list or a heading now.
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut next = rest[digits..].chars();
        match (digits, next.next()) {
            (0, Some('#' | '-' | '+' | '>' | '=')) => format!("{quotes}\\{rest}"),
            (1.., Some('.' | ')')) if next.next().is_none_or(char::is_whitespace) => {
                format!("{quotes}{}\\{}", &rest[..digits], &rest[digits..])
            }
            _ => format!("{quotes}{rest}"),
        }
    }
}

fn is_inline(tag: TagEnd) -> bool {
    use TagEnd::{Emphasis, Image, Link, Strikethrough, Strong};
    matches!(tag, Strong | Emphasis | Strikethrough | Link | Image)
}

/// True when two neighbours are read as one character.
fn is_one(before: Option<char>, after: Option<char>) -> bool {
    let pair: String = before.into_iter().chain(after).collect();
    pair.graphemes(true).count() < 2
}

/// The places where Markdown can be cut.
#[derive(Debug, Default)]
struct Cuts {
    cuts: Vec<Cut>,
    /// What is open where.
    open: Vec<Open>,
    /// The forms that are open now: what opens and closes each.
    forms: Vec<(String, String)>,
    quotes: usize,
    /// Inside of a link, a picture, HTML, or of code that stands in a list or a quote: no place is
    /// one.
    closed: usize,
    lists: usize,
    is_code: bool,
    /// Where words ended last, when nothing came since.
    words: Option<usize>,
}

fn cuts(text: &str) -> Cuts {
    let mut found = Cuts::default();
    found.changed();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        found.event(text, &event, range);
    }
    found.cuts.sort_by_key(|cut| (cut.at, std::cmp::Reverse(cut.rank)));
    found.cuts.dedup_by_key(|cut| cut.at);
    found.cuts.retain(|cut| cut.at > 0 && cut.at < text.len());
    found
}

impl Cuts {
    fn event(&mut self, text: &str, event: &Event<'_>, range: Range<usize>) {
        let words = self.words.take();
        match event {
            Event::Start(tag) => {
                if is_inline(tag.to_end()) {
                    self.beside(text, range.start);
                }
                self.start(text, tag, &range);
            }
            Event::End(tag) => {
                self.end(*tag);
                if is_inline(*tag) {
                    self.beside(text, range.end);
                }
            }
            Event::Code(_) => {
                self.beside(text, range.start);
                self.beside(text, range.end);
            }
            Event::Text(said) => self.said(text, said, range, words),
            Event::SoftBreak | Event::HardBreak if self.closed == 0 => {
                self.push(range.end, Rank::Line);
            }
            _ => {}
        }
    }

    fn start(&mut self, text: &str, tag: &Tag<'_>, range: &Range<usize>) {
        let mark = |length: usize| text[range.start..range.start + length].to_owned();
        match tag {
            Tag::Strong => self.form(mark(2)),
            Tag::Emphasis => self.form(mark(1)),
            Tag::Strikethrough => {
                self.form(mark(if text[range.start..].starts_with("~~") { 2 } else { 1 }));
            }
            Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock => self.closed += 1,
            Tag::BlockQuote(_) => {
                self.block(text, range.start);
                self.quotes += 1;
                self.changed();
            }
            Tag::List(_) => {
                self.block(text, range.start);
                self.lists += 1;
            }
            Tag::CodeBlock(_) if self.quotes + self.lists > 0 => self.closed += 1,
            Tag::CodeBlock(_) => {
                self.block(text, range.start);
                self.is_code = true;
                let first = text[range.start..].lines().next().unwrap_or_default();
                let fence: String = first.chars().take_while(|c| matches!(c, '`' | '~')).collect();
                if !fence.is_empty() {
                    self.forms.push((format!("{first}\n"), format!("\n{fence}")));
                }
                self.changed();
            }
            _ => self.block(text, range.start),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => {
                self.forms.pop();
                self.changed();
            }
            TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock => self.closed -= 1,
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                self.changed();
            }
            TagEnd::List(_) => self.lists -= 1,
            TagEnd::CodeBlock if self.is_code => {
                self.is_code = false;
                self.forms.clear();
                self.changed();
            }
            TagEnd::CodeBlock => self.closed -= 1,
            _ => {}
        }
    }

    fn said(&mut self, text: &str, said: &str, range: Range<usize>, words: Option<usize>) {
        if self.closed > 0 {
            return;
        }
        if self.is_code {
            let lines = text[range.clone()].match_indices('\n');
            lines.for_each(|(at, _)| self.push(range.start + at + 1, Rank::Line));
            return;
        }
        // Between words and an escape, unless both are one character.
        if let Some(end) = words {
            let last = text[..end].chars().next_back();
            if !is_one(last, said.chars().next()) {
                let is_blank = last.is_some_and(char::is_whitespace);
                self.push(end, if is_blank { Rank::Blank } else { Rank::Character });
            }
        }
        if said == &text[range.clone()] {
            let open = self.open.len() - 1;
            characters(said, range.start, open, &mut self.cuts);
            // A blank beside a form, a link or code.
            if said.starts_with(' ') {
                self.push(range.start, Rank::Blank);
            }
            if said.ends_with(' ') {
                self.push(range.end, Rank::Blank);
            }
        }
        self.words = Some(range.end);
    }

    /// Beside a form, a link or code that stands in none.
    fn beside(&mut self, text: &str, at: usize) {
        let before = text[..at].chars().next_back();
        let is_inside = self.closed > 0 || self.is_code || !self.forms.is_empty();
        // What begins a line is found as a block.
        let begins = before.is_none_or(|c| matches!(c, '\n' | '>' | ' '));
        if !is_inside && !begins && !is_one(before, text[at..].chars().next()) {
            self.push(at, Rank::Character);
        }
    }

    /// A form of words begins.
    fn form(&mut self, mark: String) {
        self.forms.push((mark.clone(), mark));
        self.changed();
    }

    /// A block begins: its line is a place, and a good one behind a blank line.
    fn block(&mut self, text: &str, at: usize) {
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        if self.closed == 0 && text[line..at].chars().all(|c| matches!(c, ' ' | '>')) {
            let is_apart = text[..line].ends_with("\n\n");
            self.push(line, if is_apart { Rank::Paragraph } else { Rank::Line });
        }
    }

    fn push(&mut self, at: usize, rank: Rank) {
        self.cuts.push(Cut { at, rank, open: self.open.len() - 1 });
    }

    fn changed(&mut self) {
        let close = self.forms.iter().rev().map(|(_, close)| close.as_str()).collect();
        let inline = self.forms.iter().map(|(open, _)| open.as_str()).collect();
        self.open.push(Open { close, quotes: self.quotes, inline, is_code: self.is_code });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Words, words::mark};

    /// What a reader of Markdown sees, without blanks.
    fn seen(markdown: &str) -> String {
        let mut out = String::new();
        for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(text)
                | Event::Code(text)
                | Event::Html(text)
                | Event::InlineHtml(text) => {
                    out.extend(text.chars().filter(|c| !c.is_whitespace()));
                }
                Event::Start(Tag::Link { dest_url, .. }) => out.push_str(&dest_url),
                _ => {}
            }
        }
        out
    }

    fn dense(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    #[test]
    fn plain_text_is_cut_between_paragraphs_lines_words_and_characters() {
        for (text, parts) in [
            ("short", &["short"][..]),
            ("one two three", &["one two ", "three"]),
            ("one\ntwo three", &["one\n", "two three"]),
            ("a\n\nbb\ncc dd", &["a\n\n", "bb\ncc dd"]),
            ("aaaaaaaaaaaaaaa", &["aaaaaaaaaa", "aaaaa"]),
            ("👩‍👩‍👧👩‍👩‍👧", &["👩‍👩‍👧", "👩‍👩‍👧"]),
            (
                "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
                &["e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", "e\u{301}"],
            ),
        ] {
            assert_eq!(plain(text, 10), parts);
        }
        assert_eq!(units("\u{1}\"\n😀"), 12);
        assert_eq!(plain("", 10), [""]);
        // Longer than a part, and one character.
        let zalgo = format!("a{}", "\u{301}".repeat(30));
        assert_eq!(plain(&zalgo, 10).concat(), zalgo);
        let breaks = "\n".repeat(100_000);
        assert_eq!(plain(&breaks, 1000).len(), 1);
    }

    #[test]
    fn constructs_are_closed_and_opened_again() {
        for (text, parts) in [
            ("**one two three four**", &["**one two three**", "**four**"][..]),
            ("[a](https://x)[b](https://y)", &["[a](https://x)", "[b](https://y)"]),
            ("aaaa [words](https://x) b", &["aaaa", "[words](https://x) b"]),
            ("> one two three four five", &["> one two three", "> four five"]),
            ("```\nlet a;\nlet b;\n```", &["```\nlet a;\n```", "```\nlet b;\n```"]),
            ("one two three 12345 - y", &["one two three 12345", "\\- y"]),
            ("- one two\n- three four\n- five", &["- one two", "- three four\n- five"]),
            (r"\*\*\*\*\*\*\*\*", &[r"\*\*\*\*\*\*", r"\*\*"]),
            ("&lt;&lt;&lt;&lt;&lt;&lt;", &["&lt;&lt;&lt;&lt;&lt;", "&lt;"]),
        ] {
            assert_eq!(markdown(text, 20), parts, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_is_lost_and_no_part_too_large(
            pieces in prop::collection::vec(
                prop_oneof![
                    "[ -~\n]{0,40}".prop_map(|typed| mark(&typed)),
                    "\\PC{0,30}".prop_map(|typed| mark(&crate::model::words::clean(&typed))),
                    Just("**bold words of the company** ".to_owned()),
                    Just("- an entry\n- another\n".to_owned()),
                    Just("\n\n> a quote of some words\n\n".to_owned()),
                    Just("[a link](https://contoso.com/path) ".to_owned()),
                    Just("_it_ is ~~so~~ `code of some` kind ".to_owned()),
                    Just("\n```\nlet a = 1;\n  b\n```\n".to_owned()),
                ],
                0..8,
            ),
            most in 60usize..200,
        ) {
            let words = Words::marked(pieces.concat());
            let whole = words.markdown();
            let parts = markdown(&whole, most);
            for part in &parts {
                prop_assert!(units(part) <= most, "{part:?}");
            }
            let together: String = parts.iter().map(|part| seen(part)).collect();
            prop_assert_eq!(together, seen(&whole), "{:?}", parts);
            let plain = plain(&words.plain(), most);
            prop_assert_eq!(dense(&plain.concat()), dense(&words.plain()));
            for part in &plain {
                prop_assert!(units(part) <= most, "{part:?}");
            }
        }

        #[test]
        fn what_is_typed_is_what_a_reader_of_markdown_sees(typed in "[ -~\n]{0,60}|\\PC{0,40}") {
            let shown = Words::typed(&typed).markdown();
            prop_assert_eq!(seen(&shown), dense(&crate::model::words::clean(&typed)), "{}", shown);
        }
    }
}

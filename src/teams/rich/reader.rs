//! Reads HTML with a tokenizer and a stack of our own.

use std::rc::Rc;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::line::{Call, Form, Gap, Line, Picture, Run};
use crate::{model::mark::trimmed, teams::tags::normal};

/// Open elements that are told apart; deeper ones leave their words only.
const MOST_OPEN: usize = 64;
/// Quotes and lists inside one another that are told apart.
const MOST_NESTED: usize = 6;
/// Pictures and emoji that are told apart.
const MOST_PICTURES: usize = 100;
/// The longest address of a link.
const MOST_URL: usize = 2000;

/// What an open element means.
enum Means {
    Bold,
    Italic,
    Struck,
    Code,
    Link(Rc<str>),
    Quote {
        repeats: bool,
    },
    List {
        next: Option<u32>,
    },
    Entry {
        mark: String,
        is_begun: bool,
    },
    /// A block of code.
    Block,
    Heading,
    /// Somebody is called by name, behind so many lines, runs, and bytes of the last of these.
    Name {
        line: usize,
        runs: usize,
        bytes: usize,
    },
    /// Holds no words: scripts and the like.
    Silent,
    Nothing,
}

struct Open {
    name: Vec<u8>,
    means: Means,
    /// What separates what follows from what stood in it.
    gap: Option<Gap>,
}

struct Reader<'a> {
    lines: Vec<Line>,
    pictures: Vec<Picture>,
    call: Call<'a>,
    /// It may hold a `<quoted>` that ends: one that does not marks a place and holds nothing.
    ends_quoted: bool,
    open: Vec<Open>,
    line: Vec<Run>,
    gap: Gap,
    block: String,
}

/// Elements that hold nothing.
const VOID: [&[u8]; 10] =
    [b"br", b"hr", b"img", b"input", b"wbr", b"meta", b"link", b"area", b"col", b"source"];

/// The lines of a message, and its pictures and emoji.
pub(super) fn read(html: &str, call: Call<'_>) -> (Vec<Line>, Vec<Picture>) {
    let ends_quoted = html.to_ascii_lowercase().contains("</quoted");
    let mut reader = Reader {
        lines: Vec::new(),
        pictures: Vec::new(),
        call,
        ends_quoted,
        open: Vec::new(),
        line: Vec::new(),
        gap: Gap::default(),
        block: String::new(),
    };
    // Scripts and the like hold no words: the tokenizer needs to know where they end.
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.close_to(0);
    reader.flush(Gap::Line);
    (reader.lines, reader.pictures)
}

fn attribute(tag: &StartTag<()>, key: &str) -> Option<String> {
    let value = tag.attributes.get(key.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

impl Reader<'_> {
    fn open(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = &tag.name;
        match name {
            b"br" if self.is_in_block() => self.block.push('\n'),
            b"br" => self.flush(Gap::Line),
            b"hr" => self.flush(Gap::Paragraph),
            b"img" | b"emoji" => self.picture(tag),
            _ => {}
        }
        if VOID.contains(&name) || tag.self_closing {
            return;
        }
        let (means, gap) = self.means(tag);
        if let Some(gap) = gap.filter(|_| !self.is_in_block()) {
            self.flush(gap);
        }
        if matches!(name, b"td" | b"th") && !self.line.is_empty() {
            self.line.push(Run { text: " | ".to_owned(), form: Form::default() });
        }
        if self.open.len() >= MOST_OPEN {
            return;
        }
        let nested = self
            .open
            .iter()
            .filter(|open| matches!(open.means, Means::Quote { .. } | Means::Entry { .. }))
            .count();
        let is_nest = matches!(means, Means::Quote { .. } | Means::Entry { .. });
        let means = if is_nest && nested >= MOST_NESTED { Means::Nothing } else { means };
        self.open.push(Open { name: name.to_vec(), means, gap });
    }

    /// What stands for a picture is part of the words. One that was pasted is called `image` by every
    /// client.
    fn picture(&mut self, tag: &StartTag<()>) {
        let named = |key| {
            attribute(tag, key)
                .map(|name| trimmed(&name).to_owned())
                .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("image"))
        };
        let is_emoji = tag.name.as_slice() == b"emoji";
        let name = named("alt").or_else(|| named("title").filter(|_| is_emoji));
        if let Some(name) = &name {
            self.text(name);
        }
        let repeats =
            self.open.iter().any(|open| matches!(open.means, Means::Quote { repeats: true }));
        if self.pictures.len() < MOST_PICTURES && !repeats {
            let kind = attribute(tag, "itemtype").unwrap_or_default().to_ascii_lowercase();
            let is_drawn =
                is_emoji || ["emoji", "giphy", "sticker"].iter().any(|it| kind.ends_with(it));
            let url = attribute(tag, "src").unwrap_or_default();
            self.pictures.push(Picture { name, is_drawn, url });
        }
    }

    /// What an element means, and what separates it from what stands before.
    fn means(&mut self, tag: &StartTag<()>) -> (Means, Option<Gap>) {
        let is_kind = |kind: &str| {
            let it = attribute(tag, "itemtype").unwrap_or_default().to_ascii_lowercase();
            it.trim_end_matches('/').ends_with(kind)
        };
        let name: &[u8] = &tag.name;
        match name {
            b"b" | b"strong" | b"th" => (Means::Bold, None),
            b"i" | b"em" => (Means::Italic, None),
            b"s" | b"strike" | b"del" => (Means::Struck, None),
            b"code" | b"tt" | b"kbd" | b"samp" => (Means::Code, None),
            b"a" => (
                attribute(tag, "href")
                    .and_then(|url| address(&url))
                    .map_or(Means::Nothing, |url| Means::Link(url.into())),
                None,
            ),
            b"at" => (self.name(), None),
            b"span" if is_kind("schema.skype.com/mention") => (self.name(), None),
            b"blockquote" => {
                let repeats =
                    is_kind("schema.skype.com/reply") || self.call.answers && self.begins();
                (Means::Quote { repeats }, Some(Gap::Paragraph))
            }
            b"quoted" if self.ends_quoted => (Means::Quote { repeats: true }, Some(Gap::Paragraph)),
            b"ul" => (Means::List { next: None }, Some(self.list_gap())),
            b"ol" => {
                let start = attribute(tag, "start")
                    .and_then(|start| start.parse().ok())
                    .filter(|start| *start < 100_000_000);
                (Means::List { next: Some(start.unwrap_or(1)) }, Some(self.list_gap()))
            }
            b"li" => (self.entry(), Some(Gap::Line)),
            b"pre" | b"codeblock" => (Means::Block, Some(Gap::Paragraph)),
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => (Means::Heading, Some(Gap::Paragraph)),
            b"p" | b"table" => (Means::Nothing, Some(Gap::Paragraph)),
            b"div" | b"tr" | b"dt" | b"dd" | b"section" => (Means::Nothing, Some(Gap::Line)),
            b"script" | b"style" | b"title" | b"head" | b"template" | b"noscript" | b"iframe"
            | b"textarea" => (Means::Silent, None),
            _ => (Means::Nothing, None),
        }
    }

    /// The next entry of the innermost list. One that is open there ends.
    fn entry(&mut self) -> Means {
        let list = self.open.iter().rposition(|open| matches!(open.means, Means::List { .. }));
        let before = self.open.iter().rposition(|open| matches!(open.means, Means::Entry { .. }));
        if let Some(before) = before.filter(|before| list.is_some_and(|list| list < *before)) {
            self.close_to(before);
        }
        let list = list.and_then(|list| self.open.get_mut(list)).map(|open| &mut open.means);
        let mark = match list {
            Some(Means::List { next: Some(next) }) => {
                let mark = format!("{next}. ");
                *next += 1;
                mark
            }
            _ => "- ".to_owned(),
        };
        Means::Entry { mark, is_begun: false }
    }

    /// Nothing was said yet.
    fn begins(&self) -> bool {
        let is_nothing = |run: &Run| run.form.name || trimmed(&run.text).is_empty();
        self.lines.iter().all(|line| line.repeats) && self.line.iter().all(is_nothing)
    }

    fn name(&self) -> Means {
        let bytes = self.line.last().map_or(0, |run| run.text.len());
        Means::Name { line: self.lines.len(), runs: self.line.len(), bytes }
    }

    /// A list inside a list is one more entry below, not a paragraph.
    fn list_gap(&self) -> Gap {
        let is_inside = self.open.iter().any(|open| matches!(open.means, Means::Entry { .. }));
        if is_inside { Gap::Line } else { Gap::Paragraph }
    }

    fn close(&mut self, name: &[u8]) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            let before = self.is_in_block();
            // What stands in it is written while it is still open.
            if let Some(gap) = self.open.last().and_then(|open| open.gap).filter(|_| !before) {
                self.flush(gap);
            }
            let Some(open) = self.open.pop() else { return };
            if let Means::Name { line, runs, bytes } = open.means
                && line == self.lines.len()
            {
                self.forget_own(runs, bytes);
            }
            if before && !self.is_in_block() {
                let code = std::mem::take(&mut self.block);
                if !code.trim().is_empty() {
                    self.put(Line {
                        code: Some(code.trim_matches('\n').to_owned()),
                        ..Line::default()
                    });
                }
                self.gap = Gap::Paragraph;
            }
        }
    }

    /// What stands behind so many runs, and bytes of the last of these, goes when it is the bot's
    /// name.
    fn forget_own(&mut self, runs: usize, bytes: usize) {
        let Some((before, after)) = self.line.split_at_checked(runs) else { return };
        let begun = before.last().and_then(|run| run.text.get(bytes..)).unwrap_or_default();
        let name: String =
            std::iter::once(begun).chain(after.iter().map(|run| run.text.as_str())).collect();
        if self.call.own.contains(&normal(&name)) {
            self.line.truncate(runs);
            if let Some(last) = self.line.last_mut() {
                last.text.truncate(bytes);
            }
        }
    }

    fn is_in_block(&self) -> bool {
        self.open.iter().any(|open| matches!(open.means, Means::Block))
    }

    fn text(&mut self, text: &str) {
        if self.open.iter().any(|open| matches!(open.means, Means::Silent)) {
            return;
        }
        if self.is_in_block() {
            self.block.push_str(text);
            return;
        }
        let mut form = Form::default();
        for open in &self.open {
            match &open.means {
                Means::Bold | Means::Heading => form.bold = true,
                Means::Italic => form.italic = true,
                Means::Struck => form.struck = true,
                Means::Code => form.code = true,
                Means::Link(url) => form.link = Some(url.clone()),
                Means::Name { .. } => form.name = true,
                _ => {}
            }
        }
        // White space of any length is one blank, also where two words of different form meet.
        let mut was_blank = self.line.last().is_none_or(|run| run.text.ends_with(' '));
        let mut clean = String::with_capacity(text.len());
        for c in text.chars() {
            // A control character is no word, and U+FFFD says that something was there.
            let c = if c.is_control() && !c.is_whitespace() { '\u{FFFD}' } else { c };
            let is_blank = c.is_whitespace();
            if !is_blank || !was_blank {
                clean.push(if is_blank { ' ' } else { c });
            }
            was_blank = is_blank;
        }
        match self.line.last_mut() {
            _ if clean.is_empty() => {}
            Some(last) if last.form == form => last.text.push_str(&clean),
            _ => self.line.push(Run { text: clean, form }),
        }
    }

    /// The line ends; `gap` separates the next one at least.
    fn flush(&mut self, gap: Gap) {
        let mut runs = std::mem::take(&mut self.line);
        while let Some(last) = runs.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            runs.pop();
        }
        if !runs.is_empty() {
            self.put(Line { runs, ..Line::default() });
        }
        self.gap = self.gap.max(gap);
    }

    fn put(&mut self, mut line: Line) {
        line.gap = std::mem::take(&mut self.gap);
        for open in &mut self.open {
            match &mut open.means {
                Means::Quote { repeats } => {
                    line.prefix.push_str("> ");
                    line.rest.push_str("> ");
                    line.quotes += 1;
                    line.repeats |= *repeats;
                }
                Means::Entry { mark, is_begun } => {
                    let space = " ".repeat(mark.len());
                    line.prefix.push_str(if *is_begun { &space } else { mark });
                    line.rest.push_str(&space);
                    line.is_entry |= !*is_begun;
                    *is_begun = true;
                }
                _ => {}
            }
        }
        self.lines.push(line);
    }
}

/// The address of a link that may be followed: `http`, `https` and `mailto` only, spelled so that
/// it cannot end the Markdown around it.
fn address(href: &str) -> Option<String> {
    let url = url::Url::parse(href.trim()).ok().filter(|_| href.len() <= MOST_URL)?;
    let is_good = match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => true,
        _ => false,
    };
    let mut out = String::new();
    for c in url.as_str().chars().filter(|_| is_good) {
        match c {
            '<' | '>' | '(' | ')' | '[' | ']' | '\\' | '`' | '"' | '|' => {
                out.push_str(&format!("%{:02X}", u32::from(c)))
            }
            c if c.is_whitespace() || c.is_control() => out.push_str("%20"),
            c => out.push(c),
        }
    }
    (!out.is_empty()).then_some(out)
}

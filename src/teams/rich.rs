//! A message as its writer formatted it: Teams repeats it as HTML beside the plain text. The HTML
//! is read with a tokenizer and a stack of our own, so that no nesting of a stranger's can be too
//! deep, and comes out as the Markdown that Teams shows in a bot's text: bold, italic, struck out,
//! code, links, lists, quotes. Headings become bold lines, rows of tables plain ones.

mod draw;

use std::rc::Rc;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// The longest HTML that is looked at, in bytes. Teams takes messages of about 100 KB.
const MOST_HTML: usize = 256 * 1024;
/// The longest Markdown, in bytes: below what Teams takes with what stands around it.
const MOST_MARKDOWN: usize = 24 * 1024;
/// Open elements that are told apart; deeper ones leave their words only.
const MOST_OPEN: usize = 64;
/// Quotes and lists inside one another that are told apart.
const MOST_NESTED: usize = 6;
/// Pictures and emoji whose names are looked for in the plain text.
const MOST_ALTS: usize = 100;
/// The longest address of a link.
const MOST_URL: usize = 2000;

/// A message, read from its HTML.
#[derive(Debug, Default)]
pub(super) struct Rich {
    lines: Vec<Line>,
    /// What stands for pictures and emoji.
    alts: Vec<String>,
}

impl Rich {
    /// Reads HTML. `own` are the names by which the bot is called: calling it is no part of what
    /// was said.
    pub(super) fn read(html: &str, own: &[&str]) -> Self {
        if html.len() > MOST_HTML {
            return Self::default();
        }
        let mut reader = Reader { own, ..Reader::default() };
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
        reader.rich
    }

    /// As Markdown, when that says more than the plain text.
    pub(super) fn markdown(&self, plain: &str) -> Option<String> {
        // Without the message that is answered: it may be a note, and goes nowhere again.
        let own: Vec<Line> = self.lines.iter().filter(|line| !line.repeats).cloned().collect();
        let says_more = own.iter().any(Line::has_form)
            || self.alts.iter().any(|alt| !plain.contains(alt.as_str()));
        let markdown = says_more.then(|| draw::markdown(&own))?;
        (!markdown.is_empty() && markdown.len() <= MOST_MARKDOWN).then_some(markdown)
    }

    /// As plain text.
    pub(super) fn plain(&self) -> String {
        draw::plain(self.lines.iter())
    }

    /// What the writer wrote below the message that they answer, which Teams repeats above; none
    /// when they answer none.
    pub(super) fn below_quote(&self) -> Option<String> {
        let is_reply = self.lines.iter().any(|line| line.repeats);
        is_reply.then(|| draw::plain(self.lines.iter().filter(|line| !line.repeats)))
    }
}

/// What separates a line from the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Line,
    Paragraph,
}

/// One line.
#[derive(Debug, Clone, Default)]
struct Line {
    gap: Gap,
    /// What stands before it: marks of quotes, of the list's entry that it begins, or the space
    /// below one.
    prefix: String,
    /// The same for whatever follows in the same place.
    rest: String,
    /// It begins an entry of a list.
    is_entry: bool,
    quotes: usize,
    /// It repeats a message of somebody else's, which this one answers.
    repeats: bool,
    runs: Vec<Run>,
    /// A block of code, instead of runs.
    code: Option<String>,
}

impl Line {
    fn has_form(&self) -> bool {
        self.is_entry
            || self.quotes > 0
            || self.code.is_some()
            || self.runs.iter().any(Run::has_form)
    }
}

/// Words of one form.
#[derive(Debug, Clone, Default, PartialEq)]
struct Run {
    text: String,
    form: Form,
}

impl Run {
    fn has_form(&self) -> bool {
        let form = &self.form;
        let leads_elsewhere = form.link.as_ref().is_some_and(|link| {
            let shown = self.text.trim();
            let bare =
                |url: &str| url.trim_start_matches("mailto:").trim_end_matches('/').to_owned();
            bare(link) != bare(shown)
        });
        !self.text.trim().is_empty()
            && (form.bold || form.italic || form.struck || form.code || leads_elsewhere)
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Form {
    link: Option<Rc<str>>,
    bold: bool,
    italic: bool,
    struck: bool,
    code: bool,
}

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

#[derive(Default)]
struct Reader<'a> {
    rich: Rich,
    own: &'a [&'a str],
    open: Vec<Open>,
    line: Vec<Run>,
    gap: Gap,
    block: String,
}

impl Reader<'_> {
    fn open(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = &tag.name;
        let attribute = |key: &str| {
            tag.attributes
                .get(key.as_bytes())
                .map(|value| String::from_utf8_lossy(value).into_owned())
        };
        match name {
            b"br" if self.is_in_block() => self.block.push('\n'),
            b"br" => self.flush(Gap::Line),
            b"hr" => self.flush(Gap::Paragraph),
            b"img" | b"emoji" => {
                // A picture that was pasted is called `image` by every client.
                if let Some(alt) =
                    attribute("alt").filter(|alt| !alt.trim().is_empty() && alt != "image")
                {
                    self.text(&alt);
                    self.rich.alts.extend(
                        Some(alt.trim().to_owned()).filter(|_| self.rich.alts.len() < MOST_ALTS),
                    );
                }
            }
            _ => {}
        }
        let is_void = matches!(
            name,
            b"br"
                | b"hr"
                | b"img"
                | b"input"
                | b"wbr"
                | b"meta"
                | b"link"
                | b"area"
                | b"col"
                | b"source"
        );
        if is_void || tag.self_closing {
            return;
        }
        let is_kind = |kind: &str| attribute("itemtype").is_some_and(|it| it.ends_with(kind));
        let (means, gap) = match name {
            b"b" | b"strong" | b"th" => (Means::Bold, None),
            b"i" | b"em" => (Means::Italic, None),
            b"s" | b"strike" | b"del" => (Means::Struck, None),
            b"code" | b"tt" | b"kbd" | b"samp" => (Means::Code, None),
            b"a" => (
                attribute("href")
                    .and_then(|url| address(&url))
                    .map_or(Means::Nothing, |url| Means::Link(url.into())),
                None,
            ),
            b"at" => (self.name(), None),
            b"span" if is_kind("schema.skype.com/Mention") => (self.name(), None),
            b"blockquote" => {
                (Means::Quote { repeats: is_kind("schema.skype.com/Reply") }, Some(Gap::Paragraph))
            }
            b"ul" => (Means::List { next: None }, Some(self.list_gap())),
            b"ol" => {
                let start = attribute("start")
                    .and_then(|start| start.parse().ok())
                    .filter(|start| *start < 100_000_000);
                (Means::List { next: Some(start.unwrap_or(1)) }, Some(self.list_gap()))
            }
            b"li" => {
                let list =
                    self.open.iter().rposition(|open| matches!(open.means, Means::List { .. }));
                let before =
                    self.open.iter().rposition(|open| matches!(open.means, Means::Entry { .. }));
                if let Some(before) =
                    before.filter(|before| list.is_some_and(|list| list < *before))
                {
                    self.close_to(before);
                }
                let mark =
                    match list.and_then(|list| self.open.get_mut(list)).map(|open| &mut open.means)
                    {
                        Some(Means::List { next: Some(next) }) => {
                            let mark = format!("{next}. ");
                            *next += 1;
                            mark
                        }
                        _ => "- ".to_owned(),
                    };
                (Means::Entry { mark, is_begun: false }, Some(Gap::Line))
            }
            b"pre" | b"codeblock" => (Means::Block, Some(Gap::Paragraph)),
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => (Means::Heading, Some(Gap::Paragraph)),
            b"p" | b"table" => (Means::Nothing, Some(Gap::Paragraph)),
            b"div" | b"tr" | b"dt" | b"dd" | b"section" => (Means::Nothing, Some(Gap::Line)),
            b"script" | b"style" | b"title" | b"head" | b"template" | b"noscript" | b"iframe"
            | b"textarea" => (Means::Silent, None),
            _ => (Means::Nothing, None),
        };
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

    fn name(&self) -> Means {
        let bytes = self.line.last().map_or(0, |run| run.text.len());
        Means::Name { line: self.rich.lines.len(), runs: self.line.len(), bytes }
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
                && line == self.rich.lines.len()
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
        if self.own.contains(&name.trim()) {
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
        self.rich.lines.push(line);
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

#[cfg(test)]
mod tests;

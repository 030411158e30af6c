//! A message as its writer formatted it: Teams repeats it as HTML beside the plain text. The HTML
//! is read with a tokenizer and a stack of our own, so that no nesting of a stranger's can be too
//! deep, and comes out as the Markdown that Teams shows in a bot's text: bold, italic, struck out,
//! code, links, lists, quotes. Headings become bold lines, rows of tables plain ones.

mod draw;
mod line;
mod reader;

use line::Line;
pub(super) use line::{Call, Picture};

use crate::model::mark::is_invisible;

/// The longest HTML that is looked at, in bytes: as long as a body may be. Teams takes messages of
/// about 100 KB.
const MOST_HTML: usize = 256 * 1024;
/// The longest Markdown, in bytes: below what Teams takes with what stands around it.
const MOST_MARKDOWN: usize = 24 * 1024;

/// A message, read from its HTML.
#[derive(Debug, Default)]
pub(super) struct Rich {
    lines: Vec<Line>,
    pictures: Vec<Picture>,
}

impl Rich {
    /// Reads HTML.
    pub(super) fn read(html: &str, call: Call<'_>) -> Self {
        if html.len() > MOST_HTML {
            return Self::default();
        }
        let (lines, pictures) = reader::read(html, call);
        Rich { lines, pictures }
    }

    /// As Markdown, when that says more than the plain text.
    pub(super) fn markdown(&self, plain: &str) -> Option<String> {
        let own: Vec<Line> = self.said().cloned().collect();
        let names = || self.pictures.iter().filter_map(|picture| picture.name.as_deref());
        let says_more = own.iter().any(Line::has_form) || names().any(|name| !plain.contains(name));
        let markdown = says_more.then(|| draw::markdown(&own))?;
        (!markdown.is_empty() && markdown.len() <= MOST_MARKDOWN).then_some(markdown)
    }

    /// As plain text, without the message that is answered: that one may be a note, and goes nowhere
    /// again.
    pub(super) fn plain(&self) -> String {
        draw::plain(self.said())
    }

    /// True when it repeats the message that it answers.
    pub(super) fn repeats(&self) -> bool {
        self.lines.iter().any(|line| line.repeats)
    }

    /// Its pictures and emoji, in order.
    pub(super) fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// As plain text without the names of people.
    pub(super) fn uncalled(&self) -> String {
        self.said().map(|line| line.bare(false)).collect::<Vec<_>>().join("\n")
    }

    /// The lines with which it may begin, without marks of lists and quotes and the names of people:
    /// quotes, and the first that is none. They say whether it is a note. `called` takes away a name
    /// with which a line begins.
    pub(super) fn beginnings(&self, called: impl Fn(&str) -> String) -> Vec<String> {
        let mut lines = Vec::new();
        for line in self.said() {
            let words = called(&line.bare(false));
            let is_first = line.quotes == 0 && !words.is_empty();
            lines.push(words);
            if is_first {
                break;
            }
        }
        lines
    }

    /// True when it says something that this plain text lacks: a word, an emoji, the end of a line.
    pub(super) fn says_more_than(&self, plain: &str) -> bool {
        let own: Vec<String> = self.said().map(|line| line.bare(true)).collect();
        let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
        if own.iter().map(|line| lines(line)).sum::<usize>() > lines(plain) {
            return true;
        }
        let seen = |word: &str| -> String { word.chars().filter(|c| !is_invisible(*c)).collect() };
        let mut known = plain.split_whitespace().map(seen);
        // What stands between the cells of a table is ours.
        let words = own.iter().flat_map(|line| line.split_whitespace()).map(seen);
        words
            .filter(|word| !word.is_empty() && word != "|")
            .any(|word| !known.any(|known| known == word))
    }

    fn said(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.repeats)
    }
}

#[cfg(test)]
mod tests;

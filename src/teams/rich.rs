//! A message as its writer formatted it: Teams repeats it as HTML beside the plain text. The HTML
//! is read with a tokenizer and a stack of our own, so that no nesting of a stranger's can be too
//! deep, and comes out as the Markdown that Teams shows in a bot's text: bold, italic, struck out,
//! code, links, lists, quotes. Headings become bold lines, rows of tables plain ones.

mod draw;
mod line;
mod reader;

use line::Line;

/// The longest HTML that is looked at, in bytes. Teams takes messages of about 100 KB.
const MOST_HTML: usize = 256 * 1024;
/// The longest Markdown, in bytes: below what Teams takes with what stands around it.
const MOST_MARKDOWN: usize = 24 * 1024;

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
        let (lines, alts) = reader::read(html, own);
        Rich { lines, alts }
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

#[cfg(test)]
mod tests;

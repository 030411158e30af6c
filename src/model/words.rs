//! Text that remembers which of its parts a person typed. The company's own words may hold
//! Markdown; what a guest typed is shown as typed. So values are set between two marks until it is
//! known where the text goes.

use std::borrow::Cow;

/// Opens a value inside company words: a Unicode noncharacter, which no well-formed text carries.
pub(crate) const OPEN: char = '\u{FDD0}';
/// Closes a value.
pub(crate) const CLOSE: char = '\u{FDD1}';
/// Stands before words that are already marked, so that a template does not mark them a second
/// time.
pub(crate) const WORDS: char = '\u{FDD2}';

/// Opens what a person formatted: first as plain text, then, behind [`OR`], as Markdown whose
/// escapes are right already.
const FORMATTED: char = '\u{FDD3}';
/// Stands between the two.
const OR: char = '\u{FDD4}';
/// Closes it.
const DONE: char = '\u{FDD5}';
/// All of them: no value holds any.
const MARKS: [char; 6] = [OPEN, CLOSE, WORDS, FORMATTED, OR, DONE];

/// Company words with marked values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// Words that hold nothing typed by a person.
    pub fn own(text: impl Into<String>) -> Self {
        Words(text.into())
    }

    /// A value alone, as a person typed it.
    pub fn typed(text: &str) -> Self {
        Words(mark(&clean(text)))
    }

    /// A value that a person formatted: as plain text, and as Markdown in which everything that
    /// they only typed is escaped.
    pub fn formatted(plain: &str, markdown: &str) -> Self {
        Words(format!("{FORMATTED}{}{OR}{}{DONE}", clean(plain), clean(markdown)))
    }

    /// Takes what a template wrote whose escape function was [`mark`].
    pub fn marked(text: String) -> Self {
        Words(text)
    }

    /// True when there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.plain().trim().is_empty()
    }

    /// The text as a person reads it: values verbatim, no marks.
    pub fn plain(&self) -> String {
        plain(&self.0)
    }

    /// The text as Markdown: values escaped, the company's own markup kept.
    pub fn markdown(&self) -> String {
        markdown(&self.0)
    }

    /// The text as a variable of a card: [`leaf`] undoes it where the card's property is known.
    pub fn variable(&self) -> String {
        format!("{WORDS}{}", self.0)
    }

    /// The text with every value put through `change`.
    pub fn with_values(&self, change: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(self.0.len());
        for (at, part) in self.0.split(OPEN).enumerate() {
            let (value, own) =
                if at == 0 { ("", part) } else { part.split_once(CLOSE).unwrap_or((part, "")) };
            out.push_str(&change(value));
            out.push_str(own);
        }
        out.replace(WORDS, "")
    }

    /// True when the company's own part holds characters that Markdown reads as markup, or a person
    /// formatted something.
    pub fn has_markup(&self) -> bool {
        let mut inside = false;
        self.0.contains(FORMATTED)
            || self.0.chars().any(|c| {
                match c {
                    OPEN => inside = true,
                    CLOSE => inside = false,
                    _ => {}
                }
                !inside && matches!(c, '*' | '_' | '`' | '[' | '~' | '#')
            })
    }

    /// Appends words to the same line.
    #[must_use]
    pub fn beside(mut self, more: &Words) -> Self {
        self.0.push_str(&more.0);
        self
    }

    /// Appends a paragraph.
    #[must_use]
    pub fn then(mut self, more: &Words) -> Self {
        if !self.0.is_empty() && !more.0.is_empty() {
            self.0.push_str("\n\n");
        }
        self.0.push_str(&more.0);
        self
    }
}

/// A value without our marks: what comes from people may hold any character, so theirs are
/// replaced.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(MARKS) {
        Cow::Owned(text.replace(MARKS, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Marks a value while a template is rendered. Words that are marked already pass as they are.
pub fn mark(value: &str) -> String {
    match value.strip_prefix(WORDS) {
        Some(words) => words.to_owned(),
        None => format!("{OPEN}{value}{CLOSE}"),
    }
}

/// A rendered string of a card, given whether its property is read as Markdown.
pub fn leaf(text: &str, is_markdown: bool) -> String {
    if is_markdown { markdown(text) } else { plain(text) }
}

/// Without marks; of what was formatted, the plain text.
fn plain(text: &str) -> String {
    let mut is_markdown = false;
    text.chars()
        .filter(|c| {
            match *c {
                OR => is_markdown = true,
                FORMATTED | DONE => is_markdown = false,
                c => return !is_markdown && !matches!(c, OPEN | CLOSE | WORDS),
            }
            false
        })
        .collect()
}

/// True when Markdown begins with what must begin a line: a list, a quote, a block of code.
fn is_block(markdown: &str) -> bool {
    let rest = markdown.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "> ", "```"].iter().any(|mark| markdown.starts_with(mark))
        || rest.len() < markdown.len() && rest.starts_with(". ")
}

fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut inside = false;
    let mut line_start = true;
    // Of what was formatted the plain text is left out, and the Markdown passes as it is.
    let (mut is_plain, mut is_ready) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            FORMATTED => is_plain = true,
            OR => {
                (is_plain, is_ready) = (false, true);
                if !line_start && is_block(&text[at + c.len_utf8()..]) {
                    out.truncate(out.trim_end().len());
                    out.push_str("\n\n");
                }
            }
            DONE => {
                is_ready = false;
                line_start = false;
            }
            _ if is_plain => {}
            c if is_ready => out.push(c),
            OPEN => inside = true,
            CLOSE => inside = false,
            WORDS => {}
            '\\' | '*' | '_' | '`' | '[' | ']' | '~' if inside => {
                out.push('\\');
                out.push(c);
                line_start = false;
            }
            // What would begin a heading, a list or a quote.
            '#' | '-' | '+' | '>' if inside && line_start => {
                out.push('\\');
                out.push(c);
                line_start = false;
            }
            c => {
                line_start = c == '\n' || (line_start && c.is_whitespace());
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_typed_and_company_markup_works() {
        let words = Words::marked(format!("Hello **{}**, {}", mark("*Ann* [x](y)"), mark("a\\b")));
        assert_eq!(words.markdown(), r"Hello **\*Ann\* \[x\](y)**, a\\b");
        assert_eq!(words.plain(), r"Hello ***Ann* [x](y)**, a\b");
        assert!(words.has_markup());
        assert!(!Words::marked(format!("Hi {}", mark("*a*"))).has_markup());
    }

    #[test]
    fn what_a_person_formatted_is_markdown_and_plain_where_that_is_wanted() {
        let with = |plain: &str, markdown: &str| {
            Words::marked(format!("{}: {}", mark("*A*"), Words::formatted(plain, markdown).0))
        };
        let words = with("very *good*", r"very **\*good\***");
        assert_eq!(
            (words.markdown().as_str(), words.plain().as_str()),
            (r"\*A\*: very **\*good\***", "*A*: very *good*")
        );
        assert!(words.has_markup());
        assert_eq!(with("one", "- one").markdown(), "\\*A\\*:\n\n- one");
        assert_eq!(with("1. one", "1. one").markdown(), "\\*A\\*:\n\n1. one");
        assert_eq!(leaf(&words.variable(), false), "*A*: very *good*");
        assert_eq!(
            Words::formatted("a\u{FDD4}b\u{FDD5}", "c\u{FDD5}[").plain(),
            "a\u{FFFD}b\u{FFFD}"
        );
    }

    #[test]
    fn marks_typed_by_a_person_cannot_close_ours() {
        assert_eq!(Words::typed("a\u{FDD1}*b*").markdown(), "a\u{FFFD}\\*b\\*");
    }
}

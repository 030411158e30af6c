//! Text that remembers which of its parts a person typed. The company's own words may hold
//! Markdown; what a guest typed is shown as typed. So values are set between two marks until it is
//! known where the text goes. What came of a private value is behind a veil: it is read as
//! [`HIDDEN`], unless whoever prints it says that its reader may see it ([`Words::revealed`]).

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
/// Opens what came of a private value: first as others read it, then, behind [`BEHIND`], as it is.
const VEIL: char = '\u{FDD6}';
/// Stands between the two.
const BEHIND: char = '\u{FDD7}';
/// Closes it.
const UNVEIL: char = '\u{FDD8}';
/// All of them: no value holds any.
const MARKS: [char; 9] = [OPEN, CLOSE, WORDS, FORMATTED, OR, DONE, VEIL, BEHIND, UNVEIL];

/// What stands where a private value is not shown.
pub const HIDDEN: &str = "…";

/// Company words with marked values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words(String);

/// With their marks. A text without any is one that a person typed.
impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(if text.contains(MARKS) { Words(text) } else { Words::typed(&text) })
    }
}

/// As others read them: what is private gets into no log.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&hide(&self.0)).finish()
    }
}

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

    /// A private value alone: others read [`HIDDEN`].
    pub fn private(text: &str) -> Self {
        if text.is_empty() {
            return Words::default();
        }
        Words::veiled(&Words::own(HIDDEN), &Words::typed(text))
    }

    /// The same words twice: as others read them, and as they are. Not private where both agree.
    pub fn veiled(hidden: &Words, real: &Words) -> Self {
        let (hidden, real) = (hide(&hidden.0), reveal(&real.0));
        if hidden == real {
            return Words(real.into_owned());
        }
        Words(format!("{VEIL}{hidden}{BEHIND}{real}{UNVEIL}"))
    }

    /// The same as if a person had typed all of it: its markup is shown as it stands.
    #[must_use]
    pub fn as_typed(&self) -> Words {
        let typed = |words: Words| Words::typed(&words.plain());
        Words::veiled(&typed(self.hidden()), &typed(self.revealed()))
    }

    /// True when something of them came of a private value.
    pub fn is_private(&self) -> bool {
        self.0.contains(VEIL)
    }

    /// The words with what is private in them: for the guest whose it is, the desk of the
    /// department that asked for it, and for what stays private itself. Everybody else reads
    /// [`HIDDEN`].
    #[must_use]
    pub fn revealed(&self) -> Words {
        Words(reveal(&self.0).into_owned())
    }

    /// The words as everybody else reads them.
    #[must_use]
    pub fn hidden(&self) -> Words {
        Words(hide(&self.0).into_owned())
    }

    /// Takes what a template wrote whose escape function was [`mark`].
    pub fn marked(text: String) -> Self {
        Words(text)
    }

    /// True when there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.plain().trim().is_empty()
    }

    /// The text as a person reads it: values verbatim, no marks, nothing private.
    pub fn plain(&self) -> String {
        plain(&hide(&self.0))
    }

    /// The text as Markdown: values escaped, the company's own markup kept.
    pub fn markdown(&self) -> String {
        markdown(&hide(&self.0))
    }

    /// The text as a variable of a card: [`leaf`] undoes it where the card's property is known.
    pub fn variable(&self) -> String {
        format!("{WORDS}{}", self.0)
    }

    /// The text with every value put through `change`.
    pub fn with_values(&self, change: impl Fn(&str) -> String) -> String {
        let text = hide(&self.0);
        let mut out = String::with_capacity(text.len());
        for (at, part) in text.split(OPEN).enumerate() {
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
        let text = hide(&self.0);
        text.contains(FORMATTED)
            || text.chars().any(|c| {
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
    let text = hide(text);
    if is_markdown { markdown(&text) } else { plain(&text) }
}

/// True when something in a marked text is private.
pub fn is_veiled(text: &str) -> bool {
    text.contains(VEIL)
}

/// Marked text without what is private in it.
pub fn hide(text: &str) -> Cow<'_, str> {
    lifted(text, false)
}

/// Marked text with what is private in it, for those who may read that.
pub fn reveal(text: &str) -> Cow<'_, str> {
    lifted(text, true)
}

/// Marked text without veils: of each one side, and never anything of the other.
fn lifted(text: &str, shows: bool) -> Cow<'_, str> {
    if !text.contains([VEIL, BEHIND, UNVEIL]) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut is_inside, mut is_behind) = (String::with_capacity(text.len()), false, false);
    for c in text.chars() {
        match c {
            VEIL => (is_inside, is_behind) = (true, false),
            BEHIND => is_behind = true,
            UNVEIL => (is_inside, is_behind) = (false, false),
            c if !is_inside || is_behind == shows => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
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
    fn what_is_private_is_read_only_where_it_is_revealed() {
        let words = Words::typed("*PIN*: ").beside(&Words::private("12*34")).then(&Words::own("!"));
        assert!(words.is_private() && !Words::typed("12").is_private());
        for shown in [
            words.plain(),
            words.markdown(),
            words.hidden().plain(),
            leaf(&words.variable(), true),
            leaf(&words.variable(), false),
            words.with_values(str::to_owned),
            format!("{words:?}"),
        ] {
            assert!(!shown.contains("12") && shown.contains(HIDDEN), "{shown}");
        }
        assert_eq!(words.revealed().plain(), "*PIN*: 12*34\n\n!");
        assert_eq!(words.revealed().markdown(), "\\*PIN\\*: 12\\*34\n\n!");
        assert_eq!(leaf(&words.revealed().variable(), false), "*PIN*: 12*34\n\n!");
        assert!(!words.revealed().is_private() && !words.hidden().is_private());
        // The same either way says nothing.
        let same = Words::veiled(&Words::typed("a"), &Words::typed("a"));
        assert_eq!((same.is_private(), same.plain().as_str()), (false, "a"));
    }

    #[test]
    fn nobody_lifts_a_veil_by_typing_its_marks() {
        for forged in ["a\u{FDD7}b", "\u{FDD8}b", "\u{FDD6}\u{FDD7}\u{FDD8}b", "\u{FDD1}b\u{FDD0}"]
        {
            let shown = Words::private(forged).beside(&Words::typed(forged)).plain();
            assert!(shown.starts_with(HIDDEN), "{shown}");
            assert_eq!(shown.matches('b').count(), 1, "{shown}");
        }
    }

    #[test]
    fn marks_typed_by_a_person_cannot_close_ours() {
        assert_eq!(Words::typed("a\u{FDD1}*b*").markdown(), "a\u{FFFD}\\*b\\*");
    }
}

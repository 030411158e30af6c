//! Text that remembers which of its parts a person typed. The company's own words may hold
//! Markdown; what a guest typed is shown as typed. So values are set between two marks until it is
//! known where the text goes. What came of a private value is behind a veil: it is read as
//! [`HIDDEN`], unless whoever prints it says that its reader may see it ([`Words::revealed`]).

use std::{borrow::Cow, cmp::Ordering, fmt, ops::Range};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    markdown::{Code, Line, breaks, codes, escape, one_kind_of_break},
    veil::{self, BEHIND, UNVEIL, VEIL},
};

pub use super::veil::{HIDDEN, hide, reveal};

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
const MARKS: [char; 9] = [OPEN, CLOSE, WORDS, FORMATTED, OR, DONE, VEIL, BEHIND, UNVEIL];

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
        Words(veil::over(&hidden, &real))
    }

    /// The same as if a person had typed all of it: its markup is shown as it stands.
    #[must_use]
    pub fn as_typed(&self) -> Words {
        let typed = |words: Words| Words::typed(&words.plain());
        Words::veiled(&typed(self.hidden()), &typed(self.revealed()))
    }

    /// True when something of them came of a private value.
    pub fn is_private(&self) -> bool {
        veil::is_veiled(&self.0)
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
    let parts = parts(text);
    let codes = codes(text, |at| is_own(&parts, at));
    let mut writer =
        Writer { out: String::with_capacity(text.len() + 8), line: Line::START, breaks: 0 };
    for (at, part) in parts.iter().enumerate() {
        let range = part.range.clone();
        match part.kind {
            Kind::Own => writer.own(text, range, &codes),
            Kind::Typed => {
                let next =
                    parts.get(at + 1).and_then(|part| text[part.range.clone()].chars().next());
                let inside = codes.iter().find(|code| code.whole.contains(&range.start));
                writer.typed(&text[range], next, inside);
            }
            Kind::Ready => writer.ready(&text[range]),
        }
    }
    writer.end()
}

/// What a part of some words is, when they are read as Markdown.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// The company's, with its markup.
    Own,
    /// A person's, to be escaped.
    Typed,
    /// A person's whose markup is right already.
    Ready,
}

#[derive(Debug)]
struct Part {
    kind: Kind,
    range: Range<usize>,
}

/// The parts of words, in order; of what was formatted, the Markdown.
fn parts(text: &str) -> Vec<Part> {
    let (mut found, mut kind, mut start) = (Vec::new(), Some(Kind::Own), 0);
    let mut inside = false;
    for (at, c) in text.char_indices().filter(|(_, c)| MARKS.contains(c)) {
        if let Some(kind) = kind.filter(|_| at > start) {
            found.push(Part { kind, range: start..at });
        }
        start = at + c.len_utf8();
        match c {
            OPEN => inside = true,
            CLOSE => inside = false,
            _ => {}
        }
        kind = match c {
            FORMATTED => None,
            OR => Some(Kind::Ready),
            _ if inside => Some(Kind::Typed),
            _ => Some(Kind::Own),
        };
    }
    if let Some(kind) = kind.filter(|_| text.len() > start) {
        found.push(Part { kind, range: start..text.len() });
    }
    found
}

fn is_own(parts: &[Part], at: usize) -> bool {
    let found = parts.binary_search_by(|part| {
        if part.range.end <= at {
            Ordering::Less
        } else if part.range.start > at {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    });
    found.is_ok_and(|found| parts[found].kind == Kind::Own)
}

/// Words on their way to Markdown.
struct Writer {
    out: String,
    line: Line,
    /// Line breaks that are due before the next word.
    breaks: usize,
}

impl Writer {
    fn flush(&mut self) {
        let due = std::mem::take(&mut self.breaks);
        if due > 0 {
            breaks(&mut self.out, due);
            self.line = Line::START;
        }
    }

    fn own(&mut self, text: &str, range: Range<usize>, codes: &[Code]) {
        let base = range.start;
        for (at, c) in text[range.clone()].char_indices() {
            let at = base + at;
            let code = codes.iter().find(|code| code.whole.contains(&at));
            let is_mark = |code: &Code| code.open.start == at || code.close.start == at;
            if let Some(code) = code.filter(|code| code.more > 0 && is_mark(code)) {
                self.flush();
                if code.close.start == at && self.out.ends_with('`') {
                    self.out.push(' ');
                }
                (0..code.more).for_each(|_| self.out.push('`'));
            }
            match c {
                '\r' if text[at + 1..range.end].starts_with('\n') => {}
                '\n' | '\r' if code.is_none_or(|code| !code.is_block) => self.breaks += 1,
                c => {
                    self.flush();
                    self.out.push(c);
                    self.line.after_own(c);
                }
            }
        }
    }

    fn typed(&mut self, value: &str, next: Option<char>, inside: Option<&Code>) {
        if let Some(code) = inside {
            self.flush();
            if !code.is_block && value.starts_with('`') {
                self.out.push(' ');
            }
            let value = one_kind_of_break(value);
            self.out.push_str(&if code.is_block { value } else { value.replace('\n', " ") });
            return;
        }
        let value = one_kind_of_break(value);
        let mut lines = value.split('\n').peekable();
        while let Some(line) = lines.next() {
            let is_last = lines.peek().is_none();
            if !line.is_empty() {
                self.flush();
                let next = if is_last { next } else { None };
                escape(&mut self.out, line, &mut self.line, next);
            }
            self.breaks += usize::from(!is_last);
        }
    }

    fn ready(&mut self, markdown: &str) {
        if self.breaks == 0 && !self.line.begins() && is_block(markdown) {
            self.out.truncate(self.out.trim_end().len());
            self.breaks = 2;
        }
        self.flush();
        self.out.push_str(markdown);
        self.line = Line::INSIDE;
    }

    fn end(mut self) -> String {
        (0..self.breaks).for_each(|_| self.out.push('\n'));
        self.out
    }
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
    fn what_is_typed_stays_characters_and_a_line_break_stays_one() {
        let said =
            |value: &str| Words::marked(format!("**Noted**: {}", mark(&clean(value)))).markdown();
        for (typed, shown) in [
            (
                "mail <jane@alpine.example> & <b>wait</b>",
                "mail &lt;jane@alpine.example> &amp; &lt;b>wait&lt;/b>",
            ),
            ("<at>Ann</at> &lt; R&D", "&lt;at>Ann&lt;/at> &amp;lt; R&amp;D"),
            ("one\ntwo\r\nthree\u{2028}four", "one  \ntwo  \nthree  \nfour"),
            ("one\n\ntwo\n", "one\n\ntwo\n"),
            (
                "so\n- a\n1. b\n2) c\n3.5\n# d\n> e\n===\n---",
                "so  \n\\- a  \n1\\. b  \n2\\) c  \n3.5  \n\\# d  \n\\> e  \n\\===  \n\\---",
            ),
            (
                "if\n\n    x < 1\n\ty",
                "if\n\n\u{a0}\u{a0}\u{a0}\u{a0}x &lt; 1  \n\u{a0}\u{a0}\u{a0}\u{a0}y",
            ),
            ("a|b\n:--|--", "a\\|b  \n:--\\|--"),
        ] {
            assert_eq!(said(typed), format!("**Noted**: {shown}"));
            let leaf = leaf(&Words::typed(typed).variable(), true);
            assert!(!leaf.contains('<') && !leaf.replace("  \n", "").contains("a\nb"), "{leaf}");
        }
        assert_eq!(Words::typed("- a").markdown(), "\\- a");
        assert_eq!(Words::marked(format!("- {}", mark("- a"))).markdown(), "- \\- a");
        assert_eq!(Words::marked(format!("{}[x](y)", mark("oh!"))).markdown(), "oh\\![x](y)");
    }

    #[test]
    fn the_companys_own_line_breaks_stay_too() {
        for (own, shown) in [
            ("**Hi**\nthere\r\nyou", "**Hi**  \nthere  \nyou"),
            ("a\n\nb\n \nc", "a\n\nb  \n \nc"),
            ("- a\n- b", "- a  \n- b"),
            ("a  \nb\\\nc", "a  \nb\\\nc"),
            ("so:\n```\na\nb\n```\nc", "so:  \n```\na\nb\n```  \nc"),
        ] {
            assert_eq!(Words::own(own).markdown(), shown);
        }
    }

    #[test]
    fn typed_words_inside_the_companys_code_are_no_markup_there() {
        let code = |value: &str| Words::marked(format!("It's `{}`", mark(value))).markdown();
        assert_eq!(code("INC_1 <b>"), "It's `INC_1 <b>`");
        assert_eq!(code("a`b\nc"), "It's ``a`b c``");
        assert_eq!(code("`"), "It's `` ` ``");
        let block = Words::marked(format!("```\n{}\n```", mark("a\n```\n<b>"))).markdown();
        assert_eq!(block, "````\na\n```\n<b>\n````");
        // A lone backtick begins no code.
        let lone = Words::marked(format!("It`s {}", mark("<b>*`*"))).markdown();
        assert_eq!(lone, "It`s &lt;b>\\*\\`\\*");
        let apart = Words::marked(format!("It`s\n\n{} `", mark("<b>"))).markdown();
        assert_eq!(apart, "It`s\n\n&lt;b> `");
    }

    #[test]
    fn marks_typed_by_a_person_cannot_close_ours() {
        assert_eq!(Words::typed("a\u{FDD1}*b*").markdown(), "a\u{FFFD}\\*b\\*");
    }
}

//! The numbers of chats (`IT-4821`), as agents write them in front of their words. Whatever stands
//! around one, what is for one person never goes to another; in doubt the agent is asked.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::{
    engine::running::Running,
    model::{Inbound, mark},
};

/// Digits of a number without a dash, at least: the first number of all is 1001.
const DIGITS: usize = 4;
/// Characters between the letters of a number and its digits, at most.
const GAP: usize = 3;

/// For whom words are, as far as the numbers in them say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum To<'a> {
    /// They begin with the number of this one of the chats; and what stands behind it.
    Chat(usize, Cow<'a, str>),
    /// They begin with the number of another chat.
    Other,
    /// They begin with what may be one, or with two of them.
    Unsure,
    /// They speak of another chat later on.
    Within,
    /// No number says anything.
    Unsaid,
}

/// Reads for which of these chats the words of an activity are; `chats` are their numbers.
pub(super) fn read<'a>(
    running: &Running,
    chats: &[&str],
    inbound: &Inbound,
    text: &'a str,
) -> To<'a> {
    let to = read_text(running, chats, text);
    let uncalled = || read_text(running, chats, inbound.uncalled.as_deref()?).note();
    match to {
        // A note behind the number and somebody's name.
        To::Chat(chat, rest) if mark::note(&rest).is_none() && uncalled().is_some() => {
            To::Chat(chat, Cow::Owned(format!("// {rest}")))
        }
        to => to,
    }
}

fn read_text<'a>(running: &Running, chats: &[&str], text: &'a str) -> To<'a> {
    let tenants = running.company.directory.tenants.values();
    let letters = tenants.map(|tenant| tenant.reference.as_str());
    let own = chats.iter().filter_map(|chat| Some(chat.rsplit_once('-')?.0));
    let mut letters: Vec<String> = letters.chain(own).map(folded).collect();
    // The longest first: one may begin with another.
    letters.sort_by_key(|letters| std::cmp::Reverse(letters.len()));
    addressed(&letters, chats, text)
}

impl To<'_> {
    /// What a note for a chat says.
    fn note(&self) -> Option<String> {
        match self {
            To::Chat(_, rest) => mark::note(rest),
            _ => None,
        }
    }
}

/// True for words that begin with what may be the number of a chat.
pub(super) fn begins(running: &Running, text: &str) -> bool {
    !matches!(read_text(running, &[], text), To::Unsaid | To::Within)
}

/// A text as its letters are compared.
fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !mark::is_invisible(*c)).flat_map(char::to_uppercase).collect()
}

fn addressed<'a>(letters: &[String], chats: &[&str], text: &'a str) -> To<'a> {
    let folded: Vec<String> = chats.iter().map(|chat| folded(chat)).collect();
    let chat_of = |number: &Number| folded.iter().position(|chat| *chat == number.name);
    let numbers = numbers(letters, text);
    let strange = |number: &&Number| chat_of(number).is_none();
    let first = numbers.first().filter(|first| is_bare(&text[..first.start]));
    let Some(first) = first else {
        let is_other = numbers.iter().filter(strange).any(|number| number.is_sure);
        return if is_other { To::Within } else { To::Unsaid };
    };
    let Some(chat) = chat_of(first) else {
        return match first {
            Number { has_dash: true, .. } => To::Other,
            Number { digits, .. } if *digits >= DIGITS => To::Unsure,
            // "It 2 …"
            _ => To::Unsaid,
        };
    };
    let again = numbers.get(1).filter(|next| is_bare(&text[first.end..next.start]));
    if first.is_glued || again.is_some_and(|next| next.name != first.name) {
        return To::Unsure;
    }
    To::Chat(chat, behind(text, first))
}

/// No word stands in it.
fn is_bare(text: &str) -> bool {
    !text.chars().any(|c| c.is_alphanumeric() && !mark::is_invisible(c))
}

/// What stands behind a number, without what ends it: `IT-4821: `, `[IT-4821] `, `IT-4821 - `. A
/// note stays one whose mark stands before the number.
fn behind<'a>(text: &'a str, number: &Number) -> Cow<'a, str> {
    let (before, rest) = (&text[..number.start], &text[number.end..]);
    let ends = |c: char| {
        mark::is_invisible(c)
            || matches!(
                c,
                ':' | ',' | ';' | '.' | '!' | '?' | ')' | ']' | '}' | '>' | '"' | '\'' | '»' | '«'
            )
            || matches!(
                c,
                '”' | '“'
                    | '’'
                    | '‘'
                    | '*'
                    | '_'
                    | '~'
                    | '|'
                    | '`'
                    | '#'
                    | '，'
                    | '：'
                    | '；'
                    | '）'
                    | '】'
                    | '」'
            )
            || is_dash(c)
    };
    let rest = mark::trimmed(rest.trim_start_matches(ends));
    // A sign that stands alone between the number and the words, or closes what opened before it.
    let joins = |c: char| is_dash(c) || matches!(c, ':' | '|' | '>' | ',' | ';' | '.');
    let rest = match rest.split_once(char::is_whitespace) {
        Some((sign, words)) if !sign.is_empty() && sign.chars().all(joins) => mark::trimmed(words),
        _ => rest,
    };
    let closes = |c: char| matches!(c, ')' | ']' | '}' | '>' | '"' | '\'' | '»' | '«' | '”' | '“');
    let rest = if rest.chars().all(closes) { "" } else { rest };
    if mark::note(before).is_some() && mark::note(rest).is_none() {
        return Cow::Owned(format!("// {rest}"));
    }
    let said = |c: char| !c.is_whitespace() && !c.is_ascii_punctuation() && !ends(c) && !is_mark(c);
    if before.contains(said) {
        let blank = if rest.is_empty() { "" } else { " " };
        return Cow::Owned(format!("{}{blank}{rest}", mark::trimmed(before)));
    }
    Cow::Borrowed(rest)
}

/// Opens or marks something, and says nothing.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '„' | '‚'
            | '‹'
            | '›'
            | '（'
            | '【'
            | '「'
            | '＃'
            | '＠'
            | '•'
            | '·'
            | '–'
            | '—'
            | '／'
            | '№'
            | '§'
    )
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{58A}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{30FC}'
                | '\u{301C}'
                | '~'
                | '\u{FF5E}'
    )
}

/// The number of a chat somewhere in a text.
#[derive(Debug)]
struct Number {
    /// As it is compared.
    name: String,
    /// Where it stands, in bytes.
    start: usize,
    end: usize,
    digits: usize,
    has_dash: bool,
    /// Nothing else looks like it.
    is_sure: bool,
    /// A letter follows it.
    is_glued: bool,
}

/// The numbers of a text, in order. A dash of any kind may stand in one, or a blank, or nothing.
fn numbers(letters: &[String], text: &str) -> Vec<Number> {
    // What is compared, with the byte at which it begins.
    let visible = text.char_indices().filter(|(_, c)| !mark::is_invisible(*c));
    let chars: Vec<(usize, char)> = visible
        .flat_map(|(at, c)| {
            let plain: Vec<char> = std::iter::once(c).nfkc().collect();
            plain.into_iter().map(move |c| (at, c))
        })
        .collect();
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let begins = at == 0 || !chars[at - 1].1.is_ascii_alphanumeric();
        let found = letters.iter().filter(|_| begins).find_map(|it| number(it, &chars, at, text));
        match found {
            Some((number, next)) => {
                numbers.push(number);
                at = next;
            }
            None => at += 1,
        }
    }
    numbers
}

fn number(
    letters: &str,
    chars: &[(usize, char)],
    at: usize,
    text: &str,
) -> Option<(Number, usize)> {
    let mut next = at;
    for letter in letters.chars() {
        // Letters that become several in capitals are in no company's numbers.
        let c = chars.get(next)?.1;
        if c != letter && c.to_uppercase().next() != Some(letter) {
            return None;
        }
        next += 1;
    }
    let is_capital = chars[at..next].iter().all(|(_, c)| !c.is_lowercase());
    let is_gap =
        |c: char| c.is_whitespace() || is_dash(c) || matches!(c, '_' | '.' | ':' | '#' | '/');
    let gap = chars[next..].iter().take_while(|(_, c)| is_gap(*c)).count();
    let stands = |is: fn(char) -> bool| chars[next..next + gap].iter().any(|(_, c)| is(*c));
    let has_dash = stands(is_dash) && !stands(char::is_whitespace);
    next += gap;
    let name: String =
        chars[next..].iter().map(|(_, c)| *c).take_while(char::is_ascii_digit).collect();
    if gap > GAP || name.is_empty() || letters.is_empty() {
        return None;
    }
    next += name.len();
    let end = chars.get(next).map_or(text.len(), |(at, _)| *at);
    let number = Number {
        start: chars[at].0,
        end,
        digits: name.len(),
        has_dash,
        is_sure: has_dash || is_capital && name.len() >= DIGITS,
        is_glued: chars.get(next).is_some_and(|(_, c)| c.is_alphanumeric()),
        name: format!("{letters}-{name}"),
    };
    Some((number, next))
}

/// The activity with its formatted words behind the number, when `rest` stands there in the plain
/// ones; without those when the number is formatted itself.
pub(super) fn shortened(inbound: &Inbound, text: &str, rest: &str) -> Inbound {
    let formatted = inbound.formatted.as_ref().and_then(|formatted| {
        let taken = text.strip_suffix(rest)?;
        if taken.is_empty() {
            return Some(formatted.clone());
        }
        let rest = without(formatted, taken)?.trim_start();
        (!rest.is_empty()).then(|| rest.to_owned())
    });
    Inbound { formatted, ..inbound.clone() }
}

/// Markdown without the plain words with which it begins; none when these are formatted.
fn without<'a>(markdown: &'a str, plain: &str) -> Option<&'a str> {
    let mut rest = markdown;
    for c in plain.chars() {
        if c.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        rest = rest.trim_start();
        rest = match c {
            '<' => rest.strip_prefix("&lt;").or_else(|| rest.strip_prefix('<'))?,
            '&' => rest.strip_prefix("&amp;").or_else(|| rest.strip_prefix('&'))?,
            c => match rest.strip_prefix('\\').and_then(|rest| rest.strip_prefix(c)) {
                Some(rest) => rest,
                // An unescaped sign is markup.
                None if matches!(c, '*' | '_' | '`' | '[' | '~') => return None,
                None => rest.strip_prefix(c)?,
            },
        };
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATS: [&str; 2] = ["HR-1003", "IT-1004"];

    fn to(chats: &[&str], text: &str) -> To<'static> {
        let letters: Vec<String> = ["IT", "HR", "IT-OPS"].into_iter().map(folded).collect();
        match addressed(&letters, chats, text) {
            To::Chat(chat, rest) => To::Chat(chat, Cow::Owned(rest.into_owned())),
            To::Other => To::Other,
            To::Unsure => To::Unsure,
            To::Within => To::Within,
            To::Unsaid => To::Unsaid,
        }
    }

    #[test]
    fn a_number_counts_whatever_stands_around_it() {
        for text in [
            "HR-1003 yes",
            "hr-1003: yes",
            "HR-1003, yes",
            "[HR-1003] yes",
            "(HR-1003): yes",
            "#HR-1003 yes",
            "\"HR-1003\" yes",
            "„HR-1003“ yes",
            "«HR-1003» yes",
            "**HR-1003** yes",
            "HR\u{2013}1003 yes",
            "HR\u{2011}1003 - yes",
            "HR\u{2212}1003\nyes",
            "HR1003 yes",
            "hr 1003 yes",
            "HR\u{A0}1003 yes",
            "\u{200B}HR\u{AD}-\u{FEFF}1003\u{200B} yes",
            "ＨＲ－１００３： yes",
            "HR - 1003 | yes",
            "@HR-1003 > yes",
            "HR_1003 yes",
            "HR#1003. yes",
            "- HR-1003; yes",
            "HR-1003 — yes",
            "HR-1003 HR-1003 yes",
        ] {
            let want = if text.contains("HR-1003 HR") { "HR-1003 yes" } else { "yes" };
            assert_eq!(to(&CHATS, text), To::Chat(0, want.into()), "{text:?}");
        }
    }

    #[test]
    fn nothing_but_the_number_is_taken_away() {
        for (text, rest) in [
            ("HR-1003", ""),
            ("[HR-1003]", ""),
            ("HR-1003 ?", "?"),
            ("HR-1003: -5 degrees", "-5 degrees"),
            ("HR-1003 (see below)", "(see below)"),
            ("HR-1003 [1] and [2]", "[1] and [2]"),
            ("👍 HR-1003 done", "👍 done"),
            ("HR-1003 // odd", "// odd"),
            ("HR-1003://odd", "//odd"),
            ("// HR-1003: odd", "// odd"),
            ("> // [HR-1003] odd", "// odd"),
            ("HR-1003 see IT-1004", "see IT-1004"),
            ("HR-1003 * one\n* two", "* one\n* two"),
        ] {
            assert_eq!(to(&CHATS, text), To::Chat(0, rest.into()), "{text:?}");
        }
    }

    #[test]
    fn what_is_for_another_chat_or_may_be_is_for_none_of_these() {
        for text in [
            "HR-1009, yes",
            "(it-ops-1): yes",
            "HR-01003 yes",
            "HR-10030 yes",
            "// IT-1009 odd",
            "HR-3",
        ] {
            assert_eq!(to(&CHATS, text), To::Other, "{text:?}");
        }
        for text in
            ["HR-1003, IT-1004: yes", "HR-1003b yes", "hr 1009 yes", "IT1009: yes", "HR - 1009 yes"]
        {
            assert_eq!(to(&CHATS, text), To::Unsure, "{text:?}");
        }
        for text in ["for HR-1009: yes", "yes (IT\u{2011}1009)", "see IT 1009"] {
            assert_eq!(to(&CHATS[..1], text), To::Within, "{text:?}");
        }
        for text in [
            "yes",
            "It 2 works",
            "mind it 1004 times",
            "give it 5 minutes",
            "see HR-1003",
            "IT - 3 laptops",
            "Hit-1009",
        ] {
            assert_eq!(to(&CHATS[..1], text), To::Unsaid, "{text:?}");
        }
    }

    #[test]
    fn formatted_words_stand_behind_the_number_too() {
        for (markdown, plain, rest) in [
            ("HR-1003 **very** good", "HR-1003 ", Some("**very** good")),
            ("\\[HR-1003\\]: _so_", "[HR-1003]: ", Some("_so_")),
            ("**HR-1003 very** good", "HR-1003 ", None),
            ("[HR-1003](https://example.com) good", "HR-1003 ", None),
            ("&lt;HR-1003> **x**", "<HR-1003> ", Some("**x**")),
            ("HR-1003  \n**x**", "HR-1003\n", Some("**x**")),
        ] {
            assert_eq!(without(markdown, plain).map(str::trim_start), rest, "{markdown}");
        }
    }
}

//! The marks with which what people write begins: a note, a command; and what stands before them
//! although nobody sees it. Where these are asked for, everybody asks here.

use unicode_normalization::char::is_combining_mark;

/// True for what takes part in a text and is not seen: Unicode's default ignorable code points, the
/// blank Braille pattern, and control characters that are no white space.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    ) || c.is_control() && !c.is_whitespace()
}

/// The text without white space and invisible characters around it. At its end only those go that
/// belong to no character before them: an emoji keeps its variant.
pub fn trimmed(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
    text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
    })
}

/// True for a slash as any keyboard writes it.
fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\u{FF0F}' | '\u{2044}' | '\u{2215}' | '\u{29F8}')
}

/// What a note says: words that begin with two slashes, also full-width ones. No letter and no digit
/// stands before them; invisible characters may, also between the two, and so may signs: who writes
/// `> // odd` or `🙄 // odd` means a note. None for words that are none.
pub fn note(text: &str) -> Option<String> {
    let mut first = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match first {
            Some(first) if is_slash(c) => return Some(joined(&text[..first], &text[end..])),
            _ if is_slash(c) => first = Some(at),
            // Two slashes in one character.
            _ if c == '\u{2AFD}' => return Some(joined(&text[..at], &text[end..])),
            _ if is_invisible(c) || is_combining_mark(c) => {}
            _ if c.is_alphanumeric() => return None,
            _ => first = None,
        }
    }
    None
}

fn joined(before: &str, behind: &str) -> String {
    let (before, behind) = (trimmed(before), trimmed(behind));
    let blank = if before.is_empty() || behind.is_empty() { "" } else { " " };
    format!("{before}{blank}{behind}")
}

/// What stands behind the one slash of a command; none without a slash.
pub fn command(text: &str) -> Option<&str> {
    trimmed(text).strip_prefix(['/', '\u{FF0F}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_whatever_stands_before_its_mark_that_is_no_word() {
        for (text, says) in [
            ("// odd", "odd"),
            ("//", ""),
            ("／／ odd", "odd"),
            ("/／odd", "odd"),
            ("\u{2AFD} odd", "odd"),
            (" \r\n\u{A0}\t// odd ", "odd"),
            ("\u{200B}\u{FEFF}\u{3164}// odd", "odd"),
            ("\u{301}// odd", "\u{301} odd"),
            ("/\u{200B}/ odd", "odd"),
            ("> // odd", "> odd"),
            ("🙄 // odd", "🙄 odd"),
            ("- \"// odd\"", "- \" odd\""),
            (":// odd", ": odd"),
            ("/// odd", "/ odd"),
            ("// see https://example.com", "see https://example.com"),
        ] {
            assert_eq!(note(text).as_deref(), Some(says), "{text:?}");
        }
        for text in
            ["", "/", "/ / odd", "/away", "odd // odd", "https://example.com", "a//b", "1//", "é//"]
        {
            assert_eq!(note(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_command_is_behind_its_slash() {
        for (text, word) in
            [("/away", Some("away")), ("\u{200B} ／away ", Some("away")), ("away", None)]
        {
            assert_eq!(command(text), word, "{text:?}");
        }
    }

    #[test]
    fn what_nobody_sees_goes_and_what_belongs_to_an_emoji_stays() {
        assert_eq!(
            trimmed("\u{FEFF}\u{200B} a\u{200B}b ❤\u{FE0F}\u{200B}\n"),
            "a\u{200B}b ❤\u{FE0F}"
        );
        assert_eq!(trimmed("\u{200B}\u{AD}\u{FE0F}"), "");
    }
}

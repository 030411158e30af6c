//! What is private in a text, and what others read instead. Both stand in it, between marks, so that
//! no way that a text takes can forget it; whoever prints the text takes one of the two.

use std::borrow::Cow;

/// Opens what came of a private value: first as others read it, then, behind [`BEHIND`], as it is.
/// Unicode noncharacters, which no well-formed text carries.
pub(super) const VEIL: char = '\u{FDD6}';
/// Stands between the two.
pub(super) const BEHIND: char = '\u{FDD7}';
/// Closes it.
pub(super) const UNVEIL: char = '\u{FDD8}';

/// What stands where a private value is not shown.
pub const HIDDEN: &str = "…";

/// A text twice: as others read it, and as it is; without veils in either. Not private where both
/// agree.
pub(super) fn over(hidden: &str, real: &str) -> String {
    if hidden == real {
        return real.to_owned();
    }
    format!("{VEIL}{hidden}{BEHIND}{real}{UNVEIL}")
}

/// True when something in a marked text is private.
pub(super) fn is_veiled(text: &str) -> bool {
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

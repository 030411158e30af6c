//! Signs that look like others: where they are in what is wrong, they are named.

use crate::source::{Files, Problem};

/// Longer stretches are texts, in which such signs are at home.
const LONGEST: usize = 100;

/// Says in the remedy of a mistake that a sign stands in it which looks like another one.
pub(super) fn name(problem: &mut Problem, files: &Files) {
    let text =
        files.get(&*problem.place.file).and_then(|text| text.get(problem.place.bytes.clone()));
    let line = text.and_then(|text| text.lines().next()).filter(|line| line.len() <= LONGEST);
    let found = line.and_then(|line| {
        line.char_indices().find_map(|(at, sign)| Some((at, called(sign)?, sign)))
    });
    if let (Some(line), Some((at, (what, instead), sign))) = (line, found)
        && !problem.warning
        && !problem.message.contains(what)
    {
        let column = problem.place.column + line[..at].chars().count();
        problem.help = format!(
            "in column {column} stands {what} (U+{:04X}): {instead}; {}",
            u32::from(sign),
            problem.help
        );
    }
}

/// What a sign is called that looks like another one, and what to do.
fn called(sign: char) -> Option<(&'static str, &'static str)> {
    Some(match sign {
        '\u{A0}' | '\u{202F}' | '\u{2007}' => ("a no-break space", "write a blank or nothing"),
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{AD}' => ("an invisible sign", "remove it"),
        '\u{FEFF}' => ("a byte order mark", "remove it"),
        '“' | '”' | '„' | '‟' | '«' | '»' => ("a curly quote", "write \" or nothing"),
        '‘' | '’' | '‚' | '‹' | '›' => ("a curly quote", "write ' or nothing"),
        '–' => ("an en dash", "write a hyphen -"),
        '—' => ("an em dash", "write a hyphen -"),
        '−' => ("a minus sign", "write a hyphen -"),
        '‑' | '‐' => ("another hyphen", "write a hyphen -"),
        '：' => ("a wide colon", "write :"),
        _ => return None,
    })
}

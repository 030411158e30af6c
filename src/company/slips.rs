//! What people most often write when a file is no YAML: found again in the lines around the place at
//! which the parser gave up, and said in words.

/// What is wrong, where, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    /// The line, from 1, and the byte in it.
    pub(super) at: (usize, usize),
    /// How many bytes are meant.
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) help: String,
}

fn slip(
    at: (usize, usize),
    length: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Option<Slip> {
    Some(Slip { at, length, message: message.into(), help: help.into() })
}

/// The slip that made the parser give up in a line (from 1) for some reason.
pub(super) fn explained(text: &str, line: usize, reason: &str) -> Option<Slip> {
    let lines: Vec<&str> = text.lines().collect();
    let near = [line, line.saturating_sub(1), line + 1];
    let near: Vec<(usize, &str)> = near
        .into_iter()
        .filter_map(|number| Some((number, *lines.get(number.checked_sub(1)?)?)))
        .collect();
    let found = near
        .iter()
        .find_map(|(number, line)| left_over(*number, line).or_else(|| sign(*number, line)));
    let own = lines.get(line.checked_sub(1)?)?;
    found
        .or_else(|| quote(&lines, line, reason))
        .or_else(|| bracket(line, own, reason))
        .or_else(|| start(line, own, reason))
        .or_else(|| key(line, own, reason))
        .or_else(|| indentation(&lines, line, reason))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// What another tool left in the file.
fn left_over(number: usize, line: &str) -> Option<Slip> {
    let at = (number, 0);
    if ["<<<<<<<", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark))
        || line == "======="
    {
        let help =
            "keep one of the versions, and remove the lines with <<<<<<<, ======= and >>>>>>>";
        return slip(at, line.len(), "a merge was not finished here", help);
    }
    if line.starts_with("```") {
        return slip(
            at,
            line.len(),
            "this is Markdown around the file, not YAML",
            "remove this line",
        );
    }
    line.trim_start().starts_with("//").then_some(())?;
    slip((number, indent(line)), 2, "a remark does not begin with `//`", "begin it with `#`")
}

/// A sign that looks like another one, where it breaks a line.
fn sign(number: usize, line: &str) -> Option<Slip> {
    let column = |at: usize| line[..at].chars().count() + 1;
    for (at, sign) in line.char_indices() {
        let before = line[..at].trim_end();
        let begins = before.is_empty() || before.ends_with([':', '-', ',', '[', '{']);
        let (what, help) = match sign {
            '\u{A0}' | '\u{202F}' | '\u{2007}' if begins => {
                ("a no-break space", "write blanks instead")
            }
            '\u{200B}'..='\u{200D}' | '\u{2060}' if begins => ("an invisible sign", "remove it"),
            '\u{FEFF}' => ("a byte order mark", "remove it"),
            '：' => ("a wide colon", "write `: ` instead"),
            '–' | '—' if before.is_empty() => ("a dash", "write a hyphen and a blank, `- `"),
            '“' | '”' | '„' | '‘' | '’' | '«' if begins => {
                ("a curly quote", "write \" around the text: YAML does not know curly quotes")
            }
            _ => continue,
        };
        let message = format!("{what} (U+{:04X}) stands in column {}", u32::from(sign), column(at));
        return slip((number, at), sign.len_utf8(), message, help);
    }
    None
}

/// Quotes that are not closed, or closed too early.
fn quote(lines: &[&str], line: usize, reason: &str) -> Option<Slip> {
    let own = lines[line - 1];
    if reason.contains("hexadecimal") || reason.contains("escape") {
        let at = own.find('\\').unwrap_or(0);
        let help = "use single quotes around the text, or write \\\\ for \\";
        return slip(
            (line, at),
            1,
            "a backslash means something of its own in double quotes",
            help,
        );
    }
    if !reason.contains("quoted scalar") && !reason.contains("quote") {
        return None;
    }
    let (sign, is_double) = if reason.contains("single") { ('\'', false) } else { ('"', true) };
    let count = |line: &str| line.replace("\\\\", "").replace("\\\"", "").matches(sign).count();
    let odd = lines[..line].iter().position(|line| count(line) % 2 == 1);
    match odd {
        Some(index) if index + 1 < line || count(own) == 1 => {
            let at = lines[index].rfind(sign).unwrap_or(0);
            let help = format!("close it with {sign} at the end of the text");
            slip((index + 1, at), 1, format!("the quote {sign} is never closed in this line"), help)
        }
        _ if is_double => {
            let at = own.rfind('"').unwrap_or(0);
            let help = "put quotes around the whole text, and a backslash before those within: \"say \\\"yes\\\"\"";
            slip((line, at), 1, "words stand behind a quote that is closed", help)
        }
        _ => {
            let help = "use double quotes around the text, or write '' for an apostrophe";
            let at = own.match_indices('\'').nth(1).map_or(0, |(at, _)| at);
            slip((line, at), 1, "an apostrophe ends a text in single quotes", help)
        }
    }
}

/// Brackets and braces that are not closed, and what is missing within.
fn bracket(line: usize, own: &str, reason: &str) -> Option<Slip> {
    if reason.contains("mismatched bracket") || reason.contains("unclosed bracket") {
        let open = if reason.contains("'['") { '[' } else { '{' };
        let close = if open == '[' { ']' } else { '}' };
        let at = own.rfind(open).unwrap_or(0);
        let message = format!("`{open}` is never closed");
        return slip((line, at), 1, message, format!("close it with `{close}`"));
    }
    (reason.contains("flow") || reason.contains("',' or")).then_some(())?;
    let help =
        "put a comma between two entries, and quotes around a text that holds : , { } [ or ]";
    let at = indent(own);
    slip(
        (line, at),
        own.trim().len(),
        "between { and }, or [ and ], something is missing here",
        help,
    )
}

/// Signs with which no text begins.
fn start(line: usize, own: &str, reason: &str) -> Option<Slip> {
    if reason.contains("unknown anchor") {
        let at = own.find('*').unwrap_or(0);
        let help = "put quotes around the whole text";
        return slip((line, at), 1, "an unquoted `*` is YAML's own syntax", help);
    }
    let sign =
        ['@', '`', '%'].into_iter().find(|sign| reason.contains(&format!("character: `{sign}")))?;
    let at = own.find(sign).unwrap_or(0);
    slip(
        (line, at),
        1,
        format!("no text begins with `{sign}` here"),
        "put quotes around the whole text",
    )
}

/// A line that is neither a key with a value nor an entry of a list.
fn key(line: usize, own: &str, reason: &str) -> Option<Slip> {
    let (words, at) = (own.trim(), indent(own));
    let is_entry = |words: &str| {
        words.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
    };
    if is_entry(words) {
        let help = format!("write `- {}`", &words[1..]);
        return slip((line, at), words.len(), "no blank stands behind this hyphen", help);
    }
    if !reason.contains("simple key") {
        return None;
    }
    if let Some((name, value)) = words.split_once('=').filter(|(name, _)| !name.contains(':')) {
        let help = format!("write `{}: {}`", name.trim(), value.trim());
        return slip((line, at), words.len(), "an equals sign stands where a colon belongs", help);
    }
    if let Some((name, value)) = words.split_once(':').filter(|(_, value)| !value.is_empty()) {
        let help = format!("write `{name}: {}`", value.trim());
        return slip((line, at), words.len(), "no blank stands behind this colon", help);
    }
    let help = "write `key: value`, or `- ` before an entry; a text of several lines stands behind `key: |`, further to the right";
    slip((line, at), words.len(), "this line is neither a key with its value nor an entry", help)
}

/// Where lines may begin: in which columns (from 0) keys and entries above do.
#[derive(Clone, Copy, PartialEq)]
enum Begins {
    Key(usize),
    Entry(usize),
}

fn column(begins: &Begins) -> usize {
    match begins {
        Begins::Key(column) | Begins::Entry(column) => *column,
    }
}

/// A line that begins where nothing above does.
fn indentation(lines: &[&str], line: usize, reason: &str) -> Option<Slip> {
    let is_it = ["block mapping", "block collection", "mapping values"];
    is_it.iter().any(|part| reason.contains(part)).then_some(())?;
    let own = lines[line - 1];
    let at = indent(own);
    let mut open: Vec<Begins> = Vec::new();
    let mut above = "";
    for other in &lines[..line - 1] {
        let (mut words, mut from) = (other.trim(), indent(other));
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        above = words;
        open.retain(|begins| {
            column(begins) < from
                || (column(begins) == from
                    && *begins == Begins::Key(from)
                    && !words.starts_with("- "))
                || (*begins == Begins::Entry(from) && words.starts_with("- "))
        });
        while let Some(rest) = words.strip_prefix("- ") {
            open.retain(|begins| column(begins) <= from);
            if !open.contains(&Begins::Entry(from)) {
                open.push(Begins::Entry(from));
            }
            from += 2 + indent(rest);
            words = rest.trim_start();
        }
        if !open.contains(&Begins::Key(from)) {
            open.push(Begins::Key(from));
        }
    }
    let is_entry = own.trim_start().starts_with("- ");
    let fits = open.contains(&if is_entry { Begins::Entry(at) } else { Begins::Key(at) });
    let deepest = open.last().map_or(0, column);
    let place = (line, at);
    let length = own.trim().len();
    if fits {
        return None;
    }
    if at > deepest {
        let has_value = above.split_once(": ").is_some_and(|(_, value)| !value.is_empty());
        return has_value.then_some(())
            .and_then(|()| slip(
            place,
            length,
            format!("this line begins in column {}, deeper than the one above, which has its value already", at + 1),
            format!("move it to column {}", deepest + 1),
        ));
    }
    let mut columns: Vec<usize> = open
        .iter()
        .filter(|begins| matches!(begins, Begins::Entry(_)) == is_entry)
        .map(|begins| column(begins) + 1)
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let below = columns.iter().rfind(|column| **column <= at + 1);
    let beyond = columns.iter().find(|column| **column > at + 1);
    if columns.is_empty() {
        return None;
    }
    let to: Vec<String> = below.into_iter().chain(beyond).map(ToString::to_string).collect();
    let what = if is_entry { "entries" } else { "keys" };
    slip(
        place,
        length,
        format!("this line begins in column {}, where no {what} above it begin", at + 1),
        format!("move it to column {}: what it belongs to begins there", to.join(" or ")),
    )
}

#[cfg(test)]
mod tests {
    use super::explained;

    fn told(text: &str, line: usize, reason: &str) -> String {
        let slip = explained(text, line, reason);
        slip.map_or_else(String::new, |slip| {
            format!("{:?} {}: {}", slip.at, slip.message, slip.help)
        })
    }

    #[test]
    fn columns_are_told() {
        let text = "a:\n  - id: x\n    end: {}\n   - id: y\n";
        let at = "(4, 3) this line begins in column 4, where no entries above it begin: ";
        let told = told(text, 4, "while parsing a block mapping, did not find expected key");
        assert_eq!(told, format!("{at}move it to column 3: what it belongs to begins there"));
    }

    #[test]
    fn a_quote_is_told_where_it_opens() {
        let told = told(
            "a: \"b\nc: d\ne: \"f\"\n",
            3,
            "invalid trailing content after double-quoted scalar",
        );
        assert!(told.starts_with("(1, 3) the quote \" is never closed"), "{told}");
    }
}

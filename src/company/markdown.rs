//! The Markdown of cards: bold, italic, links and lists. Teams shows neither headings, tables,
//! images, HTML, quotes nor code, so whoever writes them is told before an employee reads `##
//! Title`. Source: Microsoft Teams, "Format cards: Markdown in Adaptive Cards".

use std::{ops::Range, sync::LazyLock};

use pulldown_cmark::{Event, Parser, Tag};
use regex::Regex;

use crate::source::{At, Files, Place, Problems, short};

/// Where links may lead.
const SCHEMES: [&str; 3] = ["http:", "https:", "mailto:"];

static LINK: LazyLock<Regex> = LazyLock::new(|| fixed(r"(!?)\[[^\]\n]*\]\(\s*<?([^)\s>]*)"));
static DEFINED: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?m)^ {0,3}\[[^\]\n]+\]:\s*<?(\S*?)>?\s*$"));
static HTML: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>|<!--"));
/// A form that is not shown: its pattern, what it is called, and what to write.
type Form = (Regex, &'static str, &'static str);
static FORMS: LazyLock<[Form; 5]> = LazyLock::new(|| {
    [
        (
            fixed(r"(?m)^ {0,3}#{1,6}\s+\S.*$"),
            "a heading",
            "write it in bold, as in **Title**, on a line of its own",
        ),
        (
            fixed(r"(?m)^ {0,3}\S.*\n {0,3}(?:={2,}|-{2,})[ \t]*$"),
            "a heading",
            "write it in bold, as in **Title**",
        ),
        (
            fixed(r"(?m)^ {0,3}\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?)?\s*$"),
            "a table",
            "write a list, one row an entry",
        ),
        (fixed(r"(?m)^ {0,3}>.*$"), "a quotation", "write it without `>`, or in *italics*"),
        (
            fixed(r"(?m)^ {0,3}```.*$"),
            "a block of code",
            "write it as ordinary text, or in **bold**",
        ),
    ]
});

/// A link whose address has a blank, or whose halves stand apart or the wrong way round.
static BROKEN: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        fixed(r"\[([^\]\n]+)\]\(\s*<?((?:https?://|mailto:)[^()<>\n]*?)>?\s*\)"),
        fixed(r"\[([^\]\n]+)\][ \t]+\(((?:https?://|mailto:)[^()\n]+)\)"),
        fixed(r"\(([^()\n]+)\)\[((?:https?://|mailto:)[^\]\n]+)\]"),
    ]
});
/// Words between pairs of stars, and what stands right behind them.
static BOLD: LazyLock<Regex> = LazyLock::new(|| fixed(r"\*\*([^*\n]+)\*\*([^\s*]*)"));

fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed pattern, which a test compiles")
}

/// Complains about links that lead elsewhere than to the web or to a mailbox, and warns of what
/// cards do not show.
pub(super) fn check(answer: &At<String>, files: &Files, problems: &Problems) {
    let text = answer.value.as_str();
    let place = |range: Range<usize>| place_of(answer, files, &text[range]);
    for link in LINK.captures_iter(text) {
        let (Some(whole), Some(target)) = (link.get(0), link.get(2)) else { continue };
        if link.get(1).is_some_and(|mark| !mark.is_empty()) {
            let help = "link to it: [the picture](https://…)";
            problems.warning(&place(whole.range()), "an image is not shown in an answer", help);
        }
        check_target(target.as_str(), || place(whole.range()), problems);
    }
    for defined in DEFINED.captures_iter(text) {
        let (Some(whole), Some(target)) = (defined.get(0), defined.get(1)) else { continue };
        check_target(target.as_str(), || place(whole.range()), problems);
        problems.warning(
            &place(whole.range()),
            "a link that is defined elsewhere is not shown in an answer",
            "write [words](https://…)",
        );
    }
    for (range, message, help) in unrendered(text) {
        problems.warning(&place(range), message, help);
    }
    if let Some(tag) = HTML.find(text) {
        problems.warning(
            &place(tag.range()),
            "HTML is shown as it is written",
            "use Markdown: **bold**, *italic*, - lists, [links](https://…)",
        );
    }
    for (pattern, what, help) in FORMS.iter() {
        if let Some(found) = pattern.find(text) {
            problems.warning(
                &place(found.range()),
                format!("{what} is not shown as one in an answer"),
                *help,
            );
        }
    }
}

/// What looks like a link or like bold words and is none by CommonMark: where, what, and the right
/// form.
fn unrendered(text: &str) -> Vec<(Range<usize>, String, String)> {
    let mut links = Vec::new();
    let mut single = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { .. }) => links.push(range.start),
            // A delimiter that closes nothing may come in single characters.
            Event::Text(_) => {
                let found = text[range.clone()].match_indices('*');
                single.extend(found.map(|(at, _)| range.start + at));
            }
            _ => {}
        }
    }
    let mut stars: Vec<usize> = Vec::new();
    for pair in single.windows(2).filter(|pair| pair[1] == pair[0] + 1) {
        if stars.last().is_none_or(|last| last + 1 < pair[0]) {
            stars.push(pair[0]);
        }
    }
    let mut found = Vec::new();
    for pattern in BROKEN.iter() {
        for link in pattern.captures_iter(text) {
            let (Some(whole), Some(words), Some(address)) = (link.get(0), link.get(1), link.get(2))
            else {
                continue;
            };
            if links.contains(&whole.start()) || text[..whole.start()].ends_with('!') {
                continue;
            }
            let right = format!(
                "[{}]({})",
                words.as_str(),
                address.as_str().trim().replace([' ', '\t'], "%20")
            );
            let message =
                format!("`{}` is no link: it is shown as it stands", short(whole.as_str()));
            found.push((whole.range(), message, format!("write `{right}`")));
        }
    }
    let mut told = 0;
    for bold in BOLD.captures_iter(text) {
        let (Some(whole), Some(words)) = (bold.get(0), bold.get(1)) else { continue };
        let behind = bold.get(2).map_or("", |it| it.as_str());
        if !stars.iter().any(|at| whole.range().contains(at)) {
            continue;
        }
        told += stars.iter().filter(|at| whole.range().contains(*at)).count();
        let inner = words.as_str();
        let (trimmed, gap) = (inner.trim(), if behind.is_empty() { "" } else { " " });
        let message =
            format!("`{}` is not shown in bold: the stars are", short(&text[whole.range()]));
        let help = format!(
            "write `**{trimmed}**{gap}{behind}`: no blanks inside the stars, one behind a sign"
        );
        found.push((whole.range(), message, help));
    }
    if let Some(alone) = stars.first().filter(|_| told == 0) {
        let message = "these stars have no counterpart, and are shown".to_owned();
        let help = "write `**words**`; for stars that are meant, `\\*\\*`".to_owned();
        found.push((*alone..alone + 2, message, help));
    }
    found
}

fn check_target(target: &str, place: impl FnOnce() -> Place, problems: &Problems) {
    let lower = target.to_ascii_lowercase();
    if !SCHEMES.iter().any(|scheme| lower.starts_with(scheme) && lower.len() > scheme.len()) {
        let message = format!("a link cannot lead to `{}`", short(target));
        problems.error(
            &place(),
            message,
            "write a whole address that begins with https://, http:// or mailto:",
        );
    }
}

/// Where a part of the answer stands in the file: its first line, which no indentation cuts in two.
fn place_of(answer: &At<String>, files: &Files, part: &str) -> Place {
    answer.place.narrowed(files, part.lines().next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `error` or `warning` with the message, for an answer.
    fn told(text: &str) -> Vec<String> {
        let problems = Problems::default();
        let place = Place::at("faq.yaml", text, 0..text.len());
        check(
            &At::new(text.to_owned(), &place),
            &Files::from([("faq.yaml".to_owned(), text.to_owned())]),
            &problems,
        );
        let word = |warning| if warning { "warning" } else { "error" };
        problems
            .into_sorted()
            .iter()
            .map(|problem| {
                format!("{} {}: {}", problem.place.line, word(problem.warning), problem.message)
            })
            .collect()
    }

    #[test]
    fn what_cards_show_is_right() {
        let text = "Open **My account** and *wait*:\n\n1. one\n2. two\n\n- [the form](https://contoso.com/a_(b))\n* [mail](mailto:it@contoso.com)\n\n\
                    **Hinweis:** Bitte, `2**3`, \\*\\*, [t](https://contoso.com \"a title\"), [b](<https://contoso.com/a b>)\n\n\
                    Room 3 < 4, a | b, #1, C# and a -- b; [not a link] (no)";
        assert_eq!(told(text), Vec::<String>::new());
    }

    #[test]
    fn what_cards_do_not_show_is_told() {
        for (text, expected) in [
            ("## Steps", "1 warning: a heading is not shown as one in an answer"),
            ("Well\n\nSteps\n-----\none", "3 warning: a heading is not shown as one in an answer"),
            (
                "Day | Hours\n--- | ---\nMon | 8",
                "2 warning: a table is not shown as one in an answer",
            ),
            (
                "|Day|Hours|\n|---|---|\n|Mon|8|",
                "2 warning: a table is not shown as one in an answer",
            ),
            ("One\n\n> said", "3 warning: a quotation is not shown as one in an answer"),
            ("```\nx\n```", "1 warning: a block of code is not shown as one in an answer"),
            ("one<br>two", "1 warning: HTML is shown as it is written"),
            ("![plan](https://contoso.com/a.png)", "1 warning: an image is not shown in an answer"),
            ("[a](javascript:alert(1))", "1 error: a link cannot lead to `javascript:alert(1`"),
            ("[a](JavaScript:x)", "1 error: a link cannot lead to `JavaScript:x`"),
            ("a\n[b](/intranet)", "2 error: a link cannot lead to `/intranet`"),
            ("[b]()", "1 error: a link cannot lead to ``"),
            ("[b](https:)", "1 error: a link cannot lead to `https:`"),
            (
                "See [the plan](https://contoso.com/my plan.pdf).",
                "1 warning: `[the plan](https://contoso.com/my plan.pdf)` is no link: it is shown as it stands",
            ),
            (
                "[the form] (https://contoso.com/form)",
                "1 warning: `[the form] (https://contoso.com/form)` is no link: it is shown as it stands",
            ),
            (
                "(the form)[https://contoso.com/form]",
                "1 warning: `(the form)[https://contoso.com/form]` is no link: it is shown as it stands",
            ),
            (
                "**Hinweis:**Bitte",
                "1 warning: `**Hinweis:**Bitte` is not shown in bold: the stars are",
            ),
            ("a\n** Note ** x", "2 warning: `** Note **` is not shown in bold: the stars are"),
            ("Not **closed", "1 warning: these stars have no counterpart, and are shown"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
        assert!(
            told("[a][b]\n\n[b]: data:text/html,x")
                .contains(&"3 error: a link cannot lead to `data:text/html,x`".to_owned())
        );
    }
}

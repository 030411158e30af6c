//! Dialogs can be read: what they hold true is seen by playing them (`switchboard test`).

use jiff::tz::TimeZone;

use crate::source::{Files, Place, Problems, duration};

/// What is wrong with a line, and what to write.
type Wrong = (String, &'static str);

/// Complains about every line that would be refused when it is played.
pub(super) fn check(files: &Files, problems: &Problems) {
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".dialog")) {
        let mut start = 0;
        // The line before it is of the bot's words, or could not be read.
        let mut goes_on = false;
        for line in text.split_inclusive('\n') {
            let words = line.trim_end();
            let place = || Place::at(path, text, start..start + words.len());
            let is_indented = words.starts_with("  ");
            let wrong = match words {
                _ if words.trim().is_empty() => None,
                _ if words.starts_with('\t') => Some((
                    "a tab begins this line".to_owned(),
                    "two blanks go on with the bot's words",
                )),
                _ if is_indented && !goes_on => Some((
                    "this line goes on with nothing".to_owned(),
                    "an indented line goes on with the bot's words: begin those with `<`",
                )),
                _ if is_indented => None,
                _ => wrong(words, text, files),
            };
            let was_told = wrong.is_some();
            if let Some((message, help)) = wrong {
                problems.error(&place(), message, help);
            }
            if problems.is_enough() {
                return;
            }
            goes_on = words.starts_with('<')
                || words.starts_with("@<")
                || was_told && words.starts_with('\t')
                || is_indented && goes_on;
            start += line.len();
        }
    }
}

fn wrong(line: &str, dialog: &str, files: &Files) -> Option<Wrong> {
    let (sign, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
    let rest = rest.trim();
    let (message, help) = match sign {
        "#" | "<" => return None,
        "=" if line.starts_with("=>") => return None,
        "!" => return happens(rest, dialog, files),
        "?" if rest.contains('=') => return None,
        "?" => ("this says not what must hold", "write ? Data.city = Oslo"),
        ">" => return says(rest),
        "@" if rest.starts_with('<') => return None,
        "@" => match rest.strip_prefix("agent ") {
            Some(act) => return at_desk(act.trim()),
            None => (
                "this does nobody at a desk",
                "write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]",
            ),
        },
        _ => (
            "this is no line of a dialog",
            "begin it with > (the employee), < (the bot), @agent (somebody at the desk), @< (what the desk reads), => (what another system is asked), ! (what happens), ? (what must hold) or # (a remark)",
        ),
    };
    Some((message.to_owned(), help))
}

/// What the employee says or clicks.
fn says(words: &str) -> Option<Wrong> {
    let (is_late, words) = match words.strip_prefix('>') {
        Some(words) => (true, words.trim()),
        None => (false, words),
    };
    match words.strip_prefix('[').and_then(|words| words.split_once(']')) {
        Some((_, inputs)) => filled(inputs),
        None if is_late => {
            Some(("`>>` clicks nothing".to_owned(), "it is for a late click: write >> [Title]"))
        }
        None if words.is_empty() => {
            Some(("the employee says nothing".to_owned(), "write the words after `>`"))
        }
        None => None,
    }
}

/// `Label=value; Label=value`
fn filled(inputs: &str) -> Option<Wrong> {
    let mut parts = inputs.split(';').map(str::trim).filter(|part| !part.is_empty());
    let part = parts.find(|part| !part.contains('='))?;
    Some((format!("`{part}` fills in nothing"), "write Label=value; Label=value behind the button"))
}

/// What somebody at a desk does.
fn at_desk(act: &str) -> Option<Wrong> {
    if let Some((_, button)) = act.split_once('[').filter(|(agent, _)| !agent.contains(':')) {
        return match button.split_once(']') {
            Some((_, inputs)) => filled(inputs),
            None => Some(("a button is never closed".to_owned(), "write it in brackets: [Take]")),
        };
    }
    (!act.contains(':') && !act.ends_with(" takes")).then(|| {
        (
            "this does nobody at a desk".to_owned(),
            "write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]",
        )
    })
}

/// `! …`
fn happens(text: &str, dialog: &str, files: &Files) -> Option<Wrong> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    let ends = |ends: [&str; 2]| ends.iter().any(|end| rest.ends_with(&format!(" is {end}")));
    let (is_good, message, help) = match word {
        "install" => (rest.is_empty(), String::new(), "write ! install"),
        "at" => {
            (is_time(rest), format!("`{rest}` is no local time"), "write ! at 2026-11-24 10:00")
        }
        "timezone" => (
            TimeZone::get(rest).is_ok(),
            format!("`{rest}` is no time zone"),
            "write ! timezone America/New_York",
        ),
        "locale" | "country" | "guest" => (
            !rest.is_empty(),
            format!("`{word}` says nothing"),
            "write ! guest Mara, ! locale de-DE or ! country DE",
        ),
        "manager" => (
            rest.starts_with("moves to "),
            String::new(),
            "write ! manager moves to hr: the reason",
        ),
        "agent" => (
            ends(["away", "available"]),
            String::new(),
            "write ! agent Ann is away, or ! agent Ann is available",
        ),
        "desk" => (
            ends(["connected", "gone"]),
            String::new(),
            "write ! desk it is connected, or ! desk it is gone",
        ),
        "answers" => (
            rest.split(' ').next().is_some_and(|status| status.parse::<u16>().is_ok()),
            String::new(),
            "write ! answers 201 {\"id\": \"INC-7\"}, or ! answers 500",
        ),
        "no" => (rest == "answer", String::new(), "write ! no answer"),
        "department" => return removed(rest, files),
        "in" => return changed(rest, dialog, files),
        _ if matches!(rest, "pass" | "passes") => {
            (duration(word).is_some(), format!("`{word}` is no duration"), "write ! 20m pass")
        }
        _ => (
            false,
            String::new(),
            "write ! and install, at …, 20m pass, guest …, locale …, country …, timezone …, manager moves to …, desk it is gone, agent Ann is away, answers 201 {…}, no answer, department it is removed, or in FILE \"old\" becomes \"new\"",
        ),
    };
    let message =
        if message.is_empty() { format!("nothing called `{text}` can happen") } else { message };
    (!is_good).then_some((message, help))
}

/// As the player reads it: a local time, with a blank or a `T` in between.
fn is_time(text: &str) -> bool {
    text.replace(' ', "T").parse::<jiff::civil::DateTime>().is_ok()
}

fn removed(wish: &str, files: &Files) -> Option<Wrong> {
    let help = "write ! department hr is removed, with a department that is there";
    let Some(id) = wish.strip_suffix(" is removed").map(str::trim) else {
        return Some((format!("nothing called `department {wish}` can happen"), help));
    };
    let folder = format!("tenants/{id}/");
    let is_there = files.keys().any(|path| path.starts_with(&folder));
    (!is_there).then(|| (format!("there is no department `{id}`"), help))
}

/// `tenants/it/tenant.yaml "New laptop" becomes "New computer"`
fn changed(change: &str, dialog: &str, files: &Files) -> Option<Wrong> {
    let parts: Vec<&str> = change.split('"').collect();
    let [file, old, between, _, ..] = parts.as_slice() else {
        return Some((
            "this changes no file".to_owned(),
            "write ! in tenants/it/tenant.yaml \"old words\" becomes \"new words\"",
        ));
    };
    if between.trim() != "becomes" {
        let help = "write ! in tenants/it/tenant.yaml \"old words\" becomes \"new words\"";
        return Some(("this changes no file".to_owned(), help));
    }
    let file = file.trim();
    match files.get(file) {
        None => Some((
            format!("there is no file `{file}`"),
            "name it as it stands in the company's folder",
        )),
        // An earlier change may have brought the words.
        Some(text) if !text.contains(old) && dialog.matches("\n! in ").count() < 2 => Some((
            format!("`{file}` does not hold `{old}`"),
            "write the old words as they stand in the file",
        )),
        Some(_) => None,
    }
}

//! Where settings stand: `switchboard.toml`, `.env`, the environment.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{Mistakes, NAMES, NOT_YET, secret_file, unknown::Unknown, values::Values};

/// What was found.
#[derive(Debug, Default)]
pub struct Collected {
    /// The settings.
    pub values: Values,
    /// Names that look like settings and are none.
    pub unknown: Vec<Unknown>,
}

/// Collects `switchboard.toml`, then `.env`, then the environment. Blocking: called once, at start.
pub fn collect(
    folder: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Values, Mistakes> {
    gather(folder, environment).map(|collected| collected.values)
}

/// The same, with names that are no settings.
pub fn gather(
    folder: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Collected, Mistakes> {
    let (collected, mistakes) = look(folder, environment);
    if mistakes.is_empty() { Ok(collected) } else { Err(Mistakes(mistakes)) }
}

/// All that can be read, and what is wrong with the rest.
pub(super) fn look(
    folder: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> (Collected, Vec<String>) {
    let (mut all, mut mistakes) = (Collected::default(), Vec::new());
    match text_of(&folder.join("switchboard.toml")) {
        Ok(None) => {}
        Ok(Some(text)) => read_toml(&text, &mut all.values, &mut mistakes),
        Err(why) => mistakes.push(format!("switchboard.toml {why}")),
    }
    match text_of(&folder.join(".env")) {
        Ok(None) => {}
        Ok(Some(text)) => read_env(&text, &mut all, &mut mistakes),
        Err(why) => mistakes.push(format!(".env {why}")),
    }
    let mut credentials = None;
    for (name, value) in environment {
        if name == "CREDENTIALS_DIRECTORY" {
            credentials = Some(PathBuf::from(&value));
        }
        all.unknown.extend(Unknown::of(&name, None));
        keep(&mut all.values, name, value);
    }
    secret_file::read(&mut all.values, credentials.as_deref(), &mut mistakes);
    (all, mistakes)
}

/// The text of a file, without the mark that some editors put in front; none where there is no file.
fn text_of(file: &Path) -> Result<Option<String>, String> {
    if !file.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(file)
        .map_err(|error| format!("cannot be opened: {error}: check its permissions"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| "is not UTF-8: save it as UTF-8 (in PowerShell with -Encoding utf8)")?;
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

pub(super) fn keep(values: &mut Values, name: String, value: String) {
    // A blank token is a mistake and not the same as none: somebody meant to set one.
    let counts = !value.trim().is_empty() || name == "SWITCHBOARD_ADMIN_TOKEN";
    if counts && (NAMES.contains(&name.as_str()) || NOT_YET.iter().any(|(known, _)| *known == name))
    {
        values.insert(name, value.trim().to_owned());
    }
}

/// A line that cannot be read is told by its number: it may hold a secret.
fn read_env(text: &str, all: &mut Collected, mistakes: &mut Vec<String>) {
    let mut from = 0;
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        match pair {
            Ok((name, value)) => {
                all.unknown.extend(Unknown::of(&name, Some(line_that_sets(text, &name))));
                keep(&mut all.values, name, value);
            }
            Err(dotenvy::Error::LineParse(part, _)) => {
                let part = part.trim_end();
                let at = find(text, from, part);
                from = at + part.len();
                let begin = text[..at].rfind('\n').map_or(0, |index| index + 1);
                let whole = text.get(begin..from).unwrap_or_default();
                mistakes.push(format!(".env:{}: {}", line_at(text, at), what_is_wrong(whole)));
            }
            Err(_) => mistakes.push(
                ".env cannot be read: write NAME=value, with quotes around blanks".to_owned(),
            ),
        }
    }
}

fn what_is_wrong(line: &str) -> &'static str {
    let value = line.split_once('=').map(|(_, value)| value);
    match value {
        None => "this line sets nothing: write NAME=value, or `#` in front of a remark",
        Some(value) if line.contains('\n') || is_open(value) => {
            "a quote is opened here and not closed: close it, or put the other kind of quotes around the value"
        }
        Some(_) => "this line cannot be read: write NAME=value, with quotes around blanks",
    }
}

/// True where a quote is opened and not closed.
fn is_open(value: &str) -> bool {
    let odd = |quote: char| value.matches(quote).count() % 2 == 1;
    odd('"') || odd('\'')
}

/// Where the part begins that the library tells of: a whole line without the remark at its end, or
/// what stands behind `=`. `from` is where to begin.
fn find(text: &str, from: usize, part: &str) -> usize {
    let from = from.min(text.len());
    let tail = text.get(from..).unwrap_or_default();
    let found = tail.match_indices(part).find(|(at, _)| {
        let before = &text[..from + at];
        let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
        let behind = text[from + at + part.len()..].trim_start_matches([' ', '\t', '\r']);
        (line.is_empty() || line.ends_with('='))
            && (behind.is_empty() || behind.starts_with(['\n', '#']))
    });
    found.map_or(from, |(at, _)| from + at)
}

/// The number of the line in which something stands.
fn line_at(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The number of the line that sets a name.
fn line_that_sets(text: &str, name: &str) -> usize {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(sets).map_or(1, |index| index + 1)
}

pub(super) fn read_toml(text: &str, values: &mut Values, mistakes: &mut Vec<String>) {
    let table: BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>> =
        match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                // Without the line itself, which may hold a secret.
                let at = error.span().map_or(0, |span| span.start.min(text.len()));
                let begin = text[..at].rfind('\n').map_or(0, |index| index + 1);
                let column = text[begin..at].chars().count() + 1;
                mistakes.push(format!(
                    "switchboard.toml:{}:{column}: {}: write NAME = \"value\"",
                    line_at(text, at),
                    error.message().lines().collect::<Vec<_>>().join(", ")
                ));
                return;
            }
        };
    for (name, value) in table {
        let line = line_at(text, name.span().start.min(text.len()));
        let (name, value) = (name.into_inner(), value.into_inner());
        if !NAMES.contains(&name.as_str()) && !NOT_YET.iter().any(|(known, _)| *known == name) {
            let hint = super::unknown::nearest(&name)
                .map(|near| format!(" (did you mean `{near}`?)"))
                .unwrap_or_default();
            mistakes.push(format!(
                "switchboard.toml:{line}: there is no setting `{name}`{hint}: remove it, or use one of: {}",
                NAMES.join(", ")
            ));
            continue;
        }
        match value {
            toml::Value::String(text) => keep(values, name, text),
            toml::Value::Boolean(truth) => {
                keep(values, name, if truth { "1" } else { "0" }.to_owned())
            }
            toml::Value::Integer(number) => keep(values, name, number.to_string()),
            _ => mistakes.push(format!(
                "switchboard.toml:{line}: `{name}` must be text: put quotes around it"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(text: &str) -> (Collected, Vec<String>) {
        let (mut all, mut mistakes) = (Collected::default(), Vec::new());
        read_env(text, &mut all, &mut mistakes);
        (all, mistakes)
    }

    #[test]
    fn a_mistake_in_env_has_its_line_and_none_of_its_words() {
        let (all, mistakes) = env(
            "# ours\nSWITCHBOARD_STORE=memory:\n\nMicrosoftAppPassword=hush hush # old\nnonsense\r\n\
             SWITCHBOARD_LOG=debug\nnonsense\nCLIENT_SECRET='hush\n\nSWITCHBOARD_LISTEN=127.0.0.1:1\n",
        );
        assert_eq!(all.values.len(), 2, "what can be read counts: {:?}", all.values);
        let lines: Vec<&str> = mistakes.iter().map(|it| it.split_once(": ").unwrap().0).collect();
        assert_eq!(lines, [".env:4", ".env:5", ".env:7", ".env:8"], "{mistakes:?}");
        assert!(mistakes[0].contains("quotes around blanks"), "{mistakes:?}");
        assert!(mistakes[1].contains("sets nothing"), "{mistakes:?}");
        assert!(mistakes[3].contains("not closed"), "{mistakes:?}");
        assert!(!mistakes.concat().contains("hush"), "{mistakes:?}");
    }

    #[test]
    fn a_line_is_not_taken_for_one_that_begins_alike() {
        let (_, mistakes) = env("SWITCHBOARD_LOG=debug\nSWITCHBOARD_LOG\n");
        assert!(mistakes[0].starts_with(".env:2: "), "{mistakes:?}");
    }

    #[test]
    fn the_mark_of_an_editor_is_no_part_of_the_first_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), "\u{feff}SWITCHBOARD_LOG=debug").unwrap();
        let values = collect(folder.path(), std::iter::empty()).unwrap();
        assert_eq!(values.get("SWITCHBOARD_LOG").map(String::as_str), Some("debug"));
        fs::write(folder.path().join(".env"), [0xff, 0xfe, b'A', 0]).unwrap();
        let error = collect(folder.path(), std::iter::empty()).unwrap_err().to_string();
        assert!(error.contains("save it as UTF-8"), "{error}");
    }

    #[test]
    fn a_mistake_in_toml_has_its_place_and_none_of_its_words() {
        let (mut values, mut mistakes) = (Values::new(), Vec::new());
        read_toml("\nMicrosoftAppPassword = hush\n", &mut values, &mut mistakes);
        assert!(mistakes[0].starts_with("switchboard.toml:2:24: "), "{mistakes:?}");
        assert!(!mistakes[0].contains("hush"), "{mistakes:?}");
    }

    #[test]
    fn names_that_are_no_settings_are_told_with_their_line() {
        let (all, _) = env("PATH=x\n\nexport SWITCHBOARD_LISTN = x\n");
        let told: Vec<String> = all.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(".env:3: SWITCHBOARD_LISTN "), "{told:?}");
        assert!(told[0].contains("SWITCHBOARD_LISTEN"), "{told:?}");
    }
}

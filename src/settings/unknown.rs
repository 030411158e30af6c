//! Names that look like settings and are none: they have no effect, and somebody thinks otherwise.

use std::fmt;

use super::{NAMES, NOT_YET};

/// So many letters may be wrong: more, and the guess would be one.
const MOST_WRONG: usize = 3;

/// A name that is no setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// Its line in `.env`; none for the environment.
    line: Option<usize>,
    nearest: Option<&'static str>,
}

impl Unknown {
    /// `None` for a setting, and for a name that nobody would take for one.
    pub(super) fn of(name: &str, line: Option<usize>) -> Option<Unknown> {
        if NAMES.contains(&name) || NOT_YET.iter().any(|(known, _)| *known == name) {
            return None;
        }
        let upper = name.to_ascii_uppercase();
        let looks_like = upper.starts_with("SWITCHBOARD_")
            || upper.replace('_', "").starts_with("MICROSOFTAPP")
            || NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
        looks_like.then(|| Unknown { name: name.to_owned(), line, nearest: nearest(name) })
    }

    /// True for a name of the environment, which the company's files may use for secrets.
    pub fn is_of_environment(&self) -> bool {
        self.line.is_none()
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(to, ".env:{line}: ")?;
        }
        write!(to, "{} is no setting and has no effect", self.name)?;
        match self.nearest {
            Some(near) => write!(to, ": did you mean {near}?"),
            None => write!(to, ": deploy/README.md lists all settings"),
        }
    }
}

/// The setting that was meant, if that is plain.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let wrong = |known: &str| strsim::damerau_levenshtein(&known.to_ascii_uppercase(), &upper);
    let near = NAMES.iter().map(|known| (wrong(known), *known)).min()?;
    if near.0 <= MOST_WRONG.min(name.len() / 3) {
        return Some(near.1);
    }
    // SWITCHBOARD_LOG_LEVEL, SWITCHBOARD_STORE_URL.
    let longer = |known: &&&str| {
        upper.strip_prefix(&known.to_ascii_uppercase()).is_some_and(|rest| rest.starts_with('_'))
    };
    NAMES.iter().filter(longer).max_by_key(|known| known.len()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_was_meant() {
        for (name, wanted) in [
            ("SWITCHBOARD_LISTN", Some("SWITCHBOARD_LISTEN")),
            ("SWITCHBOARD_ADMINTOKEN", Some("SWITCHBOARD_ADMIN_TOKEN")),
            ("SWITCHBOARD_LOG_LEVEL", Some("SWITCHBOARD_LOG")),
            ("switchboard_store", Some("SWITCHBOARD_STORE")),
            ("SWITCHBOARD_DATABASE", None),
            ("MicrosoftAppID", Some("MicrosoftAppId")),
            ("MicrosoftAppPasword", Some("MicrosoftAppPassword")),
            ("MICROSOFT_APP_ID", Some("MicrosoftAppId")),
            ("x", None),
        ] {
            assert_eq!(nearest(name), wanted, "{name}");
        }
    }

    #[test]
    fn other_names_are_nobodys_business() {
        for name in ["PATH", "HOME", "SWITCHBOARD_LOG", "MicrosoftAppId", "CLIENT_KEY"] {
            assert_eq!(Unknown::of(name, None), None, "{name}");
        }
        for name in ["client_id", "SWITCHBOARD_DATABASE", "microsoftappid", "MICROSOFT_APP_ID"] {
            assert!(Unknown::of(name, None).is_some(), "{name}");
        }
    }
}

//! `SWITCHBOARD_LOG`: our own lines as finely as anybody wants, those of dependencies at `info` at
//! most, for below that they write down what was sent: headers, statements, words. And
//! `SWITCHBOARD_LOG_FORMAT`: how lines are written.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Our modules, as a filter may name them.
const OURS: [&str; 19] = [
    "app", "calls", "cards", "check", "commands", "company", "dialog", "engine", "faq", "http",
    "main", "measure", "model", "package", "pipeline", "settings", "source", "store", "teams",
];
/// Dependencies that write lines of their own.
const OTHERS: [&str; 13] = [
    "actix_http",
    "actix_server",
    "actix_web",
    "h2",
    "hyper",
    "hyper_util",
    "mio",
    "notify",
    "reqwest",
    "rustls",
    "sqlx",
    "tokio",
    "tracing",
];

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Format {
    pub(super) fn read(given: Option<&String>, mistakes: &mut Vec<String>) -> Format {
        match given.map(|given| given.to_ascii_lowercase()).as_deref() {
            None | Some("text") => Format::Text,
            Some("json") => Format::Json,
            Some(other) => {
                mistakes.push(format!(
                    "SWITCHBOARD_LOG_FORMAT cannot be `{other}`: write text or json"
                ));
                Format::Text
            }
        }
    }
}

/// The filter, as `tracing_subscriber` reads it.
///
/// # Errors
/// When it cannot be read, or asks for lines of a dependency that may not be written.
pub(super) fn filter(text: &str) -> Result<String, String> {
    let mut all = vec!["info".to_owned()];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if let Ok(level) = part.parse::<LevelFilter>() {
            all[0] = level.min(LevelFilter::INFO).to_string();
            all.push(format!("switchboard={level}"));
            continue;
        }
        let (target, level) = part.split_once('=').unwrap_or((part, "trace"));
        let refuse = |why: String| Err(format!("SWITCHBOARD_LOG cannot be `{text}`: {why}"));
        let is_ours = match whose(target) {
            Ok(is_ours) => is_ours,
            Err(why) => return refuse(why),
        };
        let Ok(level) = level.parse::<LevelFilter>() else {
            return refuse(format!("there is no level `{level}`: {LEVELS}"));
        };
        if level > LevelFilter::INFO && !is_ours {
            return refuse(
                "dependencies write down what was sent when they are asked for more than `info`; \
                 write debug or trace for the whole service, or switchboard=debug"
                    .to_owned(),
            );
        }
        all.push(part.to_owned());
    }
    let filter = all.join(",");
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => Err(format!(
            "SWITCHBOARD_LOG cannot be `{text}`: write info, debug, or switchboard=debug: {error}"
        )),
    }
}

const LEVELS: &str = "write off, error, warn, info, debug or trace";

/// Whether a target is one of ours; why not, when it is nobody's.
fn whose(target: &str) -> Result<bool, String> {
    let name = target.split('[').next().unwrap_or_default();
    let mut parts = name.split("::");
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("switchboard", None) => Ok(true),
        ("switchboard", Some(module)) if OURS.contains(&module) => Ok(true),
        ("switchboard", Some(module)) => Err(format!(
            "switchboard has no module `{module}`: write switchboard=debug, or one of: {}",
            OURS.join(", ")
        )),
        (other, _) if OTHERS.contains(&other) => Ok(false),
        (other, _) => Err(format!(
            "`{other}` is no level: {LEVELS}, or switchboard=debug; of dependencies these can be named: {}",
            OTHERS.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_ours_and_dependencies_stay_at_info() {
        for (text, wanted) in [
            ("", "info"),
            ("info", "info,switchboard=info"),
            ("debug", "info,switchboard=debug"),
            ("TRACE", "info,switchboard=trace"),
            ("warn", "warn,switchboard=warn"),
            ("off", "off,switchboard=off"),
            ("switchboard=debug", "info,switchboard=debug"),
            ("switchboard::engine=trace, sqlx=warn", "info,switchboard::engine=trace,sqlx=warn"),
            ("error,switchboard=debug", "error,switchboard=error,switchboard=debug"),
        ] {
            assert_eq!(filter(text).as_deref(), Ok(wanted), "{text}");
        }
        for text in ["hyper=debug", "sqlx=trace", "hyper", "info,h2=5", "switchboardx=debug"] {
            assert!(filter(text).is_err_and(|said| said.contains("switchboard=debug")), "{text}");
        }
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        for (text, part) in [
            ("verbose", "`verbose` is no level: write off, error"),
            ("infoo", "`infoo` is no level"),
            ("verbose=info", "`verbose` is no level"),
            ("switchboard=verbose", "there is no level `verbose`"),
            ("switchboard::engin=debug", "no module `engin`"),
            ("=,=", "is no level"),
        ] {
            let said = filter(text).expect_err(text);
            assert!(said.contains(part), "{text}: {said}");
        }
        assert!(filter("switchboard::engine[turn]=debug").is_ok());
    }

    #[test]
    fn all_names_that_are_known_are_names() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for module in OURS {
            let file = root.join("src").join(module);
            assert!(file.is_dir() || file.with_extension("rs").is_file(), "{module}");
        }
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        for name in OTHERS {
            let dashed = name.replace('_', "-");
            assert!(lock.contains(&format!("name = \"{dashed}\"")), "{name}");
        }
    }
}

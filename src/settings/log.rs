//! `SWITCHBOARD_LOG`: our own lines as finely as anybody wants, those of dependencies at `info` at
//! most, for below that they write down what was sent: headers, statements, words.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

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
        let ours = ["switchboard", "switchboard::", "switchboard["];
        let ours = target == ours[0] || ours[1..].iter().any(|ours| target.starts_with(ours));
        let fine = level.parse::<LevelFilter>().is_ok_and(|level| level > LevelFilter::INFO);
        if fine && !ours {
            return Err(format!(
                "SWITCHBOARD_LOG cannot be `{text}`: dependencies write down what was sent when they are asked for more than `info`; \
                 write debug or trace for the whole service, or switchboard=debug"
            ));
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
}

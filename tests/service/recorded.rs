//! What others rely on, recorded as text in tests/recorded: every route with its answers, every
//! setting, every command with its options. A recording that differs is a promise that was changed:
//! `BLESS=1` rewrites it, and the difference is there to be read before it is committed.

use std::path::Path;

mod options;
mod routes;
mod settings;

/// Compares byte for byte with the recording of that name.
fn compare(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(name);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept == now {
        return;
    }
    let (mut was, mut is) = (kept.lines(), now.lines());
    for line in 1.. {
        let (was, is) = (was.next(), is.next());
        assert_eq!(is, was, "tests/recorded/{name}:{line} (right: as it is recorded)");
        assert!(was.is_some(), "tests/recorded/{name} differs in its line ends");
    }
}

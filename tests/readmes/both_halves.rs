//! `.ci/test` runs both halves, whatever becomes of the first, and fails when one of them did. Its
//! programs are stand-ins here, which write down how they were called.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use super::root;

/// Writes down the call, and fails when `$FAILS` names it.
const STAND_IN: &str = "#!/usr/bin/env bash\necho \"${0##*/} $1\" >> \"$CALLS\"\n[[ \"${0##*/}\" == node ]] && cat > /dev/null\n[[ \"$1\" == metadata ]] && echo '{\"target_directory\": \"/t\"}'\n[[ \" $FAILS \" != *\" ${0##*/}-$1 \"* ]]\n";

/// Runs it with these programs failing: how it ended, what was called, and what it said.
fn run(fails: &str, settings: &[(&str, &str)]) -> (bool, Vec<String>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is ours");
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    };
    write(".ci/test", &fs::read_to_string(root().join(".ci/test")).expect("the folder is ours"));
    write("tests/e2e/package-lock.json", "{}");
    for program in ["cargo", "npm", "node", "chromium"] {
        write(&format!("bin/{program}"), STAND_IN);
    }
    let calls = folder.path().join("calls");
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    let out = Command::new("bash")
        .arg(folder.path().join(".ci/test"))
        .env("PATH", path)
        .env("CALLS", &calls)
        .env("FAILS", fails)
        .env("CHROMIUM", folder.path().join("bin/chromium"))
        .env_remove("SKIP_E2E")
        .envs(settings.iter().copied())
        .output()
        .expect("bash is there");
    let called = read(&calls).lines().map(str::to_owned).collect();
    (out.status.success(), called, String::from_utf8_lossy(&out.stderr).into_owned())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn both_halves_run_and_what_failed_is_said_at_the_end() {
    let has = |called: &[String], call: &str| called.iter().any(|one| one == call);
    // Without nextest (a stand-in that fails is none) cargo's own runner takes its place.
    for (fails, told) in [
        ("", ""),
        ("cargo-nextest cargo-test", "FAILED: the Rust tests\n"),
        ("npm-test", "FAILED: the tests in the real client\n"),
        ("npm-ci", "FAILED: the tests in the real client\n"),
        (
            "cargo-nextest cargo-test npm-test",
            "FAILED: the Rust tests\nFAILED: the tests in the real client\n",
        ),
    ] {
        let (is_success, called, said) = run(fails, &[]);
        let rust = if fails.contains("nextest") { "cargo test" } else { "cargo nextest" };
        assert_eq!((is_success, said.as_str()), (told.is_empty(), told), "{fails}: {called:?}");
        assert!(has(&called, rust) && has(&called, "npm ci"), "{fails}: {called:?}");
        assert_eq!(has(&called, "npm test"), !fails.contains("npm-ci"), "{fails}: {called:?}");
    }
}

#[test]
fn nothing_runs_that_was_not_built_and_the_second_half_can_be_left_out() {
    let (is_success, called, _) = run("cargo-build", &[]);
    assert_eq!((is_success, called), (false, vec!["cargo build".to_owned()]));
    let (is_success, called, _) = run("", &[("SKIP_E2E", "1")]);
    assert!(is_success && !called.iter().any(|call| call.starts_with("npm")), "{called:?}");
    let (is_success, called, _) = run("cargo-nextest cargo-test", &[("SKIP_E2E", "1")]);
    assert!(!is_success && !called.iter().any(|call| call.starts_with("npm")), "{called:?}");
}

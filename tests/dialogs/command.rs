//! `switchboard test` as it is typed: what is played, what is shown, and what `BLESS=1` rewrites.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use super::world;

/// Northwind's front desk and one department.
const FRONT: &str = "id: front\nname: Front\nref: FR\npipelines:\n  main:\n    - id: topic\n      menu:\n        text: What is it about?\n        choices:\n          - { title: Computers, next: to-it }\n          - { title: Nothing, next: bye }\n    - id: to-it\n      transfer: { tenant: it, text: IT helps., reason: You asked for IT }\n    - id: bye\n      end: { text: Goodbye. }\n";
const IT: &str = "id: it\nname: IT\nref: IT\npipelines:\n  main:\n    - id: which\n      ask: { text: Which device?, save_as: device }\n    - id: done\n      end: { text: \"Noted: {{Data.device}}.\" }\n";

/// A company with two dialogs of one department and one of the other.
fn company() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("company.yaml", "company: Northwind\nprimary_tenant: front\ntimezone: Europe/Berlin\n");
    write("tenants/front/tenant.yaml", FRONT);
    write("tenants/it/tenant.yaml", IT);
    write("tenants/front/dialogs/menu.dialog", "> hello\n");
    write("tenants/front/dialogs/leave.dialog", "> hello\n> [Nothing]\n");
    write("tenants/it/dialogs/device.dialog", "> hello\n> [Computers]\n> ThinkPad\n");
    let ran = test(folder.path(), &[], true);
    assert!(ran.is_success, "{}{}", ran.out, ran.err);
    folder
}

struct Ran {
    is_success: bool,
    out: String,
    err: String,
}

fn test(folder: &Path, only: &[&str], bless: bool) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.arg("test").arg(folder).args(only).env_remove("BLESS");
    if bless {
        command.env("BLESS", "1");
    }
    let out = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { is_success: out.status.success(), out: text(out.stdout), err: text(out.stderr) }
}

fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`: {text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn dialogs_are_chosen_by_department_or_file() {
    let folder = company();
    let played = |only: &[&str]| {
        let ran = test(folder.path(), only, false);
        assert!(ran.is_success, "{only:?}: {}{}", ran.out, ran.err);
        let files = ran.out.lines().filter_map(|line| line.strip_prefix("ok      "));
        files.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let front = ["leave.dialog", "menu.dialog"];
    assert_eq!(played(&[]), ["leave.dialog", "menu.dialog", "device.dialog"]);
    assert_eq!(played(&["front"]), front);
    assert_eq!(played(&["tenants/front/"]), front);
    assert_eq!(played(&["menu.dialog"]), ["menu.dialog"]);
    assert_eq!(played(&["menu", "it"]), ["menu.dialog", "device.dialog"]);
    assert_eq!(played(&["tenants/it/dialogs/device.dialog"]), ["device.dialog"]);
    // As a shell completes it.
    let path = folder.path().join("tenants/it/dialogs/device.dialog");
    assert_eq!(played(&[path.to_str().unwrap()]), ["device.dialog"]);

    let ran = test(folder.path(), &["menu", "devise"], false);
    assert!(!ran.is_success && ran.out.is_empty(), "{}", ran.out);
    assert_eq!(
        ran.err,
        "switchboard: no department and no dialog is called `devise` (did you mean `device`?): name a department with dialogs (front, it), or a file in tenants/<id>/dialogs\n"
    );
}

#[test]
fn what_goes_otherwise_is_shown_before_it_is_rewritten() {
    let folder = company();
    let name = folder.path().display().to_string();
    change(folder.path(), "tenants/front/tenant.yaml", "What is it about?", "What can we do?");
    let ran = test(folder.path(), &[], false);
    assert!(!ran.is_success);
    for part in [
        "FAILED  tenants/front/dialogs/menu.dialog\n",
        "\nWhat is written (-), and what the bot says now (+):\n",
        "--- tenants/front/dialogs/leave.dialog\n+++ now\n@@ -2,3 +2,3 @@\n",
        "\n-  What is it about?\n+  What can we do?\n",
        &format!(
            "If that is as it should be, this rewrites 3 lines of 3 dialogs:\n  BLESS=1 switchboard test {name} tenants/front/dialogs/leave.dialog tenants/front/dialogs/menu.dialog tenants/it/dialogs/device.dialog\n0 passed, 3 failed\n"
        ),
    ] {
        assert!(ran.out.contains(part), "`{part}` is missing:\n{}", ran.out);
    }

    // What is named is rewritten, and nothing else.
    let before =
        fs::read_to_string(folder.path().join("tenants/front/dialogs/leave.dialog")).unwrap();
    let ran = test(folder.path(), &["menu", "device"], true);
    assert!(ran.is_success, "{}", ran.out);
    assert_eq!(
        ran.out,
        "ok      tenants/front/dialogs/menu.dialog (rewritten)\nok      tenants/it/dialogs/device.dialog (rewritten)\n2 passed, 0 failed\n"
    );
    let after =
        fs::read_to_string(folder.path().join("tenants/front/dialogs/leave.dialog")).unwrap();
    assert_eq!(before, after);
    let ran = test(folder.path(), &[], false);
    assert!(
        ran.out.contains(&format!(
            "this rewrites 1 line of 1 dialog:\n  BLESS=1 switchboard test {name} tenants/front/dialogs/leave.dialog\n2 passed, 1 failed\n"
        )),
        "{}",
        ran.out
    );
}

#[test]
fn what_no_bless_mends_is_not_offered_to_be_rewritten() {
    let folder = company();
    let path = folder.path().join("tenants/it/dialogs/device.dialog");
    let text = fs::read_to_string(&path).unwrap() + "? Data.device = MacBook\n";
    fs::write(&path, &text).unwrap();
    for bless in [false, true] {
        let ran = test(folder.path(), &["it"], bless);
        assert!(!ran.is_success && !ran.out.contains("BLESS"), "{}", ran.out);
        assert!(ran.out.contains("Data.device is `ThinkPad`, not `MacBook`"), "{}", ran.out);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_row_of_buttons_stays_open_when_the_dialog_is_rewritten() {
    let folder = company();
    let dialog = folder.path().join("tenants/front/dialogs/menu.dialog");
    change(
        folder.path(),
        "tenants/front/dialogs/menu.dialog",
        "[Computers] [Nothing]",
        "[Computers] […]",
    );
    change(
        folder.path(),
        "tenants/front/tenant.yaml",
        "          - { title: Nothing, next: bye }",
        "          - { title: Nothing, next: bye }\n          - { title: Travel, next: bye }",
    );
    let ran = test(folder.path(), &["menu"], false);
    assert!(ran.is_success, "{}", ran.out);
    change(folder.path(), "tenants/front/tenant.yaml", "What is it about?", "What can we do?");
    assert!(test(folder.path(), &["menu"], true).is_success);
    let text = fs::read_to_string(&dialog).unwrap();
    assert!(text.contains("  What can we do?\n  [Computers] […]\n"), "{text}");
    // Where it holds no more, the whole row is written.
    change(folder.path(), "tenants/front/tenant.yaml", "Computers", "Machines");
    assert!(test(folder.path(), &["menu"], true).is_success);
    let text = fs::read_to_string(&dialog).unwrap();
    assert!(text.contains("  [Machines] [Nothing] [Travel]\n"), "{text}");
}

#[test]
fn the_built_in_sample_is_played_and_cannot_be_rewritten() {
    let out =
        Command::new(env!("CARGO_BIN_EXE_switchboard")).arg("test").env("BLESS", "1").output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    let count =
        world("deploy/contoso").files.keys().filter(|path| path.ends_with(".dialog")).count();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.ends_with(&format!("\n{count} passed, 0 failed\n")), "{text}");
}

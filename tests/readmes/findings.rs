//! `findings/`: every script has its row and its form, and is no part of CI.

use std::fs;

use super::{first_cells, known, names, read, root};

#[test]
fn every_finding_has_its_row_and_its_form() {
    let page = "findings/README.md";
    let mut scripts = Vec::new();
    for entry in fs::read_dir(root().join("findings")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "README.md" {
            scripts.push(name);
        }
    }
    let there: Vec<&str> = scripts.iter().map(String::as_str).collect();
    super::assert_names(page, "findings", names(&first_cells(page, "script")), known(&there));
    for script in scripts {
        let text = read(format!("findings/{script}"));
        for part in [
            "\n# Package: ",
            "\n# Guess:   ",
            "\n# Does:    ",
            "$(mktemp -d)",
            "\ndiff - is.txt <<",
        ] {
            assert!(text.contains(part), "findings/{script} has no `{}`", part.trim());
        }
        let package = text.lines().find_map(|line| line.strip_prefix("# Package: ")).unwrap();
        let version = package.split_whitespace().nth(1).unwrap();
        // Once where it is stated, and once where it is fetched.
        assert!(text.matches(version).count() > 1, "findings/{script} does not pin {version}");
        let ours = ["cargo build", "target/debug", "CARGO_MANIFEST_DIR", "/../"];
        assert!(!ours.iter().any(|part| text.contains(part)), "findings/{script} needs ours");
    }
    for judge in [".ci/run", ".ci/test"] {
        assert!(!read(judge).contains("findings"), "{judge} must not fail for others' packages");
    }
}

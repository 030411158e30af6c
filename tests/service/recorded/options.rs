//! Every command of the program, with its arguments and options.

use std::{
    fmt::Write as _,
    process::{Command, Stdio},
};

/// What `--help` of a command says, at a fixed width.
fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(command)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands below one, as its help lists them.
fn below(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_and_option_is_as_recorded() {
    let mut all = String::new();
    let mut left = vec![Vec::new()];
    while let Some(command) = left.pop() {
        let help = help(&command);
        let line = [&["switchboard".to_owned()], &command[..], &["--help".to_owned()]].concat();
        writeln!(all, "$ {}\n{help}", line.join(" ")).unwrap();
        let inner = below(&help).into_iter().rev();
        left.extend(inner.map(|name| [&command[..], &[name]].concat()));
    }
    super::compare("options.txt", &all);
}

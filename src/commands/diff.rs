//! A diff on the terminal.

use std::io::IsTerminal;

/// Prints a unified diff, with colours where somebody looks at it.
pub(super) fn print(unified: &str) {
    if !std::io::stdout().is_terminal() {
        print!("{unified}");
        return;
    }
    for line in unified.lines() {
        let colour = match line.chars().next() {
            Some('-') => "\u{1b}[31m",
            Some('+') => "\u{1b}[32m",
            _ => "",
        };
        println!("{colour}{line}{}", if colour.is_empty() { "" } else { "\u{1b}[0m" });
    }
}

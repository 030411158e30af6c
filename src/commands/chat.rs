//! `switchboard chat`: a guest who talks to the company in the terminal.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use switchboard::{app, dialog::Player};

use super::company;

/// Plays what is typed, line by line.
pub(crate) fn chat(dir: Option<&Path>, name: &str) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let (company, cards) = company::ready(&files)?;
    let clock = app::system_clock();
    let mut player = Player::new(Arc::new(company), Arc::new(cards), name, clock());
    println!(
        "Type to talk; [Title] clicks a button; [Send] Label=value; Label=value fills in a form. Ctrl-D ends.\n"
    );
    show(&player.install());
    let mut lines: Box<dyn Iterator<Item = String>> = if io::stdin().is_terminal() {
        let mut editor = rustyline::DefaultEditor::new()?;
        Box::new(std::iter::from_fn(move || {
            let line = editor.readline("> ").ok()?;
            let _ = editor.add_history_entry(&line);
            Some(line)
        }))
    } else {
        Box::new(io::stdin().lock().lines().map_while(Result::ok).collect::<Vec<_>>().into_iter())
    };
    for line in lines.by_ref() {
        show(&player.set_now(clock()));
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(rest) = line.strip_prefix("@agent ") {
            match player.desk_line(rest) {
                Ok(messages) => show(&messages),
                Err(message) => println!("({message})"),
            }
            show(&player.without_network());
            continue;
        }
        match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((title, inputs)) => {
                let inputs: Vec<(String, String)> = inputs
                    .split(';')
                    .filter_map(|part| part.split_once('='))
                    .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                    .collect();
                match player.click(title, &inputs, false) {
                    Ok(messages) => show(&messages),
                    Err(message) => println!("({message})"),
                }
            }
            None => show(&player.say(line)),
        }
        show(&player.without_network());
    }
    Ok(ExitCode::SUCCESS)
}

fn show(messages: &[String]) {
    for message in messages {
        println!("{message}\n");
    }
    let _ = io::stdout().flush();
}

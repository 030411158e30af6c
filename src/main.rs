//! The command line: which command, with which arguments.

mod commands;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use commands::{
    admin::{self, AdminCommand},
    chat, check,
    desk::{self, DeskCommand},
    faq::{self, FaqCommand},
    folder::Folder,
    healthcheck,
    links::{self, LinksCommand},
    manifest::{self, ManifestArgs},
    replay,
    run::{self, RunArgs},
    schema::{self, Which},
    store::{self, StoreCommand},
    test,
    webhook::{self, WebhookCommand},
};

/// One Microsoft Teams app for every department of a company.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the bot (the default).
    Run(RunArgs),
    /// Checks company files, cards and dialogs; prints every mistake.
    Check {
        #[command(flatten)]
        folder: Folder,
    },
    /// Talks to the company in the terminal: no Teams, no network.
    Chat {
        /// The company's folder; without it the built-in sample.
        #[arg(long)]
        company: Option<PathBuf>,
        /// Who you are.
        #[arg(long = "as", default_value = "Adele Vance")]
        name: String,
    },
    /// Plays the .dialog files, and prints what goes otherwise; BLESS=1 rewrites what it played.
    Test {
        /// The company's folder; without it the built-in sample.
        dir: Option<PathBuf>,
        /// Plays these alone: a department's dialogs by its id, one by its file.
        #[arg(value_name = "TENANT|FILE")]
        only: Vec<String>,
        /// The folder, as other commands take it: then all that stands without a name is TENANT|FILE.
        #[arg(long, value_name = "DIR")]
        company: Option<PathBuf>,
    },
    /// Plays the employee's side of a recorded chat against the company's files, and prints what the
    /// bot said then and would say now as a unified diff. Exits with 0 when it is the same, 1 when it
    /// differs, 2 when it cannot be told.
    Replay {
        /// The session, by its id or its reference, such as IT-4821: the chat until its end.
        session: String,
        /// The company's folder; without it the built-in sample.
        #[arg(long, value_name = "DIR")]
        company: Option<PathBuf>,
        /// sqlite:PATH [default: SWITCHBOARD_STORE, or sqlite:switchboard.db].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
    /// Builds the Teams app package that an IT admin uploads.
    Manifest(Box<ManifestArgs>),
    /// Prints what may stand in a company's files as JSON Schema (draft 2020-12), for editors.
    Schema {
        /// Which file; without it all three, by name.
        file: Option<Which>,
    },
    /// Asks the running service whether it is alive: exits with 0 when it is, with 1 when not.
    Healthcheck {
        /// Where it listens [default: SWITCHBOARD_LISTEN, or 127.0.0.1:3978].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// What belongs to the admin API.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// What belongs to the desks at which agents work.
    #[command(subcommand)]
    Desk(DeskCommand),
    /// Links to files that go between employees and desks.
    #[command(subcommand)]
    Links(LinksCommand),
    /// What belongs to the departments' FAQs.
    #[command(subcommand)]
    Faq(FaqCommand),
    /// What belongs to the events for other systems.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Looks after the database: looks through it, copies it, puts a copy back.
    #[command(subcommand)]
    Store(StoreCommand),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command.unwrap_or(Command::Run(cli.run)) {
        Command::Run(args) => run::run(args),
        Command::Check { folder } => check::check(folder.named()),
        Command::Chat { company, name } => chat::chat(company.as_deref(), &name),
        Command::Test { dir, only, company: Some(folder) } => {
            let first = dir.map(|path| path.to_string_lossy().into_owned());
            let only: Vec<String> = first.into_iter().chain(only).collect();
            test::test(Some(&folder), &only)
        }
        Command::Test { dir, only, company: None } => test::test(dir.as_deref(), &only),
        Command::Replay { session, company, store } => {
            return replay::replay(&session, company.as_deref(), store);
        }
        Command::Manifest(args) => manifest::manifest(*args),
        Command::Schema { file } => schema::schema(file),
        Command::Healthcheck { listen } => healthcheck::healthcheck(listen),
        Command::Admin(command) => admin::admin(command),
        Command::Desk(command) => desk::desk(command),
        Command::Links(command) => links::links(command),
        Command::Faq(command) => faq::faq(command),
        Command::Webhook(command) => webhook::webhook(command),
        Command::Store(command) => store::store(command),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("switchboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

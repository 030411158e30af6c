//! The command line.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret as _;
use switchboard::{
    app::{self, App},
    check,
    company::{labelled, report},
    dialog::{self, Player},
    faq::Library,
    measure::{self, Measured},
    package,
    settings::{self, Settings},
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
        /// The company's folder; without it the built-in sample.
        dir: Option<PathBuf>,
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
    /// Plays the .dialog files; BLESS=1 rewrites them as it went.
    Test {
        /// The company's folder; without it the built-in sample.
        dir: Option<PathBuf>,
    },
    /// Builds the Teams app package that an IT admin uploads.
    Manifest(Box<ManifestArgs>),
    /// What belongs to the desks at which agents work.
    #[command(subcommand)]
    Desk(DeskCommand),
    /// What belongs to the departments' FAQs.
    #[command(subcommand)]
    Faq(FaqCommand),
}

#[derive(Subcommand)]
enum FaqCommand {
    /// Measures the search on labelled queries: how often the right article comes first, and how
    /// often there is an answer where none is right.
    Eval {
        /// The folder whose *.yaml list queries: { tenant, query, locale, article }, with `article:
        /// none` where nothing answers.
        dir: PathBuf,
        /// The company's folder; without it the built-in sample.
        #[arg(long, value_name = "DIR")]
        company: Option<PathBuf>,
        /// Lists every query whose right article did not come first.
        #[arg(long)]
        misses: bool,
    },
}

#[derive(Subcommand)]
enum DeskCommand {
    /// Asks the running bot for a code that makes a channel the desk of a department: good once,
    /// for ten minutes.
    Code {
        /// The department's id, such as it.
        tenant: String,
        /// Where the bot listens [default: SWITCHBOARD_LISTEN].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
}

#[derive(Args, Default)]
struct RunArgs {
    /// The company's folder; without it the built-in sample, Contoso.
    #[arg(long, value_name = "DIR")]
    company: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:3978].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// memory: or sqlite:PATH [default: sqlite:switchboard.db].
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

#[derive(Args)]
struct ManifestArgs {
    /// The zip file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The bot's app id, a GUID [default: MicrosoftAppId].
    #[arg(long)]
    app_id: Option<String>,
    /// The host under which the bot is reached, without https:// [default: the host of
    /// SWITCHBOARD_PUBLIC_URL].
    #[arg(long)]
    domain: Option<String>,
    /// The company's name [default: from company.yaml].
    #[arg(long)]
    company: Option<String>,
    /// The app's name in Teams, at most 30 characters.
    #[arg(long)]
    name: Option<String>,
    /// The app's full name, at most 100 characters.
    #[arg(long)]
    full_name: Option<String>,
    /// Who publishes it, at most 32 characters [default: the company].
    #[arg(long)]
    developer: Option<String>,
    /// The package's version, x.y.z: raise it for every upload.
    #[arg(long)]
    app_version: Option<String>,
    /// https address of the publisher.
    #[arg(long)]
    website: Option<String>,
    /// https address of the privacy statement.
    #[arg(long)]
    privacy: Option<String>,
    /// https address of the terms of use.
    #[arg(long)]
    terms: Option<String>,
    /// #RRGGBB.
    #[arg(long)]
    accent_color: Option<String>,
    /// A PNG of 192×192.
    #[arg(long, value_name = "FILE")]
    color_icon: Option<PathBuf>,
    /// A transparent PNG of 32×32.
    #[arg(long, value_name = "FILE")]
    outline_icon: Option<PathBuf>,
    /// The Teams app's own id [default: the bot's app id].
    #[arg(long)]
    teams_app_id: Option<String>,
    /// Leaves out the permission to read channel messages: people must mention the bot in a desk's
    /// channel.
    #[arg(long)]
    no_channel_read: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command.unwrap_or(Command::Run(cli.run)) {
        Command::Run(args) => run(args),
        Command::Check { dir } => check_files(dir.as_deref()),
        Command::Chat { company, name } => chat(company.as_deref(), &name),
        Command::Test { dir } => test(dir.as_deref()),
        Command::Manifest(args) => package(*args),
        Command::Desk(DeskCommand::Code { tenant, listen }) => desk_code(&tenant, listen),
        Command::Faq(FaqCommand::Eval { dir, company, misses }) => {
            faq_eval(&dir, company.as_deref(), misses)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("switchboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let mut values = settings::collect(Path::new("."), std::env::vars())?;
    for (name, flag) in [
        ("SWITCHBOARD_LISTEN", args.listen),
        ("SWITCHBOARD_STORE", args.store),
        ("SWITCHBOARD_COMPANY", args.company.map(|dir| dir.display().to_string())),
    ] {
        if let Some(flag) = flag {
            values.insert(name.to_owned(), flag);
        }
    }
    let settings = Settings::read(&values)?;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log).with_context(|| {
        format!(
            "SWITCHBOARD_LOG cannot be `{}`: write info, debug, or switchboard=debug",
            settings.log
        )
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::build(&settings, app::system_clock()).await?;
        let address = app.address()?;
        let company = app.engine().live().company.playbook.company.clone();
        tracing::info!(%address, %company, store = %settings.store.split(':').next().unwrap_or_default(), "listening on http://{address}/api/messages");
        app.run_until(stopped()).await
    })?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Prints the code and what to do with it.
fn desk_code(tenant: &str, listen: Option<String>) -> anyhow::Result<ExitCode> {
    let mut values = settings::collect(Path::new("."), std::env::vars())?;
    if let Some(listen) = listen {
        values.insert("SWITCHBOARD_LISTEN".to_owned(), listen);
    }
    let settings = Settings::read(&values)?;
    switchboard::teams::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, answer) = runtime.block_on(async {
        let mut url = url::Url::parse(&format!("http://{}/", settings.listen))?;
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("{} is no address", settings.listen))?
            .extend(["api", "v1", "desks", tenant, "code"]);
        let mut request = reqwest::Client::builder().no_proxy().build()?.post(url);
        if let Some(token) = &settings.admin_token {
            request = request.bearer_auth(token.expose_secret());
        }
        let response = request.send().await.with_context(|| {
            format!(
                "the bot does not answer at {}: is it running? name its address with --listen",
                settings.listen
            )
        })?;
        let status = response.status();
        anyhow::Ok((status, response.json::<serde_json::Value>().await.unwrap_or_default()))
    })?;
    if !status.is_success() {
        let detail =
            answer.get("detail").and_then(serde_json::Value::as_str).unwrap_or("see the bot's log");
        bail!("no code for `{tenant}`: {detail}");
    }
    let field = |name: &str| {
        answer.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    println!("{}", field("code"));
    println!("In the channel, write: @Switchboard {}", field("command"));
    println!("Good once, until {}.", field("validUntilUtc"));
    Ok(ExitCode::SUCCESS)
}

/// Resolves at Ctrl-C or SIGTERM.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminate =
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(signal) => signal,
                Err(error) => {
                    tracing::error!(%error, "SIGTERM cannot be listened to");
                    let _ = interrupt.await;
                    return;
                }
            };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

fn check_files(dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let checked = check::check(&files);
    print!("{}", report::draw(&checked.problems, &files, io::stdout().is_terminal()));
    match checked.ready {
        Some((company, _)) => {
            let tenants = company.playbook.tenants.len();
            let dialogs = files.keys().filter(|path| path.ends_with(".dialog")).count();
            println!(
                "{}: {tenants} tenants and {dialogs} dialogs are in order",
                company.playbook.company
            );
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(ExitCode::FAILURE),
    }
}

fn chat(dir: Option<&Path>, name: &str) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let checked = check::check(&files);
    let Some((company, cards)) = checked.ready else {
        bail!(
            "the company's files have mistakes:\n\n{}",
            report::draw(&checked.problems, &files, false)
        );
    };
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

fn test(dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = app::files(dir)?;
    let checked = check::check(&files);
    let Some((company, cards)) = checked.ready else {
        bail!(
            "the company's files have mistakes:\n\n{}",
            report::draw(&checked.problems, &files, false)
        );
    };
    let stage = dialog::World {
        company: Arc::new(company),
        cards: Arc::new(cards),
        files: files.clone(),
        check: check::ready,
    };
    let bless = std::env::var_os("BLESS").is_some_and(|value| value != "0") && dir.is_some();
    let (mut passed, mut failed) = (0, 0);
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".dialog")) {
        let played = dialog::play(&stage, path, text);
        let rewritten = bless && played.actual != *text;
        if rewritten && let Some(dir) = dir {
            std::fs::write(dir.join(path), &played.actual)
                .with_context(|| format!("{path} cannot be written"))?;
        }
        let failures: Vec<_> = if rewritten {
            dialog::play(&stage, path, &played.actual).failures
        } else {
            played.failures
        };
        if failures.is_empty() {
            passed += 1;
            println!("ok      {path}{}", if rewritten { " (rewritten)" } else { "" });
        } else {
            failed += 1;
            println!("FAILED  {path}");
            failures
                .iter()
                .for_each(|failure| println!("  {}: {}", failure.place, failure.message));
        }
    }
    if passed + failed == 0 {
        println!("there are no dialogs: add tenants/<id>/dialogs/*.dialog");
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn faq_eval(dir: &Path, company: Option<&Path>, misses: bool) -> anyhow::Result<ExitCode> {
    let files = app::files(company)?;
    let checked = check::check(&files);
    let Some((company, _)) = checked.ready else {
        bail!(
            "the company's files have mistakes:\n\n{}",
            report::draw(&checked.problems, &files, false)
        );
    };
    let queries = switchboard::company::read_folder(dir)
        .with_context(|| format!("{} cannot be read", dir.display()))?;
    let (read, problems) = labelled::labelled(&queries, &company);
    if !problems.is_empty() {
        print!("{}", report::draw(&problems, &queries, io::stdout().is_terminal()));
        return Ok(ExitCode::FAILURE);
    }
    if read.iter().all(|(_, queries)| queries.is_empty()) {
        bail!(
            "there are no queries in {}: add *.yaml with a list of {{ tenant, query, article }}",
            dir.display()
        );
    }
    let library = Library::build(company.faqs());
    let measured: Vec<_> =
        read.into_iter().map(|(name, queries)| (name, Measured::of(&library, &queries))).collect();
    print!("{}", measure::table(&measured));
    if misses {
        println!();
        measured
            .iter()
            .flat_map(|(_, measured)| &measured.misses)
            .for_each(|miss| println!("{miss}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn package(args: ManifestArgs) -> anyhow::Result<ExitCode> {
    let values = settings::collect(Path::new("."), std::env::vars())?;
    let value = |names: &[&str]| names.iter().find_map(|name| values.get(*name)).cloned();
    let Some(app_id) = args.app_id.or_else(|| value(&["MicrosoftAppId", "CLIENT_ID"])) else {
        bail!("the package needs the bot's app id: give --app-id, or set MicrosoftAppId");
    };
    let public = value(&["SWITCHBOARD_PUBLIC_URL"])
        .and_then(|url| Some(url.split_once("://")?.1.split(['/', ':']).next()?.to_owned()));
    let Some(domain) = args.domain.or(public) else {
        bail!(
            "the package needs the host under which the bot is reached: give --domain bot.contoso.com, or set SWITCHBOARD_PUBLIC_URL"
        );
    };
    let company = match args.company {
        Some(company) => company,
        None => {
            let files = app::files(value(&["SWITCHBOARD_COMPANY"]).map(PathBuf::from).as_deref())?;
            match check::check(&files).ready {
                Some((company, _)) => company.playbook.company,
                None => bail!(
                    "the company's files have mistakes: run `switchboard check`, or give --company NAME"
                ),
            }
        }
    };
    let mut options = package::Options::new(app_id, domain, company);
    if let Some(name) = args.name {
        options.name = name;
    }
    if let Some(version) = args.app_version {
        options.version = version;
    }
    if let Some(color) = args.accent_color {
        options.accent_color = color;
    }
    options.full_name = args.full_name;
    options.developer = args.developer;
    options.website_url = args.website;
    options.privacy_url = args.privacy;
    options.terms_url = args.terms;
    options.teams_app_id = args.teams_app_id;
    options.channel_read = !args.no_channel_read;
    let icon = |path: Option<PathBuf>| {
        path.map(|path| {
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        })
        .transpose()
    };
    options.color_icon = icon(args.color_icon)?;
    options.outline_icon = icon(args.outline_icon)?;
    match package::build(&options) {
        Ok(zip) => {
            std::fs::write(&args.out, zip)
                .with_context(|| format!("{} cannot be written", args.out.display()))?;
            println!("{} is ready: Teams admin center → Manage apps → Upload", args.out.display());
            Ok(ExitCode::SUCCESS)
        }
        Err(reasons) => {
            eprintln!("Teams would refuse this package:");
            reasons.iter().for_each(|reason| eprintln!("  {reason}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

//! `switchboard run`: serves the bot until it is told to stop.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use secrecy::ExposeSecret as _;
use switchboard::{
    app::{self, App},
    settings::{self, Collected, Format, Settings, Unknown},
    store,
};

#[derive(Args, Default)]
pub(crate) struct RunArgs {
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

pub(crate) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let Collected { mut values, unknown } = settings::gather(Path::new("."), std::env::vars())?;
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
    log(&settings)?;
    let served = serve(&settings, &unknown);
    match served {
        // Whoever reads lines of JSON reads this as well.
        Err(error) if settings.log_format == Format::Json => {
            tracing::error!("{error:#}");
            Ok(ExitCode::FAILURE)
        }
        served => served,
    }
}

/// Where lines of the log go, and how they are written.
fn log(settings: &Settings) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.log_format {
        Format::Json => lines.json().flatten_event(true).with_span_list(false).init(),
        Format::Text => lines.with_ansi(io::stderr().is_terminal()).init(),
    }
    Ok(())
}

fn serve(settings: &Settings, unknown: &[Unknown]) -> anyhow::Result<ExitCode> {
    for note in &settings.notes {
        tracing::warn!("{note}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::build(settings, app::system_clock()).await?;
        warn_of(unknown, settings)?;
        // Shown to who started it, and to no file: a log is read by others.
        if let Some(token) = app.fleeting_token() {
            if io::stderr().is_terminal() {
                eprintln!("The admin API's token, for this run alone: {}", token.expose_secret());
            } else {
                tracing::info!("nothing is kept, so that the admin API's token is for this run alone; set SWITCHBOARD_ADMIN_TOKEN to know it");
            }
        }
        started(&app, settings)?;
        app.run_until(stopped()).await
    })?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Names that look like settings and are none. The company's files may name variables of the
/// environment for secrets of other systems.
fn warn_of(unknown: &[Unknown], settings: &Settings) -> anyhow::Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let files = app::files(settings.company.as_deref())?;
    let is_used = |name: &str| files.values().any(|text| text.contains(name));
    for one in unknown.iter().filter(|one| !(one.is_of_environment() && is_used(&one.name))) {
        tracing::warn!("{one}");
    }
    Ok(())
}

/// The line with which a run begins: what runs here, and what to do next.
fn started(app: &App, settings: &Settings) -> anyhow::Result<()> {
    let address = app.address()?;
    let engine = app.engine();
    let running = engine.running();
    let directory = &running.company.directory;
    let departments: Vec<&str> = directory.tenants.keys().map(|id| id.as_str()).collect();
    let next = match (&settings.app, &settings.public_url) {
        (None, _) => format!(
            "talk to it: point the Microsoft 365 Agents Playground or the Emulator at http://{address}/api/messages, or run `switchboard chat`"
        ),
        (Some(_), Some(url)) => format!(
            "talk to it: set the messaging endpoint of the Azure Bot to {}/api/messages, and write to the bot in Teams",
            url.trim_end_matches('/')
        ),
        (Some(_), None) => format!(
            "talk to it: lead an https address to http://{address}, set the messaging endpoint of the Azure Bot to it with /api/messages behind, and write to the bot in Teams"
        ),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        %address,
        company = %directory.company,
        departments = departments.join(","),
        store = %app::shown(&settings.store),
        schema = store::schema(),
        app = settings.app.as_ref().map(|app| app.id.as_str()),
        tenant = settings.app.as_ref().and_then(|app| app.tenant.as_deref()),
        "listening; {next}"
    );
    Ok(())
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

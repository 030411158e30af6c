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
    settings::{self, Settings},
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
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::build(&settings, app::system_clock()).await?;
        let address = app.address()?;
        let company = app.engine().running().company.directory.company.clone();
        // Shown to who started it, and to no file: a log is read by others.
        if let Some(token) = app.fleeting_token() {
            if io::stderr().is_terminal() {
                eprintln!("The admin API's token, for this run alone: {}", token.expose_secret());
            } else {
                tracing::info!("nothing is kept, so that the admin API's token is for this run alone; set SWITCHBOARD_ADMIN_TOKEN to know it");
            }
        }
        tracing::info!(%address, %company, store = %settings.store.split(':').next().unwrap_or_default(), "listening on http://{address}/api/messages");
        app.run_until(stopped()).await
    })?;
    tracing::info!("stopped");
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

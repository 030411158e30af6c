//! `switchboard desk`: what belongs to the desks at which agents work.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use secrecy::ExposeSecret as _;
use switchboard::settings::{self, Settings, admin_token};

#[derive(Subcommand)]
pub(crate) enum DeskCommand {
    /// Asks the running bot for a code that makes a channel the desk of a department: good once,
    /// for ten minutes.
    Code {
        /// The department's id, such as it.
        tenant: String,
        /// Where the bot listens [default: SWITCHBOARD_LISTEN].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// The store of the bot, beside which its admin token lies [default: SWITCHBOARD_STORE].
        #[arg(long, value_name = "URL")]
        store: Option<String>,
    },
}

/// Runs one of them.
pub(crate) fn desk(command: DeskCommand) -> anyhow::Result<ExitCode> {
    match command {
        DeskCommand::Code { tenant, listen, store } => code(&tenant, listen, store),
    }
}

/// Prints the code and what to do with it.
fn code(tenant: &str, listen: Option<String>, store: Option<String>) -> anyhow::Result<ExitCode> {
    let mut values = settings::collect(Path::new("."), std::env::vars())?;
    for (name, flag) in [("SWITCHBOARD_LISTEN", listen), ("SWITCHBOARD_STORE", store)] {
        if let Some(flag) = flag {
            values.insert(name.to_owned(), flag);
        }
    }
    let settings = Settings::read(&values)?;
    let token = admin_token::find(settings.admin_token.as_ref(), &settings.store)
        .map_err(|why| anyhow!(why))?;
    switchboard::teams::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, answer) = runtime.block_on(async {
        let mut url = url::Url::parse(&format!("http://{}/", settings.listen))?;
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} is no address", settings.listen))?
            .extend(["api", "v1", "desks", tenant, "code"]);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let request = client.post(url).bearer_auth(token.expose_secret());
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

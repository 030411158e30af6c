//! What a command asks of the running bot, over its admin API.

use std::path::Path;

use anyhow::{Context, anyhow};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use switchboard::settings::{self, Client, Values, admin_token};

/// What the bot answered.
pub(crate) struct Answer {
    is_success: bool,
    body: Value,
}

impl Answer {
    /// A field of it; empty when there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Why it was not done; none when it was.
    pub(crate) fn refused(&self) -> Option<&str> {
        let detail = self.body.get("detail").and_then(Value::as_str);
        (!self.is_success).then(|| detail.unwrap_or("see the bot's log"))
    }
}

/// Which bot is asked: where it listens, and the store beside which its admin token lies; both as
/// the settings say unless a flag says otherwise.
#[derive(Args)]
pub(crate) struct Bot {
    /// Where the bot listens [default: SWITCHBOARD_LISTEN].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The store of the bot, beside which its admin token lies [default: SWITCHBOARD_STORE].
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

impl Bot {
    /// The one beside whose store something lies.
    pub(crate) fn with_store(store: Option<String>) -> Self {
        Bot { listen: None, store }
    }

    /// Where it is, and the token of its admin API.
    pub(crate) fn found(self) -> anyhow::Result<(Client, SecretString)> {
        let mut values = values();
        for (name, flag) in [("SWITCHBOARD_LISTEN", self.listen), ("SWITCHBOARD_STORE", self.store)]
        {
            if let Some(flag) = flag {
                values.insert(name.to_owned(), flag);
            }
        }
        let client = Client::read(&values)?;
        let token = admin_token::find(client.admin_token.as_ref(), &client.store)
            .map_err(|why| anyhow!(why))?;
        Ok((client, token))
    }
}

/// The settings that a command finds. What cannot be read is said, and stops nothing: it may be none
/// of the command's business.
pub(super) fn values() -> Values {
    let (values, mistakes) = settings::collect_for_client(Path::new("."), std::env::vars());
    mistakes.iter().for_each(|mistake| eprintln!("switchboard: passed over: {mistake}"));
    values
}

/// Asks the bot, with its admin token.
pub(crate) fn order(bot: Bot, path: &[&str], body: Option<&Value>) -> anyhow::Result<Answer> {
    let (client, token) = bot.found()?;
    switchboard::teams::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut url = url::Url::parse(&format!("http://{}/", client.listen))?;
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} is no address", client.listen))?
            .extend(path);
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut request = http.post(url).bearer_auth(token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.with_context(|| {
            format!(
                "the bot does not answer at {}: is it running? name its address with --listen",
                client.listen
            )
        })?;
        let is_success = response.status().is_success();
        Ok(Answer { is_success, body: response.json().await.unwrap_or_default() })
    })
}

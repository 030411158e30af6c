//! What a command asks of the running bot, over its admin API.

use std::path::Path;

use anyhow::Context;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use switchboard::settings::{self, Settings};

/// What the bot answered.
pub(crate) struct Answer {
    is_success: bool,
    body: Value,
}

impl Answer {
    /// Why it was not done; none when it was.
    pub(crate) fn refused(&self) -> Option<&str> {
        let detail = self.body.get("detail").and_then(Value::as_str);
        (!self.is_success).then(|| detail.unwrap_or("see the bot's log"))
    }
}

/// Asks the bot that listens there, or where the settings say, with their admin token.
pub(crate) fn order(
    listen: Option<String>,
    path: &[&str],
    body: Option<&Value>,
) -> anyhow::Result<Answer> {
    let mut values = settings::collect(Path::new("."), std::env::vars())?;
    if let Some(listen) = listen {
        values.insert("SWITCHBOARD_LISTEN".to_owned(), listen);
    }
    let settings = Settings::read(&values)?;
    switchboard::teams::install_crypto();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut url = url::Url::parse(&format!("http://{}/", settings.listen))?;
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("{} is no address", settings.listen))?
            .extend(path);
        let mut request = reqwest::Client::builder().no_proxy().build()?.post(url);
        if let Some(token) = &settings.admin_token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.with_context(|| {
            format!(
                "the bot does not answer at {}: is it running? name its address with --listen",
                settings.listen
            )
        })?;
        let is_success = response.status().is_success();
        Ok(Answer { is_success, body: response.json().await.unwrap_or_default() })
    })
}

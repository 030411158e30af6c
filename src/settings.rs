//! Floor 2: settings, typed, from the environment, a `.env` and a `switchboard.toml`. The names of
//! the Bot Framework SDKs are kept.

use std::{net::SocketAddr, path::PathBuf};

use secrecy::SecretString;

pub use self::{
    client::{Client, collect_for_client},
    delivery::Patience,
    identity::AppIdentity,
    listen::address_of,
    log::Format,
    room::FileRoom,
    sources::{Collected, collect, gather},
    unknown::Unknown,
    values::Values,
};

pub mod admin_token;
mod client;
mod delivery;
mod identity;
mod listen;
mod log;
mod room;
mod secret_file;
mod sources;
mod unknown;
mod values;

/// Every setting: its name, and whether its value is a secret, or leads to one.
const TABLE: [(&str, bool); 29] = [
    ("MicrosoftAppId", false),
    ("MicrosoftAppPassword", true),
    ("MicrosoftAppType", false),
    ("MicrosoftAppTenantId", false),
    ("CLIENT_ID", false),
    ("CLIENT_SECRET", true),
    ("TENANT_ID", false),
    ("MicrosoftAppPassword_FILE", true),
    ("CLIENT_SECRET_FILE", true),
    ("SWITCHBOARD_ADMIN_TOKEN_FILE", true),
    ("ChannelService", false),
    ("ToBotFromChannelOpenIdMetadataUrl", false),
    ("ToBotFromChannelTokenIssuer", false),
    ("ToBotFromEmulatorOpenIdMetadataUrl", false),
    ("ToChannelFromBotLoginUrl", false),
    ("ToChannelFromBotOAuthScope", false),
    ("SWITCHBOARD_COMPANY", false),
    ("SWITCHBOARD_LISTEN", false),
    ("SWITCHBOARD_STORE", true),
    ("SWITCHBOARD_PUBLIC_URL", false),
    ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", false),
    ("SWITCHBOARD_CHANNELS", false),
    ("SWITCHBOARD_ADMIN_TOKEN", true),
    ("SWITCHBOARD_ALLOW_ANONYMOUS", false),
    ("SWITCHBOARD_DELIVERY_HOURS", false),
    ("SWITCHBOARD_FILES_MB", false),
    ("SWITCHBOARD_FILES_PER_DAY_MB", false),
    ("SWITCHBOARD_LOG", false),
    ("SWITCHBOARD_LOG_FORMAT", false),
];

/// Where everything is kept when nobody says.
pub const DEFAULT_STORE: &str = "sqlite:switchboard.db";

/// Every name that is understood.
pub const NAMES: &[&str] = &names();

const fn names() -> [&'static str; TABLE.len()] {
    let mut names = [""; TABLE.len()];
    let mut index = 0;
    while index < TABLE.len() {
        names[index] = TABLE[index].0;
        index += 1;
    }
    names
}

/// True for the name of a setting whose value nobody else may have, in any case of letters: Windows
/// does not tell them apart. A store's address may hold a password.
pub fn is_secret(name: &str) -> bool {
    let is = |own: &str| own.eq_ignore_ascii_case(name);
    TABLE.iter().any(|(own, secret)| *secret && is(own)) || NOT_YET.iter().any(|(own, _)| is(own))
}

/// Names that stand for something that this build cannot do: said at start, rather than found out
/// later.
const NOT_YET: &[(&str, &str)] = &[
    ("MicrosoftAppCertificate", "use MicrosoftAppPassword (a client secret)"),
    ("MicrosoftAppCertificateKey", "use MicrosoftAppPassword (a client secret)"),
];

/// What the service needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot's identity; none accepts unauthenticated activities.
    pub app: Option<AppIdentity>,
    /// The cloud by `ChannelService`; empty is the public one.
    pub channel_service: String,
    /// Single endpoints that differ from the cloud's.
    pub endpoints: Endpoints,
    /// The company's folder; none runs the built-in sample.
    pub company: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// `memory:`, `sqlite:PATH`.
    pub store: String,
    /// The https address under which the world sees it.
    pub public_url: Option<String>,
    /// Further connector hosts.
    pub service_hosts: Vec<String>,
    /// Channels besides `msteams` that may write when there is an app id, such as `webchat`.
    /// `emulator` stands for the tokens of local clients as well.
    pub channels: Vec<String>,
    /// The bearer token of the admin API; none is looked for beside the store (see
    /// [`admin_token`]).
    pub admin_token: Option<SecretString>,
    /// Listening beyond loopback without an app id was asked for.
    pub allow_anonymous: bool,
    /// How many bytes of files may be carried.
    pub files: FileRoom,
    /// How letters are delivered when that is not easy.
    pub delivery: Patience,
    /// The log filter, such as `info` or `info,switchboard=debug`.
    pub log: String,
    /// How lines of the log are written.
    pub log_format: Format,
    /// What is assumed, and what is set to no effect: to be said at the start.
    pub notes: Vec<String>,
}

/// Endpoints that override the cloud's.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// OpenID metadata of channel tokens.
    pub channel_metadata: Option<String>,
    /// Issuer of channel tokens.
    pub channel_issuer: Option<String>,
    /// OpenID metadata of Emulator and Playground tokens.
    pub emulator_metadata: Option<String>,
    /// The authority with the tenant, at which tokens are asked for.
    pub login: Option<String>,
    /// The scope of tokens.
    pub scope: Option<String>,
}

/// Settings that cannot be used: one sentence per mistake, each with its remedy.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Mistakes(pub Vec<String>);

impl Settings {
    /// Reads the values; all mistakes at once.
    pub fn read(values: &Values) -> Result<Settings, Mistakes> {
        let mut mistakes = Vec::new();
        let get = |name: &str| values.get(name).cloned();
        for (name, instead) in NOT_YET {
            if values.contains_key(*name) {
                mistakes.push(format!("{name} is not supported by this version: {instead}"));
            }
        }
        let mut notes = Vec::new();
        let app = identity::read(values, &mut mistakes, &mut notes);
        let allow_anonymous = truth(values, "SWITCHBOARD_ALLOW_ANONYMOUS", &mut mistakes);
        notes.extend(idle(values, app.is_some()));
        let address = address(values, app.is_some() || allow_anonymous, &mut mistakes);
        let endpoints = Endpoints {
            channel_metadata: url(values, "ToBotFromChannelOpenIdMetadataUrl", &mut mistakes),
            channel_issuer: get("ToBotFromChannelTokenIssuer"),
            emulator_metadata: url(values, "ToBotFromEmulatorOpenIdMetadataUrl", &mut mistakes),
            login: url(values, "ToChannelFromBotLoginUrl", &mut mistakes),
            scope: get("ToChannelFromBotOAuthScope"),
        };
        let public_url = public_url(values, &mut mistakes);
        let admin_token = get("SWITCHBOARD_ADMIN_TOKEN");
        mistakes.extend(admin_token.as_deref().and_then(admin_token::mistake));
        let log = log::filter(values.get("SWITCHBOARD_LOG").map_or("info", String::as_str));
        let log = log.map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let log_format = Format::read(values.get("SWITCHBOARD_LOG_FORMAT"), &mut mistakes);
        let delivery = delivery::read(values.get("SWITCHBOARD_DELIVERY_HOURS"), &mut mistakes);
        let files = FileRoom::read(values, &mut mistakes);
        match (mistakes.is_empty(), address) {
            (true, Some(listen)) => Ok(Settings {
                app,
                channel_service: get("ChannelService").unwrap_or_default(),
                endpoints,
                company: get("SWITCHBOARD_COMPANY").map(PathBuf::from),
                listen,
                store: get("SWITCHBOARD_STORE").unwrap_or_else(|| DEFAULT_STORE.to_owned()),
                public_url,
                service_hosts: list(values, "SWITCHBOARD_ALLOWED_SERVICE_HOSTS"),
                channels: list(values, "SWITCHBOARD_CHANNELS")
                    .into_iter()
                    .map(|channel| channel.to_ascii_lowercase())
                    .collect(),
                admin_token: admin_token.map(SecretString::from),
                allow_anonymous,
                files,
                delivery,
                log,
                log_format,
                notes,
            }),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

/// Yes or no; no without it.
fn truth(values: &Values, name: &str, mistakes: &mut Vec<String>) -> bool {
    match values.get(name).map(|value| value.to_ascii_lowercase()).as_deref() {
        None | Some("0" | "false") => false,
        Some("1" | "true") => true,
        Some(other) => {
            mistakes.push(format!("{name} cannot be `{other}`: write 1 or 0"));
            false
        }
    }
}

/// What is set and has no effect: with an app id nobody is anonymous, without one every channel may
/// write.
fn idle(values: &Values, has_app: bool) -> Option<String> {
    let (name, why) = if has_app {
        ("SWITCHBOARD_ALLOW_ANONYMOUS", "with MicrosoftAppId nobody is let in without a token")
    } else {
        ("SWITCHBOARD_CHANNELS", "without MicrosoftAppId every channel may write")
    };
    values.contains_key(name).then(|| format!("{name} has no effect: {why}"))
}

/// The address that is listened on.
fn listened(values: &Values, mistakes: &mut Vec<String>) -> Option<SocketAddr> {
    let listen = values.get("SWITCHBOARD_LISTEN").map(String::as_str);
    address_of(listen).map_err(|mistake| mistakes.push(mistake)).ok()
}

/// Where to listen. Beyond loopback only when whoever writes is known, or need not be.
fn address(values: &Values, may_be_seen: bool, mistakes: &mut Vec<String>) -> Option<SocketAddr> {
    let address = listened(values, mistakes);
    if let Some(address) = address
        && !may_be_seen
        && mistakes.is_empty()
        && !address.ip().is_loopback()
    {
        mistakes.push(format!(
            "without MicrosoftAppId anyone could write to {address}: set MicrosoftAppId and MicrosoftAppPassword, or listen on 127.0.0.1, \
             or set SWITCHBOARD_ALLOW_ANONYMOUS=1 if you know that nobody else can reach it"
        ));
    }
    address
}

/// What stands between commas.
fn list(values: &Values, name: &str) -> Vec<String> {
    let text = values.get(name).map(String::as_str).unwrap_or_default();
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn url(values: &Values, name: &str, mistakes: &mut Vec<String>) -> Option<String> {
    let value = values.get(name)?;
    if reqwest::Url::parse(value).is_err() {
        mistakes
            .push(format!("{name} cannot be `{value}`: write a whole address, such as https://…"));
    }
    Some(value.clone())
}

fn public_url(values: &Values, mistakes: &mut Vec<String>) -> Option<String> {
    let given = url(values, "SWITCHBOARD_PUBLIC_URL", mistakes)?;
    if reqwest::Url::parse(&given).is_ok_and(|url| !is_public(&url)) {
        mistakes.push(format!(
            "SWITCHBOARD_PUBLIC_URL cannot be `{given}`: write the https address under which people reach the bot, without `?` and `#`, \
             such as https://bot.contoso.com"
        ));
    }
    Some(given)
}

/// True for an address that can begin links: https, or http on this machine, and nothing behind the
/// path.
fn is_public(url: &reqwest::Url) -> bool {
    let local =
        url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && local);
    is_safe
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests;

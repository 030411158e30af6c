//! Floor 2: settings, typed, from the environment, a `.env` and a `switchboard.toml`. The names of
//! the Bot Framework SDKs are kept.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use secrecy::SecretString;

pub use self::{delivery::Patience, listen::address_of, room::FileRoom};
use crate::source::did_you_mean;

pub mod admin_token;
mod delivery;
mod listen;
mod log;
mod room;
mod secret_file;

/// Every setting: its name, and whether its value is a secret, or leads to one.
const TABLE: [(&str, bool); 28] = [
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
}

/// The bot's identity.
#[derive(Debug, Clone)]
pub struct AppIdentity {
    /// The app id, a GUID.
    pub id: String,
    /// The client secret.
    pub secret: SecretString,
    /// True for `SingleTenant`: tokens come from the own tenant.
    pub single_tenant: bool,
    /// The Microsoft 365 tenant.
    pub tenant: Option<String>,
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

/// Values by name; later sources win over earlier ones.
pub type Values = BTreeMap<String, String>;

/// Collects `switchboard.toml`, then `.env`, then the environment. Blocking: called once, at start.
pub fn collect(
    folder: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Values, Mistakes> {
    let mut values = Values::new();
    let mut mistakes = Vec::new();
    let file = folder.join("switchboard.toml");
    if let Ok(text) = std::fs::read_to_string(&file) {
        read_toml(&text, &mut values, &mut mistakes);
    }
    let file = folder.join(".env");
    if file.is_file() {
        match dotenvy::from_path_iter(&file) {
            Ok(pairs) => {
                for pair in pairs {
                    match pair {
                        Ok((name, value)) => keep(&mut values, name, value),
                        Err(_) => mistakes.push(".env: a line cannot be read: write NAME=value, with quotes around blanks".to_owned()),
                    }
                }
            }
            Err(_) => mistakes.push(".env cannot be opened: check its permissions".to_owned()),
        }
    }
    let mut credentials = None;
    for (name, value) in environment {
        if name == "CREDENTIALS_DIRECTORY" {
            credentials = Some(PathBuf::from(&value));
        }
        keep(&mut values, name, value);
    }
    secret_file::read(&mut values, credentials.as_deref(), &mut mistakes);
    if mistakes.is_empty() { Ok(values) } else { Err(Mistakes(mistakes)) }
}

fn keep(values: &mut Values, name: String, value: String) {
    // A blank token is a mistake and not the same as none: somebody meant to set one.
    let counts = !value.trim().is_empty() || name == "SWITCHBOARD_ADMIN_TOKEN";
    if counts && (NAMES.contains(&name.as_str()) || NOT_YET.iter().any(|(known, _)| *known == name))
    {
        values.insert(name, value.trim().to_owned());
    }
}

fn read_toml(text: &str, values: &mut Values, mistakes: &mut Vec<String>) {
    let table: BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>> =
        match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                mistakes.push(format!("switchboard.toml: {error}"));
                return;
            }
        };
    for (name, value) in table {
        let line = text[..name.span().start.min(text.len())].matches('\n').count() + 1;
        let (name, value) = (name.into_inner(), value.into_inner());
        if !NAMES.contains(&name.as_str()) {
            let hint = did_you_mean(&name, NAMES.iter().copied());
            mistakes.push(format!(
                "switchboard.toml:{line}: there is no setting `{name}`{hint}: remove it, or use one of: {}",
                NAMES.join(", ")
            ));
            continue;
        }
        match value {
            toml::Value::String(text) => keep(values, name, text),
            toml::Value::Boolean(truth) => {
                keep(values, name, if truth { "1" } else { "0" }.to_owned())
            }
            toml::Value::Integer(number) => keep(values, name, number.to_string()),
            _ => mistakes.push(format!(
                "switchboard.toml:{line}: `{name}` must be text: put quotes around it"
            )),
        }
    }
}

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
        let app = identity(values, &mut mistakes);
        let allow_anonymous = get("SWITCHBOARD_ALLOW_ANONYMOUS")
            .is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
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
            }),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

/// The bot's identity, from either family of names.
fn identity(values: &Values, mistakes: &mut Vec<String>) -> Option<AppIdentity> {
    let get = |names: [&str; 2]| names.iter().find_map(|name| values.get(*name)).cloned();
    let id = get(["MicrosoftAppId", "CLIENT_ID"]);
    let secret = get(["MicrosoftAppPassword", "CLIENT_SECRET"]);
    let tenant = get(["MicrosoftAppTenantId", "TENANT_ID"]);
    let single_tenant = match values.get("MicrosoftAppType").map(String::as_str) {
        None => tenant.is_some(),
        Some(kind) if kind.eq_ignore_ascii_case("SingleTenant") => true,
        Some(kind) if kind.eq_ignore_ascii_case("MultiTenant") => false,
        Some(kind) if kind.eq_ignore_ascii_case("UserAssignedMSI") => {
            mistakes.push(
                "MicrosoftAppType UserAssignedMSI is not supported by this version: use SingleTenant with MicrosoftAppPassword"
                    .to_owned(),
            );
            false
        }
        Some(kind) => {
            mistakes.push(format!(
                "MicrosoftAppType cannot be `{kind}`: write SingleTenant or MultiTenant"
            ));
            false
        }
    };
    match (id, secret) {
        (None, None) => None,
        (None, Some(_)) => {
            mistakes.push(
                "MicrosoftAppPassword is set without MicrosoftAppId: set both or none".to_owned(),
            );
            None
        }
        (Some(_), None) => {
            mistakes.push("MicrosoftAppId is set without MicrosoftAppPassword: set the client secret, or neither for local use".to_owned());
            None
        }
        (Some(id), Some(secret)) => {
            if single_tenant && tenant.is_none() {
                mistakes.push(
                    "MicrosoftAppType SingleTenant needs MicrosoftAppTenantId: set it to your Microsoft 365 tenant's id".to_owned(),
                );
            }
            Some(AppIdentity { id, secret: secret.into(), single_tenant, tenant })
        }
    }
}

/// Where to listen. Beyond loopback only when whoever writes is known, or need not be.
fn address(values: &Values, may_be_seen: bool, mistakes: &mut Vec<String>) -> Option<SocketAddr> {
    let listen = values.get("SWITCHBOARD_LISTEN").map(String::as_str);
    let address = address_of(listen).map_err(|mistake| mistakes.push(mistake)).ok();
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

//! Every setting: what it is when nothing is set, what it becomes, and what is said of a value that
//! cannot be.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use secrecy::ExposeSecret as _;
use switchboard::settings::{self, AppIdentity, Endpoints, NAMES, Settings};

/// An app, for settings that want one.
const APP: [(&str, &str); 2] = [("MicrosoftAppId", ID), ("MicrosoftAppPassword", "hush")];
const ID: &str = "11111111-1111-1111-1111-111111111111";
const TENANT: &str = "22222222-2222-2222-2222-222222222222";

/// What is set, in the environment.
const CASES: &[&[(&str, &str)]] = &[
    &[("MicrosoftAppId", ID)],
    &[("MicrosoftAppPassword", "hush")],
    &APP,
    &[("CLIENT_ID", ID), ("CLIENT_SECRET", "hush")],
    &[("CLIENT_ID", ID)],
    &[("CLIENT_SECRET", "hush")],
    &[("MicrosoftAppId", ID), ("CLIENT_SECRET", "hush")],
    &[APP[0], APP[1], ("CLIENT_ID", "other"), ("CLIENT_SECRET", "other")],
    &[APP[0], APP[1], ("MicrosoftAppTenantId", TENANT)],
    &[APP[0], APP[1], ("TENANT_ID", TENANT)],
    &[APP[0], APP[1], ("MicrosoftAppTenantId", TENANT), ("TENANT_ID", "other")],
    &[("MicrosoftAppTenantId", TENANT)],
    // Secrets in files: what stands in one is tried where they are read.
    &[APP[0], ("MicrosoftAppPassword_FILE", "nowhere/app-password")],
    &[APP[0], APP[1], ("MicrosoftAppPassword_FILE", "nowhere/app-password")],
    &[("CLIENT_SECRET_FILE", "nowhere/app-password")],
    &[("SWITCHBOARD_ADMIN_TOKEN_FILE", "nowhere/admin-token")],
    &[APP[0], APP[1], ("MicrosoftAppType", "SingleTenant")],
    &[APP[0], APP[1], ("MicrosoftAppType", "singletenant"), ("TENANT_ID", TENANT)],
    &[APP[0], APP[1], ("MicrosoftAppType", "MULTITENANT"), ("TENANT_ID", TENANT)],
    &[("MicrosoftAppId", "Help bot"), APP[1]],
    &[("CLIENT_ID", "https://contoso.com/bot"), ("CLIENT_SECRET", "hush")],
    &[APP[0], APP[1], ("MicrosoftAppTenantId", "contoso.onmicrosoft.com")],
    &[
        APP[0],
        APP[1],
        ("TENANT_ID", "contoso.us"),
        ("ChannelService", "https://botframework.azure.us"),
    ],
    &[APP[0], APP[1], ("MicrosoftAppTenantId", "common")],
    &[("MicrosoftAppType", "UserAssignedMSI")],
    &[("MicrosoftAppType", "Both")],
    &[("ChannelService", "https://botframework.azure.us")],
    &[("ToBotFromChannelOpenIdMetadataUrl", "https://login.example/openid")],
    &[("ToBotFromChannelOpenIdMetadataUrl", "login.example")],
    &[("ToBotFromChannelTokenIssuer", "https://issuer.example")],
    &[("ToBotFromEmulatorOpenIdMetadataUrl", "https://login.example/openid")],
    &[("ToBotFromEmulatorOpenIdMetadataUrl", "login.example")],
    &[("ToChannelFromBotLoginUrl", "https://login.example/tenant")],
    &[("ToChannelFromBotLoginUrl", "login.example")],
    &[("ToChannelFromBotOAuthScope", "https://api.example/.default")],
    &[("SWITCHBOARD_COMPANY", "somewhere/contoso")],
    &[("SWITCHBOARD_LISTEN", "127.0.0.1:80")],
    &[("SWITCHBOARD_LISTEN", "[::1]:80")],
    &[("SWITCHBOARD_LISTEN", "127.0.0.1")],
    &[("SWITCHBOARD_LISTEN", "0.0.0.0:80")],
    &[APP[0], APP[1], ("SWITCHBOARD_LISTEN", "0.0.0.0:80")],
    &[("SWITCHBOARD_LISTEN", "0.0.0.0:80"), ("SWITCHBOARD_ALLOW_ANONYMOUS", "1")],
    &[("SWITCHBOARD_LISTEN", "0.0.0.0:80"), ("SWITCHBOARD_ALLOW_ANONYMOUS", "True")],
    &[("SWITCHBOARD_LISTEN", "0.0.0.0:80"), ("SWITCHBOARD_ALLOW_ANONYMOUS", "yes")],
    &[("SWITCHBOARD_STORE", "memory:")],
    &[("SWITCHBOARD_DELIVERY_HOURS", "1")],
    &[("SWITCHBOARD_DELIVERY_HOURS", "0")],
    &[("SWITCHBOARD_DELIVERY_HOURS", "three days")],
    &[("SWITCHBOARD_PUBLIC_URL", "https://bot.contoso.com/switchboard/")],
    &[("SWITCHBOARD_PUBLIC_URL", "http://localhost:3978")],
    &[("SWITCHBOARD_PUBLIC_URL", "bot.contoso.com")],
    &[("SWITCHBOARD_PUBLIC_URL", "http://bot.contoso.com")],
    &[("SWITCHBOARD_PUBLIC_URL", "https://bot.contoso.com/?x=1")],
    &[("SWITCHBOARD_PUBLIC_URL", "https://bot.contoso.com/#x")],
    &[("SWITCHBOARD_PUBLIC_URL", "https://me:secret@bot.contoso.com")],
    &[("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", "smba.example, ,127.0.0.1:80 ,")],
    &[("SWITCHBOARD_CHANNELS", "WebChat, directline ,,emulator")],
    &[("SWITCHBOARD_ADMIN_TOKEN", "0123456789abcdef")],
    &[("SWITCHBOARD_ADMIN_TOKEN", "0123456789abcde")],
    &[("SWITCHBOARD_ADMIN_TOKEN", "  ")],
    &[("SWITCHBOARD_ADMIN_TOKEN", "with blanks in between")],
    &[("SWITCHBOARD_ALLOW_ANONYMOUS", "0")],
    &[APP[0], APP[1], ("SWITCHBOARD_ALLOW_ANONYMOUS", "1")],
    &[("SWITCHBOARD_LOG_FORMAT", "JSON")],
    &[("SWITCHBOARD_LOG_FORMAT", "xml")],
    &[("SWITCHBOARD_LOG", "verbose")],
    &[("SWITCHBOARD_LOG", "switchboard=loud")],
    &[("SWITCHBOARD_LOG", "switchboard::engin=debug")],
    &[("SWITCHBOARD_LOG", "debug")],
    &[("SWITCHBOARD_LOG", "warn")],
    &[("SWITCHBOARD_LOG", "switchboard=debug")],
    &[("SWITCHBOARD_LOG", "sqlx=debug")],
    &[("SWITCHBOARD_LOG", "   ")],
    &[("SWITCHBOARD_STORE", "  memory:  ")],
    &[("SWITCHBOARD_FILES_MB", "10000"), ("SWITCHBOARD_FILES_PER_DAY_MB", "0")],
    &[("SWITCHBOARD_FILES_MB", "5 GB"), ("SWITCHBOARD_FILES_PER_DAY_MB", "-1")],
    &[("SWITCHBOARD_FILES_MB", "99999999999999999999")],
    &[("MicrosoftAppCertificate", "a.pem")],
    &[("MicrosoftAppCertificateKey", "a.key")],
    &[("SWITCHBOARD_UNKNOWN", "x")],
    // All mistakes at once.
    &[
        ("MicrosoftAppCertificate", "a.pem"),
        ("MicrosoftAppType", "Both"),
        ("MicrosoftAppId", ID),
        ("SWITCHBOARD_LISTEN", "nowhere"),
        ("ToChannelFromBotLoginUrl", "x"),
        ("SWITCHBOARD_PUBLIC_URL", "y"),
    ],
];

/// Variables of the environment: name and value.
type Environment = &'static [(&'static str, &'static str)];

/// What is written in switchboard.toml, in .env and in the environment.
const FILES: &[(&str, &str, Environment)] = &[
    ("SWITCHBOARD_STORE = \"memory:\"", "", &[]),
    ("", "SWITCHBOARD_STORE=memory:", &[]),
    ("", "# a remark\nexport SWITCHBOARD_STORE='memory:' # another", &[]),
    ("SWITCHBOARD_STORE = \"sqlite:a\"", "SWITCHBOARD_STORE=sqlite:b", &[]),
    (
        "SWITCHBOARD_STORE = \"sqlite:a\"",
        "SWITCHBOARD_STORE=sqlite:b",
        &[("SWITCHBOARD_STORE", "sqlite:c")],
    ),
    ("SWITCHBOARD_STORE = \"sqlite:a\"", "SWITCHBOARD_STORE=", &[("SWITCHBOARD_STORE", " ")]),
    ("SWITCHBOARD_ALLOW_ANONYMOUS = true\nSWITCHBOARD_ADMIN_TOKEN = 4711471147114711", "", &[]),
    ("SWITCHBOARD_ALLOW_ANONYMOUS = false", "", &[]),
    ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS = [\"a\", \"b\"]", "", &[]),
    ("SWITCHBOARD_STORE = \"memory:\"\n\nSWITCHBOARD_LISTN = \"x\"", "", &[]),
    ("whatever = 1", "", &[]),
    ("MicrosoftAppCertificate = \"a.pem\"", "", &[]),
    ("SWITCHBOARD_STORE = memory", "", &[]),
    ("", "SWITCHBOARD_STORE=a b", &[]),
    ("", "OTHER=x", &[]),
    ("", "# a remark\n\nSWITCHBOARD_STORE", &[]),
    ("", "SWITCHBOARD_LOG=debug\nSWITCHBOARD_STORE='memory:\n", &[]),
    ("", "SWITCHBOARD_STORE: memory:\nSWITCHBOARD_LISTEN=127.0.0.1 80", &[]),
    ("MicrosoftAppPassword = hush", "", &[]),
];

/// What is found out only when the program starts.
const STARTS: &[&[(&str, &str)]] = &[
    &[("SWITCHBOARD_LOG", "=,=")],
    &[("SWITCHBOARD_STORE", "postgres://localhost/x")],
    &[("SWITCHBOARD_STORE", "memory:x")],
    &[("SWITCHBOARD_STORE", "memory:"), ("SWITCHBOARD_COMPANY", "nowhere")],
    &[("SWITCHBOARD_STORE", "memory:"), ("ChannelService", "https://elsewhere.example")],
    &[("SWITCHBOARD_LISTEN", "nowhere"), ("MicrosoftAppId", ID)],
    &[APP[0], APP[1], ("SWITCHBOARD_STORE", "memory:")],
];

/// What the program says when it does not start.
fn not_started(environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("run")
        .current_dir(folder.path())
        .env_clear()
        .env("SWITCHBOARD_LISTEN", "127.0.0.1:0")
        // Lines of the log have the time.
        .env("SWITCHBOARD_LOG", "error")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success() && output.stdout.is_empty(), "{environment:?}: {output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    said.lines().fold(String::new(), |all, line| all + "    $ " + line + "\n")
}

/// What each field holds; secrets as well, for none is one here.
fn shown(settings: Settings) -> Vec<String> {
    let Settings {
        app,
        channel_service,
        endpoints,
        company,
        listen,
        store,
        public_url,
        service_hosts,
        channels,
        admin_token,
        allow_anonymous,
        delivery,
        files,
        log,
        log_format,
        notes,
    } = settings;
    let app = app.map(|AppIdentity { id, secret, single_tenant, tenant }| {
        format!("{id:?} {:?} single_tenant={single_tenant} {tenant:?}", secret.expose_secret())
    });
    let Endpoints { channel_metadata, channel_issuer, emulator_metadata, login, scope } = endpoints;
    vec![
        format!("app = {}", app.unwrap_or_else(|| "None".to_owned())),
        format!("channel_service = {channel_service:?}"),
        format!("channel_metadata = {channel_metadata:?}"),
        format!("channel_issuer = {channel_issuer:?}"),
        format!("emulator_metadata = {emulator_metadata:?}"),
        format!("login = {login:?}"),
        format!("scope = {scope:?}"),
        format!("company = {company:?}"),
        format!("listen = {listen}"),
        format!("store = {store:?}"),
        format!("public_url = {public_url:?}"),
        format!("service_hosts = {service_hosts:?}"),
        format!("channels = {channels:?}"),
        format!("admin_token = {:?}", admin_token.as_ref().map(|token| token.expose_secret())),
        format!("allow_anonymous = {allow_anonymous}"),
        format!("delivery = {:?}, haste {}", delivery.most, delivery.haste),
        format!("files = {files:?}"),
        format!("log = {log:?}"),
        format!("log_format = {log_format:?}"),
    ]
    .into_iter()
    .chain(notes.into_iter().map(|note| format!("note: {note}")))
    .collect()
}

/// What a folder and an environment come to: each field, or each mistake.
fn read(folder: &Path, environment: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
    let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings::collect(folder, pairs)
        .and_then(|values| Settings::read(&values))
        .map(shown)
        .map_err(|mistakes| mistakes.0)
}

#[test]
fn every_setting_is_as_recorded() {
    let mut all = "every name, in the order in which they are told\n".to_owned();
    NAMES.iter().for_each(|name| writeln!(all, "    {name}").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let defaults = read(folder.path(), &[]).unwrap();
    all.push_str("\nnothing is set\n");
    defaults.iter().for_each(|line| writeln!(all, "    {line}").unwrap());
    all.push('\n');
    let mut tell = |environment: &[(&str, &str)]| {
        for (name, value) in environment {
            writeln!(all, "{name}={value:?}").unwrap();
        }
        match read(folder.path(), environment) {
            Ok(fields) => {
                let mut differs = fields.iter().filter(|field| !defaults.contains(field));
                let first = differs.next();
                writeln!(all, "    {}", first.map_or("as without", String::as_str)).unwrap();
                differs.for_each(|field| writeln!(all, "    {field}").unwrap());
            }
            Err(mistakes) => mistakes.iter().for_each(|mistake| {
                writeln!(all, "    ! {}", mistake.trim_end().replace('\n', "\n      ")).unwrap();
            }),
        }
        std::mem::take(&mut all)
    };
    let mut parts = Vec::new();
    for case in CASES {
        parts.push(tell(case));
    }
    for (toml, env, environment) in FILES {
        let mut head = String::new();
        for (name, text) in [("switchboard.toml", toml), (".env", env)] {
            let file = folder.path().join(name);
            if text.is_empty() {
                std::fs::remove_file(file).ok();
            } else {
                std::fs::write(file, text).unwrap();
                text.lines().for_each(|line| writeln!(head, "{name}: {line}").unwrap());
            }
        }
        parts.push(head + &tell(environment));
    }
    for case in STARTS {
        let mut start = String::new();
        case.iter().for_each(|(name, value)| writeln!(start, "{name}={value:?}").unwrap());
        parts.push(start + &not_started(case));
    }
    super::compare("settings.txt", &parts.join("\n"));
    // A setting that is added is recorded as well.
    let unset: Vec<&&str> = NAMES
        .iter()
        .filter(|name| !CASES.iter().any(|case| case.iter().any(|(set, _)| set == *name)))
        .collect();
    assert!(unset.is_empty(), "add cases to CASES for {unset:?}");
}

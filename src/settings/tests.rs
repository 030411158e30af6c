use super::{
    sources::{keep, read_toml},
    *,
};

const APP: &str = "11111111-1111-1111-1111-111111111111";
const TENANT: &str = "22222222-2222-2222-2222-222222222222";

fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
    let mut values = Values::new();
    pairs
        .iter()
        .for_each(|(name, value)| keep(&mut values, (*name).to_owned(), (*value).to_owned()));
    Settings::read(&values).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn nothing_set_is_a_local_bot() {
    let settings = read(&[]).expect("the defaults work");
    assert!(settings.app.is_none());
    assert_eq!(settings.listen.to_string(), "127.0.0.1:3978");
    assert_eq!(settings.store, "sqlite:switchboard.db");
}

#[test]
fn the_public_address_is_https_or_this_machine() {
    for good in [
        "https://bot.contoso.com",
        "https://bot.contoso.com/switchboard/",
        "http://127.0.0.1:3978",
        "http://localhost:3978",
    ] {
        assert_eq!(
            read(&[("SWITCHBOARD_PUBLIC_URL", good)]).expect(good).public_url.as_deref(),
            Some(good)
        );
    }
}

#[test]
fn both_families_of_names_work_and_secrets_do_not_print() {
    let settings = read(&[
        ("CLIENT_ID", APP),
        ("CLIENT_SECRET", "hush"),
        ("TENANT_ID", TENANT),
        ("SWITCHBOARD_LISTEN", "0.0.0.0:80"),
    ])
    .expect("works");
    assert!(settings.app.as_ref().is_some_and(|app| app.single_tenant));
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn channels_are_a_list() {
    assert!(read(&[]).expect("works").channels.is_empty());
    let settings = read(&[("SWITCHBOARD_CHANNELS", "webchat, DirectLine ,,emulator")]);
    assert_eq!(settings.expect("works").channels, ["webchat", "directline", "emulator"]);
}

#[test]
fn what_does_not_print_is_a_secret() {
    let value_of = |name: &str| match name {
        "SWITCHBOARD_LISTEN" => "127.0.0.1:1".to_owned(),
        "SWITCHBOARD_LOG" => "switchboard[SWITCHBOARD_LOG]=info".to_owned(),
        "SWITCHBOARD_LOG_FORMAT" => "json".to_owned(),
        "SWITCHBOARD_ALLOW_ANONYMOUS" => "1".to_owned(),
        "MicrosoftAppId" | "CLIENT_ID" => APP.to_owned(),
        "MicrosoftAppTenantId" | "TENANT_ID" => TENANT.to_owned(),
        "MicrosoftAppType" => "SingleTenant".to_owned(),
        "SWITCHBOARD_CHANNELS" => "value-of-switchboard_channels".to_owned(),
        "SWITCHBOARD_DELIVERY_HOURS" => "7".to_owned(),
        size if size.ends_with("_MB") => "7".to_owned(),
        url if url.starts_with("To") || url.ends_with("URL") => {
            format!("https://{}.contoso.com", url.to_lowercase())
        }
        other => format!("value-of-{other}"),
    };
    let values: Values = NAMES.iter().map(|name| ((*name).to_owned(), value_of(name))).collect();
    for (name, value) in &values {
        // Alone of its family, so that no other name of the same setting goes first.
        let other = |other: &str| match name.as_str() {
            "CLIENT_ID" => other == "MicrosoftAppId",
            "CLIENT_SECRET" => other == "MicrosoftAppPassword",
            "TENANT_ID" => other == "MicrosoftAppTenantId",
            _ => false,
        };
        let mut all = values.clone();
        all.retain(|name, _| !other(name));
        let printed = format!("{:?}", Settings::read(&all).expect("all can be read"));
        let is_text = value.contains(&name.to_lowercase()) || value.contains(name.as_str());
        if is_text && !printed.contains(value.as_str()) && name != "SWITCHBOARD_ALLOW_ANONYMOUS" {
            assert!(is_secret(name), "{name} is kept from the log, so no file may send it");
        }
    }
    assert!(is_secret("microsoftapppassword") && is_secret("MicrosoftAppCertificate"));
    assert!(!is_secret("SWITCHBOARD_HOOK_SECRET") && !is_secret("MicrosoftAppId"));
}

#[test]
fn mistakes_say_what_to_do() {
    for (pairs, part) in [
        (vec![("SWITCHBOARD_LISTEN", "0.0.0.0:80")], "SWITCHBOARD_ALLOW_ANONYMOUS"),
        (vec![("MicrosoftAppId", "x")], "MicrosoftAppPassword"),
        (vec![("MicrosoftAppPassword", "x")], "MicrosoftAppId"),
        (vec![("SWITCHBOARD_LISTEN", "nowhere")], "host and port"),
        (vec![("MicrosoftAppType", "Foo")], "SingleTenant"),
        (vec![("MicrosoftAppId", "bot"), ("MicrosoftAppPassword", "x")], "Application (client) ID"),
        (
            vec![("CLIENT_ID", APP), ("CLIENT_SECRET", "x"), ("TENANT_ID", "contoso.com")],
            "TENANT_ID cannot be `contoso.com`: that is a domain name",
        ),
        (vec![("SWITCHBOARD_ALLOW_ANONYMOUS", "yes")], "write 1 or 0"),
        (vec![("SWITCHBOARD_LOG", "verbose")], "is no level"),
        (vec![("SWITCHBOARD_LOG_FORMAT", "xml")], "text or json"),
        (vec![("SWITCHBOARD_DELIVERY_HOURS", "721")], "1 to 720"),
        (vec![("SWITCHBOARD_DELIVERY_HOURS", "-1")], "1 to 720"),
        (vec![("MicrosoftAppCertificate", "a.pem")], "not supported"),
        (vec![("ToChannelFromBotLoginUrl", "nonsense")], "whole address"),
        (vec![("SWITCHBOARD_ADMIN_TOKEN", "short")], "fewer than 16"),
        (vec![("SWITCHBOARD_ADMIN_TOKEN", "  ")], "blank"),
        (vec![("SWITCHBOARD_ADMIN_TOKEN", "fourteen words and blanks")], "header"),
        (vec![("SWITCHBOARD_LOG", "sqlx=debug")], "switchboard=debug"),
        (vec![("SWITCHBOARD_PUBLIC_URL", "bot.contoso.com")], "whole address"),
        (vec![("SWITCHBOARD_PUBLIC_URL", "http://bot.contoso.com")], "https address"),
        (vec![("SWITCHBOARD_PUBLIC_URL", "https://bot.contoso.com/?x=1")], "https address"),
        (vec![("SWITCHBOARD_PUBLIC_URL", "https://me:secret@bot.contoso.com")], "https address"),
    ] {
        let error = read(&pairs).expect_err(part);
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn the_toml_file_is_read_strictly() {
    let (mut values, mut mistakes) = (Values::new(), Vec::new());
    read_toml(
        "SWITCHBOARD_STORE = \"memory:\"\n\nSWITCHBOARD_LISTN = \"x\"\n",
        &mut values,
        &mut mistakes,
    );
    assert_eq!(values.get("SWITCHBOARD_STORE").map(String::as_str), Some("memory:"));
    assert!(
        mistakes[0].starts_with("switchboard.toml:3:")
            && mistakes[0].contains("SWITCHBOARD_LISTEN"),
        "{mistakes:?}"
    );
}

#[test]
fn what_is_assumed_and_what_has_no_effect_is_noted() {
    let notes = |pairs: &[(&str, &str)]| read(pairs).expect("can be read").notes.join("\n");
    let app = [("MicrosoftAppId", APP), ("MicrosoftAppPassword", "hush")];
    let with = |more: &[(&'static str, &'static str)]| notes(&[&app[..], more].concat());
    assert_eq!(notes(&[]), "");
    assert!(with(&[]).contains("MultiTenant is assumed"));
    assert!(with(&[("MicrosoftAppTenantId", TENANT)]).contains("SingleTenant is assumed"));
    assert_eq!(with(&[("MicrosoftAppType", "MultiTenant")]), "");
    for (pairs, part) in [
        (&[("TENANT_ID", TENANT)][..], "TENANT_ID has no effect without MicrosoftAppId"),
        (&[("SWITCHBOARD_CHANNELS", "webchat")], "every channel may write"),
    ] {
        assert!(notes(pairs).contains(part), "{}", notes(pairs));
    }
    let twice = with(&[("CLIENT_SECRET", "other"), ("SWITCHBOARD_ALLOW_ANONYMOUS", "1")]);
    assert!(twice.contains("CLIENT_SECRET has no effect"), "{twice}");
    assert!(twice.contains("SWITCHBOARD_ALLOW_ANONYMOUS has no effect"), "{twice}");
    assert!(!twice.contains("hush") && !twice.contains("other"), "{twice}");
}

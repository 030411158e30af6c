//! Commands as somebody types them: the forms that they take, and what they say.

use std::{
    path::Path,
    process::{Command, Output},
};

use regex::Regex;
use serde_json::json;
use switchboard::company::read_folder;

use crate::{
    app::{ADMIN, HOOK, HOOK_SECRET},
    company,
    desks::desk,
    kills::{COMPANY, FRONT},
};

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    company::write(folder.path(), "mine/company.yaml", COMPANY);
    company::write(folder.path(), "mine/tenants/front/tenant.yaml", FRONT);
    assert!(read_folder(&folder.path().join("mine")).is_ok());
    folder
}

#[test]
fn the_companys_folder_is_named_in_either_form() {
    let folder = folder();
    for command in ["check", "test"] {
        let bare = run(folder.path(), &[command, "mine"], &[]);
        let flag = run(folder.path(), &[command, "--company", "mine"], &[]);
        assert!(bare.0 && bare == flag, "{command}: {bare:?} {flag:?}");
        assert_ne!(bare, run(folder.path(), &[command], &[]), "{command}: not the sample");
        let (well, said) = run(folder.path(), &[command, "--company", "nowhere"], &[]);
        assert!(!well && said.contains("there is no folder nowhere"), "{said}");
    }
    let (well, said) = run(folder.path(), &["check", "mine", "--company", "mine"], &[]);
    assert!(!well && said.contains("cannot be used with"), "{said}");
}

#[test]
fn the_package_is_of_a_folder_and_its_publisher_is_a_name() {
    let folder = folder();
    let package = |more: &[&str]| {
        let id = "a1b2c3d4-1111-4111-8111-abcdefabcdef";
        let arguments =
            ["manifest", "--out", "app.zip", "--app-id", id, "--domain", "bot.contoso.com"];
        run(folder.path(), &[&arguments[..], more].concat(), &[])
    };
    let (well, said) = package(&["--company", "mine"]);
    assert!(well, "{said}");
    let (well, said) = package(&["--publisher", "Contoso Ltd"]);
    assert!(well, "{said}");
    let (well, said) = package(&["--company", "Contoso Ltd"]);
    assert!(!well && said.contains("--company is the folder"), "{said}");
    assert!(said.contains("--publisher \"Contoso Ltd\""), "{said}");
}

#[test]
fn a_secret_that_was_made_passes_and_another_is_told() {
    let folder = folder();
    let events = format!(
        "{COMPANY}http: {{ hosts: [tickets.contoso.com] }}\nevents:\n  - {{ url: \"https://tickets.contoso.com/\", secret: {{ env: {HOOK} }} }}\n"
    );
    company::write(folder.path(), "mine/company.yaml", &events);
    let (well, made) = run(folder.path(), &["webhook", "secret"], &[]);
    assert!(well && made.starts_with("whsec_") && made.lines().count() == 1, "{made}");
    for held in [None, Some(made.trim()), Some(HOOK_SECRET)] {
        let variables: Vec<_> = held.map(|held| (HOOK, held)).into_iter().collect();
        let (well, said) = run(folder.path(), &["check", "mine"], &variables);
        assert!(well, "{said}");
    }
    for held in ["hush-hush-hush-hush-hush", "whsec_aHVzaA=="] {
        for command in [&["check", "mine"][..], &["run", "--company", "mine", "--store", "memory:"]]
        {
            let (well, said) = run(folder.path(), command, &[(HOOK, held)]);
            let place = format!("{}:", events.lines().count());
            assert!(!well && said.contains(&format!("company.yaml:{place}")), "{said}");
            assert!(said.contains("switchboard webhook secret") && !said.contains(held), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_says_how_long_it_is_good_by_the_companys_clock() {
    let app = desk().await;
    let reply = app.order("/desks/it/code", &json!({})).await.json();
    let local: jiff::ZonedDateTime = reply["validUntilLocal"].as_str().unwrap().parse().unwrap();
    let until: jiff::Timestamp = reply["validUntilUtc"].as_str().unwrap().parse().unwrap();
    assert_eq!(local.timestamp(), until);
    assert_eq!(until.duration_since(app.now()), jiff::SignedDuration::from_mins(10));
    let folder = tempfile::tempdir().unwrap();
    let listen = app.base().trim_start_matches("http://").to_owned();
    let variables = [("SWITCHBOARD_ADMIN_TOKEN", ADMIN), ("SWITCHBOARD_STORE", "memory:")];
    let (well, said) = tokio::task::spawn_blocking(move || {
        run(folder.path(), &["desk", "code", "it", "--listen", &listen], &variables)
    })
    .await
    .unwrap();
    assert!(well, "{said}");
    let line = format!(
        "Good once, for ten minutes, until {} ({}).",
        local.strftime("%H:%M"),
        local.time_zone().iana_name().unwrap()
    );
    assert!(said.lines().any(|said| said == line), "{line}: {said}");
    assert!(Regex::new("^[A-Z0-9]{5}-[A-Z0-9]{5}\n").unwrap().is_match(&said), "{said}");
    app.finish().await;
}

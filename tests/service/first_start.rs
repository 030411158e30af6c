//! What the program does at its start: the admin token that it makes, what it refuses to begin with,
//! what its log may say.

#![allow(clippy::disallowed_methods, reason = "a process of its own has the system's clock")]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use switchboard::{app::App, settings::Settings};
use tempfile::TempDir;

use crate::{
    app::{Setup, logs},
    company,
    fake_teams::{APP_ID, SECRET, TENANT},
    kills::{COMPANY, FRONT, wait_until_ready},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// The program in a folder of its own, without an app id; it does not outlive its test.
struct Program {
    child: Child,
    base: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> TempDir {
    // On the disk of the target folder: /tmp may be none.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    company::write(folder.path(), "company/company.yaml", COMPANY);
    company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
    folder
}

fn command(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .env_clear()
        .env("SWITCHBOARD_COMPANY", "company")
        .envs(settings.iter().copied())
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn start(folder: &Path, settings: &[(&str, &str)]) -> Program {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let log =
        fs::OpenOptions::new().create(true).append(true).open(folder.join("log.txt")).unwrap();
    let child = command(folder, settings)
        .env("SWITCHBOARD_LISTEN", format!("127.0.0.1:{port}"))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let program = Program { child, base: format!("http://127.0.0.1:{port}") };
    wait_until_ready(&program.base).await;
    program
}

/// The status of a list for whoever has this token.
async fn status(program: &Program, token: &str) -> u16 {
    let url = format!("{}/api/v1/sessions", program.base);
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    answer.status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_makes_the_token_that_the_commands_use() {
    let folder = folder();
    let store = [("SWITCHBOARD_STORE", "sqlite:data/kept.db")];
    fs::create_dir(folder.path().join("data")).unwrap();
    let print = || command(folder.path(), &store).args(["admin", "token"]).output().unwrap();
    let before = print();
    assert!(!before.status.success() && said(&before).contains("start the bot once"), "{before:?}");

    let mut tokens = Vec::new();
    for _ in 0..2 {
        let program = start(folder.path(), &store).await;
        let output = print();
        assert!(output.status.success(), "{output:?}");
        let token = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert_eq!((status(&program, &token).await, status(&program, "").await), (200, 401));
        let code = command(folder.path(), &store)
            .args(["desk", "code", "front", "--listen", program.base.trim_start_matches("http://")])
            .output()
            .unwrap();
        assert!(said(&code).contains("`front` has no desk in a channel"), "let in: {code:?}");
        let revoked = command(folder.path(), &store)
            .args(["links", "revoke", "--listen", program.base.trim_start_matches("http://")])
            .output()
            .unwrap();
        assert!(revoked.status.success(), "let in: {revoked:?}");
        tokens.push(token);
    }
    assert_eq!(tokens[0], tokens[1], "a restart keeps it");
    let file = folder.path().join("data/admin-token");
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), tokens[0]);
    #[cfg(unix)]
    for file in [file, folder.path().join("data/kept.db")] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert!(!fs::read_to_string(folder.path().join("log.txt")).unwrap().contains(&tokens[0]));

    // A token that is set goes first.
    let set = [store[0], ("SWITCHBOARD_ADMIN_TOKEN", "set-by-somebody-0815")];
    let program = start(folder.path(), &set).await;
    assert_eq!(status(&program, "set-by-somebody-0815").await, 200);
    assert_eq!(status(&program, &tokens[0]).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_the_token_is_written_nowhere() {
    let folder = folder();
    let program = start(folder.path(), &[("SWITCHBOARD_STORE", "memory:")]).await;
    assert_eq!(status(&program, "guessed-guessed-guessed").await, 401);
    assert!(!folder.path().join("admin-token").exists());
    let log = fs::read_to_string(folder.path().join("log.txt")).unwrap();
    assert!(log.contains("set SWITCHBOARD_ADMIN_TOKEN to know it"), "{log}");
    let is_token = |word: &str| {
        word.len() >= 40 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    assert!(!log.split(|c: char| c.is_whitespace() || c == '=').any(is_token), "{log}");
}

#[test]
fn a_token_that_can_be_guessed_is_a_mistake() {
    let folder = folder();
    for token in ["short", "   "] {
        let settings = [("SWITCHBOARD_STORE", "memory:"), ("SWITCHBOARD_ADMIN_TOKEN", token)];
        let output = command(folder.path(), &settings).output().unwrap();
        assert!(
            !output.status.success() && said(&output).contains("openssl rand -hex 32"),
            "{output:?}"
        );
    }
    fs::write(folder.path().join("admin-token"), "\n").unwrap();
    let output =
        command(folder.path(), &[("SWITCHBOARD_STORE", "sqlite:kept.db")]).output().unwrap();
    assert!(
        !output.status.success() && said(&output).contains("the next start makes a new one"),
        "{output:?}"
    );
}

/// With an app id anybody who has a Microsoft 365 tenant could install the app and write: somebody
/// must have said that this is meant.
#[tokio::test]
async fn who_does_not_say_whose_people_may_chat_is_not_started() {
    let build = |lines: &str, tenant: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in company::with_company(lines) {
            company::write(folder.path(), path, &text);
        }
        let mut values = vec![
            ("MicrosoftAppId", APP_ID.to_owned()),
            ("MicrosoftAppPassword", SECRET.to_owned()),
            ("SWITCHBOARD_STORE", "memory:".to_owned()),
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("SWITCHBOARD_COMPANY", folder.path().display().to_string()),
        ];
        values.extend(tenant.map(|id| ("MicrosoftAppTenantId", id.to_owned())));
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let settings = Settings::read(&values).unwrap();
        async move {
            let _folder = folder;
            App::build(&settings, switchboard::app::system_clock())
                .await
                .err()
                .map(|it| format!("{it:#}"))
        }
    };
    for lines in ["", "entra_tenants: []\n"] {
        let error = build(lines, None).await.expect("refused");
        assert!(
            error.contains("entra_tenants: [\"*\"]") && error.contains("list the ids"),
            "{error}"
        );
        assert_eq!(build(lines, Some(TENANT)).await, None);
    }
    assert_eq!(build("entra_tenants: [\"*\"]\n", None).await, None);
    assert_eq!(build("entra_tenants: [t-1]\n", None).await, None);
    let error = build("entra_tenants: [t-1, \"*\"]\n", None).await.expect("refused");
    assert!(error.contains("stands for every"), "{error}");
}

/// Nor can the list be lost while it runs.
#[tokio::test]
async fn files_that_no_longer_say_it_are_not_taken_over() {
    let app = Setup::new()
        .files(company::with_company("entra_tenants: [\"*\"]\n"))
        .settings(|settings| settings.app.as_mut().unwrap().tenant = None)
        .start()
        .await;
    // Everyone is everyone.
    let eve = app.chat("eve");
    let mut hello = eve.message("hello");
    for place in ["/channelData/tenant/id", "/conversation/tenantId"] {
        *hello.pointer_mut(place).unwrap() = "33333333-3333-3333-3333-333333333333".into();
    }
    app.post(&hello).await;
    app.idle().await;
    assert_eq!(eve.sessions().await.len(), 1, "{:?}", eve.texts());
    app.edit(&company::northwind());
    let reply = app.order("/reload", &Value::Null).await;
    let problems = reply.json()["problems"].clone();
    assert_eq!(reply.status, 409, "{problems}");
    assert!(problems[0]["help"].as_str().unwrap().contains("[\"*\"]"), "{problems}");
    app.finish().await;
}

/// A channel that is not open is said once, with what opens it.
#[tokio::test]
async fn a_refused_channel_is_one_line_with_its_remedy() {
    let app = Setup::new().start().await;
    let kim = app.chat("kim");
    for _ in 0..3 {
        let reply = app
            .post(&kim.activity(
                "message",
                serde_json::json!({ "text": "hello", "channelId": "webchat" }),
            ))
            .await;
        assert_eq!((reply.status, &reply.json()["code"]), (403, &Value::from("forbidden")));
    }
    assert!(app.teams.calls().is_empty());
    app.finish().await;
    let open = Setup::new()
        .settings(|settings| settings.channels = vec!["webchat".to_owned()])
        .start()
        .await;
    let kim = open.chat("kim");
    let hello =
        kim.activity("message", serde_json::json!({ "text": "hello", "channelId": "webchat" }));
    assert_eq!(open.post(&hello).await.status, 200);
    open.finish().await;
    let logs = logs();
    let lines = logs.lines().filter(|line| line.contains("a channel besides Teams is not let in"));
    let lines: Vec<_> = lines.filter(|line| line.contains("webchat")).collect();
    assert!(lines.len() == 1 && lines[0].contains("SWITCHBOARD_CHANNELS"), "{lines:?}");
}

/// `debug` is about our own lines. What dependencies would write holds headers and statements.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_logs_level_is_ours() {
    let folder = folder();
    let program = start(
        folder.path(),
        &[("SWITCHBOARD_STORE", "sqlite:kept.db"), ("SWITCHBOARD_LOG", "trace")],
    )
    .await;
    assert_eq!(status(&program, "guessed-guessed-guessed").await, 401);
    let log = fs::read_to_string(folder.path().join("log.txt")).unwrap();
    let fine: Vec<&str> =
        log.lines().filter(|line| line.contains(" DEBUG ") || line.contains(" TRACE ")).collect();
    assert!(!fine.is_empty(), "{log}");
    let foreign: Vec<_> = fine.iter().filter(|line| !line.contains(" switchboard")).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

/// A database that others can read or write is its owner's alone from the next start on.
#[cfg(unix)]
#[tokio::test]
async fn a_database_that_others_can_use_is_tightened() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut app = Setup::new().sqlite().start().await;
    app.chat("kim").say("hello").await;
    app.stop().await;
    fs::set_permissions(app.kept(), fs::Permissions::from_mode(0o664)).unwrap();
    app.resume().await;
    let mode = |end: &str| {
        let file = format!("{}{end}", app.kept().display());
        fs::metadata(file).unwrap().permissions().mode() & 0o777
    };
    assert_eq!([mode(""), mode("-wal"), mode("-shm")], [0o600; 3]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthcheck_tells_whether_it_is_alive() {
    let folder = folder();
    let store = [("SWITCHBOARD_STORE", "memory:")];
    let program = start(folder.path(), &store).await;
    let address = program.base.trim_start_matches("http://").to_owned();
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    // Of its settings the address alone counts: the others are the service's own matter.
    let ask = |listen: &str| {
        let settings = [("SWITCHBOARD_LISTEN", listen), ("MicrosoftAppId", "no GUID")];
        command(folder.path(), &settings).arg("healthcheck").output().unwrap()
    };
    for listen in [&address, &everywhere] {
        let output = ask(listen);
        assert!(output.status.success() && said(&output).is_empty(), "{listen}: {output:?}");
    }
    let named = command(folder.path(), &[("SWITCHBOARD_LISTEN", "127.0.0.1:1")])
        .args(["healthcheck", "--listen", &address])
        .output()
        .unwrap();
    assert!(named.status.success(), "the flag goes first: {named:?}");
    drop(program);
    let output = ask(&address);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output).contains(&format!("does not answer at {address}")), "{output:?}");
    let output = ask("nowhere");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("write host and port"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_file_lets_in_and_is_not_said() {
    let folder = folder();
    let token = "a-long-token-in-a-file";
    fs::write(folder.path().join("SWITCHBOARD_ADMIN_TOKEN"), format!("{token}\n")).unwrap();
    let (file, path) = ("SWITCHBOARD_ADMIN_TOKEN_FILE", "SWITCHBOARD_ADMIN_TOKEN");
    let credentials = folder.path().display().to_string();
    for setting in [(file, path), ("CREDENTIALS_DIRECTORY", &credentials)] {
        let program = start(folder.path(), &[("SWITCHBOARD_STORE", "memory:"), setting]).await;
        assert_eq!((status(&program, token).await, status(&program, "other").await), (200, 401));
        drop(program);
    }
    assert!(!fs::read_to_string(folder.path().join("log.txt")).unwrap().contains(token));
    let both = [(file, path), ("SWITCHBOARD_ADMIN_TOKEN", "another-long-token")];
    let output = command(folder.path(), &both).output().unwrap();
    assert!(!output.status.success() && said(&output).contains("keep one of them"), "{output:?}");
}

//! An admin's first hour: the real program with what people set wrongly at Microsoft, and what it says
//! of it: at the start, in `/readyz`, and in its log. The login service and the keys are stand-ins.

#![allow(clippy::disallowed_methods, reason = "a process of its own has the system's clock")]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    app::ADMIN,
    company,
    fake_teams::{APP_ID, FakeTeams, SECRET, TENANT},
    kills::{COMPANY, FRONT, conversation, wait_until_ready, write},
};

/// So soon whoever starts it hears what is wrong.
const SOON: Duration = Duration::from_secs(5);

/// The program in a folder of its own; it does not outlive its test.
struct Program {
    child: Child,
    base: String,
    folder: TempDir,
    begun: Instant,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// With these settings in front of those that are right.
    fn start(teams: &FakeTeams, wrong: &[(&str, &str)]) -> Self {
        // On the disk of the target folder: /tmp may be none.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        company::write(folder.path(), "company/company.yaml", COMPANY);
        company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.path().join("log.txt")).unwrap();
        let begun = Instant::now();
        let child = command(folder.path())
            .envs([
                ("MicrosoftAppId", APP_ID),
                ("MicrosoftAppPassword", SECRET),
                ("MicrosoftAppTenantId", TENANT),
                ("ToBotFromChannelOpenIdMetadataUrl", &teams.metadata_url()),
                ("ToChannelFromBotLoginUrl", &teams.login_url()),
                ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", &teams.host()),
                ("SWITCHBOARD_COMPANY", "company"),
                ("SWITCHBOARD_STORE", "sqlite:kept.db"),
                ("SWITCHBOARD_LISTEN", &format!("127.0.0.1:{port}")),
                ("SWITCHBOARD_ADMIN_TOKEN", ADMIN),
            ])
            .envs(wrong.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Program { child, base: format!("http://127.0.0.1:{port}"), folder, begun }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log.txt")).unwrap()
    }

    /// Waits until the log says it.
    async fn says(&self, part: &str) -> String {
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(part)) {
                return line.to_owned();
            }
            assert!(self.begun.elapsed() < Duration::from_secs(30), "no `{part}` in\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn readyz(&self, token: Option<&str>) -> (StatusCode, Value) {
        let mut request = reqwest::Client::new().get(format!("{}/readyz", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// The start says it and so does `/readyz`, both soon and in the same words; gives them for the
    /// admin and for everybody.
    async fn names(&self, check: &str, part: &str) -> (String, String) {
        let line = self.says(part).await;
        let begun = self.begun.elapsed();
        assert!(begun < SOON, "said after {begun:?}: {line}");
        let asked = Instant::now();
        let (status, ready) = self.readyz(Some(ADMIN)).await;
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
        assert_eq!((status.as_u16(), &ready["checks"][check]), (503, &json!("failed")), "{ready}");
        let told = ready["why"][check].as_str().unwrap().to_owned();
        let words = told.split_once(": ").map_or(told.as_str(), |(_, words)| words);
        assert!(line.contains(words) && told.contains(part), "{line}\n{ready}");
        let (_, public) = self.readyz(None).await;
        let public = public["why"][check].as_str().unwrap().to_owned();
        for text in [&self.log(), &told, &public] {
            assert!(!text.contains(SECRET) && !text.contains(ADMIN), "{text}");
        }
        for id in [APP_ID, TENANT] {
            assert!(!told.contains(id) && !public.contains(id), "{told}\n{public}");
        }
        (told, public)
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// What Entra says when the secret is wrong, the app unknown, the secret expired.
fn refusal(number: u32) -> Option<(u16, Value)> {
    let text = format!("AADSTS{number}: about the app {APP_ID} of tenant {TENANT}. Trace ID: 1");
    let body =
        json!({ "error": "invalid_client", "error_codes": [number], "error_description": text });
    Some((401, body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_named_with_its_code_and_what_to_do() {
    for (number, secret, part) in [
        (7_000_215, "guessed", "is no secret of this app"),
        (7_000_215, "33333333-3333-3333-3333-333333333333", "looks like the Secret ID"),
        (7_000_222, SECRET, "the client secret has expired"),
        (700_016, SECRET, "that tenant has no app with this id"),
        (90_002, SECRET, "there is no such tenant"),
        (900_023, SECRET, "there is no such tenant"),
    ] {
        let teams = FakeTeams::start().await;
        teams.break_login(refusal(number));
        let program = Program::start(&teams, &[("MicrosoftAppPassword", secret)]);
        let code = format!("AADSTS{number}: ");
        let (told, public) = program.names("token", &code).await;
        assert!(told.contains(part) && told == public, "{told}\n{public}");
        assert!(secret == SECRET || !program.log().contains(secret), "the log holds the secret");
        // One line, however often it is met.
        for _ in 0..3 {
            program.readyz(None).await;
        }
        assert_eq!(program.log().matches(&code).count(), 1, "{}", program.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_not_there_is_named_with_name_and_cause() {
    let teams = FakeTeams::start().await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let unknown = "https://login.nowhere.invalid/t";
    let closed_url = format!("http://{closed}/openid");
    for (setting, value, check, name) in [
        (
            "ToChannelFromBotLoginUrl",
            unknown,
            "token",
            "the name login.nowhere.invalid cannot be resolved",
        ),
        (
            "ToChannelFromBotLoginUrl",
            &closed_url,
            "token",
            &format!("{closed} cannot be connected to"),
        ),
        (
            "ToBotFromChannelOpenIdMetadataUrl",
            unknown,
            "keys",
            "the name login.nowhere.invalid cannot be resolved",
        ),
        (
            "ToBotFromChannelOpenIdMetadataUrl",
            &closed_url,
            "keys",
            &format!("{closed} cannot be connected to"),
        ),
    ] {
        let program = Program::start(&teams, &[(setting, value)]);
        let (_, public) = program.names(check, name).await;
        // Names of hosts are for whoever has the token.
        assert!(!public.contains("nowhere") && !public.contains(&closed), "{public}");
    }
}

/// Ten minutes are enough for fresh tokens of Teams to be refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_wrong_is_named_and_forgiven_when_it_is_set() {
    for (ahead, part) in [(600, "10 minutes behind"), (-600, "10 minutes ahead of")] {
        let teams = FakeTeams::start().await;
        teams.set_ahead(ahead);
        let program = Program::start(&teams, &[]);
        let (told, public) = program.names("clock", part).await;
        assert!(told.contains("NTP") && told == public, "{told}");
        assert_eq!(program.log().matches(part).count(), 1, "{}", program.log());
        teams.set_ahead(0);
        wait_until_ready(&program.base).await;
        program.says("the clock of this machine is right again").await;
    }
}

/// Who writes first after a quiet night waits for nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_bought_at_the_start_and_renewed_while_nobody_writes() {
    let teams = FakeTeams::start().await;
    teams.token_life(4);
    let program = Program::start(&teams, &[]);
    program.says("Microsoft knows the app").await;
    while teams.mints() < 2 {
        assert!(program.begun.elapsed() < Duration::from_secs(30), "{}", program.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Once all is well the start says so, with everything by which this bot is told from others; and
/// the log has one line a turn, in which nobody's words are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_the_start_and_every_turn_and_no_words() {
    let teams = Arc::new(FakeTeams::start().await);
    for format in ["text", "json"] {
        let wrong = [
            ("SWITCHBOARD_LOG_FORMAT", format),
            ("SWITCHBOARD_LISTN", "127.0.0.1:1"),
            ("SWITCHBOARD_HOOK_SECRET", "hush-hush"),
        ];
        let program = Program::start(&teams, &wrong);
        wait_until_ready(&program.base).await;
        program.says("Microsoft knows the app").await;
        let start = program.says("talk to it").await;
        for part in
            [APP_ID, TENANT, "front", "sqlite:kept.db", "Northwind", "schema", "/api/messages"]
        {
            assert!(start.contains(part), "{part}: {start}");
        }
        program.says("SingleTenant is assumed").await;
        let warned = program.says("SWITCHBOARD_LISTN is no setting").await;
        assert!(warned.contains("SWITCHBOARD_LISTEN"), "{warned}");
        let (guest, none) = (if format == "text" { 1 } else { 2 }, Arc::new(AtomicUsize::new(0)));
        let (id, base) = (conversation(guest), program.base.clone());
        write(guest, teams.clone(), base, none.clone(), none.clone()).await;
        let log = program.log();
        let of_guest = |line: &&str| line.contains("a turn was kept") && line.contains(&id);
        let turns: Vec<&str> = log.lines().filter(of_guest).collect();
        let said: Vec<&&str> = turns.iter().filter(|line| line.contains("text")).collect();
        assert_eq!(said.len(), 6, "{log}");
        for part in ["session", "department", "front", "stage", "topic", "letters", "post 1", "ms"]
        {
            assert!(said.iter().all(|line| line.contains(part)), "{part}: {said:#?}");
        }
        for words in [
            "Again",
            "Adele",
            "Vance",
            "Turn 1 of",
            "Bearer",
            "bought-",
            "hush-hush",
            SECRET,
            ADMIN,
        ] {
            assert!(!log.contains(words), "the log holds `{words}`:\n{log}");
        }
        if format == "json" {
            for line in log.lines() {
                let line: Value = serde_json::from_str(line).expect(line);
                assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
            }
            let turn: Value = serde_json::from_str(said[0]).unwrap();
            assert_eq!(turn["department"], "front", "{turn}");
            assert!(turn["ms"].is_u64() && turn["span"]["session"].is_string(), "{turn}");
        }
    }
}

/// A file of settings that cannot be read is told with its line; a command that asks the running bot
/// does not mind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_in_env_stops_the_bot_and_no_command() {
    let teams = FakeTeams::start().await;
    let program = Program::start(&teams, &[]);
    wait_until_ready(&program.base).await;
    let folder = program.folder.path();
    fs::write(
        folder.join(".env"),
        format!("# the bot\nSWITCHBOARD_ADMIN_TOKEN={ADMIN}\nMicrosoftAppId=Help bot\nSWITCHBOARD_LOG=loud\n"),
    )
    .unwrap();
    let refused = command(folder).arg("run").output().unwrap();
    assert!(!refused.status.success(), "{refused:?}");
    assert!(said(&refused).contains(".env:3: "), "{}", said(&refused));
    let listen = program.base.trim_start_matches("http://");
    let code =
        command(folder).args(["desk", "code", "front", "--listen", listen]).output().unwrap();
    let words = said(&code);
    assert!(words.contains("passed over: .env:3: ") && !words.contains("Help bot"), "{words}");
    assert!(words.contains("`front` has no desk in a channel"), "let in: {words}");
    for command_line in [&["check", "company"][..], &["admin", "token"]] {
        let output = command(folder).args(command_line).output().unwrap();
        assert!(output.status.success(), "{command_line:?}: {output:?}");
    }
}

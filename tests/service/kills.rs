//! `kill -9` under load: the real program in a process of its own, on SQLite, with 64 guests who
//! write at once.
//!
//! `ROUNDS=10 cargo nextest run --test service kills --no-capture` does it ten times and prints the
//! counts.

#![allow(clippy::disallowed_methods, reason = "a process of its own has the system's clock")]

use std::{
    collections::HashMap,
    fs::OpenOptions,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    app::{ADMIN, card_of, text_of},
    company,
    fake_teams::{APP_ID, FakeTeams, SECRET, TENANT},
};

const GUESTS: usize = 64;
/// What each of them writes, one after the other.
const MESSAGES: usize = 6;
/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(120);

pub const COMPANY: &str =
    "company: Northwind\nprimary_tenant: front\nlocale: en-US\ntimezone: Europe/Berlin\n";
pub const FRONT: &str = r#"
name: Front Desk
ref: FD
pipelines:
  main:
    - id: topic
      menu:
        text: "Turn {{Session.Turns}} of {{Guest.Id}}."
        choices:
          - { title: Again, next: topic }
          - { title: Nothing, next: bye }
    - id: bye
      end: { text: "Bye.", outcome: resolved }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_load_it_loses_nothing_and_doubles_nothing() {
    let rounds: usize = std::env::var("ROUNDS").ok().map_or(1, |rounds| rounds.parse().unwrap());
    for round in 1..=rounds {
        // Each round dies at another place of the load.
        let after = GUESTS * MESSAGES * (1 + round % 7) / 9;
        let count = one_round(after).await;
        println!("round {round}: {count:?}");
        assert_eq!(count.effects, GUESTS * MESSAGES);
        assert!(
            count.failed_posts > 0 && count.acknowledged_before > 0,
            "it was killed in the middle: {count:?}"
        );
    }
}

/// What was seen, for whoever reads along.
#[derive(Debug)]
struct Count {
    #[expect(dead_code, reason = "printed")]
    activities: usize,
    acknowledged_before: usize,
    failed_posts: usize,
    effects: usize,
    #[expect(dead_code, reason = "printed")]
    replies: usize,
    #[expect(dead_code, reason = "printed")]
    replies_sent_twice: usize,
}

async fn one_round(after: usize) -> Count {
    let teams = Arc::new(FakeTeams::start().await);
    // On the disk of the target folder: /tmp may be none.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    company::write(folder.path(), "company/company.yaml", COMPANY);
    company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let mut program = start(&teams, folder.path(), port, "warn");
    wait_until_ready(&base).await;

    let (acknowledged, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let guests: Vec<_> = (0..GUESTS)
        .map(|guest| {
            tokio::spawn(write(
                guest,
                teams.clone(),
                base.clone(),
                acknowledged.clone(),
                failed.clone(),
            ))
        })
        .collect();
    let begin = Instant::now();
    while acknowledged.load(SeqCst) < after {
        assert!(begin.elapsed() < PATIENCE, "no progress");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    program.kill();
    let acknowledged_before = acknowledged.load(SeqCst);
    // Teams meets a closed door for a while.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _program = start(&teams, folder.path(), port, "warn");
    wait_until_ready(&base).await;
    for guest in guests {
        guest.await.unwrap();
    }

    let (mut effects, mut replies, mut twice) = (0, 0, 0);
    for guest in 0..GUESTS {
        let id = conversation(guest);
        // One reply a turn, and each only for its own turn: the last one is there when all are.
        let begin = Instant::now();
        let texts = loop {
            let texts: Vec<String> = teams
                .sent(&id)
                .iter()
                .filter_map(|sent| card_of(&sent.first).map(|_| text_of(&sent.first)))
                .collect();
            let is_there = |turn: usize| {
                texts.iter().any(|text| text.contains(&format!("Turn {turn} of 29:{id}.")))
            };
            if (1..=MESSAGES).all(is_there) {
                break texts;
            }
            assert!(begin.elapsed() < PATIENCE, "replies are missing in {id}: {texts:#?}");
            teams.stirs(Duration::from_millis(20)).await;
        };
        let mut seen: HashMap<&String, usize> = HashMap::new();
        texts.iter().for_each(|text| *seen.entry(text).or_default() += 1);
        assert_eq!(seen.len(), MESSAGES, "a reply that belongs to no turn: {texts:#?}");
        (replies, twice) = (replies + MESSAGES, twice + texts.len() - MESSAGES);

        let sessions = get(&format!("{base}/api/v1/sessions?conversation={id}")).await;
        let [session] = sessions["items"].as_array().unwrap().as_slice() else {
            panic!("not one session: {sessions:#}")
        };
        assert_eq!(session["turns"], MESSAGES, "{session:#}");
        let transcript =
            get(&format!("{base}/api/v1/sessions/{}/transcript", session["id"].as_str().unwrap()))
                .await;
        let lines = transcript["items"].as_array().unwrap();
        let said: Vec<&str> = lines
            .iter()
            .filter(|line| line["from"] == "guest")
            .map(|line| line["activityId"].as_str().unwrap())
            .collect();
        assert_eq!(
            said,
            (0..MESSAGES).map(|turn| format!("f:{guest}-{turn}")).collect::<Vec<_>>(),
            "{id}"
        );
        effects += said.len();
    }
    let left = get(&format!("{base}/api/v1/outbox?state=dead")).await;
    assert!(left["items"].as_array().unwrap().is_empty(), "{left:#}");
    Count {
        activities: GUESTS * MESSAGES,
        acknowledged_before,
        failed_posts: failed.load(SeqCst),
        effects,
        replies,
        replies_sent_twice: twice,
    }
}

pub fn conversation(guest: usize) -> String {
    format!("a:1guest{guest}")
}

/// Writes everything that this guest has to say; what was not acknowledged is delivered again under
/// its id, as Teams does.
pub async fn write(
    guest: usize,
    teams: Arc<FakeTeams>,
    base: String,
    acknowledged: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
) {
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build().unwrap();
    let id = conversation(guest);
    for turn in 0..MESSAGES {
        let activity = json!({
            "type": "message", "id": format!("f:{guest}-{turn}"), "timestamp": now(), "channelId": "msteams",
            "serviceUrl": teams.service_url(), "locale": "en-US", "text": "Again", "textFormat": "plain",
            "from": { "id": format!("29:{id}"), "name": "Adele Vance", "aadObjectId": format!("aad-{guest}") },
            "recipient": { "id": format!("28:{APP_ID}"), "name": "Switchboard" },
            "conversation": { "id": id, "conversationType": "personal", "tenantId": TENANT },
            "channelData": { "tenant": { "id": TENANT } },
        });
        let begin = Instant::now();
        loop {
            let request = http
                .post(format!("{base}/api/messages"))
                .header("authorization", teams.authorization(now()));
            match request
                .header("content-type", "application/json")
                .body(activity.to_string())
                .send()
                .await
            {
                Ok(answer) if answer.status() == 200 => break,
                Ok(answer) => assert!(answer.status().is_server_error(), "{answer:?}"),
                Err(_) => {}
            }
            failed.fetch_add(1, SeqCst);
            assert!(begin.elapsed() < PATIENCE, "message {turn} of {id} is never taken");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        acknowledged.fetch_add(1, SeqCst);
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// The program; it does not outlive its test.
pub struct Program(Child);

impl Program {
    /// Of a command that starts it.
    pub fn of(command: &mut Command) -> Self {
        Program(command.spawn().unwrap())
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it ended well, once it has ended by itself.
    pub async fn ended(&mut self) -> bool {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            assert!(begin.elapsed() < PATIENCE, "it goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL: nothing is flushed, nothing is told.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program on the company in `folder`; what it logs goes to `log.txt` there.
pub fn start(teams: &FakeTeams, folder: &Path, port: u16, log: &str) -> Program {
    Program::of(with_settings(
        &mut Command::new(env!("CARGO_BIN_EXE_switchboard")),
        teams,
        folder,
        port,
        log,
    ))
}

/// The same, with what a shell does first.
pub fn start_with(teams: &FakeTeams, folder: &Path, port: u16, log: &str, first: &str) -> Program {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("{first}; exec {}", env!("CARGO_BIN_EXE_switchboard")));
    Program::of(with_settings(&mut shell, teams, folder, port, log))
}

/// A command that ends in the program, with all that it needs.
pub fn with_settings<'a>(
    command: &'a mut Command,
    teams: &FakeTeams,
    folder: &Path,
    port: u16,
    log: &str,
) -> &'a mut Command {
    let stderr = OpenOptions::new().create(true).append(true).open(folder.join("log.txt")).unwrap();
    command
        .current_dir(folder)
        .env_clear()
        .envs([
            ("MicrosoftAppId", APP_ID),
            ("MicrosoftAppPassword", SECRET),
            ("MicrosoftAppType", "SingleTenant"),
            ("MicrosoftAppTenantId", TENANT),
            ("ToBotFromChannelOpenIdMetadataUrl", &teams.metadata_url()),
            ("ToBotFromEmulatorOpenIdMetadataUrl", &teams.emulator_metadata_url()),
            ("ToChannelFromBotLoginUrl", &teams.login_url()),
            ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", &teams.host()),
            ("SWITCHBOARD_COMPANY", "company"),
            ("SWITCHBOARD_STORE", "sqlite:kept.db"),
            ("SWITCHBOARD_LISTEN", &format!("127.0.0.1:{port}")),
            ("SWITCHBOARD_LOG", log),
            ("SWITCHBOARD_ADMIN_TOKEN", ADMIN),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
}

pub async fn wait_until_ready(base: &str) {
    let begin = Instant::now();
    loop {
        if reqwest::get(format!("{base}/readyz")).await.is_ok_and(|answer| answer.status() == 200) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "it does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn get(url: &str) -> Value {
    let answer = reqwest::Client::new().get(url).bearer_auth(ADMIN).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.json().await.unwrap()
}

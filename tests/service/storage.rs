//! What happens to the file under a running service: a full disk, a damaged page, somebody who
//! deletes or moves it, a second service. The real program, in a process of its own.

#![allow(clippy::disallowed_methods, reason = "a process of its own has the system's clock")]

use std::{
    io::{Seek as _, SeekFrom, Write as _},
    net::TcpListener,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::{
    company,
    fake_teams::{APP_ID, FakeTeams, TENANT},
    kills::{COMPANY, FRONT, Program, get, start, wait_until_ready, with_settings},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A company in a folder of its own, and the program on it.
struct Service {
    teams: FakeTeams,
    folder: TempDir,
    port: u16,
    program: Program,
}

impl Service {
    async fn begin() -> Self {
        let (teams, folder, port) = Self::prepare().await;
        let program = start(&teams, folder.path(), port, "info");
        let service = Service { teams, folder, port, program };
        wait_until_ready(&service.base()).await;
        service
    }

    async fn prepare() -> (FakeTeams, TempDir, u16) {
        let teams = FakeTeams::start().await;
        // On the disk of the target folder: /tmp may be none.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        company::write(folder.path(), "company/company.yaml", COMPANY);
        company::write(folder.path(), "company/tenants/front/tenant.yaml", FRONT);
        (teams, folder, a_port())
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("log.txt")).unwrap()
    }

    async fn is_ready(&self) -> bool {
        reqwest::get(format!("{}/readyz", self.base())).await.unwrap().status() == 200
    }

    /// The status that Teams gets for a guest's message.
    async fn post(&self, id: &str, words: &str) -> u16 {
        self.post_by("kim", id, words).await
    }

    async fn post_of(&self, who: &str, id: &str) -> u16 {
        self.post_by(who, id, "hello").await
    }

    /// The numbers that sessions have, lowest first.
    async fn references(&self) -> Vec<u64> {
        let sessions = get(&format!("{}/api/v1/sessions", self.base())).await;
        let number = |session: &serde_json::Value| {
            let reference = session["ref"].as_str().unwrap();
            reference.rsplit('-').next().unwrap().parse().unwrap()
        };
        let mut all: Vec<u64> = sessions["items"].as_array().unwrap().iter().map(number).collect();
        all.sort_unstable();
        all
    }

    async fn post_by(&self, who: &str, id: &str, words: &str) -> u16 {
        let now = Timestamp::now();
        let activity = json!({
            "type": "message", "id": id, "timestamp": now, "channelId": "msteams",
            "serviceUrl": self.teams.service_url(), "locale": "en-US", "text": words, "textFormat": "plain",
            "from": { "id": format!("29:{who}"), "name": "Kim", "aadObjectId": format!("aad-{who}") },
            "recipient": { "id": format!("28:{APP_ID}"), "name": "Switchboard" },
            "conversation": { "id": format!("a:1{who}"), "conversationType": "personal", "tenantId": TENANT },
            "channelData": { "tenant": { "id": TENANT } },
        });
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = request
            .post(format!("{}/api/messages", self.base()))
            .header("authorization", self.teams.authorization(now))
            .header("content-type", "application/json");
        request.body(activity.to_string()).send().await.unwrap().status().as_u16()
    }

    /// What was kept of the guest's words, by activity.
    async fn kept(&self) -> Vec<String> {
        let sessions = get(&format!("{}/api/v1/sessions", self.base())).await;
        let mut kept = Vec::new();
        for session in sessions["items"].as_array().unwrap() {
            let id = session["id"].as_str().unwrap();
            let path = format!("{}/api/v1/sessions/{id}/transcript", self.base());
            let lines = get(&path).await;
            kept.extend(
                lines["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|line| line["from"] == "guest")
                    .map(|line| line["activityId"].as_str().unwrap().to_owned()),
            );
        }
        kept
    }

    async fn until_ready(&self) {
        let begin = Instant::now();
        while !self.is_ready().await {
            assert!(begin.elapsed() < PATIENCE, "it is never ready again: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn a_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_file_that_is_moved_or_replaced_takes_nothing_until_it_is_back() {
    let service = Service::begin().await;
    assert_eq!(service.post("f:1", "hello").await, 200);
    assert!(service.is_ready().await);

    // Moved away: the open file is one that nobody finds any more.
    std::fs::rename(service.path("kept.db"), service.path("elsewhere.db")).unwrap();
    assert!(!service.is_ready().await);
    assert_eq!(service.post("f:2", "Again").await, 503);
    assert!(
        service.log().contains("was deleted or moved away while it was open"),
        "{}",
        service.log()
    );

    // Another one in its place.
    std::fs::copy(service.path("elsewhere.db"), service.path("other.db")).unwrap();
    std::fs::rename(service.path("other.db"), service.path("kept.db")).unwrap();
    assert!(!service.is_ready().await);
    assert_eq!(service.post("f:2", "Again").await, 503);

    // Back again.
    std::fs::rename(service.path("elsewhere.db"), service.path("kept.db")).unwrap();
    service.until_ready().await;
    assert_eq!(service.post("f:2", "Again").await, 200);
    assert_eq!(service.kept().await, ["f:1", "f:2"]);
    assert!(service.log().contains("the store can be written again"), "{}", service.log());

    // Its log is a part of it.
    std::fs::remove_file(service.path("kept.db-wal")).unwrap();
    assert!(!service.is_ready().await);
    assert_eq!(service.post("f:3", "Again").await, 503);
}

#[tokio::test]
async fn a_deleted_file_takes_nothing() {
    let service = Service::begin().await;
    assert_eq!(service.post("f:1", "hello").await, 200);
    std::fs::remove_file(service.path("kept.db")).unwrap();
    assert!(!service.is_ready().await);
    for id in ["f:2", "f:3"] {
        assert_eq!(service.post(id, "Again").await, 503);
    }
    assert!(!service.path("kept.db").exists(), "no new one is made under the running service");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_takes_nothing_and_says_so() {
    let (teams, folder, port) = Service::prepare().await;
    // A limit to the size of files is the disk that is full; its signal would end the program.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\"", env!("CARGO_BIN_EXE_switchboard")]);
    let program = Program::of(with_settings(&mut shell, &teams, folder.path(), port, "info"));
    let service = Service { teams, folder, port, program };
    wait_until_ready(&service.base()).await;
    assert_eq!(service.post("f:0", "hello").await, 200);
    let limit = |bytes: &str| {
        let done = Command::new("prlimit")
            .args([
                "--pid",
                &service.program.id().to_string(),
                &format!("--fsize={bytes}:unlimited"),
            ])
            .status();
        assert!(done.unwrap().success());
    };
    let size = std::fs::metadata(service.path("kept.db-wal")).unwrap().len();
    limit(&(size + 100_000).to_string());

    let (mut taken, mut number) = (vec!["f:0".to_owned()], 0);
    let refused = loop {
        number += 1;
        let id = format!("f:{number}");
        match service.post(&id, "Again").await {
            200 => taken.push(id),
            503 => break id,
            status => panic!("{status}"),
        }
        assert!(number < 500, "the disk is never full");
    };
    assert!(!service.is_ready().await);
    assert_eq!(service.post(&refused, "Again").await, 503);
    assert!(service.log().contains("the store cannot be written"), "{}", service.log());

    limit("unlimited");
    service.until_ready().await;
    assert_eq!(service.post(&refused, "Again").await, 200);
    taken.push(refused);
    assert_eq!(service.kept().await, taken, "what was taken is there, once, and nothing else");
}

#[tokio::test]
async fn a_damaged_page_ends_the_writing_and_a_start_on_it_is_refused() {
    let mut service = Service::begin().await;
    assert_eq!(service.post("f:1", "hello").await, 200);
    // At its end the log goes into the file.
    let stop = Command::new("kill").arg(service.program.id().to_string()).status();
    assert!(stop.unwrap().success());
    assert!(service.program.ended().await);
    service.program = start(&service.teams, service.folder.path(), service.port, "info");
    wait_until_ready(&service.base()).await;

    let mut file = std::fs::OpenOptions::new().write(true).open(service.path("kept.db")).unwrap();
    let size = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(3 * 4096)).unwrap();
    file.write_all(&vec![0x55; usize::try_from(size).unwrap() - 3 * 4096]).unwrap();
    drop(file);
    let begin = Instant::now();
    let mut number = 1;
    while service.is_ready().await {
        number += 1;
        let status = service.post(&format!("f:{number}"), "Again").await;
        assert!(status >= 500, "taken into a damaged file: {status}");
        assert!(begin.elapsed() < PATIENCE, "nobody notices: {}", service.log());
    }
    assert_eq!(service.post("f:next", "Again").await, 503);
    assert!(
        service.log().contains("the database is damaged: nothing is written"),
        "{}",
        service.log()
    );

    service.program.kill();
    let mut again = start(&service.teams, service.folder.path(), service.port, "info");
    assert!(!again.ended().await);
    assert!(service.log().contains("kept.db is damaged"), "{}", service.log());
}

#[tokio::test]
async fn one_service_has_a_file_and_the_next_may_have_it_after_a_kill() {
    let mut first = Service::begin().await;
    let mut second = start(&first.teams, first.folder.path(), a_port(), "info");
    assert!(!second.ended().await);
    let said =
        format!("is used by another Switchboard (process {}, started 20", first.program.id());
    assert!(first.log().contains(&said), "{}", first.log());
    assert!(first.is_ready().await);
    assert_eq!(first.post("f:1", "hello").await, 200);
    first.program.kill();
    first.program = start(&first.teams, first.folder.path(), first.port, "info");
    wait_until_ready(&first.base()).await;
    assert_eq!(first.kept().await, ["f:1"]);
}

#[tokio::test]
async fn a_new_file_where_a_service_was_before_is_warned_of() {
    let (teams, folder, port) = Service::prepare().await;
    for name in ["kept.db.lock", "kept.db-wal", "admin-token"] {
        std::fs::write(folder.path().join(name), "0123456789abcdef0123456789abcdef").unwrap();
    }
    let program = start(&teams, folder.path(), port, "info");
    let service = Service { teams, folder, port, program };
    wait_until_ready(&service.base()).await;
    let log = service.log();
    let warning = log
        .lines()
        .find(|line| line.contains("a new and empty database is made"))
        .unwrap_or_else(|| panic!("nothing was said: {log}"));
    for name in ["kept.db", "kept.db.lock", "kept.db-wal", "admin-token"] {
        assert!(warning.contains(&*service.path(name).to_string_lossy()), "{name}: {warning}");
    }
    let aside = std::fs::read_to_string(service.path("kept.db-wal.left-1")).unwrap();
    assert!(aside.starts_with("0123456789"), "the old log is not thrown away");
}

#[cfg(unix)]
#[tokio::test]
async fn references_do_not_jump_and_none_is_given_twice() {
    let mut service = Service::begin().await;
    assert_eq!(service.post_of("kim", "f:1").await, 200);
    assert_eq!(service.references().await, [1001]);
    // Stopped in good order: the next one follows.
    let pid = service.program.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(service.program.ended().await);
    service.program = start(&service.teams, service.folder.path(), service.port, "info");
    wait_until_ready(&service.base()).await;
    assert_eq!(service.post_of("lee", "f:2").await, 200);
    assert_eq!(service.references().await, [1001, 1002]);
    // Killed: a handful is lost, none comes again.
    service.program.kill();
    service.program = start(&service.teams, service.folder.path(), service.port, "info");
    wait_until_ready(&service.base()).await;
    assert_eq!(service.post_of("max", "f:3").await, 200);
    let given = service.references().await;
    assert!(given.len() == 3 && (1003..1013).contains(&given[2]), "{given:?}");
    // Who restores a backup does not know what was given out since.
    let done = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .current_dir(service.folder.path())
        .env_clear()
        .args(["store", "backup", "copy.db", "--store", "sqlite:kept.db"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let address = format!("sqlite:{}", service.path("copy.db").display());
    let copy = switchboard::store::open(&address).await.unwrap();
    assert_eq!(copy.numbers(1).await, Ok(12_001..12_002));
    copy.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_is_looked_through_and_copied_beside_the_service() {
    let service = Service::begin().await;
    assert_eq!(service.post("f:1", "hello").await, 200);
    let run = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .current_dir(service.folder.path())
            .env_clear()
            .env("SWITCHBOARD_STORE", "sqlite:kept.db")
            .args(arguments)
            .output()
            .unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    };
    let (well, said) = run(&["store", "check"]);
    assert!(well && said.starts_with("No damage: ") && said.contains(", 1 sessions."), "{said}");
    let (well, said) = run(&["store", "backup", "copy.db"]);
    assert!(well && said.starts_with("copy.db: "), "{said}");
    let mode = std::fs::metadata(service.path("copy.db")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    let (well, said) = run(&["store", "backup", "copy.db"]);
    assert!(!well && said.contains("is there already"), "{said}");
    let (well, said) = run(&["store", "check", "--store", "memory:"]);
    assert!(!well && said.contains("sqlite:PATH"), "{said}");
    let (well, said) = run(&["store", "check", "--store", "sqlite:none.db"]);
    assert!(
        !well && said.contains("there is no none.db") && !service.path("none.db").exists(),
        "{said}"
    );

    // Nobody's locks were lost by it, and the copy holds what was acknowledged.
    assert_eq!(service.post("f:2", "Again").await, 200);
    assert!(service.is_ready().await);
    let address = format!("sqlite:{}", service.path("copy.db").display());
    let copy = switchboard::store::open(&address).await.unwrap();
    let page = copy.sessions(&switchboard::store::Filter::default()).await.unwrap();
    let lines = copy.transcript(page.items[0].session.id).await.unwrap();
    assert_eq!(lines[0].activity_id.as_deref(), Some("f:1"));
    copy.close().await;

    let damaged = service.path("copy.db");
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[3 * 4096..].fill(0x55);
    std::fs::write(&damaged, bytes).unwrap();
    let (well, said) = run(&["store", "check", "--store", "sqlite:copy.db"]);
    assert!(!well && said.contains("The database is damaged."), "{said}");
}

impl Service {
    /// Runs a command on the service's database.
    fn store(&self, arguments: &[&str]) -> (bool, String) {
        let done = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .current_dir(self.folder.path())
            .env_clear()
            .env("SWITCHBOARD_STORE", "sqlite:kept.db")
            .arg("store")
            .args(arguments)
            .output()
            .unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    }

    fn start_again(&mut self) {
        self.program = start(&self.teams, self.folder.path(), self.port, "info");
    }
}

/// The guests' words in a database, by activity.
async fn words_in(database: &std::path::Path) -> Vec<String> {
    let address = format!("sqlite:{}", database.display());
    let Ok(store) = switchboard::store::open(&address).await else { return Vec::new() };
    let mut words = Vec::new();
    for row in store.sessions(&switchboard::store::Filter::default()).await.unwrap().items {
        let lines = store.transcript(row.session.id).await.unwrap();
        words.extend(lines.into_iter().filter_map(|line| line.activity_id));
    }
    store.close().await;
    words
}

#[tokio::test]
async fn the_file_alone_has_everything_once_the_service_idles() {
    let service = Service::begin().await;
    for id in ["f:1", "f:2", "f:3"] {
        assert_eq!(service.post(id, "hello").await, 200);
    }
    let begin = Instant::now();
    for number in 0.. {
        // A folder of its own: nothing but the file goes along.
        let folder = service.path(&format!("copy-{number}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(service.path("kept.db"), folder.join("kept.db")).unwrap();
        let words = words_in(&folder.join("kept.db")).await;
        if ["f:1", "f:2", "f:3"].iter().all(|id| words.iter().any(|word| word == id)) {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the file never has it: {words:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(service.path("kept.db-wal").exists() && service.is_ready().await);
    assert_eq!(service.post("f:4", "Again").await, 200);
    assert_eq!(service.kept().await, ["f:1", "f:2", "f:3", "f:4"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_put_back_and_what_was_there_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut service = Service::begin().await;
    assert_eq!(service.post_of("kim", "f:1").await, 200);
    let (well, said) = service.store(&["backup", "copy.db"]);
    assert!(well, "{said}");
    assert_eq!(service.post_of("lee", "f:2").await, 200);
    let (well, said) = service.store(&["restore", "copy.db"]);
    assert!(!well && said.contains("is used by another Switchboard"), "{said}");
    assert_eq!(service.kept().await.len(), 2, "and nothing has happened to it");

    // Killed: what came last is in the log alone, which belongs to the database.
    service.program.kill();
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(service.path("copy.db"), open).unwrap();
    let (well, said) = service.store(&["restore", "copy.db"]);
    assert!(well && said.starts_with("copy.db is in place: ") && said.contains(", 1 sessions."));
    assert!(said.contains("kept.db.before-1."), "{said}");
    let mode = std::fs::metadata(service.path("kept.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    service.start_again();
    wait_until_ready(&service.base()).await;
    assert_eq!(service.kept().await, ["f:1"]);
    assert_eq!(service.post_of("max", "f:3").await, 200);
    assert_eq!(service.references().await, [1001, 12_001], "beyond those given out, and once");
    let mut before = words_in(&service.path("kept.db.before-1")).await;
    before.retain(|id| id.starts_with("f:"));
    before.sort_unstable();
    assert_eq!(before, ["f:1", "f:2"]);

    // A file that was copied by hand knows nothing of references that were given out since.
    service.program.kill();
    std::fs::copy(service.path("kept.db.before-1"), service.path("by-hand.db")).unwrap();
    let (well, said) = service.store(&["restore", "by-hand.db"]);
    assert!(well && said.contains("kept.db.before-2."), "{said}");
    service.start_again();
    wait_until_ready(&service.base()).await;
    assert_eq!(service.post_of("max", "f:4").await, 200);
    let given = service.references().await;
    assert!(given.len() == 3 && given[2] > 11_000, "{given:?}");
}

#[tokio::test]
async fn what_is_no_sound_backup_is_not_put_in_place() {
    let mut service = Service::begin().await;
    assert_eq!(service.post("f:1", "hello").await, 200);
    let (well, said) = service.store(&["backup", "copy.db"]);
    assert!(well, "{said}");
    service.program.kill();
    let copy = service.path("copy.db");
    let whole = std::fs::read(&copy).unwrap();
    let refused = |name: &str, bytes: &[u8], why: &str| {
        std::fs::write(service.path(name), bytes).unwrap();
        let (well, said) = service.store(&["restore", name]);
        assert!(!well && said.contains(why), "{name}: {said}");
    };
    let mut damaged = whole.clone();
    damaged[3 * 4096..].fill(0x55);
    refused("damaged.db", &damaged, "damaged.db is damaged");
    refused("half.db", &whole[..whole.len() / 2], "half.db");
    refused("empty.db", b"", "is no backup of Switchboard");
    refused("text.db", b"no database at all, but long enough to be read as a head of one, which has a hundred bytes in all", "text.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy);
    let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    refused(
        "newer.db",
        &std::fs::read(&copy).unwrap(),
        "was written by a newer version of Switchboard",
    );
    let (well, said) = service.store(&["restore", "none.db"]);
    assert!(!well && said.contains("there is no none.db"), "{said}");
    let (well, said) = service.store(&["restore", "kept.db"]);
    assert!(!well && said.contains("is the database itself"), "{said}");
    assert!(
        !service.path("kept.db.before-1").exists() && !service.path("kept.db.restoring").exists()
    );
    service.start_again();
    wait_until_ready(&service.base()).await;
    assert_eq!(service.kept().await, ["f:1"]);
}

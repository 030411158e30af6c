//! A file that an earlier build wrote goes on with this one: every state of a session and every
//! question that it can wait for, letters that were not delivered, a version of the files that is
//! no more. tests/store/earlier/README.md says how the file was made.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use switchboard::{company, source};

use crate::{
    app::{Chat, Setup, TestApp},
    desks::connect,
    elsewhere::{Elsewhere, Reply},
    fake_teams::{Failure, Served},
    personal_desks::takes,
};

/// What stands in the committed files for Microsoft, for the ticket system and for ourselves.
const TEAMS: &str = "https://teams.example";
const TICKETS: &str = "http://tickets.example";
const OURSELVES: &str = "https://switchboard.example";

const IT: &str = "19:it-desk@thread.tacv2";
const HR: &str = "19:hr-desk@thread.tacv2";
const NIGHT: &str = "19:night-desk@thread.tacv2";

/// Travel's questions, as they were when Paul began and as they are.
const WORDS: [(&str, &str); 2] = [
    ("Where to?", "Which city, please?"),
    ("To {{Data.city}}: by train or by plane?", "How will you go to {{Data.city}}?"),
];

/// Everybody except agents, with the state and the stage or question in which they are.
const HOUSE: &[(&str, &str)] = &[
    ("abel", "abandoned"),
    ("rosa", "resolved"),
    ("ugo", "unresolved"),
    ("jon", "active"),
    ("paul", "active"),
    ("rem", "active"),
    ("mia", "active"),
    ("flo", "active"),
    ("gus", "active"),
    ("fay", "active"),
    ("hugo", "active"),
    ("sue", "active"),
    ("cora", "active"),
    ("nils", "active"),
    ("una", "active"),
    ("rita", "active"),
    ("ari", "active"),
    ("enno", "active"),
    ("dora", "active"),
    ("moe", "with_agent"),
    ("udo", "with_agent"),
    ("tom", "with_agent"),
    ("fil", "with_agent"),
    ("lea", "with_agent"),
    ("quin", "waiting_for_agent"),
    ("pia", "waiting_for_agent"),
    ("tess", "waiting_for_agent"),
    ("mel", "active"),
    ("leo", "open"),
    ("dag", "active"),
    ("olga", "active"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/earlier")
}

fn files() -> source::Files {
    company::read_folder(&folder().join("company")).unwrap()
}

async fn sql(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap()
}

async fn run(path: &Path, statement: &str) {
    let mut db = sql(path).await;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// One column of text.
async fn ask(path: &Path, question: &str) -> Vec<String> {
    let mut db = sql(path).await;
    let rows =
        sqlx::query_scalar(AssertSqlSafe(question.to_owned())).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows
}

/// Every column of text of every table of ours.
async fn columns(path: &Path) -> Vec<(String, String)> {
    let found = ask(
        path,
        "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
    )
    .await;
    found
        .iter()
        .map(|name| name.split_once('.').unwrap())
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect()
}

/// Addresses are others from now on, wherever they stand.
async fn moved(path: &Path, changes: &[(String, String)]) {
    for (table, column) in columns(path).await {
        for (from, to) in changes {
            run(
                path,
                &format!(
                    "UPDATE {table} SET \"{column}\" = replace(\"{column}\", '{from}', '{to}') WHERE instr(\"{column}\", '{from}') > 0"
                ),
            )
            .await;
        }
    }
}

// ---- writing the file ----

/// At IT's desk; gives the thread.
async fn at_it(app: &TestApp, guest: &str) -> String {
    form(app, guest).await;
    let before = app.teams.threads(IT).len();
    app.chat(guest).fill("Send", json!({ "topic": "Laptop", "machine": "ThinkPad" })).await;
    let threads = app.teams.threads(IT);
    assert_eq!(threads.len(), before + 1);
    threads.last().unwrap().clone()
}

/// At IT's form.
async fn form(app: &TestApp, guest: &str) {
    app.chat(guest).say("my laptop is broken").await;
    app.chat(guest).click("Computers").await;
}

async fn taken(app: &TestApp, guest: &str) -> String {
    let thread = at_it(app, guest).await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    thread
}

/// With Cem of HR.
async fn at_hr(app: &TestApp, guest: &str) -> String {
    app.chat(guest).say("my contract ends").await;
    app.chat(guest).click("Contract").await;
    app.chat(guest).click("Yes").await;
    let thread = app.teams.threads(HR).last().unwrap().clone();
    app.agent("cem").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    thread
}

async fn at_legal(app: &TestApp, guest: &str) {
    let chat = app.chat(guest);
    chat.say(&format!("question of {guest}")).await;
    chat.say("departments").await;
    chat.say("Legal").await;
}

async fn chooses(app: &TestApp, guest: &str, titles: &[&str]) {
    app.chat(guest).say("good morning").await;
    for title in titles {
        app.chat(guest).click(title).await;
    }
}

/// Travel's files are older, and the ticket system is here.
fn older(system: &Elsewhere) -> source::Files {
    let mut files = files();
    let travel = files.get_mut("tenants/travel/tenant.yaml").unwrap();
    for (old, new) in WORDS {
        assert!(travel.contains(new));
        *travel = travel.replace(new, old);
    }
    let tickets = files.get_mut("tenants/tickets/tenant.yaml").unwrap();
    *tickets = tickets.replace(TICKETS, &format!("http://{}", system.host()));
    files
}

/// Those of whom time has passed, and Paul before the files changed.
async fn long_ago(app: &TestApp) {
    chooses(app, "abel", &[]).await;
    app.pass(20 * 60 + 1);
    app.tick().await;
    app.pass(40 * 60);
    app.tick().await;
    chooses(app, "rosa", &["More", "Nothing"]).await;
    chooses(app, "ugo", &["More", "In vain"]).await;
    chooses(app, "paul", &["Journey"]).await;
    app.write("tenants/travel/tenant.yaml", &files()["tenants/travel/tenant.yaml"]);
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    chooses(app, "rem", &["More", "Check"]).await;
    app.pass(20 * 60 + 1);
    app.tick().await;
}

async fn desks_and_agents(app: &TestApp) {
    for (tenant, channel) in [("it", IT), ("hr", HR), ("night", NIGHT)] {
        connect(app, tenant, channel).await;
    }
    assert_eq!(app.order("/desks/it/code", &json!({})).await.status, 200);
    for (agent, how) in [("lena", "/available"), ("mats", "/away")] {
        for words in ["hello", "/end", "yes", how] {
            app.chat(agent).say(words).await;
        }
    }
}

/// Everybody who has a question of the program's own before them.
async fn asked(app: &TestApp) {
    chooses(app, "jon", &["Journey", "Wrong department"]).await;
    chooses(app, "mia", &[]).await;
    form(app, "flo").await;
    chooses(app, "gus", &[]).await;
    app.chat("gus").say("computrs").await;
    chooses(app, "fay", &[]).await;
    app.chat("fay").say("please tell me how to connect to the vpn").await;
    chooses(app, "cora", &["Contract"]).await;
    chooses(app, "nils", &["Keys"]).await;
    chooses(app, "una", &["Journey"]).await;
    chooses(app, "rita", &["More", "Check"]).await;
    for (guest, words) in [("ari", "/restart"), ("enno", "/end"), ("dora", "departments")] {
        chooses(app, guest, &[]).await;
        app.chat(guest).say(words).await;
    }
    chooses(app, "mel", &["Keys", "Leave it for Night Watch"]).await;
    chooses(app, "leo", &["Keys", "Leave it for Night Watch"]).await;
    app.chat("leo").say("I lost my key").await;
}

async fn with_people(app: &TestApp) {
    let thread = taken(app, "sue").await;
    app.agent("ann").click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    app.idle().await;
    let thread = taken(app, "tom").await;
    app.agent("ann").say_in(&thread, "Hello, what does it say?").await;
    for (question, answer) in
        [("How do I reset the battery?", "Hold the key."), ("Where is it?", "Here.")]
    {
        app.agent("bob")
            .click_in(
                &thread,
                "Add to the FAQ",
                json!({ "faqQuestion": question, "faqAnswer": answer }),
            )
            .await;
    }
    app.idle().await;
    let drafts = app.api("/faq/drafts?tenant=it&state=proposed").await;
    let last = drafts["items"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(app.order(&format!("/faq/drafts/{last}/reject"), &json!({})).await.status, 200);
    at_it(app, "quin").await;
    let thread = at_hr(app, "moe").await;
    app.agent("cem")
        .click_in(&thread, "Transfer", json!({ "tenant": "it", "reason": "IT can look" }))
        .await;
    app.idle().await;
    at_hr(app, "udo").await;
    app.chat("udo").click("Wrong department").await;
    at_legal(app, "lea").await;
    takes(app, &app.chat("lena"), "lea").await;
    app.chat("lena").say("Hello, this is Lena").await;
    at_legal(app, "pia").await;
}

/// What is on its way when the process ends: a letter that was refused, a call, a file, letters.
async fn under_way(app: &TestApp, system: &Elsewhere) {
    chooses(app, "dag", &["Journey"]).await;
    app.teams.fail_next(1, Failure::Status(400, json!({ "error": { "code": "BadArgument" } })));
    app.chat("dag").say("Lisbon").await;

    chooses(app, "hugo", &["More", "Order"]).await;
    system.answers([Reply::new(503, "").after(Duration::from_secs(60))]);
    assert!(app.post(&app.chat("hugo").message("a monitor")).await.is_empty_200());
    app.until("the order is asked for", || system.asked().len() == 1).await;

    taken(app, "fil").await;
    let plan = app.teams.put_file("plan.pdf", Served::Stuck);
    assert!(app.post(&sends(&app.chat("fil"), &plan)).await.is_empty_200());
    app.until("the file is fetched", || !app.teams.fetched().is_empty()).await;
    app.teams.stirs(Duration::from_millis(300)).await;

    form(app, "tess").await;
    let form = app.chat("tess").execute("Send", json!({ "topic": "Dock", "machine": "X1" }));
    app.teams.fail_next(1000, Failure::Busy(503, "3600"));
    assert_eq!(app.post(&form).await.status, 200);
    assert!(app.post(&app.chat("olga").message("good morning")).await.is_empty_200());
}

fn sends(chat: &Chat<'_>, url: &str) -> Value {
    let file = json!({
        "contentType": "application/vnd.microsoft.teams.file.download.info", "name": "plan.pdf",
        "contentUrl": "https://northwind.example/plan.pdf",
        "content": { "downloadUrl": url, "uniqueId": "1", "fileType": "pdf" },
    });
    chat.activity("message", json!({ "text": "see this", "attachments": [file] }))
}

/// `EARLIER=tests/store/earlier cargo nextest run --test service --run-ignored only earlier` writes
/// the files into that folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes tests/store/earlier again, with this build: see the README there"]
async fn the_house_is_written_anew() {
    let Some(to) = std::env::var_os("EARLIER").map(PathBuf::from) else { return };
    let system = Elsewhere::start().await;
    let app = Setup::new().company(older(&system)).sqlite().start().await;
    long_ago(&app).await;
    desks_and_agents(&app).await;
    asked(&app).await;
    with_people(&app).await;
    under_way(&app, &system).await;

    let house = to.join("house.db");
    drop(std::fs::remove_file(&house));
    // What a process leaves that is killed now.
    run(&app.kept(), &format!("VACUUM INTO '{}'", house.display())).await;
    let teams = app.teams.service_url().replace("/connector", "");
    let ours = app.base().to_owned();
    let changes = [
        (teams, TEAMS.to_owned()),
        (format!("http://{}", system.host()), TICKETS.to_owned()),
        (ours, OURSELVES.to_owned()),
    ];
    moved(&house, &changes).await;
    run(
        &house,
        "UPDATE _sqlx_migrations SET installed_on = '2026-11-30 00:00:00', execution_time = 0",
    )
    .await;
    // Small: answers to old clicks are not needed, nor are large pages.
    run(&house, "UPDATE seen SET body = NULL WHERE rowid NOT IN (SELECT rowid FROM seen WHERE body NOTNULL ORDER BY rowid DESC LIMIT 5)").await;
    run(&house, "PRAGMA page_size = 512; VACUUM").await;
    for (table, column) in columns(&house).await {
        let left = ask(
            &house,
            &format!(
                "SELECT \"{column}\" FROM {table} WHERE \"{column}\" LIKE '%127.0.0.1:%' OR \"{column}\" LIKE '%/tmp/%'"
            ),
        )
        .await;
        assert!(left.is_empty(), "{table}.{column}: {left:?}");
    }
    let memory = app.teams.memory();
    let sent: Vec<String> =
        memory["sent"].as_array().unwrap().iter().map(ToString::to_string).collect();
    // A line a message, so that a change can be read.
    let mut memory = format!(
        "{{\n\"now\": {},\n\"channels\": {},\n\"threads\": {},\n\"nextId\": {},\n\"sent\": [\n{}\n]\n}}\n",
        json!(app.now()),
        memory["channels"],
        memory["threads"],
        memory["nextId"],
        sent.join(",\n"),
    );
    for (from, to) in changes {
        memory = memory.replace(&from, &to);
    }
    assert!(!memory.contains("127.0.0.1"), "{memory}");
    std::fs::write(to.join("teams.json"), memory).unwrap();
}

// ---- going on ----

struct House {
    app: TestApp,
    system: Elsewhere,
}

/// The session in which a guest is, else the newest.
async fn present(chat: &Chat<'_>) -> Value {
    let sessions = chat.sessions().await;
    sessions.iter().find(|session| session["endedUtc"].is_null()).unwrap_or(&sessions[0]).clone()
}

impl House {
    /// What the guest sees last, and where they are.
    async fn sees(&self, guest: &str, words: &str, tenant: &str, state: &str) {
        let chat = self.app.chat(guest);
        assert!(chat.last().contains(words), "{guest}, `{words}`: {:#?}", chat.texts());
        let session = present(&chat).await;
        let found = (&session["tenantId"], &session["state"]);
        assert_eq!(found, (&json!(tenant), &json!(state)), "{guest}: {:#?}", chat.texts());
    }

    async fn says(&self, guest: &str, text: &str, words: &str, tenant: &str, state: &str) {
        self.app.chat(guest).say(text).await;
        self.sees(guest, words, tenant, state).await;
    }

    /// The guest clicks a button of a card that the earlier build sent.
    async fn clicks(&self, guest: &str, title: &str, words: &str, tenant: &str, state: &str) {
        self.app.chat(guest).click(title).await;
        self.sees(guest, words, tenant, state).await;
    }

    /// Somebody takes the chat in a thread.
    async fn takes(&self, agent: &str, thread: &str) {
        self.app.agent(agent).click_in(thread, "Take", json!({})).await;
        self.app.idle().await;
    }

    /// That thread of a channel, once it is there.
    async fn thread(&self, channel: &str, index: usize) -> String {
        let teams = &self.app.teams;
        self.app.until("the thread is there", || teams.threads(channel).len() > index).await;
        self.app.idle().await;
        teams.threads(channel)[index].clone()
    }
}

/// A copy of the file, opened by this build, with the chats as they stood.
async fn house() -> House {
    let system = Elsewhere::start().await;
    system.otherwise(Some(Reply::new(200, r#"{"ticket":{"number":"ORD-7"}}"#)));
    let mut app = Setup::new().company(files()).sqlite().start().await;
    app.stop().await;
    for end in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{end}", app.kept().display())));
    }
    std::fs::copy(folder().join("house.db"), app.kept()).unwrap();
    let teams = app.teams.service_url().replace("/connector", "");
    let tickets = format!("http://{}", system.host());
    moved(&app.kept(), &[(TEAMS.to_owned(), teams.clone()), (TICKETS.to_owned(), tickets)]).await;
    let memory = std::fs::read_to_string(folder().join("teams.json")).unwrap();
    let memory: Value = serde_json::from_str(&memory.replace(TEAMS, &teams)).unwrap();
    app.teams.recalls(&memory);
    app.teams.put_file("plan.pdf", Served::Bytes("application/pdf", vec![7; 2048]));
    app.set_now(memory["now"].as_str().unwrap().parse().unwrap());
    app.ids_from(1_000_000);
    app.resume().await;
    House { app, system }
}

/// What the tables are, and which migrations made them so.
const SCHEMA: &str = "SELECT coalesce(sql, name) FROM sqlite_master UNION ALL \
    SELECT version || ' ' || hex(checksum) || ' ' || installed_on || ' ' || success FROM _sqlx_migrations";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_an_earlier_build_opens_as_it_is() {
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("house.db");
    std::fs::copy(folder().join("house.db"), &copied).unwrap();
    let schema = ask(&copied, SCHEMA).await;
    let House { app, .. } = house().await;
    let now = ask(&app.kept(), SCHEMA).await;
    for was in schema {
        // A column that is new stands behind all that were there.
        let columns = was.find(",\n    PRIMARY KEY").or(was.find(") STRICT")).unwrap_or(was.len());
        let (begins, ends) = was.split_at(columns);
        assert!(
            now.iter().any(|is| *is == was
                || (!ends.is_empty() && is.starts_with(begins) && is.ends_with(ends))),
            "what was there stays as it was: {was}"
        );
    }
    assert_eq!(ask(&app.kept(), "PRAGMA integrity_check").await, ["ok"]);

    let list = app.api("/sessions?limit=500").await;
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for session in list["items"].as_array().unwrap() {
        *states.entry(session["state"].as_str().unwrap()).or_default() += 1;
    }
    let expected = [
        ("abandoned", 1),
        ("active", 19),
        ("open", 1),
        ("resolved", 1),
        ("returned", 1),
        ("transferred", 18),
        ("unresolved", 3),
        ("waiting_for_agent", 3),
        ("with_agent", 5),
    ];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), expected);
    for (guest, state) in HOUSE {
        assert_eq!(present(&app.chat(guest)).await["state"], *state, "{guest}");
    }
    // Whoever is on today's files is known to be: the version of a file is still counted so.
    for (guest, tenant) in [("mia", "front"), ("flo", "it"), ("una", "travel"), ("leo", "night")] {
        assert_eq!(
            app.chat(guest).sessions().await[0]["pipelineVersion"],
            app.api(&format!("/tenants/{tenant}")).await["pipelineVersion"],
            "{guest}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_in_a_file_of_an_earlier_build_goes_on() {
    let house = house().await;
    what_was_on_its_way_arrives(&house).await;
    questions_are_answered(&house).await;
    moves_go_on(&house).await;
    people_go_on(&house).await;
    time_goes_on(&house).await;
    house.app.finish().await;
}

async fn what_was_on_its_way_arrives(house: &House) {
    let app = &house.app;
    let olga = app.chat("olga");
    app.until("Olga's menu", || olga.last().contains("What is it about?")).await;
    // What Teams repeats was seen.
    let again = crate::forge::with(olga.message("good morning"), json!({ "id": "f:104" }));
    assert!(app.post(&again).await.is_empty_200());
    app.idle().await;
    assert_eq!(olga.texts().len(), 1, "{:#?}", olga.texts());
    house.clicks("olga", "More", "What else?", "front", "active").await;

    let thread = house.thread(IT, 4).await;
    house.sees("tess", "I am asking IT for a person.", "it", "waiting_for_agent").await;
    house.takes("bob", &thread).await;
    house.sees("tess", "bob Quackenbush from IT is here now.", "it", "with_agent").await;

    let dead = app.api("/outbox?state=dead").await["items"].clone();
    assert_eq!(dead.as_array().unwrap().len(), 1, "{dead:#}");
    let path = format!("/outbox/{}/retry", dead[0]["id"].as_str().unwrap());
    assert!(app.order(&path, &json!({})).await.status < 300);
    app.idle().await;
    house.says("dag", "train", "Booked: Lisbon by train.", "travel", "resolved").await;

    let (thread, ann) = (house.thread(IT, 3).await, app.agent("ann"));
    let is_carried = |text: &String| text.contains("sent a file: [plan.pdf](");
    app.until("the file is carried", || ann.texts_in(&thread).iter().any(is_carried)).await;
}

async fn questions_are_answered(house: &House) {
    house.clicks("jon", "Journey", "Which city, please?", "travel", "active").await;
    // The words are those of the files that Paul began with.
    let version = house.app.chat("paul").sessions().await[0]["pipelineVersion"].clone();
    house.says("paul", "Lisbon", "To Lisbon: by train or by plane?", "travel", "active").await;
    house.says("paul", "train", "Booked: Lisbon by train.", "travel", "resolved").await;
    assert_eq!(house.app.chat("paul").sessions().await[0]["pipelineVersion"], version);
    assert_ne!(house.app.chat("jon").sessions().await[0]["pipelineVersion"], version);

    house.clicks("mia", "Contract", "[Yes]", "front", "active").await;
    let topic = json!({ "topic": "Laptop", "machine": "ThinkPad" });
    house.app.chat("flo").fill("Send", topic).await;
    house.sees("flo", "I am asking IT for a person.", "it", "waiting_for_agent").await;
    house.clicks("gus", "Yes", "What is it?", "it", "active").await;
    house.clicks("fay", "This helped", "Good.", "front", "resolved").await;
    house.says("sue", "4 that was quick", "Thank you.", "it", "resolved").await;
    assert_eq!(house.app.chat("sue").sessions().await[0]["metadata"]["Session.Rating"], 4);
    house
        .says("mel", "my badge is gone", "Your message is with Night Watch", "night", "open")
        .await;
    // Abel was away, the others had ended: each is asked, or begins anew.
    for guest in ["abel", "rosa", "ugo"] {
        let before = house.app.chat(guest).texts().len();
        house.app.chat(guest).say("good morning").await;
        assert!(house.app.chat(guest).texts().len() > before, "{guest}");
    }
}

async fn moves_go_on(house: &House) {
    house.clicks("una", "Wrong department", "What is it about?", "front", "active").await;
    for guest in ["rem", "rita"] {
        let words = "Review noted: the plan. Anything else?";
        house.says(guest, "the plan", words, "front", "active").await;
    }
    house.clicks("cora", "Yes", "I am asking HR for a person.", "hr", "waiting_for_agent").await;
    house.clicks("nils", "Stay here", "", "front", "active").await;
    house.says("ari", "Begin again", "What is it about?", "front", "active").await;
    house.says("enno", "yes", "", "front", "unresolved").await;
    let asking = "I am asking Legal for a person.";
    house.says("dora", "Legal", asking, "legal", "waiting_for_agent").await;
    // Handed over by an agent, nobody is asked again what they want.
    house.clicks("moe", "Yes", "I am asking IT for a person.", "it", "waiting_for_agent").await;
    house.clicks("udo", "No", "", "hr", "with_agent").await;
}

async fn people_go_on(house: &House) {
    let app = &house.app;
    let (thread, ann) = (house.thread(IT, 1).await, app.agent("ann"));
    ann.say_in(&thread, "Hold the power button.").await;
    house.sees("tom", "Hold the power button.", "it", "with_agent").await;
    app.chat("tom").say("it works").await;
    assert!(ann.last_in(&thread).contains("it works"), "{:#?}", ann.texts_in(&thread));
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    app.idle().await;
    house.sees("tom", "How was the help?", "it", "active").await;

    house.takes("bob", &house.thread(IT, 2).await).await;
    house.sees("quin", "bob Quackenbush from IT is here now.", "it", "with_agent").await;
    app.agent("cem").say_in(&house.thread(HR, 1).await, "Which one?").await;
    house.sees("udo", "Which one?", "hr", "with_agent").await;
    let thread = house.thread(NIGHT, 0).await;
    house.takes("cem", &thread).await;
    app.agent("cem").say_in(&thread, "We have it.").await;
    house.sees("leo", "We have it.", "night", "with_agent").await;

    // Lena is at her desk, Mats is not.
    let lena = app.chat("lena");
    app.chat("lea").say("what now?").await;
    let hears = |text: &String| text.contains("what now?");
    assert!(lena.texts().iter().any(hears), "{:#?}", lena.texts());
    lena.say("Read page four.").await;
    house.sees("lea", "Read page four.", "legal", "with_agent").await;
    takes(app, &lena, "pia").await;
    house.sees("pia", "lena Quackenbush from Legal is here now.", "legal", "with_agent").await;
    let mats = app.chat("mats").texts().join("\n");
    assert!(!mats.contains("for a person since"), "{mats}");

    let drafts = app.api("/faq/drafts?tenant=it&state=proposed").await["items"].clone();
    let path = format!("/faq/drafts/{}/accept", drafts[0]["id"].as_str().unwrap());
    assert_eq!(app.order(&path, &json!({})).await.status, 200, "{drafts:#}");
    let rejected = app.api("/faq/drafts?tenant=it&state=rejected").await["items"].clone();
    assert_eq!(rejected[0]["question"], "Where is it?");
    let report = app.api("/reports/faq").await;
    assert_eq!(report["items"][0]["helped"], 1, "{report:#}");
}

async fn time_goes_on(house: &House) {
    let app = &house.app;
    app.pass(16);
    app.tick().await;
    let hugo = app.chat("hugo");
    app.until("the order is open", || hugo.last().contains("Order ORD-7 is open.")).await;
    app.idle().await;
    house.sees("hugo", "Order ORD-7 is open.", "tickets", "resolved").await;
    assert_eq!(house.system.asked()[0].path, "/api/orders/aad-hugo");

    app.pass(11 * 60);
    app.tick().await;
    house.sees("cora", "Nobody is free. Leave a message.", "hr", "active").await;
}

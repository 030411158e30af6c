//! The whole program on a port of its own, against [`FakeTeams`]. The clock stands still unless a
//! test moves it, and what is due happens when the test says so ([`TestApp::tick`]), unless it wants
//! it to happen by itself ([`Setup::ticking`]): how long a test takes changes nothing.
//!
//! ```ignore
//! let app = TestApp::start().await;
//! let kim = app.chat("kim");
//! kim.say("my laptop").await;
//! kim.click("Computers").await;
//! assert_eq!(kim.last(), "…");
//! app.finish().await;
//! ```

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Map, Value, json};
use switchboard::{
    app::{App, Parts},
    engine::{Clock, Engine},
    model::{Moment, Monotonic},
    settings::Settings,
    source,
    store::{self, LetterState, Store},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    company::{self, Files},
    fake_teams::{APP_ID, FakeTeams, SECRET, Sent, TENANT},
    flaky::Flaky,
};

/// Long enough for a slow machine, short enough for a test that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The token of the admin API, which [`TestApp::request`] sends along.
pub const ADMIN: &str = "open-sesame-0123456789";

/// The variable that holds the secret with which events are signed, and what it holds.
pub const HOOK: &str = "SWITCHBOARD_HOOK_SECRET";
pub const HOOK_SECRET: &str = "whsec_dGhpcyBzaWducyBub3RoaW5nIG91dHNpZGUgb2YgdGVzdHM=";

/// How a [`TestApp`] is made.
pub struct Setup {
    files: source::Files,
    sqlite: bool,
    flaky: bool,
    paced: bool,
    ticking: bool,
    pictures: Vec<(String, Vec<u8>)>,
    change: Box<dyn FnOnce(&mut Settings) + Send>,
    variables: Vec<(String, String)>,
}

impl Setup {
    pub fn new() -> Self {
        Self {
            files: company::northwind()
                .into_iter()
                .map(|(path, text)| (path.to_owned(), text))
                .collect(),
            sqlite: false,
            flaky: false,
            paced: false,
            ticking: false,
            pictures: Vec::new(),
            change: Box::new(|_| ()),
            variables: vec![(HOOK.to_owned(), HOOK_SECRET.to_owned())],
        }
    }

    pub fn files(self, files: Files) -> Self {
        self.company(files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect())
    }

    /// Another company.
    pub fn company(self, files: source::Files) -> Self {
        Self { files, ..self }
    }

    /// With a file in the company's folder that is no text.
    pub fn picture(mut self, path: &str, bytes: Vec<u8>) -> Self {
        self.pictures.push((path.to_owned(), bytes));
        self
    }

    /// Keeps everything in a file, which `restart` opens again.
    pub fn sqlite(self) -> Self {
        Self { sqlite: true, ..self }
    }

    /// With a store that fails when it is told to.
    pub fn flaky(self) -> Self {
        Self { flaky: true, ..self }
    }

    /// With the limits of Teams, which a connector on this machine does not have otherwise.
    pub fn paced(self) -> Self {
        Self { paced: true, ..self }
    }

    /// What is due happens by itself, every second.
    pub fn ticking(self) -> Self {
        Self { ticking: true, ..self }
    }

    pub fn settings(self, change: impl FnOnce(&mut Settings) + Send + 'static) -> Self {
        Self { change: Box::new(change), ..self }
    }

    /// With another variable in the service's environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub async fn start(self) -> TestApp {
        logs();
        let teams = FakeTeams::start().await;
        let folder = tempfile::tempdir().unwrap();
        self.files.iter().for_each(|(path, text)| company::write(folder.path(), path, text));
        for (path, bytes) in &self.pictures {
            std::fs::write(folder.path().join(path), bytes).unwrap();
        }
        let file = folder.path().join("kept.db");
        let store = match self.sqlite {
            true => format!("sqlite:{}", file.display()),
            false => "memory:".to_owned(),
        };
        let values = [
            ("MicrosoftAppId", APP_ID.to_owned()),
            ("MicrosoftAppPassword", SECRET.to_owned()),
            ("MicrosoftAppTenantId", TENANT.to_owned()),
            ("ToBotFromChannelOpenIdMetadataUrl", teams.metadata_url()),
            ("ToBotFromEmulatorOpenIdMetadataUrl", teams.emulator_metadata_url()),
            ("ToChannelFromBotLoginUrl", teams.login_url()),
            ("SWITCHBOARD_COMPANY", folder.path().display().to_string()),
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("SWITCHBOARD_STORE", store),
            ("SWITCHBOARD_ALLOWED_SERVICE_HOSTS", teams.host()),
            ("SWITCHBOARD_ADMIN_TOKEN", ADMIN.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let mut settings = Settings::read(&values.into()).unwrap();
        // What takes minutes takes seconds.
        settings.delivery.haste = 200;
        (self.change)(&mut settings);
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let flaky = if self.flaky {
            Some(Arc::new(Flaky::new(store::open(&settings.store).await.unwrap())))
        } else {
            None
        };
        let mut app = TestApp {
            teams,
            flaky,
            settings,
            clock,
            steady: Steady::new(),
            paced: self.paced,
            environment: Arc::new(Mutex::new(self.variables.into_iter().collect())),
            ticking: self.ticking,
            running: None,
            http: reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap(),
            ids: AtomicU64::new(1),
            folder,
        };
        app.run().await;
        app
    }
}

pub struct TestApp {
    pub teams: FakeTeams,
    pub flaky: Option<Arc<Flaky>>,
    settings: Settings,
    clock: Arc<AtomicI64>,
    pub steady: Steady,
    paced: bool,
    /// The service's environment: nothing but what a test has put there.
    environment: Arc<Mutex<HashMap<String, String>>>,
    ticking: bool,
    running: Option<Running>,
    http: reqwest::Client,
    ids: AtomicU64,
    /// Deletes the folder when the test ends.
    folder: TempDir,
}

struct Running {
    base: String,
    engine: Arc<Engine>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

/// The clock that nobody sets: real time, and what a test lets pass.
#[derive(Clone)]
pub struct Steady {
    begun: std::time::Instant,
    passed: Arc<AtomicI64>,
}

impl Steady {
    #[allow(clippy::new_without_default, reason = "there is no clock by default")]
    pub fn new() -> Self {
        #[allow(clippy::disallowed_methods, reason = "this is where the time comes in")]
        let begun = std::time::Instant::now();
        Self { begun, passed: Arc::default() }
    }

    /// Time goes on; it never goes back.
    pub fn pass(&self, millis: i64) {
        self.passed.fetch_add(millis.max(0), Ordering::SeqCst);
    }

    /// So much has passed since the beginning.
    pub fn set(&self, millis: i64) {
        self.passed.fetch_max(millis, Ordering::SeqCst);
    }

    /// A clock that stands still unless time is let pass.
    pub fn still(&self) -> Monotonic {
        let passed = self.passed.clone();
        Monotonic::new(move || {
            Moment::after(SignedDuration::from_millis(passed.load(Ordering::SeqCst)))
        })
    }

    pub fn source(&self) -> Monotonic {
        let Self { begun, passed } = self.clone();
        Monotonic::new(move || {
            let passed = SignedDuration::from_millis(passed.load(Ordering::SeqCst));
            Moment::after(SignedDuration::try_from(begun.elapsed()).unwrap() + passed)
        })
    }
}

/// An HTTP answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn is_empty_200(&self) -> bool {
        self.status == 200 && self.text.is_empty()
    }
}

impl TestApp {
    /// Northwind, in memory.
    pub async fn start() -> Self {
        Setup::new().start().await
    }

    /// Northwind, in a file.
    pub async fn sqlite() -> Self {
        Setup::new().sqlite().start().await
    }

    async fn run(&mut self) {
        let millis = Arc::clone(&self.clock);
        let clock: Clock =
            Arc::new(move || Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap());
        let environment = self.environment.clone();
        let parts = Parts {
            clock,
            steady: self.steady.source(),
            store: self.flaky.clone().map(|flaky| flaky as Arc<dyn Store>),
            environment: Arc::new(move |name| environment.lock().unwrap().get(name).cloned()),
            is_local_paced: self.paced,
            // Each test says itself when something is asked of Microsoft.
            asks_ahead: false,
            is_ticking: self.ticking,
        };
        let app = App::build_of(&self.settings, parts).await.unwrap();
        let (base, engine) = (format!("http://{}", app.address().unwrap()), app.engine());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(app.run_until(async move { drop(stopped.await) }));
        self.running = Some(Running { base, engine, stop, served });
    }

    /// A variable is in the service's environment from now on.
    pub fn set_variable(&self, name: &str, value: &str) {
        self.environment.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Stops in good order.
    pub async fn stop(&mut self) {
        let running = self.running.take().expect("it runs");
        drop(running.engine);
        running.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, running.served)
            .await
            .expect("it stops in time")
            .unwrap()
            .unwrap();
    }

    /// What was kept, while it is stopped.
    pub async fn at_rest(&self) -> Arc<dyn Store> {
        store::open(&self.settings.store).await.unwrap()
    }

    /// Starts again on what was kept.
    pub async fn resume(&mut self) {
        self.run().await;
    }

    pub async fn restart(&mut self) {
        self.stop().await;
        self.resume().await;
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub fn base(&self) -> &str {
        &self.running().base
    }

    pub fn engine(&self) -> &Engine {
        &self.running().engine
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    /// It is so late. Until then time has passed; an instant before now is a step of the wall clock
    /// alone.
    pub fn set_now(&self, now: Timestamp) {
        let before = self.clock.swap(now.as_millisecond(), Ordering::SeqCst);
        self.steady.pass(now.as_millisecond() - before);
    }

    /// Somebody sets the wall clock, forward or back. No time has passed.
    pub fn step(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// A file of the company is written anew.
    pub fn write(&self, path: &str, text: &str) {
        company::write(self.folder.path(), path, text);
    }

    /// Time goes on.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.steady.pass(seconds * 1000);
    }

    /// The file in which it keeps everything.
    pub fn kept(&self) -> PathBuf {
        self.folder.path().join("kept.db")
    }

    /// Activities have ids from here on.
    pub fn ids_from(&self, first: u64) {
        self.ids.store(first, Ordering::SeqCst);
    }

    /// An id that no activity had before.
    pub fn fresh_id(&self) -> String {
        format!("f:{}", self.ids.fetch_add(1, Ordering::SeqCst))
    }

    /// The personal chat of somebody of our own Microsoft 365 tenant.
    pub fn chat<'a>(&'a self, name: &str) -> Chat<'a> {
        Chat { app: self, name: name.to_owned() }
    }

    /// Any request; to the admin API with its token, unless the headers have another or none
    /// (`("authorization", "")`).
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.base())).body(body);
        let says = |name: &&(&str, &str)| name.0 == "authorization";
        if path.starts_with("/api/v1") && !headers.iter().any(|pair| says(&pair)) {
            request = request.bearer_auth(ADMIN);
        }
        for (name, value) in headers.iter().filter(|pair| !(says(pair) && pair.1.is_empty())) {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    /// An activity with a good token.
    pub async fn post(&self, activity: &Value) -> Reply {
        self.post_bytes(activity.to_string()).await
    }

    /// An activity with a good token, from wherever it says that it comes.
    pub async fn post_from(&self, activity: &Value) -> Reply {
        let url = activity["serviceUrl"].as_str().unwrap();
        let authorization = self.teams.authorization_from(url, self.now());
        let headers =
            [("content-type", "application/json"), ("authorization", authorization.as_str())];
        self.request(Method::POST, "/api/messages", &headers, activity.to_string()).await
    }

    /// A body with a good token; without one when the bot has no app id.
    pub async fn post_bytes(&self, body: impl Into<reqwest::Body>) -> Reply {
        let authorization = self.teams.authorization(self.now());
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("authorization", authorization.as_str()),
        ];
        let headers = if self.settings.app.is_some() { &headers[..] } else { &headers[..1] };
        self.request(Method::POST, "/api/messages", headers, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path, &[], "").await
    }

    /// Something from the admin API that is there.
    pub async fn api(&self, path: &str) -> Value {
        let reply = self.get(&format!("/api/v1{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.json()
    }

    /// An order to the admin API.
    pub async fn order(&self, path: &str, body: &Value) -> Reply {
        self.request(
            Method::POST,
            &format!("/api/v1{path}"),
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await
    }

    /// Does what is due by now, and waits for what it sends.
    pub async fn tick(&self) {
        self.engine().tick(self.now()).await.unwrap();
        self.idle().await;
    }

    /// Somebody edits the company's files.
    pub fn edit(&self, files: &Files) {
        files.iter().for_each(|(path, text)| company::write(self.folder.path(), path, text));
    }

    /// One of the company's files as it is.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// One of the company's files may not be written, or may again.
    pub fn lock(&self, path: &str, locked: bool) {
        let path = self.folder.path().join(path);
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(locked);
        std::fs::set_permissions(&path, permissions).unwrap();
    }

    /// Somebody deletes one of the company's files or folders.
    pub fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
            .unwrap();
    }

    /// Somebody moves one of the company's files over another.
    pub fn rename(&self, from: &str, to: &str) {
        let at = |path: &str| self.folder.path().join(path);
        std::fs::rename(at(from), at(to)).unwrap();
    }

    /// Waits until every letter was sent or given up.
    pub async fn idle(&self) {
        self.until("the outbox is empty", || self.engine().outbox().is_idle()).await;
    }

    /// Waits until something is so.
    pub async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let waiting = async {
            while !is_so() {
                self.teams.stirs(Duration::from_millis(3)).await;
            }
        };
        assert!(
            tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
            "in vain: {what}; {:#?}",
            self.teams.calls()
        );
    }

    /// Stops in good order although letters were given up.
    pub async fn stop_with_dead_letters(mut self) {
        self.idle().await;
        let left = self.engine().store().outbox(LetterState::Pending, 100).await.unwrap();
        assert!(left.is_empty(), "letters left: {left:#?}");
        self.stop().await;
        assert_quiet();
    }

    /// Fails when anything was left over; then stops in good order.
    pub async fn finish(mut self) {
        self.idle().await;
        for state in [LetterState::Pending, LetterState::Dead] {
            let left = self.engine().store().outbox(state, 100).await.unwrap();
            assert!(left.is_empty(), "letters left {state:?}: {left:#?}");
        }
        // A look-up may still be writing down what it learned.
        self.until("no lock is held", || self.engine().conversations().held() == 0).await;
        self.stop().await;
        assert_quiet();
    }
}

/// One guest's conversation.
pub struct Chat<'a> {
    app: &'a TestApp,
    name: String,
}

impl Chat<'_> {
    pub fn id(&self) -> String {
        format!("a:1{}", self.name)
    }

    /// An activity from this guest, with `patch` on top; null removes.
    pub fn activity(&self, kind: &str, patch: Value) -> Value {
        let base = json!({
            "type": kind, "id": self.app.fresh_id(), "timestamp": self.app.now(), "channelId": "msteams",
            "serviceUrl": self.app.teams.service_url(), "locale": "en-US",
            "from": { "id": format!("29:{}", self.name), "name": format!("{}{SURNAME}", self.name), "aadObjectId": format!("aad-{}", self.name) },
            "recipient": { "id": format!("28:{APP_ID}"), "name": "Switchboard" },
            "conversation": { "id": self.id(), "conversationType": "personal", "tenantId": TENANT },
            "channelData": { "tenant": { "id": TENANT } },
            "entities": [{ "type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "Europe/Berlin" }],
        });
        crate::forge::with(base, patch)
    }

    pub fn message(&self, text: &str) -> Value {
        self.activity("message", json!({ "text": text, "textFormat": "plain" }))
    }

    pub fn installed(&self) -> Value {
        self.activity("installationUpdate", json!({ "action": "add" }))
    }

    pub fn members_added(&self) -> Value {
        let members =
            json!([{ "id": format!("28:{APP_ID}") }, { "id": format!("29:{}", self.name) }]);
        self.activity("conversationUpdate", json!({ "membersAdded": members }))
    }

    /// Writes, and waits for all answers.
    pub async fn say(&self, text: &str) {
        let reply = self.app.post(&self.message(text)).await;
        assert!(reply.is_empty_200(), "{reply:?}");
        self.app.idle().await;
    }

    /// The newest message with that button, and the button.
    pub fn button(&self, title: &str) -> (Sent, Value) {
        let found =
            self.sent().into_iter().rev().find_map(|sent| {
                Some((sent.clone(), find_button(card_of(&sent.activity)?, title)?))
            });
        found.unwrap_or_else(|| panic!("no button `{title}` in {:#?}", self.texts()))
    }

    /// What Teams sends for a click on `Action.Execute`.
    pub fn execute(&self, title: &str, inputs: Value) -> Value {
        let (card, button) = self.button(title);
        let data = merged(&button["data"], &inputs);
        let action = json!({ "type": "Action.Execute", "title": title, "verb": button["verb"], "data": data });
        self.execute_data(&card.id, action)
    }

    pub fn execute_data(&self, card: &str, action: Value) -> Value {
        let value = json!({ "action": action, "trigger": "manual" });
        self.activity(
            "invoke",
            json!({ "name": "adaptiveCard/action", "replyToId": card, "value": value }),
        )
    }

    /// What Teams sends for a click on the fallback, `Action.Submit`.
    pub fn submission(&self, title: &str, inputs: Value) -> Value {
        let (card, button) = self.button(title);
        assert_eq!(button["fallback"]["type"], "Action.Submit", "{button}");
        let value = merged(&button["fallback"]["data"], &inputs);
        self.activity("message", json!({ "value": value, "replyToId": card.id }))
    }

    /// Clicks, and waits for all answers. Gives the body of the invoke's answer.
    pub async fn click(&self, title: &str) -> Value {
        self.fill(title, json!({})).await
    }

    /// The same with a filled form.
    pub async fn fill(&self, title: &str, inputs: Value) -> Value {
        let reply = self.app.post(&self.execute(title, inputs)).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/json; charset=utf-8"),
            "{reply:?}"
        );
        self.app.idle().await;
        reply.json()
    }

    /// Clicks the fallback, and waits for all answers.
    pub async fn submit(&self, title: &str, inputs: Value) {
        let reply = self.app.post(&self.submission(title, inputs)).await;
        assert!(reply.is_empty_200(), "{reply:?}");
        self.app.idle().await;
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.app.teams.sent(&self.id())
    }

    /// One message as it stands now.
    pub fn stands(&self, id: &str) -> Sent {
        self.sent()
            .into_iter()
            .find(|sent| sent.id == id)
            .unwrap_or_else(|| panic!("no {id} in {:#?}", self.texts()))
    }

    /// What stands in the chat, from the bot: texts, and of cards everything that can be read.
    pub fn texts(&self) -> Vec<String> {
        self.sent().iter().map(|sent| text_of(&sent.activity)).collect()
    }

    pub fn last(&self) -> String {
        self.texts().pop().unwrap_or_default()
    }

    /// The guest's sessions, newest first.
    pub async fn sessions(&self) -> Vec<Value> {
        let list = self.app.api(&format!("/sessions?conversation={}", self.id())).await;
        list["items"].as_array().unwrap().clone()
    }
}

/// Every guest's second name: what must never be logged.
pub const SURNAME: &str = " Quackenbush";

pub fn card_of(activity: &Value) -> Option<&Value> {
    activity["attachments"][0].get("content")
}

/// Everything that a person reads of an activity.
pub fn text_of(activity: &Value) -> String {
    match card_of(activity) {
        None => activity["text"].as_str().unwrap_or_default().to_owned(),
        Some(card) => {
            let mut lines = Vec::new();
            read(card, &mut lines);
            lines.join("\n")
        }
    }
}

fn read(element: &Value, lines: &mut Vec<String>) {
    match element {
        Value::Array(items) => items.iter().for_each(|item| read(item, lines)),
        // A row that is clicked as a whole.
        Value::Object(fields)
            if fields.get("selectAction").is_some_and(|action| action["verb"].is_string()) =>
        {
            lines
                .extend(fields["selectAction"]["title"].as_str().map(|title| format!("[{title}]")));
        }
        Value::Object(fields) => {
            for key in ["label", "text", "title", "value"] {
                if let Some(text) = fields.get(key).and_then(Value::as_str) {
                    lines.push(if key == "title" && fields.contains_key("verb") {
                        format!("[{text}]")
                    } else {
                        text.to_owned()
                    });
                }
            }
            for key in ["body", "actions", "items", "facts", "columns", "choices"] {
                fields.get(key).into_iter().for_each(|inner| read(inner, lines));
            }
        }
        _ => {}
    }
}

/// The button with that title, wherever it stands in a card.
pub fn find_button(element: &Value, title: &str) -> Option<Value> {
    match element {
        Value::Array(items) => items.iter().find_map(|item| find_button(item, title)),
        Value::Object(fields)
            if element["title"] == title
                && ["Action.Execute", "Action.Submit"]
                    .iter()
                    .any(|kind| element["type"] == *kind) =>
        {
            Some(Value::Object(fields.clone()))
        }
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "fallback")
            .find_map(|(_, inner)| find_button(inner, title)),
        _ => None,
    }
}

/// A button's data with the inputs, as a client sends them.
pub fn merged(data: &Value, inputs: &Value) -> Value {
    let mut all: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
    all.extend(inputs.as_object().unwrap().clone());
    Value::Object(all)
}

/// Everything that the program has logged since the first test began, at debug level.
pub fn logs() -> String {
    static LOGS: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
    let logs = LOGS.get_or_init(|| {
        let logs: Arc<Mutex<Vec<u8>>> = Arc::default();
        let writer = Arc::clone(&logs);
        tracing_subscriber::fmt()
            .with_env_filter("switchboard=debug,reqwest=warn,actix=warn")
            .with_ansi(false)
            .with_writer(move || Writer(Arc::clone(&writer)))
            .init();
        logs
    });
    String::from_utf8(logs.lock().unwrap().clone()).unwrap()
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nothing of any test's people, words or secrets was logged.
pub fn assert_quiet() {
    let logs = logs();
    for secret in [
        SURNAME.trim(),
        SECRET,
        "eyJ",
        "bought-",
        "hush-hush",
        ADMIN,
        "What is it about",
        "my laptop",
        "a laptop",
        "Lisbon",
        "tempauth",
        "sig=",
    ] {
        if let Some(line) = logs.lines().find(|line| line.contains(secret)) {
            panic!("`{secret}` was logged: {line}");
        }
    }
}

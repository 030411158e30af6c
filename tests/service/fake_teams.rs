//! A stand-in for everything of Microsoft that a bot talks to: OpenID metadata and keys, the login
//! service, the connector. Real HTTP on a port of its own; remembers what it was told; fails on
//! request.
//!
//! ```ignore
//! let teams = FakeTeams::start().await;
//! // … the bot runs with teams.metadata_url(), teams.login_url(), and gets activities whose serviceUrl is teams.service_url() …
//! teams.wait_for("a:1", 2).await;
//! assert_eq!(teams.activities("a:1")[1]["text"], "Hello");
//! ```

use std::{
    collections::{HashMap, VecDeque},
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, web};
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::teams::cloud::Cloud;
use tokio::sync::Notify;

use crate::forge::{self, Forge};

mod gate;
mod server;

pub use gate::{Gate, Mood};
pub use server::colleague;

/// The app that the login service knows, its secret and its tenant.
pub const APP_ID: &str = "11111111-1111-1111-1111-111111111111";
pub const SECRET: &str = "correct horse";
pub const TENANT: &str = "22222222-2222-2222-2222-222222222222";

/// How one call to the connector goes wrong.
#[derive(Debug, Clone)]
pub enum Failure {
    /// 429 with this `Retry-After`.
    Throttle(Option<&'static str>),
    /// This status and body; nothing is taken over.
    Status(u16, Value),
    /// This status with this `Retry-After`; nothing is taken over.
    Busy(u16, &'static str),
    /// Taken over, but the answer comes late.
    Slow(Duration),
    /// Taken over, and answered with 202 and no body.
    Empty,
}

/// What is answered where a file lies.
#[derive(Debug, Clone)]
pub enum Served {
    /// A body of this type, with its length.
    Bytes(&'static str, Vec<u8>),
    /// The same; nobody knows how long before it ends.
    Endless(&'static str, Vec<u8>),
    /// It lies elsewhere.
    Redirect(String),
    /// This status.
    Status(u16),
    /// No answer for a minute.
    Stuck,
}

/// One activity that the bot sent, as it stands now.
#[derive(Debug, Clone)]
pub struct Sent {
    pub conversation: String,
    pub id: String,
    pub reply_to: Option<String>,
    /// The body; after an update, the newest.
    pub activity: Value,
    /// The body as it was first sent.
    pub first: Value,
    /// How often it was replaced.
    pub updates: usize,
}

/// One request to the connector, also a failed one.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    /// The raw path after `/connector`.
    pub path: String,
    pub authorization: Option<String>,
    pub status: u16,
}

pub struct FakeTeams {
    base: String,
    shared: Arc<Shared>,
    server: ServerHandle,
}

struct Shared {
    base: String,
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    sent: Vec<Sent>,
    calls: Vec<Call>,
    failures: VecDeque<Failure>,
    refused_creates: usize,
    closed_regions: Vec<String>,
    members: HashMap<(String, String), Value>,
    /// Channels of teams with the bot in them: whether they still exist.
    channels: HashMap<String, bool>,
    /// Conversations that take nothing, and what they answer.
    shut: HashMap<String, (u16, &'static str)>,
    /// The conversation ids of all threads, in the order in which they were opened.
    threads: Vec<String>,
    /// Files by name, and who asked for them, with which `Authorization`.
    files: HashMap<String, Served>,
    fetched: Vec<(String, Option<String>)>,
    /// Who was shown that somebody is at work, and after how many messages there.
    typing: Vec<(String, usize)>,
    next_id: u64,
    anonymous: bool,
    tokens: Vec<String>,
    mints: usize,
    token_life: i64,
    login_failure: Option<(u16, Value)>,
    /// How many seconds its clock is ahead of this machine's.
    ahead: i64,
    keys_down: bool,
    keys_held: bool,
    keys_asked: usize,
    keys_fetched: usize,
    channel_keys: Vec<Value>,
    entra_keys: Vec<Value>,
}

impl FakeTeams {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            sent: Vec::new(),
            calls: Vec::new(),
            failures: VecDeque::new(),
            refused_creates: 0,
            closed_regions: Vec::new(),
            members: HashMap::new(),
            channels: HashMap::new(),
            shut: HashMap::new(),
            threads: Vec::new(),
            files: HashMap::new(),
            fetched: Vec::new(),
            typing: Vec::new(),
            next_id: 1000,
            anonymous: false,
            tokens: Vec::new(),
            mints: 0,
            token_life: 3599,
            login_failure: None,
            ahead: 0,
            keys_down: false,
            keys_held: false,
            keys_asked: 0,
            keys_fetched: 0,
            channel_keys: vec![forge::with(
                Forge::channel().jwk(),
                json!({"endorsements": ["msteams", "webchat"]}),
            )],
            entra_keys: vec![forge::with(
                Forge::entra().jwk(),
                json!({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
            )],
        };
        let shared = Arc::new(Shared {
            base: base.clone(),
            state: Mutex::new(state),
            changed: Notify::new(),
        });
        let data = web::Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).default_service(web::to(server::serve))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base, shared, server: handle }
    }

    /// OpenID metadata of the channels' keys (`ToBotFromChannelOpenIdMetadataUrl`).
    pub fn metadata_url(&self) -> String {
        format!("{}/channel/openid", self.base)
    }

    /// OpenID metadata of Entra's keys (`ToBotFromEmulatorOpenIdMetadataUrl`).
    pub fn emulator_metadata_url(&self) -> String {
        format!("{}/entra/openid", self.base)
    }

    /// The authority at which the bot buys its token (`ToChannelFromBotLoginUrl`).
    pub fn login_url(&self) -> String {
        format!("{}/login/{TENANT}", self.base)
    }

    /// The connector. No slash at the end.
    pub fn service_url(&self) -> String {
        format!("{}/connector", self.base)
    }

    /// The same connector, in another region of Teams.
    pub fn region(&self, name: &str) -> String {
        format!("{}/{name}", self.service_url())
    }

    /// Nothing is taken any more in a region; the first one has no name.
    pub fn close_region(&self, name: &str) {
        self.state().closed_regions.push(name.to_owned());
    }

    /// A good `Authorization` header for an activity from that address.
    pub fn authorization_from(&self, service_url: &str, now: Timestamp) -> String {
        let claims = forge::channel_claims(APP_ID, service_url, now);
        format!("Bearer {}", Forge::channel().sign(&claims))
    }

    /// `127.0.0.1:port`, as the allow-list of service hosts wants it.
    pub fn host(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }

    /// The public cloud, with everything that is fetched taken from here.
    pub fn cloud(&self) -> Cloud {
        Cloud {
            channel_metadata: self.metadata_url(),
            entra_metadata: self.emulator_metadata_url(),
            ..Cloud::public()
        }
    }

    /// A good `Authorization` header for an activity from Teams.
    pub fn authorization(&self, now: Timestamp) -> String {
        self.authorization_from(&self.service_url(), now)
    }

    /// What stands in the conversation, in the order in which it came.
    pub fn activities(&self, conversation: &str) -> Vec<Value> {
        self.sent(conversation).into_iter().map(|sent| sent.activity).collect()
    }

    /// Everything that the bot has said, anywhere.
    pub fn said(&self) -> Vec<Value> {
        self.state().sent.iter().map(|sent| sent.activity.clone()).collect()
    }

    /// The same with ids and what it answers.
    pub fn sent(&self, conversation: &str) -> Vec<Sent> {
        self.state().sent.iter().filter(|sent| sent.conversation == conversation).cloned().collect()
    }

    /// Waits until `count` activities stand in the conversation and gives them; panics after ten
    /// seconds.
    pub async fn wait_for(&self, conversation: &str, count: usize) -> Vec<Value> {
        let enough = async {
            loop {
                // Registered before looking, so that nothing that happens in between is missed.
                let changed = self.shared.changed.notified();
                let activities = self.activities(conversation);
                if activities.len() >= count {
                    return activities;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), enough).await {
            Ok(activities) => activities,
            Err(_) => panic!(
                "{} of {count} activities in {conversation}: {:#?}",
                self.activities(conversation).len(),
                self.calls()
            ),
        }
    }

    /// Every request to the connector.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The next `count` calls to the connector go wrong in this way.
    pub fn fail_next(&self, count: usize, failure: Failure) {
        self.state().failures.extend(std::iter::repeat_n(failure, count));
    }

    /// The next threads are not opened: the request is refused for good.
    pub fn fail_creates(&self, count: usize) {
        self.state().refused_creates = count;
    }

    /// The connector works again.
    pub fn mend(&self) {
        self.state().failures.clear();
    }

    /// Waits until the connector was called, but not longer than this.
    pub async fn stirs(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.shared.changed.notified()).await;
    }

    /// What the member look-up answers; without one everybody in a channel that exists is a
    /// colleague, and in any other conversation it answers 404.
    pub fn member(&self, conversation: &str, id: &str, member: Value) {
        self.state().members.insert((conversation.to_owned(), id.to_owned()), member);
    }

    /// There is such a channel, and the bot is in its team: it can open threads there.
    pub fn channel_exists(&self, id: &str) {
        self.state().channels.insert(id.to_owned(), true);
    }

    /// There was such a channel: whatever is sent into it or its threads is answered with 404
    /// `ConversationNotFound`.
    pub fn delete_channel(&self, id: &str) {
        self.state().channels.insert(id.to_owned(), false);
    }

    /// A chat or thread takes nothing any more, and answers with this.
    pub fn shut(&self, conversation: &str, status: u16, code: &'static str) {
        self.state().shut.insert(conversation.to_owned(), (status, code));
    }

    /// A chat or thread takes everything again.
    pub fn reopen(&self, conversation: &str) {
        self.state().shut.remove(conversation);
    }

    /// The conversation ids of the threads that the bot opened in the channel, in order.
    pub fn threads(&self, channel: &str) -> Vec<String> {
        self.state()
            .threads
            .iter()
            .filter(|thread| server::place(thread) == channel)
            .cloned()
            .collect()
    }

    /// What stands in chats and channels, for [`Self::recalls`].
    pub fn memory(&self) -> Value {
        let state = self.state();
        let sent: Vec<Value> = state
            .sent
            .iter()
            .map(|sent| json!({ "conversation": sent.conversation, "id": sent.id, "activity": sent.activity }))
            .collect();
        json!({ "channels": state.channels, "threads": state.threads, "nextId": state.next_id, "sent": sent })
    }

    /// All that stood there when it was asked for its memory stands here.
    pub fn recalls(&self, memory: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut state = self.state();
        state.channels = serde_json::from_value(memory["channels"].clone()).unwrap();
        state.threads = serde_json::from_value(memory["threads"].clone()).unwrap();
        state.next_id = memory["nextId"].as_u64().unwrap();
        state.sent = memory["sent"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sent| Sent {
                conversation: text(&sent["conversation"]),
                id: text(&sent["id"]),
                reply_to: None,
                activity: sent["activity"].clone(),
                first: sent["activity"].clone(),
                updates: 0,
            })
            .collect();
    }

    /// A file lies where whoever knows the address can fetch it; gives the address.
    pub fn put_file(&self, name: &str, file: Served) -> String {
        self.state().files.insert(name.to_owned(), file);
        format!("{}/drive/{name}?tempauth=hush-hush", self.base)
    }

    /// A pasted picture lies on the connector, which wants the bot's token; gives the address.
    pub fn put_picture(&self, name: &str, file: Served) -> String {
        self.state().files.insert(name.to_owned(), file);
        format!("{}/connector/v3/attachments/{name}/views/original", self.base)
    }

    /// Who asked for files, oldest first: name and `Authorization`.
    pub fn fetched(&self) -> Vec<(String, Option<String>)> {
        self.state().fetched.clone()
    }

    /// How often a conversation was shown that somebody is at work: each time after how many
    /// messages there.
    pub fn typing_in(&self, conversation: &str) -> Vec<usize> {
        let state = self.state();
        let here = state.typing.iter().filter(|(place, _)| place == conversation);
        here.map(|(_, after)| *after).collect()
    }

    /// The connector wants no token, as that of a local client.
    pub fn allow_anonymous(&self) {
        self.state().anonymous = true;
    }

    /// How many tokens were bought, with or without success.
    pub fn mints(&self) -> usize {
        self.state().mints
    }

    /// How long the next tokens live, in seconds.
    pub fn token_life(&self, seconds: i64) {
        self.state().token_life = seconds;
    }

    /// The connector refuses every token that was bought so far.
    pub fn revoke_tokens(&self) {
        self.state().tokens.clear();
    }

    /// The login service answers this, until `None`.
    pub fn break_login(&self, answer: Option<(u16, Value)>) {
        self.state().login_failure = answer;
    }

    /// The clock of the login service, in seconds ahead of this machine's.
    pub fn set_ahead(&self, seconds: i64) {
        self.state().ahead = seconds;
    }

    /// Metadata and keys answer 500, or not any more.
    pub fn break_keys(&self, broken: bool) {
        self.state().keys_down = broken;
    }

    /// Whoever asks for keys from now on waits, or is answered at last.
    pub fn hold_keys(&self, held: bool) {
        self.state().keys_held = held;
    }

    /// How often anything about keys was asked for, answered or not.
    pub fn keys_asked(&self) -> usize {
        self.state().keys_asked
    }

    /// How often a key set was given.
    pub fn keys_fetched(&self) -> usize {
        self.state().keys_fetched
    }

    /// Replaces the channels' key set.
    pub fn set_channel_keys(&self, keys: Vec<Value>) {
        self.state().channel_keys = keys;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Drop for FakeTeams {
    fn drop(&mut self) {
        // The command is sent at once; there is nobody to wait for it.
        drop(self.server.stop(false));
    }
}

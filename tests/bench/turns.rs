//! How fast turns are: the bot in memory, the bot on SQLite, and bare handlers, in one run. See
//! README.md.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program run by hand: it may end at a mistake, and time is what it measures"
)]

use std::{
    io::{BufRead as _, Read as _, Write as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::Method, web};
use dashmap::DashMap;
use serde_json::{Value, json};
use tokio::{runtime::Runtime, sync::mpsc};

#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the service's tests, which need more of it"
)]
#[path = "../service/forge.rs"]
mod forge;
mod reloads;
mod targets;

use forge::Forge;

/// The bot's id, its secret and its tenant.
const APP_ID: &str = "11111111-1111-1111-1111-111111111111";
const SECRET: &str = "correct horse";
const TENANT: &str = "22222222-2222-2222-2222-222222222222";
/// What is compared; the last is what the others are compared with.
const TARGETS: [&str; 4] = ["memory", "sqlite", "durable", "bare"];
/// After so many turns a guest begins a new conversation: the bot lets 60 activities pass in ten
/// seconds.
const TURNS_EACH: u64 = 40;
/// A turn without its reply after this ends the run.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, target, base, jwk] = args.as_slice()
        && flag == "--target"
    {
        return targets::serve(target, base, jwk);
    }
    if !args.iter().any(|arg| arg == "--bench") {
        // `cargo test --all-targets` and nextest come by here.
        return;
    }
    let number = |name: &str, default: u64| {
        let at = args.iter().position(|arg| arg == name);
        at.map_or(default, |at| {
            args.get(at + 1)
                .and_then(|value| value.parse().ok())
                .unwrap_or_else(|| panic!("{name} needs a number"))
        })
    };
    if args.iter().any(|arg| arg == "--reloads") {
        return Runtime::new()
            .unwrap()
            .block_on(reloads::run(number("--guests", 64), number("--seconds", 60)));
    }
    let plan = Plan {
        guests: number("--guests", 64),
        rounds: number("--rounds", 6),
        seconds: number("--seconds", 4),
    };
    Runtime::new().unwrap().block_on(run(plan));
}

struct Plan {
    guests: u64,
    rounds: u64,
    seconds: u64,
}

/// What the mock and the guests share.
struct Shared {
    base: String,
    /// Conversation → who waits for what the bot posts there.
    waiting: DashMap<String, mpsc::UnboundedSender<(Instant, web::Bytes)>>,
    puts: AtomicU64,
    lookups: AtomicU64,
}

async fn run(plan: Plan) {
    switchboard::teams::install_crypto();
    let shared = mock();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let jwk = Forge::channel().jwk().to_string();
    let mut all: Vec<Target> =
        TARGETS.iter().map(|name| Target::start(name, &shared.base, &jwk, plan.guests)).collect();
    println!(
        "{} guests, {} rounds of {} s for each target, after one to warm up",
        plan.guests, plan.rounds, plan.seconds
    );
    for round in 0..=plan.rounds {
        for target in &mut all {
            let phase = target.phase(&shared, &http, Duration::from_secs(plan.seconds)).await;
            print!("{} {:>6.0}   ", target.name, phase.turns() / phase.elapsed);
            if round > 0 {
                target.total.add(phase);
            }
        }
        println!("{}", if round == 0 { "turns/s, warming up" } else { "turns/s" });
    }
    let bare = all.last().unwrap().total.row();
    println!(
        "\n| Target | turns/s | p50 ms | p99 ms | CPU s per 1,000 turns | turns/s, of bare | CPU, of bare | turns | updates, look-ups a turn |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for target in &mut all {
        let total = &mut target.total;
        let ([rate, p50, p99, cpu], count) = (total.row(), total.turns());
        println!(
            "| {} | {rate:.0} | {p50:.1} | {p99:.1} | {cpu:.3} | {:.2} | {:.1} | {count} | {:.2}, {:.2} |",
            target.name,
            rate / bare[0],
            cpu / bare[3],
            total.puts as f64 / count,
            total.lookups as f64 / count,
        );
    }
    for target in &mut all {
        drop(target.child.stdin.take());
        let status = target.child.wait().unwrap();
        assert!(status.success(), "{} ended with {status}", target.name);
    }
}

/// One target in a process of its own, and its guests.
struct Target {
    name: &'static str,
    child: Child,
    url: String,
    /// Where its company lies; empty for a target that has none.
    company: String,
    guests: Vec<Guest>,
    total: Phase,
}

#[derive(Default)]
struct Phase {
    elapsed: f64,
    cpu: f64,
    /// In µs.
    latencies: Vec<u64>,
    puts: u64,
    lookups: u64,
}

impl Phase {
    fn turns(&self) -> f64 {
        self.latencies.len() as f64
    }

    fn add(&mut self, other: Phase) {
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
        self.latencies.extend(other.latencies);
        self.puts += other.puts;
        self.lookups += other.lookups;
    }

    /// Turns/s, p50 and p99 in ms, CPU seconds per 1,000 turns.
    fn row(&self) -> [f64; 4] {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part) as usize] as f64 / 1000.0;
        [self.turns() / self.elapsed, at(0.5), at(0.99), self.cpu * 1000.0 / self.turns()]
    }
}

impl Target {
    fn start(name: &'static str, base: &str, jwk: &str, guests: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--target", name, base, jwk])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{name} did not start");
        let (address, company) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let guests = (0..guests).map(|index| Guest::new(format!("{name}{index}"), base)).collect();
        Target {
            name,
            child,
            url: format!("http://{address}/api/messages"),
            company: company.to_owned(),
            guests,
            total: Phase::default(),
        }
    }

    /// Every guest talks for so long, one turn after the other.
    async fn phase(
        &mut self,
        shared: &Arc<Shared>,
        http: &reqwest::Client,
        span: Duration,
    ) -> Phase {
        let before = (self.cpu(), shared.puts.load(Relaxed), shared.lookups.load(Relaxed));
        let (start, counts) = (Instant::now(), matches!(self.name, "memory" | "sqlite"));
        let talks: Vec<_> = std::mem::take(&mut self.guests)
            .into_iter()
            .map(|mut guest| {
                let (shared, http, url) = (shared.clone(), http.clone(), self.url.clone());
                tokio::spawn(async move {
                    let mut latencies = Vec::new();
                    while start.elapsed() < span {
                        latencies.push(guest.turn(&shared, &http, &url, counts).await);
                    }
                    (guest, latencies)
                })
            })
            .collect();
        let mut phase = Phase::default();
        for talk in talks {
            let (guest, latencies) = talk.await.unwrap();
            self.guests.push(guest);
            phase.latencies.extend(latencies);
        }
        phase.elapsed = start.elapsed().as_secs_f64();
        // What is left to do after the last reply belongs to this target, not to the next one.
        tokio::time::sleep(Duration::from_millis(300)).await;
        phase.cpu = self.cpu() - before.0;
        phase.puts = shared.puts.load(Relaxed) - before.1;
        phase.lookups = shared.lookups.load(Relaxed) - before.2;
        phase
    }

    /// CPU seconds of the process so far, user and system. The kernel counts in hundredths.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) as f64 / 100.0
    }
}

/// Somebody who writes, and waits for the answer before writing again.
struct Guest {
    name: String,
    authorization: String,
    service_url: String,
    chats: u64,
    turns: u64,
    replies: Option<mpsc::UnboundedReceiver<(Instant, web::Bytes)>>,
}

impl Guest {
    fn new(name: String, base: &str) -> Self {
        let service_url = format!("{base}/connector");
        let claims = forge::channel_claims(APP_ID, &service_url, jiff::Timestamp::now());
        let authorization = format!(
            "Bearer {}",
            Forge::channel().sign(&forge::with(claims, json!({ "jti": name })))
        );
        Guest { name, authorization, service_url, chats: 0, turns: TURNS_EACH, replies: None }
    }

    /// One turn; gives the µs from the first byte sent to the right reply at the connector.
    async fn turn(
        &mut self,
        shared: &Shared,
        http: &reqwest::Client,
        url: &str,
        counts: bool,
    ) -> u64 {
        if self.turns == TURNS_EACH {
            self.open(shared);
        }
        self.turns += 1;
        let conversation = self.conversation();
        let id = format!("f:{conversation}:{}", self.turns);
        let start = Instant::now();
        self.post(http, url, &id, "Again").await;
        let right = if counts {
            format!("Turn {} of 29:{conversation}.", self.turns)
        } else {
            format!("A reply to {conversation}.")
        };
        let (at, body) = self.reply(&right).await;
        assert!(body.contains(&right), "not `{right}` but {body}");
        at.duration_since(start).as_micros() as u64
    }

    /// Begins a new conversation.
    fn open(&mut self, shared: &Shared) {
        shared.waiting.remove(&self.conversation());
        let (sender, receiver) = mpsc::unbounded_channel();
        (self.chats, self.turns, self.replies) = (self.chats + 1, 0, Some(receiver));
        shared.waiting.insert(self.conversation(), sender);
    }

    /// Sends a message; the bot must take it.
    async fn post(&self, http: &reqwest::Client, url: &str, id: &str, text: &str) {
        let conversation = self.conversation();
        let body = json!({
            "type": "message", "id": id, "timestamp": jiff::Timestamp::now(),
            "channelId": "msteams", "serviceUrl": self.service_url, "locale": "en-US", "text": text, "textFormat": "plain",
            "from": { "id": format!("29:{conversation}"), "name": "Adele Vance", "aadObjectId": format!("aad-{conversation}") },
            "recipient": { "id": format!("28:{APP_ID}"), "name": "Switchboard" },
            "conversation": { "id": conversation, "conversationType": "personal", "tenantId": TENANT },
            "channelData": { "tenant": { "id": TENANT } },
            "entities": [{ "type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "Europe/Berlin" }],
        })
        .to_string();
        let request = http
            .post(url)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{id}");
        answer.bytes().await.unwrap();
    }

    /// The next reply, and when it came.
    async fn reply(&mut self, wanted: &str) -> (Instant, String) {
        let reply = tokio::time::timeout(PATIENCE, self.replies.as_mut().unwrap().recv()).await;
        let (at, body) = reply.unwrap_or_else(|_| panic!("no reply: {wanted}")).unwrap();
        (at, String::from_utf8_lossy(&body).into_owned())
    }

    fn conversation(&self) -> String {
        format!("a:{}x{}", self.name, self.chats)
    }
}

/// Keys, login and connector, as far as a good bot sees of them.
fn mock() -> Arc<Shared> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shared = Arc::new(Shared {
        base,
        waiting: DashMap::new(),
        puts: AtomicU64::new(0),
        lookups: AtomicU64::new(0),
    });
    let data = web::Data::from(shared.clone());
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)));
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    shared
}

async fn answer(request: HttpRequest, body: web::Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8().unwrap();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, [set, "openid"]) => {
            HttpResponse::Ok().json(json!({ "issuer": "https://issuer.example", "jwks_uri": format!("{}/{set}/keys", shared.base) }))
        }
        (&Method::GET, [_, "keys"]) => {
            let key = forge::with(Forge::channel().jwk(), json!({ "endorsements": ["msteams"] }));
            HttpResponse::Ok().json(json!({ "keys": [key] }))
        }
        (&Method::POST, ["login", ..]) => {
            HttpResponse::Ok().json(json!({ "token_type": "Bearer", "expires_in": 86_399, "access_token": "bought" }))
        }
        (&Method::POST, ["connector", "v3", "conversations", conversation, "activities", ..]) => {
            if request.headers().get("authorization").is_none_or(|it| it != "Bearer bought") {
                return HttpResponse::Unauthorized().finish();
            }
            if let Some(waiting) = shared.waiting.get(*conversation) {
                let _ = waiting.send((Instant::now(), body));
            }
            HttpResponse::Created().json(json!({ "id": "1" }))
        }
        (&Method::PUT, ["connector", ..]) => {
            shared.puts.fetch_add(1, Relaxed);
            HttpResponse::Ok().json(json!({ "id": "1" }))
        }
        (&Method::GET, ["connector", "v3", "conversations", _, "members", id]) => {
            shared.lookups.fetch_add(1, Relaxed);
            let member: Value = json!({ "id": id, "name": "Adele Vance", "givenName": "Adele", "surname": "Vance", "tenantId": TENANT, "userRole": "user" });
            HttpResponse::Ok().json(member)
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

/// Tells the parent where this target listens and where its company lies.
fn announce(address: std::net::SocketAddr, company: &str) {
    println!("{address} {company}");
    std::io::stdout().flush().unwrap();
}

/// Resolves when the parent lets go.
async fn parted() {
    let wait = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(wait).await.unwrap().unwrap();
}

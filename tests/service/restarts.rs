//! Every dialog of the sample company, of the failure codes and of the desks, through the whole
//! program, with the process stopped after some of its lines: the transcript is always the one in
//! the file. They are played in parts, side by side.
//!
//! Each dialog is stopped after every sixth act, the next one a line later; `SEED=1` (to 5) begins
//! elsewhere. `RESTARTS=all cargo nextest run --test service restarts --no-capture` stops after
//! every line, plays each dialog once without a stop as well, and prints the counts; `ROUNDS=10`
//! does so ten times.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    path::Path,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;
use reqwest::Method;
use serde_json::{Map, Value, json};
use switchboard::{
    cards, check,
    company::{self, Company},
    dialog::fits,
    model::TenantId,
    source,
};
use tokio::sync::Semaphore;

use crate::{
    app::{Chat, Setup, TestApp, card_of},
    fake_teams::Sent,
};

/// When a dialog begins and who its guest is, as deploy/contoso/README.md says.
const BEGIN: &str = "2026-11-24T10:00";
const GUEST: &str = "Adele Vance";

/// A dialog is stopped after one act of so many.
const STEP: usize = 6;
/// So many dialogs of a part are played at once.
const PLACES: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contosos_dialogs_read_the_same_first_quarter() {
    play_part("deploy/contoso", 0, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contosos_dialogs_read_the_same_second_quarter() {
    play_part("deploy/contoso", 1, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contosos_dialogs_read_the_same_third_quarter() {
    play_part("deploy/contoso", 2, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contosos_dialogs_read_the_same_last_quarter() {
    play_part("deploy/contoso", 3, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dialogs_of_failure_codes_read_the_same() {
    play_part("tests/companies/codes", 0, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dialogs_at_desks_read_the_same_first_half() {
    play_part("tests/companies/desk", 0, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dialogs_at_desks_read_the_same_second_half() {
    play_part("tests/companies/desk", 1, 2).await;
}

/// After which acts of a dialog the process is stopped.
#[derive(Clone, Copy)]
enum Stops {
    Never,
    Always,
    /// After one of [`STEP`], beginning with this one.
    From(usize),
}

impl Stops {
    /// True after this act, of so many.
    fn after(self, act: usize, acts: usize) -> bool {
        match self {
            Stops::Never => false,
            Stops::Always => true,
            // A short dialog is stopped once all the same.
            Stops::From(first) => act % STEP == first % STEP.min(acts.max(1)),
        }
    }
}

/// Plays every `of`th dialog of a folder, from `part` on.
async fn play_part(folder: &str, part: usize, of: usize) {
    let number = |name: &str, without: usize| {
        std::env::var(name).ok().map_or(without, |number| number.parse().unwrap())
    };
    let is_all = std::env::var("RESTARTS").is_ok_and(|which| which == "all");
    let (rounds, seed) = (number("ROUNDS", 1), number("SEED", 0));
    let files = company::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    // A department that leaves leaves references behind, which a reload refuses: it is removed in
    // tests/service/may.rs.
    let is_played =
        |path: &str, text: &str| path.ends_with(".dialog") && !text.contains("\n! department ");
    let dialogs: Vec<(usize, String, String)> = files
        .iter()
        .filter(|(path, text)| is_played(path, text))
        .enumerate()
        .filter(|(index, _)| index % of == part)
        .map(|(index, (path, text))| (index, path.clone(), text.clone()))
        .collect();
    let company = Arc::new(check::ready(&files).0.unwrap().0);
    let places = Arc::new(Semaphore::new(PLACES));
    for round in 1..=rounds {
        let mut plays = Vec::new();
        for (index, path, text) in dialogs.clone() {
            let stops = match is_all {
                false => vec![Stops::From(index + seed + round - 1)],
                // The first round also shows that the program alone says what the file says.
                true if round == 1 => vec![Stops::Never, Stops::Always],
                true => vec![Stops::Always],
            };
            for stops in stops {
                plays.push(tokio::spawn(play(
                    (files.clone(), company.clone()),
                    path.clone(),
                    text.clone(),
                    stops,
                    places.clone(),
                )));
            }
        }
        let mut count = Count::default();
        for play in plays {
            let one = play.await.unwrap();
            count.dialogs += 1;
            count.restarts += one.restarts;
            count.lines_compared += one.lines_compared;
        }
        println!("{folder}, part {}, round {round}: {count:?}", part + 1);
        assert!(count.dialogs >= 7 && count.restarts >= count.dialogs, "{count:?}");
    }
}

/// What was seen, for whoever reads along.
#[derive(Debug, Default)]
struct Count {
    dialogs: usize,
    restarts: usize,
    lines_compared: usize,
}

fn without_dialogs(files: &source::Files) -> source::Files {
    let is_company = |(path, _): &(&String, &String)| !path.ends_with(".dialog");
    files.iter().filter(is_company).map(|(path, text)| (path.clone(), text.clone())).collect()
}

async fn play(
    (files, company): (source::Files, Arc<Company>),
    path: String,
    text: String,
    stops: Stops,
    places: Arc<Semaphore>,
) -> Count {
    let _place = places.acquire().await.unwrap();
    let mut count = Count { dialogs: 1, ..Count::default() };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    assert!(
        files["company.yaml"].contains("timezone: Europe/Berlin"),
        "these dialogs are read in Berlin's time"
    );
    let mut stage = Stage {
        // Without the dialogs, which speak of the files as they were before a change.
        app: Setup::new().company(without_dialogs(&files)).sqlite().start().await,
        files: files.clone(),
        zone,
        patch: json!({ "locale": null, "entities": null, "from": { "id": "29:adele", "name": GUEST } }),
        country: None,
        shown: 0,
        channels: Vec::new(),
        people: Vec::new(),
        at_desk: HashMap::new(),
        told: Vec::new(),
    };
    stage.app.set_now(stage.instant(BEGIN));
    stage.connect_all(&company).await;
    stage.bind_all(&company, &path).await;
    let (mut wanted, mut came) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    // All else is what must come, a remark, or a `?`, which tests/dialogs.rs asks.
    let is_act = |line: &str| line.starts_with(['>', '!', '@']) && !line.starts_with("@<");
    let acts: Vec<usize> = (0..lines.len()).filter(|number| is_act(lines[*number])).collect();
    for (act, number) in acts.iter().copied().enumerate() {
        let rest = lines[number][1..].trim();
        match &lines[number][..1] {
            ">" => stage.guest(rest).await,
            "!" => stage.happens(rest).await,
            _ => stage.desk(rest.strip_prefix("agent ").unwrap()).await,
        }
        let (to_guest, at_desk) = written(&lines[number + 1..]);
        stage.news(&at_desk, &mut came).await;
        if stops.after(act, acts.len()) {
            stage.app.restart().await;
            count.restarts += 1;
        }
        wanted.extend(to_guest.into_iter().chain(at_desk).flat_map(|message| message.lines));
        let what = format!("{path}, line {}, after {} restarts", number + 1, count.restarts);
        same(&came, &wanted, &what);
    }
    stage.news(&[], &mut came).await;
    same(&came, &wanted, &format!("{path}, at its end, after {} restarts", count.restarts));
    count.lines_compared += wanted.len();
    stage.app.finish().await;
    println!("{path}, {} restarts: as written", count.restarts);
    count
}

/// What a dialog says comes of a line: to the guest, and at the desks.
fn written(lines: &[&str]) -> (Vec<Message>, Vec<Message>) {
    let mut messages: Vec<(bool, Message)> = Vec::new();
    let is_act = |line: &str| line.starts_with(['>', '!', '@']) && !line.starts_with("@<");
    for line in lines.iter().take_while(|line| !is_act(line)) {
        if line.starts_with('<') || line.starts_with("@<") {
            messages
                .push((line.starts_with('@'), Message { lines: vec![line.trim_end().to_owned()] }));
        } else if line.starts_with("  ") {
            messages.last_mut().unwrap().1.lines.push(line.trim_end().to_owned());
        }
    }
    let (at_desk, to_guest): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|(at_desk, _)| *at_desk);
    let plain =
        |messages: Vec<(bool, Message)>| messages.into_iter().map(|(_, message)| message).collect();
    (plain(to_guest), plain(at_desk))
}

/// A message as a dialog writes it: one line and those that belong to it.
struct Message {
    lines: Vec<String>,
}

impl Message {
    fn of(sent: &Sent, at_desk: bool) -> Self {
        match card_of(&sent.first) {
            // Who is called by name in a new thread is no part of what is said.
            Some(card) => {
                let drawn = cards::draw(card);
                let is_call = |line: &&str| !line.trim_start().starts_with("<at>");
                Self::drawn(&drawn.lines().filter(is_call).collect::<Vec<_>>().join("\n"), at_desk)
            }
            None => {
                // Who is called by name in a message is written so; not those whom the file wants
                // called when a thread is opened, whose names are addresses.
                let text = unescaped(sent.first["text"].as_str().unwrap());
                let said = match text.rsplit_once("</at> ") {
                    Some((called, said)) if called.contains('@') => said.to_owned(),
                    _ => text.replace("<at>", "@").replace("</at>", ""),
                };
                Self::drawn(&said, at_desk)
            }
        }
    }

    fn drawn(text: &str, at_desk: bool) -> Self {
        let first = if at_desk { "@< " } else { "< " };
        let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
        let lines = lines
            .map(|(index, line)| {
                format!("{}{}", if index == 0 { first } else { "  " }, line.trim_end())
            })
            .collect();
        Message { lines }
    }

    /// Without the numbers of references, which no two processes share.
    fn shape(&self) -> String {
        reference().replace_all(&self.lines.join("\n"), "$1-#").into_owned()
    }
}

fn reference() -> Regex {
    Regex::new(r"\b([A-Z]{1,20})-(\d{4,})\b").unwrap()
}

fn same(came: &[String], wanted: &[String], what: &str) {
    let (came, wanted) = (plain(came), plain(wanted));
    for (index, pair) in came.iter().zip(&wanted).enumerate() {
        // What the file leaves open is any buttons.
        if !fits(pair.1, pair.0) {
            assert_eq!(pair.0, pair.1, "{what}, line {} of the bot", index + 1);
        }
    }
    assert_eq!(came.len(), wanted.len(), "{what}: {came:#?}");
}

/// References count up from a block that every process takes anew: the nth one that is seen is the
/// nth one.
fn plain(lines: &[String]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let replace = |found: &regex::Captures<'_>| {
        let next = seen.len() + 1;
        format!("{}-#{}", &found[1], seen.entry(found[0].to_owned()).or_insert(next))
    };
    reference().replace_all(&lines.join("\n"), replace).lines().map(str::to_owned).collect()
}

struct Stage {
    app: TestApp,
    files: source::Files,
    zone: TimeZone,
    patch: Value,
    country: Option<String>,
    shown: usize,
    /// Every channel that was a desk, in order, and whose.
    channels: Vec<(TenantId, String)>,
    /// Agents who work in their own chats: what a dialog calls them, and what the tenants' files
    /// do.
    people: Vec<(String, String)>,
    /// How much of each thread was seen.
    at_desk: HashMap<String, usize>,
    /// What the answer to a click at a desk said.
    told: Vec<String>,
}

impl Stage {
    fn chat(&self) -> Chat<'_> {
        self.app.chat("adele")
    }

    fn instant(&self, text: &str) -> Timestamp {
        let local: DateTime = text.replace(' ', "T").parse().unwrap();
        local.to_zoned_datetime(self.zone.clone()).unwrap().timestamp()
    }

    /// What the guest wrote or did, with who they are now on top.
    async fn post(&self, mut activity: Value) {
        activity = crate::forge::with(activity, self.patch.clone());
        if let Some(country) = &self.country {
            activity["entities"] = json!([{ "type": "clientInfo", "country": country }]);
        }
        let reply = self.app.post(&activity).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        self.app.idle().await;
    }

    async fn guest(&self, line: &str) {
        let (late, line) = line.strip_prefix('>').map_or((false, line), |rest| (true, rest.trim()));
        let Some((title, inputs)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        else {
            return self.post(self.chat().message(&line.replace("\\n", "\n"))).await;
        };
        let card = self.chat().sent().into_iter().rev().find_map(|sent| {
            let content = if late { card_of(&sent.first)? } else { card_of(&sent.activity)? };
            let named = |content: &Value| {
                let mut buttons = cards::buttons(content).into_iter();
                buttons.find(|button| button.title == title && button.data.is_object())
            };
            // What was answered may keep the button of another part of the card.
            let stands = card_of(&sent.activity).and_then(named).is_some();
            let button = named(content)?;
            (stands != late).then(|| (sent.id.clone(), button.data, cards::inputs(content)))
        });
        let (id, data, fields) = card.unwrap_or_else(|| {
            panic!("no button [{title}], late: {late}: {:#?}", self.chat().texts())
        });
        let mut value: Map<String, Value> = data.as_object().unwrap().clone();
        value.extend(filled(&fields, inputs));
        self.post(self.chat().activity("message", json!({ "value": value, "replyToId": id })))
            .await;
    }

    async fn happens(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest) {
            ("install", "") => self.post(self.chat().installed()).await,
            ("at", when) => self.pass_until(self.instant(when)).await,
            ("locale", locale) => self.patch["locale"] = json!(locale),
            ("country", country) => self.country = Some(country.to_owned()),
            ("guest", name) => self.patch["from"]["name"] = json!(name),
            ("agent", wish) => {
                let (name, how) = wish.rsplit_once(" is ").unwrap();
                self.agent_says(name, &format!("/{how}")).await;
            }
            ("desk", wish) => match wish.rsplit_once(" is ").unwrap() {
                (tenant, "gone") => {
                    let tenant = TenantId::from(tenant);
                    let (_, channel) = self.channels.iter().rfind(|(of, _)| *of == tenant).unwrap();
                    self.app.teams.delete_channel(channel);
                    self.app
                        .engine()
                        .break_desk(&tenant, "its channel is gone", self.app.now())
                        .await
                        .unwrap();
                    self.app.idle().await;
                }
                (tenant, _) => self.connect(&TenantId::from(tenant)).await,
            },
            ("manager", wish) => {
                let (tenant, reason) = wish
                    .strip_prefix("moves to ")
                    .unwrap()
                    .split_once(':')
                    .unwrap_or((&wish["moves to ".len()..], ""));
                let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
                let session = self.chat().sessions().await[0]["id"].as_str().unwrap().to_owned();
                let body = json!({ "tenant": tenant.trim(), "reason": reason }).to_string();
                let reply = self
                    .app
                    .request(
                        Method::POST,
                        &format!("/api/v1/sessions/{session}/transfer"),
                        &[],
                        body,
                    )
                    .await;
                assert!([200, 202, 409].contains(&reply.status), "{reply:?}");
                self.app.idle().await;
            }
            ("in", change) => {
                let parts: Vec<&str> = change.split('"').collect();
                let (file, old, new) = (parts[0].trim(), parts[1], parts[3]);
                let text = self.files[file].replace(old, new);
                self.app.write(file, &text);
                self.files.insert(file.to_owned(), text);
                let reply = self.app.request(Method::POST, "/api/v1/reload", &[], "").await;
                assert_eq!(reply.status, 200, "{reply:?}");
            }
            (span, "pass" | "passes") => {
                let span = SignedDuration::try_from(source::duration(span).unwrap()).unwrap();
                self.pass_until(self.app.now().checked_add(span).unwrap()).await;
            }
            _ => panic!("nothing called `{line}` can happen here"),
        }
    }

    /// Time goes on; what becomes due on the way is done at its own instant, as by a clock that
    /// ticks.
    async fn pass_until(&self, end: Timestamp) {
        let store = self.app.engine().store();
        for _ in 0..100 {
            if store.due(end, 1).await.unwrap().is_empty() {
                break;
            }
            let (mut before, mut due) = (self.app.now().as_millisecond() - 1, end.as_millisecond());
            while due - before > 1 {
                let middle = before + (due - before) / 2;
                let is_due = !store
                    .due(Timestamp::from_millisecond(middle).unwrap(), 1)
                    .await
                    .unwrap()
                    .is_empty();
                (before, due) = if is_due { (before, middle) } else { (middle, due) };
            }
            self.app.set_now(Timestamp::from_millisecond(due).unwrap());
            self.app.engine().tick(self.app.now()).await.unwrap();
            self.app.idle().await;
        }
        self.app.set_now(end);
    }

    /// Every department with a desk in a channel has one, as in every dialog.
    async fn connect_all(&mut self, company: &Company) {
        let with_desk = company
            .tenants
            .iter()
            .filter(|(_, settings)| settings.desk.as_ref().is_some_and(|desk| !desk.people));
        for tenant in with_desk.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.connect(&tenant).await;
        }
    }

    /// Every agent of the dialog's own department who works in their own chat has opened the app.
    async fn bind_all(&mut self, company: &Company, path: &str) {
        let own = TenantId::from(path.split('/').nth(1).unwrap());
        // Contoso's departments without people offer those where somebody is there now; and one
        // dialog of the desks goes on to another department's people.
        let everybody =
            company.directory.company == "Contoso" || path.ends_with("left-choices.dialog");
        let is_asked = |id: &TenantId| *id == own || everybody;
        let agents: BTreeSet<&String> = company
            .tenants
            .iter()
            .filter(|(id, _)| is_asked(id))
            .filter_map(|(_, settings)| settings.desk.as_ref())
            .filter(|desk| desk.people)
            .flat_map(|desk| &desk.agents)
            .collect();
        for id in agents {
            let name = id.split('@').next().unwrap().to_owned();
            self.people.push((name.clone(), id.clone()));
            // Known from the first word, and no matter of their own has begun.
            self.agent_says(&name, "/help").await;
            self.at_desk.insert(self.app.chat(&name).id(), self.in_person(&name).len());
        }
    }

    /// The agent of that name who works in their own chat: what their chat is called, and who they
    /// are.
    fn person(&self, name: &str) -> Option<(String, Value)> {
        let (short, id) =
            self.people.iter().find(|(short, _)| *short == name.trim().to_lowercase())?;
        Some((
            short.clone(),
            json!({ "from": { "id": format!("29:{short}"), "name": name.trim(), "aadObjectId": id } }),
        ))
    }

    async fn agent_says(&self, name: &str, text: &str) {
        let (short, patch) = self.person(name).unwrap();
        let reply =
            self.app.post(&crate::forge::with(self.app.chat(&short).message(text), patch)).await;
        assert!(reply.is_empty_200(), "{reply:?}");
        self.app.idle().await;
    }

    /// What stands in the chats of agents about guests; not what they are told about themselves.
    fn in_person(&self, short: &str) -> Vec<Sent> {
        let own = |sent: &Sent| {
            let text = sent.first["text"].as_str().unwrap_or_default();
            text.starts_with("You are a") || text.starts_with("You answer employees")
        };
        self.app.chat(short).sent().into_iter().filter(|sent| !own(sent)).collect()
    }

    /// An admin connects a new channel.
    async fn connect(&mut self, tenant: &TenantId) {
        let channel = format!("19:desk{}@thread.tacv2", self.channels.len());
        self.app.teams.channel_exists(&channel);
        let reply = self.app.order(&format!("/desks/{tenant}/code"), &json!({})).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let code = reply.json()["code"].as_str().unwrap().to_owned();
        // The answer comes below this post, in no thread of a guest's.
        self.app.agent("admin").mention_in(&channel, &format!("connect {code}")).await;
        self.app.idle().await;
        self.channels.push((tenant.clone(), channel));
    }

    /// The threads of all desks, in the order in which they were opened.
    fn threads(&self) -> Vec<String> {
        let mut threads: Vec<_> =
            self.channels.iter().flat_map(|(_, channel)| self.app.teams.threads(channel)).collect();
        threads.sort_by_key(|thread| thread.rsplit('=').next().unwrap().parse::<u64>().unwrap());
        threads
    }

    /// Somebody at a desk: `Ann takes`, `Ann: words`, `Ann [Resolve] Outcome=Solved`.
    async fn desk(&mut self, line: &str) {
        let patch = |name: &str| {
            let name = name.trim();
            let id = name.to_lowercase();
            (
                id.clone(),
                json!({ "from": { "id": format!("29:{id}"), "name": name, "aadObjectId": format!("aad-{id}") } }),
            )
        };
        let threads = self.threads();
        let (name, title, inputs) = match (
            line.split_once('[').filter(|(name, _)| !name.contains(':')),
            line.split_once(':'),
        ) {
            (Some((name, rest)), _) => {
                let (title, inputs) = rest.split_once(']').unwrap();
                (name, title, inputs)
            }
            (None, Some((name, words))) if self.person(name).is_some() => {
                return self.agent_says(name, words.trim()).await;
            }
            (None, Some((name, words))) => {
                // Somebody at another department's desk, who was asked: in the newest thread there.
                let (name, place) = match name
                    .trim()
                    .strip_suffix(')')
                    .and_then(|name| name.split_once(" ("))
                {
                    Some((name, tenant)) => {
                        let (_, channel) =
                            self.channels.iter().rfind(|(of, _)| of.as_str() == tenant).unwrap();
                        (name, self.app.teams.threads(channel).pop())
                    }
                    None => (name, None),
                };
                // A side question's thread begins with words, a guest's with the brief.
                let has_brief = |thread: &&String| {
                    self.app
                        .teams
                        .sent(thread)
                        .first()
                        .is_some_and(|sent| card_of(&sent.first).is_some())
                };
                let place =
                    place.unwrap_or_else(|| threads.iter().rev().find(has_brief).unwrap().clone());
                let (id, patch) = patch(name);
                let message = self.app.agent(&id).message(&place, words.trim());
                let reply = self.app.post(&crate::forge::with(message, patch)).await;
                assert!(reply.is_empty_200(), "{reply:?}");
                return self.app.idle().await;
            }
            (None, None) => (line.strip_suffix(" takes").unwrap(), "Take", ""),
        };
        if let Some((short, patch)) = self.person(name) {
            let card = self.app.chat(&short).sent().into_iter().rev().find_map(|sent| {
                let content = card_of(&sent.activity)?;
                let mut buttons = cards::buttons(content).into_iter();
                let button = buttons.find(|button| {
                    button.title == title && button.data.get("switchboard").is_some()
                })?;
                Some((sent.id.clone(), button.data, cards::inputs(content)))
            });
            let (id, data, fields) =
                card.unwrap_or_else(|| panic!("no button [{title}] for `{line}`"));
            let mut data: Map<String, Value> = data.as_object().unwrap().clone();
            data.extend(filled(&fields, inputs));
            let action =
                json!({ "type": "Action.Execute", "title": title, "verb": "desk", "data": data });
            let reply = self
                .app
                .post(&crate::forge::with(self.app.chat(&short).execute_data(&id, action), patch))
                .await;
            assert_eq!(reply.status, 200, "{reply:?}");
            self.note_told(&reply.json());
            return self.app.idle().await;
        }
        let found = threads.iter().rev().find_map(|thread| {
            let sent = self.app.teams.sent(thread);
            let mut cards = sent.iter().rev().filter_map(|sent| card_of(&sent.activity).cloned());
            cards
                .find(|card| cards::buttons(card).iter().any(|button| button.title == title))
                .map(|card| (thread, cards::inputs(&card)))
        });
        let (thread, fields) =
            found.unwrap_or_else(|| panic!("no button [{title}] at the desks, for `{line}`"));
        let (id, patch) = patch(name);
        let click =
            self.app.agent(&id).execute(thread, title, &Value::Object(filled(&fields, inputs)));
        let reply = self.app.post(&crate::forge::with(click, patch)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        self.note_told(&reply.json());
        self.app.idle().await;
    }

    /// What the answer to a click said in words.
    fn note_told(&mut self, answer: &Value) {
        if answer["type"] == "application/vnd.microsoft.activity.message" {
            self.told.push(answer["value"].as_str().unwrap().to_owned());
        }
    }

    /// What came since the last time: first to the guest, then at the desks. Which side comes first
    /// is chance, and so is which of two threads, so the desks' messages stand as wanted where they
    /// can; the order within each thread is what it was.
    async fn news(&mut self, wanted: &[Message], came: &mut Vec<String>) {
        // An answer to somebody at a desk that is not kept is on its way without a queue.
        let count = || {
            let in_person = self.people.iter().map(|(short, _)| self.in_person(short).len());
            self.threads()
                .iter()
                .map(|thread| self.app.teams.sent(thread).len())
                .chain(in_person)
                .sum::<usize>()
        };
        let enough =
            self.at_desk.values().sum::<usize>() + wanted.len() - self.told.len().min(wanted.len());
        self.app.until("the desks hear what is written", || count() >= enough).await;
        let sent = self.chat().sent();
        came.extend(sent[self.shown..].iter().flat_map(|sent| Message::of(sent, false).lines));
        self.shown = sent.len();
        let mut threads: Vec<VecDeque<Message>> =
            vec![self.told.drain(..).map(|words| Message::drawn(&words, true)).collect()];
        for thread in self.threads() {
            let sent = self.app.teams.sent(&thread);
            let seen = self.at_desk.insert(thread, sent.len()).unwrap_or_default();
            threads.push(sent[seen..].iter().map(|sent| Message::of(sent, true)).collect());
        }
        for (short, id) in &self.people {
            let sent = self.in_person(short);
            let seen =
                self.at_desk.insert(self.app.chat(short).id(), sent.len()).unwrap_or_default();
            let to = |sent: &Sent| {
                let mut message = Message::of(sent, true);
                let name = id.split('@').next().unwrap();
                message.lines[0] = message.lines[0].replacen("@< ", &format!("@< [to {name}] "), 1);
                message
            };
            threads.push(sent[seen..].iter().map(to).collect());
        }
        for message in wanted {
            let next = threads.iter_mut().find(|thread| {
                thread.front().is_some_and(|first| first.shape() == message.shape())
            });
            came.extend(
                next.and_then(VecDeque::pop_front).into_iter().flat_map(|message| message.lines),
            );
        }
        came.extend(threads.into_iter().flatten().flat_map(|message| message.lines));
    }
}

/// A form filled in by label or id; a choice by its title.
fn filled(fields: &[cards::Input], inputs: &str) -> Map<String, Value> {
    let given = fields.iter().filter(|field| !field.value.is_empty());
    let mut value: Map<String, Value> =
        given.map(|field| (field.id.clone(), json!(field.value))).collect();
    for part in inputs.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, given) = part.split_once('=').unwrap();
        let field = fields
            .iter()
            .find(|field| field.label == name.trim() || field.id == name.trim())
            .unwrap();
        let choice = field.choices.iter().find(|(title, _)| title == given.trim());
        value.insert(field.id.clone(), json!(choice.map_or(given.trim(), |(_, value)| value)));
    }
    value
}

/// Markdown as it is shown, as far as escapes go.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

//! Every dialog of the sample company and of the failure codes, through the whole program: as it runs, and with the process stopped between
//! any two lines. The transcript is always the one in the file.
//!
//! `ROUNDS=10 cargo nextest run --test service restarts --no-capture` plays all of them ten times and prints the counts.

use std::{collections::HashMap, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;
use reqwest::Method;
use serde_json::{Map, Value, json};
use switchboard::{cards, company, model::source};
use tokio::sync::Semaphore;

use crate::app::{Chat, Setup, TestApp, card_of};

/// When a dialog begins and who its guest is, as the README says.
const BEGIN: &str = "2026-11-24T10:00";
const GUEST: &str = "Adele Vance";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialog_reads_the_same_with_a_restart_between_any_two_lines() {
    let rounds: usize = std::env::var("ROUNDS").ok().map_or(1, |rounds| rounds.parse().unwrap());
    let places = Arc::new(Semaphore::new(4));
    for round in 1..=rounds {
        let mut plays = Vec::new();
        for folder in ["deploy/contoso", "tests/companies/codes"] {
            let files = company::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
            for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".dialog")) {
                // The first round also shows that the program alone says what the file says.
                for restarts in if round == 1 { vec![false, true] } else { vec![true] } {
                    plays.push(tokio::spawn(play(files.clone(), path.clone(), text.clone(), restarts, places.clone())));
                }
            }
        }
        let mut count = Count::default();
        for play in plays {
            let one = play.await.unwrap();
            count.dialogs += 1;
            count.restarts += one.restarts;
            count.lines_compared += one.lines_compared;
        }
        println!("round {round}: {count:?}");
        assert!(count.dialogs >= if round == 1 { 40 } else { 20 } && count.restarts >= 140, "{count:?}");
    }
}

/// What was seen, for whoever reads along.
#[derive(Debug, Default)]
struct Count {
    dialogs: usize,
    restarts: usize,
    lines_compared: usize,
}

async fn play(files: source::Files, path: String, text: String, restarts: bool, places: Arc<Semaphore>) -> Count {
    let _place = places.acquire().await.unwrap();
    let mut count = Count { dialogs: 1, ..Count::default() };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    assert!(files["company.yaml"].contains("timezone: Europe/Berlin"), "these dialogs are read in Berlin's time");
    let mut stage = Stage {
        app: Setup::new().company(files.clone()).sqlite().start().await,
        files: files.clone(),
        zone,
        patch: json!({ "locale": null, "entities": null, "from": { "id": "29:adele", "name": GUEST } }),
        country: None,
        shown: 0,
    };
    stage.app.set_now(stage.instant(BEGIN));
    let (mut wanted, mut came) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('<') || line.starts_with("  ") {
            wanted.push(line.trim_end().to_owned());
        } else if let Some(rest) = line.strip_prefix('>').map(str::trim) {
            stage.guest(rest).await;
        } else if let Some(rest) = line.strip_prefix('!').map(str::trim) {
            stage.happens(rest).await;
        } else {
            // Remarks and `?`, which tests/dialogs.rs asks.
            continue;
        }
        if line.starts_with(['>', '!']) {
            came.extend(stage.news());
            if restarts {
                stage.app.restart().await;
                count.restarts += 1;
            }
        }
        let lines = came.len().min(wanted.len());
        same(&came[..lines], &wanted[..lines], &format!("{path}, before line {}, restarts: {restarts}", number + 1));
    }
    same(&came, &wanted, &format!("{path}, restarts: {restarts}"));
    count.lines_compared += wanted.len();
    stage.app.finish().await;
    count
}

fn same(came: &[String], wanted: &[String], what: &str) {
    let (came, wanted) = (plain(came), plain(wanted));
    for (index, pair) in came.iter().zip(&wanted).enumerate() {
        assert_eq!(pair.0, pair.1, "{what}, line {} of the bot", index + 1);
    }
    assert_eq!(came.len(), wanted.len(), "{what}: {came:#?}");
}

/// References count up from a block that every process takes anew: the nth one that is seen is the nth one.
fn plain(lines: &[String]) -> Vec<String> {
    let reference = Regex::new(r"\b([A-Z]{1,6})-(\d{4,})\b").unwrap();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let replace = |found: &regex::Captures<'_>| {
        let next = seen.len() + 1;
        format!("{}-#{}", &found[1], seen.entry(found[0].to_owned()).or_insert(next))
    };
    reference.replace_all(&lines.join("\n"), replace).lines().map(str::to_owned).collect()
}

struct Stage {
    app: TestApp,
    files: source::Files,
    zone: TimeZone,
    patch: Value,
    country: Option<String>,
    shown: usize,
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
        let Some((title, inputs)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return self.post(self.chat().message(&line.replace("\\n", "\n"))).await;
        };
        let card = self.chat().sent().into_iter().rev().find_map(|sent| {
            let content = if late { card_of(&sent.first)? } else { card_of(&sent.activity)? };
            let is_settled = sent.updates > 0;
            let button = cards::buttons(content).into_iter().find(|button| button.title == title && button.data.is_object())?;
            (is_settled == late).then(|| (sent.id.clone(), button.data, cards::inputs(content)))
        });
        let (id, data, fields) = card.unwrap_or_else(|| panic!("no button [{title}], late: {late}: {:#?}", self.chat().texts()));
        let mut value: Map<String, Value> = data.as_object().unwrap().clone();
        value.extend(fields.iter().filter(|field| !field.value.is_empty()).map(|field| (field.id.clone(), json!(field.value))));
        for part in inputs.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, given) = part.split_once('=').unwrap();
            let field = fields.iter().find(|field| field.label == name.trim() || field.id == name.trim()).unwrap();
            let choice = field.choices.iter().find(|(title, _)| title == given.trim());
            value.insert(field.id.clone(), json!(choice.map_or(given.trim(), |(_, value)| value)));
        }
        self.post(self.chat().activity("message", json!({ "value": value, "replyToId": id }))).await;
    }

    async fn happens(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest) {
            ("install", "") => self.post(self.chat().installed()).await,
            ("at", when) => self.pass_until(self.instant(when)).await,
            ("locale", locale) => self.patch["locale"] = json!(locale),
            ("country", country) => self.country = Some(country.to_owned()),
            ("guest", name) => self.patch["from"]["name"] = json!(name),
            ("manager", wish) => {
                let (tenant, reason) = wish.strip_prefix("moves to ").unwrap().split_once(':').unwrap_or((&wish["moves to ".len()..], ""));
                let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
                let session = self.chat().sessions().await[0]["id"].as_str().unwrap().to_owned();
                let body = json!({ "tenant": tenant.trim(), "reason": reason }).to_string();
                let reply = self.app.request(Method::POST, &format!("/api/v1/sessions/{session}/transfer"), &[], body).await;
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

    /// Time goes on; what becomes due on the way is done at its own instant, as by a clock that ticks.
    async fn pass_until(&self, end: Timestamp) {
        let store = self.app.engine().store();
        for _ in 0..100 {
            if store.due(end, 1).await.unwrap().is_empty() {
                break;
            }
            let (mut before, mut due) = (self.app.now().as_millisecond() - 1, end.as_millisecond());
            while due - before > 1 {
                let middle = before + (due - before) / 2;
                let is_due = !store.due(Timestamp::from_millisecond(middle).unwrap(), 1).await.unwrap().is_empty();
                (before, due) = if is_due { (before, middle) } else { (middle, due) };
            }
            self.app.set_now(Timestamp::from_millisecond(due).unwrap());
            self.app.engine().tick(self.app.now()).await.unwrap();
            self.app.idle().await;
        }
        self.app.set_now(end);
    }

    /// The messages that came since the last time, as a dialog writes them.
    fn news(&mut self) -> Vec<String> {
        let sent = self.chat().sent();
        let messages = sent[self.shown..].iter().map(|sent| match card_of(&sent.first) {
            Some(card) => cards::draw(card),
            None => unescaped(sent.first["text"].as_str().unwrap()),
        });
        let lines = messages.flat_map(|message| {
            let lines: Vec<String> = message.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
            lines.into_iter().enumerate().map(|(index, line)| format!("{}{}", if index == 0 { "< " } else { "  " }, line.trim_end()))
        });
        let lines = lines.collect();
        self.shown = sent.len();
        lines
    }
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

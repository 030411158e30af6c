//! Small inputs from the wire that have gone wrong somewhere, played against the whole program. A case
//! is a file in `tests/wire`:
//!
//! | key | meaning |
//! |---|---|
//! | `about` | what must hold |
//! | `start` | `thread`: Ann has Kim's chat in a channel's thread; `two threads`: Lee's as well; `own chat`: Ann has Lee's chat in her own one, Kim's is over; `two in one chat`: she has both there; `rated`: Kim's chat is over and she is asked how it was; `notes`: Kim is asked for a note |
//! | `steps` | one after the other: `by` sends an `activity` (merged over an ordinary message of theirs; null takes a field away; `"in": "thread of kim"` where it is not their own chat); or the next `times` calls to the `connector` are answered with a `status` and a `body`; or `pass` seconds pass |
//! | `reads`, `never` | what somebody reads in the end, and never: by name, or `thread of kim`; one of the texts behind a bar is enough |
//! | `sessions`, `desk` | the states of guests' sessions and of IT's desk in the end |
//!
//! `{bot}`, `{number of kim}` and `{message of kim}` (the newest that the bot posted in her thread) are
//! filled in.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use switchboard::source;

use crate::{
    app::{Setup, TestApp, text_of},
    desks,
    fake_teams::{APP_ID, Failure},
    personal_desks,
};

/// One case in its start.
struct Play {
    app: TestApp,
    threads: BTreeMap<String, String>,
}

impl Play {
    async fn start(start: &str) -> Self {
        let mut threads = BTreeMap::new();
        let app = match start {
            "thread" | "two threads" | "rated" => {
                let app = desks::desk().await;
                let guests = if start == "two threads" { &["kim", "lee"][..] } else { &["kim"] };
                for guest in guests {
                    let thread = desks::asks(&app, guest).await;
                    app.agent("ann").click_in(&thread, "Take", json!({})).await;
                    threads.insert((*guest).to_owned(), thread);
                }
                if start == "rated" {
                    let resolved = json!({ "outcome": "resolved" });
                    app.agent("ann").click_in(&threads["kim"], "Resolve", resolved).await;
                }
                app
            }
            "own chat" | "two in one chat" => {
                let app = personal_desks::legal(&["ann"]).await;
                let ann = app.chat("ann");
                for guest in ["kim", "lee"] {
                    personal_desks::asks(&app, guest).await;
                    personal_desks::takes(&app, &ann, guest).await;
                }
                if start == "own chat" {
                    app.chat("kim").say("/end").await;
                    app.chat("kim").say("yes").await;
                }
                app
            }
            "notes" => {
                let app = Setup::new().company(notes()).start().await;
                app.chat("kim").say("hello").await;
                app
            }
            other => panic!("no start `{other}`"),
        };
        app.idle().await;
        Play { app, threads }
    }

    async fn filled(&self, value: &Value) -> Value {
        let mut text = value.to_string().replace("{bot}", &format!("28:{APP_ID}"));
        for guest in ["kim", "lee"] {
            let number = format!("{{number of {guest}}}");
            if text.contains(&number) {
                let session = personal_desks::session(&self.app, guest).await;
                text = text.replace(&number, session["ref"].as_str().unwrap());
            }
            if let Some(sent) =
                self.threads.get(guest).and_then(|thread| self.app.teams.sent(thread).pop())
            {
                text = text.replace(&format!("{{message of {guest}}}"), &sent.id);
            }
        }
        serde_json::from_str(&text).unwrap()
    }

    async fn step(&self, step: &Value) {
        if let Some(seconds) = step["pass"].as_i64() {
            self.app.pass(seconds);
            self.app.tick().await;
            return;
        }
        if let Some(status) = step["connector"]["status"].as_u64() {
            let failure =
                Failure::Status(u16::try_from(status).unwrap(), step["connector"]["body"].clone());
            let times = step["connector"]["times"].as_u64().unwrap_or(1);
            self.app.teams.fail_next(usize::try_from(times).unwrap(), failure);
            return;
        }
        let (by, patch) = (step["by"].as_str().unwrap(), self.filled(&step["activity"]).await);
        let place = step["in"].as_str().map(|place| self.thread(place));
        let mut activity = match &place {
            Some(thread) => self.app.agent(by).message(thread, ""),
            None => self.app.chat(by).message(""),
        };
        // An ordinary message has its words in both forms.
        let html = activity.as_object_mut().unwrap().remove("attachments");
        merge(&mut activity, &patch);
        if let (Some(_), Some(text), None) =
            (html, activity["text"].as_str(), activity.get("attachments"))
            && patch.get("attachments").is_none()
            && !text.contains('<')
        {
            activity["attachments"] =
                json!([{ "contentType": "text/html", "content": format!("<p>{text}</p>") }]);
        }
        let reply = self.app.post(&activity).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    fn thread(&self, place: &str) -> String {
        let guest = place.strip_prefix("thread of ").unwrap_or_else(|| panic!("no `{place}`"));
        self.threads[guest].clone()
    }

    /// Everything that somebody reads in a place.
    fn read(&self, place: &str) -> String {
        let place =
            if place.contains(' ') { self.thread(place) } else { self.app.chat(place).id() };
        let sent = self.app.teams.sent(&place);
        sent.iter().map(|sent| text_of(&sent.activity)).collect::<Vec<_>>().join("\n")
    }

    async fn check(&self, name: &str, case: &Value) {
        for (place, wanted) in places(&case["reads"]) {
            for words in wanted {
                let words = self.filled(&json!(words)).await;
                let is_read = || {
                    let read = self.read(&place);
                    words.as_str().unwrap().split('|').any(|words| read.contains(words))
                };
                self.app.until(&format!("{name}: {place} reads {words}"), is_read).await;
            }
        }
        self.app.idle().await;
        for (place, unwanted) in places(&case["never"]) {
            for words in unwanted {
                let (read, words) = (self.read(&place), self.filled(&json!(words)).await);
                let words = words.as_str().unwrap();
                assert!(!read.contains(words), "{name}: {place} reads `{words}`: {read}");
            }
        }
        for (guest, state) in case["sessions"].as_object().unwrap_or(&Map::new()) {
            let session = personal_desks::session(&self.app, guest).await;
            assert_eq!(session["state"], *state, "{name}: {guest}");
        }
        if let Some(state) = case["desk"].as_str() {
            let desks = self.app.api("/desks").await;
            let it = desks["items"].as_array().unwrap().iter().find(|it| it["tenantId"] == "it");
            assert_eq!(it.unwrap()["state"], state, "{name}");
        }
    }
}

fn places(of: &Value) -> Vec<(String, Vec<String>)> {
    let texts = |value: &Value| {
        value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    of.as_object()
        .map(|of| of.iter().map(|(place, value)| (place.clone(), texts(value))).collect())
        .unwrap_or_default()
}

/// The fields of one object over those of another; null takes one away.
fn merge(into: &mut Value, patch: &Value) {
    for (key, value) in patch.as_object().into_iter().flatten() {
        match (into.get_mut(key), value) {
            (_, Value::Null) => {
                into.as_object_mut().unwrap().remove(key);
            }
            (Some(inner @ Value::Object(_)), Value::Object(_)) => merge(inner, value),
            _ => into[key] = value.clone(),
        }
    }
}

/// A department that repeats a note in words with Markdown, and asks for a day.
fn notes() -> source::Files {
    let tenant = "name: Notes\npipelines:\n  main:\n    - id: note\n      ask: { text: \"Which note?\", save_as: note }\n    \
                  - id: repeat\n      send: { text: \"**Noted**: {{Data.note}}\" }\n    \
                  - id: day\n      ask: { text: \"Which day?\", fields: [{ id: day, label: Day, type: date }] }\n    \
                  - id: said\n      send: { text: \"On {{Data.day}}.\" }\n    \
                  - id: done\n      end: { text: \"Done.\", outcome: resolved }\n";
    [
        (
            "company.yaml",
            "company: Contoso\nprimary_tenant: notes\nlocale: en-GB\ntimezone: Europe/Berlin\n",
        ),
        ("tenants/notes/tenant.yaml", tenant),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

async fn play(name: &str, case: &Value) {
    let play = Play::start(case["start"].as_str().unwrap()).await;
    for step in case["steps"].as_array().unwrap() {
        play.step(step).await;
        play.app.idle().await;
    }
    play.check(name, case).await;
}

async fn play_folder(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    for file in &files {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        play(&file.file_stem().unwrap().to_string_lossy(), &case).await;
    }
    files.len()
}

#[tokio::test]
async fn what_has_gone_wrong_on_the_wire_goes_right() {
    assert!(play_folder("tests/wire").await > 20, "all of them");
}

#[tokio::test]
async fn what_goes_wrong_around_the_words_goes_right() {
    assert!(play_folder("tests/wire/others").await >= 7, "all of them");
}

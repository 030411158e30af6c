//! Files and pictures between employees and agents.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard::store::{FileContent, Room};

use crate::{
    app::{Chat, Reply, Setup, TestApp, assert_quiet},
    desks::{CHANNEL, asks, connect, desk},
    fake_teams::{FakeTeams, Served},
    personal_desks::{self, legal},
};

const MB: usize = 1024 * 1024;

/// What Teams sends for a file in a personal chat.
pub fn file(name: &str, url: &str) -> Value {
    json!({
        "contentType": "application/vnd.microsoft.teams.file.download.info", "name": name,
        "contentUrl": format!("https://contoso-my.sharepoint.com/personal/kim/{name}"),
        "content": { "downloadUrl": url, "uniqueId": "1", "fileType": "bin" },
    })
}

pub fn picture(url: &str) -> Value {
    json!({ "contentType": "image/*", "contentUrl": url })
}

/// Sends files from a personal chat, with words or without.
pub async fn send(app: &TestApp, chat: &Chat<'_>, text: Option<&str>, files: Value) {
    let reply =
        app.post(&chat.activity("message", json!({ "text": text, "attachments": files }))).await;
    assert!(reply.is_empty_200(), "{reply:?}");
}

/// The target of the link in a message.
pub fn link(text: &str) -> String {
    let (_, rest) = text.split_once("](").unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_once(')').unwrap().0.to_owned()
}

pub async fn open(app: &TestApp, link: &str) -> Reply {
    let path = link
        .strip_prefix(app.base())
        .unwrap_or_else(|| panic!("{link} does not lead to {}", app.base()));
    app.get(path).await
}

async fn transcript(app: &TestApp, guest: &str) -> Vec<(String, String)> {
    let sessions = app.chat(guest).sessions().await;
    let shown =
        app.api(&format!("/sessions/{}/transcript", sessions[0]["id"].as_str().unwrap())).await;
    assert!(!shown.to_string().contains("sig="), "no transcript holds a link: {shown:#}");
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (text(line, "from"), text(line, "text")))
        .collect()
}

/// Waits until a text with these words stands there; gives it.
pub async fn wait(app: &TestApp, what: &str, texts: impl Fn() -> Vec<String>) -> String {
    app.until(what, || texts().iter().any(|text| text.contains(what))).await;
    app.idle().await;
    texts().into_iter().rev().find(|text| text.contains(what)).unwrap()
}

/// Waits until no file is on its way.
pub async fn all_told(app: &TestApp) {
    let none_left = async {
        while !app.engine().store().wanted_files().await.unwrap().is_empty() {
            app.teams.stirs(std::time::Duration::from_millis(3)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), none_left)
        .await
        .expect("every file is told of");
    app.idle().await;
}

#[tokio::test]
async fn an_employees_files_reach_the_desk_and_the_token_only_the_connector() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let plan =
        app.teams.put_file("plan", Served::Bytes("application/pdf; x=1", vec![7; 1_300_000]));
    let shot = app.teams.put_picture("shot", Served::Bytes("image/png", vec![1, 2, 3]));
    send(&app, &kim, Some("see these"), json!([file("plan.pdf", &plan), picture(&shot)])).await;
    let said = wait(&app, "plan.pdf", || ann.texts_in(&thread)).await;
    assert!(said.contains("sent a file: [plan.pdf](") && said.ends_with("(1.2 MB)"), "{said}");
    let shown = wait(&app, "image.png", || ann.texts_in(&thread)).await;
    assert!(shown.ends_with("(3 bytes)"), "{shown}");
    assert!(ann.texts_in(&thread).iter().any(|text| text.ends_with("see these")));
    let mut fetched = app.teams.fetched();
    fetched.sort();
    assert_eq!(fetched[0], ("plan".to_owned(), None), "the address is enough: no token");
    assert!(
        fetched[1].1.as_ref().is_some_and(|header| header.starts_with("Bearer bought-")),
        "{fetched:?}"
    );

    let reply = open(&app, &link(&said)).await;
    assert_eq!((reply.status, reply.text.len()), (200, 1_300_000));
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-disposition", "attachment; filename*=UTF-8''plan.pdf"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(reply.header(name), value);
    }
    let reply = open(&app, &link(&shown)).await;
    assert_eq!(
        (reply.header("content-type"), reply.header("content-disposition")),
        ("image/png", "inline; filename*=UTF-8''image.png")
    );
    let lines = transcript(&app, "kim").await;
    assert!(
        lines.contains(&("guest".to_owned(), "File: plan.pdf (1.2 MB)".to_owned())),
        "{lines:?}"
    );
    assert!(!kim.texts().join("\n").contains("Not delivered"), "{:?}", kim.texts());
    app.finish().await;
}

#[tokio::test]
async fn an_agents_files_reach_the_employee_and_nobody_elses_do() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann, bob) = (app.chat("kim"), app.agent("ann"), app.agent("bob"));
    let shot = app.teams.put_picture("shot", Served::Bytes("image/jpeg", vec![1; 2048]));
    let post = |agent: &crate::agents::Agent<'_>, text: Value| {
        let mut message = agent.message(&thread, "x");
        let seen = format!("<p>{}<img alt=\"image\"></p>", text.as_str().unwrap_or_default());
        message["text"] = text;
        message["attachments"] =
            json!([{ "contentType": "text/html", "content": seen }, picture(&shot)]);
        message
    };
    // Nobody has it yet.
    app.post(&post(&ann, json!("what is that?"))).await;
    wait(&app, "Not delivered: image", || ann.texts_in(&thread)).await;
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    app.post(&post(&bob, json!("I have one too"))).await;
    app.post(&post(&ann, json!("// mine is better"))).await;
    app.idle().await;
    assert!(app.teams.fetched().is_empty(), "{:?}", app.teams.fetched());
    // Without words, and with.
    app.post(&post(&ann, Value::Null)).await;
    let said = wait(&app, "image.jpeg", || kim.texts()).await;
    assert!(
        said.contains("Quackenbush sent a file: [image.jpeg](") && said.ends_with("(2 KB)"),
        "{said}"
    );
    assert_eq!(open(&app, &link(&said)).await.status, 200);
    app.post(&post(&ann, json!("and once more"))).await;
    app.until("both arrive", || {
        kim.texts().iter().filter(|text| text.contains("image.jpeg")).count() == 2
    })
    .await;
    app.idle().await;
    assert!(kim.texts().iter().any(|text| text.ends_with("and once more")));
    let lines = transcript(&app, "kim").await;
    assert_eq!(
        lines
            .iter()
            .filter(|line| **line == ("agent".to_owned(), "File: image.jpeg (2 KB)".to_owned()))
            .count(),
        2,
        "{lines:?}"
    );
    app.finish().await;
}

#[tokio::test]
async fn files_go_both_ways_through_an_agents_own_chat() {
    let app = legal(&["ann"]).await;
    personal_desks::asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.chat("ann"));
    let early = app.teams.put_file("early", Served::Bytes("text/plain", b"early".to_vec()));
    send(&app, &kim, None, json!([file("early.txt", &early)])).await;
    all_told(&app).await;
    personal_desks::takes(&app, &ann, "kim").await;
    let said = wait(&app, "early.txt", || ann.texts()).await;
    let address = said.split_whitespace().last().unwrap();
    assert_eq!(open(&app, address).await.text, "early");
    let contract = app
        .teams
        .put_file("contract", Served::Bytes("text/html", b"<script>alert(1)</script>".to_vec()));
    send(&app, &ann, None, json!([file("contract.html", &contract)])).await;
    let said = wait(&app, "contract.html", || kim.texts()).await;
    let reply = open(&app, &link(&said)).await;
    assert_eq!(
        reply.header("content-type"),
        "application/octet-stream",
        "nothing that a browser runs"
    );
    assert!(reply.header("content-disposition").starts_with("attachment;"));
    send(&app, &kim, Some("signed"), json!([file("signed.pdf", &contract)])).await;
    let said = wait(&app, "signed.pdf", || ann.texts()).await;
    assert!(said.starts_with("LEG") || said.contains(" · "), "several chats stand in one: {said}");
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_carried_is_told_and_why() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let far = FakeTeams::start().await;
    let beyond = far.put_file("far", Served::Bytes("text/plain", b"secret".to_vec()));
    let big = app.teams.put_file("big", Served::Bytes("video/mp4", vec![0; 10 * MB + 1]));
    let endless = app.teams.put_file("endless", Served::Endless("video/mp4", vec![0; 10 * MB + 1]));
    let gone = app.teams.put_file("gone", Served::Status(410));
    let away = app.teams.put_file("away", Served::Redirect(beyond.clone()));
    let inside = app
        .teams
        .put_file("inside", Served::Redirect("http://169.254.169.254/latest/meta-data".to_owned()));
    let circle =
        app.teams.put_file("circle", Served::Redirect("/drive/circle?tempauth=x".to_owned()));
    for (name, url, why) in [
        ("big.mp4", &big, "larger than 10 MB"),
        ("endless.mp4", &endless, "larger than 10 MB"),
        ("gone.txt", &gone, "could not be fetched"),
        ("away.txt", &away, "could not be fetched"),
        ("inside.txt", &inside, "could not be fetched"),
        ("circle.txt", &circle, "could not be fetched"),
        ("beyond.txt", &beyond, "cannot take that along"),
    ] {
        send(&app, &kim, None, json!([file(name, url)])).await;
        let told = wait(&app, &format!("Not delivered: {name}"), || kim.texts()).await;
        assert!(told.contains(why), "{told}");
        if name != "beyond.txt" {
            wait(&app, &format!("sent a file that did not arrive: {name}"), || {
                ann.texts_in(&thread)
            })
            .await;
        }
    }
    // A picture elsewhere: the token does not leave, nothing is asked for.
    let mut elsewhere = far.put_picture("shot", Served::Bytes("image/png", vec![1]));
    send(&app, &kim, None, json!([picture(&elsewhere)])).await;
    wait(&app, "Not delivered: image", || kim.texts()).await;
    elsewhere = app.teams.put_picture(
        "moved",
        Served::Redirect(far.put_picture("shot", Served::Bytes("image/png", vec![1]))),
    );
    send(
        &app,
        &kim,
        None,
        json!([{ "contentType": "image/png", "name": "moved.png", "contentUrl": elsewhere }]),
    )
    .await;
    wait(&app, "Not delivered: moved.png", || kim.texts()).await;
    assert!(
        far.fetched().is_empty() && far.calls().is_empty(),
        "nothing was asked for: {:?}",
        far.fetched()
    );
    // Ten at once, no more.
    let ok = app.teams.put_file("ok", Served::Bytes("text/plain", b"ok".to_vec()));
    let many: Vec<Value> = (0..12).map(|number| file(&format!("part{number}.txt"), &ok)).collect();
    send(&app, &kim, None, json!(many)).await;
    wait(&app, "Not delivered: part10.txt, part11.txt", || kim.texts()).await;
    app.until("ten arrive", || {
        ann.texts_in(&thread).iter().filter(|text| text.contains("[part")).count() == 10
    })
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_file_that_fails_for_a_while_arrives() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let url = app.teams.put_file("plan", Served::Status(503));
    send(&app, &kim, None, json!([file("plan.pdf", &url)])).await;
    app.until("it was asked for", || !app.teams.fetched().is_empty()).await;
    app.teams.put_file("plan", Served::Bytes("application/pdf", vec![7]));
    wait(&app, "plan.pdf", || ann.texts_in(&thread)).await;
    app.finish().await;
}

#[tokio::test]
async fn a_file_outlives_a_restart_and_its_link_too() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    let url = app.teams.put_file("plan", Served::Stuck);
    send(&app, &app.chat("kim"), None, json!([file("plan.pdf", &url)])).await;
    app.until("it was asked for", || app.teams.fetched().len() == 1).await;
    app.stop().await;
    app.teams.put_file("plan", Served::Bytes("application/pdf", b"the plan".to_vec()));
    app.resume().await;
    let ann = app.agent("ann");
    let said = wait(&app, "plan.pdf", || ann.texts_in(&thread)).await;
    let link = link(&said);
    let path = link.split_once("/files/").unwrap().1.to_owned();
    app.restart().await;
    assert_eq!(app.get(&format!("/files/{path}")).await.text, "the plan");
    let told =
        app.agent("ann").texts_in(&thread).iter().filter(|text| text.contains("plan.pdf")).count();
    assert_eq!((told, app.teams.fetched().len()), (1, 2), "fetched again, told once");
    app.finish().await;
}

#[tokio::test]
async fn a_file_that_was_fetched_before_a_crash_is_told_after_it() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    let url = app.teams.put_file("plan", Served::Stuck);
    send(&app, &app.chat("kim"), None, json!([file("plan.pdf", &url)])).await;
    app.until("it was asked for", || app.teams.fetched().len() == 1).await;
    app.stop().await;
    let store = app.at_rest().await;
    let id = store.wanted_files().await.unwrap()[0].id;
    store
        .keep_file(
            id,
            FileContent {
                name: "plan.pdf".into(),
                content_type: "application/pdf".into(),
                bytes: b"the plan".to_vec(),
            },
            Room { person: u64::MAX, store: u64::MAX, since: app.now() },
        )
        .await
        .unwrap();
    store.close().await;
    app.resume().await;
    let ann = app.agent("ann");
    let said = wait(&app, "plan.pdf", || ann.texts_in(&thread)).await;
    assert_eq!(open(&app, &link(&said)).await.text, "the plan");
    assert_eq!(app.teams.fetched().len(), 1, "not fetched again");
    app.finish().await;
}

#[tokio::test]
async fn nobody_fills_the_store_with_files() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let url = app.teams.put_file("ok", Served::Bytes("text/plain", b"ok".to_vec()));
    for _ in 0..10 {
        send(&app, &kim, None, json!(vec![file("part.txt", &url); 10])).await;
    }
    send(&app, &kim, None, json!([file("one-more.txt", &url)])).await;
    wait(&app, "Not delivered: one-more.txt", || kim.texts()).await;
    app.until("a hundred arrive", || {
        ann.texts_in(&thread).iter().filter(|text| text.contains("[part.txt](")).count() == 100
    })
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_link_that_is_forged_or_too_old_leads_to_nothing() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let url = app.teams.put_file("plan", Served::Bytes("application/pdf", b"the plan".to_vec()));
    send(&app, &kim, None, json!([file("plan.pdf", &url), file("other.pdf", &url)])).await;
    let one = link(&wait(&app, "plan.pdf", || ann.texts_in(&thread)).await);
    let other = link(&wait(&app, "other.pdf", || ann.texts_in(&thread)).await);
    let path = one.strip_prefix(app.base()).unwrap();
    let (address, query) = path.split_once('?').unwrap();
    let nothing = app.get("/files/x").await;
    let strange = format!("/files/{}/plan.pdf?{query}", uuid::Uuid::new_v4());
    let mixed =
        format!("{}?{query}", other.strip_prefix(app.base()).unwrap().split_once('?').unwrap().0);
    let later = path.replace("until=1", "until=2");
    for wrong in [
        address,
        &format!("{address}?until=9&sig="),
        &path[..path.len() - 1],
        &format!("{path}A"),
        &strange,
        &mixed,
        &later,
    ] {
        let reply = app.get(wrong).await;
        assert_eq!(reply.status, 404, "{wrong}");
        assert_eq!(reply.json()["code"], "not_found");
        assert!(!reply.text.contains("the plan"));
    }
    assert_eq!(nothing.status, 404);
    assert_eq!(app.request(Method::HEAD, path, &[], "").await.status, 200);
    assert_eq!(app.request(Method::POST, path, &[], "").await.status, 405);
    // The name is there for people only.
    assert_eq!(
        app.get(&path.replace("plan.pdf", "x.html")).await.header("content-disposition"),
        "attachment; filename*=UTF-8''plan.pdf"
    );
    app.pass(7 * 24 * 3600 - 1);
    app.engine().tidy(app.now(), 100).await.unwrap();
    assert_eq!(app.get(path).await.status, 200);
    app.pass(1);
    let late = app.get(path).await;
    app.engine().tidy(app.now(), 100).await.unwrap();
    assert_eq!(
        (late.status, &late.text),
        (404, &app.get(&strange).await.text),
        "one answer for all"
    );
    assert_eq!(app.engine().store().forget_files(app.now()).await, Ok(0), "swept already");
    app.finish().await;
}

/// The link of a file in the brief with which a thread begins.
pub fn briefed(app: &TestApp, thread: &str, name: &str) -> Option<String> {
    let brief = app.teams.activities(thread)[0].to_string();
    let (_, rest) = brief.split_once(&format!("[{name}]("))?;
    Some(rest.split_once(')').unwrap().0.to_owned())
}

#[tokio::test]
async fn what_is_sent_before_a_person_is_there_waits_for_them() {
    let app = desk().await;
    let kim = app.chat("kim");
    kim.say("my laptop is broken").await;
    let plan = app.teams.put_file("plan", Served::Bytes("application/pdf", b"the plan".to_vec()));
    let voice = json!({ "contentType": "audio/mp4", "name": "voice.m4a" });
    send(&app, &kim, None, json!([file("plan.pdf", &plan), voice])).await;
    let told = wait(&app, "I have kept plan.pdf. Whoever takes this chat sees it.", || kim.texts());
    let told = told.await;
    assert!(told.contains("Not delivered: voice.m4a. I cannot take that along"), "{told}");
    // With words, too.
    send(&app, &kim, Some("/status"), json!([file("second.pdf", &plan)])).await;
    wait(&app, "I have kept second.pdf.", || kim.texts()).await;
    all_told(&app).await;
    kim.say("/agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let address = briefed(&app, &thread, "plan.pdf").expect("the brief names it");
    assert_eq!(open(&app, &address).await.text, "the plan");
    assert!(briefed(&app, &thread, "second.pdf").is_some());
    // From now on they go through the thread.
    send(&app, &kim, None, json!([file("third.pdf", &plan)])).await;
    wait(&app, "sent a file: [third.pdf](", || app.agent("ann").texts_in(&thread)).await;
    let lines = transcript(&app, "kim").await;
    let line = ("guest".to_owned(), "File: plan.pdf (8 bytes)".to_owned());
    assert!(lines.contains(&line), "{lines:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_picture_alone_is_a_beginning() {
    let app = desk().await;
    let lee = app.chat("lee");
    let shot = app.teams.put_picture("shot", Served::Bytes("image/png", vec![1, 2, 3]));
    send(&app, &lee, None, json!([picture(&shot)])).await;
    all_told(&app).await;
    assert_eq!(lee.texts(), ["I have kept the picture. What is it about?"]);
    lee.say("my screen is dead").await;
    lee.say("/agent").await;
    let thread = app.teams.threads(CHANNEL).last().unwrap().clone();
    let brief = app.teams.activities(&thread)[0].to_string();
    assert!(brief.contains("my screen is dead"), "{brief}");
    let address = briefed(&app, &thread, "image.png").expect("the brief names it");
    assert_eq!(open(&app, &address).await.text.len(), 3);
    // What cannot be carried begins nothing.
    let joe = app.chat("joe");
    send(&app, &joe, None, json!([{ "contentType": "audio/mp4", "name": "voice.m4a" }])).await;
    wait(&app, "Not delivered: voice.m4a. I cannot take that along", || joe.texts()).await;
    assert!(joe.sessions().await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn files_go_along_where_the_employees_words_do() {
    let app = desk().await;
    connect(&app, "hr", "19:hr-desk@thread.tacv2").await;
    let plan = app.teams.put_file("plan", Served::Bytes("application/pdf", vec![7]));
    // Of what was said at IT nothing goes to HR, and everything to Legal.
    for (guest, to, goes) in [("kim", "HR", false), ("lee", "Legal", true)] {
        let chat = app.chat(guest);
        chat.say("my laptop is broken").await;
        send(&app, &chat, None, json!([file("plan.pdf", &plan)])).await;
        all_told(&app).await;
        chat.say("/departments").await;
        chat.say(to).await;
        let sessions = chat.sessions().await;
        let id = sessions[0]["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        let view = app.engine().store().session(switchboard::model::SessionId(id)).await.unwrap();
        assert_eq!(!view.unwrap().session.kept.is_empty(), goes, "{guest} to {to}");
    }
    app.finish().await;
}

#[tokio::test]
async fn where_nobody_reads_files_none_are_kept() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/commands");
    let files = switchboard::company::read_folder(&folder).unwrap();
    let app = Setup::new().company(files).sqlite().start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    let url = app.teams.put_file("plan", Served::Bytes("application/pdf", vec![7]));
    send(&app, &kim, None, json!([file("plan.pdf", &url)])).await;
    wait(&app, "Not delivered: plan.pdf. I cannot take that along", || kim.texts()).await;
    assert!(app.teams.fetched().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_file_for_a_chat_that_is_over_is_not_delivered() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    ann.click_in(&thread, "Take", json!({})).await;
    let url = app.teams.put_file("plan", Served::Status(503));
    send(&app, &kim, None, json!([file("plan.pdf", &url)])).await;
    app.until("it was asked for", || !app.teams.fetched().is_empty()).await;
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    app.teams.put_file("plan", Served::Bytes("application/pdf", vec![7]));
    wait(&app, "Not delivered: plan.pdf. The chat went on elsewhere", || kim.texts()).await;
    assert!(!ann.texts_in(&thread).join("\n").contains("plan.pdf"));
    assert_eq!(app.engine().store().wanted_files().await.unwrap().len(), 0);
    app.finish().await;
}

#[tokio::test]
async fn names_are_shown_as_they_are_and_do_no_harm() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let url = app.teams.put_file("plan", Served::Bytes("text/plain", b"x".to_vec()));
    for (name, shown, header) in [
        ("../../etc/passwd", "passwd", "passwd"),
        ("a \"b\" 'c'.txt", "a \"b\" 'c'.txt", "a%20%22b%22%20%27c%27.txt"),
        ("x\r\nSet-Cookie: y=1.txt", "x Set-Cookie: y=1.txt", "x%20Set-Cookie%3A%20y%3D1.txt"),
        ("🦊.png", "🦊.png", "%F0%9F%A6%8A.png"),
        (
            "[a](https://evil.example)*b*.txt",
            "evil.example)\\*b\\*.txt",
            "evil.example%29%2Ab%2A.txt",
        ),
    ] {
        send(&app, &kim, None, json!([file(name, &url)])).await;
        let said = wait(&app, &format!("[{shown}]("), || ann.texts_in(&thread)).await;
        let (_, rest) = said.split_once(&format!("[{shown}](")).unwrap();
        let link = rest.rsplit_once(") (").unwrap().0;
        let reply = open(&app, link).await;
        assert_eq!(
            (reply.status, reply.header("content-disposition")),
            (200, format!("attachment; filename*=UTF-8''{header}").as_str())
        );
        assert_eq!(reply.header("set-cookie"), "");
    }
    app.finish().await;
}

#[tokio::test]
async fn where_nobody_could_open_a_link_nothing_is_carried() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let files = switchboard::company::read_folder(&folder).unwrap();
    let setup = |url: Option<&str>, listen: &str| {
        let (url, listen) = (url.map(str::to_owned), listen.parse().unwrap());
        Setup::new().company(files.clone()).settings(move |settings| {
            (settings.public_url, settings.listen) = (url, listen);
        })
    };
    let app = setup(None, "0.0.0.0:0").start().await;
    assert!(crate::app::logs().contains(
        "files are not carried between employees and agents: set SWITCHBOARD_PUBLIC_URL"
    ));
    let kim = app.chat("kim");
    kim.say("departments").await;
    kim.say("Legal").await;
    kim.say("please write").await;
    let url = app.teams.put_file("plan", Served::Bytes("application/pdf", vec![7]));
    send(&app, &kim, None, json!([file("plan.pdf", &url)])).await;
    wait(&app, "Not delivered: plan.pdf. I cannot take that along", || kim.texts()).await;
    assert!(app.teams.fetched().is_empty());
    app.finish().await;
    let app = setup(Some("https://bot.contoso.com/"), "0.0.0.0:0").start().await;
    assert_eq!(
        app.engine().carrier().links().map(|links| links
            .link(switchboard::model::FileId(uuid::Uuid::nil()), "a", app.now())
            .starts_with("https://bot.contoso.com/files/0000")),
        Some(true)
    );
    app.finish().await;
    assert_quiet();
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let bytes: Vec<u8> = (0..700_000_u32).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
    let url = app.teams.put_file("plan", Served::Bytes("application/pdf", bytes.clone()));
    send(&app, &kim, None, json!([file("plan.pdf", &url)])).await;
    let link = link(&wait(&app, "plan.pdf", || ann.texts_in(&thread)).await);
    let path = link.strip_prefix(app.base()).unwrap();
    let whole = app.get(path).await;
    assert_eq!((whole.status, whole.text.as_bytes()), (200, &*bytes));
    assert_eq!(
        (whole.header("accept-ranges"), whole.header("content-length")),
        ("bytes", "700000")
    );
    let tag = whole.header("etag").to_owned();
    for (range, part) in [
        ("bytes=0-9", 0..10),
        ("bytes=262140-262150", 262_140..262_151),
        ("bytes=699990-", 699_990..700_000),
        ("bytes=-5", 699_995..700_000),
        ("bytes=1-", 1..700_000),
    ] {
        let reply = app.request(Method::GET, path, &[("range", range)], "").await;
        assert_eq!((reply.status, reply.text.as_bytes()), (206, &bytes[part.clone()]), "{range}");
        let told = format!("bytes {}-{}/700000", part.start, part.end - 1);
        assert_eq!(reply.header("content-range"), told);
        assert_eq!(reply.header("content-security-policy"), "sandbox; default-src 'none'");
        let head = app.request(Method::HEAD, path, &[("range", range)], "").await;
        assert_eq!((head.status, head.header("content-range")), (206, &*told));
        assert_eq!(head.header("content-length"), part.len().to_string());
    }
    let beyond = app.request(Method::GET, path, &[("range", "bytes=700000-")], "").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */700000"));
    assert_eq!(beyond.json()["code"], "range");
    for (known, status) in [(&*tag, 206), ("\"another\"", 200)] {
        let headers = [("range", "bytes=0-9"), ("if-range", known)];
        assert_eq!(app.request(Method::GET, path, &headers, "").await.status, status, "{known}");
    }
    // A part is no way around the signature.
    let forged = app.request(Method::GET, &format!("{path}A"), &[("range", "bytes=0-9")], "").await;
    assert_eq!(forged.status, 404);
    app.finish().await;
}

#[tokio::test]
async fn few_files_are_read_at_a_time_and_whoever_reads_nothing_holds_nobody_up_for_ever() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    // More than the sockets take by themselves.
    let url = app.teams.put_file("film", Served::Bytes("video/mp4", vec![b'x'; 10 * MB]));
    send(&app, &kim, None, json!([file("film.mp4", &url)])).await;
    let link = link(&wait(&app, "film.mp4", || ann.texts_in(&thread)).await);
    let path = link.strip_prefix(app.base()).unwrap();
    let served = async || app.api("/files").await["served"].as_u64().unwrap();
    let mut idle = Vec::new();
    for _ in 0..8 {
        let mut reader =
            tokio::net::TcpStream::connect(app.base().strip_prefix("http://").unwrap())
                .await
                .unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        reader.write_all(ask.as_bytes()).await.unwrap();
        // The answer has begun: it has its place.
        reader.read_exact(&mut [0; 16]).await.unwrap();
        idle.push(reader);
    }
    assert_eq!(served().await, 8);
    let reply = app.get(path).await;
    assert_eq!((reply.status, &reply.json()["code"]), (503, &json!("unavailable")));
    assert!(!reply.header("retry-after").is_empty(), "{reply:?}");
    // Guests are helped all the same.
    kim.say("still there?").await;
    assert!(ann.last_in(&thread).contains("still there?"));
    // One goes, and there is room again.
    drop(idle.pop());
    let reply = app.get(path).await;
    assert_eq!((reply.status, reply.text.len()), (200, 10 * MB));
    drop(idle);
    let all_free = async {
        while served().await > 0 {
            app.teams.stirs(std::time::Duration::from_millis(3)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), all_free).await.expect("all are free");
    app.finish().await;
}

#[tokio::test]
async fn who_sends_too_much_in_a_day_is_told_and_so_is_who_finds_the_store_full() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let files = switchboard::company::read_folder(&folder).unwrap();
    let app = Setup::new()
        .company(files)
        .settings(|settings| {
            settings.files.person = 2 * MB as u64;
            settings.files.store = 3 * MB as u64;
        })
        .start()
        .await;
    crate::desks::connect(&app, "it", crate::desks::CHANNEL).await;
    let kim_thread = asks(&app, "kim").await;
    let (kim, ann) = (app.chat("kim"), app.agent("ann"));
    let one = app.teams.put_file("one", Served::Bytes("text/plain", vec![b'1'; 1_500_000]));
    let half = app.teams.put_file("half", Served::Bytes("text/plain", vec![b'2'; 500_000]));
    send(&app, &kim, None, json!([file("one.txt", &one)])).await;
    wait(&app, "one.txt", || ann.texts_in(&kim_thread)).await;
    send(&app, &kim, None, json!([file("two.txt", &one)])).await;
    let told = wait(&app, "Not delivered: two.txt", || kim.texts()).await;
    assert!(told.contains("more than one person can send in a day"), "{told}");
    send(&app, &kim, None, json!([file("half.txt", &half)])).await;
    wait(&app, "[half.txt](", || ann.texts_in(&kim_thread)).await;
    // The day of one is not the day of another; but there is an end to the store.
    let lee_thread = asks(&app, "lee").await;
    let lee = app.chat("lee");
    let fetched = app.teams.fetched().len();
    send(&app, &lee, None, json!([file("three.txt", &one)])).await;
    let told = wait(&app, "Not delivered: three.txt", || lee.texts()).await;
    assert!(told.contains("no room for files at the moment"), "{told}");
    wait(&app, "three.txt", || ann.texts_in(&lee_thread)).await;
    assert_eq!(app.teams.fetched().len(), fetched + 1);
    let shown = app.api("/files").await;
    assert_eq!(
        (&shown["files"], &shown["bytes"], &shown["mostBytes"], &shown["refusedSinceStart"]),
        (&json!(2), &json!(2_000_000), &json!(3 * MB), &json!({ "person": 1, "store": 1 })),
        "{shown:#}"
    );
    // A day later; what is a week old has made room.
    app.pass(24 * 3600);
    let again = app.teams.put_file("small", Served::Bytes("text/plain", b"small".to_vec()));
    send(&app, &kim, None, json!([file("small.txt", &again)])).await;
    wait(&app, "[small.txt](", || ann.texts_in(&kim_thread)).await;
    app.pass(7 * 24 * 3600);
    app.engine().tidy(app.now(), 100).await.unwrap();
    assert_eq!(app.api("/files").await["files"], 0);
    app.finish().await;
}

#[tokio::test]
async fn links_can_be_revoked_one_and_all() {
    let mut app = desk().await;
    let thread = asks(&app, "kim").await;
    let url = app.teams.put_file("plan", Served::Bytes("application/pdf", b"the plan".to_vec()));
    let path = async |app: &TestApp, name: &str| {
        send(app, &app.chat("kim"), None, json!([file(name, &url)])).await;
        let link = link(&wait(app, name, || app.agent("ann").texts_in(&thread)).await);
        format!("/files/{}", link.split_once("/files/").unwrap().1)
    };
    let (one, two) = (path(&app, "one.pdf").await, path(&app, "two.pdf").await);
    let id = one.split('/').nth(2).unwrap().to_owned();
    let order = async |app: &TestApp, body: Value| app.order("/links/revoke", &body).await.status;
    for wrong in [
        json!({}),
        json!({ "all": false }),
        json!({ "all": true, "file": id }),
        json!({ "every": true }),
    ] {
        assert_eq!(order(&app, wrong.clone()).await, 400, "{wrong}");
    }
    assert_eq!(order(&app, json!({ "file": id })).await, 200);
    assert_eq!(order(&app, json!({ "file": id })).await, 404);
    assert_eq!((app.get(&one).await.status, app.get(&two).await.status), (404, 200));
    assert_eq!(order(&app, json!({ "all": true })).await, 200);
    assert_eq!(app.get(&two).await.status, 404);
    let three = path(&app, "three.pdf").await;
    app.restart().await;
    assert_eq!((app.get(&two).await.status, app.get(&three).await.status), (404, 200));
    app.finish().await;
}

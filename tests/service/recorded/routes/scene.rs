//! A company in which everything has happened: guests who were moved, asked, answered and helped,
//! agents who talked and proposed, files that were carried, a letter that nobody took.

use serde_json::{Value, json};
use switchboard::source;

use crate::{
    app::{Setup, TestApp},
    desks::{CHANNEL, asks, connect},
    fake_teams::{Served, colleague},
};

pub const HR: &str = "19:hr-desk@thread.tacv2";

/// Rules under which every refusal can be had.
const COMPANY: &str = r#"
company: Northwind
primary_tenant: it
locale: en-US
timezone: Europe/Berlin
transfer:
  max_hops: 3
  rules:
    - { from: it, to: hr, metadata: [Guest, Data.topic], transcript: none }
    - { from: it, to: vault, allow: false }
    - { from: "*", to: legal, reason: required }
"#;

const ASKS: &str =
    "pipelines:\n  main:\n    - id: what\n      ask: { text: \"What is it?\", save_as: it }\n";

const HELP: &str = r#"
name: Help
ref: HLP
pipelines:
  main:
    - id: topic
      menu: { text: What do you want to know?, choices: [{ title: Nothing, next: bye }] }
      on_free_text: answers
    - id: answers
      faq: { tenants: own }
    - id: bye
      end: { text: "Bye.", outcome: unresolved }
"#;

const FAQ: &str =
    "- id: vpn\n  question: How do I connect to the VPN?\n  answer: Start the client.\n";

/// The company of the desk dialogs, with more departments.
fn files() -> source::Files {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let mut files = switchboard::company::read_folder(&folder).unwrap();
    files.retain(|path, _| !path.ends_with(".dialog"));
    let night = format!("name: Night\nhours: {{ open: {{ fri: [\"20:00-22:00\"] }} }}\n{ASKS}");
    for (path, text) in [
        ("company.yaml", COMPANY.to_owned()),
        ("tenants/help/tenant.yaml", HELP.to_owned()),
        ("tenants/help/faq.yaml", FAQ.to_owned()),
        ("tenants/it/faq.yaml", FAQ.to_owned()),
        ("tenants/clerk/tenant.yaml", format!("name: Clerk\n{ASKS}")),
        ("tenants/vault/tenant.yaml", format!("name: Vault\nconfidential: true\n{ASKS}")),
        ("tenants/archive/tenant.yaml", format!("name: Archive\nenabled: false\n{ASKS}")),
        ("tenants/empty/tenant.yaml", "name: Empty\n".to_owned()),
        ("tenants/night/tenant.yaml", night),
    ] {
        files.insert(path.to_owned(), text);
    }
    files
}

/// The company, in which nothing has happened. With a store that fails when it is told to.
pub async fn empty() -> TestApp {
    let app = Setup::new().company(files()).sqlite().flaky().start().await;
    // A Tuesday morning in Berlin.
    app.set_now("2027-01-19T09:00:00Z".parse().unwrap());
    app
}

/// The id of the session in which a guest is.
pub async fn live(app: &TestApp, guest: &str) -> String {
    app.chat(guest).sessions().await[0]["id"].as_str().unwrap().to_owned()
}

/// A manager moves a guest.
pub async fn moved(app: &TestApp, guest: &str, tenant: &str) {
    let path = format!("/sessions/{}/transfer", live(app, guest).await);
    let reply = app.order(&path, &json!({ "tenant": tenant, "reason": "It is theirs" })).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    app.idle().await;
}

/// The path of a file's link in a text.
fn path_in(text: &str) -> String {
    let (_, rest) = text.split_once("](").unwrap_or_else(|| panic!("no link in {text}"));
    let link = rest.split_once(')').unwrap().0;
    format!("/files/{}", link.split_once("/files/").unwrap().1)
}

/// A guest sends a file to a desk; gives the path of its link.
async fn carried(app: &TestApp, thread: &str, name: &str, served: Served) -> String {
    let url = app.teams.put_file(name, served);
    let file = json!({
        "contentType": "application/vnd.microsoft.teams.file.download.info", "name": name,
        "contentUrl": format!("https://contoso-my.sharepoint.com/personal/kim/{name}"),
        "content": { "downloadUrl": url, "uniqueId": "1", "fileType": "bin" },
    });
    let sent = app.chat("kim").activity("message", json!({ "attachments": [file] }));
    assert!(app.post(&sent).await.is_empty_200());
    let link = format!("[{name}](");
    let texts = || app.agent("ann").texts_in(thread);
    app.until("the file arrives", || texts().iter().any(|text| text.contains(&link))).await;
    app.idle().await;
    path_in(texts().iter().rev().find(|text| text.contains(&link)).unwrap())
}

/// What happened, for whoever asks about it.
pub struct Scene {
    /// The first session of a journey of three.
    pub first: String,
    /// Its second.
    pub second: String,
    pub journey: String,
    pub files: Vec<(&'static str, String)>,
    /// Proposals for IT's FAQ, oldest first.
    pub drafts: Vec<String>,
    /// A letter that nobody took.
    pub letter: String,
}

/// Makes it happen.
pub async fn played(app: &TestApp) -> Scene {
    connect(app, "it", CHANNEL).await;
    connect(app, "hr", HR).await;
    app.chat("ann").say("/available").await;
    app.teams.member("a:1kim", "29:kim", colleague("kim"));
    let thread = asks(app, "kim").await;
    let first = live(app, "kim").await;
    // What the directory says of the guest comes when it comes.
    while app.api(&format!("/sessions/{first}")).await["guest"]["userRole"].is_null() {
        app.teams.stirs(std::time::Duration::from_millis(3)).await;
    }
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    app.pass(30);
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    ann.say_in(&thread, "What does it say?").await;
    let said = app.chat("kim").message("Nothing at al");
    app.post(&said).await;
    app.idle().await;
    let better = json!({ "id": said["id"], "text": "Nothing at all", "channelData": { "eventType": "editMessage" } });
    app.post(&app.chat("kim").activity("messageUpdate", better)).await;
    app.idle().await;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let mut files = Vec::new();
    for (name, served) in [
        ("plan.pdf", Served::Bytes("application/pdf", b"%PDF-1.7 the plan".to_vec())),
        ("page.html", Served::Bytes("text/html", b"<p>page</p>".to_vec())),
        ("shot.png", Served::Bytes("image/png", png.to_vec())),
    ] {
        files.push((name, carried(app, &thread, name, served).await));
    }
    for number in ["one", "two", "three", "four", "five"] {
        let inputs = json!({ "faqQuestion": format!("Where is door {number}?"), "faqAnswer": format!("Behind {number}.") });
        bob.click_in(&thread, "Add to the FAQ", inputs).await;
        app.idle().await;
        app.pass(1);
    }
    let wish = json!({ "tenant": "hr", "reason": "HR knows", "note": "be kind" });
    ann.click_in(&thread, "Transfer", wish).await;
    app.idle().await;
    let second = live(app, "kim").await;
    assert_ne!(first, second);
    moved(app, "kim", "help").await;
    let kim = app.chat("kim");
    kim.say("please tell me how to connect to the vpn").await;
    kim.click("This helped").await;
    let journey =
        app.api(&format!("/sessions/{first}")).await["journeyId"].as_str().unwrap().to_owned();
    let drafts = ids(&app.api("/faq/drafts?tenant=it").await);
    assert_eq!(drafts.len(), 5);
    let zoe = app.chat("zoe");
    app.teams.shut(&zoe.id(), 403, "BotDisabledByAdmin");
    zoe.say("hello").await;
    app.teams.reopen(&zoe.id());
    let letter = ids(&app.api("/outbox?state=dead").await).remove(0);
    Scene { first, second, journey, files, drafts, letter }
}

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

//! `switchboard replay`: a chat of a real store, played against the files beside it.

use std::process::Command;

use serde_json::json;
use switchboard::source;

use crate::{
    app::{Setup, TestApp},
    desks::{CHANNEL, connect},
};

const IT: &str = r#"name: IT
ref: IT
desk: { where: channel }
pipelines:
  main:
    - id: hello
      send: { text: "This is IT. Your reference is {{Session.Ref}}." }
    - id: what
      menu:
        text: What is it?
        choices:
          - { title: A laptop, next: laptop }
          - { title: A person, next: human }
    - id: laptop
      ask:
        text: Which one?
        fields:
          - { id: model, label: Model, type: choice, choices: [Air, Pro] }
          - { id: code, label: Code, private: true, pattern: "hush-[0-9]+" }
          - { id: day, label: Day, type: date, required: false }
    - id: noted
      send: { text: "Noted: {{Data.model}} {{Data.day}}, {{Data.code}}." }
    - id: human
      agent: { max_wait: 15m }
      on_timeout: done
    - id: done
      end: { text: Bye., outcome: resolved }
"#;

async fn start() -> TestApp {
    let company = "company: Contoso\nprimary_tenant: it\n";
    let files: source::Files = [("company.yaml", company), ("tenants/it/tenant.yaml", IT)]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
    Setup::new().company(files).sqlite().start().await
}

/// The exit code, what is printed, and what is remarked.
fn replay(app: &TestApp, session: &str) -> (Option<i32>, String, String) {
    let store = format!("sqlite:{}", app.kept().display());
    let done = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .env_clear()
        .args(["replay", session, "--store", &store, "--company"])
        .arg(app.kept().parent().unwrap())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[tokio::test]
async fn a_chat_is_played_again_beside_the_service_and_shows_what_the_files_changed() {
    let app = start().await;
    connect(&app, "it", CHANNEL).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("A laptop").await;
    app.step(60);
    kim.fill("Send", json!({ "model": "Pro", "code": "hush-4711", "day": "2027-02-24" })).await;
    let session = kim.sessions().await.pop().unwrap();
    let (id, reference) = (session["id"].as_str().unwrap(), session["ref"].as_str().unwrap());

    for name in [id, reference] {
        let (code, said, remarks) = replay(&app, name);
        assert_eq!(code, Some(0), "{said}{remarks}");
        assert!(said.starts_with("The bot says the same"), "{said}");
        assert_eq!(remarks, "");
    }

    let changed = IT.replace("Noted: {{Data.model}}", "Written down: {{Data.model}}");
    app.edit(&vec![("tenants/it/tenant.yaml", changed)]);
    let (code, said, remarks) = replay(&app, reference);
    assert_eq!((code, remarks.as_str()), (Some(1), ""), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("--- then, {reference}"), "{said}");
    assert_eq!(lines[1], "+++ now", "{said}");
    for line in [
        " > Model: Pro; Code: …; Day: Feb 24, 2027",
        "-< Noted: Pro Feb 24, 2027, ….",
        "+< Written down: Pro Feb 24, 2027, ….",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
    assert!(!said.contains("4711"), "what is private stays so: {said}");
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_played_is_said() {
    let app = start().await;
    connect(&app, "it", CHANNEL).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.click("A laptop").await;
    // Private words at a form of several fields: nobody but the desk reads which they were.
    kim.say("a Pro and my code is hush-4711").await;
    let reference = kim.sessions().await.pop().unwrap()["ref"].as_str().unwrap().to_owned();
    let (code, said, remarks) = replay(&app, &reference);
    assert_eq!(code, Some(0), "until there it is the same: {said}{remarks}");
    assert!(remarks.contains("is private: the transcript does not hold it"), "{remarks}");
    assert!(!(said + &remarks).contains("4711"));

    let (code, said, remarks) = replay(&app, "IT-99999");
    assert_eq!((code, said.as_str()), (Some(2), ""), "{remarks}");
    assert!(remarks.contains("there is no session IT-99999"), "{remarks}");

    app.edit(&vec![("tenants/it/tenant.yaml", "name: [".to_owned())]);
    let (code, _, remarks) = replay(&app, &reference);
    assert_eq!(code, Some(2), "{remarks}");
    app.finish().await;
}

//! `return_to`: the end of the receiver is not the end of the matter.

use serde_json::{Value, json};

use crate::{
    app::{Chat, Setup, TestApp},
    company::Files,
};

const FRONT: &str = r#"
name: Front Desk
ref: FD
pipelines:
  main:
    - id: topic
      menu:
        text: What is it about?
        save_as: topic
        choices: [{ title: Contract, next: to-hr }]
    - id: to-hr
      transfer: { tenant: hr, text: "HR first.", return_to: last }
    - id: last
      ask: { text: "HR noted: {{Data.matter}}{{Data.secret}}. Anything else?", save_as: rest }
    - id: bye
      end: { text: "Bye.", outcome: resolved }
"#;

const HR: &str = r#"
name: People
ref: HR
pipelines:
  main:
    - id: form
      ask:
        text: Tell us.
        fields:
          - { id: matter, label: Matter }
          - { id: secret, label: Secret, private: true }
    - id: sure
      menu:
        text: Is that all?
        choices: [{ title: All of it, next: done }, { title: Ask IT, next: to-it }]
    - id: to-it
      transfer: { tenant: it, text: "IT goes on." }
    - id: done
      end: { text: "Noted.", outcome: resolved }
"#;

const IT: &str = r#"
name: IT Service Desk
ref: IT
pipelines:
  main:
    - id: device
      ask: { text: "Which device?", save_as: device }
    - id: done
      end: { text: "Done.", outcome: resolved }
"#;

fn files() -> Files {
    let company =
        "company: Northwind\nprimary_tenant: front\nlocale: en-US\ntimezone: Europe/Berlin\n";
    let tenants = [
        ("tenants/front/tenant.yaml", FRONT),
        ("tenants/hr/tenant.yaml", HR),
        ("tenants/it/tenant.yaml", IT),
    ];
    let mut files = vec![("company.yaml", company.to_owned())];
    files.extend(tenants.map(|(path, text)| (path, text.to_owned())));
    files
}

async fn start() -> TestApp {
    Setup::new().files(files()).sqlite().start().await
}

async fn at_hr(kim: &Chat<'_>) {
    kim.say("my contract").await;
    kim.click("Yes").await;
    kim.fill("Send", json!({ "matter": "it ends in May", "secret": "hush" })).await;
}

fn whole<'a>(sessions: &'a [Value], tenant: &str) -> &'a Value {
    sessions.iter().find(|session| session["tenantId"] == tenant).unwrap()
}

#[tokio::test]
async fn the_end_of_the_receiver_resumes_the_sender_with_what_was_collected() {
    let mut app = start().await;
    at_hr(&app.chat("kim")).await;
    // The duty to return outlives the process.
    app.restart().await;
    app.pass(60);
    let kim = app.chat("kim");
    kim.click("All of it").await;
    assert!(kim.last().contains("HR noted: it ends in May. Anything else?"), "{:#?}", kim.texts());
    let sessions = kim.sessions().await;
    let (front, hr) = (whole(&sessions, "front"), whole(&sessions, "hr"));
    assert_eq!(
        (&front["state"], &front["stage"], &front["endedUtc"]),
        (&json!("active"), &json!("last"), &Value::Null)
    );
    assert_eq!(hr["state"], "returned");

    // What HR collected is known at the front desk too, with where it came from; its private value
    // is not.
    let front = app.api(&format!("/sessions/{}", front["id"].as_str().unwrap())).await;
    assert_eq!(
        (&front["metadata"]["Data.topic"], &front["metadata"]["Data.matter"]),
        (&json!("Contract"), &json!("it ends in May"))
    );
    assert_eq!(front["metadata"].get("Data.secret"), None);
    let origin = |session: &Value, key: &str| {
        (session["provenance"][key]["tenant"].clone(), session["provenance"][key]["stage"].clone())
    };
    assert_eq!(origin(&front, "Data.topic"), (json!("front"), json!("topic")));
    assert_eq!(origin(&front, "Data.matter"), (json!("hr"), json!("form")));
    assert_eq!(origin(hr, "Data.topic"), (json!("front"), json!("topic")));
    assert_eq!(hr["provenance"]["Data.secret"]["private"], true);
    assert!(
        front["provenance"]["Data.topic"]["at"].as_str()
            < front["flow"].as_array().unwrap().last().unwrap()["at"].as_str()
    );

    let hops = front["transfers"].as_array().unwrap();
    let kinds: Vec<(&Value, &Value)> =
        hops.iter().map(|hop| (&hop["kind"], &hop["by"]["kind"])).collect();
    assert_eq!(kinds, [(&json!("transfer"), &json!("stage")), (&json!("return"), &json!("stage"))]);
    assert_eq!(
        (&hops[1]["from"]["tenantId"], &hops[1]["to"]["sessionId"]),
        (&json!("hr"), &front["id"])
    );

    kim.say("no").await;
    assert_eq!(whole(&kim.sessions().await, "front")["state"], "resolved");
    assert_eq!(kim.sessions().await.len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn the_duty_to_return_follows_the_guest_through_further_departments() {
    let app = start().await;
    let kim = app.chat("kim");
    at_hr(&kim).await;
    kim.click("Ask IT").await;
    kim.say("ThinkPad").await;
    assert!(kim.last().contains("Anything else?"), "{:#?}", kim.texts());
    let sessions = kim.sessions().await;
    let states: Vec<&str> = ["front", "hr", "it"]
        .iter()
        .map(|tenant| whole(&sessions, tenant)["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["active", "transferred", "returned"]);
    let front = &whole(&sessions, "front")["metadata"];
    assert_eq!(
        (&front["Data.matter"], &front["Data.device"]),
        (&json!("it ends in May"), &json!("ThinkPad"))
    );
    app.finish().await;
}

#[tokio::test]
async fn a_guest_who_falls_silent_at_the_receiver_is_led_back_too() {
    let files = {
        let mut files = files();
        files[0].1.push_str("idle: { remind: 20m, close: 1h }\n");
        files
    };
    let app = Setup::new().files(files).start().await;
    let kim = app.chat("kim");
    at_hr(&kim).await;
    app.pass(3600);
    app.tick().await;
    let sessions = kim.sessions().await;
    assert_eq!(
        (&whole(&sessions, "front")["state"], &whole(&sessions, "front")["stage"]),
        (&json!("active"), &json!("last"))
    );
    assert_eq!(whole(&sessions, "hr")["state"], "returned");
    app.finish().await;
}

#[tokio::test]
async fn an_undo_of_the_transfer_ends_the_duty() {
    let app = start().await;
    let kim = app.chat("kim");
    at_hr(&kim).await;
    kim.click("Wrong department").await;
    let sessions = kim.sessions().await;
    let front = whole(&sessions, "front");
    assert_eq!((&front["stage"], front["metadata"].get("Data.matter")), (&json!("topic"), None));
    app.finish().await;
}

//! What passes the checker and cannot be judged or said all the same: seen in the flow, and counted.

use serde_json::json;
use switchboard::source;

use crate::{
    app::Setup,
    elsewhere::{COMPANY, Elsewhere, Reply},
};

fn company(host: &str) -> source::Files {
    let tenant = format!(
        r#"name: IT
pipelines:
  main:
    - id: what
      ask: {{ text: What is it?, save_as: what }}
    - id: many
      when: int(Data.what) > 3
      send: {{ text: So many? }}
    - id: order
      switch: {{ cases: [{{ when: "int(Data.what) < 0", next: failed }}] }}
    - id: ticket
      http:
        url: "http://{host}/tickets"
        timeout: 1s
        save: {{ Data.tags: /tags }}
      on_failure: failed
    - id: made
      send: {{ text: "It has {{{{Data.tags.length}}}} tags, {{{{Guest.GivenName}}}}." }}
    - id: done
      end: {{ text: Goodbye., outcome: resolved }}
    - id: failed
      end: {{ text: No ticket., outcome: unresolved }}
"#
    );
    [("company.yaml", COMPANY.to_owned()), ("tenants/it/tenant.yaml", tenant)]
        .map(|(path, text)| (path.to_owned(), text))
        .into()
}

#[tokio::test]
async fn a_failed_condition_and_a_failed_text_are_seen_and_counted() {
    let system = Elsewhere::start().await;
    // The text was written for a text, and gets a list.
    system.answers([Reply::new(200, r#"{"tags":["a","b"]}"#)]);
    let app = Setup::new().company(company(&system.host())).sqlite().start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("tea").await;
    app.until("goodbye", || kim.texts().last().is_some_and(|last| last.contains("Goodbye"))).await;
    let texts = kim.texts();
    assert!(!texts.iter().any(|text| text.contains("So many?")), "{texts:#?}");
    assert!(texts.iter().any(|text| text.contains("It has … tags, ….")), "{texts:#?}");
    let id = kim.sessions().await[0]["id"].as_str().unwrap().to_owned();
    let session = app.api(&format!("/sessions/{id}")).await;
    let exits: Vec<_> = session["flow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["stage"].as_str().unwrap(), step["exit"].as_str().unwrap_or_default()))
        .collect();
    for step in [
        ("many", "condition_failed"),
        ("order", "condition_failed: int(Data.what) < 0"),
        ("made", "text_failed"),
    ] {
        assert!(exits.contains(&step), "{step:?} is not in {exits:?}");
    }
    let tenant = app.api("/tenants/it").await;
    assert_eq!(tenant["failedSinceStart"], json!({ "conditions": 2, "texts": 1 }));
    app.finish().await;
}

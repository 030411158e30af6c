//! "Somebody is at work": shown while another system is asked, and never after its answer.

use std::time::Duration;

use crate::{
    app::{Setup, TestApp},
    elsewhere::{COMPANY, Elsewhere, Reply},
};

/// A front desk that asks a system about whatever is written.
async fn start(system: &Elsewhere) -> TestApp {
    let tenant = format!(
        r#"name: IT
pipelines:
  main:
    - id: what
      ask: {{ text: What is it?, fields: [{{ id: what, label: What, type: number }}] }}
    - id: lookup
      http: {{ url: "http://{}/things", timeout: 20s, save: {{ Data.thing: /thing }} }}
      on_failure: failed
    - id: done
      end: {{ text: "It is {{{{Data.thing}}}}.", outcome: resolved }}
    - id: failed
      end: {{ text: Nobody knows., outcome: unresolved }}
"#,
        system.host()
    );
    let files = [("company.yaml", COMPANY.to_owned()), ("tenants/it/tenant.yaml", tenant)];
    let files = files.map(|(path, text)| (path.to_owned(), text)).into();
    Setup::new().company(files).sqlite().start().await
}

fn found() -> Reply {
    Reply::new(200, r#"{"thing":"a lamp"}"#)
}

/// Asks, and waits for the answer: how often somebody was shown at work, each time after how many
/// messages, and how many messages there are.
async fn asked(app: &TestApp) -> (Vec<usize>, usize) {
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("7").await;
    app.until("it is answered", || kim.texts().iter().any(|text| text.contains("It is a lamp.")))
        .await;
    // What would be shown too late would be shown by now.
    tokio::time::sleep(Duration::from_secs(4)).await;
    (app.teams.typing_in(&kim.id()), kim.texts().len())
}

#[tokio::test]
async fn whoever_waits_for_another_system_sees_that_somebody_is_at_work() {
    let system = Elsewhere::start().await;
    system.answers([found().after(Duration::from_millis(5500))]);
    let app = start(&system).await;
    let (shown, messages) = asked(&app).await;
    // After one second, and three seconds later again.
    assert!((1..=2).contains(&shown.len()), "{shown:?}");
    assert!(shown.iter().all(|after| *after < messages), "none after the answer: {shown:?}");
    app.finish().await;
}

#[tokio::test]
async fn what_is_answered_at_once_shows_nothing() {
    let system = Elsewhere::start().await;
    system.answers([found()]);
    let app = start(&system).await;
    assert_eq!(asked(&app).await.0, Vec::<usize>::new());
    app.finish().await;
}

#[tokio::test]
async fn who_has_gone_on_is_shown_nothing_more() {
    let system = Elsewhere::start().await;
    system.answers([found().after(Duration::from_secs(9))]);
    let app = start(&system).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("7").await;
    app.until("somebody is at work", || !app.teams.typing_in(&kim.id()).is_empty()).await;
    kim.say("/end").await;
    kim.say("yes").await;
    let shown = app.teams.typing_in(&kim.id()).len();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(app.teams.typing_in(&kim.id()).len(), shown);
    app.finish().await;
}

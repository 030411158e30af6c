//! The stage `faq`: what an employee sees, what is counted, what goes along.

use serde_json::{Value, json};
use switchboard::{source, store::Span};

use crate::{
    app::{Setup, TestApp, card_of},
    desks::{CHANNEL, connect},
};

/// IT, which answers for VPN, and HR, confidential, which answers for leave and has a desk.
fn company(rules: &str) -> source::Files {
    let it = r#"name: IT
pipelines:
  main:
    - id: topic
      menu: { text: What is it?, choices: [{ title: Nothing, next: bye }] }
      on_free_text: answers
    - id: answers
      faq: { tenants: all }
    - id: person
      send: { text: "Nobody answers “{{Guest.Question}}”." }
    - id: bye
      end: { text: Goodbye., outcome: unresolved }
"#;
    let hr = r#"name: HR
confidential: true
desk: { where: channel }
pipelines:
  main:
    - id: person
      agent: {}
"#;
    let vpn = "- id: vpn\n  question: How do I connect to the VPN?\n  answer: Start the *client*.\n\
               - id: vpn-slow\n  question: Why is the VPN slow?\n  answer: Use a cable.\n\
               - id: printer\n  question: How do I add a printer?\n  answer: Scan its code.\n";
    let leave = "- id: leave\n  question: How many vacation days do I have?\n  also: [annual leave]\n  answer: Thirty.\n";
    [
        ("company.yaml", format!("company: Contoso\nprimary_tenant: it\n{rules}")),
        ("tenants/it/tenant.yaml", it.to_owned()),
        ("tenants/it/faq.yaml", vpn.to_owned()),
        ("tenants/hr/tenant.yaml", hr.to_owned()),
        ("tenants/hr/faq.yaml", leave.to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into()
}

async fn start(rules: &str) -> TestApp {
    let app = Setup::new().company(company(rules)).sqlite().start().await;
    connect(&app, "hr", CHANNEL).await;
    app
}

/// Shown, helped, not helped, followed and solved of an article.
async fn counts(app: &TestApp, article: &str) -> [u64; 5] {
    let report = app.engine().store().faq_report(Span::default()).await.unwrap();
    let counts = report.items.iter().find(|item| item.article_id == article);
    counts.map_or([0; 5], |item| {
        [item.shown, item.helped, item.not_helped, item.followed, item.solved]
    })
}

#[tokio::test]
async fn an_answer_that_helps_stays_on_the_card_without_its_buttons_and_is_counted_once() {
    let app = start("").await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("please tell me how to connect to the vpn").await;
    let (card, _) = kim.button("This helped");
    let shown = card_of(&card.activity).unwrap().to_string();
    assert!(
        shown.contains("How do I connect to the VPN?") && shown.contains("Start the *client*."),
        "{shown}"
    );
    let click = kim.execute("This helped", json!({}));
    let reply = app.post(&click).await;
    assert_eq!(reply.json()["type"], "application/vnd.microsoft.card.adaptive", "{reply:?}");
    let kept = reply.json()["value"].to_string();
    assert!(kept.contains("Start the *client*.") && !kept.contains("Action."), "{kept}");
    app.idle().await;
    assert!(kim.last().starts_with("Good."), "{}", kim.last());
    // The same click again, by Teams or by the employee.
    for _ in 0..2 {
        assert_eq!(
            app.post(&crate::forge::with(click.clone(), json!({ "id": app.fresh_id() })))
                .await
                .status,
            200
        );
    }
    app.idle().await;
    assert_eq!(counts(&app, "vpn").await, [1, 1, 0, 0, 1]);
    assert_eq!(kim.sessions().await[0]["state"], "resolved");
    let report = app.api("/reports/faq").await;
    assert_eq!(
        report["tenants"],
        json!([{ "tenantId": "it", "sessions": 1, "answered": 1, "solved": 1, "deflection": 1.0 }])
    );
    // An article that calls itself a formula is none in a spreadsheet.
    let faq = "- id: vpn\n  question: \"=HYPERLINK(A1)\"\n  answer: Start the client.\n";
    app.write("tenants/it/faq.yaml", faq);
    assert_eq!(app.order("/reload", &Value::Null).await.status, 200);
    let table = app.get("/api/v1/reports/faq?format=csv&tenant=it").await.text;
    assert!(table.contains("it,vpn,'=HYPERLINK(A1),1,1,0,0,1\n"), "{table}");
    app.finish().await;
}

#[tokio::test]
async fn other_words_are_a_new_question_twice_and_then_the_exit_runs() {
    let app = start("").await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    for (words, shows) in [
        ("please tell me how to connect to the vpn", "connect to the VPN"),
        ("why is it that the vpn is so slow", "VPN slow"),
        ("then how do I add a printer please", "add a printer"),
        ("the printer must be added", "Nobody answers"),
    ] {
        kim.say(words).await;
        assert!(
            kim.texts().iter().rev().take(2).any(|text| text.contains(shows)),
            "{words}: {:#?}",
            kim.texts()
        );
    }
    let [shown, helped, not_helped, ..] = counts(&app, "vpn").await;
    assert!(shown == 1 && shown == not_helped && helped == 0, "{shown} {helped} {not_helped}");
    app.finish().await;
}

#[tokio::test]
async fn who_follows_another_departments_answer_takes_it_along_and_nothing_that_the_rules_keep() {
    let app =
        start("transfer:\n  rules: [{ from: it, to: hr, transcript: none, metadata: [Data] }]\n")
            .await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("please tell me how to connect to the vpn").await;
    kim.say("how many vacation days do i have").await;
    assert!(kim.last().contains("HR has an answer to this."), "{}", kim.last());
    kim.click("Go to HR").await;
    let sessions = kim.sessions().await;
    assert_eq!(
        (&sessions[0]["tenantId"], &sessions[0]["state"]),
        (&json!("hr"), &json!("waiting_for_agent"))
    );
    let hop = &sessions[0]["transfers"][0];
    assert_eq!(
        (&hop["by"]["kind"], &hop["reason"]),
        (&json!("guest"), &json!("They have the answer to “How many vacation days do I have?”"))
    );
    assert_eq!(counts(&app, "leave").await, [1, 0, 0, 1, 0]);
    let thread = app.teams.threads(CHANNEL).pop().unwrap();
    let brief = app.teams.activities(&thread)[0].to_string();
    assert!(brief.contains("How many vacation days do I have?"), "{brief}");
    assert!(!brief.contains("VPN"), "IT's answers stay with IT: {brief}");
    app.finish().await;
}

#[tokio::test]
async fn what_is_forbidden_or_confidential_is_answered_but_leads_nowhere() {
    let app = start("transfer:\n  rules: [{ from: it, to: hr, allow: false }]\n").await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("how many vacation days do i have").await;
    assert!(
        kim.last().contains("HR has an answer to this.") && !kim.last().contains("Go to HR"),
        "{}",
        kim.last()
    );
    kim.say("Go to HR").await;
    assert_eq!(kim.sessions().await[0]["tenantId"], "it", "words move nobody whom the rules keep");
    app.finish().await;
}

#[tokio::test]
async fn a_changed_answer_applies_at_once_and_one_that_is_gone_harms_nobody() {
    let app = start("").await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("please tell me how to connect to the vpn").await;
    app.write(
        "tenants/it/faq.yaml",
        "- id: other\n  question: Where is the printer?\n  answer: Next to the lift.\n",
    );
    assert_eq!(app.order("/reload", &Value::Null).await.status, 200);
    kim.click("This helped").await;
    assert_eq!(kim.sessions().await[0]["state"], "resolved");
    assert_eq!(counts(&app, "vpn").await, [1, 1, 0, 0, 1]);
    let lee = app.chat("lee");
    lee.say("hello").await;
    lee.say("do you know where the printer is").await;
    assert!(lee.last().contains("Next to the lift."), "{}", lee.last());
    app.finish().await;
}

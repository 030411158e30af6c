//! The language of a chat: that of its first words, or the one that was asked for.

use serde_json::json;

use crate::{app::Setup, company};

#[tokio::test]
async fn first_words_decide_it_it_is_kept_and_departments_have_their_own_names_in_what_is_kept() {
    let mut files = company::northwind();
    let file = |path: &str| files.iter().position(|(of, _)| *of == path).unwrap();
    let (head, it) = (file("company.yaml"), file("tenants/it/tenant.yaml"));
    files[head].1.push_str("language: detect\n");
    let name = "name: IT Service Desk";
    let it = &mut files[it].1;
    assert!(it.contains(name), "{it}");
    *it = it.replacen(name, "name: { en: IT Service Desk, de: Rechnerhilfe }", 1);
    let mut app = Setup::new().files(files).sqlite().start().await;
    let kim = app.chat("kim");
    kim.say("Hallo, ich brauche bitte einen neuen Rechner").await;
    let said = kim.texts().join("\n");
    assert!(!said.contains("Did you mean"), "{said}");
    kim.say("Abteilungen").await;
    assert!(kim.last().contains("Welche Abteilung brauchen Sie?"), "{}", kim.last());
    assert!(kim.last().contains("Rechnerhilfe"), "{}", kim.last());

    // Her Teams is English; the chat stays German after a restart, and she finds it by any name.
    app.restart().await;
    let kim = app.chat("kim");
    kim.say("IT Service Desk").await;
    let said = kim.texts().join("\n");
    assert!(said.contains("Sie sind jetzt bei: Rechnerhilfe"), "{said}");
    let session = &kim.sessions().await[0];
    assert_eq!(
        (&session["tenantId"], &session["tenantName"]),
        (&json!("it"), &json!("IT Service Desk"))
    );
    let whole = app.api(&format!("/sessions/{}", session["id"].as_str().unwrap())).await;
    assert_eq!(whole["metadata"]["Session.TransferredTo.TenantName"], "IT Service Desk");
    assert_eq!(whole["metadata"]["Tenant.Name"], "IT Service Desk");

    kim.say("/English").await;
    let said = kim.texts().join("\n");
    assert!(said.contains("All right, in English from now on."), "{said}");
    kim.say("/status").await;
    assert!(kim.last().contains("You are with IT Service Desk."), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn without_detecting_the_client_decides_until_somebody_asks() {
    let app = Setup::new().files(company::northwind()).sqlite().start().await;
    let kim = app.chat("kim");
    kim.say("Hallo, ich brauche bitte einen neuen Rechner").await;
    kim.say("/status").await;
    assert!(kim.last().contains("You are with"), "{}", kim.last());
    kim.say("auf Deutsch bitte").await;
    kim.say("/status").await;
    assert!(kim.last().contains("Sie sind bei"), "{}", kim.last());
    app.finish().await;
}

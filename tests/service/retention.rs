//! What a department keeps long enough is gone, with every trace; what goes on stays.

use std::{path::Path, time::Duration};

use serde_json::Value;

use crate::{
    app::{Chat, Setup, TestApp},
    company,
};

const DAY: i64 = 24 * 3600;

/// True when the words stand nowhere in the files in which everything is kept.
fn is_gone(path: &Path, words: &str) -> bool {
    [path.to_owned(), path.with_extension("db-wal")].iter().all(|path| {
        let bytes = std::fs::read(path).unwrap();
        !bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

/// Tidies until nothing is left of these words: what is written meanwhile comes first.
async fn tidied_of(app: &TestApp, words: &[&str]) {
    for _ in 0..200 {
        app.engine().tidy(app.now(), 1000).await.unwrap();
        if words.iter().all(|words| is_gone(&app.kept(), words)) {
            return;
        }
        // The next hour.
        app.pass(3600);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("these words stay: {words:?}");
}

async fn end_all(app: &TestApp, chat: &Chat<'_>) {
    for session in chat.sessions().await {
        if session["endedUtc"] == Value::Null {
            let path = format!("/sessions/{}/end", session["id"].as_str().unwrap());
            assert_eq!(app.order(&path, &serde_json::json!({})).await.status, 200);
        }
    }
    app.idle().await;
}

#[tokio::test]
async fn after_its_time_no_row_and_no_word_of_a_guest_is_in_the_file() {
    let app = Setup::new().files(company::with_company("retention: 400d\n")).sqlite().start().await;
    let (kim, lou) = (app.chat("quetzal"), app.chat("sparrow"));
    for chat in [&kim, &lou] {
        chat.say("hello, it is about a zeppelin").await;
        chat.click("Computers").await;
    }
    kim.say("An airship of 1911").await;
    end_all(&app, &kim).await;
    // Lou's chat is as old, and is not over.
    app.pass(399 * DAY);
    app.engine().tidy(app.now(), 1000).await.unwrap();
    assert_eq!(kim.sessions().await.len(), 2, "not yet");
    app.pass(2 * DAY);
    tidied_of(&app, &["quetzal", "airship"]).await;
    assert_eq!((kim.sessions().await.len(), lou.sessions().await.len()), (0, 2));
    assert!(!is_gone(&app.kept(), "zeppelin"), "those are Lou's words too");

    // Both go on: the one anew, the other where they stood.
    kim.say("hello").await;
    assert_eq!(kim.sessions().await.len(), 1);
    lou.click("Change it").await;
    lou.say("A propeller").await;
    assert!(lou.last().contains("What is wrong with A propeller?"), "{}", lou.last());
    app.finish().await;
}

#[tokio::test]
async fn each_department_keeps_what_its_file_says_as_it_is_now() {
    let mut files = company::with_company("retention: 400d\n");
    files[1].1.push_str("retention: 30d\n");
    let app = Setup::new().files(files).sqlite().start().await;
    let kim = app.chat("kim");
    kim.say("my laptop, and a zeppelin").await;
    end_all(&app, &kim).await;
    // What was closed for them is not asked about.
    kim.say("good morning").await;
    kim.click("Computers").await;
    end_all(&app, &kim).await;
    app.pass(31 * DAY);
    tidied_of(&app, &["zeppelin"]).await;
    // Of the second chat IT's part is kept.
    let left = kim.sessions().await;
    let tenants: Vec<&str> =
        left.iter().map(|session| session["tenantId"].as_str().unwrap()).collect();
    assert_eq!(tenants, ["it"], "{left:#?}");
    let id = left[0]["id"].as_str().unwrap();
    let lines = app.api(&format!("/sessions/{id}/transcript")).await;
    assert!(!lines["items"].as_array().unwrap().is_empty());
    kim.say("hello again").await;
    kim.click("Nothing").await;
    assert!(kim.last().contains("Bye"), "{}", kim.last());

    // IT keeps less from today on.
    let it = app.read("tenants/it/tenant.yaml");
    app.write("tenants/it/tenant.yaml", &format!("{it}retention: 10d\n"));
    assert_eq!(app.order("/reload", &serde_json::json!({})).await.status, 200);
    app.pass(2 * DAY);
    app.engine().tidy(app.now(), 1000).await.unwrap();
    let left = kim.sessions().await;
    assert!(left.iter().all(|session| session["tenantId"] == "front"), "{left:#?}");
    app.finish().await;
}

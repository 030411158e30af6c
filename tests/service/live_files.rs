//! Files that change under live chats: taken over as a whole, refused as a whole, and never under a
//! guest's feet.

use serde_json::{Map, Value, json};
use switchboard::{model::TenantId, pipeline::answers::Answers as _};

use crate::{
    app::{ADMIN, Setup, TestApp},
    company::{self, Files},
};

/// Northwind with one text replaced by another, wherever it stands.
fn changed(from: &str, to: &str) -> Files {
    let files = company::northwind();
    assert!(files.iter().any(|(_, text)| text.contains(from)), "{from}");
    files.into_iter().map(|(path, text)| (path, text.replace(from, to))).collect()
}

async fn version(app: &TestApp, tenant: &str) -> Value {
    app.api(&format!("/tenants/{tenant}")).await["pipelineVersion"].clone()
}

/// The body in which files are posted.
fn posted(files: &Files) -> Value {
    let files: Map<String, Value> =
        files.iter().map(|(path, text)| ((*path).to_owned(), json!(text))).collect();
    json!({ "files": files })
}

async fn readyz(app: &TestApp) -> Value {
    let reply = app.get("/readyz").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[tokio::test]
async fn a_reload_is_for_new_sessions_at_once_and_a_session_under_way_finishes_on_its_own_version()
{
    let mut app = TestApp::sqlite().await;
    let (kim, bob) = (app.chat("kim"), app.chat("bob"));
    for chat in [&kim, &bob] {
        chat.say("hello").await;
        chat.click("Computers").await;
    }
    let old = version(&app, "it").await;
    // Another question, another order, and the stage at which both will be is gone.
    app.edit(
        &changed("id: which", "id: kind")
            .into_iter()
            .map(|(path, text)| (path, text.replace("Which device?", "Serial number?")))
            .collect(),
    );
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!(
        (reply.status, &reply.json()["ok"], &reply.json()["problems"]),
        (200, &json!(true), &json!([])),
        "{reply:?}"
    );
    let new = version(&app, "it").await;
    assert_ne!(old, new);

    kim.say("ThinkPad").await;
    assert!(kim.last().contains("What is wrong with ThinkPad?"), "{}", kim.last());
    assert_eq!(kim.sessions().await[0]["stage"], "which");
    let ann = app.chat("ann");
    ann.say("hello").await;
    ann.click("Computers").await;
    assert!(ann.last().contains("Serial number?"), "{}", ann.last());
    assert_eq!(
        (&kim.sessions().await[0]["pipelineVersion"], &ann.sessions().await[0]["pipelineVersion"]),
        (&old, &new)
    );

    // A new process knows the new files only; the old ones are with the sessions that stand on
    // them.
    app.restart().await;
    let (kim, bob, ann) = (app.chat("kim"), app.chat("bob"), app.chat("ann"));
    bob.say("MacBook").await;
    assert!(bob.last().contains("What is wrong with MacBook?"), "{}", bob.last());
    for chat in [&kim, &bob] {
        chat.click("Broken").await;
        assert_eq!(
            (&chat.sessions().await[0]["state"], &chat.sessions().await[0]["pipelineVersion"]),
            (&json!("resolved"), &old)
        );
    }
    assert!(kim.last().contains("Your ThinkPad is mended."), "{}", kim.last());
    ann.say("4711").await;
    assert_eq!(
        (&ann.sessions().await[0]["stage"], &ann.sessions().await[0]["pipelineVersion"]),
        (&json!("kind"), &new)
    );
    app.finish().await;
}

#[tokio::test]
async fn a_saved_file_is_taken_over_without_being_told() {
    let app = TestApp::start().await;
    let front = TenantId::from("front");
    let version = || {
        let running = app.engine().running();
        running.company.directory.tenant(&front).map(|tenant| tenant.version.clone())
    };
    let old = version();
    app.edit(&changed("What is it about?", "What can we do?"));
    app.until("the files are taken over", || version().is_some_and(|new| Some(new) != old)).await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.last().contains("What can we do?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn a_changed_faq_answers_at_once_and_makes_no_new_version() {
    let app = TestApp::start().await;
    let (it, old) = (TenantId::from("it"), version(&app, "it").await);
    let answers = || app.engine().running().answers.own(&it, "where is the printer", "en-US", 3);
    assert_eq!(answers(), []);
    for answer in ["In the hall.", "In the cellar."] {
        app.edit(&vec![(
            "tenants/it/faq.yaml",
            format!("- {{ id: printer, question: Where is the printer?, answer: {answer} }}"),
        )]);
        let reply = app.order("/reload", &json!({})).await;
        assert_eq!((reply.status, &reply.json()["ok"]), (200, &json!(true)), "{reply:?}");
        assert_eq!(
            answers().iter().map(|found| found.article.answer.clone()).collect::<Vec<_>>(),
            [answer]
        );
    }
    app.edit(&vec![(
        "tenants/it/faq.yaml",
        "- { id: printer, question: Where?, answers: Nowhere. }".to_owned(),
    )]);
    assert_eq!(app.order("/reload", &json!({})).await.status, 409);
    assert_eq!(answers().len(), 1, "a mistake changes nothing");
    assert_eq!(version(&app, "it").await, old);
    app.finish().await;
}

#[tokio::test]
async fn files_with_mistakes_are_refused_whole_with_every_mistake_and_the_running_version_stays() {
    let app = TestApp::start().await;
    let old = version(&app, "front").await;
    assert_eq!(
        (&readyz(&app).await["checks"]["company"], &readyz(&app).await["company"]),
        (&json!("ok"), &Value::Null)
    );
    // One mistake in IT, one at HR; the front desk's own change is in order.
    let mut files = changed("What is it about?", "What can we do?");
    files[2].1 = files[2].1.replace("next: to-hr", "next: to-nowhere");
    files[3].1 = files[3].1.replace("outcome: resolved", "outcome: happy");
    app.edit(&files);
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["ok"]), (409, &json!(false)));
    let body = reply.json();
    let problems = body["problems"].as_array().unwrap();
    let places: Vec<(&str, bool)> = problems
        .iter()
        .filter(|problem| problem["severity"] == "error")
        .map(|problem| {
            (
                problem["file"].as_str().unwrap(),
                problem["line"].as_u64().unwrap() > 1 && problem["column"].as_u64().unwrap() > 1,
            )
        })
        .collect();
    assert!(
        places.contains(&("tenants/it/tenant.yaml", true))
            && places.contains(&("tenants/hr/tenant.yaml", true)),
        "{body:#}"
    );
    assert!(
        problems.iter().any(|problem| problem["message"].as_str().unwrap().contains("to-nowhere")),
        "{body:#}"
    );
    assert!(
        problems.iter().all(|problem| !problem["help"].as_str().unwrap().is_empty()),
        "{body:#}"
    );

    let ready = readyz(&app).await;
    assert_eq!(
        (&ready["status"], &ready["checks"]["company"]),
        (&json!("ready"), &json!("an older version is running"))
    );
    // What stands in the files is nobody's business but the admin's.
    assert_eq!(ready["company"]["problems"], 2, "{ready:#}");
    let headers = [("authorization", &*format!("Bearer {ADMIN}"))];
    let ready = app.request(reqwest::Method::GET, "/readyz", &headers, "").await.json();
    assert!(ready["company"]["problems"].to_string().contains("to-nowhere"), "{ready:#}");
    let headers = [("authorization", "Bearer guessed-guessed")];
    assert_eq!(app.request(reqwest::Method::GET, "/readyz", &headers, "").await.status, 401);
    assert_eq!(version(&app, "front").await, old);
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.last().contains("What is it about?"), "{}", kim.last());

    // Mended.
    app.edit(&changed("What is it about?", "What can we do?"));
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    assert_eq!(
        (&readyz(&app).await["checks"]["company"], &readyz(&app).await["company"]),
        (&json!("ok"), &Value::Null)
    );
    let ann = app.chat("ann");
    ann.say("hello").await;
    assert!(ann.last().contains("What can we do?"), "{}", ann.last());
    app.finish().await;
}

#[tokio::test]
async fn a_department_that_is_gone_does_not_leave_its_guests_alone() {
    let mut app = TestApp::sqlite().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    kim.say("departments").await;
    kim.click("People").await;
    app.edit(&changed(
        "transfer: { tenant: hr, text: \"HR takes over.\", reason: \"It is about your contract\" }",
        "end: { text: \"Bye.\" }",
    ));
    app.remove("tenants/hr");
    app.edit(&vec![(
        "company.yaml",
        company::northwind()[0].1.split("transfer:").next().unwrap().to_owned(),
    )]);
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    app.restart().await;
    let kim = app.chat("kim");
    kim.say("it ends in May").await;
    // The chat finishes on the version that it began with; no new one starts.
    assert!(kim.last().contains("Noted: it ends in May"), "{:#?}", kim.texts());
    assert_eq!(
        (&kim.sessions().await[0]["tenantId"], &kim.sessions().await[0]["state"]),
        (&json!("hr"), &json!("resolved"))
    );
    let max = app.chat("max");
    max.say("hello").await;
    max.say("departments").await;
    assert!(!max.last().contains("People"), "{}", max.last());
    app.finish().await;
}

#[tokio::test]
async fn posted_files_are_checked_and_nothing_is_taken_over() {
    let app = TestApp::start().await;
    let old = version(&app, "front").await;
    let good = app.order("/check", &posted(&changed("What is it about?", "What can we do?"))).await;
    assert_eq!((good.status, &good.json()["ok"]), (200, &json!(true)), "{good:?}");
    let wrong =
        app.order("/check", &posted(&changed("next: to-it", "next: to-it-department"))).await;
    let body = wrong.json();
    assert_eq!((wrong.status, &body["ok"]), (200, &json!(false)));
    let first = &body["problems"][0];
    assert_eq!(
        (&first["file"], &first["severity"]),
        (&json!("tenants/front/tenant.yaml"), &json!("error")),
        "{body:#}"
    );
    assert!(first["message"].as_str().unwrap().contains("to-it-department"), "{body:#}");
    for body in [
        json!({}),
        json!({ "files": [] }),
        json!({ "files": { "company.yaml": 7 } }),
        json!({ "files": {}, "more": 1 }),
    ] {
        let reply = app.order("/check", &body).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (400, "application/problem+json"),
            "{body}: {reply:?}"
        );
    }
    assert_eq!(version(&app, "front").await, old);
    app.finish().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_is_told_and_the_service_goes_on() {
    let app = Setup::new().sqlite().start().await;
    app.remove("company.yaml");
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["ok"]), (409, &json!(false)), "{reply:?}");
    assert_eq!(reply.json()["problems"][0]["file"], "company.yaml", "{reply:?}");
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.last().contains("What is it about?"), "{}", kim.last());
    app.finish().await;
}

/// Every file of the company that runs is as it was, and the mistake is told.
async fn refused(app: &TestApp, what: &str) -> Vec<Value> {
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["ok"]), (409, &json!(false)), "{what}: {reply:?}");
    reply.json()["problems"].as_array().unwrap().clone()
}

fn lines_with(words: &[&str]) -> usize {
    let logs = crate::app::logs();
    logs.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

#[tokio::test]
async fn a_save_in_pieces_never_takes_anything_away() {
    let app = TestApp::start().await;
    let it = TenantId::from("it");
    let faq = |id: &str| {
        format!(
            "- {{ id: printer, question: Where is the printer?, answer: In the hall. }}\n- {{ id: {id}, question: Where is the lift?, answer: Left. }}\n"
        )
    };
    let path = "tenants/it/faq.yaml";
    app.write(path, &faq("lift"));
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    let articles = || {
        let running = app.engine().running();
        let all = running.company.articles.get(&it).cloned().unwrap_or_default();
        all.iter().map(|article| article.id.clone()).collect::<Vec<_>>()
    };
    // However long each of them takes: nothing yet, a comment, and one that ends in the middle.
    let new = faq("stairs");
    for piece in ["", "# the answers of IT\n", &new[..new.len() / 2 + 20]] {
        app.write(path, piece);
        let problems = refused(&app, piece).await;
        assert_eq!(problems[0]["file"], path, "{problems:#?}");
        assert_eq!(articles(), ["printer", "lift"], "{piece}");
    }
    app.write(path, &new);
    app.until("the whole file is taken over", || {
        let now = articles();
        assert!(now == ["printer", "lift"] || now == ["printer", "stairs"], "{now:?}");
        now[1] == "stairs"
    })
    .await;
    // So does the department's own file.
    let whole = app.read("tenants/it/tenant.yaml");
    for piece in ["", "# IT\n"] {
        app.write("tenants/it/tenant.yaml", piece);
        let problems = refused(&app, piece).await;
        assert_eq!(problems[0]["file"], "tenants/it/tenant.yaml", "{problems:#?}");
    }
    app.write("company.yaml", "");
    assert_eq!(refused(&app, "company.yaml").await[0]["file"], "company.yaml");
    app.edit(&vec![
        ("tenants/it/tenant.yaml", whole),
        ("company.yaml", company::northwind()[0].1.clone()),
    ]);
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn a_file_that_is_moved_into_place_is_taken_over_and_nothing_in_between() {
    let app = TestApp::start().await;
    let text = app.read("tenants/front/tenant.yaml");
    let old = app.engine().running();
    // As `sed -i`, vim and rsync do; the name in between says nothing to anybody.
    app.write(
        "tenants/front/tenant.yaml.tmp",
        &text.replace("What is it about?", "What can we do?"),
    );
    app.rename("tenants/front/tenant.yaml.tmp", "tenants/front/tenant.yaml");
    app.until("the moved file is taken over", || {
        !std::sync::Arc::ptr_eq(&old, &app.engine().running())
    })
    .await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    assert!(kim.last().contains("What can we do?"), "{}", kim.last());
    app.finish().await;
}

#[tokio::test]
async fn a_department_whose_file_is_deleted_and_created_again_was_never_gone() {
    let app = TestApp::start().await;
    // Nothing leads to it: were the look in between believed, it would be dropped.
    let lonely = "name: Canteen\npipelines: { main: [{ id: done, end: { text: Enjoy. } }] }\n";
    app.write("tenants/canteen/tenant.yaml", lonely);
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let name = || {
        let running = app.engine().running();
        let tenant = running.company.directory.tenant(&TenantId::from("canteen")).cloned();
        tenant.map(|tenant| tenant.name)
    };
    app.remove("tenants/canteen");
    let reload = async { app.order("/reload", &json!({})).await };
    let comes_back = async {
        // Until the folder was looked at without it once, which takes two looks.
        tokio::time::sleep(switchboard::company::SETTLE * 2).await;
        app.write("tenants/canteen/tenant.yaml", &lonely.replace("Canteen", "Kitchen"));
    };
    let (reply, ()) = tokio::join!(reload, comes_back);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(name().as_deref(), Some("Kitchen"));
    assert_eq!(lines_with(&["a department is gone", "tenant=canteen"]), 0);
    app.finish().await;
}

#[tokio::test]
async fn a_department_to_which_others_lead_does_not_vanish() {
    let app = TestApp::start().await;
    let kim = app.chat("kim");
    kim.say("hello").await;
    app.remove("tenants/hr");
    let problems = refused(&app, "HR is gone").await;
    let first = &problems[0];
    assert_eq!(
        (&first["file"], &first["message"]),
        (
            &json!("tenants/hr/tenant.yaml"),
            &json!("the department `hr` is gone, and others still lead to it")
        )
    );
    let help = first["help"].as_str().unwrap();
    assert!(
        help.contains("put its folder back")
            && help.contains("company.yaml:8:23, tenants/it/tenant.yaml:"),
        "{help}"
    );
    assert_eq!(app.api("/tenants/hr").await["name"], "People");
    // Without its file a folder is no department either.
    app.write("tenants/hr/notes.md", "To be done.");
    assert_eq!(refused(&app, "only its file is gone").await[0]["message"], first["message"]);
    // As it was: what runs is in order again, and the log says so.
    app.edit(&vec![("tenants/hr/tenant.yaml", company::northwind()[3].1.clone())]);
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    assert!(
        lines_with(&["INFO", "the company's files are in order again: they are those that run"])
            > 0
    );
    assert_eq!(readyz(&app).await["checks"]["company"], "ok");
    app.finish().await;
}

#[tokio::test]
async fn a_department_that_nothing_leads_to_goes_and_the_log_says_how_many_chats_finish_there() {
    let app = TestApp::start().await;
    let (lonely, path) = (
        "name: Canteen\npipelines: { main: [{ id: what, ask: { text: What shall it be?, save_as: dish } }, { id: done, end: { text: \"Enjoy your {{Data.dish}}.\" } }] }\n",
        "tenants/canteen-of-oslo/tenant.yaml",
    );
    app.write(path, lonely);
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    for name in ["kim", "bob"] {
        let chat = app.chat(name);
        chat.say("hello").await;
        chat.say("departments").await;
        chat.click("Canteen").await;
        assert!(chat.last().contains("What shall it be?"), "{}", chat.last());
    }
    app.remove("tenants/canteen-of-oslo");
    // Nobody says that it should be looked at.
    app.until("the department is gone", || {
        app.engine()
            .running()
            .company
            .directory
            .tenant(&TenantId::from("canteen-of-oslo"))
            .is_none()
    })
    .await;
    let told = ["WARN", "a department is gone", "tenant=canteen-of-oslo", "chats=2"];
    app.until("it is told", || lines_with(&told) > 0).await;
    let kim = app.chat("kim");
    kim.say("soup").await;
    assert!(kim.last().contains("Enjoy your soup."), "{}", kim.last());
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    assert_eq!(lines_with(&told), 1, "once");
    app.finish().await;
}

#[tokio::test]
async fn what_nobody_reads_is_told_where_files_are_taken_over() {
    let app = TestApp::start().await;
    app.write("tenants/hr/faq-of-hr.yml", "[]");
    app.until("it is told in the log", || {
        lines_with(&["WARN", "tenants/hr/faq-of-hr.yml:1:1", "nobody reads this file"]) > 0
    })
    .await;
    app.write("tenants/front/tenant.yaml.txt", "name: Front");
    let reply = app.order("/reload", &json!({})).await;
    let body = reply.json();
    let told: Vec<_> = body["problems"].as_array().unwrap().iter().collect();
    assert_eq!((reply.status, &body["ok"], told.len()), (200, &json!(true), 2), "{body:#}");
    assert_eq!(told[0]["file"], "tenants/front/tenant.yaml.txt");
    app.finish().await;
}

#[tokio::test]
async fn after_a_refused_reload_the_log_says_that_all_is_well_again() {
    let app = TestApp::start().await;
    app.edit(&changed("next: to-it", "next: to-nowhere-near-oslo"));
    app.until("it is refused", || lines_with(&["ERROR", "to-nowhere-near-oslo"]) > 0).await;
    let told = ["INFO", "the company's files are in order again and were reloaded"];
    let before = lines_with(&told);
    app.edit(&changed("What is it about?", "What can we do?"));
    app.until("the all-clear", || lines_with(&told) > before).await;
    app.finish().await;
}

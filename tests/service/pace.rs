//! How fast letters leave and how much may come in, and that neither depends on what the wall clock
//! says.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    app::{Setup, TestApp},
    desks::{CHANNEL, asks, desk},
    fake_teams::{APP_ID, Failure},
};

#[allow(clippy::disallowed_methods, reason = "it is real time that is measured here")]
fn begun() -> Instant {
    Instant::now()
}

/// How many posts of one sender pass at once.
const BURST: usize = 60;

async fn posted(app: &TestApp, activities: Vec<Value>) -> Vec<u16> {
    let replies = join_all(activities.iter().map(|activity| app.post(activity))).await;
    replies.into_iter().map(|reply| reply.status).collect()
}

#[tokio::test]
async fn answers_go_before_the_welcomes_of_an_install_in_the_whole_company() {
    let app = Setup::new().paced().start().await;
    // Whoever did it may be named in all of them.
    let admin =
        json!({ "action": "add", "from": { "id": "29:admin", "aadObjectId": "aad-admin" } });
    let install =
        |number| app.chat(&format!("new{number}")).activity("installationUpdate", admin.clone());
    let installs: Vec<Value> = (0..200).map(install).collect();
    assert_eq!(posted(&app, installs).await, [200; 200]);
    let welcomed = || {
        let texts = (0..200).map(|number| app.teams.sent(&format!("a:1new{number}")).len());
        texts.filter(|count| *count > 0).count()
    };
    // Somebody who was welcomed, somebody whose welcome still waits, somebody new.
    for guest in ["new0", "new199", "kim"] {
        let chat = app.chat(guest);
        let before = app.teams.sent(&chat.id()).len();
        assert!(app.post(&chat.message("hello")).await.is_empty_200());
        let welcomes = welcomed();
        app.teams.wait_for(&chat.id(), before + 1).await;
        // No more of them than pass in a second, however slow the machine is.
        let overtook = welcomed() - welcomes;
        assert!(overtook <= 35, "{guest} waited for {overtook} welcomes");
        assert!(welcomed() < 150, "nobody waits for a welcome any more: this shows nothing");
    }
    // The others are late, not forgotten.
    app.until("all are welcomed", || welcomed() == 200).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_not_kept_goes_through_the_pace_as_well() {
    let app = Setup::new().paced().start().await;
    let group =
        json!({ "id": "19:group@thread.v2", "conversationType": "groupChat", "isGroup": true });
    let mention = json!([{ "type": "mention", "text": "<at>Switchboard</at>", "mentioned": { "id": format!("28:{APP_ID}") } }]);
    let said = |number: usize| {
        let words = json!({ "text": "<at>Switchboard</at> hello", "conversation": group, "entities": mention });
        app.chat(&format!("one{number}")).activity("message", words)
    };
    let since = begun();
    assert_eq!(posted(&app, (0..9).map(said).collect()).await, [200; 9]);
    app.teams.wait_for("19:group@thread.v2", 9).await;
    // Seven in a second, eight in two.
    assert!(since.elapsed() >= Duration::from_millis(1990), "{:?}", since.elapsed());
    app.finish().await;
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_stops_no_reply_and_refuses_nobody() {
    let app = Setup::new().paced().start().await;
    let guests: Vec<String> = (0..20).map(|number| format!("g{number}")).collect();
    let all = |text: &str| guests.iter().map(|guest| app.chat(guest).message(text)).collect();
    assert_eq!(posted(&app, all("hello")).await, [200; 20]);
    app.idle().await;
    // One of them is busy.
    let kim = app.chat("kim");
    let busy = (0..BURST).map(|_| kim.activity("typing", json!({}))).collect();
    assert!(posted(&app, busy).await.iter().all(|status| *status == 200));
    assert_eq!(app.post(&kim.message("hello")).await.status, 429);

    app.step(-3600);
    for round in 2..=4 {
        let status: Vec<u16> = posted(&app, all("/status")).await;
        assert_eq!(status, [200; 20], "round {round}");
        for guest in &guests {
            app.teams.wait_for(&app.chat(guest).id(), round).await;
        }
    }
    app.steady.pass(10_000);
    assert!(app.post(&kim.message("hello")).await.is_empty_200(), "the burst is over");
    app.teams.wait_for(&kim.id(), 1).await;
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 200, "{ready:?}");
    app.finish().await;
}

#[tokio::test]
async fn failures_are_not_believed_longer_when_the_wall_clock_is_set_back() {
    let app = TestApp::start().await;
    // Keys and tokens: each failure counts for seconds, and for no longer.
    app.teams.break_keys(true);
    assert_eq!(app.post(&app.chat("kim").message("hello")).await.status, 503);
    app.teams.break_keys(false);
    app.step(-3600);
    app.steady.pass(10_000);
    app.teams.break_login(Some((401, json!({ "error": "invalid_client" }))));
    assert!(app.post(&app.chat("kim").message("hello")).await.is_empty_200());
    assert_eq!(app.get("/readyz").await.status, 503);
    app.teams.break_login(None);
    app.step(-3600);
    app.steady.pass(60_000);
    assert_eq!(app.get("/readyz").await.status, 200);
    app.teams.wait_for(&app.chat("kim").id(), 1).await;
    app.finish().await;
}

#[tokio::test]
async fn what_the_connector_wants_left_alone_is_left_alone_after_a_restart_but_not_for_ever() {
    let mut app = TestApp::sqlite().await;
    // Nothing else is asked of the connector from here on: both guests were looked up.
    for (guest, looked_up) in [("kim", 1), ("ann", 2)] {
        app.chat(guest).say("hello").await;
        app.until("they are looked up", || {
            app.teams.calls().iter().filter(|call| !is_sent(call)).count() == looked_up
        })
        .await;
    }
    for (asked, waits) in [("120", 120), ("86400", 600)] {
        app.teams.fail_next(1, Failure::Throttle(Some(asked)));
        let calls = app.teams.calls().len();
        assert!(app.post(&app.chat("kim").message("/status")).await.is_empty_200());
        app.until("it was tried", || app.teams.calls().iter().skip(calls).any(is_sent)).await;
        let noted = async || !app.engine().store().rests(app.now()).await.unwrap().is_empty();
        let waiting = async {
            while !noted().await {
                app.teams.stirs(Duration::from_millis(3)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it is noted");
        let heard = app.chat("kim").sent().len();
        app.restart().await;
        // Others are answered.
        let ann = app.chat("ann");
        let before = ann.sent().len();
        assert!(ann_says(&app).await);
        app.teams.wait_for(&ann.id(), before + 1).await;
        app.pass(waits - 10);
        assert!(ann_says(&app).await);
        app.teams.wait_for(&ann.id(), before + 2).await;
        assert_eq!(app.chat("kim").sent().len(), heard, "left alone for {waits} s");
        app.pass(11);
        app.teams.wait_for("a:1kim", heard + 1).await;
        app.idle().await;
    }
    app.finish().await;
}

fn is_sent(call: &crate::fake_teams::Call) -> bool {
    call.method != "GET"
}

async fn ann_says(app: &TestApp) -> bool {
    app.post(&app.chat("ann").message("/status")).await.is_empty_200()
}

/// At every door: an agent in a channel, somebody in a group, of another Microsoft 365 tenant, or
/// whose activities nobody understands.
#[tokio::test]
async fn one_sender_is_slowed_down_at_every_door() {
    let app = desk().await;
    let thread = asks(&app, "kim").await;
    let group =
        json!({ "id": "19:group@thread.v2", "conversationType": "groupChat", "isGroup": true });
    let abroad = "33333333-3333-3333-3333-333333333333";
    let foreign = json!({
        "text": "hello", "channelData": { "tenant": { "id": abroad } }, "conversation": { "id": "a:1eve", "conversationType": "personal", "tenantId": abroad },
    });
    type Make<'a> = Box<dyn Fn() -> Value + 'a>;
    let doors: Vec<(&str, Make)> = vec![
        ("a channel", Box::new(|| app.agent("bob").message(CHANNEL, "hello"))),
        ("a thread", Box::new(|| app.agent("cat").message(&thread, "hello"))),
        (
            "a group",
            Box::new(|| {
                app.chat("dan").activity("message", json!({ "text": "x", "conversation": group }))
            }),
        ),
        ("abroad", Box::new(|| app.chat("eve").activity("message", foreign.clone()))),
        (
            "invokes",
            Box::new(|| app.chat("fay").activity("invoke", json!({ "name": "task/fetch" }))),
        ),
        ("anything", Box::new(|| app.chat("gil").activity("somethingElse", json!({})))),
        ("installs", Box::new(|| app.chat("hal").installed())),
    ];
    for (door, make) in &doors {
        let mut refused = 0;
        for _ in 0..BURST + 10 {
            refused += usize::from(app.post(&make()).await.status == 429);
        }
        assert_eq!(refused, 10, "{door}");
    }
    drop(doors);
    // Nobody else suffers, whatever door they use.
    assert!(app.post(&app.agent("ann").message(&thread, "hello")).await.is_empty_200());
    app.idle().await;
    app.pass(10);
    assert!(app.post(&app.agent("cat").message(&thread, "hello")).await.is_empty_200());
    // Words of people who had not taken the chat may be left over at a desk.
    app.idle().await;
    app.finish().await;
}

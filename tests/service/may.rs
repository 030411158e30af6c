//! May this person do this, here, now? Forged, moved and late clicks and words at desks, as tables.

use serde_json::{Value, json};

use crate::{
    app::{TestApp, card_of, find_button, text_of},
    desks::{self, CHANNEL, connect, desk, desk_of},
    fake_teams::{Failure, colleague},
    forge::with,
    personal_desks::{self, legal, takes},
};

const HR: &str = "19:hr-desk@thread.tacv2";
const LEGAL: &str = "tenants/legal/tenant.yaml";
const FOREIGN: &str = "33333333-3333-3333-3333-333333333333";

/// Every act that a button can do, with what it needs.
fn acts() -> Vec<Value> {
    vec![
        json!({ "desk": "take" }),
        json!({ "desk": "take-over" }),
        json!({ "desk": "release" }),
        json!({ "desk": "hand", "colleague": "aad-bob" }),
        json!({ "desk": "resolve", "outcome": "resolved" }),
        json!({ "desk": "draft", "faqQuestion": "Forged?", "faqAnswer": "Forged" }),
        json!({ "desk": "consult", "adviser": "hr", "question": "Forged" }),
        json!({ "desk": "transfer", "tenant": "hr", "reason": "Forged" }),
        json!({ "desk": "transcript" }),
    ]
}

/// A click with a stolen button's data that does another act.
fn click(base: Value, data: &Value, act: &Value) -> Value {
    let data = with(data.clone(), act.clone());
    let action = json!({ "type": "Action.Execute", "title": "x", "verb": "desk", "data": data });
    let mut click = with(
        base,
        json!({ "type": "invoke", "name": "adaptiveCard/action", "value": { "action": action, "trigger": "manual" } }),
    );
    for key in ["text", "textFormat", "attachments"] {
        click.as_object_mut().unwrap().remove(key);
    }
    click
}

/// All that the bot has said and shown, anywhere.
fn everything(app: &TestApp) -> String {
    app.teams.said().iter().map(|activity| format!("{activity}\n")).collect()
}

/// Nothing of a session has changed, and nobody has read what was said in it.
async fn is_untouched(app: &TestApp, case: &str, guest: &str, before: &Value, shown: usize) {
    app.idle().await;
    let mut now = desks::session(app, guest).await;
    let mut before = before.clone();
    for session in [&mut now, &mut before] {
        session.as_object_mut().unwrap().remove("durationSeconds");
    }
    assert_eq!(now, before, "{case}");
    assert_eq!(everything(app).matches("What was said").count(), shown, "{case}");
    let drafts = app.api("/faq/drafts").await;
    assert_eq!(drafts["items"], json!([]), "{case}");
}

#[tokio::test]
async fn a_channel_desks_buttons_count_in_the_thread_of_their_chat_alone() {
    let app = desk().await;
    connect(&app, "hr", HR).await;
    for agent in ["ann", "bob"] {
        // Agents of Legal's personal chats.
        app.chat(agent).say("hello").await;
    }
    let kim = desks::asks(&app, "kim").await;
    let lee = desks::asks(&app, "lee").await;
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    let (_, button) = ann.button(&kim, "Take");
    let data = &button["data"];
    let elsewhere = "19:lunch@thread.tacv2";
    let here = |place: &str| bob.activity(place, "invoke", json!({}));
    let places: Vec<(&str, Value)> = vec![
        ("another chat's thread", here(&lee)),
        ("another desk's channel", here(HR)),
        ("a thread there", here(&format!("{HR};messageid=17"))),
        ("its channel, in no thread", here(CHANNEL)),
        ("a new thread there", here(&format!("{CHANNEL};messageid=4711"))),
        ("a channel that is no desk", here(&format!("{elsewhere};messageid=17"))),
        ("an agent's own chat", app.chat("bob").activity("invoke", json!({}))),
        ("an employee's own chat", app.chat("mia").activity("invoke", json!({}))),
        ("the guest's own chat", app.chat("kim").activity("invoke", json!({}))),
        (
            "a group chat",
            app.chat("bob").activity("invoke", json!({ "conversation": { "id": "19:group@thread.v2", "conversationType": "groupChat", "isGroup": true } })),
        ),
        (
            "its thread, from another Microsoft 365 tenant",
            with(
                here(&kim),
                json!({ "conversation": { "tenantId": FOREIGN }, "channelData": { "tenant": { "id": FOREIGN } } }),
            ),
        ),
        (
            "its thread, from no Microsoft 365 tenant",
            with(
                here(&kim),
                json!({ "conversation": { "tenantId": null }, "channelData": { "tenant": null } }),
            ),
        ),
        ("its thread, on another channel", with(here(&kim), json!({ "channelId": "webchat" }))),
    ];
    let before = desks::session(&app, "kim").await;
    for (place, base) in &places {
        for act in acts() {
            // Nobody clicks that fast.
            app.steady.pass(1000);
            let case = format!("{act} in {place}");
            let mut click = click(base.clone(), data, &act);
            click["id"] = json!(app.fresh_id());
            let reply = app.post(&click).await;
            assert!(reply.status < 500, "{case}: {reply:?}");
            is_untouched(&app, &case, "kim", &before, 0).await;
        }
    }
    // The same in its own thread.
    let own = click(here(&kim), data, &json!({ "desk": "take" }));
    assert_eq!(app.post(&own).await.status, 200);
    app.idle().await;
    assert_eq!(desks::session(&app, "kim").await["metadata"]["Agent.Id"], "aad-bob");
    // Whoever has it has it in its thread: the same words elsewhere are none for the guest.
    bob.say_in(&lee, "for nobody at all").await;
    app.chat("bob").say("for nobody either").await;
    assert!(
        !app.chat("kim").texts().join("\n").contains("for nobody"),
        "{:?}",
        app.chat("kim").texts()
    );
    app.finish().await;
}

#[tokio::test]
async fn an_agents_buttons_count_in_their_own_chat_alone() {
    let app = legal(&["ann", "bob"]).await;
    connect(&app, "it", CHANNEL).await;
    personal_desks::asks(&app, "kim").await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    let is_kims =
        |sent: &crate::fake_teams::Sent| text_of(&sent.activity).contains("question of kim");
    let stolen = |chat: &crate::app::Chat<'_>, title: &str| {
        let found = chat.sent().into_iter().rev().filter(is_kims);
        let mut buttons = found.filter_map(|sent| find_button(card_of(&sent.activity)?, title));
        buttons.next().unwrap()["data"].clone()
    };
    let data = stolen(&ann, "Take");
    let places = |app: &TestApp| {
        vec![
            ("an employee's chat", app.chat("mia").activity("invoke", json!({}))),
            ("the guest's own chat", app.chat("kim").activity("invoke", json!({}))),
            (
                "Ann's chat, by somebody else",
                app.chat("mia").activity("invoke", json!({ "conversation": { "id": app.chat("ann").id() } })),
            ),
            (
                "Ann's chat, from another Microsoft 365 tenant",
                app.chat("ann").activity(
                    "invoke",
                    json!({ "conversation": { "tenantId": FOREIGN }, "channelData": { "tenant": { "id": FOREIGN } } }),
                ),
            ),
            ("a channel", app.agent("ann").activity(&format!("{CHANNEL};messageid=17"), "invoke", json!({}))),
        ]
    };
    let untouched = async |case: &str, before: &Value| {
        app.idle().await;
        assert_eq!(&personal_desks::session(&app, "kim").await, before, "{case}");
        assert!(!everything(&app).contains("What was said"), "{case}");
    };
    let before = personal_desks::session(&app, "kim").await;
    for (place, base) in places(&app) {
        for act in acts() {
            // Nobody clicks that fast.
            app.steady.pass(1000);
            let case = format!("{act} in {place}");
            let mut click = click(base.clone(), &data, &act);
            click["id"] = json!(app.fresh_id());
            assert!(app.post(&click).await.status < 500, "{case}");
            untouched(&case, &before).await;
        }
    }
    takes(&app, &ann, "kim").await;
    let data = stolen(&ann, "Give back");
    let before = personal_desks::session(&app, "kim").await;
    // Another agent of the desk, with the button of the one who has it.
    let mut base = places(&app);
    base.push(("a colleague's chat", bob.activity("invoke", json!({}))));
    for (place, base) in base {
        for act in acts() {
            if place == "a colleague's chat" && act["desk"] == "draft" {
                continue;
            }
            let case = format!("{act} in {place}, once it is taken");
            let mut click = click(base.clone(), &data, &act);
            click["id"] = json!(app.fresh_id());
            assert!(app.post(&click).await.status < 500, "{case}");
            untouched(&case, &before).await;
        }
    }
    // Words in Ann's chat by somebody else.
    let words = app
        .chat("mia")
        .activity("message", json!({ "text": "not from Ann", "conversation": { "id": ann.id() } }));
    app.post(&words).await;
    app.idle().await;
    assert!(!app.chat("kim").texts().join("\n").contains("not from Ann"));
    ann.say("from Ann").await;
    assert!(app.chat("kim").last().contains("from Ann"));
    app.finish().await;
}

#[tokio::test]
async fn an_agent_who_was_not_asked_moves_nobody() {
    let app = legal(&["ann", "bob"]).await;
    app.write(LEGAL, &app.read(LEGAL).replace("broadcast", "hunt"));
    reload(&app).await;
    personal_desks::asks(&app, "kim").await;
    let chats = [app.chat("ann"), app.chat("bob")];
    let asked = chats.iter().find(|chat| chat.last().contains("question of kim")).unwrap();
    let other = chats.iter().find(|chat| chat.id() != asked.id()).unwrap();
    let (_, button) = asked.button("Take");
    let before = personal_desks::session(&app, "kim").await;
    for act in acts() {
        let click = click(other.activity("invoke", json!({})), &button["data"], &act);
        assert_eq!(app.post(&click).await.status, 200, "{act}");
        app.idle().await;
        assert_eq!(personal_desks::session(&app, "kim").await, before, "{act}");
        assert!(!everything(&app).contains("What was said"), "{act}");
    }
    app.finish().await;
}

async fn reload(app: &TestApp) {
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["ok"]), (200, &json!(true)), "{reply:?}");
    app.idle().await;
}

fn agents(app: &TestApp, agents: &str) {
    let file = app.read(LEGAL);
    let (before, rest) = file.split_once("agents: [").unwrap();
    let (_, after) = rest.split_once(']').unwrap();
    app.write(LEGAL, &format!("{before}agents: [{agents}]{after}"));
}

/// What an agent loses who is taken off the file.
async fn is_lost_by_ann(app: &TestApp, late: &[Value]) {
    let (ann, bob, kim) = (app.chat("ann"), app.chat("bob"), app.chat("kim"));
    let session = personal_desks::session(app, "kim").await;
    assert_eq!(
        (&session["state"], &session["takes"][0]["how"]),
        (&json!("waiting_for_agent"), &json!("removed")),
        "{session:#}"
    );
    assert!(ann.last().contains("no agent here any more"), "{:?}", ann.texts());
    assert!(
        !ann.texts().iter().any(|text| text.contains("[Take]") || text.contains("[Give back]")),
        "{:?}",
        ann.texts()
    );
    ann.say("still for Kim").await;
    for click in late {
        let mut click = click.clone();
        click["id"] = json!(app.fresh_id());
        assert!(app.post(&click).await.status < 500);
    }
    app.idle().await;
    assert!(!kim.texts().join("\n").contains("still for Kim"), "{:?}", kim.texts());
    assert_eq!(personal_desks::session(app, "kim").await["state"], "waiting_for_agent");
    assert_eq!(personal_desks::session(app, "max").await["state"], "waiting_for_agent");
    // Both are offered to whoever is left.
    for guest in ["kim", "max"] {
        takes(app, &bob, guest).await;
        let session = personal_desks::session(app, guest).await;
        assert_eq!(session["metadata"]["Agent.Id"], "aad-bob", "{guest}");
    }
    assert!(bob.texts().join("\n").contains("is it good?"), "{:?}", bob.texts());
}

#[tokio::test]
async fn who_is_taken_off_the_file_loses_chats_and_offers_and_others_are_asked() {
    for is_stopped in [false, true] {
        let mut app = legal(&["ann", "bob"]).await;
        personal_desks::asks(&app, "kim").await;
        personal_desks::asks(&app, "max").await;
        let ann = app.chat("ann");
        takes(&app, &ann, "kim").await;
        app.chat("kim").say("is it good?").await;
        let written = ann.message("Hello, this is Ann");
        app.post(&written).await;
        app.idle().await;
        let late = [
            ann.execute("Give back", json!({})),
            ann.execute("Resolve", json!({ "outcome": "resolved" })),
            ann.execute("Take", json!({})),
            ann.execute("Transcript", json!({})),
            ann.activity(
                "messageUpdate",
                json!({ "id": written["id"], "text": "still for Kim", "channelData": { "eventType": "editMessage" } }),
            ),
        ];
        app.chat("kim").say("is it good?").await;
        if is_stopped {
            app.stop().await;
            agents(&app, "aad-bob");
            app.resume().await;
            app.tick().await;
        } else {
            agents(&app, "aad-bob");
            reload(&app).await;
        }
        is_lost_by_ann(&app, &late).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn where_the_whole_department_is_gone_its_agent_keeps_the_chat_to_its_end() {
    for is_removed in [true, false] {
        let mut app = legal(&["ann", "bob"]).await;
        personal_desks::asks(&app, "kim").await;
        takes(&app, &app.chat("ann"), "kim").await;
        if is_removed {
            app.remove("tenants/legal");
        } else {
            app.write(LEGAL, &format!("enabled: false\n{}", app.read(LEGAL)));
            agents(&app, "aad-bob");
        }
        reload(&app).await;
        app.tick().await;
        for _ in 0..2 {
            let (ann, kim) = (app.chat("ann"), app.chat("kim"));
            ann.say("I am still here").await;
            assert!(kim.last().contains("I am still here"), "{is_removed}: {:?}", kim.texts());
            kim.say("that is good").await;
            assert!(ann.last().contains("that is good"), "{is_removed}: {:?}", ann.texts());
            app.restart().await;
            app.tick().await;
        }
        // Nobody else, not even with her button.
        let (_, button) = app.chat("ann").button("Give back");
        for other in ["bob", "mia"] {
            let act = json!({ "desk": "resolve" });
            let click = click(app.chat(other).activity("invoke", json!({})), &button["data"], &act);
            app.post(&click).await;
            app.idle().await;
        }
        let ann = app.chat("ann");
        assert_eq!(personal_desks::session(&app, "kim").await["state"], "with_agent");
        ann.fill("Resolve", json!({ "outcome": "resolved" })).await;
        let sessions = app.chat("kim").sessions().await;
        let states: Vec<&Value> = sessions.iter().map(|session| &session["state"]).collect();
        assert!(states.contains(&&json!("resolved")), "{is_removed}: {sessions:#?}");
        app.chat("kim").say("something new").await;
        assert!(!ann.texts().join("\n").contains("something new"));
        app.finish().await;
    }
}

#[tokio::test]
async fn where_the_department_is_gone_whoever_was_offered_a_chat_takes_it_or_both_sides_are_told() {
    let mut app = legal(&["ann", "bob"]).await;
    personal_desks::asks(&app, "kim").await;
    personal_desks::asks(&app, "max").await;
    app.remove("tenants/legal");
    reload(&app).await;
    app.restart().await;
    app.tick().await;
    // She was offered it while the department was there.
    takes(&app, &app.chat("ann"), "kim").await;
    app.chat("ann").say("I am here").await;
    assert!(app.chat("kim").last().contains("I am here"), "{:?}", app.chat("kim").texts());
    app.chat("ann").fill("Resolve", json!({ "outcome": "unresolved" })).await;
    assert_eq!(personal_desks::session(&app, "kim").await["state"], "unresolved");

    // Nobody of it can be written to any more.
    for agent in ["aad-ann", "aad-bob"] {
        let reply = app.order(&format!("/agents/{agent}/unbind"), &json!({})).await;
        assert!((200..300).contains(&reply.status), "{reply:?}");
    }
    app.tick().await;
    let max = app.chat("max");
    assert!(
        max.texts().iter().any(|text| text.contains("nobody there can answer you any more")),
        "{:?}",
        max.texts()
    );
    assert_ne!(personal_desks::session(&app, "max").await["tenantId"], "legal");
    app.finish().await;
}

#[tokio::test]
async fn a_desk_that_moves_from_a_channel_to_people_leaves_its_thread() {
    let app = desk().await;
    for agent in ["ann", "bob"] {
        app.chat(agent).say("hello").await;
    }
    let thread = desks::asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    let old = app.agent("ann").execute(&thread, "Resolve", &json!({ "outcome": "resolved" }));
    let file = app.read("tenants/it/tenant.yaml");
    app.write(
        "tenants/it/tenant.yaml",
        &file.replace("desk: { where: channel }", "desk: { where: people, agents: [aad-bob] }"),
    );
    reload(&app).await;
    app.agent("ann").say_in(&thread, "for nobody").await;
    app.post(&old).await;
    app.idle().await;
    let kim = app.chat("kim");
    assert!(!kim.texts().join("\n").contains("for nobody"), "{:?}", kim.texts());
    assert_eq!(desks::session(&app, "kim").await["state"], "waiting_for_agent");
    let posts = app.teams.sent(&thread).len();
    kim.say("who helps me?").await;
    assert_eq!(app.teams.sent(&thread).len(), posts, "{:?}", app.agent("ann").texts_in(&thread));
    app.chat("bob").click("Take").await;
    assert!(app.chat("bob").texts().join("\n").contains("who helps me?"));
    app.finish().await;
}

/// How the API tells of an agent of Legal.
async fn agent(app: &TestApp, id: &str) -> Value {
    let desks = app.api("/desks").await;
    let items = desks["items"].as_array().unwrap();
    let legal = items.iter().find(|desk| desk["tenantId"] == "legal").unwrap();
    let agents = legal["agents"].as_array().unwrap();
    agents.iter().find(|agent| agent["id"] == id).unwrap().clone()
}

/// Somebody writes, and was looked up.
async fn comes(app: &TestApp, name: &str, known: Value) {
    let chat = app.chat(name);
    app.teams.member(&chat.id(), &format!("29:{name}"), with(colleague(name), known));
    chat.say("hello").await;
    let path = format!("members/29%3A{name}");
    app.until("they are looked up", || {
        app.teams.calls().iter().any(|call| call.path.ends_with(&path))
    })
    .await;
    app.until("it is kept", || app.engine().conversations().held() == 0).await;
    // Whatever the look-up has told counts from their next words on.
    chat.say("hello again").await;
}

#[tokio::test]
async fn an_agent_is_who_they_are_by_object_id_or_upn_and_stays_that_person() {
    let app = legal(&[]).await;
    agents(&app, "dora@northwind.example");
    reload(&app).await;
    let id = "dora@northwind.example";
    // Whoever keeps the directory can write any mail address.
    comes(
        &app,
        "mallory",
        json!({ "email": id, "userPrincipalName": "mallory@northwind.example" }),
    )
    .await;
    assert_eq!(agent(&app, id).await["bound"], false);
    // A guest of the tenant, and somebody of another one.
    comes(&app, "gil", json!({ "userPrincipalName": id, "userRole": "guest" })).await;
    let foreign = json!({ "conversation": { "tenantId": FOREIGN }, "channelData": { "tenant": { "id": FOREIGN } } });
    let hello = with(app.chat("uma").message("hello"), foreign);
    app.teams.member(
        &app.chat("uma").id(),
        "29:uma",
        with(colleague("uma"), json!({ "userPrincipalName": id, "tenantId": FOREIGN })),
    );
    app.post(&hello).await;
    app.idle().await;
    assert_eq!(agent(&app, id).await["bound"], false);
    comes(&app, "dora", json!({ "userPrincipalName": "DORA@northwind.example" })).await;
    let bound = agent(&app, id).await;
    assert_eq!(
        (&bound["bound"], &bound["objectId"], &bound["claimed"]),
        (&json!(true), &json!("aad-dora"), &json!(false))
    );
    personal_desks::asks(&app, "kim").await;
    takes(&app, &app.chat("dora"), "kim").await;
    // She has left, and somebody else has her name now.
    comes(&app, "dana", json!({ "userPrincipalName": id })).await;
    let bound = agent(&app, id).await;
    assert_eq!((&bound["objectId"], &bound["claimed"]), (&json!("aad-dora"), &json!(true)));
    app.chat("kim").say("only for Dora").await;
    assert!(!app.chat("dana").texts().join("\n").contains("only for Dora"));
    // An administrator says that it is right.
    let path = format!("/agents/{}/unbind", id.replace('@', "%40"));
    let reply = app.order(&path, &json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(app.order(&path, &json!({})).await.status, 404);
    app.idle().await;
    app.chat("dora").say("may I still?").await;
    app.chat("dana").say("I am the agent").await;
    let bound = agent(&app, id).await;
    assert_eq!(bound["bound"], true);
    app.finish().await;
}

#[tokio::test]
async fn guests_of_the_tenant_connect_nothing() {
    for more in ["", "external_users: allow\n"] {
        let app = desk_of(more, |_| ()).await;
        app.teams.channel_exists(HR);
        let code = app.order("/desks/hr/code", &json!({})).await.json();
        let command = format!("connect {}", code["code"].as_str().unwrap());
        let state = async || {
            let desks = app.api("/desks").await;
            let items = desks["items"].as_array().unwrap().clone();
            items.iter().find(|desk| desk["tenantId"] == "hr").unwrap()["state"].clone()
        };
        for (name, member) in [
            ("gil", json!({ "userRole": "guest" })),
            ("ext", json!({ "userPrincipalName": "x_fabrikam.example#EXT#@northwind.example" })),
            ("uma", json!({ "tenantId": FOREIGN })),
        ] {
            app.teams.member(HR, &format!("29:{name}"), with(colleague(name), member));
            let place = app.agent(name).mention_in(HR, &command).await;
            app.until("the refusal", || {
                app.agent(name).last_in(&place).contains("Only people of the company can connect")
            })
            .await;
            assert_eq!(state().await, "never", "{name} {more}");
        }
        // Nobody can say who it is: the code is good for another try.
        app.teams.fail_next(1, Failure::Status(500, json!({})));
        let place = app.agent("cem").mention_in(HR, &command).await;
        app.until("it is said", || {
            app.agent("cem").last_in(&place).contains("could not find out who you are")
        })
        .await;
        assert_eq!(state().await, "never");
        app.agent("cem").mention_in(HR, &command).await;
        app.idle().await;
        assert_eq!(state().await, "connected", "{more}");
        app.finish().await;
    }
}

/// The file of a department that becomes a desk of these agents' personal chats.
fn at_desk(app: &TestApp, tenant: &str, agents: &str) {
    let path = format!("tenants/{tenant}/tenant.yaml");
    let desk = format!(
        "desk: {{ where: people, agents: [{agents}], routing: broadcast, chats_per_agent: 2 }}"
    );
    let file = app.read(&path);
    let lines: Vec<&str> = file
        .lines()
        .map(|line| if line.starts_with("desk:") { desk.as_str() } else { line })
        .collect();
    app.write(&path, &format!("{}\n", lines.join("\n")));
}

#[tokio::test]
async fn an_agent_works_for_two_departments_that_name_them_differently() {
    let mut app = legal(&[]).await;
    let upn = "dora@northwind.example";
    at_desk(&app, "facilities", upn);
    reload(&app).await;
    comes(&app, "dora", json!({ "userPrincipalName": upn })).await;
    app.chat("dora").say("/away").await;
    agents(&app, "aad-dora");
    reload(&app).await;
    app.chat("dora").say("hello once more").await;
    assert_eq!(
        agent(&app, "aad-dora").await["available"],
        false,
        "whoever is away is away everywhere"
    );
    app.chat("dora").say("/available").await;
    for (guest, department) in [("kim", "Facilities"), ("lee", "Legal")] {
        let chat = app.chat(guest);
        chat.say(&format!("question of {guest}")).await;
        chat.say("departments").await;
        chat.say(department).await;
    }
    let mut numbers = Vec::new();
    for guest in ["kim", "lee"] {
        takes(&app, &app.chat("dora"), guest).await;
        let session = personal_desks::session(&app, guest).await;
        // One person, one id, whatever each department calls them.
        let known = ["Agent.Id", "Agent.Upn"].map(|key| session["metadata"][key].clone());
        assert_eq!(known, [json!("aad-dora"), json!(upn)], "{session:#}");
        assert_eq!(session["takes"][0]["agent"]["id"], "aad-dora", "{session:#}");
        numbers.push(session["ref"].as_str().unwrap().to_owned());
    }
    app.restart().await;
    let dora = app.chat("dora");
    let heard = |guest: &str, words: &str| app.chat(guest).texts().join("\n").contains(words);
    dora.say("for whom?").await;
    app.until("the agent is asked", || dora.last().contains("Which chat is that for?")).await;
    assert!(numbers.iter().all(|number| dora.last().contains(number)), "{}", dora.last());
    let written = dora.message(&format!("{} only for Kim", numbers[0]));
    app.post(&written).await;
    dora.say(&format!("{} only for Lee", numbers[1])).await;
    assert!(heard("kim", "only for Kim") && heard("lee", "only for Lee"));
    assert!(!heard("kim", "only for Lee") && !heard("lee", "only for Kim"));
    assert!(!heard("kim", "for whom?") && !heard("lee", "for whom?"));
    let edit = json!({
        "id": written["id"], "text": format!("{} just for Kim", numbers[0]),
        "channelData": { "eventType": "editMessage" },
    });
    app.post(&dora.activity("messageUpdate", edit)).await;
    app.idle().await;
    assert!(heard("kim", "just for Kim"), "{:?}", app.chat("kim").texts());
    dora.say("/away").await;
    app.until("the agent is told", || dora.last().contains("You are away")).await;
    assert_eq!(agent(&app, "aad-dora").await["available"], false);
    app.chat("max").say("question of max").await;
    app.chat("max").say("departments").await;
    app.chat("max").say("Facilities").await;
    assert!(!dora.texts().join("\n").contains("question of max"), "{:?}", dora.texts());
    app.finish().await;
}

#[tokio::test]
async fn whom_a_department_names_twice_is_asked_once_and_gets_no_more_chats() {
    let app = legal(&[]).await;
    let upn = "dora@northwind.example";
    agents(&app, &format!("{upn}, aad-dora"));
    at_desk(&app, "facilities", upn);
    reload(&app).await;
    comes(&app, "dora", json!({ "userPrincipalName": upn })).await;
    let dora = app.chat("dora");
    let cards = |guest: &str| {
        let question = format!("question of {guest}");
        dora.sent().iter().filter(|sent| text_of(&sent.activity).contains(&question)).count()
    };
    personal_desks::asks(&app, "kim").await;
    assert_eq!(cards("kim"), 1, "{:?}", dora.texts());
    takes(&app, &dora, "kim").await;
    personal_desks::asks(&app, "lee").await;
    takes(&app, &dora, "lee").await;
    personal_desks::asks(&app, "max").await;
    assert_eq!(cards("max"), 0, "two are the most");
    app.finish().await;
}

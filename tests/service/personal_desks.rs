//! Desks in the personal chats of agents: binding, offers, several chats at once.

use serde_json::{Value, json};

use crate::app::{Chat, Setup, TestApp};

/// The company of the desk dialogs; `agents` of Legal have opened the app.
pub async fn legal(agents: &[&str]) -> TestApp {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/desk");
    let app = Setup::new()
        .company(switchboard::company::read_folder(&folder).unwrap())
        .sqlite()
        .start()
        .await;
    for agent in agents {
        app.chat(agent).say("/available").await;
        app.chat(agent).say("hello").await;
    }
    app
}

/// A guest who has asked Legal for a person.
pub async fn asks(app: &TestApp, guest: &str) {
    let chat = app.chat(guest);
    chat.say(&format!("question of {guest}")).await;
    chat.say("departments").await;
    chat.say("Legal").await;
}

pub async fn session(app: &TestApp, guest: &str) -> Value {
    let sessions = app.chat(guest).sessions().await;
    app.api(&format!("/sessions/{}", sessions[0]["id"].as_str().unwrap())).await
}

/// Clicks the button of the card in an agent's chat that is about this guest.
pub async fn takes(app: &TestApp, agent: &Chat<'_>, guest: &str) -> Value {
    let question = format!("question of {guest}");
    let card = agent
        .sent()
        .into_iter()
        .rev()
        .find(|sent| crate::app::text_of(&sent.activity).contains(&question))
        .unwrap();
    let button =
        crate::app::find_button(crate::app::card_of(&card.activity).unwrap(), "Take").unwrap();
    let action = json!({ "type": "Action.Execute", "title": "Take", "verb": "desk", "data": button["data"] });
    let reply = app.post(&agent.execute_data(&card.id, action)).await;
    app.idle().await;
    reply.json()
}

#[tokio::test]
async fn an_offer_that_was_withdrawn_keeps_nothing_of_the_employees() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/companies/matters");
    let files = switchboard::company::read_folder(&folder).unwrap();
    let app = Setup::new().company(files).sqlite().start().await;
    for agent in ["ann", "bob"] {
        app.chat(agent).say("/available").await;
        app.chat(agent).say("hello").await;
    }
    let kim = app.chat("kim");
    kim.say("question of kim").await;
    kim.say("departments").await;
    kim.say("Care").await;
    kim.fill("Send", json!({ "matter": "Fatherhood", "illness": "Migraine" })).await;
    app.idle().await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    let words = ["question of kim", "Fatherhood", "Migraine"];
    let of = |chat: &Chat<'_>| {
        let sent = chat.sent().into_iter().rev();
        let card = sent.into_iter().find(|sent| sent.activity.to_string().contains("Migraine"));
        card.unwrap().id
    };
    let (offered, own) = (of(&ann), of(&bob));
    takes(&app, &bob, "kim").await;
    let left = ann.stands(&offered).activity.to_string();
    assert!(words.iter().all(|word| !left.contains(word)), "{left}");
    assert!(left.contains("bob Quackenbush is talking"), "who has it: {left}");
    let theirs = bob.stands(&own).activity.to_string();
    assert!(words.iter().all(|word| theirs.contains(word)), "{theirs}");
    app.finish().await;
}

#[tokio::test]
async fn whoever_is_free_is_asked_and_the_first_to_take_has_it() {
    let mut app = legal(&["ann", "bob"]).await;
    asks(&app, "kim").await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    for agent in [&ann, &bob] {
        assert!(agent.last().contains("question of kim"), "{:?}", agent.texts());
    }
    let answer = takes(&app, &ann, "kim").await;
    assert_eq!(answer["type"], "application/vnd.microsoft.card.adaptive", "{answer}");
    assert!(bob.last().contains("is talking with"), "the other sees who has it: {:?}", bob.texts());
    ann.say("Hello, this is Ann").await;
    assert!(app.chat("kim").last().contains("Hello, this is Ann"));
    app.restart().await;
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    kim.say("is it good?").await;
    assert!(ann.last().contains("is it good?"), "{:?}", ann.texts());
    ann.say("// looks odd").await;
    assert!(!kim.texts().join("\n").contains("odd"));
    ann.fill("Resolve", json!({ "outcome": "resolved", "notes": "It is" })).await;
    assert_eq!(session(&app, "kim").await["state"], "resolved");
    let before = kim.texts().len();
    ann.say("my own laptop is broken").await;
    assert_eq!(kim.texts().len(), before);
    app.finish().await;
}

/// Ann has had this guest's chat, and it is over. Gives its number.
async fn had_a_chat(app: &TestApp, guest: &str) -> String {
    asks(app, guest).await;
    takes(app, &app.chat("ann"), guest).await;
    app.chat("ann").fill("Resolve", json!({ "outcome": "resolved" })).await;
    session(app, guest).await["ref"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_an_agent_writes_right_after_a_chat_begins_none_of_their_own_until_they_write_it_again()
 {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    let reference = had_a_chat(&app, "kim").await;
    let before = (app.chat("kim").texts().len(), ann.sessions().await[0]["turns"].clone());
    app.pass(14 * 60);
    let late = ann.message("and mind the battery");
    assert!(app.post(&late).await.is_empty_200());
    app.until("the agent is told", || ann.last().contains(&format!("{reference} is over"))).await;
    let told = ann.texts().len();
    // Teams repeats what it thinks was lost: that is no second time.
    assert!(app.post(&late).await.is_empty_200());
    app.idle().await;
    assert_eq!(ann.texts().len(), told);
    assert_eq!((app.chat("kim").texts().len(), ann.sessions().await[0]["turns"].clone()), before);
    ann.say("and mind the battery").await;
    assert_eq!(
        ann.sessions().await[0]["turns"].as_u64(),
        before.1.as_u64().map(|turns| turns + 1),
        "{:?}",
        ann.texts()
    );
    assert!(
        ann.texts().len() > told && !ann.last().contains("reached nobody"),
        "{:?}",
        ann.texts()
    );
    app.finish().await;
}

#[tokio::test]
async fn an_agent_who_begins_a_matter_of_their_own_or_waits_is_not_told_of_the_last_chat() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    let told = || ann.texts().iter().any(|text| text.contains("reached nobody"));
    // A command, then words.
    had_a_chat(&app, "kim").await;
    ann.say("/help").await;
    ann.say("my own laptop is broken").await;
    assert!(!told(), "{:?}", ann.texts());
    // Long afterwards.
    had_a_chat(&app, "max").await;
    app.pass(15 * 60);
    ann.say("good morning").await;
    assert!(!told(), "{:?}", ann.texts());
    // Given back: it may be somebody else's by now.
    asks(&app, "lee").await;
    takes(&app, &ann, "lee").await;
    ann.click("Give back").await;
    ann.say("are you there?").await;
    app.until("the agent is told", told).await;
    app.finish().await;
}

#[tokio::test]
async fn a_chat_that_an_agent_has_in_a_channel_is_none_of_their_personal_chat() {
    let app = legal(&["ann"]).await;
    crate::desks::connect(&app, "it", crate::desks::CHANNEL).await;
    let thread = crate::desks::asks(&app, "kim").await;
    app.agent("ann").click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let before = app.chat("kim").texts().len();
    app.chat("ann").say("my own matter").await;
    assert_eq!(app.chat("kim").texts().len(), before, "{:?}", app.chat("kim").texts());
    app.finish().await;
}

#[tokio::test]
async fn an_agent_with_two_chats_answers_each_in_its_own_and_gets_no_third() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        asks(&app, guest).await;
        takes(&app, &ann, guest).await;
    }
    asks(&app, "max").await;
    assert!(!ann.texts().join("\n").contains("question of max"), "two are the most");
    let reference = |session: &Value| session["ref"].as_str().unwrap().to_owned();
    let (kim, lee) =
        (reference(&session(&app, "kim").await), reference(&session(&app, "lee").await));
    ann.say("which one is this for?").await;
    app.until("the agent is asked which", || ann.last().contains("Which chat is that for?")).await;
    assert!(ann.last().contains(&kim) && ann.last().contains(&lee), "{}", ann.last());
    ann.say(&format!("{kim} only for the first")).await;
    ann.say(&format!("{lee}: only for the second")).await;
    assert!(app.chat("kim").last().contains("only for the first"));
    assert!(app.chat("lee").last().contains("only for the second"));
    app.chat("kim").say("thank you").await;
    assert!(ann.last().contains(&kim) && ann.last().contains("thank you"), "{}", ann.last());
    // One is given back: it is offered to nobody else, and the third comes at the next look.
    ann.say("/away").await;
    app.until("the agent is told", || ann.last().contains("You are away")).await;
    app.finish().await;
}

/// A manager ends the guest's chat.
async fn ends(app: &TestApp, guest: &str) {
    let id = session(app, guest).await["id"].as_str().unwrap().to_owned();
    let reply = app.order(&format!("/sessions/{id}/end"), &json!({})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    app.idle().await;
}

async fn reload(app: &TestApp) {
    let reply = app.order("/reload", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["ok"]), (200, &json!(true)), "{reply:?}");
}

#[tokio::test]
async fn a_chat_that_ends_while_its_desk_is_another_one_or_gone_leaves_room_for_the_next() {
    const FILE: &str = "tenants/legal/tenant.yaml";
    let channel = |file: &str| {
        file.lines()
            .map(|line| if line.starts_with("desk:") { "desk: { where: channel }" } else { line })
            .collect::<Vec<_>>()
            .join("\n")
    };
    for is_removed in [false, true] {
        let mut app = legal(&["ann"]).await;
        let file = app.read(FILE);
        asks(&app, "kim").await;
        takes(&app, &app.chat("ann"), "kim").await;
        if is_removed {
            app.remove("tenants/legal");
        } else {
            app.write(FILE, &channel(&file));
        }
        reload(&app).await;
        ends(&app, "kim").await;
        app.write(FILE, &file);
        reload(&app).await;
        for guest in ["lou", "max"] {
            asks(&app, guest).await;
            takes(&app, &app.chat("ann"), guest).await;
            let session = session(&app, guest).await;
            assert_eq!(session["metadata"]["Agent.Id"], "aad-ann", "{guest}, {is_removed}");
        }
        app.stop().await;
        let seats = app.at_rest().await.seats().await.unwrap();
        assert_eq!(seats.len(), 2, "{seats:?}");
    }
}

#[tokio::test]
async fn many_who_ask_at_once_never_give_an_agent_too_many() {
    let app = legal(&["ann", "bob"]).await;
    let guests: Vec<String> = (0..6).map(|number| format!("guest{number}")).collect();
    for guest in &guests {
        asks(&app, guest).await;
    }
    // Both agents take everything that was offered to them, at once.
    let mut clicks = Vec::new();
    for agent in ["ann", "bob"] {
        let chat = app.chat(agent);
        for guest in &guests {
            let question = format!("question of {guest}");
            let card = chat
                .sent()
                .into_iter()
                .find(|sent| crate::app::text_of(&sent.activity).contains(&question))
                .unwrap();
            let button =
                crate::app::find_button(crate::app::card_of(&card.activity).unwrap(), "Take")
                    .unwrap();
            let action = json!({ "type": "Action.Execute", "title": "Take", "verb": "desk", "data": button["data"] });
            clicks.push(chat.execute_data(&card.id, action));
        }
    }
    let replies = futures_util::future::join_all(clicks.iter().map(|click| app.post(click))).await;
    app.idle().await;
    let taken = replies
        .iter()
        .filter(|reply| reply.json()["type"].as_str().unwrap().ends_with("card.adaptive"))
        .count();
    assert_eq!(taken, 4, "two agents with two chats each");
    let mut owners = Vec::new();
    for guest in &guests {
        let session = session(&app, guest).await;
        owners.extend(session["metadata"]["Agent.Id"].as_str().map(str::to_owned));
    }
    owners.sort();
    assert_eq!(owners, ["aad-ann", "aad-ann", "aad-bob", "aad-bob"]);
    app.finish().await;
}

#[tokio::test]
async fn nobody_is_promised_where_no_agent_has_opened_the_app() {
    let app = legal(&[]).await;
    asks(&app, "kim").await;
    assert!(
        app.chat("kim").last().contains("Nobody at Legal can be reached"),
        "{:?}",
        app.chat("kim").texts()
    );
    app.chat("kim").say("please write to me").await;
    assert_eq!(session(&app, "kim").await["state"], "open");
    let desks = app.api("/desks").await;
    let legal =
        desks["items"].as_array().unwrap().iter().find(|desk| desk["tenantId"] == "legal").unwrap();
    assert_eq!(
        legal["agents"],
        json!([{ "id": "aad-ann", "bound": false }, { "id": "aad-bob", "bound": false }]),
        "{legal}"
    );
    assert_eq!(legal["unknown"], json!(["aad-ann", "aad-bob"]), "{legal}");
    // The first agent who comes hears of it.
    app.chat("ann").say("hello").await;
    app.tick().await;
    app.until("the agent hears of it", || {
        app.chat("ann").texts().join("\n").contains("question of kim")
    })
    .await;
    takes(&app, &app.chat("ann"), "kim").await;
    assert!(app.chat("ann").last().contains("please write to me"), "{:?}", app.chat("ann").texts());
    app.finish().await;
}

#[tokio::test]
async fn agents_whom_nobody_knows_are_listed_and_named_once_in_the_log() {
    let named = |id: &str| {
        let logs = crate::app::logs();
        let is_named = |line: &&str| line.contains("has not opened the app") && line.contains(id);
        logs.lines().filter(is_named).count()
    };
    let files = |agents: &str| {
        let pipeline = "pipelines: { main: [{ id: human, agent: {} }, { id: bye, end: {} }] }";
        let desk = format!("desk: {{ where: people, agents: [{agents}] }}");
        let company = "company: Northwind\nprimary_tenant: nights\n".to_owned();
        let tenant = format!("name: Nights\n{desk}\n{pipeline}\n");
        vec![("company.yaml", company), ("tenants/nights/tenant.yaml", tenant)]
    };
    let app = Setup::new().files(files("aad-nadia, aad-noor")).sqlite().start().await;
    assert_eq!((named("aad-nadia"), named("aad-noor")), (1, 1));
    app.chat("noor").say("hello").await;
    app.edit(&files("aad-nadia, aad-noor, aad-nils"));
    assert_eq!(app.order("/reload", &json!({})).await.status, 200);
    assert_eq!((named("aad-nadia"), named("aad-noor"), named("aad-nils")), (1, 1, 1));
    let desks = app.api("/desks").await;
    assert_eq!(desks["items"][0]["unknown"], json!(["aad-nadia", "aad-nils"]), "{desks}");
    app.finish().await;
}

#[tokio::test]
async fn words_for_a_chat_that_is_over_reach_nobody_else() {
    let app = legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        asks(&app, guest).await;
        takes(&app, &ann, guest).await;
    }
    let reference = session(&app, "kim").await["ref"].as_str().unwrap().to_owned();
    app.chat("kim").say("/end").await;
    app.chat("kim").say("yes").await;
    ann.say(&format!("{reference} only for the first")).await;
    app.until("the agent is told", || ann.last().contains("Nothing was sent")).await;
    assert!(!app.chat("lee").texts().join("\n").contains("only for the first"));
    app.finish().await;
}

#[tokio::test]
async fn a_second_take_after_giving_back_counts_and_an_old_card_does_not() {
    let app = legal(&["ann", "bob"]).await;
    asks(&app, "kim").await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    let old = ann.execute("Take", json!({}));
    takes(&app, &ann, "kim").await;
    ann.click("Give back").await;
    // The very same click later: its card is none any more.
    app.pass(61);
    let mut late = old.clone();
    late["id"] = json!(app.fresh_id());
    let reply = app.post(&late).await.json();
    let told = reply["value"].as_str().unwrap_or_default();
    assert!(told.contains("is not offered to you any more"), "{reply}");
    assert_eq!(session(&app, "kim").await["state"], "waiting_for_agent");
    takes(&app, &bob, "kim").await;
    let shown = bob.click("Transcript").await;
    assert_eq!(shown["value"], "What was said stands below in this chat now.", "{shown}");
    assert_eq!(session(&app, "kim").await["metadata"]["Agent.Id"], "aad-bob");
    app.finish().await;
}

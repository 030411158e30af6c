//! Every command that the app package announces does what it says, wherever it announces it.

use serde_json::{Value, json};
use switchboard::pipeline::language::{LANGUAGES, phrases};

use crate::{
    app::TestApp,
    desks::{CHANNEL, asks, desk},
};

/// The titles of the package's commands in a language, for one chat and for channels.
fn announced(language: &str) -> [Vec<String>; 2] {
    let lists = |lists: &Value, of: &dyn Fn(usize, usize) -> String| {
        let count = |list: usize| lists[list]["commands"].as_array().unwrap().len();
        [0, 1].map(|list| (0..count(list)).map(|at| of(list, at)).collect())
    };
    let manifest = include_str!("../../manifest/manifest.json.hbs");
    let (_, behind) = manifest.split_once("\"commandLists\": ").unwrap();
    let mut values = serde_json::Deserializer::from_str(behind).into_iter::<Value>();
    let first = values.next().unwrap().unwrap();
    assert_eq!(
        (&first[0]["scopes"], &first[1]["scopes"]),
        (&json!(["personal"]), &json!(["team"]))
    );
    if language == LANGUAGES[0].language {
        let title = |list: usize, at: usize| {
            first[list]["commands"][at]["title"].as_str().unwrap().to_owned()
        };
        return lists(&first, &title);
    }
    let path = format!("{}/manifest/{language}.json.hbs", env!("CARGO_MANIFEST_DIR"));
    let translated: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let title = |list: usize, at: usize| {
        let key = format!("bots[0].commandLists[{list}].commands[{at}].title");
        translated[&key].as_str().unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    lists(&first, &title)
}

/// What a sentence says before anything is filled in, or behind it.
fn literal(phrase: &str) -> &str {
    phrase.split(['{', '}']).step_by(2).max_by_key(|part| part.len()).unwrap().trim()
}

/// Writes in a locale, and gives what was answered.
async fn answers(app: &TestApp, guest: &str, locale: &str, text: &str) -> String {
    let chat = app.chat(guest);
    let before = chat.texts().len();
    let message = chat.activity("message", json!({ "text": text, "locale": locale }));
    assert!(app.post(&message).await.is_empty_200());
    app.idle().await;
    chat.texts()[before..].join("\n")
}

#[tokio::test]
async fn in_a_chat_each_in_every_language_whatever_the_clients() {
    let app = desk().await;
    for (client, locale) in ["en-US", "de-DE"].into_iter().enumerate() {
        let said = phrases(locale);
        for phrases in LANGUAGES {
            let guest = format!("guest-{client}-{}", phrases.language);
            answers(&app, &guest, locale, "my laptop is broken").await;
            let [titles, _] = announced(phrases.language);
            let expected = [
                said.help,
                said.departments_ask,
                said.status,
                said.nothing_back,
                said.desk.asked,
                said.restart_ask,
                said.end_ask,
            ];
            assert_eq!(titles.len(), expected.len(), "{titles:?}");
            for (title, expected) in titles.iter().zip(expected) {
                let answer = answers(&app, &guest, locale, title).await;
                assert!(answer.contains(literal(expected)), "{locale}, {title}: {answer}");
                app.steady.pass(1_000);
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn in_a_channel_and_a_thread_each_is_answered_there_and_reaches_no_employee() {
    let app = desk().await;
    let ann = app.agent("ann");
    let all = LANGUAGES.iter().map(|phrases| announced(phrases.language)[1].clone());
    let all: Vec<Vec<String>> = all.collect();
    let said = phrases("en-US").desk;
    let (help, connect) = (said.desk_help.lines().next().unwrap(), literal(said.connect_how));
    for titles in &all {
        let [a, b, c] = &titles[..] else { panic!("three commands: {titles:?}") };
        for (title, expected) in [(a, help), (b, "the desk of IT"), (c, connect)] {
            let place = ann.mention_in(CHANNEL, title).await;
            app.until(title, || ann.last_in(&place).contains(expected)).await;
        }
    }
    app.teams.channel_exists("19:other@thread.tacv2");
    let place = ann.mention_in("19:other@thread.tacv2", "help").await;
    app.until("how to connect", || ann.last_in(&place).contains(connect)).await;
    app.steady.pass(10_000);

    let thread = asks(&app, "kim").await;
    ann.say_in(&thread, "status").await;
    app.until("how it stands", || {
        ann.last_in(&thread).contains("): kim Quackenbush has been waiting")
    })
    .await;
    ann.click_in(&thread, "Take", json!({})).await;
    app.idle().await;
    let kim = app.chat("kim");
    let before = kim.texts().len();
    for (title, expected) in [
        ("help", help),
        ("/hilfe", help),
        ("status", "is talking with kim"),
        ("Status!", "is talking with kim"),
        ("/connect", connect),
        ("/away", said.desk_away_here),
        ("/available", said.desk_away_here),
        ("/restart", said.desk_for_employees),
        ("/ende", said.desk_for_employees),
        ("/departments", said.desk_for_employees),
    ] {
        ann.say_in(&thread, title).await;
        app.until(title, || ann.last_in(&thread).contains(expected)).await;
        app.steady.pass(1_000);
    }
    ann.mention_in(&thread, "hilfe").await;
    app.until("help", || ann.last_in(&thread).contains(help)).await;
    assert_eq!(kim.texts().len(), before, "{:#?}", kim.texts());
    // What only begins like a command is for the employee.
    for text in ["connect the cable first", "help is near", "/etc/hosts has it"] {
        ann.mention_in(&thread, text).await;
        assert!(kim.last().contains(text), "{text}: {}", kim.last());
    }
    ann.click_in(&thread, "Resolve", json!({ "outcome": "resolved" })).await;
    kim.say("/end").await;
    kim.say("yes").await;
    ann.say_in(&thread, "status").await;
    app.until("how it ended", || ann.last_in(&thread).contains("is closed")).await;
    app.finish().await;
}

#[tokio::test]
async fn an_agent_with_a_chat_asks_the_bot_and_not_their_employee() {
    let app = crate::personal_desks::legal(&["ann"]).await;
    crate::personal_desks::asks(&app, "kim").await;
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    crate::personal_desks::takes(&app, &ann, "kim").await;
    let before = kim.texts().len();
    for (command, answer) in [("help", "You are talking to"), ("/status", "You are with IT")] {
        ann.say(command).await;
        app.until(command, || ann.last().contains(answer)).await;
    }
    assert_eq!(kim.texts().len(), before, "{:#?}", kim.texts());
    ann.say("Let me help you.").await;
    assert!(kim.last().contains("Let me help you."));
    app.finish().await;
}

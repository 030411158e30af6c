//! A chat goes from one agent to another: handed over, taken over, and both at once.

use serde_json::{Value, json};

use crate::{
    app::{Chat, card_of, find_button, text_of},
    desks::{self, CHANNEL, desk},
    personal_desks::{self, legal, takes},
};

/// The choices of an input of the newest card that has it.
fn choices(card: &Value, id: &str) -> Vec<String> {
    match card {
        Value::Object(map) if map.get("id").is_some_and(|found| found == id) => map["choices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|choice| choice["value"].as_str().unwrap().to_owned())
            .collect(),
        Value::Object(map) => map.values().flat_map(|value| choices(value, id)).collect(),
        Value::Array(items) => items.iter().flat_map(|value| choices(value, id)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_colleague_who_worked_at_the_desk_before_gets_the_chat_and_is_called_by_name() {
    let mut app = desk().await;
    let earlier = desks::asks(&app, "lee").await;
    app.agent("bob").say_in(&earlier, "// on my way").await;
    app.restart().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    let (card, _) = ann.button(&thread, "Hand to a colleague");
    assert_eq!(
        choices(card_of(&card.activity).unwrap(), "colleague"),
        ["aad-bob"],
        "known from before the restart, and not the owner"
    );
    // Whoever writes in the thread can be chosen from then on.
    app.agent("cem").say_in(&thread, "the dock?").await;
    let (card, _) = ann.button(&thread, "Hand to a colleague");
    assert_eq!(choices(card_of(&card.activity).unwrap(), "colleague"), ["aad-cem", "aad-bob"]);
    let nobody =
        ann.click_in(&thread, "Hand to a colleague", json!({ "colleague": "aad-mallory" })).await;
    assert!(nobody["value"].as_str().unwrap().contains("not known at this desk"), "{nobody}");
    app.pass(30);
    let old = ann.execute(&thread, "Resolve", &json!({ "outcome": "resolved" }));
    let answer = ann
        .click_in(
            &thread,
            "Hand to a colleague",
            json!({ "colleague": "aad-bob", "remark": "he *bites*" }),
        )
        .await;
    assert_eq!(answer["type"], "application/vnd.microsoft.card.adaptive", "{answer}");
    let posts = app.teams.activities(&thread);
    let post = posts.iter().rev().find(|post| post["text"].is_string()).unwrap();
    let mentioned = &post["entities"][0];
    assert_eq!(
        (&mentioned["type"], &mentioned["mentioned"]["id"]),
        (&json!("mention"), &json!("aad-bob")),
        "{post}"
    );
    let text = post["text"].as_str().unwrap();
    assert!(
        text.starts_with(mentioned["text"].as_str().unwrap()) && text.contains(r"he \*bites\*"),
        "{post}"
    );
    assert_eq!(post["textFormat"], "markdown");
    let kim = app.chat("kim");
    assert!(
        kim.last().contains("bob Quackenbush from IT is here now: ann Quackenbush has handed"),
        "{:?}",
        kim.texts()
    );
    assert!(!kim.texts().join("\n").contains("bites"));
    // A button of the card as it was does nothing any more.
    let reply = app.post(&old).await.json();
    assert!(reply["value"].as_str().unwrap().contains("has this chat now"), "{reply}");
    let session = desks::session(&app, "kim").await;
    assert_eq!(
        (&session["state"], &session["metadata"]["Agent.Id"]),
        (&json!("with_agent"), &json!("aad-bob"))
    );
    let takes = &session["takes"];
    assert_eq!((&takes[0]["how"], &takes[0]["handledSeconds"]), (&json!("handed"), &json!(30)));
    assert_eq!(
        (&takes[1]["agent"]["id"], &takes[1]["waitedSeconds"], &takes[1]["how"]),
        (&json!("aad-bob"), &json!(0), &Value::Null)
    );
    let transcript =
        app.api(&format!("/sessions/{}/transcript", session["id"].as_str().unwrap())).await;
    let note = transcript["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["text"].as_str().unwrap().contains("bites"))
        .unwrap()
        .clone();
    assert_eq!(
        (&note["from"], &note["name"]),
        (&json!("note"), &json!("ann Quackenbush")),
        "{note}"
    );
    // The new owner answers, the former one is told once that nobody hears them.
    app.restart().await;
    app.agent("bob").say_in(&thread, "Hello from Bob").await;
    app.agent("ann").say_in(&thread, "one more thing").await;
    app.agent("ann").say_in(&thread, "and another").await;
    let texts = app.chat("kim").texts().join("\n");
    assert!(
        texts.contains("Hello from Bob")
            && !texts.contains("one more")
            && !texts.contains("another"),
        "{texts}"
    );
    let told = app
        .agent("ann")
        .texts_in(&thread)
        .iter()
        .filter(|text| text.contains("What you write here stays a note"))
        .count();
    assert_eq!(told, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_hand_and_a_take_over_at_once_leave_one_owner_and_nobody_untold() {
    let app = desk().await;
    let (ann, bob, cem) = (app.agent("ann"), app.agent("bob"), app.agent("cem"));
    let mut handed = 0;
    for round in 0..60 {
        // Nobody clicks that fast.
        app.steady.pass(1000);
        let guest = format!("guest{round}");
        let thread = desks::asks(&app, &guest).await;
        bob.say_in(&thread, "// here").await;
        ann.click_in(&thread, "Take", json!({})).await;
        let hand = ann.execute(&thread, "Hand to a colleague", &json!({ "colleague": "aad-bob" }));
        let over = cem.execute(&thread, "Take over", &json!({}));
        let (one, other) = if round % 2 == 0 { (&hand, &over) } else { (&over, &hand) };
        let (first, second) = tokio::join!(app.post(one), app.post(other));
        app.idle().await;
        let replies = [first.json(), second.json()];
        let told: Vec<&Value> = replies
            .iter()
            .filter(|reply| reply["type"].as_str().unwrap().ends_with("activity.message"))
            .collect();
        let session = desks::session(&app, &guest).await;
        let owner = session["metadata"]["Agent.Id"].as_str().unwrap();
        let name = match owner {
            "aad-bob" => "bob",
            "aad-cem" => "cem",
            other => panic!("{other} has it"),
        };
        handed += usize::from(owner == "aad-bob");
        let [told] = told[..] else { panic!("round {round}: {replies:#?}") };
        assert!(
            told["value"]
                .as_str()
                .unwrap()
                .starts_with(&format!("{name} Quackenbush has this chat now")),
            "{told}"
        );
        let joined =
            app.chat(&guest).texts().iter().filter(|text| text.contains("is here now")).count();
        assert_eq!(
            joined,
            2,
            "the first agent, and the one who goes on: {:?}",
            app.chat(&guest).texts()
        );
        // Either way the thread says who goes on.
        let texts = ann.texts_in(&thread).join("\n");
        assert!(
            texts.contains("has handed this chat to bob")
                != texts.contains("cem Quackenbush has taken over from ann"),
            "{texts}"
        );
        let takes = session["takes"].as_array().unwrap();
        assert_eq!(takes.iter().filter(|take| take["untilUtc"].is_null()).count(), 1, "{takes:#?}");
    }
    println!("60 rounds, one owner each; handed {handed} times");
    app.finish().await;
}

#[tokio::test]
async fn a_colleague_takes_over_from_one_who_is_ill_and_that_one_is_called() {
    let app = desk().await;
    let thread = desks::asks(&app, "kim").await;
    let (ann, bob) = (app.agent("ann"), app.agent("bob"));
    ann.click_in(&thread, "Take", json!({})).await;
    let own = ann.click_in(&thread, "Take over", json!({})).await;
    assert!(own["value"].as_str().unwrap().contains("yours already"), "{own}");
    bob.click_in(&thread, "Take over", json!({})).await;
    let posts = app.teams.activities(&thread);
    let post = posts.iter().rev().find(|post| post["entities"][0]["type"] == "mention").unwrap();
    assert_eq!(post["entities"][0]["mentioned"]["id"], "aad-ann", "{post}");
    assert!(
        app.chat("kim")
            .last()
            .contains("bob Quackenbush from IT is here now, in place of ann Quackenbush."),
        "{:?}",
        app.chat("kim").texts()
    );
    let session = desks::session(&app, "kim").await;
    assert_eq!(
        (&session["takes"][0]["how"], &session["metadata"]["Agent.Id"]),
        (&json!("taken_over"), &json!("aad-bob"))
    );
    assert_eq!(app.teams.threads(CHANNEL).len(), 1, "it stays one thread");
    app.finish().await;
}

/// Clicks "Hand to a colleague" on the card in an agent's chat that is about this guest.
fn hands(agent: &Chat<'_>, guest: &str, to: &str) -> Value {
    let question = format!("question of {guest}");
    let found = agent.sent().into_iter().rev().find_map(|sent| {
        let is_about = text_of(&sent.activity).contains(&question);
        is_about
            .then(|| {
                Some((
                    sent.id.clone(),
                    find_button(card_of(&sent.activity)?, "Hand to a colleague")?,
                ))
            })
            .flatten()
    });
    let (card, button) = found.unwrap();
    let mut data = button["data"].clone();
    data["colleague"] = json!(to);
    agent.execute_data(&card, json!({ "type": "Action.Execute", "title": "Hand to a colleague", "verb": "desk", "data": data }))
}

#[tokio::test]
async fn in_personal_chats_the_colleague_gets_the_card_and_the_open_words() {
    let mut app = legal(&["ann", "bob"]).await;
    personal_desks::asks(&app, "kim").await;
    takes(&app, &app.chat("ann"), "kim").await;
    app.chat("kim").say("is it *good*?").await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    let before = bob.sent().len();
    let hand = hands(&ann, "kim", "aad-bob");
    assert_eq!(app.post(&hand).await.status, 200);
    app.idle().await;
    let got: Vec<String> = bob.texts()[before..].to_vec();
    assert!(got[0].contains("[Give back]") && got[0].contains("question of kim"), "{got:?}");
    assert!(got[1].contains("hands you this chat") && got[2].contains("is it *good*?"), "{got:?}");
    assert!(ann.last().contains("has this chat now"), "{:?}", ann.texts());
    // No card of the former owner's does anything any more, nor of the colleague's earlier ones.
    assert!(
        !ann.texts().iter().any(|text| text.contains("[Give back]") || text.contains("[Take]")),
        "{:?}",
        ann.texts()
    );
    assert_eq!(bob.texts().iter().filter(|text| text.contains("[Give back]")).count(), 1);
    app.restart().await;
    let bob = app.chat("bob");
    bob.say("I read it now").await;
    assert!(app.chat("kim").last().contains("I read it now"));
    app.chat("kim").say("thank you").await;
    assert!(bob.last().contains("thank you"), "{:?}", bob.texts());
    assert!(!app.chat("ann").texts().join("\n").contains("thank you"));
    let session = personal_desks::session(&app, "kim").await;
    assert_eq!(
        (&session["metadata"]["Agent.Id"], &session["takes"][0]["how"]),
        (&json!("aad-bob"), &json!("handed"))
    );
    app.finish().await;
}

#[tokio::test]
async fn nobody_is_handed_more_chats_than_they_may_have() {
    let app = legal(&["ann", "bob"]).await;
    let (ann, bob) = (app.chat("ann"), app.chat("bob"));
    for guest in ["kim", "lee", "max"] {
        personal_desks::asks(&app, guest).await;
    }
    takes(&app, &bob, "max").await;
    for guest in ["kim", "lee"] {
        takes(&app, &ann, guest).await;
    }
    // One place is left, and both chats are handed to it at once.
    let (one, other) = (hands(&ann, "kim", "aad-bob"), hands(&ann, "lee", "aad-bob"));
    let (first, second) = tokio::join!(app.post(&one), app.post(&other));
    app.idle().await;
    let replies = [first.json(), second.json()];
    let refused: Vec<&Value> = replies
        .iter()
        .filter(|reply| reply["type"].as_str().unwrap().ends_with("activity.message"))
        .collect();
    let [refused] = refused[..] else { panic!("{replies:#?}") };
    assert!(
        refused["value"]
            .as_str()
            .unwrap()
            .contains("bob Quackenbush has as many chats as one may have"),
        "{refused}"
    );
    let mut owners = Vec::new();
    for guest in ["kim", "lee", "max"] {
        owners.push(
            personal_desks::session(&app, guest).await["metadata"]["Agent.Id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    owners.sort();
    assert_eq!(owners, ["aad-ann", "aad-bob", "aad-bob"]);
    // Refused again, and nothing was changed: the guest who stayed is still heard by Ann.
    let stayed = if personal_desks::session(&app, "kim").await["metadata"]["Agent.Id"] == "aad-ann"
    {
        "kim"
    } else {
        "lee"
    };
    app.chat(stayed).say("still with me?").await;
    assert!(ann.last().contains("still with me?"), "{:?}", ann.texts());
    assert!(!app.chat(stayed).texts().join("\n").contains("has handed this chat"));
    app.finish().await;
}

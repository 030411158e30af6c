//! Cards: what they become, what they survive, what the checker says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::{
    cards::{self, ButtonKind, CardError, Cards},
    model::{Above, Body, Card, TenantId, Token, Withheld, Words, words::clean},
    source::{Files, Problem},
};

#[path = "cards/contrast.rs"]
mod contrast;

fn files(entries: &[(&str, &str)]) -> Files {
    entries.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn built_in() -> Cards {
    let (cards, problems) = Cards::load(&Files::new());
    assert!(problems.is_empty(), "{problems:#?}");
    cards
}

fn it() -> TenantId {
    TenantId::from("it")
}

fn token() -> Token {
    Token {
        session: None,
        stage: "topic".to_owned(),
        version: "v1".to_owned(),
        nonce: "n1".to_owned(),
    }
}

fn card(template: &str, data: Value) -> Card {
    Card {
        template: template.to_owned(),
        tenant: it(),
        locale: "en-US".to_owned(),
        data,
        private: Withheld::default(),
        token: Some(token()),
        summary: Words::own("What it says"),
        above: Vec::new(),
        moves: false,
    }
}

/// A company with one card of its own.
fn company(template: &str) -> (Cards, Vec<Problem>) {
    Cards::load(&files(&[("cards/own.json.hbs", template)]))
}

/// A card around some body.
fn with_body(body: &str) -> String {
    format!(
        "{{\n  \"type\": \"AdaptiveCard\",\n  \"version\": \"1.5\",\n  \"body\": [\n{body}\n  ]\n}}"
    )
}

fn render(body: &str, data: Value) -> Result<Value, CardError> {
    render_as(
        body,
        json!({ "text": "t", "url": "https://contoso.com", "words": { "undo": "Back" }, "undo": false }),
        data,
    )
}

fn render_as(body: &str, sample: Value, data: Value) -> Result<Value, CardError> {
    let (template, sample) = (with_body(body), sample.to_string());
    let (cards, problems) = Cards::load(&files(&[
        ("cards/own.json.hbs", &template),
        ("cards/samples/own.json", &sample),
    ]));
    assert!(problems.iter().all(|problem| problem.warning), "{problems:#?}");
    cards.render(&card("own", data)).map(|rendered| rendered.content)
}

fn told(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let kind = if problem.warning { "warning" } else { "error" };
        format!("{kind} {}: {} [{}]", problem.place, problem.message, problem.help)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

// ---- built-in cards ----

const NAMES: [&str; 17] = [
    "answered",
    "ask",
    "brief",
    "closed",
    "confirm",
    "ended",
    "error",
    "faq",
    "help",
    "left",
    "menu",
    "survey",
    "taken",
    "transcript",
    "transferred",
    "waiting",
    "welcome",
];

/// What the core may hand over beside the samples: the other looks of a card.
fn looks(cards: &Cards) -> Vec<(&'static str, Value)> {
    let mut looks: Vec<(&str, Value)> =
        NAMES.map(|name| (name, cards.sample(&it(), name, "en").unwrap())).into();
    let with = |name: &str, changes: Value| {
        let mut data = cards.sample(&it(), name, "en").unwrap();
        for (key, value) in changes.as_object().unwrap() {
            data[key] = value.clone();
        }
        data
    };
    let many: Vec<Value> =
        (0..9).map(|n| json!({ "title": format!("Choice {n}"), "value": n.to_string() })).collect();
    looks.push((
        "menu",
        with("menu", json!({ "notice": "Please choose one.", "compact": true, "rows": many, "choices": many })),
    ));
    looks.push((
        "welcome",
        with(
            "welcome",
            json!({ "text": "Welcome!", "departments": [], "choices": [], "rows": [], "ways": [] }),
        ),
    ));
    looks.push((
        "transferred",
        with(
            "transferred",
            json!({ "text": "", "reason": "", "taken": "", "undo": false, "until": "" }),
        ),
    ));
    looks.push((
        "ask",
        with(
            "ask",
            json!({ "notice": "One answer does not fit.", "text": "", "Session": { "Ref": "" } }),
        ),
    ));
    looks.push((
        "brief",
        with("brief", json!({ "offered": true, "owned": false, "facts": [], "choices": [] })),
    ));
    looks.push(("brief", with("brief", json!({ "offered": false, "owned": true }))));
    looks.push(("transcript", with("transcript", json!({ "lines": [], "page": "" }))));
    looks.push(("help", with("help", json!({ "lines": [] }))));
    let words = json!({ "more": "", "add": "", "withdraw": "" });
    looks.push(("left", with("left", json!({ "live": false, "how": "", "words": words }))));
    looks
}

#[test]
fn every_built_in_card_is_there_and_sound() {
    let cards = built_in();
    assert_eq!(cards.names(&it()), NAMES);
    for (at, (name, data)) in looks(&cards).into_iter().enumerate() {
        let rendered = cards.render(&card(name, data)).unwrap();
        assert_eq!(cards::check(&rendered.content), [], "{name}");
        assert!(rendered.size < 6_000, "{name}: {}", rendered.size);
        assert_eq!(rendered.size, rendered.content.to_string().len());
        assert_eq!(rendered.content["version"], "1.5");
        assert_eq!(rendered.content["fallbackText"], "What it says");
        // For the official schema and the renderer, by hand.
        if let Ok(folder) = std::env::var("CARDS_OUT") {
            std::fs::write(format!("{folder}/{at:02}-{name}.json"), rendered.content.to_string())
                .unwrap();
        }
    }
}

#[test]
fn a_form_says_what_is_wrong_once() {
    let cards = built_in();
    let said = |beside: bool| {
        let mut data = cards.sample(&it(), "ask", "en").unwrap();
        data["notice"] = json!("At most 10, please.");
        data["beside"] = json!(beside);
        data["fields"][3]["error"] = json!(if beside { "At most 10, please." } else { "" });
        let drawn = cards::draw(&cards.render(&card("ask", data)).unwrap().content);
        let lines: Vec<usize> = drawn
            .lines()
            .enumerate()
            .filter(|(_, line)| *line == "At most 10, please.")
            .map(|(at, _)| at)
            .collect();
        let field = drawn.lines().position(|line| line.starts_with("[How many")).unwrap();
        (lines.len(), lines[0] + 1 == field)
    };
    assert_eq!(said(true), (1, true), "beside the field");
    assert_eq!(said(false), (1, false), "above, when no field says it");
}

#[test]
fn words_that_are_empty_are_as_if_missing() {
    let cards = built_in();
    let mut data = cards.sample(&it(), "menu", "en").unwrap();
    data["notice"] = Words::default().variable().into();
    data["text"] = Words::typed("").variable().into();
    let content = cards.render(&card("menu", data)).unwrap().content;
    assert_eq!(content["body"][1]["type"], "ColumnSet");
}

#[test]
fn the_form_has_the_right_inputs() {
    let cards = built_in();
    let content =
        cards.render(&card("ask", cards.sample(&it(), "ask", "en").unwrap())).unwrap().content;
    let kinds: Vec<_> = cards::inputs(&content)
        .into_iter()
        .map(|input| (input.id, input.kind, input.value, input.required))
        .collect();
    let expected = [
        ("model", "ChoiceSet", "Air", true),
        ("from", "Date", "", true),
        ("at", "Time", "09:30", false),
        ("count", "Number", "12", true),
        ("mail", "Text", "adele@contoso.com", true),
        ("why", "Text", "", false),
        ("urgent", "Toggle", "false", false),
    ];
    assert_eq!(
        kinds,
        expected.map(|(id, kind, value, required)| (
            id.to_owned(),
            kind.to_owned(),
            value.to_owned(),
            required
        ))
    );
    let number = content["body"]
        .as_array()
        .unwrap()
        .iter()
        .find(|element| element["id"] == "count")
        .unwrap();
    assert_eq!(
        (&number["value"], &number["min"], &number["max"]),
        (&json!(12), &json!(1), &json!(10))
    );
    let why =
        content["body"].as_array().unwrap().iter().find(|element| element["id"] == "why").unwrap();
    assert_eq!((&why["isMultiline"], &why["maxLength"]), (&json!(true), &json!(400)));
}

// ---- several in one ----

/// The transfer's card and a message above a card.
fn joined(below: Card) -> Card {
    let cards = built_in();
    let mut moved = card("transferred", cards.sample(&it(), "transferred", "en").unwrap());
    moved.token = Some(Token { nonce: "undo".to_owned(), ..token() });
    let above = [Body::Card(Box::new(moved)), Body::Text(Words::typed("*Hello*"))];
    let part = |says| Above { session: None, says };
    Card { above: above.map(part).into(), ..below }
}

#[test]
fn parts_of_one_card_keep_their_own_buttons() {
    let cards = built_in();
    let menu = card("menu", cards.sample(&it(), "menu", "en").unwrap());
    let rendered = cards.render(&joined(menu)).unwrap();
    assert_eq!(cards::check(&rendered.content), []);
    assert!(rendered.size < 20_000, "{}", rendered.size);
    let buttons: Vec<(String, String)> = cards::buttons(&rendered.content)
        .into_iter()
        .map(|button| {
            (button.title, button.data["switchboard"]["nonce"].as_str().unwrap().to_owned())
        })
        .collect();
    let is = |title: &str, nonce: &str| (title.to_owned(), nonce.to_owned());
    let menu =
        ["Password", "New laptop", "Printer", "Something for HR"].map(|title| is(title, "n1"));
    assert_eq!(buttons[..4], menu);
    assert_eq!(buttons[4..], [is("Back to IT Service Desk", "undo")]);
    let drawn = cards::draw(&rendered.content);
    assert!(
        drawn.starts_with("👥 HR · HR-4822\n") && drawn.contains("\n*Hello*\nWhat is it about?"),
        "{drawn}"
    );
    assert_eq!(drawn.matches("IT-4821").count(), 0, "one header: {drawn}");
    let said = "You are now with HR.";
    assert_eq!(
        rendered.content["fallbackText"].as_str().unwrap().split("\n\n").count(),
        3,
        "{said}"
    );
}

#[test]
fn the_way_back_does_not_wait_for_a_form_beside_it() {
    let cards = built_in();
    let form = card("ask", cards.sample(&it(), "ask", "en").unwrap());
    let content = cards.render(&joined(form)).unwrap().content;
    let text = content.to_string();
    // Teams asks for what a button's inputs lack before it sends anything.
    let undo = text.split("\"verb\":\"undo\"").nth(1).unwrap();
    assert!(undo.split("\"fallback\"").next().unwrap().contains("\"associatedInputs\":\"none\""));
    let actions =
        content["body"].as_array().unwrap().iter().filter(|item| item["type"] == "ActionSet");
    assert_eq!(actions.count(), 1, "Send stands above the way back");
    assert!(content.get("actions").is_none());
}

// ---- what people type ----

fn nasty() -> Vec<String> {
    let mut nasty: Vec<String> = [
        "\"",
        "\\",
        "\\\"",
        "a\nb\r\nc\td",
        "\u{0}\u{1}\u{1f}\u{7f}\u{85}",
        "{{Guest.Name}}",
        "{{{x}}}",
        "{{#if x}}",
        "}}",
        "\\{{x}}",
        "\",\"type\":\"Action.OpenUrl\",\"url\":\"https://evil.example",
        "\"}],\"actions\":[{\"type\":\"Action.OpenUrl\",\"title\":\"x\",\"url\":\"https://evil.example\"}],\"z\":[{\"a\":\"",
        "😀👩‍👩‍👧‍👦🇩🇪",
        "שלום עולם \u{202e}abc\u{202c}",
        "line\u{2028}para\u{2029}",
        "a\u{FDD0}b\u{FDD1}c\u{FDD2}d\u{FDD3}9\u{FDD4}",
        "**bold** _it_ `code` [x](https://evil.example) ~~no~~",
        "# heading\n- item\n> quote\n+ more",
        "javascript:alert(1)",
        ",,,]}{[",
        "<at>everyone</at> &amp; <script>",
        "null",
        "true",
        "[1,2]",
        "{\"type\":\"Image\"}",
        "ﷺ\u{feff}\u{200b}",
    ]
    .map(str::to_owned)
    .into();
    nasty.push("long ".repeat(60));
    nasty
}

/// Replaces every text that the core hands over, but those that decide what an element is.
fn replace(value: &mut Value, key: &str, with: &str) {
    match value {
        Value::String(text) if key != "type" => *text = with.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key, with)),
        Value::Object(map) => map.iter_mut().for_each(|(key, item)| replace(item, key, with)),
        _ => {}
    }
}

/// What Markdown shows: without what keeps typed characters from being markup.
fn plain_of_markdown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let named = [("&lt;", "<"), ("&amp;", "&")].iter().find(|(name, _)| rest.starts_with(name));
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
        let (shown, length) = match (named, escaped) {
            (Some((name, shown)), _) => (*shown, name.len()),
            (None, Some(next)) if next.is_ascii_punctuation() => (&rest[1..2], 2),
            _ => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        out.push_str(shown);
        rest = &rest[length..];
    }
    out
}

/// The same text whichever way its lines are broken and its blanks are written.
fn blanks(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
        .replace('\t', "    ")
        .replace('\u{a0}', " ")
        .split('\n')
        .map(|line| line.trim_end_matches(' '))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Both cards have the same structure, and where one says the word, the other says the text
/// exactly.
fn same(harmless: &Value, other: &Value, word: &str, text: &str, at: &str) {
    match (harmless, other) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{at}");
            for (key, value) in a {
                let markdown = match (a.get("type").and_then(Value::as_str), key.as_str()) {
                    (Some("TextBlock"), "text") => true,
                    (None, "title" | "value") => at.contains("/facts/"),
                    _ => false,
                };
                let (shown, expected) =
                    (&b[key], value.as_str().map(|value| value.replace(word, text)));
                match (markdown, shown.as_str(), expected) {
                    (true, Some(shown), Some(expected)) => {
                        assert_eq!(
                            blanks(&plain_of_markdown(shown)),
                            blanks(&expected),
                            "{at}/{key}"
                        )
                    }
                    _ => same(value, shown, word, text, &format!("{at}/{key}")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter()
                .zip(b)
                .enumerate()
                .for_each(|(n, (a, b))| same(a, b, word, text, &format!("{at}/{n}")));
        }
        (Value::String(a), Value::String(b)) => assert_eq!(*b, a.replace(word, text), "{at}"),
        (a, b) => assert_eq!(a, b, "{at}"),
    }
}

#[test]
fn nothing_that_a_person_types_changes_a_built_in_card() {
    let cards = built_in();
    for (name, data) in looks(&cards) {
        let show = |with: &str| {
            let mut data = data.clone();
            replace(&mut data, "", with);
            cards
                .render(&card(name, data))
                .unwrap_or_else(|error| panic!("{name} with {with:?}: {error}"))
                .content
        };
        let harmless = show("zqx");
        for text in nasty() {
            same(&harmless, &show(&text), "zqx", &clean(&text), name);
        }
    }
}

#[test]
fn words_with_a_persons_part_keep_their_own_markup_only() {
    let body = r#"{ "type": "TextBlock", "text": "{{text}}" }, { "type": "TextBlock", "text": "Hi **{{Guest.Name}}**" },
        { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": "{{Guest.Name}}" }] },
        { "type": "FactSet", "facts": [{ "title": "{{text}}", "value": "{{Guest.Name}}" }] }"#;
    let words = Words::own("**Hello** ").then(&Words::typed("*x*"));
    // A mark that a person typed into the scope is not taken for ours.
    let data = json!({ "text": words.variable(), "Guest": { "Name": "\u{FDD2}*Ann*" } });
    let content = render(body, data).unwrap();
    assert_eq!(content["body"][0]["text"], "**Hello** \n\n\\*x\\*");
    assert_eq!(content["body"][1]["text"], "Hi **\u{FFFD}\\*Ann\\***");
    assert_eq!(content["body"][2]["inlines"][0]["text"], "\u{FFFD}*Ann*");
    assert_eq!(
        content["body"][3]["facts"][0],
        json!({ "title": "**Hello** \n\n\\*x\\*", "value": "\u{FFFD}\\*Ann\\*" })
    );
}

#[test]
fn a_list_written_as_text_is_a_value_too() {
    let words = Words::own("**w**").then(&Words::typed("_t_")).variable();
    let content =
        render(r#"{ "type": "TextBlock", "text": "{{text}}" }"#, json!({ "text": [words, "*x*"] }))
            .unwrap();
    assert_eq!(content["body"][0]["text"], "\\[\\*\\*w\\*\\*\n\n\\_t\\_, \\*x\\*\\]");
}

#[test]
fn long_texts_are_cut_where_shown_and_kept_where_sent() {
    let body = r#"{ "type": "TextBlock", "text": "Before {{Data.a}} after" },
        { "type": "Input.Text", "id": "a", "label": "A", "value": "{{Data.a}}" },
        { "type": "ActionSet", "actions": [{ "type": "Action.Submit", "title": "{{Data.a}}", "data": { "a": "{{Data.a}}" } }] }"#;
    let long = "ä".repeat(10_000);
    let content = render(body, json!({ "Data": { "a": long } })).unwrap();
    let cut = format!("{}…", "ä".repeat(4_000));
    assert_eq!(content["body"][0]["text"], format!("Before {cut} after"));
    assert_eq!(content["body"][1]["value"], long);
    assert_eq!(content["body"][2]["actions"][0]["title"], cut);
    assert_eq!(content["body"][2]["actions"][0]["data"]["a"], long);
    // Where that is not enough, shorter.
    let longer = "b".repeat(90_000);
    let many = r#"{ "type": "Input.Text", "id": "a", "label": "A", "value": "{{Data.a}}" }"#;
    let content = render(many, json!({ "Data": { "a": longer } })).unwrap();
    assert_eq!(content["body"][0]["value"].as_str().unwrap().chars().count(), 401);
}

#[test]
fn what_a_card_has_no_room_for_is_said_behind_it() {
    let body = r#"{ "type": "TextBlock", "text": "{{text}} {{Data.a}}" },
        { "type": "FactSet", "facts": [{ "title": "Note", "value": "{{Data.a}}" }] }"#;
    let typed = format!("{}{}", "a".repeat(4_000), "*b*".repeat(100));
    let own = format!("**{}**", "word ".repeat(16_000).trim());
    let data = json!({ "text": Words::own(own.as_str()).variable(), "Data": { "a": typed } });
    let cards = Cards::load(&files(&[("cards/own.json.hbs", &with_body(body))])).0;
    let rendered = cards.render(&card("own", data)).unwrap();
    assert!(rendered.content.to_string().encode_utf16().count() * 2 <= 76_000);
    let shown = rendered.content["body"][0]["text"].as_str().unwrap();
    assert!(shown.starts_with("**word word") && shown.ends_with("word**…"), "{shown}");
    // Cut to 400 characters.
    let fact = rendered.content["body"][1]["facts"][0]["value"].as_str().unwrap();
    assert_eq!(fact, format!("{}…", "a".repeat(400)));
    let all: String = rendered.rest.concat();
    assert_eq!(shown.matches("word").count() + all.matches("word").count(), 16_000);
    assert!(all.contains("… **word word"), "{}", &all[..100]);
    let note = rendered.rest.last().unwrap();
    assert_eq!(*note, format!("Note: … {}{}", "a".repeat(3_600), r"\*b\*".repeat(100)));
}

#[test]
fn a_card_above_the_wall_is_an_error_with_a_reason() {
    let body = r#"{{#each list}}{ "type": "TextBlock", "text": "{{this}}" },{{/each}}"#;
    let cards = Cards::load(&files(&[("cards/own.json.hbs", &with_body(body))])).0;
    let list: Vec<String> = (0..1_000).map(|n| format!("{n} {}", "w".repeat(200))).collect();
    let error = cards.render(&card("own", json!({ "list": list }))).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("bytes, and Teams shows none above 76000"), "{told}");
    assert!(!told.contains("www"), "{told}");
    // Nothing of it is lost.
    let switchboard::cards::CardError::TooLarge { words, .. } = error else { panic!("{told}") };
    assert!(list.iter().all(|line| words.contains(line.as_str())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_anywhere(text in "\\PC*|[\\x00-\\x{ffff}]{0,30}|[\"\\\\,:{}\\[\\] \\n]{0,12}") {
        thread_local! {
            static CARDS: Cards = Cards::load(&files(&[("cards/own.json.hbs", &with_body(r#"
                { "type": "TextBlock", "text": "{{Guest.Name}}" },
                { "type": "TextBlock", "text": "a{{Guest.Name}}b{{Guest.Name}}" },
                { "type": "Input.Text", "id": "{{Data.id}}", "label": "{{Guest.Name}}", "value": {{json Guest.Name}} },
                {{#each Data.list}} { "type": "TextBlock", "text": "{{this}}", "size": "Small", }, {{/each}}
                { "type": "ActionSet", "actions": [{ "type": "Action.Submit", "title": "t", "data": {{json Data.object}} }] }"#)),
                ("cards/samples/own.json", r#"{ "Data": { "object": {} } }"#)])).0;
        }
        let make = |text: &str| {
            let data = json!({ "Guest": { "Name": text }, "Data": { "id": text, "list": [text, text], "object": { "k": [text, { "a": 1.5 }] } } });
            CARDS.with(|cards| cards.render(&card("own", data))).unwrap().content
        };
        same(&make("zqx"), &make(&text), "zqx", &clean(&text), "");
    }
}

#[test]
fn json_inside_quotes_or_values_outside_never_become_structure() {
    // The checker refuses such templates; here they are rendered with what an attacker would send.
    for (body, value) in [
        (
            r#"{ "type": "TextBlock", "text": "{{json Data.x}}" }"#,
            json!(",\"type\":\"Image\",\"z\":\""),
        ),
        (r#"{ "type": "TextBlock", "text": "{{json Data.x}}" }"#, json!({ ",": 1, ":": "," })),
        (r#"{ "type": "TextBlock", "text": "{{json Data.x}}" }"#, json!(["a", ",", "b"])),
        (
            r#"{ "type": "TextBlock", "text": "t", "maxLines": {{Data.x}} }"#,
            json!("1,\"type\":\"Image\""),
        ),
        (r#"{ "type": "TextBlock", "text": "t", "maxLines": {{Data.x}} }"#, json!("1")),
        (r#"{ "type": "TextBlock", "text": "t", "maxLines": {{Data.x}} }"#, json!("\u{FDD2}1")),
        (r#"{ "type": "TextBlock", "text": "t", "{{Data.x}}": 1 }"#, json!("type")),
        (r#"{ "type": "{{Data.x}}", "text": "t" }"#, json!("Image")),
        (
            r#"{{json Data.x}}"#,
            json!({ "type": "ActionSet", "actions": [{ "type": "Action.OpenUrl", "title": "x", "url": "https://evil.example" }] }),
        ),
    ] {
        let sample = json!({ "Data": { "x": value } }).to_string();
        let template = with_body(body);
        let (cards, problems) = Cards::load(&files(&[
            ("cards/own.json.hbs", &template),
            ("cards/samples/own.json", &sample),
        ]));
        assert!(problems.iter().any(|problem| !problem.warning), "{body}: {}", told(&problems));
        assert!(!cards.has(&it(), "own"));
    }
}

#[test]
fn addresses_that_are_no_links_lose_their_button() {
    let body = r#"{ "type": "ActionSet", "actions": [{ "type": "Action.OpenUrl", "title": "Open", "url": "{{url}}" }] }, { "type": "TextBlock", "text": "t" }"#;
    let template = with_body(body);
    let (cards, problems) = Cards::load(&files(&[
        ("cards/own.json.hbs", &template),
        ("cards/samples/own.json", r#"{ "url": "https://contoso.com" }"#),
    ]));
    assert_eq!(told(&problems), "");
    let show = |url: &str| cards.render(&card("own", json!({ "url": url }))).unwrap().content;
    assert_eq!(
        show("https://contoso.com/a?b=c")["body"][0]["actions"][0]["url"],
        "https://contoso.com/a?b=c"
    );
    for url in ["javascript:alert(1)", "http://contoso.com", " https://x", "msteams:x", ""] {
        assert_eq!(show(url)["body"][0]["type"], "TextBlock", "{url}");
    }
}

// ---- buttons ----

#[test]
fn buttons_carry_the_token_and_a_fallback() {
    let template = r#"{ "type": "AdaptiveCard", "version": "1.5", "body": [
        { "type": "Container", "items": [{ "type": "TextBlock", "text": "x" }], "selectAction": { "type": "Action.Submit", "title": "s" } },
        { "type": "ActionSet", "actions": [{ "type": "Action.Execute", "title": "e", "id": "e1", "style": "positive", "data": { "type": "Action.Submit", "n": null } }] } ],
      "actions": [
        { "type": "Action.ShowCard", "title": "more", "card": { "type": "AdaptiveCard", "actions": [{ "type": "Action.Submit", "title": "inner" }] } },
        { "type": "Action.Execute", "title": "own", "verb": "v", "fallback": { "type": "Action.Submit", "title": "old", "data": { "a": 1 } } },
        { "type": "Action.OpenUrl", "title": "open", "url": "https://contoso.com" } ] }"#;
    let (cards, problems) = company(template);
    assert_eq!(told(&problems), "");
    let content = cards.render(&card("own", json!({}))).unwrap().content;
    let secret = json!({ "stage": "topic", "version": "v1", "nonce": "n1" });
    assert_eq!(content["body"][0]["selectAction"]["data"]["switchboard"], secret);
    let execute = &content["body"][1]["actions"][0];
    assert_eq!(execute["verb"], "answer");
    assert_eq!(
        execute["data"],
        json!({ "type": "Action.Submit", "n": null, "switchboard": secret })
    );
    let older = json!({ "type": "Action.Submit", "title": "e", "style": "positive", "data": execute["data"] });
    assert_eq!(execute["fallback"], older);
    assert_eq!(content["actions"][0]["card"]["actions"][0]["data"]["switchboard"], secret);
    assert_eq!(content["actions"][1]["verb"], "v");
    assert_eq!(
        content["actions"][1]["fallback"],
        json!({ "type": "Action.Submit", "title": "old", "data": { "a": 1, "switchboard": secret } })
    );
    assert_eq!(content["actions"][2].get("data"), None);
    let buttons = cards::buttons(&content);
    let titles: Vec<&str> = buttons.iter().map(|button| button.title.as_str()).collect();
    assert_eq!(titles, ["s", "e", "more", "inner", "own", "open"]);
    assert_eq!(buttons[1].kind, ButtonKind::Execute("answer".to_owned()));
    assert_eq!(buttons[5].kind, ButtonKind::Open("https://contoso.com".to_owned()));

    // A card that asks nothing has no live buttons.
    let quiet = cards.render(&Card { token: None, ..card("own", json!({})) }).unwrap().content;
    let titles: Vec<String> =
        cards::buttons(&quiet).into_iter().map(|button| button.title).collect();
    assert_eq!(titles, ["more", "open"]);
    assert_eq!(quiet["body"].as_array().unwrap().len(), 1);
    assert!(quiet["body"][0].get("selectAction").is_none());
}

#[test]
fn the_way_back_is_added_where_a_template_forgot_it() {
    let data = json!({ "undo": true, "words": { "undo": "Back to IT" } });
    let body = r#"{ "type": "TextBlock", "text": "Moved" }"#;
    let content = render(body, data.clone()).unwrap();
    let button = &cards::buttons(&content)[0];
    assert_eq!(
        (button.title.as_str(), &button.kind),
        ("Back to IT", &ButtonKind::Execute("undo".to_owned()))
    );
    assert_eq!(button.data["undo"], true);
    let cards = built_in();
    let transferred = cards
        .render(&card("transferred", cards.sample(&it(), "transferred", "en").unwrap()))
        .unwrap()
        .content;
    assert_eq!(cards::buttons(&transferred).len(), 1);
    assert!(
        cards::buttons(
            &render(body, json!({ "undo": false, "words": { "undo": "Back" } })).unwrap()
        )
        .is_empty()
    );
}

#[test]
fn commas_too_many_and_missing_values_do_not_matter() {
    let body = r#", { "type": "TextBlock", "text": "a,,]}", "maxLines": {{json Data.none}}, },,
        {{#if Data.no}} { "type": "TextBlock", "text": "no" }, {{/if}}
        {{#each Data.list}} { "type": "TextBlock", "text": "{{this}},\"," , }, {{/each}} , "#;
    let data = json!({ "Data": { "none": null, "no": false, "list": ["x", "y"] } });
    let content = render_as(body, data.clone(), data).unwrap();
    let texts: Vec<&str> = content["body"]
        .as_array()
        .unwrap()
        .iter()
        .map(|element| element["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["a,,]}", "x,\",", "y,\","]);
    assert!(content["body"][0].get("maxLines").is_none());
}

#[test]
fn fallback_text_of_the_template_wins() {
    let (cards, _) = company(
        r#"{ "type": "AdaptiveCard", "version": "1.2", "fallbackText": "Own {{text}}", "body": [] }"#,
    );
    let content = cards.render(&card("own", json!({ "text": "*x*" }))).unwrap().content;
    assert_eq!(content["fallbackText"], "Own *x*");
    assert_eq!(content["$schema"], "http://adaptivecards.io/schemas/adaptive-card.json");
}

// ---- look-up ----

#[test]
fn the_nearest_folder_wins_and_in_it_the_nearest_language() {
    let text = |text: &str| with_body(&format!(r#"{{ "type": "TextBlock", "text": "{text}" }}"#));
    let company = files(&[
        ("cards/menu.json.hbs", &text("company")),
        ("cards/menu.de.json.hbs", &text("company de")),
        ("cards/news.fr.json.hbs", &text("news fr")),
        ("cards/news.json.hbs", &text("news")),
        ("cards/notice.json.hbs", &text("notice")),
        ("cards/notice.no.json.hbs", &text("notice no")),
        ("cards/notice.zh-Hant.json.hbs", &text("notice zh-Hant")),
        ("cards/notice.en-GB.json.hbs", &text("notice en-GB")),
        ("tenants/it/cards/menu.json.hbs", &text("it")),
        ("tenants/it/cards/menu.de-AT.json.hbs", &text("it de-AT")),
        ("tenants/it/cards/menu.fr.json.hbs", &text("it fr")),
        ("tenants/it/cards/news.de.json.hbs", &text("it news de")),
    ]);
    let (cards, problems) = Cards::load(&company);
    assert_eq!(told(&problems), "");
    let said = |tenant: &str, name: &str, locale: &str| {
        let data = cards.sample(&TenantId::from(tenant), name, locale).unwrap();
        let card =
            Card { tenant: TenantId::from(tenant), locale: locale.to_owned(), ..card(name, data) };
        cards::draw(&cards.render(&card).unwrap().content).lines().next().unwrap().to_owned()
    };
    for (tenant, name, locale, expected) in [
        ("it", "menu", "en-US", "it"),
        ("it", "menu", "de-DE", "it"),
        ("it", "menu", "de-AT", "it de-AT"),
        ("it", "menu", "DE-at", "it de-AT"),
        ("it", "menu", "fr-CA", "it fr"),
        ("it", "menu", "", "it"),
        ("hr", "menu", "de_DE", "company de"),
        ("hr", "menu", "en", "company"),
        ("it", "news", "de", "it news de"),
        ("it", "news", "fr-FR", "news fr"),
        ("it", "news", "en", "news"),
        ("it", "notice", "nb-NO", "notice no"),
        ("it", "notice", "zh-TW", "notice zh-Hant"),
        ("it", "notice", "en-AU", "notice en-GB"),
        ("it", "notice", "en-US", "notice"),
        ("hr", "ended", "en", "💻 IT Service Desk · IT-4821"),
    ] {
        assert_eq!(said(tenant, name, locale), expected, "{tenant} {name} {locale}");
    }
    assert!(cards.has(&it(), "news") && cards.has(&it(), "ask") && !cards.has(&it(), "nothing"));
    assert!(
        matches!(cards.render(&card("nothing", json!({}))), Err(CardError::Unknown(name)) if name == "nothing")
    );
}

#[test]
fn file_names_and_languages_are_checked() {
    let sound = with_body("");
    let (_, problems) = Cards::load(&files(&[
        ("cards/Bad Name.json.hbs", &sound),
        ("cards/x.german.json.hbs", &sound),
        ("cards/only.de.json.hbs", &sound),
        ("cards/welcome.json", "{}"),
        ("cards/samples/y.json", "{ \"a\": }"),
        ("cards/README.md", "{{{fine}}}"),
    ]));
    let told = told(&problems);
    for expected in [
        "error cards/Bad Name.json.hbs:1:1: `Bad Name.json.hbs` is no name of a card",
        "error cards/x.german.json.hbs:1:1: `x.german.json.hbs` is no name of a card",
        "error cards/only.de.json.hbs:1:1: the card `only` has no form for guests of other languages [add `cards/only.json.hbs`]",
        "warning cards/welcome.json:1:1: `welcome.json` is not read",
        "error cards/samples/y.json:1:8: the sample is not JSON: expected value",
    ] {
        assert!(told.contains(expected), "{expected}\n\n{told}");
    }
    assert_eq!(problems.len(), 5, "{told}");
}

// ---- what the checker says ----

#[test]
fn tags_are_checked_with_their_place() {
    for (body, expected) in [
        ("\"{{{x}}}\"", "5:2: `{{{x}}}` would write a value without escaping it"),
        ("\"{{&x}}\"", "5:2: `{{&x}}` would write a value without escaping it"),
        ("\"{{~{x}~}}\"", "5:2: `{{~{x}~}}` would write a value without escaping it"),
        ("  {{> part}}", "5:3: `{{> part}}`: cards have no partials"),
        ("{{#> part}}{{/part}}", "5:1: `{{#> part}}`: cards have no partials"),
        ("{{#*inline \"a\"}}{{/inline}}", "5:1: `{{#*inline \"a\"}}`: cards have no decorators"),
        ("{{* deco}}", "5:1: `{{* deco}}`: cards have no decorators"),
        (
            "{{{{raw}}}} {{x}} {{{{/raw}}}}",
            "5:1: `{{{{raw}}}}` would write a value without escaping it",
        ),
        ("\n{{#if text}}\n{ }", "6:1: `{{#if text}}` is never closed [write `{{/if}}`"),
        (
            "{{#if text}}\n{{#each choices}}\n{{/if}}",
            "7:1: `{{/if}}` stands where `{{/each}}` is due: line 6 opened `{{#each}}`",
        ),
        ("{{/if}}", "5:1: `{{/if}}` closes a block that was never opened"),
        ("{{else}}", "5:1: `{{else}}` stands outside of every block"),
        ("\"{{text\"", "5:2: `{{text\"` is never closed"),
        ("\"{{text}\" }", "5:2: `{{text}\" }` is never closed"),
        ("\"{{te xt!}}\"", "5:2: `{{te xt!}}` is not a Handlebars tag"),
        ("\"{{upper text}}\"", "5:2: there is no helper `upper` [use one of: if, unless"),
        ("{{#unles text}}{{/unles}}", "(did you mean `unless`?)"),
        ("\"{{log text}}\"", "there is no helper `log`"),
        ("{{#if (raw text)}}{{/if}}", "there is no helper `raw`"),
    ] {
        let (cards, problems) = company(&with_body(body));
        let told = told(&problems);
        assert!(told.contains(expected), "{body}: expected {expected}\n{told}");
        assert!(!cards.has(&it(), "own"), "{body}");
    }
    // Text that only looks like a tag.
    let content = render(
        r#"{{!-- {{{no}}} --}} {{! {{#if }} { "type": "TextBlock", "text": "\{{x}} {{Guest.Name}}" }"#,
        json!({ "Guest": { "Name": "A" }, "x": "v" }),
    );
    assert_eq!(content.unwrap()["body"][0]["text"], "{{x}} A");
}

#[test]
fn missing_variables_are_named() {
    let sample = ("cards/samples/own.json", r#"{ "text": "t" }"#);
    let template = with_body("{ \"type\": \"TextBlock\",\n  \"text\": \"{{Guest.Nmae}}\" }");
    let (_, problems) = Cards::load(&files(&[("cards/own.json.hbs", &template), sample]));
    assert!(
        told(&problems).starts_with("error cards/own.json.hbs:6:12: `Guest.Nmae` has no value"),
        "{}",
        told(&problems)
    );
    let template = with_body("{ \"type\": \"TextBlock\", \"text\": {{json other}} }");
    let (_, problems) = Cards::load(&files(&[("cards/own.json.hbs", &template), sample]));
    assert!(told(&problems).contains("`other` has no value"), "{}", told(&problems));
    // Every key of `Data` is there while the checker renders; whether a stage sets it, the
    // pipelines know.
    let template = with_body("{ \"type\": \"TextBlock\", \"text\": \"{{Data.topic}}\" }");
    assert_eq!(told(&Cards::load(&files(&[("cards/own.json.hbs", &template), sample])).1), "");
    // At run time too.
    let error =
        render(r#"{ "type": "TextBlock", "text": "{{Data.topic}}" }"#, json!({ "Data": {} }))
            .unwrap_err()
            .to_string();
    assert!(
        error.starts_with("card `own`: cards/own.json.hbs:5:33: `Data.topic` has no value"),
        "{error}"
    );
}

#[test]
fn variables_are_seen_from_the_root() {
    let template = with_body(
        r#"{{#if Data.a}}{ "type": "TextBlock", "text": "{{Tenant.Name}} {{@root.Data.b}} {{Data.[c d]}}" },{{else if (eq Data.e 1)}}{{/if}}
           {{#each choices as |choice n|}}{ "type": "TextBlock", "text": "{{title}} {{choice.value}} {{n}} {{@index}} {{../Data.f}} {{this.value}}" },{{/each}}
           {{#with Guest}}{ "type": "TextBlock", "text": "{{Name}} {{../text}}" },{{/with}}
           { "type": "TextBlock", "text": "{{lookup words Data.g}} {{json Data.h}}" }"#,
    );
    let mut form = files(&[("cards/own.json.hbs", &template)]);
    form.insert(
        "cards/own.de.json.hbs".to_owned(),
        with_body(r#"{ "type": "TextBlock", "text": "{{Data.german}}" }"#),
    );
    let (cards, _) = Cards::load(&form);
    // It fails its check (`lookup`), so look at a sound one for the names.
    assert!(cards.variables(&it(), "own").iter().any(|(path, _)| path == "Data.german"));
    let sound = template
        .replace("{{lookup words Data.g}} {{json Data.h}}", "{{#if Data.g}}{{Data.h}}{{/if}}");
    let (cards, problems) = company(&sound);
    assert_eq!(told(&problems), "");
    let found = cards.variables(&it(), "own");
    let mut paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    let expected = [
        "Data.a",
        "Data.b",
        "Data.c d",
        "Data.e",
        "Data.f",
        "Data.g",
        "Data.h",
        "Guest",
        "Guest.Name",
        "Tenant.Name",
        "choices",
        // What belongs to an entry is seen as that.
        "choices.[].title",
        "choices.[].value",
        "choices.[].value",
        "text",
    ];
    assert_eq!(paths, expected);
    let (_, place) = found.iter().find(|(path, _)| path == "Tenant.Name").unwrap();
    assert_eq!(place.to_string(), "cards/own.json.hbs:5:49");
    assert!(Cards::is_own("words") && !Cards::is_own("Guest"));
}

#[test]
fn structural_mistakes_are_told_with_pointer_and_line() {
    for (body, expected) in [
        (
            r#"{ "type": "TextBlok", "text": "x" }"#,
            "error cards/own.json.hbs:5:1: /body/0: there is no element `TextBlok` [use one of: TextBlock",
        ),
        (r#"{ "type": "TextBlok", "text": "x" }"#, "(did you mean `TextBlock`?)"),
        (r#"{ "type": "TextBlock" }"#, "/body/0: `TextBlock` needs `text`"),
        (r#"{ "text": "x" }"#, "/body/0: an element without `type`"),
        (r#""x""#, "/body/0: the text `x` stands where an element belongs"),
        (
            r#"{ "type": "Action.Submit", "title": "x" }"#,
            "/body/0: `Action.Submit` cannot stand here",
        ),
        (
            r#"{ "type": "TextBlock", "text": 3 }"#,
            "/body/0/text: `text` must be text, not the number `3`",
        ),
        (
            r#"{ "type": "TextBlock", "text": "x", "wrap": "true" }"#,
            "/body/0/wrap: `wrap` must be true or false, not the text `true`",
        ),
        (
            r#"{ "type": "TextBlock", "text": "x", "color": "acent" }"#,
            "`color` cannot be `acent` [use one of: default, dark, light, accent, good, warning, attention (did you mean `accent`?)]",
        ),
        (
            r#"{ "type": "TextBlock", "text": "x", "wrapp": true }"#,
            "warning cards/own.json.hbs:5:1: /body/0: `TextBlock` has no `wrapp` in schema 1.5 [remove it; Teams ignores it (did you mean `wrap`?)]",
        ),
        (r#"{ "type": "Container" }"#, "`Container` needs `items`"),
        (
            r#"{ "type": "Container", "items": [{ "type": "ColumnSet", "columns": [{ "items": [{ "type": "Image" }] }] }] }"#,
            "/body/0/items/0/columns/0/items/0: `Image` needs `url`",
        ),
        (
            r#"{ "type": "ColumnSet", "columns": [{ "type": "Container", "items": [] }] }"#,
            "/body/0/columns/0: `Container` cannot stand here",
        ),
        (
            r#"{ "type": "FactSet", "facts": [{ "title": "x" }] }"#,
            "/body/0/facts/0: `Fact` needs `value`",
        ),
        (r#"{ "type": "FactSet", "facts": {} }"#, "`facts` must be a list, not an object"),
        (
            r#"{ "type": "RichTextBlock", "inlines": ["plain", { "type": "TextRun" }] }"#,
            "/body/0/inlines/1: `TextRun` needs `text`",
        ),
        (
            r#"{ "type": "Image", "url": "http://x/y.png", "altText": "a" }"#,
            "`http://x/y.png` is no address of a picture that Teams loads",
        ),
        (
            r#"{ "type": "Image", "url": "https://x/y.png" }"#,
            "warning cards/own.json.hbs:5:1: /body/0: a picture without `altText`",
        ),
        (r#"{ "type": "Input.Text", "label": "x" }"#, "`Input.Text` needs `id`"),
        (
            r#"{ "type": "Input.Text", "id": "x" }"#,
            "warning cards/own.json.hbs:5:1: /body/0: `Input.Text` has no label",
        ),
        (
            "{ \"type\": \"Input.Text\", \"id\": \"x\", \"label\": \"x\" },\n  { \"type\": \"Input.Date\", \"id\": \"x\", \"label\": \"x\" }",
            "error cards/own.json.hbs:6:3: /body/1: two inputs have the id `x`",
        ),
        (
            r#"{ "type": "Input.ChoiceSet", "id": "x", "label": "x", "choices": [{ "title": "x" }] }"#,
            "/body/0/choices/0: `Input.Choice` needs `value`",
        ),
        (
            r#"{ "type": "Input.Number", "id": "x", "label": "x", "max": true }"#,
            "`max` must be a number, not the truth value `true`",
        ),
        (
            r#"{ "type": "ActionSet", "actions": [{ "type": "Action.OpenUrl", "title": "x", "url": "javascript:x" }] }"#,
            "`javascript:x` is no address that a button may open",
        ),
        (
            r#"{ "type": "ActionSet", "actions": [{ "type": "Action.Submit" }] }"#,
            "/body/0/actions/0: `Action.Submit` has no title",
        ),
        (
            r#"{ "type": "ActionSet", "actions": [{ "type": "Action.Submit", "title": "x", "data": "y" }] }"#,
            "the `data` of a button is no object",
        ),
        (
            r#"{ "type": "ActionSet", "actions": [{ "type": "Action.ShowCard", "title": "x" }] }"#,
            "`Action.ShowCard` needs `card`",
        ),
        (
            r#"{ "type": "ActionSet", "actions": [{ "type": "Action.Sumbit", "title": "x" }] }"#,
            "(did you mean `Action.Submit`?)",
        ),
        (
            r#"{ "type": "Table", "columns": [{ "width": 1 }], "rows": [{ "type": "TableRow" }] }"#,
            "/body/0/rows/0: `TableRow` needs `cells`",
        ),
        (
            r#"{ "type": "TextBlock", "text": "x", "text": "y" }"#,
            "error cards/own.json.hbs:5:1: the key `text` stands twice in one object",
        ),
        (
            "{ \"type\": \"TextBlock\",\n  \"maxLines\": {{Data.n}}, \"text\": \"x\" }",
            "error cards/own.json.hbs:6:3: a value stands outside of quotes",
        ),
        (
            "{ \"type\": \"TextBlock\",\n\n  \"text\": {{text}} }",
            "error cards/own.json.hbs:7:3: a value stands outside of quotes",
        ),
        (
            "{ \"type\": \"TextBlock\", \"text\": \"x\" }\n{{#each choices}}\n{ \"type\": \"TextBlock\", \"text\": \"{{title}}\" },\n{{/each}}",
            "error cards/own.json.hbs:7:1: what the template writes is not JSON: expected `,` or `]`, in `{ \"type\": \"TextBlock\", \"text\": \"Password\" },`",
        ),
        (
            "{{#if text}}{{else}}{ \"type\": }{{/if}}",
            "when its variables are empty: what the template writes is not JSON",
        ),
        (r#"{ "type": "{{text}}" }"#, "the `type` of an element comes from a value"),
        (r#"{ "type": "TextBlock", "{{text}}": 1 }"#, "a value stands where a key belongs"),
    ] {
        let (cards, problems) = company(&with_body(body));
        let told = told(&problems);
        assert!(told.contains(expected), "{body}: expected\n{expected}\n{told}");
        assert_eq!(
            cards.has(&it(), "own"),
            problems.iter().all(|problem| problem.warning),
            "{told}"
        );
    }
}

#[test]
fn cards_as_a_whole_are_checked() {
    let seven = r#"{ "type": "Action.Submit", "title": "x" },"#.repeat(7);
    for (template, expected) in [
        ("[]".to_owned(), "the card is no JSON object"),
        (r#"{ "version": "1.5" }"#.to_owned(), "the card does not say what it is"),
        (r#"{ "type": "AdaptiveCard", "body": [] }"#.to_owned(), "the card has no `version`"),
        (
            r#"{ "type": "AdaptiveCard", "version": "1.6", "body": [] }"#.to_owned(),
            "version `1.6` is not one that Teams shows",
        ),
        (
            r#"{ "type": "Container", "version": "1.5" }"#.to_owned(),
            "`Container` cannot stand here",
        ),
        (
            format!(r#"{{ "type": "AdaptiveCard", "version": "1.5", "actions": [{seven}] }}"#),
            "more than six buttons",
        ),
        (
            with_body(&format!(r#"{{ "type": "TextBlock", "text": "{}" }}"#, "x".repeat(21_000))),
            "warning cards/own.json.hbs:1:1: with its sample the card has 21",
        ),
        (
            with_body(&format!(r#"{{ "type": "TextBlock", "text": "{}" }}"#, "x".repeat(81_000))),
            "error cards/own.json.hbs:1:1: with its sample the card has 81",
        ),
        (String::new(), "what the template writes is not JSON: EOF"),
    ] {
        let told = told(&company(&template).1);
        assert!(told.contains(expected), "expected {expected}\n{told}");
    }
    let wide = r#"{ "type": "AdaptiveCard", "version": "1.5", "msteams": { "width": "Full" }, "body": [] }"#;
    assert_eq!(told(&company(wide).1), "");
}

#[test]
fn a_card_without_a_sample_is_proved_all_the_same() {
    let body = r#"{{#each Data.items}}{ "type": "TextBlock", "text": "{{name}} {{price.amount}}" },{{/each}}
        {{#each fields}}{ "type": "Input.Text", "id": "{{id}}", "label": "{{label}}" },{{/each}}
        { "type": "TextBlock", "text": "{{custom}} {{words.send}} {{Session.Transfers.[0].from.tenantName}} {{Agent.Name}}" }"#;
    assert_eq!(told(&company(&with_body(body)).1), "");
}

// ---- as text ----

#[test]
fn cards_as_text() {
    let cards = built_in();
    let drawn = |name: &str| {
        let data = looks(&cards).into_iter().rev().find(|look| look.0 == name).unwrap().1;
        cards::draw(&cards.render(&card(name, data)).unwrap().content)
    };
    assert_eq!(
        drawn("closed"),
        "💻 IT Service Desk · IT-4821\nHR is closed until Monday 08:00. Leave your question there, or stay with IT Service Desk?\n[Leave it with HR] [Stay here]"
    );
    assert_eq!(drawn("answered"), "✓ What is it about? — Password");
    assert_eq!(drawn("taken"), "✓ What is it about? — My laptop does not start\n[Change it]");
    assert_eq!(
        drawn("ask"),
        "💻 IT Service Desk\nOne answer does not fit.\n[Model: Air] (Air | Pro)\n[Needed from: ______]\n[Best time to call: 09:30]\n\
         At most 10, please.\n[How many: 12]\n[E-mail: adele@contoso.com]\n[Why: ______]\n[It is urgent: false]\n[Send]"
    );
    assert!(drawn("menu").ends_with(
        "[Please choose: ______] (Choice 0 | Choice 1 | Choice 2 | Choice 3 | Choice 4 | Choice 5 | Choice 6 | Choice 7 | Choice 8)\n[Send] [Something for HR]"
    ));
    let rich = json!({ "type": "AdaptiveCard", "body": [
        { "type": "TextBlock", "text": "1\\*2 \\\\ **b**\n\nsecond" },
        { "type": "TextBlock", "text": "hidden", "isVisible": false },
        { "type": "RichTextBlock", "inlines": ["a ", { "type": "TextRun", "text": "\\*b" }] },
        { "type": "ColumnSet", "columns": [{ "items": [{ "type": "TextBlock", "text": "left" }] }, { "items": [{ "type": "Image", "url": "https://x", "altText": "a map" }] }] },
        { "type": "FactSet", "facts": [{ "title": "Amount", "value": "42" }] },
        { "type": "Table", "columns": [], "rows": [{ "type": "TableRow", "cells": [{ "items": [{ "type": "TextBlock", "text": "x" }] }, { "items": [{ "type": "TextBlock", "text": "y" }] }] }] }
    ], "actions": [{ "type": "Action.ShowCard", "title": "More", "card": {} }] });
    assert_eq!(
        cards::draw(&rich),
        "1*2 \\ **b**\nsecond\na \\*b\nleft · (a map)\nAmount: 42\nx | y\n[More]"
    );
}

//! Random mixtures of everything that may stand before the mark of a note or around the number of a
//! chat: nothing that was meant for somebody else is ever read by a guest.

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use switchboard::{
    model::{What, mark},
    teams::activity,
};

use crate::{
    app::{Chat, TestApp},
    desks,
    fake_teams::APP_ID,
    personal_desks,
};

/// Something that may stand before words: as plain text and as HTML, and the entities that come with
/// it. What Teams writes into one of the two alone is empty in the other.
#[derive(Debug, Clone)]
struct Before {
    text: &'static str,
    html: &'static str,
    /// The bot or somebody else is called; an entity says so.
    calls: Option<(&'static str, Option<&'static str>)>,
    answers: bool,
}

const fn plain(text: &'static str, html: &'static str) -> Before {
    Before { text, html, calls: None, answers: false }
}

const fn quote(text: &'static str, html: &'static str) -> Before {
    Before { text, html, calls: None, answers: true }
}

const fn call(
    id: &'static str,
    tag: Option<&'static str>,
    text: &'static str,
    html: &'static str,
) -> Before {
    Before { text, html, calls: Some((id, tag)), answers: false }
}

const BOT: &str = "28:bot";
const SPAN: &str = "<span itemscope=\"\" itemtype=\"http://schema.skype.com/Mention\" itemid=\"0\">R&amp;D Help</span>";
const REPLY: &str = "<blockquote itemscope itemtype=\"http://schema.skype.com/Reply\" itemid=\"1\"><strong>Kim</strong><p>is it on?</p></blockquote>";

/// All of them.
const BEFORE: &[Before] = &[
    quote("<quoted messageId=\"17\"/>", ""),
    quote("<quoted messageId=\"17\" />", "<quoted messageId=\"17\"/>"),
    quote("<Quoted messageId='1>7'></quoted>", "<quoted messageId='17'>"),
    quote(
        "&lt;quoted messageId=&quot;17&quot;/&gt;",
        "<quoted messageId=\"17\">is it on?</quoted>",
    ),
    quote(
        "<quoted messageId=\"17\">is it on?</quoted>",
        "<blockquote><p>is it on?</p></blockquote>",
    ),
    quote("<quoted messageId=\"17>", REPLY),
    plain("", REPLY),
    plain("", "<blockquote>is it on?</blockquote>"),
    plain("> ", "<blockquote><blockquote>is it on?</blockquote></blockquote>"),
    call(BOT, Some("<at>R&amp;D Help</at>"), "<at>R&amp;D Help</at>", SPAN),
    call(BOT, Some("<at>R&D Help</at>"), "<at>R&amp;D Help</at>", SPAN),
    call(BOT, Some("<at>R&amp;D Help</at>"), "<at>R&D Help</at>", "<at id=\"0\">R&amp;D Help</at>"),
    call(BOT, None, "<at id=\"0\">R&D Help</at>", SPAN),
    call(BOT, Some(" "), "&lt;at&gt;R&amp;D Help&lt;/at&gt;", "<at>r&amp;d  help</at>"),
    call(BOT, Some("<AT id='0'>R&D</AT>"), "<AT id='0'>R&D</AT>", "<at>R&amp;D</at>"),
    call(BOT, Some("@R&D Help"), "@R&D Help", "@R&amp;D Help"),
    plain("<at>R&D Help</at>", "<at>R&amp;D Help</at>"),
    plain("@r&d help", "@r&amp;d help"),
    call("29:sam", Some("<at>Sam</at>"), "<at>Sam</at>", "<at id=\"1\">Sam</at>"),
    plain("\u{200B}", "&#8203;"),
    plain("\u{FEFF}", "&#xFEFF;"),
    plain("\u{200D}\u{200E}", "&zwj;&lrm;"),
    plain("\u{AD}", "&shy;"),
    plain("\u{2066}", "\u{2066}"),
    plain("\u{180E}\u{3164}", "\u{180E}\u{3164}"),
    plain("\u{E0041}\u{FE0F}", "\u{E0041}\u{FE0F}"),
    plain("\u{34F}", "\u{34F}"),
    plain("\u{A0}", "&nbsp;"),
    plain("&nbsp;", "&nbsp;"),
    plain("\r\n", "<br>"),
    plain("\t", "<p>&nbsp;</p>"),
    plain("\u{2028}", "<div></div>"),
    plain(" ", "<b> </b>"),
    plain("", "<!-- x --><script>x</script>"),
];

const SLASHES: &[&str] = &["//", "／／", "/／", "／/", "/\u{200B}/", "///", "⁄⁄"];
const WRAPS: &[(&str, &str)] = &[
    ("", ""),
    ("<p>", "</p>"),
    ("<div><div>", "</div></div>"),
    ("<ul><li>", "</li></ul>"),
    ("<ol><li>", "</li></ol>"),
    ("<pre>", "</pre>"),
    ("<h1><b>", "</b></h1>"),
    ("<table><tr><td>", "</td></tr></table>"),
    ("<blockquote>", "</blockquote>"),
];

/// In which forms the words come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Forms {
    Both,
    Text,
    Html,
    /// The text has lost everything before the words.
    Bare,
}

#[derive(Debug, Clone)]
struct Note {
    before: Vec<Before>,
    slashes: &'static str,
    wrap: (&'static str, &'static str),
    forms: Forms,
}

fn notes() -> impl Strategy<Value = Note> {
    let forms =
        prop_oneof![Just(Forms::Both), Just(Forms::Text), Just(Forms::Html), Just(Forms::Bare)];
    (
        vec(prop::sample::select(BEFORE), 0..5),
        prop::sample::select(SLASHES),
        prop::sample::select(WRAPS),
        forms,
    )
        .prop_map(|(before, slashes, wrap, forms)| Note { before, slashes, wrap, forms })
}

impl Note {
    /// The fields of the activity.
    fn says(&self, words: &str) -> Value {
        let mut text: String = self.before.iter().map(|it| it.text).collect();
        let mut html: String = self.before.iter().map(|it| it.html).collect();
        if self.forms == Forms::Bare {
            text.clear();
        }
        text.push_str(&format!("{} {words}", self.slashes));
        let (open, close) = self.wrap;
        html.push_str(&format!("{open}{} {words}{close}", self.slashes));
        let mut entities: Vec<Value> = Vec::new();
        for before in &self.before {
            if let Some((id, tag)) = before.calls {
                let (id, name) = match id {
                    BOT => (format!("28:{APP_ID}"), "R&D Help"),
                    id => (id.to_owned(), "Sam"),
                };
                let mentioned = json!({ "id": id, "name": name });
                entities.push(json!({ "type": "mention", "text": tag, "mentioned": mentioned }));
            }
            if before.answers {
                entities
                    .push(json!({ "type": "quotedReply", "quotedReply": { "messageId": "17" } }));
            }
        }
        let html = json!([{ "contentType": "text/html", "content": html }]);
        json!({
            "text": if self.forms == Forms::Html { Value::Null } else { json!(text) },
            "attachments": if self.forms == Forms::Text { json!([]) } else { html },
            "entities": entities,
            "recipient": { "id": format!("28:{APP_ID}"), "name": "R&D Help" },
        })
    }
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn some<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = runner(1);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn whatever_stands_before_the_mark_of_a_note_it_is_no_words_for_a_guest() {
    runner(10_000)
        .run(&notes(), |note| {
            let mut activity = json!({
                "type": "message", "id": "1", "channelId": "msteams", "serviceUrl": "https://smba.trafficmanager.net/teams/",
                "conversation": { "id": "19:desk;messageid=7", "conversationType": "channel" },
            });
            activity.as_object_mut().unwrap().extend(note.says("odd").as_object().unwrap().clone());
            let inbound = activity::read(activity.to_string().as_bytes()).unwrap();
            let is_silent = match &inbound.what {
                // It may be taken for what is answered, and is none of the words then.
                What::Text(words) => {
                    inbound.is_note || mark::note(words).is_some() || !words.contains("odd")
                }
                what => *what == What::Wordless,
            };
            prop_assert!(is_silent, "{:?}: {activity}", inbound.what);
            Ok(())
        })
        .unwrap();
}

/// Everything that the bot ever sent there, in every version.
fn all(chat: &Chat<'_>) -> String {
    chat.sent().iter().map(|sent| format!("{} {}\n", sent.first, sent.activity)).collect()
}

#[tokio::test]
async fn no_note_of_an_agents_is_ever_read_by_a_guest() {
    let app = desks::desk().await;
    let thread = desks::asks(&app, "kim").await;
    let ann = app.agent("ann");
    ann.click_in(&thread, "Take", json!({})).await;
    let read = ann.message(&thread, "what you have read");
    assert!(app.post(&read).await.is_empty_200());
    app.idle().await;
    let before = app.chat("kim").sent().len();
    for note in some(notes(), 150) {
        let message = ann.activity(&thread, "message", note.says("odd"));
        let mut edit = ann.activity(&thread, "messageUpdate", note.says("odd"));
        edit["id"] = read["id"].clone();
        for activity in [&message, &edit] {
            // Slower than anybody is slowed down.
            app.steady.pass(200);
            assert!(app.post(activity).await.is_empty_200(), "{activity}");
        }
    }
    app.idle().await;
    let kim = app.chat("kim");
    assert!(!all(&kim).contains("odd") && kim.sent().len() == before, "{:?}", kim.texts());
    assert!(kim.last().contains("what you have read"), "{:?}", kim.texts());
    // In her own chat too, behind the number of the chat.
    let app = personal_desks::legal(&["ann"]).await;
    personal_desks::asks(&app, "kim").await;
    personal_desks::takes(&app, &app.chat("ann"), "kim").await;
    let number = personal_desks::session(&app, "kim").await["ref"].as_str().unwrap().to_owned();
    let (ann, kim) = (app.chat("ann"), app.chat("kim"));
    let before = kim.sent().len();
    for (at, mut note) in some(notes(), 100).into_iter().enumerate() {
        if at % 2 == 0 {
            note.forms = Forms::Text;
        }
        let mut activity = ann.activity("message", note.says("odd"));
        if at % 2 == 0 {
            activity["text"] = json!(format!("{number} {}", activity["text"].as_str().unwrap()));
        }
        app.steady.pass(200);
        assert!(app.post(&activity).await.is_empty_200(), "{activity}");
    }
    app.idle().await;
    assert!(!all(&kim).contains("odd") && kim.sent().len() == before, "{:?}", kim.texts());
}

/// The number of a chat as somebody may write it.
#[derive(Debug, Clone)]
struct Numbered {
    before: &'static str,
    dash: &'static str,
    behind: &'static str,
    is_small: bool,
    is_html: bool,
}

const FRONT: &[&str] = &[
    "",
    " ",
    "[",
    "(",
    "#",
    "\"",
    "'",
    "„",
    "“",
    "«",
    "*",
    "**",
    "_",
    "- ",
    "> ",
    "@",
    "# ",
    "\u{200B}",
    "\u{FEFF}[",
    "👍 ",
    "… ",
    "<",
    "{",
    "// ",
    "`",
    "\u{A0}",
    "=",
    "|",
    "¿",
    "→ ",
];
const DASHES: &[&str] = &[
    "-",
    "\u{2010}",
    "\u{2011}",
    "\u{2012}",
    "–",
    "—",
    "\u{2212}",
    "\u{FF0D}",
    "",
    " ",
    "\u{A0}",
    " - ",
    "-\u{200B}",
    "\u{AD}-",
    "_",
    ".",
    ":",
    "#",
    "\u{2009}",
];
const BEHIND: &[&str] = &[
    " ",
    ",",
    ", ",
    ": ",
    ":",
    "] ",
    ") ",
    "; ",
    ". ",
    "\" ",
    "” ",
    "» ",
    "** ",
    "! ",
    "? ",
    " - ",
    " – ",
    "\n",
    "\u{A0}",
    "\u{200B} ",
    "> ",
    "} ",
    "'s: ",
    "…",
    "=",
    "/",
    " | ",
    "， ",
    "'",
];

fn numbered() -> impl Strategy<Value = Numbered> {
    (
        prop::sample::select(FRONT),
        prop::sample::select(DASHES),
        prop::sample::select(BEHIND),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(before, dash, behind, is_small, is_html)| Numbered {
            before,
            dash,
            behind,
            is_small,
            is_html,
        })
}

impl Numbered {
    fn says(&self, number: &str, words: &str) -> Value {
        let (letters, digits) = number.rsplit_once('-').unwrap();
        let letters = if self.is_small { letters.to_lowercase() } else { letters.to_owned() };
        let Numbered { before, dash, behind, .. } = self;
        let text = format!("{before}{letters}{dash}{digits}{behind}{words}");
        let html = text.replace('&', "&amp;").replace('<', "&lt;");
        let html = json!([{ "contentType": "text/html", "content": format!("<p>{html}</p>") }]);
        json!({ "text": text, "attachments": if self.is_html { html } else { json!([]) } })
    }
}

#[tokio::test]
async fn no_words_with_the_number_of_another_chat_go_to_this_one() {
    let app = personal_desks::legal(&["ann"]).await;
    let ann = app.chat("ann");
    for guest in ["kim", "lee"] {
        personal_desks::asks(&app, guest).await;
        personal_desks::takes(&app, &ann, guest).await;
    }
    let number = |guest: &'static str| {
        let app: &TestApp = &app;
        async move { personal_desks::session(app, guest).await["ref"].as_str().unwrap().to_owned() }
    };
    let (kims, lees) = (number("kim").await, number("lee").await);
    // Each of them has a number of the other's in mind, while both are there.
    for (at, words) in some(numbered(), 24).into_iter().enumerate() {
        let (number, whose) = if at % 2 == 0 { (&kims, "kim") } else { (&lees, "lee") };
        let said = words.says(number, &format!("only for {whose}"));
        app.steady.pass(200);
        assert!(app.post(&ann.activity("message", said)).await.is_empty_200());
    }
    app.idle().await;
    let (kim, lee) = (app.chat("kim"), app.chat("lee"));
    assert!(!all(&kim).contains("only for lee"), "{:?}", kim.texts());
    assert!(!all(&lee).contains("only for kim"), "{:?}", lee.texts());
    assert!(all(&kim).contains("only for kim") && all(&lee).contains("only for lee"));
    // Kim's chat is over: whatever begins with its number is for nobody.
    kim.say("/end").await;
    kim.say("yes").await;
    let before = (kim.sent().len(), lee.sent().len());
    for words in some(numbered(), 200) {
        let said = words.says(&kims, "your salary is 4711");
        app.steady.pass(200);
        assert!(app.post(&ann.activity("message", said)).await.is_empty_200());
    }
    app.idle().await;
    assert_eq!((kim.sent().len(), lee.sent().len()), before, "{:?}", lee.texts());
    assert!(!all(&kim).contains("salary") && !all(&lee).contains("salary"));
    assert!(all(&ann).contains("Nothing was sent"), "{:?}", ann.texts());
}

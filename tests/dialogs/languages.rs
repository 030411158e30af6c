//! What the product itself says, in each of its languages; and that everything knows the same
//! languages.

use std::{collections::BTreeSet, io::Cursor, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use switchboard::{
    company::{self, Company},
    dialog::Counter,
    faq,
    model::{Agent, Body, Card, Effect, Event, Guest, SessionId, TenantId, Words},
    package,
    pipeline::{
        Case, Facts, Pinned,
        answers::NoAnswers,
        facts::{Desks, People},
        is_command,
        language::{LANGUAGES, Phrases},
        step,
    },
    source::Files,
};

/// One department, where everybody waits for a person.
fn firm() -> Company {
    let company = "company: Firm\nprimary_tenant: it\ntimezone: UTC\n";
    let tenant = "name: IT\nref: IT\ndesk: { where: channel }\npipelines:\n  main:\n    - id: human\n      \
                  agent: { max_wait: 15m, update_every: 5m }\n      next: bye\n    - id: bye\n      \
                  end: { text: Bye., outcome: resolved }\n";
    let files = Files::from([
        ("company.yaml".to_owned(), company.to_owned()),
        ("tenants/it/tenant.yaml".to_owned(), tenant.to_owned()),
    ]);
    let (company, problems) = company::load(&files, |_| false);
    assert!(company.is_some(), "{problems:?}");
    company.unwrap()
}

/// A desk at which a chat takes so long.
struct Pace(Duration);

impl Desks for Pace {
    fn people(&self, _: &TenantId) -> Option<People> {
        None
    }
    fn is_reachable(&self, _: &TenantId) -> bool {
        true
    }
    fn colleagues(&self, _: &TenantId) -> Vec<Agent> {
        Vec::new()
    }
    fn ahead(&self, _: &TenantId, _: SessionId) -> usize {
        0
    }
    fn pace(&self, _: &TenantId) -> Option<Duration> {
        Some(self.0)
    }
}

/// The card that a guest of that locale sees while they wait at such a desk.
fn waiting(locale: &str, pace: Duration) -> Card {
    let (company, fresh, desks) = (firm(), Counter::default(), Pace(pace));
    let guest = Guest { locale: Some(locale.to_owned()), ..Guest::default() };
    let facts = Facts {
        directory: &company.directory,
        guest: &guest,
        now: Timestamp::UNIX_EPOCH,
        fresh: &fresh,
        desks: &desks,
        formatted: None,
        answers: &NoAnswers,
    };
    let case = Case { facts, playbook: &company.playbook, pinned: &Pinned::default() };
    let effects = step(&case, None, &Event::Said("Hello".to_owned())).effects;
    let mut cards = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send(letter) => match letter.body {
            Body::Card(card) if card.template == "waiting" => Some(*card),
            _ => None,
        },
        _ => None,
    });
    cards.next().unwrap()
}

#[test]
fn one_minute_is_said_in_the_singular() {
    for (locale, seconds, want) in [
        ("en", 30, "It may take about 1 minute."),
        ("en", 61, "It may take about 2 minutes."),
        ("de", 30, "Es dauert ungefähr 1 Minute."),
        ("de", 61, "Es dauert ungefähr 2 Minuten."),
    ] {
        let card = waiting(locale, Duration::from_secs(seconds));
        let line = Words::marked(card.data["lines"][1].as_str().unwrap().to_owned()).plain();
        assert_eq!(line, want, "{locale}, {seconds} seconds");
    }
}

/// A file of the usual app package.
fn packaged(name: &str) -> Value {
    let id = "a1b2c3d4-1111-4111-8111-abcdefabcdef";
    let zip = package::build(&package::Options::new(id, "bot.contoso.com", "Contoso")).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    serde_json::from_reader(zip.by_name(name).unwrap()).unwrap()
}

/// What the app package offers to type in a language.
fn offered(language: &str) -> Vec<String> {
    let manifest = packaged("manifest.json");
    let mut titles = Vec::new();
    if language == package::languages().next().unwrap() {
        for list in manifest["bots"][0]["commandLists"].as_array().unwrap() {
            let commands = list["commands"].as_array().unwrap();
            titles.extend(commands.iter().map(|command| command["title"].clone()));
        }
    } else {
        let translated = packaged(&format!("{language}.json"));
        let entries = translated.as_object().unwrap().iter();
        titles.extend(
            entries
                .filter(|(key, _)| key.starts_with("bots") && key.ends_with(".title"))
                .map(|(_, title)| title.clone()),
        );
    }
    titles.iter().map(|title| title.as_str().unwrap().to_owned()).collect()
}

/// Every sentence by its name, with the names of what is filled in.
fn sentences(phrases: &Phrases) -> Vec<(String, BTreeSet<String>)> {
    let field = regex::Regex::new(r"\{(\w+)\}").unwrap();
    let written = format!("{phrases:#?}");
    let named = written.lines().filter_map(|line| line.trim().split_once(": \""));
    named
        .filter(|(name, _)| !name.contains('"'))
        .map(|(name, text)| {
            let fields = field.captures_iter(text).map(|found| found[1].to_owned()).collect();
            (name.to_owned(), fields)
        })
        .collect()
}

#[test]
fn everything_knows_the_same_languages() {
    let spoken: BTreeSet<&str> = LANGUAGES.iter().map(|phrases| phrases.language).collect();
    assert_eq!(spoken.len(), LANGUAGES.len(), "a language has two rows");
    assert_eq!(
        package::languages().collect::<BTreeSet<_>>(),
        spoken,
        "the app package (manifest/<language>.json.hbs) and src/pipeline/language differ"
    );
    for language in &spoken {
        assert!(
            frostem::Algorithm::from_name(language).is_err()
                || faq::languages().any(|known| known == *language),
            "the FAQ search can stem {language}, and src/faq/language does not know its words"
        );
    }
}

#[test]
fn every_sentence_is_filled_alike_in_every_language() {
    let first = sentences(LANGUAGES[0]);
    assert!(first.len() > 200, "{} sentences only", first.len());
    assert!(first.contains(&("position".to_owned(), BTreeSet::from(["position".to_owned()]))));
    for phrases in &LANGUAGES[1..] {
        for (own, other) in first.iter().zip(sentences(phrases)) {
            assert_eq!(*own, other, "in {}", phrases.language);
        }
    }
}

#[test]
fn every_command_that_the_app_package_offers_is_understood() {
    let directory = firm().directory;
    for phrases in LANGUAGES {
        let offered = offered(phrases.language);
        assert!(offered.len() > 5, "{offered:?}");
        for title in offered {
            assert!(
                is_command(&directory, &title) || phrases.connect_words.contains(&&*title),
                "`{title}` is offered in {} and does nothing",
                phrases.language
            );
        }
    }
}

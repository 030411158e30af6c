//! What the product itself says, in each of its languages.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use jiff::Timestamp;
use switchboard::{
    company::{self, Company},
    dialog::Counter,
    model::{Agent, Body, Card, Effect, Event, Guest, SessionId, TenantId, Words},
    pipeline::{
        Facts, Pinned,
        answers::NoAnswers,
        desk::{Desks, People},
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
        playbook: &company.playbook,
        pinned: &Pinned::default(),
        guest: &guest,
        now: Timestamp::UNIX_EPOCH,
        fresh: &fresh,
        desks: &desks,
        formatted: None,
        answers: &NoAnswers,
    };
    let effects = step(&facts, None, &Event::Said("Hello".to_owned())).effects;
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

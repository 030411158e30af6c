//! Random companies, random guests: what must hold after every event, whatever happens. The core is
//! pure, so nothing is mocked.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{cell::RefCell, collections::BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::{Map, Value};
use switchboard::{
    cards::{self, Cards},
    check,
    company::Company,
    dialog::Counter,
    model::{
        AsideAsks, Body, By, ByKind, Card, Effect, Event, Guest, HopKind, Journey, JourneyId,
        LetterId, SessionId, State, Token, session::keys,
    },
    pipeline::{
        Case, Facts, Fresh as _, Pinned,
        answers::NoAnswers,
        due,
        facts::NoDesks,
        scope::{View, flat},
        step,
    },
    source::Files,
};

/// A department as it is generated.
#[derive(Debug, Clone)]
struct Desk {
    form: bool,
    /// How its texts use what was filled in.
    uses: usize,
    question: bool,
    confidential: bool,
    hours: bool,
    timeout: bool,
    links: Vec<Link>,
}

/// A transfer to another department; `to` counts from the own one.
#[derive(Debug, Clone)]
struct Link {
    to: usize,
    back: bool,
    undo: bool,
    confirm: bool,
    failure: bool,
    when_closed: &'static str,
}

#[derive(Debug, Clone)]
struct Firm {
    desks: Vec<Desk>,
    rules: Vec<(usize, usize, u8)>,
    max_hops: u32,
}

#[derive(Debug, Clone)]
enum Act {
    Type(&'static str),
    Number(u8),
    /// A typed answer that nobody has given before.
    Fill,
    /// Any button that ever was: from the newest back.
    Click(usize),
    /// A button of a card that can still be clicked.
    Live(usize),
    Undo,
    Pass(i64),
    Manager(usize),
    Close,
}

fn desk(count: usize) -> impl Strategy<Value = Desk> {
    let link = (
        1..count,
        any::<bool>(),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        0..3usize,
    )
        .prop_map(|(to, back, undo, confirm, failure, closed)| Link {
            to,
            back,
            undo,
            confirm,
            failure,
            when_closed: ["ask", "follow", "fail"][closed],
        });
    (
        prop::bool::weighted(0.6),
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        vec(link, 1..3),
        0..USES.len(),
    )
        .prop_map(|(form, question, confidential, hours, timeout, mut links, uses)| {
            links.sort_by_key(|link| link.to);
            links.dedup_by_key(|link| link.to);
            Desk { form, uses, question, confidential, hours, timeout, links }
        })
}

fn firm() -> impl Strategy<Value = Firm> {
    (2..5usize).prop_flat_map(|count| {
        (vec(desk(count), count), vec((0..count, 0..count, 0..4u8), 0..3), 1..6u32)
            .prop_map(|(desks, rules, max_hops)| Firm { desks, rules, max_hops })
    })
}

fn act() -> impl Strategy<Value = Act> {
    let typed = [
        "hello",
        "banana split",
        "/undo",
        "undo",
        "back",
        "/back",
        "/restart",
        "/end",
        "/help",
        "/status",
        "/departments",
        "yes",
        "no",
        "thanks",
        "continue",
        "Go 1",
        "Leave",
        "😀",
        "{{Data.x}}",
        "<at>x</at>",
        "0",
        "99",
    ];
    prop_oneof![
        4 => prop::sample::select(typed.to_vec()).prop_map(Act::Type),
        3 => (1..5u8).prop_map(Act::Number),
        3 => Just(Act::Fill),
        2 => (0..12usize).prop_map(Act::Click),
        8 => (0..6usize).prop_map(Act::Live),
        3 => Just(Act::Undo),
        2 => prop::sample::select(vec![1i64, 60, 299, 300, 301, 1200, 3600, 7200, 86_400, 8 * 86_400]).prop_map(Act::Pass),
        1 => (0..5usize).prop_map(Act::Manager),
        1 => Just(Act::Close),
    ]
}

fn files(firm: &Firm) -> Files {
    use std::fmt::Write;
    let count = firm.desks.len();
    let mut company = format!(
        "company: Firm\nprimary_tenant: t0\ntimezone: UTC\ntransfer:\n  max_hops: {}\n  rules:\n",
        firm.max_hops
    );
    company.push_str("    - { from: \"*\", to: \"*\" }\n");
    for (from, to, kind) in &firm.rules {
        let rest = [
            "allow: false",
            "reason: required",
            "metadata: [Guest]",
            "metadata: [Data.pub0, Data.shared], transcript: none",
        ];
        writeln!(company, "    - {{ from: t{from}, to: t{to}, {} }}", rest[usize::from(*kind)])
            .unwrap();
    }
    let mut files = Files::from([("company.yaml".to_owned(), company)]);
    for (at, desk) in firm.desks.iter().enumerate() {
        let mut text =
            format!("name: Desk {at}\nref: T{at}\nconfidential: {}\n", desk.confidential);
        if desk.hours {
            text.push_str("hours:\n  open: { mon-fri: [\"08:00-17:00\"] }\n");
        }
        text.push_str("pipelines:\n  main:\n    - id: hello\n      send: { text: \"Hello from {{Tenant.Name}}\" }\n");
        if desk.form {
            // `shared` is private at every second desk.
            writeln!(
                text,
                "    - id: form\n      ask:\n        text: Please.\n        fields:\n          - {{ id: pub{at}, label: Public }}\n          \
                 - {{ id: secret{at}, label: Secret, private: true }}\n          - {{ id: shared, label: Shared, private: {} }}",
                at % 2 == 0
            )
            .unwrap();
            files.insert(format!("tenants/t{at}/cards/echo.json.hbs"), ECHO.to_owned());
            files.insert(
                format!("tenants/t{at}/cards/samples/echo.json"),
                r#"{ "line": "x", "data": { "line": "x" } }"#.to_owned(),
            );
            let uses = USES[desk.uses].replace("NN", &at.to_string());
            writeln!(
                text,
                "    - {{ id: copy, set: {{ Data.copy{at}: '{uses}' }} }}\n    - {{ id: when, when: 'Data.secret{at} != \"x\"', set: {{ Data.when{at}: told }} }}\n    \
                 - {{ id: echo, send: {{ text: 'Noted: {uses}' }} }}\n    - {{ id: again, send: {{ text: '{{{{Data.copy{at}}}}}' }} }}\n    \
                 - {{ id: card, send: {{ template: echo, data: {{ line: '{uses}' }} }} }}"
            )
            .unwrap();
        }
        if desk.question {
            writeln!(text, "    - id: question\n      ask: {{ text: Which?, save_as: word{at} }}")
                .unwrap();
        }
        text.push_str("    - id: menu\n      menu:\n        text: What?\n");
        if desk.timeout {
            text.push_str("        timeout: 2h\n");
        }
        text.push_str("        choices:\n");
        for link in &desk.links {
            writeln!(text, "          - {{ title: Go {0}, next: go-{0} }}", (at + link.to) % count)
                .unwrap();
        }
        text.push_str(
            "          - { title: Again, next: hello }\n          - { title: Leave, next: bye }\n",
        );
        if desk.timeout {
            text.push_str("      on_timeout: bye\n");
        }
        for link in &desk.links {
            let to = (at + link.to) % count;
            let back = if link.back { ", return_to: menu" } else { "" };
            write!(
                text,
                "    - id: go-{to}\n      transfer: {{ tenant: t{to}, text: Over to you., reason: \"Session {{{{Session.Ref}}}}\", \
                 undo: {}, confirm: {}, when_closed: {}{back} }}\n",
                link.undo, link.confirm, link.when_closed
            )
            .unwrap();
            if link.failure {
                text.push_str("      on_failure: menu\n");
            }
        }
        text.push_str("    - id: bye\n      end: { text: Bye., outcome: resolved }\n");
        files.insert(format!("tenants/t{at}/tenant.yaml"), text);
    }
    files
}

/// Every way in which a text can use a value.
const USES: [&str; 9] = [
    "{{Data.secretNN}}",
    "{{#if Data.secretNN}}{{Data.secretNN}}{{else}}none{{/if}}",
    "{{#with Data}}{{secretNN}}{{/with}}",
    "{{#each Data}}{{@key}}={{this}} {{/each}}",
    "{{lookup Data \"secretNN\"}}",
    "{{@root.Data.secretNN}} and {{Data.shared}}",
    "{{#if (eq Data.secretNN \"no\")}}no{{else}}{{lookup Data \"secretNN\"}}{{/if}}",
    "{{#each Session.Transfers}}{{@root.Data.secretNN}}{{/each}}{{Data/secretNN}}",
    "{{Data.pubNN}}: {{Data.secretNN}}{{Guest.Question}}",
];

/// A card of a department's own that uses them too.
const ECHO: &str = r#"{ "type": "AdaptiveCard", "version": "1.5", "body": [
  { "type": "TextBlock", "wrap": true, "text": "{{line}} {{Data.shared}}" },
  {{#if Data.shared}}{ "type": "TextBlock", "wrap": true, "text": "{{data.line}} {{#with Data}}{{shared}}{{/with}}" }{{/if}} ] }"#;

/// A button that stood in the chat.
#[derive(Clone, Debug)]
struct Button {
    letter: LetterId,
    data: Map<String, Value>,
    inputs: Vec<String>,
}

/// What was true right after a transfer, for its undo.
struct Before {
    sender: SessionId,
    data: Vec<(String, Value)>,
    stage: Option<String>,
}

struct World<'a> {
    company: &'a Company,
    cards: &'a Cards,
    pinned: Pinned,
    guest: Guest,
    now: Timestamp,
    fresh: Counter,
    journey: Option<Journey>,
    buttons: Vec<Button>,
    settled: BTreeSet<LetterId>,
    /// Private values and the department to which they were given.
    secrets: Vec<(String, String)>,
    before: Option<Before>,
    counts: &'a RefCell<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    events: usize,
    transfers: usize,
    undone: usize,
    returned: usize,
    ended: usize,
    reopened: usize,
    secrets: usize,
    shown: usize,
    firms: usize,
}

/// The secrets of the buttons that count now.
fn nonces(journey: &Journey) -> Vec<String> {
    let of_session = journey.sessions.iter().flat_map(|session| {
        let waiting = session.waiting.as_ref().map(|waiting| &waiting.nonce);
        waiting.into_iter().chain(session.aside.as_ref().map(|aside| &aside.nonce))
    });
    let course = &journey.course;
    let offer = course.offer.as_ref().map(|offer| &offer.nonce);
    let reopen = course.reopen.as_ref().map(|reopen| &reopen.nonce);
    of_session.chain(offer).chain(reopen).cloned().collect()
}

fn data_of(journey: &Journey, id: SessionId) -> Vec<(String, Value)> {
    let metadata = journey.session(id).unwrap().metadata.iter();
    metadata
        .filter(|(key, _)| key.starts_with("Data."))
        .map(|(key, entry)| (key.to_owned(), entry.value.clone()))
        .collect()
}

impl World<'_> {
    fn case(&self) -> Case<'_> {
        let facts = Facts {
            directory: &self.company.directory,
            guest: &self.guest,
            now: self.now,
            fresh: &self.fresh,
            desks: &NoDesks,
            formatted: None,
            answers: &NoAnswers,
        };
        Case { facts, playbook: &self.company.playbook, pinned: &self.pinned }
    }

    fn live(&self) -> Option<&switchboard::model::Session> {
        let journey = self.journey.as_ref()?;
        Some(&journey.sessions[journey.present()?])
    }

    /// The tenant and stage in which the guest is.
    fn place(&self) -> Option<(String, String)> {
        self.live().map(|live| {
            (
                live.tenant.to_string(),
                live.stage.as_ref().map(ToString::to_string).unwrap_or_default(),
            )
        })
    }

    fn fill(&mut self, field: &str) -> String {
        let value = format!("value-{}", self.fresh.number());
        let private = field.starts_with("secret") || field == "shared";
        if let Some((tenant, _)) = self.place().filter(|_| private) {
            let even = tenant.trim_start_matches('t').parse::<usize>().unwrap() % 2 == 0;
            if field != "shared" || even {
                self.secrets.push((format!("{value}."), tenant));
                self.counts.borrow_mut().secrets += 1;
            }
        }
        format!("{value}.")
    }

    fn clicked(&mut self, button: Option<Button>) -> Option<Event> {
        let mut button = button?;
        let token = serde_json::from_value::<Token>(button.data.remove(Token::KEY)?).unwrap();
        // What a click on a dead card carries is given to nobody.
        let counts = self.live().is_some_and(|live| {
            live.waiting.as_ref().is_some_and(|waiting| waiting.nonce == token.nonce)
        });
        for input in button.inputs.clone() {
            let value = if counts { self.fill(&input) } else { "late".to_owned() };
            button.data.insert(input, Value::String(value));
        }
        Some(Event::Clicked { token, data: button.data })
    }

    fn event(&mut self, act: &Act) -> Option<Event> {
        match act {
            Act::Type(text) => Some(Event::Said((*text).to_owned())),
            Act::Number(number) => Some(Event::Said(number.to_string())),
            Act::Fill => {
                let value = self.fill("typed");
                // Which part of it is the private answer nobody knows.
                if let Some((tenant, _)) = self.place().filter(|(_, stage)| stage == "form") {
                    self.secrets.push((value.clone(), tenant));
                }
                Some(Event::Said(value))
            }
            Act::Click(back) => {
                let button = self.buttons.iter().rev().nth(*back).cloned();
                self.clicked(button)
            }
            Act::Live(back) => {
                let open: Vec<Button> = self
                    .buttons
                    .iter()
                    .rev()
                    .filter(|button| !self.settled.contains(&button.letter))
                    .cloned()
                    .collect();
                let button =
                    if open.is_empty() { None } else { open.get(back % open.len()).cloned() };
                self.clicked(button)
            }
            Act::Undo => {
                let letter = self.journey.as_ref()?.course.offer.as_ref()?.letter;
                let button = self.buttons.iter().find(|button| button.letter == letter).cloned();
                assert!(button.is_some(), "a transfer that can be undone has a card with a button");
                self.clicked(button)
            }
            Act::Pass(seconds) => {
                let until = self.now + SignedDuration::from_secs(*seconds);
                for _ in 0..50 {
                    let next = self
                        .journey
                        .as_ref()
                        .and_then(|journey| due(&self.case(), journey))
                        .filter(|due| *due <= until);
                    let Some(next) = next else { break };
                    self.now = self.now.max(next);
                    self.happen(&Event::Tick);
                }
                let due = self.journey.as_ref().and_then(|journey| due(&self.case(), journey));
                assert!(due.is_none_or(|due| due > until), "something stays due for ever");
                self.now = until;
                None
            }
            Act::Manager(to) => Some(Event::Move {
                tenant: format!("t{to}").as_str().into(),
                by: By { kind: ByKind::Manager, id: "mara".to_owned(), name: None },
                reason: (to % 2 == 0).then(|| "because".to_owned()),
                note: None,
            }),
            Act::Close => Some(Event::Close {
                by: By { kind: ByKind::Manager, id: "mara".to_owned(), name: None },
                outcome: State::Resolved,
                notes: None,
            }),
        }
    }

    fn happen(&mut self, event: &Event) {
        let old = self.journey.take();
        let hops = old.as_ref().map_or(0, |journey| journey.hops.len());
        let old_ids: Option<JourneyId> = old.as_ref().map(|journey| journey.id);
        let was_live = old
            .as_ref()
            .and_then(|journey| journey.present().map(|index| journey.sessions[index].id));
        // The session whose end was the journey's: the one that a guest who comes back may
        // continue.
        let ended = old.as_ref().filter(|_| was_live.is_none()).and_then(|journey| {
            let over = journey.sessions.iter().filter(|s| {
                matches!(s.state, State::Resolved | State::Unresolved | State::Abandoned)
            });
            over.max_by_key(|session| session.ended).map(|session| session.id)
        });
        let waited = old.as_ref().zip(was_live).and_then(|(journey, id)| {
            let session = journey.session(id)?;
            session.last_menu.clone().or_else(|| session.last_waited.clone())
        });
        let before = self.before.take();
        let offer = old
            .as_ref()
            .and_then(|journey| journey.course.offer.clone())
            .filter(|_| was_live.is_some());
        let mut clicked = match (event, offer) {
            (Event::Clicked { token, .. }, Some(offer)) if token.nonce == offer.nonce => {
                Some(offer.letter)
            }
            _ => None,
        };
        let was = old.clone();
        let outcome = step(&self.case(), old, event);
        // What is not named as changed is not written: it must be as it was.
        for session in outcome.journey.iter().flat_map(|journey| &journey.sessions) {
            let before = was.as_ref().and_then(|journey| journey.session(session.id));
            assert!(
                before == Some(session) || outcome.changed.contains(&session.id),
                "{event:?} changed a session, and nobody writes it down\n{before:#?}\n{session:#?}"
            );
        }
        self.journey = outcome.journey;
        let live: BTreeSet<String> = self.journey.iter().flat_map(nonces).collect();
        for effect in &outcome.effects {
            self.keeps(effect);
        }
        for effect in outcome.effects {
            match effect {
                Effect::Send(letter) => {
                    if let Body::Card(card) = letter.body {
                        let content = self
                            .cards
                            .render(&card)
                            .unwrap_or_else(|error| panic!("{}: {error}", card.template))
                            .content;
                        let inputs: Vec<String> =
                            cards::inputs(&content).into_iter().map(|input| input.id).collect();
                        for button in cards::buttons(&content) {
                            if let Value::Object(data) = button.data {
                                self.buttons.push(Button {
                                    letter: letter.id,
                                    data,
                                    inputs: inputs.clone(),
                                });
                            }
                        }
                    }
                }
                Effect::Settle { letter, card } => {
                    let content = self
                        .cards
                        .render(&card)
                        .unwrap_or_else(|error| panic!("{}: {error}", card.template))
                        .content;
                    let inputs: Vec<String> =
                        cards::inputs(&content).into_iter().map(|input| input.id).collect();
                    let left = cards::buttons(&content).into_iter().filter_map(|button| {
                        let Value::Object(data) = button.data else { return None };
                        Some(Button { letter, data, inputs: inputs.clone() })
                    });
                    let left: Vec<Button> = left.collect();
                    // Where a card has several parts, those that were not answered stay open: all
                    // that is left counts.
                    for button in &left {
                        let nonce = Token::of(&button.data).expect("a button has its token").nonce;
                        assert!(live.contains(&nonce), "a settled card has a button: {button:?}");
                    }
                    self.buttons.retain(|button| button.letter != letter);
                    if let Some(clicked) = clicked.take() {
                        assert_eq!(
                            letter, clicked,
                            "the click's answer would replace another card than the clicked one"
                        );
                    }
                    if left.is_empty() {
                        self.settled.insert(letter);
                    }
                    self.buttons.extend(left);
                }
                _ => {}
            }
        }
        let counts = &mut *self.counts.borrow_mut();
        counts.events += 1;
        let Some(journey) = &self.journey else { return };
        let same = old_ids == Some(journey.id);
        let new = &journey.hops[if same { hops.min(journey.hops.len()) } else { 0 }..];
        counts.transfers += new.iter().filter(|hop| hop.kind == HopKind::Transfer).count();
        counts.undone += new.iter().filter(|hop| hop.kind == HopKind::Undo).count();
        counts.returned += new.iter().filter(|hop| hop.kind == HopKind::Return).count();
        let live = journey.present().map(|index| &journey.sessions[index]);
        counts.ended += usize::from(was_live.is_some() && live.is_none());
        if same
            && was_live.is_none()
            && let Some(live) = live
        {
            counts.reopened += 1;
            // The words that were kept may have led on from there at once.
            let went_on = new.first().map(|hop| hop.from.session_id);
            assert_eq!(
                Some(went_on.unwrap_or(live.id)),
                ended,
                "another session was continued than the one that ended"
            );
        }
        if let [hop] = new {
            match hop.kind {
                HopKind::Undo => {
                    let back = live.expect("after an undo a session is live");
                    assert_eq!(back.id, hop.to.session_id);
                    if let Some(before) = before {
                        assert_eq!(back.id, before.sender);
                        assert_eq!(data_of(journey, back.id), before.data);
                        // Where nothing was asked yet the department begins at its first stage, and
                        // goes on from there.
                        let first = self.company.directory.tenant(&back.tenant);
                        let first = first.and_then(|tenant| tenant.first.as_ref());
                        assert!(
                            before.stage == first.map(ToString::to_string)
                                || back.stage.as_ref().map(ToString::to_string) == before.stage,
                            "an undo goes back to the last menu: {:?}, {:?}",
                            back.stage,
                            before.stage
                        );
                    }
                }
                HopKind::Transfer => {
                    let sender = journey.session(hop.from.session_id).unwrap();
                    let stage = sender
                        .last_menu
                        .clone()
                        .or_else(|| sender.last_waited.clone())
                        .or(waited)
                        .map(|stage| stage.to_string());
                    self.before = Some(Before {
                        sender: sender.id,
                        data: data_of(journey, sender.id),
                        stage,
                    });
                }
                HopKind::Return => {}
            }
        }
    }

    /// Nothing that is kept or told to anybody else holds what is private; the guest reads it.
    fn keeps(&self, effect: &Effect) {
        let drawn = |card: &Card| {
            let kept = self.cards.render(card).map(|rendered| rendered.content.to_string());
            format!("{} {}", card.summary.plain(), kept.unwrap_or_else(|error| error.to_string()))
        };
        let of = |body: &Body| match body {
            Body::Text(words) => words.plain(),
            Body::Card(card) => drawn(card),
        };
        let (kept, open) = match effect {
            Effect::Heard { text, .. } => (text.plain(), text.revealed().plain()),
            Effect::Send(letter) => match &letter.body {
                Body::Text(words) => (words.plain(), words.revealed().plain()),
                Body::Card(card) => (drawn(card), drawn(&card.revealed())),
            },
            Effect::Desk(letter) => (of(&letter.body), String::new()),
            Effect::Redesk { card, .. } | Effect::Settle { card, .. } => {
                (drawn(card), String::new())
            }
            Effect::Tell { words, .. }
            | Effect::TellDesk { words, .. }
            | Effect::Rewrite { words, .. } => (words.plain(), String::new()),
            other => (format!("{other:?}"), String::new()),
        };
        let logged = format!("{effect:?}");
        for (secret, _) in &self.secrets {
            assert!(!kept.contains(secret), "{secret} is kept: {kept}");
            assert!(!logged.contains(secret), "{secret} would be logged: {logged}");
            self.counts.borrow_mut().shown += usize::from(open.contains(secret));
        }
    }

    fn holds(&self) {
        let Some(journey) = &self.journey else { return };
        let hops = format!("{:?}", journey.hops);
        let logged = format!("{journey:?}");
        for (secret, _) in &self.secrets {
            assert!(!hops.contains(secret), "{secret} is in a hop: {hops}");
            assert!(!logged.contains(secret), "{secret} would be logged: {logged}");
        }
        for session in &journey.sessions {
            let view = View {
                directory: &self.company.directory,
                tenant: self.company.directory.tenant(&session.tenant),
                session,
                guest: &self.guest,
                hops: journey.hops_of(session.id),
                now: self.now,
            };
            let flat = Value::Object(flat(view)).to_string();
            for (secret, _) in &self.secrets {
                assert!(!flat.contains(secret), "the API shows {secret}: {flat}");
            }
        }
        let live: Vec<_> =
            journey.sessions.iter().filter(|session| session.state.is_live()).collect();
        assert!(live.len() <= 1, "two live sessions");
        // Hops: numbered from 1, a chain; a session without a hop to it is one that began anew at
        // the front desk.
        for (at, hop) in journey.hops.iter().enumerate() {
            assert_eq!(usize::try_from(hop.hop).unwrap(), at + 1);
            assert_ne!(hop.from.session_id, hop.to.session_id);
            let (from, earlier) = (hop.from.session_id, &journey.hops[..at]);
            let arrived = earlier.last().map(|last| last.to.session_id);
            let anew =
                !earlier.iter().any(|hop| hop.from.session_id == from || hop.to.session_id == from);
            assert!(
                arrived == Some(from) || anew,
                "hop {} leaves from a session in which the guest was not",
                at + 1
            );
        }
        if let (Some(live), Some(last)) = (live.first(), journey.hops.last()) {
            let anew = !journey
                .hops
                .iter()
                .any(|hop| hop.to.session_id == live.id || hop.from.session_id == live.id);
            assert!(
                last.to.session_id == live.id || anew,
                "the guest is not where the last hop led"
            );
        }
        for session in &journey.sessions {
            assert_eq!(session.journey, journey.id);
            assert_eq!(session.state.is_live(), session.ended.is_none(), "{:?}", session.state);
            assert_eq!(session.state.is_live(), session.stage.is_some());
            let latest =
                journey.hops.iter().rev().find(|hop| {
                    hop.from.session_id == session.id || hop.to.session_id == session.id
                });
            for (key, wanted) in [
                (keys::FROM_SESSION, latest.map(|hop| hop.from.session_id.to_string())),
                (keys::FROM_TENANT, latest.map(|hop| hop.from.tenant_id.to_string())),
                (keys::FROM_NAME, latest.map(|hop| hop.from.tenant_name.clone())),
                (keys::TO_SESSION, latest.map(|hop| hop.to.session_id.to_string())),
                (keys::TO_TENANT, latest.map(|hop| hop.to.tenant_id.to_string())),
                (keys::TO_NAME, latest.map(|hop| hop.to.tenant_name.clone())),
            ] {
                assert_eq!(
                    session.metadata.get(key).and_then(Value::as_str),
                    wanted.as_deref(),
                    "{key}"
                );
            }
            let all: String = session
                .metadata
                .iter()
                .map(|(key, entry)| format!("{key}={}\n", entry.value))
                .collect();
            for (secret, tenant) in &self.secrets {
                assert!(
                    session.tenant.as_str() == tenant || !all.contains(secret),
                    "{secret} of {tenant} at {}: {all}",
                    session.tenant
                );
            }
        }
        if let Some(live) = live.first() {
            let waiting = live.waiting.as_ref().expect("a live session waits");
            let open = |letter: LetterId| {
                !self.settled.contains(&letter)
                    && self.buttons.iter().any(|button| button.letter == letter)
            };
            assert!(waiting.card.is_none_or(open), "the question's card has no button");
            assert!(
                live.aside.as_ref().is_none_or(|aside| open(aside.letter)),
                "the question beside has no button"
            );
        }
        for duty in &journey.course.duties {
            assert_eq!(
                journey.session(duty.to).unwrap().state,
                State::Transferred,
                "a duty to a session that does not wait for it"
            );
        }
        self.ends();
    }

    /// Whatever the state, `/end` and a yes end the session in which the guest is.
    fn ends(&self) {
        let mut journey = self.journey.clone();
        let duties = journey.as_ref().map_or(0, |journey| journey.course.duties.len());
        for _ in 0..=duties {
            let Some(live) = journey
                .as_ref()
                .and_then(|journey| journey.present().map(|index| journey.sessions[index].id))
            else {
                return;
            };
            journey = step(&self.case(), journey, &Event::Said("/end".to_owned())).journey;
            let asked = journey.as_ref().and_then(|journey| journey.session(live)?.aside.as_ref());
            assert!(
                matches!(asked.map(|aside| &aside.asks), Some(AsideAsks::End)),
                "/end does not ask"
            );
            journey = step(&self.case(), journey, &Event::Said("yes".to_owned())).journey;
            assert!(
                !journey.as_ref().unwrap().session(live).unwrap().state.is_live(),
                "/end does not end"
            );
        }
        assert!(journey.unwrap().present().is_none(), "the guest cannot reach an end");
    }
}

/// Every run plays the same, but for the long form, which sets these.
fn long<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn whatever_happens_a_journey_stays_in_order() {
    let counts = RefCell::new(Counts::default());
    let mut runner = TestRunner::new(Config {
        cases: long("PROPTEST_CASES", 32),
        rng_seed: RngSeed::Fixed(long("PROPTEST_RNG_SEED", 1)),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    });
    let outcome = runner.run(&(firm(), vec(vec(act(), 10..40), 3)), |(firm, guests)| {
        let files = files(&firm);
        let (ready, problems) = check::ready(&files);
        let Some((company, cards)) = ready else { panic!("{problems:#?}\n{files:#?}") };
        counts.borrow_mut().firms += 1;
        for acts in guests {
            let mut world = World {
                company: &company,
                cards: &cards,
                pinned: Pinned::default(),
                guest: Guest {
                    id: "29:adele".to_owned(),
                    name: Some("Adele Vance".to_owned()),
                    ..Guest::default()
                },
                now: "2026-11-24T10:00:00Z".parse().unwrap(),
                fresh: Counter::default(),
                journey: None,
                buttons: Vec::new(),
                settled: BTreeSet::new(),
                secrets: Vec::new(),
                before: None,
                counts: &counts,
            };
            for act in &acts {
                world.now += SignedDuration::from_secs(1);
                if let Some(event) = world.event(act) {
                    world.happen(&event);
                }
                world.holds();
            }
        }
        Ok(())
    });
    println!("{:?}", counts.borrow());
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
    let counts = counts.into_inner();
    assert!(
        counts.shown > 20 && counts.transfers > 20 && counts.undone > 5 && counts.secrets > 20,
        "too little happened: {counts:?}"
    );
}

/// A department that left the files under a chat takes nothing along: neither its question nor its
/// desk.
#[test]
fn a_session_whose_place_is_gone_ends_with_nothing_open() {
    let files: Files = [
        ("company.yaml", "company: Firm\nprimary_tenant: front\ntimezone: UTC\n"),
        (
            "tenants/front/tenant.yaml",
            "name: Front\nref: F\npipelines:\n  main:\n    - id: menu\n      menu:\n        text: What?\n        choices: [{ title: Leave, next: bye }]\n    - id: bye\n      end: { text: Bye. }\n",
        ),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    let (company, _) = check::ready(&files).0.unwrap();
    let now: Timestamp = "2026-11-30T09:00:00Z".parse().unwrap();
    let (guest, fresh) = (Guest::default(), Counter::default());
    let facts = Facts {
        directory: &company.directory,
        guest: &guest,
        now,
        fresh: &fresh,
        desks: &NoDesks,
        formatted: None,
        answers: &NoAnswers,
    };
    let case = Case { facts, playbook: &company.playbook, pinned: &Pinned::default() };
    let mut journey = None;
    for words in ["hello", "/end"] {
        journey = step(&case, journey, &Event::Said(words.to_owned())).journey;
    }
    let mut journey: Journey = journey.unwrap();
    let session = &mut journey.sessions[0];
    assert!(session.aside.is_some());
    session.tenant = "gone".into();
    session.desk = serde_json::from_value(serde_json::json!({
        "since": now, "nonce": "n", "brief": null, "owner": { "id": "ann", "name": "Ann" },
        "taken": now, "unanswered": null, "waitingCard": null, "updated": now,
    }))
    .unwrap();
    session.takes = serde_json::from_value(serde_json::json!([
        { "agent": { "id": "ann", "name": "Ann" }, "waitedSince": now, "at": now, "until": null, "how": null }
    ]))
    .unwrap();
    let by = By { kind: ByKind::Manager, id: "alex".to_owned(), name: None };
    let close = Event::Close { by, outcome: State::Resolved, notes: None };
    let journey = step(&case, Some(journey), &close).journey.unwrap();
    let session = &journey.sessions[0];
    assert_eq!((session.state, session.ended), (State::Resolved, Some(now)));
    assert!(session.aside.is_none() && session.desk.is_none(), "{session:?}");
    assert_eq!(session.takes[0].until, Some(now), "Ann has it no longer");
}

//! Random departments with desks, guests and agents: what is said on one side of a desk is heard on
//! the other, and a note never is. The core is pure, so nothing is mocked.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};

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
        Act, Agent, AsideAsks, Body, By, ByKind, Card, Carried, DeskLetter, Effect, Event, Guest,
        Journey, LetterId, Session, SessionId, State, TenantId, Token, Undelivered,
    },
    pipeline::{
        Case, Chat, Facts, Fresh as _, Pinned,
        answers::NoAnswers,
        due,
        facts::{Desks, People},
        step,
    },
    source::Files,
};

/// A department as it is generated: all have a desk.
#[derive(Debug, Clone)]
struct Office {
    menu: bool,
    hours: bool,
    on_timeout: bool,
    on_closed: bool,
    on_drop: bool,
    survey: bool,
    confidential: bool,
}

#[derive(Debug, Clone)]
enum Do {
    /// The guest writes what nobody has written before.
    Words,
    Type(&'static str),
    /// The guest clicks any button that ever was: from the newest back.
    Click(usize),
    /// The guest clicks a button of a card that can still be clicked.
    Live(usize),
    Pass(i64),
    Manager(usize),
    Close,
    Unreachable,
    /// One of the latest letters with somebody's words was given up: from the newest back.
    Lost(usize),
    /// An agent does something; with `stale` on a card of an earlier thread.
    Desk {
        agent: usize,
        stale: bool,
        what: What,
    },
    /// Whoever wrote one of the latest lines at a desk changes it in Teams: from the newest back.
    Edit(usize, Change),
    /// The desk where the guest is, or of that office, is gone or connected.
    Gone(Option<usize>),
    Connected(Option<usize>),
}

#[derive(Debug, Clone)]
enum What {
    Take,
    TakeOver,
    /// To any of the three, or to nobody who is known.
    Hand(usize),
    Release,
    Say,
    Note,
    Resolve(bool),
    Transfer(usize),
}

fn agent(number: usize) -> Agent {
    Agent { id: format!("agent{number}"), name: format!("Agent {number}") }
}

/// An edit in Teams.
#[derive(Debug, Clone)]
enum Change {
    /// Other words, without the mark of a note.
    Words,
    /// A note.
    Mark,
    /// The same words without the mark.
    Unmark,
    Delete,
}

/// What somebody wrote at a desk.
#[derive(Debug, Clone)]
struct Written {
    session: SessionId,
    by: Agent,
    letter: Option<LetterId>,
    was: Option<String>,
}

fn office() -> impl Strategy<Value = Office> {
    (
        prop::bool::weighted(0.6),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(menu, hours, on_timeout, on_closed, on_drop, survey, confidential)| {
            Office { menu, hours, on_timeout, on_closed, on_drop, survey, confidential }
        })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        5 => Just(What::Take),
        2 => Just(What::TakeOver),
        5 => (0..4usize).prop_map(What::Hand),
        1 => Just(What::Release),
        5 => Just(What::Say),
        3 => Just(What::Note),
        1 => any::<bool>().prop_map(What::Resolve),
        2 => (0..4usize).prop_map(What::Transfer),
    ]
}

fn act() -> impl Strategy<Value = Do> {
    let typed = [
        "Person",
        "Write",
        "1",
        "2",
        "3",
        "yes",
        "no",
        "/end",
        "end",
        "/restart",
        "/departments",
        "/back",
        "/status",
        "thanks",
        "continue",
    ];
    let which = || prop::option::weighted(0.3, 0..3usize);
    prop_oneof![
        6 => Just(Do::Words),
        4 => prop::sample::select(typed.to_vec()).prop_map(Do::Type),
        1 => (0..12usize).prop_map(Do::Click),
        4 => (0..6usize).prop_map(Do::Live),
        3 => prop::sample::select(vec![1i64, 60, 299, 301, 600, 901, 7200, 50_000, 86_400, 3 * 86_400]).prop_map(Do::Pass),
        1 => (0..3usize).prop_map(Do::Manager),
        1 => Just(Do::Close),
        1 => Just(Do::Unreachable),
        3 => (0..6usize).prop_map(Do::Lost),
        20 => (prop::sample::select(vec![0usize, 0, 0, 1, 2]), prop::bool::weighted(0.1), what()).prop_map(|(agent, stale, what)| Do::Desk { agent, stale, what }),
        10 => (prop::sample::select(vec![0usize, 1, 1, 2, 3]), prop::sample::select(vec![Change::Words, Change::Mark, Change::Unmark, Change::Delete]))
            .prop_map(|(back, change)| Do::Edit(back, change)),
        2 => which().prop_map(Do::Gone),
        3 => which().prop_map(Do::Connected),
    ]
}

fn files(offices: &[Office]) -> Files {
    let company = "company: Firm\nprimary_tenant: t0\ntimezone: UTC\ntransfer:\n  rules:\n    - { from: \"*\", to: \"*\" }\n";
    let mut files = Files::from([("company.yaml".to_owned(), company.to_owned())]);
    for (at, office) in offices.iter().enumerate() {
        let to = (at + 1) % offices.len();
        let mut text = format!(
            "name: Office {at}\nref: T{at}\nconfidential: {}\ndesk: {{ where: channel }}\n",
            office.confidential
        );
        if office.hours {
            text.push_str("hours:\n  open: { mon-fri: [\"08:00-17:00\"] }\n");
        }
        text.push_str("pipelines:\n  main:\n");
        if office.menu {
            text.push_str(
                "    - id: menu\n      menu:\n        text: What?\n        choices:\n          - { title: Person, next: human }\n          \
                 - { title: Write, next: leave }\n          - { title: Go, next: go }\n          - { title: Leave, next: bye }\n",
            );
            writeln!(text, "    - id: go\n      transfer: {{ tenant: t{to}, text: Over to you., return_to: menu }}").unwrap();
        }
        text.push_str("    - id: human\n      agent: { max_wait: 15m, update_every: 5m }\n");
        writeln!(text, "      next: {}", if office.survey { "rate" } else { "bye" }).unwrap();
        for (exit, to) in [
            (office.on_timeout, "on_timeout: leave"),
            (office.on_closed, "on_closed: leave"),
            (office.on_drop, "on_drop: dropped"),
        ] {
            if exit {
                writeln!(text, "      {to}").unwrap();
            }
        }
        if office.survey {
            text.push_str("    - id: rate\n      survey: { scale: 5 }\n      next: bye\n");
        }
        if office.menu || office.on_timeout || office.on_closed {
            text.push_str(
                "    - id: leave\n      message: { text: Leave a message. }\n      next: bye\n",
            );
        }
        if office.on_drop {
            text.push_str(
                "    - id: dropped\n      end: { text: Come back., outcome: unresolved }\n",
            );
        }
        text.push_str("    - id: bye\n      end: { text: Bye., outcome: resolved }\n");
        files.insert(format!("tenants/t{at}/tenant.yaml"), text);
    }
    files
}

/// The desks that are connected.
#[derive(Default)]
struct Connected(BTreeSet<TenantId>);

impl Desks for Connected {
    fn people(&self, _: &TenantId) -> Option<People> {
        None
    }
    fn is_reachable(&self, tenant: &TenantId) -> bool {
        self.0.contains(tenant)
    }
    fn colleagues(&self, _: &TenantId) -> Vec<Agent> {
        (0..3).map(agent).collect()
    }
    fn ahead(&self, _: &TenantId, _: SessionId) -> usize {
        0
    }
    fn pace(&self, _: &TenantId) -> Option<Duration> {
        None
    }
}

#[derive(Debug, Default)]
struct Counts {
    events: usize,
    taken: usize,
    taken_over: usize,
    handed: usize,
    relayed: usize,
    notes: usize,
    heard_at_desk: usize,
    kept: usize,
    sent_later: usize,
    moved: usize,
    resolved: usize,
    cut_off: usize,
    refused: usize,
    rewritten: usize,
    notes_edited: usize,
    taken_back: usize,
    lost: usize,
    beside: usize,
}

struct World<'a> {
    company: &'a Company,
    cards: &'a Cards,
    pinned: Pinned,
    guest: Guest,
    now: Timestamp,
    fresh: Counter,
    desks: Connected,
    journey: Option<Journey>,
    /// Other matters, which lie at a desk.
    open: Vec<Journey>,
    /// The buttons in the guest's chat, and the cards there that were answered.
    buttons: Vec<(LetterId, Map<String, Value>)>,
    settled: BTreeSet<LetterId>,
    /// The first posts in the channels that are there, as they look now.
    briefs: BTreeMap<LetterId, (TenantId, Value)>,
    /// The secrets of all desk cards so far.
    nonces: Vec<String>,
    /// What was read in the thread since somebody last answered there.
    unanswered: Vec<(SessionId, String)>,
    /// What was written for no guest's eyes.
    notes: Vec<String>,
    /// What was written at desks, by the numbers of the activities.
    written: Vec<Written>,
    counts: &'a RefCell<Counts>,
}

/// What a step let be read, and where.
#[derive(Debug, Default)]
struct Read {
    guest: Vec<String>,
    /// Those of them that took the place of what the guest had read.
    rewritten: Vec<LetterId>,
    desk: Vec<(TenantId, Option<LetterId>, String)>,
    /// What was said in threads that went with their channels: nobody reads it.
    gone: Vec<String>,
}

impl World<'_> {
    fn case(&self) -> Case<'_> {
        let facts = Facts {
            directory: &self.company.directory,
            guest: &self.guest,
            now: self.now,
            fresh: &self.fresh,
            desks: &self.desks,
            formatted: None,
            answers: &NoAnswers,
        };
        Case { facts, playbook: &self.company.playbook, pinned: &self.pinned }
    }

    fn live(&self) -> Option<&Session> {
        let journey = self.journey.as_ref()?;
        Some(&journey.sessions[journey.present()?])
    }

    fn journeys(&self) -> impl Iterator<Item = &Journey> {
        self.journey.iter().chain(&self.open)
    }

    fn session(&self, id: SessionId) -> Option<&Session> {
        self.journeys().find_map(|journey| journey.session(id))
    }

    /// The sessions that are at a desk: the one in which the guest is first.
    fn at_desks(&self) -> Vec<SessionId> {
        let live = self.journeys().filter_map(Journey::live);
        live.filter(|session| session.desk.is_some()).map(|session| session.id).collect()
    }

    /// Words that nobody has said before, and that no others begin with.
    fn words(&self, kind: &str) -> String {
        format!("{kind}-{}.", self.fresh.number())
    }

    fn tenant(&self, which: Option<usize>) -> TenantId {
        match (which, self.live()) {
            (None, Some(live)) => live.tenant.clone(),
            (which, _) => TenantId::from(
                format!("t{}", which.unwrap_or_default() % self.company.directory.tenants.len())
                    .as_str(),
            ),
        }
    }

    fn render(&self, card: &Card) -> Value {
        self.cards.render(card).unwrap_or_else(|error| panic!("{}: {error}", card.template)).content
    }

    fn act(&mut self, act: &Do) {
        match act {
            Do::Words => {
                let words = self.words("word");
                self.guest_writes(&words);
            }
            Do::Type(text) => drop(self.happen(&Event::Said((*text).to_owned()))),
            Do::Click(back) => {
                let button = self.buttons.iter().rev().nth(*back).cloned();
                self.guest_clicks(button);
            }
            Do::Live(back) => {
                let open: Vec<_> = self
                    .buttons
                    .iter()
                    .rev()
                    .filter(|(letter, _)| !self.settled.contains(letter))
                    .cloned()
                    .collect();
                self.guest_clicks(if open.is_empty() {
                    None
                } else {
                    Some(open[back % open.len()].clone())
                });
            }
            Do::Pass(seconds) => {
                let until = self.now + SignedDuration::from_secs(*seconds);
                let next = |world: &Self| {
                    let due = world.journeys().filter_map(|one| due(&world.case(), one)).min();
                    due.filter(|due| *due <= until)
                };
                for _ in 0..50 {
                    // A guest who waits for days hears of it often.
                    let Some(due) = next(self) else { break };
                    self.now = self.now.max(due);
                    drop(self.happen(&Event::Tick));
                }
                assert_eq!(next(self), None, "something stays due for ever");
                self.now = until;
            }
            Do::Manager(to) => {
                let by = By { kind: ByKind::Manager, id: "mara".to_owned(), name: None };
                let note = self.note();
                let tenant = self.tenant(Some(*to));
                drop(self.happen(&Event::Move { tenant, by, reason: None, note: Some(note) }));
            }
            Do::Close => {
                let by = By { kind: ByKind::Manager, id: "mara".to_owned(), name: None };
                let at = self.at_desks().last().copied();
                let close = Event::Close { by, outcome: State::Resolved, notes: None };
                drop(self.happen_to(at, &close));
            }
            Do::Unreachable => drop(self.happen(&Event::Unreachable)),
            Do::Lost(back) => self.lose(*back),
            Do::Desk { agent, stale, what } => self.at_desk(*agent, *stale, what),
            Do::Edit(back, change) => self.edit(*back, change),
            Do::Gone(which) => {
                let tenant = self.tenant(*which);
                let was_there = self.desks.0.remove(&tenant);
                self.briefs.retain(|_, (of, _)| *of != tenant);
                let had = self.journeys().filter_map(Journey::live).any(|live| {
                    live.tenant == tenant
                        && live.desk.as_ref().is_some_and(|help| help.brief.is_some())
                });
                self.counts.borrow_mut().cut_off += usize::from(was_there && had);
                drop(self.happen(&Event::Tick));
            }
            Do::Connected(which) => {
                let tenant = self.tenant(*which);
                self.desks.0.insert(tenant);
                let unsent = |world: &Self| -> usize {
                    let live = world.journeys().filter_map(Journey::live);
                    live.filter_map(|live| Some(live.desk.as_ref()?.unsent.len())).sum()
                };
                let before = unsent(self);
                drop(self.happen(&Event::Tick));
                let after = unsent(self);
                self.counts.borrow_mut().sent_later += before.saturating_sub(after);
            }
        }
    }

    fn note(&mut self) -> String {
        let note = self.words("note");
        self.notes.push(note.clone());
        note
    }

    fn guest_clicks(&mut self, button: Option<(LetterId, Map<String, Value>)>) {
        let Some((_, mut data)) = button else { return };
        let token: Token = serde_json::from_value(data.remove(Token::KEY).unwrap()).unwrap();
        data.insert("rating".to_owned(), Value::String("4".to_owned()));
        drop(self.happen(&Event::Clicked { token, data }));
    }

    /// What a guest writes where a person is waited for, or is there, is read at the desk, or kept
    /// until there is one.
    fn guest_writes(&mut self, words: &str) {
        let left = self.live().filter(|live| live.is_left()).cloned();
        let before =
            self.live().filter(|live| live.desk.is_some() && left.is_none()).map(|live| live.id);
        let read = self.happen(&Event::Said(words.to_owned()));
        if let Some(left) = left {
            self.still_lies(&left, &read);
            self.counts.borrow_mut().beside += usize::from(!self.open.is_empty());
            if self.live().is_some_and(|live| live.id == left.id) {
                return;
            }
        }
        let Some(live) = self.live() else {
            // Who comes back after an end is asked first whether it is about the same.
            assert!(before.is_none(), "mere words ended a session");
            return;
        };
        assert!(
            before.is_none_or(|before| before == live.id && live.desk.is_some()),
            "mere words ended the wait for a person"
        );
        let Some(help) = &live.desk else { return };
        let is_opening = before.is_none() && live.state == State::WaitingForAgent;
        let is_read = read.desk.iter().any(|(tenant, thread, text)| {
            let there =
                *tenant == live.tenant && self.desks.0.contains(tenant) && text.contains(words);
            // The first words of all are the question on the brief.
            there && (thread.is_some() && *thread == help.brief || is_opening && thread.is_none())
        });
        let is_kept = help.unsent.iter().any(|kept| kept == words);
        assert!(
            is_read != is_kept,
            "words that are read ({is_read}) and kept ({is_kept}): {live:#?}"
        );
        let mut counts = self.counts.borrow_mut();
        counts.heard_at_desk += usize::from(is_read);
        counts.kept += usize::from(is_kept);
        drop(counts);
        if !is_opening {
            self.unanswered.push((live.id, words.to_owned()));
        }
    }

    /// Mere words never take back a message that was left; what was asked about is not lost.
    fn still_lies(&self, left: &Session, read: &Read) {
        let now = self.session(left.id).expect("a message that was left is there");
        let desk = now.desk.as_ref().filter(|_| now.is_left()).expect("it lies at its desk");
        let Some(AsideAsks::Add(words)) = left.aside.as_ref().map(|aside| &aside.asks) else {
            return;
        };
        let is_read = read.desk.iter().any(|(.., text)| text.contains(words));
        assert!(is_read || desk.unsent.contains(words), "{words} is lost");
    }

    fn at_desk(&mut self, agent: usize, stale: bool, what: &What) {
        let by = self::agent(agent);
        let desks = self.at_desks();
        let at = desks.get(agent % desks.len().max(1)).copied();
        let help = at.and_then(|id| self.session(id)?.desk.clone());
        let nonce = if stale {
            self.nonces.first().cloned()
        } else {
            help.as_ref().map(|help| help.nonce.clone())
        };
        let is_over = help.as_ref().is_none_or(|help| nonce.as_ref() != Some(&help.nonce));
        let nonce_before = help.as_ref().map(|help| help.nonce.clone());
        let owner = help.as_ref().and_then(|help| help.owner.clone());
        let is_owner = owner.as_ref() == Some(&by);
        let mut said = String::new();
        let is_words = matches!(what, What::Say | What::Note);
        let act = match what {
            What::Take => Act::Take,
            What::TakeOver => Act::TakeOver,
            What::Hand(to) => Act::Hand { to: self::agent(*to).id, note: Some(self.note()) },
            What::Release => Act::Release,
            What::Say => {
                said = self.words("say");
                if !is_owner {
                    self.notes.push(said.clone());
                }
                Act::Say(said.clone())
            }
            What::Note => Act::Say(format!(" // {}", self.note())),
            What::Resolve(helped) => Act::Resolve {
                helped: *helped,
                notes: Some(self.note()),
                answer: Some(self.note()),
            },
            What::Transfer(to) => Act::Transfer {
                tenant: self.tenant(Some(*to)),
                reason: Some("because".to_owned()),
                note: Some(self.note()),
            },
        };
        let state = |world: &Self| {
            let session = at.and_then(|id| world.session(id)).or_else(|| world.live());
            session.map(|session| (session.id, session.state))
        };
        let (before, present) = (state(self), self.live().map(|live| live.id));
        let is_beside = at.is_some() && present.is_some() && at != present;
        let nonce = nonce.filter(|_| !is_words);
        let read = self.happen_to(at, &Event::Desk { by: by.clone(), nonce, act });
        let after = state(self);
        let mut counts = self.counts.borrow_mut();
        if help.is_none() || is_over && !is_words {
            assert!(
                after == before && read.guest.is_empty(),
                "a dead card did something: {:#?}",
                read.guest
            );
            assert!(
                before.is_none() && self.journey.is_none() || !read.desk.is_empty(),
                "nobody is told that it is over"
            );
            return;
        }
        match what {
            What::Say if is_owner => {
                assert!(
                    matches!(read.guest.as_slice(), [one] if one.contains(&said)),
                    "the guest reads {:#?}",
                    read.guest
                );
                counts.relayed += 1;
                self.unanswered.clear();
            }
            What::Say | What::Note => {
                assert!(read.guest.is_empty(), "the guest reads of a note: {:#?}", read.guest);
                counts.notes += 1;
            }
            What::TakeOver if owner.is_some() && !is_owner => {
                let help = at
                    .and_then(|id| self.session(id)?.desk.clone())
                    .expect("the chat stays a person's");
                assert_eq!((help.owner.as_ref(), after), (Some(&by), before));
                assert_ne!(Some(&help.nonce), nonce_before.as_ref(), "an old button still counts");
                let was = owner.as_ref().unwrap();
                assert!(
                    read.guest
                        .iter()
                        .any(|text| text.contains(&by.name) && text.contains(&was.name)),
                    "{:#?}",
                    read.guest
                );
                let is_told = read
                    .desk
                    .iter()
                    .any(|(_, thread, text)| thread.is_some() && text.contains(&was.name));
                assert!(is_told || help.brief.is_none(), "nobody in the thread is told");
                counts.taken_over += 1;
            }
            _ if owner.is_some() && !is_owner => {
                assert!(
                    after == before && read.guest.is_empty(),
                    "somebody else's chat was touched"
                );
                assert_eq!(at.and_then(|id| self.session(id)?.desk.as_ref()?.owner.clone()), owner);
                assert!(!read.desk.is_empty(), "nobody is told whose chat it is");
                counts.refused += 1;
            }
            What::Hand(to) if is_owner => {
                let help = at
                    .and_then(|id| self.session(id)?.desk.clone())
                    .expect("the chat stays a person's");
                let to = self::agent(*to);
                assert_eq!(after, before, "handed to a colleague the guest is where they were");
                if to == by || to.id == "agent3" {
                    assert!(
                        help.owner.as_ref() == Some(&by)
                            && read.guest.is_empty()
                            && !read.desk.is_empty(),
                        "handed to nobody: {help:?}"
                    );
                    return;
                }
                assert_eq!(help.owner.as_ref(), Some(&to));
                assert_ne!(Some(&help.nonce), nonce_before.as_ref(), "an old button still counts");
                assert!(
                    read.guest
                        .iter()
                        .any(|text| text.contains(&by.name) && text.contains(&to.name)),
                    "{:#?}",
                    read.guest
                );
                counts.handed += 1;
            }
            What::Hand(_) => assert!(
                after == before && read.guest.is_empty() && !read.desk.is_empty(),
                "nobody's chat was handed on"
            ),
            What::Take | What::TakeOver => {
                assert_eq!(
                    at.and_then(|id| self.session(id)?.desk.as_ref()?.owner.clone()),
                    Some(by)
                );
                counts.taken += usize::from(owner.is_none());
            }
            What::Resolve(_) => {
                let session = self.session(before.unwrap().0).unwrap();
                assert!(session.desk.is_none(), "resolved, and still a person's");
                counts.resolved += 1;
            }
            What::Transfer(_) => {
                let now = self.live().map(|live| live.id);
                assert!(!is_beside || now == present, "moved out of another matter");
                counts.moved += usize::from(now != present);
            }
            What::Release => {}
        }
    }

    /// Whoever wrote what does not arrive is told which words, once, and nobody else.
    fn lose(&mut self, back: usize) {
        // Another matter that is over is the store's alone.
        let open = self.open.iter().filter(|journey| journey.present().is_some());
        let sessions = self.journey.iter().chain(open).flat_map(|journey| &journey.sessions);
        let carried = sessions.flat_map(|session| &session.carried);
        let open: Vec<Carried> =
            carried.filter(|carried| carried.lost.is_none()).cloned().collect();
        let Some(Carried { letter, by, text, .. }) = open.into_iter().rev().nth(back) else {
            return;
        };
        let why = Undelivered::Late;
        let event = Event::Undelivered { letter, is_change: false, for_guest: by.is_some(), why };
        let read = self.happen(&event);
        let at_desk = read.desk.iter().map(|(.., words)| words).chain(&read.gone);
        let at_desk: Vec<&String> = at_desk.collect();
        let (theirs, others) = match by {
            None => (read.guest.iter().collect(), at_desk),
            Some(_) => (at_desk, read.guest.iter().collect()),
        };
        assert!(
            others.is_empty() && theirs.len() == 1 && theirs[0].contains(&text),
            "{text}: {read:?}"
        );
        let again = self.happen(&event);
        assert!(again.guest.is_empty() && again.desk.is_empty(), "told twice: {again:?}");
        self.counts.borrow_mut().lost += 1;
    }

    /// What the guest has read is replaced; a note never becomes what they read.
    fn edit(&mut self, back: usize, change: &Change) {
        // Every other time what the guest has read: notes are far more.
        let fits = |line: &Written| back.is_multiple_of(2) || line.letter.is_some();
        let Some(at) =
            (0..self.written.len()).rev().filter(|at| fits(&self.written[*at])).nth(back / 2)
        else {
            return;
        };
        let Written { session, by, letter, was } = self.written[at].clone();
        let text = match change {
            Change::Words if letter.is_some() => Some(self.words("say")),
            Change::Words => Some(self.note()),
            Change::Mark => Some(format!("// {}", self.note())),
            Change::Unmark => was.clone(),
            Change::Delete => None,
        };
        let is_same = text == was;
        let event = Event::AgentEdited {
            session,
            by,
            activity: at.to_string(),
            letter,
            was,
            text: text.clone(),
        };
        let before = self.live().cloned();
        let read = self.happen(&event);
        assert_eq!(self.live().cloned(), before, "an edit moved something");
        let mut counts = self.counts.borrow_mut();
        match (letter, change) {
            (Some(letter), Change::Words | Change::Unmark | Change::Delete) if !is_same => {
                assert_eq!(
                    (read.guest.len(), read.rewritten.as_slice()),
                    (1, [letter].as_slice()),
                    "{read:?}"
                );
                let wanted = text.unwrap_or_else(|| "took a message back".to_owned());
                assert!(read.guest[0].contains(&wanted), "{read:?}");
                counts.rewritten += 1;
                counts.taken_back += usize::from(matches!(change, Change::Delete));
            }
            (letter, _) => {
                assert!(
                    read.guest.is_empty() && read.rewritten.is_empty(),
                    "the guest reads of a note: {read:?}"
                );
                counts.notes_edited += usize::from(letter.is_none());
            }
        }
    }

    fn happen(&mut self, event: &Event) -> Read {
        self.happen_to(None, event)
    }

    fn happen_to(&mut self, session: Option<SessionId>, event: &Event) -> Read {
        let kept: Vec<(SessionId, String)> = self
            .journeys()
            .flat_map(|journey| &journey.sessions)
            .filter_map(|session| Some((session.id, session.desk.as_ref()?)))
            .flat_map(|(id, help)| help.unsent.iter().map(move |words| (id, words.clone())))
            .collect();
        let was: Vec<Session> =
            self.journeys().flat_map(|journey| &journey.sessions).cloned().collect();
        let (journey, open) = (self.journey.take(), std::mem::take(&mut self.open));
        let outcome = step(&self.case(), Chat { journey, open, session }, event);
        // What is not named as changed is not written: it must be as it was.
        let journeys = outcome.journey.iter().chain(&outcome.open);
        for session in journeys.flat_map(|journey| &journey.sessions) {
            let before = was.iter().find(|before| before.id == session.id);
            assert!(
                before == Some(session) || outcome.changed.contains(&session.id),
                "{event:?} changed a session, and nobody writes it down\n{before:#?}\n{session:#?}"
            );
        }
        // Nothing that goes on is let go of.
        for session in was.iter().filter(|session| session.state.is_live()) {
            let journeys = outcome.journey.iter().chain(&outcome.open);
            let kept = journeys.flat_map(|journey| &journey.sessions);
            assert!(kept.into_iter().any(|kept| kept.id == session.id), "{session:?} is lost");
        }
        (self.journey, self.open) = (outcome.journey, outcome.open);
        let mut read = Read::default();
        let mut lost: BTreeSet<LetterId> = BTreeSet::new();
        for effect in outcome.effects {
            match effect {
                Effect::Send(letter) => match letter.body {
                    Body::Text(words) => read.guest.push(words.plain()),
                    Body::Card(card) => {
                        let content = self.render(&card);
                        let buttons = cards::buttons(&content)
                            .into_iter()
                            .filter_map(|button| button.data.as_object().cloned());
                        self.buttons.extend(
                            buttons
                                .filter(|data| data.contains_key(Token::KEY))
                                .map(|data| (letter.id, data)),
                        );
                        read.guest.push(content.to_string());
                    }
                },
                Effect::Settle { letter, card } => {
                    self.settled.insert(letter);
                    read.guest.push(self.render(&card).to_string());
                }
                Effect::Tell { words, .. } => read.guest.push(words.plain()),
                Effect::TellDesk { session, words } => {
                    // What is told of a session of long ago has no thread any more.
                    let known = self.session(session);
                    assert!(known.is_some() || matches!(event, Event::AgentEdited { .. }));
                    read.desk
                        .extend(known.map(|session| (session.tenant.clone(), None, words.plain())));
                }
                // A thread that went with its channel takes nothing: whoever sends hears of it.
                Effect::Desk(DeskLetter {
                    thread: Some(thread), body: Body::Text(words), ..
                }) if !self.briefs.contains_key(&thread) => {
                    lost.insert(thread);
                    read.gone.push(words.plain());
                }
                Effect::Redesk { letter, .. } if !self.briefs.contains_key(&letter) => {
                    lost.insert(letter);
                }
                Effect::Desk(DeskLetter { id, tenant, thread, body, .. }) => match body {
                    Body::Text(words) => read.desk.push((tenant, thread, words.plain())),
                    Body::Card(card) => {
                        assert!(self.desks.0.contains(&tenant), "a thread where nobody is");
                        let content = self.render(&card);
                        read.desk.push((tenant.clone(), thread, content.to_string()));
                        self.briefs.insert(id, (tenant, content));
                    }
                },
                Effect::Redesk { letter, card, .. } => {
                    let content = self.render(&card);
                    self.briefs.get_mut(&letter).expect("it is there").1 = content;
                }
                // What the house notes itself nobody edits.
                Effect::Agent { by, .. } if by.id.is_empty() => {}
                Effect::Agent { session, by, text, letter } => {
                    self.written.push(Written { session, by, letter, was: Some(text) })
                }
                Effect::Amend { session, agent, activity, text } => {
                    let line = &mut self.written[activity.parse::<usize>().unwrap()];
                    assert_eq!((line.session, &line.by.id), (session, &agent));
                    line.was = text;
                }
                Effect::Rewrite { letter, words, .. } => {
                    read.guest.push(words.plain());
                    read.rewritten.push(letter);
                }
                Effect::Heard { .. }
                | Effect::Answer { .. }
                | Effect::Draft { .. }
                | Effect::Call { .. }
                | Effect::Carried(_)
                | Effect::Trail(_) => {}
            }
        }
        for letter in lost {
            let more = self.happen(&Event::ThreadLost { letter, at_once: true });
            read.guest.extend(more.guest);
            read.rewritten.extend(more.rewritten);
            read.desk.extend(more.desk);
            read.gone.extend(more.gone);
        }
        for text in &read.guest {
            for note in &self.notes {
                assert!(!text.contains(note), "the guest reads the note {note}: {text}");
            }
        }
        for (id, words) in kept {
            let help = self.session(id).and_then(|session| session.desk.as_ref());
            let is_read = || {
                read.desk.iter().any(|(_, thread, text)| thread.is_some() && text.contains(&words))
            };
            assert!(
                help.is_none_or(|help| help.unsent.contains(&words)) || is_read(),
                "what was kept is lost: {words}"
            );
        }
        for (id, words) in &self.unanswered {
            let help = self.session(*id).and_then(|session| session.desk.as_ref());
            let is_kept =
                help.is_none_or(|help| help.brief.is_some() || help.unsent.contains(words));
            assert!(is_kept, "the next thread does not hear of {words}");
        }
        // Whoever got another way, and comes back, begins anew.
        let waits = self.at_desks();
        self.unanswered.retain(|(id, _)| waits.contains(id));
        self.counts.borrow_mut().events += 1;
        let desks: Vec<String> = waits
            .into_iter()
            .filter_map(|id| Some(self.session(id)?.desk.as_ref()?.nonce.clone()))
            .collect();
        self.nonces.extend(desks);
        self.nonces.dedup();
        self.holds();
        read
    }

    fn holds(&self) {
        if self.journey.is_none() {
            return;
        }
        for journey in self.journeys() {
            let live = journey.sessions.iter().filter(|session| session.state.is_live());
            assert!(live.count() <= 1, "two live sessions in one journey");
        }
        for session in self.journeys().flat_map(|journey| &journey.sessions) {
            let owner = session.desk.as_ref().and_then(|help| help.owner.as_ref());
            assert_eq!(
                session.state == State::WithAgent,
                owner.is_some(),
                "an owner, or none, who should not be there: {session:#?}"
            );
            match (session.state, &session.desk) {
                (State::WithAgent, Some(_)) | (State::Active, None) => {}
                (State::WaitingForAgent, Some(help)) => {
                    assert!(!help.left, "nobody waits for the answer to a message")
                }
                (State::Open, Some(help)) => assert!(help.left, "open, and no message was left"),
                // Nobody came in time: a message is asked for, and the thread stands.
                (State::Active, Some(_)) => {
                    assert!(session.waiting.is_some(), "a promise that nobody keeps: {session:#?}")
                }
                (state, help) => {
                    assert!(!state.is_live() && help.is_none(), "a person for nobody: {session:#?}")
                }
            }
            let Some(help) = &session.desk else { continue };
            let is_told = help.brief.is_some();
            assert_eq!(
                is_told,
                self.desks.0.contains(&session.tenant),
                "a thread where nobody is, or none where somebody is: {session:#?}"
            );
            assert!(!is_told || help.unsent.is_empty(), "words are kept although there is a desk");
        }
        // Only the threads of what goes on can be acted in, and there whatever makes sense can be
        // done.
        let live: Vec<&Session> = self.journeys().filter_map(Journey::live).collect();
        for (letter, (_, card)) in &self.briefs {
            let buttons: Vec<_> = cards::buttons(card)
                .into_iter()
                .filter(|button| button.data.get(Token::KEY).is_some())
                .collect();
            let titles: BTreeSet<&str> =
                buttons.iter().map(|button| button.title.as_str()).collect();
            let mut helps = live.iter().filter_map(|live| live.desk.as_ref());
            let Some(help) = helps.find(|help| help.brief == Some(*letter)) else {
                assert!(
                    buttons.is_empty(),
                    "something can be done in a thread of what is over: {titles:?}"
                );
                continue;
            };
            let token = |button: &cards::Button| {
                serde_json::from_value::<Token>(button.data[Token::KEY].clone()).unwrap()
            };
            assert!(buttons.iter().all(|button| token(button).nonce == help.nonce));
            assert_eq!(titles.contains("Take"), help.owner.is_none(), "{titles:?}");
            for title in ["Resolve", "Take over", "Hand to a colleague"] {
                assert_eq!(titles.contains(title), help.owner.is_some(), "{title}: {titles:?}");
            }
        }
        self.ends();
    }

    /// Whatever the state, `/end` and a yes end the session in which the guest is.
    fn ends(&self) {
        let mut journey = self.journey.clone();
        for _ in 0..=journey.as_ref().map_or(0, |journey| journey.course.duties.len()) {
            let Some(live) = journey
                .as_ref()
                .and_then(|journey| journey.present().map(|index| journey.sessions[index].id))
            else {
                return;
            };
            for text in ["/end", "yes"] {
                journey = step(&self.case(), journey, &Event::Said(text.to_owned())).journey;
            }
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
fn whatever_happens_a_desk_hears_its_guest_and_no_guest_hears_a_note() {
    let counts = RefCell::new(Counts::default());
    let mut runner = TestRunner::new(Config {
        cases: long("PROPTEST_CASES", 64),
        rng_seed: RngSeed::Fixed(long("PROPTEST_RNG_SEED", 1)),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    });
    let outcome =
        runner.run(&(vec(office(), 2..4), vec(vec(act(), 1..80), 3)), |(offices, guests)| {
            let files = files(&offices);
            let (ready, problems) = check::ready(&files);
            let Some((company, cards)) = ready else { panic!("{problems:#?}\n{files:#?}") };
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
                    desks: Connected(company.directory.tenants.keys().cloned().collect()),
                    journey: None,
                    open: Vec::new(),
                    buttons: Vec::new(),
                    settled: BTreeSet::new(),
                    briefs: BTreeMap::new(),
                    nonces: Vec::new(),
                    unanswered: Vec::new(),
                    notes: Vec::new(),
                    written: Vec::new(),
                    counts: &counts,
                };
                for act in &acts {
                    world.now += SignedDuration::from_secs(1);
                    world.act(act);
                }
            }
            Ok(())
        });
    println!("{:?}", counts.borrow());
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
    let counts = counts.into_inner();
    let often = [
        counts.taken,
        counts.taken_over,
        counts.handed,
        counts.relayed,
        counts.notes,
        counts.heard_at_desk,
        counts.moved,
        counts.resolved,
        counts.refused,
        counts.kept,
        counts.sent_later,
        counts.rewritten,
        counts.notes_edited,
        counts.lost,
    ];
    assert!(
        often.iter().all(|count| *count > 5) && counts.taken_back > 0 && counts.beside > 0,
        "too little happened: {counts:?}"
    );
}

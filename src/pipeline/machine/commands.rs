//! What a guest may type at any time, and questions beside the stage's own: restart, end, another
//! department, a wished move.

use serde_json::{Value, json};

use super::{
    beside::how,
    help,
    run::{Machine, Spot},
};
use crate::{
    model::{
        AsideAsks, By, Effect, Entry, Event, Journey, Session, State, Words, mark, session::keys,
    },
    pipeline::{
        card::{Row, entries},
        cx::{Cx, object},
        directory::{Directory, Tenant},
        facts::Facts,
        language::{Asking, LANGUAGES, Phrases, fill, phrases},
        playbook::Stage,
        stages::Kind,
        typed::{asks_for_person, normal},
    },
};

/// A text command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// What can be typed.
    Help,
    /// Where the matter stands.
    Status,
    /// Begin anew.
    Restart,
    /// Take the last move back.
    Back,
    /// Close the matter.
    End,
    /// Another department.
    Departments,
    /// A person.
    Agent,
    /// To be spoken to in another language.
    Language,
}

/// The command that a whole message is: in any language that is spoken, or with the company's own
/// words. Without its slash.
pub fn command_of(text: &str, directory: &Directory) -> Option<Command> {
    let word = normal(text);
    // Whoever sends a file alone asks nothing, although a bare "?" asks for help.
    if text.trim().is_empty() {
        return None;
    }
    if language_of_words(&word).is_some() {
        return Some(Command::Language);
    }
    let added = |name: &str| {
        let mut of_all = directory.commands.values().filter_map(|words| words.get(name)).flatten();
        of_all.any(|known| normal(known) == word)
    };
    let is_one = |phrases: &Phrases, command: Command| {
        let (_, words) = command.words(phrases);
        words.iter().any(|known| *known == word || normal(known) == word)
    };
    let known = Command::ALL.into_iter().find(|command| {
        LANGUAGES.iter().any(|phrases| is_one(phrases, *command))
            || added(command.words(LANGUAGES[0]).0)
    });
    known.or_else(|| asks_for_person(text).map(|_| Command::Agent))
}

/// True when a whole message asks for a person, with a slash or without.
pub(super) fn wants_person(directory: &Directory, text: &str) -> bool {
    command_of(mark::command(text).unwrap_or(text), directory) == Some(Command::Agent)
}

impl Command {
    const ALL: [Command; 7] = [
        Command::Help,
        Command::Status,
        Command::Restart,
        Command::Back,
        Command::End,
        Command::Departments,
        Command::Agent,
    ];

    /// Its name in company files, and the words for it.
    fn words(self, phrases: &Phrases) -> (&'static str, &'static [&'static str]) {
        match self {
            Command::Help => ("help", phrases.help_words),
            Command::Status => ("status", phrases.status_words),
            Command::Restart => ("restart", phrases.restart_words),
            Command::Back => ("back", phrases.back_words),
            Command::End => ("end", phrases.end_words),
            Command::Departments => ("departments", phrases.departments_words),
            Command::Agent => ("agent", phrases.agent_words),
            Command::Language => ("language", phrases.language_words),
        }
    }
}

/// The language for which these words ask, as they are compared.
pub(super) fn language_of_words(word: &str) -> Option<&'static str> {
    let asked = |phrases: &&&Phrases| phrases.language_words.contains(&word);
    LANGUAGES.iter().find(asked).map(|phrases| phrases.language)
}

/// True when a command is heard as one in a session at that stage. What the stage itself offers
/// under that name wins over the command, which always has its slash.
pub(super) fn is_heard(session: &Session, stage: &Stage, text: &str) -> bool {
    let behaviour = stage.kind.behaviour();
    // Who wants to talk to a person says so in a sentence that answers nothing else; where a message
    // is taken, a person reads it.
    let says_so =
        || asks_for_person(text) == Some(Asking::Said) && !matches!(stage.kind, Kind::Message(_));
    let is_theirs = || behaviour.knows(text) || behaviour.is_free_text() && !says_so();
    let is_words = session.state == State::WithAgent || (is_theirs() && !session.is_left());
    mark::command(text).is_some() || !is_words
}

/// True when a whole message is a command, with a slash or without.
pub fn is_command(directory: &Directory, text: &str) -> bool {
    command_of(mark::command(text).unwrap_or(text), directory).is_some()
}

/// The answer to a command that needs no matter in which the guest is, while they are in none; `open`
/// are those that lie at desks. The others begin one.
pub(super) fn idle(facts: &Facts<'_>, open: &[Journey], text: &str) -> Option<Effect> {
    let directory = facts.directory;
    let front = directory.tenant(&directory.primary)?;
    let phrases = phrases(facts.locale(front));
    let word = mark::command(text).unwrap_or(text);
    match command_of(word, directory)? {
        Command::Help => Some(Effect::Send(help::outside_of_all(facts, front, !open.is_empty()))),
        Command::Status | Command::End => {
            let lines = open
                .iter()
                .filter_map(|journey| Some(how(journey.live()?, facts.directory, phrases)));
            let words = lines
                .reduce(|words, line| words.then(&line))
                .unwrap_or_else(|| Words::own(phrases.status_none));
            Some(Effect::Tell { session: None, tenant: front.id.clone(), words })
        }
        Command::Language => Some(Effect::Tell {
            session: None,
            tenant: front.id.clone(),
            words: Words::own(phrases.speaks).then(&Words::own(phrases.status_none)),
        }),
        Command::Restart | Command::Back | Command::Departments | Command::Agent => None,
    }
}

/// Asks in which department the guest wants to go on.
pub(super) fn offer_departments(
    cx: &mut Cx<'_>,
    targets: &[&Tenant],
    text: Words,
    asks: AsideAsks,
) {
    let phrases = cx.phrases();
    let row = |t: &&Tenant| Row::new(&t.name, t.id.as_str()).of(&t.look);
    let mut own = entries(&targets.iter().map(row).collect::<Vec<_>>());
    own.extend(object(json!({
        "notice": "", "text": text.variable(),
        "words": { "choose": phrases.choose, "send": phrases.send },
    })));
    cx.ask_aside("menu", own, text, asks);
}

/// The command that a click on a help card means while no matter is open, or on one that was sent
/// then: as it is typed, it counts wherever the guest is now.
pub(super) fn clicked_command(
    event: &Event,
    journey: Option<&Journey>,
    directory: &Directory,
) -> Option<Event> {
    let Event::Clicked { token, data } = event else { return None };
    let is_over = |id| {
        let of_chat = |journey: &&Journey| journey.session(id).is_some();
        journey.filter(of_chat).is_some_and(|journey| journey.present().is_none())
    };
    let counts = token.session.map_or(token.stage == help::HELP, is_over);
    let word = data.get("command").and_then(Value::as_str).filter(|_| counts)?;
    let word = word.trim_start_matches('/');
    command_of(word, directory).map(|_| Event::Said(format!("/{word}")))
}

impl Machine<'_> {
    /// A button of the help card was clicked: as if its command were typed, wherever the guest is
    /// now. False for what is no command.
    pub(super) fn help_clicked(&mut self, spot: Spot<'_>, word: &str) -> bool {
        self.leave_unanswered(spot);
        self.commanded(spot, &format!("/{}", word.trim_start_matches('/')))
    }

    /// The first words ask for the departments: they are no question, and the departments are
    /// offered. False when they are something else, or there are none; what the first menu offers
    /// under that name goes first.
    pub(super) fn begins_with_departments(&mut self, index: usize, words: &str) -> bool {
        let directory = self.facts.directory;
        let word = mark::command(words).unwrap_or(words);
        let Some(spot) = self.place(index) else { return false };
        let is_choice = mark::command(words).is_none() && self.is_offered_first(spot, words);
        if is_choice || command_of(word, directory) != Some(Command::Departments) {
            return false;
        }
        let targets: Vec<&Tenant> = directory.reachable_from(spot.tenant).collect();
        if targets.is_empty() {
            return false;
        }
        let session = &mut self.journey.sessions[index];
        session.metadata.remove(keys::QUESTION);
        session.spoken = None;
        session.returns_here();
        let mut cx = self.at(spot);
        let text = Words::own(cx.phrases().departments_ask);
        offer_departments(&mut cx, &targets, text, AsideAsks::Departments);
        self.wait_for_words(index);
        true
    }

    /// What was typed is a command; true when it was carried out.
    pub(super) fn commanded(&mut self, spot: Spot<'_>, text: &str) -> bool {
        let word = mark::command(text).unwrap_or(text);
        let Some(command) = command_of(word, self.facts.directory) else { return false };
        if !is_heard(&self.journey.sessions[spot.index], spot.stage, text) {
            return false;
        }
        self.heard(spot.index, text);
        self.command(spot, command);
        true
    }

    /// Commands that another way answers: back, a person, a new beginning where nothing is given up
    /// by it. True when it was one.
    fn commanded_at_once(&mut self, spot: Spot<'_>, command: Command) -> bool {
        let is_left = self.is_left(spot.index);
        match command {
            Command::Back if self.journey.course.offer.is_some() => {
                self.wish_undo(spot.index, false);
            }
            Command::Back => {
                let first = phrases(self.facts.locale(spot.tenant)).nothing_back;
                let mut cx = self.at(spot);
                let words = Words::own(cx.useless(first));
                cx.say(words);
            }
            Command::Language => self.speak_on(spot),
            Command::Agent if is_left => {
                self.begin_new(None, None);
                let next = self.journey.present().and_then(|index| self.place(index));
                next.into_iter().for_each(|next| self.ask_for_person(next));
            }
            Command::Agent => self.ask_for_person(spot),
            Command::Restart if is_left => self.begin_new(None, None),
            _ => return false,
        }
        true
    }

    fn command(&mut self, spot: Spot<'_>, command: Command) {
        let directory = self.facts.directory;
        if self.commanded_at_once(spot, command) {
            return;
        }
        let (is_left, others) = (self.is_left(spot.index), self.others());
        let left = self.how_left(spot.index);
        let from = self.sets_out_from(spot);
        let with_slash = self.journey.sessions[spot.index].state == State::WithAgent
            || spot.stage.kind.behaviour().is_free_text() && !is_left;
        let open = help::Open { can_undo: self.journey.course.offer.is_some(), with_slash };
        let facts = self.facts;
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        match command {
            Command::Help => {
                let (own, text) = help::card(facts, spot.tenant, Some(open), false);
                cx.show_live("help", own, text);
            }
            Command::Status => {
                let reference = cx.session().reference.clone();
                let values = [("name", spot.tenant.name.as_str()), ("ref", &reference)];
                let own = if is_left { left } else { fill(phrases.status, &values) };
                cx.say(others.iter().fold(own, Words::then));
            }
            Command::Restart => {
                let text = Words::own(phrases.restart_ask);
                let own = json!({ "text": text.variable(), "words": { "yes": phrases.restart_yes, "no": phrases.go_on } });
                cx.ask_aside("confirm", object(own), text, AsideAsks::Restart);
            }
            Command::End if is_left => {
                let reference = cx.session().reference.clone();
                let values = [("name", spot.tenant.name.as_str()), ("ref", &reference)];
                let text = fill(phrases.left.withdraw_ask, &values);
                let own = json!({ "text": text.variable(), "words": { "yes": phrases.left.withdraw, "no": phrases.left.keep_it } });
                cx.ask_aside("confirm", object(own), text, AsideAsks::Withdraw);
            }
            Command::End => {
                let text = Words::own(phrases.end_ask);
                let own = json!({ "text": text.variable(), "words": { "yes": phrases.end_yes, "no": phrases.go_on } });
                cx.ask_aside("confirm", object(own), text, AsideAsks::End);
            }
            Command::Departments => {
                let targets: Vec<&Tenant> = directory.reachable_from(from).collect();
                if targets.is_empty() {
                    let words = Words::own(cx.useless(phrases.departments_none));
                    cx.say(words);
                    return;
                }
                let text = Words::own(phrases.departments_ask);
                offer_departments(&mut cx, &targets, text, AsideAsks::Departments);
            }
            Command::Back | Command::Agent | Command::Language => {}
        }
    }

    /// The guest is spoken to in the language that they asked for: what is asked is asked in it.
    fn speak_on(&mut self, spot: Spot<'_>) {
        let mut cx = self.at(spot);
        let words = Words::own(cx.phrases().speaks);
        cx.say(words);
        self.quiet(spot);
        self.enter(spot.index);
    }

    /// A manager ends the session.
    pub(super) fn closed_by(&mut self, index: usize, by: &By, outcome: State, notes: Option<&str>) {
        let session = &mut self.journey.sessions[index];
        let entry = |value: Value| Entry {
            value,
            private: false,
            tenant: session.tenant.clone(),
            stage: None,
            at: self.facts.now,
        };
        let said = [
            (keys::RESOLVED, Some(Value::Bool(outcome == State::Resolved))),
            (keys::RESOLVED_BY, Some("manager".into())),
            (keys::RESOLVED_BY_ID, Some(by.id.as_str().into())),
            (keys::RESOLVED_BY_NAME, by.name.as_deref().map(Value::from)),
            (keys::NOTES, notes.map(Value::from)),
        ]
        .map(|(key, value)| (key, value.map(&entry)));
        for (key, entry) in said {
            match entry {
                Some(entry) => session.metadata.set(key, entry),
                None => session.metadata.remove(key),
            }
        }
        let Some(spot) = self.place(index) else {
            let session = &mut self.journey.sessions[index];
            session.end(outcome, self.facts.now);
            self.changed.insert(session.id);
            return;
        };
        let mut cx = self.at(spot);
        let text = fill(cx.phrases().closed_by, &[("name", &spot.tenant.name)]);
        let again = cx.what_follows();
        cx.show(
            "ended",
            object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
            text,
        );
        if let Some(next) = self.close(spot, outcome) {
            self.enter(next);
        }
    }
}

//! What a guest may type at any time, and questions beside the stage's own: restart, end, another
//! department, a wished move.

use serde_json::{Map, Value, json};

use super::{
    begin::outside,
    run::{Machine, Spot},
};
use crate::{
    model::{AsideAsks, By, Effect, Entry, State, Words, locale::language_of, mark, session::keys},
    pipeline::{
        card::Face,
        cx::{Cx, object},
        directory::{Directory, Tenant},
        facts::Facts,
        language::{Asking, Phrases, fill, phrases},
        stages::Kind,
        typed::{asks_for_person, normal},
    },
};

/// A text command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Help,
    Status,
    Restart,
    Back,
    End,
    Departments,
    Agent,
}

/// The command that a whole message is, in the guest's language or with the company's own words.
fn command_of(
    text: &str,
    phrases: &Phrases,
    directory: &Directory,
    locale: &str,
) -> Option<Command> {
    let word = normal(text);
    let language = language_of(locale);
    let added = |name: &str| {
        directory.commands.iter().any(|(of, words)| {
            language_of(of) == language
                && words
                    .get(name)
                    .is_some_and(|words| words.iter().any(|known| normal(known) == word))
        })
    };
    [
        (Command::Help, "help", phrases.help_words),
        (Command::Status, "status", phrases.status_words),
        (Command::Restart, "restart", phrases.restart_words),
        (Command::Back, "back", phrases.back_words),
        (Command::End, "end", phrases.end_words),
        (Command::Departments, "departments", phrases.departments_words),
        (Command::Agent, "agent", phrases.agent_words),
    ]
    .into_iter()
    .find(|(_, name, words)| {
        words.iter().any(|known| *known == word || normal(known) == word) || added(name)
    })
    .map(|(command, ..)| command)
    .or_else(|| asks_for_person(text).map(|_| Command::Agent))
}

/// True when a whole message asks for a person, with a slash or without.
pub(super) fn wants_person(facts: &Facts<'_>, text: &str) -> bool {
    let Some(front) = facts.directory.tenant(&facts.directory.primary) else { return false };
    let locale = facts.locale(front);
    let word = mark::command(text).unwrap_or(text);
    command_of(word, phrases(locale), facts.directory, locale) == Some(Command::Agent)
}

/// True when a whole message is a command in that locale, with a slash or without.
pub fn is_command(directory: &Directory, locale: &str, text: &str) -> bool {
    command_of(mark::command(text).unwrap_or(text), phrases(locale), directory, locale).is_some()
}

/// The answer to a command that needs no open matter, while none is open. The others begin one.
pub(super) fn idle(facts: &Facts<'_>, text: &str) -> Option<Effect> {
    let directory = facts.directory;
    let front = directory.tenant(&directory.primary)?;
    let phrases = phrases(facts.locale(front));
    let word = mark::command(text).unwrap_or(text);
    match command_of(word, phrases, directory, facts.locale(front))? {
        Command::Help => {
            let (own, summary) = help(facts, front, None);
            let face = Face { template: "help", own, summary, token: None };
            Some(Effect::Send(outside(facts, front, face)))
        }
        Command::Status | Command::End => Some(Effect::Tell {
            session: None,
            tenant: front.id.clone(),
            words: Words::own(phrases.status_none),
        }),
        Command::Restart | Command::Back | Command::Departments | Command::Agent => None,
    }
}

/// What the help card shows: what works here and now. None when no matter is open.
fn help(facts: &Facts<'_>, tenant: &Tenant, open: Option<Open>) -> (Map<String, Value>, Words) {
    let (phrases, directory) = (phrases(facts.locale(tenant)), facts.directory);
    let text = fill(phrases.help, &[("company", &directory.company)]);
    let mut others = directory.reachable_from(tenant).peekable();
    let is_open = open.is_some();
    let lines = [
        (is_open, phrases.help_status),
        (others.peek().is_some(), phrases.help_departments),
        (tenant.has_desk, phrases.help_agent),
        (!tenant.has_desk && others.any(|to| to.has_desk), phrases.help_people),
        (open.is_some_and(|open| open.can_undo), phrases.help_back),
        (is_open, phrases.help_restart),
        (is_open, phrases.help_end),
    ];
    let slash = if open.is_some_and(|open| open.with_slash) { "/" } else { "" };
    let lines: Vec<String> = lines
        .into_iter()
        .filter_map(|(works, line)| works.then(|| format!("{slash}{line}")))
        .collect();
    (object(json!({ "text": text.variable(), "lines": lines })), text)
}

/// What the help card says of a matter that is open.
#[derive(Clone, Copy)]
struct Open {
    /// The latest move can be taken back.
    can_undo: bool,
    /// A command needs its slash here.
    with_slash: bool,
}

/// Asks in which department the guest wants to go on.
pub(super) fn offer_departments(
    cx: &mut Cx<'_>,
    targets: &[&Tenant],
    text: Words,
    asks: AsideAsks,
) {
    let phrases = cx.phrases();
    let choices: Vec<Value> =
        targets.iter().map(|t| json!({ "title": t.name, "value": t.id.as_str() })).collect();
    let own = json!({
        "notice": "", "text": text.variable(), "choices": choices, "compact": targets.len() > 6,
        "words": { "choose": phrases.choose, "send": phrases.send },
    });
    cx.ask_aside("menu", object(own), text, asks);
}

impl Machine<'_> {
    /// What was typed is a command; true when it was carried out.
    pub(super) fn commanded(&mut self, spot: Spot<'_>, text: &str) -> bool {
        let locale = self.facts.locale(spot.tenant);
        let (explicit, word) = match mark::command(text) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let directory = self.facts.directory;
        let Some(command) = command_of(word, phrases(locale), directory, locale) else {
            return false;
        };
        let behaviour = spot.stage.kind.behaviour();
        // What the stage itself offers under that name wins over the command, which always has its
        // slash.
        let with_agent = self.journey.sessions[spot.index].state == State::WithAgent;
        // Who wants to talk to a person says so in a sentence that answers nothing else; where a
        // message is taken, a person reads it.
        let says_so = asks_for_person(text) == Some(Asking::Said)
            && !matches!(spot.stage.kind, Kind::Message(_));
        let is_free_text = behaviour.is_free_text() && !says_so;
        if !explicit && (with_agent || is_free_text || behaviour.knows(text)) {
            return false;
        }
        self.heard(spot.index, text);
        self.command(spot, command);
        true
    }

    fn command(&mut self, spot: Spot<'_>, command: Command) {
        let directory = self.facts.directory;
        if command == Command::Back {
            if self.journey.course.offer.is_some() {
                self.wish_undo(spot.index, false);
            } else {
                let first = phrases(self.facts.locale(spot.tenant)).nothing_back;
                let mut cx = self.at(spot);
                let words = Words::own(cx.useless(first));
                cx.say(words);
            }
            return;
        }
        if command == Command::Agent {
            self.ask_for_person(spot);
            return;
        }
        let with_slash = self.journey.sessions[spot.index].state == State::WithAgent
            || spot.stage.kind.behaviour().is_free_text();
        let open = Open { can_undo: self.journey.course.offer.is_some(), with_slash };
        let facts = self.facts;
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        match command {
            Command::Help => {
                let (own, text) = help(facts, spot.tenant, Some(open));
                cx.show("help", own, text);
            }
            Command::Status => {
                let reference = cx.session().reference.clone();
                cx.say(fill(phrases.status, &[("name", &spot.tenant.name), ("ref", &reference)]));
            }
            Command::Restart => {
                let text = Words::own(phrases.restart_ask);
                let own = json!({ "text": text.variable(), "words": { "yes": phrases.restart_yes, "no": phrases.go_on } });
                cx.ask_aside("confirm", object(own), text, AsideAsks::Restart);
            }
            Command::End => {
                let text = Words::own(phrases.end_ask);
                let own = json!({ "text": text.variable(), "words": { "yes": phrases.end_yes, "no": phrases.go_on } });
                cx.ask_aside("confirm", object(own), text, AsideAsks::End);
            }
            Command::Departments => {
                let targets: Vec<&Tenant> = directory.reachable_from(spot.tenant).collect();
                if targets.is_empty() {
                    let words = Words::own(cx.useless(phrases.departments_none));
                    cx.say(words);
                    return;
                }
                let text = Words::own(phrases.departments_ask);
                offer_departments(&mut cx, &targets, text, AsideAsks::Departments);
            }
            Command::Back | Command::Agent => {}
        }
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

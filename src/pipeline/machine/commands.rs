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
        cx::object,
        directory::{Directory, Tenant},
        facts::Facts,
        flow::Flow,
        language::{Phrases, fill, phrases},
        typed::normal,
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
            let (own, summary) = help(phrases, directory);
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

/// What the help card shows.
fn help(phrases: &Phrases, directory: &Directory) -> (Map<String, Value>, Words) {
    let text = fill(phrases.help, &[("company", &directory.company)]);
    let lines = [
        phrases.help_status,
        phrases.help_departments,
        phrases.help_agent,
        phrases.help_back,
        phrases.help_restart,
        phrases.help_end,
    ];
    (object(json!({ "text": text.variable(), "lines": lines })), text)
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
        if !explicit && (with_agent || behaviour.is_free_text() || behaviour.knows(text)) {
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
                let words = Words::own(phrases(self.facts.locale(spot.tenant)).nothing_back);
                self.at(spot).say(words);
            }
            return;
        }
        if command == Command::Agent {
            self.ask_for_person(spot);
            return;
        }
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        match command {
            Command::Help => {
                let (own, text) = help(phrases, directory);
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
                    cx.say(Words::own(phrases.departments_none));
                    return;
                }
                let text = Words::own(phrases.departments_ask);
                let choices: Vec<Value> = targets
                    .iter()
                    .map(|t| json!({ "title": t.name, "value": t.id.as_str() }))
                    .collect();
                let own = json!({
                    "notice": "", "text": text.variable(), "choices": choices, "compact": targets.len() > 6,
                    "words": { "choose": phrases.choose, "send": phrases.send },
                });
                cx.ask_aside("menu", object(own), text, AsideAsks::Departments);
            }
            Command::Back | Command::Agent => {}
        }
    }

    /// The guest wants a person: the first stage of this pipeline that asks a desk. Who waits
    /// already is told how it stands.
    fn ask_for_person(&mut self, spot: Spot<'_>) {
        let session = &self.journey.sessions[spot.index];
        if session.desk.is_some() {
            self.enter(spot.index);
            return;
        }
        let pipeline = self.case.pipeline(session);
        let desk = pipeline
            .and_then(|pipeline| pipeline.stages.values().find(|stage| stage.agent().is_some()));
        match desk {
            Some(to) => {
                self.quiet(spot);
                self.follow(
                    spot.index,
                    Flow::Goto { exit: "agent".to_owned(), stage: to.head.id.clone() },
                );
            }
            None => {
                let mut cx = self.at(spot);
                let words = fill(cx.phrases().desk.none_here, &[("name", &spot.tenant.name)]);
                cx.say(words);
            }
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

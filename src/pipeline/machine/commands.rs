//! What a guest may type at any time, and questions beside the stage's own: restart, end, another
//! department, a wished move.

use serde_json::{Map, Value, json};

use super::{Machine, Spot, outside};
use crate::{
    model::{AsideAsks, By, ByKind, Effect, Entry, Event, Move, State, TenantId, Words},
    pipeline::{
        cx::object,
        directory::{Directory, Tenant},
        facts::Facts,
        flow::Flow,
        phrases::{Phrases, fill, phrases},
        stages::Kind,
        typed::{normal, yes_or_no},
        wish::Refusal,
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
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    let added = |name: &str| {
        directory.commands.iter().any(|(of, words)| {
            let fits = of.eq_ignore_ascii_case(locale)
                || of.split('-').next().is_some_and(|of| of.eq_ignore_ascii_case(language));
            fits && words
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
    let word = text.trim();
    command_of(word.strip_prefix('/').unwrap_or(word), phrases(locale), directory, locale).is_some()
}

/// The answer to a command that needs no open matter, while none is open. The others begin one.
pub(super) fn idle(facts: &Facts<'_>, text: &str) -> Option<Effect> {
    let directory = facts.directory;
    let front = directory.tenant(&directory.primary)?;
    let phrases = phrases(facts.locale(front));
    let word = text.trim();
    match command_of(
        word.strip_prefix('/').unwrap_or(word),
        phrases,
        directory,
        facts.locale(front),
    )? {
        Command::Help => {
            let (own, text) = help(phrases, directory);
            Some(Effect::Send(outside(facts, front, "help", own, text, None)))
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
    /// Typed words that are not for the stage: the answer to a question beside it, or a command.
    /// True when they were dealt with.
    pub(super) fn is_beside(&mut self, spot: Spot<'_>, text: &str) -> bool {
        let locale = self.facts.locale(spot.tenant);
        let phrases = phrases(locale);
        if let Some(aside) = self.journey.sessions[spot.index].aside.clone() {
            let answer = match &aside.asks {
                AsideAsks::Departments => self
                    .department_named(spot.tenant, text)
                    .map(|id| object(json!({ "choice": id.as_str() }))),
                AsideAsks::Restart | AsideAsks::End | AsideAsks::Undo | AsideAsks::Move(_) => {
                    let is = |title: &str| normal(text) == normal(title);
                    let (yes, no) = match &aside.asks {
                        AsideAsks::Restart => (is(phrases.restart_yes), is(phrases.go_on)),
                        AsideAsks::End => (is(phrases.end_yes), is(phrases.go_on)),
                        AsideAsks::Move(wish) if wish.closed => {
                            let to = self
                                .facts
                                .directory
                                .tenant(&wish.tenant)
                                .map(|t| t.name.as_str())
                                .unwrap_or_default();
                            (is(&fill(phrases.leave, &[("to", to)]).plain()), false)
                        }
                        _ => (false, false),
                    };
                    let typed = Event::Said(text.to_owned());
                    let answer = match (yes || no, aside.overtaken) {
                        (true, _) => Some(yes),
                        (false, true) => None,
                        (false, false) => yes_or_no(&typed, phrases).0,
                    };
                    answer.map(|yes| object(json!({ "answer": if yes { "yes" } else { "no" } })))
                }
            };
            if let Some(data) = answer {
                self.heard(spot.index, text);
                self.aside_answered(spot, &data);
                return true;
            }
            if aside.overtaken && !text.trim_start().starts_with('/') {
                // It answers the agent; the question's buttons stand.
                return false;
            }
            // Something else was typed: the question beside is dropped, the words go where they
            // belong.
            self.leave_unanswered(spot);
        }
        let (explicit, word) = match text.trim().strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Some(command) = command_of(word, phrases, self.facts.directory, locale) else {
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

    fn heard(&mut self, index: usize, text: &str) {
        let session = self.journey.sessions[index].id;
        self.effects.push(Effect::Heard { session, text: text.to_owned() });
    }

    /// The guest goes another way than to answer the question beside.
    pub(super) fn leave_unanswered(&mut self, spot: Spot<'_>) {
        let asks = self.journey.sessions[spot.index].aside.as_ref().map(|aside| aside.asks.clone());
        self.drop_aside(spot);
        if let Some(AsideAsks::Move(wish)) = asks {
            self.wish_answered(spot, &wish, |desk| desk.desk_unanswered);
        }
    }

    /// Takes the question beside the stage's own away.
    pub(super) fn drop_aside(&mut self, spot: Spot<'_>) {
        if let Some(aside) = self.journey.sessions[spot.index].aside.take() {
            self.changed.insert(self.journey.sessions[spot.index].id);
            let mut cx = self.at(spot);
            let moot = Words::own(cx.phrases().moot);
            cx.replace(aside.letter, &Words::default(), &moot);
        }
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
        if session.help.is_some() {
            self.enter(spot.index);
            return;
        }
        let pipeline = self.case.pipeline(session);
        let desk = pipeline.and_then(|pipeline| {
            pipeline.stages.values().find(|stage| matches!(stage.kind, Kind::Agent(_)))
        });
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

    /// The department that was typed: its number as shown, its name or its id. One that is not
    /// offered counts too: the guest is told why they cannot go there.
    fn department_named(&self, tenant: &Tenant, text: &str) -> Option<TenantId> {
        let offered: Vec<&Tenant> = self.facts.directory.reachable_from(tenant).collect();
        let word = normal(text);
        let named = |t: &&Tenant| normal(&t.name) == word || t.id.as_str() == word;
        let by_name = offered
            .iter()
            .copied()
            .find(named)
            .or_else(|| self.facts.directory.tenants.values().find(named));
        let by_number = || {
            word.parse::<usize>()
                .ok()
                .and_then(|number| offered.get(number.checked_sub(1)?).copied())
        };
        by_name.or_else(by_number).map(|t| t.id.clone())
    }

    /// A button of a question beside the stage's own.
    pub(super) fn aside_clicked(&mut self, spot: Spot<'_>, data: &Map<String, Value>) {
        let phrases = phrases(self.facts.locale(spot.tenant));
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let said = match self.journey.sessions[spot.index].aside.as_ref().map(|aside| &aside.asks) {
            Some(AsideAsks::Departments) => {
                let id =
                    TenantId::from(data.get("choice").and_then(Value::as_str).unwrap_or_default());
                self.facts.directory.tenant(&id).map(|t| t.name.clone()).unwrap_or_default()
            }
            Some(AsideAsks::Restart) => {
                if yes { phrases.restart_yes } else { phrases.go_on }.to_owned()
            }
            Some(AsideAsks::End) => if yes { phrases.end_yes } else { phrases.go_on }.to_owned(),
            Some(AsideAsks::Move(wish)) if wish.closed => {
                if yes { phrases.yes } else { phrases.stay }.to_owned()
            }
            _ => if yes { phrases.yes } else { phrases.no }.to_owned(),
        };
        self.heard(spot.index, &said);
        self.aside_answered(spot, data);
    }

    fn aside_answered(&mut self, spot: Spot<'_>, data: &Map<String, Value>) {
        let Some(aside) = self.journey.sessions[spot.index].aside.take() else { return };
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let mut cx = self.at(spot);
        let phrases = cx.phrases();
        match aside.asks {
            AsideAsks::Restart => {
                cx.replace(
                    aside.letter,
                    &Words::own(phrases.restart_ask),
                    &Words::own(if yes { phrases.restart_yes } else { phrases.go_on }),
                );
                if yes {
                    self.start_over(spot);
                } else {
                    self.goes_on(spot.index);
                }
            }
            AsideAsks::End => {
                cx.replace(
                    aside.letter,
                    &Words::own(phrases.end_ask),
                    &Words::own(if yes { phrases.end_yes } else { phrases.go_on }),
                );
                let drops = self.journey.sessions[spot.index].help.is_some();
                if yes
                    && drops
                    && let Some(to) = spot.stage.head.exit("on_drop").cloned()
                {
                    self.follow(spot.index, Flow::Goto { exit: "on_drop".to_owned(), stage: to });
                } else if yes {
                    let state = if drops { State::Abandoned } else { State::Unresolved };
                    if let Some(next) = self.end(spot, state) {
                        self.enter(next);
                    }
                } else {
                    self.goes_on(spot.index);
                }
            }
            AsideAsks::Undo => {
                let question = Words::own(phrases.undo);
                cx.replace(
                    aside.letter,
                    &question,
                    &Words::own(if yes { phrases.yes } else { phrases.no }),
                );
                if yes {
                    let before = self.effects.len();
                    self.undo(spot.index);
                    self.unhear(before);
                } else {
                    self.goes_on(spot.index);
                }
            }
            AsideAsks::Departments => {
                let id =
                    TenantId::from(data.get("choice").and_then(Value::as_str).unwrap_or_default());
                let name =
                    self.facts.directory.tenant(&id).map(|t| t.name.clone()).unwrap_or_default();
                self.at(spot).replace(
                    aside.letter,
                    &Words::own(phrases.departments_ask),
                    &Words::typed(&name),
                );
                let by = By {
                    kind: ByKind::Guest,
                    id: self.facts.guest.key().to_owned(),
                    name: self.facts.guest.name.clone(),
                };
                let wish = Move {
                    tenant: id,
                    by,
                    reason: Some(phrases.guest_reason.to_owned()),
                    note: None,
                    closed: false,
                };
                self.pursue(spot, wish, false, false);
            }
            AsideAsks::Move(wish) => {
                let to = self
                    .facts
                    .directory
                    .tenant(&wish.tenant)
                    .map(|t| t.name.clone())
                    .unwrap_or_default();
                let answer = match (wish.closed, yes) {
                    (true, true) => fill(phrases.leave, &[("to", &to)]),
                    (true, false) => Words::own(phrases.stay),
                    (false, true) => Words::own(phrases.yes),
                    (false, false) => Words::own(phrases.no),
                };
                let question = fill(phrases.confirm_transfer, &[("to", &to)]);
                self.at(spot).replace(aside.letter, &question, &answer);
                if yes {
                    self.pursue(spot, *wish, true, false);
                    if let Some((_, words)) = self.refusal.take() {
                        // The rules have changed since: whoever said yes is told why they stay, and
                        // so is the desk.
                        let mut cx = self.at(spot);
                        cx.to_desk(fill(
                            cx.desk_phrases().desk.desk_refused,
                            &[("reason", &words.plain())],
                        ));
                        let kept = cx.phrases().kept;
                        cx.show(
                            "error",
                            object(json!({ "text": words.variable(), "words": { "kept": kept } })),
                            words,
                        );
                        self.enter(spot.index);
                    }
                } else {
                    self.wish_answered(spot, &wish, |desk| desk.desk_stays);
                    if wish.closed {
                        self.note_refusal(spot, None, wish.tenant.as_str(), Refusal::Closed);
                    }
                    let words = fill(phrases.stays, &[("name", &spot.tenant.name)]);
                    self.at(spot).say(words);
                    self.enter(spot.index);
                }
            }
        }
    }

    /// Nothing came of it: the stage asks again, so that its question is the latest in the chat.
    fn goes_on(&mut self, index: usize) {
        let Some(spot) = self.place(index) else { return };
        let mut cx = self.at(spot);
        let words = Words::own(cx.phrases().goes_on);
        cx.say(words);
        self.quiet(spot);
        self.enter(index);
    }

    /// The guest begins again at the front desk, in the same chat; what was said stays on record.
    fn start_over(&mut self, spot: Spot<'_>) {
        self.trail(spot, Some("restarted"));
        self.part(spot, None);
        self.quiet(spot);
        self.withdraw_offer(spot);
        self.journey.course.duties.clear();
        let now = self.facts.now;
        let session = &mut self.journey.sessions[spot.index];
        session.state = State::Unresolved;
        session.ended = Some(now);
        session.stage = None;
        session.waiting = None;
        session.call = None;
        self.changed.insert(session.id);
        let Some(fresh) = self.fresh_session() else { return };
        self.journey.sessions.push(fresh);
        self.enter(self.journey.sessions.len() - 1);
    }

    /// A new session at the front desk, in the same journey.
    pub(super) fn fresh_session(&self) -> Option<crate::model::Session> {
        let directory = self.facts.directory;
        let tenant = directory.tenant(&directory.primary)?;
        let mut fresh = super::blank(self.facts, tenant);
        fresh.id = self.facts.fresh.session();
        fresh.origin = fresh.id;
        fresh.journey = self.journey.id;
        fresh.reference = format!("{}-{}", tenant.reference, self.facts.fresh.number());
        Some(fresh)
    }

    /// A manager ends the session.
    pub(super) fn closed_by(&mut self, index: usize, by: &By, outcome: State, notes: Option<&str>) {
        let Some(spot) = self.place(index) else {
            let now = self.facts.now;
            let session = &mut self.journey.sessions[index];
            session.state = outcome;
            session.ended = Some(now);
            session.stage = None;
            session.waiting = None;
            session.call = None;
            self.changed.insert(session.id);
            return;
        };
        let entry = |value: &str| Entry {
            value: Value::String(value.to_owned()),
            private: false,
            tenant: spot.tenant.id.clone(),
            stage: None,
            at: self.facts.now,
        };
        let (notes, id) = (notes.map(&entry), entry(&by.id));
        let name = by.name.as_deref().map(&entry);
        let metadata = &mut self.journey.sessions[index].metadata;
        for (key, value) in [
            ("Session.Status.ResolutionNotes", notes),
            ("Session.Status.ResolvedByAgentId", Some(id)),
            ("Session.Status.ResolvedByAgentName", name),
        ] {
            if let Some(value) = value {
                metadata.set(key, value);
            }
        }
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

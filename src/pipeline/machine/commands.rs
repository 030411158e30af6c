//! What a guest may type at any time, and questions beside the stage's own: restart, end, another
//! department, a wished move.

use serde_json::{Map, Value, json};

use super::{Machine, outside};
use crate::{
    model::{
        AsideAsks, By, ByKind, Effect, Entry, Event, Move, State, TenantId, Words,
        locale::language_of,
    },
    pipeline::{
        Facts,
        language::{Phrases, fill, phrases},
        playbook::{Playbook, Tenant},
        stage::{Flow, Stage, object},
        stages::{
            Kind,
            menu::{normal, yes_or_no},
        },
        transfer::{self, Refusal, policy},
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
fn command_of(text: &str, phrases: &Phrases, playbook: &Playbook, locale: &str) -> Option<Command> {
    let word = normal(text);
    let language = language_of(locale);
    let added = |name: &str| {
        playbook.commands.iter().any(|(of, words)| {
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
pub fn is_command(playbook: &Playbook, locale: &str, text: &str) -> bool {
    let word = text.trim();
    command_of(word.strip_prefix('/').unwrap_or(word), phrases(locale), playbook, locale).is_some()
}

/// The answer to a command that needs no open matter, while none is open. The others begin one.
pub(super) fn idle(facts: &Facts<'_>, text: &str) -> Option<Effect> {
    let playbook = facts.playbook;
    let front = playbook.tenant(&playbook.primary)?;
    let phrases = phrases(facts.locale(front));
    let word = text.trim();
    match command_of(
        word.strip_prefix('/').unwrap_or(word),
        phrases,
        playbook,
        facts.locale(front),
    )? {
        Command::Help => {
            let (own, text) = help(phrases, playbook);
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
fn help(phrases: &Phrases, playbook: &Playbook) -> (Map<String, Value>, Words) {
    let text = fill(phrases.help, &[("company", &playbook.company)]);
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
    pub(super) fn is_beside(
        &mut self,
        index: usize,
        tenant: &Tenant,
        stage: &Stage,
        text: &str,
    ) -> bool {
        let locale = self.facts.locale(tenant);
        let phrases = phrases(locale);
        if let Some(aside) = self.journey.sessions[index].aside.clone() {
            let answer = match &aside.asks {
                AsideAsks::Departments => self
                    .department_named(tenant, text)
                    .map(|id| object(json!({ "choice": id.as_str() }))),
                AsideAsks::Restart | AsideAsks::End | AsideAsks::Undo | AsideAsks::Move(_) => {
                    let is = |title: &str| normal(text) == normal(title);
                    let (yes, no) = match &aside.asks {
                        AsideAsks::Restart => (is(phrases.restart_yes), is(phrases.go_on)),
                        AsideAsks::End => (is(phrases.end_yes), is(phrases.go_on)),
                        AsideAsks::Move(wish) if wish.closed => {
                            let to = self
                                .facts
                                .playbook
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
                self.heard(index, text);
                self.aside_answered(index, tenant, stage, &data);
                return true;
            }
            if aside.overtaken && !text.trim_start().starts_with('/') {
                // It answers the agent; the question's buttons stand.
                return false;
            }
            // Something else was typed: the question beside is dropped, the words go where they
            // belong.
            self.leave_unanswered(index, tenant, stage);
        }
        let (explicit, word) = match text.trim().strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Some(command) = command_of(word, phrases, self.facts.playbook, locale) else {
            return false;
        };
        let behaviour = stage.kind.behaviour();
        // What the stage itself offers under that name wins over the command, which always has its
        // slash.
        let with_agent = self.journey.sessions[index].state == State::WithAgent;
        if !explicit && (with_agent || behaviour.is_free_text() || behaviour.knows(text)) {
            return false;
        }
        self.heard(index, text);
        self.command(index, tenant, stage, command);
        true
    }

    fn heard(&mut self, index: usize, text: &str) {
        let session = self.journey.sessions[index].id;
        self.effects.push(Effect::Heard { session, text: text.to_owned() });
    }

    /// The guest goes another way than to answer the question beside.
    pub(super) fn leave_unanswered(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        let asks = self.journey.sessions[index].aside.as_ref().map(|aside| aside.asks.clone());
        self.drop_aside(index, tenant, stage);
        if let Some(AsideAsks::Move(wish)) = asks {
            self.wish_answered(index, tenant, stage, &wish, |desk| desk.desk_unanswered);
        }
    }

    /// Takes the question beside the stage's own away.
    pub(super) fn drop_aside(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        if let Some(aside) = self.journey.sessions[index].aside.take() {
            self.changed.insert(self.journey.sessions[index].id);
            let mut cx = self.cx(index, tenant, stage);
            let moot = Words::own(cx.phrases().moot);
            cx.replace(aside.letter, &Words::default(), &moot);
        }
    }

    fn command(&mut self, index: usize, tenant: &Tenant, stage: &Stage, command: Command) {
        let playbook = self.facts.playbook;
        if command == Command::Back {
            if self.journey.course.offer.is_some() {
                self.wish_undo(index, false);
            } else {
                let words = Words::own(phrases(self.facts.locale(tenant)).nothing_back);
                self.cx(index, tenant, stage).say(words);
            }
            return;
        }
        if command == Command::Agent {
            self.ask_for_person(index, tenant, stage);
            return;
        }
        let mut cx = self.cx(index, tenant, stage);
        let phrases = cx.phrases();
        match command {
            Command::Help => {
                let (own, text) = help(phrases, playbook);
                cx.show("help", own, text);
            }
            Command::Status => {
                let reference = cx.session().reference.clone();
                cx.say(fill(phrases.status, &[("name", &tenant.name), ("ref", &reference)]));
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
                let targets = departments(playbook, tenant);
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
    fn ask_for_person(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        let session = &self.journey.sessions[index];
        if session.help.is_some() {
            self.enter(index);
            return;
        }
        let pipeline = self.facts.pipelines(session).and_then(|all| all.get(&session.pipeline));
        let desk = pipeline.and_then(|pipeline| {
            pipeline.stages.values().find(|stage| matches!(stage.kind, Kind::Agent(_)))
        });
        match desk {
            Some(to) => {
                self.quiet(index, tenant, stage);
                self.follow(index, Flow::Goto { exit: "agent".to_owned(), stage: to.id.clone() });
            }
            None => {
                let mut cx = self.cx(index, tenant, stage);
                let words = fill(cx.phrases().desk.none_here, &[("name", &tenant.name)]);
                cx.say(words);
            }
        }
    }

    /// The department that was typed: its number as shown, its name or its id. One that is not
    /// offered counts too: the guest is told why they cannot go there.
    fn department_named(&self, tenant: &Tenant, text: &str) -> Option<TenantId> {
        let offered = departments(self.facts.playbook, tenant);
        let word = normal(text);
        let named = |t: &&Tenant| normal(&t.name) == word || t.id.as_str() == word;
        let by_name = offered
            .iter()
            .copied()
            .find(named)
            .or_else(|| self.facts.playbook.tenants.values().find(named));
        let by_number = || {
            word.parse::<usize>()
                .ok()
                .and_then(|number| offered.get(number.checked_sub(1)?).copied())
        };
        by_name.or_else(by_number).map(|t| t.id.clone())
    }

    /// A button of a question beside the stage's own.
    pub(super) fn aside_clicked(
        &mut self,
        index: usize,
        tenant: &Tenant,
        stage: &Stage,
        data: &Map<String, Value>,
    ) {
        let phrases = phrases(self.facts.locale(tenant));
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let said = match self.journey.sessions[index].aside.as_ref().map(|aside| &aside.asks) {
            Some(AsideAsks::Departments) => {
                let id =
                    TenantId::from(data.get("choice").and_then(Value::as_str).unwrap_or_default());
                self.facts.playbook.tenant(&id).map(|t| t.name.clone()).unwrap_or_default()
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
        self.heard(index, &said);
        self.aside_answered(index, tenant, stage, data);
    }

    fn aside_answered(
        &mut self,
        index: usize,
        tenant: &Tenant,
        stage: &Stage,
        data: &Map<String, Value>,
    ) {
        let Some(aside) = self.journey.sessions[index].aside.take() else { return };
        let yes = data.get("answer").and_then(Value::as_str) == Some("yes");
        let mut cx = self.cx(index, tenant, stage);
        let phrases = cx.phrases();
        match aside.asks {
            AsideAsks::Restart => {
                cx.replace(
                    aside.letter,
                    &Words::own(phrases.restart_ask),
                    &Words::own(if yes { phrases.restart_yes } else { phrases.go_on }),
                );
                if yes {
                    self.start_over(index, tenant, stage);
                } else {
                    self.goes_on(index);
                }
            }
            AsideAsks::End => {
                cx.replace(
                    aside.letter,
                    &Words::own(phrases.end_ask),
                    &Words::own(if yes { phrases.end_yes } else { phrases.go_on }),
                );
                let drops = self.journey.sessions[index].help.is_some();
                if yes
                    && drops
                    && let Some(to) = stage.exit("on_drop").cloned()
                {
                    self.follow(index, Flow::Goto { exit: "on_drop".to_owned(), stage: to });
                } else if yes {
                    let state = if drops { State::Abandoned } else { State::Unresolved };
                    if let Some(next) = self.end(index, tenant, stage, state) {
                        self.enter(next);
                    }
                } else {
                    self.goes_on(index);
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
                    self.undo(index);
                    self.unhear(before);
                } else {
                    self.goes_on(index);
                }
            }
            AsideAsks::Departments => {
                let id =
                    TenantId::from(data.get("choice").and_then(Value::as_str).unwrap_or_default());
                let name =
                    self.facts.playbook.tenant(&id).map(|t| t.name.clone()).unwrap_or_default();
                self.cx(index, tenant, stage).replace(
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
                self.pursue(index, tenant, stage, wish, false, false);
            }
            AsideAsks::Move(wish) => {
                let to = self
                    .facts
                    .playbook
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
                self.cx(index, tenant, stage).replace(aside.letter, &question, &answer);
                if yes {
                    self.pursue(index, tenant, stage, *wish, true, false);
                    if let Some((_, words)) = self.refusal.take() {
                        // The rules have changed since: whoever said yes is told why they stay, and
                        // so is the desk.
                        let mut cx = self.cx(index, tenant, stage);
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
                        self.enter(index);
                    }
                } else {
                    self.wish_answered(index, tenant, stage, &wish, |desk| desk.desk_stays);
                    if wish.closed {
                        let session = &mut self.journey.sessions[index];
                        transfer::note_refusal(
                            self.facts,
                            session,
                            tenant,
                            None,
                            wish.tenant.as_str(),
                            Refusal::Closed,
                        );
                    }
                    let words = fill(phrases.stays, &[("name", &tenant.name)]);
                    self.cx(index, tenant, stage).say(words);
                    self.enter(index);
                }
            }
        }
    }

    /// Nothing came of it: the stage asks again, so that its question is the latest in the chat.
    fn goes_on(&mut self, index: usize) {
        let Some((tenant, stage)) = self.place(index) else { return };
        let mut cx = self.cx(index, tenant, stage);
        let words = Words::own(cx.phrases().goes_on);
        cx.say(words);
        self.quiet(index, tenant, stage);
        self.enter(index);
    }

    /// The guest begins again at the front desk, in the same chat; what was said stays on record.
    fn start_over(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        self.trail(index, stage, Some("restarted"));
        self.part(index, tenant, stage, None);
        self.quiet(index, tenant, stage);
        self.withdraw_offer(index, tenant, stage);
        self.journey.course.duties.clear();
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        session.end(State::Unresolved, now);
        self.changed.insert(session.id);
        let Some(fresh) = self.fresh_session() else { return };
        self.journey.sessions.push(fresh);
        self.enter(self.journey.sessions.len() - 1);
    }

    /// A new session at the front desk, in the same journey.
    pub(super) fn fresh_session(&self) -> Option<crate::model::Session> {
        let playbook = self.facts.playbook;
        let tenant = playbook.tenant(&playbook.primary)?;
        let mut fresh = super::blank(self.facts, tenant);
        fresh.id = self.facts.fresh.session();
        fresh.origin = fresh.id;
        fresh.journey = self.journey.id;
        fresh.reference = format!("{}-{}", tenant.reference, self.facts.fresh.number());
        Some(fresh)
    }

    /// A manager ends the session.
    pub(super) fn closed_by(&mut self, index: usize, by: &By, outcome: State, notes: Option<&str>) {
        let Some((tenant, stage)) = self.place(index) else {
            let now = self.facts.now;
            let session = &mut self.journey.sessions[index];
            session.end(outcome, now);
            self.changed.insert(session.id);
            return;
        };
        let entry = |value: &str| Entry {
            value: Value::String(value.to_owned()),
            private: false,
            tenant: tenant.id.clone(),
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
        let mut cx = self.cx(index, tenant, stage);
        let text = fill(cx.phrases().closed_by, &[("name", &tenant.name)]);
        let again = cx.what_follows();
        cx.show(
            "ended",
            object(json!({ "text": text.variable(), "words": { "again": again.variable() } })),
            text,
        );
        if let Some(next) = self.close(index, tenant, stage, outcome) {
            self.enter(next);
        }
    }
}

/// Where a guest may go from here: enabled, with a pipeline, allowed.
fn departments<'p>(playbook: &'p Playbook, from: &Tenant) -> Vec<&'p Tenant> {
    playbook
        .tenants
        .values()
        .filter(|to| {
            to.id != from.id
                && to.enabled
                && to.primary().is_some()
                && policy(playbook, from, &to.id).allow
        })
        .collect()
}

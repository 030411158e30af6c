//! What people at a desk do to a session, and what time does while a human is waited for.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::Machine;
use crate::{
    model::{Act, Agent, By, ByKind, Entry, Help, LetterId, Session, State, Words},
    pipeline::{
        Facts,
        language::{fill, fill_formatted, phrases},
        playbook::Tenant,
        stage::{Flow, Stage},
        stages::Kind,
    },
};

/// An owner who does not answer is reminded after this, and after twice this the chat is offered
/// again.
const SILENCE: Duration = Duration::from_secs(5 * 60);
/// The same for a message that was left, where the department has no hours; else it is a working
/// day of its hours. Nobody sits and waits for the answer.
const SILENCE_LEFT: Duration = Duration::from_secs(24 * 60 * 60);

/// A thread that could not be opened is tried again after this.
const RETRY: Duration = Duration::from_secs(5 * 60);

/// The key that says that somebody at the desk has solved it.
const RESOLVED: &str = "Session.Status.IsResolved";

/// The earliest instant at which something is due while a human is waited for or is there.
pub(super) fn due(facts: &Facts<'_>, session: &Session) -> Option<Timestamp> {
    let help = session.help.as_ref()?;
    let after = |since: Timestamp, span: Duration| since.checked_add(span).unwrap_or(since);
    if help.owner.is_some() {
        let tenant = facts.playbook.tenant(&session.tenant);
        return help
            .unanswered
            .map(|since| silent_until(tenant, help, since, if help.reminded { 2 } else { 1 }));
    }
    if session.state != State::WaitingForAgent {
        // A message that no desk has heard of yet.
        let unheard = help.left
            && help.brief.is_none()
            && help.asked.is_empty()
            && facts.desks.is_reachable(&session.tenant);
        return unheard.then(|| after(help.updated, RETRY));
    }
    let Some(Kind::Agent(settings)) = facts
        .pipelines(session)
        .and_then(|all| all.get(&session.pipeline))
        .and_then(|pipeline| pipeline.stages.get(session.stage.as_ref()?))
        .map(|stage| &stage.kind)
    else {
        return None;
    };
    // Only where one is asked after the other does the time of an offer run out.
    let hunts = facts.desks.people(&session.tenant).is_some_and(|people| people.hunt);
    let offer = help
        .asked
        .iter()
        .rfind(|asked| hunts && asked.open)
        .map(|asked| after(asked.at, settings.accept_timeout));
    let rest = after(help.since, settings.max_wait).min(after(help.updated, settings.update_every));
    Some(offer.map_or(rest, |offer| offer.min(rest)))
}

/// How long an owner may be silent: once until they are reminded, twice until the chat is offered
/// again.
fn silent_until(tenant: Option<&Tenant>, help: &Help, since: Timestamp, times: u32) -> Timestamp {
    let hours = tenant.and_then(|tenant| tenant.hours.as_ref()).filter(|_| help.left);
    let span = if help.left { SILENCE_LEFT } else { SILENCE };
    hours
        .and_then(|hours| hours.working_days_after(since, times))
        .unwrap_or_else(|| since.checked_add(span * times).unwrap_or(since))
}

impl Machine<'_> {
    /// Somebody at the desk does something in the session in which the guest is.
    pub(super) fn at_desk(&mut self, index: usize, by: &Agent, nonce: Option<&str>, act: &Act) {
        let Some((tenant, stage)) = self.place(index) else {
            self.over_at_desk(index);
            return;
        };
        let Some(help) = self.journey.sessions[index].help.clone() else {
            self.over_at_desk(index);
            return;
        };
        if matches!(act, Act::Say(text) | Act::Advise { text, .. } if text.is_empty()) {
            // Files came without words: nothing is said.
            return;
        }
        if nonce.is_some_and(|nonce| nonce != help.nonce) {
            self.stale_at_desk(index, tenant, stage, &help, by);
            return;
        }
        self.changed.insert(self.journey.sessions[index].id);
        self.voice(index, tenant, stage, by, act);
        let is_owner = help.owner.as_ref().is_some_and(|owner| owner.id == by.id);
        let desk = phrases(&tenant.locale).desk;
        let now = self.facts.now;
        let is_people = self.facts.desks.people(&tenant.id).is_some();
        let is_for_all = matches!(act, Act::Say(_) | Act::Advise { .. } | Act::Draft { .. })
            || matches!(act, Act::TakeOver) && !is_people;
        if let (Some(owner), false, false) = (&help.owner, is_owner, is_for_all) {
            self.cx(index, tenant, stage)
                .tell_desk(fill(desk.desk_taken, &[("agent", &owner.name)]));
            return;
        }
        // In personal chats only whoever is asked now may take it: an old card has lost its turn.
        let was_offered = help.brief.is_some()
            || !is_people
            || help.asked.iter().any(|asked| asked.open && asked.agent == by.id);
        match act {
            Act::Take | Act::TakeOver if is_owner => {
                self.cx(index, tenant, stage).tell_desk(Words::own(desk.desk_yours))
            }
            Act::Take | Act::TakeOver | Act::Resolve { .. } | Act::Draft { .. }
                if help.owner.is_none() && !was_offered =>
            {
                self.over_at_desk(index)
            }
            Act::Take | Act::TakeOver => {
                if let Some(owner) = &help.owner {
                    self.take_over(index, tenant, stage, owner, by);
                    return;
                }
                let people = self.facts.desks.people(&tenant.id);
                let load = people
                    .as_ref()
                    .and_then(|people| people.agents.iter().find(|person| person.id == by.id))
                    .map(|person| person.load);
                if let (Some(people), Some(load)) = (&people, load)
                    && load >= people.most
                {
                    self.cx(index, tenant, stage).tell_desk(Words::own(desk.desk_full));
                    return;
                }
                self.take(index, tenant, stage, by);
            }
            Act::Release => {
                if !is_owner {
                    return;
                }
                self.until_now(index, "released");
                self.offer_again(
                    index,
                    tenant,
                    stage,
                    &fill(desk.desk_released, &[("agent", &by.name)]),
                );
            }
            Act::Hand { to, note } => {
                if is_owner {
                    self.hand(index, tenant, stage, by, to, note.as_deref());
                } else {
                    self.over_at_desk(index);
                }
            }
            Act::Say(text) => {
                let note = text.trim_start().strip_prefix("//");
                let mut cx = self.cx(index, tenant, stage);
                match note {
                    None if is_owner => {
                        cx.relay(by, text);
                        if let Some(aside) = &mut cx.session_mut().aside {
                            aside.overtaken = true;
                        }
                        if let Some(help) = &mut cx.session_mut().help {
                            (help.unanswered, help.reminded) = (None, false);
                            help.open_words.clear();
                        }
                    }
                    note => {
                        cx.noted(by, note.unwrap_or(text).trim());
                        match &help.owner {
                            _ if note.is_some() => {}
                            None => cx.tell_desk(Words::own(desk.desk_take_first)),
                            // Said once to whoever had it: nobody answers unawares beside somebody
                            // else.
                            Some(owner) if help.parted.contains(&by.id) => {
                                cx.tell_desk(fill(desk.desk_parted, &[("agent", &owner.name)]));
                                if let Some(help) = &mut cx.session_mut().help {
                                    help.parted.retain(|id| *id != by.id);
                                }
                            }
                            Some(_) => {}
                        }
                    }
                }
            }
            Act::Draft { question, answer } => {
                let is_at_card = !is_people
                    || is_owner
                    || help.asked.iter().any(|asked| asked.open && asked.agent == by.id);
                if !is_at_card {
                    self.over_at_desk(index);
                    return;
                }
                let mut cx = self.cx(index, tenant, stage);
                cx.propose(by, question, answer);
                cx.tell_desk(Words::own(desk.desk_proposed));
            }
            Act::Resolve { helped, notes, answer } => {
                if help.owner.is_none() {
                    self.take(index, tenant, stage, by);
                }
                // What was asked beside it is moot, and who was helped is not moved back by an old
                // button.
                self.drop_aside(index, tenant, stage);
                self.withdraw_offer(index, tenant, stage);
                let entry = |value: Value| Entry {
                    value,
                    private: false,
                    tenant: tenant.id.clone(),
                    stage: Some(stage.id.clone()),
                    at: now,
                };
                let metadata = &mut self.journey.sessions[index].metadata;
                metadata
                    .set("Session.Status.ResolvedByAgentId", entry(Value::String(by.id.clone())));
                metadata.set(
                    "Session.Status.ResolvedByAgentName",
                    entry(Value::String(by.name.clone())),
                );
                metadata.set(RESOLVED, entry(Value::Bool(*helped)));
                if let Some(notes) = notes {
                    metadata
                        .set("Session.Status.ResolutionNotes", entry(Value::String(notes.clone())));
                }
                self.until_now(index, if *helped { "resolved" } else { "unresolved" });
                let phrase = if *helped { desk.desk_resolved } else { desk.desk_closed };
                let mut cx = self.cx(index, tenant, stage);
                if let (Some(answer), Some(question)) = (answer, cx.question_to_propose()) {
                    cx.propose(by, &question, answer);
                    cx.to_desk(Words::own(desk.desk_proposed));
                }
                cx.end_help(&fill(phrase, &[("agent", &by.name)]));
                let session = cx.session_mut();
                session.state = State::Active;
                session.waiting = None;
                self.follow(index, Flow::Next);
            }
            Act::Consult { tenant: target, question } => {
                let name = self
                    .facts
                    .playbook
                    .tenant(target)
                    .map(|tenant| tenant.name.clone())
                    .unwrap_or_default();
                let mut cx = self.cx(index, tenant, stage);
                let words = if is_owner && cx.consult(by, target, question) {
                    fill(desk.desk_asked, &[("name", &name)])
                } else {
                    Words::own(if is_owner { desk.desk_not_asked } else { desk.desk_take_first })
                };
                cx.tell_desk(words);
            }
            Act::Advise { letter, text } => {
                let Some(consult) = help.consults.iter().find(|consult| consult.letter == *letter)
                else {
                    return;
                };
                // Their own notes stay theirs.
                if text.trim_start().starts_with("//") {
                    return;
                }
                let name = self
                    .facts
                    .playbook
                    .tenant(&consult.tenant)
                    .map(|tenant| tenant.name.clone())
                    .unwrap_or_default();
                let mut cx = self.cx(index, tenant, stage);
                cx.noted(by, text);
                let formatted = cx.facts.formatted;
                cx.to_desk(fill_formatted(
                    desk.desk_advice,
                    &[("agent", &by.name), ("name", &name), ("text", text)],
                    formatted,
                ));
            }
            Act::Transfer { tenant: target, reason, note } => {
                let who =
                    By { kind: ByKind::Agent, id: by.id.clone(), name: Some(by.name.clone()) };
                self.wished_move(index, target, &who, reason.as_deref(), note.as_deref());
                let refusal = self.refusal.take();
                let asked = self.journey.sessions[index].aside.is_some();
                let mut cx = self.cx(index, tenant, stage);
                if let Some((_, words)) = refusal {
                    cx.tell_desk(fill(desk.desk_refused, &[("reason", &words.plain())]));
                } else if asked {
                    // The thread says it; the card is drawn anew, so that its form closes.
                    cx.rebrief();
                }
            }
        }
    }

    /// The desk sees that the guest changed or deleted a message.
    pub(super) fn changed_words(&mut self, index: usize, old: &str, text: Option<&str>) {
        let session = &mut self.journey.sessions[index];
        let Some(help) = &mut session.help else { return };
        self.changed.insert(session.id);
        let change = |words: &mut Vec<String>| {
            let at = words.iter().rposition(|words| words == old)?;
            match text {
                Some(text) => text.clone_into(&mut words[at]),
                None => {
                    words.remove(at);
                }
            }
            Some(())
        };
        change(&mut help.open_words);
        // What nobody at the desk has read yet is simply different.
        if change(&mut help.unsent).is_some() {
            return;
        }
        let Some((tenant, stage)) = self.place(index) else { return };
        let mut cx = self.cx(index, tenant, stage);
        let (desk, guest) = (cx.desk_phrases().desk, cx.guest_name().to_owned());
        let words = match text {
            Some(text) => fill_formatted(
                desk.desk_edited,
                &[("guest", &guest), ("text", text)],
                cx.facts.formatted,
            ),
            None => fill(desk.desk_deleted, &[("guest", &guest)]),
        };
        cx.to_desk(words);
    }

    /// The thread was not opened: what stands in it waits for the next one.
    pub(super) fn thread_lost(&mut self, index: usize, letter: LetterId) {
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        let Some(help) = session.help.as_mut().filter(|help| help.brief == Some(letter)) else {
            return;
        };
        (help.brief, help.updated) = (None, now);
        let open = std::mem::take(&mut help.open_words);
        help.unsent.splice(0..0, open);
        self.changed.insert(session.id);
    }

    /// Nobody has it any more: noted in the record.
    pub(super) fn until_now(&mut self, index: usize, how: &str) {
        self.journey.sessions[index].part(how, self.facts.now);
    }

    /// Nothing can be done here any more, and nothing was.
    pub(super) fn over_at_desk(&mut self, index: usize) {
        let session = &self.journey.sessions[index];
        let locale = self.facts.playbook.locale_of(&session.tenant);
        let words = Words::own(phrases(locale).desk.desk_over);
        self.effects.push(crate::model::Effect::TellDesk { session: session.id, words });
    }

    fn take(&mut self, index: usize, tenant: &Tenant, stage: &Stage, by: &Agent) {
        let since =
            self.journey.sessions[index].help.as_ref().map_or(self.facts.now, |help| help.since);
        self.own(index, tenant, stage, by, since);
        let mut cx = self.cx(index, tenant, stage);
        let joined = fill(cx.phrases().desk.joined, &[("agent", &by.name), ("name", &tenant.name)]);
        let card = cx.session_mut().help.as_mut().and_then(|help| help.waiting_card.take());
        if let Some(card) = card {
            let with = fill(cx.phrases().desk.with, &[("agent", &by.name)]);
            cx.replace(card, &Words::default(), &with);
        }
        cx.rebrief();
        cx.send_unsent();
        cx.say(joined);
    }

    /// The owner does not go on: the chat can be taken again.
    fn offer_again(&mut self, index: usize, tenant: &Tenant, stage: &Stage, why: &Words) {
        let now = self.facts.now;
        let session = &mut self.journey.sessions[index];
        let Some(help) = &mut session.help else { return };
        let Some(owner) = help.owner.take() else { return };
        help.parted.push(owner.id.clone());
        // The same click a second time is another one: its card carries another secret.
        help.nonce = self.facts.fresh.nonce();
        (help.unanswered, help.reminded, help.since, help.updated) = (None, false, now, now);
        if !help.asked.is_empty() {
            // Whoever takes it next has not read what stands in another's chat.
            let open = std::mem::take(&mut help.open_words);
            help.unsent.splice(0..0, open);
        }
        session.state = if help.left { State::Open } else { State::WaitingForAgent };
        session.metadata.remove("Agent.Id");
        session.metadata.remove("Agent.Name");
        self.changed.insert(session.id);
        let mut cx = self.cx(index, tenant, stage);
        let words =
            fill(cx.phrases().desk.again, &[("agent", &owner.name), ("name", &tenant.name)]);
        cx.say(words);
        cx.rebrief();
        cx.to_desk(why.clone());
        cx.tell_desk_of_it();
    }

    /// Does what is due while a human is waited for or is there.
    pub(super) fn tick_help(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        let now = self.facts.now;
        // A desk that was connected meanwhile hears of who waits.
        let before = self.effects.len();
        self.cx(index, tenant, stage).tell_desk_of_it();
        if self.effects.len() > before {
            self.changed.insert(self.journey.sessions[index].id);
        }
        let Some(help) = self.journey.sessions[index].help.clone() else { return };
        let past =
            |since: Timestamp, span: Duration| since.checked_add(span).is_ok_and(|at| at <= now);
        let state = self.journey.sessions[index].state;
        let was_told = help.brief.is_some() || help.asked.iter().any(|asked| asked.open);
        let is_people = self.facts.desks.people(&tenant.id).is_some();
        // Agents who are away for a while still read their own chats.
        let is_cut_off = was_told
            && !self.facts.desks.is_reachable(&tenant.id)
            && (!is_people || state == State::WaitingForAgent);
        if is_cut_off {
            // Nobody there hears the guest any more: no false promise.
            self.cut_off(index, tenant, stage);
            return;
        }
        if let (Some(owner), Some(since)) = (&help.owner, help.unanswered) {
            let desk = phrases(&tenant.locale).desk;
            let silent = |times| silent_until(Some(tenant), &help, since, times) <= now;
            if silent(2) {
                self.until_now(index, "silent");
                self.offer_again(
                    index,
                    tenant,
                    stage,
                    &fill(desk.desk_again, &[("agent", &owner.name)]),
                );
            } else if !help.reminded && silent(1) {
                let mut cx = self.cx(index, tenant, stage);
                let (guest, time) = (cx.guest_name().to_owned(), cx.desk_moment(since));
                cx.to_desk(fill(
                    desk.desk_remind,
                    &[("agent", &owner.name), ("guest", &guest), ("time", &time)],
                ));
                let session = cx.session_mut();
                if let Some(help) = &mut session.help {
                    help.reminded = true;
                }
                let id = session.id;
                self.changed.insert(id);
            }
            return;
        }
        if self.journey.sessions[index].state != State::WaitingForAgent {
            return;
        }
        let Kind::Agent(settings) = &stage.kind else { return };
        if past(help.since, settings.max_wait) {
            let flow = settings.give_up(&mut self.cx(index, tenant, stage));
            self.changed.insert(self.journey.sessions[index].id);
            if flow != Flow::Stay {
                self.journey.sessions[index].state = State::Active;
                self.follow(index, flow);
            }
        } else if past(help.updated, settings.update_every) {
            settings.show(&mut self.cx(index, tenant, stage));
            self.changed.insert(self.journey.sessions[index].id);
        }
        let hunts = self.facts.desks.people(&tenant.id).is_some_and(|people| people.hunt);
        if hunts
            && help
                .asked
                .iter()
                .rfind(|asked| asked.open)
                .is_some_and(|asked| past(asked.at, settings.accept_timeout))
        {
            let mut cx = self.cx(index, tenant, stage);
            cx.withdraw_asked();
            cx.tell_desk_of_it();
            self.changed.insert(self.journey.sessions[index].id);
        }
    }

    fn cut_off(&mut self, index: usize, tenant: &Tenant, stage: &Stage) {
        self.changed.insert(self.journey.sessions[index].id);
        self.until_now(index, "cut_off");
        let session = &mut self.journey.sessions[index];
        // The thread is out of reach: what comes next begins a new one.
        if let Some(help) = &mut session.help {
            (help.brief, help.owner) = (None, None);
            help.nonce = self.facts.fresh.nonce();
            help.asked.clear();
            let open = std::mem::take(&mut help.open_words);
            help.unsent.splice(0..0, open);
        }
        match (session.state, &stage.kind) {
            (State::WaitingForAgent | State::WithAgent, Kind::Agent(settings)) => {
                let flow = settings.give_up(&mut self.cx(index, tenant, stage));
                if flow != Flow::Stay {
                    self.journey.sessions[index].state = State::Active;
                    self.follow(index, flow);
                }
            }
            (State::WithAgent, _) => {
                session.state = State::Open;
                let reference = session.reference.clone();
                let mut cx = self.cx(index, tenant, stage);
                let words =
                    fill(cx.phrases().desk.left, &[("name", &tenant.name), ("ref", &reference)]);
                cx.say(words);
            }
            // A message waits, or is asked for: nobody was promised to be there.
            _ => {}
        }
    }

    /// The desk is told that its words do not arrive.
    pub(super) fn unreachable(&mut self, index: usize) {
        if self.journey.sessions[index].help.is_none() {
            return;
        }
        let Some((tenant, stage)) = self.place(index) else { return };
        let mut cx = self.cx(index, tenant, stage);
        let words = fill(cx.desk_phrases().desk.desk_unreachable, &[("guest", cx.guest_name())]);
        cx.to_desk(words);
    }

    /// The guest goes where this desk is not.
    pub(super) fn part(&mut self, index: usize, tenant: &Tenant, stage: &Stage, to: Option<&str>) {
        let session = &mut self.journey.sessions[index];
        if session.help.is_none() {
            return;
        }
        if matches!(session.state, State::WaitingForAgent | State::WithAgent | State::Open) {
            session.state = State::Active;
        }
        self.until_now(index, if to.is_some() { "moved" } else { "left" });
        let mut cx = self.cx(index, tenant, stage);
        let (desk, guest) = (cx.desk_phrases().desk, cx.guest_name().to_owned());
        let words = match to {
            Some(to) => fill(desk.desk_moved, &[("guest", &guest), ("to", to)]),
            None => fill(desk.desk_gone, &[("guest", &guest)]),
        };
        cx.end_help(&words);
    }

    /// How a session ends when its pipeline runs out: solved, when somebody at the desk said so.
    pub(super) fn natural_end(&self, index: usize) -> State {
        let is_solved = self.journey.sessions[index]
            .metadata
            .entry(RESOLVED)
            .is_some_and(|entry| entry.value == Value::Bool(true));
        if is_solved { State::Resolved } else { State::Unresolved }
    }
}

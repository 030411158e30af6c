//! One visit of one guest to one tenant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Aside, AtDesk, Call, Carried, Entry, JourneyId, KeptFile, Metadata, Past, PipelineId,
    SessionId, Shown, Spoken, StageId, Taken, TenantId, Voice, Waiting,
};

mod at_desk;
pub mod keys;

/// One visit of one guest to one tenant: metadata, where it stands, what it waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its reference number, such as `IT-4821`: on cards, at the desk and in the API.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The journey that it belongs to.
    pub journey: JourneyId,
    /// The journey's first session.
    pub origin: SessionId,
    /// 0 at the origin, one more with every transfer.
    pub hop: u32,
    /// The department.
    pub tenant: TenantId,
    /// The department's name when the session began.
    pub tenant_name: String,
    /// The pipeline that it runs.
    pub pipeline: PipelineId,
    /// The version of the tenant's pipelines that it began with.
    pub pipeline_version: String,
    /// The stage where it stands; none once it has ended.
    pub stage: Option<StageId>,
    /// What state it is in.
    pub state: State,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, by any way.
    pub ended: Option<Timestamp>,
    /// Guest activities so far.
    pub turns: u64,
    /// What it knows.
    pub metadata: Metadata,
    /// What it waits for, while it waits for the guest.
    pub waiting: Option<Waiting>,
    /// The stage that last waited here: where a refused transfer asks again.
    pub last_waited: Option<StageId>,
    /// The last menu that was shown here: where an undone transfer asks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_menu: Option<StageId>,
    /// A question beside the stage's own: a command that asks first, a choice of departments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
    /// The guest was reminded of the present question.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reminded: bool,
    /// What the guest last asked in words of their own, as far as a stage took it for a question:
    /// what a FAQ is asked instead of the journey's first words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The menu at which the guest last asked something for which there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<StageId>,
    /// What the guest has said and no stage has made use of yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<Spoken>,
    /// The answers from FAQs that the guest was shown, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Shown>,
    /// What the department asks first and did not ask here, because an agent of another one handed
    /// the guest over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unasked: Vec<Unasked>,
    /// The call to another system for whose answer it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// The human that it waits for, or has.
    #[serde(default, rename = "help", skip_serializing_if = "Option::is_none")]
    pub desk: Option<AtDesk>,
    /// Where it was when it left its desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Past>,
    /// The guest themselves ended it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed_by_guest: bool,
    /// Seconds for which the guest has waited for people here, in visits to the desk that are over.
    #[serde(default, skip_serializing_if = "super::desk::is_zero")]
    pub waited: u64,
    /// Who has had it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<Taken>,
    /// Who of the desk's channel did something in its thread, one entry a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voices: Vec<Voice>,
    /// The latest letters that carry what a person wrote to another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<Carried>,
    /// Files that the guest sent before a person was there, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptFile>,
    /// How many files the guest sent before a person was there, also those that did not arrive.
    #[serde(default)]
    pub files: u32,
    /// The tenant whose opening hours `Hours.*` shows, once an `hours` stage looked at another
    /// one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_of: Option<TenantId>,
}

/// A question that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unasked {
    /// The stage that asks it.
    pub stage: StageId,
    /// The `Data` key of its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The question, in the desk's language.
    pub text: String,
}

/// What a session begins with.
#[derive(Debug)]
pub struct Start {
    /// Its id; it is its own origin until somebody says otherwise.
    pub id: SessionId,
    /// Its reference number.
    pub reference: String,
    /// The journey that it belongs to.
    pub journey: JourneyId,
    /// The department.
    pub tenant: TenantId,
    /// The department's name.
    pub tenant_name: String,
    /// The pipeline that it runs.
    pub pipeline: PipelineId,
    /// The version of the tenant's pipelines.
    pub version: String,
    /// The first stage.
    pub stage: Option<StageId>,
    /// When.
    pub at: Timestamp,
}

impl Session {
    /// A session that has heard nothing yet.
    pub fn begin(start: Start) -> Self {
        Session {
            id: start.id,
            reference: start.reference,
            journey: start.journey,
            origin: start.id,
            hop: 0,
            tenant: start.tenant,
            tenant_name: start.tenant_name,
            pipeline: start.pipeline,
            pipeline_version: start.version,
            stage: start.stage,
            state: State::Active,
            started: start.at,
            ended: None,
            turns: 0,
            metadata: Metadata::default(),
            waiting: None,
            last_waited: None,
            last_menu: None,
            aside: None,
            reminded: false,
            query: None,
            unanswered: None,
            spoken: None,
            answers: Vec::new(),
            unasked: Vec::new(),
            call: None,
            desk: None,
            past: None,
            closed_by_guest: false,
            waited: 0,
            takes: Vec::new(),
            voices: Vec::new(),
            carried: Vec::new(),
            kept: Vec::new(),
            files: 0,
            hours_of: None,
        }
    }

    /// It is over: it stands nowhere, asks nothing, has nobody and awaits no answer. The record of
    /// who had it is closed as `left`, unless somebody has said how they parted. What an agent said of
    /// the matter stays true, whatever `state` the pipeline's last stage has.
    pub fn end(&mut self, state: State, at: Timestamp) {
        let is_moved = matches!(state, State::Transferred | State::Returned);
        self.state = self.judged().filter(|_| !is_moved).unwrap_or(state);
        self.agree(at);
        self.ended = Some(at);
        self.leave_desk(at);
        self.stage = None;
        self.stop_waiting();
        self.aside = None;
        self.part("left", at);
    }

    /// The same, when it binds: an agent has judged here, or a manager. What they said only they and
    /// the guest's own word after them can change.
    fn judged(&self) -> Option<State> {
        let by_agent = |taken: &Taken| {
            taken.how.as_deref().is_some_and(|how| matches!(how, "resolved" | "unresolved"))
        };
        let by = self.metadata.get(keys::RESOLVED_BY).and_then(Value::as_str);
        let is_bound = by == Some("manager") || self.takes.iter().any(by_agent);
        let solved = self.said_solved().filter(|_| is_bound)?;
        Some(if solved { State::Resolved } else { State::Unresolved })
    }

    /// An earlier word that does not bind does not contradict the state in which it ends.
    fn agree(&mut self, at: Timestamp) {
        let is_solved = self.state == State::Resolved;
        if self.state.is_closed() && self.said_solved().is_some_and(|said| said != is_solved) {
            let entry = Entry {
                value: Value::Bool(is_solved),
                private: false,
                tenant: self.tenant.clone(),
                stage: self.stage.clone(),
                at,
            };
            self.metadata.set(keys::RESOLVED, entry);
            self.metadata.remove(keys::RESOLVED_BY);
        }
    }

    /// It goes on after it had ended. Where it stands is the caller's to say.
    pub fn revive(&mut self) {
        self.closed_by_guest = false;
        self.state = State::Active;
        self.ended = None;
        self.waiting = None;
    }

    /// A message was left that a desk answers when it can: whoever left it is free meanwhile.
    pub fn is_left(&self) -> bool {
        self.state == State::Open
    }

    /// Whoever is moved away before anything was asked here, and takes that back, begins where it
    /// stands.
    pub fn returns_here(&mut self) {
        self.last_waited.clone_from(&self.stage);
        self.last_menu.clone_from(&self.stage);
    }

    /// It leaves the stage at which it stood: no answer to its question or its call counts.
    pub fn stop_waiting(&mut self) {
        self.waiting = None;
        self.call = None;
    }
}

/// The states of a session, as the API names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The pipeline has it.
    Active,
    /// It stands in the queue of a desk.
    WaitingForAgent,
    /// An agent has it.
    WithAgent,
    /// A message was left; the desk answers when it can.
    Open,
    /// The guest was moved on.
    Transferred,
    /// The guest was moved back.
    Returned,
    /// Ended, helped.
    Resolved,
    /// Ended, not helped.
    Unresolved,
    /// The guest went away.
    Abandoned,
}

impl State {
    /// The name in files and API.
    pub fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::WaitingForAgent => "waiting_for_agent",
            State::WithAgent => "with_agent",
            State::Open => "open",
            State::Transferred => "transferred",
            State::Returned => "returned",
            State::Resolved => "resolved",
            State::Unresolved => "unresolved",
            State::Abandoned => "abandoned",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<State> {
        [
            State::Active,
            State::WaitingForAgent,
            State::WithAgent,
            State::Open,
            State::Transferred,
            State::Returned,
            State::Resolved,
            State::Unresolved,
            State::Abandoned,
        ]
        .into_iter()
        .find(|state| state.name() == name)
    }

    /// True for a matter that came to its end here.
    pub fn is_closed(self) -> bool {
        matches!(self, State::Resolved | State::Unresolved | State::Abandoned)
    }

    /// True while it goes on: the guest is in it, or a desk has something of theirs.
    pub fn is_live(self) -> bool {
        matches!(self, State::Active | State::WaitingForAgent | State::WithAgent | State::Open)
    }
}

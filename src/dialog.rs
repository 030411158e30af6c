//! Floor 3: talks to a company through the pure core and its cards, without network, store or
//! clock: for `chat` and for `.dialog` files. deploy/contoso/README.md tells how one is written.

mod script;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, civil::DateTime};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    cards::{self, Cards, Input},
    company::Company,
    faq::Library,
    model::{
        Act, Agent, Body, By, ByKind, Call, CallError, Called, DeskLetter, Effect, Event, Guest,
        Journey, JourneyId, Letter, LetterId, SessionId, TenantId, Token, Voice,
    },
    pipeline::{
        Facts, Fresh, Pinned,
        brief::newest,
        desk, due,
        language::phrases,
        scope::{self, View},
        step, welcome,
    },
};

use script::fill_in;
pub use script::{Check, Failure, Played, Stage, play};

/// When a dialog begins, unless it says otherwise: a Tuesday morning, in the company's time zone.
const BEGIN: &str = "2026-11-24T10:00";
/// Who a dialog's guest is, unless it says otherwise.
const GUEST: &str = "Adele Vance";

/// A guest who talks to the company.
pub struct Player {
    company: Arc<Company>,
    cards: Arc<Cards>,
    library: Library,
    guest: Guest,
    now: Timestamp,
    fresh: Counter,
    pinned: Pinned,
    journey: Option<Journey>,
    shown: Vec<Shown>,
    /// The cards at the desks.
    at_desk: Vec<Shown>,
    /// Calls to other systems that nobody has answered yet.
    calls: Vec<Call>,
    desks: Desks,
}

/// Every department that has a desk is reached, unless the dialog says otherwise.
#[derive(Default)]
struct Desks {
    reachable: BTreeSet<TenantId>,
    people: BTreeMap<TenantId, desk::People>,
    /// Who did something in the threads of a channel.
    voices: BTreeMap<TenantId, Vec<Voice>>,
}

impl desk::Desks for Desks {
    fn is_reachable(&self, tenant: &TenantId) -> bool {
        match self.people.get(tenant) {
            Some(people) => people.agents.iter().any(|person| person.available),
            None => self.reachable.contains(tenant),
        }
    }
    fn people(&self, tenant: &TenantId) -> Option<desk::People> {
        self.people.get(tenant).cloned()
    }
    fn colleagues(&self, tenant: &TenantId) -> Vec<Agent> {
        self.voices.get(tenant).map(|voices| newest(voices)).unwrap_or_default()
    }
    fn ahead(&self, _: &TenantId, _: SessionId) -> usize {
        0
    }
    fn pace(&self, _: &TenantId) -> Option<Duration> {
        None
    }
}

/// A card that stands in the chat.
struct Shown {
    letter: LetterId,
    /// The agent in whose personal chat it stands.
    agent: Option<String>,
    content: Value,
    /// Replaced by its answer: its buttons are gone from the screen, but a late click can still
    /// arrive.
    replaced: bool,
}

/// Counted ids, so that a dialog reads the same every time.
#[derive(Default)]
pub struct Counter(Cell<u128>, Cell<u64>);

impl Counter {
    fn id(&self) -> Uuid {
        self.0.set(self.0.get() + 1);
        Uuid::from_u128(self.0.get())
    }
}

impl Fresh for Counter {
    fn session(&self) -> SessionId {
        SessionId(self.id())
    }
    fn journey(&self) -> JourneyId {
        JourneyId(self.id())
    }
    fn letter(&self) -> LetterId {
        LetterId(self.id())
    }
    fn number(&self) -> u64 {
        self.1.set(self.1.get() + 1);
        1000 + self.1.get()
    }
    fn nonce(&self) -> String {
        self.id().simple().to_string()
    }
}

impl Player {
    /// A guest of that name at that instant.
    pub fn new(company: Arc<Company>, cards: Arc<Cards>, name: &str, now: Timestamp) -> Self {
        let guest = Guest {
            id: "29:adele".to_owned(),
            aad_object_id: Some("00000000-0000-4000-8000-000000000001".to_owned()),
            name: Some(name.to_owned()),
            channel_id: "chat".to_owned(),
            ..Guest::default()
        };
        let with_desk = company
            .tenants
            .iter()
            .filter(|(_, settings)| settings.desk.as_ref().is_some_and(|desk| !desk.people));
        let people = company.tenants.iter().filter_map(|(id, settings)| {
            Some((id, settings.desk.as_ref().filter(|desk| desk.people)?))
        });
        let people = people.map(|(id, settings)| {
            let person = |agent: &String| {
                let name = agent.split('@').next().unwrap_or_default().to_owned();
                desk::Person { id: agent.clone(), name, available: true, load: 0 }
            };
            let agents = settings.agents.iter().map(person).collect();
            (
                id.clone(),
                desk::People { hunt: settings.hunt, most: settings.chats_per_agent, agents },
            )
        });
        let reachable = with_desk.map(|(id, _)| id.clone()).collect();
        let desks = Desks { reachable, people: people.collect(), voices: BTreeMap::new() };
        let (fresh, pinned) = (Counter::default(), Pinned::new());
        Player {
            library: Library::build(company.faqs()),
            company,
            cards,
            guest,
            now,
            fresh,
            pinned,
            journey: None,
            shown: Vec::new(),
            at_desk: Vec::new(),
            calls: Vec::new(),
            desks,
        }
    }

    /// The instant of a local time in the company's zone.
    pub fn instant(company: &Company, text: &str) -> Option<Timestamp> {
        let local: DateTime = text.replace(' ', "T").parse().ok()?;
        local.to_zoned_datetime(company.playbook.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// Time passes: what becomes due on the way happens, each at its own instant. Setting the clock
    /// back makes nothing happen.
    pub fn set_now(&mut self, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        // Every tick moves something on; the bound only keeps a mistake from hanging a test.
        for _ in 0..100 {
            let due = self
                .journey
                .as_ref()
                .and_then(|journey| due(&self.facts(), journey))
                .filter(|due| *due <= now);
            let Some(due) = due else { break };
            self.now = self.now.max(due);
            lines.extend(self.happen(&Event::Tick));
        }
        self.now = now;
        lines
    }

    /// The company's files have changed: new sessions begin on the new ones, those under way finish
    /// on theirs.
    pub fn change(&mut self, company: Arc<Company>, cards: Arc<Cards>) {
        for tenant in self.company.playbook.tenants.values() {
            self.pinned.insert(
                (tenant.id.clone(), tenant.version.clone()),
                Arc::new(tenant.pipelines.clone()),
            );
        }
        self.library = Library::build(company.faqs());
        (self.company, self.cards) = (company, cards);
    }

    /// A manager moves the guest.
    pub fn moved_by_manager(&mut self, tenant: &str, reason: Option<&str>) -> Vec<String> {
        let by = By {
            kind: ByKind::Manager,
            id: "mara@contoso.com".to_owned(),
            name: Some("Mara".to_owned()),
        };
        self.happen(&Event::Move {
            tenant: tenant.into(),
            by,
            reason: reason.map(str::to_owned),
            note: None,
        })
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            playbook: &self.company.playbook,
            pinned: &self.pinned,
            guest: &self.guest,
            now: self.now,
            fresh: &self.fresh,
            answers: &self.library,
            desks: &self.desks,
            formatted: None,
        }
    }

    /// The app is installed: the welcome. Each message is one string of lines.
    pub fn install(&mut self) -> Vec<String> {
        let facts = self.facts();
        let letters: Vec<Effect> = welcome(&facts).map(Effect::Send).into_iter().collect();
        self.show(letters)
    }

    /// The guest writes.
    pub fn say(&mut self, text: &str) -> Vec<String> {
        self.happen(&Event::Said(text.to_owned()))
    }

    /// The guest clicks a button of the newest card that has it, or with `late` of one whose
    /// buttons are gone. `inputs` are filled in by label or id. Says what is wrong when there is no
    /// such button or input.
    pub fn click(
        &mut self,
        title: &str,
        inputs: &[(String, String)],
        late: bool,
    ) -> Result<Vec<String>, String> {
        let found =
            self.shown.iter().rev().filter(|shown| shown.replaced == late).find_map(|shown| {
                let button = cards::buttons(&shown.content)
                    .into_iter()
                    .find(|button| button.title == title && button.data.is_object())?;
                Some((button, cards::inputs(&shown.content)))
            });
        let Some((button, fields)) = found else {
            let titles: Vec<String> = self
                .shown
                .iter()
                .filter(|shown| shown.replaced == late)
                .flat_map(|shown| cards::buttons(&shown.content))
                .map(|button| format!("[{}]", button.title))
                .collect();
            return Err(format!("there is no button [{title}]; there are: {}", titles.join(" ")));
        };
        let mut data = filled(&button.data, &fields, inputs)?;
        let token = data.remove(Token::KEY).and_then(|token| serde_json::from_value(token).ok());
        match token {
            Some(token) => Ok(self.happen(&Event::Clicked { token, data })),
            None => Err(format!("the button [{title}] does nothing here")),
        }
    }

    /// Somebody at a desk clicks a button of the newest card there that has it.
    fn desk_click(
        &mut self,
        agent: &str,
        title: &str,
        inputs: &[(String, String)],
    ) -> Result<Vec<String>, String> {
        let id = self.agent_id(agent);
        let theirs = self
            .at_desk
            .iter()
            .rev()
            .filter(|shown| shown.agent.as_ref().is_none_or(|agent| *agent == id));
        let found = theirs.into_iter().find_map(|shown| {
            let button = cards::buttons(&shown.content)
                .into_iter()
                .find(|button| button.title == title && button.data.get(Token::KEY).is_some())?;
            Some((button, cards::inputs(&shown.content)))
        });
        let Some((button, fields)) = found else {
            return Err(format!("there is no button [{title}] at the desk"));
        };
        let mut data = filled(&button.data, &fields, inputs)?;
        let token: Option<Token> =
            data.remove(Token::KEY).and_then(|token| serde_json::from_value(token).ok());
        match (token, desk::act_of(&data)) {
            (Some(token), Some(act)) => Ok(self.at_desk(agent, Some(token.nonce), act)),
            _ => Err(format!("the button [{title}] does nothing here")),
        }
    }

    /// Somebody at a desk does something: `Ann takes`, `Ann: words`, `Ann [Resolve]
    /// Outcome=Solved`.
    pub fn desk_line(&mut self, text: &str) -> Result<Vec<String>, String> {
        if let Some((agent, rest)) = text.split_once('[').filter(|(agent, _)| !agent.contains(':'))
        {
            let (title, inputs) =
                rest.split_once(']').ok_or("a button stands in brackets: [Take]")?;
            return self.desk_click(agent.trim(), title, &fill_in(inputs)?);
        }
        if let Some((agent, words)) = text.split_once(':') {
            if let Some((agent, tenant)) =
                agent.trim().strip_suffix(')').and_then(|agent| agent.split_once(" ("))
            {
                let live = self
                    .journey
                    .as_ref()
                    .and_then(|journey| journey.sessions.get(journey.present()?));
                let consults = live
                    .and_then(|session| session.help.as_ref())
                    .map(|help| help.consults.as_slice())
                    .unwrap_or_default();
                let consult = consults.iter().rfind(|consult| consult.tenant.as_str() == tenant);
                let letter =
                    consult.ok_or_else(|| format!("`{tenant}` was not asked anything"))?.letter;
                return Ok(self.at_desk(
                    agent,
                    None,
                    Act::Advise { letter, text: words.trim().to_owned() },
                ));
            }
            return Ok(self.at_desk(agent.trim(), None, Act::Say(words.trim().to_owned())));
        }
        match text.strip_suffix(" takes") {
            Some(agent) => self.desk_click(agent.trim(), "Take", &[]),
            None => {
                Err("write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]".to_owned())
            }
        }
    }

    fn at_desk(&mut self, agent: &str, nonce: Option<String>, act: Act) -> Vec<String> {
        let by = Agent { id: self.agent_id(agent), name: agent.to_owned() };
        self.happen(&Event::Desk { by, nonce, act })
    }

    /// Who `Ann` is: the agent of that name in a tenant's file, else her name.
    fn agent_id(&self, name: &str) -> String {
        let name = name.to_lowercase();
        let all = self.desks.people.values().flat_map(|people| &people.agents);
        all.map(|person| &person.id)
            .find(|id| id.split('@').next() == Some(name.as_str()))
            .cloned()
            .unwrap_or(name)
    }

    /// An agent with personal chats comes or goes.
    fn set_available(&mut self, name: &str, is_available: bool) -> Vec<String> {
        let id = self.agent_id(name);
        let all = self.desks.people.values_mut().flat_map(|people| &mut people.agents);
        all.filter(|person| person.id == id).for_each(|person| person.available = is_available);
        self.happen(&Event::Tick)
    }

    /// A department's desk is connected, or not any more; who waits there is told of.
    pub fn connect(&mut self, tenant: &str, is_connected: bool) -> Vec<String> {
        let tenant = TenantId::from(tenant);
        if is_connected {
            self.desks.reachable.insert(tenant)
        } else {
            self.desks.reachable.remove(&tenant)
        };
        self.happen(&Event::Tick)
    }

    /// Another system answers the latest call, or fails to.
    fn called(&mut self, outcome: Called) -> Result<Vec<String>, String> {
        let call = self.calls.pop().ok_or("no other system was asked anything")?;
        Ok(self.happen(&Event::Called { id: call.id, outcome }))
    }

    /// Where there is no network, every call fails.
    pub fn without_network(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Ok(more) = self.called(Called::Failed(CallError::Unreachable)) {
            lines.extend(more);
        }
        lines
    }

    /// A variable of the session in which the guest is, or was last; as text.
    pub fn value(&self, name: &str) -> Option<String> {
        let journey = self.journey.as_ref()?;
        let index = journey.latest()?;
        let session = &journey.sessions[index];
        let playbook = &self.company.playbook;
        let view = View {
            playbook,
            tenant: playbook.tenant(&session.tenant),
            session,
            guest: &self.guest,
            hops: journey.hops_of(session.id),
            now: self.now,
        };
        let flat = scope::flat(view);
        flat.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The guest's locale.
    pub fn set_locale(&mut self, locale: &str) {
        self.guest.locale = Some(locale.to_owned());
    }

    /// The guest's country.
    pub fn set_country(&mut self, country: &str) {
        self.guest.country = Some(country.to_owned());
    }

    /// The guest's name.
    pub fn set_name(&mut self, name: &str) {
        self.guest.name = Some(name.to_owned());
    }

    /// The titles of the buttons that can be clicked now.
    pub fn buttons(&self) -> Vec<String> {
        let live = self.shown.iter().filter(|shown| !shown.replaced);
        live.flat_map(|shown| cards::buttons(&shown.content))
            .filter(|button| button.data.is_object())
            .map(|button| button.title)
            .collect()
    }

    fn happen(&mut self, event: &Event) -> Vec<String> {
        let journey = self.journey.take();
        let outcome = step(&self.facts(), journey, event);
        self.journey = outcome.journey;
        for session in self.journey.iter().flat_map(|journey| &journey.sessions) {
            self.desks
                .voices
                .entry(session.tenant.clone())
                .or_default()
                .extend(session.voices.iter().cloned());
        }
        self.show(outcome.effects)
    }

    fn show(&mut self, effects: Vec<Effect>) -> Vec<String> {
        let mut lines = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send(Letter { id, body, .. }) => match body {
                    Body::Text(words) => lines.push(words.plain()),
                    Body::Card(card) => match self.cards.render(&card) {
                        Ok(rendered) => {
                            lines.push(cards::draw(&rendered.content));
                            self.shown.push(Shown {
                                letter: id,
                                agent: None,
                                content: rendered.content,
                                replaced: false,
                            });
                        }
                        Err(error) => {
                            lines.push(format!("{} ({error})", phrases(&card.locale).failed))
                        }
                    },
                },
                Effect::Settle { letter, .. } => {
                    self.shown
                        .iter_mut()
                        .filter(|shown| shown.letter == letter)
                        .for_each(|shown| shown.replaced = true);
                }
                Effect::Tell { words, .. } => lines.push(words.plain()),
                Effect::TellDesk { words, .. } => lines.push(format!("{AT_DESK}{}", words.plain())),
                Effect::Desk(DeskLetter { id, body, agent, .. }) => match body {
                    Body::Text(words) => lines.push(format!(
                        "{AT_DESK}{}{}",
                        to_whom(agent.as_deref()),
                        words.plain()
                    )),
                    Body::Card(card) => match self.cards.render(&card) {
                        Ok(rendered) => {
                            lines.push(format!(
                                "{AT_DESK}{}{}",
                                to_whom(agent.as_deref()),
                                cards::draw(&rendered.content)
                            ));
                            self.at_desk.push(Shown {
                                letter: id,
                                agent,
                                content: rendered.content,
                                replaced: false,
                            });
                        }
                        Err(error) => lines
                            .push(format!("{AT_DESK}{} ({error})", phrases(&card.locale).failed)),
                    },
                },
                Effect::Redesk { letter, card, .. } => {
                    if let Ok(rendered) = self.cards.render(&card) {
                        self.at_desk
                            .iter_mut()
                            .filter(|shown| shown.letter == letter)
                            .for_each(|shown| shown.content = rendered.content.clone());
                    }
                }
                Effect::Call { call, .. } => {
                    let body = call
                        .request
                        .body
                        .as_deref()
                        .map(|body| format!(" {body}"))
                        .unwrap_or_default();
                    lines.push(format!(
                        "{CALLS}{} {}{body}",
                        call.request.method.name(),
                        call.request.url
                    ));
                    self.calls.push(*call);
                }
                // Nobody edits a message in a dialog.
                Effect::Heard { .. }
                | Effect::Agent { .. }
                | Effect::Answer { .. }
                | Effect::Draft { .. }
                | Effect::Carried(_)
                | Effect::Amend { .. }
                | Effect::Rewrite { .. }
                | Effect::Trail(_) => {}
            }
        }
        lines
    }
}

/// What stands at the desk begins with this.
const AT_DESK: &str = "@< ";

/// What is asked of another system begins with this.
const CALLS: &str = "=> ";

/// Whose personal chat it is.
fn to_whom(agent: Option<&str>) -> String {
    agent
        .map(|agent| format!("[to {}] ", agent.split('@').next().unwrap_or_default()))
        .unwrap_or_default()
}

/// A button's data with the inputs, of which some are given by label or id.
fn filled(
    data: &Value,
    fields: &[Input],
    inputs: &[(String, String)],
) -> Result<Map<String, Value>, String> {
    let mut data: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
    for field in fields {
        if !field.value.is_empty() {
            data.insert(field.id.clone(), Value::String(field.value.clone()));
        }
    }
    for (name, value) in inputs {
        let field = fields.iter().find(|field| field.label == *name || field.id == *name);
        let Some(field) = field else {
            let names: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
            return Err(format!("there is no input `{name}`; there are: {}", names.join(", ")));
        };
        data.insert(field.id.clone(), Value::String(value_of(field, value)));
    }
    Ok(data)
}

/// A choice may be given by its title.
fn value_of(field: &Input, given: &str) -> String {
    field
        .choices
        .iter()
        .find(|(title, value)| title == given || value == given)
        .map_or_else(|| given.to_owned(), |(_, value)| value.clone())
}

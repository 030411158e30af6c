//! A guest who talks to a company.

use std::sync::Arc;

use jiff::{Timestamp, civil::DateTime};

use super::{
    counter::Counter,
    desks::Desks,
    screen::{Screen, fill_in, filled},
};
use crate::{
    cards::{Cards, Input},
    company::Company,
    faq::Library,
    model::{
        Act, Agent, By, ByKind, CallError, Called, Effect, Event, Guest, Journey, Session,
        SessionId, Token, locale::speak,
    },
    pipeline::{
        Case, Chat, Facts, Pinned,
        desk::act_of,
        directory::Tenant,
        due,
        scope::{self, View},
        step, tongue, welcome,
    },
};

/// A guest who talks to the company. A clone goes on by itself, from the same point.
#[derive(Clone)]
pub struct Player {
    pub(super) company: Arc<Company>,
    cards: Arc<Cards>,
    library: Arc<Library>,
    guest: Guest,
    pub(super) now: Timestamp,
    fresh: Counter,
    pinned: Pinned,
    journey: Option<Journey>,
    open: Vec<Journey>,
    screen: Screen,
    desks: Desks,
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
        Player::of(company, cards, guest, now)
    }

    /// This guest, at that instant.
    pub(super) fn of(
        company: Arc<Company>,
        cards: Arc<Cards>,
        guest: Guest,
        now: Timestamp,
    ) -> Self {
        let desks = Desks::of(&company);
        Player {
            library: Arc::new(Library::build(company.faqs())),
            company,
            cards,
            guest,
            now,
            fresh: Counter::default(),
            pinned: Pinned::default(),
            journey: None,
            open: Vec::new(),
            screen: Screen::default(),
            desks,
        }
    }

    /// What is said is what everybody may read, and references have these numbers first.
    pub(super) fn recorded(mut self, numbers: impl IntoIterator<Item = u64>) -> Self {
        self.fresh = Counter::with_numbers(numbers);
        self.screen.is_veiled = true;
        self
    }

    /// The newest form that stands: its button and its inputs.
    pub(super) fn form(&self) -> Option<(String, Vec<Input>)> {
        self.screen.form()
    }

    /// What the latest step told about an earlier one: a click that no longer counts.
    pub(super) fn told(&self) -> &[String] {
        &self.screen.told
    }

    /// True while another system has been asked something.
    pub(super) fn calls(&self) -> bool {
        !self.screen.calls.is_empty()
    }

    /// The instant of a local time in the company's zone.
    pub fn instant(company: &Company, text: &str) -> Option<Timestamp> {
        let local: DateTime = text.replace(' ', "T").parse().ok()?;
        local.to_zoned_datetime(company.directory.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// Time passes: what becomes due on the way happens, each at its own instant. Setting the clock
    /// back makes nothing happen.
    pub fn set_now(&mut self, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        // Every tick moves something on; the bound only keeps a mistake from hanging a test.
        for _ in 0..100 {
            let due = self.journeys().filter_map(|journey| due(&self.case(), journey)).min();
            let due = due.filter(|due| *due <= now);
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
        for (id, pipelines) in &self.company.playbook.0 {
            let Some(tenant) = self.company.directory.tenant(id) else { continue };
            let edition = (id.clone(), tenant.version.clone());
            self.pinned.pipelines.insert(edition.clone(), Arc::new(pipelines.clone()));
            let gone = Tenant { enabled: false, ..tenant.clone() };
            self.pinned.gone.insert(edition, Arc::new(gone));
        }
        self.library = Arc::new(Library::build(company.faqs()));
        (self.company, self.cards) = (company, cards);
    }

    /// What is due now happens.
    pub fn look(&mut self) -> Vec<String> {
        self.happen(&Event::Tick)
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

    fn case(&self) -> Case<'_> {
        let facts = Facts {
            directory: self.company.directory_for(&self.guest),
            guest: &self.guest,
            now: self.now,
            fresh: &self.fresh,
            answers: &*self.library,
            desks: &self.desks,
            formatted: None,
        };
        Case { facts, playbook: &self.company.playbook, pinned: &self.pinned }
    }

    /// The app is installed: the welcome. Each message is one string of lines.
    pub fn install(&mut self) -> Vec<String> {
        let letters: Vec<Effect> = welcome(&self.case()).map(Effect::Send).into_iter().collect();
        self.screen.show(&self.cards, letters)
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
        let (button, fields) = self.screen.button(title, late)?;
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
        let id = self.desks.agent_id(agent);
        let (button, fields) = self.screen.button_at_desk(&id, title)?;
        let mut data = filled(&button.data, &fields, inputs)?;
        let token: Option<Token> =
            data.remove(Token::KEY).and_then(|token| serde_json::from_value(token).ok());
        match (token, act_of(&data)) {
            (Some(token), Some(act)) => {
                Ok(self.at_desk(agent, (Some(token.nonce), token.session), act))
            }
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
                let asked = self.journeys().filter_map(Journey::live).find_map(|session| {
                    let consults = &session.desk.as_ref()?.consults;
                    let consult =
                        consults.iter().rfind(|consult| consult.tenant.as_str() == tenant)?;
                    Some((session.id, consult.letter))
                });
                let (session, letter) =
                    asked.ok_or_else(|| format!("`{tenant}` was not asked anything"))?;
                let act = Act::Advise { letter, text: words.trim().to_owned() };
                return Ok(self.at_desk(agent, (None, Some(session)), act));
            }
            let (agent, words) = (agent.trim(), words.trim());
            let act = Act::Say(words.to_owned());
            return Ok(self.at_desk(agent, (None, self.thread_of(agent)), act));
        }
        match text.strip_suffix(" takes") {
            Some(agent) => self.desk_click(agent.trim(), "Take", &[]),
            None => {
                Err("write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]".to_owned())
            }
        }
    }

    /// In whose thread an agent writes: of the chat that they have, else of the one where the guest
    /// is, else of the latest that lies at a desk.
    fn thread_of(&self, agent: &str) -> Option<SessionId> {
        let id = self.desks.agent_id(agent);
        let mut live = self.journeys().filter_map(Journey::live);
        let desk = |session: &Session| session.desk.as_ref().is_some_and(|desk| desk.is_owner(&id));
        let own = live.find(|session| desk(session));
        let other = || {
            let live = self.journeys().filter_map(Journey::live);
            let mut with_desk = live.filter(|session| session.desk.is_some());
            with_desk.next().map(|session| session.id)
        };
        own.map(|session| session.id).or_else(other)
    }

    fn journeys(&self) -> impl Iterator<Item = &Journey> {
        self.journey.iter().chain(self.open.iter().rev())
    }

    fn at_desk(
        &mut self,
        agent: &str,
        (nonce, session): (Option<String>, Option<SessionId>),
        act: Act,
    ) -> Vec<String> {
        let by = Agent { id: self.desks.agent_id(agent), name: agent.to_owned() };
        self.happen_to(session, &Event::Desk { by, nonce, act })
    }

    /// An agent with personal chats comes or goes.
    pub(super) fn set_available(&mut self, name: &str, is_available: bool) -> Vec<String> {
        self.desks.set_available(name, is_available, self.now);
        self.happen(&Event::Tick)
    }

    /// A department's desk is connected, or not any more; who waits there is told of.
    pub fn connect(&mut self, tenant: &str, is_connected: bool) -> Vec<String> {
        self.desks.connect(tenant, is_connected);
        self.happen(&Event::Tick)
    }

    /// Another system answers the latest call, or fails to.
    pub(super) fn called(&mut self, outcome: Called) -> Result<Vec<String>, String> {
        let call = self.screen.calls.pop().ok_or("no other system was asked anything")?;
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
        let directory = &self.company.directory;
        let view = View {
            directory,
            tenant: directory.tenant(&session.tenant),
            session,
            guest: &self.guest,
            hops: journey.hops_of(session.id),
            now: self.now,
        };
        // Whoever writes a dialog sees what their department keeps.
        let own = session.metadata.get(name).cloned();
        let value = own.or_else(|| scope::flat(view).get(name).cloned());
        value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The guest's locale.
    pub fn set_locale(&mut self, locale: &str) {
        self.guest.locale = Some(locale.to_owned());
    }

    /// The guest's country.
    pub fn set_country(&mut self, country: &str) {
        self.guest.country = Some(country.to_owned());
    }

    /// The guest's time zone, by its IANA name; false for one that nobody knows.
    pub fn set_zone(&mut self, zone: &str) -> bool {
        self.guest.timezone = Some(zone.to_owned());
        self.guest.zone().is_some()
    }

    /// The guest's name.
    pub fn set_name(&mut self, name: &str) {
        self.guest.name = Some(name.to_owned());
    }

    /// The titles of the buttons that can be clicked now.
    pub fn buttons(&self) -> Vec<String> {
        self.screen.buttons()
    }

    /// The inputs beside a button of the newest card that has it.
    pub fn inputs(&self, title: &str) -> Result<Vec<Input>, String> {
        Ok(self.screen.button(title, false)?.1)
    }

    fn happen(&mut self, event: &Event) -> Vec<String> {
        self.happen_to(None, event)
    }

    fn happen_to(&mut self, session: Option<SessionId>, event: &Event) -> Vec<String> {
        let (journey, open) = (self.journey.take(), std::mem::take(&mut self.open));
        if let Some(language) = tongue(&self.case(), journey.as_ref(), event) {
            speak(&mut self.guest, language);
        }
        let outcome = step(&self.case(), Chat { journey, open, session }, event);
        (self.journey, self.open) = (outcome.journey, outcome.open);
        for journey in self.journey.iter().chain(&self.open) {
            self.desks.note(journey);
        }
        self.screen.show(&self.cards, outcome.effects)
    }
}

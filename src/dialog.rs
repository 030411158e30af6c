//! Floor 3: talks to a company through the pure core and its cards, without network, store or clock: for `chat` and for `.dialog` files.
//! How a dialog is written is in the README.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    cards::{self, Cards, Input},
    company::{Company, report},
    faq::Library,
    model::{
        Act, Agent, Body, By, ByKind, Call, CallError, Called, DeskLetter, Effect, Event, Guest, Journey, JourneyId, Letter, LetterId,
        SessionId, TenantId, Token, Voice,
        source::{Files, Place, Problem, duration},
    },
    pipeline::{
        Facts, Fresh, Pinned,
        brief::newest,
        desk, due,
        phrases::phrases,
        scope::{self, View},
        step, welcome,
    },
};

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
    /// Replaced by its answer: its buttons are gone from the screen, but a late click can still arrive.
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
        let with_desk = company.tenants.iter().filter(|(_, settings)| settings.desk.as_ref().is_some_and(|desk| !desk.people));
        let people = company.tenants.iter().filter_map(|(id, settings)| Some((id, settings.desk.as_ref().filter(|desk| desk.people)?)));
        let people = people.map(|(id, settings)| {
            let person = |agent: &String| {
                let name = agent.split('@').next().unwrap_or_default().to_owned();
                desk::Person { id: agent.clone(), name, available: true, load: 0 }
            };
            let agents = settings.agents.iter().map(person).collect();
            (id.clone(), desk::People { hunt: settings.hunt, most: settings.chats_per_agent, agents })
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

    /// Time passes: what becomes due on the way happens, each at its own instant. Setting the clock back makes nothing happen.
    pub fn set_now(&mut self, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        // Every tick moves something on; the bound only keeps a mistake from hanging a test.
        for _ in 0..100 {
            let due = self.journey.as_ref().and_then(|journey| due(&self.facts(), journey)).filter(|due| *due <= now);
            let Some(due) = due else { break };
            self.now = self.now.max(due);
            lines.extend(self.happen(&Event::Tick));
        }
        self.now = now;
        lines
    }

    /// The company's files have changed: new sessions begin on the new ones, those under way finish on theirs.
    pub fn change(&mut self, company: Arc<Company>, cards: Arc<Cards>) {
        for tenant in self.company.playbook.tenants.values() {
            self.pinned.insert((tenant.id.clone(), tenant.version.clone()), Arc::new(tenant.pipelines.clone()));
        }
        self.library = Library::build(company.faqs());
        (self.company, self.cards) = (company, cards);
    }

    /// A manager moves the guest.
    pub fn moved_by_manager(&mut self, tenant: &str, reason: Option<&str>) -> Vec<String> {
        let by = By { kind: ByKind::Manager, id: "mara@contoso.com".to_owned(), name: Some("Mara".to_owned()) };
        self.happen(&Event::Move { tenant: tenant.into(), by, reason: reason.map(str::to_owned), note: None })
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

    /// The guest clicks a button of the newest card that has it, or with `late` of one whose buttons are gone. `inputs` are filled in by
    /// label or id. Says what is wrong when there is no such button or input.
    pub fn click(&mut self, title: &str, inputs: &[(String, String)], late: bool) -> Result<Vec<String>, String> {
        let found = self.shown.iter().rev().filter(|shown| shown.replaced == late).find_map(|shown| {
            let button = cards::buttons(&shown.content).into_iter().find(|button| button.title == title && button.data.is_object())?;
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
    fn desk_click(&mut self, agent: &str, title: &str, inputs: &[(String, String)]) -> Result<Vec<String>, String> {
        let id = self.agent_id(agent);
        let theirs = self.at_desk.iter().rev().filter(|shown| shown.agent.as_ref().is_none_or(|agent| *agent == id));
        let found = theirs.into_iter().find_map(|shown| {
            let button =
                cards::buttons(&shown.content).into_iter().find(|button| button.title == title && button.data.get(Token::KEY).is_some())?;
            Some((button, cards::inputs(&shown.content)))
        });
        let Some((button, fields)) = found else { return Err(format!("there is no button [{title}] at the desk")) };
        let mut data = filled(&button.data, &fields, inputs)?;
        let token: Option<Token> = data.remove(Token::KEY).and_then(|token| serde_json::from_value(token).ok());
        match (token, desk::act_of(&data)) {
            (Some(token), Some(act)) => Ok(self.at_desk(agent, Some(token.nonce), act)),
            _ => Err(format!("the button [{title}] does nothing here")),
        }
    }

    /// Somebody at a desk does something: `Ann takes`, `Ann: words`, `Ann [Resolve] Outcome=Solved`.
    pub fn desk_line(&mut self, text: &str) -> Result<Vec<String>, String> {
        if let Some((agent, rest)) = text.split_once('[').filter(|(agent, _)| !agent.contains(':')) {
            let (title, inputs) = rest.split_once(']').ok_or("a button stands in brackets: [Take]")?;
            return self.desk_click(agent.trim(), title, &fill_in(inputs)?);
        }
        if let Some((agent, words)) = text.split_once(':') {
            if let Some((agent, tenant)) = agent.trim().strip_suffix(')').and_then(|agent| agent.split_once(" (")) {
                let live = self.journey.as_ref().and_then(|journey| journey.sessions.get(journey.live()?));
                let consults = live.and_then(|session| session.help.as_ref()).map(|help| help.consults.as_slice()).unwrap_or_default();
                let consult = consults.iter().rfind(|consult| consult.tenant.as_str() == tenant);
                let letter = consult.ok_or_else(|| format!("`{tenant}` was not asked anything"))?.letter;
                return Ok(self.at_desk(agent, None, Act::Advise { letter, text: words.trim().to_owned() }));
            }
            return Ok(self.at_desk(agent.trim(), None, Act::Say(words.trim().to_owned())));
        }
        match text.strip_suffix(" takes") {
            Some(agent) => self.desk_click(agent.trim(), "Take", &[]),
            None => Err("write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]".to_owned()),
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
        all.map(|person| &person.id).find(|id| id.split('@').next() == Some(name.as_str())).cloned().unwrap_or(name)
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
        live.flat_map(|shown| cards::buttons(&shown.content)).filter(|button| button.data.is_object()).map(|button| button.title).collect()
    }

    fn happen(&mut self, event: &Event) -> Vec<String> {
        let journey = self.journey.take();
        let outcome = step(&self.facts(), journey, event);
        self.journey = outcome.journey;
        for session in self.journey.iter().flat_map(|journey| &journey.sessions) {
            self.desks.voices.entry(session.tenant.clone()).or_default().extend(session.voices.iter().cloned());
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
                            self.shown.push(Shown { letter: id, agent: None, content: rendered.content, replaced: false });
                        }
                        Err(error) => lines.push(format!("{} ({error})", phrases(&card.locale).failed)),
                    },
                },
                Effect::Settle { letter, .. } => {
                    self.shown.iter_mut().filter(|shown| shown.letter == letter).for_each(|shown| shown.replaced = true);
                }
                Effect::Tell { words, .. } => lines.push(words.plain()),
                Effect::TellDesk { words, .. } => lines.push(format!("{AT_DESK}{}", words.plain())),
                Effect::Desk(DeskLetter { id, body, agent, .. }) => match body {
                    Body::Text(words) => lines.push(format!("{AT_DESK}{}{}", to_whom(agent.as_deref()), words.plain())),
                    Body::Card(card) => match self.cards.render(&card) {
                        Ok(rendered) => {
                            lines.push(format!("{AT_DESK}{}{}", to_whom(agent.as_deref()), cards::draw(&rendered.content)));
                            self.at_desk.push(Shown { letter: id, agent, content: rendered.content, replaced: false });
                        }
                        Err(error) => lines.push(format!("{AT_DESK}{} ({error})", phrases(&card.locale).failed)),
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
                    let body = call.request.body.as_deref().map(|body| format!(" {body}")).unwrap_or_default();
                    lines.push(format!("{CALLS}{} {}{body}", call.request.method.name(), call.request.url));
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
    agent.map(|agent| format!("[to {}] ", agent.split('@').next().unwrap_or_default())).unwrap_or_default()
}

/// A button's data with the inputs, of which some are given by label or id.
fn filled(data: &Value, fields: &[Input], inputs: &[(String, String)]) -> Result<Map<String, Value>, String> {
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

/// Something in a dialog that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

/// A played dialog.
#[derive(Debug)]
pub struct Played {
    /// The dialog as it really went: what a bless writes.
    pub actual: String,
    /// What differs from the file; empty when it went as written.
    pub failures: Vec<Failure>,
}

/// Checks changed files; handed in, because the checker stands on this floor too.
pub type Check = fn(&Files) -> (Option<(Company, Cards)>, Vec<Problem>);

/// The company that a dialog is played with, and what is needed when its files change on the way.
pub struct Stage {
    /// The company.
    pub company: Arc<Company>,
    /// Its cards.
    pub cards: Arc<Cards>,
    /// Its files.
    pub files: Files,
    /// The checker.
    pub check: Check,
}

/// Plays a dialog.
pub fn play(stage: &Stage, file: &str, text: &str) -> Played {
    let Stage { company, cards, files, check } = stage;
    let begin = Player::instant(company, BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut player = Player::new(company.clone(), cards.clone(), GUEST, begin);
    let mut files = files.clone();
    let (mut actual, mut failures) = (String::new(), Vec::new());
    let mut expected: Vec<(usize, &str)> = Vec::new();
    let mut got: Vec<String> = Vec::new();
    let place = |line: usize| {
        let start: usize = text.lines().take(line).map(|line| line.len() + 1).sum();
        Place::at(file, text, start..start + text.lines().nth(line).map_or(0, str::len))
    };
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('<') || line.starts_with("@<") || line.starts_with(CALLS.trim()) || line.starts_with("  ") {
            expected.push((number, line));
            continue;
        }
        if line.trim().is_empty() {
            actual.push('\n');
            continue;
        }
        compare(&mut expected, &mut got, number, &mut failures, &place);
        actual.push_str(line);
        actual.push('\n');
        match act(&mut player, &mut files, *check, line) {
            Ok(messages) => {
                got = messages.iter().flat_map(|message| drawn(message)).collect();
                got.iter().for_each(|line| {
                    actual.push_str(line);
                    actual.push('\n');
                });
            }
            Err(message) => failures.push(Failure { place: place(number), message }),
        }
    }
    compare(&mut expected, &mut got, text.lines().count().saturating_sub(1), &mut failures, &place);
    Played { actual, failures }
}

/// A message as dialog lines: the first after `<`, the rest indented.
fn drawn(message: &str) -> Vec<String> {
    let signed = [AT_DESK, CALLS].into_iter().find_map(|sign| Some((sign, message.strip_prefix(sign)?)));
    let (sign, message) = signed.unwrap_or(("< ", message));
    let lines = message.lines().filter(|line| !line.trim().is_empty());
    let drawn: Vec<String> = lines.enumerate().map(|(index, line)| format!("{}{line}", if index == 0 { sign } else { "  " })).collect();
    if drawn.is_empty() { vec!["< ".to_owned()] } else { drawn }
}

fn compare(
    expected: &mut Vec<(usize, &str)>,
    got: &mut Vec<String>,
    number: usize,
    failures: &mut Vec<Failure>,
    place: &impl Fn(usize) -> Place,
) {
    let longest = expected.len().max(got.len());
    for index in 0..longest {
        let (wanted, came) = (expected.get(index), got.get(index));
        let message = match (wanted, came) {
            (Some((_, wanted)), Some(came)) if wanted.trim_end() == came.trim_end() => continue,
            (Some((_, wanted)), Some(came)) => format!("written here: {}\n but the bot says: {came}", wanted.trim_end()),
            (Some(_), None) => "the bot does not say this".to_owned(),
            (None, Some(came)) => format!("before this line the bot also says: {came}"),
            (None, None) => continue,
        };
        failures.push(Failure { place: place(wanted.map_or(number, |(line, _)| *line)), message });
        break;
    }
    expected.clear();
    got.clear();
}

/// One line that is not the bot's.
fn act(player: &mut Player, files: &mut Files, check: Check, line: &str) -> Result<Vec<String>, String> {
    let (sign, rest) = line.split_at(line.len().min(1));
    let rest = rest.trim();
    match sign {
        "#" => Ok(Vec::new()),
        "!" => direct(player, files, check, rest),
        "?" => ask(player, rest).map(|()| Vec::new()),
        ">" => {
            let (late, rest) = match rest.strip_prefix('>') {
                Some(rest) => (true, rest.trim()),
                None => (false, rest),
            };
            match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((title, inputs)) => player.click(title, &fill_in(inputs)?, late),
                None if late => Err("`>>` is for a late click: write >> [Title]".to_owned()),
                None if rest.is_empty() => Err("the guest says nothing: write the words after `>`".to_owned()),
                None => Ok(player.say(&rest.replace("\\n", "\n"))),
            }
        }
        "@" => match rest.strip_prefix("agent ") {
            Some(rest) => player.desk_line(rest.trim()),
            None => Err("write @agent Ann takes, @agent Ann: words, or @agent Ann [Button]".to_owned()),
        },
        _ => Err("a line begins with > (the guest), @agent (somebody at the desk), < (the bot), ! (what happens), ? (what must hold) or # (a remark)".to_owned()),
    }
}

/// `Model=Air; Why=broken`
fn fill_in(text: &str) -> Result<Vec<(String, String)>, String> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` fills in nothing: write Label=value; Label=value"))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

fn direct(player: &mut Player, files: &mut Files, check: Check, text: &str) -> Result<Vec<String>, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match (word, rest.trim()) {
        ("install", "") => return Ok(player.install()),
        ("at", when) => match Player::instant(&player.company, when) {
            Some(now) => return Ok(player.set_now(now)),
            None => return Err(format!("`{when}` is no local time: write ! at 2026-11-24 10:00")),
        },
        ("locale", locale) if !locale.is_empty() => player.set_locale(locale),
        ("country", country) if !country.is_empty() => player.set_country(country),
        ("guest", name) if !name.is_empty() => player.set_name(name),
        ("manager", wish) => {
            let Some(wish) = wish.strip_prefix("moves to ") else { return Err("write ! manager moves to hr: the reason".to_owned()) };
            let (tenant, reason) = wish.split_once(':').unwrap_or((wish, ""));
            let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
            return Ok(player.moved_by_manager(tenant.trim(), reason));
        }
        ("agent", wish) => {
            return match wish.rsplit_once(" is ") {
                Some((agent, "away")) => Ok(player.set_available(agent.trim(), false)),
                Some((agent, "available")) => Ok(player.set_available(agent.trim(), true)),
                _ => Err("write ! agent Ann is away, or ! agent Ann is available".to_owned()),
            };
        }
        ("desk", wish) => {
            return match wish.rsplit_once(" is ") {
                Some((tenant, "connected")) => Ok(player.connect(tenant.trim(), true)),
                Some((tenant, "gone")) => Ok(player.connect(tenant.trim(), false)),
                _ => Err("write ! desk it is connected, or ! desk it is gone".to_owned()),
            };
        }
        ("answers", answer) => {
            let (status, body) = answer.split_once(' ').unwrap_or((answer, "null"));
            let status: u16 = status.parse().map_err(|_| "write ! answers 201 {\"id\": \"INC-7\"}, or ! answers 500".to_owned())?;
            let body = serde_json::from_str(body.trim());
            return player.called(match (status, body) {
                (200..300, Ok(body)) => Called::Answer(body),
                (200..300, Err(_)) => Called::Failed(CallError::NotJson),
                (status, _) => Called::Failed(CallError::Status(status)),
            });
        }
        ("no", "answer") => return player.called(Called::Failed(CallError::Timeout)),
        ("in", change) => return change_file(player, files, check, change).map(|()| Vec::new()),
        (span, "pass" | "passes") => match duration(span).and_then(|span| SignedDuration::try_from(span).ok()) {
            Some(span) => return Ok(player.set_now(player.now.checked_add(span).unwrap_or(player.now))),
            None => return Err(format!("`{span}` is no duration: write ! 20m pass")),
        },
        _ => {
            return Err(format!(
                "nothing called `{text}` can happen: write install, at …, 20m pass, guest …, locale …, country …, manager moves to …, desk it is gone, agent Ann is away, answers 201 {{…}}, no answer, or \
                 in FILE \"old\" becomes \"new\""
            ));
        }
    }
    Ok(Vec::new())
}

/// `tenants/it/tenant.yaml "New laptop" becomes "New computer"`
fn change_file(player: &mut Player, files: &mut Files, check: Check, change: &str) -> Result<(), String> {
    let how = "write ! in tenants/it/tenant.yaml \"old words\" becomes \"new words\"";
    let parts: Vec<&str> = change.split('"').collect();
    let [file, old, between, new, ..] = parts.as_slice() else { return Err(how.to_owned()) };
    if between.trim() != "becomes" {
        return Err(how.to_owned());
    }
    let file = file.trim();
    let text = files.get(file).ok_or_else(|| format!("there is no file {file}"))?;
    if !text.contains(old) {
        return Err(format!("{file} does not hold `{old}`"));
    }
    let changed = text.replace(old, new);
    files.insert(file.to_owned(), changed);
    let (ready, problems) = check(files);
    match ready {
        Some((company, cards)) => {
            player.change(Arc::new(company), Arc::new(cards));
            Ok(())
        }
        None => {
            let first = problems.iter().find(|problem| !problem.warning);
            Err(format!("changed like this the files have a mistake: {}", first.map(report::line).unwrap_or_default()))
        }
    }
}

/// `Data.model = Air`
fn ask(player: &Player, text: &str) -> Result<(), String> {
    let (name, wanted) = text.split_once('=').ok_or("write ? Name = value")?;
    let (name, wanted) = (name.trim(), wanted.trim());
    let is = player.value(name).unwrap_or_default();
    if is == wanted { Ok(()) } else { Err(format!("{name} is `{is}`, not `{wanted}`")) }
}

//! What is known of the desks in memory: which channels are connected, who waits, how long a chat
//! takes. Read from the store at start, kept up to date by every turn.

use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dashmap::DashMap;
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    model::{AtDesk, ConversationId, Monotonic, Session, SessionId, State, TenantId, Voice},
    store::{AgentRow, ConnectedChannel, Filter, Store, StoreError},
};

mod addresses;
mod ended;
mod view;

use self::ended::Former;
pub(super) use self::{
    addresses::Addresses,
    ended::{Afterwards, Whereabouts},
    view::View,
};

/// Handling times that an estimate looks at, and how many it needs.
const PACES: usize = 20;
const EVIDENCE: usize = 3;
/// Sessions read at once at start; of every desk in a channel so many of the latest tell who works
/// there.
const PAGE: u32 = 200;
/// People who are remembered of a desk in a channel.
const VOICES: usize = 50;

/// The desks as they are now.
pub(super) struct Roster {
    connected: DashMap<TenantId, Arc<ConnectedChannel>>,
    /// Agents to whose personal chats the bot can write, by the name that the tenants' files give
    /// them, in lower case.
    agents: DashMap<String, Arc<AgentRow>>,
    memory: Mutex<Memory>,
    steady: Monotonic,
    addresses: Addresses,
    /// Somebody at a desk of personal chats may be free now who was not.
    stir: Notify,
}

#[derive(Default)]
struct Memory {
    /// Sessions that wait, by tenant, the longest first.
    waiting: HashMap<TenantId, BTreeSet<(Timestamp, SessionId)>>,
    /// Every session that has to do with a desk.
    known: HashMap<SessionId, Known>,
    /// The latest handling times by tenant, in seconds.
    paces: HashMap<TenantId, VecDeque<u64>>,
    /// Who did something in the threads of a tenant's channel, one entry a person.
    voices: HashMap<TenantId, Vec<Voice>>,
    former: Former,
    /// Names of agents under which somebody else has written than the one whom the bot knows.
    claimed: HashSet<String>,
    /// Names of agents in the files whom nobody knows, as far as the log has them.
    unknown: HashSet<String>,
    /// Guests at whose desk the files of now say something else than when their chat stood last.
    unsettled: HashSet<ConversationId>,
    /// The files have changed: turns that were under way may have left more of them.
    recheck: bool,
}

struct Known {
    tenant: TenantId,
    conversation: ConversationId,
    since: Timestamp,
    taken: Option<Timestamp>,
    owner: Option<String>,
    /// What the owner is called.
    owner_name: Option<String>,
    /// The owner has it in their personal chat, not in a channel.
    in_person: bool,
    /// Whose personal chats have a card of it that counts.
    asked: Vec<String>,
    /// It has a thread in a channel.
    in_thread: bool,
    /// A message was left: nobody waits for the answer.
    left: bool,
    reference: String,
}

/// A chat that an agent has.
pub(super) struct Chat {
    pub session: SessionId,
    pub conversation: ConversationId,
    /// Its reference, `IT-4821`.
    pub reference: String,
}

impl Roster {
    /// Knows nothing yet.
    pub(super) fn new(steady: Monotonic, addresses: Addresses) -> Self {
        Roster {
            connected: DashMap::new(),
            agents: DashMap::new(),
            memory: Mutex::default(),
            steady,
            addresses,
            stir: Notify::new(),
        }
    }

    /// Reads what an earlier process left.
    pub(super) async fn load(&self, store: &dyn Store) -> Result<(), StoreError> {
        for desk in store.desks().await? {
            self.connect(desk);
        }
        for agent in store.agents().await? {
            self.bind(agent);
        }
        for state in [State::WaitingForAgent, State::WithAgent, State::Open] {
            let mut filter = Filter { state: Some(state), limit: PAGE, ..Filter::default() };
            loop {
                let page = store.sessions(&filter).await?;
                for view in &page.items {
                    self.note(&view.conversation, &view.session, view.session.started);
                }
                filter.cursor = page.next;
                if filter.cursor.is_none() {
                    break;
                }
            }
        }
        for desk in self.all() {
            let filter =
                Filter { tenant: Some(desk.tenant.clone()), limit: PAGE, ..Filter::default() };
            for view in &store.sessions(&filter).await?.items {
                self.memory().hear(&view.session);
            }
        }
        Ok(())
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a session stands after its turn.
    pub(super) fn note(&self, conversation: &ConversationId, session: &Session, now: Timestamp) {
        let mut memory = self.memory();
        memory.hear(session);
        let help = session.desk.as_ref().filter(|_| session.state.is_live());
        let before = memory.known.remove(&session.id);
        if let Some(before) = &before
            && let Some(waiting) = memory.waiting.get_mut(&before.tenant)
        {
            waiting.remove(&(before.since, session.id));
        }
        let owner = help.and_then(|help| help.owner.as_ref());
        let was = before.as_ref().and_then(|before| {
            Some((before.owner.as_deref()?, Some(&*before.reference).filter(|_| before.in_person)))
        });
        if memory.former.part(was, session, self.steady.now()) {
            self.stir.notify_one();
        }
        let Some(help) = help else {
            if let Some(Known { tenant, taken: Some(taken), .. }) = before {
                // The wall clock may have been set back meanwhile.
                let seconds = u64::try_from(now.duration_since(taken).as_secs()).unwrap_or(0);
                let paces = memory.paces.entry(tenant).or_default();
                paces.push_back(seconds);
                if paces.len() > PACES {
                    paces.pop_front();
                }
            }
            return;
        };
        if session.state == State::WaitingForAgent {
            memory
                .waiting
                .entry(session.tenant.clone())
                .or_default()
                .insert((waits_since(help), session.id));
        }
        let (tenant, conversation) = (session.tenant.clone(), conversation.clone());
        let known = Known {
            tenant,
            conversation,
            since: waits_since(help),
            taken: help.taken.filter(|_| owner.is_some()),
            owner: owner.map(|owner| owner.id.clone()),
            owner_name: owner.map(|owner| owner.name.clone()),
            in_person: owner
                .is_some_and(|owner| help.asked.iter().any(|asked| asked.agent == owner.id)),
            asked: help.open_cards().map(|asked| asked.agent.clone()).collect(),
            in_thread: help.brief.is_some(),
            left: help.left,
            reference: session.reference.clone(),
        };
        memory.known.insert(session.id, known);
    }

    /// A channel is a desk now.
    pub(super) fn connect(&self, desk: ConnectedChannel) {
        self.addresses.of_desk(&desk.channel, &desk.service_url);
        self.connected.insert(desk.tenant.clone(), Arc::new(desk));
    }

    /// A tenant's desk, also a disconnected one: what was begun there can still be edited when it
    /// works again.
    pub(super) fn of(&self, tenant: &TenantId) -> Option<Arc<ConnectedChannel>> {
        self.connected.get(tenant).map(|desk| desk.clone())
    }

    /// All of them, by tenant.
    pub(super) fn all(&self) -> Vec<Arc<ConnectedChannel>> {
        let mut all: Vec<_> = self.connected.iter().map(|desk| desk.clone()).collect();
        all.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        all
    }

    /// The agent of that name, when the bot can write to them.
    pub(super) fn agent(&self, id: &str) -> Option<Arc<AgentRow>> {
        self.agents.get(id).map(|agent| agent.clone())
    }

    /// All names under which somebody is or was an agent, by their personal chat; sorted.
    pub(super) fn agents_in(&self, conversation: &ConversationId) -> Vec<Arc<AgentRow>> {
        let mut agents: Vec<Arc<AgentRow>> = self
            .agents
            .iter()
            .filter(|agent| agent.conversation == *conversation)
            .map(|agent| agent.clone())
            .collect();
        agents.sort_by(|a, b| a.id.cmp(&b.id));
        agents
    }

    /// The bot can write to an agent, or they have come or gone.
    pub(super) fn bind(&self, agent: AgentRow) {
        self.addresses.of_agent(&agent.conversation, &agent.reference.service_url);
        self.agents.insert(agent.id.clone(), Arc::new(agent));
    }

    /// The bot can write to an agent for the first time, or elsewhere.
    pub(super) fn bind_new(&self, agent: AgentRow) {
        self.bind(agent);
        self.stir.notify_one();
    }

    /// The bot does not know an agent any more. Who they were.
    pub(super) fn unbind(&self, id: &str) -> Option<Arc<AgentRow>> {
        self.memory().claimed.remove(id);
        self.agents.remove(id).map(|(_, agent)| agent)
    }

    /// Somebody else writes under an agent's name than the one whom the bot knows; true when that
    /// is new.
    pub(super) fn claim(&self, id: &str) -> bool {
        self.memory().claimed.insert(id.to_owned())
    }

    /// Nobody is known under an agent's name; true when that was not said before.
    pub(super) fn miss(&self, id: &str) -> bool {
        !self.agents.contains_key(id) && self.memory().unknown.insert(id.to_owned())
    }

    /// True when somebody else has written under an agent's name.
    pub(super) fn is_claimed(&self, id: &str) -> bool {
        self.memory().claimed.contains(id)
    }

    /// These guests need a look at who may have their chat.
    pub(super) fn unsettle(&self, guests: Vec<ConversationId>) {
        self.memory().unsettled.extend(guests);
    }

    /// Those who need it; whoever asks has to see to all of them.
    pub(super) fn take_unsettled(&self) -> Vec<ConversationId> {
        std::mem::take(&mut self.memory().unsettled).into_iter().collect()
    }

    /// All are to be looked at once more.
    pub(super) fn recheck(&self) {
        self.memory().recheck = true;
    }

    /// True when that was asked for.
    pub(super) fn take_recheck(&self) -> bool {
        std::mem::take(&mut self.memory().recheck)
    }

    /// Waits until somebody at a desk of personal chats may have become free.
    pub(super) async fn stirred(&self) {
        self.stir.notified().await;
    }

    /// What an agent means who has no chat under any of their names and writes without a number.
    pub(super) fn afterwards(&self, names: &[Arc<AgentRow>], activity: Option<&str>) -> Afterwards {
        let Memory { former, known, .. } = &mut *self.memory();
        former.afterwards(names, activity, self.steady.now(), |session| is_at(known, session))
    }

    /// True when the words of an agent who has one chat may be meant for one that they have lost.
    pub(super) fn may_mean_a_lost_one(
        &self,
        names: &[Arc<AgentRow>],
        activity: Option<&str>,
    ) -> bool {
        self.memory().former.may_be_meant(names, activity, self.steady.now())
    }

    /// The chats that an agent had a moment ago, by reference, and where they are now.
    pub(super) fn former(&self, names: &[Arc<AgentRow>]) -> Vec<(String, Whereabouts)> {
        let Memory { former, known, .. } = &mut *self.memory();
        let all = former.all(names).into_iter();
        all.map(|(reference, session)| (reference, is_at(known, session))).collect()
    }

    /// An agent does something of their own: what they write next is about that.
    pub(super) fn settle(&self, names: &[Arc<AgentRow>]) {
        self.memory().former.settle(names);
    }

    /// The chats that an agent has in their personal chat, by reference.
    pub(super) fn chats_of(&self, agent: &str) -> Vec<Chat> {
        let memory = self.memory();
        let theirs = memory
            .known
            .iter()
            .filter(|(_, known)| known.in_person && known.owner.as_deref() == Some(agent));
        let mut chats: Vec<Chat> = theirs
            .map(|(session, known)| Chat {
                session: *session,
                conversation: known.conversation.clone(),
                reference: known.reference.clone(),
            })
            .collect();
        chats.sort_by(|a, b| a.reference.cmp(&b.reference));
        chats
    }

    /// The conversations of everybody who has to do with a tenant's desk.
    pub(super) fn concerned(&self, tenant: &TenantId) -> Vec<ConversationId> {
        self.memory()
            .known
            .values()
            .filter(|known| known.tenant == *tenant)
            .map(|known| known.conversation.clone())
            .collect()
    }
}

/// Where a chat is.
fn is_at(known: &HashMap<SessionId, Known>, session: SessionId) -> Whereabouts {
    match known.get(&session).map(|known| known.owner_name.clone()) {
        Some(Some(owner)) => Whereabouts::With(owner),
        Some(None) => Whereabouts::Offered,
        None => Whereabouts::Over,
    }
}

/// Since when a session waits that is not with anybody.
fn waits_since(help: &AtDesk) -> Timestamp {
    help.waits_since().unwrap_or(help.since)
}

impl Memory {
    /// Who did something in a session's thread can be handed a chat at that desk.
    fn hear(&mut self, session: &Session) {
        if session.voices.is_empty() {
            return;
        }
        let known = self.voices.entry(session.tenant.clone()).or_default();
        for voice in &session.voices {
            match known.iter_mut().find(|known| known.agent.id == voice.agent.id) {
                Some(before) if before.at > voice.at => {}
                Some(before) => *before = voice.clone(),
                None => known.push(voice.clone()),
            }
        }
        known.sort_by_key(|voice| std::cmp::Reverse(voice.at));
        known.truncate(VOICES);
    }
}

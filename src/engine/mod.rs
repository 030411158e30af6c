//! Floor 3: tasks, locks, the clock. One way in for everything that happens: [`Engine::receive`].

pub mod conversations;
pub mod fresh;
pub mod outbox;
mod wire;

use std::sync::Arc;

use arc_swap::ArcSwap;
use dashmap::DashSet;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    cards::Cards,
    company::Company,
    model::{Conversation, ConversationId, Effect, Event, Inbound, LetterId, Reference, Scope, Token, What, Words},
    pipeline::{self, Facts, Outcome, phrases::phrases},
    store::{Answer, Delivery, Line, Loaded, Outgoing, Seen, Store, StoreError, Turn, Who},
    teams::invokes,
};
use conversations::{Conversations, Slot};
use fresh::Numbers;
use outbox::Outbox;

/// The present instant. Given from outside, so that tests decide what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long an activity's id is remembered. Teams repeats after 15 s; the reference asks for ten minutes at least.
const REMEMBER: SignedDuration = SignedDuration::from_hours(1);
/// How long a click's content is remembered: Teams repeats one with a new id after about 30 s.
const REMEMBER_CLICK: SignedDuration = SignedDuration::from_secs(60);
/// How often a turn is tried again when another replica was faster.
const MOST_CONFLICTS: u32 = 5;
/// Conversations that had their one answer without a turn; beyond this many they may get a second one.
const MOST_REFUSED: usize = 10_000;

/// A company that runs: swapped as a whole.
pub struct Live {
    /// Tenants, stages, rules.
    pub company: Company,
    /// Their cards.
    pub cards: Cards,
}

/// The engine.
pub struct Engine {
    live: ArcSwap<Live>,
    store: Arc<dyn Store>,
    conversations: Conversations,
    outbox: Outbox,
    numbers: Numbers,
    refused: DashSet<ConversationId>,
    /// Mentions outside of personal chats that were answered, by activity id: Teams repeats those too.
    mentions: DashSet<(ConversationId, String)>,
    app_tenant: Option<String>,
}

impl Engine {
    /// Puts it together. `app_tenant` is the bot's own Microsoft 365 tenant.
    pub fn new(live: Live, store: Arc<dyn Store>, outbox: Outbox, app_tenant: Option<String>) -> Self {
        Engine {
            live: ArcSwap::from_pointee(live),
            numbers: Numbers::new(store.clone()),
            store,
            conversations: Conversations::default(),
            outbox,
            refused: DashSet::new(),
            mentions: DashSet::new(),
            app_tenant,
        }
    }

    /// The company as it runs now.
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The outbox.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The conversations in memory.
    pub fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    /// Handles one activity whose sender was checked. Answers after the commit; what it wants delivered is on its way by then, or will be
    /// after the next start. An error means that nothing was kept: the channel shall try again.
    pub async fn receive(&self, inbound: Inbound, now: Timestamp) -> Result<Answer, StoreError> {
        if let What::Invoke { name, value } = &inbound.what {
            let reply = invokes::answer(&inbound.conversation.channel, name.as_deref(), value);
            let body = if reply.body.is_null() { None } else { Some(reply.body.to_string()) };
            return Ok(Answer { status: reply.status, body });
        }
        let live = self.live.load_full();
        if self.is_foreign(&live, &inbound) {
            return Ok(self.refuse_foreign(&live, &inbound));
        }
        if inbound.scope != Scope::Personal {
            return Ok(self.outside_personal(&live, &inbound));
        }
        match &inbound.what {
            What::Other(_) | What::Upgraded => Ok(done(&inbound, None)),
            What::Submit(data) | What::Execute { data, .. } if token_of(data).is_none() => {
                // A card that is not ours, or not ours any more: nothing can be made of it.
                tracing::info!(conversation = %inbound.conversation, "a click without our token was ignored");
                Ok(done(&inbound, Some(&Words::own(phrases(locale(&live, &inbound)).over))))
            }
            _ => self.turn(&live, inbound, now).await,
        }
    }

    /// True when the person's Microsoft 365 tenant may not chat here.
    fn is_foreign(&self, live: &Live, inbound: &Inbound) -> bool {
        let own = self.app_tenant.as_slice();
        let allowed = if live.company.entra_tenants.is_empty() { own } else { live.company.entra_tenants.as_slice() };
        if allowed.is_empty() {
            return false;
        }
        match &inbound.guest.entra_tenant {
            Some(tenant) => !allowed.iter().any(|id| id.eq_ignore_ascii_case(tenant)),
            // Teams always says; the Emulator and the web channels have none, and their tokens are the bot's own.
            None => inbound.conversation.channel == "msteams",
        }
    }

    /// One refusal a conversation; nothing is stored.
    fn refuse_foreign(&self, live: &Live, inbound: &Inbound) -> Answer {
        let words = Words::own(phrases(locale(live, inbound)).foreign);
        let speaks = matches!(inbound.what, What::Text(_) | What::Submit(_) | What::Installed | What::Wordless);
        let addressed = inbound.scope == Scope::Personal || inbound.mentioned;
        if self.refused.len() > MOST_REFUSED {
            self.refused.clear();
        }
        if speaks && addressed && self.refused.insert(inbound.conversation.clone()) {
            self.send_unkept(inbound, &words);
        }
        done(inbound, Some(&words))
    }

    /// Group chats and channels: a polite answer when mentioned. Everything else is dropped unread.
    fn outside_personal(&self, live: &Live, inbound: &Inbound) -> Answer {
        let words = Words::own(phrases(locale(live, inbound)).write_directly);
        if self.mentions.len() > MOST_REFUSED {
            self.mentions.clear();
        }
        let is_new = || inbound.activity_id.as_ref().is_none_or(|id| self.mentions.insert((inbound.conversation.clone(), id.clone())));
        if inbound.mentioned && matches!(inbound.what, What::Text(_) | What::Wordless) && is_new() {
            self.send_unkept(inbound, &words);
        }
        done(inbound, Some(&words))
    }

    fn send_unkept(&self, inbound: &Inbound, words: &Words) {
        let drawn = wire::text(words, &reference(inbound), &inbound.conversation.id, inbound.activity_id.as_deref());
        self.outbox.send_unkept(Outgoing {
            id: LetterId(uuid::Uuid::now_v7()),
            conversation: inbound.conversation.clone(),
            service_url: inbound.service_url.clone(),
            kind: Delivery::Post(inbound.activity_id.clone()),
            body: drawn.activity,
            attempts: 0,
        });
    }

    /// One turn of a personal conversation, under its lock.
    async fn turn(&self, live: &Live, inbound: Inbound, now: Timestamp) -> Result<Answer, StoreError> {
        let keys = dedupe_keys(&inbound, now);
        let names: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        self.numbers.stock().await?;
        let mut slot = self.conversations.lock(&inbound.conversation).await;
        self.take_up_doubtful(&inbound.conversation, &mut slot).await?;
        if let Some(answer) = slot.answered(&names, now) {
            return Ok(answer);
        }
        let mut conflicts = 0;
        loop {
            let loaded = match slot.cached.take() {
                Some(loaded) => Some(loaded),
                None => {
                    if let Some(answer) = self.store.seen(&inbound.conversation, &names, now).await? {
                        return Ok(answer);
                    }
                    self.store.load(&inbound.conversation).await?
                }
            };
            match self.attempt(live, &inbound, loaded, &keys, now, &mut slot).await {
                Err(StoreError::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                outcome => return outcome,
            }
        }
    }

    /// A commit that failed may have been written all the same, its answer lost on the way: then its letters wait to be sent.
    async fn take_up_doubtful(&self, conversation: &ConversationId, slot: &mut Slot) -> Result<(), StoreError> {
        if !slot.doubtful.is_empty() {
            let pending = self.store.pending(conversation, u32::MAX).await?;
            self.outbox.push(pending.into_iter().filter(|letter| slot.doubtful.contains(&letter.id)).collect());
            slot.doubtful.clear();
        }
        Ok(())
    }

    async fn attempt(
        &self,
        live: &Live,
        inbound: &Inbound,
        loaded: Option<Loaded>,
        keys: &[(String, Timestamp)],
        now: Timestamp,
        slot: &mut Slot,
    ) -> Result<Answer, StoreError> {
        let expected = loaded.as_ref().map(|loaded| loaded.version);
        let mut conversation = loaded.map_or_else(
            || Conversation {
                id: inbound.conversation.clone(),
                reference: Reference::default(),
                guest: inbound.guest.clone(),
                installed: false,
                journey: None,
            },
            |loaded| loaded.conversation,
        );
        conversation.reference = reference(inbound);
        conversation.guest.learn(&inbound.guest);
        let mut draft = Draft::new(live, inbound, &conversation, now);
        let outcome = self.decide(live, inbound, &mut conversation, now, &mut draft);
        let (changed, first_new_hop) = outcome;
        let answer = draft.answer();
        let seen = keys.iter().map(|(key, until)| Seen { key: key.clone(), answer: answer.clone(), until: *until }).collect();
        let Draft { trail, lines, letters, .. } = draft;
        let turn = Turn {
            conversation: conversation.clone(),
            expected,
            changed,
            first_new_hop,
            trail,
            lines,
            letters: letters.clone(),
            seen,
            at: now,
        };
        let version = match self.store.commit(turn).await {
            Ok(version) => version,
            Err(error) => {
                if error != StoreError::Conflict {
                    slot.doubtful.extend(letters.iter().map(|letter| letter.id));
                }
                return Err(error);
            }
        };
        slot.cached = Some(Loaded { conversation, version });
        for (key, until) in keys {
            slot.remember(key.clone(), *until, answer.clone());
        }
        self.outbox.push(letters);
        Ok(answer)
    }

    /// Asks the core, and writes down what it wants.
    fn decide(
        &self,
        live: &Live,
        inbound: &Inbound,
        conversation: &mut Conversation,
        now: Timestamp,
        draft: &mut Draft<'_>,
    ) -> (Vec<crate::model::SessionId>, usize) {
        let journey = conversation.journey.take();
        let hops = journey.as_ref().map_or(0, |journey| journey.hops.len());
        let facts = Facts { playbook: &live.company.playbook, guest: &conversation.guest, now, fresh: &self.numbers };
        let event = match &inbound.what {
            What::Text(text) => Event::Said(text.clone()),
            What::Submit(data) | What::Execute { data, .. } => match token_of(data) {
                Some(token) => {
                    let data = data.iter().filter(|(key, _)| *key != Token::KEY).map(|(key, value)| (key.clone(), value.clone())).collect();
                    Event::Clicked { token, data }
                }
                None => {
                    conversation.journey = journey;
                    return (Vec::new(), hops);
                }
            },
            What::Installed => {
                if !conversation.installed
                    && let Some(letter) = pipeline::welcome(&facts)
                {
                    draft.take(vec![Effect::Send(letter)]);
                }
                conversation.installed = true;
                conversation.journey = journey;
                return (Vec::new(), hops);
            }
            What::Removed => {
                conversation.installed = false;
                conversation.journey = journey;
                return (Vec::new(), hops);
            }
            _ => {
                let words = Words::own(phrases(facts.guest.locale.as_deref().unwrap_or(&live.company.playbook.locale)).wordless);
                draft.tell(None, &words);
                conversation.journey = journey;
                return (Vec::new(), hops);
            }
        };
        conversation.installed = true;
        let Outcome { journey, effects, changed, first_new_hop } = pipeline::step(&facts, journey, &event);
        // Names stand in the lines; the journey moves back first, so that nothing is copied.
        draft.journey_names(journey.as_ref());
        draft.take(effects);
        conversation.journey = journey;
        (changed, first_new_hop)
    }
}

/// What one turn writes, as it grows.
struct Draft<'a> {
    live: &'a Live,
    inbound: &'a Inbound,
    reference: Reference,
    guest_name: Option<String>,
    now: Timestamp,
    trail: Vec<crate::model::Step>,
    lines: Vec<Line>,
    letters: Vec<Outgoing>,
    session_names: Vec<(crate::model::SessionId, String)>,
    reply_card: Option<Value>,
    reply_words: Option<String>,
}

impl<'a> Draft<'a> {
    fn new(live: &'a Live, inbound: &'a Inbound, conversation: &Conversation, now: Timestamp) -> Self {
        Draft {
            live,
            inbound,
            reference: conversation.reference.clone(),
            guest_name: conversation.guest.name.clone(),
            now,
            trail: Vec::new(),
            lines: Vec::new(),
            letters: Vec::new(),
            session_names: Vec::new(),
            reply_card: None,
            reply_words: None,
        }
    }

    fn journey_names(&mut self, journey: Option<&crate::model::Journey>) {
        self.session_names =
            journey.map(|journey| journey.sessions.iter().map(|s| (s.id, s.tenant_name.clone())).collect()).unwrap_or_default();
    }

    fn take(&mut self, effects: Vec<Effect>) {
        let reply_to = self.inbound.activity_id.clone();
        for effect in effects {
            match effect {
                Effect::Heard { session, text } => self.lines.push(Line {
                    session: Some(session),
                    at: self.now,
                    from: Who::Guest,
                    name: self.guest_name.clone(),
                    text,
                    card: None,
                    activity_id: self.inbound.activity_id.clone(),
                    letter: None,
                }),
                Effect::Send(letter) => {
                    let drawn = wire::draw_body(
                        &letter.body,
                        &self.live.cards,
                        &self.reference,
                        &self.inbound.conversation.id,
                        reply_to.as_deref(),
                    );
                    self.bot_line(letter.session, letter.id, drawn.text, drawn.card.map(|card| card.to_string()));
                    self.post(letter.id, drawn.activity);
                }
                Effect::Settle { letter, card } => {
                    let drawn = wire::draw_card(&card, &self.live.cards, &self.reference, &self.inbound.conversation.id, None);
                    let clicked = matches!(self.inbound.what, What::Submit(_) | What::Execute { .. });
                    let fallback = self.inbound.reply_to.clone().filter(|_| clicked);
                    self.reply_card = drawn.card;
                    self.letters.push(self.letter(LetterId(uuid::Uuid::now_v7()), Delivery::Put { of: letter, fallback }, drawn.activity));
                }
                Effect::Tell { session, words, .. } => self.tell(session, &words),
                Effect::Trail(step) => self.trail.push(step),
            }
        }
    }

    /// Words about a click that no longer counts: in the invoke's answer when there is one, else as a message.
    fn tell(&mut self, session: Option<crate::model::SessionId>, words: &Words) {
        if self.inbound.invoke {
            self.reply_words = Some(words.plain());
            return;
        }
        let drawn = wire::text(words, &self.reference, &self.inbound.conversation.id, self.inbound.activity_id.as_deref());
        let id = LetterId(uuid::Uuid::now_v7());
        self.bot_line(session, id, drawn.text, None);
        self.post(id, drawn.activity);
    }

    fn bot_line(&mut self, session: Option<crate::model::SessionId>, letter: LetterId, text: String, card: Option<String>) {
        let name = self.session_names.iter().find(|(id, _)| Some(*id) == session).map(|(_, name)| name.clone());
        let line = Line { session, at: self.now, from: Who::Bot, name, text, card, activity_id: None, letter: Some(letter) };
        self.lines.extend(session.is_some().then_some(line));
    }

    fn post(&mut self, id: LetterId, activity: String) {
        let letter = self.letter(id, Delivery::Post(self.inbound.activity_id.clone()), activity);
        self.letters.push(letter);
    }

    fn letter(&self, id: LetterId, kind: Delivery, body: String) -> Outgoing {
        Outgoing {
            id,
            conversation: self.inbound.conversation.clone(),
            service_url: self.reference.service_url.clone(),
            kind,
            body,
            attempts: 0,
        }
    }

    /// An `Action.Execute` gets its answered card, or words; everything else an empty 200.
    fn answer(&self) -> Answer {
        if !matches!(self.inbound.what, What::Execute { .. }) {
            return Answer { status: 200, body: None };
        }
        let body = match (&self.reply_card, &self.reply_words) {
            (Some(card), _) => invokes::execute_card(card),
            (None, words) => {
                let fallback = self.lines.iter().find(|line| line.from == Who::Guest).map(|line| line.text.clone());
                invokes::execute_message(words.as_deref().or(fallback.as_deref()).unwrap_or("OK"))
            }
        };
        Answer { status: 200, body: Some(body.to_string()) }
    }
}

fn reference(inbound: &Inbound) -> Reference {
    Reference {
        service_url: inbound.service_url.clone(),
        bot: inbound.bot.clone(),
        user: crate::model::Account {
            id: inbound.guest.id.clone(),
            name: inbound.guest.name.clone(),
            aad_object_id: inbound.guest.aad_object_id.clone(),
        },
        entra_tenant: inbound.guest.entra_tenant.clone(),
    }
}

fn locale<'a>(live: &'a Live, inbound: &'a Inbound) -> &'a str {
    inbound.guest.locale.as_deref().unwrap_or(&live.company.playbook.locale)
}

/// 200; for an `adaptiveCard/action` with words, since its caller waits for a body.
fn done(inbound: &Inbound, words: Option<&Words>) -> Answer {
    let body = match &inbound.what {
        What::Execute { .. } => Some(invokes::execute_message(&words.map(Words::plain).unwrap_or_else(|| "OK".to_owned())).to_string()),
        _ => None,
    };
    Answer { status: 200, body }
}

fn token_of(data: &Map<String, Value>) -> Option<Token> {
    serde_json::from_value(data.get(Token::KEY)?.clone()).ok()
}

/// The activity's id; and for a click by `Action.Execute` its content, because Teams repeats one under a new id.
fn dedupe_keys(inbound: &Inbound, now: Timestamp) -> Vec<(String, Timestamp)> {
    let until = |span| now.checked_add(span).unwrap_or(now);
    let mut keys: Vec<(String, Timestamp)> = inbound.activity_id.iter().map(|id| (format!("a:{id}"), until(REMEMBER))).collect();
    if let What::Execute { verb, data } = &inbound.what {
        let mut hash = Sha256::new();
        for part in [inbound.reply_to.as_deref().unwrap_or_default(), &inbound.guest.id, verb.as_deref().unwrap_or_default()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(Value::Object(data.clone()).to_string().as_bytes());
        let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        keys.push((format!("c:{hex}"), until(REMEMBER_CLICK)));
    }
    keys
}

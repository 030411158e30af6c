//! One turn of a conversation under its lock: asks the core, draws what it wants, commits, hands over
//! what was committed. Everything that happens to a conversation goes through [`Turns::turn`].

mod activity;
mod agents;
mod attachments;
mod cause;
mod claims;
mod conversations;
mod decide;
mod desk_mail;
mod desks;
mod edits;
mod fresh;
mod keys;
mod noted;
mod outcome;
mod page;
mod troubles;
mod upkeep;
mod versions;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use tracing::Instrument as _;

pub(super) use self::{
    attachments::lost,
    cause::Cause,
    conversations::Slot,
    desk_mail::DESK_QUEUE,
    keys::{Key, keys_elsewhere},
    outcome::{Done, Ready, Turned},
};
use self::{
    cause::Stamp,
    claims::{claims, owners},
    decide::{Decided, Decision},
    fresh::Numbers,
    keys::{click_key, remembered},
    noted::Begun,
    page::Page,
    versions::Versions,
};
pub use self::{conversations::Conversations, outcome::Acted, troubles::Troubles};
use super::{
    may::Home,
    post::{Post, hooks},
    roster::{Roster, View},
    running::Running,
};
use crate::{
    model::{ConversationId, Event, Moment, Monotonic, SessionId, Words},
    pipeline::wish::Refusal,
    store::{Answer, Loaded, Seen, Store, StoreError, Turn},
};

/// How often a turn is tried again when another replica was faster.
const MOST_CONFLICTS: u32 = 5;

/// Takes the turns of all conversations.
pub(super) struct Turns {
    running: ArcSwap<Running>,
    store: Arc<dyn Store>,
    conversations: Conversations,
    post: Post,
    roster: Roster,
    home: Arc<Home>,
    numbers: Numbers,
    versions: Versions,
    steady: Monotonic,
    pub(super) troubles: troubles::Counted,
    /// Held while a desk's row changes.
    desks: tokio::sync::Mutex<()>,
}

impl Turns {
    pub(super) fn new(
        running: Running,
        store: Arc<dyn Store>,
        post: Post,
        home: Arc<Home>,
        steady: Monotonic,
    ) -> Self {
        let turns = Turns {
            conversations: Conversations::default(),
            roster: Roster::new(steady.clone(), post.outbox.addresses().clone()),
            home,
            numbers: Numbers::new(store.clone()),
            versions: Versions::new(store.clone()),
            running: ArcSwap::from_pointee(running),
            store,
            post,
            steady,
            troubles: troubles::Counted::default(),
            desks: tokio::sync::Mutex::default(),
        };
        turns.announce();
        turns
    }

    /// The company as it runs now.
    pub(super) fn running(&self) -> Arc<Running> {
        self.running.load_full()
    }

    /// Another company from now on.
    pub(super) fn swap(&self, running: Running) {
        self.running.store(Arc::new(running));
        self.announce();
    }

    /// Whoever makes calls and signs events learns what the company says of them.
    fn announce(&self) {
        let running = self.running();
        self.post.calls.allow(&running);
        hooks::warn(&self.post.calls.caller, &running);
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(super) fn conversations(&self) -> &Conversations {
        &self.conversations
    }

    pub(super) fn post(&self) -> &Post {
        &self.post
    }

    /// How late it is by the clock that nobody sets.
    pub(super) fn moment(&self) -> Moment {
        self.steady.now()
    }

    /// The last turn was taken: what was reserved for others goes back.
    pub(super) async fn end(&self) -> Result<(), StoreError> {
        self.numbers.give_back().await
    }

    pub(super) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Which Microsoft 365 tenants are the company's.
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// One turn of a conversation under its lock, the only way in which one changes: what was
    /// handled under one of the keys gets its first answer again; else `ready` sees the conversation
    /// as it is now and says what the turn is about. When another replica was faster, all of it is
    /// done again with what that one left.
    pub(super) async fn turn<'a, S, R>(
        &self,
        id: &ConversationId,
        keys: &[Key],
        now: Timestamp,
        ready: impl FnMut(&mut Slot) -> R,
    ) -> Result<Done<S>, StoreError>
    where
        R: IntoFuture<Output = Result<Ready<'a, S>, StoreError>>,
    {
        let slot = self.lock(id).await?;
        self.turn_under(slot, id, keys, now, ready).await
    }

    /// The lock under which a conversation takes its turn. What a turn may need and must not wait
    /// for is fetched before.
    async fn lock(&self, id: &ConversationId) -> Result<OwnedMutexGuard<Slot>, StoreError> {
        self.numbers.stock().await?;
        Ok(self.conversations.lock(id).await)
    }

    async fn turn_under<'a, S, R>(
        &self,
        mut slot: OwnedMutexGuard<Slot>,
        id: &ConversationId,
        keys: &[Key],
        now: Timestamp,
        mut ready: impl FnMut(&mut Slot) -> R,
    ) -> Result<Done<S>, StoreError>
    where
        R: IntoFuture<Output = Result<Ready<'a, S>, StoreError>>,
    {
        let running = self.running();
        let mut before = slot.answered(keys, now);
        let mut conflicts = 0;
        loop {
            if before.is_none() && slot.forgets(now) {
                if !keys.is_empty() {
                    let names: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
                    before = self.store.seen(id, &names, now).await?;
                }
                if before.is_some() {
                    // It was kept, but its answer got lost: so may have been the way of its letters
                    // to the outbox.
                    self.post.outbox.adopt(id).await?;
                } else if slot.cached.is_none() {
                    slot.cached = self.store.load(id).await?;
                    // Another process may have answered what is told again here.
                    slot.forget(remembered(now));
                }
            }
            if let Some(answer) = before {
                return Ok(Done::Turned(Turned { answer, refusal: None, slot }));
            }
            let cause = match ready(&mut slot).await? {
                Ready::Go(cause) => cause,
                Ready::Stop(reason) => return Ok(Done::Stopped(reason)),
            };
            let span =
                tracing::info_span!("turn", conversation = %id, session = tracing::field::Empty);
            let attempt = self.attempt(&running, cause, &mut slot, keys, now);
            match attempt.instrument(span).await {
                Err(StoreError::Conflict) if conflicts < MOST_CONFLICTS => conflicts += 1,
                Err(error) => return Err(error),
                Ok((answer, refusal)) => {
                    return Ok(Done::Turned(Turned { answer, refusal, slot }));
                }
            }
        }
    }

    /// Decides, renders, commits and hands over. What the slot holds is taken from it; it goes back
    /// when all is well.
    async fn attempt(
        &self,
        running: &Running,
        cause: Cause<'_>,
        slot: &mut Slot,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<(Answer, Option<(Refusal, Words)>), StoreError> {
        let begun = Begun::of(&cause, self.moment());
        let (mut conversation, expected) = cause.begun(slot.cached.take())?;
        let id = conversation.id.clone();
        match &cause {
            Cause::Activity(inbound) => {
                conversation.reference = inbound.reference();
                conversation.guest.learn(&inbound.guest);
            }
            Cause::Learned { news, .. } => {
                conversation.guest.learn(news);
            }
            Cause::Event(..) | Cause::Desk(..) => {}
        }
        let days = self.versions.other_days(running, &conversation).await?;
        let owners = owners(&conversation);
        let states = hooks::states(running, &conversation);
        let mut page = Page::new(running, &self.roster, Stamp::of(&cause), &conversation, now);
        let fresh = self.numbers.draw();
        let decision = Decision {
            running,
            pinned: &days.pinned,
            desks: View { desks: &self.roster, company: &running.company, former: &days.desks },
            fresh: &fresh,
            carrier: &self.post.carrier,
            change: self.change(&cause, &conversation).await?,
            now,
        };
        let Decided { changed, first_new_hop, refusal } =
            decision.decide(&cause, &mut conversation, &mut page);
        if let Some(needed) = fresh.missing() {
            // Nothing is kept of what was decided with too few: all of it is done again.
            fresh.put_back();
            self.numbers.stock_for(needed).await?;
            return Err(StoreError::Conflict);
        }
        let due = decision.due(&conversation);
        let answer = page.answer();
        let Page { mut added, calls, carried, .. } = page;
        added.due = due;
        let keys = [keys, click_key(&cause, Some(&conversation), now).as_slice()].concat();
        added.seen = keys
            .iter()
            .map(|(key, until)| Seen { key: key.clone(), answer: answer.clone(), until: *until })
            .collect();
        added.letters.extend(hooks::letters(
            running,
            (&states, &days.pinned.gone),
            &conversation,
            now,
        ));
        added.versions = self.versions.to_keep(running, &conversation, &changed);
        (added.releases, added.seats) = claims(running, &owners, &conversation);
        added.told = cause.told(&carried);
        let turn = Turn { conversation, changed, first_new_hop, expected, at: now, added };
        let failed = troubles::of(&turn);
        let kept = self.commit(turn, slot, (&begun, cause.is_awaited())).await;
        if matches!(kept, Err(StoreError::Conflict)) {
            fresh.put_back();
        }
        kept?;
        self.troubles.add(failed);
        for (session, call) in calls {
            self.post.calls.want(&id, session, call);
        }
        for (key, until) in keys {
            slot.remember(key, until, answer.clone());
        }
        Ok((answer, refusal))
    }

    /// Commits a turn; what is known in memory of the conversation and of desks follows it, and what
    /// it sends is on its way.
    async fn commit(
        &self,
        turn: Turn,
        slot: &mut Slot,
        (begun, is_awaited): (&Begun, bool),
    ) -> Result<(), StoreError> {
        let (mut conversation, changed) = (turn.conversation.clone(), turn.changed.clone());
        let (letters, files, now) = (turn.added.letters.clone(), turn.added.files.clone(), turn.at);
        let names = turn.added.versions.iter();
        let kept = names.map(|kept| (kept.tenant.clone(), kept.version.clone())).collect();
        let first_new_hop = turn.first_new_hop;
        let version = self.store.commit(turn).await?;
        self.versions.kept(kept);
        for session in conversation.sessions().filter(|session| changed.contains(&session.id)) {
            self.roster.note(&conversation.id, session, now);
        }
        begun.note((&conversation, first_new_hop), changed.last(), &letters, &self.steady);
        conversation.settle();
        slot.cached = Some(Loaded { conversation, version });
        self.post.push(letters, is_awaited);
        self.post.carrier.push(files);
        Ok(())
    }

    /// One turn for an event from inside. With `only`, the event is for that session and for nobody
    /// else.
    pub(super) async fn event(
        &self,
        id: &ConversationId,
        event: &Event,
        only: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Acted, StoreError> {
        let ready = |slot: &mut Slot| {
            let Some(conversation) = slot.conversation() else {
                return Ready::Stop(Acted::Unknown);
            };
            // A guest who is in another matter is not moved out of this one.
            let is_there = |id| match event {
                Event::Move { .. } => conversation.present().is_some_and(|live| live.id == id),
                _ => conversation.session(id).is_some_and(|session| session.state.is_live()),
            };
            if only.is_some_and(|id| !is_there(id)) {
                return Ready::Stop(Acted::NotLive);
            }
            Ready::Go(Cause::Event(event, only))
        };
        let turned = match self.turn(id, &[], now, ready).await? {
            Done::Stopped(why) => return Ok(why),
            Done::Turned(turned) => turned,
        };
        if let Some((refusal, words)) = turned.refusal {
            return Ok(Acted::Refused { why: refusal, message: words.plain() });
        }
        let present = turned.slot.conversation().and_then(|conversation| conversation.present());
        let is_asked = present
            .is_some_and(|session| Some(session.id) == only && session.aside.is_some())
            && matches!(event, Event::Move { .. });
        Ok(if is_asked { Acted::Asked } else { Acted::Done })
    }
}

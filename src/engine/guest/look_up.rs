//! Who the guest is, as the channel knows them: asked outside of every turn; what it answers is a
//! turn of its own, or known before the first one where somebody may be an agent.

use std::sync::Arc;

use dashmap::DashMap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::stranger::{self, Hall, Passing};

use crate::{
    engine::{
        turn::{Cause, Done, Ready, Slot, Turns},
        unkept::MOST_REMEMBERED,
    },
    model::{By, ByKind, ConversationId, Event, Guest, Inbound, Moment, State, What},
    store::StoreError,
    teams::connector::SendError,
};

/// A guest is looked up again after this.
pub(in crate::engine) const LOOK_UP_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// The look-ups of guests.
pub(in crate::engine) struct LookUps {
    turns: Arc<Turns>,
    /// When each was asked about.
    asked: DashMap<ConversationId, Moment>,
    /// Answers on their way for strangers whose first turn did not wait any longer, or that are not
    /// to be heard before it.
    coming: DashMap<ConversationId, oneshot::Receiver<Guest>>,
    hall: Hall,
}

impl LookUps {
    pub(in crate::engine) fn new(turns: Arc<Turns>) -> Self {
        LookUps { turns, asked: DashMap::new(), coming: DashMap::new(), hall: Hall::default() }
    }

    /// A stranger who may be an agent is known before their first activity is heard, or after two
    /// seconds it is heard all the same. While what this gives is held, nothing of theirs overtakes.
    pub(in crate::engine) async fn arrive(
        self: &Arc<Self>,
        inbound: &mut Inbound,
        now: Timestamp,
    ) -> Result<Option<Passing>, StoreError> {
        let id = inbound.conversation.clone();
        let is_new = self.is_to_be_asked(inbound)
            && stranger::is_somebody_missing(&self.turns.running(), self.turns.roster());
        let passing = self.hall.pass(&id, !is_new).await;
        // Whoever came first has asked.
        if !is_new || !self.is_to_be_asked(inbound) {
            return Ok(passing);
        }
        let kept = self.turns.store().load(&id).await?;
        if kept.is_some_and(|kept| kept.conversation.guest.user_principal_name.is_some()) {
            return Ok(passing);
        }
        let mut answer = self.ask(inbound, now);
        match tokio::time::timeout(stranger::PATIENCE, &mut answer).await {
            // Who may not chat here is told so when their turn is over.
            Ok(Ok(news)) if news.is_external() => {
                let (known, later) = oneshot::channel();
                let _ = known.send(news);
                self.coming.insert(id, later);
            }
            Ok(Ok(news)) => {
                inbound.guest.learn(&news);
            }
            Ok(Err(_)) => {}
            Err(_) => {
                self.coming.insert(id, answer);
            }
        }
        Ok(passing)
    }

    /// Asks the channel who the guest is, outside of the turn; cached for a day. What it answers is
    /// a turn of its own.
    pub(in crate::engine) fn look_up(self: &Arc<Self>, inbound: &Inbound, now: Timestamp) {
        let id = inbound.conversation.clone();
        let coming = self.coming.remove(&id).map(|(_, coming)| coming);
        let answer = match coming {
            Some(coming) => coming,
            None if self.is_to_be_asked(inbound) => self.ask(inbound, now),
            None => return,
        };
        let look_ups = self.clone();
        self.turns.post().outbox.spawn(async move {
            let Ok(news) = answer.await else { return };
            if let Err(error) = look_ups.learn(&id, &news, now).await {
                look_ups.asked.remove(&id);
                tracing::warn!(conversation = %id, %error, "what is known of a guest could not be kept");
            }
        });
    }

    /// True for somebody of whom the channel was not asked in a day.
    fn is_to_be_asked(&self, inbound: &Inbound) -> bool {
        let talks = matches!(
            inbound.what,
            What::Text(_) | What::Submit(_) | What::Execute { .. } | What::Installed
        );
        let id = &inbound.conversation;
        let moment = self.turns.moment();
        let is_fresh =
            self.asked.get(id).is_some_and(|at| moment.duration_since(*at) < LOOK_UP_AGAIN);
        talks && !is_fresh && id.channel == "msteams" && !inbound.guest.id.is_empty()
    }

    /// Asks the channel who somebody is. Nothing comes when it does not say.
    fn ask(self: &Arc<Self>, inbound: &Inbound, now: Timestamp) -> oneshot::Receiver<Guest> {
        let id = inbound.conversation.clone();
        if self.asked.len() > MOST_REMEMBERED {
            self.asked.clear();
        }
        self.asked.insert(id.clone(), self.turns.moment());
        let (look_ups, service_url, member) =
            (self.clone(), inbound.service_url.clone(), inbound.guest.id.clone());
        let (known, answer) = oneshot::channel();
        self.turns.post().outbox.spawn(async move {
            let outbox = &look_ups.turns.post().outbox;
            outbox.may_ask(&id, &service_url, false).await;
            match outbox.connector().member(&service_url, &id.id, &member, now).await {
                Ok(news) => {
                    let _ = known.send(news);
                }
                // An address that knows no members (a local client) is not asked again soon.
                Err(SendError::Refused { .. } | SendError::Gone { .. }) => {}
                Err(error) => {
                    look_ups.asked.remove(&id);
                    tracing::info!(conversation = %id, %error, "a guest could not be looked up");
                }
            }
        });
        answer
    }

    async fn learn(
        &self,
        id: &ConversationId,
        news: &Guest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let running = self.turns.running();
        let mut refuse = false;
        let ready = |slot: &mut Slot| {
            let Some(conversation) = slot.conversation() else { return Ready::Stop(()) };
            let mut known = conversation.guest.clone();
            if !known.learn(news) {
                return Ready::Stop(());
            }
            refuse = known.is_external()
                && !conversation.guest.is_external()
                && !running.company.external_users;
            Ready::Go(Cause::Learned { news, refuse })
        };
        let Done::Turned(turned) = self.turns.turn(id, &[], now, ready).await? else {
            return Ok(());
        };
        if let Some(conversation) = turned.slot.conversation() {
            self.turns.bind_agent(conversation).await?;
        }
        drop(turned);
        if refuse {
            // Bound before anybody could say who they are.
            for agent in self.turns.roster().agents_in(id) {
                self.turns.unbind_agent(&agent.id).await?;
            }
            self.turns.roster().recheck();
            let by = By { kind: ByKind::Stage, id: "external_users".to_owned(), name: None };
            self.turns
                .event(id, &Event::Close { by, outcome: State::Unresolved, notes: None }, None, now)
                .await?;
        }
        Ok(())
    }
}

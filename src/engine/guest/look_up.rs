//! Who the guest is, as the channel knows them: asked outside of every turn; what it answers is a
//! turn of its own.

use std::sync::Arc;

use dashmap::DashMap;
use jiff::{SignedDuration, Timestamp};

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
}

impl LookUps {
    pub(in crate::engine) fn new(turns: Arc<Turns>) -> Self {
        LookUps { turns, asked: DashMap::new() }
    }

    /// Asks the channel who the guest is, outside of the turn; cached for a day. What it answers is
    /// a turn of its own.
    pub(in crate::engine) fn look_up(self: &Arc<Self>, inbound: &Inbound, now: Timestamp) {
        let talks = matches!(
            inbound.what,
            What::Text(_) | What::Submit(_) | What::Execute { .. } | What::Installed
        );
        let id = &inbound.conversation;
        let moment = self.turns.moment();
        let is_fresh =
            self.asked.get(id).is_some_and(|at| moment.duration_since(*at) < LOOK_UP_AGAIN);
        if !talks || is_fresh || id.channel != "msteams" || inbound.guest.id.is_empty() {
            return;
        }
        if self.asked.len() > MOST_REMEMBERED {
            self.asked.clear();
        }
        self.asked.insert(id.clone(), moment);
        let (look_ups, id, service_url, member) =
            (self.clone(), id.clone(), inbound.service_url.clone(), inbound.guest.id.clone());
        self.turns.post().outbox.spawn(async move {
            let outbox = &look_ups.turns.post().outbox;
            outbox.may_ask(&id, &service_url, false).await;
            match outbox.connector().member(&service_url, &id.id, &member, now).await {
                Ok(news) => {
                    if let Err(error) = look_ups.learn(&id, &news, now).await {
                        look_ups.asked.remove(&id);
                        tracing::warn!(conversation = %id, %error, "what is known of a guest could not be kept");
                    }
                }
                // An address that knows no members (a local client) is not asked again soon.
                Err(SendError::Refused { .. } | SendError::Gone { .. }) => {}
                Err(error) => {
                    look_ups.asked.remove(&id);
                    tracing::info!(conversation = %id, %error, "a guest could not be looked up");
                }
            }
        });
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

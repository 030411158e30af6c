//! Who the guest is, as the channel knows them: asked outside of every turn; what it answers is a
//! turn of its own.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    Engine,
    turn::{Cause, Done, Ready, Slot},
    unkept::MOST_REMEMBERED,
};
use crate::{
    model::{By, ByKind, ConversationId, Event, Guest, Inbound, State, What},
    store::StoreError,
    teams::connector::SendError,
};

/// A guest is looked up again after this.
pub(super) const LOOK_UP_AGAIN: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Asks the channel who the guest is, outside of the turn; cached for a day. What it answers is
    /// a turn of its own.
    pub(super) fn look_up(self: &Arc<Self>, inbound: &Inbound, now: Timestamp) {
        let talks = matches!(
            inbound.what,
            What::Text(_) | What::Submit(_) | What::Execute { .. } | What::Installed
        );
        let id = &inbound.conversation;
        let is_fresh =
            self.looked_up.get(id).is_some_and(|at| now.duration_since(*at) < LOOK_UP_AGAIN);
        if !talks || is_fresh || id.channel != "msteams" || inbound.guest.id.is_empty() {
            return;
        }
        if self.looked_up.len() > MOST_REMEMBERED {
            self.looked_up.clear();
        }
        self.looked_up.insert(id.clone(), now);
        let (engine, id, service_url, member) =
            (self.clone(), id.clone(), inbound.service_url.clone(), inbound.guest.id.clone());
        self.turns.post().outbox.spawn(async move {
            match engine.turns.post().outbox.connector().member(&service_url, &id.id, &member, now).await {
                Ok(news) => {
                    if let Err(error) = engine.learn(&id, &news, now).await {
                        engine.looked_up.remove(&id);
                        tracing::warn!(conversation = %id, %error, "what is known of a guest could not be kept");
                    }
                }
                // An address that knows no members (a local client) is not asked again soon.
                Err(SendError::Refused { .. } | SendError::Gone { .. }) => {}
                Err(error) => {
                    engine.looked_up.remove(&id);
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
            let by = By { kind: ByKind::Stage, id: "external_users".to_owned(), name: None };
            self.turns
                .event(id, &Event::Close { by, outcome: State::Unresolved, notes: None }, None, now)
                .await?;
        }
        Ok(())
    }
}

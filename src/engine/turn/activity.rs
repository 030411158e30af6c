//! What a guest does in their own chat, told once or more often.

use jiff::Timestamp;

use super::{
    Cause, Done, Ready, Slot, Turns,
    keys::{click_key, dedupe_keys},
};
use crate::{
    model::Inbound,
    store::{Answer, Loaded, StoreError},
};

impl Turns {
    /// True when this process has answered the activity before, in its sender's own chat.
    pub(in crate::engine) async fn has_answered(&self, inbound: &Inbound, now: Timestamp) -> bool {
        let slot = self.conversations.lock(&inbound.conversation).await;
        slot.answered(&dedupe_keys(inbound, now), now).is_some()
    }

    /// One turn of a personal conversation for an activity, under its lock. A click that is told
    /// again under another id gets its first answer as long as nothing has happened since; after
    /// that it is a click of its own, answered by how things stand.
    pub(in crate::engine) async fn activity(
        &self,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let (id, keys) = (&inbound.conversation, dedupe_keys(inbound, now));
        let slot = self.lock(id).await?;
        let ready = |slot: &mut Slot| {
            let key = click_key(&Cause::Activity(inbound), slot.conversation(), now);
            let (known, forgets) = (slot.answered(&key, now), slot.forgets(now));
            async move {
                let before = match (known, key.as_slice()) {
                    (None, [(name, _)]) if forgets => {
                        self.store.seen(id, std::slice::from_ref(name), now).await?
                    }
                    (known, _) => known,
                };
                let Some(answer) = before else { return Ok(Ready::Go(Cause::Activity(inbound))) };
                self.post.outbox.adopt(id).await?;
                Ok(Ready::Stop(answer))
            }
        };
        match self.turn_under(slot, id, &keys, now, ready).await? {
            Done::Stopped(answer) => Ok(answer),
            Done::Turned(turned) => {
                if let Some(Loaded { conversation, .. }) = &turned.slot.cached {
                    self.bind_agent(conversation).await?;
                }
                Ok(turned.answer)
            }
        }
    }
}

//! Who is known as an agent after a turn.

use std::sync::Arc;

use super::Turns;
use crate::{
    engine::{
        bind,
        may::{desks_of, names_of},
        running::Running,
        wire,
    },
    model::{Conversation, Inbound, LetterId, locale::speaks_to},
    pipeline::desk::Work,
    store::{AgentRow, Delivery, Outgoing, StoreError},
};

impl Turns {
    /// The bot can write to whoever is an agent from now on.
    pub(in crate::engine) async fn bind_agent(
        &self,
        conversation: &Conversation,
    ) -> Result<(), StoreError> {
        let running = self.running();
        let company = (&*running, &*self.home);
        if bind::bind(&self.roster, &*self.store, company, conversation).await? {
            self.introduce(&running, conversation);
        }
        Ok(())
    }

    /// An agent is known before their first words are heard, so that these count as theirs: by what
    /// the activity says of them, and what is kept.
    pub(in crate::engine) async fn know(&self, inbound: &Inbound) -> Result<(), StoreError> {
        let running = self.running();
        let is_known = |name: &String| {
            let row = self.roster.agent(name);
            row.is_some_and(|row| row.conversation == inbound.conversation)
        };
        if names_of(&running, &inbound.guest).iter().all(is_known) {
            return Ok(());
        }
        let kept = self.store.load(&inbound.conversation).await?;
        let mut guest = kept.map(|kept| kept.conversation.guest).unwrap_or_default();
        guest.learn(&inbound.guest);
        let conversation = Conversation {
            id: inbound.conversation.clone(),
            reference: inbound.reference(),
            guest,
            installed: false,
            journey: None,
            open: Vec::new(),
        };
        self.bind_agent(&conversation).await
    }

    /// Somebody who has opened the app is told of their work.
    fn introduce(&self, running: &Running, conversation: &Conversation) {
        let rows = self.roster.agents_in(&conversation.id);
        let desks = desks_of(running, &rows);
        let available = rows.iter().any(|row| row.available);
        let directory = &running.company.directory;
        let locale = speaks_to(&conversation.guest, &directory.locale);
        let words = Work { desks: &desks, available, chats: &[] }.words(directory, locale);
        let drawn =
            wire::text(&words, &conversation.reference, wire::Place::of(&conversation.id), None);
        for body in std::iter::once(drawn.activity).chain(drawn.more) {
            self.post.outbox.send_unkept(Outgoing {
                id: LetterId(uuid::Uuid::now_v7()),
                conversation: conversation.id.clone(),
                service_url: conversation.reference.service_url.clone(),
                kind: Delivery::Post(None),
                body,
                attempts: 0,
            });
        }
    }

    /// Lets go of an agent: who they were, if the bot knew them.
    pub(in crate::engine) async fn unbind_agent(
        &self,
        name: &str,
    ) -> Result<Option<Arc<AgentRow>>, StoreError> {
        bind::unbind(&self.roster, &*self.store, name).await
    }
}

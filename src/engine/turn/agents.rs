//! Who is known as an agent after a turn.

use std::sync::Arc;

use super::Turns;
use crate::{
    engine::bind,
    model::Conversation,
    store::{AgentRow, StoreError},
};

impl Turns {
    /// The bot can write to whoever is an agent from now on.
    pub(in crate::engine) async fn bind_agent(
        &self,
        conversation: &Conversation,
    ) -> Result<(), StoreError> {
        let company = (&*self.running(), &*self.home);
        bind::bind(&self.roster, &*self.store, company, conversation).await
    }

    /// Lets go of an agent: who they were, if the bot knew them.
    pub(in crate::engine) async fn unbind_agent(
        &self,
        name: &str,
    ) -> Result<Option<Arc<AgentRow>>, StoreError> {
        bind::unbind(&self.roster, &*self.store, name).await
    }
}

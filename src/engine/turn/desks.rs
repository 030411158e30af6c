//! What is known of tenants' desks in channels changes in the store and in memory together.

use super::Turns;
use crate::{
    model::TenantId,
    store::{ConnectedChannel, StoreError},
};

impl Turns {
    /// A channel is a tenant's desk from now on.
    pub(in crate::engine) async fn connect_desk(
        &self,
        desk: ConnectedChannel,
    ) -> Result<(), StoreError> {
        let _one = self.desks.lock().await;
        self.keep_desk(desk).await
    }

    /// Changes what is known of a tenant's desk, if there is one: in the store and in memory. True
    /// when that is new.
    pub(in crate::engine) async fn change_desk(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut ConnectedChannel) + Send,
    ) -> Result<bool, StoreError> {
        // One at a time: each writes all of it.
        let _one = self.desks.lock().await;
        let Some(known) = self.roster.of(tenant) else { return Ok(false) };
        let mut desk = ConnectedChannel::clone(&known);
        change(&mut desk);
        if desk == *known {
            return Ok(false);
        }
        self.keep_desk(desk).await?;
        Ok(true)
    }

    async fn keep_desk(&self, desk: ConnectedChannel) -> Result<(), StoreError> {
        self.store.connect_desk(desk.clone()).await?;
        self.roster.connect(desk);
        Ok(())
    }
}

//! Whoever waits at a desk hears of it when something has changed there.

use jiff::Timestamp;

use crate::{
    engine::turn::{Acted, Turns},
    model::{Event, TenantId},
};

/// Every guest who has to do with a tenant's desk has a turn.
pub(super) async fn tick(turns: &Turns, tenant: &TenantId, now: Timestamp) {
    for id in turns.roster().concerned(tenant) {
        match turns.event(&id, &Event::Tick, None, now).await {
            Ok(Acted::Done) => {}
            Ok(other) => {
                tracing::debug!(conversation = %id, ?other, "a guest at a desk was not told")
            }
            Err(error) => {
                tracing::error!(conversation = %id, %error, "a guest at a desk could not be told; time will")
            }
        }
    }
}

/// Whoever waits at a desk of personal chats may be offered to somebody who has come, or leave
/// somebody who has gone.
pub(in crate::engine) async fn tick_agents(turns: &Turns, now: Timestamp) {
    let running = turns.running();
    for (tenant, settings) in &running.company.tenants {
        if settings.desk.as_ref().is_some_and(|desk| desk.people) {
            tick(turns, tenant, now).await;
        }
    }
}

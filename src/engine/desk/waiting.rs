//! Whoever waits at a desk hears of it when something has changed there.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    engine::{
        roster::View,
        turn::{Acted, Turns},
    },
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

/// Offers who waits at desks of personal chats to whoever is free there now, the longest waiting
/// first.
pub(in crate::engine) async fn offer(turns: &Turns, now: Timestamp) {
    let running = turns.running();
    let former = BTreeMap::new();
    let view = View { desks: turns.roster(), company: &running.company, former: &former };
    for id in view.could_be_offered() {
        if let Err(error) = turns.event(&id, &Event::Tick, None, now).await {
            tracing::error!(conversation = %id, %error, "a guest could not be offered to an agent; time will");
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

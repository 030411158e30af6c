//! Strangers: where a department's file names an agent by UPN and nobody is bound to that name yet,
//! whoever writes for the first time may be the one. Their first activity waits until the channel has
//! said who they are, or for so long; outside of every turn, and what they send meanwhile stays
//! behind it.

use std::{sync::Arc, time::Duration};

use dashmap::DashMap;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    engine::{roster::Roster, running::Running},
    model::ConversationId,
};

/// So long a stranger's first activity waits for who they are.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// One chat after the other passes here, each in the order in which its activities came.
#[derive(Default)]
pub(super) struct Hall(Arc<DashMap<ConversationId, Arc<Mutex<()>>>>);

impl Hall {
    /// Waits for the chat's turn in the hall. With `only_behind` nobody waits where nobody is.
    pub(super) async fn pass(&self, id: &ConversationId, only_behind: bool) -> Option<Passing> {
        let known = self.0.get(id).map(|door| door.clone());
        let door = match known {
            Some(door) => door,
            None if only_behind => return None,
            None => self.0.entry(id.clone()).or_default().clone(),
        };
        let guard = door.clone().lock_owned().await;
        Some(Passing { id: id.clone(), hall: self.0.clone(), door, guard: Some(guard) })
    }
}

/// While it is held nothing of the same chat overtakes.
pub(in crate::engine) struct Passing {
    id: ConversationId,
    hall: Arc<DashMap<ConversationId, Arc<Mutex<()>>>>,
    door: Arc<Mutex<()>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.guard = None;
        // The hall's and this one: nobody is behind.
        self.hall.remove_if(&self.id, |_, door| {
            Arc::ptr_eq(door, &self.door) && Arc::strong_count(door) <= 2
        });
    }
}

/// True while a department's file names an agent by UPN whom nobody is yet.
pub(super) fn is_somebody_missing(running: &Running, roster: &Roster) -> bool {
    let desks = running.company.tenants.values().filter_map(|settings| settings.desk.as_ref());
    let mut names = desks.filter(|desk| desk.people).flat_map(|desk| &desk.agents);
    names.any(|name| name.contains('@') && roster.agent(name).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_of_a_chat_overtakes_and_an_empty_hall_is_left() {
        let hall = Arc::new(Hall::default());
        let id = ConversationId { channel: "msteams".into(), id: "kim".into() };
        assert!(hall.pass(&id, true).await.is_none(), "nobody is there");
        let first = hall.pass(&id, false).await;
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut later = Vec::new();
        for number in 0..5 {
            let (hall, id, order) = (hall.clone(), id.clone(), order.clone());
            later.push(tokio::spawn(async move {
                let passing = hall.pass(&id, true).await;
                order.lock().unwrap().push(number);
                tokio::task::yield_now().await;
                drop(passing);
            }));
            tokio::task::yield_now().await;
        }
        assert!(order.lock().unwrap().is_empty());
        drop(first);
        for one in later {
            one.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
        assert!(hall.0.is_empty());
    }
}

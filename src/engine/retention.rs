//! What departments keep long enough is let go: once an hour the store is asked for it, in small
//! portions between which turns are taken.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::running::Running;
use crate::store::{Retention, Store, StoreError};

/// How often the store is asked.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Portions at once; what is left goes the next time that it is tidied.
const PORTIONS: usize = 200;
/// A journey in which nothing has happened for so long goes on no more, however short `reopen` is:
/// undo and buttons are over by then.
const SETTLED: SignedDuration = SignedDuration::from_hours(24);

/// When what is old was last let go.
#[derive(Default)]
pub(super) struct Retainer(Mutex<State>);

#[derive(Default)]
struct State {
    /// When nothing was left.
    done: Option<Timestamp>,
    /// Something was removed that may still be read in the store's files.
    traces: bool,
}

impl Retainer {
    /// Lets go what is old, when it is time for it.
    pub(super) async fn let_go(
        &self,
        store: &dyn Store,
        running: &Running,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_time(now) {
            let Some(retention) = retention(running, now) else { return Ok(()) };
            let (mut gone, mut is_done) = (0, false);
            for _ in 0..PORTIONS {
                let portion = store.forget_portion(&retention).await?;
                gone += portion;
                self.state(|state| state.traces |= portion > 0);
                is_done = portion == 0;
                if is_done {
                    break;
                }
            }
            if gone > 0 {
                tracing::info!(gone, "what was kept long enough was removed");
            }
            if is_done {
                self.state(|state| state.done = Some(now));
            }
        }
        if self.state(|state| state.traces) && store.scrub().await? {
            self.state(|state| state.traces = false);
        }
        Ok(())
    }

    /// A clock that was set back makes it time, too.
    fn is_time(&self, now: Timestamp) -> bool {
        self.state(|state| state.done).is_none_or(|done| {
            let since = now.duration_since(done);
            since >= EVERY || since.is_negative()
        })
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Until when what has ended is kept, as today's files say. None where the span cannot be reckoned.
fn retention(running: &Running, now: Timestamp) -> Option<Retention> {
    let ago = |span| now.checked_sub(SignedDuration::try_from(span).ok()?).ok();
    let company = &running.company;
    let departments: Vec<_> = company
        .tenants
        .iter()
        .map(|(tenant, settings)| Some((tenant.clone(), ago(settings.retention)?)))
        .collect::<Option<_>>()?;
    let others = departments.iter().map(|(_, before)| *before).min()?;
    let settled = ago(company.directory.reopen)?.min(now.checked_sub(SETTLED).ok()?);
    Some(Retention { departments, others, settled })
}

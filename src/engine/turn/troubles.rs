//! How often a condition could not be judged, or a text could not be filled in, since the start.

use dashmap::DashMap;

use crate::{
    model::TenantId,
    pipeline::cx::{CONDITION_FAILED, TEXT_FAILED},
    store::Turn,
};

/// What went wrong in a department since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Conditions that could not be judged.
    pub conditions: u64,
    /// Texts that could not be filled in.
    pub texts: u64,
}

/// The same of all departments.
#[derive(Debug, Default)]
pub(in crate::engine) struct Counted(DashMap<TenantId, Troubles>);

/// What went wrong in a turn, by department.
pub(super) fn of(turn: &Turn) -> Vec<(TenantId, Troubles)> {
    let steps = turn.added.trail.iter().filter_map(|step| {
        let exit = step.exit.as_deref()?;
        let (conditions, texts) = (exit.starts_with(CONDITION_FAILED), exit == TEXT_FAILED);
        let session = step.session.filter(|_| conditions || texts)?;
        let session = turn.conversation.sessions().find(|it| it.id == session)?;
        let troubles = Troubles { conditions: conditions.into(), texts: texts.into() };
        Some((session.tenant.clone(), troubles))
    });
    steps.collect()
}

impl Counted {
    pub(super) fn add(&self, all: Vec<(TenantId, Troubles)>) {
        for (tenant, more) in all {
            let mut known = self.0.entry(tenant).or_default();
            known.conditions += more.conditions;
            known.texts += more.texts;
        }
    }

    pub(in crate::engine) fn of(&self, tenant: &TenantId) -> Troubles {
        self.0.get(tenant).map(|known| *known).unwrap_or_default()
    }
}

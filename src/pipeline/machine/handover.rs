//! An agent hands a guest over to another department: who has talked to a person is not asked again
//! what they want. The desk there reads what was not asked.

use super::run::{Machine, Spot};
use crate::{
    model::{By, ByKind, Unasked},
    pipeline::directory::Tenant,
};

impl Machine<'_> {
    /// Puts the receiver of a handover by an agent where the department takes them over. Stages,
    /// guests and managers move a guest to the first stage.
    pub(super) fn hand_over(&mut self, index: usize, to: &Tenant, by: &By) {
        let Some(begin) = to.handover().filter(|_| by.kind == ByKind::Agent) else { return };
        let Some(pipeline) = self.case.playbook.primary(to) else { return };
        let before: Vec<_> = pipeline.always_before(begin);
        let mut unasked = Vec::new();
        for stage in before {
            let asked =
                stage.kind.behaviour().questions(&self.at(Spot { index, tenant: to, stage }));
            let id = &stage.head.id;
            unasked.extend(asked.into_iter().map(|(key, text)| Unasked {
                stage: id.clone(),
                key,
                text,
            }));
        }
        let session = &mut self.journey.sessions[index];
        session.stage = Some(begin.clone());
        session.unasked = unasked;
    }
}

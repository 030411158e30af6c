//! Departments that the files know no longer, while one of their agents still has a chat: it goes on
//! to its end, at a place that is made of what the session itself says.

use crate::{
    model::{Journey, Named, Session, StageId},
    pipeline::{
        directory::{Look, Tenant},
        playbook::{Case, Stage},
        stages::{Kind, agent::Agent},
    },
    source::{At, Place},
};

/// The name of the one stage there.
const STAGE: &str = "former";

/// A department that is gone, as far as a chat there needs it.
pub(super) struct Former {
    tenant: Tenant,
    stage: Stage,
}

impl Former {
    /// Those of a journey.
    pub(super) fn of(case: &Case<'_>, journey: &Journey) -> Vec<Former> {
        let directory = case.facts.directory;
        let is_kept = |session: &&Session| {
            let has_owner = session.desk.as_ref().is_some_and(|help| help.owner.is_some());
            has_owner && directory.tenant(&session.tenant).is_none()
        };
        let kept = journey.sessions.iter().filter(is_kept);
        kept.map(|session| Former::from(session, &directory.locale)).collect()
    }

    fn from(session: &Session, locale: &str) -> Former {
        let place = Place::start_of("company.yaml");
        let id = At { value: StageId::from(STAGE), place: place.clone() };
        let reference = session.reference.split('-').next().unwrap_or_default().to_owned();
        Former {
            tenant: Tenant {
                id: session.tenant.clone(),
                name: session.tenant_name.clone(),
                look: Look::built_in(&session.tenant),
                names: Named::plain(&session.tenant_name),
                reference,
                enabled: false,
                // Nobody is there to say what may be shared.
                confidential: true,
                locale: locale.to_owned(),
                hours: None,
                primary_pipeline: session.pipeline.clone(),
                first: None,
                on_handover: None,
                first_agent: None,
                version: session.pipeline_version.clone(),
                source: "".into(),
                place,
            },
            stage: Stage::new(id, Kind::Agent(Agent::plain()), None, Vec::new()),
        }
    }

    /// Department and stage of a session, when it stands here.
    pub(super) fn place<'f>(
        all: &'f [Former],
        session: &Session,
    ) -> Option<(&'f Tenant, &'f Stage)> {
        let former = all.iter().find(|former| former.tenant.id == session.tenant)?;
        session.desk.as_ref()?.owner.as_ref()?;
        Some((&former.tenant, &former.stage))
    }
}

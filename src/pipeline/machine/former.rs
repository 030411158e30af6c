//! Departments that the files know no longer. A session there finishes on the version that it began
//! with; where nobody knows that one any more, a place is made of what the session itself says: its
//! agent keeps the chat there, and whoever speaks for the department speaks from it.

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
        let is_gone = |session: &&Session| {
            directory.tenant(&session.tenant).is_none_or(|tenant| tenant.first.is_none())
        };
        let gone = journey.sessions.iter().filter(is_gone);
        let from = |session| Former::from(session, case.tenant(session), &directory.locale);
        gone.map(from).collect()
    }

    fn from(session: &Session, was: Option<&Tenant>, locale: &str) -> Former {
        let place = Place::start_of("company.yaml");
        let id = At { value: StageId::from(STAGE), place: place.clone() };
        let reference = session.reference.split('-').next().unwrap_or_default().to_owned();
        let made = || Tenant {
            id: session.tenant.clone(),
            name: session.tenant_name.clone(),
            look: Look::built_in(&session.tenant),
            names: Named::plain(&session.tenant_name),
            reference,
            enabled: false,
            // Nobody is there to say what may be shared.
            confidential: true,
            has_desk: true,
            locale: locale.to_owned(),
            hours: None,
            primary_pipeline: session.pipeline.clone(),
            first: None,
            on_handover: None,
            first_agent: None,
            version: session.pipeline_version.clone(),
            source: "".into(),
            place,
        };
        Former {
            tenant: was.cloned().unwrap_or_else(made),
            stage: Stage::new(id, Kind::Agent(Agent::plain()), None, Vec::new()),
        }
    }

    /// Department and stage of a session whose agent has the chat, when it stands here.
    pub(super) fn place<'f>(
        all: &'f [Former],
        session: &Session,
    ) -> Option<(&'f Tenant, &'f Stage)> {
        session.desk.as_ref()?.owner.as_ref()?;
        Former::speaker(all, session)
    }

    /// Department and stage from which something can be said in a session, when it stands here.
    pub(super) fn speaker<'f>(
        all: &'f [Former],
        session: &Session,
    ) -> Option<(&'f Tenant, &'f Stage)> {
        let former = all.iter().find(|former| former.tenant.id == session.tenant)?;
        Some((&former.tenant, &former.stage))
    }
}

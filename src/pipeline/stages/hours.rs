//! `hours`: goes one way while a department is open and another while it is closed.

use crate::{
    model::TenantId,
    pipeline::{
        cx::Cx,
        flow::{Exits, Flow},
        stage::{Behaviour, Mention},
    },
    source::{At, Fields},
};

/// Settings of an `hours` stage.
#[derive(Debug, Clone)]
pub struct Hours {
    /// Whose hours; none means the own tenant's.
    tenant: Option<At<String>>,
}

impl Hours {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Hours { tenant: fields.text("tenant") })
    }
}

impl Behaviour for Hours {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let other = self.tenant.as_ref().map(|tenant| TenantId::from(&tenant.value));
        let directory = cx.facts.directory;
        let tenant = other.as_ref().and_then(|id| directory.tenant(id)).unwrap_or(cx.tenant);
        let closed = tenant.is_closed(cx.now());
        cx.session_mut().hours_of = other;
        cx.exit(if closed { "on_closed" } else { "on_open" }).unwrap_or(Flow::Next)
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.tenant.iter().map(Mention::Tenant).collect()
    }

    /// With both its exits written it goes one of the two ways.
    fn falls_through(&self, exits: &Exits) -> bool {
        let has = |name: &str| exits.iter().any(|(exit, _)| exit == name);
        !(has("on_open") && has("on_closed"))
    }

    fn waits(&self) -> bool {
        false
    }
}

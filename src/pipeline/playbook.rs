//! All tenants' stages and rules, as the core needs them. Made by `company`, proved by
//! [`Playbook::check`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use indexmap::IndexMap;
use jiff::tz::TimeZone;

use super::{stage::Stage, transfer::Rule};
use crate::{
    model::{PipelineId, StageId, TenantId, hours::Hours},
    source::Place,
};

/// A company, ready to run. Never changed: a reload makes a new one.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// The company's name.
    pub company: String,
    /// Where every chat starts.
    pub primary: TenantId,
    /// The company's locale.
    pub locale: String,
    /// The company's time zone.
    pub zone: TimeZone,
    /// The most transfers in one journey.
    pub max_hops: u32,
    /// How long a transfer can be undone.
    pub undo: Duration,
    /// The transfer policy.
    pub rules: Vec<Rule>,
    /// The clocks of a silent guest.
    pub idle: Idle,
    /// Within this a guest who comes back is asked whether it is the same matter.
    pub reopen: Duration,
    /// Further words for commands: locale → command → words.
    pub commands: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The hosts that `http` stages may call, as company.yaml lists them.
    pub hosts: Vec<String>,
    /// The departments.
    pub tenants: IndexMap<TenantId, Tenant>,
    /// Every `Data` key that some stage of the company can set; made by [`Playbook::indexed`].
    pub data_keys: BTreeSet<String>,
    /// Those of them that hold ISO dates.
    pub date_keys: BTreeSet<String>,
}

/// The clocks of a silent guest. They run only while a stage waits for the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// One reminder after this.
    pub remind: Duration,
    /// Abandoned after this.
    pub close: Duration,
}

/// A tenant's pipelines.
pub type Pipelines = IndexMap<PipelineId, Pipeline>;

/// A department.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The prefix of its reference numbers.
    pub reference: String,
    /// False keeps everyone out.
    pub enabled: bool,
    /// True: what is said here stays here, unless a rule says otherwise.
    pub confidential: bool,
    /// Its locale.
    pub locale: String,
    /// When it is open; none is always.
    pub hours: Option<Hours>,
    /// Its primary pipeline's id.
    pub primary_pipeline: PipelineId,
    /// Its pipelines.
    pub pipelines: Pipelines,
    /// Names the content of its pipelines: a hash in hex.
    pub version: String,
    /// The file's text at that version.
    pub source: std::sync::Arc<str>,
    /// Where it is written.
    pub place: Place,
}

/// An ordered list of stages with named exits.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Its id.
    pub id: PipelineId,
    /// Its stages, in order.
    pub stages: IndexMap<StageId, Stage>,
    /// Stages that are written but could not be read: their mistakes are told already, and nothing
    /// that follows from them is.
    pub unread: Vec<StageId>,
    /// Where it is written.
    pub place: Place,
}

impl Playbook {
    /// Notes which `Data` keys its stages can set.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.data_keys = self
            .tenants
            .values()
            .flat_map(|tenant| tenant.pipelines.values())
            .flat_map(|pipeline| pipeline.stages.values())
            .flat_map(|stage| stage.kind.behaviour().sets())
            .map(|key| key.value)
            .filter(|key| key.starts_with("Data."))
            .collect();
        let stages = self
            .tenants
            .values()
            .flat_map(|tenant| tenant.pipelines.values())
            .flat_map(|pipeline| pipeline.stages.values());
        self.date_keys = stages.flat_map(|stage| stage.kind.behaviour().dates()).collect();
        self
    }

    /// A department by id.
    pub fn tenant(&self, id: &TenantId) -> Option<&Tenant> {
        self.tenants.get(id)
    }

    /// A department's locale; the company's when the department is gone.
    pub fn locale_of(&self, id: &TenantId) -> &str {
        self.tenant(id).map_or(&self.locale, |tenant| &tenant.locale)
    }

    /// Every `Data` key that some stage of the company can set.
    pub fn data_keys(&self) -> impl Iterator<Item = &str> {
        self.data_keys.iter().map(String::as_str)
    }

    /// True for a key that holds an ISO date.
    pub fn is_date(&self, key: &str) -> bool {
        self.date_keys.contains(key)
    }

    /// True when some stage can set that key, or something below it.
    pub fn can_set(&self, path: &str) -> bool {
        self.data_keys.iter().any(|key| {
            key == path
                || key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
                || path.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('.'))
        })
    }
}

impl Tenant {
    /// The pipeline in which a new session starts.
    pub fn primary(&self) -> Option<&Pipeline> {
        self.pipelines.get(&self.primary_pipeline).filter(|pipeline| !pipeline.stages.is_empty())
    }
}

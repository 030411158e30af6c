//! The stages of all departments. Made by `company`, proved by [`Proof`](super::proof::Proof), and
//! known to the machine alone: a stage sees the [`Directory`](super::directory::Directory).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use indexmap::IndexMap;

use super::{
    directory::Tenant,
    expr::Expr,
    facts::Facts,
    flow::Head,
    stages::{Kind, agent::Agent, opening::Opening, transfer::Transfer},
};
use crate::{
    model::{Named, PipelineId, Session, Shape, StageId, TenantId},
    source::{At, Place},
};

/// The pipelines of all departments, ready to run. Never changed: a reload makes a new one.
#[derive(Debug, Clone)]
pub struct Playbook(pub IndexMap<TenantId, Pipelines>);

/// A tenant's pipelines.
pub type Pipelines = IndexMap<PipelineId, Pipeline>;

/// A tenant at a version of its file.
pub type Edition = (TenantId, String);

/// What sessions stand on that began on other files than today's.
#[derive(Debug, Clone, Default)]
pub struct Pinned {
    /// Pipelines.
    pub pipelines: BTreeMap<Edition, Arc<Pipelines>>,
    /// Departments that today's files know no longer, as they were. They take nobody in.
    pub gone: BTreeMap<Edition, Arc<Tenant>>,
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

/// One step of a pipeline.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Who it is, and where it goes.
    pub head: Head,
    /// What it does.
    pub kind: Kind,
    /// Skipped when false.
    pub when: Option<Expr>,
}

impl Pipeline {
    /// Where a stage can go inside its pipeline.
    pub fn ways(&self, stage: &Stage) -> Vec<StageId> {
        let behaviour = stage.kind.behaviour();
        let mut ways: Vec<StageId> = stage
            .head
            .exits
            .iter()
            .filter(|(exit, _)| exit != "next")
            .map(|(_, to)| to.value.clone())
            .collect();
        ways.extend(behaviour.leads().into_iter().map(|(_, to)| to.value));
        if stage.when.is_some() || behaviour.falls_through(&stage.head.exits) {
            ways.extend(self.following(stage));
        }
        ways
    }

    /// The `next` exit of a stage, else the stage behind it in the list.
    pub fn following(&self, stage: &Stage) -> Option<StageId> {
        if let Some(next) = stage.head.exit("next") {
            return Some(next.clone());
        }
        let at = self.stages.get_index_of(&stage.head.id)?;
        self.stages.get_index(at + 1).map(|(id, _)| id.clone())
    }

    /// The stages that can be reached from one, itself among them, without going through `but`.
    pub fn reached(&self, from: &StageId, but: Option<&StageId>) -> BTreeSet<StageId> {
        let mut queue: Vec<StageId> =
            Some(from).filter(|id| Some(*id) != but).cloned().into_iter().collect();
        let mut reached: BTreeSet<StageId> = queue.iter().cloned().collect();
        while let Some(stage) = queue.pop().and_then(|id| self.stages.get(&id)) {
            for to in self.ways(stage) {
                if Some(&to) != but && reached.insert(to.clone()) {
                    queue.push(to);
                }
            }
        }
        reached
    }

    /// The stages before `stage` through which every way from the beginning leads, in the order of
    /// the file; none when no way leads there.
    pub fn always_before(&self, stage: &StageId) -> Vec<&Stage> {
        let Some(first) = self.stages.keys().next() else { return Vec::new() };
        let leads = |but: Option<&StageId>| self.reached(first, but).contains(stage);
        if !leads(None) {
            return Vec::new();
        }
        self.stages
            .values()
            .filter(|other| other.head.id != *stage && !leads(Some(&other.head.id)))
            .collect()
    }
}

impl Stage {
    /// A stage of that id, as yet alone in its pipeline.
    pub fn new(
        id: At<StageId>,
        kind: Kind,
        when: Option<Expr>,
        exits: Vec<(String, At<StageId>)>,
    ) -> Stage {
        let (name, waits) = (kind.name(), kind.behaviour().waits());
        let (id, place) = (id.value, id.place);
        Stage { head: Head { id, place, kind: name, waits, first: true, exits }, kind, when }
    }
}

impl Stage {
    /// Its settings, when it puts the guest in front of a human.
    pub fn agent(&self) -> Option<&Agent> {
        match &self.kind {
            Kind::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    /// Its settings, when it moves the guest.
    pub fn transfer(&self) -> Option<&Transfer> {
        match &self.kind {
            Kind::Transfer(transfer) => Some(transfer),
            _ => None,
        }
    }
}

/// The stage that asks a department's desk wherever the pipeline stands: as an `agent` stage is when
/// nothing is written.
pub static PERSON: LazyLock<Stage> =
    LazyLock::new(|| built_in(":person", Kind::Agent(Agent::plain())));
/// The stage before the first: it hears what the guest wants, when that was not said at once.
pub static OPENING: LazyLock<Stage> =
    LazyLock::new(|| built_in(":opening", Kind::Opening(Opening)));

/// A stage that stands in no file: no id there begins with a colon.
fn built_in(id: &str, kind: Kind) -> Stage {
    let place = Place::start_of("tenant.yaml");
    Stage::new(At { value: StageId::from(id), place }, kind, None, Vec::new())
}

/// What the machine decides with: the facts, and the pipelines on which sessions run.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What a stage may look at too.
    pub facts: Facts<'a>,
    /// Today's stages.
    pub playbook: &'a Playbook,
    /// Pipelines of other days, on which sessions that began then finish.
    pub pinned: &'a Pinned,
}

impl Playbook {
    /// The pipelines of a tenant.
    pub fn of(&self, tenant: &TenantId) -> impl Iterator<Item = &Pipeline> {
        self.0.get(tenant).into_iter().flat_map(Pipelines::values)
    }

    /// The pipeline in which a new session starts.
    pub fn primary(&self, tenant: &Tenant) -> Option<&Pipeline> {
        let pipeline = self.0.get(&tenant.id)?.get(&tenant.primary_pipeline)?;
        Some(pipeline).filter(|pipeline| !pipeline.stages.is_empty())
    }

    /// Every `Data` key that some stage of the company can set.
    pub fn data_keys(&self) -> BTreeSet<String> {
        self.stages()
            .flat_map(|stage| stage.kind.behaviour().sets())
            .map(|key| key.value)
            .filter(|key| key.starts_with("Data."))
            .collect()
    }

    /// What kind of value each of them has: anything, where several stages set another kind.
    pub fn shapes(&self) -> BTreeMap<String, Shape> {
        let mut shapes = BTreeMap::new();
        for (key, shape) in self.stages().flat_map(|stage| stage.kind.behaviour().shapes()) {
            let known = shapes.entry(key).or_insert(shape);
            if *known != shape {
                *known = Shape::Any;
            }
        }
        shapes
    }

    /// Those of them that hold dates and times, as ISO 8601 has them.
    pub fn date_keys(&self) -> BTreeSet<String> {
        self.stages().flat_map(|stage| stage.kind.behaviour().dates()).collect()
    }

    /// What the guest reads beside those that they fill in: of several stages that ask for one, the
    /// first.
    pub fn labels(&self) -> BTreeMap<String, Named> {
        let mut labels = BTreeMap::new();
        for (key, label) in self.stages().flat_map(|stage| stage.kind.behaviour().labels()) {
            labels.entry(key).or_insert(label);
        }
        labels
    }

    fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.0.values().flat_map(Pipelines::values).flat_map(|pipeline| pipeline.stages.values())
    }
}

impl<'a> Case<'a> {
    /// The department of a session: as today's files say, else as it was when the session began.
    pub fn tenant(&self, session: &Session) -> Option<&'a Tenant> {
        let today = self.facts.directory.tenant(&session.tenant);
        today.or_else(|| self.pinned.gone.get(&edition(session)).map(|gone| &**gone))
    }

    /// The pipelines of a session: those that it began on.
    pub fn pipelines(&self, session: &Session) -> Option<&'a Pipelines> {
        let today = self.facts.directory.tenant(&session.tenant);
        if today.is_some_and(|tenant| tenant.version == session.pipeline_version) {
            return self.playbook.0.get(&session.tenant);
        }
        self.pinned.pipelines.get(&edition(session)).map(|pinned| &**pinned)
    }

    /// The pipeline in which a session is.
    pub fn pipeline(&self, session: &Session) -> Option<&'a Pipeline> {
        self.pipelines(session)?.get(&session.pipeline)
    }

    /// The stage at which a session stands.
    pub fn stage(&self, session: &Session) -> Option<&'a Stage> {
        let id = session.stage.as_ref()?;
        let built_in: [&'static Stage; 2] = [&PERSON, &OPENING];
        let built_in = built_in.into_iter().find(|stage| stage.head.id == *id);
        built_in.or_else(|| self.pipeline(session)?.stages.get(id))
    }
}

fn edition(session: &Session) -> Edition {
    (session.tenant.clone(), session.pipeline_version.clone())
}

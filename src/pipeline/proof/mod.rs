//! Proves before anything runs that a company's stages hang together.

mod handover;
mod names;
mod privacy;
mod sample;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{Shape, StageId, TenantId},
    pipeline::{
        directory::{Directory, Tenant},
        language::text::Variables,
        outside::covers,
        playbook::{Pipeline, Playbook, Stage},
        policy::policy,
        stage::Mention,
        stages::transfer::Transfer,
    },
    source::{At, Files, Problems, did_you_mean, no_tenant},
};
use shape::{at_once, round, shape};

/// A company that is being proved, and where its mistakes are noted.
pub struct Proof<'a> {
    /// Its departments.
    pub directory: &'a Directory,
    /// Their stages.
    pub playbook: &'a Playbook,
    /// Its files, to say where a mistake stands.
    pub files: &'a Files,
    /// The mistakes.
    pub problems: &'a Problems,
    /// What kind of value each `Data` key has.
    shapes: BTreeMap<String, Shape>,
    /// Values for every name, to try texts with.
    made_up: Variables,
}

impl<'a> Proof<'a> {
    /// Of a company.
    pub fn new(
        directory: &'a Directory,
        playbook: &'a Playbook,
        files: &'a Files,
        problems: &'a Problems,
    ) -> Self {
        let shapes = playbook.shapes();
        let made_up = sample::made_up(&shapes);
        Proof { directory, playbook, files, problems, shapes, made_up }
    }

    /// Notes every name that does not exist, every loop that does not wait, every stage that is
    /// never reached, every stage from which no end is, every circle of transfers in which nobody
    /// is asked. Cards are checked where cards are known.
    pub fn run(&self) {
        for tenant in self.directory.tenants.values() {
            for pipeline in self.playbook.of(&tenant.id) {
                let complete = self.names(tenant, pipeline);
                if complete {
                    let begins = pipeline.id == tenant.primary_pipeline;
                    let handover = tenant.on_handover.as_ref().filter(|_| begins);
                    shape(pipeline, handover.map(|stage| &stage.value), self.problems);
                }
            }
            self.handover(tenant);
            self.privacy(tenant);
        }
        if !self.problems.any_error() {
            self.circles();
        }
    }

    /// True when every way leads to a stage that exists.
    fn names(&self, tenant: &Tenant, pipeline: &Pipeline) -> bool {
        let mut complete = pipeline.unread.is_empty();
        for stage in pipeline.stages.values() {
            let mut ways: Vec<(String, At<StageId>)> = stage.head.exits.clone();
            ways.extend(stage.kind.behaviour().leads());
            for (_, to) in ways {
                if !pipeline.stages.contains_key(&to.value) {
                    complete = false;
                    if pipeline.unread.contains(&to.value) {
                        continue;
                    }
                    let known: Vec<&str> = pipeline.stages.keys().map(StageId::as_str).collect();
                    let hint = did_you_mean(to.value.as_str(), known.iter().copied());
                    self.problems.error(
                        &to.place,
                        format!(
                            "there is no stage `{}` in pipeline `{}` of `{}`",
                            to.value, pipeline.id, tenant.id
                        ),
                        format!("name one of: {}{hint}", known.join(", ")),
                    );
                }
            }
            if let Some(when) = &stage.when {
                self.condition(when);
            }
            for mention in stage.kind.behaviour().mentions() {
                match mention {
                    Mention::Tenant(id) => {
                        self.tenant_exists(id);
                    }
                    Mention::Target(id) => {
                        self.target(tenant, id, stage.head.exit("on_failure").is_some());
                        let gives = stage.transfer().is_some_and(Transfer::gives_reason);
                        self.reason(tenant, id, gives);
                    }
                    Mention::Host(host) => self.host(host),
                    Mention::Text(text) => self.text(text),
                    Mention::Expr(expr) => self.condition(expr),
                    Mention::Card(..) | Mention::OwnFaq => {}
                }
            }
        }
        complete
    }

    /// A tenant whose file cannot be read is not missing: its mistake is told where it is.
    fn tenant_exists(&self, id: &At<String>) -> bool {
        let known = self.directory.tenants.contains_key(&TenantId::from(&id.value))
            || self.files.contains_key(&format!("tenants/{}/tenant.yaml", id.value));
        if !known {
            let all: Vec<&str> = self.directory.tenants.keys().map(TenantId::as_str).collect();
            let hint = did_you_mean(&id.value, all.iter().copied());
            self.problems.error(
                &id.place,
                no_tenant(&id.value),
                format!("the tenants are: {}{hint}", all.join(", ")),
            );
        }
        known
    }

    /// Only hosts that company.yaml lists are called.
    pub fn host(&self, host: &At<String>) {
        if !self.directory.hosts.iter().any(|listed| covers(listed, &host.value)) {
            let known = if self.directory.hosts.is_empty() {
                "it lists none".to_owned()
            } else {
                format!("it lists {}", self.directory.hosts.join(", "))
            };
            self.problems.error(
                &host.place,
                format!(
                    "`{}` is not among the hosts that company.yaml lets be called ({known})",
                    host.value
                ),
                format!("add it there: `http: {{ hosts: [{}] }}`", host.value),
            );
        }
    }

    fn target(&self, from: &Tenant, id: &At<String>, caught: bool) {
        if !self.tenant_exists(id) {
            return;
        }
        let Some(target) = self.directory.tenant(&TenantId::from(&id.value)) else { return };
        let or = if caught { "; until then `on_failure` runs" } else { ", or write `on_failure`" };
        if target.id == from.id {
            self.problems.error(
                &id.place,
                format!("`{}` cannot transfer to itself", id.value),
                "name another tenant, or go to a stage with `next`",
            );
        } else if !target.enabled {
            self.problems.warning(
                &id.place,
                format!("`{}` is disabled: this transfer always fails", id.value),
                format!("enable it{or}"),
            );
        } else if self.playbook.of(&target.id).next().is_none() {
            // A mistake in its file may be why.
            if self.problems.any_error_in(&target.place.file) {
                return;
            }
            self.problems.warning(
                &id.place,
                format!("`{}` has no pipeline: this transfer always fails", id.value),
                format!("give it one{or}"),
            );
        } else if !policy(self.directory, from, &target.id).allow {
            let message = format!(
                "a rule of company.yaml forbids `{}` → `{}`: this transfer always fails",
                from.id, target.id
            );
            self.problems.warning(&id.place, message, format!("change the rule{or}"));
        }
    }

    /// A rule may want a reason of every transfer: without one it is refused.
    fn reason(&self, from: &Tenant, id: &At<String>, gives: bool) {
        let Some(target) = self.directory.tenant(&TenantId::from(&id.value)) else { return };
        let policy = policy(self.directory, from, &target.id);
        if !gives && policy.allow && policy.reason_required && target.id != from.id {
            self.problems.warning(
                &id.place,
                format!("a rule of company.yaml wants a reason for `{}` → `{}`, and this transfer gives none: it always fails", from.id, target.id),
                "add `reason: …` with a text, or change the rule",
            );
        }
    }

    /// True when some stage could not be read, so that nobody knows what it would set.
    fn has_unread(&self) -> bool {
        let tenants = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix("tenants/")?.strip_suffix("/tenant.yaml"));
        tenants
            .filter(|id| !id.contains('/'))
            .any(|id| !self.directory.tenants.contains_key(&TenantId::from(id)))
            || self
                .playbook
                .0
                .values()
                .flat_map(|pipelines| pipelines.values())
                .any(|pipeline| !pipeline.unread.is_empty())
    }

    /// Transfers that lead back to where they began without a stage that waits, or a transfer that
    /// asks, on the way.
    fn circles(&self) {
        type Node<'a> = (&'a TenantId, &'a StageId);
        let mut edges: BTreeMap<Node<'_>, Vec<Node<'_>>> = BTreeMap::new();
        for tenant in self.directory.tenants.values() {
            let Some(pipeline) = self.playbook.primary(tenant) else { continue };
            for stage in pipeline.stages.values() {
                let mut to: Vec<Node<'_>> = at_once(pipeline, stage)
                    .into_iter()
                    .filter_map(|way| {
                        pipeline.stages.get_key_value(&way).map(|(id, _)| (&tenant.id, id))
                    })
                    .collect();
                if let Some(transfer) = stage.transfer()
                    && !transfer.asks_first()
                    && let Some(target) = transfer
                        .literal()
                        .and_then(|id| self.directory.tenant(&TenantId::from(&id.value)))
                    && target.enabled
                    && policy(self.directory, tenant, &target.id).allow
                    && let Some(first) = self
                        .playbook
                        .primary(target)
                        .and_then(|pipeline| pipeline.stages.keys().next())
                {
                    to.push((&target.id, first));
                }
                edges.insert((&tenant.id, &stage.head.id), to);
            }
        }
        let mut told: BTreeSet<&TenantId> = BTreeSet::new();
        for &(tenant_id, stage_id) in edges.keys() {
            let Some(tenant) = self.directory.tenant(tenant_id) else { continue };
            let is_transfer = self
                .playbook
                .primary(tenant)
                .and_then(|pipeline| pipeline.stages.get(stage_id))
                .is_some_and(|stage| stage.transfer().is_some());
            if !is_transfer || told.contains(tenant_id) {
                continue;
            }
            let circle =
                round(&(tenant_id, stage_id), |node| edges.get(node).cloned().unwrap_or_default());
            if let Some(circle) = circle
                && let Some(stage) =
                    self.playbook.primary(tenant).and_then(|pipeline| pipeline.stages.get(stage_id))
            {
                let mut through: Vec<&str> =
                    circle.iter().map(|(id, _)| id.as_str()).chain([tenant_id.as_str()]).collect();
                through.dedup();
                self.problems.error(
                    &stage.head.place,
                    format!("transfers can circle without the employee being asked: {}", through.join(" → ")),
                    "put a stage that waits (`menu`, `ask`) on the way, or `confirm: true` on the transfer",
                );
                told.extend(circle.iter().map(|(id, _)| *id));
            }
        }
    }
}

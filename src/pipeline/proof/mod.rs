//! Proves before anything runs that a company's stages hang together.

mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        StageId, TenantId,
        source::{At, Files, Place, Problems, did_you_mean},
    },
    pipeline::{
        outside::covers,
        playbook::{Pipeline, Playbook, Tenant},
        policy::policy,
        scope::NAMES,
        stage::Mention,
        stages::Kind,
    },
};
use shape::{round, shape, ways};

impl Playbook {
    /// Notes every name that does not exist, every loop that does not wait, every stage that is
    /// never reached, every stage from which no end is, every circle of transfers in which nobody
    /// is asked. Cards are checked where cards are known.
    pub fn check(&self, files: &Files, problems: &Problems) {
        for tenant in self.tenants.values() {
            for pipeline in tenant.pipelines.values() {
                let complete = self.names(tenant, pipeline, files, problems);
                if complete {
                    shape(pipeline, problems);
                }
            }
        }
        if !problems.any_error() {
            self.circles(problems);
        }
    }

    /// True when every way leads to a stage that exists.
    fn names(
        &self,
        tenant: &Tenant,
        pipeline: &Pipeline,
        files: &Files,
        problems: &Problems,
    ) -> bool {
        let mut complete = pipeline.unread.is_empty();
        for stage in pipeline.stages.values() {
            let mut ways: Vec<(String, At<StageId>)> = stage.head.exits.clone();
            ways.extend(stage.kind.behaviour().leads());
            if let Kind::Transfer(transfer) = &stage.kind {
                ways.extend(transfer.return_to.iter().map(|to| {
                    ("return_to".to_owned(), At::new(StageId::from(&to.value), &to.place))
                }));
            }
            for (_, to) in ways {
                if !pipeline.stages.contains_key(&to.value) {
                    complete = false;
                    if pipeline.unread.contains(&to.value) {
                        continue;
                    }
                    let known: Vec<&str> = pipeline.stages.keys().map(StageId::as_str).collect();
                    let hint = did_you_mean(to.value.as_str(), known.iter().copied());
                    problems.error(
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
                self.variables(when.variables(), &[], &when.place, files, problems);
            }
            for mention in stage.kind.behaviour().mentions() {
                match mention {
                    Mention::Tenant(id) => {
                        self.tenant_exists(id, files, problems);
                    }
                    Mention::Target(id) => self.target(
                        tenant,
                        id,
                        stage.head.exit("on_failure").is_some(),
                        files,
                        problems,
                    ),
                    Mention::Host(host) => self.host(host, problems),
                    Mention::Text(text) => {
                        self.variables(&text.variables(), &[], &text.place, files, problems)
                    }
                    Mention::Expr(expr) => {
                        self.variables(expr.variables(), &[], &expr.place, files, problems)
                    }
                    Mention::Card(..) => {}
                }
            }
        }
        complete
    }

    /// A tenant whose file cannot be read is not missing: its mistake is told where it is.
    fn tenant_exists(&self, id: &At<String>, files: &Files, problems: &Problems) -> bool {
        let known = self.tenants.contains_key(&TenantId::from(&id.value))
            || files.contains_key(&format!("tenants/{}/tenant.yaml", id.value));
        if !known {
            let all: Vec<&str> = self.tenants.keys().map(TenantId::as_str).collect();
            let hint = did_you_mean(&id.value, all.iter().copied());
            problems.error(
                &id.place,
                format!("there is no tenant `{}`", id.value),
                format!("the tenants are: {}{hint}", all.join(", ")),
            );
        }
        known
    }

    /// Only hosts that company.yaml lists are called.
    pub fn host(&self, host: &At<String>, problems: &Problems) {
        if !self.hosts.iter().any(|listed| covers(listed, &host.value)) {
            let known = if self.hosts.is_empty() {
                "it lists none".to_owned()
            } else {
                format!("it lists {}", self.hosts.join(", "))
            };
            problems.error(
                &host.place,
                format!(
                    "`{}` is not among the hosts that company.yaml lets be called ({known})",
                    host.value
                ),
                format!("add it there: `http: {{ hosts: [{}] }}`", host.value),
            );
        }
    }

    fn target(
        &self,
        from: &Tenant,
        id: &At<String>,
        caught: bool,
        files: &Files,
        problems: &Problems,
    ) {
        if !self.tenant_exists(id, files, problems) {
            return;
        }
        let Some(target) = self.tenant(&TenantId::from(&id.value)) else { return };
        let or = if caught { "; until then `on_failure` runs" } else { ", or write `on_failure`" };
        if target.id == from.id {
            problems.error(
                &id.place,
                format!("`{}` cannot transfer to itself", id.value),
                "name another tenant, or go to a stage with `next`",
            );
        } else if !target.enabled {
            problems.warning(
                &id.place,
                format!("`{}` is disabled: this transfer always fails", id.value),
                format!("enable it{or}"),
            );
        } else if target.pipelines.is_empty() {
            problems.warning(
                &id.place,
                format!("`{}` has no pipeline: this transfer always fails", id.value),
                format!("give it one{or}"),
            );
        } else if !policy(self, from, &target.id).allow {
            let message = format!(
                "a rule of company.yaml forbids `{}` → `{}`: this transfer always fails",
                from.id, target.id
            );
            problems.warning(&id.place, message, format!("change the rule{or}"));
        }
    }

    /// Notes every name that is neither fixed nor set by some stage. `own` are names that the place
    /// itself brings.
    pub fn variables(
        &self,
        names: &[String],
        own: &[&str],
        place: &Place,
        files: &Files,
        problems: &Problems,
    ) {
        let unread = self.has_unread(files);
        for name in names {
            let path = name.trim_start_matches("@root.").trim_start_matches("this.");
            let first = path.split('.').next().unwrap_or_default();
            let fixed = NAMES.iter().any(|known| {
                *known == path || known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
            });
            let listed = path.starts_with("Session.Transfers.");
            if fixed
                || listed
                || path == "Data"
                || own.contains(&first)
                || (first == "Data" && unread)
                || self.can_set(path)
                || path.starts_with('@')
            {
                continue;
            }
            let known: Vec<&str> =
                NAMES.iter().copied().chain(self.data_keys()).chain(own.iter().copied()).collect();
            let hint = did_you_mean(path, known.iter().copied());
            let help = if first == "Data" {
                format!(
                    "no stage of the company sets it: set it with `ask`, `menu` (save_as) or `set`, or correct the name{hint}"
                )
            } else {
                format!(
                    "names begin with Guest, Session, Tenant, Company, Agent, Data, Hours, Transfer or Queue{hint}"
                )
            };
            problems.error(&place.narrowed(files, path), format!("nothing can set `{path}`"), help);
        }
    }

    /// True when some stage could not be read, so that nobody knows what it would set.
    fn has_unread(&self, files: &Files) -> bool {
        let tenants = files
            .keys()
            .filter_map(|path| path.strip_prefix("tenants/")?.strip_suffix("/tenant.yaml"));
        tenants
            .filter(|id| !id.contains('/'))
            .any(|id| !self.tenants.contains_key(&TenantId::from(id)))
            || self
                .tenants
                .values()
                .flat_map(|tenant| tenant.pipelines.values())
                .any(|pipeline| !pipeline.unread.is_empty())
    }

    /// Transfers that lead back to where they began without a stage that waits, or a transfer that
    /// asks, on the way.
    fn circles(&self, problems: &Problems) {
        type Node<'a> = (&'a TenantId, &'a StageId);
        let mut edges: BTreeMap<Node<'_>, Vec<Node<'_>>> = BTreeMap::new();
        for tenant in self.tenants.values() {
            let Some(pipeline) = tenant.primary() else { continue };
            for stage in pipeline.stages.values() {
                if stage.kind.behaviour().waits() {
                    continue;
                }
                let mut to: Vec<Node<'_>> = ways(pipeline, stage)
                    .into_iter()
                    .filter_map(|way| {
                        pipeline.stages.get_key_value(&way).map(|(id, _)| (&tenant.id, id))
                    })
                    .collect();
                if let Kind::Transfer(transfer) = &stage.kind
                    && !transfer.asks_first()
                    && let Some(target) =
                        transfer.literal().and_then(|id| self.tenant(&TenantId::from(&id.value)))
                    && target.enabled
                    && policy(self, tenant, &target.id).allow
                    && let Some(first) =
                        target.primary().and_then(|pipeline| pipeline.stages.keys().next())
                {
                    to.push((&target.id, first));
                }
                edges.insert((&tenant.id, &stage.head.id), to);
            }
        }
        let mut told: BTreeSet<&TenantId> = BTreeSet::new();
        for &(tenant_id, stage_id) in edges.keys() {
            let Some(tenant) = self.tenant(tenant_id) else { continue };
            let is_transfer = tenant
                .primary()
                .and_then(|pipeline| pipeline.stages.get(stage_id))
                .is_some_and(|stage| matches!(stage.kind, Kind::Transfer(_)));
            if !is_transfer || told.contains(tenant_id) {
                continue;
            }
            let circle =
                round(&(tenant_id, stage_id), |node| edges.get(node).cloned().unwrap_or_default());
            if let Some(circle) = circle
                && let Some(stage) =
                    tenant.primary().and_then(|pipeline| pipeline.stages.get(stage_id))
            {
                let mut through: Vec<&str> =
                    circle.iter().map(|(id, _)| id.as_str()).chain([tenant_id.as_str()]).collect();
                through.dedup();
                problems.error(
                    &stage.head.place,
                    format!("transfers can circle without the employee being asked: {}", through.join(" → ")),
                    "put a stage that waits (`menu`, `ask`) on the way, or `confirm: true` on the transfer",
                );
                told.extend(circle.iter().map(|(id, _)| *id));
            }
        }
    }
}

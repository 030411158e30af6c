//! What employees give a department alone stays there: nothing private is in what leaves it.

use std::collections::{BTreeMap, BTreeSet};

use super::Proof;
use crate::{
    pipeline::{directory::Tenant, outside::covers, stage::Leaves},
    source::Place,
};

impl Proof<'_> {
    /// The `Data` keys that are private in a department: those of which a field says so, and what
    /// stages make of them.
    pub fn private_keys(&self, tenant: &Tenant) -> BTreeSet<String> {
        let stages = || self.playbook.of(&tenant.id).flat_map(|pipeline| pipeline.stages.values());
        let own = |stage: &super::Stage| {
            let keys = stage.kind.behaviour().private_keys();
            keys.into_iter().map(|id| format!("Data.{id}")).collect::<Vec<_>>()
        };
        let mut found: BTreeSet<String> = stages().flat_map(own).collect();
        if found.is_empty() {
            return found;
        }
        // What is made of what, by the first two names of a path: one walk, however long the chain.
        let mut made: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for stage in stages() {
            for (key, texts) in stage.kind.behaviour().makes() {
                let decided = stage.when.iter().flat_map(|when| when.variables().to_vec());
                let paths = texts.iter().flat_map(|text| text.reaches()).chain(decided);
                for path in paths {
                    made.entry(head(&path)).or_default().push(key.to_owned());
                }
            }
        }
        let mut queue: Vec<String> = found.iter().cloned().collect();
        while let Some(private) = queue.pop() {
            for path in [head(&private), "Data".to_owned(), String::new()] {
                for key in made.remove(&path).into_iter().flatten() {
                    if found.insert(key.clone()) {
                        queue.push(key);
                    }
                }
            }
        }
        found
    }

    /// Notes every text with something private in it that goes to another department, or to a host
    /// that company.yaml does not let hear it.
    pub(super) fn privacy(&self, tenant: &Tenant) {
        let private = self.private_keys(tenant);
        if private.is_empty() {
            return;
        }
        for stage in self.playbook.of(&tenant.id).flat_map(|pipeline| pipeline.stages.values()) {
            for leaves in stage.kind.behaviour().leaves_with() {
                let Some(key) = private.iter().find(|key| leaves.text().uses(key)) else {
                    continue;
                };
                match leaves {
                    Leaves::Moved(text, name) => self.leaves(tenant, key, name, &text.place),
                    Leaves::Told(text, host) => self.told(tenant, key, &host.value, &text.place),
                }
            }
        }
    }

    /// Notes that something private would go to another department.
    pub fn leaves(&self, tenant: &Tenant, key: &str, name: &str, place: &Place) {
        self.problems.error(
            &place.narrowed(self.files, key),
            format!("`{key}` is private to `{}`, and `{name}` of a transfer leaves it", tenant.id),
            "leave it out; or ask without `private: true`, and the other department sees the answer",
        );
    }

    fn told(&self, tenant: &Tenant, key: &str, host: &str, place: &Place) {
        if self.directory.private_hosts.iter().any(|listed| covers(listed, host)) {
            return;
        }
        self.problems.error(
            &place.narrowed(self.files, key),
            format!("`{key}` is private to `{}`, and `{host}` may not hear it", tenant.id),
            format!(
                "leave it out, or let the host hear it in company.yaml: `http: {{ hosts: [{host}], private: [{host}] }}`"
            ),
        );
    }
}

/// The first two names of a path, such as `Data.topic`.
fn head(path: &str) -> String {
    path.split('.').take(2).collect::<Vec<_>>().join(".")
}

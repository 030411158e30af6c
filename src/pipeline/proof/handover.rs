//! Where a guest begins whom an agent hands over: what the stages there need was asked for.

use std::collections::BTreeSet;

use super::Proof;
use crate::pipeline::{directory::Tenant, language::text::Text, playbook::Stage, stage::Mention};

impl Proof<'_> {
    /// Warns of what stages behind `on_handover` use and only stages before it set: who is handed
    /// over by an agent has not been there. What other departments set may come along; a desk's
    /// brief says by itself what was not asked.
    pub(super) fn handover(&self, tenant: &Tenant) {
        let (Some(named), Some(pipeline)) = (&tenant.on_handover, self.playbook.primary(tenant))
        else {
            return;
        };
        let reached = pipeline.reached(&named.value, None);
        let is_behind = |stage: &Stage| reached.contains(&stage.head.id);
        let mut set: BTreeSet<String> = BTreeSet::new();
        for (id, pipelines) in &self.playbook.0 {
            let stages = pipelines.values().flat_map(|pipeline| pipeline.stages.values());
            let known = stages.filter(|stage| *id != tenant.id || is_behind(stage));
            set.extend(known.flat_map(|stage| stage.kind.behaviour().sets()).map(|key| key.value));
        }
        let all = pipeline.stages.values().flat_map(|stage| stage.kind.behaviour().sets());
        let missing: BTreeSet<String> =
            all.map(|key| key.value).filter(|key| !set.contains(key)).collect();
        let behind = pipeline.stages.values().filter(|stage| is_behind(stage));
        for stage in behind.filter(|stage| stage.agent().is_none()) {
            let mentions = stage.kind.behaviour().mentions();
            let texts = mentions.iter().filter_map(|mention| match mention {
                Mention::Text(text) => Some(*text),
                _ => None,
            });
            let texts: Vec<&Text> = texts.collect();
            let needs = |key: &&String| texts.iter().any(|text| text.needs(key));
            if let Some(key) = missing.iter().find(needs) {
                let (begin, id) = (&named.value, &stage.head.id);
                self.problems.warning(
                    &named.place,
                    format!("who is handed over begins at `{begin}`: stage `{id}` uses `{key}`, which nobody has asked for then"),
                    format!("name a stage that asks for it first, or write `{{{{#if {key}}}}}` around it in `{id}`"),
                );
            }
        }
    }
}
